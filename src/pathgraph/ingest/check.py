"""Checks canonical tables before they are loaded: typed rows here, refused ones there.

DuckDB does the work with the expressions of :mod:`pathgraph.model.check`. Each table is typed and
checked row by row in one pass; duplicates, references, parents and open contacts follow on what was
accepted, and refusing goes on until nothing refers to a refused row any more. A row is refused
once, for the first reason found: accepted + refused = read, for every table.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from math import ceil, log2
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from pathgraph.errors import DataError, InputError, StorageError, ThresholdError
from pathgraph.ingest.municipality_numbers import lead_to_successors, unite_led_rows
from pathgraph.ingest.sources import SourceContent
from pathgraph.ingest.stays import STAY_LEVELS
from pathgraph.model.check import (
    REASONS,
    create_utc_offsets,
    identifier,
    is_reference_refusing,
    is_utc,
    literal,
    main_day,
    select_typed,
    typed_names,
)
from pathgraph.model.tables import CANONICAL_TABLES, REQUIRED_TABLES, canonical_table
from pathgraph.model.types import Column, Table
from pathgraph.sentence import sentence

__all__ = [
    "MAX_REFUSED_SHARE",
    "CheckReport",
    "TableCount",
    "check_tables",
    "enforce_threshold",
    "write_quarantine",
]

MAX_REFUSED_SHARE = 0.01
"""Of a table's rows; more refused ones than this stop a load unless the user says otherwise."""


