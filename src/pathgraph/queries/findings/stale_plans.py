"""Stale plans: revisions and acute stays of the active plans, as known at the end of the day."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.pathways import stays_under_way
from pathgraph.analysis.plans import stale_plans
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row an active plan that has not been revised in time."""
    return stale_plans(
        frame_of(table, integers=["valid_from_day"]),
        frame_of(context.query("revisions"), integers=["revised_day", "revise_by_day"]),
        _acute_ends(context),
        months=context.whole("months"),
        grace_d=context.whole("grace_d"),
        as_of_day=context.as_of_day,
    )


def _acute_ends(context: Context) -> pd.DataFrame:
    ends = frame_of(context.query("acute_ends"), integers=["ended_day"])
    contacts = frame_of(context.query("under_way"), integers=["sequence", "ended_s", "ended_day"])
    if contacts.empty:
        return ends
    patients = contacts.drop_duplicates("stay_id").set_index("stay_id")["patient_id"]
    known = stays_under_way(contacts, context.as_of_s)
    known = known[known["has_ended"].to_numpy(dtype=bool, na_value=False)]
    more = pd.DataFrame(
        {
            "patient_id": patients.reindex(known.index).to_numpy(),
            "ended_day": known["ended_day"].astype("Int64").to_numpy(),
        }
    )
    return pd.concat([ends, more], ignore_index=True) if len(more) else ends
