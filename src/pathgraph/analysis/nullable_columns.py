"""Columns of numbers and codes in which what is not defined is null, never nan or infinite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["Floats", "amounts", "first_code", "nullable"]

Floats = NDArray[np.float64]


def amounts(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column of counts or expected numbers, nan where it is null.

    Parameters
    ----------
    frame
        Any number of rows.
    name
        Its column, of any dtype that holds numbers.

    Raises
    ------
    ValueError
        A number is negative or infinite.

    Examples
    --------
    >>> amounts(pd.DataFrame({"observed": pd.array([3, None], dtype="Int64")}), "observed").tolist()
    [3.0, nan]
    """
    values: Floats = frame[name].to_numpy(dtype=np.float64, na_value=np.nan)
    if bool((values < 0).any()) or bool(np.isinf(values).any()):
        raise ValueError(f"column {name}: a number is negative or infinite")
    return values


def nullable(values: Floats, is_defined: NDArray[np.bool_] | None = None) -> Any:
    """Return a column of numbers, null where ``values`` are not finite or not defined.

    Examples
    --------
    >>> nullable(np.array([0.5, np.nan, np.inf])).tolist()
    [0.5, <NA>, <NA>]
    """
    is_null = ~np.isfinite(values)
    if is_defined is not None:
        is_null |= ~is_defined
    return pd.arrays.FloatingArray(np.where(is_null, 0.0, values), is_null)


def first_code(conditions: dict[str, NDArray[np.bool_]]) -> Any:
    """Return, for each row, the first code whose condition holds; null where none does.

    Examples
    --------
    >>> first_code({"a": np.array([True, False]), "b": np.array([True, False])}).tolist()
    ['a', <NA>]
    """
    n_rows = len(next(iter(conditions.values())))
    chosen = np.full(n_rows, None, dtype=object)
    for code, holds in reversed(conditions.items()):
        chosen[holds] = code
    return pd.array(chosen, dtype="string")
