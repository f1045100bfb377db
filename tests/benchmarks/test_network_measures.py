"""The benchmark of network measures runs through, and tells values apart."""

from __future__ import annotations

from typer.testing import CliRunner

from benchmarks.network_measures import _differences, app, drawn_ties
from pathgraph.analysis.networks import graph_of
from pathgraph.analysis.node_measures import node_measures


def test_it_runs_through() -> None:
    result = CliRunner().invoke(app, ["--nodes", "30", "--ties", "90", "--sample", "3"])
    assert result.exit_code == 0, result.output
    assert result.output.count("pathgraph, nodes") == 2
    assert result.output.count("networkx alone") == 2


def test_ties_are_as_many_as_asked_for() -> None:
    for is_directed in (True, False):
        ties = drawn_ties(40, 300, is_directed=is_directed)
        pairs = {*zip(ties["from_id"], ties["to_id"], strict=True)}
        assert len(pairs) == len(ties) == 300
        assert all(one != other for one, other in pairs)
        assert is_directed or all(one < other for one, other in pairs)


def test_differences_are_named() -> None:
    ties = drawn_ties(20, 60, is_directed=True)
    measures = node_measures(graph_of(ties, weight="weight", is_directed=True))
    assert _differences(measures, measures) == []
    other = measures.assign(pagerank=measures["pagerank"] + 1e-5, core=measures["core"] + 1)
    assert _differences(measures, other) == ["pagerank", "core"]
