"""Who can hold a role or own a plan in the generated region, and until when.

A holder is a number: professionals come first, units after them. Beside the region's own people
stand some whose employment ends around the last day, some at units that have closed and some of
whom no employment is recorded, so that every case of a role without anybody is met.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from pathgraph.model.tables import LEVELS
from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.lives import NEVER

if TYPE_CHECKING:
    from pathgraph.synth.period import Period
    from pathgraph.synth.region import Region

__all__ = ["DUTY_OF_LEVEL", "LEVEL_UNKNOWN", "Holders", "further_people", "list_holders"]

LEVEL_UNKNOWN = len(LEVELS)
"""Level of a professional of whom no employment is recorded."""

SPECIALIST, MUNICIPAL, ANY_DUTY = 0, 1, 2
DUTY_OF_LEVEL = np.array([SPECIALIST, SPECIALIST, NEVER, NEVER, MUNICIPAL, ANY_DUTY])
"""By level: the duty that a holder at it satisfies."""

_ENDS = (0, 0, 1, 1, -20, -90, -180, -300, -364, -365, -500, -800)
"""Days from the last day to the first one no longer employed, of the people of one unit."""

_N_WITHOUT_EMPLOYMENT = 24
_FIRST_FURTHER = 90_001
_EARLY = 14_610
"""1 January 2010."""

_UNITS_PER_LEVEL = 8
_LEVELS_WITH_HOLDERS = tuple(LEVELS.index(name) for name in LEVELS if name != "emergency")
_LEAF_KINDS = (
    "clinic",
    "department",
    "ward",
    "team",
    "coordinating_unit",
    "gp_practice",
    "municipal_service",
)
_PROFESSIONS = ("nurse", "physician", "coordinator", "psychologist")


@dataclass(frozen=True, slots=True)
class _Pool:
    """Holders in order of level and municipality, ``key`` made of the two."""

    holder: np.ndarray
    key: np.ndarray
    width: int

    def span(self, level: np.ndarray, municipality: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return first and last place: of the municipality, else of the level, else all."""
        key = level * self.width + municipality
        low, high = np.searchsorted(self.key, key), np.searchsorted(self.key, key, "right")
        everywhere = (level < 2) | (low == high)
        low = np.where(everywhere, np.searchsorted(self.key, level * self.width), low)
        high = np.where(everywhere, np.searchsorted(self.key, (level + 1) * self.width), high)
        nobody = low == high
        return np.where(nobody, 0, low), np.where(nobody, len(self.key), high)


