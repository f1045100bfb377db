"""How many patients are in hospital or a psychiatric ward on the day."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.eligibility import in_hospital
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return how many there are; ``table`` holds the stays that had no end by then."""
    return int(in_hospital(table, context)["patient_id"].nunique())
