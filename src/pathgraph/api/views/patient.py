"""What a patient's page shows, made from the answers to its questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from pathgraph.api import words
from pathgraph.api.formats import TABLE_FORMS
from pathgraph.api.language import Language
from pathgraph.api.views.surroundings import star_of
from pathgraph.api.views.tables import pager_of, table_of
from pathgraph.api.views.timeline import draw
from pathgraph.api.views.timeline_scale import ZOOMS, Window, window_of
from pathgraph.queries.patient_view import Summary, around, listed, summary_of
from pathgraph.queries.result import Result
from pathgraph.queries.select import Selection, select

__all__ = ["Asked", "Known", "patient_context", "timeline_context"]

Row = Mapping[str, Any]
Here = Callable[..., str]

_EVENT_COLUMNS = (
    "lane", "what", "kind", "started_at", "ended_at", "is_acute", "status", "unit",
)  # fmt: skip
_TEAM_COLUMNS = ("role", "holder_id", "level", "unit", "since", "status")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a patient's page."""

    as_of: str | None
    zoom: str
    first: str | None
    last: str | None
    columns: tuple[str, ...]

    @classmethod
    def of(cls, query: Any) -> Asked:
        """Return what a query asks; an empty value, or a zoom that there is not, is none."""
        zoom = query.get("zoom", "")
        return cls(
            as_of=query.get("as_of") or None,
            zoom=zoom if zoom in ZOOMS else "all",
            first=query.get("from") or None,
            last=query.get("to") or None,
            columns=tuple(query.getlist("columns")),
        )

    def kept(self) -> list[tuple[str, str]]:
        """Return what a form for the day keeps of the picture."""
        return [("zoom", self.zoom)] if self.zoom != "all" else []


@dataclass(frozen=True, slots=True)
class Known:
    """The answers that a page rests on.

    Attributes
    ----------
    team
        ``None`` where tables that it needs were not loaded; ``why_no_team`` says which.
    loaded
        Canonical tables that were loaded.
    """

    patient: str
    timeline: Result
    findings: Result
    team: Result | None
    why_no_team: str
    cypher: str
    arguments: Mapping[str, Any]
    loaded: frozenset[str]


def timeline_context(
    known: Known, language: Language, here: Here, asked: Asked, selection: Selection
) -> dict[str, Any]:
    """Return the picture, its table and its words."""
    rows = known.timeline.table.to_pylist()
    as_of = known.timeline.as_of
    window, whole = window_of(rows, as_of, zoom=asked.zoom, first=asked.first, last=asked.last)
    said = [row for row in known.findings.table.to_pylist() if row["reason"]]
    drawing = draw(
        rows, said, window, language, as_of=as_of, has_owners="plan_owners" in known.loaded
    )
    return {
        "manifest": known.timeline.manifest,
        "cypher": known.cypher,
        "arguments": known.arguments,
        "drawing": drawing,
        "summary": summary_sentence(summary_of(known.timeline), language),
        "zooms": _zooms(window, whole, here, language),
        "whole": whole,
        **_events(known.timeline, language, here, asked, selection),
        "timeline_links": _links(known.patient, "timeline", as_of),
        "permanent": here(as_of=as_of.isoformat(), lang=None),
    }


def _events(
    timeline: Result, language: Language, here: Here, asked: Asked, selection: Selection
) -> dict[str, Any]:
    """Return the table of the same events, the newest first unless it is asked otherwise."""
    chosen = replace(selection, sort=selection.sort or "-started_at")
    shown = select(timeline, chosen)
    columns = asked.columns or _EVENT_COLUMNS
    return {
        "events": table_of(shown, language, here=here, sort=chosen.sort, chosen=columns),
        "events_pager": pager_of(
            shown.manifest["n_selected"], chosen.offset, chosen.limit or 1, here
        ),
        "n_events": len(timeline),
    }


def _zooms(
    window: Window, whole: Window, here: Here, language: Language
) -> list[tuple[str, str, bool]]:
    """Return the links that change what is shown: words, address, is it what is shown now."""
    names = {
        "all": language.gettext("The whole time"),
        "year": language.gettext("Last year"),
        "quarter": language.gettext("Last three months"),
        "stay": language.gettext("Latest stay"),
    }
    links = [
        (label, here(zoom=zoom if zoom != "all" else None, **_days(None)), window.zoom == zoom)
        for zoom, label in names.items()
    ]
    moved = [
        (language.gettext("Earlier"), window.moved(-0.5).within(whole)),
        (language.gettext("Later"), window.moved(0.5).within(whole)),
        (language.gettext("Closer"), window.scaled(0.5)),
        (language.gettext("Farther"), window.scaled(2).within(whole)),
    ]
    return links + [
        (label, here(zoom=None, **_days(to)), False)
        for label, to in moved
        if (to.start, to.end) != (window.start, window.end)
    ]


def _days(window: Window | None) -> dict[str, str | None]:
    if window is None:
        return {"from": None, "to": None}
    return {"from": window.start.date().isoformat(), "to": window.last_day.isoformat()}


def _links(patient: str, part: str, as_of: date) -> list[tuple[str, str]]:
    from pathgraph.api.page import address

    place = address("patient", patient)
    return [(name, f"{place}/{part}.{form}?as_of={as_of}") for name, form in TABLE_FORMS]


def summary_sentence(summary: Summary, language: Language) -> str:
    """Return a timeline in a sentence."""
    if summary.first_at is None or summary.last_at is None:
        return language.gettext("No stay and no contact is recorded up to this day.")
    n = language.number
    stays = language.ngettext("%(n)s stay", "%(n)s stays", summary.n_stays)
    contacts = language.ngettext(
        "%(n)s contact outside stays", "%(n)s contacts outside stays", summary.n_contacts
    )
    levels = language.ngettext(
        "%(n)s level of care", "%(n)s levels of care", len(summary.levels)
    )  # fmt: skip
    text = language.gettext(
        "%(stays)s, %(acute)s of them acute, and %(contacts)s at %(levels)s from %(first)s to "
        "%(last)s."
    )
    return text % {
        "stays": stays % {"n": n(summary.n_stays)},
        "acute": n(summary.n_acute),
        "contacts": contacts % {"n": n(summary.n_contacts)},
        "levels": levels % {"n": n(len(summary.levels))},
        "first": language.day(summary.first_at),
        "last": language.day(summary.last_at),
    }


def patient_context(known: Known, language: Language) -> dict[str, Any]:
    """Return the team, the findings, and the network around the patient."""
    as_of = known.timeline.as_of
    found = listed(known.findings)
    network = around(known.timeline, known.team, known.patient)
    return {
        "found": found,
        "has_died": summary_of(known.timeline).has_died,
        "list_titles": {
            row["finding"]: words.code_words(language, row["finding"], "finding")
            for row in known.findings.table.to_pylist()
        },
        **_team(known, language),
        "team_links": _links(known.patient, "team", as_of),
        "findings_links": _links(known.patient, "findings", as_of),
        "star": star_of(network, known.patient, language),
        "network": network,
    }


def _team(known: Known, language: Language) -> dict[str, Any]:
    if known.team is None:
        return {"team": None, "why_no_team": known.why_no_team, "absent": ()}
    rows: Sequence[Row] = known.team.table.to_pylist()
    absent = [row for row in rows if row["status"] != "held"]
    return {
        "team": table_of(known.team, language, chosen=_TEAM_COLUMNS),
        "why_no_team": "",
        "absent": absent,
        "team_notes": known.team.manifest["notes"],
    }
