"""A network as it is drawn: shapes, lines, labels that do not overlap, and the data for a script.

Whoever has nodes, ties and places calls :func:`network_view`, and the macro ``network`` of
``templates/parts/network.html`` shows what comes of it: an interactive picture where scripts run, a
still one where they do not, and the same in words for who sees neither.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pathgraph.api.language import Language
from pathgraph.queries.network_pictures import GREATEST_RADIUS

__all__ = ["FORMS_OF_NODES", "LegendEntry", "NetworkView", "Node", "Tie", "network_view"]

Point = tuple[float, float]

FORMS_OF_NODES = ("circle", "square", "diamond")
"""Units are circles, municipalities squares, people diamonds."""

_WIDTH = 1200.0
"""What a picture of the whole is wide; text and lines keep their size relative to it."""
_MARGIN = 70.0
_LEAST_RADIUS = 5.0
_LEAST_LINE, _MOST_LINE = 0.8, 9.0
_OPACITY = 0.38
_BEND = 0.12
"""How far the curve of a tie with a direction stands off, as a share of its length."""
_TEXT, _TEXT_WIDTH = 15.0, 0.54
"""Size of a label, and the mean width of a letter as a share of it."""
_LONGEST_LABEL = 30
_NAMED_ANYHOW = 12


@dataclass(frozen=True, slots=True)
class Node:
    """A node as the caller knows it.

    Attributes
    ----------
    form
        One of :data:`FORMS_OF_NODES`.
    tone
        Class of its colour: a level of care, ``place``, ``person`` or ``shade-1`` to ``shade-5``.
    size
        0 to 1: its area compared with the greatest node's.
    href
        Address of its own page.
    initial
        Letter that stands in it, so that colour is not the only sign.
    facts
        What is known of it: label and text.
    size_text
        What its area stands for, in words.
    """

    id: str
    name: str
    form: str = "circle"
    tone: str = "plain"
    size: float = 0.0
    href: str = ""
    initial: str = ""
    facts: Sequence[tuple[str, str]] = ()
    size_text: str = ""


@dataclass(frozen=True, slots=True)
class Tie:
    """A tie as the caller knows it.

    Attributes
    ----------
    strength
        0 to 1: its weight compared with the strongest one's.
    values
        Its weights as texts, in the order of the view's ``weights``.
    is_marked
        It is part of a way that is pointed out.
    change
        What became of it from the period before: ``new``, ``gone``, ``stronger`` or ``weaker``;
        said by the colour and the style of its line.
    """

    from_id: str
    to_id: str
    strength: float
    values: Sequence[str] = ()
    is_marked: bool = False
    change: str = ""


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One line of a legend."""

    text: str
    form: str = "circle"
    tone: str = ""
    initial: str = ""


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node with its place; ``label`` is empty where it would stand on something else."""

    node: Node
    x: float
    y: float
    r: float
    points: str
    label: str = ""
    label_x: float = 0.0
    label_y: float = 0.0


@dataclass(frozen=True, slots=True)
class DrawnTie:
    """A tie as a path, with the head of an arrow where it has a direction."""

    tie: Tie
    path: str
    width: float
    arrow: str
    title: str


@dataclass(frozen=True, slots=True)
class NetworkView:
    """All that the template and the script draw.

    Attributes
    ----------
    data
        What the script gets; plain values alone.
    """

    title: str
    summary: str
    box: str
    text_size: float
    nodes: Sequence[DrawnNode]
    ties: Sequence[DrawnTie]
    weights: Sequence[str]
    is_directed: bool
    legend: Sequence[LegendEntry]
    selected: str = ""
    opacity: float = _OPACITY
    data: Mapping[str, Any] = field(default_factory=dict)
    outlines: Sequence[str] = ()

    def on(self, outlines: Sequence[Sequence[Point]]) -> NetworkView:
        """Return the picture with outlines of the ground below it."""
        paths = ["M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in ring) + "Z" for ring in outlines]
        return replace(self, outlines=paths, data={**self.data, "outlines": paths})


def network_view(
    nodes: Sequence[Node],
    ties: Sequence[Tie],
    positions: Mapping[str, Point],
    *,
    title: str,
    summary: str,
    language: Language,
    is_directed: bool = False,
    weights: Sequence[str] = (),
    legend: Sequence[LegendEntry] = (),
    selected: str = "",
    can_ask: bool = False,
    note: str = "",
) -> NetworkView:
    """Return nodes and ties as they are drawn.

    Parameters
    ----------
    positions
        x and y by node, for every node.
    title, summary
        What the picture shows, in a line and in words.
    weights
        Names of the ties' values.
    can_ask
        Whether the page answers to ``focus``, ``path_from`` and ``path_to`` in its address.
    note
        What a picture says of itself that is taken out of the page: as of when, from which data.
    """
    left, top, width, height = _box([positions[node.id] for node in nodes])
    scale = width / _WIDTH
    radii = {node.id: scale * _radius(node.size) for node in nodes}
    named = {node.id: node.name for node in nodes}
    drawn = [_drawn_node(node, positions[node.id], radii[node.id]) for node in nodes]
    return NetworkView(
        title=title,
        summary=summary,
        box=f"{left:.1f} {top:.1f} {width:.1f} {height:.1f}",
        text_size=round(_TEXT * scale, 2),
        nodes=_labelled(drawn, _TEXT * scale, (left, top, width, height)),
        ties=[
            _drawn_tie(tie, positions, radii, named, weights, is_directed, scale)
            for tie in sorted(ties, key=lambda tie: (tie.is_marked, tie.strength))
        ],
        weights=weights,
        is_directed=is_directed,
        legend=legend,
        selected=selected if selected in named else "",
        data={
            "directed": is_directed,
            "selected": selected,
            "canAsk": can_ask,
            "note": note,
            "weights": list(weights),
            "nodes": [_node_data(node) for node in drawn],
            "ties": [_tie_data(tie, scale) for tie in ties],
            "words": _said(language),
        },
    )


def _node_data(drawn: DrawnNode) -> dict[str, Any]:
    return {
        "id": drawn.node.id,
        "name": drawn.node.name,
        "form": drawn.node.form,
        "tone": drawn.node.tone,
        "initial": drawn.node.initial,
        "x": round(drawn.x, 1),
        "y": round(drawn.y, 1),
        "r": round(drawn.r, 1),
        "href": drawn.node.href,
        "facts": [list(fact) for fact in drawn.node.facts],
    }


def _tie_data(tie: Tie, scale: float) -> dict[str, Any]:
    return {
        "from": tie.from_id,
        "to": tie.to_id,
        "width": round(scale * _line(tie.strength), 2),
        "values": list(tie.values),
        "marked": tie.is_marked,
        "change": tie.change,
    }


def _said(language: Language) -> dict[str, str]:
    """Return what the script says."""
    gettext = language.gettext
    return {
        "to": gettext("to"),
        "from": gettext("from"),
        "both": gettext("with"),
        "itself": gettext("with itself"),
        "direction": gettext("Direction"),
        "other": gettext("Other node"),
        "tiesOf": gettext("Ties of {name}"),
        "noTies": gettext("No tie of it is drawn."),
        "page": gettext("Open its page"),
        "expand": gettext("Draw its neighbours too"),
        "only": gettext("Draw only what is around it"),
        "way": gettext("Way from here"),
        "close": gettext("Close"),
        "chosen": gettext("{name} is chosen; {n} neighbours."),
        "loading": gettext("Being worked out"),
    }


def _radius(size: float) -> float:
    """Return the radius that gives an area by ``size``; the smallest can still be seen and met."""
    return max(_LEAST_RADIUS, GREATEST_RADIUS * math.sqrt(max(size, 0.0)))


def _line(strength: float) -> float:
    return _LEAST_LINE + (_MOST_LINE - _LEAST_LINE) * math.sqrt(max(strength, 0.0))


def _box(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Return left, top, width and height of what is drawn; few nodes are not blown up."""
    xs, ys = [x for x, _ in points] or [0.0], [y for _, y in points] or [0.0]
    width = max(max(xs) - min(xs) + 2 * _MARGIN, _WIDTH / 2)
    height = max(max(ys) - min(ys) + 2 * _MARGIN, width * 0.55)
    left = (max(xs) + min(xs) - width) / 2
    top = (max(ys) + min(ys) - height) / 2
    return left, top, width, height


