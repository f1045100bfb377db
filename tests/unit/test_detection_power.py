"""Power against sums over every outcome, simulation, and what the counting rules say of it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.detection_power import (
    binomial_power,
    poisson_power,
    power_of_shares,
    power_of_units,
)
from pathgraph.analysis.observed_expected import against_expected, against_share


def poisson(count: int, mean: float) -> float:
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))


@pytest.mark.parametrize("level", [0.05, 0.002])
@pytest.mark.parametrize("true_ratio", [0.4, 0.5, 1.0, 1.7])
@pytest.mark.parametrize("expected", [0.5, 9.0, 20.0, 45.5])
def test_power_is_the_chance_that_the_test_rejects(
    expected: float, true_ratio: float, level: float
) -> None:
    units = pd.DataFrame({"observed": range(250), "expected": expected})
    rejected = (against_expected(units)["p_value"] <= level).to_list()
    by_hand = sum(poisson(count, expected * true_ratio) for count in range(250) if rejected[count])
    found = poisson_power(np.array([expected]), true_ratio=true_ratio, level=level)
    assert found[0] == pytest.approx(by_hand, rel=1e-9, abs=1e-12)
    if true_ratio == 1:
        assert found[0] <= level


@pytest.mark.parametrize("true_ratio", [0.4, 1.0, 1.5])
@pytest.mark.parametrize(("n", "share"), [(18, 0.5), (60, 0.15), (200, 0.04)])
def test_power_of_a_share(n: int, share: float, true_ratio: float) -> None:
    units = pd.DataFrame({"observed": range(n + 1), "share": share})
    rejected = (against_share(units, total=n)["p_value"] <= 0.05).to_list()
    true = share * true_ratio
    by_hand = sum(
        math.comb(n, k) * true**k * (1 - true) ** (n - k) for k in range(n + 1) if rejected[k]
    )
    found = binomial_power(np.array([float(n)]), np.array([share]), true_ratio=true_ratio)
    assert found[0] == pytest.approx(by_hand, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(("expected", "true_ratio"), [(9.0, 0.5), (15.0, 0.5), (25.0, 0.4)])
def test_power_by_simulation(expected: float, true_ratio: float) -> None:
    n = 20_000
    drawn = np.random.default_rng(20260131).poisson(expected * true_ratio, n)
    units = pd.DataFrame({"observed": drawn, "expected": expected})
    found = float((against_expected(units)["p_value"] <= 0.05).mean())
    power = float(poisson_power(np.array([expected]), true_ratio=true_ratio)[0])
    assert found == pytest.approx(power, abs=4 * math.sqrt(power * (1 - power) / n))


def test_how_often_a_halving_of_nine_is_found() -> None:
    """With 9 expected it depends on how many they are of; half of the time is not the least.

    A rare event: 3 or fewer reject, 0.342 (and 16 or more, hardly ever). Nine of 18 eligible: 4 or
    fewer, 0.519.
    """
    by_hand = sum(poisson(count, 4.5) for count in range(4))
    assert poisson_power(np.array([9.0]), true_ratio=0.5)[0] == pytest.approx(by_hand, abs=1e-4)
    assert by_hand == pytest.approx(0.342, abs=5e-4)
    of_18 = binomial_power(np.array([18.0]), np.array([0.5]), true_ratio=0.5)[0]
    assert of_18 == pytest.approx(0.519, abs=5e-4)
    # The first number of rare events with which half are found.
    enough = [n for n in range(1, 40) if poisson_power(np.array([n]), true_ratio=0.5)[0] >= 0.5]
    assert enough[0] == 15


def test_a_large_fall_is_found_where_enough_are_expected() -> None:
    power = poisson_power(np.array([10.0, 25.0]), true_ratio=0.4)
    assert power[0] < 0.5 < 0.9 < power[1]


def test_after_adjustment_the_level_is_shared() -> None:
    units = pd.DataFrame({"expected": [9.0, None, 0.0, 40.0, 25.0]}, index=list("abcde"))
    rows = power_of_units(units, true_ratio=0.4)
    assert rows.isna().all(axis=1).to_list() == [False, True, True, False, False]
    for unit, expected in (("a", 9.0), ("d", 40.0), ("e", 25.0)):
        alone = poisson_power(np.array([expected]), true_ratio=0.4)[0]
        # Three units are tested.
        shared = poisson_power(np.array([expected]), true_ratio=0.4, level=0.05 / 3)[0]
        assert rows.loc[unit].to_list() == pytest.approx([alone, shared])
        assert shared < alone


def test_units_of_a_plan() -> None:
    units = pd.DataFrame({"share": [0.25, 0.75, 0.0, 1.0, None]})
    rows = power_of_shares(units, total=40)
    assert rows.isna().all(axis=1).to_list() == [False, False, True, True, True]
    by_hand = binomial_power(np.array([40.0]), np.array([0.25]), true_ratio=0.5)[0]
    assert rows["power"][0] == pytest.approx(by_hand)
    assert power_of_shares(units, total=0).isna().all(axis=None)


def test_no_units() -> None:
    assert len(power_of_units(pd.DataFrame({"expected": []}))) == 0
