"""A table as ``templates/parts/table.html`` draws it: heads that sort, cells that link, pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pyarrow.compute as pc

from pathgraph.api import words
from pathgraph.api.cells import RATIOS, cell_words
from pathgraph.api.language import Language
from pathgraph.api.page import address
from pathgraph.model.tables import LEVELS
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Finding, Kind, Return

__all__ = [
    "Chooser",
    "Column",
    "Pager",
    "Table",
    "is_month",
    "named_pairs",
    "pager_of",
    "shown_columns",
    "table_of",
]

Here = Callable[..., str]
"""The address of the page with other parameters; ``None`` takes one away."""

MOST_COLUMNS = 7
FIRST_COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "referral_gaps": ("by_value", "n_eligible", "n_referred", "n_not_referred", "expected",
                          "observed_to_expected", "adjusted_p_value"),
        "referral_gaps_plan": ("unit", "n_referrals", "expected", "gap", "gap_low", "gap_high",
                               "adjusted_p_value"),
        "referral_funnel": ("by_value", "n_eligible", "n_referred", "expected",
                            "observed_to_expected", "position"),
        "referral_control": ("by_value", "period", "n_eligible", "n_referred", "share",
                             "position", "is_signal"),
        "node_measures": ("node_name", "n_patients", "degree", "strength", "betweenness",
                          "pagerank", "is_articulation_point"),
        "tie_measures": ("from_name", "to_name", "n_patients", "weight", "weight_back",
                         "reciprocity", "is_bridge"),
        "never_referred": ("patient_id", "unit", "department", "admitted_at", "days_in_hospital",
                           "criteria", "age"),
        "one_way_ties": ("from_name", "from_level", "to_name", "to_level", "status", "n_patients",
                         "n_referrals"),
        "single_person_ties": ("from_name", "to_name", "link", "professional_id", "kinds",
                               "n_patients"),
        "quiet_pairs": ("from_name", "to_name", "basis", "status", "from_patients",
                        "to_patients"),
        "unusual_handovers": ("from_name", "to_name", "status", "n_patients", "expected", "ratio",
                              "adjusted_p_value"),
        "communities": ("name", "community", "centre_name", "n_members", "together",
                        "n_patients"),
        "formal_division": ("municipality_code", "own_area", "status", "other_area", "n_patients",
                            "share_own", "share_other"),
    }
)  # fmt: skip
"""Columns of findings of whose many columns the kind does not tell which matter most."""

_WHOLES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
_MONTH = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
_LEVEL_COLUMNS = ("level", "from_level", "via_level")


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column.

    Attributes
    ----------
    sorted
        ``ascending`` or ``descending`` where the table is sorted by it.
    sort_href
        Where a click on the head leads.
    bar_whole
        The share at which the bar in a cell is full, for shares that are all small; 0 for no bars.
    """

    name: str
    kind: Kind
    label: str
    sentence: str = ""
    sort_href: str | None = None
    sorted: str | None = None
    bar_whole: float = 1.0


