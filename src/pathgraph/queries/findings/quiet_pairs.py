"""Formal partners that had nothing to do with each other in the period."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.days import day_numbers
from pathgraph.analysis.organisation import (
    patients_at_or_below,
    units_at_or_below,
    units_of_hospitals,
)
from pathgraph.analysis.quiet_pairs import partners_in_area, partners_status, seen_together
from pathgraph.analysis.ties import with_ends
from pathgraph.model.tables import LEVELS
from pathgraph.queries.frame import frame_of
from pathgraph.queries.network_nodes import contacts_of_residents, municipality_nodes
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_TABLE_OF = {
    "agreement": "agreements",
    "catchment": "unit_serves",
    "contact_point": "contact_points",
    "hospital_area": "municipalities",
}
_ENDS = ["from_id", "to_id"]
_LOCAL = ("gp", "municipal")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair; ``table`` has those of agreements and catchments."""
    units = frame_of(context.query("named_units"))
    places = context.query("municipalities")
    partners = _partners(table, context, units, frame_of(places))
    at_or_below = pd.concat([units_at_or_below(units), units_of_hospitals(units)])
    nodes = units.set_index("unit_id")[["name", "kind", "level"]]
    known = pd.concat([nodes, municipality_nodes(places)]).astype("object")
    named = with_ends(partners, known)
    residents = contacts_of_residents(context)
    visits = _with_n_contacts(context.query("visits"))
    in_all = patients_at_or_below(units, visits, parts=at_or_below)["n_patients"]
    patients: dict[str, int] = {
        **dict(zip(in_all.index, in_all, strict=True)),
        **_distinct(residents, "from_id", "patient_id"),
    }
    contacts = residents.select(_ENDS).group_by(_ENDS).aggregate([]).to_pandas()
    moved, sent = _between_units(context)
    referred = sent.dropna()
    local = units[units["level"].isin(_LOCAL)].set_index("unit_id")["municipality_code"]
    by_place = _by_municipality(referred, local)
    together = seen_together(pd.concat([contacts, by_place]), at_or_below, both_ends=False).append(
        seen_together(pd.concat([moved, referred]), at_or_below, both_ends=True)
    )
    # Of a unit something is recorded also where it is not known who sent it a patient.
    heard_of = set(pd.concat([sent["from_id"], sent["to_id"]]).dropna())
    heard_of = set(at_or_below.loc[at_or_below["unit_id"].isin(heard_of), "above_id"])
    status = partners_status(
        _with_places(named, units),
        together=together,
        recorded={*patients, *heard_of},
        coverage=_coverage(context),
        days=(context.as_of_day - context.whole("period_days") + 1, context.as_of_day + 1),
    )
    _say_how_many(context, status)
    counted = {
        f"{end}_patients": [int(patients.get(id_, 0)) for id_ in named[f"{end}_id"]]
        for end in ("from", "to")
    }
    found = named.assign(status=status, **counted)
    is_shown = status == "quiet" if context.text("show") == "quiet" else status != "in_contact"
    rows: pd.DataFrame = found[is_shown]
    return rows


def _partners(
    table: pa.Table, context: Context, units: pd.DataFrame, places: pd.DataFrame
) -> pd.DataFrame:
    """Return the formal partners by what makes them such, those that there are on the day."""
    bases = context.parameters["bases"]
    asked = bases if isinstance(bases, tuple) else ()
    loaded = context.load.get("tables", ())
    found = [frame_of(table).astype("object")]
    if "contact_point" in asked and "contact_points" in loaded:
        points = context.run("contact_points").to_pandas()
        points = points[points["status"].eq("held") & points["unit"].notna()]
        held = points.rename(columns={"municipality_code": "from_id", "unit": "to_id"})[_ENDS]
        found.append(held.astype("object").assign(basis="contact_point"))
    hospitals = units[units["kind"].eq("hospital").fillna(False).to_numpy(dtype=bool)]
    in_area = partners_in_area(
        places[["municipality_code", "hospital_area"]], hospitals[["unit_id", "municipality_code"]]
    )
    found.append(in_area.astype("object").assign(basis="hospital_area"))
    for basis in asked:
        if _TABLE_OF[basis] not in loaded:
            context.notes.append(
                sentence(
                    "The table {table} was not loaded: partners by it are not known.",
                    table=_TABLE_OF[basis],
                )
            )
    together = pd.concat(found, ignore_index=True)
    there = {*context.query("validity").column("unit_id").to_pylist(), *places["municipality_code"]}
    is_there = together["from_id"].isin(there) & together["to_id"].isin(there)
    together = together[is_there & together["basis"].isin(asked)]
    return together.drop_duplicates(ignore_index=True)


def _between_units(context: Context) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return between which units patients came from one to the other, and were referred.

    Of a referral an end may be unknown.
    """
    asked = {"period_days": context.parameters["period_days"], "depth": "unit", "levels": LEVELS}
    gap = {"max_gap_d": context.parameters["max_gap_d"]}
    moved = context.run("unit_transfers", {**asked, **gap}).select(_ENDS).to_pandas()
    if "referrals" not in context.load.get("tables", ()):
        context.notes.append(
            sentence("Referrals were not loaded: contacts alone say who had to do with whom.")
        )
        return moved, moved[:0]
    return moved, context.run("referral_network", asked).select(_ENDS).to_pandas()


def _by_municipality(referred: pd.DataFrame, local: pd.Series[str]) -> pd.DataFrame:
    """Return referrals between what a municipality has of its own and a unit, either way."""
    either = pd.concat(
        [referred, referred.rename(columns={"from_id": "to_id", "to_id": "from_id"})]
    )
    places = either["from_id"].map(local).astype("object")
    return either.assign(from_id=places)[places.notna().to_numpy(dtype=bool)][_ENDS]


def _with_places(named: pd.DataFrame, units: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs with the municipality whose sources must cover each end.

    Of a municipality nothing but what is seen of it at the unit must be covered.
    """
    standing = units.set_index("unit_id")["municipality_code"]
    is_unit = named["from_id"].isin(standing.index)
    own = named["to_id"].map(standing).astype("object")
    return named.assign(
        from_level=named["from_level"].where(is_unit, None),
        from_place=named["from_id"].map(standing).astype("object"),
        to_place=own.where(is_unit, named["from_id"]),
    )


def _coverage(context: Context) -> pd.DataFrame:
    days = ("covered_from_day", "covered_to_day")
    coverage = frame_of(context.query("coverage"), integers=days)
    return coverage.assign(
        from_s=day_numbers(coverage["covered_from_day"], -np.inf),
        to_s=day_numbers(coverage["covered_to_day"], np.inf),
    )


def _say_how_many(context: Context, status: np.ndarray) -> None:
    names = ("in_contact", "quiet", "not_recorded", "not_covered")
    context.notes.append(
        sentence(
            "Formal partners: {n}. In contact: {in_contact}. Quiet: {quiet}. Nothing recorded of "
            "one of them: {not_recorded}. Not covered: {not_covered}.",
            n=len(status),
            **{name: int((status == name).sum()) for name in names},
        )
    )


def _with_n_contacts(visits: pa.Table) -> pa.Table:
    return visits.rename_columns(
        ["n_contacts" if name == "n" else name for name in visits.column_names]
    )


def _distinct(rows: pa.Table, by: str, what: str) -> dict[str, int]:
    counted = rows.group_by(by).aggregate([(what, "count_distinct")])
    keys, numbers = (counted.column(n).to_pylist() for n in (by, f"{what}_count_distinct"))
    return dict(zip(keys, numbers, strict=True))
