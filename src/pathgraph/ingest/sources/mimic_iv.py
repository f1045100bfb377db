"""The source ``mimic-iv``: the hospital module of MIMIC-IV 2.x, full or demo, as downloaded.

An admission is a contact with overnight care at the hospital; its emergency department visit and
ward stays are contacts below it. What each file becomes, and why, is in ``docs/sources.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pathgraph.ingest.reading import Reader
from pathgraph.ingest.sources import SourceContent, SourceOption
from pathgraph.ingest.sources._canonical import (
    acute_rule,
    count_rows,
    create_canonical,
    read_csv,
)
from pathgraph.sentence import sentence

__all__ = ["ADMISSION_TYPES", "HOSPITAL_UNIT", "SOURCE", "MimicIV"]

HOSPITAL_UNIT = "Beth Israel Deaconess Medical Center"
"""Id and name of the one hospital; all wards are part of it."""

ADMISSION_TYPES = (
    "AMBULATORY OBSERVATION",
    "DIRECT EMER.",
    "DIRECT OBSERVATION",
    "ELECTIVE",
    "EU OBSERVATION",
    "EW EMER.",
    "OBSERVATION ADMIT",
    "SURGICAL SAME DAY ADMISSION",
    "URGENT",
)
"""Values of ``admission_type`` in MIMIC-IV 2.x."""

_DEFAULT_ACUTE = "EW EMER.,DIRECT EMER.,URGENT"

_UNKNOWN_UNIT = "Unknown"

# Obstetrics, newborn and newborn-baby: the only services that are a canonical sort of service.
_MATERNITY_SERVICES = ("OBS", "NB", "NBB")

_ADMISSIONS = (
    "subject_id",
    "hadm_id",
    "admittime",
    "dischtime",
    "deathtime",
    "admission_type",
    "admission_location",
    "discharge_location",
    "hospital_expire_flag",
)
_TRANSFERS = (
    "subject_id",
    "hadm_id",
    "transfer_id",
    "eventtype",
    "careunit",
    "intime",
    "outtime",
)
_SERVICES = ("hadm_id", "curr_service")
_DIAGNOSES = ("hadm_id", "seq_num", "icd_code", "icd_version")
_PATIENTS = ("subject_id", "gender", "anchor_age", "anchor_year", "dod")

# An age or year that is no number is handed on as it is, so that the check refuses the row.
_BIRTH_YEAR = """CASE
    WHEN nullif(anchor_age, '') IS NULL OR nullif(anchor_year, '') IS NULL THEN NULL
    ELSE coalesce(
        CAST(TRY_CAST(anchor_year AS BIGINT) - TRY_CAST(anchor_age AS BIGINT) AS VARCHAR),
        anchor_year || ' - ' || anchor_age)
END"""

_SEX = "CASE gender WHEN 'F' THEN 'female' WHEN 'M' THEN 'male' ELSE gender END"

# Any of the three marks of a death counts; a flag that is neither 0 nor 1 is handed on as it is.
_ENDED_DEAD = """CASE
    WHEN hospital_expire_flag = '1' OR nullif(deathtime, '') IS NOT NULL
        OR discharge_location = 'DIED' THEN 'true'
    WHEN hospital_expire_flag = '0' THEN 'false'
    ELSE hospital_expire_flag
