"""Late coordinators: the waits that lasted too long."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table`` holds the names of the municipalities."""
    waits = frame_of(context.run("coordinator_waits"))
    late = waits[(waits["days"] > context.whole("max_days")).to_numpy(dtype=bool)]
    codes = table.column("municipality_code").to_pylist()
    names = dict(zip(codes, table.column("municipality_name").to_pylist(), strict=True))
    is_appointed = late["status"] == "appointed"
    return late.assign(
        appointed_on=late["ended_on"].where(is_appointed, None),
        municipality_name=pd.Series(
            [names.get(code) for code in late["municipality_code"]], late.index, dtype="object"
        ),
    )
