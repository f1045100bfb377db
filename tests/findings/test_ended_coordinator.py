"""Patients whose coordinator is gone without a successor, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table

DAY = "2024-06-30"

ROLES = table(
    """
    patient_id   professional_id  unit_id  role                valid_from  valid_to
    ended        doctor           -        coordinator         2023-01-01  2024-06-30
    plan         doctor           -        plan_coordinator    2023-01-01  2024-06-01
    cancer       doctor           -        cancer_coordinator  2023-01-01  2024-06-01
    yearago      doctor           -        coordinator         2022-01-01  2023-07-02
    longago      doctor           -        coordinator         2022-01-01  2023-07-01
    tomorrow     doctor           -        coordinator         2023-01-01  2024-07-01
    left         gone             -        coordinator         2023-01-01  -
    leftfirst    gone             -        coordinator         2023-01-01  2024-05-15
    sameday      gone             -        coordinator         2023-01-01  2024-05-01
    closed       -                shut     coordinator         2023-01-01  -
    inclosed     clerk            -        coordinator         2023-01-01  -
    successor    doctor           -        coordinator         2023-01-01  2024-03-01
    successor    -                med      plan_coordinator    2024-05-01  -
    otherlevel   doctor           -        coordinator         2023-01-01  2024-03-01
    otherlevel   nurse            -        coordinator         2023-01-01  -
    unknownnow   doctor           -        coordinator         2023-01-01  2024-03-01
    unknownnow   stranger         -        coordinator         2024-03-01  -
    unknown      stranger         -        coordinator         2023-01-01  2024-03-01
    latest       doctor           -        coordinator         2022-01-01  2023-10-01
    latest       gone             -        coordinator         2023-01-01  -
    latestold    nurse            -        coordinator         2022-01-01  2023-01-01
    moved        mover            -        coordinator         2023-01-01  2024-06-01
    both         floater          -        coordinator         2023-01-01  2024-06-01
    practice     gp               -        coordinator         2023-01-01  2024-06-01
    never        gone             -        coordinator         2024-05-10  2024-06-10
    declined     doctor           -        coordinator         2023-01-01  2024-06-01
    unmet        doctor           -        coordinator         2023-01-01  2024-06-01
    again        doctor           -        coordinator         2023-01-01  2024-06-01
    unsure       doctor           -        coordinator         2023-01-01  2024-06-01
    plandecl     doctor           -        coordinator         2023-01-01  2024-06-01
    dead         doctor           -        coordinator         2023-01-01  2024-06-01
    deadinstay   doctor           -        coordinator         2023-01-01  2024-06-01
    future       doctor           -        coordinator         2024-07-01  2024-07-02
    """
)
PATIENTS = list(dict.fromkeys(row["patient_id"] for row in ROLES))
TABLES = {
    "patients": [
        {"patient_id": p, "died_on": "2024-06-30" if p == "dead" else None} for p in PATIENTS
    ],
    "units": table(
        """
        unit_id   name  kind               level      valid_from  valid_to
        med       Med   ward               hospital   -           -
        home      Home  municipal_service  municipal  -           -
        practice  Gp    gp_practice        gp         -           -
        shut      Shut  ward               hospital   2000-01-01  2024-04-01
        """
    ),
    "contacts": overnight(
        """
        contact_id  patient_id  started_at        ended_at          ended_dead
        dying       deadinstay  2024-06-01T08:00  2024-06-20T23:00  true
        """
    ),
    "needs": table(
        """
        patient_id  need             status            assessed_on
        declined    coordinator      needs             2024-01-01
        declined    coordinator      declined          2024-06-30
        unmet       coordinator      criteria_not_met  2024-01-01
        again       coordinator      declined          2024-01-01
        again       coordinator      needs             2024-02-01
        unsure      coordinator      unknown           2024-02-01
        plandecl    individual_plan  declined          2024-02-01
        """
    ),
    "roles": ROLES,
    "professionals": [
        {"professional_id": p}
        for p in ("doctor", "nurse", "gone", "clerk", "stranger", "mover", "floater", "gp")
    ],
    "employments": table(
        """
        professional_id  unit_id   valid_from  valid_to
        doctor           med       2020-01-01  -
        nurse            home      2020-01-01  -
        gone             med       2020-01-01  2024-02-01
        gone             med       2024-02-01  2024-05-01
        clerk            shut      2020-01-01  -
        mover            med       2020-01-01  2024-02-01
        mover            home      2024-02-01  -
        floater          med       2020-01-01  -
        floater          home      2020-01-01  -
        gp               practice  2020-01-01  -
        """
    ),
}

Found = dict[tuple[str, str], tuple[str, str, str]]


def ended(engine: Engine, **asked: Any) -> Found:
    rows = rows_of(ask(engine, "ended_coordinator", **{"as_of": DAY, **asked}))
    return {
        (row["patient_id"], row["duty_level"]): (
            row["reason"], row["ended_on"], row["need_status"],
        )
        for row in rows
    }  # fmt: skip


def test_whose_coordinator_is_gone(drawn_engine: Engine) -> None:
    not_assessed = "not_assessed"
    assert ended(drawn_engine) == {
        ("ended", "specialist"): ("role_ended", DAY, not_assessed),
        ("plan", "specialist"): ("role_ended", "2024-06-01", not_assessed),
        ("yearago", "specialist"): ("role_ended", "2023-07-02", not_assessed),
        ("left", "specialist"): ("holder_left", "2024-05-01", not_assessed),
        ("leftfirst", "specialist"): ("holder_left", "2024-05-01", not_assessed),
        ("sameday", "specialist"): ("role_ended", "2024-05-01", not_assessed),
        ("closed", "specialist"): ("unit_closed", "2024-04-01", not_assessed),
        ("inclosed", "specialist"): ("unit_closed", "2024-04-01", not_assessed),
        ("otherlevel", "specialist"): ("role_ended", "2024-03-01", not_assessed),
        # Where the holder stood is not known: it may have been at either level.
        ("unknown", "specialist"): ("role_ended", "2024-03-01", not_assessed),
        ("unknown", "municipal"): ("role_ended", "2024-03-01", not_assessed),
        ("latest", "specialist"): ("holder_left", "2024-05-01", not_assessed),
        ("moved", "specialist"): ("holder_left", "2024-02-01", not_assessed),
        ("moved", "municipal"): ("role_ended", "2024-06-01", not_assessed),
        ("both", "specialist"): ("role_ended", "2024-06-01", not_assessed),
        ("both", "municipal"): ("role_ended", "2024-06-01", not_assessed),
        ("again", "specialist"): ("role_ended", "2024-06-01", "needs"),
        ("unsure", "specialist"): ("role_ended", "2024-06-01", "unknown"),
        ("plandecl", "specialist"): ("role_ended", "2024-06-01", not_assessed),
    }


def test_a_row_in_full(drawn_engine: Engine) -> None:
    rows = {
        (row["patient_id"], row["duty_level"]): row
        for row in rows_of(ask(drawn_engine, "ended_coordinator", as_of=DAY))
    }
    assert rows["left", "specialist"] == {
        "patient_id": "left", "duty_level": "specialist", "reason": "holder_left",
        "ended_on": "2024-05-01", "days_without": 60.0, "need_status": "not_assessed",
        "last_holder": "gone", "unit": "med", "unit_name": "Med",
    }  # fmt: skip
    assert rows["unknown", "municipal"]["unit"] is None


@pytest.mark.parametrize(
    ("asked", "patient", "is_found"),
    [
        ({"within_days": 366}, "longago", True),
        ({"within_days": 364}, "yearago", False),
        ({"within_days": 1}, "ended", True),
        ({"within_days": 60}, "left", False),
        ({"within_days": 61}, "left", True),
        ({"as_of": "2024-06-29"}, "ended", False),
        ({"as_of": "2024-06-29"}, "dead", True),
        ({"as_of": "2024-06-19"}, "deadinstay", True),
        ({"as_of": "2024-06-20"}, "deadinstay", False),
        ({"as_of": "2024-06-29"}, "declined", True),
        ({"as_of": "2024-07-01"}, "tomorrow", True),
        ({"as_of": "2024-04-30"}, "successor", True),
        ({"as_of": "2024-07-02"}, "future", True),
    ],
)
def test_bounds(drawn_engine: Engine, asked: dict[str, Any], patient: str, is_found: bool) -> None:
    assert ((patient, "specialist") in ended(drawn_engine, **asked)) is is_found


def test_the_denominator(drawn_engine: Engine) -> None:
    # All but the cancer coordinator's patient, the two dead, and the one of the day after.
    among = ask(drawn_engine, "ended_coordinator", as_of=DAY).manifest["among"]
    assert among == len(PATIENTS) - 4
