"""Emergency visits and GP contacts. All amounts are own proposals (``docs/region.md``)."""

from __future__ import annotations

import numpy as np

from pathgraph.synth.contacts import FORMS, KINDS, Contacts, make_contacts
from pathgraph.synth.draws import choice, expand_quantiles, integers, skewed
from pathgraph.synth.lives import NEVER
from pathgraph.synth.people import People, age_groups
from pathgraph.synth.period import Period
from pathgraph.synth.region import HOSPITALS, Region
from pathgraph.synth.services import HospitalTime
from pathgraph.synth.visits import Calendar, spread_counts

__all__ = ["draw_emergency_visits", "draw_gp_contacts", "draw_gp_follow_up"]

_DAY_S = 86_400
# Emergency visits in a hundred years that lead to no admission, by age group.
_EMERGENCY_PER_100_YEARS = np.array([26, 22, 17, 22, 33])
_UNLIKE = expand_quantiles([(0, 0), (350, 20), (650, 80), (900, 220), (980, 480), (1000, 1500)])
_EMERGENCY_CLOCK = expand_quantiles([(0, 0), (120, 480), (500, 930), (900, 1330), (1000, 1439)])
_BURST_PER_MILLE = 4
_TO_HOSPITAL = 25
# GP contacts in ten years, by age group.
_GP_PER_10_YEARS = np.array([28, 41, 54, 84, 108])
_GP_KINDS = ("consultation", "simple_contact", "administrative", "home_visit", "collaboration")
_GP_WEIGHTS = np.cumsum([54, 23, 18, 2, 3])
_FOLLOW_UP_MIN = expand_quantiles(
    [(0, 1440), (250, 5760), (500, 9000), (750, 14_000), (1000, 40_000)]
)


def _casualty_units(region: Region) -> np.ndarray:
    n = len(region.municipalities)
    units = np.full(n, NEVER)
    for i in range(region.municipalities.n_trust):
        units[i] = region.units_of(use="casualty", municipality=i)[0]
    return units


def _hospital_units(region: Region) -> np.ndarray:
    return np.array([region.unit("akutt-emergency-" + name.split("-")[1]) for name in HOSPITALS])


def draw_emergency_visits(
    region: Region,
    seed: int,
    people: People,
    acute: tuple[np.ndarray, np.ndarray],
    period: Period,
) -> Contacts:
    """Return visits to casualty clinics and emergency units, before acute stays and without.

    Parameters
    ----------
    acute
        Patient and start of every acute stay.
    """
    before = _before_stays(seed, people, *acute)
    single = _without_admission(seed, people, period)
    burst = _bursts(seed, people, period)
    patient, start, end, at_hospital = (
        np.concatenate([part[i] for part in (before, single, burst)]) for i in range(4)
    )
    where = people.municipality_on(patient, period.days(start))
    site = region.municipalities.sent_to[where]
    unit = np.where(at_hospital, _hospital_units(region)[site], _casualty_units(region)[where])
    known = (unit != NEVER) & (start >= period.first_s)
    return make_contacts(
        patient[known],
        unit[known],
        start[known],
        end[known],
        kind="emergency_visit",
        form="on_site",
        care_level="outpatient",
        urgency=1,
    )


_Visits = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _before_stays(seed: int, people: People, patient: np.ndarray, start: np.ndarray) -> _Visits:
    k = start // 60 % (1 << 31)
    number = people.number[patient]
    drawn = integers(seed, "emergency before", number, 0, 100, k)
    minutes = integers(seed, "emergency minutes", number, 45, 330, k)
    hospital = drawn < 66
    casualty = (drawn >= 40) & (drawn < 80)
    earlier = integers(seed, "casualty before", number, 60, 240, k)
    arrival = start - minutes * 60
    first = arrival - (earlier + 30) * 60
    return (
        np.concatenate([patient[hospital], patient[casualty]]),
        np.concatenate([arrival[hospital], first[casualty]]),
        np.concatenate([start[hospital] - 60, first[casualty] + 30 * 60]),
        np.repeat([True, False], [int(hospital.sum()), int(casualty.sum())]),
    )


def _without_admission(seed: int, people: People, period: Period) -> _Visits:
    group = age_groups(2024 - people.birth_year)
    likes = skewed(seed, "emergency", people.number, _UNLIKE) * np.clip(people.frailty, 70, 300)
    mean = _EMERGENCY_PER_100_YEARS[group] * period.years * likes // 10_000
    counts = (mean + integers(seed, "emergency rest", people.number, 0, 100)) // 100
    patient, k = spread_counts(counts)
    number = people.number[patient]
    day = integers(seed, "emergency day", number, period.first_day, period.last_day + 1, k)
    start = period.instants(day, skewed(seed, "emergency clock", number, _EMERGENCY_CLOCK, k))
    end = start + integers(seed, "emergency length", number, 25, 210, k) * 60
    return patient, start, end, integers(seed, "emergency where", number, 0, 100, k) < _TO_HOSPITAL


