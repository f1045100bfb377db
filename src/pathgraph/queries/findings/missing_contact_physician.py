"""Stays without a contact physician on the first working day after admission."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.contact_physicians import appointments, physician_spells, recorded_shares
from pathgraph.analysis.days import iso_dates
from pathgraph.analysis.organisation import clinics_of, trusts_of
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import stays_as_known
from pathgraph.queries.run import Context

__all__ = ["count_due", "fold", "stays_due"]

_HOUR_S, _DAY_S = 3_600, 86_400
_SPELL = ("from_day", "to_day")
_STAY_NUMBERS = ("started_s", "started_day", "due_day", "ended_s", "ended_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a stay that was due a contact physician and had none; ``table``: the units."""
    units = frame_of(table)
    stays = stays_due(units, context)
    trusts = trusts_of(units)
    numbers = {trust: number for number, trust in enumerate(sorted(set(trusts.values())))}
    trust_numbers = {unit: numbers[trust] for unit, trust in trusts.items()}
    spells = physician_spells(
        frame_of(context.query("physicians"), integers=_SPELL),
        frame_of(context.query("units_as_physicians"), integers=_SPELL),
        frame_of(context.query("employments"), integers=_SPELL),
        trust_numbers,
    )
    known = stays["unit_id"].map(trust_numbers).astype("Int64").fillna(-1)
    last_day = stays["ended_day"].fillna(context.as_of_day).astype("int64")
    stays = stays.assign(trust=known, last_day=last_day)
    stays = stays.join(appointments(stays, spells))
    shares = stays["unit_id"].map(recorded_shares(stays, context.as_of_day))
    least = context.number("min_recorded_share")
    stays["status"] = np.where(shares.lt(least).fillna(False), "not_recorded", "missing")
    is_asked = _is_within(stays, context)
    return _columns(stays[is_asked & ~stays["is_met"].to_numpy(dtype=bool)])


def stays_due(units: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the stays that were due a contact physician, whenever they began.

    Columns as ``missing_contact_physician.stays.cypher`` gives them, ends and units as known on
    the day, and ``basis``.
    """
    stays = stays_as_known(frame_of(context.query("stays"), integers=_STAY_NUMBERS), context)
    until_s = stays["ended_s"].fillna(context.as_of_s)
    long_s = context.whole("min_hours") * _HOUR_S
    is_long = (until_s - stays["started_s"]).gt(long_s).to_numpy(dtype=bool)
    proxy = context.text("proxy")
    has_visits = np.zeros(len(stays), dtype=bool)
    if proxy != "long_stay":
        has_visits = _has_visits(stays, units, context)
    is_due = {"long_stay": is_long, "follow_ups": has_visits, "either": is_long | has_visits}[proxy]
    basis = np.select([is_long & has_visits, is_long], ["both", "long_stay"], default="follow_ups")
    return stays.assign(basis=basis)[is_due].reset_index(drop=True)


def count_due(units: pd.DataFrame, context: Context) -> int:
    """Return the number of stays that were due a contact physician and began when asked about."""
    return int(_is_within(stays_due(units, context), context).sum())


def _is_within(stays: pd.DataFrame, context: Context) -> np.ndarray:
    within_days = context.whole("within_days")
    return stays["started_day"].gt(context.as_of_day - within_days).to_numpy(dtype=bool)


def _has_visits(stays: pd.DataFrame, units: pd.DataFrame, context: Context) -> np.ndarray:
    """Return which stays enough planned visits at the clinic of their unit followed."""
    ended = frame_of(context.query("visits"), integers=["n_visits"])
    visits = pd.concat([ended, _visits_under_way(stays, context)], ignore_index=True)
    clinic: Callable[[str], str | None] = clinics_of(units).get
    ended_at = stays.loc[stays["ended_s"].notna(), ["stay_id", "unit_id"]]
    found = visits.merge(ended_at, on="stay_id", suffixes=("", "_of_stay"))
    is_same = found["unit_id"].map(clinic) == found["unit_id_of_stay"].map(clinic)
    n_visits = found[is_same.to_numpy(dtype=bool)].groupby("stay_id")["n_visits"].sum()
    least = context.whole("follow_ups")
    return stays["stay_id"].map(n_visits).ge(least).fillna(False).to_numpy(dtype=bool)


def _visits_under_way(stays: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the visits after stays that had ended on the day and were prolonged since."""
    visits = frame_of(context.query("visits_under_way"), integers=["started_s"])
    ended = stays[["stay_id", "ended_s"]]
    visits = visits.merge(ended[ended["ended_s"].notna()], on="stay_id")
    after_s = visits["started_s"] - visits["ended_s"]
    limit_s = context.whole("follow_up_days") * _DAY_S
    return visits[after_s.between(0, limit_s).to_numpy(dtype=bool)].assign(n_visits=1)


def _columns(stays: pd.DataFrame) -> pd.DataFrame:
    """Return what is shown of the stays."""
    until = stays["appointed_day"].fillna(stays["last_day"])
    overdue = (until - stays["due_day"]).clip(lower=0)
    return stays.assign(
        unit=stays["unit_id"],
        due_on=iso_dates(stays["due_day"]),
        appointed_on=iso_dates(stays["appointed_day"]),
        days_overdue=overdue.astype("float64"),
    )
