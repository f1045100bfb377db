"""From which unit patients come to which, from one contact to the next."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.ties import directed_ties, with_ends
from pathgraph.queries.network_nodes import asked_units
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair of units; ``table`` has the patients who came from one to the other."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    ties = directed_ties(table, from_shown=units.shown, to_shown=units.shown)
    return with_ends(ties, units.nodes).rename(columns={"n": "n_contacts"})
