"""Who should have a coordinator: recorded needs, and the services used."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.coordination import coordination_need, coordination_proxy
from pathgraph.analysis.organisation import clinics_of
from pathgraph.queries.frame import frame_of, rows_of
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient and duty level."""
    dead = context.query("dead").column("patient_id")
    dates = rows_of(context.query("dates"), "patient_id", dead, is_without=True)
    proxy = coordination_proxy(
        frame_of(dates, integers=["started_day"]),
        frame_of(context.query("services"), integers=["first_day", "last_day"]),
        clinic_of=clinics_of(frame_of(context.query("units"))),
        min_dates=context.whole("min_dates"),
        min_span_d=context.whole("min_span_d"),
        min_overlap_d=context.whole("min_overlap_d"),
    )
    found = coordination_need(
        frame_of(table, integers=["assessed_day"]), frame_of(context.query("served")), proxy
    )
    codes = found["patient_id"].map(_residences(found, context))
    return found.assign(municipality_code=codes.astype("object").where(codes.notna(), None))


def _residences(found: pd.DataFrame, context: Context) -> pd.Series[str]:
    """Return where each patient found lives; of several residences the latest begun counts."""
    rows = rows_of(context.query("residences"), "patient_id", found["patient_id"])
    lived = frame_of(rows, integers=["valid_from_day"])
    lived = lived.sort_values(["valid_from_day", "municipality_code"], na_position="first")
    latest = lived.drop_duplicates("patient_id", keep="last")
    return latest.set_index("patient_id")["municipality_code"]
