"""Communities against brute force, planted groups, and everything that must not matter."""

from __future__ import annotations

import itertools
import random
from typing import Any

import networkx as nx
import numpy as np
import pytest

from pathgraph.analysis.communities import (
    communities_of,
    community_members,
    consensus_of,
    louvain_labels,
    resolution_table,
)
from pathgraph.analysis.partitions import adjusted_rand, co_assignment, stability_of

Labels = list[int]


def rand_by_pairs(one: Labels, other: Labels) -> float:
    """The index from agreements: pairs together in both or apart in both."""
    pairs = list(itertools.combinations(range(len(one)), 2))
    in_one = sum(one[i] == one[j] for i, j in pairs)
    in_other = sum(other[i] == other[j] for i, j in pairs)
    agree = sum((one[i] == one[j]) == (other[i] == other[j]) for i, j in pairs)
    n = len(pairs)
    expected = (in_one * in_other + (n - in_one) * (n - in_other)) / n
    return (agree - expected) / (n - expected)


def rand_by_shuffling(one: Labels, other: Labels) -> tuple[float, float]:
    """Pairs that stand together in both, and their mean over all orders of the one."""
    pairs = list(itertools.combinations(range(len(one)), 2))

    def together(labels: Any) -> int:
        return sum(labels[i] == labels[j] and other[i] == other[j] for i, j in pairs)

    shuffled = [together(order) for order in itertools.permutations(one)]
    return together(one), sum(shuffled) / len(shuffled)


def blocks(seed: int, sizes: list[int], *, inside: float, between: float) -> tuple[Any, Labels]:
    """A graph with planted groups; the names of its nodes stand in no order."""
    draw = random.Random(seed)
    names = [f"n{k:03}" for k in range(sum(sizes))]
    draw.shuffle(names)
    group = [label for label, size in enumerate(sizes) for _ in range(size)]
    graph = nx.Graph()
    graph.add_nodes_from(names)
    for i, j in itertools.combinations(range(len(names)), 2):
        if draw.random() < (inside if group[i] == group[j] else between):
            graph.add_edge(names[i], names[j], weight=draw.randrange(1, 9))
    planted = dict(zip(names, group, strict=True))
    return graph, [planted[name] for name in sorted(names)]


def reordered(graph: Any, seed: int) -> Any:
    """The same graph with nodes, ties and ends of ties coming in another order."""
    draw = random.Random(seed)
    nodes, edges = list(graph), list(graph.edges(data="weight"))
    draw.shuffle(nodes)
    draw.shuffle(edges)
    other = nx.Graph()
    other.add_nodes_from(nodes)
    for one, two, weight in edges:
        ends = (one, two) if draw.random() < 0.5 else (two, one)
        other.add_edge(*ends, weight=weight)
    return other


# ---- adjusted Rand ----


@pytest.mark.parametrize("seed", range(20))
def test_adjusted_rand_equals_counting_pairs(seed: int) -> None:
    draw = random.Random(seed)
    one = [draw.randrange(4) for _ in range(15)]
    other = [draw.randrange(3) for _ in range(15)]
    assert adjusted_rand(one, other) == pytest.approx(rand_by_pairs(one, other))
    assert adjusted_rand(other, one) == pytest.approx(adjusted_rand(one, other))


def test_what_is_taken_off_is_the_mean_over_all_orders() -> None:
    one, other = [0, 0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 1, 1, 2]
    both, by_chance = rand_by_shuffling(one, other)
    most = (5 + 7) / 2  # 3 + 1 + 1 and 1 + 6 pairs
    assert adjusted_rand(one, other) == pytest.approx((both - by_chance) / (most - by_chance))