@dataclass(frozen=True, slots=True)
class Holders:
    """Everyone who can hold something.

    Attributes
    ----------
    level
        Place in ``LEVELS``, or ``LEVEL_UNKNOWN``.
    unit
        Where a professional works, or the unit itself; ``NEVER`` without employment.
    ends
        First day on which the employment is over or the unit is closed; else ``NEVER``.
    is_closed
        It ends because the unit does.
    trust
        The region's trust, as a holder.
    """

    professional_ids: tuple[str, ...]
    unit_ids: tuple[str, ...]
    level: np.ndarray
    unit: np.ndarray
    ends: np.ndarray
    is_closed: np.ndarray
    trust: int
    pools: dict[str, _Pool]

    def as_holder(self, unit: np.ndarray) -> np.ndarray:
        """Return units as holders."""
        return np.asarray(unit + len(self.professional_ids))

    def has(self, state: str, level: np.ndarray) -> np.ndarray:
        """Say at which levels there is anybody in the state."""
        pool = self.pools[state]
        return np.isin(level, pool.key // pool.width)

    def pick(
        self, state: str, level: np.ndarray, municipality: np.ndarray, draw: np.ndarray
    ) -> np.ndarray:
        """Return holders in the state, of the municipality where the level is not a specialist's.

        Where the level has nobody in the state, one of another level is returned.
        """
        pool = self.pools[state]
        low, high = pool.span(level, municipality)
        return np.asarray(pool.holder[low + np.floor(draw * (high - low)).astype(np.int64)])

    def another(self, state: str, previous: np.ndarray, draw: np.ndarray) -> np.ndarray:
        """Return holders in the state at the same level as the previous ones, never the same."""
        pool = self.pools[state]
        place = np.zeros(len(self.level), np.int64)
        place[pool.holder] = np.arange(len(pool.holder))
        level = self.level[previous]
        low = np.searchsorted(pool.key, level * pool.width)
        n = np.searchsorted(pool.key, (level + 1) * pool.width) - low
        step = 1 + np.floor(draw * (n - 1)).astype(np.int64)
        return np.asarray(pool.holder[low + (place[previous] - low + step) % n])

    def holds(self, holder: np.ndarray, day: int) -> np.ndarray:
        """Say who still holds what they held, on a day."""
        return np.asarray((self.ends[holder] == NEVER) | (self.ends[holder] > day))

    def columns(self, holder: np.ndarray) -> dict[str, pa.Array]:
        """Return the columns ``professional_id`` and ``unit_id``, one of them empty in each row."""
        n = len(self.professional_ids)
        is_unit = holder >= n
        people, units = pa.array(self.professional_ids), pa.array(self.unit_ids)
        return {
            "professional_id": people.take(pa.array(holder, mask=is_unit)),
            "unit_id": units.take(pa.array(holder - n, mask=~is_unit)),
        }


@dataclass(frozen=True, slots=True)
class _People:
    """People beside the region's own: one employment each, ``NEVER`` for none recorded."""

    unit: np.ndarray
    ends: np.ndarray


def _further(region: Region, period: Period) -> _People:
    units = np.concatenate([_some_units(region, level, period) for level in _LEVELS_WITH_HOLDERS])
    closed = np.flatnonzero(_closing(region, period) != NEVER)
    ends = np.tile(period.last_day + np.array(_ENDS), len(units))
    alone = np.full(_N_WITHOUT_EMPLOYMENT, NEVER)
    return _People(
        np.concatenate([np.repeat(units, len(_ENDS)), np.repeat(closed, 3), alone]),
        np.concatenate([ends, np.full(len(closed) * 3, NEVER), alone]),
    )


def _levels(region: Region) -> np.ndarray:
    return np.array([LEVELS.index(level) for level in region.units.level])


def _some_units(region: Region, level: int, period: Period) -> np.ndarray:
    """Units spread over the level's list, so that several municipalities and clinics are met."""
    fitting = np.flatnonzero((_levels(region) == level) & _is_open_leaf(region, period))
    step = max(len(fitting) // _UNITS_PER_LEVEL, 1)
    return fitting[::step][:_UNITS_PER_LEVEL]


def _is_open_leaf(region: Region, period: Period) -> np.ndarray:
    """Units of the region without units below them, which are open all the time."""
    units = region.units
    is_parent = np.zeros(len(units), bool)
    is_parent[units.parent[units.parent != NEVER]] = True
    is_open = (units.valid_to == NEVER) & (units.valid_from <= period.first_day)
    is_kind = np.isin(units.kind.astype(str), _LEAF_KINDS)
    return np.asarray(is_open & ~is_parent & is_kind & ~_is_elsewhere(region))


def _is_elsewhere(region: Region) -> np.ndarray:
    """Units of another trust than the region's."""
    top = region.trust_of
    return np.asarray((region.units.kind[top] == "trust") & (top != _trust(region)))


def _trust(region: Region) -> int:
    return int(np.flatnonzero(region.units.kind == "trust")[0])


def _closing(region: Region, period: Period) -> np.ndarray:
    closes = region.units.valid_to
    return np.where((closes != NEVER) & (closes <= period.last_day), closes, NEVER)


def further_people(region: Region, period: Period) -> dict[str, pa.Table]:
    """Return the rows of the people beside the region's own: professionals and employments."""
    people = _further(region, period)
    ids = _further_ids(len(people.unit))
    works = np.flatnonzero(people.unit != NEVER)
    begun = np.where(people.ends == NEVER, _EARLY, people.ends - 1500)
    return {
        "professionals": canonical_rows(
            "professionals", len(ids), {"professional_id": ids, "role": _further_roles(len(ids))}
        ),
        "employments": canonical_rows(
            "employments",
            len(works),
            {
                "professional_id": [ids[i] for i in works],
                "unit_id": region.unit_ids(people.unit[works]),
                "valid_from": begun[works],
                "valid_to": people.ends[works],
            },
        ),
    }


def _further_ids(n: int) -> list[str]:
    return [f"prof-{i:05d}" for i in range(_FIRST_FURTHER, _FIRST_FURTHER + n)]


def _further_roles(n: int) -> list[str]:
    return [_PROFESSIONS[i % len(_PROFESSIONS)] for i in range(n)]


def list_holders(region: Region, period: Period) -> Holders:
    """Return everyone who can hold something, with the state that they are in on the last day."""
    people = _everyone(region, period)
    n_people = len(people.level) - len(region.units)
    ids = _further_ids(n_people - len(region.professionals))
    return Holders(
        professional_ids=(*region.professionals.ids, *ids),
        unit_ids=tuple(region.units.ids),
        level=people.level,
        unit=people.unit,
        ends=people.ends,
        is_closed=people.is_closed,
        trust=n_people + _trust(region),
        pools=_pools(people, region, n_people, period.last_day),
    )


@dataclass(frozen=True, slots=True)
class _Everyone:
    """Professionals and units, with what tells their states; see :class:`Holders`."""

    level: np.ndarray
    unit: np.ndarray
    ends: np.ndarray
    is_closed: np.ndarray
    is_early: np.ndarray
    is_usable: np.ndarray
    is_elsewhere: np.ndarray
    role: np.ndarray


def _everyone(region: Region, period: Period) -> _Everyone:
    own, further = region.employments, _further(region, period)
    n_own, n_units = len(region.professionals), len(region.units)
    works = np.argsort(own.professional, kind="stable")
    # Who has had two employments is left out: what they hold ended in more than one way.
    is_single = np.bincount(own.professional, minlength=n_own) == 1
    unit, ends, begins = (np.full(n_own + len(further.unit), NEVER) for _ in range(3))
    unit[own.professional[works]] = own.unit[works]
    ends[own.professional[works]] = own.valid_to_day[works]
    begins[own.professional[works]] = own.valid_from_day[works]
    unit[n_own:], ends[n_own:] = further.unit, further.ends
    closes = _closing(region, period)
    is_at_closed = (unit != NEVER) & (closes[unit] != NEVER)
    is_usable = np.concatenate([is_single, np.ones(len(further.unit), bool)])
    is_usable &= ~(is_at_closed & (ends != NEVER))
    level = np.where(unit == NEVER, LEVEL_UNKNOWN, _levels(region)[unit])
    elsewhere = _is_elsewhere(region)
    roles = [*region.professionals.role, *_further_roles(len(further.unit)), *[""] * n_units]
    return _Everyone(
        level=np.concatenate([level, _levels(region)]),
        unit=np.concatenate([unit, np.arange(n_units)]),
        ends=np.concatenate([np.where(is_at_closed, closes[unit], ends), closes]),
        is_closed=np.concatenate([is_at_closed, closes != NEVER]),
        is_early=np.concatenate([begins <= period.first_day, np.ones(n_units, bool)]),
        is_usable=np.concatenate([is_usable, _is_open_leaf(region, period) | (closes != NEVER)]),
        is_elsewhere=np.concatenate([(unit != NEVER) & elsewhere[unit], elsewhere]),
        role=np.array(roles, dtype=object),
    )


def _pools(people: _Everyone, region: Region, n_people: int, last_day: int) -> dict[str, _Pool]:
    is_person = np.arange(len(people.level)) < n_people
    works = people.is_usable & (people.unit != NEVER) & ~people.is_elsewhere
    person, unit = works & is_person, works & ~is_person
    gone = (people.ends != NEVER) & (people.ends <= last_day)
    everywhere = is_person & people.is_usable & (people.ends == NEVER) & people.is_early
    steady = everywhere & works
    states = {
        "steady": steady,
        "physician": steady & (people.role == "physician"),
        "psychologist": steady & (people.role == "psychologist"),
        "gp": steady & (people.role == "gp"),
        "elsewhere": everywhere & people.is_elsewhere & (people.role == "physician"),
        "unit": unit & (people.ends == NEVER),
        "left": person & gone & ~people.is_closed,
        "closed": works & gone & people.is_closed,
        "left_today": person & (people.ends == last_day) & ~people.is_closed,
        "leaves_tomorrow": person & (people.ends == last_day + 1),
        "unemployed": is_person & people.is_usable & (people.unit == NEVER),
    }
    width = len(region.municipalities) + 1
    where = np.where(people.unit == NEVER, NEVER, region.units.municipality[people.unit])
    key = people.level * width + np.where(where == NEVER, width - 1, where)
    return {state: _pool(np.flatnonzero(which), key, width) for state, which in states.items()}


def _pool(holder: np.ndarray, key: np.ndarray, width: int) -> _Pool:
    order = np.argsort(key[holder], kind="stable")
    return _Pool(holder[order], key[holder][order], width)
