"""Which units the inhabitants of each municipality come to."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.ties import directed_ties, with_ends
from pathgraph.queries.network_nodes import (
    asked_units,
    contacts_of_residents,
    municipality_nodes,
)
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality and unit; ``table`` has the municipalities."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    ties = directed_ties(contacts_of_residents(context), to_shown=units.shown)
    named = with_ends(ties, municipality_nodes(table), units.nodes)
    return named.rename(columns={"n": "n_contacts"})
