"""A plan's numbers: its periods, and all that is wrong with it at once."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from pathgraph.analysis.plan_numbers import Fault, faults_of, period_of


@pytest.mark.parametrize(
    ("text", "first", "last", "n_days"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31), 366),
        ("2025-Q1", date(2025, 1, 1), date(2025, 3, 31), 90),
        ("2025-Q4", date(2025, 10, 1), date(2025, 12, 31), 92),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28), 28),
        (" 2023-12 ", date(2023, 12, 1), date(2023, 12, 31), 31),
    ],
)
def test_periods(text: str, first: date, last: date, n_days: int) -> None:
    period = period_of(text)
    assert period is not None
    assert (period.first, period.last, period.n_days) == (first, last, n_days)
    assert period.name == text.strip()


@pytest.mark.parametrize("text", ["", "25", "2025-Q5", "2025-13", "2025-1", "2025-00", "x", "0000"])
def test_what_is_no_period(text: str) -> None:
    assert period_of(text) is None


def test_the_later_period_comes_later() -> None:
    names = ["2025-Q1", "2024", "2025", "2025-03"]
    known = sorted(p for name in names if (p := period_of(name)) is not None)
    assert [p.name for p in known] == ["2024", "2025-Q1", "2025-03", "2025"]


def plan(*rows: tuple[str, float | None, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["unit_id", "planned", "basis"])


def test_a_sound_plan_has_no_faults() -> None:
    assert faults_of(plan(("a", 0.25, "share"), ("b", 0.75, "share")), {}) == []
    assert faults_of(plan(("a", 0.0, "absolute"), ("b", 120.0, "absolute")), {}) == []


def test_all_faults_are_named_at_once() -> None:
    faults = faults_of(
        plan(
            ("a", -3.0, "absolute"), ("b", 1.5, "share"), ("c", None, "absolute"),
            ("ward", 4.0, None),
        ),
        {"ward": ["c", "trust"]},
    )  # fmt: skip
    assert faults == [
        Fault("negative", ("a",)),
        Fault("not_a_number", ("c",)),
        Fault("above_one", ("b",)),
        Fault("no_basis", ("ward",)),
        Fault("counted_twice", ("ward",)),
        Fault("two_bases", ("b",)),
    ]


@pytest.mark.parametrize(("last", "is_sound"), [(0.4, True), (0.41, False), (0.4000000001, True)])
def test_shares_sum_to_one(last: float, is_sound: bool) -> None:
    faults = faults_of(plan(("a", 0.6, "share"), ("b", last, "share")), {})
    assert faults == ([] if is_sound else [Fault("no_sum")])