def _drawn_node(node: Node, place: Point, radius: float) -> DrawnNode:
    x, y = place
    if node.form == "diamond":
        corners = [(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)]
    elif node.form == "square":
        # A square of the same area as the circle.
        half = radius * math.sqrt(math.pi) / 2
        corners = [(x + a * half, y + b * half) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    else:
        corners = []
    return DrawnNode(node, x, y, radius, " ".join(f"{a:.1f},{b:.1f}" for a, b in corners))


def _drawn_tie(
    tie: Tie,
    positions: Mapping[str, Point],
    radii: Mapping[str, float],
    named: Mapping[str, str],
    weights: Sequence[str],
    is_directed: bool,
    scale: float,
) -> DrawnTie:
    sign = "→" if is_directed else "–"
    said = ", ".join(f"{name} {text}" for name, text in zip(weights, tie.values, strict=False))
    title = f"{named[tie.from_id]} {sign} {named[tie.to_id]}: {said}"
    width = round(scale * _line(tie.strength), 2)
    (x, y), (u, v) = positions[tie.from_id], positions[tie.to_id]
    if tie.from_id == tie.to_id:
        r = radii[tie.from_id]
        return DrawnTie(tie, _loop(x, y, r + 6 * scale), width, "", title)
    if not is_directed:
        return DrawnTie(tie, f"M{x:.1f} {y:.1f}L{u:.1f} {v:.1f}", width, "", title)
    bend_x, bend_y = (x + u) / 2 + _BEND * (v - y), (y + v) / 2 - _BEND * (u - x)
    end_x, end_y = _short_of((bend_x, bend_y), (u, v), radii[tie.to_id])
    arrow = _arrow((bend_x, bend_y), (end_x, end_y), 5 * scale + width * 0.9)
    path = f"M{x:.1f} {y:.1f}Q{bend_x:.1f} {bend_y:.1f} {end_x:.1f} {end_y:.1f}"
    return DrawnTie(tie, path, width, arrow, title)


def _loop(x: float, y: float, r: float) -> str:
    """Return a circle that goes out of a node and back to it, above it."""
    return f"M{x:.1f} {y:.1f}c{-2.2 * r:.1f} {-2.6 * r:.1f} {2.2 * r:.1f} {-2.6 * r:.1f} 0 0"


def _short_of(start: Point, end: Point, by: float) -> Point:
    length = math.dist(start, end) or 1.0
    return (end[0] - by * (end[0] - start[0]) / length, end[1] - by * (end[1] - start[1]) / length)


def _arrow(start: Point, tip: Point, size: float) -> str:
    length = math.dist(start, tip) or 1.0
    along_x, along_y = (tip[0] - start[0]) / length, (tip[1] - start[1]) / length
    base_x, base_y = tip[0] - size * along_x, tip[1] - size * along_y
    side_x, side_y = -along_y * size * 0.45, along_x * size * 0.45
    corners = [tip, (base_x + side_x, base_y + side_y), (base_x - side_x, base_y - side_y)]
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in corners)


