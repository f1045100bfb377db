"""Stays and runs: overnight contacts merged, with what windows over them give.

The counting rules are those of ``docs/definitions.md#stay``.
"""

from __future__ import annotations

import duckdb

__all__ = [
    "FAR_FUTURE",
    "MERGE_GAP_S",
    "NO_FOLLOW_UP_KINDS",
    "STAY_LEVELS",
    "complete_stays",
    "meet_both_kinds",
    "merge_runs",
    "merge_stays",
    "order_units",
]

MERGE_GAP_S = 8 * 3600
"""Stays less than this apart are one stay: 8 hours, as FHI and SKDE count (docs/definitions.md)."""

STAY_LEVELS = "('hospital', 'psychiatry')"
"""Levels whose overnight contacts make stays: the specialist health service."""

NO_FOLLOW_UP_KINDS = ("administrative", "simple_contact", "collaboration")
"""Kinds of GP contact that are neither consultation nor home visit (docs/definitions.md#stay)."""

_RUN_LEVELS = "('hospital', 'psychiatry', 'municipal')"

FAR_FUTURE = "9223372036854775807"
"""End of what has not ended, in SQL."""


def merge_stays(connection: duckdb.DuckDBPyConnection, merge_gap_s: int) -> None:
    """Create ``stay_contacts``: for each inpatient contact the first contact of its stay.

    A contact begins a new stay when it starts at least ``merge_gap_s`` after the running maximum
    of the ends before it, unless it is a return from another hospital (urgency 5).
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE stay_contacts AS
        WITH overnight AS (
          SELECT node_key, patient_key, started_s, urgency,
                 coalesce(ended_s, {FAR_FUTURE}) AS end_s
          FROM linked_contacts
          WHERE parent_contact_id IS NULL AND care_level = 'overnight'
            AND level IN {STAY_LEVELS}),
        marked AS (
          SELECT node_key, patient_key, started_s, urgency,
                 max(end_s) OVER (PARTITION BY patient_key ORDER BY node_key
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS running_end
          FROM overnight)
        SELECT node_key AS contact_key, patient_key,
               max(CASE WHEN running_end IS NULL
                          OR (started_s - running_end >= {merge_gap_s}
                              AND urgency IS DISTINCT FROM '5')
                        THEN node_key END)
                 OVER (PARTITION BY patient_key ORDER BY node_key) AS first_contact_key
        FROM marked
        """
    )


def order_units(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``linked_part_of_stay``: every contact of a stay, those without children in order."""
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE linked_part_of_stay AS
        WITH members AS (
          SELECT contact_key, first_contact_key, patient_key FROM stay_contacts
          UNION ALL
          SELECT r.node_key, s.first_contact_key, s.patient_key
          FROM contact_roots r JOIN stay_contacts s ON s.contact_key = r.root_key),
        detailed AS (
          SELECT m.contact_key, m.first_contact_key, c.unit_id, c.unit_key, c.started_s,
                 coalesce(c.ended_s, CASE WHEN c.care_level = 'overnight' THEN {FAR_FUTURE}
                                          ELSE c.started_s END) AS end_s,
                 c.has_children
          FROM members m JOIN linked_contacts c ON c.node_key = m.contact_key),
        leaves AS (
          SELECT *,
                 row_number() OVER w AS sequence,
                 lag(unit_id) OVER w AS previous_unit_id,
                 CASE WHEN lag(end_s) OVER w >= started_s THEN 0
                      ELSE started_s - lag(end_s) OVER w END AS gap_s
          FROM detailed WHERE NOT has_children
          WINDOW w AS (PARTITION BY first_contact_key ORDER BY contact_key))
        SELECT contact_key, first_contact_key, sequence, unit_id, unit_key, previous_unit_id,
               CASE WHEN sequence > 1 THEN gap_s END AS gap_s, started_s
        FROM leaves
        UNION ALL
        SELECT contact_key, first_contact_key, NULL, unit_id, unit_key, NULL, NULL, started_s
        FROM detailed WHERE has_children
        """
    )


