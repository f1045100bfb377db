"""Which units refer patients to which."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.ties import directed_ties, with_ends
from pathgraph.queries.network_nodes import asked_units
from pathgraph.queries.period import sent_in_period
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair of units; ``table`` has the referrals of a day more than asked for."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    sent = sent_in_period(table, context)
    sent = sent.append_column("n", pa.array([1] * sent.num_rows, pa.int64()))
    ties = directed_ties(sent, from_shown=units.shown, to_shown=units.shown)
    return with_ends(ties, units.nodes).rename(columns={"n": "n_referrals"})
