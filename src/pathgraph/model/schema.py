"""The graph model, declared once.

From this declaration come the DDL and the load statements of both engines, the checks of the graph
tables, the linter's schema, ``docs/generated/model.md`` and everything else that needs to know what
is in the graph.

Times stand twice: ``*_at`` is the local date and time to read, ``*_s`` the second since 1970 UTC
for every comparison. Days likewise: ``*_on`` (or ``valid_from``) is ISO text, ``*_day`` the number
of days since 1970-01-01. ``valid_to`` is exclusive.
"""

from __future__ import annotations

from pathgraph.model.types import (
    Derived,
    End,
    FromTable,
    Node,
    Property,
    PropertyType,
    Relationship,
)

__all__ = [
    "MODEL_VERSION",
    "NODES",
    "RELATIONSHIPS",
    "node",
    "relationship",
]

MODEL_VERSION = 6
"""Raised whenever a snapshot of an older version can no longer answer the findings."""

_TEXT, _INT = PropertyType.TEXT, PropertyType.INTEGER
_NUM, _BOOL = PropertyType.NUMBER, PropertyType.BOOLEAN


def _text(name: str, sentence: str, *, required: bool = False) -> Property:
    return Property(name, _TEXT, sentence, required=required)


def _int(name: str, sentence: str, unit: str | None = None, *, required: bool = False) -> Property:
    return Property(name, _INT, sentence, unit, required)


def _bool(name: str, sentence: str, *, required: bool = False) -> Property:
    return Property(name, _BOOL, sentence, required=required)


def _time(stem: str, sentence: str, *, required: bool = False) -> tuple[Property, Property]:
    return (
        _text(f"{stem}_at", f"{sentence}, local date and time.", required=required),
        _int(f"{stem}_s", f"{sentence}, for comparisons.", "s since 1970 UTC", required=required),
    )


def _on(stem: str, sentence: str) -> tuple[Property, Property]:
    return (
        _text(f"{stem}_on", f"{sentence}, ISO date."),
        _int(f"{stem}_day", f"{sentence}, for comparisons.", "d since 1970"),
    )


def _dated(name: str, sentence: str) -> tuple[Property, Property]:
    return (
        _text(name, f"{sentence}, ISO date."),
        _int(f"{name}_day", f"{sentence}, for comparisons.", "d since 1970"),
    )


_VALIDITY = (
    *_dated("valid_from", "First day on which it holds"),
    *_dated("valid_to", "First day on which it holds no longer"),
)

_CONTACT_ORIGIN = FromTable("contacts")
_STAYS = Derived("Inpatient contacts merged as docs/definitions.md#stay says.")
_RUNS = Derived("Consecutive overnight contacts at one level of care.")

