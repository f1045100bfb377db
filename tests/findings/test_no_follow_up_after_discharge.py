"""Discharges home and what followed them, on both engines."""

from __future__ import annotations

import math
from typing import Any

from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

# All leave on 4 March 2024 at 12:00 unless it matters; the window closes on the 18th at 12:00.
CONTACTS = overnight(
    """
    contact_id   patient_id  unit_id  started_at        ended_at          discharged_to  urgency
    none1        none        med      2024-03-01T08:00  2024-03-04T12:00  1              1
    home1        home        med      2024-03-01T08:00  2024-03-04T12:00  home           1
    last1        last        med      2024-03-01T08:00  2024-03-04T12:00  1              1
    minute1      minute      med      2024-03-01T08:00  2024-03-04T12:00  1              1
    nursing1     nursing     med      2024-03-01T08:00  2024-03-04T12:00  11             1
    transfer1    transfer    med      2024-03-01T08:00  2024-03-04T12:00  3              1
    unknown1     unknown     med      2024-03-01T08:00  2024-03-04T12:00  -              1
    casualty1    casualty    med      2024-03-01T08:00  2024-03-04T12:00  1              1
    admin1       admin       med      2024-03-01T08:00  2024-03-04T12:00  1              1
    service1     service     med      2024-03-01T08:00  2024-03-04T12:00  1              1
    goeson1      goeson      med      2024-03-01T08:00  2024-03-04T12:00  1              1
    stopped1     stopped     med      2024-03-01T08:00  2024-03-04T12:00  1              1
    back1        back        med      2024-03-01T08:00  2024-03-04T12:00  1              1
    back2        back        surg     2024-03-10T12:00  2024-03-12T12:00  11             1
    backlast1    backlast    med      2024-03-01T08:00  2024-03-04T12:00  1              1
    backlast2    backlast    surg     2024-03-18T12:00  2024-03-19T12:00  11             2
    backlate1    backlate    med      2024-03-01T08:00  2024-03-04T12:00  1              1
    backlate2    backlate    surg     2024-03-18T12:01  2024-03-19T12:00  11             1
    planned1     planned     med      2024-03-01T08:00  2024-03-04T12:00  1              1
    planned2     planned     surg     2024-03-06T12:00  2024-03-07T12:00  3              4
    chain1       chain       med      2024-03-01T08:00  2024-03-04T12:00  1              1
    chain2       chain       surg     2024-03-06T12:00  2024-03-07T12:00  3              4
    chain3       chain       surg     2024-03-08T12:00  2024-03-09T12:00  3              4
    chain4       chain       surg     2024-03-17T12:00  2024-03-19T12:00  11             1
    seen1        seen        med      2024-03-01T08:00  2024-03-04T12:00  1              1
    seen2        seen        surg     2024-03-10T12:00  2024-03-12T12:00  11             1
    died1        died        med      2024-03-01T08:00  2024-03-04T12:00  1              1
    diedlate1    diedlate    med      2024-03-01T08:00  2024-03-04T12:00  1              1
    dead1        dead        med      2024-03-01T08:00  2024-03-04T12:00  1              1
    nowhere1     nowhere     med      2024-03-01T08:00  2024-03-04T12:00  1              1
    gpgone1      gpgone      med      2024-03-01T08:00  2024-03-04T12:00  1              1
    munigone1    munigone    med      2024-03-01T08:00  2024-03-04T12:00  1              1
    joined1      joined      med      2024-03-01T08:00  2024-03-04T12:00  1              1
    twice1       twice       psych    2024-01-02T08:00  2024-01-04T12:00  1              4
    twice2       twice       psych    2024-02-02T08:00  2024-02-04T12:00  1              4
    other1       other       psych    2024-02-02T08:00  2024-02-04T12:00  1              4
    paused1      paused      surg     2024-02-01T08:00  2024-02-04T12:00  1              1
    paused2      paused      surg     2024-03-04T12:00  2024-03-05T12:00  11             5
    prolonged1   prolonged   surg     2024-02-01T08:00  2024-02-04T12:00  1              1
    prolonged2   prolonged   surg     2024-03-04T12:00  2024-03-05T12:00  11             5
    recent1      recent      surg     2024-04-01T08:00  2024-04-10T12:00  1              1
    early1       early       surg     2023-12-27T08:00  2023-12-31T12:00  1              1
    """
)
for row in CONTACTS:
    if row["contact_id"] == "dead1":
        row["ended_dead"] = True
