"""Days that patients waited in hospital, ready for discharge, by municipality and unit."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.known_ends import goes_on_after
from pathgraph.analysis.waiting import waiting_by_place, waiting_of_stays
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import stays_as_known
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality and unit with stays that ended alive, or with waiting."""
    stays = stays_as_known(frame_of(table, integers=["ended_s"], booleans=["ended_dead"]), context)
    periods = frame_of(context.query("periods"), integers=["ready_s", "ready_until_s"])
    stays = waiting_of_stays(stays, periods, as_of_s=context.as_of_s)
    has_ended = ~goes_on_after(stays, context.as_of_s)
    is_dead = stays["ended_dead"].to_numpy(dtype=bool, na_value=False)
    is_asked = (has_ended & ~is_dead) | stays["is_waiting"].to_numpy(dtype=bool)
    counted = waiting_by_place(stays[is_asked])
    return counted.assign(
        unit_name=_named(counted["unit"], frame_of(context.query("units"))),
        municipality_name=_named(
            counted["municipality_code"], frame_of(context.query("municipalities"))
        ),
    )


def _named(ids: pd.Series[str], names: pd.DataFrame) -> pd.Series[str]:
    """Return the names of what the first column of ``names`` identifies."""
    by_id = dict(zip(names.iloc[:, 0], names["name"], strict=True))
    return pd.Series([by_id.get(id_) for id_ in ids], index=ids.index, dtype="object")
