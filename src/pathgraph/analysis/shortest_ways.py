"""Betweenness and closeness of the nodes of a network, over ways that are compared exactly.

A tie is as long as 1 / weight, rounded to a multiple of 1 / :data:`LATTICE`, so that lengths are
whole numbers: their sums are exact in floating point, in whatever order and on whatever engine.
With 1 / weight itself 1/6 + 1/30 falls short of 1/5 in the last digit, one of two equally long
ways is lost, and betweenness is wrong by as much as a way is worth.

Small networks go through networkx. Large ones go through SciPy's compiled Dijkstra, from which
Brandes' sums are made a block of sources at a time: 3,000 nodes with 200,000 ties take some 15 s
instead of half an hour.
"""

from __future__ import annotations

import itertools
import math
from typing import Any, TypeAlias

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd
import scipy.sparse
from scipy.sparse.csgraph import dijkstra

__all__ = ["LATTICE", "MOST_STEPS", "closeness", "lattice_lengths", "way_measures"]

LATTICE = math.lcm(*range(1, 31))
"""Parts into which a length of 1 is divided, 2,329,089,562,800: each weight from 1 to 30 divides
it, so ways over ties of such weights are compared as fractions are (own choice). Ways up to 3,867
long stay exact (below 2**53 parts)."""

MOST_STEPS = 2_000_000
"""Nodes times directions of ties up to which networkx does it (about 2 s; own choice)."""

_BLOCK = 128
"""Sources that are worked on together; what they need stays within some tens of MB."""

Graph: TypeAlias = Any
Floats: TypeAlias = npt.NDArray[np.float64]
Places: TypeAlias = npt.NDArray[np.int64]


def lattice_lengths(weights: npt.ArrayLike) -> Floats:
    """Return the length of ties by their weight, in whole parts of 1 / :data:`LATTICE`.

    It is ``floor(LATTICE / weight + 0.5)``, which another engine works out alike, and at least 1.

    Raises
    ------
    ValueError
        A weight is not a positive number.

    Examples
    --------
    >>> one, other, both = lattice_lengths([6, 30, 5])
    >>> bool(one + other == both), 1 / 6 + 1 / 30 == 1 / 5
    (True, False)
    """
    values = np.asarray(weights, dtype=np.float64)
    if not (np.isfinite(values) & (values > 0)).all():
        raise ValueError("weights must be positive numbers")
    return np.maximum(np.floor(LATTICE / values + 0.5), 1.0)


def way_measures(graph: Graph, *, most_steps: int = MOST_STEPS) -> pd.DataFrame:
    """Return ``betweenness`` and ``closeness`` of each node, in order of id.

    * ``betweenness`` (0 to 1): mean, over the ordered pairs of other nodes, of the share of their
      shortest ways that lead over the node; a pair without a way counts as 0. 0 where there are
      fewer than three nodes. Freeman 1977 (doi 10.2307/3033543), by the algorithm of Brandes 2001
      (doi 10.1080/0022250X.2001.9990249).
    * ``closeness`` (in the unit of the weights, at least 0): of the r other nodes from which a way
      leads here, out of n - 1, ``r / (n - 1) * r / (sum of their lengths)``. Where all reach it, 1
      divided by the mean length; 0 where none does. Wasserman and Faust 1994, page 201 (isbn
      978-0-521-38707-1).

    Parameters
    ----------
    graph
        A graph of networkx with a positive ``weight`` on each tie, as
        :func:`pathgraph.analysis.networks.graph_of` makes it. Where ties have a direction, ways
        follow it. Ties of a node to itself do not count.
    most_steps
        Nodes times directions of ties beyond which the compiled way is taken. It holds all
        distances, 8 bytes for each ordered pair of nodes (72 MB at 3,000 nodes).

    Raises
    ------
    ValueError
        A weight is not a positive number.

    Examples
    --------
    >>> path = nx.Graph()
    >>> path.add_weighted_edges_from([("a", "b", 2), ("b", "c", 2)])
    >>> found = way_measures(path)
    >>> found["betweenness"].to_list()
    [0.0, 1.0, 0.0]
    >>> found["closeness"].round(3).to_list()  # b is 1/2 from both; a is 1/2 and 1 away
    [1.333, 2.0, 1.333]
    """
    order = sorted(graph)
    ties = [tie for tie in graph.edges(data="weight") if tie[0] != tie[1]]
    lengths = lattice_lengths([weight for _, _, weight in ties])
    directions = len(ties) * (1 if graph.is_directed() else 2)
    if len(order) * directions <= most_steps:
        betweenness, close = _by_networkx(graph.is_directed(), order, ties, lengths)
    else:
        ends, lengths = _both_ways(graph, order, ties, lengths)
        betweenness, close = _by_scipy(len(order), ends, lengths)
    return pd.DataFrame(
        {"betweenness": betweenness, "closeness": close * LATTICE},
        index=pd.Index(order, name="id", dtype=object),
    )


def closeness(graph: Graph) -> pd.Series[float]:
    """Return the closeness of each node as :func:`way_measures` does, and nothing else.

    Examples
    --------
    >>> path = nx.Graph()
    >>> path.add_weighted_edges_from([("a", "b", 2), ("b", "c", 2)])
    >>> closeness(path).round(3).to_list()
    [1.333, 2.0, 1.333]
    """
    order = sorted(graph)
    ties = [tie for tie in graph.edges(data="weight") if tie[0] != tie[1]]
    lengths = lattice_lengths([weight for _, _, weight in ties])
    ends, lengths = _both_ways(graph, order, ties, lengths)
    tails, heads = ends.T
    shape = (len(order), len(order))
    found = np.zeros(0)
    if order:
        found = _closeness(dijkstra(scipy.sparse.csr_array((lengths, (tails, heads)), shape=shape)))
    return pd.Series(
        found * LATTICE, index=pd.Index(order, name="id", dtype=object), name="closeness"
    )


