"""For which municipalities and trusts nobody answers."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.contact_points import units_without_contact_point
from pathgraph.analysis.organisation import units_at_or_below
from pathgraph.queries.eligibility import covered_codes, with_texts
from pathgraph.queries.findings.municipalities import people_by_municipality
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_DAYS = ("valid_from_day", "valid_to_day")
_TEXTS = ("municipality_code", "municipality_name", "unit", "unit_name", "status", "holder_kind",
          "holder_id", "ended_on")  # fmt: skip


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality or unit without a contact point; ``table`` has the units."""
    units = frame_of(table, integers=_DAYS)
    municipalities, n_municipalities = _municipalities(context)
    asked, catchments = _asked(units, context)
    found = units_without_contact_point(units, set(asked["unit_id"]), context.as_of_day)
    names = dict(zip(units["unit_id"], units["unit_name"], strict=True))
    people = people_by_municipality(context)
    counted = catchments["municipality_code"].map(people).fillna(0).groupby(catchments["above_id"])
    in_catchment = counted.sum().to_dict()
    found = found.assign(
        unit_name=pd.Series([names.get(unit) for unit in found["unit"]], dtype="object"),
        n_people=[int(in_catchment.get(unit, 0)) for unit in found["unit"]],
    )
    context.notes.append(
        sentence(
            "Asked about: municipalities {n_municipalities}, units {n_units}.",
            n_municipalities=n_municipalities,
            n_units=len(asked),
        )
    )
    rows = pd.concat([municipalities, found.astype("object")], ignore_index=True)
    return with_texts(rows.reindex(columns=[*_TEXTS, "n_people"]), _TEXTS).astype(
        {"n_people": "int64"}
    )


def _municipalities(context: Context) -> tuple[pd.DataFrame, int]:
    """Return those for which nobody answers, and how many were asked about."""
    points = context.run("contact_points").to_pandas()
    covered = covered_codes(context, context.parameters["municipalities"])
    if covered is not None:
        points = points[points["municipality_code"].isin(covered)]
    n = points["municipality_code"].nunique()
    return points[points["status"] != "held"].astype("object").drop(
        columns=["unit", "unit_name"]
    ), n


def _asked(units: pd.DataFrame, context: Context) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the units that are to have a contact point, and the catchments of all units.

    A unit without a catchment, its own or that of a part of it, belongs to somebody else.
    """
    served = frame_of(context.query("catchments"))
    catchments = units_at_or_below(units).merge(served, on="unit_id")
    catchments = catchments.drop_duplicates(["above_id", "municipality_code"])
    begun = (units["valid_from_day"] <= context.as_of_day).fillna(True)
    over = (units["valid_to_day"] <= context.as_of_day).fillna(False)
    kinds = context.parameters["unit_kinds"]
    asked = units[
        (begun & ~over).to_numpy(dtype=bool)
        & units["kind"].isin(kinds if isinstance(kinds, tuple) else [])
    ]
    if len(catchments):
        asked = asked[asked["unit_id"].isin(catchments["above_id"])]
    return asked, catchments
