"""The people and units around one patient, as a small network with places on paper.

Rows of the patient's timeline and team in (``docs/definitions.md#patient-network``), nodes and
edges out.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Edge", "Node", "Surroundings", "surroundings"]

Row = Mapping[str, Any]

_RING = 0.45


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody or something around the patient.

    Attributes
    ----------
    kind
        ``patient``, ``professional``, ``unit`` or ``others``.
    n
        Contacts at a unit; units that ``others`` stands for.
    x, y
        Place on paper, from -1 to 1, the patient at the centre.
    """

    id: str
    kind: str
    name: str | None
    level: str | None
    n: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Edge:
    """Why two nodes belong together.

    Attributes
    ----------
    kind
        ``contact``, ``works_at``, ``referral``, or a role.
    n
        How many contacts, referrals or roles there are of it.
    """

    from_id: str
    to_id: str
    kind: str
    n: int


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The network; ``n_units`` and ``n_contacts`` are those of all units, shown or not."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    n_units: int
    n_units_shown: int
    n_contacts: int
    n_contacts_shown: int


def surroundings(
    timeline: Sequence[Row], team: Sequence[Row], patient: str, *, most_units: int = 18
) -> Surroundings:
    """Return the network around a patient.

    Parameters
    ----------
    timeline
        Rows of ``patient_timeline``.
    team
        Rows of ``patient_team``; those that are held are drawn.
    most_units
        Units with the fewest contacts beyond so many are left to one node; units where somebody of
        the team stands are always shown.
    """
    wholes = {row["part_of"] for row in timeline if row["what"] == "contact"}
    seen = [row for row in timeline if row["what"] == "contact" and row["event_id"] not in wholes]
    contacts = Counter(row["unit"] for row in seen if row["unit"])
    units = _units(timeline, team)
    held = [row for row in team if row["status"] == "held" and row["holder_id"]]
    wanted = {row["unit"] for row in held if row["unit"]}
    by_weight = sorted(units, key=lambda unit: (unit not in wanted, -contacts[unit], unit))
    shown = by_weight[: max(most_units, len(wanted))]
    edges = _edges(patient, held, contacts, timeline, frozenset(shown))
    left = len(units) - len(shown)
    return Surroundings(
        nodes=_nodes(patient, held, {unit: units[unit] for unit in shown}, contacts, left),
        edges=edges,
        n_units=len(units),
        n_units_shown=len(shown),
        n_contacts=sum(contacts.values()),
        n_contacts_shown=sum(contacts[unit] for unit in shown),
    )


def _units(timeline: Sequence[Row], team: Sequence[Row]) -> dict[str, tuple[Any, Any]]:
    """Return name and level of each unit of a contact, a referral or the team."""
    found: dict[str, tuple[Any, Any]] = {}
    for row in (*timeline, *team):
        if row["unit"] and (row.get("what") in ("contact", "referral") or "role" in row):
            found.setdefault(row["unit"], (row["unit_name"], row["level"]))
    return found


def _edges(
    patient: str,
    held: Sequence[Row],
    contacts: Counter[str],
    timeline: Sequence[Row],
    shown: frozenset[str],
) -> tuple[Edge, ...]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for row in held:
        if row["role"] not in ("ward", "service", "referral"):
            counted[patient, row["holder_id"], row["role"]] += 1
            if row["holder_kind"] == "professional" and row["unit"]:
                counted[row["holder_id"], row["unit"], "works_at"] = 1
    for unit in shown:
        if contacts[unit]:
            counted[patient, unit, "contact"] = contacts[unit]
    for row in timeline:
        if row["what"] == "referral" and row["unit"] in shown:
            sender = row["from_unit"] if row["from_unit"] in shown else patient
            counted[sender, row["unit"], "referral"] += 1
    return tuple(Edge(*ends, n) for ends, n in sorted(counted.items()))


def _nodes(
    patient: str,
    held: Sequence[Row],
    units: Mapping[str, tuple[Any, Any]],
    contacts: Counter[str],
    left: int,
) -> tuple[Node, ...]:
    people = list(
        dict.fromkeys(row["holder_id"] for row in held if row["holder_kind"] == "professional")
    )
    # Units of one level stand side by side.
    outer = sorted(units, key=lambda unit: (str(units[unit][1]), -contacts[unit], unit))
    outer += [""] if left else []
    places = {patient: (0.0, 0.0), **_ring(people), **_sides(outer)}
    nodes = []
    for id_, (x, y) in places.items():
        if id_ == patient:
            nodes.append(Node(id_, "patient", None, None, 0, x, y))
        elif id_ == "":
            nodes.append(Node(id_, "others", None, None, left, x, y))
        elif id_ in people:
            nodes.append(Node(id_, "professional", None, None, 0, x, y))
        else:
            nodes.append(Node(id_, "unit", *units[id_], contacts[id_], x, y))
    return tuple(nodes)


def _ring(ids: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Stand on a ring around the centre, the first one above it."""
    step = 2 * math.pi / max(len(ids), 1)
    return {
        id_: (round(_RING * math.sin(n * step), 4), round(-_RING * math.cos(n * step), 4))
        for n, id_ in enumerate(ids)
    }


def _sides(ids: Sequence[str]) -> dict[str, tuple[float, float]]:
    """Stand on an ellipse, evenly from top to bottom on each side: names never touch."""
    half = (len(ids) + 1) // 2
    places = {}
    for sign, side in ((-1, ids[:half]), (1, ids[half:])):
        for n, id_ in enumerate(side):
            y = -1 + (2 * n + 1) / len(side)
            places[id_] = (round(sign * math.sqrt(1 - y * y), 4), round(y, 4))
    return places
