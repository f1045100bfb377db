"""Municipal services: home care and the like, and places in institutions around hospital stays.

Somebody in hospital is in no institution: a period ends when a hospital stay begins, and another
one begins after it. All shares and lengths are own proposals.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from pathgraph.synth.admissions import ACUTE_BEDS, NURSING_HOME
from pathgraph.synth.contacts import KINDS, Contacts, make_contacts
from pathgraph.synth.draws import choice, expand_quantiles, integers, skewed
from pathgraph.synth.lives import NEVER
from pathgraph.synth.occupied import Occupied
from pathgraph.synth.people import CONDITIONS, People, age_groups
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region

__all__ = [
    "HospitalTime",
    "ServicePeriods",
    "draw_services",
    "join_periods",
    "long_term_since",
    "service_contacts",
]

_DAY_S = 86_400
_BEFORE_DAYS = 700
# Per mille of each age group, doubled with dementia, who have home nursing sooner or later.
_HOME_NURSING = np.array([4, 6, 18, 75, 310])
_HOME_NURSING_DAYS = expand_quantiles([(0, 20), (200, 120), (500, 500), (800, 1100), (1000, 3000)])
_AFTER_STAY_DAYS = expand_quantiles([(0, 7), (300, 20), (700, 60), (950, 200), (1000, 500)])
_SHORT_TERM_MIN = expand_quantiles(
    [(0, 2000), (250, 11_000), (500, 24_000), (800, 45_000), (1000, 130_000)]
)
_LONG_TERM = np.array([0, 0, 1, 12, 95])
_LONG_TERM_DEMENTIA = np.array([0, 0, 60, 220, 380])
# Further services of those with home nursing, and per mille of them who have it.
_BESIDE = (("1", 420), ("3", 12), ("4", 90), ("5", 110), ("6", 450), ("28", 60), ("29", 90))
_SHORT_TERM_KINDS = ("18", "19", "20")
_SHORT_TERM_WEIGHTS = np.cumsum([3, 3, 4])
_ACUTE_BED_STAYS_PER_MILLE = np.array([0, 2, 7, 35, 80])


@dataclass(frozen=True, slots=True)
class HospitalTime:
    """Whole hospital stays, from first to last, with what the municipality needs to know of them.

    Attributes
    ----------
    end_s
        After the period where the patient is still in.
    destination
        NPR tilSted of the last admission, NEVER where it has not ended or ended dead.
    """

    patient: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    destination: np.ndarray


@dataclass(frozen=True, slots=True)
class ServicePeriods:
    """Periods of services; ``kind`` is a place in :data:`~pathgraph.synth.contacts.KINDS`.

    Attributes
    ----------
    end_s
        NEVER while it goes on.
    """

    patient: np.ndarray
    kind: np.ndarray
    unit: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray

    def take(self, places: np.ndarray) -> ServicePeriods:
        """Return some of the periods."""
        return ServicePeriods(*(getattr(self, f.name)[places] for f in fields(self)))


def join_periods(parts: list[ServicePeriods]) -> ServicePeriods:
    """Return all periods, part after part."""
    names = [field.name for field in fields(ServicePeriods)]
    return ServicePeriods(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in names)
    )


def long_term_since(seed: int, people: People, period: Period) -> np.ndarray:
    """Return when each patient moved to a nursing home for good [s], NEVER for the others."""
    group = age_groups(2024 - people.birth_year)
    dementia = people.conditions[:, CONDITIONS.index("dementia")]
    chance = np.where(dementia, _LONG_TERM_DEMENTIA[group], _LONG_TERM[group])
    lives_there = integers(seed, "long term", people.number, 0, 1000) < chance
    day = integers(
        seed, "long term day", people.number, period.first_day - _BEFORE_DAYS, period.last_day
    )
    return np.where(lives_there, period.instants(day, 11 * 60), NEVER)


def draw_services(
    region: Region,
    seed: int,
    people: People,
    hospital: HospitalTime,
    death_s: np.ndarray,
    period: Period,
) -> ServicePeriods:
    """Return the services of all people; ``death_s`` is when they die, NEVER for the others."""
    settled = long_term_since(seed, people, period)
    last = np.where(death_s == NEVER, period.end_s * 2, death_s)
    for_good = _long_term(seed, people, hospital, settled, last, period)
    after_stay = _after_stays(seed, people, hospital, settled, last, period)
    beds = Occupied(
        np.concatenate([hospital.patient, for_good.patient, after_stay.patient]),
        np.concatenate([hospital.start_s, for_good.start_s, after_stay.start_s]),
        np.concatenate([hospital.end_s, for_good.end_s, after_stay.end_s]),
    )
    acute = _acute_beds(seed, people, beds, last, period)
    at_home_until = np.where(settled == NEVER, last, np.minimum(last, settled))
    at_home = _home_nursing(seed, people, at_home_until, period)
    later = _home_nursing_after_stays(seed, people, hospital, at_home, at_home_until, period)
    beside = _beside(seed, people, at_home)
    periods = join_periods([for_good, after_stay, acute, at_home, later, beside])
    return _placed(region, people, _cut_by_move(people, periods, period), period)


def _periods(
    patient: np.ndarray, kind: str | np.ndarray, start_s: np.ndarray, end_s: np.ndarray
) -> ServicePeriods:
    kinds = np.full(len(patient), KINDS.index(kind)) if isinstance(kind, str) else kind
    return ServicePeriods(patient, kinds, np.full(len(patient), NEVER), start_s, end_s)


def _long_term(
    seed: int,
    people: People,
    hospital: HospitalTime,
    settled: np.ndarray,
    last: np.ndarray,
    period: Period,
) -> ServicePeriods:
    """Return the time in a nursing home that hospital stays leave."""
    who = np.flatnonzero(settled != NEVER)
    is_resident = settled[hospital.patient] != NEVER
    patient = np.concatenate([who, hospital.patient[is_resident]])
    hours = integers(
        seed, "back after", people.number[patient], 60, 240, np.arange(len(patient)) * 0
    )
    start = np.concatenate([settled[who], hospital.end_s[is_resident]])
    start[len(who) :] += hours[len(who) :] * 60
    beds = Occupied(hospital.patient, hospital.start_s, hospital.end_s)
    end = beds.next_start(patient, start, period.end_s * 2) - 20 * 60
    end = np.minimum(end, last[patient])
    fits = (start >= settled[patient]) & (start < np.minimum(period.end_s, last[patient]))
    fits &= (end > start) & ~beds.meets(patient, start, start + 1)
    return _periods(patient[fits], "21", start[fits], end[fits])


def _after_stays(
    seed: int,
    people: People,
    hospital: HospitalTime,
    settled: np.ndarray,
    last: np.ndarray,
    period: Period,
) -> ServicePeriods:
    """Return short-term places and acute beds that patients are discharged to."""
    number = people.number[hospital.patient]
    k = hospital.start_s // 60 % (1 << 31)
    is_resident = (settled[hospital.patient] != NEVER) & (
        hospital.end_s >= settled[hospital.patient]
    )
    to_place = (hospital.destination == NURSING_HOME) & ~is_resident
    to_bed = (hospital.destination == ACUTE_BEDS) & ~is_resident
    at = np.flatnonzero(to_place | to_bed)
    number, k, patient = number[at], k[at], hospital.patient[at]
    start = hospital.end_s[at] + integers(seed, "place after", number, 60, 240, k) * 60
    length = np.where(
        to_place[at],
        skewed(seed, "short term", number, _SHORT_TERM_MIN, k),
        integers(seed, "acute bed", number, 1000, 4300, k),
    )
    beds = Occupied(hospital.patient, hospital.start_s, hospital.end_s)
    latest = beds.next_start(patient, start, period.end_s * 2) - 30 * 60
    moves_in = np.where(
        (settled[patient] != NEVER) & (settled[patient] > start), settled[patient], period.end_s * 2
    )
    end = np.minimum(np.minimum(start + length * 60, latest), np.minimum(last[patient], moves_in))
    kinds = np.array([KINDS.index(kind) for kind in _SHORT_TERM_KINDS])
    kind = kinds[choice(seed, "short term kind", number, _SHORT_TERM_WEIGHTS, k)]
    kind = np.where(to_place[at], kind, KINDS.index("25"))
    fits = (start < np.minimum(period.end_s, last[patient])) & (end > start)
    return _periods(patient[fits], kind[fits], start[fits], end[fits])


def _acute_beds(
    seed: int, people: People, beds: Occupied, last: np.ndarray, period: Period
) -> ServicePeriods:
    """Return stays of a day or three in municipal acute beds, from home."""
    chance = _ACUTE_BED_STAYS_PER_MILLE[age_groups(2024 - people.birth_year)]
    at = np.flatnonzero(
        integers(seed, "acute bed stay", people.number, 0, 1000) < chance * period.years // 3
    )
    number = people.number[at]
    day = integers(seed, "acute bed day", number, period.first_day, period.last_day + 1)
    start = period.instants(day, integers(seed, "acute bed clock", number, 600, 1300))
    end = start + integers(seed, "acute bed length", number, 900, 4300) * 60
    fits = ~beds.meets(at, start - _DAY_S // 2, end + _DAY_S // 2) & (end < last[at])
    return _periods(at[fits], "25", start[fits], end[fits])


def _home_nursing(seed: int, people: People, until: np.ndarray, period: Period) -> ServicePeriods:
    group = age_groups(2024 - people.birth_year)
    number = people.number
    chance = _HOME_NURSING[group] * np.clip(people.frailty, 60, 250) // 100
    chance = chance * np.where(people.conditions[:, CONDITIONS.index("dementia")], 2, 1)
    ill = people.conditions[:, CONDITIONS.index("mental_illness")] & (group > 0)
    at = np.flatnonzero(integers(seed, "home nursing", number, 0, 1000) < chance + ill * 60)
    number = number[at]
    day = integers(
        seed, "home nursing day", number, period.first_day - _BEFORE_DAYS, period.last_day
    )
    length = skewed(seed, "home nursing days", number, _HOME_NURSING_DAYS)
    start = period.instants(day, integers(seed, "home nursing clock", number, 480, 930))
    end = np.minimum(start + length * _DAY_S, until[at])
    fits = (end > period.first_s) & (end > start)
    return _periods(at[fits], "15", start[fits], end[fits])


def _home_nursing_after_stays(
    seed: int,
    people: People,
    hospital: HospitalTime,
    at_home: ServicePeriods,
    until: np.ndarray,
    period: Period,
) -> ServicePeriods:
    """Return home nursing that begins within days of a discharge to home, one at a time."""
    has = np.zeros(len(people), dtype=bool)
    has[at_home.patient] = True
    number, k = people.number[hospital.patient], hospital.start_s // 60 % (1 << 31)
    group = age_groups(2024 - people.birth_year)[hospital.patient]
    chance = np.array([5, 10, 50, 180, 330])[group]
    begins = (hospital.destination == 1) & ~has[hospital.patient]
    begins &= integers(seed, "nursing after stay", number, 0, 1000, k) < chance
    at = np.flatnonzero(begins)
    number, k, patient = number[at], k[at], hospital.patient[at]
    day = period.days(hospital.end_s[at]) + integers(seed, "nursing after days", number, 0, 9, k)
    start = period.instants(day, integers(seed, "nursing clock", number, 480, 1200, k))
    start = np.maximum(start, hospital.end_s[at] + 3600)
    end = start + skewed(seed, "nursing length", number, _AFTER_STAY_DAYS, k) * _DAY_S
    following = np.full(len(at), period.end_s * 2)
    following[:-1] = np.where(patient[1:] == patient[:-1], start[1:], following[:-1])
    end = np.minimum(np.minimum(end, following - 3600), until[patient])
    fits = (start < np.minimum(period.end_s, until[patient])) & (end > start)
    return _periods(patient[fits], "15", start[fits], end[fits])


def _beside(seed: int, people: People, at_home: ServicePeriods) -> ServicePeriods:
    parts = []
    for kind, per_mille in _BESIDE:
        drawn = integers(seed, f"service {kind}", people.number[at_home.patient], 0, 1000)
        at = np.flatnonzero(drawn < per_mille)
        parts.append(_periods(at_home.patient[at], kind, at_home.start_s[at], at_home.end_s[at]))
    return join_periods(parts)


def _cut_by_move(people: People, periods: ServicePeriods, period: Period) -> ServicePeriods:
    """End services on the day of a move; what began after it is run by the new municipality."""
    moved = people.moved_day[periods.patient]
    moved_s = period.instants(np.where(moved == NEVER, period.last_day + 2, moved), 8 * 60)
    end = np.where(periods.start_s < moved_s, np.minimum(periods.end_s, moved_s), periods.end_s)
    fits = end > periods.start_s
    return ServicePeriods(
        periods.patient[fits],
        periods.kind[fits],
        periods.unit[fits],
        periods.start_s[fits],
        end[fits],
    )


_USE_OF_KIND = {"18": "short_term", "19": "short_term", "20": "short_term", "21": "long_term",
                "25": "acute_bed"}  # fmt: skip


def _placed(
    region: Region, people: People, periods: ServicePeriods, period: Period
) -> ServicePeriods:
    """Give each period its unit; who lives outside the region has no service in the data."""
    n_trust = region.municipalities.n_trust
    where = people.municipality_on(periods.patient, period.days(periods.start_s))
    uses = sorted({*_USE_OF_KIND.values(), "home_care"})
    units = np.full((len(region.municipalities), len(uses)), NEVER)
    for i in range(n_trust):
        for j, use in enumerate(uses):
            found = region.units_of(use=use, municipality=i)
            # Small municipalities without acute beds use their short-term places.
            units[i, j] = found[0] if found.size else region.units_of(
                use="short_term", municipality=i)[0]  # fmt: skip
    column = np.array([uses.index(_USE_OF_KIND.get(kind, "home_care")) for kind in KINDS])
    unit = units[where, column[periods.kind]]
    known = unit != NEVER
    end = np.where(periods.end_s >= period.end_s, NEVER, periods.end_s)
    return ServicePeriods(
        periods.patient[known], periods.kind[known], unit[known], periods.start_s[known], end[known]
    )


def service_contacts(periods: ServicePeriods) -> Contacts:
    """Return each period as the contact that it is registered as."""
    overnight = np.isin(periods.kind, [KINDS.index(kind) for kind in _USE_OF_KIND])
    return make_contacts(
        periods.patient,
        periods.unit,
        periods.start_s,
        periods.end_s,
        kind=periods.kind,
        form="on_site",
        care_level=np.where(overnight, 0, 2),
        urgency=np.where(periods.kind == KINDS.index("25"), 1, NEVER),
    )
