"""``pathgraph find all``: every finding's answer below one summary table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pathgraph.cli.asking import TABLE_ROWS, Question, opened
from pathgraph.cli.options import Format
from pathgraph.cli.output import (
    Listing,
    chosen_format,
    write_document,
    write_listing,
    write_result,
    write_text,
)
from pathgraph.cli.terminal import say
from pathgraph.errors import StorageError, UsageError
from pathgraph.settings import Settings

if TYPE_CHECKING:
    from pathgraph.queries.result import Result

__all__ = ["answer_all", "summary_listing"]


@dataclass(frozen=True, slots=True)
class _Target:
    """Where the answers go: one document, the screen, or a file each in a folder."""

    format: Format
    out: Path | None
    folder: Path | None
    limit: int | None
    has_answers: bool


def answer_all(
    settings: Settings,
    question: Question,
    *,
    since: str | None = None,
    summary_only: bool = False,
) -> None:
    """Ask every finding; write a summary and, below it, the answers.

    Parameters
    ----------
    since
        The earlier day that changes are counted from; by default a month before.
    summary_only
        Leave the answers out.

    Raises
    ------
    UsageError
        When the format needs a folder and none was given, or a day does not fit.
    """
    from pathgraph.queries.summary import answer_and_summarise

    target = _target(question, summary_only=summary_only)
    threshold = question.suppress_below
    threshold = settings.suppress_below if threshold is None else threshold
    rows: list[Mapping[str, Any]] = []
    kept: list[Result | Mapping[str, Any]] = []
    days: set[tuple[date, date]] = set()
    with opened(settings, question) as engine:
        for item in answer_and_summarise(
            engine,
            as_of=question.as_of,
            since=since,
            suppress_below=threshold,
            timeout_s=question.timeout_s,
        ):
            rows.append(item.row)
            if item.result is None:
                kept.append({"finding": item.finding.id, "error": item.row["not_answered"]})
                continue
            days.add((item.result.as_of, item.since or item.result.as_of))
            # Whole tables are let go of one by one: of all findings together they may be large.
            _keep(item.result.cut(target.limit), target, kept)
    as_of, earlier = min(days, default=(question.as_of, since))
    head = {"as_of": str(as_of), "since": str(earlier)}
    listing = summary_listing(rows, head, target.format, suppress_below=threshold)
    _write(listing, kept, target)


def summary_listing(
    rows: Sequence[Mapping[str, Any]],
    head: Mapping[str, object],
    format_: Format,
    *,
    suppress_below: int,
) -> Listing:
    """Return the summary as it is written in a format.

    Parameters
    ----------
    rows
        As :func:`pathgraph.queries.summary.summary_row` returns them.
    head
        ``as_of`` and ``since``.
    """
    title = f"Findings as of {head['as_of']}; change since {head['since']}"
    # A column of a Parquet file has one type, and JSON names what is hidden: there it is null.
    if format_ in (Format.JSON, Format.PARQUET):
        return Listing("summary", title, rows, head)
    marked = [
        {
            name: f"<{suppress_below}" if name in row["suppressed"] else value
            for name, value in row.items()
        }
        for row in rows
    ]
    if format_ is Format.TABLE:
        marked = [_short(row) for row in marked]
    return Listing("summary", title, marked, head)


def _short(row: Mapping[str, Any]) -> dict[str, object]:
    """Return the columns that a terminal has room for; a growth has its sign."""
    change = row["change"]
    return {
        "finding": row["finding"],
        "rows": row["n_rows"],
        "patients": row["n_patients"],
        "among": row["among"],
        "share": row["share"],
        "change": f"+{change}" if isinstance(change, int) and change > 0 else change,
        "not answered": row["not_answered"],
    }


def _target(question: Question, *, summary_only: bool) -> _Target:
    """Return where the answers go; ``--out`` is a folder unless one document is asked for."""
    out, given = question.out, question.format
    if summary_only:
        return _Target(chosen_format(given, out), out, None, None, has_answers=False)
    if given is None and out is not None:
        given = Format.JSON if out.suffix.lower() == ".json" else Format.CSV
    given = given or Format.TABLE
    if out is None and given not in (Format.TABLE, Format.JSON):
        raise UsageError(f"All findings as {given.value} are a file each. Add --out FOLDER.")
    folder = _made(out) if out is not None and given is not Format.JSON else None
    on_screen = given is Format.TABLE and out is None
    limit = question.limit or (TABLE_ROWS if on_screen else None)
    return _Target(given, out, folder, limit, has_answers=True)


def _keep(answer: Result, target: _Target, kept: list[Result | Mapping[str, Any]]) -> None:
    if target.folder is not None:
        write_result(answer, target.format, _file(target, target.folder, answer.finding.id))
    elif target.has_answers:
        kept.append(answer)


def _write(listing: Listing, kept: Sequence[Result | Mapping[str, Any]], target: _Target) -> None:
    if not target.has_answers:
        write_listing(listing, target.format, target.out)
        return
    if target.format is Format.JSON:
        answers = [dict(a) if isinstance(a, Mapping) else a.document() for a in kept]
        summary = {**listing.head, "summary": [dict(row) for row in listing.rows]}
        write_document({**summary, "findings": answers}, target.out)
        return
    file = None if target.folder is None else _file(target, target.folder, "summary")
    write_listing(listing, target.format, file)
    said: set[str] = set()
    for answer in kept:
        if isinstance(answer, Mapping):
            if file is not None:
                say(f"{answer['finding']}: {answer['error']}")
            continue
        write_text("\n", None)
        write_result(answer, target.format, None, said=said)
        said.update(answer.manifest["notes"])


def _file(target: _Target, folder: Path, name: str) -> Path:
    ending = "txt" if target.format is Format.TABLE else target.format.value
    return folder / f"{name}.{ending}"


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {folder} cannot be made: {error.strerror}. Choose another."
        ) from None
    return folder
