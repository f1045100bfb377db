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
    COLUMN_OF,
    ELIGIBLE,
    above_units,
    asked_organisation,
    counted_patients,
    with_places,
)
from pathgraph.queries.period import first_day
from pathgraph.queries.run import Context
from pathgraph.queries.spec import Value
from pathgraph.sentence import sentence

__all__ = ["OVER_TIME", "asked_charts", "asked_step"]

OVER_TIME = ("by", "step", "baseline_periods", "fall", "false_signals")
"""Parameters of the findings over time, besides those that say who may need the team."""

_EPOCH = date(1970, 1, 1)


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
    organisation = asked_organisation(context)
    patients = with_places(
        counted_patients(context, {name: parameters[name] for name in ELIGIBLE}), organisation
    )
    by = str(parameters["by"])
    counted = counted_by_period(
        patients,
        by=COLUMN_OF.get(by),
        periods=periods_between(first, max(first, last), asked_step(parameters)),
        step=asked_step(parameters),
    )
    charts = charted(
        counted,
        baseline=context.whole("baseline_periods"),
        fall=context.number("fall"),
        false_signals=context.number("false_signals"),
    )
    return charts.assign(**above_units(charts["unit"], by, patients, organisation))
