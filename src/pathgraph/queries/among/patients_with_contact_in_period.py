"""Patients with a contact in the period, at the levels of care asked for."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.queries.frame import rows_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return how many patients came to a unit of these levels; ``table`` has all the units."""
    levels = context.parameters["levels"]
    counted = [
        row["unit_id"]
        for row in table.to_pylist()
        if isinstance(levels, Collection) and row["level"] in levels
    ]
    visits = rows_of(context.query("visits"), "unit_id", counted)
    return int(pc.count_distinct(visits.column("patient_id")).as_py())
