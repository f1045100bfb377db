"""A network over time: the choice of a quarter, and the table of what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pathgraph.api import words
from pathgraph.api.language import N_, Language
from pathgraph.api.page import Here
from pathgraph.api.views.network_form import Asked
from pathgraph.api.views.network_page import page_of_node
from pathgraph.api.views.tables import Column, Table
from pathgraph.model.tables import LEVELS
from pathgraph.queries.network_change import CHANGES
from pathgraph.queries.network_time import Changed, Periods
from pathgraph.queries.spec import Kind

__all__ = ["Quarters", "changes_by_tie", "over_time"]

_MOST = 300
_SAID = {
    "new": N_("new: {n}"),
    "gone": N_("gone: {n}"),
    "stronger": N_("stronger: {n}"),
    "weaker": N_("weaker: {n}"),
    "alike": N_("about the same: {n}"),
    "hidden": N_("not shown: {n}"),
}


@dataclass(frozen=True, slots=True)
class Quarters:
    """The choice of a day: a list, its neighbours as links, and what the form keeps.

    Attributes
    ----------
    options
        Day and words; the one asked about among them.
    """

    chosen: str
    options: Sequence[tuple[str, str]]
    previous: str | None
    following: str | None
    hidden: Sequence[tuple[str, str]]
    action: str


def _quarters(periods: Periods, language: Language, here: Here) -> Quarters:
    """Return the choice of the day at whose end the period ends."""
    days = sorted({*periods.days, periods.as_of})
    place = days.index(periods.as_of)

    def link(number: int) -> str | None:
        return here(as_of=days[number], page=None) if 0 <= number < len(days) else None

    kept = [
        (name, value)
        for name, value in here.request.query_params.multi_items()
        if value and name not in ("as_of", "page")
    ]
    return Quarters(
        chosen=periods.as_of.isoformat(),
        options=[(day.isoformat(), language.day(day)) for day in days],
        previous=link(place - 1),
        following=link(place + 1),
        hidden=kept,
        action=here.path,
    )


def over_time(
    periods: Periods | None,
    changed: Changed | None,
    asked: Asked,
    language: Language,
    here: Here,
) -> dict[str, Any]:
    """Return what the template needs: the choice of a quarter, and what changed from before."""
    if periods is None:
        return {"quarters": None}
    context: dict[str, Any] = {"quarters": _quarters(periods, language, here), "periods": periods}
    if asked.view != "change":
        return context
    if changed is None:
        return {**context, "changes": None}
    counts = changed.ties["change"].value_counts()
    said = [
        language.gettext(_SAID[name]).format(n=language.number(int(counts[name])))
        for name in CHANGES
        if name in counts
    ]
    return {**context, "changes": _table(changed.ties, language), "change_counts": said}


def changes_by_tie(changed: Changed | None) -> dict[tuple[str, str], str]:
    """Return what became of each tie, by its ends."""
    if changed is None:
        return {}
    ends = zip(changed.ties["from_id"], changed.ties["to_id"], strict=True)
    return dict(zip(ends, changed.ties["change"], strict=True))


def _table(ties: pd.DataFrame, language: Language) -> Table:
    _ = language.gettext
    columns = [
        Column("from_id", Kind.TEXT, _("From")),
        Column("to_id", Kind.TEXT, _("To")),
        Column("change", Kind.TEXT, _("Change")),
        Column("n_patients", Kind.COUNT, _("Patients")),
        Column("n_before", Kind.COUNT, _("Before")),
        Column("difference", Kind.COUNT, _("Difference")),
    ]
    told = ties[ties["difference"].notna()]
    size = told["difference"].abs().astype("int64")
    ordered = told.assign(size=size).sort_values(
        ["size", "from_id", "to_id"], ascending=[False, True, True], kind="stable"
    )
    rows = [_row(row, language) for row in ordered.head(_MOST).to_dict("records")]
    return Table(columns=columns, rows=rows)


def _row(row: dict[Any, Any], language: Language) -> list[Any]:
    difference = int(row["difference"])
    sign = "+" if difference > 0 else "−"
    return [
        _end(row, "from"),
        _end(row, "to"),
        words.code_words(language, str(row["change"]), "tie_change"),
        int(row["n_patients"]),
        int(row["n_before"]),
        {"value": difference, "text": f"{sign}{language.number(abs(difference))}"},
    ]


def _end(row: dict[Any, Any], end: str) -> dict[str, Any]:
    its = {name: row[f"{end}_{name}"] for name in ("id", "name", "kind", "level")}
    return {
        "value": its["id"],
        "text": its["id"] if pd.isna(its["name"]) else its["name"],
        "href": page_of_node(its["id"], its),
        "level": its["level"] if its["level"] in LEVELS else None,
    }
