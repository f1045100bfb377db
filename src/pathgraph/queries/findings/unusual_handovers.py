"""Flows of patients from municipalities against a gravity model."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.flows import flow_pairs
from pathgraph.analysis.gravity import GravityFit, fit_gravity, unusual_flows
from pathgraph.queries.eligibility import covered_codes
from pathgraph.queries.frame import frame_of
from pathgraph.queries.run import Context
from pathgraph.sentence import Sentence, sentence

__all__ = ["fold"]

_PLACE = "place"
_ENDS = ["from_id", "to_id"]
_NAMES = {
    "constant": sentence("constant"),
    "population": sentence("log population"),
    "capacity": sentence("log capacity"),
    "distance": sentence("distance"),
}


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a pair of places; ``table`` has the municipalities."""
    places = frame_of(table, integers=["population"])
    covered = covered_codes(context, context.parameters["municipalities"])
    if covered is not None:
        places = places[places["id"].isin(covered)]
    is_known = places["population"].gt(0).fillna(False).to_numpy(dtype=bool)
    _say_what_is_left_out(context, int((~is_known).sum()))
    origins = places[is_known]
    flows = _flows(context)
    destinations = _destinations(context, flows, places)
    pairs = flow_pairs(
        flows.rename(columns={"n_patients": "n"}),
        origins[["id", "latitude", "longitude", "population"]],
        destinations[["id", "latitude", "longitude", "capacity"]],
    )
    least_km = context.number("least_km")
    fit = fit_gravity(
        pairs,
        constraint=context.text("constraint"),
        decay=context.text("decay"),
        least_km=least_km if least_km > 0 else None,
    )
    _say_the_model(context, fit)
    found = _with_status(fit, context.number("fdr"))
    if context.text("show") == "unusual":
        found = found[found["status"].isin(("above_expected", "below_expected"))]
    in_all = flows.drop_duplicates("from_id").set_index("from_id")["from_patients"]
    return found.assign(
        from_name=found["from_id"].map(origins.set_index("id")["name"]).astype("object"),
        to_name=found["to_id"].map(destinations.set_index("id")["name"]).astype("object"),
        n_patients=found["n"].astype("int64"),
        residual=found["deviance_residual"],
        distance_km=found["distance_km"].round().astype("Int64"),
        from_patients=found["from_id"].map(in_all).fillna(0).astype("int64"),
        to_patients=found["capacity"].astype("int64"),
    )


def _flows(context: Context) -> pd.DataFrame:
    """Return the ties from municipalities to places or units that are recorded."""
    asked = {name: context.parameters[name] for name in ("period_days", "levels")}
    if context.text("to") == _PLACE:
        ties = context.run("municipality_ties", asked)
    else:
        ties = context.run("municipality_units", {**asked, "depth": context.text("to")})
    columns = [*_ENDS, "to_name", "n_patients", "from_patients", "to_patients"]
    flows: pd.DataFrame = ties.select(columns).to_pandas()
    return flows.dropna(subset=["to_id"])


def _destinations(context: Context, flows: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return where patients come to, within the municipalities that count."""
    found = flows.drop_duplicates("to_id")[["to_id", "to_name", "to_patients"]]
    found = found.rename(columns={"to_id": "id", "to_name": "name", "to_patients": "capacity"})
    if context.text("to") == _PLACE:
        standing = found["id"]
    else:
        units = frame_of(context.query("named_units")).set_index("unit_id")["municipality_code"]
        standing = found["id"].map(units)
    found = found.assign(standing=standing.astype("object"))
    centres = places.rename(columns={"id": "standing"})
    return found.merge(centres[["standing", "latitude", "longitude"]], on="standing")


def _with_status(fit: GravityFit, level: float) -> pd.DataFrame:
    """Return every pair, and of those that are named in which direction."""
    # With a level of 1 every pair that was fitted comes with its adjusted p value.
    judged = unusual_flows(fit, level=1.0)[[*_ENDS, "p_adjusted", "direction"]]
    pairs = fit.pairs.merge(judged, on=_ENDS, how="left")
    is_named = (pairs["p_adjusted"] <= level).to_numpy(dtype=bool)
    is_fitted = pairs["status"].eq("fitted").to_numpy(dtype=bool)
    status = np.select(
        [is_named, is_fitted], [pairs["direction"] + "_expected", "usual"], default=pairs["status"]
    )
    return pairs.assign(status=status, adjusted_p_value=pairs["p_adjusted"])


def _say_what_is_left_out(context: Context, n: int) -> None:
    if n:
        context.notes.append(
            sentence("Municipalities left out because their population is not known: {n}.", n=n)
        )


def _say_the_model(context: Context, fit: GravityFit) -> None:
    """Say what the expected numbers rest on, and how well they fit."""
    if not fit.is_converged:
        context.notes.append(
            sentence(
                "The model could not be fitted to these flows (pairs: {n}): nothing is named.",
                n=fit.n_pairs,
            )
        )
        return
    context.notes.append(
        sentence(
            "Fitted to {n} pairs with {n_patients} patients (a patient counts at each place): "
            "deviance explained {explained}, dispersion {dispersion}.",
            n=fit.n_pairs,
            n_patients=round(fit.n_flow),
            explained=f"{fit.deviance_explained:.2f}",
            dispersion=f"{fit.dispersion:.1f}",
        )
    )
    for row in fit.coefficients.to_dict("records"):
        numbers = {name: float(row[name]) for name in ("estimate", "low", "high")}
        context.notes.append(_coefficient(_NAMES[str(row["name"])], numbers))


def _coefficient(name: Sentence, numbers: dict[str, float]) -> Sentence:
    if np.isnan(numbers["estimate"]):
        return sentence("Coefficient of {name}: cannot be told from the others.", name=name)
    return sentence(
        "Coefficient of {name}: {estimate} (95 % interval {low} to {high}).",
        name=name,
        **{key: f"{number:.2f}" for key, number in numbers.items()},
    )
