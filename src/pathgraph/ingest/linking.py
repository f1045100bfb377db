"""Linking: from checked contacts to stays, runs and next contacts, in DuckDB, out of core.

Reads the ``accepted_*`` tables and writes ``linked_*`` tables, step by step. What windows and
calendars need is derived here once, so that no finding has to. Every node gets a dense 64-bit
``node_key`` here; contacts are numbered in order of patient and start, so that neighbours in a
pathway lie next to each other on disk.

The counting rules are those of ``docs/definitions.md#stay``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import holidays as public_holidays
import pyarrow as pa

from pathgraph.errors import UsageError
from pathgraph.ingest.sources import AcuteRule

__all__ = ["LINKING_STEPS", "MERGE_GAP_S", "link"]

MERGE_GAP_S = 8 * 3600
"""Stays less than this apart are one stay: 8 hours, as FHI and SKDE count (docs/definitions.md)."""

_STAY_LEVELS = "('hospital', 'psychiatry')"
_RUN_LEVELS = "('hospital', 'psychiatry', 'municipal')"
_FAR_FUTURE = "9223372036854775807"

_EPOCH = date(1970, 1, 1)
_LAST_YEAR = 9990

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
    _find_working_days(connection, holidays)
    yield next(steps)
    _merge_stays(connection, merge_gap_s)
    yield next(steps)
    _order_units(connection)
    yield next(steps)
    _complete_stays(connection)
    yield next(steps)
    _merge_runs(connection)
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
    """SQL that is true for an acute contact; the table's own column wins where it is filled."""
    if acute.codes is None:
        rule = f"c.care_level = 'overnight' AND u.level IN {_STAY_LEVELS}"
    elif acute.codes:
        listed = ", ".join("'" + code.replace("'", "''") + "'" for code in acute.codes)
        rule = f"c.urgency IN ({listed})"
    else:
        rule = "false"
    return f"coalesce(c.is_acute, {rule}, false)"


