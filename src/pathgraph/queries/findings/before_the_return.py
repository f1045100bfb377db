"""Before the return: the discharges of current revolving-door patients, and what was in place."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.days import days_of
from pathgraph.analysis.holders import place_holdings
from pathgraph.analysis.returns import (
    discharges_before_returns,
    had_active_plan,
    had_open_referral,
    had_role,
    with_missing,
)
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]

_SHARED = ("min_stays", "window_days", "acute")
"""Parameters that say who is a revolving-door patient, shared with the finding revolving_door."""

_PLAN_DAYS = ("valid_from_day", "valid_to_day", "status_from_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a discharge that an acute stay of the same window followed."""
    shared = {name: context.parameters[name] for name in _SHARED}
    door = context.run("revolving_door", shared).select(["patient_id", "is_current", "stays"])
    windows = door.to_pandas()
    windows = windows[windows["is_current"].to_numpy(dtype=bool)]
    found = discharges_before_returns(
        windows,
        frame_of(table, integers=["started_s", "ended_s", "ended_day"]),
        frame_of(context.query("contacts"), integers=["started_s", "n"]),
        frame_of(context.query("members"), integers=["started_s"]),
    )
    loaded = set(context.load.get("tables", ()))
    flags = dict.fromkeys(("coordinator", "contact_physician", "plan", "team_referral"))
    if "roles" in loaded:
        places = asked_places(context)
        roles = frame_of(context.query("roles"), integers=_PLAN_DAYS[:2])
        # Of all patients' roles, those of these few alone are placed.
        roles = roles[roles["subject"].isin(found["patient_id"])]
        placed = place_holdings(roles, places, context.as_of_day)
        for kind in ("coordinator", "contact_physician"):
            flags[kind] = had_role(found, placed, kind)
    if "plans" in loaded:
        plans = frame_of(context.query("plans"), integers=_PLAN_DAYS)
        flags["plan"] = had_active_plan(found, plans)
    if "referrals" in loaded:
        referrals = frame_of(context.query("referrals"))
        days = {f"{name}_day": days_of(referrals[f"{name}_at"]) for name in ("sent", "closed")}
        flags["team_referral"] = had_open_referral(found, referrals.assign(**days))
    return with_missing(found, flags)
