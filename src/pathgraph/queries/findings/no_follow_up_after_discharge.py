"""Discharges home that neither GP nor municipal service followed."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.queries.discharges import discharges_home
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a covered discharge without contact, acute return or death in time."""
    stays = discharges_home(table, context)
    found = stays[(stays["outcome"] == "no_follow_up").to_numpy(dtype=bool)]
    return found.assign(unit=found["unit_id"])
