"""Rejected by the team, and referred to it again soon after."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.team_referrals import referred_again
from pathgraph.queries.eligibility import asked_organisation
from pathgraph.queries.frame import frame_of
from pathgraph.queries.period import sent_in_period
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a rejected referral that another one followed.

    ``table`` has the rejected ones, those of a day more than asked for too.
    """
    referrals = frame_of(context.query("team_referrals"), integers=("sent_s", "assessed_s"))
    is_assessed = referrals["assessed_s"].lt(context.as_of_s).fillna(False).to_numpy(dtype=bool)
    referrals["outcome"] = referrals["outcome"].where(is_assessed)
    in_period = sent_in_period(table, context).column("referral_id").to_pandas()
    pairs = referred_again(referrals, within_d=context.whole("within_days"))
    pairs = pairs[pairs["referral_id"].isin(in_period)]
    names = asked_organisation(context).names
    return pairs.assign(unit=pairs["from_unit"], unit_name=pairs["from_unit"].map(names))