END"""

_CARE_UNIT = f"coalesce(nullif(trim(careunit), ''), '{_UNKNOWN_UNIT}')"

# 'discharge' rows mark the moment at which the patient left: they have neither unit nor end.
_UNIT_ROWS = "eventtype IS DISTINCT FROM 'discharge'"

_UNITS_MET = f"""(
    SELECT {_CARE_UNIT} AS care_unit, arg_min(source_file, source_row) AS source_file,
        min(source_row) AS source_row
    FROM raw_transfers WHERE {_UNIT_ROWS} GROUP BY care_unit
)"""

_ADMISSIONS_WITH_SERVICE = f"""raw_admissions LEFT JOIN (
    SELECT hadm_id AS service_of, CASE
        WHEN bool_or(curr_service IN {_MATERNITY_SERVICES}) THEN 'maternity' ELSE 'other'
    END AS service
    FROM raw_services WHERE nullif(curr_service, '') IS NOT NULL GROUP BY hadm_id
) ON hadm_id = service_of"""


class MimicIV:
    """Reads ``hosp/*.csv`` or ``hosp/*.csv.gz``."""

    name = "mimic-iv"
    sentence = "MIMIC-IV hospital module: admissions, ward stays, emergency visits, diagnoses."
    options: tuple[SourceOption, ...] = (
        SourceOption(
            "acute",
            "Admission types that count as acute, with commas between them, or 'all'.",
            _DEFAULT_ACUTE,
        ),
    )

    def read(self, reader: Reader, path: Path, options: Mapping[str, str]) -> SourceContent:
        """Read admissions, transfers, services, diagnoses and patients below ``path``.

        Parameters
        ----------
        path
            The downloaded folder (with ``hosp`` in it), or the folder ``hosp`` itself.

        Raises
        ------
        InputError
            With all problems of all files, when the files cannot be read as they are.
        UsageError
            When the option ``acute`` names an admission type that there is not.
        """
        hosp = path / "hosp"
        folder = hosp if hosp.is_dir() else path
        has_diagnoses, notes = _read_files(reader, folder)
        tables = _create_tables(reader, has_diagnoses)
        rule = acute_rule(
            reader.connection,
            options.get("acute", _DEFAULT_ACUTE),
            contacts=tables["contacts"],
            known=ADMISSION_TYPES,
            all_sentence=sentence("All admissions count as acute, whatever their type."),
        )
        discharges = count_rows(
            reader.connection, f"SELECT count(*) FROM raw_transfers WHERE NOT ({_UNIT_ROWS})"
        )
        return SourceContent(
            tables=tables,
            timezone="UTC",
            pseudonymous=True,
            acute=rule,
            notes=(
                sentence(
                    "Dates are shifted, each patient's by an own number of days, and have no time "
                    "zone (read as UTC): years and holidays are not the real ones, and the same "
                    "month of two patients is not the same time."
                ),
                sentence(
                    "Transfers that only mark a discharge, which are no contacts: {n}.",
                    n=discharges,
                ),
                sentence(
                    "Patients older than 89 are registered as 91, so their year of birth is too "
                    "late."
                ),
                *notes,
            ),
        )


def _read_files(reader: Reader, folder: Path) -> tuple[bool, list[str]]:
    """Read all files, stop on any problem; say whether there are diagnoses, and what is absent."""
    read_csv(reader, folder, "patients", table="patients", columns=_PATIENTS)
    read_csv(reader, folder, "admissions", table="contacts", columns=_ADMISSIONS)
    read_csv(reader, folder, "transfers", table="contacts", columns=_TRANSFERS)
    has_services = read_csv(
        reader, folder, "services", table="contacts", columns=_SERVICES, may_be_absent=True
    )
    has_diagnoses = read_csv(
        reader, folder, "diagnoses_icd", table="diagnoses", columns=_DIAGNOSES, may_be_absent=True
    )
    reader.stop_on_problems()
    notes: list[str] = []
    if not has_services:
        notes.append(sentence("There is no file services: the sort of service is not recorded."))
    if not has_diagnoses:
        notes.append(sentence("There is no file diagnoses_icd: diagnoses are not recorded."))
    return has_diagnoses, notes


def _create_tables(reader: Reader, has_diagnoses: bool) -> dict[str, str]:
    connection = reader.connection
    tables = {
        "patients": create_canonical(connection, "patients", [_patients()]),
        "units": create_canonical(connection, "units", [_hospital(), _wards()]),
        "contacts": create_canonical(connection, "contacts", [_admissions(), _transfers()]),
    }
    if has_diagnoses:
        tables["diagnoses"] = create_canonical(connection, "diagnoses", [_diagnoses()])
    return tables


def _patients() -> tuple[dict[str, str], str]:
    columns = {
        "patient_id": "subject_id",
        "birth_year": _BIRTH_YEAR,
        "sex": _SEX,
        "died_on": "dod",
    }
    return columns, "raw_patients"


def _hospital() -> tuple[dict[str, str], str]:
    columns = {
        "unit_id": f"'{HOSPITAL_UNIT}'",
        "name": f"'{HOSPITAL_UNIT}'",
        "kind": "'hospital'",
        "level": "'hospital'",
    }
    return columns, "raw_admissions ORDER BY source_row LIMIT 1"


def _wards() -> tuple[dict[str, str], str]:
    columns = {
        "unit_id": "care_unit",
        "name": "care_unit",
        "kind": "CASE care_unit WHEN 'Emergency Department' THEN 'emergency_unit' ELSE 'ward' END",
        "level": "CASE care_unit WHEN 'Emergency Department' THEN 'emergency' "
        "WHEN 'Psychiatry' THEN 'psychiatry' ELSE 'hospital' END",
        "parent_unit_id": f"'{HOSPITAL_UNIT}'",
    }
    return columns, _UNITS_MET


def _admissions() -> tuple[dict[str, str], str]:
    columns = {
        "contact_id": "hadm_id",
        "patient_id": "subject_id",
        "unit_id": f"'{HOSPITAL_UNIT}'",
        "kind": "'admission'",
        "service": "service",
        "care_level": "'overnight'",
        "started_at": "admittime",
        "ended_at": "dischtime",
        "urgency": "admission_type",
        "admitted_from": "admission_location",
        "discharged_to": "discharge_location",
        "ended_dead": _ENDED_DEAD,
    }
    return columns, _ADMISSIONS_WITH_SERVICE


def _transfers() -> tuple[dict[str, str], str]:
    columns = {
        "contact_id": "transfer_id",
        "patient_id": "subject_id",
        "unit_id": _CARE_UNIT,
        "parent_contact_id": "nullif(hadm_id, '')",
        "kind": "CASE WHEN eventtype = 'ED' THEN 'emergency_visit' "
        "WHEN eventtype IN ('admit', 'transfer') THEN 'ward_stay' ELSE eventtype END",
        # Below an admission the level of care is the admission's; only a visit of its own has one.
        "care_level": "CASE WHEN eventtype = 'ED' AND nullif(hadm_id, '') IS NULL "
        "THEN 'outpatient' END",
        "started_at": "intime",
        "ended_at": "outtime",
    }
    return columns, f"raw_transfers WHERE {_UNIT_ROWS}"


def _diagnoses() -> tuple[dict[str, str], str]:
    columns = {
        "contact_id": "hadm_id",
        "code": "trim(icd_code)",
        "system": "CASE icd_version WHEN '9' THEN 'ICD-9-CM' WHEN '10' THEN 'ICD-10-CM' "
        "ELSE 'ICD-' || icd_version END",
        "rank": "seq_num",
    }
    return columns, "raw_diagnoses_icd"


SOURCE = MimicIV()
