"""Trends against printed statistics and the likelihood itself."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.trend import ratio_trends, share_trends


def months(observed: list[float | None], below: list[float | None], name: str) -> pd.DataFrame:
    frame = pd.DataFrame({"observed": observed, name: below}, dtype="Float64")
    return frame.assign(unit="a", month=range(len(observed)))


def poisson_likelihood(a: float, b: float, observed: list[int], expected: list[float]) -> float:
    """Of both numbers, a and b, written out."""
    total = 0.0
    for month, (o, e) in enumerate(zip(observed, expected, strict=True)):
        mean = e * math.exp(a + b * month)
        total += o * math.log(mean) - mean - math.lgamma(o + 1)
    return total


def best_level(b: float, observed: list[int], expected: list[float]) -> float:
    """The a that is most likely with a given b, by golden section."""
    low, high, golden = -20.0, 20.0, (math.sqrt(5) - 1) / 2
    for _ in range(200):
        one, two = high - golden * (high - low), low + golden * (high - low)
        if poisson_likelihood(one, b, observed, expected) < poisson_likelihood(
            two, b, observed, expected
        ):
            low = one
        else:
            high = two
    return (low + high) / 2


CASES = [
    ([12, 9, 10, 7, 8, 4, 6, 3], [10.0] * 8),
    ([3, 0, 5, 2, 9], [4.0, 1.0, 6.0, 2.5, 5.0]),
    ([40, 20, 10], [1.0, 1.0, 1.0]),
    ([1, 0, 0, 0, 1, 0], [0.5] * 6),
]


@pytest.mark.parametrize(("observed", "expected"), CASES)
def test_the_factor_against_the_whole_likelihood(
    observed: list[int], expected: list[float]
) -> None:
    row = ratio_trends(months([*observed], [*expected], "expected")).iloc[0]

    def profile(b: float) -> float:
        return poisson_likelihood(best_level(b, observed, expected), b, observed, expected)

    best = math.log(row["ratio_per_month"])
    top = profile(best)
    assert all(profile(best + step) < top for step in (-0.05, -0.005, 0.005, 0.05))
    for name in ("ratio_low", "ratio_high"):
        # Half the 95 % quantile of chi-square with one degree of freedom.
        assert top - profile(math.log(row[name])) == pytest.approx(3.841459 / 2, abs=1e-4)
    assert row["ratio_low"] < row["ratio_per_month"] < row["ratio_high"]
    deviance = 2 * (top - profile(0.0))
    assert row["p_value"] == pytest.approx(math.erfc(math.sqrt(deviance / 2)), abs=1e-5)


def newton(observed: list[int], expected: list[float]) -> float:
    """The slope of the regression by Newton's method on both numbers."""
    a, b = math.log(sum(observed) / sum(expected)), 0.0
    for _ in range(50):
        mean = [e * math.exp(a + b * t) for t, e in enumerate(expected)]
        ga = sum(o - m for o, m in zip(observed, mean, strict=True))
        gb = sum(t * (o - m) for t, (o, m) in enumerate(zip(observed, mean, strict=True)))
        haa, hab = sum(mean), sum(t * m for t, m in enumerate(mean))
        hbb = sum(t * t * m for t, m in enumerate(mean))
        determinant = haa * hbb - hab**2
        a += (hbb * ga - hab * gb) / determinant
        b += (haa * gb - hab * ga) / determinant
    return b


@pytest.mark.parametrize(("observed", "expected"), CASES)
def test_the_factor_against_newtons_method(observed: list[int], expected: list[float]) -> None:
    row = ratio_trends(months([*observed], [*expected], "expected")).iloc[0]
    assert math.log(row["ratio_per_month"]) == pytest.approx(newton(observed, expected), abs=1e-8)


def test_the_interval_covers_what_it_says() -> None:
    random = np.random.default_rng(20260131)
    truth, rounds = 0.97, 400
    expected = random.uniform(3, 10, 24)
    frames = [
        pd.DataFrame(
            {
                "unit": unit,
                "month": np.arange(24),
                "observed": random.poisson(expected * truth ** np.arange(24)),
                "expected": expected,
            }
        )
        for unit in range(rounds)
    ]
    rows = ratio_trends(pd.concat(frames))
    is_covered = (rows["ratio_low"] <= truth) & (truth <= rows["ratio_high"])
    assert 0.92 <= is_covered.mean() <= 0.98
    assert len(rows) == rounds


def test_the_first_month_may_have_any_number() -> None:
    frame = months([9, 7, 4, 5], [8.0, 9.0, 7.0, 8.0], "expected")
    later = frame.assign(month=frame["month"] + 24_000)
    one, other = ratio_trends(frame).iloc[0], ratio_trends(later).iloc[0]
    assert other[2:6].to_list() == pytest.approx(one[2:6].to_list(), rel=1e-9)


