"""Pairs, stays under way and windows, without an engine."""

from __future__ import annotations

import json
import random
import time

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.pathways import fullest_windows, latest_pairs, stays_under_way

_DAY = 86_400


def acute_stays(starts: dict[str, list[float]], *, length_d: float = 1) -> pd.DataFrame:
    """Stays by patient; starts in days."""
    rows = [
        {
            "patient_id": patient,
            "is_dead": False,
            "stay_id": f"{patient}{n}",
            "started_s": round(day * _DAY),
            "started_at": f"day {day:g}",
            "ended_s": round((day + length_d) * _DAY),
            "unit_ids": json.dumps([f"u{n % 2}", "v"]),
        }
        for patient, days in starts.items()
        for n, day in enumerate(days)
    ]
    random.Random(4).shuffle(rows)
    return pd.DataFrame(rows)


def windows(
    starts: dict[str, list[float]], *, as_of_day: float = 10_000, min_stays: int = 3
) -> dict[str, dict[str, object]]:
    found = fullest_windows(
        acute_stays(starts), min_stays=min_stays, window_days=365, as_of_s=round(as_of_day * _DAY)
    )
    return {row["patient_id"]: row for row in found.to_dict("records")}


def test_a_window_is_at_most_365_days_from_first_start_to_last() -> None:
    found = windows({"in": [0, 100, 365], "out": [0, 100, 365 + 1 / 1440], "two": [0, 1]})
    assert list(found) == ["in"]


def test_windows_do_not_reach_over_to_the_next_patient() -> None:
    assert windows({"a": [700, 701], "b": [0, 1], "c": [0, 364]}) == {}


def test_the_fullest_and_of_equal_ones_the_earliest() -> None:
    found = windows(
        {"p": [0, 1, 2, 1000, 1001, 1002, 2000, 2001, 2002, 2003], "q": [0, 1, 2, 900, 901, 902]}
    )
    assert found["p"]["stays"] == ["p6", "p7", "p8", "p9"]
    assert found["q"]["stays"] == ["q0", "q1", "q2"]
    assert found["q"]["newest_window_last_at"] == "day 902"


def test_gaps_and_units() -> None:
    row = windows({"p": [0, 31, 62 + 1 / 24]})["p"]
    assert row["gaps_h"] == [720.0, 721.0]
    assert row["share_gaps_30_days"] == 0.5
    assert row["units"] == ["u0", "v", "u1"]
    assert row["n_units"] == 3


@pytest.mark.parametrize(("as_of_day", "is_current"), [(402, True), (402 + 1 / 86_400, False)])
def test_current_is_a_window_that_ended_within_its_length(
    as_of_day: float, is_current: bool
) -> None:
    assert windows({"p": [0, 1, 37]}, as_of_day=as_of_day)["p"]["is_current"] is is_current


def test_no_stays_give_no_rows_with_all_columns() -> None:
    empty = acute_stays({"p": [0]}).iloc[:0]
    found = fullest_windows(empty, min_stays=3, window_days=365, as_of_s=0)
    some = fullest_windows(
        acute_stays({"p": [0, 1, 2]}), min_stays=3, window_days=365, as_of_s=_DAY
    )
    assert set(found) == set(some)
    assert found.empty


def test_stays_after_the_year_3000_and_before_1900_do_not_mix() -> None:
    assert set(windows({"a": [-40_000, -39_990, -39_980], "b": [380_000, 380_001, 380_002]})) == {
        "a",
        "b",
    }


def test_many_patients_are_folded_without_a_loop_over_them() -> None:
    n = 100_000
    random_ = np.random.default_rng(5)
    started = random_.integers(0, 730 * _DAY, 4 * n)
    stays = pd.DataFrame(
        {
            "patient_id": np.repeat(np.arange(n), 4).astype(str),
            "is_dead": False,
            "stay_id": np.arange(4 * n).astype(str),
            "started_s": started,
            "started_at": "x",
            "ended_s": started,
            "unit_ids": '["u"]',
        }
    )
    begun = time.perf_counter()
    found = fullest_windows(stays, min_stays=3, window_days=365, as_of_s=730 * _DAY)
    assert len(found) > n / 4
    # Takes about a second; a loop over patients takes minutes.
    assert time.perf_counter() - begun < 20


def further_back(*rows: tuple[str, int, bool]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["readmission_stay_id", "gap_s", "is_within"])


def test_of_the_stays_further_back_the_nearest_alone_is_asked() -> None:
    direct = pd.DataFrame({"readmission_stay_id": ["r"], "gap_s": [5], "is_eligible": [False]})
    near_is_too_near = further_back(("r", 10, False), ("r", 100, True))
    assert latest_pairs(direct, near_is_too_near).empty
    near_is_right = further_back(("r", 100, True), ("r", 900, False))
    assert latest_pairs(direct, near_is_right)["gap_s"].to_list() == [100]
    assert latest_pairs(direct, further_back()).empty


def under_way(*rows: dict[str, object], as_of_s: int = 100) -> pd.DataFrame:
    usual = {
        "stay_id": "s", "sequence": 1, "unit_id": "u", "started_s": 0, "ended_dead": False,
        "has_parent": False,
    }  # fmt: skip
    frame = pd.DataFrame([{**usual, **row} for row in rows])
    return stays_under_way(frame.astype({"ended_s": "Int64", "sequence": "Int64"}), as_of_s)


def test_a_stay_had_ended_when_all_its_inpatient_contacts_had() -> None:
    known = under_way(
        {"contact_id": "a", "ended_s": 90},
        {"contact_id": "b", "ended_s": 80, "sequence": 2, "unit_id": "v", "ended_dead": True},
    ).loc["s"]
    assert (known["has_ended"], known["ended_s"], known["ended_dead"]) == (True, 90, True)
    assert (known["unit_ids"], known["unit_id"]) == (["u", "v"], "v")


@pytest.mark.parametrize("ended_s", [None, 100, 101])
def test_a_later_end_or_none_means_that_it_goes_on(ended_s: int | None) -> None:
    known = under_way(
        {"contact_id": "a", "ended_s": 90, "ended_dead": True},
        {"contact_id": "b", "ended_s": ended_s, "sequence": 2},
    ).loc["s"]
    assert (known["has_ended"], known["ended_dead"]) == (False, False)
    assert pd.isna(known["ended_s"])


def test_what_is_below_an_admission_does_not_keep_it_open() -> None:
    known = under_way(
        {"contact_id": "a", "ended_s": 90, "sequence": None, "unit_id": "hospital"},
        {"contact_id": "b", "ended_s": None, "has_parent": True},
    ).loc["s"]
    assert known["has_ended"]
    assert known["unit_ids"] == ["u"]
