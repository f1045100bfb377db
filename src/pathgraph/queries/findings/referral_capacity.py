"""Referrals against what the teams can take, and what closing the gap would ask of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.queries.eligibility import ELIGIBLE
from pathgraph.queries.period import first_day, sent_in_period
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_YEAR_D = 365
_ROUND = 5
"""The shortfall is given to the nearest five: to one, the number of a hidden clinic could be worked
out from it and from those of the others."""


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row; ``table`` holds the referrals to the teams of any earlier day too."""
    sent = sent_in_period(table, context)
    n_referrals = sent.num_rows
    n_days = context.whole("period_days")
    capacity = context.number("capacity_per_year") * n_days / _YEAR_D
    consultations = context.number("consultations")
    per_referral = consultations / n_referrals if n_referrals else np.nan
    n_short = _short(context)
    if n_days != _YEAR_D:
        context.notes.append(
            sentence("The capacity of a year is taken for {n} of 365 days.", n=n_days)
        )
    context.notes.append(sentence("The shortfall is given to the nearest {n} patients.", n=_ROUND))
    return pd.DataFrame(
        {
            "from_on": [first_day(context).isoformat()],
            "to_on": [context.as_of.isoformat()],
            "n_patients": [pc.count_distinct(sent.column("patient_id")).as_py()],
            "n_referrals": [n_referrals],
            "capacity": [capacity],
            "utilisation": [n_referrals / capacity],
            "consultations": [consultations],
            "per_referral": [per_referral],
            "n_short": [n_short],
            "consultations_short": [n_short * per_referral],
            "utilisation_closed": [(n_referrals + n_short) / capacity],
        }
    )


def _short(context: Context) -> int:
    """Return by how many patients the clinics below what is expected of them fall short of it."""
    names = ("basis", "strata", *ELIGIBLE)
    asked = {name: context.parameters[name] for name in names}
    gaps = context.run("referral_gaps", {**asked, "by": "clinic"}).column("gap").to_pylist()
    short = sum(gap for gap in gaps if gap is not None and gap > 0)
    return _ROUND * int(short / _ROUND + 0.5)
