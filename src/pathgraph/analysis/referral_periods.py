"""The share of eligible patients referred, period by period: control chart, signals and trend.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#referrals-over-time``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

import numpy as np
import pandas as pd

from pathgraph.analysis.control_chart import p_chart
from pathgraph.analysis.cusum import cusum_limit, fall_cusum
from pathgraph.analysis.observed_expected import benjamini_hochberg
from pathgraph.analysis.trend import ratio_trends

__all__ = ["Step", "charted", "counted_by_period", "periods_between", "trends"]

Step = Literal["month", "quarter", "year"]

_MONTHS = {"month": 1, "quarter": 3, "year": 12}


def periods_between(first: date, last: date, step: Step) -> list[str]:
    """Return the names of the calendar periods that hold a day from ``first`` to ``last``.

    Examples
    --------
    >>> periods_between(date(2024, 11, 5), date(2025, 4, 1), "quarter")
    ['2024-Q4', '2025-Q1', '2025-Q2']
    >>> periods_between(date(2024, 12, 31), date(2025, 1, 1), "month")
    ['2024-12', '2025-01']
    """
    length = _MONTHS[step]
    begin, end = ((day.year * 12 + day.month - 1) // length for day in (first, last))
    return [_name(number, step) for number in range(begin, end + 1)]


def counted_by_period(
    patients: pd.DataFrame, *, by: str | None, periods: Sequence[str], step: Step
) -> pd.DataFrame:
    """Count each unit's patients who may need the team, and those referred, period by period.

    Parameters
    ----------
    patients
        One row a patient who counts: ``eligible_at`` (local ISO time), ``referred_by`` (null where
        not referred) and the column ``by``.
    by
        Column of the unit; ``None`` takes all together, as the unit ``all``.
    periods
        Names of the periods, in order.

    Returns
    -------
    One row a unit and period, also where nobody is: ``unit``, ``number`` of the period from 0,
    ``period``, ``eligible``, ``observed``.
    """
    at = patients["eligible_at"].astype("str")
    month = at.str[:4].astype("int64") * 12 + at.str[5:7].astype("int64") - 1
    period = (month // _MONTHS[step]).map(lambda number: _name(number, step))
    every = pd.Series("all", patients.index, dtype="object")
    placed = pd.DataFrame(
        {
            "unit": every if by is None else patients[by].astype("object"),
            "number": period.map({name: number for number, name in enumerate(periods)}),
            "is_referred": patients["referred_by"].notna(),
        }
    ).dropna(subset=["number"])
    placed["unit"] = placed["unit"].where(placed["unit"].notna(), None)
    sums = placed.groupby(["unit", "number"], dropna=False)["is_referred"].agg(["size", "sum"])
    units = placed["unit"].drop_duplicates()
    numbers = np.arange(len(periods))
    grid = pd.DataFrame(
        {
            "unit": np.repeat(units.to_numpy(dtype=object), len(periods)),
            "number": np.tile(numbers, len(units)),
            "period": np.tile(np.array(periods, dtype=object), len(units)),
        }
    )
    counted = grid.merge(
        sums.reset_index().astype({"number": "int64"}), on=["unit", "number"], how="left"
    )
    return grid.assign(
        eligible=counted["size"].fillna(0).astype("int64").to_numpy(),
        observed=counted["sum"].fillna(0).astype("int64").to_numpy(),
    )


def charted(
    periods: pd.DataFrame, *, baseline: int, fall: float, false_signals: float
) -> pd.DataFrame:
    """Place each period against the limits of chance, and say where a lasting fall is signalled.

    Parameters
    ----------
    periods
        As :func:`counted_by_period` returns them.
    baseline
        First periods with anybody eligible, from which the share without a change is taken.
    fall
        Ratio of the odds of being referred that is looked for, below 1.
    false_signals
        Largest probability that a unit signals at all without any change.

    Returns
    -------
    ``periods`` with ``share``, ``centre``, ``low``, ``high``, ``position``, ``reason`` (of
    :func:`~pathgraph.analysis.control_chart.p_chart`) and ``is_signal``, null where nothing is
    expected of the unit.
    """
    chart = p_chart(periods, baseline_months=baseline)
    months = periods.assign(
        expected=(chart["centre"].astype("Float64") * periods["eligible"]).fillna(0.0)
    )
    signals = [
        _signals(own, fall=fall, false_signals=false_signals)
        for _, own in months.groupby("unit", sort=False, dropna=False)
    ]
    is_signal = pd.concat(signals) if signals else pd.Series([], dtype="boolean")
    return periods.join(chart).assign(is_signal=is_signal.reindex(periods.index))


def trends(charts: pd.DataFrame, *, step: Step) -> pd.DataFrame:
    """Say by what factor the share referred changes a year, unit by unit.

    Parameters
    ----------
    charts
        As :func:`charted` returns them.

    Returns
    -------
    One row a unit, in order of appearance: ``unit``, ``eligible``, ``observed``, ``n_periods`` with
    anybody eligible, ``n_below`` and ``n_above`` the limits, ``n_signals``, ``last_signal`` (name
    of a period, or null), ``ratio_per_year``, ``ratio_low``, ``ratio_high``, ``p_value``,
    ``adjusted_p_value``, ``reason``.
    """
    months = charts.assign(
        month=charts["number"] * (_MONTHS[step] / 12), expected=charts["eligible"]
    )
    found = ratio_trends(months)
    grouped = charts.assign(
        n_below=charts["position"].eq("below").fillna(False).astype("int64"),
        n_above=charts["position"].eq("above").fillna(False).astype("int64"),
        n_signals=charts["is_signal"].fillna(False).astype("int64"),
        last_signal=charts["period"].where(charts["is_signal"].fillna(False).astype(bool), None),
    ).groupby("unit", sort=False, dropna=False)
    names = ["eligible", "observed", "n_below", "n_above", "n_signals"]
    sums = grouped[names].sum().reset_index(drop=True)
    last = grouped["last_signal"].last().reset_index(drop=True).astype("object")
    return pd.concat(
        [
            found.rename(columns={"ratio_per_month": "ratio_per_year", "n_months": "n_periods"}),
            sums,
        ],
        axis=1,
    ).assign(
        last_signal=last.where(last.notna(), None),
        adjusted_p_value=benjamini_hochberg(found["p_value"]),
    )


def _signals(own: pd.DataFrame, *, fall: float, false_signals: float) -> pd.Series[bool]:
    limit = cusum_limit(own, ratio=fall, false_signals=false_signals)
    if limit is None:
        return pd.Series(pd.NA, own.index, dtype="boolean")
    signals: pd.Series[bool] = fall_cusum(own, limit=limit, ratio=fall)["is_signal"]
    return signals


def _name(number: int, step: Step) -> str:
    if step == "year":
        return f"{number:04d}"
    if step == "quarter":
        return f"{number // 4:04d}-Q{number % 4 + 1}"
    return f"{number // 12:04d}-{number % 12 + 1:02d}"
