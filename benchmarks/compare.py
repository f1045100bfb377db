"""Two answers to one question, held against each other row by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["differences"]

TOLERANCE = 1e-9
"""Relative difference up to which two fractions are the same: sums depend on the order."""


def differences(ours: pd.DataFrame, theirs: pd.DataFrame, *, key: Sequence[str]) -> list[str]:
    """Return in words what differs between two tables; nothing where they are the same.

    Parameters
    ----------
    key
        Columns whose values tell one row from another; the order of rows does not matter.

    Examples
    --------
    >>> ours = pd.DataFrame({"stay_id": ["a", "b"], "n": [1, 2]})
    >>> differences(ours, ours.iloc[::-1], key=["stay_id"])
    []
    >>> differences(ours, ours.assign(n=[1, 3]), key=["stay_id"])
    ['column n differs in 1 of 2 rows']
    """
    if set(ours.columns) != set(theirs.columns):
        return [f"columns {sorted(ours.columns)} against {sorted(theirs.columns)}"]
    if len(ours) != len(theirs):
        return [f"{len(ours)} rows against {len(theirs)}"]
    ours, theirs = (
        frame.sort_values(list(key), ignore_index=True, na_position="last")
        for frame in (ours, theirs)
    )
    counts = {name: _n_different(ours[name], theirs[name]) for name in ours.columns}
    return [
        f"column {name} differs in {count} of {len(ours)} rows"
        for name, count in counts.items()
        if count
    ]


def _n_different(ours: pd.Series, theirs: pd.Series) -> int:
    absent = ours.isna().to_numpy(), theirs.isna().to_numpy()
    both = ~absent[0] & ~absent[1]
    n_absent = int((absent[0] != absent[1]).sum())
    left, right = ours[both], theirs[both]
    if pd.api.types.is_numeric_dtype(left) and pd.api.types.is_numeric_dtype(right):
        if pd.api.types.is_float_dtype(left) or pd.api.types.is_float_dtype(right):
            close = np.isclose(
                left.to_numpy(float), right.to_numpy(float), rtol=TOLERANCE, atol=TOLERANCE
            )
            return n_absent + int((~close).sum())
        return n_absent + int((left.to_numpy("int64") != right.to_numpy("int64")).sum())
    pairs = zip(left.to_numpy(object), right.to_numpy(object), strict=True)
    return n_absent + sum(not _is_same(mine, other) for mine, other in pairs)


def _is_same(mine: Any, other: Any) -> bool:
    """Say whether two texts or two lists are the same."""
    if isinstance(mine, str) or not hasattr(mine, "__len__"):
        return bool(mine == other)
    if len(mine) != len(other):
        return False
    if len(mine) and isinstance(mine[0], float):
        return bool(np.allclose(mine, other, rtol=TOLERANCE, atol=TOLERANCE))
    return list(mine) == list(other)
