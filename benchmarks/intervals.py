"""Intervals of rates from sums over patients, for the peers: SQL has no quantiles of Student's t.

The methods are those of ``docs/definitions.md#readmission-rate``, written a second time.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd
from scipy import special

__all__ = ["with_follow_up_interval", "with_intervals"]


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


def with_follow_up_interval(sums: pd.DataFrame) -> pd.DataFrame:
    """Add the share without follow-up and its 95 % interval to one row a unit.

    Parameters
    ----------
    sums
        ``n_discharges``, ``n_patients``, ``n_no_follow_up``, and ``spread``, the sum over patients
        of the squared residuals of the share.
    """
    rows = []
    for row in sums.to_dict("records"):
        n, patients = row["n_discharges"], row["n_patients"]
        share = row["n_no_follow_up"] / n if n else math.nan
        low, high = math.nan, math.nan
        if patients > 1:
            variance = row["spread"] / n**2 * patients / (patients - 1)
            low, high = _wilson(share, variance, n, patients)
        rows.append((share, low, high))
    names = ["share_no_follow_up", "share_low", "share_high"]
    return sums.drop(columns="spread").join(pd.DataFrame(rows, index=sums.index, columns=names))


def _interval(row: Mapping[Any, Any]) -> dict[str, float]:
    patients, observed, expected = row["n_patients"], row["n_readmitted"], row["n_expected"]
    correction = patients / (patients - 1)
    share = observed / row["n_index"]
    n = row["n_index"]
    low, high = _wilson(share, row["share_spread"] / n**2 * correction, n, patients)
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


def _wilson(share: float, variance: float, n: float, patients: float) -> tuple[float, float]:
    """Return Wilson's interval of the effective size; for none or all, that of the patients."""
    size = min(share * (1 - share) / variance, n) if 0 < share < 1 else patients
    z = special.stdtrit(patients - 1, 0.975)
    middle = share + z**2 / (2 * size)
    half = z * math.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    below = 1 + z**2 / size
    return max((middle - half) / below, 0.0), min((middle + half) / below, 1.0)
