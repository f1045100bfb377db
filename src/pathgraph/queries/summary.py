"""All findings in one table: how many each found, of how many, and how that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.engine.base import Engine
from pathgraph.errors import TableNotLoadedError, UsageError
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.privacy import suppress
from pathgraph.queries.result import Result
from pathgraph.queries.run import Answers, run
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.sentence import sentence

__all__ = ["Summarised", "answer_and_summarise", "month_before", "summary_row"]

_COUNTED = (
    Return("n_patients", Kind.PERSONS, "different patients"),
    Return("n_rows", Kind.COUNT, "rows"),
    Return("share", Kind.SHARE, "of the denominator"),
)


@dataclass(frozen=True, slots=True)
class Summarised:
    """One finding in the summary.

    Attributes
    ----------
    result
        ``None`` where the finding was not answered.
    since
        The earlier day that the change is counted from.
    row
        ``finding``, ``title``, ``n_rows``, ``n_patients`` (patient-level findings alone),
        ``among``, ``among_title``, ``share``, ``change`` (in patients, else in rows),
        ``not_answered`` (the sentence why) and ``suppressed`` (columns that are null because
        they are not to be shown).
    """

    finding: Finding
    result: Result | None
    since: date | None
    row: Mapping[str, Any]


def answer_and_summarise(
    engine: Engine,
    *,
    as_of: date | str | None = None,
    since: date | str | None = None,
    suppress_below: int = 5,
    timeout_s: float | None = None,
    folder: Path | None = None,
) -> Iterator[Summarised]:
    """Answer every finding with its defaults on two days, and count what changed.

    Parameters
    ----------
    as_of
        By default the day of the last contact.
    since
        The earlier day; by default a calendar month before ``as_of``.
    folder
        A folder like ``cypher/``; by default pathgraph's own.

    Raises
    ------
    UsageError
        When a day is no date, or ``since`` is not before ``as_of``.
    GraphNotReadyError
        When nothing is loaded, or a load is under way or broke off.
    """
    earlier = None if since is None else _day(since, "since")
    if earlier is not None and as_of is not None:
        _check_order(earlier, _day(as_of, "as_of"))
    asked: dict[str, Any] = {
        "suppress_below": suppress_below,
        "timeout_s": timeout_s,
        "folder": folder,
        "answers": Answers(),
    }
    # Also where nothing can be answered: that nothing is loaded is no answer.
    engine.record()
    for finding in catalogue(folder).values():
        reason = _needs_a_value(finding)
        result = before = None
        if not reason:
            try:
                result = run(engine, finding.id, as_of=as_of, **asked)
            except TableNotLoadedError as error:
                reason = str(error)
        if result is not None:
            earlier = earlier or month_before(result.as_of)
            _check_order(earlier, result.as_of)
            before = run(engine, finding.id, as_of=earlier, **asked)
        row = summary_row(finding, result, before, reason=reason, threshold=suppress_below)
        yield Summarised(finding, result, earlier, row)


def month_before(day: date) -> date:
    """Return the same day of the month before, or that month's last day.

    Examples
    --------
    >>> month_before(date(2025, 3, 31)).isoformat()
    '2025-02-28'
    """
    earlier: date = (pd.Timestamp(day) - pd.DateOffset(months=1)).date()
    return earlier


def summary_row(
    finding: Finding,
    result: Result | None,
    before: Result | None,
    *,
    reason: str | None = None,
    threshold: int = 5,
) -> dict[str, Any]:
    """Return a finding's row of the summary, freed of numbers about fewer than ``threshold``.

    Parameters
    ----------
    result, before
        All rows of the two days.
    reason
        Why the finding was not answered.
    """
    row: dict[str, Any] = {
        "finding": finding.id,
        "title": finding.title,
        "n_rows": None,
        "n_patients": None,
        "among": None,
        "among_title": finding.among.title if finding.among else None,
        "share": None,
        "change": None,
        "not_answered": reason,
        "suppressed": [],
    }
    if result is None:
        return row
    hidden = _count(finding, result, threshold, row)
    if before is not None:
        earlier: dict[str, Any] = {}
        unit = "n_patients" if finding.is_patient_level else "n_rows"
        was_hidden = unit in _count(finding, before, threshold, earlier)
        if unit in hidden or was_hidden:
            hidden.append("change")
        else:
            row["change"] = row[unit] - earlier[unit]
            if finding.is_patient_level and 0 < abs(row["change"]) < threshold:
                row["change"] = None
                hidden.append("change")
    row["suppressed"] = hidden
    return row


def _count(finding: Finding, result: Result, threshold: int, row: dict[str, Any]) -> list[str]:
    """Put what a result counts into ``row``; return the names of what is not to be shown."""
    manifest = result.manifest
    n_rows, among = manifest["n_rows"], manifest["among"]
    if not finding.is_patient_level:
        # Rows are groups; what is in them was suppressed already.
        row.update(n_rows=n_rows, n_patients=None, among=among)
        return ["among"] if manifest["among_suppressed"] else []
    n_patients = pc.count_distinct(result.table.column("patient_id")).as_py()
    kind = finding.among.returns.kind if finding.among else Kind.PERSONS
    counted = n_patients if kind is Kind.PERSONS else n_rows
    table = pa.table(
        {
            "n_patients": pa.array([n_patients], pa.int64()),
            "n_rows": pa.array([n_rows], pa.int64()),
            "share": pa.array([counted / among if among else None], pa.float64()),
        }
    )
    shown = suppress(table, _COUNTED, key=(), threshold=threshold, among=among, among_kind=kind)
    values = shown.table.to_pylist()[0]
    hidden = list(shown.hidden)
    if shown.is_among_hidden:
        # The share and the number found would give the denominator away.
        values["share"] = None
        hidden = list(dict.fromkeys([*hidden, "among", *(["share"] if among else [])]))
    row.update(values, among=shown.among)
    return hidden


def _needs_a_value(finding: Finding) -> str | None:
    unset = [p for p in finding.parameters if p.default is None]
    if not unset:
        return None
    names = ", ".join(p.name for p in unset)
    options = " ".join(f"--{p.name.replace('_', '-')} ..." for p in unset)
    return f"It needs a value for {names}. Ask it by itself: pathgraph find {finding.id} {options}"


def _day(given: date | str, name: str) -> date:
    if isinstance(given, date):
        return given
    try:
        return date.fromisoformat(given)
    except ValueError:
        raise UsageError(
            sentence("{name} is no date. Write it as 2026-01-31.", name=name)
        ) from None


def _check_order(since: date, as_of: date) -> None:
    if since >= as_of:
        raise UsageError(
            sentence(
                "since is not before the day asked for, {day}. Give an earlier date.",
                day=as_of.isoformat(),
            )
        )
