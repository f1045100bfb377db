"""Shares month by month against what chance allows: the p-chart.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#control-chart``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pathgraph.analysis.nullable_columns import Floats, amounts, first_code, nullable

__all__ = ["THREE_SIGMA", "p_chart"]

THREE_SIGMA = 0.00135
"""Probability beyond three standard deviations of a normal distribution, at one side."""


def p_chart(
    months: pd.DataFrame, *, baseline_months: int | None = None, tail: float = THREE_SIGMA
) -> pd.DataFrame:
    """Place each month of each unit against the exact limits of its share.

    Parameters
    ----------
    months
        One row a unit and month, months in order within a unit: ``unit``, ``observed`` and
        ``eligible`` [patients], null where the month is not covered.
    baseline_months
        First covered months with anybody eligible that the centre is taken from; by default all.
    tail
        Largest probability of a month outside on one side, without any change.

    Returns
    -------
    By the index of ``months``: ``share``; ``centre``, the baseline's share; ``low`` and ``high``,
    the least and the greatest share inside; ``position``: ``below``, ``inside`` or ``above``; and
    ``reason``, why these are null: ``not_covered`` or ``nobody_eligible``.

    Raises
    ------
    ValueError
        More were observed than were eligible.

    Notes
    -----
    A month is below where the binomial probability of its number or fewer, at the centre, is at
    most ``tail``, and above where that of its number or more is. The limits of three standard
    deviations (Shewhart; in health care Duclos and Voirin 2010, doi 10.1093/intqhc/mzq037) would
    reach below 0 with few patients; these are the exact ones of the same tail. The centre is taken
    as known: over few baseline months the limits are too narrow.

    Examples
    --------
    >>> months = pd.DataFrame({"unit": "a", "observed": [10, 11, 0], "eligible": [20, 20, 20]})
    >>> chart = p_chart(months, baseline_months=2)
    >>> chart[["low", "high", "position"]].to_numpy().tolist()
    [[0.2, 0.85, 'inside'], [0.2, 0.85, 'inside'], [0.2, 0.85, 'below']]
    """
    observed, eligible = amounts(months, "observed"), amounts(months, "eligible")
    if bool((observed > eligible).any()):
        raise ValueError("column observed: a number is above that of the eligible")
    reason = {
        "not_covered": np.isnan(observed) | np.isnan(eligible),
        "nobody_eligible": eligible == 0,
    }
    is_defined = ~np.logical_or.reduce(list(reason.values()))
    centre = _centres(months, is_defined, baseline_months)
    n, p = np.where(is_defined, eligible, 1.0), np.where(is_defined, centre, 0.5)
    null = stats.binom(n, p)
    # The least number whose probability, with all below it, exceeds the tail; and its mirror.
    low = null.ppf(tail)
    low = np.where(null.cdf(low) <= tail, low + 1, low)
    high = null.isf(tail)
    position = {
        "below": is_defined & (observed < low),
        "above": is_defined & (observed > high),
        "inside": is_defined,
    }
    return pd.DataFrame(
        {
            "share": nullable(observed / n, is_defined),
            "centre": nullable(p, is_defined),
            "low": nullable(low / n, is_defined),
            "high": nullable(high / n, is_defined),
            "position": first_code(position),
            "reason": first_code(reason),
        },
        index=months.index,
    )


def _centres(
    months: pd.DataFrame, is_defined: NDArray[np.bool_], baseline_months: int | None
) -> Floats:
    """Return for each row its unit's share over the baseline."""
    counted = pd.DataFrame(
        {
            "unit": pd.factorize(months["unit"], use_na_sentinel=False)[0],
            "observed": np.where(is_defined, amounts(months, "observed"), 0.0),
            "eligible": np.where(is_defined, amounts(months, "eligible"), 0.0),
        }
    )
    if baseline_months is not None:
        order = pd.Series(is_defined.astype(np.int64)).groupby(counted["unit"]).cumsum()
        is_later = (order > baseline_months).to_numpy()
        counted.loc[is_later, ["observed", "eligible"]] = 0.0
    sums = counted.groupby("unit")[["observed", "eligible"]].transform("sum").to_numpy()
    centre: Floats = sums[:, 0] / np.where(sums[:, 1] > 0, sums[:, 1], np.nan)
    return centre
