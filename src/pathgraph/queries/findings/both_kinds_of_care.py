"""Patients in somatic and psychiatric or substance treatment without a plan that both share."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.days import iso_dates
from pathgraph.analysis.holders import place_holdings, valid_on
from pathgraph.analysis.shared_plans import shared_plans
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]

_COUNTED = ("n_somatic", "n_psychiatric", "last_somatic_day", "last_psychiatric_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table`` holds the active plans of everybody."""
    patients = frame_of(context.query("in_both_kinds_of_care"), integers=_COUNTED)
    plans = frame_of(table)
    plans = plans[plans["patient_id"].isin(patients["patient_id"])]
    owners = frame_of(context.query("owners"), integers=["valid_from_day", "valid_to_day"])
    owners = owners[owners["subject"].isin(plans["plan_id"])]
    places = asked_places(context)
    valid = valid_on(place_holdings(owners, places, context.as_of_day), context.as_of_day)
    chosen = context.parameters["shared_kinds"]
    kinds = list(chosen) if isinstance(chosen, Collection) and not isinstance(chosen, str) else []
    shared = shared_plans(plans, valid, places, kinds)
    has_shared = plans.loc[plans["plan_id"].isin(shared), "patient_id"]
    found = patients[~patients["patient_id"].isin(has_shared)]
    n_plans = found["patient_id"].map(plans["patient_id"].value_counts())
    return found.assign(
        n_active_plans=n_plans.fillna(0).astype("int64"),
        last_somatic_on=iso_dates(found["last_somatic_day"]),
        last_psychiatric_on=iso_dates(found["last_psychiatric_day"]),
    )
