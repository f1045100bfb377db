"""The words for what stands in the data as a code, and for columns, parameters, units and tables.

The English words stand here and in :mod:`pathgraph.api.headings`; the catalogues hold the others.
``pathgraph.docgen.messages`` reads :func:`messages`, so each word is declared once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from pathgraph.api.headings import HEADINGS, LABELS, OWN_HEADINGS, OWN_LABELS
from pathgraph.model.tables import LEVELS
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.spec import Profile

if TYPE_CHECKING:
    from pathgraph.api.language import Language

__all__ = [
    "CODES",
    "CODES_BY_COLUMN",
    "TABLES",
    "code_words",
    "column_heading",
    "finding_words",
    "heading",
    "label",
    "level_words",
    "messages",
    "profile_words",
    "table_words",
    "unit_words",
]

_CODE, _HEADING, _LABEL, _TABLE, _UNIT = "code", "heading", "label", "table", "unit"

CODES: Mapping[str, str] = MappingProxyType(
    {
        # Levels of care; the last two are those of a duty.
        "hospital": "Hospital",
        "psychiatry": "Psychiatry and substance treatment",
        "emergency": "Emergency care",
        "gp": "General practice",
        "municipal": "Municipal services",
        "specialist": "Specialist care",
        # Sorts of units.
        "trust": "Health trust",
        "clinic": "Clinic",
        "department": "Department",
        "ward": "Ward",
        "team": "Team",
        "coordinating_unit": "Coordinating unit",
        "gp_practice": "GP practice",
        "emergency_unit": "Emergency unit",
        "municipal_service": "Municipal service",
        # Roles and who holds them.
        "coordinator": "Coordinator",
        "plan_coordinator": "Plan coordinator",
        "cancer_coordinator": "Cancer coordinator",
        "contact_physician": "Contact physician",
        "contact_psychologist": "Contact psychologist",
        "primary_contact": "Primary contact",
        "plan_owner": "Owner of the plan",
        "professional": "Professional",
        "unit": "Unit",
        "physician": "Physician",
        "nurse": "Nurse",
        "psychologist": "Psychologist",
        # What else a team's row may be about.
        "referral": "Referral",
        "service": "Municipal service",
        # Plans and what becomes of them.
        "individual_plan": "Individual plan",
        "treatment_plan": "Treatment plan",
        "crisis_plan": "Crisis plan",
        "rehabilitation_plan": "Rehabilitation plan",
        "palliative_plan": "Palliative plan",
        "draft": "Draft",
        "active": "Active",
        "on_hold": "On hold",
        "completed": "Completed",
        "revoked": "Revoked",
        # Assessments.
        "needs": "Need recorded",
        "declined": "Declined",
        "criteria_not_met": "Criteria not met",
        "unknown": "Unknown",
        "not_assessed": "Not assessed",
        # Contacts.
        "admission": "Admission",
        "ward_stay": "Ward stay",
        "outpatient_visit": "Outpatient visit",
        "day_treatment": "Day treatment",
        "team_contact": "Contact with a team",
        "collaboration_meeting": "Collaboration meeting",
        "digital_follow_up": "Digital follow-up",
        "emergency_visit": "Emergency visit",
        "consultation": "Consultation",
        "home_visit": "Home visit",
        "simple_contact": "Simple contact",
        "administrative": "Administrative contact",
        "collaboration": "Collaboration between services",
        "overnight": "Overnight",
        "day": "Day",
        "outpatient": "Outpatient",
        "on_site": "On site",
        "video": "Video",
        "telephone": "Telephone",
        "letter": "Letter",
        "digital": "Digital",
        "rehabilitation": "Rehabilitation",
        "maternity": "Maternity",
        "dialysis": "Dialysis",
        "chemotherapy": "Chemotherapy",
        # People.
        "female": "Female",
        "male": "Male",
        "other": "Other",
        # Referrals.
        "patient": "Patient",
        "relative": "Relative",
        "referrer": "Referrer",
        "shared": "Both together",
        "accepted": "Accepted",
        "rejected": "Rejected",
        "functional_decline": "Decline in function",
        "mental_health": "Mental health",
        "multimorbidity": "Several chronic conditions",
        "repeated_admissions": "Repeated admissions",
        # Notices between hospital and municipality.
        "admitted": "Admitted",
        "ready": "Ready for discharge",
        "not_ready": "Not ready after all",
        "cannot_receive": "Municipality cannot receive",
        "can_receive": "Municipality can receive",
        "discharged": "Discharged",
        # Where a patient came from or went.
        "home": "Home",
        # Expected numbers.
        "absolute": "Number",
        "share": "Share",
        "referrals_to_teams": "Referrals to teams",
        # Why a finding lists something.
        "never_owned": "Never had an owner",
        "ownership_ended": "Ownership ended",
        "owner_left": "Owner's employment ended",
        "unit_closed": "Unit closed",
        "level_left": "Owner's level no longer sees the patient",
        "role_ended": "Role ended",
        "holder_left": "Holder's employment ended",
        "revise_by_passed": "Date of revision has passed",
        # The months are a parameter; the code keeps its name.
        "not_revised_12_months": "Not revised for too long",
        "not_revised_since_acute_stay": "Not revised since an acute stay",
        "recorded_need": "Recorded need",
        "coordinator_need": "Recorded need of a coordinator",
        "proxy": "Services used",
        "long_stay": "Long stay",
        "follow_ups": "Planned visits afterwards",
        "both": "Both",
        "plan": "Plan",
        "team_referral": "Referral to a team",
        # What became of it.
        "missing": "Missing",
        "not_recorded": "Not recorded",
        "held": "In place",
        "gap": "Nobody in place",
        "appointed": "Appointed",
        "died": "Died",
        "moved": "Moved to another municipality",
        "waiting": "Still waiting",
        "counted": "Counted",
        "ended_dead": "Died during the stay",
        "excluded_age": "Left out: age",
        "excluded_rehabilitation": "Left out: rehabilitation",
        "excluded_diagnosis_group": "Left out: diagnosis group",
        "not_covered": "Not covered",
        # A patient's timeline.
        "roles": "Roles",
        "plans": "Plans",
        "referrals": "Referrals",
        "stay": "Stay",
        "contact": "Contact",
        "ready_period": "Ready for discharge, waiting",
        "notice": "Notice",
        "role": "Role",
        "plan_revision": "Revision of the plan",
        "first_meeting": "First meeting",
        "assessment": "Assessment",
        "residence": "Residence",
        "death": "Death",
        "going_on": "Goes on",
        "ended": "Ended",
        "end_not_recorded": "End not recorded",
        "assessed": "Assessed",
        "not_there": "Held by nobody who was there",
        # Units.
        "open": "Open",
        "closed": "Closed",
        "not_yet_open": "Not open yet",
        # Whether a patient is on a list, and what the sources cover.
        "current": "On the list now",
        "earlier": "Found earlier",
        "not_found": "Looked at, not found",
        "not_loaded": "Not loaded",
        "given": "Given by the source",
        "assumed": "Assumed from the dates seen",
        # Referrals to the team.
        "own_clinic": "The clinic itself",
        "asked_by_team": "The clinic, asked by the team",
        "other_clinic": "Another clinic",
        "not_resident": "Lives elsewhere",
        "open_episode": "Known to the team already",
        "refused": "Had declined the team",
        "not_over": "Time for a referral not over",
        "below": "Below the limits",
        "above": "Above the limits",
        "too_few_months": "Too few periods",
        "all_in_first_or_last_month": "All in the first or last",
        "below_998": "Far below expected (99.8 %)",
        "below_95": "Below expected (95 %)",
        "inside": "As chance allows",
        "above_95": "Above expected (95 %)",
        "above_998": "Far above expected (99.8 %)",
        "nobody_eligible": "Nobody eligible",
        "nothing_expected": "Nothing expected",
        "no_other_unit": "No other unit to compare with",
        "not_a_place": "Nothing is expected of referrers",
        "nothing_observed": "No referrals at all",
        "share_unknown": "Share not known",
        "one_unit": "One unit alone",
        "trust_mean": "Mean of all others",
        "standardised": "Others with patients like these",
        "referrer_type": "Referrer",
        "age": "Age",
        "sex": "Sex",
        "acute_stays": "Acute stays",
        "both_kinds": "Both kinds of care",
        "municipality_group": "Size of municipality",
        "diagnosis_group": "Group of diagnoses",
        "age_and_municipality": "Age and municipality",
        "served": "In a hospital's catchment",
        "latest": "The last one that is over",
        "complex_needs": "Complex needs",
        # Between municipalities and units.
        "none_back": "Refers others, not back",
        "refers_nobody": "Refers nobody",
        "contact_point": "Contact point",
        "agreement": "Agreement",
        "catchment": "Catchment",
        "hospital_area": "Same hospital area",
        "quiet": "Quiet",
        "above_expected": "Above expected",
        "below_expected": "Below expected",
        "usual": "As usual",
        "same_place": "Within the municipality",
        "no_distance": "Distance not known",
        "no_flow_there": "Nobody comes there",
        "place": "Municipality",
        "against": "Against the division",
        "with": "With the division",
        "undecided": "Undecided",
        "no_patients": "No patients",
        "no_area": "In no area",
        "one_area": "One area alone",
        # What a parameter may be.
        "first": "First contact",
        "any": "Any contact",
        "elapsed": "Elapsed time",
        "calendar": "Calendar days",
        "all": "All",
        "month": "Month",
        "quarter": "Quarter",
        "year": "Year",
        "automatic": "From 20 units on, where needed",
        "never": "Never",
        "municipality": "Municipality",
        "provider": "Most visited provider",
        "either": "Either",
        "en": "English",
        "nb": "Norwegian Bokmål",
        "nn": "Norwegian Nynorsk",
        "true": "Yes",
        "false": "No",
    }
)
"""Words for a code, whatever the column."""

# What NPR writes in fraSted and tilSted.
_PLACES = {
    "1": "Home or workplace",
    "2": "Place of injury",
    "3": "Another specialist institution",
    "5": "Institution abroad",
    "6": "Other or unknown",
    "7": "Another somatic unit of the institution",
    "8": "Another unit of the institution, not somatic",
    "10": "Patient hotel",
    "11": "Nursing home",
    "21": "Municipal emergency bed",
    "88": "Other",
    "98": "Unknown",
}

CODES_BY_COLUMN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "network": {
            "combined_network": "Combined network",
            "coordinator_ties": "From coordinator to place of treatment",
            "meetings": "Meetings about the same patients",
            "municipality_meetings": "Meetings about inhabitants",
            "municipality_ties": "Between municipalities",
            "municipality_units": "From municipality to unit",
            "referral_network": "Referrals between units",
            "shared_patients": "Shared patients",
            "unit_transfers": "From contact to next contact",
        },
        "role": {"gp": "GP", "ward": "Ward of the current stay"},
        "basis": {"given": "Given by the source", "assumed": "Assumed from the dates seen"},
        "property_type": {
            "text": "Text",
            "integer": "Whole number",
            "number": "Number",
            "boolean": "Yes or no",
        },
        "tie_change": {
            "new": "New",
            "gone": "Gone",
            "stronger": "Stronger",
            "weaker": "Weaker",
            "alike": "About the same",
            "hidden": "Not shown",
        },
        "point_status": {
            "held": "In place",
            "ended": "Ended",
            "missing": "Missing",
        },
        "standing": {
            "lowest_quarter": "Lowest quarter",
            "middle_half": "Middle half",
            "highest_quarter": "Highest quarter",
        },
        "between": {"levels": "Different levels of care"},
        "constraint": {
            "none": "Nothing: population, capacity and distance",
            "origin": "What leaves each municipality",
            "both": "What leaves and comes to each place",
        },
        "decay": {"power": "Its logarithm", "exponential": "The distance itself"},
        "weight": {"times": "Contacts or referrals", "patients": "Patients"},
        "division": {"hospital": "Hospital areas", "dps": "District psychiatric areas"},
        "show": {"quiet": "Quiet ones", "unusual": "Unusual ones"},
        "lane": {"needs": "Assessed needs"},
        "referrer_type": {"gp": "GP"},
        "reason": {"open": "Not ended yet"},
        "criteria": {
            "older_two_stays": "Older, repeated acute stays",
            "three_stays": "Many acute stays",
            "both_kinds_of_care": "Both somatic and psychiatric care",
            "score": "Assessed need",
        },
        "change": {
            "new": "New",
            "reopened": "Reopened",
            "still_open": "Still open",
            "resolved": "Resolved",
        },
        "admitted_from": _PLACES,
        "discharged_to": _PLACES,
        "home_codes": _PLACES,
        # NPR innmateHast.
        "urgency": {
            "1": "Acute",
            "2": "Within 6 hours",
            "3": "Within 24 hours",
            "4": "Planned",
            "5": "Returned from another hospital",
        },
        # Services of IPLOS (Volven 9151), which stand as kinds of municipal contacts.
        "kind": {
            "1": "Practical help with daily life",
            "2": "Training in daily life",
            "3": "User-controlled personal assistance",
            "4": "Day activity",
            "5": "Meals delivered",
            "6": "Safety alarm",
            "7": "Respite outside an institution",
            "8": "Respite in an institution",
            "9": "Support person",
            "11": "Care benefit",
            "15": "Health care at home",
            "17": "Day stay in an institution",
            "18": "Short-term stay for assessment or treatment",
            "19": "Short-term stay for rehabilitation",
            "20": "Short-term stay, other",
            "21": "Long-term place in an institution",
            "22": "Night stay",
            "25": "Municipal emergency bed",
            "26": "Location technology",
            "27": "Electronic medicine support",
            "28": "Digital supervision",
            "29": "Housing for care",
        },
    }
)
"""Words that a code has in one column alone."""

_SAME_CODES = MappingProxyType({"kinds": "kind", "municipal_kinds": "kind", "not_visits": "kind"})

TABLES: Mapping[str, str] = MappingProxyType(
    {
        "patients": "patients",
        "residences": "places of residence",
        "municipalities": "municipalities",
        "units": "units",
        "unit_serves": "catchment areas",
        "agreements": "agreements between units",
        "contacts": "contacts",
        "diagnoses": "diagnoses",
        "diagnosis_groups": "groups of diagnoses",
        "professionals": "professionals",
        "employments": "employments",
        "roles": "roles",
        "needs": "assessed needs",
        "plans": "plans",
        "plan_statuses": "statuses of plans",
        "plan_revisions": "revisions of plans",
        "plan_owners": "owners of plans",
        "referrals": "referrals",
        "ready_periods": "periods ready for discharge",
        "notices": "notices between hospital and municipality",
        "contact_points": "contact points",
        "coverage": "coverage",
        "expectations": "expected numbers",
    }
)
"""Words for a canonical table, to stand in a list: "not loaded: owners of plans"."""

_UNITS = MappingProxyType(
    {"d": "days", "h": "hours", "year": "years", "month": "months", "km": "km", "%": "%"}
)


def code_words(language: Language, code: str, column: str | None = None) -> str:
    """Return the words for a value in a column of codes; an unknown code comes back as it is.

    Parameters
    ----------
    column
        Name of the column or parameter, where a code means one thing there and another elsewhere.

    Examples
    --------
    >>> from pathgraph.api.language import language_of
    >>> english = language_of("en")
    >>> code_words(english, "gp"), code_words(english, "gp", "role"), code_words(english, "x")
    ('General practice', 'GP', 'x')
    """
    own = CODES_BY_COLUMN.get(_SAME_CODES.get(column or "", column or ""), {})
    words = own.get(code, CODES.get(code))
    if words is not None:
        return language.pgettext(_CODE, words)
    return finding_words(language, code) if column in ("finding", "findings") else code


def finding_words(language: Language, finding: str) -> str:
    """Return the title of a finding, given by its id."""
    known = catalogue().get(finding)
    return known.titles[language.code] if known else finding


def level_words(language: Language, level: str) -> str:
    """Return the words for a level of care."""
    return code_words(language, level, "level") if level in LEVELS else level


def heading(language: Language, finding: str, column: str) -> str:
    """Return the short heading of a finding's column, with its unit in parentheses.

    Examples
    --------
    >>> from pathgraph.api.language import language_of
    >>> heading(language_of("en"), "revolving_door", "n_stays")
    'Acute stays'
    """
    own = OWN_HEADINGS.get(finding, {}).get(column)
    return language.pgettext(_HEADING, own) if own else column_heading(language, column)


def column_heading(language: Language, column: str) -> str:
    """Return the heading that a column has whatever the table; its name where none is declared."""
    words = HEADINGS.get(column)
    return language.pgettext(_HEADING, words) if words else column


def label(language: Language, finding: str, parameter: str) -> str:
    """Return the short label of a finding's parameter in a form; its unit stands beside it."""
    words = OWN_LABELS.get(finding, {}).get(parameter) or LABELS.get(parameter)
    return language.pgettext(_LABEL, words) if words else parameter


def unit_words(language: Language, unit: str | None) -> str:
    """Return the words for the unit of a parameter or column (``d`` is days)."""
    words = _UNITS.get(unit or "")
    return language.pgettext(_UNIT, words) if words else unit or ""


def table_words(language: Language, table: str) -> str:
    """Return the words for a canonical table, in lower case."""
    words = TABLES.get(table)
    return language.pgettext(_TABLE, words) if words else table


def profile_words(language: Language, profile: Profile) -> str:
    """Return the title of a profile; its name where it has none."""
    return language.gettext(profile.title) if profile.title else profile.name


def messages() -> Iterator[tuple[str, str]]:
    """Yield context and message of every word declared here and in the headings."""
    for context, tables in (
        (_CODE, (CODES, *CODES_BY_COLUMN.values())),
        (_HEADING, (HEADINGS, *OWN_HEADINGS.values())),
        (_LABEL, (LABELS, *OWN_LABELS.values())),
        (_TABLE, (TABLES,)),
        (_UNIT, (_UNITS,)),
    ):
        for table in tables:
            yield from ((context, words) for words in table.values())
