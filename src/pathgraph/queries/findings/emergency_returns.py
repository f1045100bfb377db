"""Patients with repeated emergency visits, none of which led to admission."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.emergency import fullest_visit_windows, led_to_admission
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient with a window of enough visits; ``table``: visits."""
    chosen = {
        name: context.whole(name)
        for name in ("min_visits", "window_days", "within_days", "admission_h")
    }
    visits = frame_of(table, integers=["started_s"])
    stays = frame_of(
        context.query("stays"), integers=["started_s"], booleans=["is_acute", "is_death"]
    )
    is_death = stays["is_death"].to_numpy(dtype=bool, na_value=False)
    acute = stays[stays["is_acute"].to_numpy(dtype=bool, na_value=False)]
    led = led_to_admission(visits, acute, admission_h=chosen.pop("admission_h"))
    is_dead = visits["patient_id"].isin(stays.loc[is_death, "patient_id"]).to_numpy(dtype=bool)
    return fullest_visit_windows(visits[~led & ~is_dead], as_of_s=context.as_of_s, **chosen)
