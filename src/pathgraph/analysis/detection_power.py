"""How likely the exact tests are to find a unit whose true number differs from the expected one.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#power``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pathgraph.analysis.nullable_columns import Floats, amounts, nullable

__all__ = ["binomial_power", "poisson_power", "power_of_shares", "power_of_units"]


def poisson_power(expected: Floats, *, true_ratio: float, level: float = 0.05) -> Floats:
    """Return the probability that the exact Poisson test tells observed from expected.

    Parameters
    ----------
    expected
        Expected numbers, above 0.
    true_ratio
        True mean over the expected number; 1 gives the share of false alarms.
    level
        Level of the two-sided test, 0 to 1.

    Returns
    -------
    The power, 0 to 1: the true distribution's probability of the counts whose p-value, twice the
    smaller tail, is at most the level. Counted exactly, so it moves in steps with ``expected``, and
    the share of false alarms lies below the level.

    Examples
    --------
    >>> poisson_power(np.array([9.0, 15.0, 25.0]), true_ratio=0.5).round(3).tolist()
    [0.342, 0.525, 0.806]
    """
    null, true = stats.poisson(expected), stats.poisson(expected * true_ratio)
    return _power(null, true, level)


def binomial_power(
    total: Floats, share: Floats, *, true_ratio: float, level: float = 0.05
) -> Floats:
    """Return the probability that the exact binomial test tells a part from its planned share.

    Parameters
    ----------
    total
        Fixed totals [referrals or patients].
    share
        Planned shares of them, above 0 and below 1.
    true_ratio
        True share over the planned one; their product is taken to be at most 1.
    level
        Level of the two-sided test, 0 to 1.

    Returns
    -------
    The power, 0 to 1, counted as in :func:`poisson_power`.

    Examples
    --------
    >>> binomial_power(np.array([18.0]), np.array([0.5]), true_ratio=0.5).round(3).tolist()
    [0.519]
    """
    null = stats.binom(total, share)
    return _power(null, stats.binom(total, np.minimum(share * true_ratio, 1)), level)


def power_of_units(
    units: pd.DataFrame, *, true_ratio: float = 0.5, level: float = 0.05
) -> pd.DataFrame:
    """Return each unit's power to be told from its expected number.

    Parameters
    ----------
    units
        One row a unit of one report: ``expected`` [patients or referrals], null where unknown.
    true_ratio
        Ratio of observed to expected that is asked about.
    level
        Level of the two-sided exact Poisson test, 0 to 1.

    Returns
    -------
    By the index of ``units``: ``power`` of the test alone; ``power_adjusted``, the least that is
    left after Benjamini and Hochberg's adjustment, when no other unit deviates and the p-value must
    be at most the level over the number of units tested. Null where nothing is expected.

    Examples
    --------
    >>> power_of_units(pd.DataFrame({"expected": [9.0, 0.0, 40.0]})).round(3).to_dict("list")
    {'power': [0.342, None, 0.948], 'power_adjusted': [0.174, None, 0.922]}
    """
    expected = amounts(units, "expected")
    is_tested = expected > 0
    mean = np.where(is_tested, expected, 1.0)
    return _both_levels(
        units,
        is_tested,
        lambda at: poisson_power(mean, true_ratio=true_ratio, level=at),
        level,
    )


def power_of_shares(
    units: pd.DataFrame, *, total: int, true_ratio: float = 0.5, level: float = 0.05
) -> pd.DataFrame:
    """Return each unit's power to be told from its planned share of a fixed total.

    Parameters
    ----------
    units
        One row a unit that the plan covers: ``share``, 0 to 1, null where unknown.
    total
        Referrals from all units that the plan covers.
    true_ratio
        Ratio of observed to expected that is asked about.
    level
        Level of the two-sided exact binomial test, 0 to 1.

    Returns
    -------
    As :func:`power_of_units`; null where the share is 0 or 1 or the total 0.
    """
    share = amounts(units, "share")
    is_tested = (share > 0) & (share < 1) & (total > 0)
    part, n = np.where(is_tested, share, 0.5), np.full(len(units), float(total))
    return _both_levels(
        units,
        is_tested,
        lambda at: binomial_power(n, part, true_ratio=true_ratio, level=at),
        level,
    )


def _both_levels(
    units: pd.DataFrame,
    is_tested: NDArray[np.bool_],
    power_at: Callable[[float], Floats],
    level: float,
) -> pd.DataFrame:
    n_tests = max(int(is_tested.sum()), 1)
    return pd.DataFrame(
        {
            "power": nullable(power_at(level), is_tested),
            "power_adjusted": nullable(power_at(level / n_tests), is_tested),
        },
        index=units.index,
    )


def _power(null: Any, true: Any, level: float) -> Floats:
    """Return the probability under ``true`` of the counts that are rejected under ``null``."""
    tail = level / 2
    # The quantile is the least count whose probability reaches the tail: mostly one too many.
    least_kept = null.ppf(tail)
    most_low = np.where(null.cdf(least_kept) <= tail, least_kept, least_kept - 1)
    most_kept = null.isf(tail)
    power: Floats = true.cdf(most_low) + true.sf(most_kept)
    return power
