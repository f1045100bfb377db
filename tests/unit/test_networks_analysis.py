"""Measures, ways, places and pictures of networks, against working by hand and brute force."""

from __future__ import annotations

import io
import itertools
import math
import random
from fractions import Fraction
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pathgraph.analysis.network_layout import HEIGHT, WIDTH, layout, projected, seed_of
from pathgraph.analysis.networks import (
    MOST_NODES,
    around,
    graph_of,
    graphml,
    grouped,
    measured,
    path_between,
)
from pathgraph.analysis.ties import directed_ties, shared_ties, shown_units
from pathgraph.queries.catalogue import networks
from pathgraph.queries.network_pictures import (
    GROUP,
    MOST_TIES,
    Picture,
    Wish,
    graphml_of,
    picture_of,
    positions_of,
)
from pathgraph.queries.result import Result

Ties = list[tuple[str, str, int]]


def graph(ties: Ties, *, is_directed: bool = False) -> Any:
    frame = pd.DataFrame(ties, columns=["from_id", "to_id", "n"])
    return graph_of(frame, weight="n", is_directed=is_directed)


def random_ties(seed: int, n_nodes: int, *, is_directed: bool) -> Ties:
    """Ties whose weights are powers of two, so that no two ways are equally long by rounding."""
    draw = random.Random(seed)
    names = [f"n{n}" for n in range(n_nodes)]
    pairs = list(
        itertools.permutations(names, 2) if is_directed else itertools.combinations(names, 2)
    )
    chosen = draw.sample(pairs, min(len(pairs), 2 * n_nodes))
    return [(*pair, 2 ** draw.randrange(4)) for pair in chosen] + [(names[0], names[0], 8)]


# ---- measures ----


def test_measures_by_hand() -> None:
    # a-b-c and a-c are equally long (1/2 + 1/2 = 1), d hangs on c.
    found = measured(graph([("a", "b", 2), ("b", "c", 2), ("a", "c", 1), ("c", "d", 1)]))
    assert found["degree"].to_dict() == {"a": 2, "b": 2, "c": 3, "d": 1}
    assert found["strength"].to_dict() == {"a": 3, "b": 4, "c": 4, "d": 1}
    # Of the pairs of others: half of a-c and half of a-d lead over b; all of a-d and b-d over c.
    expected = {"a": 0, "b": 1 / 3, "c": 2 / 3, "d": 0}
    assert found["betweenness"].to_dict() == pytest.approx(expected)


def test_measures_with_a_direction_by_hand() -> None:
    found = measured(graph([("a", "b", 1), ("b", "c", 1)], is_directed=True))
    # Of the two ordered pairs of others only one leads over b.
    assert found["betweenness"].to_dict() == pytest.approx({"a": 0, "b": 0.5, "c": 0})
    assert found["degree"].to_dict() == {"a": 1, "b": 2, "c": 1}


def test_pagerank_by_hand() -> None:
    # p_a = 0.05 + 0.85 (p_b + p_c), p_b = 0.05 + 0.85 * 3/4 p_a, p_c = 0.05 + 0.85 * 1/4 p_a.
    ties = [("a", "b", 3), ("a", "c", 1), ("b", "a", 1), ("c", "a", 1)]
    p_a = 0.135 / 0.2775
    expected = {"a": p_a, "b": 0.05 + 0.6375 * p_a, "c": 0.05 + 0.2125 * p_a}
    found = measured(graph(ties, is_directed=True), ["pagerank"])
    assert found["pagerank"].to_dict() == pytest.approx(expected, abs=1e-8)
    # From b, where nothing leads on, the walk begins anew anywhere: 1.425 p_a = 0.5.
    found = measured(graph([("a", "b", 5)], is_directed=True), ["pagerank"])
    assert found.loc["a", "pagerank"] == pytest.approx(0.5 / 1.425, abs=1e-8)


