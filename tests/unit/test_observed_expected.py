"""Intervals, exact tests, gaps and adjustment, against printed numbers and plain Python."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.observed_expected import (
    LimitMethod,
    against_expected,
    against_share,
    benjamini_hochberg,
    count_limits,
    patient_gaps,
)


def poisson_tails(observed: int, mean: float) -> tuple[float, float]:
    """Probability of the number or fewer, and of it or more, summed term by term."""
    terms = [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(400)]
    return sum(terms[: observed + 1]), sum(terms[observed:])


def binomial_tails(observed: int, n: int, share: float) -> tuple[float, float]:
    terms = [math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    return sum(terms[: observed + 1]), sum(terms[observed:])


def two_sided(tails: tuple[float, float]) -> float:
    return min(1.0, 2 * min(tails))


def one(observed: float | None, expected: float | None, **more: object) -> pd.Series:
    frame = pd.DataFrame({"observed": [observed], "expected": [expected]}, dtype="Float64")
    return against_expected(frame, **more).iloc[0]


@pytest.mark.parametrize(
    ("observed", "method", "low", "high"),
    [
        (0, "exact", 0, 3.689),
        (3, "exact", 0.619, 8.767),
        (10, "exact", 4.795, 18.390),
        (10, "byar", 4.787, 18.391),
        # The rule: exact below 10, Byar's from 10.
        (0, "byar_from_10", 0, 3.689),
        (3, "byar_from_10", 0.619, 8.767),
        (10, "byar_from_10", 4.787, 18.391),
    ],
)
def test_printed_limits(observed: int, method: LimitMethod, low: float, high: float) -> None:
    limits = count_limits(np.array([observed], dtype=float), method=method)
    assert [limit[0] for limit in limits] == pytest.approx([low, high], abs=6e-4)


def test_the_rule_changes_at_10() -> None:
    counts = np.array([9.0, 10.0])
    rule, exact, byar = (
        np.array(count_limits(counts, method=method))
        for method in ("byar_from_10", "exact", "byar")
    )
    assert rule[:, 0].tolist() == exact[:, 0].tolist() != byar[:, 0].tolist()
    assert rule[:, 1].tolist() == byar[:, 1].tolist() != exact[:, 1].tolist()


@pytest.mark.parametrize("confidence", [0.95, 0.998])
@pytest.mark.parametrize("observed", [1, 2, 7, 25, 90])
def test_exact_limits_leave_the_tails_that_they_say(observed: int, confidence: float) -> None:
    counts = np.array([observed], dtype=float)
    low, high = count_limits(counts, method="exact", confidence=confidence)
    tail = (1 - confidence) / 2
    assert poisson_tails(observed, low[0])[1] == pytest.approx(tail, rel=1e-8)
    assert poisson_tails(observed, high[0])[0] == pytest.approx(tail, rel=1e-8)


def test_byars_lower_limit_is_null_where_it_would_be_negative() -> None:
    # 1 - 1/9 - 3.09/3 is below 0 for a count of 1 at 99.8 %; at 95 % it is 0.2356.
    assert np.isnan(count_limits(np.array([1.0]), method="byar", confidence=0.998)[0])
    low, _ = count_limits(np.array([1.0]), method="byar")
    assert low[0] == pytest.approx((1 - 1 / 9 - 1.959964 / 3) ** 3, abs=1e-6)


def test_an_unknown_method_is_refused() -> None:
    with pytest.raises(ValueError, match="no such method"):
        count_limits(np.array([1.0]), method="wald")  # type: ignore[arg-type]


@pytest.mark.parametrize("expected", [0.3, 4.5, 9.0, 9.5, 30.0])
def test_the_p_value_is_twice_the_smaller_tail(expected: float) -> None:
    for observed in range(60):
        p_value = one(observed, expected)["p_value"]
        assert p_value == pytest.approx(two_sided(poisson_tails(observed, expected)), rel=1e-9)


@pytest.mark.parametrize("expected", [0.3, 4.5, 9.0, 9.5, 30.0])
def test_test_and_exact_interval_agree(expected: float) -> None:
    verdicts = []
    for observed in range(60):
        row = one(observed, expected, method="exact")
        is_outside = not row["ratio_low"] <= 1 <= row["ratio_high"]
        assert is_outside == (row["p_value"] < 0.05)
        verdicts.append(is_outside)
    assert set(verdicts) == {True, False}


def test_the_ratio_and_its_limits_are_over_the_expected() -> None:
    row = one(3, 6.0)
    assert row["observed_to_expected"] == 0.5
    assert row[["ratio_low", "ratio_high"]].to_list() == pytest.approx(
        [0.619 / 6, 8.767 / 6], abs=1e-4
    )


@pytest.mark.parametrize(
    ("observed", "expected", "reason"),
    [
        (None, 3.0, "observed_unknown"),
        (3, None, "expected_unknown"),
        (3, 0.0, "nothing_expected"),
        (0, 0.0, "nothing_expected"),
        (None, None, "observed_unknown"),
    ],
)
def test_what_is_not_defined_is_null(
    observed: int | None, expected: float | None, reason: str
) -> None:
    row = one(observed, expected)
    assert row["reason"] == reason
    assert row.drop("reason").isna().all()
    # Null, and not nan or infinite, which would be a value of these columns.
    assert all(value is pd.NA for value in row.drop("reason"))


def test_nobody_eligible_is_said_before_nothing_expected() -> None:
    units = pd.DataFrame({"observed": [0, 0], "expected": [0.0, 0.0], "eligible": [0, 5]})
    assert against_expected(units)["reason"].to_list() == ["nobody_eligible", "nothing_expected"]


def test_nothing_observed_is_a_value() -> None:
    row = one(0, 4.0)
    assert row["reason"] is pd.NA
    assert (row["observed_to_expected"], row["ratio_low"]) == (0, 0)
    assert row["ratio_high"] * 4 == pytest.approx(3.689, abs=6e-4)
    assert row["p_value"] == pytest.approx(2 * math.exp(-4))


def test_no_units_and_other_indexes() -> None:
    empty = pd.DataFrame({"observed": [], "expected": []})
    assert len(against_expected(empty)) == 0
    units = pd.DataFrame({"observed": [1, 2], "expected": [2.0, 1.0]}, index=["x", "y"])
    assert against_expected(units)["observed_to_expected"].to_dict() == {"x": 0.5, "y": 2.0}


def test_negative_and_infinite_numbers_are_refused() -> None:
    for expected in (-1.25, math.inf):
        with pytest.raises(ValueError, match="column expected") as error:
            one(1, expected)
        assert "1.25" not in str(error.value)


def shares(observed: list[int | None], share: list[float | None], **more: object) -> pd.DataFrame:
    units = pd.DataFrame({"observed": observed, "share": share}, dtype="Float64")
    return against_share(units, **more)


def test_printed_clopper_pearson_limits() -> None:
    # R: binom.test(9, 24, 1/6), whose p-value 0.01176 is the upper tail alone: each single number
    # below has a greater probability than 9 has.
    row = shares([9], [1 / 6], total=24).iloc[0]
    limits = [row["share_low"], row["share_high"]]
    assert limits == pytest.approx([0.1879929, 0.5940636], abs=5e-8)
    assert (row["expected"], row["observed_share"]) == (4, 0.375)
    assert row["ratio_low"] == pytest.approx(6 * limits[0])
    assert row["p_value"] == pytest.approx(2 * 0.01176, abs=1e-5)


def test_the_central_test_agrees_with_its_interval_where_the_other_does_not() -> None:
    """The example for which R's own test (p = 0.04213) and interval contradict each other."""
    time, other_time = 17877, 20000
    row = shares([2], [time / (time + other_time)], total=12).iloc[0]

    def ratio(share: float) -> float:
        return share / (1 - share) * other_time / time

    printed = [0.02383738, 1.04995468]
    assert [ratio(row["share_low"]), ratio(row["share_high"])] == pytest.approx(printed, rel=1e-6)
    assert row["p_value"] > 0.05


