"""Referrals that clinics sent, against what the user planned."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.detection_power import power_of_shares, power_of_units
from pathgraph.analysis.observed_expected import (
    against_expected,
    against_share,
    benjamini_hochberg,
    patient_gaps,
)
from pathgraph.queries.eligibility import asked_organisation
from pathgraph.queries.plan_numbers import AskedPlan, asked_plan, sent_in
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_EPOCH = date(1970, 1, 1)
_COMPARED = ("observed_to_expected", "ratio_low", "ratio_high", "p_value", "reason")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a unit of the plan; ``table`` holds its numbers."""
    plan = asked_plan(table, context, context.text("period"))
    sent = sent_in(context, plan.period)
    units = _with_observed(plan, sent, counts_asked=bool(context.parameters["counts_asked"]))
    n_unknown = int((sent["from_unit"].isna() & sent["referrer_type"].isna()).sum())
    if n_unknown:
        context.notes.append(
            sentence("{n} referrals in the period have no recorded sender.", n=n_unknown)
        )
    if plan.without:
        context.notes.append(
            sentence(
                "The plan has no number in {period} for units that it has numbers for in other "
                "periods; they are not in the table: {units}.",
                period=plan.period.name,
                units=", ".join(plan.without),
            )
        )
    compared = _compared(units, plan, context)
    names = asked_organisation(context).names
    return compared.assign(
        unit=units["unit_id"],
        unit_name=units["unit_id"].map(names),
        period=plan.period.name,
        n_referrals=units["observed"],
        **patient_gaps(compared, n_unknown=n_unknown),
    )


def _with_observed(plan: AskedPlan, sent: pd.DataFrame, *, counts_asked: bool) -> pd.DataFrame:
    """Count each unit's referrals, with those of the units below it."""
    covered = set(plan.numbers["unit_id"])
    unit = [
        next((u for u in (sender, *plan.above.get(sender, ())) if u in covered), None)
        if isinstance(sender, str)
        else None
        for sender in sent["from_unit"]
    ]
    sent = sent.assign(
        unit=pd.Series(unit, sent.index, dtype="object"),
        is_asked=sent["initiator"].eq("team").fillna(False),
    )
    units = plan.numbers["unit_id"]
    asked = sent[sent["is_asked"].to_numpy(dtype=bool)]["unit"].value_counts()
    every = sent["unit"].value_counts()
    n_asked = units.map(asked).fillna(0).astype("int64")
    n_all = units.map(every).fillna(0).astype("int64")
    n_patients = units.map(sent.groupby("unit")["patient_id"].nunique()).fillna(0)
    return plan.numbers.assign(
        observed=n_all if counts_asked else n_all - n_asked,
        n_asked_by_team=0 if counts_asked else n_asked,
        n_patients=n_patients.astype("int64"),
    )


def _compared(units: pd.DataFrame, plan: AskedPlan, context: Context) -> pd.DataFrame:
    true_ratio = context.number("true_ratio")
    if plan.is_share:
        units = units.assign(share=units["planned"])
        found = against_share(units)
        total = int(units["observed"].sum())
        power = power_of_shares(units, total=total, true_ratio=true_ratio)["power"]
    else:
        units = units.assign(expected=units["planned"] * _part_over(plan, context))
        found = against_expected(units).assign(expected=units["expected"])
        power = power_of_units(units, true_ratio=true_ratio)["power"]
    kept = units.assign(expected=found["expected"], power=power, **found[list(_COMPARED)])
    return kept.assign(adjusted_p_value=benjamini_hochberg(kept["p_value"]))


def _part_over(plan: AskedPlan, context: Context) -> float:
    """Return which part of the period is over; its absolute numbers are taken for that part."""
    horizon = _EPOCH + timedelta(days=context.horizon_day)
    n_over = int(np.clip((horizon - plan.period.first).days + 1, 0, plan.period.n_days))
    if n_over < plan.period.n_days:
        context.notes.append(
            sentence(
                "The period is not over: {n} of its {all} days are, and the plan's numbers are "
                "taken for that part.",
                n=n_over,
                all=plan.period.n_days,
            )
        )
    return n_over / plan.period.n_days