NODES: tuple[Node, ...] = (
    Node(
        "Patient",
        "patient_id",
        "A person, by pseudonym.",
        (
            _text("patient_id", "Pseudonym.", required=True),
            _int("birth_year", "Year of birth.", "year"),
            _text("sex", "Recorded sex."),
            *_on("died", "Day of death"),
        ),
        FromTable("patients"),
    ),
    Node(
        "Contact",
        "contact_id",
        "A registered contact, or the admission that holds several.",
        (
            _text("contact_id", "As the source says.", required=True),
            _text("kind", "What sort of contact."),
            _text("form", "How it took place."),
            _text("service", "Sort of service."),
            _text("care_level", "overnight, day or outpatient."),
            _text("level", "Level of care of the unit.", required=True),
            _text("unit_id", "The unit that it is at, as AT says.", required=True),
            _text("patient_id", "The patient who had it, as HAD says.", required=True),
            _text(
                "municipality_codes",
                "Where the patient lived when it started, as LIVES_IN says, a JSON array; "
                "empty where no residence is recorded for that day.",
            ),
            _text("previous_unit_id", "Unit of the contact before it, as NEXT_CONTACT says."),
            _int("previous_gap_s", "From the contact before it, as NEXT_CONTACT says.", "s"),
            _bool("has_children", "It holds further contacts.", required=True),
            _int("age", "Year in which it started less the patient's year of birth.", "year"),
            *_time("started", "Start", required=True),
            _int("started_day", "Local day of the start.", "d since 1970", required=True),
            *_time("ended", "End; empty while it goes on"),
            _int("ended_day", "Local day of the end.", "d since 1970"),
            _text("urgency", "Urgency as registered."),
            _bool("is_acute", "Counts as acute under the load's option.", required=True),
            _text("admitted_from", "Where the patient came from."),
            _text("discharged_to", "Where the patient went."),
            _bool("ended_dead", "The patient died during it.", required=True),
            _bool("has_time", "The source gave a clock time.", required=True),
            _int(
                "due_day",
                "First working day after the day on which it started.",
                "d since 1970",
                required=True,
            ),
        ),
        _CONTACT_ORIGIN,
    ),
    Node(
        "Stay",
        "stay_id",
        "An unbroken stay in hospital: inpatient contacts merged.",
        (
            _text("stay_id", "Id of its first contact.", required=True),
            _text("level", "Level of care of the first contact.", required=True),
            _text("service", "Sort of service of the first contact."),
            *_time("started", "Start", required=True),
            _int("started_day", "Local day of the start.", "d since 1970", required=True),
            *_time("ended", "End; empty while it goes on"),
            _int("ended_day", "Local day of the end.", "d since 1970"),
            _bool("is_acute_first", "Its first contact was acute.", required=True),
            _bool("is_acute_any", "One of its contacts was acute.", required=True),
            _int("first_acute_s", "Start of its first acute contact.", "s since 1970 UTC"),
            _bool("ended_dead", "The patient died during it.", required=True),
            _text("discharged_to", "Where the patient went at its end."),
            _bool("has_time", "All its contacts have clock times.", required=True),
            _int("n_contacts", "Inpatient contacts merged into it.", required=True),
            _text("unit_ids", "Units in order, a JSON array.", required=True),
            _text("municipality_code", "Where the patient lived when it started."),
            _int("age", "Year in which it started less the patient's year of birth.", "year"),
            _text(
                "diagnosis_group",
                "Group of its main diagnosis, by the diagnosis groups that the user gave.",
            ),
            _int(
                "due_day",
                "First working day after the day on which it started.",
                "d since 1970",
                required=True,
            ),
            _int(
                "next_gp_s",
                "First GP contact after its end that is not without the patient "
                "(kind administrative, simple_contact or collaboration).",
                "s since 1970 UTC",
            ),
            _int(
                "next_municipal_s",
                "First municipal contact that started after its end.",
                "s since 1970 UTC",
            ),
        ),
        _STAYS,
    ),
    Node(
        "LevelRun",
        "level_run_id",
        "Consecutive overnight contacts at one level of care.",
        (
            _text("level_run_id", "Id of its first contact.", required=True),
            _text("level", "Level of care.", required=True),
            *_time("started", "Start", required=True),
            *_time("ended", "End; empty while it goes on"),
            _bool("is_acute", "Its first contact was acute.", required=True),
            _bool("has_time", "All its contacts have clock times.", required=True),
            _int("n_contacts", "Contacts in it.", required=True),
        ),
        _RUNS,
    ),
    Node(
        "Unit",
        "unit_id",
        "An organisational unit, from trust to ward and municipal service.",
        (
            _text("unit_id", "As the source says.", required=True),
            _text("name", "Name."),
            _text("kind", "What sort of unit."),
            _text("level", "Level of care.", required=True),
            _text("municipality_code", "Where it is, or who runs it."),
            *_VALIDITY,
            _text("replaced_by", "Unit that took over."),
        ),
        FromTable("units"),
    ),
    Node(
        "Municipality",
        "municipality_code",
        "A municipality.",
        (
            _text("municipality_code", "Official number.", required=True),
            _text("name", "Name in Norwegian."),
            _text("name_se", "Name in Northern Sami."),
            _int("population", "Inhabitants.", "persons"),
            Property("latitude", _NUM, "Of the centroid.", "degrees"),
            Property("longitude", _NUM, "Of the centroid.", "degrees"),
            _text("hospital_area", "Hospital area."),
            _text("dps_area", "District psychiatric area."),
            *_VALIDITY,
            _text("replaced_by", "Number that took over."),
        ),
        Derived("The municipalities table and every number that another table names."),
    ),
    Node(
        "Professional",
        "professional_id",
        "A person who works in a service, by pseudonym.",
        (
            _text("professional_id", "Pseudonym.", required=True),
            _text("role", "Profession or position."),
        ),
        FromTable("professionals"),
    ),
    Node(
        "Plan",
        "plan_id",
        "A plan for a patient.",
        (
            _text("plan_id", "As the source says.", required=True),
            _text("kind", "What sort of plan."),
            *_VALIDITY,
        ),
        FromTable("plans"),
    ),
    Node(
        "PlanStatus",
        "plan_status_id",
        "A status that a plan got.",
        (
            _text("plan_status_id", "Plan and day.", required=True),
            _text("status", "The status.", required=True),
            *_dated("valid_from", "First day with the status"),
        ),
        FromTable(
            "plan_statuses", columns=(("plan_status_id", "concat_ws('|', plan_id, valid_from)"),)
        ),
    ),
    Node(
        "PlanRevision",
        "plan_revision_id",
        "A revision of a plan.",
        (
            _text("plan_revision_id", "Plan and day.", required=True),
            *_on("revised", "Day of the revision"),
            *_dated("revise_by", "Day by which the next one is due"),
        ),
        FromTable(
            "plan_revisions",
            columns=(("plan_revision_id", "concat_ws('|', plan_id, revised_on)"),),
        ),
    ),
    Node(
        "Need",
        "need_id",
        "An assessment of a need.",
        (
            _text("need_id", "Patient, need and day.", required=True),
            _text("need", "What was assessed.", required=True),
            _text("status", "What was found.", required=True),
            *_on("assessed", "Day of the assessment"),
        ),
        FromTable("needs", columns=(("need_id", "concat_ws('|', patient_id, need, assessed_on)"),)),
    ),
    Node(
        "Referral",
        "referral_id",
        "A referral.",
        (
            _text("referral_id", "As the source says.", required=True),
            _text("referrer_type", "Sort of referrer."),
            _text("initiator", "Who took the initiative."),
            *_time("sent", "When it was sent", required=True),
            *_time("assessed", "When it was assessed"),
            _text("outcome", "What the assessment came to."),
            _text("reason", "Why."),
            *_time("first_meeting", "First meeting with the patient"),
            *_time("closed", "When the episode closed"),
        ),
        FromTable("referrals"),
    ),
    Node(
        "ReadyPeriod",
        "ready_period_id",
        "A period in which a patient was ready for discharge and waited.",
        (
            _text("ready_period_id", "Contact and time.", required=True),
            *_time("ready", "When the patient was ready", required=True),
            *_time("ended", "When the waiting ended"),
            _text("municipality_code", "Which municipality was waited for."),
        ),
        FromTable(
            "ready_periods",
            columns=(("ready_period_id", "concat_ws('|', contact_id, ready_at)"),),
        ),
    ),
    Node(
        "Notice",
        "notice_id",
        "A notice between hospital and municipality.",
        (
            _text("notice_id", "Contact, kind and time.", required=True),
            _text("kind", "What was said.", required=True),
            *_time("sent", "When it was sent", required=True),
        ),
        FromTable("notices", columns=(("notice_id", "concat_ws('|', contact_id, kind, sent_at)"),)),
    ),
    Node(
        "Expectation",
        "expectation_id",
        "A number that the user expects of a unit.",
        (
            _text("expectation_id", "Unit, measure and period.", required=True),
            _text("measure", "What is counted.", required=True),
            _text("period", "For which period.", required=True),
            Property("expected", _NUM, "The number, or the share.", required=True),
            _text("basis", "absolute or share."),
        ),
        FromTable(
            "expectations",
            columns=(("expectation_id", "concat_ws('|', unit_id, measure, period)"),),
        ),
    ),
    Node(
        "Diagnosis",
        "diagnosis_id",
        "A diagnosis code.",
        (
            _text("diagnosis_id", "System and code.", required=True),
            _text("code", "The code.", required=True),
            _text("system", "Code system.", required=True),
            _text("diagnosis_group", "Group that the user put it in."),
        ),
        Derived("Every code that the diagnoses table names."),
    ),
    Node(
        "Coverage",
        "coverage_id",
        "From when to when a source covers a level of care.",
        (
            _text("coverage_id", "Source, level, municipality and day.", required=True),
            _text("source", "The source.", required=True),
            _text("level", "Level of care.", required=True),
            _text("municipality_code", "Which municipality; empty means all."),
            *_dated("covered_from", "First day covered"),
            *_dated("covered_to", "First day no longer covered"),
            _bool("is_assumed", "Taken from the first and last date seen.", required=True),
        ),
        Derived("The coverage table, or where absent the first and last date seen by level."),
    ),
    Node(
        "Load",
        "load_id",
        "What was loaded, when, from where, with which options.",
        (
            _text("load_id", "Time and a random part.", required=True),
            _text("status", "running or complete.", required=True),
            _text("fingerprint", "Of the content."),
            _text("manifest", "Everything else about the load, a JSON object."),
        ),
        Derived("Written by the engine at the end of a load."),
    ),
)