@pytest.mark.parametrize(("n", "share"), [(1, 0.4), (12, 0.5), (30, 0.07), (40, 0.93)])
def test_shares_against_every_tail(n: int, share: float) -> None:
    for observed in range(n + 1):
        row = shares([observed], [share], total=n).iloc[0]
        assert row["p_value"] == pytest.approx(two_sided(binomial_tails(observed, n, share)))
        is_outside = not row["share_low"] <= share <= row["share_high"]
        assert is_outside == (row["p_value"] < 0.05)
        if observed > 0:
            assert binomial_tails(observed, n, row["share_low"])[1] == pytest.approx(0.025)
        else:
            assert row["share_low"] == 0
        if observed < n:
            assert binomial_tails(observed, n, row["share_high"])[0] == pytest.approx(0.025)
        else:
            assert row["share_high"] == 1


def test_the_total_is_that_of_the_units_of_the_plan() -> None:
    rows = shares([10, 20, 70], [0.2, 0.2, 0.6])
    assert rows["expected"].to_list() == pytest.approx([20, 20, 60])
    assert rows["observed_to_expected"].to_list() == pytest.approx([0.5, 1, 7 / 6])
    # Given the total a number varies less than Poisson's: the p-value is smaller.
    assert rows["p_value"][0] < one(10, 20.0)["p_value"]


