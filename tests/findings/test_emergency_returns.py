"""Repeated emergency visits without admission, on both engines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

CONTACTS = table(
    """
    contact_id  patient_id  unit_id  started_at
    exact1      exact       er       2024-05-01T08:00
    exact2      exact       er2      2024-05-10T08:00
    exact3      exact       er       2024-05-31T08:00
    minute1     minute      er       2024-05-01T08:00
    minute2     minute      er       2024-05-10T08:00
    minute3     minute      er       2024-05-31T08:01
    two1        two         er       2024-05-01T08:00
    two2        two         er       2024-05-02T08:00
    in1         in          er       2024-05-01T08:00
    in2         in          er       2024-05-02T08:00
    in3         in          er       2024-05-03T08:00
    day1        day         er       2024-05-01T08:00
    day2        day         er       2024-05-02T08:00
    day3        day         er       2024-05-03T08:00
    later1      later       er       2024-05-01T08:00
    later2      later       er       2024-05-02T08:00
    later3      later       er       2024-05-03T08:00
    planned1    planned     er       2024-05-01T08:00
    planned2    planned     er       2024-05-02T08:00
    planned3    planned     er       2024-05-03T08:00
    four1       four        er       2024-05-01T08:00
    four2       four        er       2024-05-02T08:00
    four3       four        er       2024-05-03T08:00
    four4       four        er       2024-05-04T08:00
    full1       full        er       2023-08-01T08:00
    full2       full        er       2023-08-02T08:00
    full3       full        er2      2023-08-03T08:00
    full4       full        er       2023-08-04T08:00
    full5       full        er       2024-04-01T08:00
    full6       full        er       2024-04-02T08:00
    full7       full        er       2024-04-03T08:00
    gp1         gp          doc      2024-05-01T08:00
    gp2         gp          doc      2024-05-02T08:00
    gp3         gp          er       2024-05-03T08:00
    died1       died        er       2024-05-01T08:00
    died2       died        er       2024-05-02T08:00
    died3       died        er       2024-05-03T08:00
    gone1       gone        er       2024-05-01T08:00
    gone2       gone        er       2024-05-02T08:00
    gone3       gone        er       2024-05-03T08:00
    old1        old         er       2023-06-01T08:00
    old2        old         er       2023-06-02T08:00
    old3        old         er       2023-06-08T00:00
    older1      older       er       2023-06-01T08:00
    older2      older       er       2023-06-02T08:00
    older3      older       er       2023-06-07T23:59
    last        two         doc      2024-06-06T08:00
    """
)
CONTACTS += overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    in4         in          med      2024-05-03T09:00  2024-05-04T08:00  1
    day4        day         med      2024-05-04T08:00  2024-05-05T08:00  2
    later4      later       med      2024-05-04T08:01  2024-05-05T08:00  1
    planned4    planned     med      2024-05-03T09:00  2024-05-04T08:00  4
    four5       four        med      2024-05-02T09:00  2024-05-02T19:00  1
    gone4       gone        med      2024-05-10T08:00  2024-05-12T08:00  1
    """
)
for row in CONTACTS:
    if row["contact_id"] == "gone4":
        row["ended_dead"] = True
TABLES = {
    "patients": with_patients(
        CONTACTS,
        table(
            """
            patient_id  birth_year  died_on
            died        1950        2024-06-06
            """
        ),
    ),
    "units": table(
        """
        unit_id  level
        er       emergency
        er2      emergency
        doc      gp
        med      hospital
        """
    ),
    "contacts": CONTACTS,
}


def returns(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    return {row["patient_id"]: row for row in rows_of(ask(engine, "emergency_returns", **asked))}


def test_who_keeps_coming(drawn_engine: Engine) -> None:
    # old: the newest window ended 365 x 24 h before the end of 6 June; older a minute before.
    found = returns(drawn_engine)
    assert sorted(found) == ["exact", "four", "full", "later", "old", "planned"]
    start = datetime.fromisoformat("2023-06-08T00:00")
    assert start + timedelta(days=365) == datetime.fromisoformat("2024-06-07T00:00")


def test_the_fullest_window(drawn_engine: Engine) -> None:
    found = returns(drawn_engine)
    assert found["full"] == {
        "patient_id": "full", "n_visits": 4, "window_first_at": "2023-08-01T08:00:00",
        "window_last_at": "2023-08-04T08:00:00", "units": ["er", "er2"],
    }  # fmt: skip
    # The visit that led to admission on the 2nd (so did the one 25 h before: no) is not among them.
    assert (found["four"]["n_visits"], found["four"]["units"]) == (3, ["er"])


def test_the_thresholds(drawn_engine: Engine) -> None:
    assert "two" in returns(drawn_engine, min_visits=2)
    assert "full" in returns(drawn_engine, min_visits=4, within_days=400)
    assert "exact" not in returns(drawn_engine, window_days=29)
    assert "minute" in returns(drawn_engine, window_days=31)
    assert "day" in returns(drawn_engine, admission_h=23)
    assert "later" not in returns(drawn_engine, admission_h=25)
    assert "older" in returns(drawn_engine, within_days=366)
    assert "full" in returns(drawn_engine, within_days=66)
    assert "full" not in returns(drawn_engine, within_days=64)


def test_as_of(drawn_engine: Engine) -> None:
    assert "died" in returns(drawn_engine, as_of="2024-06-05")
    # The admission on the 4th is not known on the 3rd.
    assert {"day", "gone"} <= set(returns(drawn_engine, as_of="2024-05-03"))
    assert "gone" in returns(drawn_engine, as_of="2024-05-11")
    assert "gone" not in returns(drawn_engine, as_of="2024-05-12")
    assert returns(drawn_engine, as_of="2023-06-01") == {}


def test_the_denominator(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "emergency_returns").manifest["among"] == 14
    asked = ask(drawn_engine, "emergency_returns", within_days=1, window_days=1)
    assert asked.manifest["among"] == 0
    assert ask(drawn_engine, "emergency_returns", as_of="2020-01-01").manifest["among"] == 0
