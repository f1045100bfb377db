"""Which units see the same patients."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.ties import shared_ties, with_ends
from pathgraph.queries.network_nodes import units_asked_for
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair of units; ``table`` has the units."""
    units = units_asked_for(table, context.parameters["levels"], context.text("depth"))
    return with_ends(shared_ties(context.query("visits"), units.shown), units.nodes)
