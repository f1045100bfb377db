"""Linking against a second, plain-Python reading of the same rules."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pathgraph.ingest.linking import link
from pathgraph.ingest.sources import AcuteRule
from tests.ingest import linking_oracle as oracle
from tests.ingest.linked_tables import (
    ACUTE,
    ALL_ACUTE,
    DAY,
    HOUR,
    KEYS,
    OSLO,
    UNITS,
    Contact,
    by_id,
    compare,
    contact,
    expected_tables,
    linked_tables,
    working_database,
)
from tests.ingest.source_reading import SourceRun, open_data

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


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with working_database() as opened:
        yield opened


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
    compare(connection, contacts, acute=acute, merge_gap_s=merge_gap_s, holidays=holidays)


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
    linked = by_id(linked_tables(run.connection))
    expected = by_id(expected_tables(contacts, acute=run.content.acute))
    assert len(linked["contacts"]) == len(contacts)
    for name in KEYS:
        assert linked[name] == expected[name], name
