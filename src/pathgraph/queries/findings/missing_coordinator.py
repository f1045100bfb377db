"""Missing coordinators: who should have one, without those who have one at that level."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.coordination import duties_met
from pathgraph.analysis.days import days_of
from pathgraph.analysis.holders import place_holdings, valid_on
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]

_SHARED = ("service_days", "min_dates", "min_span_d", "min_overlap_d", "municipal_kinds")
"""Parameters that say who should have a coordinator, shared with the finding coordination_need."""


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient and duty level without coordinator; ``table`` holds the roles."""
    places = asked_places(context)
    roles = frame_of(table, integers=["valid_from_day", "valid_to_day"])
    valid = valid_on(place_holdings(roles, places, context.as_of_day), context.as_of_day)
    key = ["patient_id", "duty_level"]
    met = pd.MultiIndex.from_frame(duties_met(valid)[key])
    shared = {name: context.parameters[name] for name in _SHARED}
    need = frame_of(context.run("coordination_need", shared))
    missing = need[~pd.MultiIndex.from_frame(need[key]).isin(met)]
    return missing.assign(days_since=context.as_of_day - days_of(missing["since"]))
