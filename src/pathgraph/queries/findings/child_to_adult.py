"""Patients of child units who soon turn 18 and have nothing planned in adult services."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.days import days_of
from pathgraph.analysis.transitions import (
    birth_years_turning_18,
    child_units,
    seen_by_child_units_alone,
)
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]

_TALLIES = ("n_contacts", "n_young")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table``: who is near 18, seen where and how often."""
    seen = frame_of(table, integers=["birth_year", "n_contacts", "last_day"])
    years = birth_years_turning_18(context.as_of)
    teams = frame_of(context.query("teams"))["unit_id"]
    is_asked = seen["birth_year"].isin(years) & ~seen["unit_id"].isin(teams)
    seen = seen[is_asked.to_numpy(dtype=bool)]
    ages = frame_of(context.query("ages"), integers=_TALLIES)
    units = child_units(
        ages[~ages["unit_id"].isin(teams).to_numpy(dtype=bool)],
        child_share=context.number("child_share"),
        min_contacts=context.whole("min_contacts"),
    )
    referrals = frame_of(context.query("referrals"))
    is_recent = days_of(referrals["sent_at"]) > context.as_of_day - context.whole("within_days")
    return seen_by_child_units_alone(seen, referrals[is_recent.to_numpy(dtype=bool)], units)
