"""Stays that were due a contact physician: Cypher counts the long ones, other proxies need more."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.findings.missing_contact_physician import count_due
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return the number of stays; ``table`` holds that of the long ones."""
    if context.parameters["proxy"] == "long_stay":
        return int(table.column("n").to_pylist()[0])
    return count_due(frame_of(context.query("units")), context)
