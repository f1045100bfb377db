"""Random regions: ``priority`` and ``new_since`` equal the oracle, on both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import Row, ask, assert_same_rows, rows_of
from tests.findings.levels_oracle import Levels
from tests.findings.worklist_graphs import ZONE, region
from tests.findings.worklist_oracle import EVENTS, WorkLists, new_since

TABLES = region(seed=5, n_patients=220)
_DAYS = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 4, 1), date(2025, 3, 20)]
_SINCE = [(_DAYS[2], _DAYS[1]), (_DAYS[2], _DAYS[0]), (_DAYS[3], _DAYS[2])]
"""The day, and the earlier one."""

_CASES = {
    "dead", "no revolving-door patient now", "old no_follow_up_after_discharge",
    "old missing_contact_physician", "not recorded", "appointed since", "old bouncing",
    "no longer waiting", "covered ended_coordinator", "covered late_coordinator",
    "told apart by n_findings", "told apart by n_duties", "told apart by latest_on",
    "told apart by patient_id", "several rows", "no date", "event to come",
}  # fmt: skip

Lists = Callable[[date, int], WorkLists]


@pytest.fixture(scope="module")
def lists(drawn_engine: Engine) -> Lists:
    """A function that gives the work lists of a day as the oracle sees them."""

    @cache
    def answers(day: date) -> dict[str, list[Row]]:
        return {finding: rows_of(ask(drawn_engine, finding, as_of=day)) for finding in EVENTS}

    @cache
    def on(day: date, recent_days: int = 90) -> WorkLists:
        return WorkLists(Levels(TABLES, day, ZONE), answers(day), recent_days)

    return on


def tail(reason: str) -> str:
    """Return how a reason ends, after its words: when, and how many rows there are."""
    words, bracket, rest = reason.partition(" (")
    assert words
    return bracket + rest


def check_priority(engine: Engine, world: WorkLists, **asked: Any) -> None:
    result = ask(engine, "priority", as_of=world.levels.iso, recent_days=world.recent_days, **asked)
    expected = world.priority(asked.get("min_findings", 2))
    found = [{**row, "reasons": list(map(tail, row["reasons"]))} for row in rows_of(result)]
    assert_same_rows(found, expected, result.finding.key)
    assert result.manifest["among"] == len(world.alive)


@pytest.mark.parametrize("day", _DAYS, ids=str)
def test_priority(drawn_engine: Engine, lists: Lists, day: date) -> None:
    check_priority(drawn_engine, lists(day, 90))
    check_priority(drawn_engine, lists(day, 90), min_findings=4)
    check_priority(drawn_engine, lists(day, 30), min_findings=1)


def test_the_first_of_the_recent_days(drawn_engine: Engine, lists: Lists) -> None:
    day = _DAYS[2]
    returns = [max(days) for days in lists(day, 3660).events["bouncing"].values()]
    distances = sorted({(day - date.fromisoformat(text)).days for text in returns})
    n = distances[len(distances) // 2]
    before, on = lists(day, n), lists(day, n + 1)
    assert len(before.events["bouncing"]) < len(on.events["bouncing"])
    for world in (before, on):
        check_priority(drawn_engine, world, min_findings=1)


@pytest.mark.parametrize(("day", "since"), _SINCE)
@pytest.mark.parametrize("recent_days", [90, 30])
def test_new_since(
    drawn_engine: Engine, lists: Lists, day: date, since: date, recent_days: int
) -> None:
    now, before = lists(day, recent_days), lists(since, recent_days)
    result = ask(
        drawn_engine, "new_since", as_of=day, since=since.isoformat(), recent_days=recent_days
    )
    found = [{**row, "reason": tail(row["reason"])} for row in rows_of(result)]
    expected = new_since(now, before)
    assert_same_rows(found, expected, result.finding.key)
    assert result.manifest["among"] == len(now.alive)
    assert {row["is_first"] for row in expected} == {True, False}


def test_the_regions_hold_what_is_easily_got_wrong(lists: Lists) -> None:
    met: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for day in _DAYS:
        world = lists(day, 90)
        world.priority(1)
        met += world.met
        rows += Counter({finding: len(own) for finding, own in world.events.items()})
    few = {name: n for name, n in rows.items() if n < 2}
    assert not few
    assert set(rows) == set(EVENTS)
    assert set(met) == _CASES
