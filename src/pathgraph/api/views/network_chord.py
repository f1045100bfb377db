"""A network as a chord diagram: paths, labels, and which node is chosen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pathgraph.analysis.chord_layout import Arc, Ribbon
from pathgraph.api.views.network import NetworkView, Node

__all__ = ["ChordView", "chord_view"]

_RADIUS, _THICK = 330.0, 18.0
_LABEL = 14.0
_BOX = "-560 -540 1120 1080"
_LONGEST = 26
_OPACITY, _DIM = 0.42, 0.07

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DrawnArc:
    """An arc with its label; ``turn`` is the angle at which the label stands, in degrees."""

    node: Node
    path: str
    label: str
    x: float
    y: float
    turn: float
    anchor: str


@dataclass(frozen=True, slots=True)
class DrawnRibbon:
    """A ribbon in the tone of the node that it begins at."""

    path: str
    title: str
    tone: str
    opacity: float


@dataclass(frozen=True, slots=True)
class ChordView:
    """What the template draws."""

    title: str
    summary: str
    box: str
    text_size: float
    arcs: Sequence[DrawnArc]
    ribbons: Sequence[DrawnRibbon]


def chord_view(
    view: NetworkView,
    arcs: Sequence[Arc],
    ribbons: Sequence[Ribbon],
    ends: Sequence[tuple[str, str]],
) -> ChordView:
    """Return the paths of a chord diagram.

    Parameters
    ----------
    view
        The same network as a picture: its nodes, names and what its ties say.
    ends
        From and to of each tie, in the order of the ribbons' places.
    """
    nodes = {drawn.node.id: drawn.node for drawn in view.nodes}
    titles = {(drawn.tie.from_id, drawn.tie.to_id): drawn.title for drawn in view.ties}
    drawn_ribbons = []
    # The widest first, so that a narrow one is never under it.
    for ribbon in sorted(ribbons, key=lambda r: r.start[0] - r.start[1]):
        pair = ends[ribbon.place]
        is_lit = view.selected in ("", *pair)
        drawn_ribbons.append(
            DrawnRibbon(
                _ribbon(ribbon),
                titles[pair],
                _tone(nodes[pair[0]], nodes[pair[1]]),
                _OPACITY if is_lit else _DIM,
            )
        )
    return ChordView(
        title=view.title,
        summary=view.summary,
        box=_BOX,
        text_size=_LABEL,
        arcs=[_arc(arc, nodes[arc.node]) for arc in arcs],
        ribbons=drawn_ribbons,
    )


def _tone(start: Node, end: Node) -> str:
    """Return the tone of the node that a ribbon begins at, of the unit at a municipality."""
    return end.tone if start.form == "square" else start.tone


def _at(angle: float, radius: float) -> Point:
    return radius * math.sin(angle), -radius * math.cos(angle)


def _arc(arc: Arc, node: Node) -> DrawnArc:
    outer = _RADIUS + _THICK
    path = (
        f"M{_said(_at(arc.start, outer))}{_turn(arc.start, arc.end, outer, 1)}"
        f"L{_said(_at(arc.end, _RADIUS))}{_turn(arc.end, arc.start, _RADIUS, 0)}Z"
    )
    x, y = _at(arc.middle, outer + 8)
    is_left = math.sin(arc.middle) < 0
    turn = math.degrees(arc.middle) - 90 + (180 if is_left else 0)
    name = node.name
    short = name if len(name) <= _LONGEST else name[: _LONGEST - 1].rstrip() + "…"
    return DrawnArc(node, path, short, x, y, turn, "end" if is_left else "start")


def _ribbon(ribbon: Ribbon) -> str:
    (a, b), (c, d) = ribbon.start, ribbon.end
    return (
        f"M{_said(_at(a, _RADIUS))}{_turn(a, b, _RADIUS, 1)}"
        f"Q0 0 {_said(_at(c, _RADIUS))}{_turn(c, d, _RADIUS, 1)}"
        f"Q0 0 {_said(_at(a, _RADIUS))}Z"
    )


def _turn(start: float, end: float, radius: float, sweep: int) -> str:
    """Return the part of the circle from one angle to another."""
    is_large = int(abs(end - start) > math.pi)
    return f"A{radius:g} {radius:g} 0 {is_large} {sweep} {_said(_at(end, radius))}"


def _said(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
