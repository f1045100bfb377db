"""Which municipalities or units belong together by where patients go."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.communities import community_members
from pathgraph.analysis.networks import nodes_of
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.eligibility import with_texts
from pathgraph.queries.found_communities import (
    COMMUNITY_PARAMETERS,
    communities_in,
    network_ties,
)
from pathgraph.queries.run import Context

__all__ = ["fold"]

_ASKED = ("period_days", "levels", "depth")
_TEXTS = ("name", "kind", "level", "community", "centre_id", "centre_name", "next_community")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a node; ``table`` says only that there are municipalities."""
    network = context.text("network")
    known = {parameter.name for parameter in find_finding(network, context.folder).parameters}
    asked = {name: context.parameters[name] for name in _ASKED if name in known}
    ties, often = network_ties(context, network, asked)
    weight = often if context.text("weight") == "times" else "n_patients"
    how = [context.number(name) for name in COMMUNITY_PARAMETERS]
    at_home = bool(context.parameters["at_home"])
    found = communities_in(context, ties, weight, how, at_home=at_home, with_others=True)
    members = community_members(found)
    nodes = nodes_of(ties)
    own = nodes.reindex(members["id"]).reset_index(drop=True)
    rows = members.assign(
        node_id=members["id"],
        name=own["name"],
        kind=own["kind"],
        level=own["level"],
        community=members["community"].astype("object").map(str),
        centre_id=members["centre"],
        centre_name=nodes["name"].reindex(members["centre"]).to_numpy(),
        together=members["together_own"],
        next_community=members["next_community"].astype("string").astype("object"),
        n_patients=own["patients"].astype("int64"),
    )
    return with_texts(rows, _TEXTS)
