"""A patient's team: who is there, who is not, who was declined, on both engines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from tests.findings.drawn import ask, load_tables, rows_of, table, with_patients

DAY = "2024-06-18"  # a Tuesday
CONTACTS = table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at
    adm         full        hosp     -       overnight   2024-06-14T08:00  2024-06-18T23:00
    w1          full        er       adm     -           2024-06-14T08:00  2024-06-15T08:00
    w2          full        med      adm     -           2024-06-15T08:00  2024-06-18T23:00
    out         full        med      -       outpatient  2024-06-10T08:00  -
    home        full        home     -       -           2024-01-10T00:00  -
    homeold     full        home     -       -           2023-01-10T00:00  2024-06-18T12:00
    gone        gap         med      -       overnight   2024-06-17T08:00  2024-06-25T08:00
    fri         friday      med      -       overnight   2024-06-14T08:00  -
    mon         monday      med      -       overnight   2024-06-17T08:00  -
    dec         declined    med      -       overnight   2024-06-14T08:00  -
    psy         unit        psych    -       overnight   2024-06-14T08:00  -
    psyw        unit        psych    psy     -           2024-06-15T08:00  -
    """
)
TABLES: dict[str, Any] = {
    "patients": [
        *with_patients(CONTACTS),
        *table("patient_id birth_year sex died_on\ndied 1950 male 2024-06-18"),
    ],
    "units": table(
        """
        unit_id  name   kind               level       valid_to
        hosp     Hosp   hospital           hospital    -
        er       ER     ward               hospital    -
        med      Med    ward               hospital    -
        psych    Psych  ward               psychiatry  -
        gp       GP     gp_practice        gp          -
        home     Home   municipal_service  municipal   -
        closed   Shut   municipal_service  municipal   2024-06-18
        team     Team   team               hospital    -
        """
    ),
    "contacts": CONTACTS,
    "professionals": table(
        "professional_id role\ngp1 gp\ndoc physician\nleft nurse\nfree nurse\nboth nurse"
    ),
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        gp1              gp       2020-01-01  -
        doc              med      2020-01-01  -
        left             home     2020-01-01  2024-06-18
        both             home     2020-01-01  -
        both             med      2024-01-01  2024-06-19
        both             gp       2024-06-19  -
        """
    ),
    "roles": table(
        """
        patient_id  professional_id  unit_id  role                  valid_from  valid_to
        full        gp1              -        gp                    2022-01-01  -
        full        doc              -        contact_physician     2024-06-17  -
        full        both             -        coordinator           2024-02-01  2024-06-19
        full        free             -        primary_contact       -           -
        full        -                closed   plan_coordinator      2024-01-01  -
        gap         left             -        coordinator           2024-01-01  -
        gap         gp1              -        gp                    2022-01-01  2024-06-18
        gap         gp1              -        gp                    2024-06-19  -
        unit        -                psych    contact_psychologist  2024-06-14  -
        died        gp1              -        gp                    2022-01-01  -
        """
    ),
    "needs": table(
        """
        patient_id  need               status    assessed_on
        gap         coordinator        needs     2024-03-01
        declined    coordinator        needs     2024-01-01
        declined    coordinator        declined  2024-03-01
        declined    contact_physician  declined  2024-06-14
        declined    individual_plan    declined  2024-03-02
        friday      individual_plan    declined  2024-06-19
        """
    ),
    "plans": table(
        """
        plan_id  patient_id  kind             valid_from  valid_to
        p1       full        individual_plan  2024-01-01  -
        p2       full        crisis_plan      2024-01-01  -
        p3       full        crisis_plan      2024-01-01  2024-06-18
        p4       full        crisis_plan      2024-01-01  -
        """
    ),
    "plan_statuses": table(
        "plan_id status valid_from\np4 active 2024-01-01\np4 on_hold 2024-06-18"
    ),
    "plan_owners": table(
        """
        plan_id  professional_id  unit_id  valid_from  valid_to
        p1       -                home     2024-01-01  -
        p2       left             -        2024-01-01  -
        p3       doc              -        2024-01-01  -
        p4       doc              -        2024-01-01  -
        """
    ),
    "referrals": table(
        """
        referral_id  patient_id  to_unit_id  sent_at           closed_at
        r1           full        team        2024-06-18T23:59  -
        r2           full        team        2024-05-01T10:00  2024-06-18T23:00
        r3           full        team        2024-06-19T00:00  -
        """
    ),
}


def team(engine: Engine, patient: str, **asked: Any) -> list[tuple[Any, ...]]:
    """Return role, about, level, holder, unit, since and status of the rows."""
    rows = rows_of(ask(engine, "patient_team", patient=patient, **{"as_of": DAY, **asked}))
    names = ("role", "about", "level", "holder_id", "unit", "since", "status")
    return [tuple(row[name] for name in names) for row in rows]


def gaps(engine: Engine, patient: str, **asked: Any) -> list[tuple[Any, ...]]:
    return [row[:3] + row[-2:] for row in team(engine, patient, **asked) if row[-1] != "held"]


def test_who_is_there(drawn_engine: Engine) -> None:
    assert team(drawn_engine, "full") == [
        ("contact_physician", None, "hospital", "doc", "med", "2024-06-17", "held"),
        # At both places where the holder works on the day, not at the one of tomorrow.
        ("coordinator", None, "hospital", "both", "med", "2024-02-01", "held"),
        ("coordinator", None, "municipal", "both", "home", "2024-02-01", "held"),
        ("gp", None, "gp", "gp1", "gp", "2022-01-01", "held"),
        ("plan_owner", "p1", "municipal", "home", "home", "2024-01-01", "held"),
        # The owner's employment ended on the day; p3 and p4 are not active.
        ("plan_owner", "p2", None, None, None, None, "gap"),
        ("primary_contact", None, None, "free", None, None, "held"),
        ("referral", "r1", "hospital", "team", "team", "2024-06-18", "held"),
        ("service", "home", "municipal", "home", "home", "2024-01-10", "held"),
    ]


def test_the_ward_of_a_stay_that_goes_on(drawn_engine: Engine) -> None:
    wards = [row for row in team(drawn_engine, "full", as_of="2024-06-17") if row[0] == "ward"]
    assert wards == [("ward", "w2", "hospital", "med", "med", "2024-06-15", "held")]
    wards = [row for row in team(drawn_engine, "full", as_of="2024-06-14") if row[0] == "ward"]
    assert [row[1] for row in wards] == ["w1"]
    row = next(row for row in team(drawn_engine, "monday") if row[0] == "ward")
    assert row == ("ward", "mon", "hospital", "med", "med", "2024-06-17", "held")
    # A ward stay without recorded end goes on as the admission does.
    wards = [row[1] for row in team(drawn_engine, "unit") if row[0] == "ward"]
    assert wards == ["psyw"]


def test_names_and_kinds_of_holders(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "patient_team", patient="full", as_of=DAY))
    by_role = {(row["role"], row["about"]): row for row in rows}
    assert by_role["plan_owner", "p1"]["holder_kind"] == "unit"
    assert by_role["plan_owner", "p1"]["unit_name"] == "Home"
    assert by_role["gp", None]["holder_kind"] == "professional"
    assert {row["patient_id"] for row in rows} == {"full"}


def test_who_is_not_there(drawn_engine: Engine) -> None:
    assert gaps(drawn_engine, "gap") == [
        # Due by the end of the 18th; the patient is in since the 17th.
        ("contact_physician", None, None, "2024-06-18", "gap"),
        # The coordinator's employment ended on the day.
        ("coordinator", None, "specialist", "2024-03-01", "gap"),
        ("gp", None, "gp", None, "gap"),
    ]
    # The day before, the GP and the coordinator (municipal) were there, and nobody was due.
    assert gaps(drawn_engine, "gap", as_of="2024-06-17") == [
        ("coordinator", None, "specialist", "2024-03-01", "gap"),
    ]


def test_a_contact_physician_is_due_on_the_first_working_day(drawn_engine: Engine) -> None:
    def is_due(patient: str, day: str) -> bool:
        return any(row[0] == "contact_physician" for row in gaps(drawn_engine, patient, as_of=day))

    # In since Friday: due on Monday.
    assert not is_due("friday", "2024-06-16")
    assert is_due("friday", "2024-06-17")
    assert not is_due("monday", "2024-06-17")
    assert is_due("monday", "2024-06-18")
    assert not is_due("unit", "2024-06-18")  # a contact psychologist, held by a unit
    assert not is_due("gap", "2024-06-26")  # no longer in


def test_what_was_declined_is_no_gap(drawn_engine: Engine) -> None:
    assert gaps(drawn_engine, "declined") == [
        ("contact_physician", None, None, "2024-06-14", "declined"),
        ("coordinator", None, None, "2024-03-01", "declined"),
        ("gp", None, "gp", None, "gap"),
        ("individual_plan", None, None, "2024-03-02", "declined"),
    ]
    # An earlier need, and a refusal that comes after the day.
    assert ("coordinator", None, "municipal", "2024-01-01", "gap") in gaps(
        drawn_engine, "declined", as_of="2024-02-29"
    )
    assert not any(row[0] == "individual_plan" for row in team(drawn_engine, "friday"))


def test_who_has_died_has_no_team(drawn_engine: Engine) -> None:
    assert team(drawn_engine, "died") == []
    result = ask(drawn_engine, "patient_team", patient="died", as_of=DAY)
    assert any("had died" in note for note in result.manifest["notes"])
    assert [row[0] for row in team(drawn_engine, "died", as_of="2024-06-17")] == ["gp"]


def test_an_id_that_is_not_there_is_said_and_not_repeated(drawn_engine: Engine) -> None:
    with pytest.raises(UsageError, match="No patient of the graph") as caught:
        team(drawn_engine, "nobody-4711")
    assert "4711" not in str(caught.value)


def test_without_any_gp_in_the_data_none_is_missing(tmp_path: Path) -> None:
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    kept = ("patients", "units", "contacts", "professionals", "roles")
    tables = {name: TABLES[name] for name in kept}
    tables["roles"] = [row for row in TABLES["roles"] if row["role"] != "gp"]
    load_tables(engine, tmp_path / "tables", tables)
    assert ("gp", None, "gp", None, "not_recorded") in gaps(engine, "gap")
    result = ask(engine, "patient_team", patient="full", as_of=DAY)
    assert any("plans, plan_owners, needs, referrals" in n for n in result.manifest["notes"])
    engine.close()
