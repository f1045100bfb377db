"""The people and units around a patient, drawn as a star."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from pathgraph.api import words
from pathgraph.api.language import Language
from pathgraph.queries.patient_view import Edge, Node, Surroundings

__all__ = ["Point", "Ray", "Star", "star_of"]

_WIDTH, _HEIGHT = 980.0, 480.0
_RADIUS_X, _RADIUS_Y = 240.0, 220.0
_LABEL_LENGTH = 30


@dataclass(frozen=True, slots=True)
class Point:
    """A node on paper; ``anchor`` says on which side its label stands."""

    kind: str
    level: str | None
    x: float
    y: float
    size: float
    label: str
    label_x: float
    label_y: float
    anchor: str
    title: str


@dataclass(frozen=True, slots=True)
class Ray:
    """An edge on paper."""

    x1: float
    y1: float
    x2: float
    y2: float
    width: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Star:
    """The picture, and the same edges as rows: from, to, why, how many."""

    width: float
    height: float
    points: tuple[Point, ...]
    rays: tuple[Ray, ...]
    rows: tuple[tuple[str, str, str, int], ...]


def star_of(network: Surroundings, patient: str, language: Language) -> Star:
    """Return the picture of the network around a patient."""
    names = {node.id: _name(node, language) for node in network.nodes}
    places = {node.id: (_x(node), _y(node)) for node in network.nodes}
    edges = [edge for edge in network.edges if edge.from_id in places and edge.to_id in places]
    most = max((edge.n for edge in edges if edge.kind == "contact"), default=1)
    return Star(
        width=_WIDTH,
        height=_HEIGHT,
        points=tuple(_point(node, names[node.id], network, language) for node in network.nodes),
        rays=tuple(_ray(edge, places, names, most, language) for edge in edges),
        rows=tuple((names[e.from_id], names[e.to_id], _kind(e.kind, language), e.n) for e in edges),
    )


def _name(node: Node, language: Language) -> str:
    if node.kind == "others":
        text = language.ngettext("%(n)s further unit", "%(n)s further units", node.n)
        return text % {"n": language.number(node.n)}
    if node.kind == "patient":
        return language.gettext("The patient")
    return node.name or node.id


def _kind(kind: str, language: Language) -> str:
    if kind == "works_at":
        return language.gettext("Works at")
    return words.code_words(language, kind, "role")


def _x(node: Node) -> float:
    return round(_WIDTH / 2 + node.x * _RADIUS_X, 1)


def _y(node: Node) -> float:
    return round(_HEIGHT / 2 + node.y * _RADIUS_Y, 1)


def _point(node: Node, name: str, network: Surroundings, language: Language) -> Point:
    x, y = _x(node), _y(node)
    most = max((other.n for other in network.nodes if other.kind == "unit"), default=1) or 1
    # By area, not by radius.
    size = 5 + 11 * math.sqrt(node.n / most) if node.kind == "unit" else 9.0
    is_right = node.x >= 0
    away = size + 5
    title = name
    if node.kind == "unit":
        said = language.ngettext("%(n)s contact", "%(n)s contacts", node.n)
        title = f"{name} · {said % {'n': language.number(node.n)}}"
    is_inner = node.kind in ("patient", "professional")
    return Point(
        kind=node.kind,
        level=node.level,
        x=x,
        y=y,
        size=round(size, 1),
        label=name if len(name) <= _LABEL_LENGTH else f"{name[: _LABEL_LENGTH - 1]}…",
        label_x=x if is_inner else round(x + (away if is_right else -away), 1),
        label_y=round(y + 22, 1) if is_inner else y + 4,
        anchor="middle" if is_inner else "start" if is_right else "end",
        title=title,
    )


def _ray(
    edge: Edge,
    places: Mapping[str, tuple[float, float]],
    names: Mapping[str, str],
    most: int,
    language: Language,
) -> Ray:
    is_contact = edge.kind == "contact"
    title = f"{names[edge.from_id]} – {names[edge.to_id]} · {_kind(edge.kind, language)}"
    return Ray(
        *places[edge.from_id],
        *places[edge.to_id],
        width=round(1 + 5 * math.sqrt(edge.n / most), 1) if is_contact else 1.5,
        kind="contact" if is_contact else edge.kind,
        title=f"{title} · {language.number(edge.n)}" if is_contact else title,
    )
