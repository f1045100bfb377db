"""Shares of people, each of whom counts once, with intervals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

__all__ = ["wilson"]

Floats = NDArray[np.float64]


def wilson(hits: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Return Wilson's 95 % interval of shares; nan where there is nobody.

    Parameters
    ----------
    hits, n
        People with the property, and people in all.

    Notes
    -----
    Wilson 1927 (doi 10.1080/01621459.1927.10502953), as scipy works it out.

    Examples
    --------
    >>> low, high = wilson(np.array([1.0, 0.0]), np.array([10.0, 0.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.018, nan], [0.404, nan])
    """
    low, high = np.full(len(n), np.nan), np.full(len(n), np.nan)
    for place, (k, size) in enumerate(zip(hits, n, strict=True)):
        if size > 0:
            interval = stats.binomtest(int(k), int(size)).proportion_ci(0.95, method="wilson")
            low[place], high[place] = interval.low, interval.high
    return low, high
