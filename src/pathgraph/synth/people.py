"""Who lives in the region: age, sex, home, moves, illnesses, frailty, and when they die.

Age and sex follow the published population of each municipality on 1 January 2024. All other shares
and amounts are own proposals, chosen so that the calibration report comes near the published
figures; none of them says anything about a real service.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pathgraph.synth.draws import choice, expand_quantiles, integers, skewed
from pathgraph.synth.lives import NEVER
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region, read_rows

__all__ = ["AGE_GROUPS", "CONDITIONS", "People", "age_groups", "draw_people"]

CONDITIONS = (
    "copd",
    "heart_failure",
    "diabetes",
    "cancer",
    "dementia",
    "mental_illness",
    "substance_use",
)
"""Lasting illnesses, in the order of the columns of :attr:`People.conditions`."""

AGE_GROUPS = (18, 40, 67, 80)
"""First ages of all groups but the first."""

_OUTSIDE_PER_MILLE = 20
_MOVES_PER_MILLE_A_YEAR = 10
_MOVES_OUT_OF_TEN = 1
_LAST_BAND_YEARS = 10
# Per mille with the illness, by age group (rows) and illness (columns).
_SHARES = np.array(
    [
        [1, 1, 4, 2, 0, 45, 3],
        [4, 2, 10, 6, 0, 70, 22],
        [40, 18, 70, 35, 2, 60, 18],
        [95, 75, 150, 90, 30, 35, 8],
        [100, 150, 150, 100, 140, 30, 3],
    ]
)
# Frailty in per cent of the ordinary, long-tailed.
_FRAILTY = expand_quantiles(
    [(0, 25), (300, 50), (600, 80), (850, 110), (950, 135), (992, 160), (996, 2000), (1000, 9000)]
)
# Deaths in 100,000 a year at frailty 100, outside hospital or in a stay under way; by age group.
_DEATHS = np.array([6, 25, 160, 1100, 4500])


@dataclass(frozen=True, slots=True)
class People:
    """The people of one block, in arrays.

    Attributes
    ----------
    number
        Of the patient within the region.
    municipality
        Where the patient lived on the first day; ``moved_to`` from ``moved_day`` on.
    gp_unit, next_gp_unit
        GP practice there, and after the move.
    frailty
        Per cent of the ordinary.
    conditions
        One row a patient, one column an illness of :data:`CONDITIONS`.
    entered_s
        Nothing happens before it [s].
    due_to_die_s
        When the patient dies if not before [s].
    """

    number: np.ndarray
    birth_year: np.ndarray
    sex: np.ndarray
    municipality: np.ndarray
    moved_day: np.ndarray
    moved_to: np.ndarray
    gp_unit: np.ndarray
    next_gp_unit: np.ndarray
    frailty: np.ndarray
    conditions: np.ndarray
    entered_s: np.ndarray
    due_to_die_s: np.ndarray

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.number)

    def municipality_on(self, patient: np.ndarray, day: np.ndarray) -> np.ndarray:
        """Return where patients (places within the block) live on a day."""
        moved = self.moved_day[patient]
        has_moved = (moved != NEVER) & (day >= moved)
        where = np.where(has_moved, self.moved_to[patient], self.municipality[patient])
        return np.asarray(where)


def age_groups(age: np.ndarray) -> np.ndarray:
    """Return the group of each age: 0 for children up to 4 for 80 and older."""
    return np.asarray(np.searchsorted(np.array(AGE_GROUPS), age, side="right"))


def draw_people(region: Region, seed: int, first: int, n: int, period: Period) -> People:
    """Return ``n`` people, the first of whom has the number ``first`` within the region."""
    number = np.arange(first, first + n)
    cell = choice(seed, "person", number, _cells(region)[0])
    municipality, age_from, sex = (column[cell] for column in _cells(region)[1:])
    is_outside = integers(seed, "outside", number, 0, 1000) < _OUTSIDE_PER_MILLE
    n_outside = len(region.municipalities) - region.municipalities.n_trust
    elsewhere = region.municipalities.n_trust + integers(seed, "elsewhere", number, 0, n_outside)
    municipality = np.where(is_outside, elsewhere, municipality)
    width = np.where(age_from == 90, _LAST_BAND_YEARS, 5)
    birth_year = 2023 - age_from - integers(seed, "age", number, 0, width)
    group = age_groups(2024 - birth_year)
    frailty = skewed(seed, "frailty", number, _FRAILTY)
    conditions = _draw_conditions(seed, number, group, frailty)
    entered_s = _entered(birth_year, period)
    moved_day, moved_to = _draw_moves(region, seed, number, (municipality, entered_s), period)
    return People(
        number=number,
        birth_year=birth_year,
        sex=sex,
        municipality=municipality,
        moved_day=moved_day,
        moved_to=moved_to,
        gp_unit=_practices(region, seed, number, municipality),
        next_gp_unit=_practices(region, seed, number, np.maximum(moved_to, 0)),
        frailty=frailty,
        conditions=conditions,
        entered_s=entered_s,
        due_to_die_s=np.maximum(
            _draw_deaths(seed, number, group, frailty, period),
            entered_s + 86_400,
        ),
    )


@cache
def _population() -> tuple[tuple[str, int, str, int], ...]:
    return tuple(
        (row["municipality_code"], int(row["age_from"]), row["sex"], int(row["population"]))
        for row in read_rows("population.csv")
    )


def _cells(region: Region) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return cumulative inhabitants of municipality x age band x sex, and what each cell is."""
    where = {code: i for i, code in enumerate(region.municipalities.code)}
    rows = _population()
    return (
        np.cumsum([row[3] for row in rows]),
        np.array([where[row[0]] for row in rows]),
        np.array([row[1] for row in rows]),
        np.array([row[2] for row in rows], dtype=object),
    )


