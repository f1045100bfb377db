"""Who answers, who refers back, on whom a tie rests and which partners are quiet: drawn by hand."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.errors import TableNotLoadedError
from pathgraph.queries.run import run
from tests.findings.drawn import ask, load_tables, rows_of, table, with_patients

UNITS = table(
    """
    unit_id  name    kind               level       parent_unit_id  municipality_code  valid_to
    trust    Trust   trust              hospital    -               5501               -
    house    House   hospital           hospital    trust           5501               -
    med      Med     department         hospital    trust           5501               -
    ward     Ward    ward               hospital    med             5501               -
    surg     Surg    department         hospital    trust           5503               -
    psy      Psy     department         psychiatry  trust           5503               -
    office   Office  coordinating_unit  hospital    trust           5501               2024-06-08
    doc      Doc     gp_practice        gp          -               5503               -
    serv     Serv    municipal_service  municipal   -               5503               -
    desk     Desk    coordinating_unit  municipal   -               5503               -
    gone     Gone    department         hospital    trust           5501               2024-06-01
    far      Far     trust              hospital    -               1804               -
    """
)
CONTACTS = table(
    """
    contact_id  patient_id  unit_id  care_level  started_at        ended_at
    a0          a           doc      outpatient  2023-01-01T08:00  -
    a1          a           doc      outpatient  2024-05-01T08:00  -
    a2          a           ward     overnight   2024-05-03T08:00  2024-05-05T08:00
    a3          a           psy      outpatient  2024-05-06T08:00  -
    b1          b           doc      outpatient  2024-05-01T08:00  -
    c1          c           surg     outpatient  2024-05-02T08:00  -
    c2          c           doc      outpatient  2024-06-08T08:00  -
    """
)
TABLES = {
    "patients": with_patients(CONTACTS),
    "units": UNITS,
    "contacts": CONTACTS,
    "municipalities": table(
        """
        municipality_code  name     hospital_area
        5501               Tromsø   East
        5503               Harstad  East
        5510               Away     -
        """
    ),
    "residences": table(
        """
        patient_id  municipality_code
        a           5501
        b           5501
        c           5503
        """
    ),
    "unit_serves": table(
        """
        unit_id  municipality_code
        house    5501
        house    5503
        serv     5503
        """
    ),
    "contact_points": table(
        """
        professional_id  unit_id  municipality_code  valid_from  valid_to
        pia              -        5501               2020-01-01  -
        -                desk     5503               2020-01-01  2024-06-08
        """
    ),
    "professionals": table(
        """
        professional_id  role
        pia              nurse
        per              nurse
        pål              nurse
        """
    ),
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        pia              ward     2020-01-01  -
        per              psy      2020-01-01  -
        pål              med      2020-01-01  2024-06-01
        """
    ),
    "roles": table(
        """
        patient_id  role              professional_id  unit_id  valid_from  valid_to
        a           coordinator       pia              -        2024-01-01  -
        b           coordinator       pia              -        2024-01-01  -
        b           primary_contact   pål              -        2024-01-01  -
        b           plan_coordinator  per              -        2024-01-01  -
        c           coordinator       pia              -        2024-01-01  -
        c           primary_contact   -                med      2024-01-01  -
        a           coordinator       per              -        2024-01-01  2024-06-08
        c           gp                per              -        2024-01-01  -
        """
    ),
    "plans": table(
        """
        plan_id  patient_id  kind             valid_from
        plan-b   b           individual_plan  2024-01-01
        """
    ),
    "plan_owners": table(
        """
        plan_id  professional_id  valid_from
        plan-b   pia              2024-01-01
        """
    ),
    "agreements": table(
        """
        unit_id  other_unit_id  valid_from  valid_to
        med      surg           2020-01-01  -
        psy      ward           2020-01-01  -
        surg     psy            2020-01-01  2024-06-08
        med      gone           2020-01-01  -
        surg     office         2020-01-01  -
        """
    ),
    "referrals": table(
        """
        referral_id  patient_id  from_unit_id  to_unit_id  sent_at
        r1           a           doc           ward        2024-05-01T08:00
        r2           b           doc           med         2024-05-31T23:59
        r3           b           -             doc         2024-05-31T08:00
        r4           b           doc           psy         2024-06-01T00:00
        r5           c           psy           doc         2024-06-01T00:00
        r6           a           med           surg        2024-06-02T00:00
        r7           a           ward          serv        2024-06-02T00:00
        r8           a           ward          doc         2023-06-01T00:00
        """
    ),
    "coverage": table(
        """
        source  level       municipality_code  covered_from  covered_to
        all     hospital    -                  2020-01-01    2024-07-01
        all     psychiatry  -                  2020-01-01    2024-07-01
        all     gp          -                  2020-01-01    2024-07-01
        all     municipal   -                  2024-01-01    2024-07-01
        """
    ),
}  # fmt: skip


def picked(engine: Engine, finding: str, *columns: str, **asked: Any) -> list[tuple[Any, ...]]:
    return [tuple(r[name] for name in columns) for r in rows_of(ask(engine, finding, **asked))]


def test_contact_points_are_missing_where_nobody_answers(drawn_engine: Engine) -> None:
    columns = ("municipality_code", "unit", "status", "holder_id", "ended_on", "n_people")
    # The contact point of 5503 ends on the day; so does the trust's coordinating unit.
    assert picked(drawn_engine, "missing_contact_points", *columns) == [
        ("5503", None, "ended", "desk", "2024-06-08", 1),
        (None, "trust", "ended", "office", "2024-06-08", 3),
    ]
    # The other trust has no catchment, and a municipality outside is asked about only by name.
    asked = {"municipalities": ("5510",), "unit_kinds": ("hospital",)}
    assert picked(drawn_engine, "missing_contact_points", *columns, **asked) == [
        ("5510", None, "missing", None, None, 0),
        (None, "house", "missing", None, None, 3),
    ]
    result = ask(drawn_engine, "missing_contact_points", as_of="2024-06-07")
    assert (len(result), result.manifest["notes"][-1]) == (
        0, "Asked about: municipalities 2, units 1.",
    )  # fmt: skip


