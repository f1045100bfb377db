"""Measures of nodes, ties and whole networks, by hand and by trying everything."""

from __future__ import annotations

import itertools
import random
from dataclasses import astuple
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.networks import graph_of, measured
from pathgraph.analysis.node_measures import (
    NODE_MEASURES,
    NetworkMeasures,
    network_measures,
    node_measures,
    tie_measures,
)

Weights = dict[tuple[str, str], int]


def graph(weights: Weights, *, is_directed: bool, alone: tuple[str, ...] = ()) -> Any:
    rows = [(*pair, weight) for pair, weight in weights.items()]
    frame = pd.DataFrame(rows, columns=["from_id", "to_id", "n"])
    made = graph_of(frame, weight="n", is_directed=is_directed)
    made.add_nodes_from(alone)
    return made


def random_weights(seed: int, *, n_ties: int = 12, is_directed: bool) -> Weights:
    draw = random.Random(seed)
    names = [f"n{number}" for number in range(9)]
    pairs = list(
        itertools.permutations(names, 2) if is_directed else itertools.combinations(names, 2)
    )
    weights = {pair: draw.randrange(1, 9) for pair in draw.sample(pairs, n_ties)}
    return weights | {("n0", "n0"): 50}  # which counts nowhere


# ---- plain oracles: sets of nodes and of pairs, no graph library ----


