"""New since a day: who is in a work list now and was not in it then."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pyarrow as pa

from pathgraph.errors import UsageError
from pathgraph.queries.findings.priority import RULE
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_LISTS = ["findings", "reasons", "dates"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient and work list that the patient has come into."""
    asked = {name: context.parameters[name] for name in ("recent_days", "language")}
    asked["min_findings"] = 1
    since = _since(context)
    columns = ["patient_id", "n_findings", *_LISTS]
    now = context.run("priority", asked).select(columns).to_pandas()
    before = context.run("priority", asked, as_of=since).select(columns).to_pandas()
    # The rows here are not ranked.
    context.notes[:] = [note for note in context.notes if note != RULE]
    rows, earlier = (frame.explode(_LISTS, ignore_index=True) for frame in (now, before))
    key = ["patient_id", "findings"]
    was_there = pd.MultiIndex.from_frame(rows[key]).isin(pd.MultiIndex.from_frame(earlier[key]))
    new = rows[~was_there]
    dates = new["dates"].astype("object")
    return pd.DataFrame(
        {
            "patient_id": new["patient_id"],
            "finding": new["findings"].astype("object"),
            "reason": new["reasons"].astype("object"),
            "latest_on": dates.where(dates != "", None),
            "n_findings": new["n_findings"],
            "is_first": ~new["patient_id"].isin(before["patient_id"]),
        }
    )


def _since(context: Context) -> date:
    try:
        since = date.fromisoformat(context.text("since"))
    except ValueError:
        raise UsageError(
            sentence("The value of since is no date. Write it as 2026-01-31.")
        ) from None
    if since >= context.as_of:
        raise UsageError(
            sentence(
                "since is not before the day asked for, {day}. Give an earlier date.",
                day=context.as_of.isoformat(),
            )
        )
    return since