@pytest.mark.parametrize(
    ("observed", "expected", "n_months", "reason"),
    [
        ([5], [4.0], 1, "too_few_months"),
        ([5, None, 2], [4.0, 4.0, 0.0], 1, "too_few_months"),
        ([0, 0, 0], [4.0, 4.0, 4.0], 3, "nothing_observed"),
        ([5, 0, 0], [4.0, 4.0, 4.0], 3, "all_in_first_or_last_month"),
        ([0, 0, 5], [4.0, 4.0, 4.0], 3, "all_in_first_or_last_month"),
        ([None, None], [4.0, 4.0], 0, "too_few_months"),
    ],
)
def test_ratios_that_are_not_defined(
    observed: list[float | None], expected: list[float | None], n_months: int, reason: str
) -> None:
    row = ratio_trends(months(observed, expected, "expected")).iloc[0]
    assert (row["n_months"], row["reason"]) == (n_months, reason)
    assert row[["ratio_per_month", "ratio_low", "ratio_high", "p_value"]].isna().all()


def test_months_that_are_not_covered_leave_a_gap_in_time() -> None:
    gap = ratio_trends(months([8, None, None, 4], [8.0] * 4, "expected")).iloc[0]
    assert gap["ratio_per_month"] == pytest.approx(0.5 ** (1 / 3))
    assert gap["n_months"] == 2


PRINTED = [
    # SAS/STAT, procedure FREQ, dose and adverse events.
    ([26, 26, 23, 18, 9], [32, 33, 32, 32, 32], -4.7918),
    # DescTools::CochranArmitageTest: Z = -1.8856 for those without the response, p = 0.05935.
    ([10, 9, 10, 7], [10, 10, 10, 10], -1.8856),
    # Insomnia by age class, Z = 11.297 printed for the other order of the classes.
    (
        [150, 250, 264, 302, 238, 176],
        [150 + 384, 250 + 496, 264 + 520, 302 + 403, 238 + 205, 176 + 123],
        11.297,
    ),
]


@pytest.mark.parametrize(("observed", "eligible", "z"), PRINTED)
def test_printed_cochran_armitage(observed: list[int], eligible: list[int], z: float) -> None:
    row = share_trends(months([*observed], [*eligible], "eligible")).iloc[0]
    assert row["z"] == pytest.approx(z, abs=6e-4)
    assert row["p_value"] == pytest.approx(math.erfc(abs(z) / math.sqrt(2)), rel=0.01)


def test_the_slope_is_that_of_least_squares() -> None:
    observed, eligible = [8, 5, 9, 3], [10, 20, 30, 15]
    frame = months([*observed], [*eligible], "eligible")
    row = share_trends(frame).iloc[0]
    # One point a patient.
    time = [t for t, n in enumerate(eligible) for _ in range(n)]
    hit = [k < o for o, n in zip(observed, eligible, strict=True) for k in range(n)]
    assert row["share_per_month"] == pytest.approx(np.polyfit(time, hit, 1)[0])


def test_units_are_apart_and_in_order() -> None:
    frames = [months([8, 5, 2], [10, 10, 10], "eligible").assign(unit=unit) for unit in "ba"]
    frames[1]["observed"] = [2, 5, 8]
    mixed = pd.concat(frames).iloc[[0, 3, 1, 4, 2, 5]]
    rows = share_trends(mixed)
    assert rows["unit"].to_list() == ["b", "a"]
    assert rows["share_per_month"].to_list() == pytest.approx([-0.3, 0.3])
    ratios = ratio_trends(mixed.rename(columns={"eligible": "expected"}))
    assert ratios["unit"].to_list() == ["b", "a"]
    assert (ratios["ratio_per_month"] < 1).to_list() == [True, False]


@pytest.mark.parametrize(
    ("observed", "eligible", "reason"),
    [
        ([5], [9], "too_few_months"),
        ([5, None, 0], [9, 9, 0], "too_few_months"),
        ([0, 0], [9, 9], "none_or_all"),
        ([9, 8], [9, 8], "none_or_all"),
    ],
)
def test_shares_that_are_not_defined(
    observed: list[float | None], eligible: list[float | None], reason: str
) -> None:
    row = share_trends(months(observed, eligible, "eligible")).iloc[0]
    assert row["reason"] == reason
    assert row[["share_per_month", "z", "p_value"]].isna().all()


def test_no_months() -> None:
    assert len(share_trends(months([], [], "eligible"))) == 0
    assert len(ratio_trends(months([], [], "expected"))) == 0
    with pytest.raises(ValueError, match="above that of the eligible"):
        share_trends(months([5, 1], [4, 4], "eligible"))
