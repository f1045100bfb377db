"""Random regions: findings between the levels equal the plain-Python oracle, on both engines."""

from __future__ import annotations

from datetime import date
from typing import Any

from pathgraph.engine.base import Engine
from tests.findings import levels_oracle, people_oracle, places_oracle
from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, ask, assert_same_rows, rows_of
from tests.findings.level_graphs import ZONE, days_to_ask, region
from tests.findings.levels_oracle import Levels

SEEDS = (1, 2, 3)
_PATIENTS, _DAYS = 120, 2


def compare(
    engine: Engine, finding: str, day: date, expected: list[Row], among: int | None, **asked: Any
) -> int:
    result = ask(engine, finding, as_of=day, **asked)
    assert_same_rows(rows_of(result), expected, result.finding.key)
    if among is not None:
        assert result.manifest["among"] == among
    return len(expected)


def check_stays(engine: Engine, levels: Levels) -> dict[str, int]:
    day = levels.day
    found = {}
    for proxy, within in (("long_stay", 36_500), ("either", 60), ("follow_ups", 36_500)):
        rows, among = levels_oracle.contact_physicians(levels, proxy=proxy, within_days=within)
        found[f"physician {proxy}"] = compare(
            engine, "missing_contact_physician", day, rows, among, proxy=proxy, within_days=within
        )
    for within in (14, 5):
        rows, among = levels_oracle.no_follow_up(levels, within)
        finding = "no_follow_up_after_discharge"
        found[finding] = compare(engine, finding, day, rows, among, within_days=within)
        by_unit = levels_oracle.follow_up_by_unit(levels, within)
        finding = "follow_up_after_discharge"
        found[finding] = compare(engine, finding, day, by_unit, among, within_days=within)
    return found


def check_places(engine: Engine, levels: Levels) -> dict[str, int]:
    day = levels.day
    found = {}
    for gap in (30, 14):
        rows, among = places_oracle.bouncing(levels, gap)
        found["bouncing"] = compare(engine, "bouncing", day, rows, among, max_gap_d=gap)
    for notice, within in (("admitted", 24), ("discharged", 30)):
        rows, among = places_oracle.late_notices(levels, notice, within)
        finding = "late_notice_to_municipality"
        found[notice] = compare(engine, finding, day, rows, among, notice=notice, within_h=within)
    rows = places_oracle.ready_days(levels)
    found["ready"] = compare(engine, "ready_for_discharge_days", day, rows, None)
    return found


def check_people(engine: Engine, levels: Levels) -> dict[str, int]:
    day = levels.day
    found = {}
    for visits, window, within in ((3, 30, 365), (2, 14, 30)):
        rows = people_oracle.emergency_returns(levels, visits, window, within)
        found["emergency"] = compare(
            engine, "emergency_returns", day, rows, None,
            min_visits=visits, window_days=window, within_days=within,
        )  # fmt: skip
    for share, fewest in ((0.9, 10), (0.6, 3)):
        rows, among = people_oracle.child_to_adult(levels, share, fewest)
        found["child"] = compare(
            engine, "child_to_adult", day, rows, among, child_share=share, min_contacts=fewest
        )
    rows, among = people_oracle.both_kinds_of_care(levels)
    found["both"] = compare(engine, "both_kinds_of_care", day, rows, among)
    return found


def test_findings_equal_the_oracle(loaded_region: Loaded) -> None:
    n_rows: dict[str, int] = {}
    for seed in SEEDS:
        tables = region(seed, _PATIENTS, has_coverage=seed % 2 == 1)
        engine = loaded_region(tables)
        for day in days_to_ask(tables, seed, _DAYS):
            levels = Levels(tables, day, ZONE)
            for check in (check_stays, check_places, check_people):
                for name, n in check(engine, levels).items():
                    n_rows[name] = n_rows.get(name, 0) + n
    # What was never there was not compared.
    assert len(n_rows) == 12
    assert all(n_rows.values()), n_rows
