"""Readmission rates: the index stays that count, divided as asked."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.rates import readmission_rates
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]

_INDEX = (
    "acute", "min_gap_h", "min_inclusive", "max_gap_d", "max_inclusive", "gap_unit", "min_gap_d",
    "min_age", "exclude_rehabilitation", "require_diagnosis_group", "drop_deaths",
    "death_window_d",
)  # fmt: skip
"""Parameters that say what an index stay is, shared with the finding readmission_index."""

_COLUMNS = {
    "all": None,
    "unit": "discharged_from",
    "month": "month",
    "municipality": "municipality_code",
}


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a group; ``table`` holds the names of the municipalities."""
    shared = {name: context.parameters[name] for name in _INDEX}
    index = frame_of(context.run("readmission_index", shared))
    counted = index[index["reason"] == "counted"].copy()
    counted["month"] = counted["ended_at"].str.slice(0, 7)
    by = context.text("by")
    rates = readmission_rates(counted, by=_COLUMNS[by], age_band=context.whole("age_band"))
    names = _names(by, counted, table)
    # Where nothing is known of any, pandas makes numbers of the empty texts.
    values = [value if isinstance(value, str) else None for value in rates["by_value"]]
    labels = [None if value is None else names.get(value) for value in values]
    return rates.assign(
        by_value=pd.Series(values, index=rates.index, dtype="object"),
        name=pd.Series(labels, index=rates.index, dtype="object"),
    )


def _names(by: str, counted: pd.DataFrame, municipalities: pa.Table) -> dict[str, str]:
    if by == "unit":
        named = counted[["discharged_from", "discharged_from_name"]].drop_duplicates()
        return dict(named.itertuples(index=False, name=None))
    if by == "municipality":
        codes = municipalities.column("municipality_code").to_pylist()
        return dict(zip(codes, municipalities.column("name").to_pylist(), strict=True))
    return {}
