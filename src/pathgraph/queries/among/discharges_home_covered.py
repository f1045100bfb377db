"""Discharges home whose days afterwards are covered."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.discharges import covered_discharges, known_discharges
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return the number of discharges; ``table`` holds those that may count."""
    stays = known_discharges(
        frame_of(table, integers=["ended_s"], booleans=["ended_dead"]), context
    )
    return int(covered_discharges(stays, context).sum())
