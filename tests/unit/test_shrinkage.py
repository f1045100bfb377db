"""Marshall's global estimator against a worked example and plain Python."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.shrinkage import marshall_prior, shrunk_ratios


def units(observed: list[float | None], expected: list[float | None]) -> pd.DataFrame:
    return pd.DataFrame({"observed": observed, "expected": expected}, dtype="Float64")


def by_hand(observed: list[int], expected: list[float]) -> list[float]:
    m = sum(observed) / sum(expected)
    spread = sum(e * (o / e - m) ** 2 for o, e in zip(observed, expected, strict=True))
    v = max(0.0, spread / sum(expected) - m / (sum(expected) / len(expected)))
    ratios = []
    for o, e in zip(observed, expected, strict=True):
        weight = v / (v + m / e) if v > 0 else 0.0
        ratios.append(m + weight * (o / e - m))
    return ratios


def test_worked_example() -> None:
    """Three units of 10, 20 and 70 expected with 2, 30 and 68 observed.

    m = 100/100 = 1. Spread: (10 x 0.64 + 20 x 0.25 + 70 x (2/70)^2) / 100 = 0.1145714; mean E is
    33.333, so v = 0.1145714 - 0.03 = 0.0845714. Weights v / (v + 1/E): 0.458204, 0.628450,
    0.855491. Ratios 1 - 0.8 x 0.458204, 1 + 0.5 x 0.628450, 1 - 0.0285714 x 0.855491.
    """
    frame = units([2, 30, 68], [10, 20, 70])
    prior = marshall_prior(frame)
    assert (prior.mean, prior.n_units) == (1, 3)
    assert prior.variance == pytest.approx(0.0845714, abs=1e-7)
    rows = shrunk_ratios(frame)
    assert rows["own_weight"].to_list() == pytest.approx([0.458204, 0.628450, 0.855491], abs=1e-6)
    assert rows["shrunk_ratio"].to_list() == pytest.approx([0.633437, 1.314225, 0.975557], abs=1e-6)
    assert rows["reason"].isna().all()


@pytest.mark.parametrize("seed", range(5))
def test_against_plain_python(seed: int) -> None:
    random = np.random.default_rng(seed)
    expected = random.uniform(1, 80, 30)
    observed = random.poisson(expected * random.gamma(6, 1 / 6, 30))
    found = shrunk_ratios(units(observed.tolist(), expected.tolist()))["shrunk_ratio"]
    assert found.to_list() == pytest.approx(by_hand(observed.tolist(), expected.tolist()))


def test_it_is_the_mean_of_the_gamma_posterior() -> None:
    observed, expected = [2, 30, 68], [10.0, 20.0, 70.0]
    prior = marshall_prior(units(observed, expected))
    assert prior.mean is not None
    assert prior.variance is not None
    shape, rate = prior.mean**2 / prior.variance, prior.mean / prior.variance
    posterior = [(o + shape) / (e + rate) for o, e in zip(observed, expected, strict=True)]
    assert shrunk_ratios(units(observed, expected))["shrunk_ratio"].to_list() == pytest.approx(
        posterior
    )


def test_small_units_are_drawn_further() -> None:
    rows = shrunk_ratios(units([1, 10, 30, 60], [2, 20, 20, 50]))
    # The first two have the same ratio, 0.5.
    assert rows["own_weight"][0] < rows["own_weight"][1]
    assert 0.5 < rows["shrunk_ratio"][1] < rows["shrunk_ratio"][0] < 101 / 92


def test_units_that_differ_by_chance_alone_have_the_ratio_of_all() -> None:
    frame = units([9, 11, 10], [10, 10, 10])
    assert marshall_prior(frame).variance == 0
    assert shrunk_ratios(frame)["shrunk_ratio"].to_list() == [1, 1, 1]
    assert shrunk_ratios(frame)["own_weight"].to_list() == [0, 0, 0]


def test_nothing_observed_anywhere() -> None:
    rows = shrunk_ratios(units([0, 0], [10, 5]))
    assert rows["shrunk_ratio"].to_list() == [0, 0]


@pytest.mark.parametrize(
    ("observed", "expected", "reason"),
    [
        ([5], [10.0], ["one_unit"]),
        ([5, None, 3], [10.0, 10.0, 0.0], ["one_unit", "observed_unknown", "nothing_expected"]),
        ([5, 3], [None, 0.0], ["expected_unknown", "nothing_expected"]),
        ([], [], []),
    ],
)
def test_what_is_not_defined_is_null(
    observed: list[float | None], expected: list[float | None], reason: list[str]
) -> None:
    rows = shrunk_ratios(units(observed, expected))
    assert rows["reason"].to_list() == reason
    assert rows[["shrunk_ratio", "own_weight"]].isna().all(axis=None)


def test_units_without_numbers_do_not_move_the_others() -> None:
    alone = shrunk_ratios(units([2, 30, 68], [10, 20, 70]))
    among = shrunk_ratios(units([2, 30, 68, None, 4], [10, 20, 70, 8, 0]))
    assert among["shrunk_ratio"][:3].to_list() == alone["shrunk_ratio"].to_list()
    assert among["shrunk_ratio"][3:].isna().all()


def test_the_prior_says_what_it_lacks() -> None:
    assert marshall_prior(units([], [])).mean is None
    one = marshall_prior(units([5], [10.0]))
    assert (one.mean, one.variance, one.n_units) == (0.5, None, 1)
