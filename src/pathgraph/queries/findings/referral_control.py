"""Referrals over time: each period of a unit against the limits of chance."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.queries.eligibility import ELIGIBLE, asked_organisation, named_values, with_texts
from pathgraph.queries.frame import frame_of
from pathgraph.queries.referral_periods import OVER_TIME, asked_charts
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a unit and period; ``table`` holds the names of the municipalities."""
    asked = {name: context.parameters[name] for name in (*OVER_TIME, *ELIGIBLE)}
    charts = asked_charts(context, asked)
    found = charts.assign(
        n_in_all=charts.groupby("unit", dropna=False)["eligible"].transform("sum"),
        n_eligible=charts["eligible"],
        n_referred=charts["observed"],
        limit_low=charts["low"],
        limit_high=charts["high"],
        **named_values(charts["unit"], frame_of(table), asked_organisation(context)),
    )
    return with_texts(found, ("period", "position", "reason"))
