"""Whether the patients of each municipality go where the formal division says."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.communities import community_members
from pathgraph.analysis.detection_power import binomial_power
from pathgraph.analysis.division import (
    against_division,
    area_localisation,
    localisation,
    main_areas,
)
from pathgraph.analysis.networks import nodes_of
from pathgraph.analysis.partitions import Group, compared_divisions
from pathgraph.queries.eligibility import with_texts
from pathgraph.queries.found_communities import (
    COMMUNITY_PARAMETERS,
    communities_in,
    network_ties,
)
from pathgraph.queries.frame import frame_of
from pathgraph.queries.network_nodes import asked_units, contacts_of_residents
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_ASKED = ("period_days", "levels")
_TEXTS = ("municipality_name", "own_area", "status", "other_area", "community", "centre_name")
_AREAS = {"hospital": "hospital_area", "dps": "dps_area"}


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a municipality; ``table`` has the municipalities and their areas."""
    places = frame_of(table).astype("object")
    area = places.set_index("municipality_code")[_AREAS[context.text("division")]]
    division: dict[str, Group] = {
        str(code): str(name) for code, name in area.items() if name is not None and pd.notna(name)
    }
    visits = _visits(context, division)
    contacts = main_areas(visits)
    found = against_division(contacts, division, level=context.number("fdr"))
    inside = localisation(contacts, division)[["municipality_code", "share_own"]]
    found = found.merge(
        inside.rename(columns={"share_own": "localisation"}), on="municipality_code"
    )
    members = _members(context)
    _say_how_alike(context, dict(zip(members.index, members["community"], strict=True)), division)
    _say_localisation(context, contacts, division)
    codes = found["municipality_code"]
    named = places.set_index("municipality_code")["name"]
    rows = found.assign(
        municipality_name=codes.map(named),
        adjusted_p_value=found["p_adjusted"],
        **_inside_and_outside(visits, division, codes),
        **_power(found, n_areas=len(set(division.values())), context=context),
        **{name: codes.map(members[name]) for name in ("community", "centre_name", "together")},
    )
    return with_texts(rows, _TEXTS)


def _visits(context: Context, division: Mapping[str, Group]) -> pd.DataFrame:
    """Return the contacts of each patient and municipality by the area where the unit stands."""
    units = asked_units(context, context.parameters["levels"]).units
    standing = units.set_index("unit_id")["municipality_code"].astype("object").map(division)
    contacts = contacts_of_residents(context)
    of_levels = pa.array(list(standing.index), pa.string())
    numbers = pa.compute.index_in(contacts.column("to_id").cast(pa.string()), of_levels)
    visits = contacts.append_column("place", numbers).drop_columns(["to_id"])
    frame = visits.filter(pa.compute.is_valid(numbers)).to_pandas()
    areas = standing.to_numpy()
    frame = frame.assign(area=areas[frame["place"].to_numpy(dtype="int64")])
    frame = frame.rename(columns={"from_id": "municipality_code", "n": "n_contacts"})
    visits_by_area: pd.DataFrame = frame[["patient_id", "municipality_code", "area", "n_contacts"]]
    return visits_by_area


def _power(
    found: pd.DataFrame, *, n_areas: int, context: Context
) -> dict[str, npt.NDArray[np.float64]]:
    """Return how far the own area falls behind the other, and whether that could be noticed.

    The level is that of a test which passes whatever the others' p values are (Bonferroni), so the
    chance is in truth at least as great.
    """
    is_tested = found["p_value"].notna().to_numpy(dtype=bool)
    own, other = (found[name].to_numpy(dtype=np.float64) for name in ("n_own", "n_other"))
    half = np.where(is_tested & (own + other > 0), (own + other) / 2, np.nan)
    power = np.full(len(found), np.nan)
    is_asked = ~np.isnan(half)
    n_tests = max(int(is_asked.sum()) * max(n_areas - 1, 1), 1)
    power[is_asked] = binomial_power(
        (own + other)[is_asked],
        np.full(int(is_asked.sum()), 0.5),
        true_ratio=context.number("true_ratio"),
        # The test asks about one side.
        level=2 * context.number("fdr") / n_tests,
    )
    return {"observed_to_expected": own / half, "power": power}


def _inside_and_outside(
    visits: pd.DataFrame, division: Mapping[str, Group], codes: pd.Series[str]
) -> dict[str, list[int]]:
    """Count the patients with any contact in the municipality's own area, and elsewhere.

    The localisation index tells of these, however many contacts each of them had.
    """
    is_own = visits["area"] == visits["municipality_code"].map(division)
    person = visits[["municipality_code", "patient_id"]]
    counted = {}
    for name, is_there in (("n_inside", is_own), ("n_outside", ~is_own)):
        there = person[is_there.to_numpy(dtype=bool)].drop_duplicates()
        n = there["municipality_code"].value_counts()
        counted[name] = [int(n.get(code, 0)) for code in codes]
    return counted


def _members(context: Context) -> pd.DataFrame:
    """Return ``community``, ``centre_name`` and ``together`` by municipality."""
    asked = {name: context.parameters[name] for name in _ASKED}
    ties, often = network_ties(context, "municipality_ties", asked)
    how = [context.number(name) for name in COMMUNITY_PARAMETERS]
    members = community_members(communities_in(context, ties, often, how))
    names = nodes_of(ties)["name"]
    return pd.DataFrame(
        {
            "community": members["community"].astype("object").map(str).to_numpy(),
            "centre_name": names.reindex(members["centre"]).to_numpy(),
            "together": members["together_own"].to_numpy(),
        },
        index=pd.Index(members["id"], dtype="object"),
    )


def _say_how_alike(
    context: Context, found: Mapping[str, Group], division: Mapping[str, Group]
) -> None:
    """Say how alike the communities are to the formal division, and to chance."""
    test = compared_divisions(found, division, n_permutations=context.whole("n_permutations"))
    if test.n_municipalities < 2:
        context.notes.append(
            sentence("Fewer than two municipalities are in both divisions: they are not compared.")
        )
        return
    context.notes.append(
        sentence(
            "Communities and formal division, {n} municipalities: adjusted Rand index {alike} "
            "({n_communities} communities, {n_areas} areas); p {p} by {n_permutations} "
            "permutations, 95 % of which do not exceed {high}.",
            n=test.n_municipalities,
            n_communities=test.n_communities,
            n_areas=test.n_areas,
            n_permutations=test.n_permutations,
            alike=f"{test.adjusted_rand:.2f}",
            p=f"{test.p_value:.4f}",
            high=f"{test.chance_high:.2f}",
        )
    )


def _say_localisation(
    context: Context, contacts: pd.DataFrame, division: Mapping[str, Group]
) -> None:
    """Say which share of all contacts is inside the own area."""
    if not contacts["n_contacts"].sum() or not division:
        return
    of_all = area_localisation(contacts, division).iloc[-1]
    context.notes.append(
        sentence(
            "Localisation index of all: {own} of the contacts are in the own area; {chance} would "
            "be if all contacts were divided between the areas alike.",
            own=f"{of_all['share_own']:.2f}",
            chance=f"{of_all['share_by_chance']:.2f}",
        )
    )
