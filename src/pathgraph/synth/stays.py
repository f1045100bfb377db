"""Hospital stays, drawn in rounds: each patient's next one after the one before.

A round draws, for everybody who is still under way, how long it takes until the next stay, why
and where it is, how long it lasts and how it ends. A stay is what ``docs/definitions.md#stay``
says: its admissions lie less than 8 hours apart or are returns from another hospital; between two
stays lie 8 hours or more. All amounts are own proposals (``docs/region.md``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pathgraph.synth.draws import choice_by_group, expand_quantiles, integers, skewed
from pathgraph.synth.lives import NEVER
from pathgraph.synth.people import CONDITIONS, People, age_groups
from pathgraph.synth.period import Period
from pathgraph.synth.reasons import REASONS, condition_reasons, reason_place
from pathgraph.synth.region import Region
from pathgraph.synth.travel import distance_bands

__all__ = ["PlannedStays", "draw_stays"]

_MAX_ROUNDS = 80
_MERGE_S = 8 * 3600
_YEAR_MIN = 525_960

# Stays per 1000 person-years at frailty 100, returns within a month not counted; by age group.
_ACUTE = np.array([45, 44, 62, 135, 240])
_PLANNED = np.array([18, 58, 40, 62, 40])
# Further per cent of acute stays for each lasting illness, in the order of CONDITIONS.
_ILLNESS = np.array([150, 170, 40, 140, 40, 50, 130])
# Per cent of stays by distance to the hospital: near, farther, far away.
_TRAVEL = np.array([103, 97, 90])
# Waiting times with the mean 1000: quantiles of the exponential distribution, rounded.
_WAIT = expand_quantiles(
    [(0, 0), (100, 105), (200, 223), (300, 357), (400, 511), (500, 693), (600, 916), (700, 1204),
     (800, 1609), (900, 2303), (950, 2996), (990, 4605), (1000, 6900)]
)  # fmt: skip
# Minutes from discharge to an early return: at least 8 hours, most within two weeks.
_RETURN = expand_quantiles(
    [
        (0, 480),
        (100, 2000),
        (300, 6500),
        (500, 13_000),
        (700, 22_000),
        (900, 36_000),
        (1000, 47_000),
    ]
)
# Minutes in hospital.
_LENGTH = expand_quantiles(
    [(0, 240), (100, 900), (250, 1600), (500, 3700), (750, 7600), (900, 14_500), (970, 25_000),
     (1000, 70_000)]
)  # fmt: skip
# Minute of the day at which acute patients come.
_ACUTE_CLOCK = expand_quantiles([(0, 0), (150, 480), (500, 840), (800, 1140), (1000, 1439)])
_DEATHS_PER_MILLE = np.array([1, 3, 14, 42, 85])
_RETURN_FACTORS = (45, 450)
_RETURN_BY_AGE = np.array([80, 80, 85, 118, 118])
_RETURN_IS_ACUTE = 880


@dataclass(frozen=True, slots=True)
class PlannedStays:
    """Stays before wards and transfers are drawn, in order of patient and start.

    Attributes
    ----------
    round
        How many stays the patient had before.
    reason
        Place in :data:`~pathgraph.synth.reasons.REASONS`.
    end_s
        May lie after the end of the period.
    site
        Hospital, a place in :data:`~pathgraph.synth.region.HOSPITALS`.
    """

    patient: np.ndarray
    round: np.ndarray
    reason: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    is_acute: np.ndarray
    site: np.ndarray
    age: np.ndarray
    ended_dead: np.ndarray

    def take(self, places: np.ndarray) -> PlannedStays:
        """Return some of the stays."""
        return PlannedStays(**{name: getattr(self, name)[places] for name in self.__slots__})


@dataclass(slots=True)
class _Underway:
    """Those whose next stay is to be drawn: since when they are out, and why they were in."""

    patient: np.ndarray
    free_s: np.ndarray
    reason: np.ndarray


def draw_stays(region: Region, seed: int, people: People, period: Period) -> PlannedStays:
    """Return the stays of all people of a block."""
    now = _Underway(np.arange(len(people)), people.entered_s.copy(), np.full(len(people), NEVER))
    rounds = []
    for place in range(_MAX_ROUNDS):
        drawn = _draw_round(region, seed, people, period, now, place)
        if not len(drawn.patient):
            break
        rounds.append(drawn)
        goes_on = ~drawn.ended_dead & (drawn.end_s < period.end_s)
        now = _Underway(drawn.patient[goes_on], drawn.end_s[goes_on], drawn.reason[goes_on])
    return _in_order(rounds)


def _in_order(rounds: list[PlannedStays]) -> PlannedStays:
    names = PlannedStays.__slots__
    columns = {name: np.concatenate([getattr(r, name) for r in rounds]) for name in names}
    order = np.lexsort((columns["round"], columns["patient"]))
    return PlannedStays(**{name: values[order] for name, values in columns.items()})


def _draw_round(
    region: Region, seed: int, people: People, period: Period, now: _Underway, k: int
) -> PlannedStays:
    start_s, is_acute, is_return = _next_start(region, seed, people, period, now, k)
    comes = (start_s < period.end_s) & (start_s < people.due_to_die_s[now.patient])
    patient, start_s = now.patient[comes], start_s[comes]
    number = people.number[patient]
    is_acute, is_return, last = is_acute[comes], is_return[comes], now.reason[comes]
    age = period.years_of(period.days(start_s)) - people.birth_year[patient]
    reason = _draw_reasons(seed, people, patient, age, is_acute, k)
    is_same = is_return & is_acute & (integers(seed, "same reason", number, 0, 10, k) < 7)
    reason = np.where(is_same & _fits_age(last, age), last, reason)
    begun = PlannedStays(
        patient=patient,
        round=np.full(len(patient), k),
        reason=reason,
        start_s=start_s,
        end_s=start_s,
        is_acute=is_acute,
        site=_draw_site(region, seed, people, patient, period.days(start_s), k),
        age=age,
        ended_dead=np.zeros(len(patient), dtype=bool),
    )
    end_s, ended_dead = _draw_end(seed, people, begun)
    return replace(begun, end_s=end_s, ended_dead=ended_dead)


def _next_start(
    region: Region, seed: int, people: People, period: Period, now: _Underway, k: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return start, whether it is acute, and whether it is an early return."""
    patient, number = now.patient, people.number[now.patient]
    age = period.years_of(period.days(now.free_s)) - people.birth_year[patient]
    acute, planned = _rates(region, people, patient, age_groups(age))
    returns = np.array([reason.returns for reason in REASONS])
    chance = np.where(now.reason == NEVER, 0, returns[now.reason])
    least, most = _RETURN_FACTORS
    chance = chance * np.clip(least + people.frailty[patient] // 4, least, most) // 100
    chance = chance * _RETURN_BY_AGE[age_groups(age)] // 100
    is_return = integers(seed, "returns", number, 0, 1000, k) < chance
    gap_min = np.where(
        is_return,
        skewed(seed, "return gap", number, _RETURN, k),
        480 + skewed(seed, "wait", number, _WAIT, k) * _YEAR_MIN // (acute + planned),
    )
    is_acute = np.where(
        is_return,
        integers(seed, "return acute", number, 0, 1000, k) < _RETURN_IS_ACUTE,
        integers(seed, "acute", number, 0, acute + planned, k) < acute,
    )
    raw = now.free_s + gap_min * 60
    # What lies far after the period stays there; the calendar does not reach so far.
    capped = np.minimum(raw, period.end_s + 86_400)
    start = _at_its_hour(seed, number, period, capped, is_acute, k)
    too_soon = start < now.free_s + _MERGE_S
    return np.where(too_soon, capped, start), is_acute, is_return


def _rates(
    region: Region, people: People, patient: np.ndarray, group: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return acute and planned stays per 1000 person-years."""
    illness = 100 + people.conditions[patient].astype(np.int64) @ _ILLNESS
    travel = _TRAVEL[distance_bands(region)[people.municipality[patient]]]
    acute = _ACUTE[group] * people.frailty[patient] * illness * travel // 1_000_000
    planned = _PLANNED[group] * np.clip(people.frailty[patient], 50, 250) * travel // 10_000
    is_outside = people.municipality[patient] >= region.municipalities.n_trust
    # From outside people come to the regional hospital for what their own does not do.
    return np.where(is_outside, 2, np.maximum(acute, 1)), np.maximum(planned, 1)


def _at_its_hour(
    seed: int, number: np.ndarray, period: Period, start: np.ndarray, is_acute: np.ndarray, k: int
) -> np.ndarray:
    """Move starts to plausible weekdays, seasons and hours; planned ones to working days."""
    day = period.days(start)
    weekday = (day + 3) % 7
    moved = integers(seed, "weekday", number, 0, 100, k)
    day = np.where(is_acute & (weekday >= 5) & (moved < 20), day + 7 - weekday, day)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
    is_summer = (month >= 5) & (month <= 7)
    # Winter's infections: one in eight of the summer's acute stays comes half a year later.
    season = integers(seed, "season", number, 0, 1000, k)
    day = np.where(is_acute & is_summer & (season < 125), day + 182, day)
    is_holiday_month = (month == 6) & ~is_acute & (season < 500)
    day = np.where(is_holiday_month, day + 42, day)
    day = np.minimum(day, period.last_day + 2)
    day = np.where(is_acute, day, period.to_working_days(day))
    clock = np.where(
        is_acute,
        skewed(seed, "acute clock", number, _ACUTE_CLOCK, k),
        integers(seed, "planned clock", number, 420, 660, k),
    )
    return period.instants(day, clock)


def _draw_reasons(
    seed: int,
    people: People,
    patient: np.ndarray,
    age: np.ndarray,
    is_acute: np.ndarray,
    k: int,
) -> np.ndarray:
    number, group = people.number[patient], age_groups(age)
    weights = np.array([r.acute for r in REASONS]), np.array([r.planned for r in REASONS])
    # Only women who are not yet 50 give birth: the others' weight falls to the next reason.
    may_give_birth = (people.sex[patient] == "female") & (age < 50)
    acute = choice_by_group(seed, "reason", number, np.cumsum(weights[0].T, axis=1), group, k)
    planned = choice_by_group(seed, "reason", number, np.cumsum(weights[1].T, axis=1), group, k)
    birth = reason_place("birth")
    planned = np.where((planned == birth) & ~may_give_birth, birth + 1, planned)
    reason = np.where(is_acute, acute, planned)
    for place, illness, per_mille in condition_reasons():
        explains = integers(seed, f"because of {CONDITIONS[illness]}", number, 0, 1000, k)
        has = people.conditions[patient, illness] & is_acute & (age >= 18)
        reason = np.where(has & (explains < per_mille), place, reason)
    return reason


def _fits_age(reason: np.ndarray, age: np.ndarray) -> np.ndarray:
    is_child_reason = np.array([r.specialty.startswith("child") for r in REASONS])
    return np.asarray((reason != NEVER) & (is_child_reason[reason] == (age < 18)))


def _draw_end(seed: int, people: People, stays: PlannedStays) -> tuple[np.ndarray, np.ndarray]:
    """Return when stays end, and which of them with death."""
    number, k, age = people.number[stays.patient], stays.round, stays.age
    percent = np.array([r.length for r in REASONS])[stays.reason]
    percent = percent * np.clip(60 + age * 3 // 4, 60, 130)
    length_min = skewed(seed, "length", number, _LENGTH, k) * percent // 10_000
    end_s = stays.start_s + np.maximum(length_min, 180) * 60
    chance = _DEATHS_PER_MILLE[age_groups(age)]
    chance = chance * np.clip(people.frailty[stays.patient], 60, 200) // 100
    dies_of_it = stays.is_acute & (stays.reason != reason_place("birth"))
    dies_of_it &= integers(seed, "dies in stay", number, 0, 1000, k) < chance
    due = people.due_to_die_s[stays.patient]
    is_due = due < end_s
    end_s = np.where(is_due, np.maximum(due, stays.start_s + 3600), end_s)
    return end_s, dies_of_it | is_due


def _draw_site(
    region: Region, seed: int, people: People, patient: np.ndarray, day: np.ndarray, k: int
) -> np.ndarray:
    where = people.municipality_on(patient, day)
    sent_to = region.municipalities.sent_to[where]
    formal = region.municipalities.site[where]
    drawn = integers(seed, "site", people.number[patient], 0, 100, k)
    site = np.where(drawn < 90, sent_to, np.where(drawn < 95, formal, 0))
    return np.asarray(site)
