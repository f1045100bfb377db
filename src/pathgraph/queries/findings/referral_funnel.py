"""The funnel of the referral gaps: each unit with the limits at what is expected of it."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.funnel import Overdispersion, funnel, overdispersion
from pathgraph.queries.eligibility import ELIGIBLE, with_texts
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_LIMITS = ("low_998", "low_95", "high_95", "high_998")
_GAPS = ("by", "basis", "strata", *ELIGIBLE)


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a unit; ``table`` says nothing of them."""
    asked = {name: context.parameters[name] for name in _GAPS}
    rows = frame_of(context.run("referral_gaps", asked))
    units = rows.assign(observed=rows["n_referred"])
    is_asked = context.text("overdispersion") == "automatic"
    spread = overdispersion(units)
    tau2 = spread.tau2 if is_asked else 0.0
    placed = funnel(units, tau2=tau2)
    _say_which_limits(spread, context, is_asked=is_asked)
    found = rows.assign(
        **{name: placed[name] for name in (*_LIMITS, "z", "z_adjusted", "position")}, tau2=tau2
    )
    return with_texts(found, ("by_value", "name", "position", "reason"))


def _say_which_limits(spread: Overdispersion, context: Context, *, is_asked: bool) -> None:
    if not is_asked:
        said = sentence("The limits make no allowance for overdispersion: none was asked for.")
    elif spread.tau2 > 0:
        said = sentence(
            "The limits allow for overdispersion: the {n} units differ more than chance explains.",
            n=spread.n_units,
        )
    elif spread.reason == "too_few_units":
        # The gaps, which were asked, have said so.
        return
    else:
        said = sentence(
            "The limits make no allowance for overdispersion: the {n} units differ no more than "
            "chance explains.",
            n=spread.n_units,
        )
    context.notes.append(said)
