"""Measures of the nodes and ties of a network, from the ties whose numbers anybody may see."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.care_density import adjusted_degree
from pathgraph.analysis.networks import graph_of, nodes_of
from pathgraph.analysis.node_measures import (
    NODE_MEASURES,
    network_measures,
    node_measures,
    tie_measures,
)
from pathgraph.analysis.shortest_ways import closeness, lattice_lengths
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.network_ties import COMBINED, WEIGHTS, CountedTies, counted_ties
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["measured_nodes", "measured_ties"]

_ENDS = tuple(f"{end}_{name}" for end in ("from", "to") for name in ("name", "kind", "level"))


def measured_nodes(context: Context) -> pd.DataFrame:
    """Return one row a node with its measures, as ``node_measures`` declares them."""
    counted, graph = _counted(context)
    measures = _of_nodes(context, counted, graph)
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
    measures = tie_measures(graph)
    if len(measures) and _by_engine(context):
        bridges = context.engine.bridges(_handed_over(counted)).to_pandas()
        pairs = {*zip(bridges["from_id"], bridges["to_id"], strict=True)}
        ends = zip(measures["from_id"], measures["to_id"], strict=True)
        measures["is_bridge"] = [(min(pair), max(pair)) in pairs for pair in ends]
    found = known.merge(measures, on=["from_id", "to_id"], validate="one_to_one")
    return found.astype(dict.fromkeys(("from_id", "to_id", *_ENDS), object))


def _of_nodes(context: Context, counted: CountedTies, graph: Any) -> pd.DataFrame:
    if not len(counted.ties) or not _by_engine(context):
        return node_measures(graph)
    table = context.engine.node_measures(_handed_over(counted), is_directed=counted.is_directed)
    measures: pd.DataFrame = table.to_pandas().set_index("id")
    # Graph Data Science knows no closeness with weights.
    return measures.assign(closeness=closeness(graph))[list(NODE_MEASURES)]


def _by_engine(context: Context) -> bool:
    """Whether the engine has graph algorithms of its own; say so, and where they are missing."""
    library = context.engine.graph_algorithms()
    if library:
        said = sentence("Worked out with {library}; closeness without it.", library=library)
        context.notes.append(said)
    elif library is not None:
        context.notes.append(
            sentence(
                "The server has no Graph Data Science: the measures are worked out without it, and "
                "are the same."
            )
        )
    return bool(library)


def _handed_over(counted: CountedTies) -> pa.Table:
    ties = counted.ties[["from_id", "to_id", "weight"]]
    length = lattice_lengths(ties["weight"].to_numpy(dtype=float))
    return pa.Table.from_pandas(ties.assign(length=length), preserve_index=False)


def _counted(context: Context) -> tuple[CountedTies, Any]:
    """Return the ties that count, and the graph of them; say what they are of."""
    network = context.text("network")
    counted = counted_ties(context, network, fewest=context.whole("min_patients"))
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
    _say_of_weights(context, network)
    _say_of_the_whole(context, graph)
    return counted, graph


def _say_of_weights(context: Context, network: str) -> None:
    """Say so where weights were given that the network does not know."""
    combined = find_finding(COMBINED, context.folder)
    is_given = any(context.number(name) != combined.parameter(name).default for name in WEIGHTS)
    if is_given and network != COMBINED:
        context.notes.append(
            sentence(
                "The weights given are those of combined_network; {network} has none, and they "
                "change nothing.",
                network=network,
            )
        )


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
