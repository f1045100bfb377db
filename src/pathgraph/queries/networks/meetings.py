"""Which units hold meetings about the same patients."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.ties import shared_ties, with_ends
from pathgraph.queries.network_nodes import asked_units
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair of units; ``table`` has the meetings by patient and unit."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    return with_ends(shared_ties(table, units.shown), units.nodes)
