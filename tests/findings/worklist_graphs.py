"""Regions in which every work list finds somebody: those of ``level_graphs``, with coordinators.

Needs, coordinators and revisions of plans are drawn for the patients that are there.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from tests.findings import level_graphs
from tests.findings.level_graphs import ZONE

__all__ = ["ZONE", "region"]

Row = dict[str, Any]

_DAYS = (
    "2022-06-01", "2023-01-15", "2023-10-10", "2023-11-20", "2024-01-02", "2024-01-31",
    "2024-02-01", "2024-02-14", "2024-03-01", "2024-03-31", "2024-04-15", "2024-05-20",
)  # fmt: skip
_STATUSES = ("needs", "needs", "needs", "declined", "criteria_not_met", "unknown")


def region(seed: int, n_patients: int) -> dict[str, list[Row]]:
    """Return the canonical tables of a region."""
    draw = random.Random(seed)
    tables = level_graphs.region(seed, n_patients, has_coverage=True)
    tables |= {"needs": [], "plan_revisions": []}
    _keep_children_apart(tables)
    _forget_physicians(tables, "far")
    for patient in tables["patients"]:
        _add_needs(draw, tables, patient["patient_id"])
        _add_coordinators(draw, tables, patient["patient_id"])
    for plan in tables["plans"]:
        for day in _some(draw, (0, 0, 1, 2)):
            due = draw.choice((None, *_DAYS))
            tables["plan_revisions"].append(
                {"plan_id": plan["plan_id"], "revised_on": day, "revise_by": due}
            )
    return tables


def _keep_children_apart(tables: dict[str, list[Row]]) -> None:
    """Let the units for children see nobody else."""
    born = {row["patient_id"]: row["birth_year"] for row in tables["patients"]}
    instead = {"child": "med", "youth": "psych"}
    for row in tables["contacts"]:
        year = born[row["patient_id"]]
        if year is None or int(row["started_at"][:4]) - year > 17:
            row["unit_id"] = instead.get(row["unit_id"], row["unit_id"])


def _forget_physicians(tables: dict[str, list[Row]], unit: str) -> None:
    """Let a unit record no contact physicians."""
    there = {row["patient_id"] for row in tables["contacts"] if row["unit_id"] == unit}
    tables["roles"] = [
        row
        for row in tables["roles"]
        if row["patient_id"] not in there or not row["role"].startswith("contact_p")
    ]


def _some(draw: random.Random, numbers: Sequence[int]) -> list[str]:
    return sorted(draw.sample(_DAYS, draw.choice(numbers)))


def _add_needs(draw: random.Random, tables: dict[str, list[Row]], patient: str) -> None:
    for need in ("coordinator", "individual_plan"):
        tables["needs"] += [
            {
                "patient_id": patient, "need": need, "assessed_on": day,
                "status": draw.choice(_STATUSES),
            }
            for day in _some(draw, (0, 0, 1, 1, 2))
        ]  # fmt: skip


def _add_coordinators(draw: random.Random, tables: dict[str, list[Row]], patient: str) -> None:
    roles = {}
    for _ in range(draw.choice((0, 0, 1, 2, 3))):
        by_unit = draw.random() < 0.5
        holder = draw.choice(("home", "med", "psych", "shut")) if by_unit else "d7"
        start, stop = sorted(draw.sample(_DAYS, 2))
        roles[holder, start] = {
            "patient_id": patient, "role": draw.choice(("coordinator", "plan_coordinator")),
            "unit_id" if by_unit else "professional_id": holder, "valid_from": start,
            "valid_to": stop if draw.random() < 0.6 else None,
        }  # fmt: skip
    tables["roles"] += roles.values()
