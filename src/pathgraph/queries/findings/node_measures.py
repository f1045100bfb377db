"""Which units or municipalities hold a network together."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.queries.network_measures import measured_nodes
from pathgraph.queries.network_ties import MEASURED
from pathgraph.queries.run import Context

__all__ = ["MEASURED", "fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a node; ``table`` only says that there are units."""
    del table
    return measured_nodes(context)
