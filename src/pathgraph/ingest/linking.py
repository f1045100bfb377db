"""Linking: from checked contacts to stays, runs and next contacts, in DuckDB, out of core.

Reads the ``accepted_*`` tables and writes ``linked_*`` tables (one is a view), step by step. What
windows and calendars need is derived here once, so that no finding has to. Every node gets a dense
64-bit ``node_key`` here; contacts are numbered in order of patient and start, so that neighbours in
a pathway lie next to each other on disk.

The counting rules are those of ``docs/definitions.md#stay``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from pathgraph.ingest.residences import place_contacts
from pathgraph.ingest.sources import AcuteRule
from pathgraph.ingest.stays import (
    FAR_FUTURE,
    MERGE_GAP_S,
    STAY_LEVELS,
    complete_stays,
    meet_both_kinds,
    merge_runs,
    merge_stays,
    order_units,
)
from pathgraph.ingest.working_days import find_working_days

__all__ = ["LINKING_STEPS", "link", "link_in_steps"]

LINKING_STEPS = (
    "numbering people, units and codes",
    "numbering contacts",
    "finding working days",
    "merging stays",
    "ordering units within stays",
    "completing stays",
    "merging runs at one level",
    "linking next contacts",
    "finding what is covered",
)


def link(
    connection: duckdb.DuckDBPyConnection,
    *,
    acute: AcuteRule,
    merge_gap_s: int = MERGE_GAP_S,
    holidays: str | None = "NO",
    source: str = "",
) -> None:
    """Create the ``linked_*`` tables from the ``accepted_*`` tables of the connection.

    Parameters
    ----------
    acute
        Which contacts count as acute where the table itself does not say.
    merge_gap_s
        A contact that starts less than this after the running maximum of the ends belongs to the
        same stay [s].
    holidays
        ISO 3166 code of the country whose public holidays are no working days; ``None`` leaves
        only Saturdays and Sundays out.
    source
        Name of the source, for the coverage that is assumed where none was given.
    """
    for _ in link_in_steps(
        connection, acute=acute, merge_gap_s=merge_gap_s, holidays=holidays, source=source
    ):
        pass


def link_in_steps(
    connection: duckdb.DuckDBPyConnection,
    *,
    acute: AcuteRule,
    merge_gap_s: int = MERGE_GAP_S,
    holidays: str | None = "NO",
    source: str = "",
) -> Iterator[str]:
    """Do the work of :func:`link`; each step of ``LINKING_STEPS`` is yielded before it is done."""
    steps = iter(LINKING_STEPS)
    yield next(steps)
    _number_nodes(connection)
    yield next(steps)
    _number_contacts(connection, acute)
    yield next(steps)
    find_working_days(connection, holidays)
    yield next(steps)
    place_contacts(connection)
    merge_stays(connection, merge_gap_s)
    yield next(steps)
    order_units(connection)
    yield next(steps)
    complete_stays(connection)
    meet_both_kinds(connection)
    yield next(steps)
    merge_runs(connection)
    yield next(steps)
    _link_next_contacts(connection)
    yield next(steps)
    _find_coverage(connection, source)


@dataclass(frozen=True, slots=True)
class _KeyTable:
    """Where the ids of one node type are found."""

    label: str
    ids: str


_SIMPLE_KEYS = (
    _KeyTable("Patient", "SELECT patient_id AS id FROM accepted_patients"),
    _KeyTable("Unit", "SELECT unit_id AS id FROM accepted_units"),
    _KeyTable("Professional", "SELECT professional_id AS id FROM accepted_professionals"),
)

_MUNICIPALITY_CODES = " UNION ".join(
    f"SELECT municipality_code AS id FROM accepted_{table} WHERE municipality_code IS NOT NULL"
    for table in (
        "municipalities",
        "residences",
        "units",
        "unit_serves",
        "ready_periods",
        "notices",
        "contact_points",
    )
)


def _number_nodes(connection: duckdb.DuckDBPyConnection) -> None:
    for keys in (*_SIMPLE_KEYS, _KeyTable("Municipality", _MUNICIPALITY_CODES)):
        connection.execute(
            f"CREATE OR REPLACE TABLE keys_{keys.label} AS "
            f"SELECT row_number() OVER (ORDER BY id) - 1 AS node_key, id FROM ({keys.ids})"
        )
    # Codes are compared without dots: some sources write I50.9, others I509.
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_diagnoses AS
        WITH codes AS (SELECT DISTINCT system, code FROM accepted_diagnoses),
        grouped AS (
          SELECT c.system, c.code,
                 arg_max(g.diagnosis_group, length(g.code_prefix)) AS diagnosis_group
          FROM codes c JOIN accepted_diagnosis_groups g
            ON g.system = c.system
           AND starts_with(replace(c.code, '.', ''), replace(g.code_prefix, '.', ''))
          GROUP BY ALL)
        SELECT row_number() OVER (ORDER BY c.system, c.code) - 1 AS node_key,
               concat_ws('|', c.system, c.code) AS id, c.code, c.system, g.diagnosis_group
        FROM codes c LEFT JOIN grouped g USING (system, code)
        """
    )


def _acute_condition(acute: AcuteRule) -> str:
    """Return SQL that is true for an acute contact; the table's own column wins where filled."""
    if acute.codes is None:
        rule = f"c.care_level = 'overnight' AND u.level IN {STAY_LEVELS}"
    elif acute.codes:
        listed = ", ".join("'" + code.replace("'", "''") + "'" for code in acute.codes)
        rule = f"c.urgency IN ({listed})"
    else:
        rule = "false"
    return f"coalesce(c.is_acute, {rule}, false)"


