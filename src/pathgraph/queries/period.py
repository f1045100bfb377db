"""The period that a network is about, where Cypher alone cannot bound it."""

from __future__ import annotations

from datetime import timedelta

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.queries.run import Context

__all__ = ["sent_in_period"]


def sent_in_period(table: pa.Table, context: Context) -> pa.Table:
    """Return the rows whose local day ``sent_at`` is one of the ``period_days`` up to ``as_of``."""
    first = context.as_of - timedelta(days=context.whole("period_days") - 1)
    sent_at = table.column("sent_at").cast(pa.string())
    # Local dates and times as ISO texts sort as they follow one another.
    return table.filter(pc.greater_equal(sent_at, first.isoformat()))