@pytest.mark.parametrize(
    ("observed", "share", "more", "reason"),
    [
        ([5, None], [0.5, 0.5], {}, ["observed_unknown", "observed_unknown"]),
        ([5, None], [0.5, 0.5], {"total": 9}, [None, "observed_unknown"]),
        ([5, 4], [0.5, None], {"total": 9}, [None, "share_unknown"]),
        ([0, 0], [0.5, 0.5], {}, ["nothing_observed", "nothing_observed"]),
        ([5, 4], [0.0, 1.0], {}, ["nothing_expected", "one_unit"]),
        ([7], [1.0], {}, ["one_unit"]),
    ],
)
def test_shares_that_say_nothing(
    observed: list[int | None],
    share: list[float | None],
    more: dict[str, int],
    reason: list[str | None],
) -> None:
    rows = shares(observed, share, **more)
    assert [None if code is pd.NA else code for code in rows["reason"]] == reason
    values = rows.drop(columns=["reason", "expected"])
    assert values.isna().all(axis=1).to_list() == [code is not None for code in reason]
    floats = rows.drop(columns="reason").to_numpy(dtype=float, na_value=0.0)
    assert np.isfinite(floats).all()


@pytest.mark.parametrize(
    ("observed", "share", "more", "message"),
    [
        ([5, 5], [0.5, 0.4], {}, "do not sum to 1"),
        ([5, 5], [1.5, -0.5], {}, "column share"),
        ([5], [1.5], {"total": 9}, "above 1"),
        ([10], [0.5], {"total": 9}, "above the total"),
    ],
)
def test_shares_that_do_not_fit_are_refused(
    observed: list[int | None], share: list[float | None], more: dict[str, int], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        shares(observed, share, **more)


def test_gaps_by_every_allocation_of_the_unknown() -> None:
    observed, share, n_unknown = [4, 9, 2], [0.5, 0.3, 0.2], 5
    gaps: list[list[float]] = [[], [], []]
    # How many of the unknown came from each unit, the rest from units outside of the plan.
    for given in itertools.product(range(n_unknown + 1), repeat=3):
        if sum(given) <= n_unknown:
            total = sum(observed) + sum(given)
            for unit in range(3):
                gaps[unit].append(share[unit] * total - observed[unit] - given[unit])
    frame = patient_gaps(pd.DataFrame({"observed": observed, "share": share}), n_unknown=n_unknown)
    assert frame["gap_high"].to_list() == pytest.approx([max(own) for own in gaps])
    assert frame["gap_low"].to_list() == pytest.approx([min(own) for own in gaps])
    assert frame["gap"].to_list() == pytest.approx([7.5 - 4, 4.5 - 9, 3 - 2])


def test_gaps_from_absolute_numbers() -> None:
    units = pd.DataFrame({"observed": [3, None, 3], "expected": [5.0, 5.0, None]})
    frame = patient_gaps(units, n_unknown=4)
    assert frame.iloc[0].to_list() == [2, -2, 2]
    assert frame.iloc[1:].isna().all(axis=None)
    with pytest.raises(ValueError, match="negative"):
        patient_gaps(units, n_unknown=-1)


def test_adjusted_p_values_by_their_definition() -> None:
    values = [0.9, 0.011, 0.04, None, 0.001, 0.011, 0.5, None]
    known = sorted(value for value in values if value is not None)
    expected = [
        None
        if value is None
        else min(len(known) * later / (known.index(later) + known.count(later)) for later in known
                 if later >= value)
        for value in values
    ]  # fmt: skip
    adjusted = benjamini_hochberg(pd.Series(values, index=list("abcdefgh"), dtype="Float64"))
    assert adjusted.index.to_list() == list("abcdefgh")
    assert [value is pd.NA for value in adjusted] == [value is None for value in values]
    found = [value for value in adjusted if value is not pd.NA]
    assert found == pytest.approx([min(1.0, value) for value in expected if value is not None])


def test_nulls_are_not_tests() -> None:
    assert benjamini_hochberg(pd.Series([0.04, None], dtype="Float64"))[0] == 0.04
    assert benjamini_hochberg(pd.Series([None, None], dtype="Float64")).isna().all()


def test_the_false_discovery_share_stays_below_its_level() -> None:
    random = np.random.default_rng(20260131)
    ratio = np.array([0.4] * 5 + [1.0] * 15)
    shares_false, n_found = [], 0
    for _ in range(300):
        expected = random.uniform(10, 60, 20)
        units = pd.DataFrame({"observed": random.poisson(expected * ratio), "expected": expected})
        adjusted = benjamini_hochberg(against_expected(units)["p_value"])
        is_found = (adjusted <= 0.05).to_numpy(dtype=bool)
        n_found += int(is_found[:5].sum())
        shares_false.append(is_found[5:].sum() / max(is_found.sum(), 1))
    # At most 0.05 x 15 / 20, and less, since the tests are exact.
    assert np.mean(shares_false) <= 0.0375
    assert n_found > 0.7 * 5 * 300
