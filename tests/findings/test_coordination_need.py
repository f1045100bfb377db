"""Who should have a coordinator: recorded needs, and the services used, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import Row, ask, rows_of, table

DAY = "2024-06-30"
# 365 days up to 30 June 2024 begin with 2 July 2023 (a leap year).
FIRST_DAY = "2023-07-02"


def visits(patient: str, unit: str, *days: str) -> list[Row]:
    return [
        {
            "contact_id": f"{patient}-{unit}-{n}", "patient_id": patient, "unit_id": unit,
            "care_level": "outpatient", "started_at": f"{day}T10:00", "ended_at": f"{day}T11:00",
        }
        for n, day in enumerate(days)
    ]  # fmt: skip


def service(patient: str, kind: str, start: str, end: str | None, number: int = 0) -> Row:
    return {
        "contact_id": f"{patient}-{kind}-{number}", "patient_id": patient, "unit_id": "home",
        "kind": kind, "started_at": f"{start}T08:00",
        "ended_at": None if end is None else f"{end}T08:00",
    }  # fmt: skip


_THREE = ("2024-01-01", "2024-02-01", "2024-03-31")  # 90 days
_SHORT = ("2024-01-01", "2024-02-01", "2024-03-30")
CONTACTS = [
    *visits("two", "heart", *_THREE),
    *visits("two", "lung", *_THREE),
    *visits("short", "heart", *_SHORT),
    *visits("short", "lung", *_THREE),
    # Two units of one clinic are one clinic, and their days count together.
    *visits("oneclinic", "heart", *_THREE),
    *visits("oneclinic", "heartward", *_THREE),
    *visits("together", "heart", "2024-01-01", "2024-03-31"),
    *visits("together", "heartward", "2024-02-01"),
    *visits("together", "lung", *_THREE),
    *visits("samedays", "heart", "2024-01-01", "2024-01-01", "2024-03-31"),
    *visits("samedays", "lung", *_THREE),
    *visits("onedaytwo", "heart", "2024-01-01", "2024-03-31"),
    *visits("onedaytwo", "heartward", "2024-01-01"),
    *visits("onedaytwo", "lung", *_THREE),
    *visits("fourweeks", "heart", *_THREE),
    *visits("fourweeks", "lung", "2024-01-02", "2024-02-01", "2024-05-30"),
    *visits("three", "heart", *_THREE),
    *visits("three", "lung", "2023-12-20", "2024-02-01", "2024-03-31"),
    *visits("three", "psych", "2023-12-01", "2024-01-15", "2024-03-31"),
    *visits("first", "heart", FIRST_DAY, "2023-08-01", "2023-09-30"),
    *visits("first", "lung", FIRST_DAY, "2023-08-01", "2023-09-30"),
    *visits("early", "heart", "2023-07-01", "2023-08-01", "2023-09-30"),
    *visits("early", "lung", FIRST_DAY, "2023-08-01", "2023-09-30"),
    *visits("late", "heart", "2024-02-01", "2024-04-01", "2024-07-01"),
    *visits("late", "lung", "2024-02-01", "2024-04-01", "2024-07-01"),
    *visits("home", "heart", *_THREE),
    service("home", "15", "2023-12-01", None),
    *visits("homeshort", "heart", *_THREE),
    service("homeshort", "15", "2024-01-02", None),
    *visits("homeends", "heart", *_THREE),
    service("homeends", "15", "2023-12-01", "2024-03-31"),
    *visits("homeendsshort", "heart", *_THREE),
    service("homeendsshort", "15", "2023-12-01", "2024-03-30"),
    *visits("joined", "heart", *_THREE),
    service("joined", "15", "2024-01-01", "2024-01-05"),
    service("joined", "15", "2024-03-20", "2024-04-05", 1),
    *visits("reopened", "heart", *_THREE),
    service("reopened", "15", "2024-01-01", "2024-01-05"),
    service("reopened", "15", "2024-03-20", None, 1),
    *visits("notjoined", "heart", *_THREE),
    service("notjoined", "15", "2024-01-01", "2024-01-05"),
    service("notjoined", "18", "2024-03-20", "2024-04-05"),
    *visits("othercode", "heart", *_THREE),
    service("othercode", "1", "2023-12-01", None),
    *visits("both", "heart", *_THREE),
    *visits("both", "lung", *_THREE),
    service("both", "20", "2024-01-01", None),
    *visits("gp", "practice", *_THREE),
    *visits("gp", "heart", *_THREE),
    *visits("denied", "heart", *_THREE),
    *visits("denied", "lung", *_THREE),
    *visits("unmet", "heart", *_THREE),
    *visits("unmet", "lung", *_THREE),
    *visits("plandeclined", "heart", *_THREE),
    *visits("plandeclined", "lung", *_THREE),
    *visits("undecided", "heart", *_THREE),
    *visits("undecided", "lung", *_THREE),
    *visits("dead", "heart", *_THREE),
    *visits("dead", "lung", *_THREE),
    *visits("needspec", "heart", "2024-06-30"),
    service("needboth", "1", "2020-01-01", None),
    *visits("needboth", "psych", "2024-06-30"),
    *visits("needold", "heart", "2023-07-01"),
    *visits("needgp", "practice", "2024-06-30"),
    # An admission with a ward stay: the ward counts, the admission above it does not.
    *visits("wards", "heart", *_THREE[:2]),
    *visits("wards", "lung", *_THREE),
    {
        "contact_id": "adm", "patient_id": "wards", "unit_id": "heart", "care_level": "overnight",
        "started_at": "2024-03-31T10:00", "ended_at": "2024-04-02T10:00",
    },
    {
        "contact_id": "adm1", "patient_id": "wards", "unit_id": "lung", "parent_contact_id": "adm",
        "started_at": "2024-03-31T10:00", "ended_at": "2024-04-02T10:00",
    },
]  # fmt: skip
NEEDS = table(
    """
    patient_id    need             status            assessed_on
    denied        coordinator      needs             2024-01-01
    denied        coordinator      declined          2024-02-01
    unmet         coordinator      criteria_not_met  2024-02-01
    plandeclined  individual_plan  declined          2024-02-01
    undecided     coordinator      needs             2024-01-01
    undecided     coordinator      unknown           2024-02-01
    needspec      coordinator      declined          2024-01-01
    needspec      coordinator      needs             2024-06-30
    needboth      coordinator      needs             2024-02-01
    needold       coordinator      needs             2024-02-01
    needgp        coordinator      needs             2024-02-01
    needdead      coordinator      needs             2024-02-01
    future        coordinator      needs             2024-07-01
    """
)
PATIENTS = sorted({row["patient_id"] for row in (*CONTACTS, *NEEDS)})
TABLES = {
    "patients": [
        {"patient_id": p, "died_on": DAY if p in ("dead", "needdead") else None} for p in PATIENTS
    ],
    "units": table(
        """
        unit_id    kind               level       parent_unit_id
        hosp       hospital           hospital    -
        heart      clinic             hospital    hosp
        heartward  ward               hospital    heart
        lung       clinic             hospital    hosp
        psych      ward               psychiatry  -
        home       municipal_service  municipal   -
        practice   gp_practice        gp          -
        """
    ),
    "contacts": CONTACTS,
    "needs": NEEDS,
    "municipalities": table("municipality_code name\n 5501 Tromsø\n 5503 Harstad"),
    "residences": table(
        """
        patient_id  municipality_code  valid_from  valid_to
        two         5501               -           2024-06-30
        two         5503               2024-06-30  -
        three       5501               -           -
        three       5503               2024-01-01  -
        needspec    5503               -           -
        needold     5503               2024-07-01  -
        first       5503               -           2024-06-30
        """
    ),
}

Found = dict[tuple[str, str], tuple[str, str, list[str], str | None]]


def need(engine: Engine, **asked: Any) -> Found:
    rows = rows_of(ask(engine, "coordination_need", **{"as_of": DAY, **asked}))
    return {
        (row["patient_id"], row["duty_level"]): (
            row["basis"], row["since"], row["clinics"], row["municipality_code"],
        )
        for row in rows
    }  # fmt: skip


def test_who_should_have_one(drawn_engine: Engine) -> None:
    two = ["heart", "lung"]
    assert need(drawn_engine) == {
        ("two", "specialist"): ("proxy", "2024-01-01", two, "5503"),
        ("together", "specialist"): ("proxy", "2024-01-01", two, None),
        # Lung and psych overlap first, on 20 December.
        ("three", "specialist"): ("proxy", "2023-12-20", ["heart", "lung", "psych"], "5503"),
        ("first", "specialist"): ("proxy", FIRST_DAY, two, None),
        ("home", "municipal"): ("proxy", "2024-01-01", ["heart"], None),
        ("homeends", "municipal"): ("proxy", "2024-01-01", ["heart"], None),
        ("joined", "municipal"): ("proxy", "2024-01-01", ["heart"], None),
        ("reopened", "municipal"): ("proxy", "2024-01-01", ["heart"], None),
        ("both", "specialist"): ("proxy", "2024-01-01", two, None),
        ("both", "municipal"): ("proxy", "2024-01-01", two, None),
        ("plandeclined", "specialist"): ("proxy", "2024-01-01", two, None),
        ("undecided", "specialist"): ("proxy", "2024-01-01", two, None),
        ("needspec", "specialist"): ("recorded_need", DAY, [], "5503"),
        ("needboth", "specialist"): ("recorded_need", "2024-02-01", [], None),
        ("needboth", "municipal"): ("recorded_need", "2024-02-01", [], None),
        ("needold", "municipal"): ("recorded_need", "2024-02-01", [], None),
        ("needgp", "municipal"): ("recorded_need", "2024-02-01", [], None),
    }


@pytest.mark.parametrize(
    ("asked", "patient", "duty_level", "is_found"),
    [
        ({"min_span_d": 89, "min_overlap_d": 89}, "short", "specialist", True),
        ({"min_overlap_d": 89}, "fourweeks", "specialist", True),
        ({"min_overlap_d": 91}, "two", "specialist", False),
        ({"min_overlap_d": 89}, "homeshort", "municipal", True),
        ({"min_overlap_d": 89}, "homeendsshort", "municipal", True),
        ({"min_dates": 2}, "samedays", "specialist", True),
        ({"min_dates": 4}, "two", "specialist", False),
        ({"min_span_d": 91}, "two", "specialist", False),
        ({"municipal_kinds": ["1"]}, "othercode", "municipal", True),
        ({"municipal_kinds": ["1"]}, "home", "municipal", False),
        ({"service_days": 366}, "early", "specialist", True),
        ({"service_days": 366}, "needold", "specialist", True),
        ({"service_days": 364}, "first", "specialist", False),
        ({"as_of": "2024-07-01"}, "late", "specialist", True),
        ({"as_of": "2024-07-01"}, "future", "municipal", True),
        ({"as_of": "2024-06-29"}, "dead", "specialist", True),
        ({"as_of": "2024-06-29"}, "needdead", "municipal", True),
        ({"as_of": "2024-06-29"}, "needspec", "specialist", False),
        ({"as_of": "2024-01-31"}, "denied", "specialist", True),
        ({"as_of": "2024-03-30"}, "two", "specialist", False),
        ({"as_of": "2024-03-31"}, "two", "specialist", True),
        # On the day itself the service still goes on.
        ({"as_of": "2024-03-31"}, "homeendsshort", "municipal", False),
    ],
)
def test_bounds(
    drawn_engine: Engine, asked: dict[str, Any], patient: str, duty_level: str, is_found: bool
) -> None:
    assert ((patient, duty_level) in need(drawn_engine, **asked)) is is_found


def test_the_denominator(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "coordination_need", as_of=DAY).manifest["among"] == len(PATIENTS) - 2


def test_before_everything_there_is_nothing(drawn_engine: Engine) -> None:
    assert need(drawn_engine, as_of="2019-01-01") == {}
