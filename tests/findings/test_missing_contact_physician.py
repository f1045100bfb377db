"""Contact physicians by the first working day, on both engines."""

from __future__ import annotations

from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

# Monday 4 March 2024 unless another day matters; due on the Tuesday.
CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at
    exact1      exact       med      2024-03-04T08:00  2024-03-08T08:00
    minute1     minute      med      2024-03-04T08:00  2024-03-08T08:01
    intime1     intime      med      2024-03-04T08:00  2024-03-09T08:00
    psycho1     psycho      psych    2024-03-04T08:00  2024-03-09T08:00
    other1      other       med      2024-03-04T08:00  2024-03-09T08:00
    late1       late        med      2024-03-04T08:00  2024-03-09T08:00
    after1      after       med      2024-03-04T08:00  2024-03-09T08:00
    ended1      ended       med      2024-03-04T08:00  2024-03-09T08:00
    lastday1    lastday     med      2024-03-04T08:00  2024-03-09T08:00
    left1       left        med      2024-03-04T08:00  2024-03-09T08:00
    free1       free        med      2024-03-04T08:00  2024-03-09T08:00
    unit1       unit        med      2024-03-04T08:00  2024-03-09T08:00
    away1       away        med      2024-03-04T08:00  2024-03-09T08:00
    may1        may         med      2024-05-16T08:00  2024-05-23T08:00
    mayok1      mayok       med      2024-05-16T08:00  2024-05-23T08:00
    easter1     easter      med      2024-03-27T08:00  2024-03-31T09:30
    short1      short       med      2024-03-04T08:00  2024-03-05T08:00
    few1        few         med      2024-03-04T08:00  2024-03-05T08:00
    turned1     turned      turn     2023-01-02T08:00  2023-01-09T08:00
    turning1    turning     turn     2024-03-04T08:00  2024-03-09T08:00
    none1       none        bare     2024-03-04T08:00  2024-03-09T08:00
    none2       none        bare     2024-04-02T08:00  2024-04-09T08:00
    paused1     paused      med      2024-03-04T08:00  2024-03-08T07:00
    paused2     paused      med      2024-03-20T08:00  2024-03-21T08:00
    open1       open        med      2024-05-20T08:00  -
    """
)
for row in CONTACTS:
    if row["contact_id"] == "paused2":
        row["urgency"] = "5"
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  care_level  started_at        ended_at  urgency
    short2      short       clin     outpatient  2024-03-05T08:00  -         4
    short3      short       heart    outpatient  2024-06-03T09:00  -         4
    few2        few         heart    outpatient  2024-03-20T08:00  -         4
    few3        few         heart    outpatient  2024-03-22T08:00  -         1
    few4        few         psych    outpatient  2024-03-22T08:00  -         4
    few5        few         heart    outpatient  2024-06-04T08:00  -         4
    few6        few         heart    outpatient  2024-03-05T07:59  -         4
    """
)
TABLES = {
    "patients": with_patients(CONTACTS),
    "units": table(
        """
        unit_id  name      kind      level       parent_unit_id
        north    North     trust     hospital    -
        clin     Clinic    clinic    hospital    north
        med      Medicine  ward      hospital    clin
        heart    Heart     ward      hospital    clin
        bare     -         ward      hospital    north
        turn     -         ward      hospital    north
        psych    Psych     ward      psychiatry  north
        south    South     trust     hospital    -
        far      Far       ward      hospital    south
        """
    ),
    "contacts": CONTACTS,
    "professionals": table(
        """
        professional_id
        here
        there
        quit
        joined
        free
        """
    ),
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        here             heart    -           -
        here             far      2020-01-01  -
        there            far      -           -
        quit             med      -           2024-03-05
        joined           med      2024-03-07  -
        """
    ),
    "roles": table(
        """
        patient_id  professional_id  unit_id  role                  valid_from  valid_to
        exact       there            -        contact_physician     -           -
        intime      here             -        contact_physician     2024-03-05  2024-03-06
        psycho      here             -        contact_psychologist  2024-03-04  -
        other       there            -        contact_physician     -           -
        late        here             -        contact_physician     2024-03-08  -
        after       here             -        contact_physician     2024-03-10  -
        ended       here             -        contact_physician     2024-03-01  2024-03-05
        lastday     here             -        contact_physician     2024-03-09  -
        left        quit             -        contact_physician     -           -
        left        joined           -        contact_physician     2024-03-01  -
        free        free             -        contact_physician     -           -
        unit        -                psych    contact_physician     -           -
        away        -                far      contact_physician     -           -
        may         here             -        contact_physician     2024-05-22  -
        mayok       here             -        contact_physician     2024-05-21  -
        easter      here             -        contact_physician     2024-04-03  -
        turned      here             -        contact_physician     2023-01-01  2023-01-20
        paused      here             -        gp                    -           -
        """
    ),
}


def missing(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    rows = rows_of(ask(engine, "missing_contact_physician", **asked))
    return {row["stay_id"]: row for row in rows}


def test_who_had_none_in_time(drawn_engine: Engine) -> None:
    assert sorted(missing(drawn_engine)) == [
        "after1", "away1", "easter1", "ended1", "lastday1", "late1", "left1", "may1", "minute1",
        "none1", "none2", "open1", "other1", "paused1", "turning1",
    ]  # fmt: skip


def test_how_long_it_took(drawn_engine: Engine) -> None:
    found = missing(drawn_engine)
    shown = {
        stay: (found[stay]["due_on"], found[stay]["appointed_on"], found[stay]["days_overdue"])
        for stay in ("late1", "after1", "lastday1", "left1", "other1", "may1", "easter1", "open1")
    }
    assert shown == {
        "late1": ("2024-03-05", "2024-03-08", 3.0),
        "after1": ("2024-03-05", None, 4.0),  # the day after the stay
        "lastday1": ("2024-03-05", "2024-03-09", 4.0),
        "left1": ("2024-03-05", "2024-03-07", 2.0),  # the day on which the employment begins
        "other1": ("2024-03-05", None, 4.0),
        "may1": ("2024-05-21", "2024-05-22", 1.0),  # 17 May, a weekend and Whit Monday
        "easter1": ("2024-04-02", None, 0.0),  # due after the stay had ended
        "open1": ("2024-05-21", None, 14.0),
    }
    row = found["minute1"]
    assert (row["unit"], row["unit_name"], row["started_at"], row["basis"]) == (
        "med", "Medicine", "2024-03-04T08:00:00", "long_stay",
    )  # fmt: skip


def test_a_unit_that_records_none_is_not_said_to_miss_one(drawn_engine: Engine) -> None:
    status = {stay: row["status"] for stay, row in missing(drawn_engine).items()}
    assert {stay for stay, s in status.items() if s == "not_recorded"} == {
        "none1", "none2", "turning1",
    }  # fmt: skip
    every = missing(drawn_engine, min_recorded_share=0)
    assert {row["status"] for row in every.values()} == {"missing"}


def test_old_stays_speak_only_where_there_are_no_new_ones(drawn_engine: Engine) -> None:
    # At turn one was recorded once, on a stay that is old by now.
    assert missing(drawn_engine)["turning1"]["status"] == "not_recorded"
    # Two years after the last stays all are old, and count.
    late = missing(drawn_engine, as_of="2026-03-01")
    assert late["minute1"]["status"] == "missing"
    assert late["turning1"]["status"] == "missing"
    # Of none's stays the second alone is recent.
    assert missing(drawn_engine, as_of="2025-03-10")["none1"]["status"] == "not_recorded"


def test_the_length_that_counts(drawn_engine: Engine) -> None:
    assert "exact1" in missing(drawn_engine, min_hours=95)
    assert "minute1" not in missing(drawn_engine, min_hours=97)
    assert ask(drawn_engine, "missing_contact_physician").manifest["among"] == 21
    assert ask(drawn_engine, "missing_contact_physician", min_hours=95).manifest["among"] == 22


def test_planned_visits_as_proxy(drawn_engine: Engine) -> None:
    # Two at the clinic of the ward, the second on the last minute of the 90 days; few has one
    # planned visit there, others are acute, elsewhere, too late or before the end.
    found = missing(drawn_engine, proxy="follow_ups")
    assert {stay: row["basis"] for stay, row in found.items()} == {"short1": "follow_ups"}
    asked = ask(drawn_engine, "missing_contact_physician", proxy="follow_ups")
    assert asked.manifest["among"] == 1
    assert "few1" in missing(drawn_engine, proxy="follow_ups", follow_ups=1)
    either = missing(drawn_engine, proxy="either")
    assert set(either) == {*missing(drawn_engine), "short1"}
    asked = ask(drawn_engine, "missing_contact_physician", proxy="either")
    assert asked.manifest["among"] == 22


def test_as_of(drawn_engine: Engine) -> None:
    # Due on the 5th, but not known to be longer than 96 h before the 8th.
    assert missing(drawn_engine, as_of="2024-03-07") == {}
    on_the_8th = missing(drawn_engine, as_of="2024-03-08")
    assert on_the_8th["lastday1"]["appointed_on"] is None
    assert on_the_8th["lastday1"]["days_overdue"] == 3.0
    # paused had left after 95 h; the return that made it one stay came later.
    assert "paused1" not in on_the_8th
    assert "paused1" not in missing(drawn_engine, as_of="2024-03-19")
    assert "paused1" in missing(drawn_engine, as_of="2024-03-20")
    asked = ask(drawn_engine, "missing_contact_physician", as_of="2024-03-08")
    assert asked.manifest["among"] == 15  # all of 4 March but exact, paused and the short ones


def test_recent_admissions_alone(drawn_engine: Engine) -> None:
    day = {"as_of": "2024-06-04"}
    assert "open1" in missing(drawn_engine, within_days=16, **day)
    assert missing(drawn_engine, within_days=15, **day) == {}
    asked = ask(drawn_engine, "missing_contact_physician", within_days=16, **day)
    assert asked.manifest["among"] == 1


def test_before_anything(drawn_engine: Engine) -> None:
    asked = ask(drawn_engine, "missing_contact_physician", as_of="2020-01-01")
    assert rows_of(asked) == []
    assert asked.manifest["among"] == 0
    assert missing(drawn_engine, as_of="2020-01-01", proxy="either") == {}
