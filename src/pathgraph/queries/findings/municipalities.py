"""Municipalities, and how many people of the data live in each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from pathgraph.analysis.residents import people_of
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold", "is_current", "people_by_municipality"]


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality; ``table`` holds them with the days between which they are."""
    people = people_by_municipality(context)
    places = frame_of(table, integers=["population", "valid_from_day", "valid_to_day"])
    places = places[is_current(places, people, context.as_of_day)]
    counted = [people.get(code, 0) for code in places["municipality_code"]]
    return places.assign(n_people=counted, n_all=context.query("birth_years").num_rows)


def people_by_municipality(context: Context) -> Mapping[str, int]:
    """Return how many people are recorded as living in each municipality.

    The finding names the parts ``birth_years`` and ``residences``.
    """
    people = people_of(
        context.query("birth_years"), context.query("residences"), context.as_of.year
    )
    counted = people.group_by("municipality").aggregate([("patient_id", "count")])
    codes, numbers = (counted.column(n).to_pylist() for n in ("municipality", "patient_id_count"))
    return dict(zip(codes, numbers, strict=True))


def is_current(
    places: pd.DataFrame, people: Mapping[str, int], as_of_day: int
) -> NDArray[np.bool_]:
    """Say which municipalities there are on the day, or are recorded as somebody's home on it."""
    begins_later = (places["valid_from_day"] > as_of_day).fillna(False).to_numpy(dtype=bool)
    has_ended = (places["valid_to_day"] <= as_of_day).fillna(False).to_numpy(dtype=bool)
    has_people = places["municipality_code"].isin(set(people)).to_numpy(dtype=bool)
    return ~(begins_later | has_ended) | has_people
