"""Comparing answers: what is the same whatever the order, and what is not."""

from __future__ import annotations

import pandas as pd
import pytest

from benchmarks.compare import differences

ROWS = pd.DataFrame(
    {
        "stay_id": ["a", "b", "c"],
        "n": pd.array([1, None, 3], dtype="Int64"),
        "share": [0.25, 0.5, float("nan")],
        "units": ["x", None, "z"],
    }
)


@pytest.mark.parametrize(
    "same",
    [
        ROWS,
        ROWS.iloc[::-1],
        ROWS[["units", "share", "n", "stay_id"]],
        ROWS.assign(n=ROWS["n"].astype("float64")),
        ROWS.assign(share=ROWS["share"] * (1 + 1e-12)),
    ],
    ids=["itself", "another order", "columns in another order", "float counts", "rounding"],
)
def test_the_same_rows_are_the_same(same: pd.DataFrame) -> None:
    assert differences(ROWS, same, key=["stay_id"]) == []


@pytest.mark.parametrize(
    ("other", "problem"),
    [
        (ROWS.iloc[:2], "3 rows against 2"),
        (ROWS.assign(n=[1, 2, 3]), "column n differs in 1 of 3 rows"),
        (ROWS.assign(n=[1, None, 4]), "column n differs in 1 of 3 rows"),
        (ROWS.assign(share=[0.25, 0.500001, None]), "column share differs in 1 of 3 rows"),
        (ROWS.assign(units=["x", "y", "Z"]), "column units differs in 2 of 3 rows"),
        (ROWS.assign(stay_id=["a", "b", "d"]), "column stay_id differs in 1 of 3 rows"),
    ],
)
def test_a_difference_is_named(other: pd.DataFrame, problem: str) -> None:
    assert differences(ROWS, other, key=["stay_id"]) == [problem]


def test_a_missing_column_is_named() -> None:
    (problem,) = differences(ROWS, ROWS.drop(columns="n"), key=["stay_id"])
    assert problem.startswith("columns ['n', 'share'")


def test_two_empty_tables_are_the_same() -> None:
    assert differences(ROWS.iloc[:0], ROWS.iloc[:0], key=["stay_id"]) == []
