"""Patients who should have a coordinator, at whatever level."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.run import Context

__all__ = ["fold"]

_SHARED = ("service_days", "min_dates", "min_span_d", "min_overlap_d", "municipal_kinds")
"""Parameters that say who should have a coordinator, shared with the finding coordination_need."""


def fold(_: pa.Table, context: Context) -> int:
    """Return the number of distinct patients in the finding coordination_need."""
    shared = {name: context.parameters[name] for name in _SHARED}
    need = context.run("coordination_need", shared)
    return len(need.column("patient_id").unique())