def test_a_tie_of_a_node_to_itself_counts_in_no_measure() -> None:
    without = [("a", "b", 2), ("b", "a", 1), ("b", "c", 4)]
    for is_directed in (True, False):
        ties = without if is_directed else without[::2]
        one = measured(graph(ties, is_directed=is_directed))
        other = measured(graph([*ties, ("a", "a", 100)], is_directed=is_directed))
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("is_directed", [True, False])
@pytest.mark.parametrize("seed", range(6))
def test_betweenness_equals_all_ways_tried(seed: int, is_directed: bool) -> None:
    its_graph = graph(random_ties(seed, 7, is_directed=is_directed), is_directed=is_directed)
    nodes = sorted(its_graph)
    over = dict.fromkeys(nodes, 0.0)
    pairwise = itertools.pairwise
    for start, end in itertools.permutations(nodes, 2):
        ways = [
            (
                sum(1 / Fraction(its_graph.edges[pair]["weight"]) for pair in pairwise(way)),
                way,
            )
            for way in nx.all_simple_paths(its_graph, start, end)
        ]
        shortest = [way for length, way in ways if length == min(ways)[0]]
        for way in shortest:
            for node in way[1:-1]:
                over[node] += 1 / len(shortest)
    pairs = (len(nodes) - 1) * (len(nodes) - 2)
    expected = {node: value / pairs for node, value in over.items()}
    assert any(expected.values())
    assert measured(its_graph)["betweenness"].to_dict() == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(4))
def test_pagerank_equals_the_linear_equations(seed: int) -> None:
    its_graph = graph(random_ties(seed, 9, is_directed=True), is_directed=True)
    nodes = sorted(its_graph)
    n = len(nodes)
    step = np.zeros((n, n))
    for one, other, weight in its_graph.edges(data="weight"):
        if one != other:
            step[nodes.index(other), nodes.index(one)] += weight
    sums = step.sum(axis=0)
    step = np.where(sums > 0, step / np.where(sums > 0, sums, 1), 1 / n)
    expected = np.linalg.solve(np.eye(n) - 0.85 * step, np.full(n, 0.15 / n))
    assert measured(its_graph)["pagerank"].to_numpy() == pytest.approx(expected, abs=1e-8)


def test_one_node_and_none() -> None:
    alone = measured(graph([("a", "a", 3)]))
    assert alone.loc["a"].to_dict() == {
        "degree": 0, "strength": 0, "betweenness": 0, "pagerank": 1,
    }  # fmt: skip
    assert len(measured(graph([]))) == 0


# ---- what is around a node, and ways ----


def test_around_goes_both_ways_and_so_many_steps() -> None:
    chain = graph([("a", "b", 1), ("b", "c", 1), ("c", "d", 1)], is_directed=True)
    assert around(chain, ["c"], 1) == {"b", "c", "d"}
    assert around(chain, ["a", "d"], 1) == {"a", "b", "c", "d"}
    assert around(chain, ["c"], 0) == {"c"}
    assert around(chain, ["nobody"], 3) == set()


def test_ways() -> None:
    ties = [("a", "b", 10), ("b", "c", 10), ("c", "d", 10), ("a", "d", 2), ("x", "y", 1)]
    its_graph = graph(ties)
    # 3/10 is shorter than 1/2.
    assert path_between(its_graph, "a", "d") == ["a", "b", "c", "d"]
    assert path_between(its_graph, "a", "d", by="fewest") == ["a", "d"]
    assert path_between(its_graph, "a", "y") == []
    assert path_between(its_graph, "a", "nobody") == []
    assert path_between(its_graph, "a", "a") == ["a"]
    directed = graph(ties, is_directed=True)
    assert path_between(directed, "d", "a") == []


def test_of_ways_over_the_fewest_ties_the_strongest_is_taken() -> None:
    its_graph = graph([("a", "x", 1), ("x", "z", 1), ("a", "y", 1), ("y", "z", 2)])
    assert path_between(its_graph, "a", "z", by="fewest") == ["a", "y", "z"]


# ---- ties from visits ----


def test_ties_equal_counting_by_hand_on_random_visits() -> None:
    draw = random.Random(5)
    visits = [(f"p{draw.randrange(30)}", f"u{draw.randrange(8)}") for _ in range(120)]
    shown = {f"u{n}": f"s{n // 3}" for n in range(7)}  # u7 is left out
    seen: dict[str, set[str]] = {}
    for patient, unit in visits:
        if unit in shown:
            seen.setdefault(shown[unit], set()).add(patient)
    expected = {
        (one, other): (len(seen[one] & seen[other]), len(seen[one]), len(seen[other]))
        for one, other in itertools.combinations(sorted(seen), 2)
    }
    table = pa.table({"patient_id": [p for p, _ in visits], "unit_id": [u for _, u in visits]})
    found = shared_ties(table, shown)
    assert {
        (row.from_id, row.to_id): (row.n_patients, row.from_patients, row.to_patients)
        for row in found.itertuples()
    } == expected


