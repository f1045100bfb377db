"""Measures of the nodes and ties of a network, and of the whole of it.

Ties have a positive weight; with a direction or without. Ties of a node to itself count in no
measure. Clustering, core, articulation points, bridges and components ask who has ties with whom,
in whatever direction and of whatever weight; the rest goes by direction and weight.

The same values come from Neo4j Graph Data Science as follows (found equal with 2.13.9), where D is
a projection with direction (``NATURAL``), R the same reversed (``REVERSE``), U one without
(``UNDIRECTED``, for a directed network with the two directions of a pair put together: aggregation
``SINGLE``), N the one of the network's own kind (D or U), n the number of nodes. Ties of a node to
itself are left out of the projection; ``length`` is that of
:func:`pathgraph.analysis.shortest_ways.lattice_lengths`. :mod:`pathgraph.engine.neo4j_measures`
calls it so, but for closeness, which is worked out here on every engine.

==========================  ====================================================================
here                        there
==========================  ====================================================================
``degree_out``, ``_in``     ``gds.degree`` on D, on R; on U where ties have no direction
``degree``                  ``gds.degree`` on U
``strength_out``, ``_in``   ``gds.degree`` with ``relationshipWeightProperty: 'weight'`` on D, on R
``strength``                their sum; without a direction the same on U
``betweenness``             ``gds.betweenness`` on N with ``relationshipWeightProperty: 'length'``,
                            no ``samplingSize``; divided by (n - 1)(n - 2) on D and, since each
                            pair counts once there, by half of that on U; 0 for n < 3
``closeness``               ``gds.closeness`` knows no weights. From ``gds.allShortestPaths`` on N
                            with ``relationshipWeightProperty: 'length'``, without the rows of a
                            node to itself or of infinite distance: by ``targetNodeId``, r = count
                            and s = sum of ``distance``, r / (n - 1) * r / s * LATTICE; 0 without
                            rows
``pagerank``                ``gds.pageRank`` on N with ``relationshipWeightProperty: 'weight'``,
                            ``dampingFactor: 0.85``, ``maxIterations: 1000``, ``tolerance: 1e-12``,
                            each score divided by the sum of all (``scaler: 'L1Norm'`` does that).
                            There scores start from 1 - d and what reaches a node without ties
                            onward is lost; here it begins anew anywhere. Both solve
                            (I - dW) p = constant, so that divided by their sums they are equal.
                            Iterative: not exact on either side
``clustering``              ``gds.localClusteringCoefficient`` on U; null where ``degree`` < 2, for
                            which it says 0
``core``                    ``gds.kcore`` on U
``is_articulation_point``   ``gds.articulationPoints`` on U
``is_bridge``               ``gds.bridges`` on U, for both directions of the pair
``n_components``            ``gds.wcc`` on U
==========================  ====================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from pathgraph.analysis.networks import measured, without_loops
from pathgraph.analysis.shortest_ways import MOST_STEPS, way_measures

__all__ = [
    "NODE_MEASURES",
    "NetworkMeasures",
    "network_measures",
    "node_measures",
    "tie_measures",
]

NODE_MEASURES = (
    "degree_in",
    "degree_out",
    "degree",
    "strength_in",
    "strength_out",
    "strength",
    "betweenness",
    "closeness",
    "pagerank",
    "clustering",
    "core",
    "is_articulation_point",
)
"""Columns of :func:`node_measures`."""

_BLOCK = 512
"""Nodes whose triangles are counted together."""

Graph: TypeAlias = Any
"""A graph of networkx, which ships no types."""


@dataclass(frozen=True, slots=True)
class NetworkMeasures:
    """What is known of a network as a whole.

    Attributes
    ----------
    n_nodes, n_ties
        Without ties of a node to itself. Where ties have a direction each is one of its own.
    density
        Ties out of those that are possible; null for fewer than two nodes.
    reciprocity
        Share of the ties with one in the other direction (Newman, Forrest and Balthrop 2002, doi
        10.1103/PhysRevE.66.035101); null without ties and where they have no direction.
    reciprocity_weighted
        Share of the weight that is returned: the sum of the lesser weight of the two directions
        over the sum of all weights (Squartini, Picciolo, Ruzzenenti and Garlaschelli 2013, doi
        10.1038/srep02729); null likewise.
    n_components
        Parts between which there is no tie, direction apart. A node without ties is one.
    share_in_largest
        Share of the nodes that are in the largest part; null without nodes.
    """

    n_nodes: int
    n_ties: int
    density: float | None
    reciprocity: float | None
    reciprocity_weighted: float | None
    n_components: int
    share_in_largest: float | None


def node_measures(graph: Graph, *, most_steps: int = MOST_STEPS) -> pd.DataFrame:
    """Return the :data:`NODE_MEASURES` of each node, in order of id.

    * ``degree_in``, ``degree_out``: nodes from which, to which it has a tie; ``degree``: nodes with
      which it has one in whatever direction. Without a direction all three are the same.
    * ``strength_in``, ``strength_out``: sum of the weights of those ties; ``strength``: of both
      directions. Without a direction all three are the same.
    * ``betweenness``, ``closeness``: see :func:`pathgraph.analysis.shortest_ways.way_measures`.
    * ``pagerank``: see :func:`pathgraph.analysis.networks.measured`; they sum to 1.
    * ``clustering`` (0 to 1): share of the pairs of its neighbours that have a tie with each other;
      null where it has fewer than two (Watts and Strogatz 1998, doi 10.1038/30918).
    * ``core``: the greatest k for which the node is in a part of the network whose nodes all have k
      neighbours within it (Seidman 1983, doi 10.1016/0378-8733(83)90028-X).
    * ``is_articulation_point``: without the node the network would fall into more parts than it
      has (Tarjan 1972, doi 10.1137/0201010).

    Parameters
    ----------
    graph
        A graph of networkx with a positive ``weight`` on each tie, as
        :func:`pathgraph.analysis.networks.graph_of` makes it.
    most_steps
        As :func:`pathgraph.analysis.shortest_ways.way_measures` takes it.

    Raises
    ------
    ValueError
        A weight is not a positive number.

    Examples
    --------
    >>> from pathgraph.analysis.networks import graph_of
    >>> ties = pd.DataFrame({"from_id": ["a", "b"], "to_id": ["b", "c"], "n": [4, 2]})
    >>> found = node_measures(graph_of(ties, weight="n", is_directed=True))
    >>> found.loc["b", ["strength_in", "strength_out", "strength"]].to_list()
    [4.0, 2.0, 6.0]
    >>> found["is_articulation_point"].to_dict()
    {'a': False, 'b': True, 'c': False}
    """
    bare = without_loops(graph)
    either = _undirected(bare)
    order = sorted(bare)
    found = way_measures(bare, most_steps=most_steps)
    cuts = set(nx.articulation_points(either))
    known = measured(bare, ("degree", "strength", "pagerank"))
    found = found.assign(
        degree=known["degree"].astype("int64"),
        strength=known["strength"],
        pagerank=known["pagerank"],
        clustering=_clustering(either, order),
        core=_in_order(nx.core_number(either), order, "int64"),
        is_articulation_point=np.array([node in cuts for node in order], dtype=bool),
    )
    for end in ("in", "out"):
        degree, strength = _of_end(bare, end)
        found[f"degree_{end}"] = _in_order(degree, order, "int64")
        found[f"strength_{end}"] = _in_order(strength, order, "float64")
    return found[list(NODE_MEASURES)]


def tie_measures(graph: Graph) -> pd.DataFrame:
    """Return what is known of each tie, in order of its ends; those of a node to itself left out.

    Returns
    -------
    ``from_id``, ``to_id`` (without a direction the lesser id first), ``weight``, and

    * ``is_bridge``: without the tie, and the one in the other direction, the network would fall
      into more parts than it has (Tarjan 1974, doi 10.1016/0020-0190(74)90003-9).
    * ``weight_back``: weight of the tie in the other direction, 0 where there is none; null where
      ties have no direction.
    * ``reciprocity`` (0 to 1): share of the weight that is returned, that is
      ``min(weight, weight_back) / weight``; null where ties have no direction. Their mean by weight
      is the network's ``reciprocity_weighted``.

    Examples
    --------
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([("a", "b", 4), ("b", "a", 1)])
    >>> tie_measures(graph)["reciprocity"].to_list()
    [0.25, 1.0]
    """
    bare = without_loops(graph)
    weights = _weights(bare)
    bridges = {frozenset(pair) for pair in nx.bridges(_undirected(bare))}
    pairs = sorted(weights)
    weight = np.array([weights[pair] for pair in pairs], dtype=np.float64)
    back = np.full(len(pairs), np.nan)
    if bare.is_directed():
        back = np.array([weights.get((to, start), 0.0) for start, to in pairs], dtype=np.float64)
    return pd.DataFrame(
        {
            "from_id": np.array([start for start, _ in pairs], dtype=object),
            "to_id": np.array([to for _, to in pairs], dtype=object),
            "weight": weight,
            "is_bridge": np.array([frozenset(pair) in bridges for pair in pairs], dtype=bool),
            "weight_back": back,
            "reciprocity": np.minimum(weight, back) / weight,
        }
    )


def network_measures(graph: Graph) -> NetworkMeasures:
    """Return the measures of the whole network.

    Examples
    --------
    >>> graph = nx.DiGraph()
    >>> graph.add_weighted_edges_from([("a", "b", 4), ("b", "a", 1), ("c", "d", 5)])
    >>> found = network_measures(graph)
    >>> found.density, round(found.reciprocity, 3), found.reciprocity_weighted
    (0.25, 0.667, 0.2)
    >>> found.n_components, found.share_in_largest
    (2, 0.5)
    """
    bare = without_loops(graph)
    weights = _weights(bare)
    n_nodes, n_ties = len(bare), len(weights)
    n_possible = n_nodes * (n_nodes - 1) / (1 if bare.is_directed() else 2)
    parts = [len(part) for part in nx.connected_components(_undirected(bare))]
    both = [
        min(weight, weights[to, start])
        for (start, to), weight in weights.items()
        if (to, start) in weights
    ]
    can_return = bare.is_directed() and n_ties > 0
    return NetworkMeasures(
        n_nodes=n_nodes,
        n_ties=n_ties,
        density=n_ties / n_possible if n_possible else None,
        reciprocity=len(both) / n_ties if can_return else None,
        reciprocity_weighted=sum(both) / sum(weights.values()) if can_return else None,
        n_components=len(parts),
        share_in_largest=max(parts) / n_nodes if parts else None,
    )


def _undirected(bare: Graph) -> Graph:
    """Return who has a tie with whom, in whatever direction."""
    either = nx.Graph()
    either.add_nodes_from(bare)
    either.add_edges_from(bare.edges())
    return either


def _weights(bare: Graph) -> dict[tuple[Any, Any], float]:
    return {
        (one, other) if bare.is_directed() or one <= other else (other, one): float(weight)
        for one, other, weight in bare.edges(data="weight")
    }


def _of_end(bare: Graph, end: str) -> tuple[Mapping[Any, float], Mapping[Any, float]]:
    """Return degree and strength by node, of the ties that come in or of those that go out."""
    if not bare.is_directed():
        return dict(bare.degree()), dict(bare.degree(weight="weight"))
    view = bare.in_degree if end == "in" else bare.out_degree
    return dict(view()), dict(view(weight="weight"))


def _in_order(by_node: Mapping[Any, float], order: list[Any], kind: str) -> npt.NDArray[Any]:
    return np.array([by_node[node] for node in order], dtype=kind)


def _clustering(either: Graph, order: list[Any]) -> npt.NDArray[np.float64]:
    """Return the share of the pairs of neighbours that are neighbours, nan where there is no pair.

    Counted with sparse matrices: networkx takes ten times as long.
    """
    if not order:
        return np.zeros(0)
    ties = nx.to_scipy_sparse_array(either, nodelist=order, weight=None, dtype=np.int64)
    degree = ties.sum(axis=1)
    # Each tied pair of neighbours is met from both its ends, as are all pairs.
    n_tied = np.concatenate(
        [
            (ties[begin : begin + _BLOCK] @ ties).multiply(ties[begin : begin + _BLOCK]).sum(axis=1)
            for begin in range(0, len(order), _BLOCK)
        ]
    )
    n_pairs = degree * (degree - 1.0)
    shares = np.full(len(order), np.nan)
    np.divide(n_tied, n_pairs, out=shares, where=n_pairs > 0)
    return shares
