"""How alike divisions of the same nodes into groups are."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "DivisionTest",
    "Group",
    "adjusted_rand",
    "co_assignment",
    "compared_divisions",
    "known_groups",
    "numbered",
    "stability_of",
]

_PERMUTATIONS = 9_999
"""Own choice: the least p value is 1 in 10,000."""

Group: TypeAlias = str | int | float | None
"""An area or community; null for none."""

Labels: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class DivisionTest:
    """How alike two divisions of municipalities are, and whether chance makes them so alike.

    Attributes
    ----------
    adjusted_rand
        See :func:`adjusted_rand`; nan for fewer than two municipalities.
    p_value
        (hits + 1) / (permutations + 1), a hit being a permutation at least as alike.
    chance_high
        The value that 95 % of the permutations do not exceed.
    n_permutations, seed
        As given.
    n_municipalities
        In both divisions; the others are not compared.
    n_found_only, n_formal_only
        Municipalities of one division alone.
    n_communities, n_areas
        Groups of the one and of the other, among those compared.
    """

    adjusted_rand: float
    p_value: float
    chance_high: float
    n_permutations: int
    seed: int
    n_municipalities: int
    n_found_only: int
    n_formal_only: int
    n_communities: int
    n_areas: int


def adjusted_rand(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Return how alike two divisions of the same nodes are, beyond chance.

    Parameters
    ----------
    one, other
        Label of each node, in the same order; labels are any texts or numbers, none is missing.

    Returns
    -------
    1 for equal divisions, 0 as by chance, possibly below 0. Where both put all together, or both
    put each apart, 1; of fewer than two nodes, nan.

    Raises
    ------
    ValueError
        A label is missing, or the divisions are of different numbers of nodes.

    Notes
    -----
    Hubert and Arabie 1985, doi 10.1007/BF01908075: with n_ij nodes in group i of the
    one and j of the other, a_i and b_j the sizes of the groups, and C(x) = x (x - 1) / 2,
    (S - A B / C(n)) / ((A + B) / 2 - A B / C(n)), where S, A and B are the sums of C(n_ij), C(a_i)
    and C(b_j).

    Examples
    --------
    >>> round(adjusted_rand([1, 1, 2, 2], ["x", "x", "y", "z"]), 4)
    0.5714
    """
    first, second = pd.factorize(np.asarray(one))[0], pd.factorize(np.asarray(other))[0]
    if len(first) != len(second):
        raise ValueError("two divisions of different numbers of nodes")
    if -1 in first or -1 in second:
        raise ValueError("a node without a label belongs to no division")
    if len(first) < 2:
        return float("nan")
    # Numbered by first member, equal divisions are equal; of others the divisor is above 0.
    if (first == second).all():
        return 1.0
    both = _pairs(np.bincount(first * (second.max() + 1) + second))
    return _index_of(both, np.bincount(first), np.bincount(second))


def compared_divisions(
    found: Mapping[str, Group],
    formal: Mapping[str, Group],
    *,
    n_permutations: int = _PERMUTATIONS,
    seed: int = 0,
) -> DivisionTest:
    """Compare a division that was found with the formal one, against permuted ones.

    Parameters
    ----------
    found, formal
        Community and area by municipality. A municipality without one (null) is in neither.
    n_permutations
        How often the areas are dealt out anew among the municipalities, each area keeping its
        size; at least 1.

    Notes
    -----
    Where either division is a single group, or each municipality a group of its own, every
    permutation is as alike and p is 1. A small p says that the two are more alike than chance
    makes them, not that the formal one is good; neighbours resemble each other in both. Counting
    the observed order among the permutations: Phipson and Smyth 2010, doi 10.2202/1544-6115.1585.

    Examples
    --------
    >>> found = {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2}
    >>> test = compared_divisions(found, {**found, "c": 2}, n_permutations=999)
    >>> round(test.adjusted_rand, 3), test.n_municipalities, test.p_value > 0.05
    (0.324, 6, True)
    """
    if n_permutations < 1:
        raise ValueError("at least one permutation")
    one, other = known_groups(found), known_groups(formal)
    both = sorted(one.keys() & other.keys())
    first = pd.factorize(np.array([str(one[code]) for code in both], dtype=object))[0]
    second = pd.factorize(np.array([str(other[code]) for code in both], dtype=object))[0]
    alike = adjusted_rand(first, second)
    p_value, high = float("nan"), float("nan")
    if len(both) >= 2:
        permuted = _permuted(first, second, n_permutations, seed)
        observed = _pairs_together(first[None, :], second[None, :])[0]
        p_value = float(((permuted >= observed).sum() + 1) / (n_permutations + 1))
        usual = float(np.quantile(permuted, 0.95, method="inverted_cdf"))
        high = _index_of(usual, np.bincount(first), np.bincount(second))
    return DivisionTest(
        adjusted_rand=alike,
        p_value=p_value,
        chance_high=high,
        n_permutations=n_permutations,
        seed=seed,
        n_municipalities=len(both),
        n_found_only=len(one) - len(both),
        n_formal_only=len(other) - len(both),
        n_communities=len(np.unique(first)),
        n_areas=len(np.unique(second)),
    )


