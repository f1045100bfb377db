"""What the page of one municipality or unit says: its sentences and its sections."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pathgraph.api.formats import TABLE_FORMS
from pathgraph.api.language import N_, Language
from pathgraph.api.page import Here, address
from pathgraph.api.views.finding import permanent
from pathgraph.api.views.places import Answers, bands_of, part_of
from pathgraph.queries.places import STANDINGS
from pathgraph.queries.result import Result

__all__ = ["municipality_context", "unit_context"]

_ENOUGH = 100

_MUNICIPALITY: Mapping[str, tuple[str, str]] = {
    "comes_to": (
        N_("Units that the inhabitants come to"),
        N_(
            "Inhabitants with a contact in the last 365 days. Units of the hospital are shown as "
            "their clinic."
        ),
    ),
    "changes": (
        N_("Change from the year before"),
        N_(
            "Inhabitants who came to each clinic in the last 365 days, against the 365 days "
            "before. About the same: changed by fewer than are shown, or not at all."
        ),
    ),
    "quiet_partners": (
        N_("Formal partners without contact"),
        N_(
            "Units that the formal division or an agreement ties to the municipality, without any "
            "recorded contact in the last 365 days."
        ),
    ),
    "single_person": (
        N_("Ties that rest on one professional"),
        N_("What one professional alone holds between the municipality and a unit."),
    ),
    "one_way": (
        N_("One-way referrals of its services"),
        N_("Referrals of its services to units that refer nobody back, and the other way."),
    ),
    "shares_with": (
        N_("Who shares patients with its services"),
        N_(
            "Patients of the municipality's services, GP practices and casualty clinic in the last "
            "365 days who also came to the other unit."
        ),
    ),
    "goes_to": (
        N_("Where patients come next"),
        N_("From a contact in these services to the next contact, within 30 days."),
    ),
    "comes_from": (
        N_("Where patients come from"),
        N_("From a contact elsewhere to the next one in these services, within 30 days."),
    ),
    "ages": (
        N_("Who lives here"),
        N_("People recorded as living here on the day, by the age reached in its year."),
    ),
    "waiting": (
        N_("Ready for discharge, waiting"),
        N_("Days that patients waited in hospital for the municipality, by unit."),
    ),
    "readmissions": (
        N_("Readmissions"),
        N_("Index stays of those who lived here when the stay began."),
    ),
    "notices": (
        N_("Notices from hospital"),
        N_("Notices of admission to the municipality, and how many came late."),
    ),
}
_UNIT: Mapping[str, tuple[str, str]] = {
    "parts": (
        N_("Units that are part of it"),
        N_("Patients with a contact in the last 365 days."),
    ),
    "lives_in": (
        N_("Where its patients live"),
        N_("Patients with a contact in the last 365 days, by where they lived when it began."),
    ),
    "shares_with": (
        N_("Who it shares patients with"),
        N_("Patients who came both here and there in the last 365 days."),
    ),
    "comes_from": (
        N_("Where patients come from"),
        N_("From a contact elsewhere to the next one here, within 30 days."),
    ),
    "goes_to": (
        N_("Where patients come next"),
        N_("From a contact here to the next contact, within 30 days."),
    ),
    "referred_from": (N_("Who refers to it"), N_("Referrals sent in the last 365 days.")),
    "refers_to": (N_("Whom it refers to"), N_("Referrals sent in the last 365 days.")),
    "readmissions": (N_("Readmissions"), N_("Index stays that ended here.")),
    "follow_up": (N_("Follow-up after discharge"), N_("Discharges home from here.")),
    "waiting": (
        N_("Ready for discharge, waiting"),
        N_("Days that patients waited here for their municipality."),
    ),
}


def municipality_context(
    answers: Answers, code: str, language: Language, here: Here
) -> dict[str, Any]:
    """Return what ``municipality.html`` shows.

    Parameters
    ----------
    answers
        By the names of ``MUNICIPALITY_TABLES``.
    """
    facts = _result(answers, "facts")
    points = answers["contact_points"]
    parts = [
        part_of(
            name,
            language.gettext(title),
            language.gettext(about),
            answers[name],
            language,
            here,
            columns=_WITH_OWN if name in _OWN else _COLUMNS.get(name, ()),
            headings=_headings(name, language),
            most=_ENOUGH if name in ("ages", "waiting") else 12,
        )
        for name, (title, about) in _MUNICIPALITY.items()
    ]
    return {
        "place": facts.table.to_pylist()[0],
        "hidden": _hidden(facts),
        "points": points.table.to_pylist() if isinstance(points, Result) else None,
        "why_no_points": "" if isinstance(points, Result) else str(points.args[0]),
        "parts": parts,
        **_common(answers, facts, here, code),
    }


def unit_context(
    answers: Answers, unit: str, every: Result, language: Language, here: Here
) -> dict[str, Any]:
    """Return what ``unit.html`` shows.

    Parameters
    ----------
    answers
        By the names of ``UNIT_TABLES``.
    every
        Answer of the finding ``units``.
    """
    facts = _result(answers, "facts")
    parts = [
        part_of(
            name,
            language.gettext(title),
            language.gettext(about),
            answers[name],
            language,
            here,
            columns=_COLUMNS.get(name, ()),
            headings=_headings(name, language),
            links=_links(name),
        )
        for name, (title, about) in _UNIT.items()
    ]
    row = facts.table.to_pylist()[0]
    return {
        "place": row,
        "hidden": _hidden(facts),
        "above": _above(row, every),
        # A ward without parts, or a practice that nobody refers to, has no such section.
        "parts": [p for p in parts if p.why_not or p.n_rows],
        "absent": [p for p in parts if not p.why_not and not p.n_rows],
        **_common(answers, facts, here, unit),
    }


_TIES = ("unit", "level", "n_patients", "n_contacts", "n_referrals")
_WITH_OWN = ("unit", "level", "at", "n_patients")
_OWN = ("shares_with", "goes_to", "comes_from", "one_way")
"""Where a municipality's page says which of its services it is."""
_COLUMNS: Mapping[str, Sequence[str]] = {
    "comes_to": _TIES,
    "shares_with": _TIES,
    "changes": ("unit", "level", "tie_change", "n_patients", "difference"),
    "quiet_partners": ("to_id", "basis"),
    "single_person": ("to_id", "link", "n_patients"),
    "goes_to": _TIES,
    "comes_from": _TIES,
    "refers_to": _TIES,
    "referred_from": _TIES,
    "lives_in": ("unit", "n_patients", "n_contacts"),
    "parts": ("unit", "kind", "level", "n_patients", "n_contacts"),
    "ages": ("age_group", "n_people"),
    "waiting": ("unit", "municipality_code", "n_patients", "n_waiting", "mean_days", "median_days"),
    "readmissions": ("by_value", "n_index", "n_patients", "n_readmitted", "share", "share_low",
                     "share_high"),
    "follow_up": ("unit", "n_discharges", "n_patients", "n_no_follow_up", "share_no_follow_up"),
    "notices": ("unit", "n_notices", "n_patients", "n_late", "share_late", "median_delay_h"),
}  # fmt: skip


