"""Where nodes stand on a map: municipalities at their places, what lies there around them."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from pathgraph.analysis.network_layout import HEIGHT, WIDTH, Point

__all__ = ["Ground", "ground_of", "map_layout"]

_MARGIN = 90.0
_GAP = 3.0
_LEAST_RADIUS = 5.0
_GOLDEN = math.pi * (3 - math.sqrt(5))
"""Angle between two leaves of a sunflower: no two in the same direction."""
_LOOSE = 1.25
_STEP = 60.0
"""Between nodes whose place is not known, which stand in rows below the map."""


@dataclass(frozen=True, slots=True)
class Ground:
    """How places on the ground become places on paper, north up and true to scale.

    Equirectangular about a mean latitude: at the extent of a region the error does not show.
    """

    narrow: float
    scale: float
    left: float
    top: float

    def point(self, latitude: float, longitude: float) -> Point:
        """Return x and y of a place given in degrees."""
        return (
            self.left + self.scale * self.narrow * longitude,
            self.top - self.scale * latitude,
        )


def ground_of(places: Collection[Point]) -> Ground:
    """Return the scale at which all the places fit on the area.

    Parameters
    ----------
    places
        Latitude and longitude in degrees; at least one.

    Examples
    --------
    >>> ground = ground_of([(68.0, 15.0), (70.0, 15.0), (69.0, 20.0)])
    >>> (south, north) = (ground.point(68.0, 15.0), ground.point(70.0, 15.0))
    >>> south[1] > north[1], south[0] == north[0]
    (True, True)
    """
    latitudes, longitudes = zip(*places, strict=True)
    narrow = math.cos(math.radians(sum(latitudes) / len(latitudes)))
    high, wide = _extent(latitudes), narrow * _extent(longitudes)
    scale = min((WIDTH - 2 * _MARGIN) / wide, (HEIGHT - 2 * _MARGIN) / high)
    middle = (max(latitudes) + min(latitudes)) / 2, (max(longitudes) + min(longitudes)) / 2
    return Ground(
        narrow, scale, WIDTH / 2 - scale * narrow * middle[1], HEIGHT / 2 + scale * middle[0]
    )


def _extent(degrees: Sequence[float]) -> float:
    # A single place has an extent too: about a kilometre.
    return max(max(degrees) - min(degrees), 0.01)


def map_layout(
    nodes: Sequence[str],
    places: Mapping[str, Point],
    *,
    anchors: Collection[str],
    radii: Mapping[str, float],
) -> dict[str, Point]:
    """Return a place on the area for every node.

    Parameters
    ----------
    nodes
        In the order in which they stand around their place, the nearest first.
    places
        Latitude and longitude of nodes; those without one stand in rows below the map.
    anchors
        Nodes that stand exactly at their place; the others around it.
    radii
        How large nodes are drawn.

    Examples
    --------
    >>> there = {"town": (69.0, 18.0), "ward": (69.0, 18.0), "far": (70.0, 18.0)}
    >>> found = map_layout(["town", "ward", "far"], there, anchors=["town", "far"], radii={})
    >>> 10 <= math.dist(found["town"], found["ward"]) < 20
    True
    """
    placed = [node for node in nodes if node in places]
    found: dict[str, Point] = {}
    if placed:
        ground = ground_of([places[node] for node in placed])
        for place in dict.fromkeys(places[node] for node in placed):
            here = [node for node in placed if places[node] == place]
            found |= _around(ground.point(*place), here, anchors, radii)
    return found | _below([node for node in nodes if node not in places])


def _around(
    centre: Point, here: Sequence[str], anchors: Collection[str], radii: Mapping[str, float]
) -> dict[str, Point]:
    found = {node: centre for node in here if node in anchors}
    others = [node for node in here if node not in anchors]

    def room(node: str) -> float:
        return (max(radii.get(node, 0.0), _LEAST_RADIUS) + _GAP) ** 2

    taken = sum(map(room, found))
    for number, node in enumerate(others):
        own = room(node)
        # As far out as the areas of all before it and half of its own would fill a disc.
        distance = math.sqrt(_LOOSE * taken) + (math.sqrt(own) if found or number else 0.0)
        angle = number * _GOLDEN
        found[node] = (
            centre[0] + distance * math.sin(angle),
            centre[1] - distance * math.cos(angle),
        )
        taken += own
    return found


def _below(nodes: Sequence[str]) -> dict[str, Point]:
    in_row = int((WIDTH - 2 * _MARGIN) // _STEP)
    return {
        node: (_MARGIN + _STEP * (number % in_row), HEIGHT + _STEP * (number // in_row))
        for number, node in enumerate(nodes)
    }
