"""Referrals over time: whether the share referred rises or falls, unit by unit."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.referral_periods import trends
from pathgraph.queries.eligibility import ELIGIBLE, asked_organisation, named_values, with_texts
from pathgraph.queries.frame import frame_of
from pathgraph.queries.referral_periods import OVER_TIME, asked_charts, asked_step
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a unit; ``table`` holds the names of the municipalities."""
    asked = {name: context.parameters[name] for name in (*OVER_TIME, *ELIGIBLE)}
    charts = asked_charts(context, asked)
    rows = trends(charts, step=asked_step(asked))
    # One row a unit, in the same order.
    above = charts.drop_duplicates("unit").reset_index(drop=True)
    found = rows.assign(
        **{name: above[name] for name in ("hospital", "hospital_name", "n_departments")},
        n_eligible=rows["eligible"],
        n_referred=rows["observed"],
        share=rows["observed"] / rows["eligible"].where(rows["eligible"] > 0),
        **named_values(rows["unit"], frame_of(table), asked_organisation(context)),
    )
    return with_texts(found, ("last_signal", "reason"))