def _headings(name: str, language: Language) -> dict[str, str]:
    """Return what a column is called in one section, where that is more than it is elsewhere."""
    _ = language.gettext
    own = {
        "shares_with": {"unit": _("Unit"), "at": _("Shared with")},
        "changes": {"tie_change": _("Change"), "difference": _("Difference")},
        "quiet_partners": {"to_id": _("Unit")},
        "single_person": {"to_id": _("Unit")},
        "one_way": {"unit": _("Unit"), "at": _("Service")},
        "goes_to": {"unit": _("To"), "at": _("From")},
        "comes_from": {"unit": _("From"), "at": _("To")},
        "refers_to": {"unit": _("To")},
        "referred_from": {"unit": _("From")},
        "lives_in": {"unit": _("Municipality")},
        "ages": {"n_people": _("People")},
    }
    return own.get(name, {})


def _links(name: str) -> dict[str, Any]:
    if name != "lives_in":
        return {}
    return {"unit": lambda value: address("municipality", str(value))}


def _common(answers: Answers, facts: Result, here: Here, place: str) -> dict[str, Any]:
    findings = answers["findings"]
    if isinstance(findings, Result):
        bands, notes, why = bands_of(findings), findings.manifest["notes"], ""
    else:
        bands, notes, why = [], [], str(findings.args[0])
    return {
        "bands": bands,
        "n_highest": sum(1 for b in bands if b.row["standing"] == STANDINGS[2]),
        "n_compared": sum(1 for b in bands if b.row["standing"]),
        "n_others": max((b.row["n_others"] for b in bands), default=0),
        "why_no_findings": why,
        "findings_notes": notes,
        "links": [(n, f"{here.path}.{f}?table=findings&as_of={facts.as_of}")
                  for n, f in TABLE_FORMS],
        "permanent": permanent(here, facts.as_of, None),
        "manifest": facts.manifest,
        "marker": facts.marker,
        "id": place,
    }  # fmt: skip


def _above(row: Mapping[str, Any], every: Result) -> list[tuple[str, str]]:
    """Return the units above one, from the top, with their names."""
    names = ("unit", "unit_name", "part_of")
    rows = {r["unit"]: r for r in every.table.select(list(names)).to_pylist()}
    above: list[tuple[str, str]] = []
    at = rows.get(row["part_of"] or "")
    while at is not None:
        above.insert(0, (at["unit"], at["unit_name"] or at["unit"]))
        at = rows.get(at["part_of"] or "")
    return above


def _result(answers: Answers, name: str) -> Result:
    found = answers[name]
    if not isinstance(found, Result):
        raise found
    return found


def _hidden(facts: Result) -> dict[str, bool]:
    return {name: bool(mask[0]) for name, mask in facts.hidden.items()}
