"""The canonical tables, declared once.

Each is a file (CSV, Parquet or XLSX) or a folder of Parquet parts. Only ``patients``, ``units`` and
``contacts`` are required; a finding that needs an absent table says so and names it.
"""

from __future__ import annotations

from pathgraph.model.types import Column, ColumnType, Table

__all__ = ["CANONICAL_TABLES", "CARE_LEVELS", "LEVELS", "REQUIRED_TABLES", "canonical_table"]

_ID, _TEXT, _CODE = ColumnType.ID, ColumnType.TEXT, ColumnType.CODE
_INT, _NUM, _BOOL = ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.BOOLEAN
_DATE, _TIME = ColumnType.DATE, ColumnType.TIME

LEVELS = ("hospital", "psychiatry", "emergency", "gp", "municipal")
"""Levels of care. ``psychiatry`` includes substance-use treatment."""

CARE_LEVELS = ("overnight", "day", "outpatient")
"""How a contact is registered: NPR omsorgsniva 1, 2 and 3 (and 8) in that order."""


def _column(
    name: str,
    type_: ColumnType,
    sentence: str,
    *,
    required: bool = False,
    unit: str | None = None,
    codes: tuple[str, ...] = (),
    references: str | None = None,
    minimum: float | None = None,
    maximum: float | None = None,
    aliases: tuple[str, ...] = (),
) -> Column:
    return Column(
        name, type_, sentence, required, unit, codes, references, minimum, maximum, aliases
    )


def _patient(required: bool = True) -> Column:
    return _column(
        "patient_id", _ID, "The patient.", required=required, references="patients.patient_id"
    )


def _unit(name: str = "unit_id", sentence: str = "The unit.", *, required: bool = True) -> Column:
    return _column(name, _ID, sentence, required=required, references="units.unit_id")


def _municipality(sentence: str = "The municipality.", *, required: bool = True) -> Column:
    return _column(
        "municipality_code",
        _ID,
        sentence,
        required=required,
        references="municipalities.municipality_code",
    )


def _professional(*, required: bool = True) -> Column:
    return _column(
        "professional_id",
        _ID,
        "The professional.",
        required=required,
        references="professionals.professional_id",
    )


def _validity(sentence: str = "it holds") -> tuple[Column, Column]:
    return (
        _column("valid_from", _DATE, f"First day on which {sentence}."),
        _column("valid_to", _DATE, f"First day on which {sentence} no longer."),
    )


_VALIDITY_ORDER = (("valid_from", "valid_to"),)

