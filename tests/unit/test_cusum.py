"""The cumulative sum against printed weights, every course it can take, and simulation."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.cusum import (
    cusum_limit,
    fall_cusum,
    false_signal_share,
    log_likelihood_ratios,
)


def months(
    observed: list[int | None], expected: list[float | None], eligible: list[int] | None = None
) -> pd.DataFrame:
    frame = pd.DataFrame({"observed": observed, "expected": expected}, dtype="Float64")
    if eligible is not None:
        frame["eligible"] = eligible
    return frame.assign(unit="a")


def logistic(score: int) -> float:
    """Risk of death by Parsonnet score in Steiner et al. 2000, page 445."""
    return 1 / (1 + math.exp(3.68 - 0.077 * score))


@pytest.mark.parametrize(
    ("score", "died", "printed"), [(0, 0, 0.012), (0, 1, -0.681), (50, 0, 0.316), (50, 1, -0.377)]
)
def test_printed_weights(score: int, died: int, printed: float) -> None:
    """Steiner 2014, page 234: the weights of single patients in a chart for halved odds."""
    weight = log_likelihood_ratios(months([died], [logistic(score)], [1]), ratio=0.5)
    assert weight[0] == pytest.approx(printed, abs=6e-4)


@pytest.mark.parametrize("observed", [0, 3, 8])
def test_the_score_is_the_log_of_the_two_likelihoods(observed: int) -> None:
    expected, n, ratio = 3.2, 8, 0.6

    def poisson(mean: float) -> float:
        return math.exp(-mean) * mean**observed / math.factorial(observed)

    found = log_likelihood_ratios(months([observed], [expected]), ratio=ratio)[0]
    assert found == pytest.approx(math.log(poisson(expected * ratio) / poisson(expected)))
    p = expected / n
    fallen = ratio * p / (1 - p + ratio * p)

    def binomial(share: float) -> float:
        return math.comb(n, observed) * share**observed * (1 - share) ** (n - observed)

    found = log_likelihood_ratios(months([observed], [expected], [n]), ratio=ratio)[0]
    assert found == pytest.approx(math.log(binomial(fallen) / binomial(p)))


def test_the_sum_month_by_month() -> None:
    frame = months([12, 4, 4, None, 4, 12], [10.0] * 6)
    rows = fall_cusum(frame, limit=5.0)
    down, up = 4 * math.log(0.5) + 5, 12 * math.log(0.5) + 5
    assert rows["score"].dropna().to_list() == pytest.approx([up, down, down, down, up])
    # Never below 0, unmoved by the month that is not covered, from 0 again after the signal.
    assert rows["cusum"].to_list()[:3] == pytest.approx([0, down, 2 * down])
    assert rows["cusum"].to_list()[4:] == pytest.approx([3 * down, 0])
    assert rows["is_signal"].fillna(value=False).to_list() == [False] * 4 + [True, False]
    assert rows.iloc[3].to_list()[:3] == [pd.NA] * 3
    assert rows["reason"][3] == "not_covered"


def test_units_have_their_own_sums() -> None:
    low = months([4, 4, 4], [10.0] * 3)
    usual = low.assign(unit="b", observed=10.0)
    mixed = pd.concat([low, usual], ignore_index=True).iloc[[0, 3, 1, 4, 2, 5]]
    rows = fall_cusum(mixed, limit=5.0)
    assert rows["is_signal"].to_dict() == {
        0: False,
        3: False,
        1: False,
        4: False,
        2: True,
        5: False,
    }


def test_a_month_without_anybody_says_nothing() -> None:
    frame = months([0, 4], [0.0, 2.0], [0, 8])
    assert fall_cusum(frame, limit=1.0)["score"][0] == 0
    assert fall_cusum(months([2], [0.0]), limit=1.0)["score"][0] == 0


def every_course(expected: list[float], eligible: list[int], limit: float, ratio: float) -> float:
    """Probability of a signal, by going through every sequence of numbers."""
    signalled = 0.0
    for course in itertools.product(*(range(n + 1) for n in eligible)):
        probability, total, is_signal = 1.0, 0.0, False
        for count, mean, n in zip(course, expected, eligible, strict=True):
            p = mean / n
            probability *= math.comb(n, count) * p**count * (1 - p) ** (n - count)
            step = count * math.log(ratio) - n * math.log(1 - p + ratio * p)
            total = max(0.0, total + step)
            is_signal = is_signal or total >= limit
        signalled += probability * is_signal
    return signalled


@pytest.mark.parametrize("ratio", [0.3, 0.5])
@pytest.mark.parametrize("limit", [0.4, 0.9, 1.6, 2.5])
def test_false_signals_by_every_course(limit: float, ratio: float) -> None:
    expected, eligible = [2.0, 3.5, 1.0, 2.5], [5, 6, 4, 5]
    by_hand = every_course(expected, eligible, limit, ratio)
    found = false_signal_share(months([None] * 4, [*expected], eligible), limit=limit, ratio=ratio)
    assert found == pytest.approx(by_hand, rel=1e-9)


def test_false_signals_of_means_by_simulation() -> None:
    random = np.random.default_rng(20260131)
    expected = [3.0, 8.0, 5.0, 12.0, 6.0, 7.0] * 3
    limit, n = 2.0, 2000
    frame = months([None] * len(expected), [*expected])
    share = false_signal_share(frame, limit=limit)
    drawn = pd.concat(
        [
            frame.assign(unit=str(unit), observed=random.poisson(expected).astype(float))
            for unit in range(n)
        ],
        ignore_index=True,
    )
    rows = fall_cusum(drawn, limit=limit)
    found = rows["is_signal"].groupby(drawn["unit"]).any().mean()
    assert found == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / n))
    assert 0.05 < share < 0.5


def test_the_limit_is_the_least_that_keeps_false_signals_rare() -> None:
    frame = months([None] * 5, [2.0, 3.5, 1.0, 2.5, 2.0], [5, 6, 4, 5, 5])
    for share in (0.05, 0.2):
        limit = cusum_limit(frame, false_signals=share)
        assert limit is not None
        assert false_signal_share(frame, limit=limit) <= share
        assert false_signal_share(frame, limit=limit * (1 - 1e-6)) > share


def test_the_limit_itself_is_not_reached_by_rounding() -> None:
    """The chart counts a signal exactly where the probability does."""
    expected, eligible = [2.0, 3.0, 2.0], [5, 6, 5]
    frame = months([None] * 3, [*expected], eligible)
    limit = cusum_limit(frame)
    assert limit is not None
    probability = 0.0
    for course in itertools.product(*(range(n + 1) for n in eligible)):
        chart = fall_cusum(months([*course], [*expected], eligible), limit=limit)
        if chart["is_signal"].any():
            probability += math.prod(
                math.comb(n, k) * (e / n) ** k * (1 - e / n) ** (n - k)
                for k, e, n in zip(course, expected, eligible, strict=True)
            )
    assert 0 < probability <= 0.05
    assert probability == pytest.approx(false_signal_share(frame, limit=limit), rel=1e-9)


def test_a_fall_is_found_in_the_month_in_which_it_shows() -> None:
    random = np.random.default_rng(7)
    expected = [20.0] * 36
    mean = np.where(np.arange(36) < 18, 20.0, 9.0)
    frame = months(random.poisson(mean).tolist(), [*expected])
    limit = cusum_limit(frame)
    assert limit is not None
    signals = fall_cusum(frame, limit=limit)["is_signal"]
    assert 18 <= signals.to_numpy(dtype=bool).argmax() <= 20


def test_three_years_of_a_large_clinic() -> None:
    # Months that differ let the sum reach many heights: the share asked for can nearly be met.
    expected = np.random.default_rng(1).uniform(40, 70, 36)
    frame = months([None] * 36, expected.tolist(), [150] * 36)
    limit = cusum_limit(frame)
    assert limit is not None
    assert 0.049 < false_signal_share(frame, limit=limit) <= 0.05


def test_months_that_are_not_covered_are_passed_over() -> None:
    all_covered = months([None] * 2, [5.0, 5.0], [9, 9])
    some = pd.concat([all_covered, all_covered.assign(expected=pd.NA)], ignore_index=True)
    assert cusum_limit(some) == cusum_limit(all_covered)


def test_nothing_expected_has_no_limit() -> None:
    assert cusum_limit(months([0], [0.0])) is None
    assert cusum_limit(months([], [])) is None
    assert len(fall_cusum(months([], []), limit=1.0)) == 0


def test_numbers_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        log_likelihood_ratios(months([1], [2.0]), ratio=1.5)
    with pytest.raises(ValueError, match="not above 0"):
        fall_cusum(months([1], [2.0]), limit=0.0)
    with pytest.raises(ValueError, match="column observed"):
        fall_cusum(months([5], [2.0], [4]), limit=1.0)
    with pytest.raises(ValueError, match="column expected"):
        fall_cusum(months([1], [5.0], [4]), limit=1.0)
    with pytest.raises(ValueError, match="false signal"):
        cusum_limit(months([1], [5.0]), false_signals=1.0)
