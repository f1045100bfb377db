"""Before the return: discharges of current revolving-door patients, drawn, on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, load_tables, overnight, rows_of, table, with_patients

CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    a1          a           med      2024-01-01T08:00  2024-01-05T08:00  1
    a2          a           med      2024-02-01T08:00  2024-02-05T20:00  1
    aplanned    a           med      2024-02-20T08:00  2024-02-22T08:00  4
    a3          a           med      2024-03-01T08:00  2024-03-05T08:00  1
    b1          b           med      2024-01-01T08:00  2024-01-05T08:00  1
    b2          b           med      2024-02-01T08:00  2024-02-05T08:00  1
    b3          b           med      2024-03-01T08:00  -                 1
    two1        two         med      2024-01-01T08:00  2024-01-05T08:00  1
    two2        two         med      2024-02-01T08:00  2024-02-05T08:00  1
    old1        old         med      2021-01-01T08:00  2021-01-05T08:00  1
    old2        old         med      2021-02-01T08:00  2021-02-05T08:00  1
    old3        old         med      2021-03-01T08:00  2021-03-05T08:00  1
    older1      older       med      2021-01-01T08:00  2021-01-05T08:00  1
    older2      older       med      2021-02-01T08:00  2021-02-05T08:00  1
    older3      older       med      2021-03-01T08:00  2021-03-05T08:00  1
    older4      older       med      2024-03-01T08:00  2024-03-05T08:00  1
    dead1       dead        med      2024-01-01T08:00  2024-01-05T08:00  1
    dead2       dead        med      2024-02-01T08:00  2024-02-05T08:00  1
    dead3       dead        med      2024-03-01T08:00  2024-03-05T08:00  1
    """
)
# Between the stays of a: on the second of the discharge, on that of the return, before, after.
CONTACTS += table(
    """
    contact_id  patient_id  unit_id   parent  care_level  started_at        ended_at
    g1          a           gp        -       -           2024-01-05T08:00  2024-01-05T08:20
    g2          a           gp        -       -           2024-01-31T23:59  2024-02-01T00:10
    g3          a           gp        -       -           2024-02-01T08:00  2024-02-01T08:20
    g4          a           gp        -       -           2024-01-05T07:59  2024-01-05T08:20
    e1          a           casualty  -       -           2024-01-20T10:00  2024-01-20T11:00
    m1          a           home      -       -           2024-01-10T00:00  -
    m2          a           home      -       -           2023-12-10T00:00  -
    o1          a           med       -       outpatient  2024-01-15T10:00  2024-01-15T11:00
    o2          a           med       -       day         2024-02-15T10:00  2024-02-15T11:00
    p1          a           psych     -       outpatient  2024-02-15T12:00  2024-02-15T13:00
    er          a           er        a3      outpatient  2024-02-29T23:00  2024-03-01T08:00
    ward        a           med       a3      -           2024-03-01T08:00  2024-03-05T08:00
    """
)
TABLES: dict[str, Any] = {
    "patients": with_patients(
        CONTACTS, table("patient_id birth_year sex died_on\ndead 1950 male 2024-03-10")
    ),
    "units": table(
        """
        unit_id   name      kind               level
        med       Med       ward               hospital
        er        ER        emergency_unit     hospital
        psych     Psych     clinic             psychiatry
        gp        GP        gp_practice        gp
        casualty  Casualty  emergency_unit     emergency
        home      Home      municipal_service  municipal
        team      Team      team               hospital
        clinic    Clinic    clinic             hospital
        """
    ),
    "contacts": CONTACTS,
    "professionals": table("professional_id role\ndoctor physician\nnurse nurse\nfree physician"),
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        doctor           med      2020-01-01  2024-02-05
        nurse            home     2020-01-01  -
        """
    ),
    "roles": table(
        """
        patient_id  professional_id  unit_id  role               valid_from  valid_to
        a           nurse            -        coordinator        2024-01-05  2024-02-05
        a           doctor           -        contact_physician  2024-01-01  -
        b           -                home     plan_coordinator   2024-02-05  -
        b           nurse            -        cancer_coordinator  2024-01-01  -
        b           free             -        contact_psychologist  2024-01-01  2024-02-06
        """
    ),
    "plans": table(
        """
        plan_id  patient_id  kind             valid_from  valid_to
        pa       a           individual_plan  2024-01-01  -
        pb       b           crisis_plan      2024-01-01  2024-02-05
        """
    ),
    "plan_statuses": table(
        """
        plan_id  status   valid_from
        pa       draft    2024-01-01
        pa       active   2024-01-05
        pa       on_hold  2024-02-05
        """
    ),
    "referrals": table(
        """
        referral_id  patient_id  to_unit_id  sent_at           closed_at
        r1           a           team        2024-01-05T23:30  2024-02-05T07:00
        r2           b           clinic      2024-01-02T10:00  -
        r3           b           team        2024-02-05T10:00  -
        """
    ),
}


def found(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    rows = rows_of(ask(engine, "before_the_return", **{"as_of": "2024-03-20", **asked}))
    return {row["stay_id"]: row for row in rows}


def test_whose_discharges_are_shown(drawn_engine: Engine) -> None:
    # Not: the last stay of a window; who was in twice; windows of long ago; who has died.
    assert list(found(drawn_engine)) == ["a1", "a2", "b1", "b2"]
    assert list(found(drawn_engine, min_stays=2)) == ["a1", "a2", "b1", "b2", "two1"]
    assert list(found(drawn_engine, as_of="2024-02-29")) == []
    # The day of the third start; the patient had not died.
    early = found(drawn_engine, as_of="2024-03-01")
    assert list(early) == ["a1", "a2", "b1", "b2", "dead1", "dead2"]


def test_a_row(drawn_engine: Engine) -> None:
    assert found(drawn_engine)["a1"] == {
        "patient_id": "a",
        "stay_id": "a1",
        "ended_at": "2024-01-05T08:00:00",
        "returned_at": "2024-02-01T08:00:00",
        "gap_days": 27.0,
        "n_gp": 2,  # at the second of the discharge and just before the return
        "n_municipal": 1,  # not the service that was there before
        "n_emergency": 1,
        "n_outpatient": 1,
        "n_psychiatry": 0,
        "has_coordinator": True,
        "has_contact_physician": True,
        "has_plan": True,
        "has_team_referral": True,
        "missing": [],
        "is_last_missed": False,
    }


def test_planned_stays_are_passed_over_and_the_emergency_room_is_no_follow_up(
    drawn_engine: Engine,
) -> None:
    row = found(drawn_engine)["a2"]
    assert row["returned_at"] == "2024-03-01T08:00:00"
    assert row["gap_days"] == 24.5
    assert (row["n_outpatient"], row["n_psychiatry"], row["n_gp"]) == (1, 1, 0)


def test_what_ended_on_the_day_of_discharge_was_not_in_place(drawn_engine: Engine) -> None:
    row = found(drawn_engine)["a2"]
    # Role, employment, status and episode all ended on 5 February.
    assert row["missing"] == ["coordinator", "contact_physician", "plan", "team_referral"]
    assert row["is_last_missed"] is True


def test_what_began_on_the_day_of_discharge_was_in_place(drawn_engine: Engine) -> None:
    row = found(drawn_engine)["b2"]
    # A unit as coordinator, a psychologist of whom no employment is recorded; the plan had ended.
    assert row["missing"] == ["plan"]
    assert row["is_last_missed"] is True


def test_other_roles_and_referrals_do_not_count(drawn_engine: Engine) -> None:
    row = found(drawn_engine)["b1"]
    # A cancer coordinator; a referral to a clinic; a plan of which no status is recorded.
    assert row["missing"] == ["coordinator", "team_referral"]
    assert row["is_last_missed"] is False


def test_a_stay_that_goes_on_is_a_return(drawn_engine: Engine) -> None:
    assert found(drawn_engine)["b2"]["returned_at"] == "2024-03-01T08:00:00"


def test_the_denominator(drawn_engine: Engine) -> None:
    manifest = ask(drawn_engine, "before_the_return", as_of="2024-03-20").manifest
    assert manifest["among"] == 6
    assert manifest["among"] == ask(drawn_engine, "revolving_door").manifest["among"]


def test_before_everything_there_is_nothing(drawn_engine: Engine) -> None:
    assert found(drawn_engine, as_of="2020-01-01") == {}


@pytest.mark.parametrize("left_out", ["roles", "plans", "referrals"])
def test_what_was_not_loaded_is_empty_and_not_missing(tmp_path: Path, left_out: str) -> None:
    without = {
        "roles": {"roles"},
        "plans": {"plans", "plan_statuses"},
        "referrals": {"referrals"},
    }[left_out]
    words = {
        "roles": ("coordinator", "contact_physician"),
        "plans": ("plan",),
        "referrals": ("team_referral",),
    }[left_out]
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    tables = {name: rows for name, rows in TABLES.items() if name not in without}
    load_tables(engine, tmp_path / "tables", tables)
    for row in found(engine).values():
        assert all(row[f"has_{word}"] is None for word in words)
        assert not set(row["missing"]) & set(words)
    engine.close()