def _number_contacts(connection: duckdb.DuckDBPyConnection, acute: AcuteRule) -> None:
    """Number the contacts in order of patient, start and id, and keep what linking needs of them.

    Only the few columns that decide the order are sorted: sorting whole rows of 4 million contacts
    took ten times as long.
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
               c.started_s, c.started_day, c.ended_s, c.ended_day, c.urgency,
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


def working_days_after(
    first: int, last: int, country: str | None
) -> Iterable[tuple[int, int]]:
    """Return each day from ``first`` to ``last`` with the first working day after it.

    Days are numbers since 1970-01-01. Saturdays, Sundays and the country's public holidays are no
    working days.

    Raises
    ------
    UsageError
        When the country's holidays are not known.

    Examples
    --------
    17 May 2024 was a Friday and a public holiday; the 20th was Whit Monday:

    >>> list(working_days_after(19859, 19859, "NO"))
    [(19859, 19864)]
    """
    closed = _public_holidays(first, last, country)
    result = []
    following = last + 30
    for day in range(last + 30, first - 1, -1):
        if day <= last:
            result.append((day, following))
        when = _EPOCH + timedelta(days=day)
        if when.weekday() < 5 and day not in closed:
            following = day
    return reversed(result)


def _public_holidays(first: int, last: int, country: str | None) -> frozenset[int]:
    if not country:
        return frozenset()
    years = range(
        (_EPOCH + timedelta(days=first)).year, (_EPOCH + timedelta(days=last + 31)).year + 1
    )
    try:
        calendar = public_holidays.country_holidays(country, years=years)
    except NotImplementedError:
        raise UsageError(
            "The load option 'holidays' names a country whose public holidays are not known. "
            "Give an ISO 3166 code such as NO, or 'none' for weekends only."
        ) from None
    return frozenset((day - _EPOCH).days for day in calendar)


def _find_working_days(connection: duckdb.DuckDBPyConnection, country: str | None) -> None:
    bounds = connection.execute(
        "SELECT min(started_day), max(started_day) FROM linked_contacts"
    ).fetchone()
    first, last = bounds if bounds and bounds[0] is not None else (0, 0)
    pairs = list(working_days_after(first, last, country))
    days = pa.table(  # noqa: F841  (DuckDB reads it by its name)
        {"started_day": [a for a, _ in pairs], "due_day": [b for _, b in pairs]}
    )
    connection.execute("CREATE OR REPLACE TABLE working_days AS SELECT * FROM days")


def _merge_stays(connection: duckdb.DuckDBPyConnection, merge_gap_s: int) -> None:
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE stay_contacts AS
        WITH overnight AS (
          SELECT node_key, patient_key, started_s, urgency,
                 coalesce(ended_s, {_FAR_FUTURE}) AS end_s
          FROM linked_contacts
          WHERE parent_contact_id IS NULL AND care_level = 'overnight'
            AND level IN {_STAY_LEVELS}),
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


def _order_units(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_part_of_stay AS
        WITH members AS (
          SELECT contact_key, first_contact_key, patient_key FROM stay_contacts
          UNION ALL
          SELECT r.node_key, s.first_contact_key, s.patient_key
          FROM contact_roots r JOIN stay_contacts s ON s.contact_key = r.root_key),
        detailed AS (
          SELECT m.contact_key, m.first_contact_key, c.unit_id, c.unit_key, c.started_s, c.ended_s,
                 c.has_children
          FROM members m JOIN linked_contacts c ON c.node_key = m.contact_key),
        leaves AS (
          SELECT *,
                 row_number() OVER w AS sequence,
                 lag(unit_id) OVER w AS previous_unit_id,
                 greatest(started_s - coalesce(lag(ended_s) OVER w, lag(started_s) OVER w), 0)
                   AS gap_s
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


def _complete_stays(connection: duckdb.DuckDBPyConnection) -> None:
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
    """Add the first GP and the first municipal contact at or after the end of each stay."""
    for level in ("gp", "municipal"):
        connection.execute(
            f"""
            CREATE OR REPLACE TABLE stay_next_{level} AS
            SELECT s.node_key, c.started_s AS next_s
            FROM (SELECT node_key, patient_key, ended_s FROM linked_stays
                  WHERE ended_s IS NOT NULL) s
            ASOF JOIN (SELECT patient_key, started_s FROM linked_contacts
                       WHERE level = '{level}') c
              ON s.patient_key = c.patient_key AND s.ended_s <= c.started_s
            """
        )
    connection.execute(
        """
        CREATE OR REPLACE TABLE linked_stays AS
        SELECT s.*, m.municipality_code, nullif(d.diagnosis_group, '') AS diagnosis_group,
               g.next_s AS next_gp_s, n.next_s AS next_municipal_s
        FROM linked_stays s
        LEFT JOIN stay_municipalities m USING (node_key)
        LEFT JOIN stay_diagnosis_groups d USING (first_contact_key)
        LEFT JOIN stay_next_gp g USING (node_key)
        LEFT JOIN stay_next_municipal n USING (node_key)
        """
    )


def _merge_runs(connection: duckdb.DuckDBPyConnection) -> None:
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


def _link_next_contacts(connection: duckdb.DuckDBPyConnection) -> None:
    # A contact without a recorded end lasted no time, unless the patient was lying in.
    connection.execute(
        f"""
        CREATE OR REPLACE TABLE linked_next_contact AS
        WITH leaves AS (
          SELECT node_key, patient_key, unit_id, kind, level, started_s, started_day,
                 coalesce(ended_s, CASE WHEN care_level = 'overnight' THEN {_FAR_FUTURE}
                                        ELSE started_s END) AS end_s,
                 coalesce(ended_day, started_day) AS end_day
          FROM linked_contacts WHERE NOT has_children),
        paired AS (
          SELECT node_key AS from_key, lead(node_key) OVER w AS to_key, end_s, end_day,
                 unit_id AS from_unit_id, lead(unit_id) OVER w AS to_unit_id,
                 kind AS from_kind, lead(kind) OVER w AS to_kind,
                 level AS from_level, lead(level) OVER w AS to_level,
                 lead(started_s) OVER w AS to_started_s, lead(started_day) OVER w AS to_started_day
          FROM leaves WINDOW w AS (PARTITION BY patient_key ORDER BY node_key))
        SELECT from_key, to_key,
               CASE WHEN end_s >= to_started_s THEN 0 ELSE to_started_s - end_s END AS gap_s,
               CASE WHEN end_s >= to_started_s THEN 0 ELSE greatest(to_started_day - end_day, 0) END
                 AS gap_days,
               from_unit_id, to_unit_id, from_kind, to_kind, from_level, to_level, to_started_s
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
