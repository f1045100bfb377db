"""Who answers for each municipality, and for which does nobody."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.contact_points import contact_points
from pathgraph.analysis.holders import place_holdings
from pathgraph.queries.findings.municipalities import is_current, people_by_municipality
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context

__all__ = ["fold"]

_DAYS = ("valid_from_day", "valid_to_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality and holder; ``table`` holds the municipalities."""
    people = people_by_municipality(context)
    places = frame_of(table, integers=_DAYS)
    places = places[is_current(places, people, context.as_of_day)]
    holdings = frame_of(context.query("holders"), integers=_DAYS)
    holdings = holdings[holdings["subject"].isin(places["municipality_code"])]
    placed = place_holdings(holdings, asked_places(context), context.as_of_day)
    found = contact_points(placed, places["municipality_code"].to_list(), context.as_of_day)
    names = dict(zip(places["municipality_code"], places["municipality_name"], strict=True))
    codes = found["municipality_code"].to_list()
    return found.assign(
        municipality_name=pd.Series([names.get(c) for c in codes], found.index, dtype="object"),
        n_people=[people.get(code, 0) for code in codes],
    )