def test_adjusted_rand_of_published_examples() -> None:
    # Those of scikit-learn's documentation of adjusted_rand_score.
    assert adjusted_rand([0, 0, 1, 2], [0, 0, 1, 1]) == pytest.approx(0.57, abs=0.005)
    assert adjusted_rand([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)
    assert adjusted_rand([0, 0, 0, 0], [0, 1, 2, 3]) == 0


@pytest.mark.parametrize("labels", [[0] * 6, list(range(6)), [0, 1, 0, 1, 2, 2]])
def test_equal_divisions_are_one_whatever_they_are_called(labels: Labels) -> None:
    assert adjusted_rand(labels, [f"group {9 - label}" for label in labels]) == 1


def test_adjusted_rand_where_nothing_can_be_said() -> None:
    assert np.isnan(adjusted_rand([], []))
    assert np.isnan(adjusted_rand([1], [1]))
    with pytest.raises(ValueError, match="different numbers"):
        adjusted_rand([1, 2], [1])
    with pytest.raises(ValueError, match="without a label"):
        adjusted_rand(["a", None, "b"], ["a", "a", "b"])


def test_runs_side_by_side() -> None:
    draw = random.Random(3)
    runs = [[draw.randrange(3) for _ in range(7)] for _ in range(6)]
    shares = co_assignment(np.array(runs))
    for i, j in itertools.product(range(7), repeat=2):
        assert shares[i, j] == sum(run[i] == run[j] for run in runs) / 6
    each = [rand_by_pairs(one, two) for one, two in itertools.combinations(runs, 2)]
    assert stability_of(np.array(runs)) == pytest.approx(sum(each) / 15)
    assert np.isnan(stability_of(np.array(runs[:1])))


# ---- runs ----


@pytest.mark.parametrize("resolution", [0.5, 1.0, 2.0])
def test_modularity_equals_the_sum_over_all_pairs(resolution: float) -> None:
    graph, _ = blocks(1, [6, 5], inside=0.7, between=0.3)
    found = communities_of(graph, resolution=resolution, seeds=range(5))
    order = sorted(graph)
    weights = nx.to_numpy_array(graph, nodelist=order)
    degree = weights.sum(axis=1)
    for run, modularity in zip(found.runs, found.run_modularity, strict=True):
        by_hand = sum(
            weights[i, j] - resolution * degree[i] * degree[j] / degree.sum()
            for i, j in itertools.product(range(len(order)), repeat=2)
            if run[i] == run[j]
        ) / degree.sum()  # fmt: skip
        assert modularity == pytest.approx(by_hand)
    assert found.strength == pytest.approx(degree)


def test_no_division_is_more_modular_than_the_best_of_all() -> None:
    graph, _ = blocks(5, [4, 3], inside=0.9, between=0.2)
    found = communities_of(graph, seeds=range(10))
    order = sorted(graph)

    def divisions(n: int) -> list[Labels]:
        return (
            [[]]
            if n == 0
            else [[*some, k] for some in divisions(n - 1) for k in range(max(some, default=-1) + 2)]
        )

    best = max(
        nx.community.modularity(
            graph, [{order[i] for i in range(7) if one[i] == k} for k in set(one)]
        )
        for one in divisions(7)
    )
    assert found.modularity == pytest.approx(best)


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_the_order_in_which_nodes_and_ties_come_does_not_matter(seed: int) -> None:
    # Hardly any groups: runs differ, and anything that could matter would.
    graph, _ = blocks(seed, [8, 8, 8], inside=0.35, between=0.25)
    found = communities_of(graph, seeds=range(12))
    assert found.stability < 0.95
    again = communities_of(reordered(graph, seed), seeds=range(12))
    assert again.nodes == found.nodes
    assert (again.runs == found.runs).all()
    assert (again.consensus == found.consensus).all()
    assert again.run_modularity.tolist() == found.run_modularity.tolist()


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_ties_does_not_matter_where_all_are_alike(seed: int) -> None:
    # On a ring each way to join is as good: what comes first decides.
    ring = nx.cycle_graph([f"n{k:02}" for k in range(23)])
    nx.set_edge_attributes(ring, 1.0, "weight")
    found, again = communities_of(ring), communities_of(reordered(ring, seed))
    assert (again.runs == found.runs).all()


def test_seeds_alone_decide_and_their_runs_differ() -> None:
    graph, _ = blocks(2, [8, 8, 8], inside=0.35, between=0.25)
    found = communities_of(graph, seeds=[3, 7, 11])
    for seed, run in zip([3, 7, 11], found.runs, strict=True):
        assert louvain_labels(graph, seed=seed).tolist() == run.tolist()
    assert len({tuple(run) for run in communities_of(graph).runs.tolist()}) > 1


def test_of_directions_the_sum_counts_and_without_loops_own_ties_do_not() -> None:
    directed = nx.DiGraph()
    directed.add_weighted_edges_from(
        [("a", "b", 3), ("b", "a", 2), ("b", "c", 1), ("c", "d", 5), ("a", "a", 90)]
    )
    undirected = nx.Graph()
    undirected.add_weighted_edges_from([("a", "b", 5), ("b", "c", 1), ("c", "d", 5)])
    one, other = communities_of(directed, with_loops=False), communities_of(undirected)
    assert (one.runs == other.runs).all()
    assert one.strength.tolist() == other.strength.tolist() == [5, 6, 6, 5]
    assert one.modularity == other.modularity


@pytest.mark.parametrize("seed", range(3))
def test_with_loops_modularity_is_that_of_the_flows_in_both_directions(seed: int) -> None:
    draw = np.random.default_rng(seed)
    flows = draw.poisson(3.0, (9, 9)) + np.diag(draw.poisson(20.0, 9))
    graph = nx.from_numpy_array(flows, create_using=nx.DiGraph)
    found = communities_of(graph, seeds=range(5))
    both = flows + flows.T
    degree = both.sum(axis=1)
    expected = both - np.outer(degree, degree) / both.sum()
    for run, modularity in zip(found.runs, found.run_modularity, strict=True):
        is_together = run[:, None] == run[None, :]
        assert modularity == pytest.approx(expected[is_together].sum() / both.sum())
    assert found.strength == pytest.approx(degree - 2 * np.diag(flows))


def test_contacts_at_home_keep_a_municipality_apart() -> None:
    # Most of c's contacts are at home; of the others most are in a, as everybody's are.
    graph = nx.DiGraph()
    graph.add_weighted_edges_from(
        [("a", "a", 900), ("b", "a", 90), ("c", "c", 300), ("c", "a", 100), ("d", "c", 20),
         ("d", "a", 15)]
    )  # fmt: skip
    assert communities_of(graph).consensus.tolist() == [0, 0, 1, 1]
    assert communities_of(graph, with_loops=False).consensus.tolist() != [0, 0, 1, 1]
    label = louvain_labels(graph, seed=1, with_loops=False)
    assert label.tolist() == communities_of(graph, seeds=[1], with_loops=False).runs[0].tolist()


def test_a_higher_resolution_gives_smaller_communities() -> None:
    graph, _ = blocks(4, [8, 8, 8], inside=0.8, between=0.1)
    table = resolution_table(
        communities_of(graph, resolution=r, seeds=range(10)) for r in (0.05, 1.0, 20.0)
    )
    assert table["n_communities"].to_list() == [1, 3, 24]
    # Only with the same resolution modularities can be compared.
    assert table["modularity_at_1"].idxmax() == 1
    assert table["n_runs"].to_list() == [10] * 3
    assert table.loc[1, ["fewest", "most"]].to_list() == [3, 3]


# ---- consensus ----


@pytest.mark.parametrize("seed", range(6))
def test_planted_groups_are_found(seed: int) -> None:
    graph, planted = blocks(seed, [9, 7, 5], inside=0.95, between=0.05)
    found = communities_of(graph)
    assert adjusted_rand(found.consensus, planted) == 1
    assert found.is_agreed
    # Numbered by size.
    assert np.bincount(found.consensus).tolist() == [9, 7, 5]


def test_the_consensus_is_nearer_to_what_was_planted_than_the_runs_are() -> None:
    gains, is_unsure = [], 0
    for seed in range(12):
        graph, planted = blocks(seed, [10, 10, 10, 10], inside=0.45, between=0.15)
        found = communities_of(graph)
        runs = [adjusted_rand(run, planted) for run in found.runs]
        gains.append(adjusted_rand(found.consensus, planted) - sum(runs) / len(runs))
        is_unsure += found.stability < 0.95
    assert is_unsure >= 6
    assert sum(gains) / len(gains) > 0


def test_runs_that_agree_are_their_consensus() -> None:
    runs = np.array([[0, 1, 1, 2], [5, 3, 3, 4]])
    labels, n_rounds, is_agreed = consensus_of(runs, seeds=range(2))
    assert (labels.tolist(), n_rounds, is_agreed) == ([0, 1, 1, 2], 0, True)


def test_the_majority_decides() -> None:
    runs = np.array([[0, 0, 0, 1, 1, 1]] * 7 + [[0, 0, 1, 1, 1, 1]] * 3)
    labels, _, is_agreed = consensus_of(runs, seeds=range(10))
    assert (labels.tolist(), is_agreed) == ([0, 0, 0, 1, 1, 1], True)


def test_who_is_mostly_alone_stays_alone_and_who_never_is_does_not() -> None:
    # Node 2 is with 0 and 1 in four runs of ten, with 3 and 4 in three, alone in three.
    runs = [[0, 0, 0, 1, 1]] * 4 + [[0, 0, 1, 1, 1]] * 3 + [[0, 0, 2, 1, 1]] * 3
    assert consensus_of(np.array(runs), seeds=range(10))[0].tolist() == [0, 0, 0, 1, 1]
    runs = [[0, 0, 0, 1, 1]] * 3 + [[0, 0, 1, 1, 1]] * 2 + [[0, 0, 2, 1, 1]] * 5
    assert consensus_of(np.array(runs), seeds=range(10))[0].tolist() == [0, 0, 1, 2, 2]


def test_the_resolution_of_the_runs_does_not_break_what_they_agree_on() -> None:
    # With the resolution 3 in the consensus too, cliques of two groups would fall apart.
    graph = nx.Graph()
    graph.add_weighted_edges_from(
        [(f"{g}{i}", f"{g}{j}", 100) for g in "abcdef" for i, j in itertools.combinations("123", 2)]
        + [("a1", "b1", 1), ("c1", "d1", 1), ("e1", "f1", 1)]
    )
    found = communities_of(graph, resolution=3.0)
    assert found.n_communities == 6
    shaky = np.array([[0, 0, 0, 1, 1, 1]] * 5 + [[0, 0, 0, 1, 1, 2]] * 4)
    assert consensus_of(shaky, seeds=range(9))[0].tolist() == [0, 0, 0, 1, 1, 1]


def consensus_as_printed(runs: list[Labels], seeds: range, threshold: float) -> Labels:
    """The paper's own steps on single nodes, where nobody is left alone."""
    n = len(runs[0])
    while len({tuple(co_assignment(np.array([run])).ravel()) for run in runs}) > 1:
        graph = nx.Graph()
        graph.add_nodes_from(range(n))
        for i, j in itertools.combinations(range(n), 2):
            share = sum(run[i] == run[j] for run in runs) / len(runs)
            if share >= threshold:
                graph.add_edge(i, j, weight=share)
        runs = []
        for seed in seeds:
            found = nx.community.louvain_communities(graph, seed=seed)
            runs.append([next(k for k, one in enumerate(found) if i in one) for i in range(n)])
    return runs[0]


@pytest.mark.parametrize("seed", range(8))
def test_the_consensus_is_the_papers(seed: int) -> None:
    graph, _ = blocks(seed, [10, 10, 10], inside=0.5, between=0.15)
    found = communities_of(graph, seeds=range(20), threshold=0.5)
    printed = consensus_as_printed(found.runs.tolist(), range(20), 0.5)
    assert adjusted_rand(found.consensus, printed) == 1


# ---- members ----


def test_members_say_how_surely_they_belong() -> None:
    graph, _ = blocks(3, [7, 6], inside=0.5, between=0.3)
    graph.add_node("zz")
    found = communities_of(graph, seeds=range(15))
    members = community_members(found)
    assert members["id"].to_list() == sorted(graph)
    consensus = found.consensus.tolist()
    for i, row in enumerate(members.itertuples()):
        assert row.community == consensus[i] + 1
        assert row.n_members == consensus.count(consensus[i])
        shares = {}
        for label in set(consensus):
            others = [j for j in range(14) if consensus[j] == label and j != i]
            if others:
                shares[label] = sum(found.together[i, j] for j in others) / len(others)
        own = shares.pop(consensus[i], None)
        assert row.together_own == pytest.approx(own) if own is not None else True
        assert row.together_next == pytest.approx(max(shares.values()))
    alone = members.set_index("id").loc["zz"]
    assert (alone["n_members"], alone["centre"]) == (1, "zz")
    assert np.isnan(alone["together_own"])


def test_the_centre_has_the_strongest_ties() -> None:
    graph = nx.Graph()
    graph.add_weighted_edges_from([("a", "hub", 3), ("b", "hub", 4), ("a", "b", 1), ("x", "y", 1)])
    centres = community_members(communities_of(graph)).set_index("id")["centre"].to_dict()
    assert centres == {"a": "hub", "b": "hub", "hub": "hub", "x": "x", "y": "x"}


# ---- nothing, too little, and what does not fit ----


def test_graphs_with_nothing_to_divide() -> None:
    nobody = communities_of(nx.Graph())
    assert (nobody.n_communities, len(community_members(nobody))) == (0, 0)
    assert np.isnan(nobody.modularity)
    apart = nx.Graph()
    apart.add_nodes_from("ab")
    apart.add_edge("a", "b", weight=0)
    found = communities_of(apart)
    assert found.consensus.tolist() == [0, 1]
    assert np.isnan(found.modularity)
    assert found.stability == 1
    pair = communities_of(nx.Graph([("a", "b")]))
    members = community_members(pair)
    assert pair.n_communities == 1
    assert members["next_community"].isna().all()
    assert members["together_next"].isna().all()
    assert np.isnan(communities_of(nx.Graph([("a", "b")]), seeds=[1]).stability)


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_are_numbers_of_at_least_0(weight: float) -> None:
    graph = nx.Graph()
    graph.add_edge("a", "b", weight=weight)
    with pytest.raises(ValueError, match="weights"):
        communities_of(graph)


@pytest.mark.parametrize(
    ("asked", "about"),
    [
        ({"seeds": []}, "seeds"),
        ({"seeds": [1, 1]}, "seeds"),
        ({"resolution": 0.0}, "resolution"),
        ({"resolution": float("nan")}, "resolution"),
        ({"threshold": 1.2}, "threshold"),
    ],
)
def test_what_is_asked_for_must_fit(asked: dict[str, Any], about: str) -> None:
    with pytest.raises(ValueError, match=about):
        communities_of(nx.Graph([("a", "b")]), **asked)