CONTACTS += table(
    """
    contact_id   patient_id  unit_id  kind            care_level  started_at        ended_at
    last2        last        doc      consultation    outpatient  2024-03-18T12:00  -
    minute2      minute      doc      consultation    outpatient  2024-03-18T12:01  -
    nursing2     nursing     home     15              -           2024-02-01T08:00  -
    casualty2    casualty    er       emergency_visit outpatient  2024-03-05T08:00  -
    casualty3    casualty    med      outpatient_visit  outpatient  2024-03-05T09:00  -
    admin2       admin       doc      administrative  -           2024-03-05T08:00  -
    admin3       admin       doc      simple_contact  -           2024-03-06T08:00  -
    admin4       admin       doc      collaboration   -           2024-03-07T08:00  -
    service2     service     home     15              -           2024-03-04T12:00  -
    goeson2      goeson      home     15              -           2024-01-01T08:00  2024-03-04T12:01
    stopped2     stopped     home     15              -           2024-01-01T08:00  2024-03-04T12:00
    back3        back        doc      consultation    outpatient  2024-03-10T12:01  -
    seen3        seen        doc      consultation    outpatient  2024-03-10T12:00  -
    planned3     planned     doc      home_visit      outpatient  2024-03-09T08:00  -
    chain5       chain       doc      consultation    outpatient  2024-03-17T12:01  -
    twice3       twice       doc      -               outpatient  2024-02-05T08:00  -
    prolonged3   prolonged   doc      consultation    outpatient  2024-02-10T08:00  -
    paused3      paused      doc      administrative  outpatient  2024-02-10T08:00  -
    paused4      paused      home     15              -           2024-01-01T08:00  2024-02-20T08:00
    joined2      joined      home     15              -           2024-03-20T08:00  -
    """
)
_WHERE = {"nowhere": None, "gpgone": "5502", "munigone": "5503", "joined": "5504"}
_PATIENTS = sorted({row["patient_id"] for row in CONTACTS})
TABLES = {
    "patients": with_patients(
        CONTACTS,
        table(
            """
            patient_id  birth_year  died_on
            died        1950        2024-03-18
            diedlate    1950        2024-03-19
            """
        ),
    ),
    "residences": [
        {"patient_id": patient, "municipality_code": _WHERE.get(patient, "5501")}
        for patient in _PATIENTS
        if patient != "nowhere"
    ],
    "municipalities": [{"municipality_code": f"550{n}"} for n in range(1, 5)],
    "units": table(
        """
        unit_id  name      level
        med      Medicine  hospital
        surg     -         hospital
        psych    Psych     psychiatry
        doc      -         gp
        home     -         municipal
        er       -         emergency
        """
    ),
    "contacts": CONTACTS,
    "coverage": table(
        """
        source  level      municipality_code  covered_from  covered_to
        s       hospital   -                  2020-01-01    2025-01-01
        s       gp         5501               2024-01-01    2024-05-01
        s       gp         5502               2024-01-01    2024-03-18
        s       gp         5503               2024-01-01    2024-05-01
        s       gp         5504               2024-01-01    2024-05-01
        s       municipal  5501               2024-01-01    2024-05-01
        s       municipal  5502               2024-01-01    2024-05-01
        s       municipal  5503               2024-03-05    2024-05-01
        s       municipal  5504               2024-01-01    2024-03-10
        s       municipal  -                  2024-03-10    2024-05-01
        """
    ),
}
DAY = {"as_of": "2024-04-20"}