def _bursts(seed: int, people: People, period: Period) -> _Visits:
    """Return the visits of the few who come back again and again within weeks."""
    drawn = integers(seed, "burst", people.number, 0, 3000)
    who = np.flatnonzero(drawn < _BURST_PER_MILLE * period.years)
    counts = integers(seed, "burst visits", people.number[who], 2, 7)
    first = integers(seed, "burst day", people.number[who], period.first_day, period.last_day - 5)
    at, i = spread_counts(counts)
    number = people.number[who[at]]
    day = np.minimum(first[at] + integers(seed, "burst spread", number, 0, 45, i), period.last_day)
    start = period.instants(day, skewed(seed, "burst clock", number, _EMERGENCY_CLOCK, i))
    end = start + integers(seed, "burst length", number, 25, 200, i) * 60
    return who[at], start, end, integers(seed, "burst where", number, 0, 100, i) < _TO_HOSPITAL


def _gp_units(people: People, patient: np.ndarray, day: np.ndarray) -> np.ndarray:
    moved = people.moved_day[patient]
    has_moved = (moved != NEVER) & (day >= moved)
    unit = np.where(has_moved, people.next_gp_unit[patient], people.gp_unit[patient])
    return np.asarray(unit)


def draw_gp_contacts(region: Region, seed: int, people: People, period: Period) -> Contacts:
    """Return the ordinary contacts with GPs."""
    group = age_groups(2024 - people.birth_year)
    likes = skewed(seed, "gp", people.number, _UNLIKE) * np.clip(people.frailty, 70, 220)
    mean = _GP_PER_10_YEARS[group] * period.years * likes // 1000
    counts = (mean + integers(seed, "gp rest", people.number, 0, 100)) // 100
    patient, k = spread_counts(counts)
    number = people.number[patient]
    day = Calendar.of(period).draw(seed, "gp day", number, k)
    kinds = np.array([KINDS.index(kind) for kind in _GP_KINDS])
    kind = kinds[choice(seed, "gp kind", number, _GP_WEIGHTS, k)]
    return _gp(region, seed, people, period, (patient, day, kind, k))


def draw_gp_follow_up(
    region: Region, seed: int, people: People, hospital: HospitalTime, period: Period
) -> Contacts:
    """Return the GP contacts that follow stays; how often they do differs between practices."""
    patient = hospital.patient
    k = hospital.start_s // 60 % (1 << 31)
    number = people.number[patient]
    practice = _gp_units(people, patient, np.zeros(len(patient), dtype=np.int64))
    chance = 600 + integers(0, "follows up", practice, 0, 320)
    follows = (hospital.destination == 1) & (
        integers(seed, "followed up", number, 0, 1000, k) < chance
    )
    at = np.flatnonzero(follows)
    patient, number, k = patient[at], number[at], k[at]
    raw = hospital.end_s[at] + skewed(seed, "follow up", number, _FOLLOW_UP_MIN, k) * 60
    raw = np.minimum(raw, period.end_s + _DAY_S)
    day = period.to_working_days(period.days(raw))
    inside = day <= period.last_day
    patient, k, day = patient[inside], k[inside], day[inside]
    drawn = integers(seed, "follow up kind", people.number[patient], 0, 100, k)
    kind = np.where(drawn < 80, KINDS.index("consultation"), KINDS.index("home_visit"))
    return _gp(region, seed, people, period, (patient, day, kind, k))


def _gp(
    region: Region,
    seed: int,
    people: People,
    period: Period,
    drawn: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
) -> Contacts:
    patient, day, kind, k = drawn
    where = people.municipality_on(patient, day)
    known = where < region.municipalities.n_trust
    patient, day, kind, k = patient[known], day[known], kind[known], k[known]
    number = people.number[patient]
    start = period.instants(day, integers(seed, "gp clock", number, 96, 186, k) * 5)
    length = integers(seed, "gp length", number, 10, 30, k) * 60
    how = integers(seed, "gp form", number, 0, 100, k)
    form = np.where(how < 8, FORMS.index("video"), FORMS.index("on_site"))
    is_simple = np.isin(kind, [KINDS.index("simple_contact"), KINDS.index("administrative")])
    form = np.where(is_simple, FORMS.index("telephone"), form)
    return make_contacts(
        patient,
        _gp_units(people, patient, day),
        start,
        start + length,
        kind=kind,
        form=form,
        care_level="outpatient",
    )
