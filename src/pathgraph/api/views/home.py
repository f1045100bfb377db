"""The home page: what each finding counts, of how many, and how that went over the months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pathgraph.api.language import Language
from pathgraph.api.page import address
from pathgraph.api.views.answers import counted_name
from pathgraph.api.views.library import findings_of_role
from pathgraph.api.views.sparklines import Line, line_of
from pathgraph.queries.spec import Finding
from pathgraph.queries.trend import Trend, TrendState
from pathgraph.queries.worklists import WORK_LISTS

__all__ = ["Tile", "TileShelf", "changed_most", "loaded_of", "shelves_of"]

_WORK_LISTS = frozenset(work_list.finding for work_list in WORK_LISTS) | {"priority"}
_MOST_CHANGED = 5
_NO_PARTS = ("competing_plans", "contested_plans", "readmissions")
"""What they count is no part of their denominator: patients of plans, two rows of one stay."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One finding on the home page.

    Attributes
    ----------
    number, of, share, change
        In words; empty where there is nothing to say.
    is_waiting
        Not counted yet.
    not_answered
        Why there is no number.
    line
        The months; ``None`` where fewer than two are known.
    """

    id: str
    title: str
    question: str
    href: str
    number: str = ""
    of: str = ""
    share: str = ""
    change: str = ""
    is_waiting: bool = False
    not_answered: str = ""
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class TileShelf:
    """The tiles of one theme, and the measures by group that belong to it."""

    id: str
    title: str
    tiles: Sequence[Tile]
    measures: Sequence[Finding]


def shelves_of(
    state: TrendState, role: str, language: Language, *, threshold: int
) -> list[TileShelf]:
    """Return the tiles of a role by theme; what needs a value to be asked has none.

    Parameters
    ----------
    threshold
        Numbers of fewer people are shown as ``<5``.
    """
    shelves = []
    for shelf in findings_of_role(role, language):
        asked = [f for f in shelf.findings if all(p.default is not None for p in f.parameters)]
        lists = [f for f in asked if f.is_patient_level]
        shelves.append(
            TileShelf(
                shelf.id,
                shelf.title,
                [_tile(f, state, language, threshold) for f in lists],
                [f for f in shelf.findings if f not in lists],
            )
        )
    return shelves


def changed_most(shelves: Sequence[TileShelf], state: TrendState) -> list[Tile]:
    """Return the work lists whose number of patients changed most since a month ago."""
    changes = {
        id_: trend.row["change"]
        for id_, trend in state.trends.items()
        if id_ in _WORK_LISTS and trend.row["change"] and len(trend.months) > 1
    }
    tiles = [tile for shelf in shelves for tile in shelf.tiles if tile.id in changes]
    return sorted(tiles, key=lambda tile: (-abs(changes[tile.id]), tile.id))[:_MOST_CHANGED]


def loaded_of(manifest: dict[str, Any]) -> list[tuple[str, int]]:
    """Return the tables that were loaded with the number of rows accepted, as they were loaded."""
    tables = manifest.get("tables", {})
    return [(name, int(counts.get("accepted", 0))) for name, counts in tables.items()]


def _tile(finding: Finding, state: TrendState, language: Language, threshold: int) -> Tile:
    trend = state.trends.get(finding.id)
    tile = Tile(
        id=finding.id,
        title=finding.titles[language.code],
        question=finding.questions[language.code],
        href=address("finding", finding.id),
    )
    if trend is None:
        return replace(tile, is_waiting=not state.is_complete)
    row = trend.row
    if row["not_answered"]:
        return replace(tile, not_answered=language.said(row["not_answered"]))
    marker = f"<{threshold}"
    name = counted_name(finding)
    n, is_hidden = row[name], name in row["suppressed"]
    return replace(
        tile,
        number=marker if is_hidden or n is None else language.number(n),
        of=_of(finding, row, language, marker),
        share=language.percent(row["share"]) if _has_share(finding, row) else "",
        change=_change(trend, state, language, threshold),
        line=_line(trend, name, language, marker),
    )


def _of(finding: Finding, row: Any, language: Language, marker: str) -> str:
    title = row["among_title"]
    if title is None:
        return ""
    base = language.said(title)
    base = base[:1].lower() + base[1:]
    among = marker if row["among"] is None else language.number(row["among"])
    if finding.id in _NO_PARTS:
        said = language.gettext("base {n}: {base}")
    else:
        said = language.gettext("of {n}: {base}")
    return said.format(n=among, base=base)


def _has_share(finding: Finding, row: Any) -> bool:
    return finding.id not in _NO_PARTS and row["share"] is not None


def _change(trend: Trend, state: TrendState, language: Language, threshold: int) -> str:
    row, since = trend.row, state.since
    if since is None or len(trend.months) < 2:
        return ""
    day = language.day(since)
    if "change" in row["suppressed"]:
        said = language.gettext("changed by fewer than {n} since {day}")
        return said.format(n=threshold, day=day)
    change = row["change"]
    if change is None:
        return ""
    if change == 0:
        return language.gettext("as many patients as on {day}").format(day=day)
    if change > 0:
        said = language.ngettext(
            "{n} patient more than on {day}", "{n} patients more than on {day}", change
        )
    else:
        said = language.ngettext(
            "{n} patient fewer than on {day}", "{n} patients fewer than on {day}", -change
        )
    return said.format(n=language.number(abs(change)), day=day)


def _line(trend: Trend, name: str, language: Language, marker: str) -> Line | None:
    months: Sequence[str] = [month.day.isoformat() for month in trend.months]
    counts = [
        None if name in month.row["suppressed"] else month.row[name] for month in trend.months
    ]
    title = trend.finding.titles[language.code]
    return line_of(months, counts, language, title=title, marker=marker)
