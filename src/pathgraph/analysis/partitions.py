"""How alike divisions of the same nodes into groups are."""

from __future__ import annotations

import itertools
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = ["adjusted_rand", "co_assignment", "numbered", "stability_of"]

Labels: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


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
    Hubert and Arabie 1985, doi 10.1007/BF01908075, equation 5: with n_ij nodes in group i of the
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
    in_one, in_other = _pairs(np.bincount(first)), _pairs(np.bincount(second))
    by_chance = in_one * in_other / (len(first) * (len(first) - 1) / 2)
    return (both - by_chance) / ((in_one + in_other) / 2 - by_chance)


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
    found = [adjusted_rand(one, other) for one, other in itertools.combinations(runs, 2)]
    return float(np.mean(found)) if found else float("nan")


def numbered(labels: Labels) -> Labels:
    """Return the labels, numbered by first member."""
    return pd.factorize(labels)[0].astype(np.int64)


def _pairs(sizes: Labels) -> float:
    return float((sizes * (sizes - 1) / 2).sum())
