"""What a finding returned as the declared table: types by kind alone, order by the key alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from pathgraph.errors import QueryError
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.queries.table import arrow_type, declared_table


def finding(*columns: Return, key: tuple[str, ...]) -> Finding:
    return Finding(
        id="x", version=1, titles={"en": "x"}, questions={"en": "x"}, parameters=(),
        returns=columns, key=key, needs=(), among=None, source="", cypher={},
    )  # fmt: skip


def column(kind: Kind, values: Any, unit: str | None = None) -> Any:
    declared = finding(Return("v", kind, "", unit=unit), key=())
    table = declared_table(pa.table({"v": values}), declared)
    assert table.schema.field("v").type == arrow_type(declared.returns[0])
    return table["v"].to_pylist()


@pytest.mark.parametrize(
    ("kind", "values", "expected"),
    [
        (Kind.PERSONS, pa.array([1.0, None]), [1, None]),
        (Kind.COUNT, pa.array([1], pa.decimal128(38, 0)), [1]),
        (Kind.COUNT, pa.nulls(2), [None, None]),
        (Kind.SHARE, pa.array([1, 2]), [1.0, 2.0]),
        (Kind.SHARE, pa.array([float("nan"), float("inf"), 0.5, None]), [None, None, 0.5, None]),
        (Kind.HOURS, pa.array([7621.320000000001, 1 / 3]), [7621.32, 0.333333333]),
        (Kind.ID, pa.array([-(2**63)]), ["-9223372036854775808"]),
        (Kind.ID, pa.array(["NA", ""]), ["NA", ""]),
        (Kind.TEXT, pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (Kind.TEXT, pa.array(["a"], pa.large_string()), ["a"]),
        (Kind.BOOLEAN, pa.array([True, None]), [True, None]),
        (Kind.LIST, pa.array([["a"], None, []]), [["a"], None, []]),
        (Kind.LIST, pa.array(['["a", "b"]', None]), [["a", "b"], None]),
        (Kind.LIST, pa.nulls(1), [None]),
        (Kind.LIST, pa.array([[1, 2]]), [["1", "2"]]),
    ],
)
def test_values_are_stored_by_kind(kind: Kind, values: Any, expected: list[Any]) -> None:
    assert column(kind, values) == expected


def test_lists_with_a_unit_hold_numbers() -> None:
    assert column(Kind.LIST, pa.array([[1, 2]]), "d") == [[1.0, 2.0]]
    assert column(Kind.LIST, pa.array(["[1, 2.5]"]), "d") == [[1.0, 2.5]]
    with pytest.raises(QueryError):
        column(Kind.LIST, pa.array(['["a"]']), "d")


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (Kind.COUNT, pa.array([1.5])),
        (Kind.COUNT, pa.array(["Zq7"])),
        (Kind.ID, pa.array([1.5])),
        (Kind.TEXT, pa.array([["Zq7"]])),
        (Kind.TEXT, pa.array([True])),
        (Kind.DATE, pa.array(pd.to_datetime(["2026-01-01"]))),
        (Kind.LIST, pa.array(["no json"])),
        (Kind.LIST, pa.array(['{"a": 1}'])),
        (Kind.BOOLEAN, pa.array(["yes"])),
    ],
)
def test_values_of_another_kind_are_refused_and_not_shown(kind: Kind, values: Any) -> None:
    with pytest.raises(QueryError, match=rf"The column v of x .* \({kind}\)") as caught:
        column(kind, values)
    assert str(values[0].as_py()) not in str(caught.value)


def test_rows_sort_by_code_point_with_nulls_last() -> None:
    names = ["b", None, "å", "Z", "a", "\U0001f600", "\uffff", "", "10", "9"]
    declared = finding(Return("n", Kind.TEXT, ""), Return("i", Kind.COUNT, ""), key=("n",))
    table = pa.table({"i": range(len(names)), "n": names})
    assert declared_table(table, declared)["n"].to_pylist() == [
        *sorted(n for n in names if n is not None),
        None,
    ]
    assert declared_table(table, declared).column_names == ["n", "i"]


def test_the_key_sorts_by_its_columns_in_turn_and_numbers_as_numbers() -> None:
    declared = finding(Return("a", Kind.TEXT, ""), Return("n", Kind.COUNT, ""), key=("a", "n"))
    table = pa.table({"a": ["y", "x", "x", "x"], "n": [1, 10, 9, None]})
    assert declared_table(table, declared)["n"].to_pylist() == [9, 10, None, 1]


def test_an_empty_table_keeps_its_types() -> None:
    declared = finding(Return("a", Kind.TEXT, ""), Return("n", Kind.COUNT, ""), key=("a",))
    table = declared_table(pa.table({"n": pa.nulls(0), "a": pa.nulls(0)}), declared)
    assert table.schema == pa.schema({"a": pa.string(), "n": pa.int64()})


@pytest.mark.parametrize(
    ("a", "n", "is_refused"),
    [
        (["x", "y", "x"], [1, 1, 1], True),
        (["x", "y", "x"], [1, 1, 2], False),
        ([None, "y", None], [1, 1, 1], True),
        ([None, "y", None], [1, 1, None], False),
        (["x"], [1], False),
    ],
)
def test_two_rows_with_one_key_are_refused(a: list[Any], n: list[Any], is_refused: bool) -> None:
    declared = finding(Return("a", Kind.TEXT, ""), Return("n", Kind.COUNT, ""), key=("a", "n"))
    table = pa.table({"a": a, "n": pa.array(n, pa.int64())})
    if not is_refused:
        assert declared_table(table, declared).num_rows == len(a)
        return
    with pytest.raises(QueryError, match="two rows with the same a, n"):
        declared_table(table, declared)
