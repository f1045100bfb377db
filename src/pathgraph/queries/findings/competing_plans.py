"""Competing plans: the active plans of a patient, by kind."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient and kind of which there are several active plans."""
    plans = frame_of(table).sort_values("plan_id")
    grouped = plans.groupby(["patient_id", "kind"])["plan_id"]
    found = grouped.agg(n_plans="size", plans=list).reset_index()
    return found[found["n_plans"] > 1].astype({"plans": "object"})
