"""The filter row of a table: a choice among a column's values, or a range of its numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pathgraph.api import words
from pathgraph.api.cells import cell_words
from pathgraph.api.language import Language
from pathgraph.api.page import Here
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind, Return

__all__ = ["Filter", "Filters", "filters_of"]

_MOST_CHOICES = 20
_CHOSEN = (Kind.TEXT, Kind.BOOLEAN)
_NUMBERS = (Kind.PERSONS, Kind.COUNT, Kind.DAYS, Kind.HOURS, Kind.SHARE)
_DAYS = (Kind.DATE, Kind.TIME)


@dataclass(frozen=True, slots=True)
class Filter:
    """The filter of one column.

    Attributes
    ----------
    options
        Value and words, where there are few values; else a number, a day or a range is written.
    """

    name: str
    label: str
    value: str
    options: Sequence[tuple[str, str]] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Filters:
    """The form with the filters of a table's columns.

    Attributes
    ----------
    hidden
        Pairs of the address that are kept.
    without
        The address without any filter.
    """

    action: str
    hidden: Sequence[tuple[str, str]]
    fields: Sequence[Filter]
    is_used: bool
    without: str


def filters_of(result: Result, shown: Sequence[str], language: Language, here: Here) -> Filters:
    """Return the filters of the columns that are shown and can be filtered.

    Parameters
    ----------
    result
        All rows: its values are the choices.
    shown
        Names of the columns of the table.
    """
    given = here.request.query_params
    fields = []
    for column in result.finding.returns:
        if column.name not in shown:
            continue
        made = _filter(result, column, given.get(f"where.{column.name}", ""), language)
        if made is not None:
            fields.append(made)
    used = [name for name in given if name.startswith("where.") and given[name]]
    names = {f"where.{field.name}" for field in fields}
    return Filters(
        action=here.path,
        hidden=[(n, v) for n, v in given.multi_items() if v and n not in names and n != "page"],
        fields=fields,
        is_used=bool(used),
        without=here(**dict.fromkeys([*used, "page"])),
    )


def _filter(result: Result, column: Return, value: str, language: Language) -> Filter | None:
    label = words.heading(language, result.finding.id, column.name)
    if column.kind in _CHOSEN:
        choices = _choices(result, column)
        if not 1 < len(choices) <= _MOST_CHOICES:
            return None
        options = [(_as_text(choice), cell_words(language, choice, column)) for choice in choices]
        options.sort(key=lambda option: language.sort_key(option[1]))
        return Filter(column.name, label, value, options)
    if column.kind in _NUMBERS:
        hint = language.gettext("A number, or a range as 5..10")
        return Filter(column.name, label, value, hint=hint)
    if column.kind in _DAYS:
        hint = language.gettext("A range as 2025-01-01..2025-06-30")
        return Filter(column.name, label, value, hint=hint)
    return None


def _choices(result: Result, column: Return) -> list[object]:
    values = result.table.column(column.name)
    return [value for value in values.unique().to_pylist() if value is not None]


def _as_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
