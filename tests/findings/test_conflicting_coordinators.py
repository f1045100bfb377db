"""Patients with two coordinators at one duty level, on both engines."""

from __future__ import annotations

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, rows_of, table

DAY = "2024-06-30"

ROLES = table(
    """
    patient_id  professional_id  unit_id  role                valid_from  valid_to
    two         doctor           -        coordinator         2023-01-01  -
    two         surgeon          -        coordinator         2024-02-01  -
    levels      doctor           -        coordinator         2023-01-01  -
    levels      psychologist     -        coordinator         2024-06-30  -
    duties      doctor           -        coordinator         2023-01-01  -
    duties      nurse            -        coordinator         2023-01-01  -
    kinds       doctor           -        coordinator         2023-01-01  -
    kinds       surgeon          -        plan_coordinator    2023-01-01  -
    plans       doctor           -        plan_coordinator    -           -
    plans       surgeon          -        plan_coordinator    2023-01-01  -
    cancer      doctor           -        cancer_coordinator  2023-01-01  -
    cancer      surgeon          -        cancer_coordinator  2023-01-01  -
    ownunit     doctor           -        coordinator         2023-01-01  -
    ownunit     -                med      coordinator         2023-01-01  -
    above       doctor           -        coordinator         2023-01-01  -
    above       -                hosp     coordinator         2023-01-01  -
    below       -                med      coordinator         2023-01-01  -
    below       -                hosp     coordinator         2023-01-01  -
    otherunit   doctor           -        coordinator         2023-01-01  -
    otherunit   -                surg     coordinator         2024-03-01  -
    handover    doctor           -        coordinator         2023-01-01  2024-06-30
    handover    surgeon          -        coordinator         2024-06-30  -
    left        doctor           -        coordinator         2023-01-01  -
    left        gone             -        coordinator         2023-01-01  -
    unknown     doctor           -        coordinator         2023-01-01  -
    unknown     stranger         -        coordinator         2023-01-01  -
    same        doctor           -        coordinator         2023-01-01  -
    same        doctor           -        coordinator         2024-01-01  -
    dead        doctor           -        coordinator         2023-01-01  -
    dead        surgeon          -        coordinator         2023-01-01  -
    """
)
PATIENTS = list(dict.fromkeys(row["patient_id"] for row in ROLES))
TABLES = {
    "patients": [{"patient_id": p, "died_on": DAY if p == "dead" else None} for p in PATIENTS],
    "units": table(
        """
        unit_id  kind               level       parent_unit_id
        hosp     hospital           hospital    -
        med      ward               hospital    hosp
        surg     ward               hospital    hosp
        dps      ward               psychiatry  -
        home     municipal_service  municipal   -
        """
    ),
    "contacts": [
        {"contact_id": "c", "patient_id": "two", "unit_id": "med", "started_at": "2023-01-01T08:00"}
    ],
    "roles": ROLES,
    "professionals": [
        {"professional_id": p}
        for p in ("doctor", "surgeon", "psychologist", "nurse", "gone", "stranger")
    ],
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        doctor           med      2020-01-01  -
        surgeon          surg     2020-01-01  -
        psychologist     dps      2020-01-01  -
        nurse            home     2020-01-01  -
        gone             surg     2020-01-01  2024-06-30
        """
    ),
}


def conflicting(engine: Engine, day: str = DAY) -> dict[tuple[str, str, str], tuple[object, ...]]:
    rows = rows_of(ask(engine, "conflicting_coordinators", as_of=day))
    return {
        (row["patient_id"], row["duty_level"], row["kind"]): (row["coordinators"], row["since"])
        for row in rows
    }


def test_who_has_two(drawn_engine: Engine) -> None:
    assert conflicting(drawn_engine) == {
        ("two", "specialist", "coordinator"): (["doctor", "surgeon"], "2024-02-01"),
        ("levels", "specialist", "coordinator"): (["doctor", "psychologist"], DAY),
        ("plans", "specialist", "plan_coordinator"): (["doctor", "surgeon"], None),
        ("otherunit", "specialist", "coordinator"): (["doctor", "surg"], "2024-03-01"),
    }


@pytest.mark.parametrize(
    ("day", "patient", "is_found"),
    [
        ("2024-06-29", "levels", False),
        ("2024-06-29", "left", True),
        ("2024-06-29", "handover", False),
        ("2024-06-29", "dead", True),
    ],
)
def test_days(drawn_engine: Engine, day: str, patient: str, is_found: bool) -> None:
    found = {key[0] for key in conflicting(drawn_engine, day)}
    assert (patient in found) is is_found


def test_the_denominator(drawn_engine: Engine) -> None:
    among = ask(drawn_engine, "conflicting_coordinators", as_of=DAY).manifest["among"]
    assert among == len(PATIENTS) - 2
