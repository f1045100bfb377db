"""Days as the graph stores them, numbers since 1970-01-01: made dates, and moved by months."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["day_numbers", "days_of", "iso_dates", "months_later"]

_EPOCH = date(1970, 1, 1)


def day_numbers(values: pd.Series[Any], unknown: float) -> NDArray[np.float64]:
    """Return day numbers [d since 1970] as floats, with ``unknown`` where none is known.

    Examples
    --------
    >>> day_numbers(pd.Series([3, None], dtype="Int64"), np.inf).tolist()
    [3.0, inf]
    """
    numbers = values.astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isnan(numbers), unknown, numbers)


def days_of(times: pd.Series[Any]) -> pd.Series[float]:
    """Return the days [d since 1970] of ISO dates or local times; null where there is none.

    Examples
    --------
    >>> days_of(pd.Series(["2024-02-29T23:59:00", "1970-01-02", None])).tolist()
    [19782.0, 1.0, nan]
    """
    dates = pd.to_datetime(times.astype("object").str.slice(0, 10), format="%Y-%m-%d")
    return (dates - pd.Timestamp(_EPOCH)) / pd.Timedelta(days=1)


def iso_dates(days: pd.Series[Any] | NDArray[np.float64]) -> pd.Series[Any]:
    """Return ISO dates of day numbers [d since 1970]; ``None`` where none is finite.

    Examples
    --------
    >>> iso_dates(np.array([19_782.0, np.inf])).tolist()
    ['2024-02-29', None]
    """
    index = days.index if isinstance(days, pd.Series) else None
    values = day_numbers(pd.Series(days), np.nan)
    texts = [
        (_EPOCH + timedelta(days=int(value))).isoformat() if np.isfinite(value) else None
        for value in values
    ]
    return pd.Series(texts, index=index, dtype="object")


def months_later(day: int, months: int) -> int:
    """Return the same day of the month ``months`` later, or the last one that the month has.

    Parameters
    ----------
    day, months
        Day number [d since 1970] and months to add.

    Examples
    --------
    >>> months_later(19_782, 12) - 19_782  # 29 February 2024 -> 28 February 2025
    365
    """
    start = _EPOCH + timedelta(days=day)
    number = start.year * 12 + start.month - 1 + months
    year, month = number // 12, number % 12 + 1
    if year > date.max.year:
        return date.max.toordinal() - _EPOCH.toordinal()
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(start.day, last)).toordinal() - _EPOCH.toordinal()
