"""Discharges home as they were known on a day, with what followed them.

Shared by the findings no_follow_up_after_discharge and follow_up_after_discharge, which have texts
of the same names for it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.coverage import is_covered
from pathgraph.analysis.follow_up import first_acute_returns, outcomes
from pathgraph.analysis.known_ends import goes_on_after
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import stays_as_known
from pathgraph.queries.plan import end_of_day_s
from pathgraph.queries.run import Context

__all__ = ["covered_discharges", "discharges_home", "known_discharges"]

_DAY_S = 86_400
_EPOCH = date(1970, 1, 1)


def discharges_home(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return the discharges home of the finding's text with their ``outcome``.

    Where it is ``no_follow_up``, ``home_care_continued`` says whether a municipal service went on.
    """
    numbers = ("died_day", "ended_s", "ended_day", "next_gp_s", "next_municipal_s")
    stays = frame_of(table, integers=numbers, booleans=["ended_dead"])
    goes_on = goes_on_after(stays, context.as_of_s)
    contacts = pd.DataFrame()
    if goes_on.any():
        stays = stays_as_known(stays, context)
        contacts = _contacts_of(stays[goes_on], context)
        for level in ("gp", "municipal"):
            first = contacts[contacts["is_after"] & (contacts["level"] == level)]
            first_s = first.groupby("stay_id")["started_s"].min()
            known = stays["stay_id"].map(first_s).astype("Int64")
            stays[f"next_{level}_s"] = stays[f"next_{level}_s"].where(~goes_on, known)
    stays = stays[_went_home(stays, context)].reset_index(drop=True)
    returns = frame_of(
        context.query("next_stays_in_window"), integers=["started_s"], booleans=["is_acute"]
    )
    stays["acute_return_s"] = stays["stay_id"].map(first_acute_returns(returns)).astype("Int64")
    stays["is_covered"] = covered_discharges(stays, context)
    within_days = context.whole("within_days")
    stays["outcome"] = outcomes(stays, within_days=within_days, as_of_s=context.as_of_s)
    continued = set(context.query("home_care_past_discharge").column("stay_id").to_pylist())
    if len(contacts):
        continued |= set(contacts.loc[contacts["goes_past"], "stay_id"])
    stays["home_care_continued"] = stays["stay_id"].isin(continued)
    return stays


def covered_discharges(stays: pd.DataFrame, context: Context) -> np.ndarray:
    """Return which discharges lie where both levels that follow up are covered long enough."""
    within_s = context.whole("within_days") * _DAY_S
    spans = pd.DataFrame(
        {
            "municipality_code": stays["municipality_code"],
            "from_s": stays["ended_s"],
            "to_s": stays["ended_s"] + within_s,
        }
    )
    coverage = frame_of(
        context.query("follow_up_coverage"), integers=["covered_from_day", "covered_to_day"]
    ).dropna(subset=["covered_from_day", "covered_to_day"])
    zone = ZoneInfo(str(context.load["timezone"]))
    coverage["from_s"] = _midnights(coverage["covered_from_day"], zone)
    coverage["to_s"] = _midnights(coverage["covered_to_day"], zone)
    covered = spans["to_s"].le(context.as_of_s).fillna(False).to_numpy(dtype=bool)
    for level in ("gp", "municipal"):
        covered &= is_covered(spans, coverage[(coverage["level"] == level).to_numpy(dtype=bool)])
    return covered


def known_discharges(stays: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the stays that had ended on the day, alive and to home."""
    stays = stays_as_known(stays, context)
    return stays[_went_home(stays, context)].reset_index(drop=True)


def _contacts_of(stays: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Return the contacts of both levels around the known ends of stays that were prolonged."""
    contacts = frame_of(
        context.query("contacts_around_discharge"), integers=["started_s", "ended_s"]
    )
    ends = stays[["stay_id", "ended_s"]].dropna().rename(columns={"ended_s": "stay_ended_s"})
    contacts = contacts.merge(ends, on="stay_id")
    is_after = contacts["started_s"] >= contacts["stay_ended_s"]
    goes_past = contacts["ended_s"].isna() | (contacts["ended_s"] > contacts["stay_ended_s"])
    is_municipal = contacts["level"] == "municipal"
    return contacts.assign(
        is_after=is_after.astype(bool),
        goes_past=(is_municipal & ~is_after & goes_past.fillna(False)).astype(bool),
    )


def _went_home(stays: pd.DataFrame, context: Context) -> np.ndarray:
    codes = context.parameters["home_codes"]
    listed = list(codes) if isinstance(codes, Collection) and not isinstance(codes, str) else []
    is_home = stays["ended_to"].isin(listed).to_numpy(dtype=bool)
    is_dead = stays["ended_dead"].to_numpy(dtype=bool, na_value=False)
    went_home: np.ndarray = is_home & ~is_dead & ~goes_on_after(stays, context.as_of_s)
    return went_home


def _midnights(days: pd.Series[int], zone: ZoneInfo) -> list[int]:
    """Return the first second of each local day."""
    return [end_of_day_s(_EPOCH + timedelta(days=int(day) - 1), zone) for day in days]
