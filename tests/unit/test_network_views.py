"""Order of a matrix, angles of a chord diagram, places on a map: by hand and by brute force."""

from __future__ import annotations

import math
from itertools import pairwise, product
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from scipy.cluster.hierarchy import linkage, to_tree

from pathgraph.analysis.chord_layout import chords
from pathgraph.analysis.map_layout import ground_of, map_layout
from pathgraph.analysis.matrix_order import clustered


def flips(node: Any) -> list[list[int]]:
    """Return every order of the leaves that a tree allows."""
    if node.is_leaf():
        return [[node.id]]
    left, right = flips(node.left), flips(node.right)
    return [o for a, b in product(left, right) for o in (a + b, b + a)]


@pytest.mark.parametrize("seed", range(12))
def test_no_order_of_the_tree_has_neighbours_more_alike(seed: int) -> None:
    values = np.random.default_rng(seed).integers(0, 40, (7, 5)).astype(float)
    profiles = np.sqrt(values / values.sum(axis=1, keepdims=True))

    def way(order: list[int]) -> float:
        return sum(float(np.linalg.norm(profiles[a] - profiles[b])) for a, b in pairwise(order))

    order = clustered(values)
    assert sorted(order) == list(range(7))
    assert way(order) == pytest.approx(
        min(way(o) for o in flips(to_tree(linkage(profiles, "average"))))
    )


def test_blocks_stand_together_however_great_their_rows_are() -> None:
    values = [[900, 100, 0, 0], [0, 0, 8, 2], [9, 1, 0, 0], [0, 0, 80, 20], [0, 0, 0, 0]]
    order = clustered(values)
    assert order[-1] == 4
    assert {frozenset(order[:2]), frozenset(order[2:4])} == {frozenset({0, 2}), frozenset({1, 3})}


def test_without_rows_or_columns_there_is_an_order_too() -> None:
    nothing: npt.NDArray[np.float64] = np.zeros((0, 0))
    assert clustered(nothing) == []
    assert clustered(np.zeros((2, 0))) == [0, 1]


def test_arcs_are_as_long_as_their_ties_and_leave_gaps() -> None:
    ties = [("a", "b", 3.0), ("b", "c", 1.0), ("c", "c", 2.0)]
    arcs, ribbons = chords(["a", "b", "c"], ties)
    lengths = {arc.node: arc.end - arc.start for arc in arcs}
    assert lengths["b"] / lengths["a"] == pytest.approx(4 / 3)
    # A loop has both of its ends at its node.
    assert lengths["c"] / lengths["a"] == pytest.approx(5 / 3)
    assert sum(lengths.values()) == pytest.approx(2 * math.pi * 0.84)
    assert arcs[-1].end < 2 * math.pi
    widths = [end - start for ribbon in ribbons for start, end in (ribbon.start, ribbon.end)]
    assert widths == pytest.approx([w * lengths["a"] / 3 for w in (3, 3, 1, 1, 2, 2)])
    # The ends fill the arcs without a hole and without lying on each other.
    spans = sorted(span for ribbon in ribbons for span in (ribbon.start, ribbon.end))
    for arc in arcs:
        own = [s for s in spans if arc.start - 1e-9 <= s[0] < arc.end - 1e-9]
        assert own[0][0] == pytest.approx(arc.start)
        assert own[-1][1] == pytest.approx(arc.end)
        assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(own))


def test_neighbours_on_the_circle_are_tied_without_crossing() -> None:
    arcs, ribbons = chords(["a", "b", "c"], [("a", "b", 1.0), ("b", "c", 1.0), ("c", "a", 1.0)])
    middle = {arc.node: arc.middle for arc in arcs}
    # The tie from b to c begins on c's side of b, that from a to b ends on a's side.
    assert ribbons[1].start[0] >= middle["b"] - 1e-9
    assert ribbons[0].end[1] <= middle["b"] + 1e-9


def test_no_ties_no_arcs() -> None:
    assert chords([], []) == ([], [])


def test_a_degree_is_as_long_to_the_north_as_on_the_ground_to_the_east() -> None:
    ground = ground_of([(69.0, 18.0), (69.0, 19.0), (69.2, 18.0)])
    zero, east, north = (ground.point(*p) for p in ((69.0, 18.0), (69.0, 19.0), (70.0, 18.0)))
    narrow = (east[0] - zero[0]) / (zero[1] - north[1])
    assert narrow == pytest.approx(math.cos(math.radians(69.0667)), rel=1e-3)
    assert east[1] == zero[1]


def test_what_has_no_place_stands_below_and_nothing_on_a_municipality() -> None:
    places = {"m": (69.0, 18.0), "n": (70.0, 20.0), **{f"u{i}": (69.0, 18.0) for i in range(40)}}
    nodes = ["m", "n", *(f"u{i}" for i in range(40)), "lost"]
    found = map_layout(nodes, places, anchors={"m", "n"}, radii={"u0": 20.0, "m": 26.0})
    assert set(found) == set(nodes)
    assert found["lost"][1] > max(y for n, (_, y) in found.items() if n != "lost")
    around = [math.dist(found["m"], found[f"u{i}"]) for i in range(40)]
    assert min(around) >= 26.0
    # The first is greater than the others, which stand further out one after the other.
    assert around[1:] == sorted(around[1:])
    assert max(around) < 130
