"""Missing individual plans: who should have one, without those who have an active one."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.plans import missing_individual_plans
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]

_SHARED = ("service_days", "min_dates", "min_span_d", "min_overlap_d", "municipal_kinds")
"""Parameters that say who should have a coordinator, shared with the finding coordination_need."""


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table`` holds the assessments of the need of a plan."""
    shared = {name: context.parameters[name] for name in _SHARED}
    return missing_individual_plans(
        frame_of(table, integers=["assessed_day"]),
        frame_of(context.run("coordination_need", shared)),
        frame_of(context.query("plans"), booleans=["is_active", "is_draft"]),
    )
