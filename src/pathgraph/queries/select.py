"""Rows of an answer chosen, ordered and cut: on what is shown, so that nothing hidden shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from pathgraph.errors import ParameterError
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind, Return
from pathgraph.sentence import sentence

__all__ = ["Selection", "select"]

_RANGE = re.compile(r"(?P<low>[^.]*(?:\.\d+)?)\.\.(?P<high>.*)", re.DOTALL)
_TEXTS = (Kind.TEXT, Kind.UNIT, Kind.ID, Kind.LIST)
_NUMBERS = (Kind.PERSONS, Kind.COUNT, Kind.SHARE, Kind.DAYS, Kind.HOURS)


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows, in which order, and how many.

    Attributes
    ----------
    where
        Column to the texts of which a row holds one. ``a..b`` is a range of numbers or dates, both
        ends included and either left out at will; ``*text*`` finds a text inside others; an empty
        text finds what has no value.
    sort
        A column, with ``-`` before it for the largest first; empty leaves the finding's order.
    key
        What orders texts; by default their code points.
    """

    where: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sort: str = ""
    offset: int = 0
    limit: int | None = None
    key: Callable[[str], Any] | None = None


def select(result: Result, selection: Selection) -> Result:
    """Return the answer with the rows that were selected.

    The manifest gains ``n_selected`` (rows that fit ``where``), ``where``, ``sort`` and ``offset``;
    ``truncated`` says whether rows that fit are left out.

    Raises
    ------
    ParameterError
        All that does not fit: columns that there are not, ends of a range.
    """
    columns = {c.name: c for c in result.finding.returns if c.name in result.table.column_names}
    _check(selection, columns)
    index = np.arange(result.table.num_rows)
    for name, texts in selection.where.items():
        kept = _fits(result, columns[name], texts)
        index = index[kept[index]]
    if selection.sort:
        index = _ordered(result, index, columns[selection.sort.removeprefix("-")], selection)
    n_selected = len(index)
    end = None if selection.limit is None else selection.offset + selection.limit
    index = index[selection.offset : end]
    whole = len(index) == result.table.num_rows and not selection.sort and not selection.where
    table = result.table if whole else result.table.take(pa.array(index))
    manifest = {
        **result.manifest,
        "n_selected": n_selected,
        "where": {name: list(texts) for name, texts in selection.where.items()},
        "sort": selection.sort or None,
        "offset": selection.offset,
        "truncated": bool(result.manifest["truncated"]) or len(index) < n_selected,
    }
    hidden = {name: mask[index] for name, mask in result.hidden.items()}
    return Result(result.finding, table, manifest, hidden)


def _check(selection: Selection, columns: Mapping[str, Return]) -> None:
    problems: list[tuple[str, str]] = []
    listed = ", ".join(columns)
    asked = [(f"where.{name}", name) for name in selection.where]
    if selection.sort:
        asked.append(("sort", selection.sort.removeprefix("-")))
    for parameter, name in asked:
        if name not in columns:
            said = sentence("There is no such column. The columns: {listed}.", listed=listed)
            problems.append((parameter, said))
    for name, texts in selection.where.items():
        if name in columns and columns[name].kind in _NUMBERS:
            problems += [
                (f"where.{name}", sentence("Write a number, or a range of numbers as 5..10."))
                for text in texts
                if not _is_number_or_range(text)
            ]
    if problems:
        raise ParameterError(problems)


def _is_number_or_range(text: str) -> bool:
    match = _RANGE.fullmatch(text)
    ends = (match["low"], match["high"]) if match else (text,)
    return all(_number(end) is not None or not end for end in ends)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def _fits(result: Result, column: Return, texts: Sequence[str]) -> Any:
    values = result.table.column(column.name).to_pylist()
    hidden = result.hidden.get(column.name)
    tests = [_test(column, text) for text in texts]
    fits = np.fromiter((any(test(v) for test in tests) for v in values), bool, len(values))
    # A hidden value fits nothing, not even the empty text: it is there.
    return fits if hidden is None else fits & ~hidden


def _test(column: Return, text: str) -> Callable[[Any], bool]:
    if text == "":
        return lambda value: value is None
    match = _RANGE.fullmatch(text)
    if column.kind in _NUMBERS:
        low, high = (match["low"], match["high"]) if match else (text, text)
        lowest = -np.inf if not low else float(low)
        highest = np.inf if not high else float(high)
        return lambda value: value is not None and lowest <= value <= highest
    if column.kind in (Kind.DATE, Kind.TIME) and match:
        low, high = match["low"], match["high"]
        return lambda value: (
            value is not None and low <= value and (not high or value[: len(high)] <= high)
        )
    if column.kind is Kind.BOOLEAN:
        return lambda value: value is (text.lower() == "true")
    if column.kind is Kind.LIST:
        return lambda value: value is not None and text in map(str, value)
    if len(text) > 2 and text.startswith("*") and text.endswith("*"):
        part = text[1:-1].casefold()
        return lambda value: value is not None and part in str(value).casefold()
    return lambda value: value == text


def _ordered(result: Result, index: Any, column: Return, selection: Selection) -> Any:
    """Return the rows in order; what has no value comes last either way."""
    keyed = selection.key if column.kind in _TEXTS else None
    values = [
        value if value is None or keyed is None else keyed(_joined(value))
        for value in result.table.column(column.name).to_pylist()
    ]
    known = [place for place in index.tolist() if values[place] is not None]
    # Stable, so that equal ones keep the finding's order in both directions.
    known.sort(key=values.__getitem__, reverse=selection.sort.startswith("-"))
    unknown = [place for place in index.tolist() if values[place] is None]
    return np.array(known + unknown, dtype=np.int64)


def _joined(value: Any) -> str:
    return ";".join(map(str, value)) if isinstance(value, list) else str(value)
