"""Referral gaps: eligible patients of each unit, referred and expected to be."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.referral_gaps import gaps_of_units, referred_by_referrer, with_strata
from pathgraph.queries.eligibility import (
    COLUMN_OF,
    ELIGIBLE,
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
    _say_what_limits(rows, by, context)
    units = rows[COLUMN_OF[by]]
    return rows.assign(
        **above_units(units, by, patients, organisation),
        **named_values(units, frame_of(table), organisation),
    )


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value)


def _say_what_limits(rows: pd.DataFrame, by: str, context: Context) -> None:
    """Say why no allowance is made for units that differ more than chance explains."""
    n_units = int(rows["expected"].notna().sum())
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
