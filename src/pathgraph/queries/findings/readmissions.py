"""Readmissions: pair each acute stay with the latest stay before it that is eligible."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.pathways import latest_pairs
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return the pairs; asks further back only where a stay just before was not eligible."""
    direct = frame_of(table, booleans=["is_eligible", "is_unit_known"])
    further_back = pd.DataFrame()
    if not direct["is_eligible"].all():
        found = context.query("past_excluded")
        further_back = frame_of(found, booleans=["is_within", "is_unit_known"])
    pairs = latest_pairs(direct, further_back)
    # Null where the stay goes on and none of the contacts below its admission had begun.
    unknown = ~pairs["is_unit_known"].to_numpy(dtype=bool, na_value=False)
    pairs.loc[unknown, ["admitted_to", "admitted_to_name"]] = None
    return pairs