def _end(
    from_label: str,
    to_label: str,
    from_column: str,
    to_column: str,
    origin: FromTable | Derived,
) -> End:
    return End(from_label, to_label, from_column, to_column, origin)


def _held_by(to_label: str, to_column: str, table: str, *, where: str = "true") -> tuple[End, End]:
    """Return the ends of a role that a professional or a unit may hold."""
    return (
        _end(
            "Professional",
            to_label,
            "professional_id",
            to_column,
            FromTable(table, f"professional_id IS NOT NULL AND {where}"),
        ),
        _end(
            "Unit",
            to_label,
            "unit_id",
            to_column,
            FromTable(table, f"unit_id IS NOT NULL AND {where}"),
        ),
    )


_ROLE_KIND = _text("kind", "Which role, as registered.", required=True)


def _role(type_: str, sentence: str, roles: tuple[str, ...]) -> Relationship:
    listed = ", ".join(f"'{role}'" for role in roles)
    ends = tuple(
        End(
            end.from_label,
            end.to_label,
            end.from_column,
            end.to_column,
            FromTable("roles", end.origin.where, (("kind", "role"),)),
        )
        for end in _held_by("Patient", "patient_id", "roles", where=f"role IN ({listed})")
        if isinstance(end.origin, FromTable)
    )
    return Relationship(type_, sentence, ends, (_ROLE_KIND, *_VALIDITY), key=("kind", "valid_from"))


