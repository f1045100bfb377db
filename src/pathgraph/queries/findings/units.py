"""Units, what they are part of, and the patients who came to them."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.organisation import clinics_of, patients_at_or_below
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context

__all__ = ["fold"]

_DAYS = ("valid_from_day", "valid_to_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a unit; ``table`` holds the units."""
    units = frame_of(table, integers=_DAYS).drop_duplicates("unit_id", ignore_index=True)
    names = dict(zip(units["unit_id"], units["unit_name"], strict=True))
    places = frame_of(context.query("municipality_names"))
    municipalities = dict(zip(places["municipality_code"], places["name"], strict=True))
    clinics = units["unit_id"].map(clinics_of(units))
    seen = patients_at_or_below(units, context.query("seen")).reindex(units["unit_id"])
    return pd.DataFrame(
        {
            "unit": units["unit_id"],
            "unit_name": units["unit_name"],
            "kind": units["kind"],
            "level": units["level"],
            "part_of": _texts(units["parent_id"]),
            "clinic": clinics,
            "clinic_name": _texts(clinics.map(names)),
            "municipality_code": _texts(units["municipality_code"]),
            "municipality_name": _texts(units["municipality_code"].map(municipalities)),
            "status": _status(units, context.as_of_day),
            "n_contacts": seen["n_contacts"].fillna(0).astype("int64").to_numpy(),
            "n_patients": seen["n_patients"].fillna(0).astype("int64").to_numpy(),
        }
    )


def _status(units: pd.DataFrame, day: int) -> pd.Series[Any]:
    begins_later = (units["valid_from_day"] > day).fillna(False).astype(bool)
    has_ended = (units["valid_to_day"] <= day).fillna(False).astype(bool)
    status = pd.Series("open", index=units.index)
    return status.mask(has_ended, "closed").mask(begins_later, "not_yet_open")


def _texts(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return texts, with None where there is none, also where there is none at all."""
    return values.astype("object").where(values.notna(), None)
