"""Rates of readmission with intervals that know that one patient has several stays.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#readmission-rate``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

__all__ = ["clustered_shares", "index_reasons", "readmission_rates"]

_DAY_S = 86_400
_CONFIDENCE = 0.95
_TAIL = (1 - _CONFIDENCE) / 2

Floats = NDArray[np.float64]


def index_reasons(
    stays: pd.DataFrame,
    *,
    min_age: int,
    exclude_rehabilitation: bool,
    require_diagnosis_group: bool,
    max_gap_d: int,
    is_calendar: bool,
    death_window_d: int | None,
    horizon_s: int,
    horizon_day: int,
) -> pd.Series[str]:
    """Say of each stay whether it counts as index stay of a rate, or why not.

    Parameters
    ----------
    stays
        One row a stay: ``ended_s`` [s] and ``ended_day`` [d], null while it goes on,
        ``ended_dead``, ``age`` [years], ``is_rehabilitation``, ``has_diagnosis_group``,
        ``died_day`` (of the patient, where known) [d], ``n_readmissions``.
    max_gap_d
        Longest time to a readmission [d]; that long before the horizon a stay must have ended.
    is_calendar
        Count that time in calendar days instead of 24 h each.
    death_window_d
        Stays whose patient died within so many days without a readmission do not count [d];
        ``None`` lets them count.
    horizon_s, horizon_day
        First second after the last covered day [s]; that day [d].

    Returns
    -------
    ``counted``, ``open``, ``ended_dead``, ``excluded_age``, ``excluded_rehabilitation``,
    ``excluded_diagnosis_group``, ``not_covered`` or ``died``: the first that applies.
    """
    ended_s, ended_day = _numbers(stays["ended_s"]), _numbers(stays["ended_day"])
    is_over = (
        ended_day + max_gap_d <= horizon_day
        if is_calendar
        else ended_s + max_gap_d * _DAY_S <= horizon_s
    )
    age = _numbers(stays["age"])
    days_to_death = _numbers(stays["died_day"]) - ended_day
    died = np.zeros(len(stays), dtype=bool)
    if death_window_d is not None:
        died = (days_to_death <= death_window_d) & (_numbers(stays["n_readmissions"]) == 0)
    # Comparisons with what is not known (nan) are false.
    reasons = {
        "open": np.isnan(ended_s),
        "ended_dead": _flags(stays["ended_dead"]),
        "excluded_age": ~(age >= min_age) if min_age else np.zeros(len(stays), dtype=bool),
        "excluded_rehabilitation": _flags(stays["is_rehabilitation"]) & exclude_rehabilitation,
        "excluded_diagnosis_group": ~_flags(stays["has_diagnosis_group"]) & require_diagnosis_group,
        "not_covered": ~is_over,
        "died": died,
    }
    chosen = np.select(list(reasons.values()), list(reasons), default="counted")
    return pd.Series(chosen, index=stays.index, dtype="str")


def clustered_shares(rows: pd.DataFrame, *, by: str, hit: str) -> pd.DataFrame:
    """Shares of groups of rows, with intervals that know that one patient has several rows.

    Parameters
    ----------
    rows
        One row an event: ``patient_id``, and the columns ``by`` and ``hit`` (boolean).
    by
        Column by whose values the rows are divided; rows without a value are left out.
    hit
        Column that says which rows count.

    Returns
    -------
    By the values of ``by``: ``share``, ``share_low`` and ``share_high`` of the 95 % interval, as
    :func:`readmission_rates` works them out.
    """
    counted = pd.DataFrame(
        {"by": rows[by], "patient_id": rows["patient_id"], "y": rows[hit].astype("int64")}
    )
    patients = counted.groupby(["by", "patient_id"], sort=False)["y"].agg(["size", "sum"])
    number, values = pd.factorize(patients.index.get_level_values("by"))

    def total(weights: Floats) -> Floats:
        return np.bincount(number, weights=weights, minlength=len(values)).astype(np.float64)

    n, y = _numbers(patients["size"]), _numbers(patients["sum"])
    share, variance = _ratio(y, n, number, total)
    low, high = _wilson(share, variance, total(n), total(np.ones_like(n)))
    return pd.DataFrame({"share": share, "share_low": low, "share_high": high}, index=values)


def readmission_rates(stays: pd.DataFrame, *, by: str | None, age_band: int) -> pd.DataFrame:
    """Rates of readmission of groups of index stays, crude and adjusted for age and sex.

    Parameters
    ----------
    stays
        One row an index stay that counts: ``patient_id``, ``is_readmitted``, ``n_readmissions``,
        ``age`` [years], ``sex``, and the column ``by``.
    by
        Column by whose values the stays are divided (null is a group of its own); ``None`` keeps
        them together.
    age_band
        Width of the age bands of the standardisation [years].

    Returns
    -------
    One row a group, columns as ``cypher/findings/readmission_rates.cypher`` declares them, but for
    ``name``. Without index stays there is no row, but for ``by=None`` one with null shares.

    Notes
    -----
    The share is a ratio of sums over patients; its variance is the cluster-robust one with the
    patient as cluster (Taylor linearisation). The interval is Wilson's on the effective sample
    size. Expected numbers come by indirect standardisation, all index stays being the reference;
    the interval of observed to expected is the exact Poisson one, widened by the same variance.
    """
    group = (
        pd.Series("all", index=stays.index, dtype="str") if by is None else stays[by].rename(None)
    )
    frame = pd.DataFrame(
        {
            "by_value": group,
            "patient_id": stays["patient_id"],
            "y": stays["is_readmitted"].astype("int64"),
            "events": stays["n_readmissions"].astype("int64"),
            "expected": _expected(stays, age_band),
        }
    )
    if by is None and frame.empty:
        return _rates_of(pd.DataFrame({"by_value": ["all"]}), _no_patients(), float("nan"))
    patients = frame.groupby(["by_value", "patient_id"], dropna=False, sort=False).agg(
        n=("y", "size"), y=("y", "sum"), events=("events", "sum"), expected=("expected", "sum")
    )
    patients = patients.reset_index()
    groups = patients[["by_value"]].drop_duplicates(ignore_index=True)
    overall = float(frame["y"].mean()) if len(frame) else float("nan")
    return _rates_of(groups, patients, overall)


def _rates_of(groups: pd.DataFrame, patients: pd.DataFrame, overall: float) -> pd.DataFrame:
    """Return the rates of ``groups`` from one row a group and patient."""
    number, _ = pd.factorize(patients["by_value"], use_na_sentinel=False)
    n_groups = len(groups)

    def total(values: Floats) -> Floats:
        return np.bincount(number, weights=values, minlength=n_groups).astype(np.float64)

    n, y = _numbers(patients["n"]), _numbers(patients["y"])
    expected = _numbers(patients["expected"])
    n_index, n_patients, n_readmitted = total(n), total(np.ones_like(n)), total(y)
    n_expected = total(expected)
    share, variance = _ratio(y, n, number, total)
    low, high = _wilson(share, variance, n_index, n_patients)
    ratio, ratio_variance = _ratio(y, expected, number, total)
    ratio_low, ratio_high = _poisson(n_readmitted, n_expected, ratio_variance)
    return pd.DataFrame(
        {
            "by_value": groups["by_value"],
            "n_index": n_index.astype("int64"),
            "n_patients": n_patients.astype("int64"),
            "n_readmitted": n_readmitted.astype("int64"),
            "n_readmitted_patients": total((y > 0).astype(float)).astype("int64"),
            "n_readmissions": total(_numbers(patients["events"])).astype("int64"),
            "share": share,
            "share_low": low,
            "share_high": high,
            "n_expected": n_expected,
            "observed_to_expected": ratio,
            "ratio_low": ratio_low,
            "ratio_high": ratio_high,
            "adjusted_share": ratio * overall,
        }
    )


def _expected(stays: pd.DataFrame, age_band: int) -> Floats:
    """Return each stay's expected readmission: the share of all stays of its age band and sex.

    Unknown age and unknown sex are strata of their own.
    """
    strata = [
        (stays["age"].astype("Float64") // age_band).fillna(-1.0).to_numpy(dtype=float),
        stays["sex"].fillna("").to_numpy(dtype=object),
    ]
    readmitted = stays["is_readmitted"].astype(float).reset_index(drop=True)
    return readmitted.groupby(strata).transform("mean").to_numpy(dtype=np.float64)


def _ratio(
    y: Floats, x: Floats, number: NDArray[np.int64], total: Callable[[Floats], Floats]
) -> tuple[Floats, Floats]:
    """Return the ratio of sums of each group and its cluster-robust variance.

    Undefined (nan) is the ratio where the sum below is 0, and the variance of a single patient.
    """
    below, patients = total(x), total(np.ones_like(x))
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(below > 0, total(y) / below, np.nan)
        residual = y - ratio[number] * x
        spread = total(residual**2) / below**2
        variance = np.where(patients > 1, spread * patients / (patients - 1), np.nan)
    return ratio, variance


def _wilson(
    share: Floats, variance: Floats, n_index: Floats, n_patients: Floats
) -> tuple[Floats, Floats]:
    """Return Wilson's interval on the effective sample size.

    The effective size never exceeds the number of stays. Where all or none are readmitted the
    variance says nothing, and the patients are counted instead of the stays. With few patients
    the quantile of Student's t takes the place of the normal one.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        size = np.minimum(share * (1 - share) / variance, n_index)
        size = np.where((share == 0) | (share == 1), n_patients, size)
        size = np.where(n_patients > 1, size, np.nan)
        z = special.stdtrit(np.maximum(n_patients - 1, 1), 1 - _TAIL)
        middle = share + z**2 / (2 * size)
        half = z * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
        low = (middle - half) / (1 + z**2 / size)
        high = (middle + half) / (1 + z**2 / size)
    low = np.where(share == 0, np.where(np.isnan(size), np.nan, 0.0), np.maximum(low, 0))
    high = np.where(share == 1, np.where(np.isnan(size), np.nan, 1.0), np.minimum(high, 1))
    return low, high


