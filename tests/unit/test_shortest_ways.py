"""Betweenness and closeness against fractions and all ways tried, on both ways to work them out."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.networks import graph_of
from pathgraph.analysis.shortest_ways import LATTICE, lattice_lengths, way_measures

Weights = dict[tuple[str, str], int]

NETWORKX, SCIPY = 10**9, -1
"""``most_steps`` with which the one or the other is taken."""


def graph(weights: Weights, *, is_directed: bool, alone: tuple[str, ...] = ()) -> Any:
    rows = [(*pair, weight) for pair, weight in weights.items()]
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "n"])
    made = graph_of(frame, weight="n", is_directed=is_directed)
    made.add_nodes_from(alone)
    return made


def random_weights(seed: int, n_nodes: int, n_ties: int, *, is_directed: bool) -> Weights:
    """Small weights, so that many ways are equally long."""
    draw = random.Random(seed)
    names = [f"n{number}" for number in range(n_nodes)]
    pairs = list(
        itertools.permutations(names, 2) if is_directed else itertools.combinations(names, 2)
    )
    return {pair: draw.choice((1, 2, 3, 5, 6, 10, 15, 30)) for pair in draw.sample(pairs, n_ties)}


def ways(weights: Weights, at: str, end: str, seen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """All ways from the last node of ``seen``, tried one by one."""
    if at == end:
        yield seen
        return
    for start, to in weights:
        if start == at and to not in seen:
            yield from ways(weights, to, end, (*seen, to))


def by_hand(weights: Weights, nodes: list[str]) -> dict[str, tuple[float, float]]:
    """Betweenness and closeness by the definition, in fractions."""
    over = dict.fromkeys(nodes, Fraction(0))
    arriving: dict[str, list[Fraction]] = {node: [] for node in nodes}
    for start, end in itertools.permutations(nodes, 2):
        lengths = {
            way: sum((Fraction(1, weights[step]) for step in itertools.pairwise(way)), Fraction(0))
            for way in ways(weights, start, end, (start,))
        }
        if not lengths:
            continue
        shortest = [way for way, length in lengths.items() if length == min(lengths.values())]
        arriving[end].append(min(lengths.values()))
        for node in itertools.chain.from_iterable(way[1:-1] for way in shortest):
            over[node] += Fraction(1, len(shortest))
    n = len(nodes)
    closeness = {
        node: Fraction(len(found), n - 1) * len(found) / sum(found) if found else Fraction(0)
        for node, found in arriving.items()
    }
    return {
        node: (float(over[node] / ((n - 1) * (n - 2))), float(closeness[node])) for node in nodes
    }


@pytest.mark.parametrize("most_steps", [NETWORKX, SCIPY])
@pytest.mark.parametrize("is_directed", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_equal_to_all_ways_tried(seed: int, is_directed: bool, most_steps: int) -> None:
    n_ties = 9 if seed % 2 else 14  # the sparse ones fall into parts
    weights = random_weights(seed, 7, n_ties, is_directed=is_directed)
    made = graph(weights, is_directed=is_directed, alone=("alone",))
    both = weights if is_directed else weights | {(b, a): w for (a, b), w in weights.items()}
    expected = by_hand(both, sorted(made))
    found = way_measures(made, most_steps=most_steps)
    assert list(found.index) == sorted(made)
    assert any(between for between, _ in expected.values())
    for column, place in (("betweenness", 0), ("closeness", 1)):
        assert found[column].to_dict() == pytest.approx(
            {node: both[place] for node, both in expected.items()}, abs=1e-12
        )


@pytest.mark.parametrize("most_steps", [NETWORKX, SCIPY])
def test_equally_long_ways_are_found_equally_long(most_steps: int) -> None:
    # a-c: 1/5, and over b 1/6 + 1/30, which floating point takes for less.
    made = graph({("a", "b"): 6, ("b", "c"): 30, ("a", "c"): 5}, is_directed=False)
    assert way_measures(made, most_steps=most_steps).loc["b", "betweenness"] == 0.5
    # That is why lengths are whole numbers.
    for _, _, tie in made.edges(data=True):
        tie["length"] = 1 / tie["weight"]
    assert nx.betweenness_centrality(made, weight="length")["b"] == 1.0


@pytest.mark.parametrize("is_directed", [True, False])
@pytest.mark.parametrize(("n_nodes", "n_ties"), [(150, 250), (200, 1_500)])
def test_networkx_and_scipy_agree(n_nodes: int, n_ties: int, is_directed: bool) -> None:
    # More nodes than one block of sources, dense, and in several parts.
    weights = random_weights(n_ties, n_nodes, n_ties, is_directed=is_directed)
    draw = random.Random(n_nodes)
    weights = {pair: weight * draw.choice((1, 1, 7, 400)) for pair, weight in weights.items()}
    made = graph(weights, is_directed=is_directed, alone=("alone",))
    small, large = (way_measures(made, most_steps=steps) for steps in (NETWORKX, SCIPY))
    assert small["betweenness"].max() > 0.01
    pd.testing.assert_frame_equal(small, large, rtol=1e-9, atol=1e-12)


def test_a_long_chain_is_worked_out_by_scipy() -> None:
    # As deep as it is long: the k-th of n nodes stands between k (n - 1 - k) of the pairs.
    n = 400
    weights = {(f"n{k:03}", f"n{k + 1:03}"): 1 + k % 7 for k in range(n - 1)}
    found = way_measures(graph(weights, is_directed=False), most_steps=SCIPY)["betweenness"]
    expected = [2 * k * (n - 1 - k) / ((n - 1) * (n - 2)) for k in range(n)]
    assert found.to_list() == pytest.approx(expected, abs=1e-12)


def test_closeness_goes_by_the_ways_that_lead_there() -> None:
    made = graph({("a", "b"): 4, ("b", "c"): 4}, is_directed=True, alone=("d",))
    for most_steps in (NETWORKX, SCIPY):
        closeness = way_measures(made, most_steps=most_steps)["closeness"].to_dict()
        # c is reached by 2 of 3 others, over 1/4 and 1/2; b by 1 of 3, over 1/4.
        assert closeness == pytest.approx({"a": 0, "b": 4 / 3, "c": 2 / 3 * 2 / 0.75, "d": 0})


@pytest.mark.parametrize("most_steps", [NETWORKX, SCIPY])
@pytest.mark.parametrize("is_directed", [True, False])
def test_few_nodes(is_directed: bool, most_steps: int) -> None:
    assert len(way_measures(graph({}, is_directed=is_directed), most_steps=most_steps)) == 0
    for alone in (("a",), ("a", "b"), ("a", "b", "c")):
        made = graph({}, is_directed=is_directed, alone=alone)
        assert (way_measures(made, most_steps=most_steps) == 0).all(axis=None)
    two = way_measures(graph({("a", "b"): 8}, is_directed=False), most_steps=most_steps)
    assert two["betweenness"].to_list() == [0, 0]
    assert two["closeness"].to_list() == pytest.approx([8, 8])


@pytest.mark.parametrize("most_steps", [NETWORKX, SCIPY])
def test_ties_of_a_node_to_itself_do_not_count(most_steps: int) -> None:
    weights = {("a", "b"): 2, ("b", "c"): 3}
    with_loops = weights | {("b", "b"): 100, ("d", "d"): 1}
    one = way_measures(graph(weights, is_directed=True, alone=("d",)), most_steps=most_steps)
    other = way_measures(graph(with_loops, is_directed=True), most_steps=most_steps)
    pd.testing.assert_frame_equal(one, other)


def test_lengths() -> None:
    assert lattice_lengths(range(1, 31)).tolist() == [LATTICE // n for n in range(1, 31)]
    assert LATTICE % 31 != 0
    assert lattice_lengths([31.0]).tolist() == [round(Fraction(LATTICE, 31))]
    assert lattice_lengths([0.5, 1e30]).tolist() == [2 * LATTICE, 1]
    for wrong in (0, -1, float("nan"), float("inf")):
        with pytest.raises(ValueError, match="weights must be positive numbers"):
            lattice_lengths([1, wrong])


def test_a_weight_that_is_missing_is_an_error() -> None:
    made = nx.Graph([("a", "b")])
    with pytest.raises(ValueError, match="weights must be positive numbers"):
        way_measures(made)


def test_weights_need_not_be_whole() -> None:
    weights = {("a", "b"): 0.3, ("b", "c"): 1e6, ("a", "c"): 0.29}
    made = nx.Graph()
    made.add_weighted_edges_from((*pair, weight) for pair, weight in weights.items())
    for most_steps in (NETWORKX, SCIPY):
        found = way_measures(made, most_steps=most_steps)
        assert found["betweenness"].to_list() == [0, 1, 0]
        a_b, b_c = 1 / 0.3, 1e-6
        expected = np.array([2 / (a_b + a_b + b_c), 2 / (a_b + b_c), 2 / (a_b + b_c + b_c)])
        assert found["closeness"].to_numpy() == pytest.approx(expected, rel=1e-9)
