"""Communities of a network: Louvain from many seeds, how far the runs agree, and a consensus.

What is found depends on the graph, the seeds and the parameters alone: nodes and ties are put in
order first, since Louvain breaks ties by the order in which they come.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from pathgraph.analysis.partitions import adjusted_rand, co_assignment, numbered, stability_of

__all__ = [
    "RUNS",
    "Communities",
    "communities_of",
    "community_members",
    "consensus_of",
    "louvain_labels",
    "resolution_table",
]

RUNS = 50
"""Runs of Louvain by default; own choice."""

_THRESHOLD = 0.5
"""Own choice: pairs that most runs separate are no tie of the consensus."""

_MOST_ROUNDS = 50
"""Own choice; a few are usual."""

Graph: TypeAlias = Any
"""A graph of networkx, which ships no types."""

Labels: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Communities:
    """What was found in one network with one resolution.

    Attributes
    ----------
    nodes
        In order.
    strength
        Sum of the weights of each node's ties with others.
    seeds, resolution, threshold, with_loops
        As given.
    runs
        Community of each node (columns) in each run (rows), numbered by first member.
    run_modularity
        Of each run, with the resolution asked for; nan where there are no ties.
    together
        Share of the runs in which each two nodes stand together, 0 to 1.
    stability
        Mean adjusted Rand index of each two runs; nan with fewer than two runs.
    consensus
        Community of each node, numbered by size, then by first member, from 0.
    modularity, modularity_at_1
        Of the consensus, with the resolution asked for and with 1.
    n_rounds, is_agreed
        Rounds of the consensus; whether its runs came to agree.
    """

    nodes: tuple[Hashable, ...]
    strength: Floats
    seeds: tuple[int, ...]
    resolution: float
    threshold: float
    with_loops: bool
    runs: Labels
    run_modularity: Floats
    together: Floats
    stability: float
    consensus: Labels
    modularity: float
    modularity_at_1: float
    n_rounds: int
    is_agreed: bool

    @property
    def n_communities(self) -> int:
        """Communities of the consensus; a node without ties is one of its own."""
        return len(np.unique(self.consensus))


def communities_of(
    graph: Graph,
    *,
    resolution: float = 1.0,
    seeds: Sequence[int] = tuple(range(RUNS)),
    threshold: float = _THRESHOLD,
    with_loops: bool = True,
) -> Communities:
    """Find the communities of a network, over many seeds, and their consensus.

    Parameters
    ----------
    graph
        Ties have a ``weight`` (1 where there is none) of at least 0. Of a directed graph the
        weights of both directions are added up.
    resolution
        Greater than 0. Above 1 communities are smaller, below 1 greater.
    seeds
        One a run of Louvain, all different; at least 50 for what is shown to anybody.
    threshold
        Pairs that stand together in a smaller share of the runs are no tie of the consensus.
    with_loops
        Count ties of a node to itself. Between municipalities these are the contacts at home:
        without them a municipality with a hospital of its own seems to go where only those of its
        patients go who are sent on.

    Raises
    ------
    ValueError
        A weight is negative or not a number, seeds are none or repeat, the resolution is not
        above 0, or the threshold is not within 0 to 1.

    Notes
    -----
    Louvain: Blondel et al. 2008, doi 10.1088/1742-5468/2008/10/P10008. Consensus: see
    :func:`consensus_of`.

    Examples
    --------
    >>> graph = nx.Graph()
    >>> graph.add_weighted_edges_from(
    ...     [("a", "b", 5), ("b", "c", 5), ("a", "c", 5), ("c", "x", 1), ("x", "y", 9)]
    ... )
    >>> found = communities_of(graph)
    >>> found.consensus.tolist(), found.stability, round(found.modularity, 3)
    ([0, 0, 0, 1, 1], 1.0, 0.431)
    """
    _check(resolution, seeds, threshold)
    nodes = tuple(sorted(graph))
    plain = _plain(graph, nodes, with_loops)
    runs = np.array([_louvain(plain, seed, resolution) for seed in seeds], dtype=np.int64)
    consensus, n_rounds, is_agreed = consensus_of(runs, seeds=seeds, threshold=threshold)
    by_size = _by_size(consensus)
    return Communities(
        nodes=nodes,
        strength=_strength(plain),
        seeds=tuple(seeds),
        resolution=resolution,
        threshold=threshold,
        with_loops=with_loops,
        runs=runs,
        run_modularity=np.array([_modularity(plain, run, resolution) for run in runs]),
        together=co_assignment(runs),
        stability=stability_of(runs),
        consensus=by_size,
        modularity=_modularity(plain, by_size, resolution),
        modularity_at_1=_modularity(plain, by_size, 1.0),
        n_rounds=n_rounds,
        is_agreed=is_agreed,
    )


def louvain_labels(
    graph: Graph, *, seed: int, resolution: float = 1.0, with_loops: bool = True
) -> Labels:
    """Return the community of each node, in order of the nodes, as one run of Louvain finds it.

    Examples
    --------
    >>> louvain_labels(nx.Graph([("d", "c"), ("b", "a")]), seed=0).tolist()
    [0, 0, 1, 1]
    """
    _check(resolution, [seed], _THRESHOLD)
    return _louvain(_plain(graph, tuple(sorted(graph)), with_loops), seed, resolution)


def consensus_of(
    runs: Labels, *, seeds: Sequence[int], threshold: float = _THRESHOLD
) -> tuple[Labels, int, bool]:
    """Return the division on which runs agree when they are run again on their own agreement.

    Parameters
    ----------
    runs
        Community of each node (columns) in each run (rows).
    seeds
        Of the runs of each round.
    threshold
        Shares below it are no tie. A node that is then without any keeps its greatest share, unless
        it stands alone in as many runs (own choice; the paper always keeps it).

    Returns
    -------
    Community of each node, numbered by first member; the rounds that it took; whether all runs
    came to agree. Where they did not, it is the run that is most alike the others of its round.

    Notes
    -----
    Lancichinetti and Fortunato 2012, doi 10.1038/srep00336. A round runs Louvain on the graph
    whose weights are the shares, until all runs are equal. Its resolution is 1, whatever that of
    the runs was: a resolution of k or more would take k groups apart again on which all agree.
    Nodes that no run parts are one node from the beginning, with what ties them as a tie to itself.

    Examples
    --------
    >>> runs = np.array([[0, 0, 0, 1], [0, 0, 0, 1], [0, 0, 1, 1]])
    >>> found, n_rounds, is_agreed = consensus_of(runs, seeds=range(3))
    >>> found.tolist(), n_rounds, is_agreed
    ([0, 0, 0, 1], 1, True)
    """
    runs = np.array([numbered(run) for run in runs], dtype=np.int64)
    for n_rounds in range(_MOST_ROUNDS):
        if (runs == runs[0]).all():
            return runs[0], n_rounds, True
        groups, number = np.unique(runs, axis=1, return_inverse=True)
        graph = _agreement(groups, np.bincount(number), threshold)
        rounds = [_louvain(graph, seed, 1.0) for seed in seeds]
        runs = np.array([numbered(run[number]) for run in rounds], dtype=np.int64)
    alike = [sum(adjusted_rand(one, other) for other in runs) for one in runs]
    return runs[int(np.argmax(alike))], _MOST_ROUNDS, False


def community_members(found: Communities) -> pd.DataFrame:
    """Return one row a node: its community in the consensus, and how surely it belongs there.

    Returns
    -------
    ``id``, ``community`` (from 1, the greatest first), ``n_members``, ``centre`` (the member whose
    ties have the greatest sum), ``together_own``: mean share of the runs in which it stands
    together with the others of its community (nan where it is alone), ``next_community`` and
    ``together_next``: the same of the community that comes next (null and nan with one community).

    Examples
    --------
    >>> graph = nx.Graph([("a", "b"), ("b", "c"), ("a", "c"), ("x", "y")])
    >>> members = community_members(communities_of(graph)).set_index("id")
    >>> members[["community", "n_members", "centre", "together_own"]].loc["b"].to_dict()
    {'community': 1, 'n_members': 3, 'centre': 'a', 'together_own': 1.0}
    """
    n, k = len(found.nodes), found.n_communities
    is_in = np.eye(k)[found.consensus] if n else np.zeros((0, 0))
    sizes = is_in.sum(axis=0)
    own = (np.arange(n), found.consensus)
    with_each = found.together @ is_in
    others = np.tile(sizes, (n, 1))
    # A node is not one of its own neighbours.
    with_each[own] -= 1
    others[own] -= 1
    shares = np.divide(with_each, others, out=np.full((n, k), np.nan), where=others > 0)
    beside = shares.copy()
    beside[own] = -1.0
    following = beside.argmax(axis=1) if k > 1 else np.zeros(n, dtype=np.int64)
    return pd.DataFrame(
        {
            "id": pd.Series(list(found.nodes), dtype=object),
            "community": found.consensus + 1,
            "n_members": sizes[found.consensus].astype(np.int64),
            "centre": pd.Series(_centres(found), dtype=object),
            "together_own": shares[own],
            "next_community": pd.Series(following + 1, dtype="Int64").where(np.full(n, k > 1)),
            "together_next": shares[np.arange(n), following] if k > 1 else np.full(n, np.nan),
        }
    )


def resolution_table(found: Iterable[Communities]) -> pd.DataFrame:
    """Return one row a resolution: how many communities, how alike the runs, how modular.

    Returns
    -------
    ``resolution``, ``n_runs``, ``n_communities`` of the consensus, ``fewest`` and ``most`` of a
    run, ``stability``, ``modularity``, ``modularity_at_1`` (which alone may be compared between
    rows), ``n_rounds``, ``is_agreed``.

    Examples
    --------
    >>> graph = nx.Graph([("a", "b"), ("b", "c"), ("a", "c"), ("x", "y")])
    >>> table = resolution_table(communities_of(graph, resolution=r) for r in (1.0, 4.0))
    >>> table["n_communities"].to_list()
    [2, 4]
    """
    rows = []
    for one in found:
        sizes = one.runs.max(axis=1, initial=-1) + 1
        rows.append(
            {
                "resolution": one.resolution,
                "n_runs": len(one.seeds),
                "n_communities": one.n_communities,
                "fewest": int(sizes.min()),
                "most": int(sizes.max()),
                "stability": one.stability,
                "modularity": one.modularity,
                "modularity_at_1": one.modularity_at_1,
                "n_rounds": one.n_rounds,
                "is_agreed": one.is_agreed,
            }
        )
    return pd.DataFrame(rows)


def _check(resolution: float, seeds: Sequence[int], threshold: float) -> None:
    if not resolution > 0:
        raise ValueError("resolution must be above 0")
    if not len(seeds) or len(set(seeds)) != len(seeds):
        raise ValueError("seeds must be at least one, all different")
    if not 0 <= threshold <= 1:
        raise ValueError("threshold must be within 0 to 1")


def _plain(graph: Graph, nodes: Sequence[Hashable], with_loops: bool) -> Graph:
    """Return the graph without directions, its nodes numbered, everything put in in order."""
    number = {node: place for place, node in enumerate(nodes)}
    weights: dict[tuple[int, int], list[float]] = {}
    for one, other, value in graph.edges(data="weight", default=1.0):
        if not value >= 0 or value == float("inf"):
            raise ValueError("weights must be numbers of at least 0")
        pair = sorted((number[one], number[other]))
        if value > 0 and (with_loops or one != other):
            weights.setdefault((pair[0], pair[1]), []).append(float(value))
    plain = nx.Graph()
    plain.add_nodes_from(range(len(nodes)))
    for (first, second), values in sorted(weights.items()):
        plain.add_edge(first, second, weight=sum(sorted(values)))
    return plain


def _strength(plain: Graph) -> Floats:
    """Return the sum of the weights of each node's ties with others."""
    sums = np.zeros(len(plain))
    for one, other, weight in plain.edges(data="weight"):
        if one != other:
            sums[[one, other]] += weight
    return sums


