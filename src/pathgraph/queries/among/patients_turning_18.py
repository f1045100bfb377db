"""Patients who turn 18 within 12 months: Cypher counts by year of birth, the calendar is here."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.analysis.transitions import birth_years_turning_18
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> int:
    """Return the number of patients."""
    years = birth_years_turning_18(context.as_of)
    return sum(row["n"] for row in table.to_pylist() if row["birth_year"] in years)