@dataclass(frozen=True, slots=True)
class TableCount:
    """Rows of one table; ``refused`` by reason (:data:`pathgraph.model.check.REASONS`)."""

    read: int
    accepted: int
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def n_refused(self) -> int:
        """Refused rows, all reasons together."""
        return sum(self.refused.values())

    @property
    def share_refused(self) -> float:
        """Share of the rows read that were refused, 0 to 1; 0 for a table without rows."""
        return self.n_refused / self.read if self.read else 0.0


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What came of the check: the tables that were given, in canonical order, and notes."""

    tables: Mapping[str, TableCount]
    notes: tuple[str, ...] = ()


def check_tables(
    connection: duckdb.DuckDBPyConnection, content: SourceContent, *, timezone: str
) -> CheckReport:
    """Make ``accepted_<table>`` of every canonical table, and fill ``refused_rows``.

    Parameters
    ----------
    connection
        Holds the relations that ``content.tables`` names.
    timezone
        IANA name of the zone of times without an offset.

    Returns
    -------
    CheckReport
        Of every table that was given. ``accepted_<table>`` exists for every canonical table, empty
        where none was given, with the columns of :func:`pathgraph.model.check.typed_names`.

    Raises
    ------
    InputError
        When a required table was not given, or the time zone is not known.
    """
    _check_request(content, timezone)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS refused_rows (table_name VARCHAR, reason VARCHAR, "
        "column_name VARCHAR, source_file VARCHAR, source_row BIGINT, month VARCHAR)"
    )
    connection.execute("SET TimeZone = 'UTC'")
    if not is_utc(timezone):
        connection.execute(create_utc_offsets(timezone))
    given = {table.name for table in CANONICAL_TABLES if table.name in content.tables}
    n_before = _refused_by_table(connection)
    n_read = {
        name: _count(connection, identifier(content.tables[name]))
        + sum(n_before.get(name, {}).values())
        for name in given
    }
    for table in CANONICAL_TABLES:
        _type_rows(connection, table, content.tables.get(table.name), timezone)
        if table.name in given:
            _refuse_duplicates(connection, table)
    followed = lead_to_successors(connection)
    _refuse_dangling(connection, given)
    _refuse_cycles(connection, given)
    _refuse_open(connection, given)
    notes = _fill_professionals(connection, given)
    report = CheckReport(_counts(connection, given, n_read), (*notes, *followed.notes))
    unite_led_rows(connection, followed)
    return report


def enforce_threshold(
    report: CheckReport,
    *,
    max_refused_share: float = MAX_REFUSED_SHARE,
    quarantine: Path | None = None,
) -> None:
    """Stop when too many rows of a table were refused, or a required table has none left.

    Parameters
    ----------
    max_refused_share
        Largest share of a table's rows that may be refused, 0 to 1.
    quarantine
        File that lists the refused rows, to be named in the message.

    Raises
    ------
    DataError
        When a required table has no accepted row.
    ThresholdError
        When more rows were refused than that; lists tables and reasons.
    """
    problems = []
    for name, count in report.tables.items():
        if count.share_refused <= max_refused_share:
            continue
        problems.append(
            f"{name}: {count.n_refused:,} of {count.read:,} rows were refused "
            f"({100 * count.share_refused:.1f} %, allowed are {100 * max_refused_share:g} %)."
        )
        problems.extend(
            f"  {n:,} x {reason}: {REASONS[reason]}"
            for reason, n in sorted(count.refused.items(), key=lambda item: -item[1])
        )
    if problems:
        where = f" Each row's place is in {quarantine}." if quarantine else ""
        problems.append(
            f"Nothing was loaded.{where} Put the rows in order at the source, or allow a larger "
            "share (--max-refused, in Python max_refused_share)."
        )
        raise ThresholdError(problems)
    empty = [name for name in REQUIRED_TABLES if not report.tables[name].accepted]
    if empty:
        raise DataError(
            [f"{name}: has no rows, and without them there is nothing to load." for name in empty]
        )


def write_quarantine(
    connection: duckdb.DuckDBPyConnection, folder: Path, load_id: str
) -> Path | None:
    """Write ``refused_<load_id>.csv``: where each refused row stands and why, without its values.

    Returns
    -------
    Path or None
        The file; ``None`` when no row was refused.

    Raises
    ------
    StorageError
        When the folder cannot be written.
    """
    if not _count(connection, "refused_rows"):
        return None
    path = folder / f"refused_{load_id}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection.execute(
            'COPY (SELECT table_name AS "table", reason, column_name AS "column", '
            'source_file AS "file", source_row AS "row" FROM refused_rows '
            f"ORDER BY table_name, source_file, source_row) TO {literal(str(path))} (HEADER)"
        )
    except (OSError, duckdb.IOException):
        raise StorageError(
            f"The list of refused rows cannot be written to the folder {folder}. "
            "Is the disk full, or the folder read-only?"
        ) from None
    return path


def _check_request(content: SourceContent, timezone: str) -> None:
    problems = [
        f"There is no table '{name}', and no load goes without it. Give a file for it."
        for name in REQUIRED_TABLES
        if name not in content.tables
    ]
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):
        problems.append(
            f"There is no time zone '{timezone}'. Give an IANA name, for example Europe/Oslo."
        )
    if problems:
        raise InputError(problems)


def _count(connection: duckdb.DuckDBPyConnection, relation: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(row[0]) if row else 0


def _refused_by_table(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for table, reason, n in connection.execute(
        "SELECT table_name, reason, count(*) FROM refused_rows GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        found.setdefault(table, {})[reason] = n
    return found


def _counts(
    connection: duckdb.DuckDBPyConnection, given: Collection[str], n_read: Mapping[str, int]
) -> dict[str, TableCount]:
    refused = _refused_by_table(connection)
    return {
        table.name: TableCount(
            n_read[table.name],
            _count(connection, f"accepted_{table.name}"),
            refused.get(table.name, {}),
        )
        for table in CANONICAL_TABLES
        if table.name in given
    }


def _month(table: Table) -> str:
    """Return SQL for the month by which a refused row is counted."""
    day = main_day(table)
    if day is None:
        return "CAST(NULL AS VARCHAR)"
    return f"strftime(DATE '1970-01-01' + CAST({identifier(day)} AS INTEGER), '%Y-%m')"


def _type_rows(
    connection: duckdb.DuckDBPyConnection, table: Table, relation: str | None, timezone: str
) -> None:
    """Create the accepted table with the rows that are well-formed in themselves."""
    accepted = f"accepted_{table.name}"
    if relation is None:
        columns = ", ".join(f"{identifier(name)} {type_}" for name, type_ in typed_names(table))
        connection.execute(f"CREATE OR REPLACE TABLE {accepted} ({columns})")
        return
    connection.execute(
        f"CREATE OR REPLACE TABLE {accepted} AS {select_typed(table, relation, timezone)}"
    )
    connection.execute(
        f"INSERT INTO refused_rows SELECT {literal(table.name)}, split_part(refusal, '|', 1), "
        f"split_part(refusal, '|', 2), source_file, source_row, {_month(table)} "
        f"FROM {accepted} WHERE refusal IS NOT NULL"
    )
    connection.execute(f"DELETE FROM {accepted} WHERE refusal IS NOT NULL")
    connection.execute(f"ALTER TABLE {accepted} DROP COLUMN refusal")


def _refuse(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: str, *, reason: str, column: str
) -> int:
    """Refuse accepted rows; ``rows`` selects their ``rowid``. ``reason`` is an SQL expression."""
    accepted = f"accepted_{table.name}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE refusing AS {rows}")
    n = _count(connection, "refusing")
    if n:
        connection.execute(
            f"INSERT INTO refused_rows SELECT {literal(table.name)}, {reason}, {literal(column)}, "
            f"source_file, source_row, {_month(table)} "
            f"FROM {accepted} a JOIN refusing r ON a.rowid = r.refused"
        )
        connection.execute(f"DELETE FROM {accepted} WHERE rowid IN (SELECT refused FROM refusing)")
    return n


def _refuse_duplicates(connection: duckdb.DuckDBPyConnection, table: Table) -> None:
    """Keep the first row of each key; the hash finds the few keys that need a closer look."""
    accepted = f"accepted_{table.name}"
    key = ", ".join(identifier(name) for name in table.key)
    values = ", ".join(
        identifier(name)
        for name, _ in typed_names(table)
        if name not in ("source_file", "source_row")
    )
    doubled = f"(SELECT hash({key}) AS h FROM {accepted} GROUP BY h HAVING count(*) > 1)"
    _refuse(
        connection,
        table,
        f"""
        SELECT * FROM (
          SELECT rowid AS refused, row_number() OVER w AS place,
                 first_value(content) OVER w = content AS is_exact
          FROM (SELECT *, rowid, hash({values}) AS content FROM {accepted}
                WHERE hash({key}) IN {doubled})
          WINDOW w AS (PARTITION BY {key} ORDER BY source_file, source_row, rowid))
        WHERE place > 1
        """,
        reason="CASE WHEN is_exact THEN 'exact_duplicate' ELSE 'duplicate_key' END",
        column=", ".join(table.key),
    )


def _references(given: Collection[str]) -> list[tuple[Table, Column, str, str]]:
    """Return what must be there: table, column, table referred to, its column."""
    found = []
    for table in CANONICAL_TABLES:
        for column in table.columns:
            if table.name not in given or not column.references:
                continue
            target, key = column.references.split(".")
            if target in given and is_reference_refusing(table, column):
                found.append((table, column, target, key))
    return found


def _refuse_dangling(
    connection: duckdb.DuckDBPyConnection,
    given: Collection[str],
    changed: Collection[str] | None = None,
) -> None:
    """Refuse rows that refer to none, until none is left; ``changed`` lost rows since last time."""
    references = _references(given)
    lost = set(given if changed is None else changed)
    while lost:
        losing = set()
        for table, column, target, key in references:
            if target not in lost:
                continue
            name = identifier(column.name)
            n = _refuse(
                connection,
                table,
                f"SELECT rowid AS refused FROM accepted_{table.name} a WHERE {name} IS NOT NULL "
                f"AND NOT EXISTS (SELECT 1 FROM accepted_{target} t "
                f"WHERE t.{identifier(key)} = a.{name})",
                reason="'dangling_reference'",
                column=column.name,
            )
            if n:
                losing.add(table.name)
        lost = losing


def _refuse_cycles(connection: duckdb.DuckDBPyConnection, given: Collection[str]) -> None:
    """Refuse rows that are their own ancestors.

    Each row's pointer jumps to its pointer's pointer: after log2(n) rounds only pointers into a
    circle are left, and those that are pointed to are the circle.
    """
    for table, column, target, _ in _references(given):
        if target != table.name:
            continue
        key, parent = table.key[0], column.name
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE climbing AS SELECT {key} AS id, {parent} AS up "
            f"FROM accepted_{table.name} WHERE {parent} IS NOT NULL"
        )
        n = _count(connection, "climbing")
        rounds = ceil(log2(n)) + 1 if n else 0
        for _ in range(rounds):
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE climbing AS "
                "SELECT c.id, p.up FROM climbing c JOIN climbing p ON p.id = c.up"
            )
            if not _count(connection, "climbing"):
                break
        refused = _refuse(
            connection,
            table,
            f"SELECT rowid AS refused FROM accepted_{table.name} "
            f"WHERE {key} IN (SELECT up FROM climbing)",
            reason="'parent_cycle'",
            column=parent,
        )
        if refused:
            _refuse_dangling(connection, given, {table.name})


def _refuse_open(connection: duckdb.DuckDBPyConnection, given: Collection[str]) -> None:
    """Refuse overnight contacts without an end that are not the last of their patient.

    Those of one hospital admission are compared among themselves. Municipal stays are not stays in
    the sense of docs/definitions.md#stay: an institution stays home while its resident is admitted.
    """
    refused = _refuse(
        connection,
        canonical_table("contacts"),
        f"""
        WITH overnight AS (
          SELECT c.rowid AS refused, c.patient_id, c.parent_contact_id, c.started_s, c.contact_id,
                 c.ended_at IS NULL AS is_open
          FROM accepted_contacts c JOIN accepted_units u ON u.unit_id = c.unit_id
          WHERE c.care_level = 'overnight' AND u.level IN {STAY_LEVELS}),
        last AS (
          SELECT patient_id, parent_contact_id, max((started_s, contact_id)) AS latest
          FROM overnight
          WHERE patient_id IN (SELECT patient_id FROM overnight WHERE is_open)
          GROUP BY ALL)
        SELECT o.refused FROM overnight o JOIN last l ON l.patient_id = o.patient_id
          AND l.parent_contact_id IS NOT DISTINCT FROM o.parent_contact_id
        WHERE o.is_open AND (o.started_s, o.contact_id) <> l.latest
        """,
        reason="'open_not_last'",
        column="ended_at",
    )
    if refused:
        _refuse_dangling(connection, given, {"contacts"})


def _fill_professionals(
    connection: duckdb.DuckDBPyConnection, given: Collection[str]
) -> tuple[str, ...]:
    """Without a table of professionals, those whom other tables name are the professionals."""
    if "professionals" in given:
        return ()
    named = [
        f"SELECT professional_id FROM accepted_{table.name} WHERE professional_id IS NOT NULL"
        for table in CANONICAL_TABLES
        if table.name != "professionals"
        and any(column.name == "professional_id" for column in table.columns)
    ]
    connection.execute(
        f"INSERT INTO accepted_professionals (professional_id) {' UNION '.join(named)}"
    )
    n = _count(connection, "accepted_professionals")
    if not n:
        return ()
    said = sentence(
        "No table of professionals was given: {n} are known from the other tables.", n=f"{n:,}"
    )
    return (said,)
