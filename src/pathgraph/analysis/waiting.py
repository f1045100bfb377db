"""How long patients waited in hospital, ready for discharge.

Tables in, tables out. Times are seconds since 1970 UTC. The definitions are those of
``docs/definitions.md#days-ready-for-discharge``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["waiting_by_place", "waiting_of_stays"]

_DAY_S = 86_400


def waiting_of_stays(stays: pd.DataFrame, periods: pd.DataFrame, *, as_of_s: int) -> pd.DataFrame:
    """Add to each stay how long its patient waited, and for whom.

    Parameters
    ----------
    stays
        One row a stay: ``stay_id``, ``ended_s`` (null while it goes on) [s],
        ``municipality_code`` (of residence).
    periods
        One row a period: ``stay_id``, ``ready_s``, ``ready_until_s`` (null while open) [s],
        ``awaited_code`` (the municipality waited for, null where unknown).
    as_of_s
        First second after the day asked about [s].

    Returns
    -------
    ``stays`` with ``days`` (0 without a period) [d], ``has_waiting``, ``is_waiting`` (at the end of
    the day), and ``municipality_code`` replaced by that of the latest period that names one.
    """
    found = periods.merge(stays[["stay_id", "ended_s"]], on="stay_id")
    stay_until = _bounded(found["ended_s"], as_of_s)
    until_s = np.minimum(_bounded(found["ready_until_s"], as_of_s), stay_until)
    length_s = np.maximum(until_s - found["ready_s"].to_numpy(dtype=np.int64), 0)
    goes_on = found["ended_s"].isna() & ~found["ready_until_s"].lt(as_of_s).fillna(False)
    found = found.assign(days=length_s / _DAY_S, is_waiting=goes_on.to_numpy(dtype=bool))
    own = found.groupby("stay_id")[["days", "is_waiting"]].agg({"days": "sum", "is_waiting": "any"})
    named = found[found["awaited_code"].notna()].sort_values(["ready_s", "awaited_code"])
    awaited = named.drop_duplicates("stay_id", keep="last").set_index("stay_id")["awaited_code"]
    days = stays["stay_id"].map(own["days"]).astype("float64")
    awaited_code = stays["stay_id"].map(awaited).astype("object")
    return stays.assign(
        days=days.fillna(0.0),
        has_waiting=days.notna(),
        is_waiting=stays["stay_id"].isin(own.index[own["is_waiting"]]),
        municipality_code=awaited_code.where(
            awaited_code.notna(), stays["municipality_code"].astype("object")
        ),
    )


def waiting_by_place(stays: pd.DataFrame) -> pd.DataFrame:
    """Count stays and days by municipality and unit.

    Parameters
    ----------
    stays
        As :func:`waiting_of_stays` returns them, with ``patient_id`` and ``unit_id``.

    Returns
    -------
    One row a municipality (null for unknown) and unit, columns as
    ``cypher/findings/ready_for_discharge_days.cypher`` declares them, but for the names.
    """
    place = ["municipality_code", "unit_id"]
    by_place = stays.groupby(place, dropna=False, sort=False)
    counted = by_place.agg(
        n_stays=("days", "size"),
        n_patients=("patient_id", "nunique"),
        n_with_waiting=("has_waiting", "sum"),
        days_total=("days", "sum"),
        mean_days=("days", "mean"),
        median_days=("days", "median"),
    )
    counted["p90_days"] = by_place["days"].quantile(0.9)
    for name, chosen in (("n_patients_with_waiting", "has_waiting"), ("n_waiting", "is_waiting")):
        some = stays[stays[chosen].to_numpy(dtype=bool)]
        people = some.groupby(place, dropna=False)["patient_id"].nunique()
        counted[name] = people.reindex(counted.index, fill_value=0)
    return counted.reset_index().rename(columns={"unit_id": "unit"})


def _bounded(times_s: pd.Series[int], as_of_s: int) -> np.ndarray:
    """Return times, open and later ones being the end of the day."""
    filled = times_s.astype("Int64").fillna(as_of_s)
    return np.minimum(filled.to_numpy(dtype=np.int64), as_of_s)
