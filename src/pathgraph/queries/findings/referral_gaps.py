"""Referral gaps: eligible patients of each unit, referred and expected to be."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.referral_gaps import gaps_of_units, referred_by_referrer, with_strata
from pathgraph.queries.eligibility import (
    COLUMN_OF,
    ELIGIBLE,
    SPECIALIST,
    above_units,
    asked_organisation,
    counted_patients,
    named_values,
    with_places,
)
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_ABOVE = ("clinic", "clinic_name", "hospital", "hospital_name", "n_departments")
_COMPARED = (
    "expected", "gap", "observed_to_expected", "ratio_low", "ratio_high", "p_value",
    "adjusted_p_value", "shrunk_ratio", "position", "power",
)  # fmt: skip


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a unit; ``table`` holds names and inhabitants of the municipalities."""
    patients = counted_patients(context, {name: context.parameters[name] for name in ELIGIBLE})
    by = context.text("by")
    if by == "referrer_type":
        rows = referred_by_referrer(patients)
        none = dict.fromkeys((*_COMPARED, *_ABOVE, "name"))
        return rows.assign(by_value=rows["referred_by"], **none)
    organisation = asked_organisation(context)
    patients = with_places(patients, organisation)
    population = {
        r["municipality_code"]: r["population"] for r in table.to_pylist() if r["population"]
    }
    is_standardised = context.text("basis") == "standardised"
    rows = gaps_of_units(
        with_strata(patients, population),
        by=COLUMN_OF[by],
        strata=_texts(context.parameters["strata"]) if is_standardised else (),
        true_ratio=context.number("true_ratio"),
    )
    units = rows[COLUMN_OF[by]]
    _say_what_limits(rows, by, context)
    _say_who_has_nobody(units, by, frame_of(table), context)
    if by == "hospital":
        _say_what_hospitals_are(units, context)
    return rows.assign(
        **above_units(units, by, patients, organisation),
        **named_values(units, frame_of(table), organisation),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value)


def _say_what_limits(rows: pd.DataFrame, by: str, context: Context) -> None:
    """Say what the intervals, the funnel and the period can and cannot tell."""
    n_units = int(rows["expected"].notna().sum())
    if n_units:
        context.notes.append(
            sentence(
                "The interval and the funnel take what is expected as known, the p-value does not: "
                "where they differ, it is the more careful."
            )
        )
    if 0 < n_units < 20:
        context.notes.append(
            sentence(
                "With {n} units no allowance is made in the funnel for overdispersion: among so "
                "few it would hide the very units that are looked for. From 20 units on it is.",
                n=n_units,
            )
        )
    if by == "municipality":
        context.notes.append(
            sentence(
                "{n} days are taken together, because small municipalities have few patients.",
                n=context.whole("period_days"),
            )
        )


def _say_who_has_nobody(
    units: pd.Series[str], by: str, municipalities: pd.DataFrame, context: Context
) -> None:
    """Name the places without a row: nobody there counts, and nothing is expected of them."""
    if by == "municipality":
        chosen = _texts(context.parameters["municipalities"])
        if chosen == ("served",):
            chosen = context.query("served_municipalities").column("municipality_code").to_pylist()
        named = municipalities.set_index("municipality_code")["name"]
        places = named[named.index.isin(chosen)]
    elif by == "clinic":
        known = frame_of(context.query("named_units"))
        is_clinic = known["kind"].eq(by) & known["level"].isin(SPECIALIST)
        places = known[is_clinic & known["successor_id"].isna()].set_index("unit_id")["name"]
        places = places[~places.index.duplicated()]
    else:
        return
    nobody = places[~places.index.isin(units)]
    names = sorted(nobody.where(nobody.notna(), nobody.index.to_series()).astype(str))
    if names:
        context.notes.append(
            sentence("Places where nobody counts have no row: {names}.", names=", ".join(names))
        )


def _say_what_hospitals_are(units: pd.Series[str], context: Context) -> None:
    """Say that clinics of several hospitals are not divided between them."""
    known = frame_of(context.query("named_units"))
    hospitals = known.loc[known["kind"].eq("hospital"), "unit_id"]
    if not units.isin(hospitals).all():
        context.notes.append(
            sentence(
                "A clinic's patients count at the hospital that the clinic is part of. Clinics "
                "that are part of no single hospital count at what they are part of, or as "
                "themselves."
            )
        )
