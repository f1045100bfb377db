"""How many patients may need the team, count, and were referred in the time looked at."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.queries.eligibility import ELIGIBLE, referred_patients
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return how many there are; the finding eligible_patients says who."""
    return len(referred_patients(context, {name: context.parameters[name] for name in ELIGIBLE}))
