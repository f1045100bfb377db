"""What followed the discharges home of each unit."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.follow_up import follow_up_by_unit
from pathgraph.queries.discharges import discharges_home
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a unit with discharges home."""
    stays = discharges_home(table, context)
    counted = follow_up_by_unit(stays)
    names = stays[["unit_id", "unit_name"]].drop_duplicates("unit_id").set_index("unit_id")
    return counted.assign(unit_name=counted["unit"].map(names["unit_name"]).astype("object"))
