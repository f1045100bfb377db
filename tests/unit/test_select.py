"""Rows chosen, ordered and cut, against plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathgraph.api.language import language_of
from pathgraph.errors import ParameterError
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.result import Result
from pathgraph.queries.select import Selection, select

FINDING = find_finding("transfers")
NAMES = [c.name for c in FINDING.returns]


def result(rows: list[dict[str, Any]], hidden: list[bool] | None = None) -> Result:
    table = pa.table(
        {name: [row.get(name) for row in rows] for name in ("from_unit", "n_patients")}
    )
    masks = {} if hidden is None else {"n_patients": np.array(hidden)}
    return Result(FINDING, table, {"n_rows": len(rows), "truncated": False}, masks)


ROWS = [
    {"from_unit": "Øst", "n_patients": 7},
    {"from_unit": "Asker", "n_patients": None},
    {"from_unit": "Åsen", "n_patients": 12},
    {"from_unit": None, "n_patients": 7},
    {"from_unit": "Ærlig", "n_patients": 5},
]


def units(chosen: Result) -> list[str | None]:
    values: list[str | None] = chosen.table.column("from_unit").to_pylist()
    return values


@pytest.mark.parametrize("name", ["from_unit", "n_patients"])
def test_the_columns_exist_in_the_finding(name: str) -> None:
    assert name in NAMES


def test_texts_are_ordered_by_the_alphabet_of_the_reader() -> None:
    chosen = select(result(ROWS), Selection(sort="from_unit", key=language_of("nb").sort_key))
    assert units(chosen) == ["Asker", "Ærlig", "Øst", "Åsen", None]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("n_patients", ["Ærlig", "Øst", None, "Åsen", "Asker"]),
        ("-n_patients", ["Åsen", "Øst", None, "Ærlig", "Asker"]),
    ],
)
def test_what_has_no_value_is_last_either_way(sort: str, expected: list[str]) -> None:
    assert units(select(result(ROWS), Selection(sort=sort))) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7", ["Øst", None]),
        ("6..", ["Øst", "Åsen", None]),
        ("..7", ["Øst", None, "Ærlig"]),
        ("5..7", ["Øst", None, "Ærlig"]),
        ("", ["Asker"]),
    ],
)
def test_numbers_fit_a_value_or_a_range(text: str, expected: list[str]) -> None:
    chosen = select(result(ROWS), Selection(where={"n_patients": (text,)}))
    assert units(chosen) == expected
    assert chosen.manifest["n_selected"] == len(expected)
    assert chosen.manifest["n_rows"] == len(ROWS)


def test_texts_fit_whole_or_in_part() -> None:
    assert units(select(result(ROWS), Selection(where={"from_unit": ("*S*",)}))) == [
        "Øst", "Asker", "Åsen",
    ]  # fmt: skip
    assert units(select(result(ROWS), Selection(where={"from_unit": ("Øst", "Asker")}))) == [
        "Øst", "Asker",
    ]  # fmt: skip
    assert units(select(result(ROWS), Selection(where={"from_unit": ("s",)}))) == []


def test_a_hidden_value_fits_nothing_and_stays_hidden() -> None:
    given_ = result(ROWS, [False, True, False, False, False])
    assert units(select(given_, Selection(where={"n_patients": ("",)}))) == []
    assert units(select(given_, Selection(where={"n_patients": ("0..100",)}))) == [
        "Øst", "Åsen", None, "Ærlig",
    ]  # fmt: skip
    chosen = select(given_, Selection(sort="n_patients"))
    assert chosen.hidden["n_patients"].tolist() == [False, False, False, False, True]


def test_pages_are_cut_after_order_and_choice() -> None:
    chosen = select(result(ROWS), Selection({"n_patients": ("5..",)}, "-n_patients", 1, 2))
    assert units(chosen) == ["Øst", None]
    assert chosen.manifest["truncated"] is True
    last = select(result(ROWS), Selection({}, "", 4, 2))
    assert units(last) == ["Ærlig"]
    assert select(result(ROWS), Selection()).manifest["truncated"] is False


def test_all_that_does_not_fit_is_said_at_once() -> None:
    selection = Selection({"nothing": ("x",), "n_patients": ("a", "1..b", "nan")}, "-neither")
    with pytest.raises(ParameterError) as caught:
        select(result(ROWS), selection)
    names = [name for name, _ in caught.value.problems]
    assert sorted(names) == [
        "sort", "where.n_patients", "where.n_patients", "where.n_patients", "where.nothing",
    ]  # fmt: skip


@given(
    st.lists(st.one_of(st.none(), st.integers(-5, 20)), max_size=12),
    st.integers(-3, 10),
    st.integers(-3, 20),
    st.booleans(),
)
def test_against_plain_python(values: list[int | None], low: int, high: int, down: bool) -> None:
    rows = [{"from_unit": str(i), "n_patients": v} for i, v in enumerate(values)]
    selection = Selection(
        {"n_patients": (f"{low}..{high}",)}, "-n_patients" if down else "n_patients"
    )
    expected = [
        row for row in rows if row["n_patients"] is not None and low <= row["n_patients"] <= high
    ]
    expected.sort(key=lambda row: -row["n_patients"] if down else row["n_patients"])
    assert select(result(rows), selection).table.to_pylist() == expected
