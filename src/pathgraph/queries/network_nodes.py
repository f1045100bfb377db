"""What the folds of networks share: which units count, and as which they are shown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
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

    The network names the part ``visits_by_residence``.

    Returns
    -------
    ``patient_id``, ``from_id`` (municipality), ``to_id`` (unit), ``n``; by where the patient lived
    when the contact began, one row for each of several residences.
    """
    visits = context.query("visits_by_residence")
    coded = visits.column("municipality_codes").cast(pa.string()).combine_chunks()
    coded = coded.dictionary_encode()
    lists = [json.loads(text) for text in coded.dictionary.to_pylist()]
    rows = pa.table(
        {
            "patient_id": visits.column("patient_id").cast(pa.string()),
            "from_id": pa.array([codes[0] for codes in lists], pa.string()).take(coded.indices),
            "to_id": visits.column("unit_id").cast(pa.string()),
            "n": visits.column("n").cast(pa.int64()),
        }
    )
    # Few live in several places: to give every row its list would take as long as to read it.
    return pa.concat_tables([rows, *_elsewhere(rows, coded.indices, lists)])


def _elsewhere(
    rows: pa.Table, places: pa.IntegerArray, lists: Sequence[Sequence[str]]
) -> Iterator[pa.Table]:
    """Return the rows of those who live in several municipalities, for each but the first."""
    for place, codes in enumerate(lists):
        for code in codes[1:]:
            found = rows.filter(pc.equal(places, place))
            yield found.set_column(1, "from_id", pa.repeat(pa.scalar(code), found.num_rows))


def municipality_nodes(table: pa.Table) -> pd.DataFrame:
    """Return ``name``, ``kind`` and ``level`` by municipality, from the network's own table."""
    known = frame_of(table).set_index("municipality_code")
    return known.assign(kind=MUNICIPALITY, level=None)[["name", "kind", "level"]]
