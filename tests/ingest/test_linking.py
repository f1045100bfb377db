"""Linking against a second, plain-Python reading of the same rules, and against drawn cases."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathgraph.ingest.linking import link
from pathgraph.ingest.sources import AcuteRule
from pathgraph.model.tables import CANONICAL_TABLES
from pathgraph.model.types import ColumnType, Table
from tests.ingest import linking_oracle as oracle
from tests.ingest.source_reading import SourceRun, open_data

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


# --- from dictionaries to accepted tables, and from linked tables back to dictionaries ---


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
    return _linked(connection)


def _linked(connection: duckdb.DuckDBPyConnection) -> Linked:
    return {
        "contacts": _rows(
            connection,
            """SELECT contact_id, level, is_acute, ended_dead, has_time, due_day
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


def _expected(
    contacts: Sequence[Contact],
    *,
    acute: AcuteRule = ACUTE,
    merge_gap_s: int = 8 * HOUR,
    holidays: str | None = "NO",
) -> Linked:
    """The same tables by the oracle."""
    due_day = oracle.working_day_after(holidays)
    stays = oracle.stay_rows(contacts, codes=acute.codes, merge_gap_s=merge_gap_s)
    leaf_parts = oracle.part_of_stay_rows(stays)
    leaves = {part["contact_id"] for part in leaf_parts}
    known = {row["contact_id"]: row for row in contacts}
    return {
        "contacts": [
            {
                "contact_id": row["contact_id"],
                "level": row["level"],
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
_KEYS = {
    "contacts": "contact_id",
    "stays": "stay_id",
    "parts": "contact_id",
    "next_contacts": "contact_id",
    "runs": "level_run_id",
}


def _by_id(linked: Linked) -> dict[str, dict[str, dict[str, Any]]]:
    result: dict[str, dict[str, dict[str, Any]]] = {}
    for name, rows in linked.items():
        if name == "stays":
            rows = [row | {"unit_ids": json.loads(row["unit_ids"])} for row in rows]
        result[name] = {row[_KEYS[name]]: row for row in rows}
        assert len(result[name]) == len(rows), f"{name}: a key occurs twice"
    return result


def _compare(
    connection: duckdb.DuckDBPyConnection, contacts: Sequence[Contact], **options: Any
) -> dict[str, dict[str, dict[str, Any]]]:
    """Link, insist that the oracle says the same, and return the answer by id."""
    linked = _by_id(_link(connection, contacts, **options))
    expected = _by_id(_expected(contacts, **options))
    for name in _KEYS:
        assert linked[name] == expected[name], name
    return linked


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        _accept(opened, **{name: [] for name in _SCHEMAS})
        yield opened


# --- random small sets of contacts ---

# An evening before the night with 25 hours, one before that with 23, New Year's Eve, a noon before
# Easter, and the start of 1970, before which instants are negative.
_BASES = tuple(
    int(datetime(*when, tzinfo=OSLO).timestamp())
    for when in (
        (2024, 10, 26, 20),
        (2024, 3, 30, 20),
        (2023, 12, 31, 23),
        (2024, 3, 27, 12),
        (1970, 1, 1, 6),
    )
)
_STEPS = (
    -30 * HOUR,
    -HOUR,
    0,
    1,
    7 * HOUR,
    8 * HOUR - 1,
    8 * HOUR,
    8 * HOUR,
    8 * HOUR + 1,
    9 * HOUR,
    30 * HOUR,
    30 * DAY,
)
_CARE_LEVELS = ("overnight", "overnight", "overnight", "overnight", "outpatient", "day", None)
_DURATIONS = (0, 1, HOUR, 8 * HOUR, DAY, 4 * DAY)


@st.composite
def _patient_contacts(draw: st.DrawFn, patient: str) -> list[Contact]:
    """One patient's contacts; starts cling to what was before, so that boundaries are met."""
    base = draw(st.sampled_from(_BASES))
    rows: list[Contact] = []
    # Ids in an order of their own, so that ties in time fall either way.
    order = random.Random(draw(st.integers(0, 999)))
    names = order.sample([f"{patient}{n}" for n in range(-3, 40)], k=30)

    def add(anchor: int, parent: Contact | None) -> Contact:
        care_level = draw(st.sampled_from(_CARE_LEVELS))
        has_end = care_level == "overnight" or draw(st.booleans())
        started_s = anchor + draw(st.sampled_from(_STEPS))
        rows.append(
            contact(
                names[len(rows)],
                started_s,
                started_s + draw(st.sampled_from(_DURATIONS)) if has_end else None,
                unit=draw(st.sampled_from((*UNITS, *["Medicine", "Surgery"] * 3))),
                care_level=care_level,
                patient=patient,
                parent=None if parent is None else parent["contact_id"],
                urgency=draw(st.sampled_from((None, "1", "3", "4", "4", "4", "5"))),
                is_acute=draw(st.sampled_from((None, None, None, True, False))),
                ended_dead=draw(st.sampled_from((None, False, True))),
                service=draw(st.sampled_from((None, "rehabilitation"))),
                kind=draw(st.sampled_from((None, "a", "b"))),
            )
        )
        return rows[-1]

    for _ in range(draw(st.integers(1, 6))):
        ends = [row["ended_s"] or row["started_s"] for row in rows] or [base]
        starts = [row["started_s"] for row in rows] or [base]
        top = add(draw(st.sampled_from((max(ends), max(ends), starts[-1]))), None)
        for _ in range(draw(st.sampled_from((0, 0, 0, 1, 2)))):
            child = add(top["started_s"], top)
            if draw(st.sampled_from((False, False, True))):
                add(child["started_s"], child)
    _open_some(draw, rows)
    return rows


def _open_some(draw: st.DrawFn, rows: list[Contact]) -> None:
    """Take away ends where the check lets a contact pass without one."""
    allowed = [
        row
        for row in rows
        if row["parent_contact_id"] is not None
        or row["care_level"] != "overnight"
        or row["level"] not in oracle.STAY_LEVELS
    ]
    allowed += oracle.in_order(oracle.overnight(rows, oracle.STAY_LEVELS))[-1:]
    for row in allowed:
        if draw(st.sampled_from((False, False, True))):
            row.update(ended_at=None, ended_s=None, ended_day=None, ended_has_time=None)


@st.composite
def _contact_sets(draw: st.DrawFn) -> list[Contact]:
    rows = [
        row for patient in ("p", "q")[: draw(st.integers(1, 2))]
        for row in draw(_patient_contacts(patient))
    ]  # fmt: skip
    return draw(st.permutations(rows))


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(
    contacts=_contact_sets(),
    acute=st.sampled_from((ACUTE, ALL_ACUTE, AcuteRule((), "None."))),
    merge_gap_s=st.sampled_from((8 * HOUR, 8 * HOUR, 0, 24 * HOUR)),
    holidays=st.sampled_from(("NO", "NO", None)),
)
def test_linking_agrees_with_the_oracle(
    connection: duckdb.DuckDBPyConnection,
    contacts: list[Contact],
    acute: AcuteRule,
    merge_gap_s: int,
    holidays: str | None,
) -> None:
    _compare(connection, contacts, acute=acute, merge_gap_s=merge_gap_s, holidays=holidays)


@pytest.mark.parametrize(
    ("source", "folder"),
    [("mimic-iv", "mimic-iv-demo-2.2"), ("synthea", "synthea-csv-unmc-100")],
)
def test_linking_open_data_agrees_with_the_oracle(source: str, folder: str) -> None:
    run = SourceRun(source, open_data(folder))
    run.check()
    contacts = run.query(
        """SELECT c.*, u.level, c.started_has_time AND coalesce(c.ended_has_time, true) AS has_time
        FROM accepted_contacts c JOIN accepted_units u USING (unit_id)"""
    )
    link(run.connection, acute=run.content.acute)
    linked = _by_id(_linked(run.connection))
    expected = _by_id(_expected(contacts, acute=run.content.acute))
    assert len(linked["contacts"]) == len(contacts)
    for name in _KEYS:
        assert linked[name] == expected[name], name


# --- drawn cases: what the rules say in so many words; the oracle is held to them as well ---


def _at(*when: int, fold: int = 0) -> int:
    return int(datetime(*when, tzinfo=OSLO, fold=fold).timestamp())  # type: ignore[arg-type,misc]


_NOON = _at(2024, 1, 10, 12)


def _two_stays(gap_s: int, **second: Any) -> list[Contact]:
    start = _NOON + DAY + gap_s
    return [contact("a", _NOON, _NOON + DAY), contact("b", start, start + DAY, **second)]


@pytest.mark.parametrize(
    ("gap_s", "n_stays"),
    [(-HOUR, 1), (0, 1), (8 * HOUR - 1, 1), (8 * HOUR, 2), (8 * HOUR + 1, 2), (30 * DAY, 2)],
)
def test_a_contact_less_than_8_hours_after_the_end_is_the_same_stay(
    connection: duckdb.DuckDBPyConnection, gap_s: int, n_stays: int
) -> None:
    linked = _compare(connection, _two_stays(gap_s, unit="Surgery"))
    assert len(linked["stays"]) == n_stays
    if n_stays == 2:
        assert linked["stays"]["a"]["next_stay_id"] == "b"
        assert linked["stays"]["a"]["next_gap_s"] == gap_s


def test_the_merge_gap_is_an_option(connection: duckdb.DuckDBPyConnection) -> None:
    assert len(_compare(connection, _two_stays(12 * HOUR), merge_gap_s=13 * HOUR)["stays"]) == 1
    assert len(_compare(connection, _two_stays(HOUR), merge_gap_s=HOUR)["stays"]) == 2


def test_returned_from_another_hospital_continues_the_stay_at_any_gap(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = _compare(connection, _two_stays(30 * DAY, urgency="5"))
    assert linked["stays"]["a"]["n_contacts"] == 2
    assert linked["stays"]["a"]["ended_s"] == _NOON + 32 * DAY
    # With nothing to return to it is a stay of its own.
    alone = [contact("a", _NOON, _NOON + DAY, urgency="5")]
    assert set(_compare(connection, alone)["stays"]) == {"a"}


def test_the_running_maximum_of_the_ends_counts_not_the_last_end(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = _compare(
        connection,
        [
            contact("long", _NOON, _NOON + 10 * DAY),
            contact("inside", _NOON + DAY, _NOON + 2 * DAY),
            contact("after", _NOON + 10 * DAY + HOUR, _NOON + 11 * DAY),
        ],
    )
    assert set(linked["stays"]) == {"long"}
    assert linked["stays"]["long"]["ended_s"] == _NOON + 11 * DAY


def test_a_stay_whose_long_contact_ends_last_ends_with_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = _compare(
        connection,
        [
            contact("long", _NOON, _NOON + 10 * DAY),
            contact("inside", _NOON + DAY, _NOON + 2 * DAY),
        ],
    )
    assert linked["stays"]["long"]["ended_s"] == _NOON + 10 * DAY


@pytest.mark.parametrize(
    ("unit", "care_level", "parent", "is_stay"),
    [
        ("Medicine", "overnight", None, True),
        ("Psychiatric ward", "overnight", None, True),
        ("Nursing home", "overnight", None, False),
        ("Casualty", "overnight", None, False),
        ("Medicine", "day", None, False),
        ("Medicine", "outpatient", None, False),
        ("Medicine", None, None, False),
        ("Medicine", "overnight", "visit", False),
    ],
)
def test_only_overnight_contacts_without_parent_in_hospital_or_psychiatry_make_stays(
    connection: duckdb.DuckDBPyConnection,
    unit: str,
    care_level: str | None,
    parent: str | None,
    is_stay: bool,
) -> None:
    rows = [
        contact("visit", _NOON, _NOON + HOUR, care_level="outpatient"),
        contact("x", _NOON, _NOON + DAY, unit=unit, care_level=care_level, parent=parent),
    ]
    assert bool(_compare(connection, rows)["stays"]) is is_stay


def test_patients_do_not_share_stays_or_next_contacts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + DAY, patient="p"),
        contact("b", _NOON + DAY, _NOON + 2 * DAY, patient="q"),
    ]
    linked = _compare(connection, rows)
    assert set(linked["stays"]) == {"a", "b"}
    assert not linked["next_contacts"]


def test_ties_in_time_are_broken_by_id(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        contact("b", _NOON, _NOON + DAY, unit="Surgery"),
        contact("a", _NOON, _NOON + HOUR, unit="Medicine"),
        contact("-1", _NOON, _NOON + HOUR, unit="Psychiatric ward"),
    ]
    linked = _compare(connection, rows)
    stay = linked["stays"]["-1"]
    assert stay["unit_ids"] == ["Psychiatric ward", "Medicine", "Surgery"]
    assert stay["level"] == "psychiatry"
    assert (stay["admitted_unit_id"], stay["discharged_unit_id"]) == ("Psychiatric ward", "Surgery")


def test_eight_hours_are_elapsed_hours_when_the_clock_goes_back(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    # 23:00 to 06:30 looks like 7.5 hours and lasts 8.5.
    end, start = _at(2024, 10, 26, 23), _at(2024, 10, 27, 6, 30)
    rows = [contact("a", end - DAY, end), contact("b", start, start + DAY)]
    assert set(_compare(connection, rows)["stays"]) == {"a", "b"}


def test_eight_hours_are_elapsed_hours_when_the_clock_goes_forward(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    # 23:00 to 07:30 looks like 8.5 hours and lasts 7.5.
    end, start = _at(2024, 3, 30, 23), _at(2024, 3, 31, 7, 30)
    rows = [contact("a", end - DAY, end), contact("b", start, start + DAY)]
    assert set(_compare(connection, rows)["stays"]) == {"a"}


def test_acute_first_and_acute_any_are_two_things(connection: duckdb.DuckDBPyConnection) -> None:
    rows = _two_stays(HOUR, urgency="1")
    rows[0]["urgency"] = "4"
    stay = _compare(connection, rows)["stays"]["a"]
    assert (stay["is_acute_first"], stay["is_acute_any"]) == (False, True)
    assert stay["first_acute_s"] == rows[1]["started_s"]


def test_what_is_registered_as_acute_goes_before_the_rule(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [contact("a", _NOON, _NOON + DAY, urgency="1", is_acute=False)]
    assert _compare(connection, rows)["stays"]["a"]["is_acute_first"] is False
    assert _compare(connection, rows, acute=ALL_ACUTE)["stays"]["a"]["is_acute_first"] is False


def test_without_codes_all_overnight_contacts_in_hospital_are_acute_and_no_others(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("in", _NOON, _NOON + DAY),
        contact("day", _NOON + 2 * DAY, None, care_level="day"),
        contact("home", _NOON + 3 * DAY, None, unit="Nursing home"),
    ]
    linked = _compare(connection, rows, acute=ALL_ACUTE)
    acute = {key for key, row in linked["contacts"].items() if row["is_acute"]}
    assert acute == {"in"}


def test_an_open_stay_has_no_end_no_gap_and_no_follow_up(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + DAY),
        contact("b", _NOON + DAY, None),
        contact("c", _NOON + 2 * DAY, _NOON + 2 * DAY, unit="GP", care_level="outpatient"),
    ]
    stay = _compare(connection, rows)["stays"]["a"]
    assert stay["n_contacts"] == 2
    assert stay["ended_s"] is stay["ended_day"] is stay["next_gp_s"] is None


def test_a_death_in_any_contact_ends_the_stay_with_death(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = _two_stays(HOUR)
    rows[0]["ended_dead"] = True
    assert _compare(connection, rows)["stays"]["a"]["ended_dead"] is True


def _admission() -> list[Contact]:
    """An admission with an emergency visit before it, two wards, and a bed within the second."""
    return [
        contact("adm", _NOON, _NOON + 3 * DAY),
        contact(
            "ed",
            _NOON - 4 * HOUR,
            _NOON + HOUR,
            unit="Casualty",
            care_level=None,
            parent="adm",
        ),
        contact("w1", _NOON + HOUR, _NOON + DAY, unit="Surgery", care_level=None, parent="adm"),
        contact("w2", _NOON + DAY, _NOON + 3 * DAY, care_level=None, parent="adm"),
        contact(
            "bed",
            _NOON + 2 * DAY,
            _NOON + 3 * DAY,
            unit="Psychiatric ward",
            care_level=None,
            parent="w2",
        ),
    ]


def test_contacts_of_any_depth_below_an_admission_are_part_of_its_stay(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = _compare(connection, _admission())
    stay = linked["stays"]["adm"]
    assert stay["n_contacts"] == 1
    # The emergency visit began before the admission, and the stay begins where the admission does.
    assert stay["started_s"] == _NOON
    assert stay["unit_ids"] == ["Casualty", "Surgery", "Psychiatric ward"]
    assert stay["admitted_unit_id"] == "Casualty"
    assert stay["discharged_unit_id"] == "Psychiatric ward"
    places = {key: part["sequence"] for key, part in linked["parts"].items()}
    assert places == {"adm": None, "ed": 1, "w1": 2, "w2": None, "bed": 3}
    assert linked["parts"]["bed"]["previous_unit_id"] == "Surgery"
    assert linked["parts"]["bed"]["gap_s"] == DAY
    assert set(linked["next_contacts"]) == {"ed", "w1"}


def test_the_last_child_is_the_one_that_starts_last_not_the_one_that_ends_last(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("adm", _NOON, _NOON + 3 * DAY),
        contact("w1", _NOON, _NOON + 3 * DAY, unit="Surgery", care_level=None, parent="adm"),
        contact("w2", _NOON + DAY, _NOON + 2 * DAY, care_level=None, parent="adm"),
    ]
    assert _compare(connection, rows)["stays"]["adm"]["discharged_unit_id"] == "Medicine"


def test_the_next_contact_begins_at_no_gap_when_it_began_before_the_end(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + 3 * DAY),
        contact("b", _NOON + DAY, _NOON + DAY + HOUR, unit="GP", care_level="outpatient"),
        contact("c", _NOON + 2 * DAY, None, unit="GP", care_level="outpatient"),
        contact("d", _NOON + 4 * DAY, None),
        contact("e", _NOON + 9 * DAY, None, unit="GP", care_level="outpatient"),
    ]
    gaps = {
        key: (row["gap_s"], row["gap_days"])
        for key, row in _compare(connection, rows)["next_contacts"].items()
    }
    assert gaps == {
        "a": (0, 0),
        "b": (DAY - HOUR, 1),
        # Without an end an outpatient contact lasted no time, an overnight one goes on.
        "c": (2 * DAY, 2),
        "d": (0, 0),
    }


def test_both_gaps_between_two_contacts_of_a_stay_are_the_same(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + 2 * DAY),
        contact("b", _NOON + HOUR, None, unit="Surgery"),
        contact("w", _NOON + DAY, _NOON + 2 * DAY, unit="Surgery", care_level=None, parent="a"),
    ]
    linked = _compare(connection, rows)
    assert linked["parts"]["w"]["gap_s"] == linked["next_contacts"]["b"]["gap_s"] == 0


def test_gap_days_are_calendar_days(connection: duckdb.DuckDBPyConnection) -> None:
    end, start = _at(2023, 12, 31, 23, 59), _at(2024, 1, 1, 0, 1)
    rows = [
        contact("a", end - HOUR, end, care_level="outpatient"),
        contact("b", start, start + HOUR, care_level="outpatient"),
    ]
    edge = _compare(connection, rows)["next_contacts"]["a"]
    assert (edge["gap_s"], edge["gap_days"]) == (120, 1)


def test_follow_up_is_the_first_contact_at_or_after_the_end(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    end = _NOON + DAY
    rows = [
        contact("a", _NOON, end),
        contact("before", end - 1, end + HOUR, unit="GP", care_level="outpatient"),
        contact("at", end, end + HOUR, unit="GP", care_level="outpatient"),
        contact("later", end + DAY, end + DAY, unit="GP", care_level="outpatient"),
        contact("home", end + 5 * DAY, None, unit="Nursing home"),
        contact("other", end + 1, end + 2, unit="Nursing home", patient="q"),
    ]
    stay = _compare(connection, rows)["stays"]["a"]
    assert (stay["next_gp_s"], stay["next_municipal_s"]) == (end, end + 5 * DAY)


def test_equal_neighbours_collapse_to_runs_and_nothing_else_comes_between(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a1", _NOON, _NOON + DAY, urgency="4"),
        contact("a2", _NOON + 20 * DAY, _NOON + 21 * DAY, unit="Surgery", urgency="1"),
        contact("gp", _NOON + 22 * DAY, None, unit="GP", care_level="outpatient"),
        contact("b", _NOON + 23 * DAY, _NOON + 25 * DAY, unit="Nursing home"),
        contact("a3", _NOON + 30 * DAY, None),
    ]
    runs = _compare(connection, rows)["runs"]
    assert [(key, row["level"], row["n_contacts"]) for key, row in sorted(runs.items())] == [
        ("a1", "hospital", 2),
        ("a3", "hospital", 1),
        ("b", "municipal", 1),
    ]
    assert runs["a1"]["ended_s"] == _NOON + 21 * DAY
    assert runs["a1"]["is_acute"] is False
    assert (runs["a1"]["next_level_run_id"], runs["a1"]["next_gap_s"]) == ("b", 2 * DAY)
    assert (runs["b"]["next_level_run_id"], runs["b"]["next_gap_s"]) == ("a3", 5 * DAY)
    assert runs["a3"]["ended_s"] is None


def test_a_run_with_an_open_contact_is_open(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        contact("b1", _NOON, None, unit="Nursing home"),
        contact("b2", _NOON + DAY, _NOON + 2 * DAY, unit="Nursing home"),
        contact("a", _NOON + 3 * DAY, _NOON + 4 * DAY),
    ]
    run = _compare(connection, rows)["runs"]["b1"]
    assert (run["ended_s"], run["next_level_run_id"], run["next_gap_s"]) == (None, "a", None)


@pytest.mark.parametrize(
    ("started", "country", "due"),
    [
        ((2024, 1, 10), "NO", (2024, 1, 11)),  # Wednesday to Thursday
        ((2024, 1, 12), "NO", (2024, 1, 15)),  # Friday over the weekend
        ((2024, 1, 13), "NO", (2024, 1, 15)),  # Saturday
        ((2024, 3, 27), "NO", (2024, 4, 2)),  # Wednesday before Easter to Tuesday after
        ((2024, 5, 16), "NO", (2024, 5, 21)),  # Constitution Day, weekend, Whit Monday
        ((2023, 12, 31), "NO", (2024, 1, 2)),  # over New Year
        ((2024, 3, 27), None, (2024, 3, 28)),  # weekends only
    ],
)
def test_due_day_is_the_first_working_day_after_the_start(
    connection: duckdb.DuckDBPyConnection,
    started: tuple[int, int, int],
    country: str | None,
    due: tuple[int, int, int],
) -> None:
    # Late in the evening: the local day counts, not the day in UTC.
    start = _at(*started, 23, 30)
    linked = _compare(connection, [contact("a", start, start + DAY)], holidays=country)
    epoch = date(1970, 1, 1)
    assert epoch + timedelta(days=linked["contacts"]["a"]["due_day"]) == date(*due)


def test_nothing_comes_of_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    assert all(not rows for rows in _compare(connection, []).values())
