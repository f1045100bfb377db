"""Continuity and care density of random regions equal plain Python, on both engines."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, ask, assert_same_rows, rows_of
from tests.findings.level_graphs import ZONE, days_to_ask
from tests.findings.networks_oracle import ALL_LEVELS, Networks
from tests.findings.test_networks_against_oracle import drawn_region

_NOT_VISITS = ("administrative", "simple_contact", "collaboration", "collaboration_meeting")


def sizes(n: int, greatest: int) -> Iterator[tuple[int, ...]]:
    """Every way to divide n visits between providers with at most so many each."""
    if n == 0:
        yield ()
    for first in range(min(n, greatest), 0, -1):
        for rest in sizes(n - first, first):
            yield (first, *rest)


def pairs_together(counts: Sequence[int]) -> int:
    return sum(n * (n - 1) for n in counts)


def continuity_of(order: Sequence[str]) -> Row:
    n, counts = len(order), sorted(Counter(order).values(), reverse=True)
    of_all = n * (n - 1)
    same = sum(one == other for one, other in itertools.pairwise(order))
    cocs = [
        pairs_together(division) / of_all
        for division in sizes(n, counts[0])
        if division[0] == counts[0] and of_all
    ]
    coc = pairs_together(counts) / of_all if of_all else None
    low, high = (min(cocs), max(cocs)) if cocs else (None, None)
    return {
        "n_visits": n, "n_providers": len(counts), "n_most_visited": counts[0],
        "upc": counts[0] / n, "coc": coc, "coc_low": low, "coc_high": high,
        "coc_given_upc": None if low == high else (coc - low) / (high - low),
        "secon": same / (n - 1) if n > 1 else None, "hhi": sum((c / n) ** 2 for c in counts),
        "mmci": (1 - len(counts) / (n + 0.1)) / (1 - 1 / (n + 0.1)),
        "fragmentation": 1 - coc if n >= 4 else None,
    }  # fmt: skip


def density_of(
    mine: set[str], patients: dict[str, set[str]], weights: dict[bool, float], level: dict[str, str]
) -> tuple[float | None, float | None]:
    pairs = list(itertools.combinations(sorted(mine), 2))
    if not pairs:
        return None, None
    shared = [len(patients[a] & patients[b]) for a, b in pairs]
    weighed = [n * weights[level[a] == level[b]] for n, (a, b) in zip(shared, pairs, strict=True)]
    return sum(shared) / len(pairs), sum(weighed) / len(pairs)


def visits_of(expected: Networks, not_visits: Sequence[str]) -> dict[str, list[str]]:
    """The providers of each patient, in order."""
    found = defaultdict(list)
    for row in expected.contacts():
        if (row.get("kind") or "") not in not_visits:
            order = (expected.instant(row["started_at"]), expected.shown(row["unit_id"]))
            found[row["patient_id"]].append(order)
    return {patient: [unit for _, unit in sorted(own)] for patient, own in found.items()}


def test_continuity_and_care_density_equal_the_oracle(loaded_region: Loaded) -> None:
    tables = drawn_region(15)
    engine = loaded_region(tables)
    n_rows = 0
    for day, period, depth, levels, not_visits in (
        (max(days_to_ask(tables, 15, 2)), 3650, "clinic", ALL_LEVELS, _NOT_VISITS),
        (date(2024, 4, 1), 200, "unit", ("hospital", "gp", "municipal"), ("15",)),
    ):
        asked: dict[str, Any] = {"period_days": period, "depth": depth, "levels": levels}
        expected = Networks(tables, day, ZONE, **asked)
        visits = visits_of(expected, not_visits)
        asked |= {"as_of": day, "not_visits": not_visits}
        least = 1 if depth == "clinic" else 2
        result = ask(engine, "continuity", min_visits=least, **asked)
        rows = [
            {"patient_id": patient, **continuity_of(own)}
            for patient, own in visits.items()
            if len(own) >= least
        ]
        assert_same_rows(rows_of(result), rows, ("patient_id",))
        assert result.manifest["among"] == len(visits)
        n_rows += len(rows)
        check_density(ask(engine, "care_density", min_providers=least, weight_across=3.5, **asked),
                      expected, visits, least)  # fmt: skip
    assert n_rows > 50


def check_density(
    result: Any, expected: Networks, visits: dict[str, list[str]], least: int
) -> None:
    patients: dict[str, set[str]] = defaultdict(set)
    for patient, own in visits.items():
        for unit in own:
            patients[unit].add(patient)
    level = {unit: row["level"] for unit, row in expected.units.items()}
    rows = []
    for patient, own in visits.items():
        density, fragmented = density_of(set(own), patients, {True: 1.0, False: 3.5}, level)
        rows.append(
            {
                "patient_id": patient, "n_providers": len(set(own)), "care_density": density,
                "fragmented_care_density": fragmented,
            }
        )  # fmt: skip
    rows = [row for row in rows if row["n_providers"] >= least]
    assert any(row["care_density"] != row["fragmented_care_density"] for row in rows)
    assert_same_rows(rows_of(result), rows, ("patient_id",))
    assert result.manifest["among"] == len(visits)
