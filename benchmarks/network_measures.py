"""How long the measures of a large network take: see ``docs/benchmarks.md``.

``python -m benchmarks.network_measures`` draws a network, works out all its measures, and does the
same with networkx alone, of which the ways are timed from a sample of nodes and scaled up, and with
``--gds`` with Graph Data Science on a Neo4j that it starts (it needs Java and Maven). The exit code
is 1 where the values differ.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import typer

from pathgraph.analysis.networks import graph_of
from pathgraph.analysis.node_measures import NODE_MEASURES, node_measures, tie_measures
from pathgraph.analysis.shortest_ways import lattice_lengths

__all__ = ["app", "drawn_ties"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

_TOLERANCE = 1e-6


def drawn_ties(n_nodes: int, n_ties: int, *, is_directed: bool, seed: int = 1) -> pd.DataFrame:
    """Return ties between nodes some of which have many, most of them about few patients.

    Examples
    --------
    >>> drawn_ties(10, 20, is_directed=True).shape
    (20, 3)
    """
    draw = np.random.default_rng(seed)
    share = 1 / np.sqrt(np.arange(1, n_nodes + 1))
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < n_ties:
        ends = draw.choice(n_nodes, size=(n_ties, 2), p=share / share.sum())
        ends = ends[ends[:, 0] != ends[:, 1]]
        drawn = ends if is_directed else np.sort(ends, axis=1)
        pairs.update((int(one), int(other)) for one, other in drawn[: n_ties - len(pairs)])
    ordered = sorted(pairs)
    return pd.DataFrame(
        {
            "from_id": [f"n{one:05}" for one, _ in ordered],
            "to_id": [f"n{other:05}" for _, other in ordered],
            "weight": draw.geometric(0.05, size=len(ordered)).astype(np.float64),
        }
    )


@app.command()
def main(
    nodes: Annotated[int, typer.Option(min=10, help="Nodes of the network.")] = 3_000,
    ties: Annotated[int, typer.Option(min=10, help="Its ties.")] = 200_000,
    sample: Annotated[
        int, typer.Option(min=0, help="Nodes from which networkx's ways are timed; 0: not at all.")
    ] = 20,
    gds: Annotated[bool, typer.Option(help="Graph Data Science too.")] = False,
) -> None:
    """Time all measures of a network, with and without direction."""
    differing = []
    for is_directed in (False, True):
        drawn = drawn_ties(nodes, ties, is_directed=is_directed)
        kind = "with direction" if is_directed else "without direction"
        typer.echo(f"{nodes} nodes, {ties} ties {kind}")
        make = partial(graph_of, drawn, weight="weight", is_directed=is_directed)
        graph, took = _timed(make)
        _say("graph", took)
        measures, took = _timed(partial(node_measures, graph))
        _say("pathgraph, nodes", took)
        _, took = _timed(partial(tie_measures, graph))
        _say("pathgraph, ties", took)
        if sample:
            _say("networkx alone, nodes (ways scaled up)", _networkx_alone(graph, sample))
        if gds:
            found, took = _by_gds(drawn, is_directed=is_directed)
            _say("Graph Data Science, nodes", took)
            differing += _differences(measures, found)
    for name in differing:
        typer.echo(f"DIFFERENT: {name}")
    if differing:
        raise typer.Exit(1)


def _timed(work: Callable[[], Any]) -> tuple[Any, str]:
    """Return what the work gave and how long it took, also in time of this process alone."""
    started, worked = time.perf_counter(), time.process_time()
    result = work()
    seconds, own = time.perf_counter() - started, time.process_time() - worked
    return result, f"{seconds:>10.1f} s, of processors {own:.1f} s"


def _say(what: str, took: str) -> None:
    typer.echo(f"  {what:<40}{took}")


def _networkx_alone(graph: Any, n_sources: int) -> str:
    """Return how long all measures take with networkx, the ways scaled up from some nodes."""
    either = graph.to_undirected() if graph.is_directed() else graph
    started = time.process_time()
    nx.pagerank(graph, tol=1e-10, max_iter=1_000)
    nx.clustering(either)
    nx.core_number(either)
    set(nx.articulation_points(either))
    for weight in (None, "weight"):
        dict(graph.degree(weight=weight))
    apart = time.process_time() - started
    sources = random.Random(1).sample(sorted(graph), min(n_sources, len(graph)))
    started = time.process_time()
    nx.betweenness_centrality_subset(graph, sources, sorted(graph), weight="length")
    for source in sources:
        nx.single_source_dijkstra_path_length(graph, source, weight="length")
    ways = (time.process_time() - started) * len(graph) / len(sources)
    return f"{'':>10}   of processors {apart + ways:.1f} s"


def _by_gds(ties: pd.DataFrame, *, is_directed: bool) -> tuple[pd.DataFrame, str]:
    """Return the measures of a server that is started for it, and how long it took once warm."""
    from pathgraph.engine import open_engine
    from tests import neo4j_server

    length = lattice_lengths(ties["weight"].to_numpy())
    table = pa.Table.from_pandas(ties.assign(length=length), preserve_index=False)
    with tempfile.TemporaryDirectory(prefix="pathgraph-") as name:
        server = neo4j_server.start(neo4j_server.new_home(Path(name)), owner=os.getpid())
        try:
            engine = open_engine(server.url)
            few = table.slice(0, min(1_000, table.num_rows))
            engine.node_measures(few, is_directed=is_directed)
            found, took = _timed(lambda: engine.node_measures(table, is_directed=is_directed))
            engine.close()
        finally:
            neo4j_server.stop(server)
    return found.to_pandas().set_index("id"), took


def _differences(measures: pd.DataFrame, found: pd.DataFrame) -> list[str]:
    """Return the measures of which the two are not equal to the sixth decimal."""
    return [
        name
        for name in NODE_MEASURES
        if name in found
        and not np.allclose(
            measures[name].astype(float),
            found[name].reindex(measures.index).astype(float),
            rtol=_TOLERANCE,
            atol=_TOLERANCE,
            equal_nan=True,
        )
    ]


if __name__ == "__main__":
    app()
