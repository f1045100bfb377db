"""Plans that nobody owns: the owners, where they stand, and who still sees the patient."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.holders import place_holdings
from pathgraph.analysis.plans import unowned_plans
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row an active plan without valid owner."""
    places = asked_places(context)
    owners = frame_of(context.query("owners"), integers=["valid_from_day", "valid_to_day"])
    covered_from = context.as_of_day - context.whole("level_days")
    coverage = frame_of(context.query("coverage"), integers=["covered_from_day", "covered_to_day"])
    is_covered = coverage["covered_from_day"].le(covered_from) & coverage["covered_to_day"].gt(
        context.as_of_day
    )
    return unowned_plans(
        frame_of(table),
        place_holdings(owners, places, context.as_of_day),
        frame_of(context.query("seen")),
        covered_levels=coverage["level"][is_covered.fillna(False).to_numpy(dtype=bool)].tolist(),
        as_of_day=context.as_of_day,
    )
