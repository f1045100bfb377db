"""The quality report: what was read, refused, missing, orphaned, overlapping, by table and month.

Rows are counts only, kept in the manifest of a load and shown by ``pathgraph quality``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import duckdb
import pandas as pd

from pathgraph.ingest.stays import STAY_LEVELS
from pathgraph.model.check import (
    identifier,
    is_reference_refusing,
    literal,
    main_day,
    stored_columns,
)
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.model.types import Table

__all__ = ["DEATH_TOLERANCE_DAYS", "QUALITY_COUNTS", "quality_frame", "quality_rows"]

DEATH_TOLERANCE_DAYS = 1
"""A contact that starts later than this after the day of death is counted [days]."""

QUALITY_COUNTS = {
    "read": "Rows read.",
    "accepted": "Rows that passed the check.",
    "refused": "Rows refused, by reason.",
    "missing": "Accepted rows without a value, by column.",
    "unknown_codes": "Accepted rows with a code that the model does not list, by column.",
    "orphaned": "Accepted rows that refer to something that is not there, by column; rows that "
    "cannot do without it are among the refused.",
    "overlapping": "Overnight contacts that start before an earlier one of the patient has ended.",
    "open_ended": "Accepted contacts without an end.",
    "after_death": "Contacts that start after the day of death.",
}
"""What is counted, in words."""


_OVERLAPPING = f"""
    SELECT strftime(DATE '1970-01-01' + CAST(started_day AS INTEGER), '%Y-%m') AS month,
           count(*) AS n
    FROM (
      SELECT c.started_day, c.started_s < max(c.ended_s) OVER (
               PARTITION BY c.patient_id ORDER BY c.started_s, c.contact_id
               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS is_overlapping
      FROM accepted_contacts c JOIN accepted_units u ON u.unit_id = c.unit_id
      WHERE c.parent_contact_id IS NULL AND c.care_level = 'overnight'
        AND u.level IN {STAY_LEVELS})
    WHERE is_overlapping GROUP BY month
"""

_AFTER_DEATH = f"""
    SELECT strftime(DATE '1970-01-01' + CAST(c.started_day AS INTEGER), '%Y-%m') AS month,
           count(*) AS n
    FROM accepted_contacts c JOIN accepted_patients p ON p.patient_id = c.patient_id
    WHERE c.started_day > p.died_day + {DEATH_TOLERANCE_DAYS} GROUP BY month
"""

Row = dict[str, Any]


def quality_rows(
    connection: duckdb.DuckDBPyConnection, given: Collection[str], *, source: str
) -> list[Row]:
    """Count what the check left, one row a table and month.

    Parameters
    ----------
    connection
        After :func:`pathgraph.ingest.check.check_tables`.
    given
        Names of the canonical tables that the source had.

    Returns
    -------
    list of dict
        Keys ``source``, ``table``, ``month`` (``YYYY-MM``; ``None`` where the table or the refused
        row has no date), ``read``, ``accepted``, and those of :data:`QUALITY_COUNTS` that are not
        zero. Values can be written as JSON.
    """
    rows: list[Row] = []
    for table in CANONICAL_TABLES:
        if table.name in given:
            by_month = _accepted_by_month(connection, table, given)
            _add_refused(connection, table, by_month)
            if table.name == "contacts":
                _add_counts(connection, by_month, "overlapping", _OVERLAPPING)
                _add_counts(connection, by_month, "after_death", _AFTER_DEATH)
            rows.extend(
                {"source": source, "table": table.name, "month": month, **_finished(counts)}
                for month, counts in sorted(by_month.items(), key=lambda item: item[0] or "")
            )
    return rows


def quality_frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Return quality rows as a long table: source, table, month, count, detail, n.

    Parameters
    ----------
    rows
        As :func:`quality_rows` returns them, also after a way through JSON.

    Examples
    --------
    >>> quality_frame([{"source": "tables", "table": "contacts", "month": "2025-01", "read": 2,
    ...                 "accepted": 1, "refused": {"duplicate_key": 1}}])
       source     table    month     count         detail  n
    0  tables  contacts  2025-01      read                 2
    1  tables  contacts  2025-01  accepted                 1
    2  tables  contacts  2025-01   refused  duplicate_key  1
    """
    long: list[tuple[Any, ...]] = []
    for row in rows:
        for name in QUALITY_COUNTS:
            counted = row.get(name)
            if counted is None:
                continue
            details = counted if isinstance(counted, Mapping) else {"": counted}
            long.extend(
                (row["source"], row["table"], row["month"], name, detail, n)
                for detail, n in details.items()
            )
    return pd.DataFrame(long, columns=["source", "table", "month", "count", "detail", "n"])


def _accepted_by_month(
    connection: duckdb.DuckDBPyConnection, table: Table, given: Collection[str]
) -> dict[str | None, Row]:
    day = main_day(table)
    month = (
        f"strftime(DATE '1970-01-01' + CAST({identifier(day)} AS INTEGER), '%Y-%m')"
        if day
        else "CAST(NULL AS VARCHAR)"
    )
    measures = _measures(table, given)
    counted = "".join(f", count(*) FILTER (WHERE {sql})" for _, _, sql in measures)
    found = connection.execute(
        f"SELECT {month} AS month, count(*){counted} FROM accepted_{table.name} a GROUP BY month"
    ).fetchall()
    by_month: dict[str | None, Row] = {}
    for key, n, *values in found:
        row: Row = {"read": n, "accepted": n}
        for (name, detail, _), value in zip(measures, values, strict=True):
            if value and detail:
                row.setdefault(name, {})[detail] = value
            elif value:
                row[name] = value
        by_month[key] = row
    return by_month


def _measures(table: Table, given: Collection[str]) -> list[tuple[str, str, str]]:
    """Return ``(count, detail, condition)`` of what is counted in one pass over a table."""
    measures = []
    for column in table.columns:
        name = identifier(stored_columns(column)[0][0])
        if not column.required and column.name not in table.one_of:
            measures.append(("missing", column.name, f"{name} IS NULL"))
        if column.codes:
            known = ", ".join(literal(code) for code in column.codes)
            measures.append(("unknown_codes", column.name, f"{name} NOT IN ({known})"))
        if column.references and not is_reference_refusing(table, column):
            target, key = column.references.split(".")
            if target in given:
                measures.append(
                    (
                        "orphaned",
                        column.name,
                        f"{name} IS NOT NULL AND {name} NOT IN "
                        f"(SELECT {identifier(key)} FROM accepted_{target})",
                    )
                )
    if table.name == "contacts":
        measures.append(("open_ended", "", "ended_at IS NULL"))
    return measures


def _add_refused(
    connection: duckdb.DuckDBPyConnection, table: Table, by_month: dict[str | None, Row]
) -> None:
    for month, reason, n in connection.execute(
        "SELECT month, reason, count(*) FROM refused_rows WHERE table_name = ? "
        "GROUP BY ALL ORDER BY ALL",
        [table.name],
    ).fetchall():
        row = by_month.setdefault(month, {"read": 0, "accepted": 0})
        row["read"] += n
        row.setdefault("refused", {})[reason] = n


def _add_counts(
    connection: duckdb.DuckDBPyConnection, by_month: dict[str | None, Row], name: str, select: str
) -> None:
    for month, n in connection.execute(select).fetchall():
        by_month[month][name] = n


def _finished(row: Row) -> Row:
    """Return the counts in the order in which they are declared."""
    return {name: row[name] for name in QUALITY_COUNTS if name in row}
