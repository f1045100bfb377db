"""Index stays: what was known of each stay at the end of the day, and why it counts or not."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.pathways import stays_under_way
from pathgraph.analysis.rates import index_reasons
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]

_PAIRING = (
    "acute", "min_gap_h", "min_inclusive", "max_gap_d", "max_inclusive", "gap_unit", "min_gap_d",
    "min_age", "exclude_rehabilitation", "require_diagnosis_group",
)  # fmt: skip
"""Parameters that say what a readmission is, shared with the finding readmissions."""

_MAY_BE_NULL = ("age", "died_day", "ended_s", "ended_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a stay that had begun, with the readmissions paired with it."""
    stays = _as_known(frame_of(table, integers=_MAY_BE_NULL), context)
    pairing = {name: context.parameters[name] for name in _PAIRING}
    pairs = context.run("readmissions", pairing).column("index_stay_id").to_pandas()
    n_readmissions = stays["stay_id"].map(pairs.value_counts()).fillna(0).astype("int64")
    chosen = context.parameters
    stays["n_readmissions"] = n_readmissions
    stays["is_readmitted"] = n_readmissions > 0
    stays["reason"] = index_reasons(
        stays,
        min_age=context.whole("min_age"),
        exclude_rehabilitation=bool(chosen["exclude_rehabilitation"]),
        require_diagnosis_group=bool(chosen["require_diagnosis_group"]),
        max_gap_d=context.whole("max_gap_d"),
        is_calendar=chosen["gap_unit"] == "calendar",
        death_window_d=context.whole("death_window_d") if chosen["drop_deaths"] else None,
        horizon_s=context.horizon_s,
        horizon_day=context.horizon_day,
    )
    return stays


def _as_known(stays: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Replace the end of stays that go on after the day by what was known of it on that day."""
    goes_on = ~stays["ended_s"].lt(context.as_of_s).fillna(False).to_numpy(dtype=bool)
    if not goes_on.any():
        return stays
    contacts = frame_of(
        context.query("stays_under_way"), integers=["sequence", "ended_s", "ended_day"]
    )
    known = stays_under_way(contacts, context.as_of_s)
    known = known.reindex(stays.loc[goes_on, "stay_id"])
    has_ended = known["has_ended"].to_numpy(dtype=bool, na_value=False)
    replaced = {
        "ended_s": known["ended_s"].astype("Int64"),
        "ended_day": known["ended_day"].astype("Int64"),
        "ended_at": known["ended_at"],
        "ended_dead": known["ended_dead"].astype("boolean").fillna(False).astype(bool),
        "discharged_from": known["unit_id"].where(has_ended),
        "discharged_from_name": known["unit_name"].where(has_ended),
    }
    for name, values in replaced.items():
        values.index = stays.index[goes_on]
        stays[name] = stays[name].where(~goes_on, values)
    return stays