def unseen(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    rows = rows_of(ask(engine, "no_follow_up_after_discharge", **{**DAY, **asked}))
    return {row["stay_id"]: row for row in rows}


def by_unit(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    rows = rows_of(ask(engine, "follow_up_after_discharge", **{**DAY, **asked}))
    return {row["unit"]: row for row in rows}


def test_whom_nobody_met(drawn_engine: Engine) -> None:
    assert sorted(unseen(drawn_engine)) == [
        "admin1", "backlate1", "casualty1", "diedlate1", "goeson1", "home1", "joined1", "minute1",
        "none1", "other1", "stopped1", "twice1",
    ]  # fmt: skip


def test_home_care_that_went_on(drawn_engine: Engine) -> None:
    found = unseen(drawn_engine)
    assert {stay for stay, row in found.items() if row["home_care_continued"]} == {"goeson1"}
    assert found["goeson1"] == {
        "patient_id": "goeson", "stay_id": "goeson1", "unit": "med", "unit_name": "Medicine",
        "ended_at": "2024-03-04T12:00:00", "municipality_code": "5501",
        "home_care_continued": True,
    }  # fmt: skip


def test_the_window_and_the_codes(drawn_engine: Engine) -> None:
    assert "last1" in unseen(drawn_engine, within_days=13)
    assert "minute1" not in unseen(drawn_engine, within_days=15)
    assert "diedlate1" not in unseen(drawn_engine, within_days=15)
    assert "home1" not in unseen(drawn_engine, home_codes=["1"])
    assert sorted(unseen(drawn_engine, home_codes=["3", "11"])) == [
        "back2", "backlast2", "backlate2", "chain4", "nursing1", "paused1", "prolonged1", "seen2",
        "transfer1",
    ]  # fmt: skip


def test_by_unit(drawn_engine: Engine) -> None:
    found = by_unit(drawn_engine)
    outcomes = {
        unit: tuple(
            row[f"n_{name}"]
            for name in (
                "discharges", "followed_up", "no_follow_up", "home_care_continued",
                "acute_return", "died", "not_covered",
            )
        )
        for unit, row in found.items()
    }  # fmt: skip
    assert outcomes == {
        # last, service, planned, seen; as above; goeson; back, backlast, chain; died;
        # nowhere, gpgone, munigone
        "med": (18, 4, 10, 1, 3, 1, 3),
        "psych": (3, 1, 2, 0, 0, 0, 0),
        "surg": (0, 0, 0, 0, 0, 0, 2),  # recent: the window is not over; early: before coverage
    }
    med = found["med"]
    assert (med["n_patients"], med["n_no_follow_up_patients"], med["n_home_care_patients"]) == (
        18, 10, 1,
    )  # fmt: skip
    assert (med["n_acute_return_patients"], med["n_not_covered_patients"]) == (3, 3)
    assert (med["unit_name"], found["surg"]["unit_name"]) == ("Medicine", None)


def test_the_share_knows_of_repeated_patients(drawn_engine: Engine) -> None:
    row = by_unit(drawn_engine)["psych"]
    # Two patients with 2 and 1 discharges, of which 1 and 1 unfollowed.
    assert (row["n_discharges"], row["n_patients"], row["n_no_follow_up"]) == (3, 2, 2)
    assert math.isclose(row["share_no_follow_up"], 2 / 3)
    assert row["share_low"] < 2 / 3 < row["share_high"]
    surg = by_unit(drawn_engine)["surg"]
    assert surg["share_no_follow_up"] is None
    assert surg["share_low"] is None


def test_as_of(drawn_engine: Engine) -> None:
    # The window of 4 March closes at noon on the 18th.
    assert "none1" not in unseen(drawn_engine, as_of="2024-03-17")
    at_its_end = unseen(drawn_engine, as_of="2024-03-18")
    assert "none1" in at_its_end
    # The death on the 19th is not known, that on the 18th is.
    assert {"diedlate1", "died1"} & set(at_its_end) == {"diedlate1"}


def test_stays_that_were_prolonged_since(drawn_engine: Engine) -> None:
    found = unseen(drawn_engine, as_of="2024-03-03")
    assert found["paused1"]["ended_at"] == "2024-02-04T12:00:00"
    assert found["paused1"]["home_care_continued"]
    assert "prolonged1" not in found
    assert "paused1" not in unseen(drawn_engine, as_of="2024-03-04")
    row = by_unit(drawn_engine, as_of="2024-03-03")["surg"]
    assert (row["n_followed_up"], row["n_no_follow_up"], row["n_home_care_continued"]) == (1, 1, 1)


def test_the_denominator(drawn_engine: Engine) -> None:
    for finding in ("no_follow_up_after_discharge", "follow_up_after_discharge"):
        assert ask(drawn_engine, finding, **DAY).manifest["among"] == 21
        assert ask(drawn_engine, finding, as_of="2024-03-03").manifest["among"] == 5
        assert ask(drawn_engine, finding, as_of="2019-01-01").manifest["among"] == 0
        assert rows_of(ask(drawn_engine, finding, as_of="2019-01-01")) == []


def test_small_numbers_are_hidden(drawn_engine: Engine) -> None:
    shown = run(drawn_engine, "follow_up_after_discharge", as_of="2024-04-20")
    rows = {row["unit"]: row for row in rows_of(shown)}
    # 3 acute returns and 1 death: neither they nor what they leave are shown.
    assert rows["med"]["n_acute_return"] is None
    assert rows["med"]["n_died"] is None
    assert rows["med"]["n_followed_up"] is None
    assert rows["psych"]["n_discharges"] is None
