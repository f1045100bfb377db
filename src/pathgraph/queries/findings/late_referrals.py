"""Late referrals: eligible long before somebody referred the patient."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.queries.eligibility import ELIGIBLE, referred_patients
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table`` says nothing of them."""
    found = referred_patients(context, {name: context.parameters[name] for name in ELIGIBLE})
    is_late = found["days_to_referral"] > context.whole("late_after_days")
    return found[is_late.to_numpy(dtype=bool)]
