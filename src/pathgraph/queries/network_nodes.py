"""What the folds of networks share: which units count, and as which they are shown."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.analysis.ties import shown_units
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context
from pathgraph.queries.spec import Value

__all__ = [
    "ShownUnits",
    "asked_units",
    "contacts_of_residents",
    "municipality_nodes",
    "shown_visits",
    "units_asked_for",
]

MUNICIPALITY = "municipality"
"""Kind of a node that is a municipality."""


@dataclass(frozen=True, slots=True)
class ShownUnits:
    """The units that count, and the nodes as which they are shown.

    Attributes
    ----------
    units
        One row a unit that counts: ``unit_id``, ``level`` and what else is known of it.
    nodes
        ``name``, ``kind`` and ``level`` by node.
    shown
        Node by unit that counts.
    """

    units: pd.DataFrame
    nodes: pd.DataFrame
    shown: dict[str, str]


def asked_units(context: Context, levels: Value, depth: str = "unit") -> ShownUnits:
    """Return the units of these levels; the network names the part ``named_units``."""
    return units_asked_for(context.query("named_units"), levels, depth)


def units_asked_for(table: pa.Table, levels: Value, depth: str) -> ShownUnits:
    """Return the units of these levels, at the depth asked for."""
    units = frame_of(table)
    shown = shown_units(units, depth)
    counted = units[units["level"].isin(levels if isinstance(levels, tuple) else [])]
    nodes = units.set_index("unit_id")[["name", "kind", "level"]]
    return ShownUnits(counted, nodes, {unit: shown[unit] for unit in counted["unit_id"]})


def shown_visits(table: pa.Table, units: ShownUnits) -> pd.DataFrame:
    """Return who came where: ``patient_id`` and ``provider``, the node as which a unit is shown.

    Parameters
    ----------
    table
        Rows in any number, with ``patient_id`` and ``unit_id``.
    """
    visits: pd.DataFrame = table.select(["patient_id", "unit_id"]).to_pandas().astype(object)
    visits["provider"] = visits.pop("unit_id").map(units.shown)
    return visits


def contacts_of_residents(context: Context) -> pa.Table:
    """Return how often patients came from each municipality to each unit.

    The network names the parts ``visits``, ``residences_all_the_time`` and ``contacts_of_movers``.

    Returns
    -------
    ``patient_id``, ``from_id`` (municipality), ``to_id`` (unit), ``n``; by where the patient lived
    when the contact began.
    """
    columns = ["patient_id", "from_id", "to_id", "n"]
    schema = pa.schema([(name, pa.int64() if name == "n" else pa.string()) for name in columns])
    visits = context.query("visits").rename_columns({"unit_id": "to_id"})
    stayed = _texts(context.query("residences_all_the_time"))
    moved = _while_there(context).select(columns).cast(schema)
    settled = _texts(visits).join(stayed, "patient_id", join_type="inner")
    return pa.concat_tables([settled.select(columns).cast(schema), moved])


def _while_there(context: Context) -> pa.Table:
    """Return the contacts in the period that began while the patient lived there, counted."""
    table = context.query("contacts_of_movers")
    day, begin, end = (
        table.column(name).cast(pa.int64())
        for name in ("started_day", "valid_from_day", "valid_to_day")
    )
    conditions = (
        pc.greater(day, context.as_of_day - context.whole("period_days")),
        pc.less_equal(day, context.as_of_day),
        pc.invert(table.column("has_children").cast(pa.bool_())),
        pc.fill_null(pc.less_equal(begin, day), fill_value=True),
        pc.fill_null(pc.greater(end, day), fill_value=True),
    )
    counted = table.filter(functools.reduce(pc.and_, conditions))
    ends = ["patient_id", "from_id", "to_id"]
    return counted.group_by(ends).aggregate([([], "count_all")]).rename_columns([*ends, "n"])


def _texts(table: pa.Table) -> pa.Table:
    """Return the table with its ids as texts: without rows Neo4j does not say what they are."""
    types = [(n, pa.int64() if n == "n" else pa.string()) for n in table.column_names]
    return table.cast(pa.schema(types))


def municipality_nodes(table: pa.Table) -> pd.DataFrame:
    """Return ``name``, ``kind`` and ``level`` by municipality, from the network's own table."""
    known = frame_of(table).set_index("municipality_code")
    return known.assign(kind=MUNICIPALITY, level=None)[["name", "kind", "level"]]