def test_ties_over_no_rows() -> None:
    texts = pa.array([], pa.string())
    empty = pa.table({"patient_id": texts, "unit_id": texts})
    assert len(shared_ties(empty, {})) == 0
    moves = pa.table(
        {"patient_id": texts, "from_id": texts, "to_id": texts, "n": pa.array([], pa.int64())}
    )
    assert len(directed_ties(moves)) == 0
    # Neo4j does not say of what type a column of nulls is.
    nulls = pa.table(
        {"patient_id": ["a"], "from_id": pa.nulls(1), "to_id": ["x"], "n": pa.array([2])}
    )
    row = directed_ties(nulls).iloc[0]
    assert (row["from_id"], row["to_id"], row["n_patients"], row["n"]) == (None, "x", 1, 2)


def test_a_unit_without_a_greater_one_is_shown_as_the_topmost() -> None:
    units = pd.DataFrame(
        {
            "unit_id": ["bed", "service", "ward", "hospital"],
            "parent_id": ["service", None, "hospital", None],
            "kind": ["municipal_service", "municipal_service", "ward", "hospital"],
        }
    )
    assert shown_units(units, "unit")["bed"] == "bed"
    for depth in ("department", "clinic", "hospital"):
        assert shown_units(units, depth) == {
            "bed": "service", "service": "service", "ward": "hospital", "hospital": "hospital",
        }  # fmt: skip


def test_grouped_ties_add_up() -> None:
    ties = pd.DataFrame({"from_id": ["a", "b", "a"], "to_id": ["x", "y", "b"], "n": [1, 2, 4]})
    found = grouped(ties, {"a": "g", "b": "g", "y": "x"}, weights=["n"])
    assert found.to_dict("records") == [
        {"from_id": "g", "to_id": "g", "n": 4},
        {"from_id": "g", "to_id": "x", "n": 3},
    ]


# ---- places ----


def places_of(ties: Ties, **asked: Any) -> dict[str, tuple[float, float]]:
    return layout(graph(ties), **{"seed": 1, "begin": {}, **asked})


def ring(n: int) -> Ties:
    return [(f"n{k:03}", f"n{(k + 1) % n:03}", 1 + k % 5) for k in range(n)]


def test_the_same_ties_give_the_same_places_in_whatever_order() -> None:
    ties = [*ring(40), ("x", "y", 3), ("z", "z", 2)]
    shuffled = list(ties)
    random.Random(2).shuffle(shuffled)
    assert places_of(ties) == places_of(shuffled)
    assert places_of(ties) != places_of(ties, seed=2)


