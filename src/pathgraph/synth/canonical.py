"""Arrays to rows of the canonical tables: days become dates, seconds become instants."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.model.tables import canonical_table
from pathgraph.model.types import Column, ColumnType
from pathgraph.synth.lives import NEVER

__all__ = ["arrow_type", "canonical_rows", "empty_table"]

_TYPES = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.NUMBER: pa.float64(),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    # With a zone, so that the hour that occurs twice in autumn is told apart.
    ColumnType.TIME: pa.timestamp("s", tz="UTC"),
}


def arrow_type(column: Column) -> pa.DataType:
    """Return the Arrow type in which a canonical column is written."""
    return _TYPES.get(column.type, pa.string())


def empty_table(name: str) -> pa.Table:
    """Return the canonical table ``name`` without rows.

    Examples
    --------
    >>> empty_table("plan_statuses").schema.names
    ['plan_id', 'status', 'valid_from']
    """
    columns = canonical_table(name).columns
    return pa.table({column.name: pa.array([], arrow_type(column)) for column in columns})


def canonical_rows(name: str, n: int, columns: dict[str, Any]) -> pa.Table:
    """Return ``n`` rows of the canonical table ``name``; what is not given is empty.

    Parameters
    ----------
    columns
        Texts as Arrow or NumPy arrays; dates as days and times as seconds since 1970, both with
        ``NEVER`` for empty.

    Examples
    --------
    >>> canonical_rows("plan_revisions", 2, {"revise_by": [0, NEVER]})["revise_by"].to_pylist()
    [datetime.date(1970, 1, 1), None]
    """
    declared = canonical_table(name).columns
    unknown = set(columns) - {column.name for column in declared}
    assert not unknown, f"{name} has no {unknown}"
    return pa.table(
        {
            column.name: _array(column, columns[column.name])
            if column.name in columns
            else pa.nulls(n, arrow_type(column))
            for column in declared
        }
    )


def _array(column: Column, values: Any) -> pa.Array | pa.ChunkedArray:
    type_ = arrow_type(column)
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values.cast(type_)
    if column.type not in (ColumnType.DATE, ColumnType.TIME):
        return pa.array(values, type_)
    numbers = pa.array(values, pa.int64())
    known = pc.if_else(pc.equal(numbers, NEVER), pa.scalar(None, pa.int64()), numbers)
    return known.cast(pa.int32()).cast(type_) if type_ == pa.date32() else known.cast(type_)