def test_one_way_ties(drawn_engine: Engine) -> None:
    columns = (
        "from_id", "to_id", "status", "n_patients", "n_referrals", "n_referrals_back",
        "n_unknown_back",
    )  # fmt: skip
    asked = {"min_patients": 1}
    # Between doc and psy both ways; r8 is of the year before.
    assert picked(drawn_engine, "one_way_ties", *columns, **asked) == [
        ("doc", "med", "none_back", 2, 2, 0, 1),
        ("med", "serv", "refers_nobody", 1, 1, 0, 0),
    ]
    both = picked(drawn_engine, "one_way_ties", *columns[:3], **asked, period_days=400)
    assert both == [("med", "serv", "refers_nobody")]
    same = picked(drawn_engine, "one_way_ties", *columns[:3], **asked, between="all")
    assert same == [
        ("doc", "med", "none_back"), ("med", "serv", "refers_nobody"),
        ("med", "surg", "refers_nobody"),
    ]  # fmt: skip
    some = picked(drawn_engine, "one_way_ties", *columns[:2], **asked, levels=("gp", "hospital"))
    assert some == [("doc", "med")]
    # Whom nothing is shown of is not on a list that asks for at least two.
    assert len(run(drawn_engine, "one_way_ties", {"min_patients": 2})) == 0


def test_ties_that_rest_on_one_professional(drawn_engine: Engine) -> None:
    columns = ("from_id", "to_id", "link", "professional_id", "kinds", "n_patients")
    found = picked(drawn_engine, "single_person_ties", *columns, min_patients=1)
    # Of 5503 the department itself holds something; pål left, and per's role for a ended.
    assert found == [
        ("5501", "med", "contact_point", "pia", ["contact_point"], 2),
        ("5501", "med", "roles", "pia", ["coordinator", "plan_owner"], 2),
        ("5501", "psy", "roles", "per", ["plan_coordinator"], 1),
        ("med", "psy", "roles", "per", ["plan_coordinator"], 1),
        ("psy", "med", "roles", "pia", ["coordinator", "plan_owner"], 1),
    ]
    # What is held as a general practitioner counts where it is asked for.
    asked = {"min_patients": 1, "roles": ("gp", "primary_contact"), "depth": "unit"}
    assert picked(drawn_engine, "single_person_ties", *columns, **asked) == [
        ("5501", "ward", "contact_point", "pia", ["contact_point"], 2),
        ("5503", "psy", "roles", "per", ["gp"], 1),
        ("med", "psy", "roles", "per", ["gp"], 1),
    ]
    # Per's role for a held until the day before.
    before = picked(drawn_engine, "single_person_ties", *columns[:2], "n_patients",
                    min_patients=1, as_of="2024-06-07", levels=("psychiatry",))  # fmt: skip
    assert before == [("5501", "psy", 2), ("med", "psy", 2)]
    assert len(run(drawn_engine, "single_person_ties")) == 0


def test_quiet_pairs(drawn_engine: Engine) -> None:
    columns = ("from_id", "to_id", "basis", "status", "from_patients", "to_patients")
    # Municipal services are covered from January on: nothing is said of a whole year.
    assert picked(drawn_engine, "quiet_pairs", *columns, show="all") == [
        ("5503", "serv", "catchment", "not_covered", 1, 0),
    ]
    # Of the hospital nothing is recorded but by the units that stand where it does.
    assert picked(drawn_engine, "quiet_pairs", *columns, period_days=100) == [
        ("5503", "serv", "catchment", "quiet", 1, 0),
    ]
    # In the last week there is one contact of a patient; med refers to surg, and ward to serv.
    week = ask(drawn_engine, "quiet_pairs", period_days=7, show="all")
    assert [tuple(row[name] for name in columns[:4]) for row in rows_of(week)] == [
        ("5501", "house", "catchment", "not_recorded"),
        ("5501", "house", "hospital_area", "not_recorded"),
        ("5501", "ward", "contact_point", "not_recorded"),
        ("5503", "serv", "catchment", "quiet"),
        ("psy", "ward", "agreement", "not_recorded"),
    ]
    assert week.manifest["notes"][-1] == (
        "Formal partners: 8. In contact: 3. Quiet: 1. Nothing recorded of one of them: 4. "
        "Not covered: 0."
    )
    # A patient who came from the one to the other long after the stay says nothing.
    asked = {"max_gap_d": 0, "bases": ("agreement",), "show": "all"}
    assert picked(drawn_engine, "quiet_pairs", *columns[:4], **asked) == [
        ("psy", "ward", "agreement", "quiet")
    ]


def test_not_loaded_is_not_missing(tmp_path: Any) -> None:
    from pathgraph.engine import open_engine

    tables = {k: v for k, v in TABLES.items() if k not in ("contact_points", "referrals")}
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    load_tables(engine, tmp_path / "tables", tables)
    with pytest.raises(TableNotLoadedError):
        ask(engine, "missing_contact_points")
    with pytest.raises(TableNotLoadedError):
        ask(engine, "one_way_ties")
    for finding in ("single_person_ties", "quiet_pairs"):
        notes = ask(engine, finding).manifest["notes"]
        assert any("contact_points was not loaded" in note for note in notes)
    engine.close()
