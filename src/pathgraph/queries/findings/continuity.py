"""How many providers each patient meets, and whether it is the same one from visit to visit."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.continuity import continuity
from pathgraph.queries.network_nodes import asked_units, shown_visits
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table`` has the visits."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    order = table.column("started_s").to_pandas()
    found = continuity(shown_visits(table, units).assign(order=order))
    found = found[found["n_visits"] >= context.whole("min_visits")]
    return found.reset_index().astype({"patient_id": object})