def complete_stays(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``linked_stays`` and ``linked_next_stay``."""
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_stays AS
        WITH merged AS (
          SELECT s.first_contact_key, any_value(s.patient_key) AS patient_key,
                 CASE WHEN count(c.ended_s) = count(*) THEN max(c.ended_s) END AS ended_s,
                 count(c.ended_s) < count(*) AS is_open,
                 arg_max(c.accepted_row, (coalesce(c.ended_s, 9223372036854775807), c.node_key))
                   AS last_row,
                 bool_or(c.is_acute) AS is_acute_any,
                 min(CASE WHEN c.is_acute THEN c.started_s END) AS first_acute_s,
                 bool_or(c.ended_dead) AS ended_dead,
                 bool_and(c.has_time) AS has_time,
                 count(*) AS n_contacts
          FROM stay_contacts s JOIN linked_contacts c ON c.node_key = s.contact_key
          GROUP BY s.first_contact_key),
        placed AS (
          SELECT first_contact_key,
                 to_json(list(unit_id ORDER BY sequence)) AS unit_ids,
                 arg_min(unit_key, sequence) AS admitted_unit_key,
                 arg_max(unit_key, sequence) AS discharged_unit_key
          FROM linked_part_of_stay WHERE sequence IS NOT NULL
          GROUP BY first_contact_key)
        SELECT row_number() OVER (ORDER BY m.first_contact_key) - 1 AS node_key,
               m.first_contact_key, m.patient_key, f.contact_id AS stay_id, f.level, a.service,
               a.started_at, f.started_s, f.started_day,
               CASE WHEN NOT m.is_open THEN z.ended_at END AS ended_at, m.ended_s,
               CASE WHEN NOT m.is_open THEN z.ended_day END AS ended_day,
               f.is_acute AS is_acute_first, m.is_acute_any, m.first_acute_s, m.ended_dead,
               z.discharged_to, m.has_time, m.n_contacts,
               p.unit_ids::VARCHAR AS unit_ids, p.admitted_unit_key, p.discharged_unit_key
        FROM merged m
        JOIN linked_contacts f ON f.node_key = m.first_contact_key
        JOIN accepted_contacts a ON a.rowid = f.accepted_row
        JOIN accepted_contacts z ON z.rowid = m.last_row
        JOIN placed p USING (first_contact_key)
        """
    )
    _add_residence_and_diagnosis(connection)
    _add_follow_up(connection)
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_next_stay AS
        SELECT * FROM (
          SELECT node_key AS from_key, lead(node_key) OVER w AS to_key,
                 lead(started_s) OVER w - ended_s AS gap_s,
                 lead(started_day) OVER w - ended_day AS gap_days
          FROM linked_stays
          WINDOW w AS (PARTITION BY patient_key ORDER BY node_key))
        WHERE to_key IS NOT NULL
        """
    )


def _add_residence_and_diagnosis(connection: duckdb.DuckDBPyConnection) -> None:
    """Where the patient lived when the stay began, and the group of its main diagnosis.

    Of several residences on one day the latest begun counts; of several main diagnoses (rank 1)
    that of the stay's earliest contact that has one.
    """
    connection.execute(
        """
        CREATE OR REPLACE TABLE stay_municipalities AS
        SELECT s.node_key, arg_max(r.municipality_code,
                 (coalesce(r.valid_from_day, -1000000), r.municipality_code)) AS municipality_code
        FROM linked_stays s
        JOIN keys_Patient k ON k.node_key = s.patient_key
        JOIN accepted_residences r ON r.patient_id = k.id
         AND coalesce(r.valid_from_day, s.started_day) <= s.started_day
         AND coalesce(r.valid_to_day, s.started_day + 1) > s.started_day
        GROUP BY s.node_key
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TABLE stay_diagnosis_groups AS
        SELECT p.first_contact_key,
               arg_min(coalesce(g.diagnosis_group, ''), (p.contact_key, d.system, d.code))
                 AS diagnosis_group
        FROM accepted_diagnoses d
        JOIN linked_contacts c ON c.contact_id = d.contact_id
        JOIN linked_part_of_stay p ON p.contact_key = c.node_key
        JOIN linked_diagnoses g ON g.system = d.system AND g.code = d.code
        WHERE d.rank = 1 AND EXISTS (SELECT 1 FROM accepted_diagnosis_groups)
        GROUP BY p.first_contact_key
        """
    )


def _add_follow_up(connection: duckdb.DuckDBPyConnection) -> None:
    """Add the first GP and the first municipal contact at or after the end of each stay.

    A GP contact without the patient (``NO_FOLLOW_UP_KINDS``) follows nobody up.
    """
    for level in ("gp", "municipal"):
        connection.execute(
            f"""
            CREATE OR REPLACE TABLE stay_next_{level} AS
            SELECT s.node_key, c.started_s AS next_s
            FROM (SELECT node_key, patient_key, ended_s FROM linked_stays
                  WHERE ended_s IS NOT NULL) s
            ASOF JOIN (SELECT patient_key, started_s FROM linked_contacts
                       WHERE level = '{level}'
                         AND (level <> 'gp' OR coalesce(kind, '') NOT IN {NO_FOLLOW_UP_KINDS})) c
              ON s.patient_key = c.patient_key AND s.ended_s <= c.started_s
            """
        )
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_stays AS
        SELECT s.*, m.municipality_code, nullif(d.diagnosis_group, '') AS diagnosis_group,
               left(s.started_at, 4)::BIGINT - p.birth_year AS age,
               g.next_s AS next_gp_s, n.next_s AS next_municipal_s, w.due_day
        FROM linked_stays s
        JOIN working_days w USING (started_day)
        JOIN (SELECT k.node_key AS patient_key, a.birth_year FROM keys_Patient k
              JOIN accepted_patients a ON a.patient_id = k.id) p USING (patient_key)
        LEFT JOIN stay_municipalities m USING (node_key)
        LEFT JOIN stay_diagnosis_groups d USING (first_contact_key)
        LEFT JOIN stay_next_gp g USING (node_key)
        LEFT JOIN stay_next_municipal n USING (node_key)
        """
    )


