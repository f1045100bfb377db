"""Random small graphs: the findings on plans and coordinators equal the oracle, on both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.coordination_graphs import DAY, draw
from tests.findings.coordination_oracle import Coordination
from tests.findings.drawn import Row, ask, rows_of

ZONE = "Europe/Oslo"
TABLES = draw(seed=4, n_graphs=150)
DAYS = [DAY, DAY - timedelta(days=1), DAY + timedelta(days=1), DAY - timedelta(days=91)]
NEED = {
    "service_days": 366, "min_dates": 2, "min_span_d": 45, "min_overlap_d": 30,
    "municipal_kinds": ["1", "15"],
}  # fmt: skip


def found(engine: Engine, finding: str, day: date, key: list[str], **asked: Any) -> dict[Any, Row]:
    rows = rows_of(ask(engine, finding, as_of=day, **asked))
    if len(key) == 1:
        return {row[key[0]]: row for row in rows}
    return {tuple(row[name] for name in key): row for row in rows}


def assert_equal(rows: Mapping[Any, Row], expected: Mapping[Any, Any], *columns: str) -> None:
    values = {
        key: row[columns[0]] if len(columns) == 1 else tuple(row[name] for name in columns)
        for key, row in rows.items()
    }
    assert values == dict(expected)


@pytest.fixture(scope="module", params=DAYS, ids=str)
def world(request: pytest.FixtureRequest) -> Coordination:
    return Coordination(TABLES, request.param, ZONE)


@pytest.mark.parametrize("level_days", [365, 90])
def test_unowned_plans(drawn_engine: Engine, world: Coordination, level_days: int) -> None:
    rows = found(drawn_engine, "unowned_plans", world.day, ["plan_id"], level_days=level_days)
    assert_equal(rows, world.unowned_plans(level_days), "reason")


@pytest.mark.parametrize("asked", [{}, {"months": 3, "grace_d": 29}])
def test_stale_plans(drawn_engine: Engine, world: Coordination, asked: dict[str, int]) -> None:
    rows = found(drawn_engine, "stale_plans", world.day, ["plan_id"], **asked)
    assert_equal(rows, world.stale_plans(**asked), "reasons")


def test_contested_and_competing_plans(drawn_engine: Engine, world: Coordination) -> None:
    rows = found(drawn_engine, "contested_plans", world.day, ["plan_id", "level"])
    assert_equal(rows, world.contested_plans(), "owners")
    rows = found(drawn_engine, "competing_plans", world.day, ["patient_id", "kind"])
    assert_equal(rows, world.competing_plans(), "plans")
    active = ask(drawn_engine, "competing_plans", as_of=world.day).manifest["among"]
    assert active == len(world.active_plans())


@pytest.mark.parametrize("asked", [{}, NEED], ids=["default", "wide"])
def test_needs(drawn_engine: Engine, world: Coordination, asked: dict[str, Any]) -> None:
    key = ["patient_id", "duty_level"]
    rows = found(drawn_engine, "coordination_need", world.day, key, **asked)
    need = world.coordination_need(**asked)
    assert_equal(rows, need, "basis", "since", "clinics")
    rows = found(drawn_engine, "missing_coordinator", world.day, key, **asked)
    assert set(rows) == world.missing_coordinator(**asked)
    result = ask(drawn_engine, "missing_coordinator", as_of=world.day, **asked)
    assert result.manifest["among"] == len({patient for patient, _ in need})
    rows = found(drawn_engine, "missing_individual_plan", world.day, ["patient_id"], **asked)
    expected = world.missing_individual_plan(**asked)
    assert_equal(rows, expected, "basis", "since", "has_draft")
    among = ask(drawn_engine, "coordination_need", as_of=world.day).manifest["among"]
    assert among == len(world.patients)


@pytest.mark.parametrize("within_days", [365, 30])
def test_ended_coordinator(drawn_engine: Engine, world: Coordination, within_days: int) -> None:
    key = ["patient_id", "duty_level"]
    rows = found(drawn_engine, "ended_coordinator", world.day, key, within_days=within_days)
    expected = {
        key: (row["reason"], row["ended_on"], row["need_status"])
        for key, row in world.ended_coordinator(within_days).items()
    }
    assert_equal(rows, expected, "reason", "ended_on", "need_status")


def test_conflicting_coordinators(drawn_engine: Engine, world: Coordination) -> None:
    key = ["patient_id", "duty_level", "kind"]
    rows = found(drawn_engine, "conflicting_coordinators", world.day, key)
    assert_equal(rows, world.conflicting_coordinators(), "coordinators")


def test_waits(drawn_engine: Engine, world: Coordination) -> None:
    waits = world.coordinator_waits()
    rows = found(drawn_engine, "coordinator_waits", world.day, ["patient_id"])
    assert_equal(rows, {p: (s, float(d)) for p, (s, d) in waits.items()}, "status", "days")
    rows = found(drawn_engine, "late_coordinator", world.day, ["patient_id"], max_days=60)
    assert set(rows) == {patient for patient, (_, days) in waits.items() if days > 60}
    (row,) = rows_of(ask(drawn_engine, "coordinator_delay", as_of=world.day))
    counts = Counter(status for status, _ in waits.values())
    names = ("appointed", "died", "moved", "waiting")
    assert {name: row[f"n_{name}"] for name in names} == {name: counts[name] for name in names}


def test_the_graphs_hold_something_to_find(world: Coordination) -> None:
    """Every answer of the oracle is met often enough to be tested."""
    # Municipal services are covered since July 2023: a year back none of them is known to be left.
    assert set(world.unowned_plans(90).values()) == {
        "never_owned", "ownership_ended", "owner_left", "unit_closed", "level_left",
    }  # fmt: skip
    reasons = Counter(reason for reasons in world.stale_plans().values() for reason in reasons)
    assert len(reasons) == 3
    assert min(reasons.values()) >= 3
    assert len(world.contested_plans()) >= 3
    assert len(world.competing_plans()) >= 3
    need = world.coordination_need()
    assert {(duty, basis) for (_, duty), (basis, _, _) in need.items()} == {
        (duty, basis)
        for duty in ("specialist", "municipal")
        for basis in ("recorded_need", "proxy")
    }
    assert len(world.missing_coordinator()) < len(need)
    ended = Counter(row["reason"] for row in world.ended_coordinator().values())
    assert len(ended) == 3
    assert len(world.conflicting_coordinators()) >= 3
    assert len({status for status, _ in world.coordinator_waits().values()}) == 4
