"""Ended coordinators: roles that ended lately, and nobody in the place."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.coordination import ended_coordinators
from pathgraph.analysis.holders import place_holdings, valid_on
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient and duty level; ``table`` holds the roles of the living."""
    places = asked_places(context)
    roles = frame_of(table, integers=["valid_from_day", "valid_to_day"])
    placed = place_holdings(roles, places, context.as_of_day)
    return ended_coordinators(
        placed,
        valid_on(placed, context.as_of_day),
        frame_of(context.query("assessments"), integers=["assessed_day"]),
        within_days=context.whole("within_days"),
        as_of_day=context.as_of_day,
    )
