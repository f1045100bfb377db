"""Where patients lived when their contacts started.

The counting rules are those of ``docs/definitions.md#municipality-network``.
"""

from __future__ import annotations

import duckdb

from pathgraph.ingest.stays import FAR_FUTURE

__all__ = ["place_contacts"]


def place_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``linked_only_residence`` and ``linked_residences_of_contacts``.

    The first has the one residence of each patient who has no other, with its days; the second the
    residences of each contact of all others. Nearly all have one, and need no row for each contact.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP VIEW residence_days AS
        SELECT k.node_key AS patient_key, r.municipality_code,
               coalesce(r.valid_from_day, -{FAR_FUTURE}) AS from_day,
               coalesce(r.valid_to_day, {FAR_FUTURE}) AS to_day,
               count(*) OVER (PARTITION BY r.patient_id) AS n_residences
        FROM accepted_residences r JOIN keys_Patient k ON k.id = r.patient_id
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_only_residence AS
        SELECT patient_key, from_day, to_day,
               to_json([municipality_code])::VARCHAR AS municipality_codes
        FROM residence_days WHERE n_residences = 1
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_residences_of_contacts AS
        SELECT c.node_key AS contact_key,
               to_json(list(DISTINCT r.municipality_code ORDER BY r.municipality_code))::VARCHAR
                 AS municipality_codes
        FROM linked_contacts c JOIN residence_days r ON r.patient_key = c.patient_key
         AND r.from_day <= c.started_day AND c.started_day < r.to_day
        WHERE r.n_residences > 1 GROUP BY c.node_key
        """
    )