@dataclass(frozen=True, slots=True)
class Pager:
    """Which rows are shown, and the addresses of the neighbouring pages."""

    first: int
    last: int
    total: int
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Chooser:
    """The form by which further columns are shown."""

    action: str
    hidden: Sequence[tuple[str, str]]
    options: Sequence[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows for the macro ``table``."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[Any]]
    pager: Pager | None = None
    chooser: Chooser | None = None
    has_hidden: bool = False
    all_columns: Sequence[Column] = field(default_factory=tuple)


def table_of(
    result: Result,
    language: Language,
    *,
    here: Here | None = None,
    sort: str = "",
    chosen: Sequence[str] = (),
    links: Mapping[str, Callable[[Any], str | None]] | None = None,
    headings: Mapping[str, str] | None = None,
    names: Mapping[str, Mapping[str, str]] | None = None,
) -> Table:
    """Return the rows of an answer as they are drawn.

    Parameters
    ----------
    result
        The rows of one page.
    here
        Address of the page; without it heads do not sort.
    sort
        As in the address: a column, ``-`` before it for the largest first.
    chosen
        Names of the columns to show; by default the first that tell most.
    links
        Column to a function from a value to the address that it leads to, besides patients, units
        and municipalities.
    headings
        Column to heading, in words, where it is another than the finding's.
    names
        Column to names by value, where the answer itself has none.
    """
    shown = shown_columns(result.finding, chosen)
    cells = _Cells(result, language, names or {}, {**_LINKS, **(links or {})})
    heads = [_head(result.finding, c, language, here, sort) for c in result.finding.returns]
    columns = [
        replace(
            head,
            bar_whole=_bar_whole(result, column),
            label=(headings or {}).get(head.name, head.label),
        )
        for head, column in zip(heads, result.finding.returns, strict=True)
    ]
    by_name = {column.name: column for column in columns}
    rows = [[cells.cell(column, row) for column in shown] for row in range(result.table.num_rows)]
    return Table(
        columns=[by_name[column.name] for column in shown],
        rows=rows,
        has_hidden=any(mask.any() for mask in result.hidden.values()),
        all_columns=columns,
    )


def shown_columns(finding: Finding, chosen: Sequence[str] = ()) -> list[Return]:
    """Return the columns to show, in the finding's order; at most seven unless chosen.

    A name stands in the cell of what it names, and has no column of its own. Bounds of an interval
    and inner ids are left to the chooser.
    """
    names = _name_columns(finding)
    all_ = [c for c in finding.returns if c.name not in names.values()]
    # The patient leads on, and stands first: the row is about that person.
    all_.sort(key=lambda c: c.name != "patient_id" or finding.key[0] == "rank")
    known = [c for c in all_ if c.name in chosen]
    if known:
        return known
    if len(all_) <= MOST_COLUMNS:
        return all_
    first = FIRST_COLUMNS.get(finding.id)
    if first:
        return [c for c in all_ if c.name in first]
    ranked = sorted(all_, key=lambda c: _weight(finding, c))[:MOST_COLUMNS]
    return [c for c in all_ if c in ranked]


def named_pairs(finding: Finding) -> Mapping[str, str]:
    """Return what names what: the column of an id or code to the column of its name.

    Examples
    --------
    >>> from pathgraph.queries.catalogue import find_finding
    >>> dict(named_pairs(find_finding("transfers")))
    {'from_unit': 'from_unit_name', 'to_unit': 'to_unit_name'}
    """
    return _name_columns(finding)


def is_month(text: object) -> bool:
    """Return whether the text is a month.

    Examples
    --------
    >>> is_month("2025-12"), is_month("5501-99")
    (True, False)
    """
    return isinstance(text, str) and _MONTH.fullmatch(text) is not None


def pager_of(total: int, offset: int, per_page: int, here: Here) -> Pager:
    """Return the pager of a table of ``total`` rows, of which those from ``offset`` are shown."""
    number = offset // per_page + 1
    last = min(offset + per_page, total)
    return Pager(
        first=min(offset + 1, last) if total else 0,
        last=last,
        total=total,
        previous=here(page=number - 1 if number > 2 else None) if number > 1 else None,
        next=here(page=number + 1) if last < total else None,
    )


def _bar_whole(result: Result, column: Return) -> float:
    """Return the smallest round share that no shown share of the column is above."""
    if column.kind is not Kind.SHARE:
        return 1.0
    if column.name in RATIOS:
        return 0.0
    most = pc.max(result.table.column(column.name)).as_py() or 1.0
    return next((whole for whole in _WHOLES if most <= whole), 1.0)


def _weight(finding: Finding, column: Return) -> tuple[int, int]:
    """Return how little a column tells at first sight: the key first, inner ids last."""
    place = [c.name for c in finding.returns].index(column.name)
    if column.name in ("patient_id", *finding.key) and column.kind is not Kind.TIME:
        inner = column.kind is Kind.ID and column.name not in ("patient_id", "plan_id")
        return (3 if inner else 0, place)
    if column.name.endswith(("_low", "_high")) or column.kind is Kind.LIST:
        return 4, place
    if column.kind in (Kind.SHARE, Kind.UNIT):
        return 1, place
    return (3 if column.kind is Kind.ID else 2), place


def _name_columns(finding: Finding) -> dict[str, str]:
    names = [column.name for column in finding.returns]
    pairs: dict[str, str] = {}
    for name in names:
        if f"{name}_name" in names:
            pairs[name] = f"{name}_name"
        elif name.endswith("_code") and name.removesuffix("_code") + "_name" in names:
            pairs[name] = name.removesuffix("_code") + "_name"
    for code, its_name in pairwise(names):
        if code in ("by_value", "value") and its_name == "name":
            pairs[code] = its_name
    return pairs


def _head(
    finding: Finding, column: Return, language: Language, here: Here | None, sort: str
) -> Column:
    is_sorted = sort.removeprefix("-") == column.name
    descends = is_sorted and sort.startswith("-")
    # The first click shows the largest numbers and latest days, or the alphabet from its start.
    first = "-" if column.kind.is_measure and column.kind is not Kind.LIST else ""
    target = f"{first}{column.name}"
    if sort == target:
        target = column.name if first else f"-{column.name}"
    return Column(
        name=column.name,
        kind=column.kind,
        label=words.heading(language, finding.id, column.name),
        sentence=language.said(column.sentence),
        sort_href=None if here is None else here(sort=target, page=None),
        sorted=None if not is_sorted else "descending" if descends else "ascending",
    )


class _Cells:
    """Cells of an answer's rows: values, their names, and where they lead."""

    def __init__(
        self,
        result: Result,
        language: Language,
        known: Mapping[str, Mapping[str, str]],
        links: Mapping[str, Callable[[Any], str | None]],
    ) -> None:
        self._values = {n: result.table.column(n).to_pylist() for n in result.table.column_names}
        self._result, self._language, self._links = result, language, links
        self._names, self._known = _name_columns(result.finding), known

    def _name(self, column: str, value: Any) -> str | None:
        """Return the name of a value, or of each in a list, where there are any."""
        known = self._known.get(column)
        if not known:
            return None
        if isinstance(value, list):
            return ", ".join(known.get(str(item), str(item)) for item in value)
        return known.get(str(value))

    def cell(self, column: Return, row: int) -> Any:
        """Return a plain value, or a mapping where there is more than the value."""
        value = self._values[column.name][row]
        hidden = self._result.hidden.get(column.name)
        if hidden is not None and hidden[row]:
            return {"value": None, "suppressed": self._result.marker}
        if value is None:
            return None
        name = self._names.get(column.name)
        text = self._values[name][row] if name else self._name(column.name, value)
        if name and text is None and is_month(value):
            text = self._language.month(value)
        link = self._links.get(column.name) or _LINKS_BY_KIND.get(column.kind)
        href = link(value) if link else None
        level = value if column.name in _LEVEL_COLUMNS and value in LEVELS else None
        if text is None and href is None and level is None:
            return value
        if href and text is None:
            text = cell_words(self._language, value, column)
        return {"value": value, "text": text, "href": href, "level": level}


_LINKS: Mapping[str, Callable[[Any], str | None]] = {
    "patient_id": lambda value: address("patient", str(value)),
    "municipality_code": lambda value: address("municipality", str(value)),
    "finding": lambda value: address("finding", str(value)),
}
_LINKS_BY_KIND: Mapping[Kind, Callable[[Any], str | None]] = {
    Kind.UNIT: lambda value: address("unit", str(value)),
}
