"""Patients whose need of a coordinator is recorded, and not taken back since."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(_: pa.Table, context: Context) -> int:
    """Return the number of patients in the finding coordinator_waits."""
    return int(context.run("coordinator_waits").num_rows)
