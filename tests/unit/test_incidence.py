"""Cumulative incidence with competing events, against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from pathgraph.analysis.incidence import cumulative_incidence


def incidence(pairs: list[tuple[float, int]], at: list[float]) -> list[float]:
    time = np.array([t for t, _ in pairs], dtype=np.float64)
    cause = np.array([c for _, c in pairs], dtype=np.int64)
    found: list[float] = cumulative_incidence(time, cause, at).tolist()
    return found


def test_worked_out_by_hand() -> None:
    # At risk and free before: 1: 6, 1; 2: 5, 5/6; 4: 3, 5/6 x 4/5 = 2/3; 6: 1, 2/3 x 1/3 = 2/9.
    pairs = [(1.0, 1), (2.0, 2), (3.0, 0), (4.0, 1), (4.0, 2), (6.0, 1)]
    expected = [0, 1 / 6, 1 / 6, 1 / 6 + 2 / 3 / 3, 1 / 6 + 2 / 9 + 2 / 9]
    assert incidence(pairs, [0, 1, 2, 4, 6]) == pytest.approx(expected)


def test_without_competing_events_it_is_one_minus_kaplan_meier() -> None:
    generator = np.random.default_rng(7)
    time = generator.integers(0, 40, 200).astype(np.float64)
    cause = generator.integers(0, 2, 200)
    free = 1.0
    for moment in range(31):
        at_risk = int((time >= moment).sum())
        free *= 1 - int(((time == moment) & (cause == 1)).sum()) / at_risk
        assert cumulative_incidence(time, cause, [moment])[0] == pytest.approx(1 - free)


def test_without_censoring_it_is_the_share() -> None:
    pairs = [(5.0, 1), (9.0, 2), (20.0, 1), (31.0, 1)]
    assert incidence(pairs, [4, 5, 30, 31, 99]) == [0.0, 0.25, 0.5, 0.75, 0.75]


def test_who_is_lost_on_the_day_of_an_event_is_at_risk_of_it() -> None:
    assert incidence([(5.0, 1), (5.0, 0)], [5]) == [0.5]


def test_an_event_on_the_first_day_counts() -> None:
    assert incidence([(0.0, 1), (8.0, 0)], [0, 8]) == [0.5, 0.5]


def test_nothing_is_said_of_what_nobody_was_followed_to() -> None:
    assert incidence([(5.0, 1), (8.0, 0)], [8]) == [0.5]
    assert math.isnan(incidence([(5.0, 1), (8.0, 0)], [9])[0])
    assert math.isnan(incidence([], [9])[0])
    assert math.isnan(incidence([(5.0, 0)], [9])[0])
