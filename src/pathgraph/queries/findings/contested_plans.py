"""Contested plans: the owners, where they stand, and which of them stand apart."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.holders import contests, place_holdings, valid_on
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row an active plan and level of care with two owners."""
    places = asked_places(context)
    owners = frame_of(context.query("owners"), integers=["valid_from_day", "valid_to_day"])
    plans = frame_of(table)
    owners = owners[owners["subject"].isin(plans["plan_id"])]
    valid = valid_on(place_holdings(owners, places, context.as_of_day), context.as_of_day)
    found = contests(valid[valid["level"].notna()], places, ["subject", "level"])
    found = found.rename(columns={"subject": "plan_id", "holders": "owners"})
    return found.merge(plans, on="plan_id", how="inner")
