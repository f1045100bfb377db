"""Coordinators of the generated region: who has one, who lost one, who waits for one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathgraph.synth.draws import uniform
from pathgraph.synth.holders import ANY_DUTY, DUTY_OF_LEVEL, Holders
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.needs import MUNICIPAL, SPECIALIST, YEAR_D, Assessments
from pathgraph.synth.plans import pick_by_weight
from pathgraph.synth.role_rows import Roles

__all__ = [
    "COORDINATOR_KINDS",
    "ROLE_FATES",
    "Cases",
    "Ended",
    "conflicting",
    "draw_cases",
    "find_ended",
    "find_late",
    "is_satisfied",
    "role_rows",
]

COORDINATOR_KINDS = ("coordinator", "plan_coordinator")
MAX_DAYS = 30

# By fate: who holds the role, which kind it is, from when, to when.
_Row = tuple[str, str, str, str]
_FATES: dict[str, tuple[_Row, ...]] = {
    "none": (),
    "person": (("steady", "own", "start", "never"),),
    "unit": (("unit", "own", "start", "never"),),
    "ended": (("steady", "own", "start", "before"),),
    "ended_long_ago": (("steady", "own", "long ago", "year ago"),),
    "left": (("left", "own", "start", "never"),),
    "closed": (("closed", "own", "start", "never"),),
    "two_persons": (("steady", "own", "start", "never"), ("other", "own", "middle", "never")),
    "person_and_unit": (
        ("steady", "own", "start", "never"),
        ("own_unit", "own", "middle", "never"),
    ),
    "two_kinds": (
        ("steady", "coordinator", "start", "never"),
        ("other", "plan_coordinator", "middle", "never"),
    ),
    "replaced": (("steady", "own", "start", "middle"), ("other", "own", "middle", "never")),
    "ends_tomorrow": (("steady", "own", "start", "tomorrow"),),
    "begins_tomorrow": (("steady", "own", "tomorrow", "never"),),
    "leaves_tomorrow": (("leaves_tomorrow", "own", "start", "never"),),
    "left_today": (("left_today", "own", "start", "never"),),
    "ended_today": (("steady", "own", "start", "today"),),
    "cancer": (("steady", "cancer_coordinator", "start", "never"),),
    "without_employment": (("unemployed", "own", "start", "never"),),
    "in_time": (("steady", "own", "in time", "never"),),
    "too_late": (("steady", "own", "too late", "never"),),
}
ROLE_FATES = tuple(_FATES)
# No statistic was found: own proposals, chosen so that every case is met.
_WEIGHTS = (38, 26, 6, 6, 2, 4, 2, 3, 2, 1, 3, 1, 1, 0, 0, 0, 2, 2, 1, 1)
_SPECIALIST_LEVELS = (0, 0, 0, 1)
_MUNICIPAL_LEVEL = 4


@dataclass(frozen=True, slots=True)
class Cases:
    """Patients with a question of a coordinator, one row each.

    Attributes
    ----------
    day
        Around it things happen: the first assessment is on it.
    last
        Last day on which anything is written: the last one, or the one before death.
    lag
        Days from ``day`` to the first role.
    kind
        Place in ``COORDINATOR_KINDS``.
    level
        Of the specialist's coordinator.
    fate
        One column a duty: place in ``ROLE_FATES``.
    """

    patient: np.ndarray
    day: np.ndarray
    last: np.ndarray
    lag: np.ndarray
    kind: np.ndarray
    level: np.ndarray
    fate: np.ndarray


def draw_cases(lives: Lives, seed: int, last_day: int, which: np.ndarray) -> Cases:
    """Draw what happened to the patients in ``which`` (places within the block)."""
    ids = lives.first + which

    def draw(k: int) -> np.ndarray:
        return uniform(seed, "coordinator", ids, k)

    died = lives.died_day[which]
    last = np.where(died == NEVER, last_day, died - 1)
    day = last - 3 - np.floor(draw(0) * 700).astype(np.int64)
    # Whether the day itself, 30 days on, is within 30 days is nobody's question here.
    day = np.where(last_day - day == MAX_DAYS, day - 1, day)
    within = np.floor(draw(1) * MAX_DAYS).astype(np.int64)
    beyond = np.floor(draw(1) * 240).astype(np.int64)
    lag = np.choose(pick_by_weight(draw(2), (5, 3, 2)), [within, beyond, -beyond])
    return Cases(
        patient=which,
        day=day,
        last=last,
        lag=lag,
        kind=pick_by_weight(draw(3), (8, 2)),
        level=np.array(_SPECIALIST_LEVELS)[np.floor(draw(4) * 4).astype(np.int64)],
        fate=np.stack([pick_by_weight(draw(5 + duty), _WEIGHTS) for duty in (0, 1)], axis=1),
    )


def role_rows(cases: Cases, lives: Lives, holders: Holders, seed: int, last_day: int) -> Roles:
    """Return the roles that the fates ask for, in order of patient."""
    parts = [
        _rows_of(cases, np.flatnonzero(cases.fate[:, duty] == place), fate, duty, people)
        for people in (_People(lives, holders, seed, last_day),)
        for duty in (SPECIALIST, MUNICIPAL)
        for place, fate in enumerate(ROLE_FATES)
    ]
    return Roles.together([row for part in parts for row in part])


@dataclass(frozen=True, slots=True)
class _People:
    lives: Lives
    holders: Holders
    seed: int
    last_day: int


def _rows_of(cases: Cases, which: np.ndarray, fate: str, duty: int, people: _People) -> list[Roles]:
    patient = cases.patient[which]
    municipal = np.full(len(which), _MUNICIPAL_LEVEL)
    level = municipal if duty == MUNICIPAL else cases.level[which]
    draw = uniform(people.seed, "coordinator holder", people.lives.first + patient, duty)
    rows: list[Roles] = []
    for who, kind, begins, ends in _FATES[fate]:
        previous = rows[-1].holder if rows else patient[:0]
        holder = _holder(who, previous, (level, people.lives.municipality[patient], draw), people)
        own = np.array(COORDINATOR_KINDS, dtype=object)[cases.kind[which]]
        rows.append(
            Roles(
                patient=patient,
                holder=holder,
                kind=own if kind == "own" else np.full(len(which), kind, dtype=object),
                valid_from=_begin(begins, cases, which, holder, people),
                valid_to=_day(ends, cases, which, people.last_day),
            )
        )
    return rows


def _holder(
    who: str,
    previous: np.ndarray,
    wanted: tuple[np.ndarray, np.ndarray, np.ndarray],
    people: _People,
) -> np.ndarray:
    level, municipality, draw = wanted
    if who == "other":
        return people.holders.another("steady", previous, draw)
    if who == "own_unit":
        return people.holders.as_holder(people.holders.unit[previous])
    return people.holders.pick(who, level, municipality, draw)


def _begin(
    word: str, cases: Cases, which: np.ndarray, holder: np.ndarray, people: _People
) -> np.ndarray:
    """Return the first day; nobody is given a role by whom it could not be held any more."""
    day = _day(word, cases, which, people.last_day)
    ends = people.holders.ends[holder]
    return np.where((ends != NEVER) & (ends <= day), ends - 60, day)


def _day(word: str, cases: Cases, which: np.ndarray, last_day: int) -> np.ndarray:
    day, last = cases.day[which], cases.last[which]
    start = np.minimum(day + cases.lag[which], last - 2)
    match word:
        case "start":
            return np.asarray(start)
        case "middle":
            return np.asarray(start + np.maximum((last - start) // 2, 1))
        case "before":
            return np.asarray(start + 1 + (cases.patient[which] * 37) % np.maximum(last - start, 1))
        case "long ago" | "year ago":
            gone = last_day - YEAR_D - (200 if word == "long ago" else 0)
            return np.full(len(which), gone)
        case "in time" | "too late":
            return np.asarray(day + MAX_DAYS + (word == "too late"))
        case "today" | "tomorrow":
            return np.full(len(which), last_day + (word == "tomorrow"))
        case _:
            return np.full(len(which), NEVER)


def _is_coordinator(roles: Roles) -> np.ndarray:
    return np.isin(roles.kind.astype(str), COORDINATOR_KINDS)


def _holds(roles: Roles, holders: Holders, day: int) -> np.ndarray:
    holds = (roles.valid_from <= day) & ((roles.valid_to == NEVER) | (roles.valid_to > day))
    return np.asarray(holds & holders.holds(roles.holder, day) & _is_coordinator(roles))


def is_satisfied(roles: Roles, lives: Lives, holders: Holders, day: int) -> np.ndarray:
    """Say which patients have somebody for which duty; one row a patient, one column a duty."""
    duty = DUTY_OF_LEVEL[holders.level[roles.holder]]
    holds = _holds(roles, holders, day)
    found = np.zeros((len(lives), 2), bool)
    for column in (SPECIALIST, MUNICIPAL):
        found[roles.patient[holds & np.isin(duty, (column, ANY_DUTY))], column] = True
    return found


def conflicting(cases: Cases, lives: Lives) -> np.ndarray:
    """Say where two hold the same kind of role, by the fate; one column a duty."""
    alive = lives.died_day[cases.patient] == NEVER
    return np.asarray((cases.fate == ROLE_FATES.index("two_persons")) & alive[:, None])


@dataclass(frozen=True, slots=True)
class Ended:
    """Coordinators that were there and ended in the last year, with nobody after them."""

    patient: np.ndarray
    duty: np.ndarray
    reason: np.ndarray


def find_ended(
    roles: Roles, lives: Lives, holders: Holders, assessments: Assessments, last_day: int
) -> Ended:
    """Return whose coordinator ended and why; of several the latest end decides."""
    duty = DUTY_OF_LEVEL[holders.level[roles.holder]]
    gone = holders.ends[roles.holder]
    far = last_day + 10_000
    role_end = np.where(roles.valid_to == NEVER, far, roles.valid_to)
    gone = np.where(gone == NEVER, far, gone)
    end = np.minimum(role_end, gone)
    reason = np.where(holders.is_closed[roles.holder], "unit_closed", "holder_left").astype(object)
    reason = np.where(role_end <= gone, "role_ended", reason)
    ended = _is_coordinator(roles) & (end <= last_day) & (roles.valid_from < end)
    rows = np.flatnonzero(ended & np.isin(duty, (SPECIALIST, MUNICIPAL)))
    place = roles.patient[rows] * 2 + duty[rows]
    order = np.lexsort((end[rows], place))
    rows, place = rows[order], place[order]
    latest = np.append(place[1:] != place[:-1], True) if len(place) else np.zeros(0, bool)
    rows, place = rows[latest], place[latest]
    patient, column = place // 2, place % 2
    counts = end[rows] > last_day - YEAR_D
    counts &= ~is_satisfied(roles, lives, holders, last_day)[patient, column]
    counts &= (lives.died_day[patient] == NEVER) & ~assessments.is_refused[patient]
    return Ended(patient[counts], column[counts], reason[rows[counts]])


def find_late(
    roles: Roles, lives: Lives, assessments: Assessments, last_day: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return who got a coordinator later than 30 days after the need was found, or waits so long.

    Returns
    -------
    tuple[numpy.ndarray, numpy.ndarray]
        Patients, and ``appointed``, ``waiting``, or ``died`` or ``moved`` before it.
    """
    need = assessments.needed_since
    far = last_day + 10_000
    appointed = np.full(len(lives), far)
    since = need[roles.patient]
    begins = np.maximum(roles.valid_from, since)
    lasts = (roles.valid_to == NEVER) | (roles.valid_to > begins)
    counts = _is_coordinator(roles) & lasts & (begins <= last_day)
    np.minimum.at(appointed, roles.patient[counts], begins[counts])
    died = np.where(lives.died_day == NEVER, far, lives.died_day)
    moved = np.where((lives.moved_day == NEVER) | (lives.moved_day <= need), far, lives.moved_day)
    other = np.minimum(died, moved)
    ends = np.minimum(np.minimum(appointed, other), last_day)
    patient = np.flatnonzero((need != NEVER) & (ends - need > MAX_DAYS))
    status = np.full(len(patient), "waiting", dtype=object)
    status[(moved <= last_day)[patient]] = "moved"
    status[(died <= np.minimum(moved, last_day))[patient]] = "died"
    status[(appointed <= np.minimum(other, last_day))[patient]] = "appointed"
    return patient, status
