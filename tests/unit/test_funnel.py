"""Funnel limits and overdispersion against printed numbers, the exact test and plain Python."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.funnel import funnel, funnel_limits, overdispersion
from pathgraph.analysis.observed_expected import against_expected

# Domain.md prints O = 20 of E = 95 only; the six others are made up so that, as there, the
# deviation of the first is mostly taken for variance between clinics.
SEVEN = pd.DataFrame(
    {"observed": [20, 55, 48, 30, 5, 35, 27], "expected": [95.0, 30, 30, 25, 20, 20, 15]}
)


def quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def by_hand(units: pd.DataFrame) -> tuple[float, float]:
    """Phi and tau squared, number by number."""
    pairs = list(zip(units["observed"], units["expected"], strict=True))
    z = [(math.sqrt(o / e) - 1) / (1 / (2 * math.sqrt(e))) for o, e in pairs]
    low, high = quantile(z, 0.1), quantile(z, 0.9)
    k = len(z)
    phi = sum(min(max(value, low), high) ** 2 for value in z) / k
    weights = [1 / (1 / (2 * math.sqrt(e))) ** 2 for _, e in pairs]
    if k * phi <= k - 1:
        return phi, 0.0
    return phi, (k * phi - (k - 1)) / (sum(weights) - sum(w**2 for w in weights) / sum(weights))


def drawn(n: int, spread: float, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    expected = random.uniform(5, 120, n)
    ratio = random.gamma(1 / spread, spread, n) if spread else np.ones(n)
    return pd.DataFrame({"observed": random.poisson(expected * ratio), "expected": expected})


def test_limits_that_funnelplotr_prints() -> None:
    """Its tests/testthat/test-poisson_limits.R; its 99 is 99.8 %."""
    limits = funnel_limits(np.array([15.0, 20.0, 30.0]), limits="interval")
    printed = {
        "low_95": [0.5596924, 0.6108260, 0.6746958],
        "high_95": [1.649348, 1.544419, 1.427562],
        "low_998": [0.3862650, 0.4479107, 0.5289724],
        "high_998": [2.082907, 1.902094, 1.702771],
    }
    for name, values in printed.items():
        assert limits[name].to_list() == pytest.approx(values, abs=6e-7)


@pytest.mark.parametrize("expected", [0.02, 0.7, 3.0, 9.0, 9.4, 20.0, 95.0])
def test_outside_the_limits_is_what_the_exact_test_rejects(expected: float) -> None:
    units = pd.DataFrame({"observed": range(160), "expected": expected})
    p_value = against_expected(units)["p_value"]
    position = funnel(units)["position"]
    is_fewer = units["observed"] < expected
    for count in range(160):
        side = "below" if is_fewer[count] else "above"
        if p_value[count] < 0.002:
            assert position[count] == f"{side}_998"
        elif p_value[count] < 0.05:
            assert position[count] == f"{side}_95"
        else:
            assert position[count] == "inside"
    assert "inside" in set(position)
    assert "above_998" in set(position)


def test_limits_narrow_and_hold_one_between_them() -> None:
    limits = funnel_limits(np.arange(1.0, 300.0))
    assert (limits["low_998"] <= limits["low_95"]).all()
    assert (limits["low_95"] < 1).all()
    assert (limits["high_95"] > 1).all()
    assert (limits["high_998"] > limits["high_95"]).all()
    width = limits["high_95"] - limits["low_95"]
    assert width.iloc[-1] < 0.25 < 1 < width.iloc[8]


def test_limits_of_nothing_expected_are_null() -> None:
    limits = funnel_limits(np.array([0.0, np.nan, 1.0]))
    assert limits.drop(columns="expected").isna().all(axis=1).to_list() == [True, True, False]
    with pytest.raises(ValueError, match="no such limits"):
        funnel_limits(np.array([1.0]), limits="sigma")  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("n", "spread"), [(20, 0.2), (45, 0.05), (300, 0.01)])
def test_overdispersion_against_plain_python(n: int, spread: float, seed: int) -> None:
    units = drawn(n, spread, seed)
    found = overdispersion(units)
    phi, tau2 = by_hand(units)
    assert found.n_units == n
    assert found.phi == pytest.approx(phi, rel=1e-12)
    assert found.tau2 == pytest.approx(tau2, rel=1e-9)
    assert found.reason == (None if tau2 else "not_overdispersed")


def test_it_recovers_the_variance_between_units() -> None:
    # sqrt(ratio) of a gamma with variance 0.04 and mean 1 has a variance near 0.04 / 4.
    regions = [drawn(200, 0.04, seed) for seed in range(20)]
    tau2 = [overdispersion(units, winsorised=0).tau2 for units in regions]
    assert np.mean(tau2) == pytest.approx(0.01, rel=0.1)
    # Winsorising takes about half of it off: the squares of a normal variable set to its 10 % and
    # 90 % quantiles have the mean 0.68 instead of 1.
    tau2 = [overdispersion(units).tau2 for units in regions]
    assert 0.004 < np.mean(tau2) < 0.006


def test_units_that_differ_by_chance_alone_need_no_allowance() -> None:
    found = [overdispersion(drawn(40, 0, seed)) for seed in range(30)]
    # Winsorised z-scores are smaller than normal ones.
    assert sum(one.reason == "not_overdispersed" for one in found) >= 25
    assert all(one.tau2 == 0 for one in found if one.reason)


def test_with_few_units_there_is_no_allowance() -> None:
    units = drawn(20, 0.3)
    assert overdispersion(units).reason is None
    few = overdispersion(units[:19])
    assert (few.reason, few.tau2, few.n_units) == ("too_few_units", 0, 19)
    # Units without numbers do not count.
    one_null = units.assign(observed=[None, *units["observed"][1:]])
    assert overdispersion(one_null).reason == "too_few_units"
    one_zero = units.assign(expected=[0.0, *units["expected"][1:]])
    assert overdispersion(one_zero).reason == "too_few_units"


def test_with_seven_clinics_the_allowance_hides_the_signal() -> None:
    plain = funnel(SEVEN, tau2=overdispersion(SEVEN).tau2)
    assert plain["z"][0] == pytest.approx(-10.6, abs=0.06)
    assert plain["z_adjusted"][0] == plain["z"][0]
    assert plain["position"][0] == "below_998"
    forced = overdispersion(SEVEN, least_units=0)
    assert (forced.phi, forced.tau2) == pytest.approx(by_hand(SEVEN))
    hidden = funnel(SEVEN, tau2=forced.tau2)
    assert hidden["z_adjusted"][0] == pytest.approx(-1.5, abs=0.05)
    assert hidden["position"][0] == "inside"


def test_the_allowance_widens_the_limits_on_the_scale_of_the_ratio() -> None:
    units = drawn(60, 0.1)
    tau2 = overdispersion(units).tau2
    assert tau2 > 0
    rows = funnel(units, tau2=tau2)
    # Squared, the limits say the same as the z-scores of the square roots.
    for name, z in (("95", 1.959964), ("998", 3.090232)):
        is_below, is_above = rows["z_adjusted"] < -z, rows["z_adjusted"] > z
        assert (is_below == (rows["observed_to_expected"] < rows[f"low_{name}"])).all()
        assert (is_above == (rows["observed_to_expected"] > rows[f"high_{name}"])).all()
    assert set(rows["position"]) > {"inside"}
    e = units["expected"][0]
    assert rows["high_95"][0] == pytest.approx((1 + 1.959964 * math.sqrt(1 / (4 * e) + tau2)) ** 2)
    # Squared, they go over into the exact limits where units hardly differ; without the square they
    # would be half as wide.
    exact, squared = (
        funnel_limits(np.array([100.0]), tau2=tau2)["high_95"][0] - 1 for tau2 in (0.0, 1e-12)
    )
    assert squared == pytest.approx(exact, rel=0.05)


def test_the_lower_limit_never_is_below_nothing() -> None:
    limits = funnel_limits(np.array([0.5]), tau2=0.5)
    assert limits["low_95"][0] == 0


def test_what_is_not_defined_is_null() -> None:
    units = pd.DataFrame(
        {"observed": [3, None, 3, 3], "expected": [2.0, 2.0, 0.0, None]},
        index=list("abcd"),
        dtype="Float64",
    )
    rows = funnel(units)
    own = ["observed_to_expected", "z", "z_adjusted", "position"]
    assert rows[own].isna().all(axis=1).to_dict() == {"a": False, "b": True, "c": True, "d": True}
    assert len(funnel(units[:0])) == 0
    none = overdispersion(units[1:])
    assert (none.n_units, none.phi, none.reason) == (0, None, "too_few_units")
    one = overdispersion(units, least_units=0)
    assert (one.n_units, one.tau2, one.reason) == (1, 0, "too_few_units")
