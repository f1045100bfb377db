"""The source ``synthea``: the CSV export of the synthetic patients that Synthea makes.

Only the columns named here are read: names, addresses and the like never reach the database. What
each file becomes, and why, is in ``docs/sources.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from zoneinfo import available_timezones

from pathgraph.errors import UsageError
from pathgraph.ingest.reading import Reader
from pathgraph.ingest.sources import SourceContent, SourceOption
from pathgraph.ingest.sources._canonical import (
    ALL_ACUTE,
    acute_rule,
    count_rows,
    create_canonical,
    read_csv,
)
from pathgraph.sentence import sentence

__all__ = ["ENCOUNTER_CLASSES", "SOURCE", "Synthea"]

ENCOUNTER_CLASSES = {
    "ambulatory": ("hospital", "outpatient"),
    "emergency": ("emergency", "outpatient"),
    "home": ("municipal", "outpatient"),
    "hospice": ("municipal", "overnight"),
    "inpatient": ("hospital", "overnight"),
    "outpatient": ("hospital", "outpatient"),
    "snf": ("municipal", "overnight"),
    "urgentcare": ("emergency", "outpatient"),
    "virtual": ("hospital", "outpatient"),
    "wellness": ("gp", "outpatient"),
}
"""Level of the unit, and care level, by ``ENCOUNTERCLASS``."""

# An organisation with several levels is, as a whole, at the first of these that it has: hospitals
# also see emergencies, and nursing homes do; being open for emergencies makes neither less so.
_MAIN_LEVELS = ("hospital", "psychiatry", "municipal", "gp", "emergency")

_KINDS = {
    "hospital": "hospital",
    "psychiatry": "department",
    "municipal": "municipal_service",
    "gp": "gp_practice",
    "emergency": "emergency_unit",
}

# Drug rehabilitation and detoxification (SNOMED CT): substance-use treatment is psychiatry's level.
_PSYCHIATRIC_ADMISSIONS = ("56876005",)

_PATIENTS = ("Id", "BIRTHDATE", "DEATHDATE", "GENDER")
_ENCOUNTERS = ("Id", "START", "STOP", "PATIENT", "ORGANIZATION", "ENCOUNTERCLASS", "CODE")
_ORGANIZATIONS = ("Id", "NAME")
_PROVIDERS = ("Id", "ORGANIZATION", "SPECIALITY")
_CAREPLANS = ("Id", "START", "STOP", "PATIENT", "DESCRIPTION")
_CONDITIONS = ("ENCOUNTER", "CODE", "SYSTEM")

# A date that does not look like one is handed on as it is, so that the check refuses the row.
_BIRTH_YEAR = (
    r"CASE WHEN regexp_full_match(BIRTHDATE, '\d{4}-\d{2}-\d{2}') "
    "THEN left(BIRTHDATE, 4) ELSE BIRTHDATE END"
)

_SEX = "CASE GENDER WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' ELSE GENDER END"

# The export names no outcome of an encounter. ISO dates compare as text.
_ENDED_DEAD = """CASE
    WHEN care_level = 'overnight' AND died_on BETWEEN left("START", 10) AND left("STOP", 10)
    THEN 'true' ELSE 'false'
