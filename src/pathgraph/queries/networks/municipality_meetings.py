"""Which units hold meetings about the inhabitants of which municipality."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.ties import directed_ties, with_ends
from pathgraph.queries.network_nodes import asked_units, municipality_nodes
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality and unit; ``table`` has the meetings by patient and both."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    ties = directed_ties(table, to_shown=units.shown)
    places = municipality_nodes(context.query("municipality_names"))
    return with_ends(ties, places, units.nodes).rename(columns={"n": "n_meetings"})
