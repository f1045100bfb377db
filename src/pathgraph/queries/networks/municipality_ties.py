"""In which municipalities the units are that the inhabitants of each come to."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.analysis.ties import directed_ties, with_ends
from pathgraph.queries.frame import rows_of
from pathgraph.queries.network_nodes import (
    asked_units,
    contacts_of_residents,
    municipality_nodes,
)
from pathgraph.queries.run import Context

__all__ = ["fold"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair of municipalities; ``table`` has the municipalities."""
    units = asked_units(context, context.parameters["levels"]).units
    contacts = rows_of(contacts_of_residents(context), "to_id", units["unit_id"])
    places = pa.array(units["municipality_code"].astype(object), pa.string(), from_pandas=True)
    numbers = pc.index_in(contacts.column("to_id").cast(pa.string()), pa.array(units["unit_id"]))
    reached = pa.chunked_array([places]).take(numbers)
    column = contacts.schema.get_field_index("to_id")
    ties = directed_ties(contacts.set_column(column, "to_id", reached))
    return with_ends(ties, municipality_nodes(table)).rename(columns={"n": "n_contacts"})
