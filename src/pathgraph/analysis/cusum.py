"""Falls that last, month by month: the one-sided cumulative sum of log-likelihood ratios.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#cusum``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pathgraph.analysis.nullable_columns import Floats, amounts, first_code, nullable

__all__ = ["cusum_limit", "fall_cusum", "false_signal_share", "log_likelihood_ratios"]

_NO_MASS = 1e-12
"""Probability of Poisson counts that is left out of the sum."""

_STEPS = 40
"""Halvings in the search for a limit: to 1e-12 of where it began."""

_ROUNDING = 1e-9
"""A limit lies that much, of itself, above the height that it must not be reached by."""


def log_likelihood_ratios(months: pd.DataFrame, *, ratio: float) -> Floats:
    """Return how much each month speaks for a fall instead of for no change.

    Parameters
    ----------
    months
        One row a month: ``observed`` and ``expected`` [patients or referrals], null where not
        covered; and, where each of a number of patients is referred or not, ``eligible``.
    ratio
        The fall that is looked for, below 1: with ``eligible`` the ratio of the odds of being
        referred, without it the ratio of the means.

    Returns
    -------
    Without ``eligible``, the Poisson O ln(ratio) + E (1 - ratio); with it, the binomial
    O ln(ratio) - n ln(1 - p + ratio p), p = E / n being the same for all patients of the month; 0
    where nothing is expected or nobody is eligible, nan where not covered.

    Raises
    ------
    ValueError
        The ratio is not between 0 and 1, or more are observed or expected than eligible.

    Notes
    -----
    Steiner et al. 2000 (doi 10.1093/biostatistics/1.4.441), summed over the patients of a month. A
    month is one step: the sum is not set to 0 between its patients.

    Examples
    --------
    >>> month = pd.DataFrame({"observed": [5], "expected": [10.0]})
    >>> log_likelihood_ratios(month, ratio=0.5).round(3).tolist()
    [1.534]
    """
    if not 0 < ratio < 1:
        raise ValueError("the ratio of a fall lies between 0 and 1")
    observed, constants = amounts(months, "observed"), _constants(months, ratio)
    if "eligible" in months and bool((observed > amounts(months, "eligible")).any()):
        raise ValueError("column observed: a number is above that of the eligible")
    is_empty = amounts(months, "expected") == 0
    return np.where(is_empty & ~np.isnan(observed), 0.0, observed * np.log(ratio) + constants)


def fall_cusum(months: pd.DataFrame, *, limit: float, ratio: float = 0.5) -> pd.DataFrame:
    """Draw the one-sided cumulative sum of each unit, and say in which months it signals a fall.

    Parameters
    ----------
    months
        As in :func:`log_likelihood_ratios`, with ``unit``; months in order within a unit.
    limit
        Height at which it signals, above 0; see :func:`cusum_limit`.
    ratio
        The fall that is looked for, below 1.

    Returns
    -------
    By the index of ``months``: ``score``, the month's log-likelihood ratio; ``cusum``, the sum so
    far, never below 0; ``is_signal``, whether it reaches the limit; and ``reason``, why these are
    null: ``not_covered``. A month that is not covered leaves the sum as it was. After a signal the
    sum begins again at 0, so that a fall that goes on signals again.

    Examples
    --------
    >>> months = pd.DataFrame({"unit": "a", "observed": [9, 4, 5, 3], "expected": [10.0] * 4})
    >>> chart = fall_cusum(months, limit=3.0)
    >>> chart[["cusum", "is_signal"]].round(2).to_numpy().tolist()
    [[0.0, False], [2.23, False], [3.76, True], [2.92, False]]
    """
    if not limit > 0:
        raise ValueError("the limit is not above 0")
    score = log_likelihood_ratios(months, ratio=ratio)
    number, _ = pd.factorize(months["unit"], use_na_sentinel=False)
    total = np.full(len(months), np.nan)
    reached = np.zeros(max(len(months), 1))
    for row, (unit, step) in enumerate(zip(number, score, strict=True)):
        if np.isnan(step):
            continue
        total[row] = max(0.0, reached[unit] + step)
        reached[unit] = 0.0 if total[row] >= limit else total[row]
    is_covered = ~np.isnan(score)
    return pd.DataFrame(
        {
            "score": nullable(score),
            "cusum": nullable(total),
            "is_signal": pd.arrays.BooleanArray(is_covered & (total >= limit), ~is_covered),
            "reason": first_code({"not_covered": ~is_covered}),
        },
        index=months.index,
    )


def false_signal_share(months: pd.DataFrame, *, limit: float, ratio: float = 0.5) -> float:
    """Return the probability that a unit signals at least once over its months without any fall.

    Parameters
    ----------
    months
        Of one unit, in order: ``expected``, and ``eligible`` where there is one, as in
        :func:`log_likelihood_ratios`; months that are not covered (null) are passed over.
    limit, ratio
        As in :func:`fall_cusum`.

    Returns
    -------
    The probability, 0 to 1, summed over all courses that the sum can take: since when it has been
    above 0, and how many were observed since.

    Notes
    -----
    The exact counterpart, for months of different size, of the Markov chain of Brook and Evans 1972
    (doi 10.1093/biomet/59.3.539).

    Examples
    --------
    >>> one = pd.DataFrame({"expected": [10.0]})
    >>> round(false_signal_share(one, limit=3.0), 3)  # Two or fewer of ten.
    0.003
    """
    covered = _covered(months)
    constants, slope = _constants(covered, ratio), np.log(ratio)
    # By the sum of constants since the sum left 0: probability by number observed since.
    alive: list[tuple[float, Floats]] = []
    at_zero = 1.0
    signalled = 0.0
    for constant, pmf in zip(constants, _pmfs(covered), strict=True):
        starts, alive = [(0.0, np.array([at_zero])), *alive], []
        at_zero = 0.0
        for so_far, mass in starts:
            after = np.convolve(mass, pmf)
            height = so_far + constant + slope * np.arange(len(after))
            signalled += float(after[height >= limit].sum())
            at_zero += float(after[height <= 0].sum())
            is_alive = (height > 0) & (height < limit)
            if is_alive.any():
                kept = np.where(is_alive, after, 0.0)[: int(np.flatnonzero(is_alive)[-1]) + 1]
                alive.append((so_far + constant, kept))
    return min(signalled, 1.0)


def cusum_limit(
    months: pd.DataFrame, *, ratio: float = 0.5, false_signals: float = 0.05
) -> float | None:
    """Return the least limit with which a unit without a fall signals seldom enough.

    Parameters
    ----------
    months, ratio
        As in :func:`false_signal_share`.
    false_signals
        Largest probability of a signal over all the months without any fall, above 0 and below 1.

    Returns
    -------
    The limit; ``None`` without a month in which anything is expected.

    Examples
    --------
    >>> months = pd.DataFrame({"expected": [10.0] * 12})
    >>> limit = cusum_limit(months)
    >>> false_signal_share(months, limit=limit) <= 0.05
    True
    >>> false_signal_share(months, limit=limit - 0.01) <= 0.05
    False
    """
    if not 0 < false_signals < 1:
        raise ValueError("the probability of a false signal lies between 0 and 1")
    constants = _constants(_covered(months), ratio)
    # Above the sum with nobody observed at all, there is no signal.
    low, high = 0.0, float(constants.sum())
    if high <= 0:
        return None
    high *= 1 + _ROUNDING
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if false_signal_share(months, limit=middle, ratio=ratio) <= false_signals:
            high = middle
        else:
            low = middle
    return high * (1 + _ROUNDING)


def _covered(months: pd.DataFrame) -> pd.DataFrame:
    names = [name for name in ("expected", "eligible") if name in months]
    return months.dropna(subset=names)


def _constants(months: pd.DataFrame, ratio: float) -> Floats:
    """Return what the log-likelihood ratio of each month is with nobody observed."""
    expected = amounts(months, "expected")
    if "eligible" not in months:
        return expected * (1 - ratio)
    eligible = amounts(months, "eligible")
    if bool((expected > eligible).any()):
        raise ValueError("column expected: a number is above that of the eligible")
    share = expected / np.where(eligible > 0, eligible, 1.0)
    return -eligible * np.log(1 - share + ratio * share)


def _pmfs(months: pd.DataFrame) -> list[NDArray[np.float64]]:
    """Return each month's probabilities of 0, 1, 2 and so on, without any fall."""
    expected = amounts(months, "expected")
    if "eligible" not in months:
        most = stats.poisson.isf(_NO_MASS, expected)
        counts = [np.arange(int(top) + 2) for top in most]
        return [stats.poisson.pmf(n, mean) for n, mean in zip(counts, expected, strict=True)]
    eligible = amounts(months, "eligible")
    share = expected / np.where(eligible > 0, eligible, 1.0)
    return [
        stats.binom.pmf(np.arange(int(n) + 1), n, p) for n, p in zip(eligible, share, strict=True)
    ]
