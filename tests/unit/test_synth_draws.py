"""Keyed draws: pinned, since every row of a region follows from them; and how they are spread."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import pytest

from pathgraph.synth.draws import (
    choice,
    choice_by_group,
    expand_quantiles,
    integers,
    skewed,
    uniform,
)

IDS = np.arange(200_000)


MASK = 2**64 - 1


def mixed(x: int) -> int:
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & MASK
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & MASK
    return x ^ (x >> 31)


def hashed(seed: int, stream: str, number: int, k: int) -> int:
    base = int.from_bytes(blake2b(f"{seed}|{stream}".encode(), digest_size=8).digest(), "little")
    x = mixed((number * 0x9E3779B97F4A7C15 + base) & MASK)
    return mixed((x + (k + 1) * 0xD1B54A32D192ED03) & MASK)


@pytest.mark.parametrize("number", [0, 1, 7, 999_999, 2**40])
@pytest.mark.parametrize("k", [0, 3, 2**31])
def test_draws_are_those_of_whole_numbers_in_python(number: int, k: int) -> None:
    # Another hash, or one that depends on the processor, would change every region.
    expected = hashed(5, "age", number, k)
    ids = np.array([number])
    assert uniform(5, "age", ids, k).tolist() == [(expected >> 11) / 2**53]
    assert integers(5, "age", ids, 10, 1010, k).tolist() == [10 + ((expected >> 32) * 1000 >> 32)]


def test_one_draw_is_what_it_always_was() -> None:
    assert uniform(1, "age", np.array([7, 8])).tolist() == [0.735448659669031, 0.5315608497427677]


@pytest.mark.parametrize("order", [slice(None, None, -1), slice(5, 9), slice(None, None, 3)])
def test_a_draw_does_not_depend_on_what_is_drawn_beside_it(order: slice) -> None:
    assert (uniform(3, "a", IDS)[order] == uniform(3, "a", IDS[order])).all()
    k = IDS % 5
    assert (
        integers(3, "a", IDS, 0, 9, k)[order] == integers(3, "a", IDS[order], 0, 9, k[order])
    ).all()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (uniform(1, "a", IDS), uniform(2, "a", IDS)),
        (uniform(1, "a", IDS), uniform(1, "b", IDS)),
        (uniform(1, "a", IDS, 0), uniform(1, "a", IDS, 1)),
        (uniform(1, "a", IDS)[1:], uniform(1, "a", IDS)[:-1]),
    ],
    ids=["seed", "stream", "place", "neighbour"],
)
def test_other_keys_give_unrelated_numbers(one: np.ndarray, other: np.ndarray) -> None:
    # The standard error of a correlation of 200,000 pairs is 0.0022.
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.011


def test_numbers_are_spread_evenly() -> None:
    drawn = uniform(1, "even", IDS)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    counts = np.bincount((drawn * 20).astype(int), minlength=20)
    # Chi-squared with 19 degrees of freedom: above 43.8 once in a thousand.
    assert ((counts - 10_000) ** 2 / 10_000).sum() < 43.8


def test_weights_are_kept_and_an_empty_weight_is_never_drawn() -> None:
    counts = np.bincount(choice(1, "weights", IDS, np.cumsum([1, 0, 3])), minlength=3)
    assert counts[1] == 0
    assert abs(counts[0] / len(IDS) - 0.25) < 0.005
    group = IDS % 2
    drawn = choice_by_group(1, "groups", IDS, np.array([[1, 1], [0, 5]]), group)
    assert set(drawn[group == 0]) == {0}
    assert set(drawn[group == 1]) == {1}


def test_bounds_of_whole_numbers() -> None:
    assert set(integers(1, "whole", IDS, 3, 6)) == {3, 4, 5}
    assert set(integers(1, "whole", IDS[:50], 3, 3)) == {3}


def test_skewed_amounts_have_their_quantiles() -> None:
    drawn = skewed(1, "skewed", IDS, expand_quantiles([(0, 10), (500, 100), (1000, 5000)]))
    assert drawn.min() >= 10
    assert drawn.max() <= 5000
    assert abs((drawn <= 100).mean() - 0.5) < 0.005
    assert abs((drawn <= 2550).mean() - 0.75) < 0.005


@pytest.mark.parametrize(
    "knots", [[(1, 0), (1000, 1)], [(0, 0), (999, 1)], [(0, 0), (9, 1), (3, 2)]]
)
def test_knots_that_are_no_quantiles_are_refused(knots: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match="per mille"):
        expand_quantiles(knots)
