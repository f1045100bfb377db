"""Where the nodes of a network stand: the same ties give the same picture, every time."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence

import networkx as nx
import numpy as np
import numpy.typing as npt

from pathgraph.analysis.networks import Graph

__all__ = ["HEIGHT", "WIDTH", "layout", "projected", "seed_of"]

WIDTH, HEIGHT = 1200.0, 760.0
"""The area that a picture is laid out on."""

_MARGIN = 46.0
_APART = 34.0
"""Nodes stand at least so far from each other, as long as there is room."""
_GAP = 8.0
_PULLING = 3
"""Ties of each node that pull it; more of them pull everything into one heap."""

Point = tuple[float, float]
_Points = npt.NDArray[np.float64]


def seed_of(*parts: str) -> int:
    """Return a number that follows from the texts alone.

    Examples
    --------
    >>> seed_of("sha256:1", "shared_patients") == seed_of("sha256:1", "shared_patients")
    True
    """
    return int.from_bytes(hashlib.sha256("\n".join(parts).encode()).digest()[:4], "big")


def projected(places: Mapping[str, Point]) -> dict[str, Point]:
    """Return places on the ground as places on paper, north up.

    Equirectangular about the mean latitude: at the extent of a region the error does not show.

    Parameters
    ----------
    places
        Latitude and longitude in degrees.

    Returns
    -------
    x to the east and y to the south, in degrees of latitude.

    Examples
    --------
    >>> x, y = projected({"a": (60.0, 10.0), "b": (60.0, 12.0)})["b"]
    >>> round(x, 6), y
    (6.0, -60.0)
    """
    if not places:
        return {}
    middle = math.radians(sum(latitude for latitude, _ in places.values()) / len(places))
    narrow = math.cos(middle)
    return {node: (longitude * narrow, -latitude) for node, (latitude, longitude) in places.items()}


def layout(
    graph: Graph,
    *,
    seed: int,
    begin: Mapping[str, Point],
    fixed: Sequence[str] = (),
    radii: Mapping[str, float] | None = None,
) -> dict[str, Point]:
    """Return a place on the area for every node.

    Parameters
    ----------
    begin
        Where nodes stand at first, in any unit; those without a place begin at a drawn one.
    fixed
        Nodes with a place that keep it (but for being moved apart).
    radii
        How large nodes are drawn, in the area's unit; nodes stand at least so far apart.

    Returns
    -------
    x and y by node, within :data:`WIDTH` and :data:`HEIGHT`.
    """
    if not graph:
        return {}
    pulled = _strongest(graph)
    kept = [node for node in fixed if node in begin and node in graph]
    parts = [pulled] if kept else [pulled.subgraph(c) for c in _components(pulled)]
    placed: list[tuple[list[str], _Points]] = []
    for part in parts:
        nodes = sorted(part)
        placed.append((nodes, _spring(part, nodes, seed, begin, kept)))
    nodes = [node for names, _ in placed for node in names]
    points = placed[0][1] if len(placed) == 1 else _packed([points for _, points in placed])
    room = np.array([(radii or {}).get(node, 0.0) for node in nodes])
    points = _apart(_fitted(points), room, seed)
    return {node: (float(x), float(y)) for node, (x, y) in zip(nodes, points, strict=True)}


def _strongest(graph: Graph) -> Graph:
    """Return the graph with the few strongest ties of each node, without direction."""
    either = nx.Graph()
    either.add_nodes_from(sorted(graph))
    for one, other, weight in graph.edges(data="weight"):
        if one != other:
            before = either.get_edge_data(one, other, {"weight": 0.0})["weight"]
            either.add_edge(one, other, weight=before + weight)
    strength = dict(either.degree(weight="weight"))
    for one, other, tie in either.edges(data=True):
        # Compared with all that the two have: else everything stands around the greatest.
        tie["pull"] = tie["weight"] / math.sqrt(strength[one] * strength[other])
    pulled = nx.Graph()
    pulled.add_nodes_from(either)
    for node in either:
        ties = sorted(either[node].items(), key=lambda tie: (-tie[1]["pull"], tie[0]))
        pulled.add_edges_from((node, other, tie) for other, tie in ties[:_PULLING])
    return pulled


def _components(graph: Graph) -> list[list[str]]:
    parts = [sorted(part) for part in nx.connected_components(graph)]
    return sorted(parts, key=lambda part: (-len(part), part))


def _spring(
    part: Graph, nodes: Sequence[str], seed: int, begin: Mapping[str, Point], fixed: Sequence[str]
) -> _Points:
    """Return the places of one connected part, about as wide as it has nodes."""
    if len(nodes) == 1:
        return np.zeros((1, 2))
    draw = np.random.default_rng(seed)
    known = _unit_square(np.array([begin[n] for n in nodes if n in begin], dtype=float))
    places = dict(zip((n for n in nodes if n in begin), known, strict=True))
    first = {
        # Nodes of one place would stand on one another.
        node: places.get(node, np.zeros(2))
        + draw.normal(0, 0.0 if node in fixed else 0.05 if node in places else 0.5, 2)
        for node in nodes
    }
    ordered = nx.Graph()
    ordered.add_nodes_from(nodes)
    ordered.add_weighted_edges_from(
        sorted((min(a, b), max(a, b), pull) for a, b, pull in part.edges(data="pull")), "pull"
    )
    found = nx.spring_layout(
        ordered,
        k=1.6 / math.sqrt(len(nodes)),
        pos=first,
        fixed=[node for node in fixed if node in ordered] or None,
        iterations=250 if len(nodes) <= 200 else 90,
        weight="pull",
        seed=seed,
        scale=1.0,
        method="force",
    )
    points = np.array([found[node] for node in nodes], dtype=float)
    return points if fixed else _unit_square(points) * math.sqrt(len(nodes))


def _unit_square(points: _Points) -> _Points:
    """Return the points in -1 to 1, with the proportions kept."""
    if not len(points):
        return points.reshape(0, 2)
    centre = (points.max(axis=0) + points.min(axis=0)) / 2
    reach = float(np.abs(points - centre).max()) or 1.0
    scaled: _Points = (points - centre) / reach
    return scaled


def _packed(parts: Sequence[_Points]) -> _Points:
    """Return the parts side by side in rows, the greatest first."""
    sizes = [points.max(axis=0) - points.min(axis=0) + 1.2 for points in parts]
    room = sum(float(size[0] * size[1]) for size in sizes)
    widest = max(math.sqrt(room * WIDTH / HEIGHT), max(float(size[0]) for size in sizes))
    x = y = tallest = 0.0
    moved = []
    for points, size in zip(parts, sizes, strict=True):
        if x and x + size[0] > widest:
            x, y, tallest = 0.0, y + tallest, 0.0
        moved.append(points - points.min(axis=0) + np.array([x, y]))
        x, tallest = x + float(size[0]), max(tallest, float(size[1]))
    return np.concatenate(moved)


def _fitted(points: _Points) -> _Points:
    """Return the points on the area, an axis stretched at most half as much as the other."""
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([WIDTH, HEIGHT]) - 2 * _MARGIN
    scale = room / np.maximum(high - low, 1e-9)
    scale = np.minimum(scale, 1.5 * scale.min())
    fitted: _Points = (points - (low + high) / 2) * scale + np.array([WIDTH, HEIGHT]) / 2
    return fitted


def _apart(points: _Points, room: npt.NDArray[np.float64], seed: int) -> _Points:
    """Return the points moved until none is too close to another."""
    widest = 0.8 * math.sqrt(WIDTH * HEIGHT / max(len(points), 1))
    least = np.maximum(min(_APART, widest), room[:, None] + room[None, :] + _GAP)
    # No two in the very same place, so that there is a direction to move them in.
    points = points + np.random.default_rng(seed).normal(0, 1e-3, points.shape)
    low, high = np.array([_MARGIN] * 2), np.array([WIDTH, HEIGHT]) - _MARGIN
    for _ in range(200):
        away = points[:, None, :] - points[None, :, :]
        distance = np.sqrt((away**2).sum(axis=2))
        np.fill_diagonal(distance, np.inf)
        overlap = np.maximum(least - distance, 0)
        if not overlap.any():
            break
        points = points + (away / distance[:, :, None] * overlap[:, :, None] / 2).sum(axis=1)
        points = np.clip(points, low, high)
    return points
