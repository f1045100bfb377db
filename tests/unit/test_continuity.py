"""Continuity of care against known values and counting in plain Python."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.continuity import CONTINUITY, coc_bounds, continuity


def visits_of(*sequences: str) -> pd.DataFrame:
    """The visits of one patient a sequence; a dash is a visit without a recorded provider."""
    rows = [
        (f"p{patient:02}", None if provider == "-" else provider, place)
        for patient, sequence in enumerate(sequences)
        for place, provider in enumerate(sequence)
    ]
    return pd.DataFrame(rows, columns=["patient_id", "provider", "order"])


def one(sequence: str) -> pd.Series:
    return continuity(visits_of(sequence)).iloc[0]


@pytest.mark.parametrize(
    ("sequence", "upc", "coc", "secon"),
    [
        ("AABB", 0.5, 0.3333, 0.6667),
        ("ABAB", 0.5, 0.3333, 0),
        ("ABCD", 0.25, 0, 0),
        ("AAAB", 0.75, 0.5, 0.6667),
        ("AABCA", 0.6, 0.3, 0.25),
        ("ABABAB", 0.5, 0.4, 0),
    ],
)
def test_known_values(sequence: str, upc: float, coc: float, secon: float) -> None:
    found = one(sequence)[["upc", "coc", "secon"]].to_list()
    assert found == pytest.approx([upc, coc, secon], abs=5e-5)


def test_the_other_measures_by_hand() -> None:
    found = one("AABCA")
    assert found[["n_visits", "n_providers", "n_most_visited"]].to_list() == [5, 3, 3]
    assert found["hhi"] == pytest.approx((9 + 1 + 1) / 25)
    assert found["mmci"] == pytest.approx((1 - 3 / 5.1) / (1 - 1 / 5.1))
    assert found["fragmentation"] == pytest.approx(0.7)
    # 3 + 1 + 1, as it is, up to 3 + 2.
    assert found[["coc_low", "coc_high"]].to_list() == pytest.approx([0.3, 0.4])
    assert found["coc_given_upc"] == 0
    assert one("AABBA")["coc_given_upc"] == 1
    # 3 + 1 + 1 + 1 has 6, 3 + 3 has 12, 3 + 2 + 1 has 8 ordered pairs alike.
    assert one("AAABBC")["coc_given_upc"] == pytest.approx(1 / 3)


def test_one_provider_alone_is_all_continuity() -> None:
    found = one("AAAAA")
    assert found[["upc", "coc", "secon", "hhi", "mmci"]].to_list() == [1] * 5
    assert found["fragmentation"] == 0
    assert np.isnan(found["coc_given_upc"])


def plainly(sequence: list[str]) -> dict[str, float]:
    nan, n = float("nan"), len(sequence)
    counts = Counter(sequence).values()
    pairs = list(itertools.permutations(sequence, 2))
    coc = sum(one == other for one, other in pairs) / len(pairs) if pairs else nan
    steps = list(itertools.pairwise(sequence))
    return {
        "n_visits": n,
        "n_providers": len(counts),
        "n_most_visited": max(counts, default=0),
        "upc": max(counts) / n if n else nan,
        "coc": coc,
        "secon": sum(one == other for one, other in steps) / len(steps) if steps else nan,
        "hhi": sum((count / n) ** 2 for count in counts) if n else nan,
        "mmci": (1 - len(counts) / (n + 0.1)) / (1 - 1 / (n + 0.1)) if n else nan,
        "fragmentation": 1 - coc if n >= 4 else nan,
    }


def test_counted_plainly_in_whatever_order_the_rows_are() -> None:
    draw = random.Random(7)
    sequences = [
        "".join(draw.choice("AAABCDE-") for _ in range(draw.randrange(1, 12))) for _ in range(300)
    ]
    visits = visits_of(*sequences)
    visits["order"] = pd.Timestamp("2024-03-01", tz="Europe/Oslo") + pd.to_timedelta(
        visits["order"] * 7, unit="h"
    )
    found = continuity(visits)
    assert list(found.columns) == list(CONTINUITY)
    for patient, sequence in enumerate(sequences):
        row = found.loc[f"p{patient:02}"]
        expected = plainly([provider for provider in sequence if provider != "-"])
        assert row["n_without_provider"] == sequence.count("-")
        assert row[list(expected)].to_dict() == pytest.approx(expected, nan_ok=True)
        assert not row["coc"] < row["coc_low"] - 1e-12
        assert not row["coc"] > row["coc_high"] + 1e-12
    assert found["n_visits"].eq(0).any()
    shuffled = visits.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(continuity(shuffled), found)


def test_visits_without_a_provider_lie_on_no_way_between_two() -> None:
    assert one("A-A")["secon"] == 1
    found = one("--")
    assert found[["n_visits", "n_without_provider", "n_providers"]].to_list() == [0, 2, 0]
    names = list(CONTINUITY[4:])
    assert found[names].isna().all()


def test_too_few_visits() -> None:
    found = one("A")
    assert found[["upc", "hhi", "mmci"]].to_list() == [1, 1, 1]
    unknown = ["coc", "coc_low", "coc_high", "coc_given_upc", "secon", "fragmentation"]
    assert found[unknown].isna().all()
    assert np.isnan(one("ABA")["fragmentation"])
    assert one("ABAA")["fragmentation"] == pytest.approx(0.5)
    assert continuity(visits_of("ABA"), fewest_visits=3).iloc[0]["fragmentation"] == pytest.approx(
        2 / 3
    )


def test_visits_at_one_moment_are_taken_by_provider() -> None:
    visits = pd.DataFrame({"patient_id": 1, "provider": list("ABA"), "order": [1, 1, 1]})
    assert continuity(visits).loc[1, "secon"] == 0.5
    assert continuity(visits.iloc[::-1]).loc[1, "secon"] == 0.5


def partitions(n: int, most: int) -> Iterator[tuple[int, ...]]:
    """All ways to write n as a sum of numbers that do not exceed ``most``, greatest first."""
    if n == 0:
        yield ()
    for first in range(min(n, most), 0, -1):
        for rest in partitions(n - first, first):
            yield (first, *rest)


def test_bounds_by_all_partitions() -> None:
    for n in range(2, 19):
        by_most: dict[int, list[float]] = {}
        for parts in partitions(n, n):
            coc = (sum(part**2 for part in parts) - n) / (n * (n - 1))
            by_most.setdefault(parts[0], []).append(coc)
        assert set(by_most) == set(range(1, n + 1))
        low, high = coc_bounds([n] * n, list(by_most))
        assert low.tolist() == pytest.approx([min(found) for found in by_most.values()])
        assert high.tolist() == pytest.approx([max(found) for found in by_most.values()])


def test_bounds_of_too_few_visits_are_unknown() -> None:
    low, high = coc_bounds([0, 1, 2], [0, 1, 1])
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [True, True, False]


def test_no_visits() -> None:
    empty = continuity(visits_of())
    assert (len(empty), list(empty.columns)) == (0, list(CONTINUITY))


@pytest.mark.parametrize("column", ["patient_id", "order"])
def test_nulls_where_none_may_be(column: str) -> None:
    visits = visits_of("AB").astype(object)
    visits.loc[1, column] = None
    with pytest.raises(ValueError, match=f"column {column} holds nulls"):
        continuity(visits)
