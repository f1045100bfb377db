"""Referrals sent in the period."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.period import sent_in_period
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return how many were sent; ``table`` has those of a day more than asked for."""
    return int(sent_in_period(table, context).num_rows)
