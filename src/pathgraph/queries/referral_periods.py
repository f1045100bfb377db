"""Eligible patients and those referred, by unit and calendar period, for the findings over time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import cast

import pandas as pd

from pathgraph.analysis.referral_periods import (
    Step,
    charted,
    counted_by_period,
    periods_between,
)
from pathgraph.queries.eligibility import (
    ELIGIBLE,
    Organisation,
    asked_organisation,
    counted_patients,
)
from pathgraph.queries.period import first_day
from pathgraph.queries.run import Context
from pathgraph.queries.spec import Value
from pathgraph.sentence import sentence

__all__ = ["OVER_TIME", "asked_charts", "asked_step", "named_values"]

OVER_TIME = ("by", "step", "baseline_periods", "fall", "false_signals")
"""Parameters of the findings over time, besides those that say who may need the team."""

_EPOCH = date(1970, 1, 1)
_COLUMNS = {"clinic": "clinic", "hospital": "hospital", "municipality": "municipality_code"}


def asked_step(parameters: Mapping[str, Value]) -> Step:
    """Return the length of the periods."""
    return cast("Step", parameters["step"])


def asked_charts(context: Context, parameters: Mapping[str, Value]) -> pd.DataFrame:
    """Return the chart of each unit; the finding names the part ``named_units``.

    Parameters
    ----------
    parameters
        Those of :data:`OVER_TIME` and of ``eligible_patients``.

    Notes
    -----
    Periods whose last patients' time for a referral is not over are in it with those whose time is;
    those that nobody's is are not.
    """
    last_day = context.horizon_day - context.whole("refer_within_days")
    last = _EPOCH + timedelta(days=last_day)
    first = first_day(context)
    if last < context.as_of:
        context.notes.append(
            sentence(
                "Patients who met the criteria after {day} are not counted: the time for a "
                "referral was not over.",
                day=last.isoformat(),
            )
        )
    patients = counted_patients(context, {name: parameters[name] for name in ELIGIBLE})
    patients["hospital"] = patients["unit"].map(asked_organisation(context).hospitals)
    counted = counted_by_period(
        patients,
        by=_COLUMNS.get(str(parameters["by"])),
        periods=periods_between(first, max(first, last), asked_step(parameters)),
        step=asked_step(parameters),
    )
    return charted(
        counted,
        baseline=context.whole("baseline_periods"),
        fall=context.number("fall"),
        false_signals=context.number("false_signals"),
    )


def named_values(
    units: pd.Series[str], municipalities: pd.DataFrame, organisation: Organisation
) -> dict[str, pd.Series[str]]:
    """Return the columns ``by_value`` and ``name`` of units or municipalities."""
    names = dict(zip(municipalities["municipality_code"], municipalities["name"], strict=True))
    names |= organisation.names
    value = units.astype("object")
    value = value.where(value.notna(), None)
    labels = [names.get(one) for one in value]
    labels = [one if isinstance(one, str) else None for one in labels]
    return {"by_value": value, "name": pd.Series(labels, units.index, dtype="object")}