def _labelled(
    nodes: Sequence[DrawnNode], size: float, box: tuple[float, float, float, float]
) -> list[DrawnNode]:
    """Return the nodes, the greatest first, with the labels that stand on nothing else."""
    taken = [(n.x - n.r, n.y - n.r, n.x + n.r, n.y + n.r) for n in nodes]
    taken_by_text: list[Corners] = []
    labelled = []
    for rank, drawn in enumerate(sorted(nodes, key=lambda n: (-n.r, n.node.id))):
        label = _short(drawn.node.name)
        place = _place(drawn, label, size, [*taken, *taken_by_text], box)
        if place is None and rank < _NAMED_ANYHOW:
            # Where there is no room a name stands on lesser nodes, never on another name.
            place = _place(drawn, label, size, taken_by_text, box)
        if place is not None:
            taken_by_text.append(place[2])
            drawn = replace(drawn, label=label, label_x=place[0], label_y=place[1])
        labelled.append(drawn)
    # The greatest are drawn first, so that a small one is never under a great one.
    return labelled


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_LABEL else name[: _LONGEST_LABEL - 1].rstrip() + "…"


Corners = tuple[float, float, float, float]


def _place(
    drawn: DrawnNode, label: str, size: float, taken: Sequence[Corners], box: Corners
) -> tuple[float, float, Corners] | None:
    """Return where a label goes (its middle and base line): below its node, above it, nowhere."""
    half = _TEXT_WIDTH * size * len(label) / 2
    left, top, width, height = box
    middle = min(max(drawn.x, left + half + 2), left + width - half - 2)
    for base in (drawn.y + drawn.r + size, drawn.y - drawn.r - 0.35 * size):
        corners = (middle - half, base - 0.85 * size, middle + half, base + 0.25 * size)
        if top < corners[1] and corners[3] < top + height and not _meets(corners, taken):
            return middle, base, corners
    return None


def _meets(one: Corners, others: Sequence[Corners]) -> bool:
    return any(a[0] < one[2] and one[0] < a[2] and a[1] < one[3] and one[1] < a[3] for a in others)
