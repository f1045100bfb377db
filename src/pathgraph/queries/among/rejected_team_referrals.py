"""How many referrals to the team were sent in the period and rejected."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.period import sent_in_period
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return how many there are; ``table`` has those of any earlier day too."""
    return len(sent_in_period(table, context))
