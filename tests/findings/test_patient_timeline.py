"""A patient's timeline: what was known on a day, what goes on, and what is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from tests.findings.drawn import Row, ask, load_tables, rows_of, table, with_patients

DAY = "2024-06-18"
CONTACTS = table(
    """
    contact_id patient_id unit_id parent care_level urgency started_at          ended_at
    er         full       er      adm    -          -       2024-06-13T23:30    2024-06-14T09:00
    adm        full       hosp    -      overnight  1       2024-06-14T08:00    2024-06-20T12:00
    w1         full       med     adm    -          -       2024-06-14T09:00    -
    w2         full       lung    adm    -          -       2024-06-19T00:00    2024-06-20T12:00
    plan       full       med     -      overnight  4       2024-03-01T08:00    2024-03-02T08:00
    again      full       lung    -      overnight  5       2024-03-02T10:00    2024-03-04T08:00
    visit      full       gp      -      -          -       2024-05-01T10:00    -
    home       full       home    -      -          -       2024-01-10T00:00    -
    night      full       home    -      -          -       2024-06-18T23:59:59 2024-06-19T07:00
    later      full       gp      -      -          -       2024-06-19T00:00    -
    last       dead       med     -      overnight  1       2024-06-17T08:00    2024-06-18T10:00
    """
)
next(row for row in CONTACTS if row["contact_id"] == "last")["ended_dead"] = "true"
TABLES: dict[str, Any] = {
    "patients": [
        *with_patients(CONTACTS),
        *table("patient_id birth_year sex died_on\nalone 1950 male 2024-06-19"),
    ],
    "units": table(
        """
        unit_id  name  kind               level      valid_to
        hosp     Hosp  hospital           hospital   -
        er       ER    emergency_unit     emergency  -
        med      Med   ward               hospital   -
        lung     Lung  ward               hospital   -
        gp       GP    gp_practice        gp         -
        home     Home  municipal_service  municipal  -
        shut     Shut  municipal_service  municipal  2024-02-01
        """
    ),
    "contacts": CONTACTS,
    "municipalities": table("municipality_code name\n5501 Tromsø\n5503 Harstad"),
    "residences": table(
        """
        patient_id  municipality_code  valid_from  valid_to
        full        5503               -           2024-06-18
        full        5501               2024-06-18  2024-07-01
        """
    ),
    "professionals": table("professional_id\ndoc\nnurse"),
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        nurse            home     2020-01-01  2024-06-18
        nurse            lung     2024-03-01  -
        doc              med      2024-06-19  -
        """
    ),
    "roles": table(
        """
        patient_id  professional_id  unit_id  role               valid_from  valid_to
        full        nurse            -        coordinator        2024-01-01  2024-08-01
        full        doc              -        contact_physician  2024-06-15  -
        full        -                shut     primary_contact    2024-03-01  -
        full        -                home     plan_coordinator   2024-06-19  -
        full        -                home     cancer_coordinator 2024-06-01  2024-06-01
        """
    ),
    "needs": table(
        """
        patient_id  need         status    assessed_on
        full        coordinator  needs     2024-01-01
        full        coordinator  declined  2024-06-19
        """
    ),
    "plans": table(
        """
        plan_id  patient_id  kind             valid_from  valid_to
        p1       full        individual_plan  2024-01-01  2024-06-18
        p2       full        crisis_plan      -           -
        p3       full        crisis_plan      2024-06-19  -
        """
    ),
    "plan_statuses": table(
        """
        plan_id  status     valid_from
        p1       draft      2024-02-01
        p1       active     2024-03-01
        p1       on_hold    2024-07-01
        p2       active     2024-02-01
        p2       completed  2024-05-01
        """
    ),
    "plan_revisions": table("plan_id revised_on\np1 2024-04-01\np1 2024-06-19"),
    "plan_owners": table("plan_id unit_id valid_from valid_to\np1 home 2024-01-01 2024-02-01"),
    "referrals": [
        {
            "referral_id": id_, "patient_id": "full", "from_unit_id": sender, "to_unit_id": to,
            "sent_at": sent, "assessed_at": assessed, "outcome": outcome,
            "first_meeting_at": met, "closed_at": closed,
        }
        for id_, sender, to, sent, assessed, outcome, met, closed in (
            (
                "r1", "gp", "med", "2024-06-01T10:00", "2024-06-18T23:59", "accepted",
                "2024-06-18T12:00", "2024-06-19T00:00",
            ),
            ("r2", None, None, "2024-05-01T10:00", None, None, None, "2024-06-18T23:00"),
            ("r3", "gp", "med", "2024-06-10T10:00", "2024-06-19T00:00", "rejected", None, None),
            ("r4", "gp", "med", "2024-06-19T00:00", None, None, None, None),
        )
    ],
    "ready_periods": table(
        """
        contact_id  ready_at          ended_at          municipality_code
        plan        2024-03-01T12:00  -                 5503
        adm         2024-06-17T12:00  2024-06-19T12:00  5501
        """
    ),
    "notices": table(
        """
        contact_id  kind        sent_at           municipality_code
        adm         admitted    2024-06-14T12:00  5501
        adm         discharged  2024-06-19T12:00  5501
        """
    ),
}  # fmt: skip


