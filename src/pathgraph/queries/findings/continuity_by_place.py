"""Where care is less continuous: by municipality of the patients, or by provider visited most."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.continuity import continuity, means_by_place, most_visited
from pathgraph.analysis.residents import latest_residences
from pathgraph.queries.network_nodes import asked_units, municipality_nodes, shown_visits
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality or provider; ``table`` has the visits."""
    units = asked_units(context, context.parameters["levels"], context.text("depth"))
    visits = shown_visits(table, units)
    measures = continuity(visits.assign(order=table.column("started_s").to_pandas()))
    measures = measures[measures["n_visits"] >= context.whole("min_visits")]
    if context.text("by") == "provider":
        places, nodes = most_visited(visits), units.nodes
    else:
        places = _homes(context)
        nodes = municipality_nodes(context.query("municipality_names"))
    found = means_by_place(measures, places)
    names = found["place"].map(nodes["name"].astype("object")).astype("object")
    return found.assign(place_name=names.where(names.notna(), None))


def _homes(context: Context) -> pd.Series[str]:
    """Return the municipality of each patient who has one on the day."""
    latest = latest_residences(context.query("residences")).to_pandas().astype("object")
    homes: pd.Series[str] = latest.set_index("patient_id")["municipality_code"]
    return homes
