"""Who is reached: the share of eligible patients referred, by age, sex and municipality."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.proportions import wilson
from pathgraph.analysis.residents import age_groups
from pathgraph.queries.eligibility import ELIGIBLE, counted_patients
from pathgraph.queries.run import Context

__all__ = ["fold"]

_GROUPS = ("age_group", "sex", "municipality_code")
_BY = {
    "age": ("age_group",),
    "municipality": ("municipality_code",),
    "sex": ("sex",),
    "age_and_municipality": ("age_group", "municipality_code"),
}


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a group; ``table`` holds the names of the municipalities."""
    patients = counted_patients(context, {name: context.parameters[name] for name in ELIGIBLE})
    ages = pa.chunked_array([pa.array(-patients["age"].astype("Int64"), pa.int64())])
    patients["age_group"] = age_groups(ages, 0).to_pylist()
    asked = list(_BY[context.text("by")])
    is_referred = patients["referred_by"].notna()
    groups = (
        patients.assign(is_referred=is_referred)
        .groupby(asked, dropna=False, sort=False)["is_referred"]
        .agg(["size", "sum"])
        .reset_index()
    )
    n, k = (groups[name].to_numpy(dtype=np.float64) for name in ("size", "sum"))
    low, high = wilson(k, n)
    names = dict(zip(*(table.column(c).to_pylist() for c in ("municipality_code", "name")),
                     strict=True))  # fmt: skip
    found = groups.assign(
        n_eligible=groups["size"],
        n_referred=groups["sum"].astype("int64"),
        share=k / n,
        share_low=low,
        share_high=high,
    )
    for name in _GROUPS:
        values = found[name].astype("object") if name in asked else pd.Series(None, found.index)
        found[name] = values.astype("object").where(values.notna(), None)
    labels = [names.get(code) for code in found["municipality_code"]]
    return found.assign(municipality_name=pd.Series(labels, found.index, dtype="object"))
