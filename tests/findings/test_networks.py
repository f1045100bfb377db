"""Networks drawn by hand: what a tie is, as which unit it is shown, and what the door hides."""

from __future__ import annotations

from typing import Any

from pathgraph.engine.base import Engine
from pathgraph.queries.catalogue import catalogue, networks
from pathgraph.queries.run import run
from tests.findings.drawn import Row, ask, rows_of, table, with_patients

UNITS = table(
    """
    unit_id  name    kind               level      parent_unit_id  municipality_code
    trust    Trust   trust              hospital   -               5501
    somatic  Body    clinic             hospital   trust           5501
    med      Med     department         hospital   somatic         5501
    ward     Ward    ward               hospital   med             5501
    alone    -       ward               hospital   -               5503
    doc      Doc     gp_practice        gp         -               5503
    serv     Serv    municipal_service  municipal  -               5503
    home     Home    municipal_service  municipal  serv            -
    """
)
CONTACTS = table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at
    a1          a           doc      -       outpatient  2024-05-01T08:00  -
    a2          a           ward     -       overnight   2024-05-03T08:00  2024-05-05T08:00
    a3          a           med      -       outpatient  2024-05-06T08:00  -
    a4          a           doc      -       outpatient  2024-06-05T08:00  -
    b1          b           doc      -       outpatient  2024-05-01T08:00  -
    b2          b           doc      -       outpatient  2024-05-02T08:00  -
    b3          b           home     -       outpatient  2024-05-20T08:00  2024-05-20T09:00
    c1          c           somatic  -       overnight   2024-05-01T08:00  2024-05-09T08:00
    c1x         c           ward     c1      -           2024-05-01T08:00  2024-05-05T08:00
    c1y         c           alone    c1      -           2024-05-04T08:00  2024-05-09T08:00
    c2          c           doc      -       outpatient  2024-06-08T08:01  -
    """
)
TABLES = {
    "patients": with_patients(CONTACTS),
    "units": UNITS,
    "contacts": CONTACTS,
    "municipalities": table(
        """
        municipality_code  name
        5501               Tromsø
        5503               -
        """
    ),
    # b moves on the very day of the third contact; c is known to have lived nowhere.
    "residences": table(
        """
        patient_id  municipality_code  valid_from  valid_to
        a           5501               -           -
        b           5501               -           2024-05-20
        b           5503               2024-05-20  -
        """
    ),
    "referrals": table(
        """
        referral_id  patient_id  from_unit_id  to_unit_id  sent_at
        r1           a           doc           ward        2024-05-01T08:00
        r2           a           doc           med         2024-05-31T23:59
        r3           b           -             med         2024-05-31T08:00
        r4           b           doc           -           2024-06-01T00:00
        """
    ),
}


def ties(engine: Engine, network: str, *columns: str, **asked: Any) -> dict[Any, Any]:
    return {
        (row["from_id"], row["to_id"]): tuple(row[name] for name in columns)
        for row in rows_of(ask(engine, network, **asked))
    }


def test_next_contacts(drawn_engine: Engine) -> None:
    by_unit = ties(drawn_engine, "unit_transfers", "n_patients", "n_contacts", depth="unit")
    assert by_unit == {
        ("doc", "ward"): (1, 1),
        ("ward", "med"): (1, 1),  # the next one, not any later one
        ("med", "doc"): (1, 1),  # exactly 30 days
        ("doc", "doc"): (1, 1),
        ("doc", "home"): (1, 1),
        ("ward", "alone"): (
            1,
            1,
        ),  # overlapping parts; the admission that holds them does not count
        # c2: 30 days and a minute after the end
    }
    longer = ties(drawn_engine, "unit_transfers", "n_patients", depth="unit", max_gap_d=31)
    assert longer["alone", "doc"] == (1,)


def test_each_unit_is_shown_at_the_depth_asked_for(drawn_engine: Engine) -> None:
    seen = {
        depth: sorted(ties(drawn_engine, "unit_transfers", "n_patients", depth=depth))
        for depth in ("department", "clinic", "hospital")
    }
    pairs = [("doc", "doc"), ("doc", "{}"), ("doc", "serv"), ("{}", "alone"), ("{}", "{}")]
    back = ("{}", "doc")
    for depth, unit in (("department", "med"), ("clinic", "somatic"), ("hospital", "trust")):
        expected = sorted((a.format(unit), b.format(unit)) for a, b in [*pairs, back])
        assert seen[depth] == expected


def test_a_patient_counts_once_and_of_how_many(drawn_engine: Engine) -> None:
    columns = ("n_patients", "n_contacts", "from_patients", "to_patients")
    found = ties(drawn_engine, "unit_transfers", *columns, max_gap_d=60, depth="clinic")
    # a and c go from the clinic (or what is part of it) to the practice; b comes from there to it.
    assert found["somatic", "doc"] == (1, 1, 2, 3)
    assert found["alone", "doc"] == (1, 1, 1, 3)
    assert found["doc", "doc"] == (1, 1, 2, 3)


def test_levels_and_period(drawn_engine: Engine) -> None:
    found = ties(
        drawn_engine, "unit_transfers", "n_patients", depth="unit", levels=("gp", "municipal")
    )
    assert found == {("doc", "doc"): (1,), ("doc", "home"): (1,)}
    # What began less than period_days before the day: from 20 May on.
    asked = {"as_of": "2024-06-05", "period_days": 17, "depth": "unit"}
    assert set(ties(drawn_engine, "unit_transfers", "n_patients", **asked)) == {
        ("med", "doc"), ("doc", "home"),
    }  # fmt: skip
    assert set(
        ties(drawn_engine, "unit_transfers", "n_patients", **{**asked, "period_days": 16})
    ) == {("med", "doc")}


def test_shared_patients(drawn_engine: Engine) -> None:
    columns = ("n_patients", "from_patients", "to_patients")
    assert ties(drawn_engine, "shared_patients", *columns, depth="clinic") == {
        ("alone", "doc"): (1, 1, 3),
        ("alone", "somatic"): (1, 1, 2),
        ("doc", "serv"): (1, 3, 1),
        ("doc", "somatic"): (2, 3, 2),
    }
    result = ask(drawn_engine, "shared_patients", levels=("municipal", "hospital"))
    # b came to the practice too, but that is of another level.
    assert (result.manifest["among"], len(result)) == (3, 1)


def test_referrals(drawn_engine: Engine) -> None:
    columns = ("n_patients", "n_referrals", "from_patients", "to_patients")
    assert ties(drawn_engine, "referral_network", *columns, depth="clinic") == {
        ("doc", "somatic"): (1, 2, 2, 2),
        (None, "somatic"): (1, 1, 1, 2),
        ("doc", None): (1, 1, 2, 1),
    }
    # The local day decides: 31 May at 23:59 is not 1 June.
    asked = {"as_of": "2024-06-08", "period_days": 8}
    assert set(ties(drawn_engine, "referral_network", "n_patients", **asked)) == {("doc", None)}
    assert ask(drawn_engine, "referral_network", **asked).manifest["among"] == 1


def test_municipalities(drawn_engine: Engine) -> None:
    columns = ("n_patients", "n_contacts", "from_patients", "to_patients")
    assert ties(drawn_engine, "municipality_units", *columns, depth="clinic") == {
        ("5501", "doc"): (2, 4, 2, 2),
        ("5501", "somatic"): (1, 2, 2, 1),
        ("5503", "serv"): (1, 1, 1, 1),
    }
    assert ties(drawn_engine, "municipality_ties", *columns) == {
        ("5501", "5501"): (1, 2, 2, 1),
        ("5501", "5503"): (2, 4, 2, 2),
        ("5503", None): (1, 1, 1, 1),
    }


def test_what_is_known_of_the_ends(drawn_engine: Engine) -> None:
    rows: dict[str, Row] = {
        row["to_id"]: row for row in rows_of(ask(drawn_engine, "municipality_units"))
    }
    assert [rows["doc"][f"from_{name}"] for name in ("name", "kind", "level")] == [
        "Tromsø", "municipality", None,
    ]  # fmt: skip
    assert [rows["doc"][f"to_{name}"] for name in ("name", "kind", "level")] == [
        "Doc", "gp_practice", "gp",
    ]  # fmt: skip


def test_weak_ties_are_left_out_after_small_numbers_are_hidden(drawn_engine: Engine) -> None:
    # Nothing hidden: two patients share the practice and the clinic.
    found = run(drawn_engine, "shared_patients", {"min_patients": 2}, suppress_below=0)
    assert [(r["from_id"], r["to_id"]) for r in rows_of(found)] == [("doc", "med")]
    # Hidden numbers do not tell by being left out that they are below the threshold.
    hidden = run(drawn_engine, "shared_patients", {"min_patients": 2})
    assert (len(hidden), hidden.manifest["n_rows"], hidden.manifest["n_suppressed"]) == (0, 0, 4)
    assert any("left out" in note for note in hidden.manifest["notes"])
    assert len(run(drawn_engine, "shared_patients")) == 4


def test_networks_stand_beside_the_findings() -> None:
    assert set(networks()) == {
        "combined_network", "coordinator_ties", "meetings", "municipality_meetings",
        "municipality_ties", "municipality_units", "referral_network", "shared_patients",
        "unit_transfers",
    }  # fmt: skip
    assert not set(networks()) & set(catalogue())
    assert not any(finding.is_network for finding in catalogue().values())
    assert {name for name, network in networks().items() if not network.is_directed} == {
        "combined_network", "meetings", "shared_patients",
    }  # fmt: skip
    assert all(network.is_network for network in networks().values())
