"""The days that a question is about, where Cypher alone cannot bound them."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.queries.run import Context

__all__ = ["first_day", "sent_in_period"]


def first_day(context: Context) -> date:
    """Return the first of the ``period_days`` up to ``as_of``; no calendar begins before year 1."""
    return date.fromordinal(max(1, context.as_of.toordinal() - context.whole("period_days") + 1))


def sent_in_period(table: pa.Table, context: Context) -> pa.Table:
    """Return the rows whose local day ``sent_at`` is one of the ``period_days`` up to ``as_of``."""
    sent_at = table.column("sent_at").cast(pa.string())
    # Local dates and times as ISO texts sort as they follow one another.
    return table.filter(pc.greater_equal(sent_at, first_day(context).isoformat()))