def co_assignment(runs: Labels) -> Floats:
    """Return the share of the runs in which each two nodes stand together.

    Parameters
    ----------
    runs
        Community of each node (columns) in each run (rows).

    Examples
    --------
    >>> co_assignment(np.array([[0, 0, 1], [0, 1, 1]])).tolist()
    [[1.0, 0.5, 0.0], [0.5, 1.0, 0.5], [0.0, 0.5, 1.0]]
    """
    times = np.zeros((runs.shape[1], runs.shape[1]), dtype=np.int64)
    for run in runs:
        times += run[:, None] == run[None, :]
    return times / max(len(runs), 1)


def stability_of(runs: Labels) -> float:
    """Return the mean adjusted Rand index of each two runs; nan with fewer than two.

    Examples
    --------
    >>> round(stability_of(np.array([[0, 0, 1, 1], [1, 1, 0, 0], [0, 0, 1, 2]])), 4)
    0.7143
    """
    n_pairs = len(runs) * (len(runs) - 1) // 2
    if not n_pairs or runs.shape[1] < 2:
        return float("nan")
    # Most runs are often equal, and equal ones have the index 1.
    different, times = np.unique([numbered(run) for run in runs], axis=0, return_counts=True)
    total = float((times * (times - 1) // 2).sum())
    for one, other in itertools.combinations(range(len(different)), 2):
        total += times[one] * times[other] * adjusted_rand(different[one], different[other])
    return float(total / n_pairs)


def numbered(labels: Labels) -> Labels:
    """Return the labels, numbered by first member.

    Examples
    --------
    >>> numbered(np.array([7, 3, 7])).tolist()
    [0, 1, 0]
    """
    return pd.factorize(labels)[0].astype(np.int64)


def known_groups(division: Mapping[str, Group]) -> dict[str, Group]:
    """Return the division without what is in no group.

    Examples
    --------
    >>> known_groups({"a": "east", "b": None, "c": float("nan")})
    {'a': 'east'}
    """
    return {code: group for code, group in division.items() if not pd.isna(group)}


def _permuted(first: Labels, second: Labels, n: int, seed: int) -> Floats:
    generator = np.random.default_rng(seed)
    return _pairs_together(first[None, :], generator.permuted(np.tile(second, (n, 1)), axis=1))


def _pairs_together(first: Labels, second: Labels) -> Floats:
    """Return how many pairs stand together in both divisions, for each row of the second."""
    n_first, n_second = int(first.max()) + 1, int(second.max()) + 1
    cells = n_first * n_second
    codes = np.arange(len(second))[:, None] * cells + first * n_second + second
    sizes = np.bincount(codes.ravel(), minlength=len(second) * cells).reshape(len(second), cells)
    return np.asarray((sizes * (sizes - 1) / 2).sum(axis=1), dtype=np.float64)


def _index_of(together: float, first: Labels, second: Labels) -> float:
    """Return the index of divisions whose groups have these sizes, with so many pairs together."""
    in_first, in_second, pairs = _pairs(first), _pairs(second), _pairs(first.sum(keepdims=True))
    by_chance = in_first * in_second / pairs
    most = (in_first + in_second) / 2
    # No more than by chance are possible where both are a single group, or each apart.
    return 1.0 if most <= by_chance else (together - by_chance) / (most - by_chance)


def _pairs(sizes: Labels) -> float:
    return float((sizes * (sizes - 1) / 2).sum())
