"""Time to a coordinator: the waits counted, with death and moves as competing events."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.coordinator_waits import coordinator_delay
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a group; ``table`` holds the names of the municipalities."""
    is_divided = context.parameters["by"] == "municipality"
    waits = frame_of(context.run("coordinator_waits"))
    found = coordinator_delay(waits, by="municipality_code" if is_divided else None)
    codes = table.column("municipality_code").to_pylist()
    names = dict(zip(codes, table.column("name").to_pylist(), strict=True))
    labels = [names.get(value) if is_divided else None for value in found["by_value"]]
    return found.assign(name=pd.Series(labels, found.index, dtype="object"))