def _poisson(observed: Floats, expected: Floats, ratio_variance: Floats) -> tuple[Floats, Floats]:
    """Return the interval of observed to expected: exact Poisson limits on the effective number.

    The variance of the ratio against that of independent events gives the factor by which events
    come in clusters; it is never taken to be below 1.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = ratio_variance * expected**2 / observed
        factor = np.where(observed > 0, np.maximum(factor, 1), 1)
        effective = observed / factor
        low = np.where(effective > 0, special.gammaincinv(np.maximum(effective, 1e-9), _TAIL), 0)
        high = special.gammaincinv(effective + 1, 1 - _TAIL)
        usable = (expected > 0) & ~np.isnan(ratio_variance)
        low = np.where(usable, low * factor / expected, np.nan)
        high = np.where(usable, high * factor / expected, np.nan)
    return low, high


def _no_patients() -> pd.DataFrame:
    columns = ("n", "y", "events", "expected")
    empty = {name: pd.Series(dtype="float64") for name in columns}
    return pd.DataFrame({"by_value": pd.Series(dtype="str"), **empty})


def _numbers(values: pd.Series[Any]) -> Floats:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)


def _flags(values: pd.Series[Any]) -> NDArray[np.bool_]:
    return values.to_numpy(dtype=bool, na_value=False)
