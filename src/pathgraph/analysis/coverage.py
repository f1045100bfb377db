"""Which spans of time the sources cover (``docs/definitions.md#horizon``)."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["is_covered"]


def is_covered(spans: pd.DataFrame, coverage: pd.DataFrame) -> NDArray[np.bool_]:
    """Say of each span whether one level of care is covered for the whole of it.

    Parameters
    ----------
    spans
        ``municipality_code`` (null is never covered), ``from_s`` and ``to_s`` (exclusive) [s].
    coverage
        Rows of one level: ``municipality_code`` (null means all), ``from_s``, ``to_s`` (exclusive)
        [s]. What follows without a break counts as one.

    Returns
    -------
    One value a span.

    Examples
    --------
    >>> spans = pd.DataFrame({"municipality_code": ["a", "b"], "from_s": [5, 5], "to_s": [20, 20]})
    >>> coverage = pd.DataFrame(
    ...     {"municipality_code": [None, "a"], "from_s": [0, 10], "to_s": [10, 20]}
    ... )
    >>> is_covered(spans, coverage).tolist()
    [True, False]
    """
    found = np.zeros(len(spans), dtype=bool)
    from_s = spans["from_s"].to_numpy(dtype=np.float64, na_value=np.nan)
    to_s = spans["to_s"].to_numpy(dtype=np.float64, na_value=np.nan)
    everywhere = coverage["municipality_code"].isna()
    for code, rows in spans.groupby("municipality_code").indices.items():
        own = coverage[
            (everywhere | coverage["municipality_code"].eq(str(code))).to_numpy(dtype=bool)
        ]
        for start, end in _joined(own):
            found[rows] |= (from_s[rows] >= start) & (to_s[rows] <= end)
    return found


def _joined(coverage: pd.DataFrame) -> list[tuple[int, int]]:
    """Return the periods in order, those that overlap or touch as one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(zip(coverage["from_s"], coverage["to_s"], strict=True)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined
