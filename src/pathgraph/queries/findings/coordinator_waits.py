"""Waits for a coordinator: from the first assessment of the need to what came first."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.coordinator_waits import coordinator_waits
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]

_VALIDITY = ("valid_from_day", "valid_to_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient whose need is recorded; ``table`` holds the assessments."""
    assessments = frame_of(table, integers=["assessed_day", "died_day"])
    in_stays = frame_of(context.query("deaths"), integers=["died_day"])
    recorded = assessments.loc[assessments["died_day"].notna(), ["patient_id", "died_day"]]
    deaths = [frame for frame in (recorded, in_stays) if len(frame)] or [in_stays]
    return coordinator_waits(
        assessments,
        frame_of(context.query("roles"), integers=_VALIDITY),
        pd.concat(deaths),
        frame_of(context.query("residences"), integers=_VALIDITY),
        as_of_day=context.as_of_day,
    )