CANONICAL_TABLES: tuple[Table, ...] = (
    Table(
        "patients",
        "One row is a person.",
        (
            _column("patient_id", _ID, "Pseudonym of the person.", required=True),
            _column("birth_year", _INT, "Year of birth.", minimum=1800, maximum=2300),
            _column("sex", _CODE, "Recorded sex.", codes=("female", "male", "other", "unknown")),
            _column("died_on", _DATE, "Day of death."),
        ),
        key=("patient_id",),
        required=True,
    ),
    Table(
        "residences",
        "One row is a period in which a person lived in a municipality.",
        (_patient(), _municipality(), *_validity("the person lives there")),
        key=("patient_id", "municipality_code", "valid_from"),
        intervals=_VALIDITY_ORDER,
    ),
    Table(
        "municipalities",
        "One row is a municipality.",
        (
            _column(
                "municipality_code",
                _ID,
                "Official number, four digits.",
                required=True,
                aliases=("code",),
            ),
            _column("name", _TEXT, "Name in Norwegian."),
            _column("name_se", _TEXT, "Name in Northern Sami."),
            _column("population", _INT, "Inhabitants.", unit="persons", minimum=0),
            _column(
                "latitude",
                _NUM,
                "Of the centroid, WGS 84.",
                unit="degrees",
                minimum=-90,
                maximum=90,
            ),
            _column(
                "longitude",
                _NUM,
                "Of the centroid, WGS 84.",
                unit="degrees",
                minimum=-180,
                maximum=180,
            ),
            _column("hospital_area", _TEXT, "Hospital area that it formally belongs to."),
            _column("dps_area", _TEXT, "District psychiatric area that it formally belongs to."),
            *_validity("the number is in use"),
            _column("replaced_by", _ID, "Number that took over."),
        ),
        key=("municipality_code",),
        intervals=_VALIDITY_ORDER,
    ),
    Table(
        "units",
        "One row is an organisational unit.",
        (
            _column("unit_id", _ID, "The unit.", required=True),
            _column("name", _TEXT, "Name as people say it."),
            _column(
                "kind",
                _CODE,
                "What sort of unit it is.",
                codes=(
                    "trust",
                    "hospital",
                    "clinic",
                    "department",
                    "ward",
                    "team",
                    "coordinating_unit",
                    "gp_practice",
                    "emergency_unit",
                    "municipal_service",
                ),
            ),
            _column("level", _CODE, "Level of care.", required=True, codes=LEVELS),
            _unit("parent_unit_id", "The unit that it is part of.", required=False),
            _municipality("Where it is, or which municipality runs it.", required=False),
            *_validity("the unit exists"),
            _unit("replaced_by", "The unit that took over.", required=False),
        ),
        key=("unit_id",),
        required=True,
        intervals=_VALIDITY_ORDER,
    ),
    Table(
        "unit_serves",
        "One row is a municipality in a unit's catchment.",
        (_unit(), _municipality()),
        key=("unit_id", "municipality_code"),
    ),
    Table(
        "agreements",
        "One row is an agreement between two units to work together.",
        (_unit(), _unit("other_unit_id", "The other unit."), *_validity("it is in force")),
        key=("unit_id", "other_unit_id", "valid_from"),
        intervals=_VALIDITY_ORDER,
    ),
    Table(
        "contacts",
        "One row is the smallest registered contact, or its parent (an admission).",
        (
            _column("contact_id", _ID, "The contact.", required=True),
            _patient(),
            _unit(),
            _column(
                "parent_contact_id",
                _ID,
                "The contact that it is part of.",
                references="contacts.contact_id",
            ),
            _column("kind", _CODE, "What sort of contact it is."),
            _column("form", _CODE, "How it took place: on site, video, telephone, letter."),
            _column(
                "service",
                _CODE,
                "Sort of service.",
                codes=("rehabilitation", "maternity", "dialysis", "chemotherapy", "other"),
            ),
            _column("care_level", _CODE, "How it is registered.", codes=CARE_LEVELS),
            _column("started_at", _TIME, "Start.", required=True),
            _column("ended_at", _TIME, "End; empty while it goes on."),
            _column(
                "urgency",
                _CODE,
                "NPR innmateHast: 1 acute, 2 within 6 h, 3 within 24 h, 4 planned, 5 returned from "
                "another hospital; or the source's own code.",
            ),
            _column("is_acute", _BOOL, "Acute; left empty it follows from urgency and the load."),
            _column("admitted_from", _CODE, "Where the patient came from."),
            _column("discharged_to", _CODE, "Where the patient went."),
            _column("ended_dead", _BOOL, "The patient died during the contact."),
        ),
        key=("contact_id",),
        required=True,
        intervals=(("started_at", "ended_at"),),
    ),
    Table(
        "diagnoses",
        "One row is a code on a contact.",
        (
            _column(
                "contact_id", _ID, "The contact.", required=True, references="contacts.contact_id"
            ),
            _column("code", _ID, "The code as registered.", required=True),
            _column("system", _CODE, "Code system, for example ICD-10.", required=True),
            _column("rank", _INT, "1 is the main diagnosis.", minimum=0),
        ),
        key=("contact_id", "system", "code", "rank"),
    ),
    Table(
        "diagnosis_groups",
        "One row is a code prefix that belongs to a group of diagnoses, as the user defines it.",
        (
            _column("diagnosis_group", _TEXT, "Name of the group.", required=True),
            _column("system", _CODE, "Code system, for example ICD-10.", required=True),
            _column("code_prefix", _ID, "How the codes of the group begin.", required=True),
        ),
        key=("system", "code_prefix"),
    ),
    Table(
        "professionals",
        "One row is a person who works in a service.",
        (
            _column("professional_id", _ID, "Pseudonym of the professional.", required=True),
            _column("role", _CODE, "Profession or position."),
        ),
        key=("professional_id",),
    ),
    Table(
        "employments",
        "One row is a period in which a professional worked at a unit.",
        (_professional(), _unit(), *_validity("the professional works there")),
        key=("professional_id", "unit_id", "valid_from"),
        intervals=_VALIDITY_ORDER,
    ),
    Table(
        "roles",
        "One row says who is what for a patient.",
        (
            _patient(),
            _professional(required=False),
            _unit(required=False),
            _column(
                "role",
                _CODE,
                "Which role.",
                required=True,
                codes=(
                    "coordinator",
                    "plan_coordinator",
                    "cancer_coordinator",
                    "contact_physician",
                    "contact_psychologist",
                    "gp",
                    "primary_contact",
                ),
            ),
            *_validity("the role is held"),
        ),
        key=("patient_id", "professional_id", "unit_id", "role", "valid_from"),
        intervals=_VALIDITY_ORDER,
        one_of=("professional_id", "unit_id"),
    ),
    Table(
        "needs",
        "One row is an assessment of a need; the latest one up to a day rules.",
        (
            _patient(),
            _column(
                "need",
                _CODE,
                "What was assessed.",
                required=True,
                codes=("coordinator", "individual_plan", "contact_physician"),
            ),
            _column(
                "status",
                _CODE,
                "What was found.",
                required=True,
                codes=("needs", "declined", "criteria_not_met", "unknown"),
            ),
            _column("assessed_on", _DATE, "Day of the assessment.", required=True),
        ),
        key=("patient_id", "need", "assessed_on"),
    ),
    Table(
        "plans",
        "One row is a plan for a patient.",
        (
            _column("plan_id", _ID, "The plan.", required=True),
            _patient(),
            _column("kind", _CODE, "What sort of plan it is."),
            *_validity("the plan holds"),
        ),
        key=("plan_id",),
        intervals=_VALIDITY_ORDER,
    ),
    Table(
        "plan_statuses",
        "One row is a status that a plan got; history is kept.",
        (
            _column("plan_id", _ID, "The plan.", required=True, references="plans.plan_id"),
            _column(
                "status",
                _CODE,
                "The status.",
                required=True,
                codes=("draft", "active", "on_hold", "completed", "revoked"),
            ),
            _column(
                "valid_from",
                _DATE,
                "First day with the status.",
                required=True,
                aliases=("from",),
            ),
        ),
        key=("plan_id", "valid_from"),
    ),
    Table(
        "plan_revisions",
        "One row is a revision of a plan; history is kept.",
        (
            _column("plan_id", _ID, "The plan.", required=True, references="plans.plan_id"),
            _column("revised_on", _DATE, "Day of the revision.", required=True),
            _column("revise_by", _DATE, "Day by which the next revision is due."),
        ),
        key=("plan_id", "revised_on"),
    ),
    Table(
        "plan_owners",
        "One row is a period in which somebody owned a plan.",
        (
            _column("plan_id", _ID, "The plan.", required=True, references="plans.plan_id"),
            _professional(required=False),
            _unit(required=False),
            *_validity("the ownership holds"),
        ),
        key=("plan_id", "professional_id", "unit_id", "valid_from"),
        intervals=_VALIDITY_ORDER,
        one_of=("professional_id", "unit_id"),
    ),
    Table(
        "referrals",
        "One row is a referral.",
        (
            _column("referral_id", _ID, "The referral.", required=True),
            _patient(),
            _unit("from_unit_id", "Who referred; empty when not recorded.", required=False),
            _unit("to_unit_id", "To whom.", required=False),
            _column("referrer_type", _CODE, "Sort of referrer."),
            _column("initiator", _CODE, "Who took the initiative."),
            _column("sent_at", _TIME, "When it was sent.", required=True),
            _column("assessed_at", _TIME, "When it was assessed."),
            _column("outcome", _CODE, "What the assessment came to."),
            _column("reason", _CODE, "Why."),
            _column("first_meeting_at", _TIME, "First meeting with the patient."),
            _column("closed_at", _TIME, "When the episode closed."),
        ),
        key=("referral_id",),
        intervals=(("sent_at", "assessed_at"), ("sent_at", "closed_at")),
    ),
    Table(
        "ready_periods",
        "One row is a period in which a patient was ready for discharge and waited.",
        (
            _column(
                "contact_id", _ID, "The contact.", required=True, references="contacts.contact_id"
            ),
            _column("ready_at", _TIME, "When the patient was declared ready.", required=True),
            _column("ended_at", _TIME, "When the waiting ended."),
            _municipality("Which municipality was waited for.", required=False),
        ),
        key=("contact_id", "ready_at"),
        intervals=(("ready_at", "ended_at"),),
    ),
    Table(
        "notices",
        "One row is a notice between hospital and municipality about a contact.",
        (
            _column(
                "contact_id", _ID, "The contact.", required=True, references="contacts.contact_id"
            ),
            _column(
                "kind",
                _CODE,
                "What was said.",
                required=True,
                codes=(
                    "admitted",
                    "ready",
                    "not_ready",
                    "cannot_receive",
                    "can_receive",
                    "discharged",
                ),
            ),
            _column("sent_at", _TIME, "When it was sent.", required=True),
            _municipality("The municipality.", required=False),
        ),
        key=("contact_id", "kind", "sent_at"),
    ),
    Table(
        "contact_points",
        "One row says who answers for a municipality.",
        (
            _professional(required=False),
            _unit(required=False),
            _municipality(),
            *_validity("they answer for it"),
        ),
        key=("municipality_code", "professional_id", "unit_id", "valid_from"),
        intervals=_VALIDITY_ORDER,
        one_of=("professional_id", "unit_id"),
    ),
    Table(
        "coverage",
        "One row says from when to when a source covers a level of care.",
        (
            _column("source", _TEXT, "The source.", required=True),
            _column("level", _CODE, "Level of care.", required=True, codes=LEVELS),
            _municipality("Which municipality; empty means all.", required=False),
            _column("covered_from", _DATE, "First day covered.", required=True),
            _column("covered_to", _DATE, "First day no longer covered.", required=True),
        ),
        key=("source", "level", "municipality_code", "covered_from"),
        intervals=(("covered_from", "covered_to"),),
    ),
    Table(
        "expectations",
        "One row is a number that the user expects of a unit.",
        (
            _unit(),
            _column("measure", _CODE, "What is counted.", required=True),
            _column("period", _TEXT, "For which period.", required=True),
            _column("expected", _NUM, "The number, or the share of the total.", required=True),
            _column("basis", _CODE, "Absolute number or share.", codes=("absolute", "share")),
        ),
        key=("unit_id", "measure", "period"),
    ),
)

REQUIRED_TABLES = tuple(table.name for table in CANONICAL_TABLES if table.required)

_BY_NAME = {table.name: table for table in CANONICAL_TABLES}


def canonical_table(name: str) -> Table:
    """Return the canonical table called ``name``.

    Examples
    --------
    >>> canonical_table("patients").key
    ('patient_id',)
    """
    return _BY_NAME[name]