def merge_runs(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``linked_runs`` and ``linked_next_run``: overnight contacts at one level in a row."""
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE linked_runs AS
        WITH overnight AS (
          SELECT *, level IS DISTINCT FROM lag(level) OVER (
                      PARTITION BY patient_key ORDER BY node_key) AS is_first
          FROM linked_contacts
          WHERE parent_contact_id IS NULL AND care_level = 'overnight'
            AND level IN {_RUN_LEVELS}),
        numbered AS (
          SELECT *, max(CASE WHEN is_first THEN node_key END)
                      OVER (PARTITION BY patient_key ORDER BY node_key) AS first_contact_key
          FROM overnight),
        runs AS (
        SELECT row_number() OVER (ORDER BY first_contact_key) - 1 AS node_key,
               any_value(patient_key) AS patient_key,
               arg_min(contact_id, node_key) AS level_run_id,
               any_value(level) AS level,
               arg_min(accepted_row, node_key) AS first_row,
               min(started_s) AS started_s,
               CASE WHEN count(ended_s) = count(*)
                    THEN arg_max(accepted_row, (ended_s, node_key)) END AS last_row,
               CASE WHEN count(ended_s) = count(*) THEN max(ended_s) END AS ended_s,
               arg_min(is_acute, node_key) AS is_acute,
               bool_and(has_time) AS has_time,
               count(*) AS n_contacts
        FROM numbered GROUP BY first_contact_key)
        SELECT r.*, a.started_at, z.ended_at
        FROM runs r JOIN accepted_contacts a ON a.rowid = r.first_row
        LEFT JOIN accepted_contacts z ON z.rowid = r.last_row
        """
    )
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_next_run AS
        SELECT * FROM (
          SELECT node_key AS from_key, lead(node_key) OVER w AS to_key,
                 lead(started_s) OVER w - ended_s AS gap_s
          FROM linked_runs WINDOW w AS (PARTITION BY patient_key ORDER BY node_key))
        WHERE to_key IS NOT NULL
        """
    )


def meet_both_kinds(connection: duckdb.DuckDBPyConnection) -> None:
    """Create ``linked_both_kinds``: when in a stay both kinds of care had been met, and how lately.

    Asked of every contact instead, it takes most of the time of the findings on referrals
    (``docs/scale.md``). What matters at a moment is the earlier of the latest contacts of either
    kind, and that moves only at a contact of the other kind than the one before.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE linked_both_kinds AS
        WITH moments AS (
          SELECT patient_key, started_s AS at_s,
                 max(CASE WHEN level = 'hospital' THEN started_s END) AS somatic_s,
                 max(CASE WHEN level = 'psychiatry' THEN started_s END) AS psychiatric_s
          FROM linked_contacts
          WHERE level IN {STAY_LEVELS} AND NOT has_children
            AND patient_key IN (SELECT patient_key FROM linked_stays)
          GROUP BY patient_key, started_s),
        latest AS (
          SELECT patient_key, at_s, max(somatic_s) OVER w AS somatic_s,
                 max(psychiatric_s) OVER w AS psychiatric_s
          FROM moments WINDOW w AS (PARTITION BY patient_key ORDER BY at_s)),
        met AS (
          SELECT patient_key, at_s, least(somatic_s, psychiatric_s) AS since_s
          FROM latest WHERE somatic_s IS NOT NULL AND psychiatric_s IS NOT NULL
          QUALIFY since_s IS DISTINCT FROM
                  lag(since_s) OVER (PARTITION BY patient_key ORDER BY at_s)),
        stays AS (
          SELECT patient_key, started_s, max(node_key) AS stay_key,
                 max(coalesce(ended_s, {FAR_FUTURE})) AS end_s
          FROM linked_stays GROUP BY patient_key, started_s)
        SELECT s.patient_key, s.stay_key, s.started_s AS at_s, m.since_s
        FROM stays s ASOF JOIN met m ON s.patient_key = m.patient_key AND s.started_s >= m.at_s
        UNION ALL
        SELECT m.patient_key, s.stay_key, m.at_s, m.since_s
        FROM met m ASOF JOIN stays s ON s.patient_key = m.patient_key AND m.at_s > s.started_s
        WHERE m.at_s < s.end_s
        """
    )
