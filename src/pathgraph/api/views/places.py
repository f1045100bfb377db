"""Pages of municipalities and units: their tables, and the units as a tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pathgraph.api.formats import TABLE_FORMS
from pathgraph.api.language import Language
from pathgraph.api.page import Here
from pathgraph.api.views.finding import definition_of
from pathgraph.api.views.tables import Table, table_of
from pathgraph.errors import TableNotLoadedError
from pathgraph.model.tables import LEVELS
from pathgraph.queries.result import Result
from pathgraph.queries.select import Selection, select

__all__ = ["Answers", "Band", "Branch", "Part", "bands_of", "branches_of", "part_of", "units_found"]

MOST_ROWS = 12
"""Rows of a table on a page that has several; its download has all."""

Answers = Mapping[str, Result | TableNotLoadedError]
"""What was asked for a page, by name; an error where tables were not loaded."""

_MOST_HALF = 4


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page with one table.

    Attributes
    ----------
    n_rows
        Of the whole table.
    why_not
        The sentence why there is none.
    links
        Names and addresses of the whole table in other forms.
    """

    id: str
    title: str
    about: str
    table: Table | None = None
    n_rows: int = 0
    why_not: str = ""
    links: Sequence[tuple[str, str]] = ()
    result: Result | None = None

    @property
    def is_wide(self) -> bool:
        """Whether the table needs the whole width."""
        return self.table is not None and len(self.table.columns) > _MOST_HALF

    @property
    def has_hidden(self) -> bool:
        """Whether a cell that the page shows holds the mark of a hidden value."""
        cells = (cell for row in (self.table.rows if self.table else ()) for cell in row)
        return any(isinstance(cell, dict) and cell.get("suppressed") for cell in cells)

    @property
    def definition(self) -> str:
        """Where the rule is explained."""
        return definition_of(self.result.finding) if self.result else ""

    @property
    def is_cut(self) -> bool:
        """Whether the page shows fewer rows than there are."""
        return self.table is not None and len(self.table.rows) < self.n_rows


def part_of(
    id: str,
    title: str,
    about: str,
    answer: Result | TableNotLoadedError,
    language: Language,
    here: Here,
    *,
    columns: Sequence[str] = (),
    headings: Mapping[str, str] | None = None,
    links: Mapping[str, Callable[[Any], str | None]] | None = None,
    most: int = MOST_ROWS,
) -> Part:
    """Return the section of one answer.

    Parameters
    ----------
    columns, headings, links
        As in :func:`pathgraph.api.views.tables.table_of`.
    most
        Rows that the page shows.
    """
    if isinstance(answer, TableNotLoadedError):
        return Part(id, title, about, why_not=str(answer.args[0]))
    shown = select(answer, Selection(limit=most))
    table = table_of(shown, language, chosen=columns, headings=headings, links=links)
    forms = [(name, _beside(here, form, id)) for name, form in TABLE_FORMS]
    return Part(id, title, about, table, len(answer), links=forms, result=answer)


def _beside(here: Here, form: str, table: str) -> str:
    address = here.beside(form, without=("table",))
    return f"{address}{'&' if '?' in address else '?'}table={table}"


@dataclass(frozen=True, slots=True)
class Band:
    """One finding of a place, drawn against the others on a line of its own.

    Attributes
    ----------
    own, low, median, high
        Places on a line of 100; ``None`` where it is not to be seen.
    """

    finding: str
    row: Mapping[str, Any]
    hidden: Mapping[str, bool]
    own: float | None
    low: float | None
    median: float | None
    high: float | None


def bands_of(result: Result) -> list[Band]:
    """Return the findings of a place as lines to draw, those that stand out first."""
    order = {"highest_quarter": 0, "middle_half": 1, "lowest_quarter": 2, None: 3}
    bands = []
    for place, row in enumerate(result.table.to_pylist()):
        ends = [row[name] for name in ("share", "others_high") if row[name] is not None]
        most = max(ends, default=0.0) * 1.1
        own, low, median, high = (
            None if row[name] is None else 100 * row[name] / most if most else 0.0
            for name in ("share", "others_low", "others_median", "others_high")
        )
        hidden = {name: bool(mask[place]) for name, mask in result.hidden.items()}
        bands.append(Band(row["finding"], row, hidden, own, low, median, high))
    return sorted(bands, key=lambda b: (order[b.row["standing"]], -(b.row["n_patients"] or 0)))


@dataclass(slots=True)
class Branch:
    """A unit with the units that are part of it."""

    id: str
    name: str
    row: Mapping[str, Any]
    is_hidden: bool
    parts: list[Branch] = field(default_factory=list)

    @property
    def n_below(self) -> int:
        """Units below it, at whatever distance."""
        return sum(1 + part.n_below for part in self.parts)


def branches_of(units: Result, language: Language) -> list[tuple[str, list[Branch]]]:
    """Return the topmost units with all below them, by level of care.

    Parameters
    ----------
    units
        Answer of the finding ``units``.
    """
    mask = units.hidden.get("n_patients")
    branches = {
        row["unit"]: Branch(row["unit"], row["unit_name"] or row["unit"], row,
                            mask is not None and bool(mask[place]))
        for place, row in enumerate(units.table.to_pylist())
    }  # fmt: skip
    ordered = sorted(branches.values(), key=lambda b: language.sort_key(b.name))
    tops: dict[str, list[Branch]] = {}
    for branch in ordered:
        above = branches.get(branch.row["part_of"] or "")
        (tops.setdefault(branch.row["level"], []) if above is None else above.parts).append(branch)
    levels = [*LEVELS, *(level for level in tops if level not in LEVELS)]
    return [(level, tops[level]) for level in levels if level in tops]


def units_found(
    branches: Sequence[tuple[str, list[Branch]]], words: str
) -> list[tuple[Branch, list[Branch]]]:
    """Return the units whose names hold all the words, each with the units above it."""
    wanted = words.casefold().split()
    return [
        (branch, above)
        for _, tops in branches
        for branch, above in _walked(tops, [])
        if all(word in f"{branch.name} {branch.id}".casefold() for word in wanted)
    ]


def _walked(
    branches: Sequence[Branch], above: list[Branch]
) -> Iterator[tuple[Branch, list[Branch]]]:
    for branch in branches:
        yield branch, above
        yield from _walked(branch.parts, [*above, branch])
