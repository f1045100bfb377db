"""Intervals of rates from sums over patients, for the peers: SQL has no quantiles of Student's t.

The methods are those of ``docs/definitions.md#readmission-rate``, written a second time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy import special

__all__ = ["with_intervals"]


def with_intervals(sums: pd.DataFrame) -> pd.DataFrame:
    """Add shares, ratios and their 95 % intervals to one row a group.

    Parameters
    ----------
    sums
        ``by_value``, ``name``, ``n_index``, ``n_patients``, ``n_readmitted``,
        ``n_readmitted_patients``, ``n_readmissions``, ``n_expected``; the sums over patients of the
        squared residuals of the share and of observed to expected, ``share_spread`` and
        ``ratio_spread``; and ``overall``, the share of all index stays.
    """
    rows = [_interval(row) for row in sums.to_dict("records")]
    intervals = pd.DataFrame(rows, index=sums.index)
    kept = sums.drop(columns=["share_spread", "ratio_spread", "overall"])
    return kept.join(intervals)


def _interval(row: Mapping[Any, Any]) -> dict[str, float]:
    patients, observed, expected = row["n_patients"], row["n_readmitted"], row["n_expected"]
    correction = patients / (patients - 1)
    share = observed / row["n_index"]
    low, high = _wilson(share, row["share_spread"] / row["n_index"] ** 2 * correction, row)
    ratio = observed / expected
    variance = row["ratio_spread"] / expected**2 * correction
    factor = max(variance * expected**2 / observed, 1.0)
    events = observed / factor
    return {
        "share": share,
        "share_low": low,
        "share_high": high,
        "observed_to_expected": ratio,
        "ratio_low": special.chdtri(2 * events, 0.975) / 2 * factor / expected,
        "ratio_high": special.chdtri(2 * events + 2, 0.025) / 2 * factor / expected,
        "adjusted_share": ratio * row["overall"],
    }


def _wilson(share: float, variance: float, row: Mapping[Any, Any]) -> tuple[float, float]:
    size = min(share * (1 - share) / variance, row["n_index"])
    z = special.stdtrit(row["n_patients"] - 1, 0.975)
    middle = share + z**2 / (2 * size)
    half = z * math.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    below = 1 + z**2 / size
    return max((middle - half) / below, 0.0), min((middle + half) / below, 1.0)
