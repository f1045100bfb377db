"""In which work lists one patient is: the rows of each that are about the patient, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pyarrow as pa

from pathgraph.errors import TableNotLoadedError, UsageError
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.frame import rows_of
from pathgraph.queries.run import Context
from pathgraph.queries.worklists import WORK_LISTS, WorkList, current_rows
from pathgraph.sentence import sentence

__all__ = ["fold"]

Row = dict[str, Any]

_COLUMNS = ("patient_id", "finding", "status", "on", "reason", "is_duty", "n_rows")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a work list, day and reason; ``table`` holds the patient."""
    if not table.num_rows:
        raise UsageError(sentence("No patient of the graph has the id that was given. Check it."))
    patient = context.text("patient")
    timeline = context.run("patient_timeline", {"patient": patient}).to_pylist()
    recent = None if _has_died(timeline) else _recent_stays(timeline, context)
    library = catalogue(context.folder)
    rows: list[Row] = []
    current: set[str] = set()
    for work_list in WORK_LISTS:
        if work_list.finding not in library:
            continue
        found = list(_rows(work_list, patient, recent, context))
        if work_list.covered_by in current:
            found = [row for row in found if row["status"] != "current"] or [_none(work_list)]
        current.update(row["finding"] for row in found if row["status"] == "current")
        rows += [{**row, "patient_id": patient} for row in found]
    return _counted(rows)


def _has_died(timeline: Sequence[Row]) -> bool:
    return any(
        row["what"] == "death" or (row["what"] == "stay" and row["status"] == "ended_dead")
        for row in timeline
    )


def _recent_stays(timeline: Sequence[Row], context: Context) -> set[str]:
    """Return the patient's stays that go on, or had ended lately, as was known on the day."""
    zone = ZoneInfo(str(context.load["timezone"]))
    since_s = context.as_of_s - context.whole("recent_days") * 86_400
    return {
        row["event_id"]
        for row in timeline
        if row["what"] == "stay" and (row["goes_on"] or _seconds(row["ended_at"], zone) >= since_s)
    }


def _seconds(at: str, zone: ZoneInfo) -> float:
    return datetime.fromisoformat(at).replace(tzinfo=zone).timestamp()


def _rows(
    work_list: WorkList, patient: str, recent: set[str] | None, context: Context
) -> Iterator[Row]:
    """Yield what a work list says of the patient; without ``recent`` nothing is current."""
    try:
        table = context.run(work_list.finding)
    except TableNotLoadedError:
        yield {**_none(work_list), "status": "not_loaded"}
        return
    own = rows_of(table, "patient_id", [patient])
    if not own.num_rows:
        yield _none(work_list)
        return
    day, days = context.as_of, context.whole("recent_days")
    current: set[object] = set()
    if recent is not None:
        rows = current_rows(work_list, own, recent_stays=recent, as_of=day, recent_days=days)
        current = set(rows.index)
    every = replace(work_list, only={}, unset=(), stay="", is_recent=False)
    found = current_rows(every, own, recent_stays=set(), as_of=day, recent_days=days)
    for number, row in found.iterrows():
        is_known = row.get("status") != "not_recorded"
        yield {
            **_none(work_list),
            "status": ("current" if number in current else "earlier")
            if is_known
            else "not_recorded",
            "on": row["on"] or None,
            "reason": _reason(work_list, row, context) if is_known else None,
        }


def _reason(work_list: WorkList, row: pd.Series[Any], context: Context) -> str:
    return work_list.reasons[context.text("language")].format_map(row.to_dict())


def _none(work_list: WorkList) -> Row:
    return {
        "finding": work_list.finding,
        "status": "not_found",
        "on": None,
        "reason": None,
        "is_duty": work_list.is_duty,
    }


def _counted(rows: Sequence[Row]) -> pd.DataFrame:
    """Return the rows, those that say the same once, with their number."""
    n_rows: dict[tuple[Any, ...], int] = {}
    for row in rows:
        same = tuple(row[name] for name in _COLUMNS[:-1])
        n_rows[same] = n_rows.get(same, 0) + (row["status"] not in ("not_found", "not_loaded"))
    return pd.DataFrame([(*same, n) for same, n in n_rows.items()], columns=list(_COLUMNS))
