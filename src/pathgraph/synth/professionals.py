"""Professionals and their employments: made up, and the same for every seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathgraph.synth.draws import integers
from pathgraph.synth.lives import NEVER

__all__ = ["Employments", "Professionals", "draw_professionals"]

_SEED = 0
_ENDED_OF_8 = 1
# Days since 1970-01-01: employments begin from 1 January 2010 up to the end of 2022, and those that
# ended did so from 2023 up to the end of November 2025.
_FIRST_START, _LAST_START = 14_610, 19_358
_FIRST_END, _LAST_END = 19_358, 20_423
# By the unit's kind or use: how many of each role work there.
_STAFF: dict[str, tuple[tuple[str, int], ...]] = {
    "ward": (("physician", 6), ("nurse", 8)),
    "department": (("physician", 6), ("nurse", 3), ("coordinator", 2)),
    "team": (("physician", 2), ("nurse", 5), ("coordinator", 2)),
    "clinic": (("physician", 1), ("coordinator", 2)),
    "coordinating_unit": (("coordinator", 4),),
    "gp_practice": (("gp", 4), ("nurse", 1)),
    "emergency_unit": (("physician", 4), ("nurse", 4)),
    "home_care": (("nurse", 8), ("coordinator", 3)),
    "short_term": (("physician", 1), ("nurse", 5), ("coordinator", 1)),
    "long_term": (("physician", 1), ("nurse", 6)),
    "acute_bed": (("physician", 1), ("nurse", 3)),
}
_MENTAL_HEALTH = ("psychologist", 5)


@dataclass(frozen=True, slots=True)
class Professionals:
    """Professionals: ids and roles (physician, psychologist, nurse, gp, coordinator)."""

    ids: np.ndarray
    role: np.ndarray

    def __len__(self) -> int:
        """Return the number of professionals."""
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Employments:
    """Employments: places of the professional and the unit; days, ``valid_to_day`` or NEVER."""

    professional: np.ndarray
    unit: np.ndarray
    valid_from_day: np.ndarray
    valid_to_day: np.ndarray


def draw_professionals(
    ids: np.ndarray, kind: np.ndarray, level: np.ndarray, use: np.ndarray
) -> tuple[Professionals, Employments]:
    """Return who works at the units whose arrays are given.

    About one in eight has an employment that ended; of these every second one went on at another
    unit of the same kind.
    """
    unit, role = _posts(ids, kind, level, use)
    person = np.arange(len(unit))
    start = integers(_SEED, "employment start", person, _FIRST_START, _LAST_START)
    has_ended = integers(_SEED, "employment ended", person, 0, 8) < _ENDED_OF_8
    end = np.where(
        has_ended, integers(_SEED, "employment end", person, _FIRST_END, _LAST_END), NEVER
    )
    goes_on = np.flatnonzero(has_ended & (integers(_SEED, "goes on", person, 0, 2) == 0))
    next_unit = np.array([_another(kind, level, int(unit[p]), int(p)) for p in goes_on], dtype=int)
    professionals = Professionals(
        ids=np.array([f"prof-{p + 1:05d}" for p in person], dtype=object), role=role
    )
    return professionals, Employments(
        professional=np.concatenate([person, goes_on]),
        unit=np.concatenate([unit, next_unit]),
        valid_from_day=np.concatenate([start, end[goes_on]]),
        valid_to_day=np.concatenate([end, np.full(len(goes_on), NEVER)]),
    )


def _posts(
    ids: np.ndarray, kind: np.ndarray, level: np.ndarray, use: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    units: list[int] = []
    roles: list[str] = []
    for i in range(len(ids)):
        staff = _STAFF.get(use[i]) or _STAFF.get(kind[i]) or ()
        if level[i] == "psychiatry" and staff:
            staff = (*staff, _MENTAL_HEALTH)
        for role, n in staff:
            units += [i] * n
            roles += [role] * n
    return np.array(units), np.array(roles, dtype=object)


def _another(kind: np.ndarray, level: np.ndarray, unit: int, person: int) -> int:
    alike = np.flatnonzero((kind == kind[unit]) & (level == level[unit]))
    alike = alike[alike != unit] if len(alike) > 1 else alike
    return int(alike[integers(_SEED, "next unit", np.array([person]), 0, len(alike))[0]])
