"""Revolving door: windows that roll, on both engines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

# Whole years of 365 days from 1 May: none has a change of the clock between first and last start.
CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    exact1      exact       med      2023-05-01T08:00  2023-05-05T08:00  1
    exact2      exact       med      2023-11-01T08:00  2023-11-05T08:00  1
    exact3      exact       med      2024-04-30T08:00  2024-05-02T08:00  1
    minute1     minute      med      2023-05-01T08:00  2023-05-05T08:00  1
    minute2     minute      med      2023-11-01T08:00  2023-11-05T08:00  1
    minute3     minute      med      2024-04-30T08:01  2024-05-02T08:00  1
    newyear1    newyear     med      2023-10-10T08:00  2023-10-12T08:00  1
    newyear2    newyear     med      2023-12-20T08:00  2023-12-22T08:00  1
    newyear3    newyear     surg     2024-02-10T08:00  2024-02-12T08:00  1
    two1        two         med      2024-01-01T08:00  2024-01-05T08:00  1
    two2        two         med      2024-01-20T08:00  2024-01-22T08:00  1
    merged1     merged      med      2024-01-01T08:00  2024-01-05T08:00  1
    merged2     merged      surg     2024-01-05T15:59  2024-01-06T08:00  1
    merged3     merged      med      2024-01-20T08:00  2024-01-22T08:00  1
    planned1    planned     med      2024-01-01T08:00  2024-01-05T08:00  1
    planned2    planned     med      2024-01-20T08:00  2024-01-22T08:00  4
    planned3    planned     med      2024-02-20T08:00  2024-02-22T08:00  1
    late1       late        med      2024-01-01T08:00  2024-01-02T08:00  1
    late2       late        med      2024-01-10T08:00  2024-01-12T08:00  4
    late3       late        surg     2024-01-12T10:00  2024-01-14T08:00  1
    late4       late        med      2024-02-10T08:00  2024-02-12T08:00  1
    tie1        tie         med      2021-01-01T08:00  2021-01-02T08:00  1
    tie2        tie         med      2021-02-01T08:00  2021-02-02T08:00  1
    tie3        tie         med      2021-03-01T08:00  2021-03-02T08:00  1
    tie4        tie         med      2023-01-01T08:00  2023-01-02T08:00  1
    tie5        tie         med      2023-02-01T08:00  2023-02-02T08:00  1
    tie6        tie         med      2023-03-01T08:00  2023-03-02T08:00  1
    full1       full        med      2022-01-01T08:00  2022-01-02T08:00  1
    full2       full        surg     2022-03-01T08:00  2022-03-02T08:00  4
    full3       full        med      2022-03-20T08:00  2022-03-21T08:00  1
    full4       full        psych    2022-04-20T08:00  2022-04-21T08:00  1
    full5       full        surg     2022-05-21T09:00  2022-05-22T08:00  1
    full6       full        med      2023-04-01T08:00  2023-04-02T08:00  1
    full7       full        med      2023-04-10T08:00  2023-04-11T08:00  1
    dead1       dead        med      2024-01-01T08:00  2024-01-02T08:00  1
    dead2       dead        med      2024-02-01T08:00  2024-02-02T08:00  1
    dead3       dead        med      2024-03-01T08:00  2024-03-02T08:00  1
    open1       open        med      2024-01-01T08:00  2024-01-02T08:00  1
    open2       open        med      2024-02-01T08:00  2024-02-02T08:00  1
    open3       open        med      2024-03-01T08:00  -                 1
    """
)
CONTACTS += overnight(
    """
    contact_id  patient_id  started_at        ended_at          ended_dead
    end1        end         2024-01-01T08:00  2024-01-02T08:00  -
    end2        end         2024-02-01T08:00  2024-02-02T08:00  -
    end3        end         2024-03-01T08:00  2024-03-04T08:00  true
    """
)
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at          urgency
    last1       last        med      -       overnight   2024-06-01T08:00  2024-06-02T08:00  1
    last2       last        med      -       overnight   2024-06-10T08:00  2024-06-12T08:00  1
    last3       last        hosp     -       overnight   2024-06-20T08:00  2024-06-25T08:00  1
    last3a      last        surg     last3   -           2024-06-20T08:00  2024-06-21T08:00  -
    last3b      last        psych    last3   -           2024-06-21T08:00  2024-06-25T08:00  -
    """
)
TABLES = {
    "patients": with_patients(
        CONTACTS,
        table("patient_id birth_year sex died_on\ndead 1950 male 2024-03-10"),
    ),
    "units": table(
        """
        unit_id  name     kind      level
        hosp     Big      hospital  hospital
        med      Med      ward      hospital
        surg     Surgery  ward      hospital
        psych    Psych    ward      psychiatry
        """
    ),
    "contacts": CONTACTS,
}


def patients(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    return {row["patient_id"]: row for row in rows_of(ask(engine, "revolving_door", **asked))}


def test_who_is_found(drawn_engine: Engine) -> None:
    found = patients(drawn_engine)
    # Not: 365 days and a minute; two stays; three admissions of which two merge; one planned.
    assert sorted(found) == [
        "dead", "end", "exact", "full", "last", "newyear", "open", "tie",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "patient", "is_found"),
    [
        ({"window_days": 364}, "exact", False),
        ({"window_days": 366}, "minute", True),
        ({"min_stays": 2}, "two", True),
        ({"min_stays": 2}, "merged", True),
        ({"min_stays": 4}, "full", True),
        ({"min_stays": 5}, "full", False),
        ({"acute": "any"}, "late", True),
        ({"acute": "any"}, "planned", False),
        ({"as_of": "2024-02-09"}, "newyear", False),
        ({"as_of": "2024-02-10"}, "newyear", True),
    ],
)
def test_bounds(drawn_engine: Engine, asked: dict[str, Any], patient: str, is_found: bool) -> None:
    assert (patient in patients(drawn_engine, **asked)) is is_found


def test_the_fullest_window(drawn_engine: Engine) -> None:
    assert patients(drawn_engine)["full"] == {
        "patient_id": "full",
        "n_stays": 4,
        "window_first_at": "2022-01-01T08:00:00",
        "window_last_at": "2022-05-21T09:00:00",
        # The newest with three is that of 20 April 2022 to 10 April 2023.
        "newest_window_last_at": "2023-04-10T08:00:00",
        "is_current": False,
        "stays": ["full1", "full3", "full4", "full5"],
        # The planned stay in between is passed over; the night to 27 March is an hour shorter.
        "gaps_h": [77 * 24.0, 30 * 24.0 - 1.0, 30 * 24.0 + 1.0],
        "share_gaps_30_days": pytest.approx(1 / 3),
        "n_units": 3,
        "units": ["med", "psych", "surg"],
    }


def test_of_equally_full_windows_the_earliest(drawn_engine: Engine) -> None:
    row = patients(drawn_engine)["tie"]
    assert row["stays"] == ["tie1", "tie2", "tie3"]
    assert row["newest_window_last_at"] == "2023-03-01T08:00:00"


def test_the_denominator(drawn_engine: Engine) -> None:
    first = ask(drawn_engine, "revolving_door").manifest["among"]
    assert first == len({row["patient_id"] for row in CONTACTS})
    assert ask(drawn_engine, "revolving_door", as_of="2020-01-01").manifest["among"] == 0
    assert ask(drawn_engine, "revolving_door", as_of="2021-01-01").manifest["among"] == 1


def test_who_is_current(drawn_engine: Engine) -> None:
    current = {p for p, row in patients(drawn_engine).items() if row["is_current"]}
    assert current == {"exact", "last", "newyear", "open"}


@pytest.mark.parametrize(
    ("patient", "as_of", "is_current"),
    [
        # The window's last start, 10 February 08:00, is within 365 x 24 h of the end of the day.
        ("newyear", "2025-02-08", True),
        ("newyear", "2025-02-09", False),
        ("dead", "2024-03-09", True),
        ("dead", "2024-03-10", False),
        ("end", "2024-03-03", True),  # still in; that it ends in death is not known
        ("end", "2024-03-04", False),
        ("tie", "2023-12-01", True),
        ("tie", "2024-12-01", False),
    ],
)
def test_current_as_of(drawn_engine: Engine, patient: str, as_of: str, is_current: bool) -> None:
    assert patients(drawn_engine, as_of=as_of)[patient]["is_current"] is is_current


def test_units_met_until_the_day(drawn_engine: Engine) -> None:
    assert patients(drawn_engine, as_of="2024-06-20")["last"]["units"] == ["med", "surg"]
    assert patients(drawn_engine, as_of="2024-06-21")["last"]["units"] == ["med", "surg", "psych"]


def test_before_everything_there_is_nothing(drawn_engine: Engine) -> None:
    assert patients(drawn_engine, as_of="2020-01-01") == {}


def test_the_drawing_spans_what_it_says() -> None:
    starts = {
        row["contact_id"]: datetime.fromisoformat(row["started_at"])
        for row in CONTACTS
        if row["started_at"]
    }
    assert starts["exact3"] - starts["exact1"] == timedelta(days=365)
    assert starts["minute3"] - starts["minute1"] == timedelta(days=365, minutes=1)
