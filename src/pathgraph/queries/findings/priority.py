"""Priority: patients in several work lists at once, ranked, with the reasons in words."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pyarrow as pa

from pathgraph.errors import TableNotLoadedError
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import stays_as_known
from pathgraph.queries.run import Context
from pathgraph.queries.worklists import WORK_LISTS, WorkList, current_rows, is_among, ranked, said
from pathgraph.sentence import sentence

__all__ = ["RULE", "fold"]

RULE = sentence(
    "Ranked by the number of findings, then of ended or missing duties, then by the latest event, "
    "then by id. Being in several lists is a reason to look, no measure of need."
)
"""How the rows are ranked, which every answer says."""


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a living patient in enough work lists; ``table`` holds the recent stays."""
    recent_stays = _recent_stays(table, context)
    dead = set(context.query("dead").column("patient_id").to_pylist())
    tables = _answered(context)
    min_findings = context.whole("min_findings")
    rows: dict[str, pd.DataFrame] = {}
    for work_list, found in tables:
        current = current_rows(
            work_list,
            found,
            recent_stays=recent_stays,
            as_of=context.as_of,
            recent_days=context.whole("recent_days"),
        )
        covering = rows.get(work_list.covered_by)
        left_out = dead if covering is None else dead.union(covering["patient_id"])
        rows[work_list.finding] = current[~is_among(current["patient_id"], left_out)]
    context.notes.append(RULE)
    # Words are found only for those who are shown.
    n_findings = Counter(id_ for found in rows.values() for id_ in set(found["patient_id"]))
    shown = {id_ for id_, n in n_findings.items() if n >= min_findings}
    language = context.text("language")
    sentences = [
        said(work_list, found[is_among(found["patient_id"], shown)], language)
        for (work_list, _), found in zip(tables, rows.values(), strict=True)
    ]
    return ranked(sentences, min_findings=min_findings)


def _recent_stays(table: pa.Table, context: Context) -> set[str]:
    """Return the stays that go on, or had ended lately, as was known on the day."""
    stays = stays_as_known(frame_of(table, integers=["ended_s"]), context)
    since_s = context.as_of_s - context.whole("recent_days") * 86_400
    is_recent = stays["ended_s"].ge(since_s).fillna(True).to_numpy(dtype=bool)
    return set(stays.loc[is_recent, "stay_id"])


def _answered(context: Context) -> list[tuple[WorkList, pa.Table]]:
    """Ask the work lists; name in a note those that need tables that were not loaded."""
    library = catalogue(context.folder)
    answered, left_out = [], []
    for work_list in WORK_LISTS:
        try:
            if work_list.finding in library:
                answered.append((work_list, context.run(work_list.finding)))
        except TableNotLoadedError:
            left_out.append(work_list.finding)
    if left_out:
        context.notes.append(
            sentence(
                "Not looked at, because tables that they need were not loaded: {findings}.",
                findings=", ".join(left_out),
            )
        )
    return answered