def _number_contacts(connection: duckdb.DuckDBPyConnection, acute: AcuteRule) -> None:
    """Give contacts their numbers by patient, start and id; keep what linking needs of them.

    Only the few columns that decide the order are sorted; whole rows stay where they are. An end
    that is a bare date is midnight, which may lie before the start on the same day: it is then
    taken to be the start.
    """
    connection.execute(
        """
        CREATE OR REPLACE TABLE contact_keys AS
        SELECT c.rowid AS accepted_row, p.node_key AS patient_key,
               row_number() OVER (ORDER BY p.node_key, c.started_s, c.contact_id) - 1 AS node_key
        FROM accepted_contacts c JOIN keys_Patient p ON p.id = c.patient_id
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE linked_contacts AS
        SELECT o.node_key, o.accepted_row, o.patient_key, k.node_key AS unit_key,
               c.contact_id, c.parent_contact_id, c.unit_id, c.kind, c.care_level, u.level,
               c.started_s, c.started_day,
               CASE WHEN c.ended_s < c.started_s THEN c.started_s ELSE c.ended_s END AS ended_s,
               c.ended_day, c.urgency,
               {_acute_condition(acute)} AS is_acute,
               coalesce(c.ended_dead, false) AS ended_dead,
               c.started_has_time AND coalesce(c.ended_has_time, true) AS has_time,
               c.contact_id IN (
                 SELECT parent_contact_id FROM accepted_contacts
                 WHERE parent_contact_id IS NOT NULL) AS has_children
        FROM accepted_contacts c
        JOIN contact_keys o ON o.accepted_row = c.rowid
        JOIN accepted_units u ON u.unit_id = c.unit_id
        JOIN keys_Unit k ON k.id = c.unit_id
        """
    )
    # Root of each contact that has a parent; one round a level of the hierarchy.
    connection.execute(
        """
        CREATE OR REPLACE TABLE contact_roots AS
        SELECT c.node_key, p.node_key AS root_key, p.parent_contact_id AS above
        FROM linked_contacts c JOIN linked_contacts p ON p.contact_id = c.parent_contact_id
        """
    )
    while _count(connection, "SELECT count(*) FROM contact_roots WHERE above IS NOT NULL"):
        connection.execute(
            """
            CREATE OR REPLACE TABLE contact_roots AS
            SELECT r.node_key, coalesce(p.node_key, r.root_key) AS root_key,
                   p.parent_contact_id AS above
            FROM contact_roots r LEFT JOIN linked_contacts p ON p.contact_id = r.above
            """
        )


def _count(connection: duckdb.DuckDBPyConnection, query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row and row[0] is not None else 0


def _link_next_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    # A contact without a recorded end lasted no time, unless the patient was lying in.
    # Read for the contacts and for the relationship between them: a view spares storing as many
    # rows as there are contacts.
    connection.execute(
        f"""
        CREATE OR REPLACE VIEW linked_next_contact AS
        WITH leaves AS (
          SELECT node_key, patient_key, unit_id, started_s, started_day,
                 coalesce(ended_s, CASE WHEN care_level = 'overnight' THEN {FAR_FUTURE}
                                        ELSE started_s END) AS end_s,
                 coalesce(ended_day, started_day) AS end_day
          FROM linked_contacts WHERE NOT has_children),
        paired AS (
          SELECT node_key AS from_key, lead(node_key) OVER w AS to_key, end_s, end_day,
                 unit_id AS from_unit_id, lead(unit_id) OVER w AS to_unit_id,
                 lead(started_s) OVER w AS to_started_s, lead(started_day) OVER w AS to_started_day
          FROM leaves WINDOW w AS (PARTITION BY patient_key ORDER BY node_key))
        SELECT from_key, to_key,
               CASE WHEN end_s >= to_started_s THEN 0 ELSE to_started_s - end_s END AS gap_s,
               CASE WHEN end_s >= to_started_s THEN 0 ELSE greatest(to_started_day - end_day, 0) END
                 AS gap_days,
               from_unit_id, to_unit_id, to_started_s
        FROM paired WHERE to_key IS NOT NULL
        """
    )


def _find_coverage(connection: duckdb.DuckDBPyConnection, source: str) -> None:
    """Take coverage as given; a level not spoken of is assumed covered as long as the source.

    The first and last date seen are those of the whole source, not of the level: a level with few
    contacts would otherwise seem to end long before the source does.
    """
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_coverage AS
        SELECT concat_ws('|', source, level, coalesce(municipality_code, ''), covered_from)
                 AS coverage_id,
               source, level, municipality_code, covered_from, covered_from_day, covered_to,
               covered_to_day, false AS is_assumed
        FROM accepted_coverage
        UNION ALL
        SELECT concat_ws('|', $source, level, '', 'assumed'), $source, level, NULL,
               (DATE '1970-01-01' + first_day::INTEGER)::VARCHAR, first_day,
               (DATE '1970-01-01' + last_day::INTEGER + 1)::VARCHAR, last_day + 1, true
        FROM (SELECT DISTINCT level FROM linked_contacts
              WHERE level NOT IN (SELECT level FROM accepted_coverage)),
             (SELECT min(started_day) AS first_day, max(started_day) AS last_day
              FROM linked_contacts)
        """,
        {"source": source},
    )