@pytest.mark.parametrize("n", [2, 40, 300])
def test_nodes_stand_apart_and_on_the_area(n: int) -> None:
    # Several parts, one of them a single node.
    places = places_of([*ring(n), ("x", "y", 3), ("z", "z", 2)])
    points = np.array(list(places.values()))
    assert len(places) == n + 3
    assert (points >= 0).all()
    assert (points <= [WIDTH, HEIGHT]).all()
    distances = np.sqrt(((points[:, None] - points[None]) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    assert distances.min() > (20 if n < 300 else 12)


def test_great_nodes_have_room() -> None:
    places = places_of(ring(20), radii={"n000": 60.0, "n001": 60.0})
    assert math.dist(places["n000"], places["n001"]) > 120


def test_what_has_a_place_on_the_ground_keeps_it() -> None:
    ground = {"n": (70.0, 20.0), "s": (68.0, 20.0), "w": (69.0, 15.0), "e": (69.0, 25.0)}
    ties = [("n", "unit", 50), ("s", "unit", 1), ("w", "e", 9), ("unit", "other", 2)]
    places = places_of(ties, begin=projected(ground), fixed=list(ground))
    assert places["n"][1] < places["w"][1] < places["s"][1]
    assert places["w"][0] < places["n"][0] < places["e"][0]
    assert math.dist(places["n"], places["unit"]) < math.dist(places["s"], places["unit"])


def test_a_seed_follows_from_the_texts() -> None:
    assert seed_of("a", "b") == seed_of("a", "b")
    assert seed_of("a", "b") != seed_of("ab")


# ---- pictures ----


def answer(ties: list[tuple[Any, Any, int | None]], *, fingerprint: str = "sha256:1") -> Result:
    """An answer of ``unit_transfers`` with these patients; ``None`` is a hidden number."""
    finding = networks()["unit_transfers"]
    rows: list[dict[str, Any]] = []
    for one, other, n in ties:
        row = {"n_patients": n, "n_contacts": None if n is None else 2 * n}
        for end, node in (("from", one), ("to", other)):
            row |= {
                f"{end}_id": node, f"{end}_name": None if node is None else node.upper(),
                f"{end}_kind": None if node is None else "gp_practice" if node > "m" else "ward",
                f"{end}_level": None if node is None else "gp" if node > "m" else "hospital",
                f"{end}_patients": 500,
            }  # fmt: skip
        rows.append(row)
    columns = {c.name: [row[c.name] for row in rows] for c in finding.returns}
    table = pa.table({n: pa.array(v, pa.int64() if "patients" in n or n == "n_contacts"
                                  else pa.string()) for n, v in columns.items()})  # fmt: skip
    n_hidden = sum(n is None for _, _, n in ties)
    mask = np.array([n is None for _, _, n in ties])
    manifest = {
        "finding": finding.id, "version": 1, "data": {"fingerprint": fingerprint},
        "n_suppressed": n_hidden, "n_rows": len(rows), "suppress_below": 5,
    }  # fmt: skip
    return Result(finding, table, manifest, {"n_patients": mask, "n_contacts": mask})


TIES: list[tuple[Any, Any, int | None]] = [
    ("a", "b", 50), ("b", "c", 20), ("c", "a", 10), ("c", "x", 30), ("x", "y", 40),
    ("y", "y", 90), ("a", "y", None), (None, "a", 60),
]  # fmt: skip


def drawn(picture: Picture) -> set[tuple[str, str]]:
    return set(zip(picture.ties["from_id"], picture.ties["to_id"], strict=True))


def test_hidden_and_unrecorded_ties_are_not_drawn_and_are_counted() -> None:
    picture = picture_of(answer(TIES), Wish())
    assert drawn(picture) == {(a, b) for a, b, n in TIES if n and a}
    assert (picture.n_ties, picture.n_hidden, picture.n_unrecorded) == (6, 1, 1)
    assert list(picture.nodes.index) == ["a", "b", "c", "x", "y"]
    assert (len(picture.shown), picture.fewest) == (6, 1)


def test_filters_leave_nodes_where_they_are() -> None:
    whole = picture_of(answer(TIES), Wish())
    for wish, expected in (
        (Wish(fewest=30), {("a", "b"), ("c", "x"), ("x", "y"), ("y", "y")}),
        (Wish(kinds=("gp_practice",)), {("x", "y"), ("y", "y")}),
        (Wish(with_loops=False), {(a, b) for a, b, n in TIES if n and a and a != b}),
        (Wish(focus=("x",)), {("c", "x"), ("x", "y"), ("y", "y")}),
        (Wish(focus=("b",), fewest=30), {("a", "b")}),
        (Wish(fewest=30, path_from="b", path_to="a"),
         {("a", "b"), ("b", "c"), ("c", "a"), ("c", "x"), ("x", "y"), ("y", "y")}),
    ):  # fmt: skip
        picture = picture_of(answer(TIES), wish)
        assert drawn(picture) == expected, wish
        assert all(picture.positions[n] == whole.positions[n] for n in picture.nodes.index)
        # Measures are those of the whole, not of what is drawn of it.
        same = whole.nodes.loc[picture.nodes.index]
        pd.testing.assert_frame_equal(picture.nodes, same)


def test_the_way_follows_the_direction() -> None:
    picture = picture_of(answer(TIES), Wish(path_from="b", path_to="a"))
    assert picture.path == ["b", "c", "a"]
    assert picture_of(answer(TIES), Wish(path_from="y", path_to="a")).path == []


def test_levels_left_out_leave_the_rest_where_it_is() -> None:
    some = answer([tie for tie in TIES if tie[0] and tie[1] < "m"])
    picture = picture_of(some, Wish(), whole=answer(TIES))
    whole = picture_of(answer(TIES), Wish())
    assert {n: picture.positions[n] for n in "abc"} == {n: whole.positions[n] for n in "abc"}


def test_so_many_ties_are_drawn_as_make_a_picture() -> None:
    draw = random.Random(1)
    pairs = draw.sample(list(itertools.permutations([f"n{k}" for k in range(40)], 2)), 900)
    many = [(a, b, draw.randrange(5, 200)) for a, b in pairs]
    picture = picture_of(answer(list(many)), Wish())
    assert 0 < len(picture.ties) <= MOST_TIES
    assert picture.ties["n_patients"].min() >= picture.fewest > 5
    assert sum(n >= picture.fewest - 1 for _, _, n in many) > MOST_TIES
    assert picture.share == pytest.approx(
        sum(n for _, _, n in many if n >= picture.fewest) / sum(n for _, _, n in many)
    )
    # A threshold of one's own is kept to.
    assert len(picture_of(answer(list(many)), Wish(fewest=1)).ties) == 900
    # Where all are equal none may vanish.
    equal = [(a, b, 7) for a, b, _ in many]
    assert len(picture_of(answer(list(equal)), Wish()).ties) == 900


def test_of_too_many_nodes_the_lesser_are_put_together() -> None:
    star = [("hub", f"n{k:04}", 5 + k) for k in range(700)]
    picture = picture_of(answer(list(star)), Wish(fewest=1))
    groups = [node for node in picture.all_nodes.index if node.startswith(GROUP)]
    assert len(picture.all_nodes) <= MOST_NODES
    assert groups == [f"{GROUP}gp_practice:gp"]
    n_grouped = picture.groups[groups[0]]
    assert len(picture.all_nodes) - 1 + n_grouped == 701
    # The weakest are in the group, with their patients added up; the share says what is shown.
    tie = picture.ties[picture.ties["to_id"] == groups[0]].iloc[0]
    weakest = sum(sorted(n for _, _, n in star)[:n_grouped])
    assert tie["n_patients"] == weakest
    assert picture.share == pytest.approx(1 - weakest / sum(n for _, _, n in star))
    assert set(picture.positions) == set(picture.all_nodes.index)


def test_places_follow_from_the_data() -> None:
    one = positions_of(answer(TIES), "n_patients", {})
    assert one == positions_of(answer(list(reversed(TIES))), "n_patients", {})
    assert one != positions_of(answer(TIES, fingerprint="sha256:2"), "n_patients", {})


def test_nothing_to_draw() -> None:
    picture = picture_of(answer([("a", "b", None)]), Wish(focus=("a",), path_from="a", path_to="b"))
    assert (len(picture.ties), len(picture.nodes), picture.share, picture.path) == (0, 0, None, [])


def test_graphml_holds_nodes_ties_and_what_they_rest_on() -> None:
    picture = picture_of(answer(TIES), Wish())
    found = nx.read_graphml(io.BytesIO(graphml_of(picture)))
    assert found.is_directed()
    assert set(found.edges) == drawn(picture)
    assert found.edges["a", "b"]["n_patients"] == 50
    assert found.nodes["a"]["name"] == "A"
    assert found.nodes["a"]["x"] == pytest.approx(picture.positions["a"][0])
    assert found.graph["data.fingerprint"] == "sha256:1"
    assert found.graph["ties_not_shown"] == "1"


def test_graphml_leaves_out_what_is_not_known() -> None:
    nodes = pd.DataFrame({"name": [None, "<b>"]}, index=["a", "b"])
    ties = pd.DataFrame({"from_id": ["a"], "to_id": ["b"], "n": [3]})
    written = graphml(ties, nodes, is_directed=False, manifest=[("notes", "")])
    found = nx.read_graphml(io.BytesIO(written))
    assert (found.nodes["a"], found.nodes["b"]) == ({}, {"name": "<b>"})
    assert "notes" not in found.graph
