"""Patients without the coordinator that they should have, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.queries.result import Result
from tests.findings.drawn import ask, rows_of, table
from tests.findings.test_coordination_need import service, visits

DAY = "2024-06-30"

ROLES = table(
    """
    patient_id   professional_id  unit_id   role                valid_from  valid_to
    held         doctor           -         coordinator         2024-01-01  -
    planheld     doctor           -         plan_coordinator    2024-01-01  -
    unitonly     -                med       coordinator         2024-01-01  -
    cancer       doctor           -         cancer_coordinator  2024-01-01  -
    physician    doctor           -         contact_physician   2024-01-01  -
    otherlevel   nurse            -         coordinator         2024-01-01  -
    psych        psychologist     -         coordinator         2024-01-01  -
    ended        doctor           -         coordinator         2024-01-01  2024-06-30
    endsnext     doctor           -         coordinator         2024-01-01  2024-07-01
    begins       doctor           -         coordinator         2024-06-30  -
    beginsnext   doctor           -         coordinator         2024-07-01  -
    left         gone             -         coordinator         2024-01-01  -
    leavesnext   leaving          -         coordinator         2024-01-01  -
    closed       -                shut      coordinator         2024-01-01  -
    inclosed     clerk            -         coordinator         2024-01-01  -
    unrecorded   stranger         -         coordinator         2024-01-01  -
    practice     gp               -         coordinator         2024-01-01  -
    bothjobs     floater          -         coordinator         2024-01-01  -
    onelevel     doctor           -         coordinator         2024-01-01  -
    undated      doctor           -         coordinator         -           -
    """
)
PATIENTS = [*dict.fromkeys(row["patient_id"] for row in ROLES), "none", "proxy", "free"]
_BOTH_LEVELS = ("onelevel", "bothjobs", "unrecorded")
TABLES = {
    "patients": [{"patient_id": p} for p in PATIENTS],
    "units": table(
        """
        unit_id   kind               level       valid_from  valid_to
        med       ward               hospital    -           -
        lung      ward               hospital    -           -
        dps       ward               psychiatry  -           -
        home      municipal_service  municipal   -           -
        practice  gp_practice        gp          -           -
        shut      ward               hospital    2000-01-01  2024-06-30
        """
    ),
    "contacts": [
        *(contact for p in PATIENTS if p != "free" for contact in visits(p, "med", "2024-06-01")),
        *(service(p, "15", "2024-06-01", None) for p in _BOTH_LEVELS),
        *visits("proxy", "lung", "2024-01-01", "2024-02-01", "2024-06-01"),
        *visits("proxy", "dps", "2024-01-05", "2024-02-01", "2024-06-01"),
    ],
    "needs": [
        {"patient_id": p, "need": "coordinator", "status": "needs", "assessed_on": "2024-06-20"}
        for p in PATIENTS
        if p not in ("proxy", "free")
    ]
    + [
        {"patient_id": "none", "need": "individual_plan", "status": "declined",
         "assessed_on": "2024-06-21"}
    ],
    "roles": ROLES,
    "professionals": [
        {"professional_id": p}
        for p in ("doctor", "nurse", "psychologist", "gone", "leaving", "clerk", "stranger", "gp",
                  "floater")
    ],
    "employments": table(
        """
        professional_id  unit_id   valid_from  valid_to
        doctor           med       2020-01-01  -
        nurse            home      2020-01-01  -
        psychologist     dps       2020-01-01  -
        gone             med       2020-01-01  2024-06-30
        leaving          med       2020-01-01  2024-07-01
        clerk            shut      2020-01-01  -
        gp               practice  2020-01-01  -
        floater          med       2020-01-01  -
        floater          home      2020-01-01  -
        """
    ),
}  # fmt: skip


def missing(engine: Engine, **asked: Any) -> set[tuple[str, str]]:
    rows = rows_of(ask(engine, "missing_coordinator", **{"as_of": DAY, **asked}))
    return {(row["patient_id"], row["duty_level"]) for row in rows}


def test_who_has_none(drawn_engine: Engine) -> None:
    assert missing(drawn_engine) == {
        ("cancer", "specialist"),
        ("physician", "specialist"),
        ("otherlevel", "specialist"),
        ("ended", "specialist"),
        ("beginsnext", "specialist"),
        ("left", "specialist"),
        ("closed", "specialist"),
        ("inclosed", "specialist"),
        ("practice", "specialist"),
        ("onelevel", "municipal"),
        ("none", "specialist"),
        ("proxy", "specialist"),
    }


def test_a_row_in_full(drawn_engine: Engine) -> None:
    rows = {row["patient_id"]: row for row in rows_of(_ask_on_the_day(drawn_engine))}
    assert rows["none"] == {
        "patient_id": "none", "duty_level": "specialist", "basis": "recorded_need",
        "since": "2024-06-20", "days_since": 10.0, "clinics": [], "municipality_code": None,
    }  # fmt: skip
    assert rows["proxy"] == {
        "patient_id": "proxy", "duty_level": "specialist", "basis": "proxy",
        "since": "2024-01-05", "days_since": 177.0, "clinics": ["dps", "lung"],
        "municipality_code": None,
    }  # fmt: skip


def _ask_on_the_day(engine: Engine) -> Result:
    return ask(engine, "missing_coordinator", as_of=DAY)


@pytest.mark.parametrize(
    ("day", "patient", "is_found"),
    [
        ("2024-06-29", "ended", False),
        ("2024-06-29", "left", False),
        ("2024-06-29", "inclosed", False),
        ("2024-06-29", "begins", True),
        ("2024-07-01", "beginsnext", False),
        ("2024-07-01", "endsnext", True),
        ("2024-07-01", "leavesnext", True),
    ],
)
def test_days(drawn_engine: Engine, day: str, patient: str, is_found: bool) -> None:
    assert ((patient, "specialist") in missing(drawn_engine, as_of=day)) is is_found


def test_the_denominator_is_the_people_who_should_have_one(drawn_engine: Engine) -> None:
    assert (
        ask(drawn_engine, "missing_coordinator", as_of=DAY).manifest["among"] == len(PATIENTS) - 1
    )
    few = ask(drawn_engine, "missing_coordinator", as_of=DAY, min_dates=4)
    assert few.manifest["among"] == len(PATIENTS) - 2
    assert "proxy" not in {row["patient_id"] for row in rows_of(few)}
