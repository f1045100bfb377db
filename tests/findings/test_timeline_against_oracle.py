"""Random patients with a timeline: ``patient_timeline`` equals the oracle, on both engines."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from functools import cache

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import Row, ask, assert_same_rows, rows_of
from tests.findings.timeline_graphs import DAYS, draw
from tests.findings.timeline_oracle import Timelines

ZONE = "Europe/Oslo"
TABLES = draw(seed=17, n_graphs=60)
_PATIENTS = [row["patient_id"] for row in TABLES["patients"]]


@cache
def timelines(day: date) -> dict[str, list[Row]]:
    """What the oracle says of those who are asked about."""
    world = Timelines(TABLES, day, ZONE)
    return {patient: world.timeline(patient) for patient in sample(day)}


@cache
def sample(day: date) -> list[str]:
    """Return some patients for whom something happens on the very day, of each sort, and others."""
    contact_of = {row["contact_id"]: row["patient_id"] for row in TABLES["contacts"]}
    plan_of = {row["plan_id"]: row["patient_id"] for row in TABLES["plans"]}
    found: dict[tuple[str, str], list[str]] = {}
    for table in TABLES:
        for row in TABLES[table]:
            patient = row.get("patient_id") or contact_of.get(row.get("contact_id", ""))
            patient = patient or plan_of.get(row.get("plan_id", ""))
            for column, value in row.items():
                if patient and isinstance(value, str) and value[:10] == day.isoformat():
                    found.setdefault((table, column), []).append(patient)
    others = random.Random(day.toordinal()).sample(_PATIENTS, 6)
    chosen = [patient for own in found.values() for patient in own[:2]]
    return list(dict.fromkeys([*chosen, *others]))


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_patient_timeline(drawn_engine: Engine, day: date) -> None:
    for patient in sample(day):
        result = ask(drawn_engine, "patient_timeline", patient=patient, as_of=day)
        assert_same_rows(rows_of(result), timelines(day)[patient], result.finding.key)


def test_the_graphs_hold_every_sort_of_row() -> None:
    met: Counter[object] = Counter()
    for day in DAYS:
        for rows in timelines(day).values():
            met += Counter((row["what"], row["status"]) for row in rows)
    expected = {
        "contact": ("going_on", "ended", "ended_dead", "end_not_recorded"),
        "stay": ("going_on", "ended", "ended_dead"),
        "ready_period": ("going_on", "ended", "end_not_recorded"),
        "notice": (None,),
        "role": ("held", "role_ended", "holder_left", "unit_closed", "not_there"),
        "plan_owner": ("held", "ownership_ended", "owner_left", "unit_closed", "not_there"),
        "plan": ("active", "draft", "on_hold", "completed", "not_recorded"),
        "plan_revision": (None,),
        "referral": ("not_assessed", "assessed", "accepted", "rejected"),
        "first_meeting": (None,),
        "assessment": ("needs", "declined", "criteria_not_met", "unknown"),
        "residence": ("going_on", "ended"),
        "death": (None,),
    }
    assert set(met) == {(what, status) for what, all_ in expected.items() for status in all_}
    assert min(met.values()) >= 2, met


def test_the_graphs_hold_parts_of_what_had_not_begun() -> None:
    n_without_whole = sum(
        row["what"] == "contact" and row["part_of"] is None and row["care_level"] is None
        for day in DAYS
        for rows in timelines(day).values()
        for row in rows
    )
    assert n_without_whole
