"""How many patients may need the team and count."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.queries.eligibility import ELIGIBLE
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return how many there are; the finding eligible_patients says who."""
    found = context.run("eligible_patients", {name: context.parameters[name] for name in ELIGIBLE})
    return int(pc.sum(pc.equal(found.column("status"), "counted")).as_py() or 0)
