"""Revolving-door patients: fold each patient's acute stays to the fullest window."""

from __future__ import annotations

import json

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.pathways import fullest_windows, stays_under_way
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient with a window of enough stays."""
    stays = frame_of(table, integers=["ended_s"], booleans=["is_dead", "is_acute"])
    stays["unit_ids"] = stays["unit_ids"].astype("object")
    ended = stays["ended_s"].lt(context.as_of_s).fillna(False).to_numpy(dtype=bool)
    dead_in_stay = stays["ended_dead"].to_numpy(dtype=bool)
    if not ended.all():
        known = stays_under_way(
            frame_of(context.query("stays_under_way"), integers=["sequence", "ended_s"]),
            context.as_of_s,
        )
        known = known.reindex(stays.loc[~ended, "stay_id"])
        stays.loc[~ended, "unit_ids"] = [json.dumps(_listed(ids)) for ids in known["unit_ids"]]
        dead_in_stay[~ended] = known["ended_dead"].to_numpy(dtype=bool, na_value=False)
    is_dead = stays["is_dead"].to_numpy(dtype=bool, na_value=False) | dead_in_stay
    stays["is_dead"] = pd.Series(is_dead).groupby(stays["patient_id"]).transform("any").to_numpy()
    return fullest_windows(
        stays[stays["is_acute"].to_numpy(dtype=bool, na_value=False)],
        min_stays=context.whole("min_stays"),
        window_days=context.whole("window_days"),
        as_of_s=context.as_of_s,
    )


def _listed(ids: object) -> list[str]:
    return ids if isinstance(ids, list) else []
