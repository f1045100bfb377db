"""Referrals to the team of which it is not recorded who sent them."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.period import sent_in_period
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pa.Table:
    """Return those of the period; ``table`` has those of any earlier day too."""
    return sent_in_period(table, context)
