"""A chord diagram's angles: an arc for each node, a ribbon for each tie."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Arc", "Ribbon", "chords"]

_GAPS = 0.16
"""Of the circle, between the arcs; own choice."""

Tie = tuple[str, str, float]
Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Arc:
    """Where a node stands on the circle, in radians clockwise from the top."""

    node: str
    start: float
    end: float

    @property
    def middle(self) -> float:
        """The direction of its label."""
        return (self.start + self.end) / 2


@dataclass(frozen=True, slots=True)
class Ribbon:
    """A tie, as wide at either end as its weight; ``place`` is its number among the ties."""

    place: int
    start: Span
    end: Span


def chords(nodes: Sequence[str], ties: Sequence[Tie]) -> tuple[list[Arc], list[Ribbon]]:
    """Return the arcs in order of the nodes, and the ribbons in order of the ties.

    Every arc is as long as the weights of the node's ties together; a tie of a node to itself has
    both of its ends there. Along an arc the ties stand in the order of the nodes that they lead to,
    the nearest counter-clockwise first, so that ribbons cross as little as they may.

    Parameters
    ----------
    nodes
        All ends of the ties, in order round the circle.
    ties
        One end, the other, and the weight, which is above 0.

    Examples
    --------
    >>> arcs, ribbons = chords(["a", "b"], [("a", "b", 3.0)])
    >>> [round(arc.end - arc.start, 3) for arc in arcs], ribbons[0].end == (
    ...     arcs[1].start, arcs[1].end)
    ([2.639, 2.639], True)
    """
    number = {node: place for place, node in enumerate(nodes)}
    ends: list[list[tuple[int, int, int]]] = [[] for _ in nodes]
    for place, (one, other, _) in enumerate(ties):
        for side, (own, far) in enumerate(((one, other), (other, one))):
            # Seen from inside the circle, the first on an arc comes from the last before it.
            around = (number[own] - number[far]) % len(nodes)
            ends[number[own]].append((around, place, side))
    total = 2 * sum(weight for _, _, weight in ties)
    if not total:
        return [], []
    turn, gap = 2 * math.pi * (1 - _GAPS) / total, 2 * math.pi * _GAPS / len(nodes)
    spans: dict[tuple[int, int], Span] = {}
    arcs, at = [], gap / 2
    for node, its_ends in zip(nodes, ends, strict=True):
        start = at
        for _, place, side in sorted(its_ends):
            width = ties[place][2] * turn
            spans[place, side] = at, at + width
            at += width
        arcs.append(Arc(node, start, at))
        at += gap
    ribbons = [Ribbon(place, spans[place, 0], spans[place, 1]) for place in range(len(ties))]
    return arcs, ribbons
