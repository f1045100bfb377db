"""Trends over months: of a ratio to the expected number, and of a share.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#trend``.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special

from pathgraph.analysis.nullable_columns import Floats, amounts, first_code, nullable

__all__ = ["ratio_trends", "share_trends"]

_NO_RATIO = (np.nan, np.nan, np.nan, np.nan)
_FARTHEST = 500.0
"""Largest exponent over the whole period that is looked at: beyond it numbers overflow."""


def ratio_trends(months: pd.DataFrame, *, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate by what factor the number of each unit changes a month, beyond what is expected.

    Parameters
    ----------
    months
        One row a unit and month: ``unit``, ``month`` (number of the month), ``observed`` and
        ``expected`` [patients or referrals]; ``eligible`` may stand as ``expected``, and 1
        throughout gives the trend of the bare numbers. Months with a null (not covered) or without
        anything expected are left out.
    confidence
        Of the interval, 0 to 1.

    Returns
    -------
    One row a unit, in order of appearance: ``unit``, ``n_months`` that count, ``ratio_per_month``
    with ``ratio_low`` and ``ratio_high``, ``p_value``, and ``reason``, why these are null:
    ``too_few_months``, ``nothing_observed``, or ``all_in_first_or_last_month``, where the factor
    has no bound.

    Notes
    -----
    Poisson regression, ln E(O) = a + b month + ln(expected): b maximises the likelihood given the
    total, in which a has no part (the total is sufficient for it; the same as the profile
    likelihood). Interval and p-value are those of the likelihood ratio, on chi-square with one
    degree of freedom (McCullagh and Nelder 1989, chapter 6). Counts that vary more than
    Poisson's make both too optimistic.

    Examples
    --------
    >>> months = pd.DataFrame(
    ...     {"unit": "a", "month": [0, 1, 2], "observed": [40, 20, 10], "expected": [1, 1, 1]}
    ... )
    >>> ratio_trends(months).round(3).to_numpy().tolist()
    [['a', 3, 0.5, 0.358, 0.683, 0.0, <NA>]]
    """
    months = months.assign(is_used=_is_counted(months, "expected"))
    rows, reasons = [], []
    names = months["unit"].drop_duplicates()
    for _, own in months.groupby("unit", sort=False, dropna=False):
        used = own[own["is_used"]]
        month, observed = amounts(used, "month"), amounts(used, "observed")
        reason = _why_no_trend(month, observed)
        found = _NO_RATIO
        if reason is None:
            found = _fitted_ratio(month, observed, amounts(used, "expected"), confidence)
        rows.append((len(used), *found))
        reasons.append(reason)
    values = np.array(rows, dtype=np.float64).reshape(len(rows), 5)
    return pd.DataFrame(
        {
            "unit": names.reset_index(drop=True),
            "n_months": values[:, 0].astype(np.int64),
            "ratio_per_month": nullable(values[:, 1]),
            "ratio_low": nullable(values[:, 2]),
            "ratio_high": nullable(values[:, 3]),
            "p_value": nullable(values[:, 4]),
            "reason": pd.array(reasons, dtype="string"),
        }
    )


