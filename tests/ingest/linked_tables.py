"""Links drawn contacts and compares what comes of it with the oracle, for the tests of linking."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa

from pathgraph.ingest.linking import link
from pathgraph.ingest.sources import AcuteRule
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.model.types import ColumnType, Table
from tests.ingest import linking_oracle as oracle

OSLO = ZoneInfo("Europe/Oslo")
HOUR = 3600
DAY = 24 * HOUR
ACUTE = AcuteRule(("1", "2", "3"), "Acute are urgencies 1 to 3.")
ALL_ACUTE = AcuteRule(None, "All overnight contacts in hospital are acute.")

UNITS = {
    "Medicine": "hospital",
    "Surgery": "hospital",
    "Psychiatric ward": "psychiatry",
    "Casualty": "emergency",
    "GP": "gp",
    "Nursing home": "municipal",
}

Contact = dict[str, Any]
Linked = dict[str, list[dict[str, Any]]]


def _typed(table: Table) -> pa.Schema:
    """Columns of an accepted table, as the check leaves them."""
    fields: list[pa.Field] = []
    simple = {
        ColumnType.INTEGER: pa.int64(),
        ColumnType.NUMBER: pa.float64(),
        ColumnType.BOOLEAN: pa.bool_(),
    }
    for column in table.columns:
        fields.append(pa.field(column.name, simple.get(column.type, pa.string())))
        if column.type is ColumnType.DATE:
            fields.append(pa.field(f"{column.name.removesuffix('_on')}_day", pa.int64()))
        if column.type is ColumnType.TIME:
            stem = column.name.removesuffix("_at")
            fields.append(pa.field(f"{stem}_s", pa.int64()))
            fields.append(pa.field(f"{stem}_day", pa.int64()))
            fields.append(pa.field(f"{stem}_has_time", pa.bool_()))
    fields += [pa.field("source_file", pa.string()), pa.field("source_row", pa.int64())]
    return pa.schema(fields)


_SCHEMAS = {table.name: _typed(table) for table in CANONICAL_TABLES}


def _accept(connection: duckdb.DuckDBPyConnection, **rows: list[dict[str, Any]]) -> None:
    for name, table_rows in rows.items():
        given_rows = pa.Table.from_pylist(table_rows, schema=_SCHEMAS[name])
        connection.register("given_rows", given_rows)
        connection.execute(f"CREATE OR REPLACE TABLE accepted_{name} AS SELECT * FROM given_rows")
        connection.unregister("given_rows")


def _day(instant: int) -> int:
    local = datetime.fromtimestamp(instant, OSLO).date()
    return (local - date(1970, 1, 1)).days


def _local(instant: int) -> str:
    return datetime.fromtimestamp(instant, OSLO).strftime("%Y-%m-%dT%H:%M:%S")


def contact(
    contact_id: str,
    started_s: int,
    ended_s: int | None,
    *,
    unit: str = "Medicine",
    care_level: str | None = "overnight",
    patient: str = "p",
    parent: str | None = None,
    urgency: str | None = None,
    **more: Any,
) -> Contact:
    """A row of accepted_contacts with the level of its unit, which linking has to look up."""
    return {
        "contact_id": contact_id,
        "patient_id": patient,
        "unit_id": unit,
        "parent_contact_id": parent,
        "level": UNITS[unit],
        "kind": None,
        "service": None,
        "care_level": care_level,
        "started_at": _local(started_s),
        "started_s": started_s,
        "started_day": _day(started_s),
        "started_has_time": True,
        "ended_at": None if ended_s is None else _local(ended_s),
        "ended_s": ended_s,
        "ended_day": None if ended_s is None else _day(ended_s),
        "ended_has_time": None if ended_s is None else True,
        "urgency": urgency,
        "is_acute": None,
        "ended_dead": None,
        "has_time": True,
        **more,
    }


def _rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    answer = connection.execute(query)
    names = [column[0] for column in answer.description or ()]
    return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]


def _link(
    connection: duckdb.DuckDBPyConnection, contacts: Sequence[Contact], **options: Any
) -> Linked:
    """Link the contacts and read the linked tables back in terms of ids."""
    patients = sorted({row["patient_id"] for row in contacts})
    known = _SCHEMAS["contacts"].names
    _accept(
        connection,
        patients=[{"patient_id": patient} for patient in patients],
        units=[{"unit_id": unit, "level": level} for unit, level in UNITS.items()],
        contacts=[{name: row.get(name) for name in known} for row in contacts],
    )
    link(connection, **{"acute": ACUTE, **options})
    return linked_tables(connection)


def linked_tables(connection: duckdb.DuckDBPyConnection) -> Linked:
    return {
        "contacts": _rows(
            connection,
            """SELECT contact_id, level, unit_id, has_children, is_acute, ended_dead, has_time,
                due_day
            FROM linked_contacts JOIN working_days USING (started_day)""",
        ),
        "stays": _rows(
            connection,
            """SELECT s.stay_id, p.id AS patient_id, s.level, s.service, s.started_s,
                s.started_day, s.ended_s, s.ended_day, s.is_acute_first, s.is_acute_any,
                s.first_acute_s, s.ended_dead, s.has_time, s.n_contacts, s.unit_ids,
                a.id AS admitted_unit_id, d.id AS discharged_unit_id, s.next_gp_s,
                s.next_municipal_s, n.stay_id AS next_stay_id, e.gap_s AS next_gap_s,
                e.gap_days AS next_gap_days
            FROM linked_stays s
            JOIN keys_Patient p ON p.node_key = s.patient_key
            JOIN keys_Unit a ON a.node_key = s.admitted_unit_key
            JOIN keys_Unit d ON d.node_key = s.discharged_unit_key
            LEFT JOIN linked_next_stay e ON e.from_key = s.node_key
            LEFT JOIN linked_stays n ON n.node_key = e.to_key""",
        ),
        "parts": _rows(
            connection,
            """SELECT c.contact_id, s.stay_id, p.sequence, p.unit_id, p.previous_unit_id, p.gap_s,
                p.started_s
            FROM linked_part_of_stay p
            JOIN linked_contacts c ON c.node_key = p.contact_key
            JOIN linked_stays s USING (first_contact_key)""",
        ),
        "next_contacts": _rows(
            connection,
            """SELECT a.contact_id, b.contact_id AS next_contact_id,
                n.* EXCLUDE (from_key, to_key)
            FROM linked_next_contact n
            JOIN linked_contacts a ON a.node_key = n.from_key
            JOIN linked_contacts b ON b.node_key = n.to_key""",
        ),
        "runs": _rows(
            connection,
            """SELECT r.level_run_id, p.id AS patient_id, r.level, r.started_s, r.ended_s,
                r.is_acute, r.has_time, r.n_contacts, n.level_run_id AS next_level_run_id,
                e.gap_s AS next_gap_s
            FROM linked_runs r
            JOIN keys_Patient p ON p.node_key = r.patient_key
            LEFT JOIN linked_next_run e ON e.from_key = r.node_key
            LEFT JOIN linked_runs n ON n.node_key = e.to_key""",
        ),
    }


def expected_tables(
    contacts: Sequence[Contact],
    *,
    acute: AcuteRule = ACUTE,
    merge_gap_s: int = 8 * HOUR,
    holidays: str | None = "NO",
) -> Linked:
    """The same tables by the oracle."""
    due_day = oracle.working_day_after(holidays)
    parents = {row["parent_contact_id"] for row in contacts}
    stays = oracle.stay_rows(contacts, codes=acute.codes, merge_gap_s=merge_gap_s)
    leaf_parts = oracle.part_of_stay_rows(stays)
    leaves = {part["contact_id"] for part in leaf_parts}
    known = {row["contact_id"]: row for row in contacts}
    return {
        "contacts": [
            {
                "contact_id": row["contact_id"],
                "level": row["level"],
                "unit_id": row["unit_id"],
                "has_children": row["contact_id"] in parents,
                "is_acute": oracle.acute(row, acute.codes),
                "ended_dead": bool(row["ended_dead"]),
                "has_time": row["has_time"],
                "due_day": due_day(row["started_day"]),
            }
            for row in contacts
        ],
        "stays": [
            {name: value for name, value in stay.items() if name not in _ORACLE_ONLY}
            | {"unit_ids": json.dumps([leaf["unit_id"] for leaf in stay["leaves"]])}
            for stay in stays
        ],
        "parts": leaf_parts
        + [
            {
                "contact_id": contact_id,
                "stay_id": stay["stay_id"],
                "sequence": None,
                "unit_id": known[contact_id]["unit_id"],
                "previous_unit_id": None,
                "gap_s": None,
                "started_s": known[contact_id]["started_s"],
            }
            for stay in stays
            for contact_id in stay["descendant_ids"]
            if contact_id not in leaves
        ],
        "next_contacts": oracle.next_contact_rows(contacts),
        "runs": oracle.run_rows(contacts, codes=acute.codes),
    }


_ORACLE_ONLY = {"leaves", "member_ids", "descendant_ids"}
KEYS = {
    "contacts": "contact_id",
    "stays": "stay_id",
    "parts": "contact_id",
    "next_contacts": "contact_id",
    "runs": "level_run_id",
}


def by_id(linked: Linked) -> dict[str, dict[str, dict[str, Any]]]:
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for name, rows in linked.items():
        if name == "stays":
            rows = [row | {"unit_ids": json.loads(row["unit_ids"])} for row in rows]
        result[name] = {row[KEYS[name]]: row for row in rows}
        assert len(result[name]) == len(rows), f"{name}: a key occurs twice"
    return result


def compare(
    connection: duckdb.DuckDBPyConnection, contacts: Sequence[Contact], **options: Any
) -> dict[str, dict[str, dict[str, Any]]]:
    """Link, insist that the oracle says the same, and return the answer by id."""
    linked = by_id(_link(connection, contacts, **options))
    expected = by_id(expected_tables(contacts, **options))
    for name in KEYS:
        assert linked[name] == expected[name], name
    return linked


@contextmanager
def working_database() -> Iterator[duckdb.DuckDBPyConnection]:
    """A database with all accepted tables, empty."""
    with duckdb.connect(config={"threads": 1}) as opened:
        _accept(opened, **{name: [] for name in _SCHEMAS})
        yield opened