def timeline(engine: Engine, patient: str, what: str, **asked: Any) -> list[Row]:
    rows = rows_of(ask(engine, "patient_timeline", patient=patient, **{"as_of": DAY, **asked}))
    return [row for row in rows if row["what"] == what]


def seen(engine: Engine, what: str, *names: str, **asked: Any) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in timeline(engine, "full", what, **asked)]


def test_contacts_and_what_they_are_part_of(drawn_engine: Engine) -> None:
    names = ("event_id", "lane", "part_of", "stay_id", "ended_at", "goes_on", "status")
    assert seen(drawn_engine, "contact", *names) == [
        ("home", "municipal", None, None, None, True, "going_on"),
        ("plan", "hospital", None, "plan", "2024-03-02T08:00:00", False, "ended"),
        ("again", "hospital", None, "plan", "2024-03-04T08:00:00", False, "ended"),
        ("visit", "gp", None, None, None, False, "end_not_recorded"),
        ("er", "emergency", "adm", "adm", "2024-06-14T09:00:00", False, "ended"),
        # Its end is not known yet; the ward goes on as the admission does.
        ("adm", "hospital", None, "adm", None, True, "going_on"),
        ("w1", "hospital", "adm", "adm", None, True, "going_on"),
        ("night", "municipal", None, None, None, True, "going_on"),
    ]
    # On the evening before the admission, the visit to the emergency room is part of nothing yet.
    before = seen(drawn_engine, "contact", *names, as_of="2024-06-13")
    assert before[-1] == ("er", "emergency", None, None, None, True, "going_on")
    later = seen(drawn_engine, "contact", *names, as_of="2024-06-20")
    assert ("w1", "hospital", "adm", "adm", None, False, "end_not_recorded") in later


def test_stays_as_known_on_the_day(drawn_engine: Engine) -> None:
    names = ("event_id", "is_acute", "ended_at", "goes_on", "unit", "unit_name", "status")
    assert seen(drawn_engine, "stay", *names) == [
        ("plan", False, "2024-03-04T08:00:00", False, "lung", "Lung", "ended"),
        ("adm", True, None, True, "med", "Med", "going_on"),
    ]
    # The contact that returned goes on, and the stay with it.
    assert seen(drawn_engine, "stay", *names, as_of="2024-03-02") == [
        ("plan", False, None, True, "lung", "Lung", "going_on")
    ]
    assert seen(drawn_engine, "stay", *names, as_of="2024-06-20")[1] == (
        "adm", True, "2024-06-20T12:00:00", False, "lung", "Lung", "ended",
    )  # fmt: skip
    assert [row["status"] for row in timeline(drawn_engine, "dead", "stay")] == ["ended_dead"]


