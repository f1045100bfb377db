"""Conflicting coordinators: two of a kind at one duty level who are not each other's unit."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.coordination import duties_met
from pathgraph.analysis.holders import contests, place_holdings, valid_on
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient, duty level and kind; ``table`` holds the roles of the living."""
    places = asked_places(context)
    roles = frame_of(table, integers=["valid_from_day", "valid_to_day"])
    valid = valid_on(place_holdings(roles, places, context.as_of_day), context.as_of_day)
    # Where the level is not known, nobody can say that two are at one.
    held = duties_met(valid[valid["level"].notna()])
    found = contests(held, places, ["patient_id", "duty_level", "kind"])
    return found.rename(columns={"holders": "coordinators"})
