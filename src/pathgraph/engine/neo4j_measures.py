"""Measures of the nodes of a network by Graph Data Science on a Neo4j server.

Nothing is written to the graph: the ties are handed over, projected in memory under a name of their
own, and dropped again. Which call gives which measure, and how it is brought to the same scale, is
said in :mod:`pathgraph.analysis.node_measures`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import neo4j
import numpy as np
import pandas as pd
import pyarrow as pa

__all__ = ["bridges_by_gds", "measures_by_gds"]

_DAMPING = 0.85
_MOST_ROUNDS = 1_000
_TOLERANCE = 1e-12
_TIE = "TIE"


def measures_by_gds(
    driver: neo4j.Driver, database: str | None, ties: pa.Table, *, is_directed: bool
) -> pa.Table:
    """Return one row a node, as :meth:`pathgraph.engine.base.Engine.node_measures` says.

    Parameters
    ----------
    ties
        ``from_id``, ``to_id``, ``weight``, ``length``; none of a node to itself, none twice.
    """
    gds = _client(driver, database)
    ids, ends = _numbered(ties)
    n = len(ids)
    own = {"undirected": not is_directed}
    with _projected(gds, n, ends, **own) as given, _projected(gds, n, _once(ends)) as either:
        out, strength_out = _degrees(gds, given, n)
        degree, _ = _degrees(gds, either, n)
        betweenness = gds.betweenness.stream(given, relationship_weight_property="length")
        ranks = gds.page_rank.stream(
            given,
            relationship_weight_property="weight",
            damping_factor=_DAMPING,
            max_iterations=_MOST_ROUNDS,
            tolerance=_TOLERANCE,
        )
        shares = gds.local_clustering_coefficient.stream(either)
        cores = gds.k_core_decomposition.stream(either)
        cuts = gds.articulation_points.stream(either)
    into, strength_in = (out, strength_out) if not is_directed else _turned(gds, ends, n)
    rank = _by_node(ranks, "score", n)
    clustering = _by_node(shares, "localClusteringCoefficient", n)
    n_pairs = (n - 1) * (n - 2) / (1 if is_directed else 2)
    columns = {
        "id": ids,
        "degree_in": into.astype(np.int64),
        "degree_out": out.astype(np.int64),
        "degree": degree.astype(np.int64),
        "strength_in": strength_in,
        "strength_out": strength_out,
        "strength": strength_in + strength_out if is_directed else strength_out,
        "betweenness": _by_node(betweenness, "score", n) / n_pairs if n > 2 else np.zeros(n),
        "pagerank": rank / rank.sum(),
        "clustering": np.where(degree < 2, np.nan, clustering),
        "core": _by_node(cores, "coreValue", n).astype(np.int64),
        "is_articulation_point": np.isin(np.arange(n), cuts["nodeId"].to_numpy(dtype=np.int64)),
    }
    return pa.table({name: pa.array(values) for name, values in columns.items()})


def bridges_by_gds(driver: neo4j.Driver, database: str | None, ties: pa.Table) -> pa.Table:
    """Return the bridges, as :meth:`pathgraph.engine.base.Engine.bridges` says."""
    gds = _client(driver, database)
    ids, ends = _numbered(ties)
    with _projected(gds, len(ids), _once(ends)) as either:
        found = gds.bridges.stream(either)
    places = np.sort(found[["from", "to"]].to_numpy(dtype=np.int64).reshape(-1, 2), axis=1)
    names = np.array(ids, dtype=object)[places].reshape(-1, 2)
    return pa.table(
        {name: pa.array(names[:, n], pa.string()) for n, name in enumerate(("from_id", "to_id"))}
    )


def _client(driver: neo4j.Driver, database: str | None) -> Any:
    # Loaded where it is needed: it takes a while, and most questions need none of it.
    from graphdatascience import GraphDataScience

    return GraphDataScience(driver, database=database, arrow=False, show_progress=False)


def _numbered(ties: pa.Table) -> tuple[list[str], pd.DataFrame]:
    """Return the nodes in order of id, and the ties between their numbers."""
    frame = ties.select(["from_id", "to_id", "weight", "length"]).to_pandas()
    ids = sorted({*frame["from_id"], *frame["to_id"]})
    place = {node: number for number, node in enumerate(ids)}
    ends = pd.DataFrame(
        {
            "sourceNodeId": frame["from_id"].map(place).astype(np.int64),
            "targetNodeId": frame["to_id"].map(place).astype(np.int64),
            "relationshipType": _TIE,
            "weight": frame["weight"].astype(np.float64),
            "length": frame["length"].astype(np.float64),
        }
    )
    return ids, ends


def _once(ends: pd.DataFrame) -> pd.DataFrame:
    """Return the ties without direction, each pair once."""
    columns = ["sourceNodeId", "targetNodeId"]
    pairs = np.sort(ends[columns].to_numpy(), axis=1)
    return ends.assign(**dict(zip(columns, pairs.T, strict=True))).drop_duplicates(columns)


@contextmanager
def _projected(
    gds: Any, n_nodes: int, ends: pd.DataFrame, *, undirected: bool = True
) -> Iterator[Any]:
    """Keep a graph in the memory of the server for as long as it is needed."""
    name = f"pathgraph-{secrets.token_hex(8)}"
    nodes = pd.DataFrame({"nodeId": np.arange(n_nodes, dtype=np.int64), "labels": "Node"})
    try:
        yield gds.graph.construct(
            name, nodes, ends, undirected_relationship_types=[_TIE] if undirected else []
        )
    finally:
        gds.graph.drop(name, fail_if_missing=False)


def _degrees(gds: Any, graph: Any, n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return how many ties lead away from each node, and their weights added up."""
    degree = gds.degree.stream(graph)
    strength = gds.degree.stream(graph, relationship_weight_property="weight")
    return _by_node(degree, "score", n_nodes), _by_node(strength, "score", n_nodes)


def _turned(gds: Any, ends: pd.DataFrame, n_nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the same of the ties that lead to each node."""
    columns = {"sourceNodeId": "targetNodeId", "targetNodeId": "sourceNodeId"}
    with _projected(gds, n_nodes, ends.rename(columns=columns), undirected=False) as turned:
        return _degrees(gds, turned, n_nodes)


def _by_node(streamed: pd.DataFrame, column: str, n_nodes: int) -> np.ndarray:
    values = np.full(n_nodes, np.nan)
    values[streamed["nodeId"].to_numpy(dtype=np.int64)] = streamed[column].to_numpy(dtype=float)
    return values
