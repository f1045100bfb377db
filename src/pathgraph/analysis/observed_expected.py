"""Observed against expected numbers of units: ratios, intervals, exact tests, gaps in patients.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#observed-against-expected``.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from pathgraph.analysis.nullable_columns import Floats, amounts, first_code, nullable

__all__ = [
    "LimitMethod",
    "against_expected",
    "against_share",
    "benjamini_hochberg",
    "central_p",
    "count_limits",
    "patient_gaps",
]

LimitMethod = Literal["exact", "byar", "byar_from_10"]
"""``byar_from_10`` is exact below 10 and Byar's from 10, as English public health counts."""

_BYAR_FROM = 10
_SHARES_ADD_UP = 1e-6
"""How far from 1 the shares may sum, for numbers that were written down rounded (own choice)."""


def count_limits(
    observed: Floats, *, method: LimitMethod = "byar_from_10", confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the limits of the mean of Poisson counts.

    Parameters
    ----------
    observed
        Counts; nan where unknown.
    method
        ``exact``: Garwood's limits, half the chi-square quantiles of 2 O and 2 O + 2 degrees of
        freedom. ``byar``: Byar's approximation; nan where its lower limit would be negative, 0 for
        a count of 0. ``byar_from_10``: exact below 10, Byar's from 10.
    confidence
        Of the two-sided interval, 0 to 1.

    Returns
    -------
    Lower and upper limits, in counts.

    Notes
    -----
    Garwood 1936 (doi 10.1093/biomet/28.3-4.437); Byar's as in Breslow and Day 1987, volume II, page
    69; the rule as in the methods of PHEindicatormethods (``R/utils.R``).

    Examples
    --------
    >>> [limit.round(3).tolist() for limit in count_limits(np.array([0.0, 3.0, 10.0]))]
    [[0.0, 0.619, 4.787], [3.689, 8.767, 18.391]]
    """
    if method not in get_args(LimitMethod):
        raise ValueError(f"no such method of limits: {method}")
    tail = (1 - confidence) / 2
    exact, byar = _exact_limits(observed, tail), _byar_limits(observed, tail)
    is_exact = (observed < _BYAR_FROM) if method == "byar_from_10" else method == "exact"
    low, high = (np.where(is_exact, one, other) for one, other in zip(exact, byar, strict=True))
    return low, high


def against_expected(
    units: pd.DataFrame, *, method: LimitMethod = "byar_from_10", confidence: float = 0.95
) -> pd.DataFrame:
    """Compare the observed number of each unit with its expected one, taken as a known mean.

    Parameters
    ----------
    units
        One row a unit: ``observed`` [patients or referrals], ``expected`` [the same], both null
        where unknown, and, where there is one, ``eligible`` [patients].
    method
        Of the interval, see :func:`count_limits`.
    confidence
        Of the interval, 0 to 1.

    Returns
    -------
    By the index of ``units``: ``observed_to_expected``, ``ratio_low`` and ``ratio_high`` of the
    interval, ``p_value`` of the two-sided exact Poisson test, and ``reason``, why these are null:
    ``observed_unknown``, ``expected_unknown``, ``nobody_eligible`` or ``nothing_expected``.

    Notes
    -----
    The p-value is twice the smaller tail, at most 1: the *central* test of Fay 2010
    (doi 10.32614/RJ-2010-008), which is below 1 - confidence exactly when the exact interval leaves
    out 1. Byar's interval may differ from it at the border. The expected number is taken as known:
    where it rests on the other units' patients, and these are few against the unit's own, the
    p-value is too small (:func:`pathgraph.analysis.standardised.against_others` is right there).

    Examples
    --------
    >>> units = pd.DataFrame({"observed": [3, 2], "expected": [9.0, 0.0]})
    >>> against_expected(units).round(3).to_dict("list")
    {'observed_to_expected': [0.333, None], 'ratio_low': [0.069, None], 'ratio_high': [0.974, None],
     'p_value': [0.042, None], 'reason': [None, 'nothing_expected']}
    """
    observed, expected = amounts(units, "observed"), amounts(units, "expected")
    low, high = count_limits(observed, method=method, confidence=confidence)
    reason = {
        "observed_unknown": np.isnan(observed),
        "expected_unknown": np.isnan(expected),
        "nobody_eligible": _nobody_eligible(units),
        "nothing_expected": expected == 0,
    }
    is_defined = ~np.logical_or.reduce(list(reason.values()))
    below = np.where(is_defined, expected, 1.0)
    lower, upper = special.pdtr(observed, below), _poisson_upper(observed, below)
    return pd.DataFrame(
        {
            "observed_to_expected": nullable(observed / below, is_defined),
            "ratio_low": nullable(low / below, is_defined),
            "ratio_high": nullable(high / below, is_defined),
            "p_value": nullable(central_p(lower, upper), is_defined),
            "reason": first_code(reason),
        },
        index=units.index,
    )


def against_share(
    units: pd.DataFrame, *, total: int | None = None, confidence: float = 0.95
) -> pd.DataFrame:
    """Compare each unit's part of a fixed total with the share that was planned for it.

    Parameters
    ----------
    units
        One row a unit that the plan covers: ``observed`` [referrals], null where unknown, and
        ``share``, the planned one, 0 to 1.
    total
        Referrals from all units that the plan covers; by default the sum of ``observed``, and then
        the shares must sum to 1.
    confidence
        Of the intervals, 0 to 1.

    Returns
    -------
    By the index of ``units``: ``expected``, share times total; ``observed_share`` with its limits
    ``share_low`` and ``share_high``; ``observed_to_expected`` with ``ratio_low`` and
    ``ratio_high``; ``p_value``; and ``reason``, why these are null: ``observed_unknown`` (of any
    unit, where the total is their sum), ``share_unknown``, ``nothing_observed`` by any unit,
    ``nothing_expected``, or ``one_unit``, whose share is 1 whatever it does.

    Raises
    ------
    ValueError
        A share is above 1, the shares do not sum to 1, or an observed number is above the total.

    Notes
    -----
    Given the total, a unit's number is binomial; the units' numbers are not independent, since what
    one lacks the others have. Interval of Clopper and Pearson 1934 (doi 10.1093/biomet/26.4.404);
    the p-value is twice the smaller tail, at most 1, which is below 1 - confidence exactly when the
    interval leaves out the planned share.

    Examples
    --------
    >>> units = pd.DataFrame({"observed": [9, 15], "share": [1 / 6, 5 / 6]})
    >>> found = against_share(units)[["expected", "share_low", "share_high", "p_value"]]
    >>> found.round(3).to_numpy().tolist()
    [[4.0, 0.188, 0.594, 0.024], [20.0, 0.406, 0.812, 0.024]]
    """
    observed, share = amounts(units, "observed"), amounts(units, "share")
    n = _checked_total(observed, share, total)
    tail = (1 - confidence) / 2
    low = _limit(special.betaincinv(observed, n - observed + 1, tail), observed == 0, 0.0)
    high = _limit(special.betaincinv(observed + 1, n - observed, 1 - tail), observed == n, 1.0)
    reason = {
        "observed_unknown": np.isnan(observed) | np.isnan(n),
        "share_unknown": np.isnan(share),
        "nothing_observed": np.full(len(units), n == 0),
        "nothing_expected": share == 0,
        "one_unit": share == 1,
    }
    is_defined = ~np.logical_or.reduce(list(reason.values()))
    below = np.where(is_defined, share, 0.5)
    lower = stats.binom.cdf(observed, n, below)
    upper = stats.binom.sf(observed - 1, n, below)
    part = observed / np.maximum(n, 1)
    return pd.DataFrame(
        {
            "expected": nullable(share * n),
            "observed_share": nullable(part, is_defined),
            "share_low": nullable(low, is_defined),
            "share_high": nullable(high, is_defined),
            "observed_to_expected": nullable(part / below, is_defined),
            "ratio_low": nullable(low / below, is_defined),
            "ratio_high": nullable(high / below, is_defined),
            "p_value": nullable(central_p(lower, upper), is_defined),
            "reason": first_code(reason),
        },
        index=units.index,
    )


def patient_gaps(units: pd.DataFrame, *, n_unknown: int = 0) -> pd.DataFrame:
    """Return how many patients each unit lacks, and the range that unknown senders leave open.

    Parameters
    ----------
    units
        One row a unit: ``observed`` [referrals], and either ``expected`` [referrals], or ``share``
        of a total, 0 to 1, the units being all that the plan covers.
    n_unknown
        Referrals in the period whose sender is not recorded.

    Returns
    -------
    By the index of ``units``: ``gap``, expected minus observed, positive where fewer came than
    expected, as if nobody's sender were unknown; ``gap_low``, had all of the unknown come from this
    unit; ``gap_high``, had none.

    Notes
    -----
    With shares the total grows as well, since whoever sent them may be covered: at most share x
    (total + unknown) - observed, all sent by other units of the plan, and at least share x (total +
    unknown) - observed - unknown. The ranges of several units are not to be added: the same
    referral cannot come from two. Own choice (the bounds are those of any allocation).

    Examples
    --------
    >>> units = pd.DataFrame({"observed": [20, 60], "expected": [40.0, 50.0]})
    >>> patient_gaps(units, n_unknown=5).to_dict("list")
    {'gap': [20.0, -10.0], 'gap_low': [15.0, -15.0], 'gap_high': [20.0, -10.0]}
    """
    if n_unknown < 0:
        raise ValueError("n_unknown is negative")
    observed = amounts(units, "observed")
    if "share" in units:
        share = amounts(units, "share")
        expected = share * observed.sum()
        most = expected + share * n_unknown
    else:
        expected = most = amounts(units, "expected")
    return pd.DataFrame(
        {
            "gap": nullable(expected - observed),
            "gap_low": nullable(most - observed - n_unknown),
            "gap_high": nullable(most - observed),
        },
        index=units.index,
    )


def benjamini_hochberg(p_values: pd.Series[float]) -> pd.Series[float]:
    """Return p-values adjusted for the false discovery rate over all units of one report.

    Parameters
    ----------
    p_values
        One a unit, null where there was no test; those do not count among the tests.

    Returns
    -------
    The adjusted p-values, by the same index. A unit whose adjusted value is at most 0.05 belongs to
    a list of which at most 5 % on average are false, for independent tests.

    Notes
    -----
    Benjamini and Hochberg 1995 (doi 10.1111/j.2517-6161.1995.tb02031.x).

    Examples
    --------
    >>> benjamini_hochberg(pd.Series([0.01, None, 0.04, 0.03], dtype="Float64")).tolist()
    [0.03, <NA>, 0.04, 0.04]
    """
    values = amounts(p_values.to_frame("p_value"), "p_value")
    is_tested = ~np.isnan(values)
    adjusted = np.full(len(values), np.nan)
    if is_tested.any():
        adjusted[is_tested] = stats.false_discovery_control(values[is_tested], method="bh")
    return pd.Series(nullable(adjusted), index=p_values.index, name="adjusted_p_value")


def central_p(lower: Floats, upper: Floats) -> Floats:
    """Return two-sided p-values: twice the smaller tail, at most 1.

    Parameters
    ----------
    lower, upper
        Probability of the observed number or fewer, and of it or more.
    """
    p_values: Floats = np.minimum(1.0, 2 * np.minimum(lower, upper))
    return p_values


def _exact_limits(observed: Floats, tail: float) -> tuple[Floats, Floats]:
    # Quantiles of the gamma distribution are halves of those of chi-square.
    low = _limit(special.gammaincinv(np.maximum(observed, 1), tail), observed == 0, 0.0)
    return low, special.gammainccinv(observed + 1, tail)


def _byar_limits(observed: Floats, tail: float) -> tuple[Floats, Floats]:
    z = special.ndtri(1 - tail)
    some, more = np.maximum(observed, 1), observed + 1
    root = 1 - 1 / (9 * some) - z / (3 * np.sqrt(some))
    low = np.where(root >= 0, some * root**3, np.nan)
    high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    return _limit(low, observed == 0, 0.0), high


def _poisson_upper(observed: Floats, mean: Floats) -> Floats:
    """Return the probability of the observed number or more."""
    upper = special.pdtrc(np.maximum(observed, 1) - 1, mean)
    return _limit(upper, observed == 0, 1.0)


def _limit(values: Floats, is_edge: NDArray[np.bool_], edge: float) -> Floats:
    return np.where(is_edge, edge, values)


def _nobody_eligible(units: pd.DataFrame) -> NDArray[np.bool_]:
    if "eligible" not in units:
        return np.zeros(len(units), dtype=bool)
    is_nobody: NDArray[np.bool_] = amounts(units, "eligible") == 0
    return is_nobody


def _checked_total(observed: Floats, share: Floats, total: int | None) -> float:
    if bool((share > 1).any()):
        raise ValueError("column share: a share is above 1")
    if total is None:
        # A share that is not known leaves the sum of the others open.
        if len(share) and abs(share.sum() - 1) > _SHARES_ADD_UP:
            raise ValueError("column share: the shares do not sum to 1")
        return float(observed.sum())
    if bool((observed > total).any()):
        raise ValueError("column observed: a number is above the total")
    return float(total)
