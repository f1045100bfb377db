"""From what an engine returned to the DataFrame that a fold works on."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["frame_of", "rows_of"]

_NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.bool_(): pd.BooleanDtype()}


def frame_of(
    table: pa.Table, *, integers: Collection[str] = (), booleans: Collection[str] = ()
) -> pd.DataFrame:
    """Return a table of an engine as a DataFrame whose types don't depend on the rows.

    Neo4j does not say of what type a column is that holds nulls alone.

    Parameters
    ----------
    integers, booleans
        Columns that may hold nulls alone, by what they hold otherwise.

    Returns
    -------
    Integers are ``Int64`` and booleans ``boolean``, both nullable.

    Examples
    --------
    >>> table = pa.table({"died_day": pa.array([None], pa.string())})
    >>> frame_of(table, integers=["died_day"]).dtypes.to_list()
    [Int64Dtype()]
    """
    for names, type_ in ((integers, pa.int64()), (booleans, pa.bool_())):
        for name in names:
            number = table.schema.get_field_index(name)
            table = table.set_column(number, name, table.column(number).cast(type_))
    frame: pd.DataFrame = table.to_pandas(types_mapper=_NULLABLE.get)
    return frame


def rows_of(
    table: pa.Table, name: str, ids: Iterable[str] | pa.ChunkedArray, *, is_without: bool = False
) -> pa.Table:
    """Return the rows whose id is one of those given, or none of them.

    Done before a DataFrame is made of a table: of a million rows those of few patients are left.

    Parameters
    ----------
    name
        Column with the id.
    is_without
        Return the other rows.

    Examples
    --------
    >>> rows_of(pa.table({"id": ["a", "b"]}), "id", ["b", "c"]).to_pylist()
    [{'id': 'b'}]
    """
    known = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else pa.array(ids, pa.string())
    column = table.column(name)
    is_known = pc.is_in(column.cast(pa.string()), known.cast(pa.string()))
    return table.filter(pc.invert(is_known) if is_without else is_known)