_OWNER_ENDS = tuple(
    End(end.to_label, end.from_label, end.to_column, end.from_column, end.origin)
    for end in _held_by("Plan", "plan_id", "plan_owners")
)

_NEXT_CONTACT = Derived("Contacts without children of one patient, in order of start and id.")

RELATIONSHIPS: tuple[Relationship, ...] = (
    Relationship(
        "HAD",
        "The patient had the contact.",
        (_end("Patient", "Contact", "patient_id", "contact_id", _CONTACT_ORIGIN),),
    ),
    Relationship(
        "AT",
        "The contact was at the unit.",
        (_end("Contact", "Unit", "contact_id", "unit_id", _CONTACT_ORIGIN),),
    ),
    Relationship(
        "PART_OF_CONTACT",
        "The contact is part of the other.",
        (
            _end(
                "Contact",
                "Contact",
                "contact_id",
                "parent_contact_id",
                FromTable("contacts", "parent_contact_id IS NOT NULL"),
            ),
        ),
        acyclic=True,
    ),
    Relationship(
        "NEXT_CONTACT",
        "The next contact of the patient.",
        (_end("Contact", "Contact", "contact_id", "next_contact_id", _NEXT_CONTACT),),
        (
            _int(
                "gap_s",
                "From the end of one (its start where no end is recorded) to the start of the "
                "next; 0 where they overlap.",
                "s",
                required=True,
            ),
            _int("gap_days", "The same in calendar days.", "d", required=True),
            _text("from_unit_id", "Unit before.", required=True),
            _text("to_unit_id", "Unit after.", required=True),
            _int("to_started_s", "Start of the next one.", "s since 1970 UTC", required=True),
        ),
        acyclic=True,
    ),
    Relationship(
        "HAD_STAY",
        "The patient had the stay.",
        (_end("Patient", "Stay", "patient_id", "stay_id", _STAYS),),
    ),
    Relationship(
        "HAD_BOTH_KINDS",
        "In the stay, from this moment on, the patient had had contacts both at hospital and in "
        "psychiatry or substance treatment: one when the stay began, and one for each contact "
        "during it that was of the other kind than the contact before it.",
        (_end("Patient", "Stay", "patient_id", "stay_id", _STAYS),),
        (
            _int("at_s", "The moment.", "s since 1970 UTC", required=True),
            _int(
                "since_s",
                "The earlier of the latest contacts of either kind by then.",
                "s since 1970 UTC",
                required=True,
            ),
        ),
        key=("at_s",),
    ),
    Relationship(
        "PART_OF_STAY",
        "The contact is part of the stay.",
        (_end("Contact", "Stay", "contact_id", "stay_id", _STAYS),),
        (
            _int(
                "sequence",
                "Place among the stay's contacts without children, from 1; "
                "empty for a contact with children.",
            ),
            _text("unit_id", "Unit of the contact.", required=True),
            _text("previous_unit_id", "Unit of the contact before it in the stay."),
            _int("gap_s", "From the end of the contact before it to its start.", "s"),
            _int("started_s", "Start of the contact.", "s since 1970 UTC", required=True),
        ),
    ),
    Relationship(
        "NEXT_STAY",
        "The next stay of the patient.",
        (_end("Stay", "Stay", "stay_id", "next_stay_id", _STAYS),),
        (
            _int("gap_s", "From the end of one to the start of the next.", "s"),
            _int("gap_days", "The same in calendar days.", "d"),
        ),
        acyclic=True,
    ),
    Relationship(
        "ADMITTED_TO",
        "The stay began at the unit.",
        (_end("Stay", "Unit", "stay_id", "admitted_unit_id", _STAYS),),
    ),
    Relationship(
        "DISCHARGED_FROM",
        "The stay ended at the unit.",
        (_end("Stay", "Unit", "stay_id", "discharged_unit_id", _STAYS),),
    ),
    Relationship(
        "HAD_RUN",
        "The patient had the run of overnight contacts at one level.",
        (_end("Patient", "LevelRun", "patient_id", "level_run_id", _RUNS),),
    ),
    Relationship(
        "NEXT_RUN",
        "The patient's next run.",
        (_end("LevelRun", "LevelRun", "level_run_id", "next_level_run_id", _RUNS),),
        (_int("gap_s", "From the end of one to the start of the next.", "s"),),
        acyclic=True,
    ),
    Relationship(
        "PART_OF",
        "The unit is part of the other.",
        (
            _end(
                "Unit",
                "Unit",
                "unit_id",
                "parent_unit_id",
                FromTable("units", "parent_unit_id IS NOT NULL"),
            ),
        ),
        acyclic=True,
    ),
    Relationship(
        "SERVES",
        "The unit serves the municipality.",
        (_end("Unit", "Municipality", "unit_id", "municipality_code", FromTable("unit_serves")),),
    ),
    Relationship(
        "LIVES_IN",
        "The patient lives in the municipality.",
        (
            _end(
                "Patient",
                "Municipality",
                "patient_id",
                "municipality_code",
                FromTable("residences"),
            ),
        ),
        _VALIDITY,
        key=("valid_from",),
    ),
    Relationship(
        "WORKS_AT",
        "The professional works at the unit.",
        (_end("Professional", "Unit", "professional_id", "unit_id", FromTable("employments")),),
        _VALIDITY,
        key=("valid_from",),
    ),
    _role(
        "COORDINATES",
        "The professional or unit coordinates for the patient.",
        ("coordinator", "plan_coordinator", "cancer_coordinator"),
    ),
    _role(
        "CONTACT_PHYSICIAN_FOR",
        "The professional or unit is contact physician or psychologist for the patient.",
        ("contact_physician", "contact_psychologist"),
    ),
    _role("GP_FOR", "The professional or unit is the patient's general practitioner.", ("gp",)),
    _role(
        "PRIMARY_CONTACT_FOR",
        "The professional or unit is the patient's primary contact.",
        ("primary_contact",),
    ),
    Relationship(
        "CONTACT_POINT_FOR",
        "The professional or unit answers for the municipality.",
        _held_by("Municipality", "municipality_code", "contact_points"),
        _VALIDITY,
        key=("valid_from",),
    ),
    Relationship(
        "HAS_PLAN",
        "The patient has the plan.",
        (_end("Patient", "Plan", "patient_id", "plan_id", FromTable("plans")),),
    ),
    Relationship(
        "OWNED_BY",
        "The plan is owned by the professional or unit.",
        _OWNER_ENDS,
        _VALIDITY,
        key=("valid_from",),
    ),
    Relationship(
        "HAD_STATUS",
        "The plan had the status.",
        (
            _end(
                "Plan",
                "PlanStatus",
                "plan_id",
                "concat_ws('|', plan_id, valid_from)",
                FromTable("plan_statuses"),
            ),
        ),
    ),
    Relationship(
        "HAD_REVISION",
        "The plan was revised.",
        (
            _end(
                "Plan",
                "PlanRevision",
                "plan_id",
                "concat_ws('|', plan_id, revised_on)",
                FromTable("plan_revisions"),
            ),
        ),
    ),
    Relationship(
        "HAS_NEED",
        "The patient's need was assessed.",
        (
            _end(
                "Patient",
                "Need",
                "patient_id",
                "concat_ws('|', patient_id, need, assessed_on)",
                FromTable("needs"),
            ),
        ),
    ),
    Relationship(
        "WAS_REFERRED",
        "The patient was referred.",
        (_end("Patient", "Referral", "patient_id", "referral_id", FromTable("referrals")),),
    ),
    Relationship(
        "FROM_UNIT",
        "The referral came from the unit.",
        (
            _end(
                "Referral",
                "Unit",
                "referral_id",
                "from_unit_id",
                FromTable("referrals", "from_unit_id IS NOT NULL"),
            ),
        ),
    ),
    Relationship(
        "TO_UNIT",
        "The referral went to the unit.",
        (
            _end(
                "Referral",
                "Unit",
                "referral_id",
                "to_unit_id",
                FromTable("referrals", "to_unit_id IS NOT NULL"),
            ),
        ),
    ),
    Relationship(
        "DIAGNOSED",
        "The diagnosis was registered on the contact.",
        (
            _end(
                "Contact",
                "Diagnosis",
                "contact_id",
                "concat_ws('|', system, code)",
                FromTable("diagnoses"),
            ),
        ),
        (_int("rank", "1 is the main diagnosis."),),
        key=("rank",),
    ),
    Relationship(
        "HAD_READY_PERIOD",
        "The patient waited, ready for discharge, during the contact.",
        (
            _end(
                "Contact",
                "ReadyPeriod",
                "contact_id",
                "concat_ws('|', contact_id, ready_at)",
                FromTable("ready_periods"),
            ),
        ),
    ),
    Relationship(
        "HAD_NOTICE",
        "The notice is about the contact.",
        (
            _end(
                "Contact",
                "Notice",
                "contact_id",
                "concat_ws('|', contact_id, kind, sent_at)",
                FromTable("notices"),
            ),
        ),
    ),
    Relationship(
        "TO_MUNICIPALITY",
        "The notice concerns the municipality.",
        (
            _end(
                "Notice",
                "Municipality",
                "concat_ws('|', contact_id, kind, sent_at)",
                "municipality_code",
                FromTable("notices", "municipality_code IS NOT NULL"),
            ),
        ),
    ),
    Relationship(
        "HAS_AGREEMENT_WITH",
        "The unit has an agreement with the other.",
        (_end("Unit", "Unit", "unit_id", "other_unit_id", FromTable("agreements")),),
        _VALIDITY,
        key=("valid_from",),
    ),
    Relationship(
        "HAS_EXPECTATION",
        "The number is expected of the unit.",
        (
            _end(
                "Unit",
                "Expectation",
                "unit_id",
                "concat_ws('|', unit_id, measure, period)",
                FromTable("expectations"),
            ),
        ),
    ),
)

_NODES = {node_.label: node_ for node_ in NODES}
_RELATIONSHIPS = {relationship_.type: relationship_ for relationship_ in RELATIONSHIPS}


def node(label: str) -> Node:
    """Return the node type ``label``.

    Examples
    --------
    >>> node("Stay").key
    'stay_id'
    """
    return _NODES[label]


def relationship(type_: str) -> Relationship:
    """Return the relationship type ``type_``.

    Examples
    --------
    >>> [end.from_label for end in relationship("OWNED_BY").ends]
    ['Plan', 'Plan']
    """
    return _RELATIONSHIPS[type_]