def share_trends(months: pd.DataFrame) -> pd.DataFrame:
    """Test whether the share of each unit rises or falls over the months, by Cochran and Armitage.

    Parameters
    ----------
    months
        One row a unit and month: ``unit``, ``month`` (number of the month), ``observed`` and
        ``eligible`` [patients]. Months with a null (not covered) or nobody eligible are left out.

    Returns
    -------
    One row a unit, in order of appearance: ``unit``, ``n_months`` that count, ``share_per_month``,
    the slope of the share; ``z``, below 0 where it falls; the two-sided ``p_value``; and
    ``reason``, why these are null: ``too_few_months``, or ``none_or_all``, where the share is 0 or
    1.

    Raises
    ------
    ValueError
        More were observed than were eligible.

    Notes
    -----
    T = sum O (t - mean t), mean t and the spread S = sum n (t - mean t)^2 weighted by the eligible;
    slope T / S, z = T / sqrt(p (1 - p) S), p being the share of all (Armitage 1955, doi
    10.2307/3001775; Agresti 2002, chapter 5).

    Examples
    --------
    >>> months = pd.DataFrame({"unit": "a", "month": [0, 1, 2, 3], "observed": [0, 1, 0, 3]})
    >>> share_trends(months.assign(eligible=10)).round(4).to_numpy().tolist()
    [['a', 4, 0.08, 1.8856, 0.0593, <NA>]]
    """
    observed, eligible = amounts(months, "observed"), amounts(months, "eligible")
    if bool((observed > eligible).any()):
        raise ValueError("column observed: a number is above that of the eligible")
    used = np.where(_is_counted(months, "eligible"), 1.0, 0.0)
    number, _ = pd.factorize(months["unit"], use_na_sentinel=False)
    names = months["unit"].drop_duplicates().reset_index(drop=True)

    def total(values: Floats) -> Floats:
        counted = np.where(used > 0, values, 0.0)
        return np.bincount(number, weights=counted, minlength=len(names)).astype(np.float64)

    n, hits, month = total(eligible), total(observed), amounts(months, "month")
    some = np.where(n > 0, n, 1.0)
    away = month - (total(eligible * month) / some)[number]
    lean, spread, share = total(observed * away), total(eligible * away**2), hits / some
    is_flat = (share == 0) | (share == 1)
    reason = {"too_few_months": spread == 0, "none_or_all": is_flat}
    is_defined = (spread > 0) & ~is_flat
    safe = np.where(is_defined, spread, 1.0)
    z = lean / np.sqrt(np.where(is_defined, share * (1 - share), 1.0) * safe)
    return pd.DataFrame(
        {
            "unit": names,
            "n_months": total(np.ones_like(eligible)).astype(np.int64),
            "share_per_month": nullable(lean / safe, is_defined),
            "z": nullable(z, is_defined),
            "p_value": nullable(2 * special.ndtr(-np.abs(z)), is_defined),
            "reason": first_code(reason),
        }
    )


def _is_counted(months: pd.DataFrame, below: str) -> NDArray[np.bool_]:
    is_known: NDArray[np.bool_] = months[["month", "observed"]].notna().all(axis=1).to_numpy()
    return is_known & (amounts(months, below) > 0)


def _why_no_trend(month: Floats, observed: Floats) -> str | None:
    if len(np.unique(month)) < 2:
        return "too_few_months"
    when = month[observed > 0]
    if not len(when):
        return "nothing_observed"
    if when.min() == month.max() or when.max() == month.min():
        return "all_in_first_or_last_month"
    return None


def _fitted_ratio(
    month: Floats, observed: Floats, expected: Floats, confidence: float
) -> tuple[float, float, float, float]:
    """Return the factor a month, its interval and the p-value of no trend."""
    length = float(month.max() - month.min())
    # From -0.5 to 0.5 over the period, so that the steepest trends stay within what can be held.
    time = (month - month.min()) / length - 0.5
    n, lean = float(observed.sum()), float(observed @ time)

    def likelihood(slope: float) -> float:
        return slope * lean - n * float(special.logsumexp(slope * time, b=expected))

    def score(slope: float) -> float:
        weight = expected * np.exp(slope * time - np.abs(slope) / 2)
        return lean / n - float(weight @ time / weight.sum())

    best = _root(score, 0.0)
    top = likelihood(best)
    half = float(special.chdtri(1, 1 - confidence)) / 2

    def too_low(slope: float) -> float:
        return likelihood(slope) - top + half

    low, high = _root(too_low, best, towards=-1), _root(too_low, best, towards=1)
    p_value = float(special.chdtrc(1, max(0.0, 2 * (top - likelihood(0.0)))))
    ratio, ratio_low, ratio_high = (float(np.exp(b / length)) for b in (best, low, high))
    return ratio, ratio_low, ratio_high, p_value


def _root(function: Callable[[float], float], start: float, towards: int | None = None) -> float:
    """Return where a function is 0, on the side of ``start`` where it changes its sign.

    Nan where it does not within what can be held.
    """
    here = function(start)
    if here == 0:
        return start
    side = towards if towards is not None else (1 if here > 0 else -1)
    step = 1.0
    while step <= 2 * _FARTHEST:
        if function(start + side * step) * here <= 0:
            edge = start + side * step
            return float(optimize.brentq(function, min(start, edge), max(start, edge), xtol=1e-12))
        step *= 2
    return float("nan")
