"""Networks as graphs: measures of nodes, what is around one, ways between two, groups.

A tie's weight says how strong it is; where a length is needed, a tie is as long as 1 / weight, so
that strong ties are short, in the whole numbers of :mod:`pathgraph.analysis.shortest_ways`. Ties of
a node to itself count in no measure.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import networkx as nx
import numpy as np
import pandas as pd

from pathgraph.analysis.shortest_ways import lattice_lengths, way_measures

__all__ = [
    "MEASURES",
    "MOST_NODES",
    "NODE_COLUMNS",
    "around",
    "graph_of",
    "graphml",
    "grouped",
    "measured",
    "nodes_of",
    "path_between",
    "without_loops",
]

MEASURES = ("patients", "degree", "strength", "betweenness", "pagerank")
"""What is known of each node: patients in all, neighbours, sum of the weights of its ties,
share of the shortest ways between others that lead over it, PageRank."""

NODE_COLUMNS = ("name", "kind", "level", "patients")

MOST_NODES = 500
"""Nodes that one picture shows at most; own choice."""

_DAMPING = 0.85
"""Of PageRank, as Brin and Page chose it (doi 10.1016/S0169-7552(98)00110-X, section 2.1.1)."""

Graph: TypeAlias = Any
"""A graph of networkx, which ships no types."""


def nodes_of(ties: pd.DataFrame) -> pd.DataFrame:
    """Return the nodes of the ties, in order of id: ``name``, ``kind``, ``level``, ``patients``.

    Parameters
    ----------
    ties
        ``from_id``, ``from_name``, ``from_kind``, ``from_level``, ``from_patients`` and the same
        with ``to_``; no id is null.

    Examples
    --------
    >>> ties = pd.DataFrame(
    ...     {f"{end}_{name}": [value] for end, it in (("from", "x"), ("to", "y"))
    ...      for name, value in zip(("id", *NODE_COLUMNS), (it, it.upper(), "ward", "gp", 7))}
    ... )
    >>> nodes_of(ties).loc["y"].to_dict()
    {'name': 'Y', 'kind': 'ward', 'level': 'gp', 'patients': 7}
    """
    ends = [
        ties[[f"{end}_{name}" for name in ("id", *NODE_COLUMNS)]].set_axis(
            ["id", *NODE_COLUMNS], axis="columns"
        )
        for end in ("from", "to")
    ]
    # Of a directed network the two ends of a node have numbers of their own; the greater is shown.
    both = pd.concat(ends).sort_values(["id", "patients"], kind="stable", na_position="first")
    return both.drop_duplicates("id", keep="last").set_index("id")


def graph_of(ties: pd.DataFrame, *, weight: str, is_directed: bool) -> Graph:
    """Return the ties as a graph, each with its ``weight`` and its ``length``.

    Examples
    --------
    >>> ties = pd.DataFrame({"from_id": ["x"], "to_id": ["y"], "n_patients": [4]})
    >>> graph_of(ties, weight="n_patients", is_directed=False).edges["x", "y"]
    {'weight': 4.0, 'length': 582272390700}
    """
    graph = nx.DiGraph() if is_directed else nx.Graph()
    ordered = ties.sort_values(["from_id", "to_id"])
    graph.add_nodes_from(sorted({*ordered["from_id"], *ordered["to_id"]}))
    weights = ordered[weight].astype(float)
    # Python's whole numbers: also the sum of very many lengths is exact.
    lengths = lattice_lengths(weights).astype(np.int64).tolist()
    for one, other, value, length in zip(
        ordered["from_id"], ordered["to_id"], weights, lengths, strict=True
    ):
        graph.add_edge(one, other, weight=value, length=length)
    return graph


def measured(graph: Graph, measures: Collection[str] = MEASURES[1:]) -> pd.DataFrame:
    """Return measures of :data:`MEASURES` but patients, one row a node, in order of id.

    * ``degree``: other nodes that it has ties with, in whatever direction.
    * ``strength``: sum of the weights of its ties with others, in both directions.
    * ``betweenness``: see :func:`pathgraph.analysis.shortest_ways.way_measures`.
    * ``pagerank``: the share of time that a walk spends there which follows ties by their weight
      with probability 0.85 and begins anew anywhere else.

    Examples
    --------
    >>> path = nx.path_graph(["a", "b", "c"])
    >>> nx.set_edge_attributes(path, 1.0, "weight")
    >>> measured(path)[["degree", "betweenness"]].to_dict("index")["b"]
    {'degree': 2.0, 'betweenness': 1.0}
    """
    bare = without_loops(graph)
    order = sorted(bare)
    values = {}
    for name in measures:
        by_node = _COUNTED[name](bare)
        values[name] = np.array([by_node[node] for node in order], dtype=float)
    return pd.DataFrame(values, index=pd.Index(order, name="id", dtype=object))


def without_loops(graph: Graph) -> Graph:
    """Return the graph without the ties of nodes to themselves; itself where it has none.

    Examples
    --------
    >>> without_loops(nx.Graph([("a", "a"), ("a", "b")])).number_of_edges()
    1
    """
    # A copy of a large graph takes seconds.
    if not nx.number_of_selfloops(graph):
        return graph
    bare = graph.copy()
    bare.remove_edges_from(list(nx.selfloop_edges(graph)))
    return bare


def around(graph: Graph, nodes: Collection[str], steps: int) -> set[str]:
    """Return the nodes at most ``steps`` ties away from one of ``nodes``, those included.

    Direction does not matter; nodes that are not there are left out.

    Examples
    --------
    >>> sorted(around(nx.path_graph(["a", "b", "c"]), ["a"], 1))
    ['a', 'b']
    """
    either = graph.to_undirected(as_view=True)
    found: set[str] = set()
    for node in nodes:
        if node in either:
            found |= set(nx.single_source_shortest_path_length(either, node, cutoff=steps))
    return found


def path_between(graph: Graph, start: str, end: str, *, by: str = "strongest") -> list[str]:
    """Return the nodes of the way from one node to another; none where no way leads there.

    Parameters
    ----------
    by
        ``strongest``: the least sum of 1 / weight. ``fewest``: the fewest ties, and of those ways
        the least sum. Where a direction is given the way follows it.

    Examples
    --------
    >>> graph = graph_of(
    ...     pd.DataFrame({"from_id": ["a", "a", "b"], "to_id": ["b", "c", "c"], "n": [9, 1, 9]}),
    ...     weight="n", is_directed=False,
    ... )
    >>> path_between(graph, "a", "c"), path_between(graph, "a", "c", by="fewest")
    (['a', 'b', 'c'], ['a', 'c'])
    """
    if start not in graph or end not in graph:
        return []
    longest = sum(length for _, _, length in graph.edges(data="length"))
    # One tie more weighs more than all lengths together.
    extra = longest + 1 if by == "fewest" else 0

    def length(_: str, __: str, tie: Mapping[str, int]) -> int:
        return tie["length"] + extra

    try:
        found: list[str] = nx.dijkstra_path(graph, start, end, weight=length)
    except nx.NetworkXNoPath:
        return []
    return found


def grouped(
    ties: pd.DataFrame, groups: Mapping[str, str], *, weights: Sequence[str]
) -> pd.DataFrame:
    """Return the ties with nodes put together, and their weights added up.

    Parameters
    ----------
    groups
        Group by node; nodes that are not in it stay themselves.

    Returns
    -------
    ``from_id``, ``to_id`` and the weights. Added up, a patient counts once for each tie.

    Examples
    --------
    >>> ties = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["x", "x"], "n": [2, 3]})
    >>> grouped(ties, {"a": "both", "b": "both"}, weights=["n"]).to_dict("records")
    [{'from_id': 'both', 'to_id': 'x', 'n': 5}]
    """
    ends = {end: ties[end].map(lambda node: groups.get(node, node)) for end in ("from_id", "to_id")}
    together = ties.assign(**ends)
    return together.groupby(["from_id", "to_id"], as_index=False)[list(weights)].sum()


def graphml(
    ties: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    is_directed: bool,
    manifest: Iterable[tuple[str, str]],
) -> bytes:
    """Return nodes and ties as GraphML; what the answer rests on stands in the graph's attributes.

    Parameters
    ----------
    ties
        ``from_id``, ``to_id`` and the tie's attributes.
    nodes
        The nodes' attributes by id.
    manifest
        Names and texts.
    """
    graph = nx.DiGraph() if is_directed else nx.Graph()
    graph.graph.update({name: text for name, text in manifest if text})
    for node, row in zip(nodes.index, nodes.to_dict("records"), strict=True):
        graph.add_node(node, **_plain(row))
    inner = ties.drop(columns=["from_id", "to_id"])
    for one, other, row in zip(
        ties["from_id"], ties["to_id"], inner.to_dict("records"), strict=True
    ):
        graph.add_edge(one, other, **_plain(row))
    target = io.BytesIO()
    nx.write_graphml(graph, target)
    return target.getvalue()


def _degree(graph: Graph) -> dict[Hashable, float]:
    return {node: len(set(nx.all_neighbors(graph, node))) for node in graph}


def _strength(graph: Graph) -> dict[Hashable, float]:
    strength = dict.fromkeys(graph, 0.0)
    for one, other, weight in graph.edges(data="weight"):
        strength[one] += weight
        strength[other] += weight
    return strength


def _betweenness(graph: Graph) -> Mapping[Hashable, float]:
    return dict(way_measures(graph)["betweenness"])


def _pagerank(graph: Graph) -> dict[Hashable, float]:
    found: dict[Hashable, float] = nx.pagerank(
        graph, alpha=_DAMPING, weight="weight", tol=1e-10, max_iter=1_000
    )
    return found


_COUNTED: Mapping[str, Callable[[Graph], Mapping[Hashable, float]]] = {
    "degree": _degree,
    "strength": _strength,
    "betweenness": _betweenness,
    "pagerank": _pagerank,
}


def _plain(row: Mapping[Hashable, Any]) -> dict[str, Any]:
    """Return the values that are known, as GraphML takes them."""
    return {
        str(name): value.item() if isinstance(value, np.generic) else value
        for name, value in row.items()
        if not pd.isna(value)
    }