def test_roles_are_held_while_the_holder_is_there(drawn_engine: Engine) -> None:
    names = ("kind", "unit", "level", "started_at", "ended_at", "status")
    jan, mar, june = (f"2024-{day}T00:00:00" for day in ("01-01", "03-01", "06-18"))
    assert seen(drawn_engine, "role", *names) == [
        ("coordinator", "home", "municipal", jan, june, "holder_left"),
        ("coordinator", "lung", "hospital", mar, None, "held"),
        # The unit had closed before.
        ("primary_contact", None, None, mar, None, "not_there"),
        # No employment is known yet: accepted, at a place that is not known.
        ("contact_physician", None, None, "2024-06-15T00:00:00", None, "held"),
    ]
    before = seen(drawn_engine, "role", *names, as_of="2024-06-17")
    assert before[0] == ("coordinator", "home", "municipal", jan, None, "held")
    # The employment begun since does not reach back: there was nobody in the first days.
    since = seen(drawn_engine, "role", *names, as_of="2024-06-19")
    assert ("contact_physician", "med", "hospital", "2024-06-19T00:00:00", None, "held") in since


def test_plans_and_their_owners(drawn_engine: Engine) -> None:
    names = ("event_id", "status", "started_at", "ended_at", "goes_on")
    assert [(a, b, c and c[:10], d and d[:10], e) for a, b, c, d, e in
            seen(drawn_engine, "plan", *names)] == [
        ("p1", "not_recorded", "2024-01-01", "2024-02-01", False),
        ("p1", "draft", "2024-02-01", "2024-03-01", False),
        ("p2", "active", "2024-02-01", "2024-05-01", False),
        ("p1", "active", "2024-03-01", "2024-06-18", False),
        ("p2", "completed", "2024-05-01", None, False),
    ]  # fmt: skip
    assert seen(drawn_engine, "plan_owner", "event_id", "holder_id", "status") == [
        ("p1", "home", "ownership_ended")
    ]
    assert seen(drawn_engine, "plan_revision", "started_at") == [("2024-04-01T00:00:00",)]


def test_referrals_have_a_course(drawn_engine: Engine) -> None:
    names = ("event_id", "from_unit_name", "unit_name", "goes_on", "status")
    assert seen(drawn_engine, "referral", *names) == [
        ("r2", None, None, False, "not_assessed"),
        ("r1", "GP", "Med", True, "accepted"),
        ("r3", "GP", "Med", True, "not_assessed"),
    ]
    assert seen(drawn_engine, "first_meeting", "event_id", "started_at") == [
        ("r1", "2024-06-18T12:00:00")
    ]


def test_around_discharge(drawn_engine: Engine) -> None:
    names = ("part_of", "ended_at", "goes_on", "status", "municipality_name")
    assert seen(drawn_engine, "ready_period", *names) == [
        # Without an end it ends with the stay, not with the contact.
        ("plan", "2024-03-04T08:00:00", False, "end_not_recorded", "Harstad"),
        ("adm", None, True, "going_on", "Tromsø"),
    ]
    assert seen(drawn_engine, "notice", "kind", "municipality_name") == [("admitted", "Tromsø")]


def test_life(drawn_engine: Engine) -> None:
    names = ("municipality_name", "started_at", "ended_at", "goes_on")
    june = "2024-06-18T00:00:00"
    assert seen(drawn_engine, "residence", *names) == [
        ("Tromsø", june, None, True),
        ("Harstad", None, june, False),
    ]
    assert seen(drawn_engine, "assessment", "kind", "status") == [("coordinator", "needs")]
    assert timeline(drawn_engine, "alone", "death") == []
    died = timeline(drawn_engine, "alone", "death", as_of="2024-06-19")
    assert [row["started_at"] for row in died] == ["2024-06-19T00:00:00"]


def test_an_id_that_is_not_there_is_said_and_not_repeated(drawn_engine: Engine) -> None:
    with pytest.raises(UsageError, match="No patient of the graph") as caught:
        timeline(drawn_engine, "nobody-4711", "stay")
    assert "4711" not in str(caught.value)


def test_what_is_not_loaded_is_named(tmp_path: Path) -> None:
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    load_tables(
        engine, tmp_path / "tables", {k: TABLES[k] for k in ("patients", "units", "contacts")}
    )
    result = ask(engine, "patient_timeline", patient="full", as_of=DAY)
    assert {row["what"] for row in rows_of(result)} == {"stay", "contact"}
    assert any("roles, plans, plan_statuses" in note for note in result.manifest["notes"])
    engine.close()
