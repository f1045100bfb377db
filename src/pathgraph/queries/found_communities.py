"""The communities of a network, for the findings that show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
import pandas as pd

from pathgraph.analysis.communities import Communities, communities_of, resolution_table
from pathgraph.queries.run import Context
from pathgraph.queries.spec import Value
from pathgraph.sentence import sentence

__all__ = ["COMMUNITY_PARAMETERS", "communities_in", "network_ties"]

COMMUNITY_PARAMETERS = ("resolution", "n_seeds", "threshold")
"""By which communities are looked for."""

_OTHER_RESOLUTIONS = (0.5, 2.0)
"""Beside the one asked for, by which it is multiplied; own choice."""

_MOST_NODES = 100
"""With more the others are not looked at, which would take long; own choice."""


def network_ties(
    context: Context, network: str, asked: Mapping[str, Value]
) -> tuple[pd.DataFrame, str]:
    """Return the ties of a network, nothing hidden, and the column of how often.

    What is left out is said in the notes.

    Returns
    -------
    One row a tie both of whose ends are recorded; the name of the column that tallies contacts or
    referrals, ``n_patients`` where the network has none.
    """
    table = context.run(network, asked)
    ties: pd.DataFrame = table.to_pandas()
    often = next((n for n in ("n_contacts", "n_referrals") if n in ties), "n_patients")
    has_ends = ties["from_id"].notna() & ties["to_id"].notna()
    if not has_ends.all():
        context.notes.append(
            sentence(
                "Ties to or from what is not recorded are left out: {n}.",
                n=int((~has_ends).sum()),
            )
        )
    return ties[has_ends], often


def communities_in(
    context: Context,
    ties: pd.DataFrame,
    weight: str,
    asked: Sequence[float],
    *,
    at_home: bool = True,
    with_others: bool = False,
) -> Communities:
    """Return the communities, and say in the notes what was found.

    Parameters
    ----------
    asked
        The values of :data:`COMMUNITY_PARAMETERS`.
    at_home
        Count ties of a node to itself.
    with_others
        Say what other resolutions give, too, in networks that are not great.
    """
    resolution, n_seeds, threshold = asked
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(
        zip(ties["from_id"], ties["to_id"], ties[weight].astype("float64"), strict=True)
    )
    seeds = tuple(range(int(n_seeds)))
    found = communities_of(
        graph, resolution=resolution, seeds=seeds, threshold=threshold, with_loops=at_home
    )
    others = [
        communities_of(
            graph,
            resolution=resolution * factor,
            seeds=seeds,
            threshold=threshold,
            with_loops=at_home,
        )
        for factor in _OTHER_RESOLUTIONS
        if with_others and len(found.nodes) <= _MOST_NODES
    ]
    _say(context, [found, *others])
    return found


def _say(context: Context, found: list[Communities]) -> None:
    """Say how many communities there are and how surely, at each resolution."""
    if not found[0].nodes:
        context.notes.append(sentence("The network has no ties, so there are no communities."))
        return
    for row in resolution_table(found).to_dict("records"):
        context.notes.append(
            sentence(
                "Resolution {resolution}: {n} communities, stability {stability} over {n_runs} "
                "runs, modularity {modularity} (at resolution 1: {modularity_at_1}).",
                n=row["n_communities"],
                n_runs=row["n_runs"],
                **{
                    name: _number(row[name])
                    for name in ("resolution", "stability", "modularity", "modularity_at_1")
                },
            )
        )
    if not found[0].is_agreed:
        context.notes.append(
            sentence("The runs did not come to agree: shown is the run most alike the others.")
        )


def _number(value: float) -> str:
    return "-" if np.isnan(value) else f"{value:.2f}"
