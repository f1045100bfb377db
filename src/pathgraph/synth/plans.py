"""Plans of the generated region: their status, revisions and owners, and what is wrong with them.

A plan's fate is drawn first; the rows and the truth both follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from pathgraph.synth.draws import uniform
from pathgraph.synth.holders import LEVEL_UNKNOWN, Holders
from pathgraph.synth.lives import NEVER, Lives

__all__ = [
    "OWNER_FATES",
    "PLAN_KINDS",
    "PLAN_SLOTS",
    "STATUS_FATES",
    "Owners",
    "Plans",
    "draw_owners",
    "draw_plans",
    "is_active",
    "join_plans",
    "pick_by_weight",
]

PLAN_KINDS = (
    "individual_plan",
    "treatment_plan",
    "crisis_plan",
    "palliative_plan",
    "rehabilitation_plan",
)
STATUS_FATES = (
    "active",
    "none",
    "draft",
    "on_hold",
    "completed",
    "revoked",
    "active_and_completed_later",
)
OWNER_FATES = (
    "person",
    "unit",
    "never",
    "ended",
    "left",
    "closed",
    "without_employment",
    "two_persons",
    "two_units",
    "person_and_unit",
    "handover",
    "ends_tomorrow",
    "begins_tomorrow",
    "two_levels",
    "whole_trust",
    "leaves_tomorrow",
    "left_today",
    "ended_today",
    "left_and_closed",
)

_HOSPITAL, _PSYCHIATRY, _EMERGENCY, _GP, _MUNICIPAL = range(5)

# What no statistic is known of: own proposals, chosen so that every case is met.
_KIND_WEIGHTS = (40, 25, 15, 8, 12)
_STATUS_WEIGHTS = (70, 5, 7, 6, 7, 3, 2)
_OWNER_WEIGHTS = (52, 18, 5, 5, 5, 3, 2, 2, 1, 2, 3, 1, 1, 1, 1, 0, 0, 0, 1)
_LEVEL_OF_KIND = np.array(
    (
        (_MUNICIPAL, _MUNICIPAL, _HOSPITAL, _PSYCHIATRY),
        (_HOSPITAL, _HOSPITAL, _PSYCHIATRY, _GP),
        (_PSYCHIATRY, _PSYCHIATRY, _PSYCHIATRY, _MUNICIPAL),
        (_HOSPITAL, _MUNICIPAL, _MUNICIPAL, _GP),
        (_MUNICIPAL, _HOSPITAL, _MUNICIPAL, _HOSPITAL),
    )
)
PLAN_SLOTS = 3
"""At most so many plans has a patient."""


@dataclass(frozen=True, slots=True)
class Plans:
    """Plans of one block as they were drawn; days since 1970, ``NEVER`` where there is none.

    Attributes
    ----------
    number
        Tells the plans of the region apart; the id is made of it.
    is_dated
        Whether the first day is recorded.
    status, owner
        Places in ``STATUS_FATES`` and ``OWNER_FATES``.
    status_from, final_from
        First day as active plan, and first day of the status that followed.
    revised_on, revise_by
        Of the latest revision up to the last day.
    later_revision
        A revision after the last day, which is not known yet.
    level
        Level of the owner.
    """

    number: np.ndarray
    patient: np.ndarray
    kind: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray
    is_dated: np.ndarray
    status: np.ndarray
    status_from: np.ndarray
    final_from: np.ndarray
    revised_on: np.ndarray
    revise_by: np.ndarray
    later_revision: np.ndarray
    owner: np.ndarray
    level: np.ndarray

    def __len__(self) -> int:
        """Return the number of plans."""
        return len(self.number)

    @property
    def base(self) -> np.ndarray:
        """Day from which the age of a plan counts: the latest revision, else the first day."""
        first = np.where(self.is_dated, self.valid_from, NEVER)
        return np.where(self.revised_on != NEVER, self.revised_on, first)


@dataclass(frozen=True, slots=True)
class Owners:
    """Ownerships of one block; ``plan`` is the place in :class:`Plans`."""

    plan: np.ndarray
    holder: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray


def join_plans(first: Plans, second: Plans) -> Plans:
    """Return the plans of both, in order."""
    return Plans(
        **{
            field.name: np.concatenate([getattr(first, field.name), getattr(second, field.name)])
            for field in fields(Plans)
        }
    )


def pick_by_weight(draw: np.ndarray, weights: tuple[int, ...]) -> np.ndarray:
    """Return places drawn with whole-number weights from uniform numbers.

    Examples
    --------
    >>> pick_by_weight(np.array([0.0, 0.49, 0.5, 0.99]), (1, 0, 1)).tolist()
    [0, 0, 2, 2]
    """
    bounds = np.cumsum(np.array(weights))
    points = np.floor(draw * bounds[-1]).astype(np.int64)
    return np.asarray(np.searchsorted(bounds, points, side="right"))


def draw_plans(lives: Lives, seed: int, last_day: int, is_free: np.ndarray) -> Plans:
    """Draw plans for about 3 % of the patients that are free, more of them where care is heavy.

    Parameters
    ----------
    last_day
        The day as of which the findings are asked.
    is_free
        Whether a patient may be given plans.
    """
    stays = np.bincount(lives.stays.patient, minlength=len(lives))
    has_service = np.bincount(lives.services.patient, minlength=len(lives)) > 0
    ids = (lives.first + np.arange(len(lives))) * PLAN_SLOTS
    heavy = np.minimum(stays, 6) + 2 * has_service
    first = is_free & (uniform(seed, "plan", ids) < 0.008 + 0.02 * heavy)
    second = first & (uniform(seed, "plan", ids + 1) < 0.25)
    third = second & (uniform(seed, "plan", ids + 2) < 0.3)
    patient = np.concatenate([np.flatnonzero(one) for one in (first, second, third)])
    slot = np.repeat(np.arange(PLAN_SLOTS), [first.sum(), second.sum(), third.sum()])
    order = np.lexsort((slot, patient))
    patient, slot = patient[order], slot[order]
    return _draw_content(
        lives, seed, last_day, patient, (lives.first + patient) * PLAN_SLOTS + slot
    )


def _draw_content(
    lives: Lives, seed: int, last_day: int, patient: np.ndarray, number: np.ndarray
) -> Plans:
    def draw(k: int) -> np.ndarray:
        return uniform(seed, "plan content", number, k)

    died = lives.died_day[patient]
    last = np.where(died != NEVER, died - 1, last_day)
    valid_from = last - 3 - _part(draw(0), 1100)
    status_from = valid_from + _part(draw(1), 14)
    status_from = np.minimum(status_from, last)
    kind = pick_by_weight(draw(2), _KIND_WEIGHTS)
    revised_on = np.maximum(last - _part(draw(3), 700), valid_from)
    revised_on = np.where((draw(4) < 0.65) & (revised_on > valid_from), revised_on, NEVER)
    revise_by = revised_on + np.where(draw(5) < 0.5, 182, 365)
    is_set = (revised_on != NEVER) & (draw(6) < 0.6)
    ended = np.minimum(valid_from + 1 + _part(draw(7), 900), last_day)
    ends = pick_by_weight(draw(8), (88, 6, 6))
    return Plans(
        number=number,
        patient=patient,
        kind=kind,
        valid_from=valid_from,
        valid_to=np.choose(ends, [np.full_like(ended, NEVER), last_day + 1 + ended % 90, ended]),
        is_dated=draw(9) >= 0.02,
        status=pick_by_weight(draw(10), _STATUS_WEIGHTS),
        status_from=status_from,
        final_from=np.minimum(status_from + 1 + _part(draw(11), 500), last_day),
        revised_on=revised_on,
        revise_by=np.where(is_set, revise_by, NEVER),
        later_revision=np.where(draw(12) < 0.05, last_day + 1 + _part(draw(13), 60), NEVER),
        owner=pick_by_weight(draw(14), _OWNER_WEIGHTS),
        level=_owner_levels(lives, patient, kind, (draw(15), draw(16)), last_day),
    )


def _part(draw: np.ndarray, n: int) -> np.ndarray:
    return np.asarray(np.floor(draw * n).astype(np.int64))


def _owner_levels(
    lives: Lives,
    patient: np.ndarray,
    kind: np.ndarray,
    draws: tuple[np.ndarray, np.ndarray],
    last_day: int,
) -> np.ndarray:
    """Mostly a level that the patient was seen at within the last year, as owners mostly are."""
    wanted = _LEVEL_OF_KIND[kind, _part(draws[0], 4)]
    seen = lives.last_seen[patient].copy()
    seen[:, _EMERGENCY] = NEVER
    is_seen = seen[np.arange(len(patient)), wanted] > last_day - 300
    latest = np.argmax(seen, axis=1)
    return np.asarray(np.where(is_seen | (draws[1] < 0.15), wanted, latest))


def is_active(plans: Plans, lives: Lives, last_day: int) -> np.ndarray:
    """Say which plans hold on the last day, are active by their latest status, of the living."""
    holds = (plans.valid_from <= last_day) | ~plans.is_dated
    holds &= (plans.valid_to == NEVER) | (plans.valid_to > last_day)
    fates = [STATUS_FATES.index(name) for name in ("active", "none", "active_and_completed_later")]
    return np.asarray(
        holds & np.isin(plans.status, fates) & (lives.died_day[plans.patient] == NEVER)
    )


def draw_owners(
    plans: Plans, lives: Lives, holders: Holders, seed: int, last_day: int
) -> tuple[Plans, Owners]:
    """Give every plan the owners that its fate asks for.

    Returns
    -------
    tuple[Plans, Owners]
        The plans again, with fates that the region has nobody for turned into others.
    """
    possible = plans.owner
    closed = OWNER_FATES.index("closed")
    lacks_closed = ~holders.has("closed", plans.level)
    both = OWNER_FATES.index("left_and_closed")
    possible = np.where(np.isin(possible, (closed, both)) & lacks_closed, 4, possible)
    plans = replace(plans, owner=possible)
    parts = [
        _owners_of(fate, np.flatnonzero(plans.owner == place), plans, lives, holders, seed)
        for place, fate in enumerate(OWNER_FATES)
    ]
    rows = [row for part in parts for row in part]
    plan = np.concatenate([row[0] for row in rows])
    begins = np.concatenate([_day(row[2], plans, row[0], last_day) for row in rows])
    ends = np.concatenate([_day(row[3], plans, row[0], last_day) for row in rows])
    order = np.argsort(plan, kind="stable")
    holder = np.concatenate([row[1] for row in rows])
    return plans, Owners(plan[order], holder[order], begins[order], ends[order])


_Row = tuple[np.ndarray, np.ndarray, str, str]

_SIMPLE: dict[str, tuple[tuple[str, str, str], ...]] = {
    "person": (("steady", "start", "never"),),
    "unit": (("unit", "start", "never"),),
    "never": (),
    "ended": (("steady", "start", "before"),),
    "left": (("left", "start", "never"),),
    "closed": (("closed", "start", "never"),),
    "without_employment": (("unemployed", "start", "never"),),
    "two_persons": (("steady", "start", "never"), ("other", "middle", "never")),
    "two_units": (("unit", "start", "never"), ("other_unit", "middle", "never")),
    "person_and_unit": (("steady", "start", "never"), ("own_unit", "middle", "never")),
    "handover": (("steady", "start", "middle"), ("other", "middle", "never")),
    "ends_tomorrow": (("steady", "start", "tomorrow"),),
    "begins_tomorrow": (("steady", "tomorrow", "never"),),
    "two_levels": (("hospital", "start", "never"), ("psychiatry", "start", "never")),
    "whole_trust": (("trust", "start", "never"),),
    "leaves_tomorrow": (("leaves_tomorrow", "start", "never"),),
    "left_today": (("left_today", "start", "never"),),
    "ended_today": (("steady", "start", "today"),),
    "left_and_closed": (("left", "start", "never"), ("closed", "start", "never")),
}
"""By fate: who owns, from when, to when."""


def _owners_of(
    fate: str,
    which: np.ndarray,
    plans: Plans,
    lives: Lives,
    holders: Holders,
    seed: int,
) -> list[_Row]:
    level = plans.level[which]
    municipality = lives.municipality[plans.patient[which]]
    draw = uniform(seed, "plan owner", plans.number[which])
    rows: list[_Row] = []
    for who, begins, ends in _SIMPLE[fate]:
        previous = rows[-1][1] if rows else np.zeros(0, np.int64)
        holder = _holder(who, previous, (level, municipality, draw), holders)
        rows.append((which, holder, begins, ends))
    return rows


def _holder(
    who: str,
    previous: np.ndarray,
    wanted: tuple[np.ndarray, np.ndarray, np.ndarray],
    holders: Holders,
) -> np.ndarray:
    level, municipality, draw = wanted
    match who:
        case "other":
            return holders.another("steady", previous, draw)
        case "other_unit":
            return holders.another("unit", previous, draw)
        case "own_unit":
            return holders.as_holder(holders.unit[previous])
        case "hospital" | "psychiatry":
            place = _HOSPITAL if who == "hospital" else _PSYCHIATRY
            return holders.pick("steady", np.full_like(level, place), municipality, draw)
        case "trust":
            return np.full(len(level), holders.trust)
        case "unemployed":
            return holders.pick(who, np.full_like(level, LEVEL_UNKNOWN), municipality, draw)
        case _:
            return holders.pick(who, level, municipality, draw)


def _day(word: str, plans: Plans, which: np.ndarray, last_day: int) -> np.ndarray:
    start = plans.valid_from[which]
    match word:
        case "start":
            return np.asarray(start)
        case "middle":
            return np.asarray(start + (np.maximum(last_day - start, 2)) // 2)
        case "before":
            return np.asarray(np.minimum(start + 1 + (plans.number[which] * 37) % 400, last_day))
        case "today" | "tomorrow":
            return np.full(len(which), last_day + (word == "tomorrow"))
        case _:
            return np.full(len(which), NEVER)
