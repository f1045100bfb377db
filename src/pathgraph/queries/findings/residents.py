"""People by municipality and age group."""

from __future__ import annotations

import pyarrow as pa

from pathgraph.analysis.residents import people_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pa.Table:
    """Return one row a municipality and age group; ``table`` holds the names."""
    people = people_of(
        context.query("birth_years"), context.query("residences"), context.as_of.year
    )
    counted = people.group_by(["municipality", "age_group"]).aggregate([("patient_id", "count")])
    codes = counted.column("municipality").to_pylist()
    rows = zip(
        table.column("municipality_code").to_pylist(), table.column("name").to_pylist(), strict=True
    )
    names = dict(rows)
    return pa.table(
        {
            "municipality_code": counted.column("municipality"),
            "municipality_name": pa.array([names.get(code) for code in codes], pa.string()),
            "age_group": counted.column("age_group"),
            "n_people": counted.column("patient_id_count"),
        }
    )
