"""Which ties are returned, and without which a network would fall apart."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.queries.network_measures import measured_ties
from pathgraph.queries.network_ties import MEASURED
from pathgraph.queries.run import Context

__all__ = ["MEASURED", "fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a tie; ``table`` only says that there are units."""
    del table
    return measured_ties(context)