def _draw_conditions(
    seed: int, number: np.ndarray, group: np.ndarray, frailty: np.ndarray
) -> np.ndarray:
    # Frail people have more illnesses: from half to three times the share.
    factor = np.clip(50 + frailty // 2, 50, 300)
    columns = [
        integers(seed, f"has {name}", number, 0, 1000) * 100 < _SHARES[group, i] * factor
        for i, name in enumerate(CONDITIONS)
    ]
    return np.stack(columns, axis=1)


def _draw_moves(
    region: Region,
    seed: int,
    number: np.ndarray,
    home: tuple[np.ndarray, np.ndarray],
    period: Period,
) -> tuple[np.ndarray, np.ndarray]:
    """Return day and place of moves; ``home`` is where and since when people live at first."""
    municipality, entered_s = home
    n_trust = region.municipalities.n_trust
    inside = choice(seed, "moved to", number, np.cumsum(region.municipalities.population[:n_trust]))
    outside = n_trust + integers(seed, "moved far", number, 0, len(region.municipalities) - n_trust)
    is_far = integers(seed, "moves far", number, 0, 10) < _MOVES_OUT_OF_TEN
    to = np.where(is_far, outside, inside)
    moves = integers(seed, "moves", number, 0, 1000) < _MOVES_PER_MILLE_A_YEAR * period.years
    day = integers(seed, "moved day", number, period.first_day + 1, period.last_day + 1)
    moves &= (to != municipality) & (day > period.days(entered_s))
    return np.where(moves, day, NEVER), np.where(moves, to, NEVER)


def _practices(
    region: Region, seed: int, number: np.ndarray, municipality: np.ndarray
) -> np.ndarray:
    practices = [
        region.units_of(use="gp", municipality=i) for i in range(len(region.municipalities))
    ]
    first = np.array([places[0] for places in practices])
    n = np.array([len(places) for places in practices])
    # A municipality's practices follow one another in the list of units.
    drawn = integers(seed, "practice", number, 0, n[municipality])
    return np.asarray(first[municipality] + drawn)


def _entered(birth_year: np.ndarray, period: Period) -> np.ndarray:
    born = (birth_year - 1970).astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)
    return period.instants(np.clip(born, period.first_day, period.last_day))


def _draw_deaths(
    seed: int, number: np.ndarray, group: np.ndarray, frailty: np.ndarray, period: Period
) -> np.ndarray:
    """Return the instant of death; far away for those who live on."""
    risk = _DEATHS[group] * np.clip(frailty, 30, 400) * period.years // 100
    dies = integers(seed, "dies", number, 0, 100_000) < risk
    day = integers(seed, "death day", number, period.first_day + 1, period.last_day + 1)
    moment = period.instants(day, integers(seed, "death minute", number, 0, 23 * 60))
    return np.where(dies, moment, period.end_s * 2)
