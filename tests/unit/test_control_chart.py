"""The p-chart's limits against sums of binomial probabilities."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.control_chart import THREE_SIGMA, p_chart


def tail(counts: range, n: int, share: float) -> float:
    return sum(math.comb(n, k) * share**k * (1 - share) ** (n - k) for k in counts)


def months(observed: list[int | None], eligible: list[int | None], unit: str = "a") -> pd.DataFrame:
    frame = pd.DataFrame({"observed": observed, "eligible": eligible}, dtype="Int64")
    return frame.assign(unit=unit)


def test_three_sigma_is_the_normal_tail() -> None:
    assert pytest.approx(math.erfc(3 / math.sqrt(2)) / 2, abs=1e-6) == THREE_SIGMA


@pytest.mark.parametrize("share", [0.05, 0.3, 0.9])
@pytest.mark.parametrize("n", [1, 8, 30, 60])
def test_positions_by_summing_tails(n: int, share: float) -> None:
    # The first month sets the centre.
    base = 10_000
    frame = months([round(base * share), *range(n + 1)], [base, *[n] * (n + 1)])
    rows = p_chart(frame, baseline_months=1)
    assert rows["centre"].to_list() == pytest.approx([share] * (n + 2))
    for count in range(n + 1):
        row = rows.iloc[count + 1]
        fewer, more = tail(range(count + 1), n, share), tail(range(count, n + 1), n, share)
        expected = "below" if fewer <= THREE_SIGMA else "above" if more <= THREE_SIGMA else "inside"
        assert row["position"] == expected
        assert (row["low"] <= count / n <= row["high"]) == (expected == "inside")


def test_the_limits_are_shares_that_can_occur() -> None:
    rows = p_chart(months([5, 5], [10, 10]))
    assert (rows["low"][0], rows["high"][0]) == (0.1, 0.9)
    # P(0 of 10) = 0.00098 is at most 0.00135, P(0 or 1) is not.
    wide = p_chart(months([5, 5], [10, 10]), tail=0.0005)
    assert (wide["low"][0], wide["high"][0]) == (0, 1)


def test_the_centre_is_the_share_of_the_baseline() -> None:
    frame = months([2, None, 8, 0, 0], [10, 10, 30, 0, 40])
    assert p_chart(frame)["centre"].dropna().to_list() == pytest.approx([10 / 80] * 3)
    # Months that are not covered, or without anybody, are none of the baseline's.
    two = p_chart(frame, baseline_months=2)
    assert two["centre"].dropna().to_list() == pytest.approx([10 / 40] * 3)
    assert two["position"].iloc[-1] == "below"


def test_a_month_as_rare_as_the_tail_is_outside() -> None:
    # Of two at a share of a half, none and both have the probability 0.25 each.
    rows = p_chart(months([1, 0, 1, 2], [2] * 4), baseline_months=1, tail=0.25)
    assert rows["position"].to_list() == ["inside", "below", "inside", "above"]


def test_units_have_their_own_centre() -> None:
    frame = pd.concat([months([1, 1], [10, 10], "a"), months([9, 9], [10, 10], "b")])
    rows = p_chart(frame.iloc[[0, 2, 1, 3]])
    assert rows["centre"].to_list() == [0.1, 0.9, 0.1, 0.9]


def test_what_is_not_defined_is_null() -> None:
    frame = months([None, 0, 3, 4], [10, 0, None, 8])
    rows = p_chart(frame)
    assert rows["reason"][:3].to_list() == ["not_covered", "nobody_eligible", "not_covered"]
    assert rows.drop(columns="reason").iloc[:3].isna().all(axis=None)
    assert rows["share"][3] == 0.5
    values = rows[["share", "centre", "low", "high"]].to_numpy(dtype=float, na_value=0)
    assert np.isfinite(values).all()


@pytest.mark.parametrize(("observed", "limit"), [(0, 0.0), (20, 1.0)])
def test_none_or_all_observed(observed: int, limit: float) -> None:
    rows = p_chart(months([observed, observed], [20, 20]))
    assert rows[["centre", "low", "high"]].iloc[0].to_list() == [limit] * 3
    assert rows["position"].to_list() == ["inside", "inside"]


def test_more_than_eligible_is_refused() -> None:
    with pytest.raises(ValueError, match="above that of the eligible"):
        p_chart(months([5], [4]))


def test_no_months() -> None:
    assert len(p_chart(months([], []))) == 0


def test_false_alarms_are_as_rare_as_said() -> None:
    random = np.random.default_rng(20260131)
    n = 20_000
    drawn = random.binomial(40, 0.3, n).tolist()
    rows = p_chart(months(drawn, [40] * n))
    for position in ("below", "above"):
        assert 0 < (rows["position"] == position).mean() <= THREE_SIGMA