def neighbours(weights: Weights, nodes: set[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {node: set() for node in nodes}
    for one, other in weights:
        if one != other and {one, other} <= nodes:
            found[one].add(other)
            found[other].add(one)
    return found


def parts(weights: Weights, nodes: set[str]) -> list[set[str]]:
    near, left, found = neighbours(weights, nodes), set(nodes), []
    while left:
        part, new = set(), {left.pop()}
        while new:
            part |= new
            new = set().union(*(near[node] for node in new)) - part
        left -= part
        found.append(part)
    return found


def core_of(weights: Weights, nodes: set[str]) -> dict[str, int]:
    """The greatest k of any set of nodes, all of them tried, in which each has k neighbours."""
    core = dict.fromkeys(nodes, 0)
    for size in range(1, len(nodes) + 1):
        for chosen in itertools.combinations(sorted(nodes), size):
            near = neighbours(weights, set(chosen))
            k = min(len(near[node]) for node in chosen)
            for node in chosen:
                core[node] = max(core[node], k)
    return core


def clustering_of(near: dict[str, set[str]]) -> dict[str, float]:
    shares = {}
    for node, around in near.items():
        pairs = list(itertools.combinations(sorted(around), 2))
        tied = sum(other in near[one] for one, other in pairs)
        shares[node] = tied / len(pairs) if pairs else float("nan")
    return shares


@pytest.mark.parametrize("is_directed", [True, False])
@pytest.mark.parametrize("seed", range(8))
def test_who_is_with_whom_by_trying(seed: int, is_directed: bool) -> None:
    weights = random_weights(seed, n_ties=9 + seed, is_directed=is_directed)
    made = graph(weights, is_directed=is_directed, alone=("alone",))
    nodes, found = set(made), node_measures(made)
    near = neighbours(weights, nodes)
    whole = parts(weights, nodes)
    assert found["degree"].to_dict() == {node: len(near[node]) for node in nodes}
    assert found["clustering"].to_dict() == pytest.approx(clustering_of(near), nan_ok=True)
    assert found["core"].to_dict() == core_of(weights, nodes)
    # Without a node that has no ties there is a part less, which is no falling apart.
    cuts = {node for node in nodes if len(parts(weights, nodes - {node})) > len(whole)}
    assert found["is_articulation_point"].to_dict() == {node: node in cuts for node in nodes}
    for tie in tie_measures(made).itertuples():
        others = {pair: 1 for pair in weights if set(pair) != {tie.from_id, tie.to_id}}
        assert tie.is_bridge == (len(parts(others, nodes)) > len(whole))
    about = network_measures(made)
    assert about.n_components == len(whole)
    assert about.share_in_largest == max(map(len, whole)) / len(nodes)


@pytest.mark.parametrize("seed", range(4))
def test_directions_by_counting(seed: int) -> None:
    weights = random_weights(seed, n_ties=30, is_directed=True)
    made = graph(weights, is_directed=True)
    found = node_measures(made)
    proper = {pair: weight for pair, weight in weights.items() if len(set(pair)) == 2}
    for node in made:
        out = [weight for (one, _), weight in proper.items() if one == node]
        come = [weight for (_, other), weight in proper.items() if other == node]
        row = found.loc[node]
        assert (row["degree_out"], row["degree_in"]) == (len(out), len(come))
        assert (row["strength_out"], row["strength_in"]) == (sum(out), sum(come))
        assert row["strength"] == sum(out) + sum(come)
    ties = tie_measures(made)
    assert list(zip(ties["from_id"], ties["to_id"], strict=True)) == sorted(proper)
    for tie in ties.itertuples():
        back = proper.get((tie.to_id, tie.from_id), 0)
        assert (tie.weight, tie.weight_back) == (proper[tie.from_id, tie.to_id], back)
        assert tie.reciprocity == pytest.approx(min(tie.weight, back) / tie.weight)
    about = network_measures(made)
    n_back = sum((other, one) in proper for one, other in proper)
    assert 0 < n_back < len(proper)
    assert (about.n_nodes, about.n_ties, about.density) == (9, 30, 30 / 72)
    assert about.reciprocity == n_back / 30
    mean = np.average(ties["reciprocity"], weights=ties["weight"])
    assert about.reciprocity_weighted == pytest.approx(mean)


def test_without_a_direction_both_ends_are_alike() -> None:
    made = graph({("a", "b"): 2, ("b", "c"): 5, ("a", "a"): 7}, is_directed=False)
    found = node_measures(made)
    for name, expected in (("degree", [1, 2, 1]), ("strength", [2, 7, 5])):
        for column in (name, f"{name}_in", f"{name}_out"):
            assert found[column].to_list() == expected
    ties = tie_measures(made)
    assert ties[["from_id", "to_id"]].to_numpy().tolist() == [["a", "b"], ["b", "c"]]
    assert ties["is_bridge"].all()
    assert ties[["weight_back", "reciprocity"]].isna().all(axis=None)
    assert astuple(network_measures(made)) == (3, 2, 2 / 3, None, None, 1, 1.0)


def test_ties_without_a_direction_have_their_lesser_id_first() -> None:
    made = nx.Graph()
    made.add_weighted_edges_from([("z", "b", 1), ("b", "a", 2)])
    assert tie_measures(made)[["from_id", "to_id", "weight"]].to_numpy().tolist() == [
        ["a", "b", 2.0],
        ["b", "z", 1.0],
    ]


def test_two_triangles_over_one_node_by_hand() -> None:
    # a-b-c and c-d-e, and f hangs on e.
    pairs = ("ab", "bc", "ac", "cd", "de", "ce", "ef")
    made = graph(dict.fromkeys(map(tuple, pairs), 1), is_directed=False)
    found = node_measures(made)
    assert found["clustering"].to_list() == pytest.approx(
        [1, 1, 1 / 3, 1, 1 / 3, np.nan], nan_ok=True
    )
    assert found["core"].to_list() == [2, 2, 2, 2, 2, 1]
    assert found.index[found["is_articulation_point"]].to_list() == ["c", "e"]
    bridges = tie_measures(made).query("is_bridge")
    assert bridges[["from_id", "to_id"]].to_numpy().tolist() == [["e", "f"]]


def test_two_directions_of_a_pair_are_one_bridge_and_no_triangle() -> None:
    made = graph({("a", "b"): 3, ("b", "a"): 1, ("b", "c"): 2}, is_directed=True)
    found = node_measures(made)
    assert found["degree"].to_list() == [1, 2, 1]
    assert found["core"].to_list() == [1, 1, 1]
    assert found["clustering"].to_list()[1] == 0
    assert tie_measures(made)["is_bridge"].all()


@pytest.mark.parametrize("is_directed", [True, False])
def test_pagerank_is_what_remains_of_scores_that_start_from_the_damping(is_directed: bool) -> None:
    # Graph Data Science: score = 1 - d + d * sum(score of the one before * share of its weight).
    weights = random_weights(3, is_directed=is_directed)
    made = graph(weights, is_directed=is_directed, alone=("alone",))
    order = sorted(made)
    both = weights if is_directed else weights | {(b, a): w for (a, b), w in weights.items()}
    step = np.zeros((len(order), len(order)))
    for (one, other), weight in both.items():
        if one != other:
            step[order.index(other), order.index(one)] = weight
    sums = step.sum(axis=0)
    assert (sums == 0).any()
    step = step / np.where(sums > 0, sums, 1)
    scores = np.linalg.solve(np.eye(len(order)) - 0.85 * step, np.full(len(order), 0.15))
    found = node_measures(made)["pagerank"]
    assert found.to_numpy() == pytest.approx(scores / scores.sum(), abs=1e-8)
    assert found.sum() == pytest.approx(1)


def test_the_measures_of_pages_are_the_same() -> None:
    draw = random.Random(2)
    pairs = list(itertools.permutations("abcdefgh", 2))
    # Ways of 1/6 + 1/30 and 1/5 are alike.
    weights = {pair: draw.choice((1, 2, 5, 6, 10, 15, 30)) for pair in draw.sample(pairs, 25)}
    made = graph(weights, is_directed=True)
    names = ["degree", "strength", "betweenness", "pagerank"]
    shown = measured(made, names)
    assert shown["betweenness"].max() > 0.1
    pd.testing.assert_frame_equal(node_measures(made)[names], shown, check_dtype=False)


@pytest.mark.parametrize("is_directed", [True, False])
def test_nothing_one_node_and_no_ties(is_directed: bool) -> None:
    empty = graph({}, is_directed=is_directed)
    assert list(node_measures(empty).columns) == list(NODE_MEASURES)
    assert (len(node_measures(empty)), len(tie_measures(empty))) == (0, 0)
    assert network_measures(empty) == NetworkMeasures(0, 0, None, None, None, 0, None)
    one = graph({("a", "a"): 4}, is_directed=is_directed)
    row = node_measures(one).loc["a"]
    assert np.isnan(row["clustering"])
    assert row["pagerank"] == 1
    assert not row.drop(["clustering", "pagerank"]).any()
    assert len(tie_measures(one)) == 0
    assert network_measures(one) == NetworkMeasures(1, 0, None, None, None, 1, 1.0)
    apart = graph({}, is_directed=is_directed, alone=("a", "b", "c", "d"))
    assert node_measures(apart)["pagerank"].to_list() == pytest.approx([0.25] * 4)
    assert network_measures(apart) == NetworkMeasures(4, 0, 0.0, None, None, 4, 0.25)


def test_the_graph_is_left_as_it_was() -> None:
    made = graph({("a", "a"): 4, ("a", "b"): 1}, is_directed=True)
    before = {**made.adj["a"]}
    node_measures(made)
    tie_measures(made)
    network_measures(made)
    assert {**made.adj["a"]} == before
