"""Answer keys: what a generated region is known to hold, as files beside its tables.

``FOLDER/answer_key/<finding>.csv`` has some of the finding's columns, written as the finding's JSON
writes them (an empty cell is null), and ``as_of``, one date a file. Files of
``answer_key/near_misses`` have the same columns or some of them, and ``near_miss``: a word for what
nearly makes the row one to be found. Files of ``answer_key/later`` belong to findings that are
still to come.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pathgraph.errors import InputError
from pathgraph.queries.spec import Finding, Kind, Return

__all__ = ["AnswerKey", "KeyFolder", "NearMiss", "Row", "cell_of", "read_answer_keys"]

Row = tuple[str, ...]
"""The cells of one row as texts, in the order of the key's columns; empty for null."""

_NUMBERS = (Kind.PERSONS, Kind.COUNT, Kind.SHARE, Kind.DAYS, Kind.HOURS)
_DECIMALS = 9
"""Fractions are compared to this, as findings round them."""


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A row that must not be found, and why it nearly is; an empty cell stands for any value."""

    row: Row
    word: str


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What one finding must find, and must not.

    Attributes
    ----------
    planted
        ``None`` where there are near misses alone.
    """

    finding: Finding
    as_of: date
    columns: tuple[Return, ...]
    planted: frozenset[Row] | None
    near_misses: tuple[NearMiss, ...] = ()


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """All keys of a folder, by finding, and the files that belong to findings still to come."""

    keys: tuple[AnswerKey, ...]
    later: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    columns: tuple[Return, ...]
    as_of: date
    rows: tuple[Row, ...]
    words: tuple[str, ...]


