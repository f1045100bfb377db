"""Means of continuity by place equal plain Python on random regions, on both engines."""

from __future__ import annotations

from collections import Counter
from datetime import date
from statistics import mean

from pathgraph.queries.run import run
from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, ask, assert_same_rows, rows_of
from tests.findings.level_graphs import ZONE, days_to_ask
from tests.findings.networks_oracle import ALL_LEVELS, Networks
from tests.findings.test_continuity import _NOT_VISITS, continuity_of, visits_of
from tests.findings.test_networks_against_oracle import drawn_region

_MEANS = ("upc", "coc", "secon", "hhi")


def expected_rows(seen: Networks, day: date, by: str, least: int) -> list[Row]:
    places: dict[str | None, list[Row]] = {}
    for patient, own in visits_of(seen, _NOT_VISITS).items():
        if len(own) < least:
            continue
        if by == "provider":
            most = max(Counter(own).values())
            place = min(unit for unit in set(own) if own.count(unit) == most)
        else:
            homes = [
                home for home in seen.tables["residences"]
                if home["patient_id"] == patient and (home.get("valid_from") or "") <= str(day)
                and (home.get("valid_to") or "9999") > str(day)
            ]  # fmt: skip
            latest = max(
                homes, key=lambda h: (h.get("valid_from") or "", h["municipality_code"]),
                default={"municipality_code": None},
            )  # fmt: skip
            place = latest["municipality_code"]
        places.setdefault(place, []).append(continuity_of(own))
    return [
        {
            "place": place,
            "place_name": (
                seen.units[place]["name"] if place in seen.units else seen.names.get(str(place))
            ),
            "n_patients": len(rows), "n_visits": sum(row["n_visits"] for row in rows),
            **{name: mean(row[name] for row in rows) for name in _MEANS},
        }
        for place, rows in places.items()
    ]  # fmt: skip


def test_means_equal_the_oracle(loaded_region: Loaded) -> None:
    tables = drawn_region(16)
    engine = loaded_region(tables)
    seen_places = set()
    for day, period, depth, by, least in (
        (max(days_to_ask(tables, 16, 2)), 3650, "clinic", "provider", 2),
        (max(days_to_ask(tables, 16, 2)), 3650, "unit", "municipality", 4),
        (date(2024, 1, 10), 120, "unit", "municipality", 2),
    ):
        seen = Networks(tables, day, ZONE, period_days=period, depth=depth, levels=ALL_LEVELS)
        asked = {"period_days": period, "depth": depth, "by": by, "min_visits": least}
        result = ask(engine, "continuity_by_place", as_of=day, **asked)
        expected = expected_rows(seen, day, by, least)
        assert_same_rows(rows_of(result), expected, ("place",))
        assert result.manifest["among"] == len(visits_of(seen, _NOT_VISITS))
        seen_places |= {row["place"] for row in expected}
    # Those without a residence have a row of their own, and so have providers.
    assert {None, "5501", "5503", "somatic"} <= seen_places
    empty = ask(engine, "continuity_by_place", as_of="2001-01-01")
    assert rows_of(empty) == []


def test_small_numbers_are_hidden_with_their_means(loaded_region: Loaded) -> None:
    tables = drawn_region(16)
    engine = loaded_region(tables)
    asked = {"by": "provider", "depth": "unit", "period_days": 3650}
    day = max(days_to_ask(tables, 16, 2))
    opened = rows_of(ask(engine, "continuity_by_place", as_of=day, **asked))
    n_patients = {row["place"]: row["n_patients"] for row in opened}
    shown = rows_of(run(engine, "continuity_by_place", asked, as_of=day, suppress_below=5))
    small = [row for row in shown if n_patients[row["place"]] < 5]
    assert small
    assert len(small) < len(shown)
    for row in small:
        assert all(row[name] is None for name in ("n_patients", "n_visits", *_MEANS))
