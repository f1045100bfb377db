"""The library of findings: by theme, by role, and as a reader searches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pathgraph.api.language import N_, Language
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.spec import Finding

__all__ = ["ROLES", "THEMES", "Shelf", "findings_of_role", "library_of"]

THEMES: Sequence[tuple[str, str, tuple[str, ...]]] = (
    (
        "overview", N_("Across the lists"),
        ("priority", "new_since"),
    ),
    (
        "coming-back", N_("Coming back"),
        ("revolving_door", "before_the_return", "emergency_returns", "bouncing", "readmissions",
         "readmission_rates", "readmission_index"),
    ),
    (
        "plans", N_("Plans"),
        ("unowned_plans", "stale_plans", "contested_plans", "competing_plans",
         "missing_individual_plan", "both_kinds_of_care"),
    ),
    (
        "coordinators", N_("Coordinators and contact physicians"),
        ("missing_coordinator", "ended_coordinator", "late_coordinator", "coordinator_delay",
         "coordinator_waits", "conflicting_coordinators", "coordination_need",
         "missing_contact_physician"),
    ),
    (
        "discharge", N_("Between hospital and municipality"),
        ("no_follow_up_after_discharge", "follow_up_after_discharge",
         "late_notice_to_municipality", "ready_for_discharge_days", "child_to_adult"),
    ),
    (
        "referrals", N_("Referrals to the team"),
        ("referral_gaps", "referral_gaps_plan", "referral_funnel", "referral_control",
         "referral_trend", "referral_capacity", "never_referred", "reach", "late_referrals",
         "rejected_then_referred_again", "referrals_without_referrer", "eligible_patients"),
    ),
    (
        "network", N_("Who is in contact with whom"),
        ("missing_contact_points", "contact_points", "one_way_ties", "single_person_ties",
         "quiet_pairs", "unusual_handovers", "communities", "formal_division"),
    ),
    (
        "moves", N_("From unit to unit"),
        ("transfers", "unit_moves"),
    ),
    (
        "networks", N_("How units are tied"),
        ("node_measures", "tie_measures", "continuity", "continuity_by_place", "care_density"),
    ),
)  # fmt: skip
"""Id, title and findings of each theme; what stands in none comes last."""

_OTHERS = ("others", N_("Further lists"))

ROLES: Mapping[str, tuple[str, ...]] = {
    "analyst": (),
    "section": (
        "priority", "never_referred", "referral_gaps", "referral_gaps_plan", "referral_control",
        "referral_capacity", "reach", "new_since",
        "revolving_door", "before_the_return", "missing_contact_physician", "missing_coordinator",
        "no_follow_up_after_discharge", "emergency_returns",
    ),
    "community": (
        "no_follow_up_after_discharge", "follow_up_after_discharge", "late_notice_to_municipality",
        "ready_for_discharge_days", "bouncing", "missing_coordinator", "coordinator_delay",
        "missing_individual_plan", "unowned_plans", "missing_contact_points", "quiet_pairs",
        "one_way_ties", "single_person_ties", "unusual_handovers", "formal_division",
    ),
}  # fmt: skip
"""Findings that matter most in each role, in order; none means all."""

_NO_LISTS = ("patient_team", "patient_timeline", "residents", "units")
"""What is asked for on other pages than that of the library."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """Findings of one theme."""

    id: str
    title: str
    findings: tuple[Finding, ...]


def library_of(language: Language, search: str = "") -> list[Shelf]:
    """Return the library by theme; with ``search`` only what holds all of its words.

    Words are looked for in titles and questions of all languages, and in ids.
    """
    words = search.casefold().split()
    found = {f.id: f for f in catalogue().values() if _holds(f, words) and f.id not in _NO_LISTS}
    placed = {name for _, _, names in THEMES for name in names}
    themes = [*THEMES, (*_OTHERS, tuple(name for name in found if name not in placed))]
    shelves = [
        Shelf(id_, language.gettext(title), tuple(found[n] for n in names if n in found))
        for id_, title, names in themes
    ]
    return [shelf for shelf in shelves if shelf.findings]


def findings_of_role(role: str, language: Language) -> list[Shelf]:
    """Return the findings of a role in its order; those that there are not are left out.

    Who sees all has them by theme; the others have one shelf.
    """
    findings = catalogue()
    if not ROLES.get(role):
        return [s for s in library_of(language) if s.id != _OTHERS[0]]
    found = tuple(findings[name] for name in ROLES[role] if name in findings)
    return [Shelf(role, "", found)]


def _holds(finding: Finding, words: Sequence[str]) -> bool:
    texts = (finding.id, *finding.titles.values(), *finding.questions.values())
    whole = " ".join(texts).replace("_", " ").casefold()
    return all(word in whole for word in words)
