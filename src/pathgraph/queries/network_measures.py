"""Measures of the nodes and ties of a network, from the ties whose numbers anybody may see."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pathgraph.analysis.care_density import adjusted_degree
from pathgraph.analysis.networks import graph_of, nodes_of
from pathgraph.analysis.node_measures import network_measures, node_measures, tie_measures
from pathgraph.queries.network_ties import CountedTies, counted_ties
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["measured_nodes", "measured_ties"]

_ENDS = tuple(f"{end}_{name}" for end in ("from", "to") for name in ("name", "kind", "level"))


def measured_nodes(context: Context) -> pd.DataFrame:
    """Return one row a node with its measures, as ``node_measures`` declares them."""
    counted, graph = _counted(context)
    measures = node_measures(graph)
    nodes = nodes_of(counted.ties).reindex(measures.index)
    n_patients = nodes["patients"].astype("Int64")
    measures["adjusted_degree"] = adjusted_degree(measures["degree"], n_patients)
    named = {f"node_{name}": nodes[name].astype(object) for name in ("name", "kind", "level")}
    found = measures.assign(**named, n_patients=n_patients)
    return found.rename_axis("node_id").reset_index().astype({"node_id": object})


def measured_ties(context: Context) -> pd.DataFrame:
    """Return one row a tie with its measures, as ``tie_measures`` declares them."""
    counted, graph = _counted(context)
    known = counted.ties[["from_id", "to_id", "n_patients", *_ENDS]]
    found = known.merge(tie_measures(graph), on=["from_id", "to_id"], validate="one_to_one")
    return found.astype(dict.fromkeys(("from_id", "to_id", *_ENDS), object))


def _counted(context: Context) -> tuple[CountedTies, Any]:
    """Return the ties that count, and the graph of them; say what they are of."""
    counted = counted_ties(context, context.text("network"), fewest=context.whole("min_patients"))
    graph = graph_of(counted.ties, weight="weight", is_directed=counted.is_directed)
    context.notes.append(
        sentence(
            "The measures rest on {n} of {m} ties: those with at least {k} patients whose number "
            "may be shown. Ties of a node to itself do not count.",
            n=len(counted.ties),
            m=counted.n_all,
            k=counted.fewest,
        )
    )
    _say_of_the_whole(context, graph)
    return counted, graph


def _say_of_the_whole(context: Context, graph: Any) -> None:
    whole = network_measures(graph)
    context.notes.append(
        sentence(
            "Nodes of the network: {nodes}. Parts that no tie connects: {parts}.",
            nodes=whole.n_nodes,
            parts=whole.n_components,
        )
    )
    if whole.reciprocity is not None:
        context.notes.append(
            sentence(
                "Reciprocity: {share} of the ties have one in the other direction, and {weight} of "
                "the weight is returned.",
                share=f"{whole.reciprocity:.2f}",
                weight=f"{whole.reciprocity_weighted:.2f}",
            )
        )
