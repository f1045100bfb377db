"""Random patients who come and go: ``before_the_return`` equals the oracle, on both engines."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, assert_same_rows, rows_of
from tests.findings.oracle import n_with_acute_stay
from tests.findings.returns_graphs import ZONE, days_to_ask, region
from tests.findings.returns_oracle import Returns

TABLES = region(seed=1, n_patients=300)
_DAYS = days_to_ask(TABLES, seed=1, n=4)
_ASKED: tuple[dict[str, Any], ...] = (
    {},
    {"min_stays": 2, "window_days": 60},
    {"min_stays": 2, "acute": "any"},
)


_CASES = (
    *("n_gp", "n_municipal", "n_emergency", "n_outpatient", "n_psychiatry", "administrative"),
    *(
        f"{name} {is_there}"
        for name in ("coordinator", "contact_physician", "plan", "team_referral")
        for is_there in (True, False)
    ),
    *(
        f"{name} {what} on the day"
        for name in ("role", "employment", "unit", "plan")
        for what in ("begins", "ends")
    ),
    "status begins on the day", "referral sent on the day", "referral closed on the day",
    "a second before the discharge", "at the second of the discharge",
    "at the second of the return",
    "part of a stay", "part of a stay at another level", "part of a visit",
    "overnight or no care level", "during a planned stay",
    "planned stay in between", "return that goes on",
    "not the latest discharge is the last missed",
)  # fmt: skip


def check(engine: Engine, world: Returns, asked: dict[str, Any]) -> None:
    result = ask(engine, "before_the_return", as_of=world.iso, **asked)
    assert_same_rows(rows_of(result), world.rows(**asked), result.finding.key)
    acute = str(asked.get("acute", "first"))
    assert result.manifest["among"] == n_with_acute_stay(world.world, acute)


@pytest.mark.parametrize("day", _DAYS, ids=str)
def test_before_the_return(drawn_engine: Engine, day: Any) -> None:
    world = Returns(TABLES, day, ZONE)
    for asked in _ASKED:
        check(drawn_engine, world, asked)


def test_the_graphs_hold_what_is_easily_got_wrong() -> None:
    met: Counter[str] = Counter()
    for day in _DAYS:
        world = Returns(TABLES, day, ZONE)
        for asked in _ASKED:
            world.rows(**asked)
        met += world.met
    few = {name: met[name] for name in _CASES if met[name] < 5}
    assert not few
    # Everything that the oracle counts is one of the cases: a name misspelt would never be met.
    assert set(met) == set(_CASES)
