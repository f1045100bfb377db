"""Ties between municipalities and units, and between units, that rest on one professional."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.holders import place_holdings, valid_on
from pathgraph.analysis.residents import people_of
from pathgraph.analysis.single_person import between_units, resting_on_one
from pathgraph.analysis.ties import with_ends
from pathgraph.model.tables import LEVELS
from pathgraph.queries.frame import frame_of
from pathgraph.queries.network_nodes import asked_units, municipality_nodes
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_DAYS = ("valid_from_day", "valid_to_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a tie; ``table`` has the roles of those who are alive."""
    units = asked_units(context, LEVELS, context.text("depth"))
    asked = set(asked_units(context, context.parameters["levels"]).units["unit_id"])
    held = _held(table, context)
    held["to_id"] = held["unit_id"].map(units.shown).astype("object")
    held["is_asked"] = held["unit_id"].isin(asked)
    homes = people_of(
        context.query("birth_years"), context.query("residences"), context.as_of.year
    ).to_pandas()
    homes = homes.rename(columns={"municipality": "from_id"})[["patient_id", "from_id"]]
    at_home = held[held["is_asked"]].merge(homes[homes["from_id"].notna()], on="patient_id")
    pairs = between_units(held)
    pairs = pairs[pairs["is_asked"].to_numpy(dtype=bool)]
    nodes = municipality_nodes(context.query("municipality_names"))
    found = [
        with_ends(resting_on_one(at_home), nodes, units.nodes).assign(link="roles"),
        with_ends(resting_on_one(pairs), units.nodes).assign(link="roles"),
        with_ends(_contact_points(context, units.shown, asked), nodes, units.nodes).assign(
            link="contact_point"
        ),
    ]
    return pd.concat([rows.astype({"kinds": "object"}) for rows in found], ignore_index=True)


def _held(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return what is held on the day, by where the holders stand."""
    holdings = frame_of(table, integers=_DAYS)
    roles = context.parameters["roles"]
    if isinstance(roles, tuple) and "plan_owner" in roles:
        _say_what_was_not_loaded(context, "plan_owners")
        plans = frame_of(context.query("plans"))[["plan_id", "patient_id"]]
        owners = frame_of(context.query("owners"), integers=_DAYS).merge(
            plans, left_on="subject", right_on="plan_id"
        )
        owned = owners.assign(subject=owners["patient_id"], kind="plan_owner")
        holdings = pd.concat([holdings, owned[list(holdings.columns)]], ignore_index=True)
    placed = place_holdings(holdings, asked_places(context), context.as_of_day)
    valid = valid_on(placed, context.as_of_day)
    valid = valid[valid["unit_id"].notna().to_numpy(dtype=bool)]
    return valid.rename(columns={"subject": "patient_id"}).reset_index(drop=True)


def _contact_points(context: Context, shown: dict[str, str], asked: set[str]) -> pd.DataFrame:
    """Return the municipalities for which one professional answers and nobody else."""
    if not _say_what_was_not_loaded(context, "contact_points"):
        points = pd.DataFrame(columns=["municipality_code", "holder_kind", "unit"], dtype="object")
        points = points.assign(holder_id=None, n_people=0)
    else:
        points = context.run("contact_points").to_pandas()
        points = points[points["status"] == "held"]
    alone = points[~points["municipality_code"].duplicated(keep=False)]
    alone = alone[(alone["holder_kind"] == "professional") & alone["unit"].isin(asked)]
    return pd.DataFrame(
        {
            "from_id": alone["municipality_code"].astype("object"),
            "to_id": alone["unit"].map(shown).astype("object"),
            "professional_id": alone["holder_id"].astype("object"),
            "kinds": pd.Series([["contact_point"]] * len(alone), alone.index, dtype="object"),
            "n_patients": alone["n_people"].astype("int64"),
        }
    ).reset_index(drop=True)


def _say_what_was_not_loaded(context: Context, name: str) -> bool:
    """Return whether a table was loaded; if not, the answer says so."""
    if name in context.load.get("tables", ()):
        return True
    context.notes.append(
        sentence("The table {table} was not loaded: ties by it are not known.", table=name)
    )
    return False
