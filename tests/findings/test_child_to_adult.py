"""From child to adult services, on both engines."""

from __future__ import annotations

from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, rows_of, table

# Asked as of 15 June 2024: who turns 18 in 2024 or 2025 was born in 2006 or 2007.
AS_OF = {"as_of": "2024-06-15"}


def _contacts() -> list[dict[str, Any]]:
    """Contacts that make the units what they are, and those of the patients in question."""
    rows = [
        *(_background("child", n, "young") for n in range(300)),
        *(_background("psych", n, "young") for n in range(100)),
        # Contacts of people without a year of birth say nothing.
        *(_background("psych", n, "unknown") for n in range(100, 130)),
        # With the one contact of the patient in question: 9 of 10, 8 of 10, and 9 in all.
        *(_background("nine", n, "young" if n else "old") for n in range(9)),
        *(_background("mixed", n, "young" if n > 1 else "old") for n in range(9)),
        *(_background("few", n, "young") for n in range(8)),
        *(_background("team", n, "young") for n in range(20)),
        *(_background("adult", n, "old") for n in range(20)),
        *(_background("unborn", n, "unknown") for n in range(20)),
        *(_background("edge", n, "edge") for n in range(9)),
        *(_background("over", n, "over") for n in range(9)),
    ]
    return rows + table(
        """
        contact_id  patient_id  unit_id  started_at        parent
        alone1      alone       child    2023-06-17T08:00  -
        alone2      alone       psych    2024-05-01T08:00  -
        alone3      alone       gp       2024-06-01T08:00  -
        next1       next        child    2024-05-01T08:00  -
        born051     born05      child    2024-05-01T08:00  -
        born081     born08      child    2024-05-01T08:00  -
        old1        oldcontact  child    2023-06-16T08:00  -
        adult1      inadult     child    2024-05-01T08:00  -
        adult2      inadult     adult    2023-07-01T08:00  -
        wasadult1   wasadult    child    2024-05-01T08:00  -
        wasadult2   wasadult    adult    2023-06-16T08:00  -
        nine1       atnine      nine     2023-12-01T08:00  -
        mixed1      atmixed     child    2024-05-01T08:00  -
        mixed2      atmixed     mixed    2023-12-01T08:00  -
        few1        onlyfew     few      2023-12-01T08:00  -
        unborn1     atunborn    unborn   2023-12-01T08:00  -
        team1       atteam      child    2024-05-01T08:00  -
        team2       atteam      team     2024-05-01T08:00  -
        ref1        referred    child    2024-05-01T08:00  -
        ref2        oldref      child    2024-05-01T08:00  -
        ref3        childref    child    2024-05-01T08:00  -
        ref4        gpref       child    2024-05-01T08:00  -
        dead1       dead        child    2024-05-01T08:00  -
        adm         inside      hosp     2024-05-01T08:00  -
        adm1        inside      child    2024-05-01T08:00  adm
        later1      later       child    2024-06-16T08:00  -
        edge1       atedge      edge     2023-12-31T23:30  -
        over1       atover      over     2024-01-01T00:00  -
        """
    )


def _background(unit: str, number: int, patient: str) -> dict[str, Any]:
    return {
        "contact_id": f"{unit}-{number}",
        "patient_id": patient,
        "unit_id": unit,
        # Who was born in 2006 is 17 by year on 31 December 2023, and 18 the day after.
        "started_at": {"edge": "2023-12-31T23:00", "over": "2024-01-01T00:00"}.get(
            patient, "2023-01-01T08:00"
        ),
    }


CONTACTS = _contacts()
_BORN = {
    "young": 2010, "old": 1960, "unknown": None, "next": 2007, "born05": 2005, "born08": 2008,
    "atnine": 2007, "atmixed": 2007, "onlyfew": 2007, "atunborn": 2007,
}  # fmt: skip
TABLES = {
    "patients": [
        {
            "patient_id": patient,
            "birth_year": _BORN.get(patient, 2006),
            "died_on": "2024-06-15" if patient == "dead" else None,
        }
        for patient in sorted({row["patient_id"] for row in CONTACTS})
    ],
    "units": table(
        """
        unit_id  kind      level
        hosp     hospital  hospital
        child    ward      hospital
        psych    -         psychiatry
        mixed    ward      hospital
        nine     ward      hospital
        few      ward      hospital
        over     ward      hospital
        adult    ward      hospital
        unborn   ward      hospital
        edge     ward      hospital
        team     team      hospital
        gp       -         gp
        """
    ),
    "contacts": CONTACTS,
    "referrals": table(
        """
        referral_id  patient_id  to_unit_id  sent_at
        r1           referred    adult       2024-06-15T20:00
        r2           oldref      adult       2023-06-16T20:00
        r3           childref    psych       2024-06-01T08:00
        r4           gpref       gp          2024-06-01T08:00
        r5           alone       -           2024-06-01T08:00
        r6           next        adult       2024-06-16T08:00
        r7           gpref       team        2024-06-01T08:00
        """
    ),
}


def found(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    rows = rows_of(ask(engine, "child_to_adult", **{**AS_OF, **asked}))
    return {row["patient_id"]: row for row in rows}


def test_who_has_nothing_planned(drawn_engine: Engine) -> None:
    assert sorted(found(drawn_engine)) == [
        "alone", "atedge", "atnine", "atteam", "childref", "edge", "gpref", "inside", "next",
        "oldref", "wasadult",
    ]  # fmt: skip


def test_what_is_shown(drawn_engine: Engine) -> None:
    assert found(drawn_engine)["alone"] == {
        "patient_id": "alone", "turns_18": "2024", "n_child_contacts": 2,
        "last_child_on": "2024-05-01", "child_units": ["child", "psych"],
    }  # fmt: skip
    assert found(drawn_engine)["next"]["turns_18"] == "2025"


def test_what_is_a_child_unit(drawn_engine: Engine) -> None:
    assert "atmixed" in found(drawn_engine, child_share=0.8)
    assert "atnine" not in found(drawn_engine, child_share=0.91)
    assert {"onlyfew", "atnine"} & set(found(drawn_engine, min_contacts=9)) == {"onlyfew", "atnine"}
    assert "atnine" not in found(drawn_engine, min_contacts=11)
    assert "atover" in found(drawn_engine, child_age=18)
    assert "atedge" not in found(drawn_engine, child_age=16)


def test_as_of(drawn_engine: Engine) -> None:
    assert "oldcontact" in found(drawn_engine, as_of="2024-06-14")
    assert "referred" in found(drawn_engine, as_of="2024-06-14")
    assert "dead" in found(drawn_engine, as_of="2024-06-14")
    assert "next" not in found(drawn_engine, as_of="2024-06-16")
    assert "later" in found(drawn_engine, as_of="2024-06-16")
    # The day after the last one of 2023 is in 2024: who was born in 2005 has turned 18.
    assert "born05" not in found(drawn_engine, as_of="2024-05-01")
    assert found(drawn_engine, as_of="2010-01-01") == {}


def test_the_years_at_new_year(drawn_engine: Engine) -> None:
    assert set(found(drawn_engine, as_of="2024-12-31")) == {"atmixed"}
    assert {"atmixed", "alone"} <= set(found(drawn_engine, as_of="2024-12-30"))


def test_the_denominator(drawn_engine: Engine) -> None:
    asked = ask(drawn_engine, "child_to_adult", **AS_OF)
    assert asked.manifest["among"] == 20
    asked = ask(drawn_engine, "child_to_adult", as_of="2024-12-31")
    assert asked.manifest["among"] == 5