def _both_ways(
    graph: Graph, order: list[Any], ties: list[tuple[Any, Any, float]], lengths: Floats
) -> tuple[Places, Floats]:
    """Return the ties between the numbers of the nodes, without a direction both ways round."""
    place = {node: number for number, node in enumerate(order)}
    places = [(place[one], place[other]) for one, other, _ in ties]
    ends = np.array(places, dtype=np.int64).reshape(-1, 2)
    if graph.is_directed():
        return ends, lengths
    return np.concatenate([ends, ends[:, ::-1]]), np.concatenate([lengths] * 2)


def _by_networkx(
    is_directed: bool, order: list[Any], ties: list[tuple[Any, Any, float]], lengths: Floats
) -> tuple[Floats, Floats]:
    graph = nx.DiGraph() if is_directed else nx.Graph()
    graph.add_nodes_from(order)
    for (one, other, _), length in zip(ties, lengths.tolist(), strict=True):
        graph.add_edge(one, other, length=length)
    between = nx.betweenness_centrality(graph, normalized=True, weight="length")
    # Its default is Wasserman and Faust's, with the ways that lead to the node.
    close = nx.closeness_centrality(graph, distance="length", wf_improved=True)
    return (
        np.array([between[node] for node in order], dtype=np.float64),
        np.array([close[node] for node in order], dtype=np.float64),
    )


def _by_scipy(n_nodes: int, ends: Places, lengths: Floats) -> tuple[Floats, Floats]:
    by_tail = np.lexsort((ends[:, 1], ends[:, 0]))
    (tails, heads), lengths = ends[by_tail].T, lengths[by_tail]
    ties = scipy.sparse.csr_array((lengths, (tails, heads)), shape=(n_nodes, n_nodes))
    distances = np.empty((n_nodes, n_nodes))
    blocks = [np.arange(begin, min(begin + _BLOCK, n_nodes)) for begin in range(0, n_nodes, _BLOCK)]
    for sources in blocks:
        distances[sources] = dijkstra(ties, indices=sources)
    # A tie that is longer than the way between its ends lies on no shortest way.
    is_short = distances[tails, heads] == lengths
    tails, heads, lengths = tails[is_short], heads[is_short], lengths[is_short]
    betweenness = np.zeros(n_nodes)
    for sources in blocks:
        betweenness += _dependencies(distances[sources], sources, tails, heads, lengths)
    n_pairs = (n_nodes - 1) * (n_nodes - 2)
    return betweenness / max(n_pairs, 1), _closeness(distances)


def _closeness(distances: Floats) -> Floats:
    """Return Wasserman and Faust's closeness from the lengths of the ways that lead to each."""
    is_reached = np.isfinite(distances)
    n_others = is_reached.sum(axis=0) - 1.0
    sums = np.where(is_reached, distances, 0.0).sum(axis=0)
    found = np.zeros(len(distances))
    np.divide(n_others**2, sums * (len(distances) - 1.0), out=found, where=sums > 0)
    return found


def _dependencies(
    distances: Floats, sources: Places, tails: Places, heads: Places, lengths: Floats
) -> Floats:
    """Return the sum, over some sources, of what Brandes calls the dependency on each node.

    Each node stands once for each source: number of the source times nodes plus the node.
    """
    n_sources, n_nodes = distances.shape
    to_tails = distances[:, tails]
    source, tie = np.nonzero((to_tails + lengths == distances[:, heads]) & np.isfinite(to_tails))
    before, after = source * n_nodes + tails[tie], source * n_nodes + heads[tie]
    starts = np.arange(n_sources) * n_nodes + sources
    n_ways, most_ties = _ways(before, after, starts, distances.size)
    by_depth = np.argsort(most_ties[after], kind="stable")
    before, after = before[by_depth], after[by_depth]
    depths = most_ties[after]
    cuts = np.searchsorted(depths, np.arange(1, depths.max(initial=0) + 2))
    dependency = np.zeros(distances.size)
    # From the far end: all that lies behind a node is known before the node is used.
    for begin, end in reversed(list(itertools.pairwise(cuts))):
        near, far = before[begin:end], after[begin:end]
        np.add.at(dependency, near, n_ways[near] / n_ways[far] * (1 + dependency[far]))
    dependency[starts] = 0.0
    summed: Floats = dependency.reshape(n_sources, n_nodes).sum(axis=0)
    return summed


def _ways(before: Places, after: Places, starts: Places, size: int) -> tuple[Floats, Places]:
    """Return how many shortest ways lead to each place, and over how many ties at most.

    ``before`` is in order; the step from ``before`` to ``after`` lies on a shortest way.
    """
    first = np.concatenate([[0], np.cumsum(np.bincount(before, minlength=size))])
    n_ways, most_ties = np.zeros(size), np.zeros(size, np.int64)
    arriving, seen_at = np.zeros(size), np.zeros(size, np.int64)
    at, ways, n_ties = starts, np.ones(len(starts)), 0
    n_ways[starts] = 1.0
    while len(at):
        n_ties += 1
        n_steps = first[at + 1] - first[at]
        offset = np.cumsum(n_steps) - n_steps
        steps = np.repeat(first[at] - offset, n_steps) + np.arange(n_steps.sum())
        reached = after[steps]
        np.add.at(arriving, reached, np.repeat(ways, n_steps))
        seen_at[reached] = np.arange(len(reached))
        at = reached[seen_at[reached] == np.arange(len(reached))]
        ways = arriving[at]
        arriving[at] = 0.0
        n_ways[at] += ways
        most_ties[at] = n_ties
    return n_ways, most_ties
