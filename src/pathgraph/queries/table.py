"""From what an engine (or a fold) returned to the declared table: columns, types, order."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.errors import QueryError
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.sentence import sentence

__all__ = ["arrow_type", "declared_table"]

_DECIMALS = 9
"""Fractions are rounded to this: engines reckon in different orders, and their last bits differ."""

_TYPES = {
    Kind.PERSONS: pa.int64(),
    Kind.COUNT: pa.int64(),
    Kind.SHARE: pa.float64(),
    Kind.DAYS: pa.float64(),
    Kind.HOURS: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
}


def arrow_type(column: Return) -> pa.DataType:
    """Return how a column is stored; it follows from the kind alone, never from the rows.

    Examples
    --------
    >>> arrow_type(Return("gaps", Kind.LIST, "gaps", unit="d"))
    ListType(list<item: double>)
    """
    if column.kind is Kind.LIST:
        return pa.list_(pa.float64() if column.unit else pa.string())
    return _TYPES.get(column.kind, pa.string())


def declared_table(table: pa.Table, finding: Finding) -> pa.Table:
    """Return ``table`` with the declared columns in order, cast by kind, sorted by the key.

    Texts sort by code point and nulls come last, whatever the engine does.

    Raises
    ------
    QueryError
        When a column is missing, holds something else than its kind says, or two rows have one
        key: the finding is wrong, not the data's owner.
    """
    names = table.column_names
    missing = [c.name for c in finding.returns if c.name not in names]
    if missing:
        raise QueryError(
            sentence(
                "{finding} declares the columns {columns} but did not return them. This is "
                "a fault of the finding; report it.",
                finding=finding.id,
                columns=", ".join(missing),
            )
        )
    columns = [_cast(finding, column, table.column(column.name)) for column in finding.returns]
    result = pa.table(columns, names=[c.name for c in finding.returns])
    if not finding.key or not result.num_rows:
        return result
    # Nulls come last unless told otherwise.
    order = pc.sort_indices(result, sort_keys=[(name, "ascending") for name in finding.key])
    result = result.take(order).combine_chunks()
    _check_key(result, finding)
    return result


def _cast(finding: Finding, column: Return, values: pa.ChunkedArray) -> pa.ChunkedArray:
    target = arrow_type(column)
    try:
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        if column.kind is Kind.LIST and _is_text(values.type):
            return _from_json(values, target)
        if _is_text(target) and not _is_text_like(values.type):
            raise pa.ArrowInvalid("not a text")
        values = values.cast(target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, ValueError):
        raise QueryError(
            sentence(
                "The column {column} of {finding} holds something else than its kind "
                "({kind}) says. This is a fault of the finding; report it.",
                column=column.name,
                finding=finding.id,
                kind=column.kind,
            )
        ) from None
    if pa.types.is_float64(target):
        # A share of nothing is unknown; JSON knows no NaN.
        values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, pa.float64()))
        values = pc.round(values, ndigits=_DECIMALS)
    return values


def _is_text(type_: pa.DataType) -> bool:
    return bool(pa.types.is_string(type_) or pa.types.is_large_string(type_))


def _is_text_like(type_: pa.DataType) -> bool:
    """Whether values of a type may stand as texts: ids of some sources are numbers."""
    return bool(_is_text(type_) or pa.types.is_integer(type_) or pa.types.is_null(type_)) or str(
        type_
    ).startswith("string")


def _from_json(values: pa.ChunkedArray, target: pa.DataType) -> pa.ChunkedArray:
    lists: Sequence[object] = [v if v is None else json.loads(v) for v in values.to_pylist()]
    try:
        return pa.chunked_array([pa.array(lists, target)])
    except pa.ArrowTypeError as error:
        raise ValueError from error


def _check_key(table: pa.Table, finding: Finding) -> None:
    """Compare each row of a sorted table with the one above it."""
    same = pa.scalar(True)
    for name in finding.key:
        below, above = table[name].slice(1), table[name].slice(0, table.num_rows - 1)
        are_unknown = pc.and_(pc.is_null(below), pc.is_null(above))
        same = pc.and_(same, pc.or_(pc.fill_null(pc.equal(below, above), False), are_unknown))
    if table.num_rows > 1 and pc.any(same).as_py():
        raise QueryError(
            sentence(
                "{finding} returned two rows with the same {columns}, by which its rows "
                "should be told apart. This is a fault of the finding; report it.",
                finding=finding.id,
                columns=", ".join(finding.key),
            )
        )