END"""

_SYSTEM = (
    "CASE WHEN nullif(SYSTEM, '') IS NULL OR contains(lower(SYSTEM), 'snomed') "
    "THEN 'SNOMED CT' ELSE SYSTEM END"
)


_WITHOUT_ENCOUNTERS = """(
    SELECT Id FROM raw_organizations WHERE nullif(Id, '') IS NOT NULL
        AND Id NOT IN (SELECT organization_id FROM synthea_organizations)
)"""


class Synthea:
    """Reads ``csv/*.csv`` of Synthea's output."""

    name = "synthea"
    sentence = "Synthea CSV export: encounters, organisations, providers, care plans, conditions."
    options: tuple[SourceOption, ...] = (
        SourceOption(
            "acute",
            "Encounter classes that count as acute, with commas between them, or 'all'.",
            ALL_ACUTE,
        ),
        SourceOption("timezone", "Zone in which local times are shown and days counted.", "UTC"),
    )

    def read(self, reader: Reader, path: Path, options: Mapping[str, str]) -> SourceContent:
        """Read the export at ``path``.

        Parameters
        ----------
        path
            The folder with the CSV files, or the folder above it.

        Raises
        ------
        InputError
            With all problems of all files, when the files cannot be read as they are.
        UsageError
            When the option ``acute`` names a class that there is not, or ``timezone`` no zone.
        """
        timezone = options.get("timezone", "UTC")
        if timezone not in available_timezones():
            raise UsageError(
                f"There is no time zone '{timezone}'. Give a name such as Europe/Oslo or UTC."
            )
        below = path / "csv"
        present = _read_files(reader, below if below.is_dir() else path)
        _describe_encounters(reader)
        tables = _create_tables(reader, present)
        rule = acute_rule(
            reader.connection,
            options.get("acute", ALL_ACUTE),
            contacts=tables["contacts"],
            known=tuple(ENCOUNTER_CLASSES),
            all_sentence=sentence(
                "Synthea records no urgency: all overnight contacts in hospital count as acute."
            ),
        )
        return SourceContent(
            tables=tables,
            timezone=timezone,
            pseudonymous=True,
            acute=rule,
            notes=_notes(reader, present),
        )


def _read_files(reader: Reader, folder: Path) -> set[str]:
    """Read all files and stop on any problem; return the names of the optional ones there are."""
    read_csv(reader, folder, "patients", table="patients", columns=_PATIENTS)
    read_csv(reader, folder, "organizations", table="units", columns=_ORGANIZATIONS)
    read_csv(reader, folder, "encounters", table="contacts", columns=_ENCOUNTERS)
    optional = (
        ("providers", "professionals", _PROVIDERS, ()),
        ("careplans", "plans", _CAREPLANS, ()),
        ("conditions", "diagnoses", _CONDITIONS, ("SYSTEM",)),
    )
    present = {
        name
        for name, table, columns, may_lack in optional
        if read_csv(
            reader,
            folder,
            name,
            table=table,
            columns=columns,
            optional=may_lack,
            may_be_absent=True,
        )
    }
    reader.stop_on_problems()
    return present


def _case(expression: str, values: Mapping[str, str]) -> str:
    whens = " ".join(f"WHEN '{value}' THEN '{result}'" for value, result in values.items())
    return f"CASE {expression} {whens} END"


def _describe_encounters(reader: Reader) -> None:
    """Add to the encounters their level, care level and the day on which the patient died.

    Creates ``synthea_organizations`` (level of the organisation as a whole) and
    ``synthea_encounters`` (with ``unit_id``: the organisation, or its part at another level).
    """
    levels = {name: level for name, (level, _) in ENCOUNTER_CLASSES.items()}
    psychiatric = ", ".join(f"'{code}'" for code in _PSYCHIATRIC_ADMISSIONS)
    care_levels = {name: care_level for name, (_, care_level) in ENCOUNTER_CLASSES.items()}
    reader.connection.execute(
        f"""CREATE OR REPLACE TEMP VIEW synthea_levels AS
        SELECT *, CASE
            WHEN ENCOUNTERCLASS = 'inpatient' AND CODE IN ({psychiatric})
            THEN 'psychiatry' ELSE {_case("ENCOUNTERCLASS", levels)}
        END AS level, {_case("ENCOUNTERCLASS", care_levels)} AS care_level
        FROM raw_encounters"""
    )
    reader.connection.execute(
        f"""CREATE OR REPLACE TABLE synthea_organizations AS
        SELECT ORGANIZATION AS organization_id,
            arg_min(level, list_position({list(_MAIN_LEVELS)}, level)) AS main_level
        FROM synthea_levels WHERE nullif(ORGANIZATION, '') IS NOT NULL GROUP BY ORGANIZATION"""
    )
    # Grouped, so that a patient who is there twice does not double the encounters.
    reader.connection.execute(
        """CREATE OR REPLACE TABLE synthea_encounters AS
        SELECT encounter.*, death.died_on, CASE
            WHEN level IS NULL OR level = main_level THEN ORGANIZATION
            ELSE ORGANIZATION || '/' || level
        END AS unit_id
        FROM synthea_levels AS encounter
        LEFT JOIN synthea_organizations ON ORGANIZATION = organization_id
        LEFT JOIN (
            SELECT Id AS person, max(nullif(DEATHDATE, '')) AS died_on FROM raw_patients GROUP BY Id
        ) AS death ON PATIENT = person"""
    )


def _create_tables(reader: Reader, present: set[str]) -> dict[str, str]:
    connection = reader.connection
    tables = {
        "patients": create_canonical(connection, "patients", [_patients()]),
        "units": create_canonical(connection, "units", [_organizations(), _parts()]),
        "contacts": create_canonical(connection, "contacts", [_encounters()]),
    }
    if "providers" in present:
        tables["professionals"] = create_canonical(connection, "professionals", [_providers()])
        tables["employments"] = create_canonical(connection, "employments", [_employments()])
    if "careplans" in present:
        tables["plans"] = create_canonical(connection, "plans", [_careplans()])
    if "conditions" in present:
        tables["diagnoses"] = create_canonical(connection, "diagnoses", [_conditions()])
    return tables


def _patients() -> tuple[dict[str, str], str]:
    columns = {
        "patient_id": "Id",
        "birth_year": _BIRTH_YEAR,
        "sex": _SEX,
        "died_on": "DEATHDATE",
    }
    return columns, "raw_patients"


def _organizations() -> tuple[dict[str, str], str]:
    columns = {
        "unit_id": "Id",
        "name": "NAME",
        "kind": _case("main_level", _KINDS),
        "level": "main_level",
    }
    return columns, "raw_organizations JOIN synthea_organizations ON Id = organization_id"


def _parts() -> tuple[dict[str, str], str]:
    columns = {
        "unit_id": "unit_id",
        "name": "NAME || ' (' || level || ')'",
        "kind": f"CASE level WHEN 'hospital' THEN 'department' ELSE {_case('level', _KINDS)} END",
        "level": "level",
        "parent_unit_id": "Id",
    }
    origin = """raw_organizations JOIN (
        SELECT DISTINCT ORGANIZATION, unit_id, level FROM synthea_encounters
        WHERE unit_id <> ORGANIZATION
    ) ON Id = ORGANIZATION"""
    return columns, origin


def _encounters() -> tuple[dict[str, str], str]:
    columns = {
        "contact_id": "Id",
        "patient_id": "PATIENT",
        "unit_id": "unit_id",
        "kind": "ENCOUNTERCLASS",
        "form": "CASE WHEN ENCOUNTERCLASS = 'virtual' THEN 'virtual' END",
        "care_level": "care_level",
        "started_at": '"START"',
        "ended_at": '"STOP"',
        "urgency": "ENCOUNTERCLASS",
        "ended_dead": _ENDED_DEAD,
    }
    return columns, "synthea_encounters"


def _providers() -> tuple[dict[str, str], str]:
    return {"professional_id": "Id", "role": "SPECIALITY"}, "raw_providers"


def _employments() -> tuple[dict[str, str], str]:
    # An organisation without encounters is no unit, so nobody can be employed there. One that the
    # organisations do not name stays in, for the check to refuse.
    origin = f"""raw_providers WHERE nullif(ORGANIZATION, '') IS NOT NULL
        AND ORGANIZATION NOT IN (SELECT Id FROM {_WITHOUT_ENCOUNTERS})"""
    return {"professional_id": "Id", "unit_id": "ORGANIZATION"}, origin


def _careplans() -> tuple[dict[str, str], str]:
    columns = {
        "plan_id": "Id",
        "patient_id": "PATIENT",
        "kind": "DESCRIPTION",
        "valid_from": '"START"',
        "valid_to": '"STOP"',
    }
    return columns, "raw_careplans"


def _conditions() -> tuple[dict[str, str], str]:
    # A code that was registered twice on an encounter is one diagnosis.
    origin = f"""raw_conditions QUALIFY
        row_number() OVER (PARTITION BY ENCOUNTER, {_SYSTEM}, CODE ORDER BY source_row) = 1"""
    return {"contact_id": "ENCOUNTER", "code": "CODE", "system": _SYSTEM}, origin


def _notes(reader: Reader, present: set[str]) -> tuple[str, ...]:
    notes: list[str] = [
        sentence(
            "Synthea records no outcome of an encounter: an overnight contact that lasts over the "
            "day of death counts as ended by death."
        ),
        sentence("Synthea records neither where patients were admitted from nor where they went."),
    ]
    unused = count_rows(
        reader.connection,
        f"SELECT count(*) FROM {_WITHOUT_ENCOUNTERS}",
    )
    if unused:
        notes.append(
            sentence(
                "Organisations without encounters, left out since nothing says at which level of "
                "care they work: {n}.",
                n=unused,
            )
        )
    if "conditions" in present:
        repeated = count_rows(
            reader.connection,
            """SELECT (SELECT count(*) FROM raw_conditions)
            - (SELECT count(*) FROM source_diagnoses)""",
        )
        if repeated:
            notes.append(
                sentence(
                    "Conditions that repeat a code on the same encounter, which are one "
                    "diagnosis: {n}.",
                    n=repeated,
                )
            )
    notes += [
        sentence("There is no file {name}: what it would say is not recorded.", name=name)
        for name in ("providers", "careplans", "conditions")
        if name not in present
    ]
    return tuple(notes)


SOURCE = Synthea()