class _Wrong(Exception):
    """One file that cannot be used; the sentences say why."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)


def read_answer_keys(folder: Path, findings: Mapping[str, Finding]) -> KeyFolder:
    """Read the answer key below ``folder``.

    Parameters
    ----------
    folder
        A generated region: it holds the folder ``answer_key``.
    findings
        The library, by id.

    Raises
    ------
    InputError
        With all that is wrong with all files: no folder, no file, an unknown finding, columns
        that the finding does not have, several dates, cells that are not what their column is.
    """
    place = folder / "answer_key"
    if not place.is_dir():
        raise InputError(
            f"{folder} holds no folder answer_key. Give the folder that pathgraph generate wrote."
        )
    problems: list[str] = []
    planted = _read_all(place, findings, problems, is_near=False)
    near = _read_all(place / "near_misses", findings, problems, is_near=True)
    keys = []
    for id_ in sorted(planted.keys() | near.keys()):
        problems += _at_odds(id_, planted.get(id_), near.get(id_))
        keys.append(_key(findings[id_], planted.get(id_), near.get(id_)))
    if not keys and not problems:
        problems.append(f"{place} holds no .csv file named after a finding. Generate it anew.")
    if problems:
        raise InputError(problems)
    later = sorted(path.stem for path in (place / "later").glob("*.csv"))
    return KeyFolder(tuple(keys), tuple(later))


def cell_of(value: object, column: Return) -> str:
    """Return a value of a finding as the text that stands for it in a key.

    Examples
    --------
    >>> cell_of(3.0, Return("n", Kind.SHARE, "")), cell_of(True, Return("b", Kind.BOOLEAN, ""))
    ('3', 'true')
    >>> cell_of(["b", "a"], Return("l", Kind.LIST, "")), cell_of(None, Return("t", Kind.TEXT, ""))
    ('["b", "a"]', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return _number_text(float(value))
    if column.kind is Kind.LIST and isinstance(value, list):
        return json.dumps([_plain(item) for item in value], ensure_ascii=False)
    return str(value)


def _plain(item: object) -> object:
    return float(_number_text(float(item))) if isinstance(item, int | float) else item


def _number_text(number: float) -> str:
    rounded = round(number, _DECIMALS)
    return str(int(rounded)) if rounded.is_integer() else repr(rounded)


def _read_all(
    place: Path, findings: Mapping[str, Finding], problems: list[str], *, is_near: bool
) -> dict[str, _File]:
    files = {}
    for path in sorted(place.glob("*.csv")):
        try:
            files[path.stem] = _read(path, findings, is_near=is_near)
        except _Wrong as wrong:
            problems += wrong.problems
    return files


def _read(path: Path, findings: Mapping[str, Finding], *, is_near: bool) -> _File:
    finding = findings.get(path.stem)
    if finding is None:
        raise _Wrong(
            [
                f"{path}: there is no finding called '{path.stem}'. Files for findings that are "
                "still to come belong in answer_key/later."
            ]
        )
    unset = [p.name for p in finding.parameters if p.default is None]
    if unset:
        raise _Wrong(
            [
                f"{path}: {finding.id} needs a value for {', '.join(unset)}, and keys are scored "
                "with defaults alone. Remove the file."
            ]
        )
    lines = _lines(path)
    head = [name.strip() for name in next(lines, [])]
    columns, added = _head(path, head, finding, is_near=is_near)
    return _content(path, lines, head, (columns, added))


def _lines(path: Path) -> Iterator[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from csv.reader(file, strict=True)
    except (OSError, UnicodeDecodeError, csv.Error):
        raise _Wrong([f"{path} cannot be read as CSV in UTF-8. Generate it anew."]) from None


def _head(
    path: Path, head: list[str], finding: Finding, *, is_near: bool
) -> tuple[tuple[Return, ...], tuple[str, ...]]:
    """Return the finding's columns that the file has, and those that every file must have."""
    added = ("as_of", "near_miss") if is_near else ("as_of",)
    known = {column.name: column for column in finding.returns}
    missing = [name for name in added if name not in head]
    strange = [name for name in head if name not in known and name not in added]
    problems = []
    if missing:
        problems.append(f"{path} lacks the column {', '.join(missing)}. Add it.")
    if strange:
        problems.append(
            f"{path}: {finding.id} has no column {', '.join(strange)}. Its columns: "
            f"{', '.join(known)}."
        )
    if len(set(head)) != len(head):
        problems.append(f"{path} has a column twice. Keep one.")
    columns = tuple(known[name] for name in head if name in known and name not in added)
    if not columns and not strange:
        problems.append(f"{path} has no column of {finding.id}. Add those that tell rows apart.")
    if problems:
        raise _Wrong(problems)
    return columns, added


def _content(
    path: Path,
    lines: Iterator[list[str]],
    head: list[str],
    expected: tuple[tuple[Return, ...], tuple[str, ...]],
) -> _File:
    columns, added = expected
    problems: list[str] = []
    rows, days, words = [], set(), []
    for number, line in enumerate(lines, start=2):
        if len(line) != len(head):
            problems.append(f"{path}, line {number} has {len(line)} cells, not {len(head)}.")
            continue
        cells = dict(zip(head, line, strict=True))
        days.add(cells["as_of"])
        words.append(cells[added[-1]])
        rows.append(tuple(_cell(cells[c.name], c, (path, number), problems) for c in columns))
        if not any(rows[-1]):
            problems.append(f"{path}, line {number} names nothing: every cell is empty.")
    as_of = _one_day(path, days, problems)
    if problems:
        raise _Wrong(problems)
    return _File(columns, as_of, tuple(rows), tuple(words))


def _one_day(path: Path, days: set[str], problems: list[str]) -> date:
    if len(days) != 1:
        problems.append(
            f"{path} has {len(days)} different dates in as_of; a file is scored as of one. "
            + ("Write one file a date." if days else "A file without rows says nothing; remove it.")
        )
        return date.min
    try:
        return date.fromisoformat(days.pop())
    except ValueError:
        problems.append(f"{path}: as_of is no date. Write it as 2026-01-31.")
        return date.min


def _cell(text: str, column: Return, place: tuple[Path, int], problems: list[str]) -> str:
    """Return a cell in the form in which values are compared."""
    if not text:
        return ""
    try:
        if column.kind in _NUMBERS:
            return _number_text(float(text))
        if column.kind is Kind.LIST:
            value = json.loads(text)
            if not isinstance(value, list):
                raise ValueError
            return cell_of(value, column)
        if column.kind is Kind.BOOLEAN and text not in ("true", "false"):
            raise ValueError
    except (ValueError, OverflowError):
        form = {Kind.LIST: "a JSON list", Kind.BOOLEAN: "true or false"}.get(
            column.kind, "a number"
        )
        path, number = place
        problems.append(f"{path}, line {number}, column {column.name}: it must be {form}.")
    return text


def _at_odds(id_: str, planted: _File | None, near: _File | None) -> list[str]:
    """Return in what the two files of one finding contradict each other."""
    if planted is None or near is None:
        return []
    more = [c.name for c in near.columns if c not in planted.columns]
    if more:
        return [
            f"answer_key/near_misses/{id_}.csv has columns that answer_key/{id_}.csv lacks: "
            f"{', '.join(more)}. Remove them."
        ]
    if planted.as_of != near.as_of:
        return [f"answer_key/near_misses/{id_}.csv is as of another day than answer_key/{id_}.csv."]
    both = set(planted.rows) & set(_in_order(near, planted.columns))
    if both:
        return [
            f"{id_}: rows that stand in the key and among the near misses: {len(both)}. A row is "
            "one or the other."
        ]
    return []


def _in_order(file: _File, columns: Sequence[Return]) -> list[Row]:
    """Return the rows on the columns given; what the file does not have may be anything."""
    places = {column.name: place for place, column in enumerate(file.columns)}
    return [
        tuple(row[places[c.name]] if c.name in places else "" for c in columns) for row in file.rows
    ]


def _key(finding: Finding, planted: _File | None, near: _File | None) -> AnswerKey:
    first = planted or near
    assert first is not None
    misses: tuple[NearMiss, ...] = ()
    if near is not None:
        rows = _in_order(near, first.columns)
        misses = tuple(map(NearMiss, rows, near.words))
    return AnswerKey(
        finding,
        first.as_of,
        first.columns,
        None if planted is None else frozenset(planted.rows),
        misses,
    )
