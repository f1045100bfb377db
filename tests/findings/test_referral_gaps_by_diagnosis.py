"""Patients with the same diagnoses are compared, where the user has loaded groups of diagnoses."""

from __future__ import annotations

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import Row, ask, rows_of, table, with_patients

# Clinic, main diagnosis, patients who met the criteria, and how many of them were referred.
_DRAWN = (
    ("a", "J44.1", 4, 1),
    ("a", "I50.9", 6, 3),
    ("a", "R52", 1, 0),
    ("b", "J44.0", 6, 3),
    ("b", "I50.0", 4, 1),
    ("b", "R52", 1, 1),
)
_STAYS = (("2024-03-01", "2024-03-04"), ("2024-05-01", "2024-05-04"))


def _tables() -> dict[str, list[Row]]:
    contacts: list[Row] = []
    diagnoses: list[Row] = []
    referrals: list[Row] = []
    for clinic, code, n_patients, n_referred in _DRAWN:
        for number in range(n_patients):
            patient = f"{clinic}-{code}-{number}"
            for first, last in _STAYS:
                contacts.append(
                    {"contact_id": f"{patient}-{first}", "patient_id": patient,
                     "unit_id": f"ward_{clinic}", "started_at": f"{first}T08:00:00",
                     "ended_at": f"{last}T08:00:00"}
                )  # fmt: skip
                diagnoses.append(
                    {"contact_id": f"{patient}-{first}", "code": code, "system": "ICD-10",
                     "rank": "1"}
                )  # fmt: skip
            if number < n_referred:
                referrals.append(
                    {"referral_id": patient, "patient_id": patient, "to_unit_id": "pact",
                     "from_unit_id": f"ward_{clinic}", "sent_at": "2024-05-03",
                     "referrer_type": "hospital"}
                )  # fmt: skip
    contacts = [{**row, "care_level": "overnight", "urgency": "1"} for row in contacts]
    patients = with_patients(contacts)
    return {
        "units": table("""
            unit_id  kind      level     parent_unit_id
            house    hospital  hospital  -
            a        clinic    hospital  house
            b        clinic    hospital  house
            c        clinic    hospital  house
            ward_a   ward      hospital  a
            ward_b   ward      hospital  b
            pact     team      hospital  house
        """),
        "contacts": contacts,
        "patients": patients,
        "residences": [
            {"patient_id": row["patient_id"], "municipality_code": "5501"} for row in patients
        ],
        "municipalities": [
            {"municipality_code": "5501", "name": "Tromsø"},
            {"municipality_code": "5503", "name": "Harstad"},
            {"municipality_code": "5514", "name": "Ibestad"},
        ],
        "unit_serves": [
            {"unit_id": "house", "municipality_code": code} for code in ("5501", "5503")
        ],
        "diagnoses": diagnoses,
        "referrals": referrals,
        # Told by the longest prefix; R52 is in no group.
        "diagnosis_groups": table("""
            diagnosis_group  system  code_prefix
            lungs            ICD-10  J44
            heart            ICD-10  I50
        """),
        "coverage": table("""
            source    level     covered_from  covered_to
            register  hospital  2023-01-01    2025-01-01
        """),
    }


TABLES = _tables()


@pytest.mark.parametrize(
    ("strata", "of_a", "of_b"),
    [
        # 4 x 3/6 + 6 x 1/4 + 1 x 1/1, and 6 x 1/4 + 4 x 3/6 + 1 x 0/1.
        (["diagnosis_group"], 4.5, 3.5),
        # All are women of one age: 11 x 5/11, and 11 x 4/11.
        (["age", "sex"], 5, 4),
    ],
)
def test_like_is_compared_with_like(
    drawn_engine: Engine, strata: list[str], of_a: float, of_b: float
) -> None:
    result = ask(drawn_engine, "referral_gaps", as_of="2024-12-31", strata=strata)
    found = {row["by_value"]: row for row in rows_of(result)}
    assert {name: row["n_eligible"] for name, row in found.items()} == {"a": 11, "b": 11}
    assert {name: row["n_referred"] for name, row in found.items()} == {"a": 4, "b": 5}
    assert {name: row["expected"] for name, row in found.items()} == pytest.approx(
        {"a": of_a, "b": of_b}
    )


def test_the_group_is_that_of_the_stay(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "eligible_patients", as_of="2024-12-31"))
    groups = {"J": "lungs", "I": "heart", "R": None}
    assert {row["patient_id"]: row["diagnosis_group"] for row in rows} == {
        row["patient_id"]: groups[row["patient_id"].split("-")[1][0]] for row in TABLES["patients"]
    }


@pytest.mark.parametrize(
    ("by", "without"), [("clinic", "c"), ("municipality", "Harstad"), ("hospital", None)]
)
def test_a_place_where_nobody_counts_is_named(
    drawn_engine: Engine, by: str, without: str | None
) -> None:
    result = ask(drawn_engine, "referral_gaps", as_of="2024-12-31", by=by)
    said = [note for note in result.manifest["notes"] if note.startswith("Places where nobody")]
    # Ibestad is in no catchment.
    assert said == ([f"Places where nobody counts have no row: {without}."] if without else [])
