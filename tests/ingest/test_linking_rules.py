"""Linking: what the rules say in so many words. The oracle is held to it as well."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

import duckdb
import pytest

from tests.ingest.linked_tables import (
    ALL_ACUTE,
    DAY,
    HOUR,
    OSLO,
    Contact,
    compare,
    contact,
    working_database,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with working_database() as opened:
        yield opened


def _at(*when: int, fold: int = 0) -> int:
    return int(datetime(*when, tzinfo=OSLO, fold=fold).timestamp())  # type: ignore[arg-type,misc]


_NOON = _at(2024, 1, 10, 12)


def _two_stays(gap_s: int, **second: Any) -> list[Contact]:
    start = _NOON + DAY + gap_s
    return [contact("a", _NOON, _NOON + DAY), contact("b", start, start + DAY, **second)]


@pytest.mark.parametrize(
    ("gap_s", "n_stays"),
    [(-HOUR, 1), (0, 1), (8 * HOUR - 1, 1), (8 * HOUR, 2), (8 * HOUR + 1, 2), (30 * DAY, 2)],
)
def test_a_contact_less_than_8_hours_after_the_end_is_the_same_stay(
    connection: duckdb.DuckDBPyConnection, gap_s: int, n_stays: int
) -> None:
    linked = compare(connection, _two_stays(gap_s, unit="Surgery"))
    assert len(linked["stays"]) == n_stays
    if n_stays == 2:
        assert linked["stays"]["a"]["next_stay_id"] == "b"
        assert linked["stays"]["a"]["next_gap_s"] == gap_s


def test_the_merge_gap_is_an_option(connection: duckdb.DuckDBPyConnection) -> None:
    assert len(compare(connection, _two_stays(12 * HOUR), merge_gap_s=13 * HOUR)["stays"]) == 1
    assert len(compare(connection, _two_stays(HOUR), merge_gap_s=HOUR)["stays"]) == 2


def test_returned_from_another_hospital_continues_the_stay_at_any_gap(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = compare(connection, _two_stays(30 * DAY, urgency="5"))
    assert linked["stays"]["a"]["n_contacts"] == 2
    assert linked["stays"]["a"]["ended_s"] == _NOON + 32 * DAY
    # With nothing to return to it is a stay of its own.
    alone = [contact("a", _NOON, _NOON + DAY, urgency="5")]
    assert set(compare(connection, alone)["stays"]) == {"a"}


def test_the_running_maximum_of_the_ends_counts_not_the_last_end(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = compare(
        connection,
        [
            contact("long", _NOON, _NOON + 10 * DAY),
            contact("inside", _NOON + DAY, _NOON + 2 * DAY),
            contact("after", _NOON + 10 * DAY + HOUR, _NOON + 11 * DAY),
        ],
    )
    assert set(linked["stays"]) == {"long"}
    assert linked["stays"]["long"]["ended_s"] == _NOON + 11 * DAY


def test_a_stay_whose_long_contact_ends_last_ends_with_it(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = compare(
        connection,
        [
            contact("long", _NOON, _NOON + 10 * DAY),
            contact("inside", _NOON + DAY, _NOON + 2 * DAY),
        ],
    )
    assert linked["stays"]["long"]["ended_s"] == _NOON + 10 * DAY


@pytest.mark.parametrize(
    ("unit", "care_level", "parent", "is_stay"),
    [
        ("Medicine", "overnight", None, True),
        ("Psychiatric ward", "overnight", None, True),
        ("Nursing home", "overnight", None, False),
        ("Casualty", "overnight", None, False),
        ("Medicine", "day", None, False),
        ("Medicine", "outpatient", None, False),
        ("Medicine", None, None, False),
        ("Medicine", "overnight", "visit", False),
    ],
)
def test_only_overnight_contacts_without_parent_in_hospital_or_psychiatry_make_stays(
    connection: duckdb.DuckDBPyConnection,
    unit: str,
    care_level: str | None,
    parent: str | None,
    is_stay: bool,
) -> None:
    rows = [
        contact("visit", _NOON, _NOON + HOUR, care_level="outpatient"),
        contact("x", _NOON, _NOON + DAY, unit=unit, care_level=care_level, parent=parent),
    ]
    assert bool(compare(connection, rows)["stays"]) is is_stay


def test_patients_do_not_share_stays_or_next_contacts(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + DAY, patient="p"),
        contact("b", _NOON + DAY, _NOON + 2 * DAY, patient="q"),
    ]
    linked = compare(connection, rows)
    assert set(linked["stays"]) == {"a", "b"}
    assert not linked["next_contacts"]


def test_ties_in_time_are_broken_by_id(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        contact("b", _NOON, _NOON + DAY, unit="Surgery"),
        contact("a", _NOON, _NOON + HOUR, unit="Medicine"),
        contact("-1", _NOON, _NOON + HOUR, unit="Psychiatric ward"),
    ]
    linked = compare(connection, rows)
    stay = linked["stays"]["-1"]
    assert stay["unit_ids"] == ["Psychiatric ward", "Medicine", "Surgery"]
    assert stay["level"] == "psychiatry"
    assert (stay["admitted_unit_id"], stay["discharged_unit_id"]) == ("Psychiatric ward", "Surgery")


def test_eight_hours_are_elapsed_hours_when_the_clock_goes_back(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    # 23:00 to 06:30 looks like 7.5 hours and lasts 8.5.
    end, start = _at(2024, 10, 26, 23), _at(2024, 10, 27, 6, 30)
    rows = [contact("a", end - DAY, end), contact("b", start, start + DAY)]
    assert set(compare(connection, rows)["stays"]) == {"a", "b"}


def test_eight_hours_are_elapsed_hours_when_the_clock_goes_forward(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    # 23:00 to 07:30 looks like 8.5 hours and lasts 7.5.
    end, start = _at(2024, 3, 30, 23), _at(2024, 3, 31, 7, 30)
    rows = [contact("a", end - DAY, end), contact("b", start, start + DAY)]
    assert set(compare(connection, rows)["stays"]) == {"a"}


def test_acute_first_and_acute_any_are_two_things(connection: duckdb.DuckDBPyConnection) -> None:
    rows = _two_stays(HOUR, urgency="1")
    rows[0]["urgency"] = "4"
    stay = compare(connection, rows)["stays"]["a"]
    assert (stay["is_acute_first"], stay["is_acute_any"]) == (False, True)
    assert stay["first_acute_s"] == rows[1]["started_s"]


def test_what_is_registered_as_acute_goes_before_the_rule(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [contact("a", _NOON, _NOON + DAY, urgency="1", is_acute=False)]
    assert compare(connection, rows)["stays"]["a"]["is_acute_first"] is False
    assert compare(connection, rows, acute=ALL_ACUTE)["stays"]["a"]["is_acute_first"] is False


def test_without_codes_all_overnight_contacts_in_hospital_are_acute_and_no_others(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("in", _NOON, _NOON + DAY),
        contact("day", _NOON + 2 * DAY, None, care_level="day"),
        contact("home", _NOON + 3 * DAY, None, unit="Nursing home"),
    ]
    linked = compare(connection, rows, acute=ALL_ACUTE)
    acute = {key for key, row in linked["contacts"].items() if row["is_acute"]}
    assert acute == {"in"}


def test_an_open_stay_has_no_end_no_gap_and_no_follow_up(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + DAY),
        contact("b", _NOON + DAY, None),
        contact("c", _NOON + 2 * DAY, _NOON + 2 * DAY, unit="GP", care_level="outpatient"),
    ]
    stay = compare(connection, rows)["stays"]["a"]
    assert stay["n_contacts"] == 2
    assert stay["ended_s"] is stay["ended_day"] is stay["next_gp_s"] is None


def test_a_death_in_any_contact_ends_the_stay_with_death(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = _two_stays(HOUR)
    rows[0]["ended_dead"] = True
    assert compare(connection, rows)["stays"]["a"]["ended_dead"] is True


def _admission() -> list[Contact]:
    """An admission with an emergency visit before it, two wards, and a bed within the second."""
    return [
        contact("adm", _NOON, _NOON + 3 * DAY),
        contact(
            "ed",
            _NOON - 4 * HOUR,
            _NOON + HOUR,
            unit="Casualty",
            care_level=None,
            parent="adm",
        ),
        contact("w1", _NOON + HOUR, _NOON + DAY, unit="Surgery", care_level=None, parent="adm"),
        contact("w2", _NOON + DAY, _NOON + 3 * DAY, care_level=None, parent="adm"),
        contact(
            "bed",
            _NOON + 2 * DAY,
            _NOON + 3 * DAY,
            unit="Psychiatric ward",
            care_level=None,
            parent="w2",
        ),
    ]


def test_contacts_of_any_depth_below_an_admission_are_part_of_its_stay(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    linked = compare(connection, _admission())
    stay = linked["stays"]["adm"]
    assert stay["n_contacts"] == 1
    # The emergency visit began before the admission, and the stay begins where the admission does.
    assert stay["started_s"] == _NOON
    assert stay["unit_ids"] == ["Casualty", "Surgery", "Psychiatric ward"]
    assert stay["admitted_unit_id"] == "Casualty"
    assert stay["discharged_unit_id"] == "Psychiatric ward"
    places = {key: part["sequence"] for key, part in linked["parts"].items()}
    assert places == {"adm": None, "ed": 1, "w1": 2, "w2": None, "bed": 3}
    assert linked["parts"]["bed"]["previous_unit_id"] == "Surgery"
    assert linked["parts"]["bed"]["gap_s"] == DAY
    assert set(linked["next_contacts"]) == {"ed", "w1"}


def test_the_last_child_is_the_one_that_starts_last_not_the_one_that_ends_last(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("adm", _NOON, _NOON + 3 * DAY),
        contact("w1", _NOON, _NOON + 3 * DAY, unit="Surgery", care_level=None, parent="adm"),
        contact("w2", _NOON + DAY, _NOON + 2 * DAY, care_level=None, parent="adm"),
    ]
    assert compare(connection, rows)["stays"]["adm"]["discharged_unit_id"] == "Medicine"


def test_the_next_contact_begins_at_no_gap_when_it_began_before_the_end(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + 3 * DAY),
        contact("b", _NOON + DAY, _NOON + DAY + HOUR, unit="GP", care_level="outpatient"),
        contact("c", _NOON + 2 * DAY, None, unit="GP", care_level="outpatient"),
        contact("d", _NOON + 4 * DAY, None),
        contact("e", _NOON + 9 * DAY, None, unit="GP", care_level="outpatient"),
    ]
    gaps = {
        key: (row["gap_s"], row["gap_days"])
        for key, row in compare(connection, rows)["next_contacts"].items()
    }
    assert gaps == {
        "a": (0, 0),
        "b": (DAY - HOUR, 1),
        # Without an end an outpatient contact lasted no time, an overnight one goes on.
        "c": (2 * DAY, 2),
        "d": (0, 0),
    }


def test_both_gaps_between_two_contacts_of_a_stay_are_the_same(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a", _NOON, _NOON + 2 * DAY),
        contact("b", _NOON + HOUR, None, unit="Surgery"),
        contact("w", _NOON + DAY, _NOON + 2 * DAY, unit="Surgery", care_level=None, parent="a"),
    ]
    linked = compare(connection, rows)
    assert linked["parts"]["w"]["gap_s"] == linked["next_contacts"]["b"]["gap_s"] == 0


def test_gap_days_are_calendar_days(connection: duckdb.DuckDBPyConnection) -> None:
    end, start = _at(2023, 12, 31, 23, 59), _at(2024, 1, 1, 0, 1)
    rows = [
        contact("a", end - HOUR, end, care_level="outpatient"),
        contact("b", start, start + HOUR, care_level="outpatient"),
    ]
    edge = compare(connection, rows)["next_contacts"]["a"]
    assert (edge["gap_s"], edge["gap_days"]) == (120, 1)


def test_follow_up_is_the_first_contact_at_or_after_the_end(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    end = _NOON + DAY
    rows = [
        contact("a", _NOON, end),
        contact("before", end - 1, end + HOUR, unit="GP", care_level="outpatient"),
        contact("at", end, end + HOUR, unit="GP", care_level="outpatient"),
        contact("later", end + DAY, end + DAY, unit="GP", care_level="outpatient"),
        contact("home", end + 5 * DAY, None, unit="Nursing home"),
        contact("other", end + 1, end + 2, unit="Nursing home", patient="q"),
    ]
    stay = compare(connection, rows)["stays"]["a"]
    assert (stay["next_gp_s"], stay["next_municipal_s"]) == (end, end + 5 * DAY)


def test_equal_neighbours_collapse_to_runs_and_nothing_else_comes_between(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    rows = [
        contact("a1", _NOON, _NOON + DAY, urgency="4"),
        contact("a2", _NOON + 20 * DAY, _NOON + 21 * DAY, unit="Surgery", urgency="1"),
        contact("gp", _NOON + 22 * DAY, None, unit="GP", care_level="outpatient"),
        contact("b", _NOON + 23 * DAY, _NOON + 25 * DAY, unit="Nursing home"),
        contact("a3", _NOON + 30 * DAY, None),
    ]
    runs = compare(connection, rows)["runs"]
    assert [(key, row["level"], row["n_contacts"]) for key, row in sorted(runs.items())] == [
        ("a1", "hospital", 2),
        ("a3", "hospital", 1),
        ("b", "municipal", 1),
    ]
    assert runs["a1"]["ended_s"] == _NOON + 21 * DAY
    assert runs["a1"]["is_acute"] is False
    assert (runs["a1"]["next_level_run_id"], runs["a1"]["next_gap_s"]) == ("b", 2 * DAY)
    assert (runs["b"]["next_level_run_id"], runs["b"]["next_gap_s"]) == ("a3", 5 * DAY)
    assert runs["a3"]["ended_s"] is None


def test_a_run_with_an_open_contact_is_open(connection: duckdb.DuckDBPyConnection) -> None:
    rows = [
        contact("b1", _NOON, None, unit="Nursing home"),
        contact("b2", _NOON + DAY, _NOON + 2 * DAY, unit="Nursing home"),
        contact("a", _NOON + 3 * DAY, _NOON + 4 * DAY),
    ]
    run = compare(connection, rows)["runs"]["b1"]
    assert (run["ended_s"], run["next_level_run_id"], run["next_gap_s"]) == (None, "a", None)


@pytest.mark.parametrize(
    ("started", "country", "due"),
    [
        ((2024, 1, 10), "NO", (2024, 1, 11)),  # Wednesday to Thursday
        ((2024, 1, 12), "NO", (2024, 1, 15)),  # Friday over the weekend
        ((2024, 1, 13), "NO", (2024, 1, 15)),  # Saturday
        ((2024, 3, 27), "NO", (2024, 4, 2)),  # Wednesday before Easter to Tuesday after
        ((2024, 5, 16), "NO", (2024, 5, 21)),  # Constitution Day, weekend, Whit Monday
        ((2023, 12, 31), "NO", (2024, 1, 2)),  # over New Year
        ((2024, 3, 27), None, (2024, 3, 28)),  # weekends only
    ],
)
def test_due_day_is_the_first_working_day_after_the_start(
    connection: duckdb.DuckDBPyConnection,
    started: tuple[int, int, int],
    country: str | None,
    due: tuple[int, int, int],
) -> None:
    # Late in the evening: the local day counts, not the day in UTC.
    start = _at(*started, 23, 30)
    linked = compare(connection, [contact("a", start, start + DAY)], holidays=country)
    epoch = date(1970, 1, 1)
    assert epoch + timedelta(days=linked["contacts"]["a"]["due_day"]) == date(*due)


def test_nothing_comes_of_nothing(connection: duckdb.DuckDBPyConnection) -> None:
    assert all(not rows for rows in compare(connection, []).values())
