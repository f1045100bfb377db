"""Who coordinates the patients that each unit treats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.analysis.holders import place_holdings
from pathgraph.analysis.ties import directed_ties, shown_units, with_ends
from pathgraph.queries.frame import frame_of
from pathgraph.queries.network_nodes import asked_units, municipality_nodes
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]

_ROLE_DAYS = ("valid_from_day", "valid_to_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a coordinator's place and unit; ``table`` has who coordinates whom."""
    depth = context.text("depth")
    treating = asked_units(context, context.parameters["levels"], depth)
    units = frame_of(context.query("named_units"))
    held = _held_in_period(table, context)
    if context.text("coordinators_by") == "municipality":
        shown = dict(zip(units["unit_id"], units["municipality_code"], strict=True))
        nodes = municipality_nodes(context.query("municipality_names"))
    else:
        shown, nodes = shown_units(units, depth), treating.nodes
    held["from_id"] = held["unit_id"].map(shown)
    pairs = held[["subject", "from_id"]].drop_duplicates()
    rows = _with_visits(pairs, context.query("visits"))
    ties = directed_ties(rows, to_shown=treating.shown)
    return with_ends(ties, nodes, treating.nodes).rename(columns={"n": "n_contacts"})


def _held_in_period(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return where holders stood while role, employment and unit held together in the period."""
    placed = place_holdings(
        frame_of(table, integers=_ROLE_DAYS), asked_places(context), context.as_of_day
    )
    begin = placed[["held_from", "employed_from", "unit_from"]].max(axis=1)
    end = placed[["held_to", "employed_to", "unit_to"]].min(axis=1)
    first = context.as_of_day - context.whole("period_days") + 1
    is_there = (np.maximum(begin, first) < end) & (begin <= context.as_of_day)
    return placed[is_there].copy()


def _with_visits(pairs: pd.DataFrame, visits: pa.Table) -> pa.Table:
    """Return ``patient_id``, ``from_id``, ``to_id`` and ``n`` of those who have a coordinator."""
    columns = {"patient_id": pairs["subject"], "from_id": pairs["from_id"]}
    held = pa.table({name: pa.array(ids, pa.string()) for name, ids in columns.items()})
    came = visits.rename_columns({"unit_id": "to_id"})
    schema = pa.schema([(n, pa.int64() if n == "n" else pa.string()) for n in came.column_names])
    came = came.cast(schema)
    # Few have a coordinator: a join of everybody's visits takes several times as long.
    is_of_them = pc.is_in(came.column("patient_id"), held.column("patient_id"))
    return held.join(came.filter(is_of_them), "patient_id", join_type="inner")