def _louvain(plain: Graph, seed: int, resolution: float) -> Labels:
    found = nx.community.louvain_communities(
        plain, weight="weight", resolution=resolution, seed=seed
    )
    labels = np.zeros(len(plain), dtype=np.int64)
    for label, members in enumerate(found):
        labels[list(members)] = label
    return numbered(labels)


def _agreement(groups: Labels, sizes: Labels, threshold: float) -> Graph:
    """Return the graph of groups of nodes whose ties are the shares that reach the threshold."""
    between = co_assignment(groups) - np.eye(len(sizes))
    kept = np.where((between >= threshold) & (between > 0), between, 0.0)
    strongest = between.max(axis=1, keepdims=True)
    # Nodes of a group stand together and are never alone.
    alone = 1 - (_sizes(groups, sizes) > 1).mean(axis=0)
    is_spared = (kept.sum(axis=1) == 0) & (sizes == 1) & (strongest[:, 0] > alone)
    spared = is_spared[:, None] & (between == strongest)
    kept = np.where(spared | spared.T, between, kept) * np.outer(sizes, sizes)
    graph = nx.Graph()
    graph.add_nodes_from(range(len(sizes)))
    for one in range(len(sizes)):
        if sizes[one] > 1:
            graph.add_edge(one, one, weight=float(sizes[one] * (sizes[one] - 1) / 2))
        for other in np.flatnonzero(kept[one, one + 1 :] > 0) + one + 1:
            graph.add_edge(one, int(other), weight=float(kept[one, other]))
    return graph


def _sizes(groups: Labels, sizes: Labels) -> Labels:
    """Return how many nodes stand together with each group, itself included, in each run."""
    return np.array(
        [np.bincount(run, weights=sizes)[run].astype(np.int64) for run in groups], dtype=np.int64
    )


def _modularity(plain: Graph, labels: Labels, resolution: float) -> float:
    if not plain.number_of_edges():
        return float("nan")
    groups = [set(np.flatnonzero(labels == label).tolist()) for label in np.unique(labels)]
    return float(nx.community.modularity(plain, groups, weight="weight", resolution=resolution))


def _by_size(labels: Labels) -> Labels:
    ordered = numbered(labels)
    order = np.argsort(-np.bincount(ordered), kind="stable")
    return np.argsort(order, kind="stable")[ordered] if len(ordered) else ordered


def _centres(found: Communities) -> list[Hashable]:
    """Return, for each node, the member of its community whose ties have the greatest sum."""
    centre = {}
    for label in np.unique(found.consensus):
        members = np.flatnonzero(found.consensus == label)
        centre[label] = found.nodes[members[np.argmax(found.strength[members])]]
    return [centre[label] for label in found.consensus]
