"""Which units refer patients to a unit that refers nobody back."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.one_way import one_way_ties
from pathgraph.model.tables import LEVELS
from pathgraph.queries.run import Context

__all__ = ["fold"]

_ASKED = ("period_days", "depth")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a tie that leads one way; ``table`` says only that there are referrals."""
    asked = {name: context.parameters[name] for name in _ASKED}
    # Of all levels: whoever refers to a level that is not asked about refers somebody.
    ties = context.run("referral_network", {**asked, "levels": LEVELS}).to_pandas()
    found = one_way_ties(ties, between_levels=context.text("between") == "levels")
    levels = context.parameters["levels"]
    counted = levels if isinstance(levels, tuple) else ()
    found = found[found["from_level"].isin(counted) & found["to_level"].isin(counted)]
    return found.assign(n_referrals_back=0)
