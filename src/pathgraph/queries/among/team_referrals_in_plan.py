"""How many referrals the team got in the plan's period, from anybody."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.plan_numbers import asked_plan, sent_in
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return how many there are; ``table`` holds the plan's numbers."""
    return len(sent_in(context, asked_plan(table, context, context.text("period")).period))
