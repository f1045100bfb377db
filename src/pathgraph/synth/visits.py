"""Outpatient visits, day treatment and series of them at the trust's clinics.

People who turn at most 17 in the year of a visit are seen in child units only, all others never
there. All amounts are own proposals (``docs/region.md``).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathgraph.synth.contacts import FORMS, KINDS, SERVICES, Contacts, make_contacts
from pathgraph.synth.draws import choice_by_group, expand_quantiles, integers, skewed
from pathgraph.synth.lives import NEVER
from pathgraph.synth.people import CONDITIONS, People, age_groups
from pathgraph.synth.period import Period
from pathgraph.synth.reasons import find_places, specialties
from pathgraph.synth.region import Region
from pathgraph.synth.travel import distance_bands

__all__ = ["Calendar", "draw_visits", "spread_counts"]

_DAY_S = 86_400
_PLANNED, _ACUTE = 4, 1
# Visits in a hundred years at mean, by age group, and how unlike people are (per cent of the mean).
_SINGLE_PER_100_YEARS = np.array([85, 122, 165, 250, 215])
_UNLIKE = expand_quantiles([(0, 0), (300, 20), (600, 75), (850, 180), (970, 400), (1000, 900)])
_TRAVEL = np.array([110, 92, 72])
# Where single visits go: weights by age group.
_SINGLE: tuple[tuple[str, tuple[int, int, int, int, int]], ...] = (
    ("child", (85, 0, 0, 0, 0)),
    ("child_psychiatry", (15, 0, 0, 0, 0)),
    ("medicine", (0, 12, 20, 20, 20)),
    ("heart", (0, 3, 9, 14, 14)),
    ("lung", (0, 3, 6, 9, 7)),
    ("orthopaedics", (0, 22, 24, 20, 18)),
    ("surgery", (0, 18, 18, 17, 14)),
    ("maternity", (0, 24, 5, 1, 0)),
    ("rheumatology", (0, 4, 7, 6, 4)),
    ("neurology", (0, 8, 8, 7, 6)),
    ("cancer", (0, 1, 5, 8, 6)),
    ("geriatrics", (0, 0, 0, 3, 10)),
    ("psychiatry", (0, 11, 7, 2, 1)),
)
_CHILD = {"psychiatry": "child_psychiatry", "substance": "child_psychiatry"}
_ADULT = {"child": "medicine", "child_psychiatry": "psychiatry"}
_INTERVAL_DAYS = expand_quantiles([(0, 7), (250, 14), (500, 28), (800, 60), (1000, 120)])


@dataclass(frozen=True, slots=True)
class _Series:
    """A sort of series of visits.

    Attributes
    ----------
    per_mille
        Of those with the condition (of everybody where there is none) who have one in three years.
    visits
        Fewest and most, exclusive.
    interval_days
        Days between visits; NEVER for a drawn interval of weeks.
    """

    specialty: str
    condition: str
    per_mille: int
    visits: tuple[int, int]
    interval_days: int = NEVER
    kind: str = "outpatient_visit"
    service: str = ""


_SERIES = (
    _Series("cancer", "cancer", 620, (4, 14), 21, "day_treatment", "chemotherapy"),
    _Series("cancer", "cancer", 700, (3, 9)),
    _Series("psychiatry", "mental_illness", 520, (4, 24)),
    _Series("substance", "substance_use", 480, (4, 20)),
    _Series("lung", "copd", 330, (3, 8)),
    _Series("heart", "heart_failure", 420, (3, 9)),
    _Series("medicine", "diabetes", 300, (3, 10)),
    _Series("kidney", "diabetes", 7, (60, 220), 2, "day_treatment", "dialysis"),
    _Series("geriatrics", "dementia", 250, (2, 6)),
    _Series("orthopaedics", "", 45, (2, 6)),
    _Series("rheumatology", "", 14, (3, 12)),
    _Series("rehabilitation", "", 10, (4, 14)),
    _Series("child_psychiatry", "", 14, (4, 18)),
)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The working days of the period, some as often as more is done on them.

    Examples
    --------
    >>> calendar = Calendar.of(Period(1))
    >>> int(calendar.days[0]) - Period(1).first_day  # 1 January is a holiday
    1
    """

    days: np.ndarray

    @staticmethod
    def of(period: Period) -> Calendar:
        """Return the calendar of a period: July has two thirds of the usual, Fridays less."""
        days = period.working_days
        month = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12
        weight = np.where(month == 6, 2, 3) * np.where((days + 3) % 7 == 4, 3, 4)
        return Calendar(np.repeat(days, weight))

    def draw(self, seed: int, stream: str, ids: np.ndarray, k: np.ndarray) -> np.ndarray:
        """Return a working day for each id."""
        return np.asarray(self.days[integers(seed, stream, ids, 0, len(self.days), k)])


def spread_counts(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return places, each as often as its count says, and a running number within each.

    Examples
    --------
    >>> [a.tolist() for a in spread_counts(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    places = np.repeat(np.arange(len(counts)), counts)
    ends = np.cumsum(counts)
    return places, np.arange(len(places)) - np.repeat(ends - counts, counts)


def draw_visits(region: Region, seed: int, people: People, period: Period) -> Contacts:
    """Return visits of all people, as if they were never in hospital and never died."""
    parts = [_single(region, seed, people, period)]
    parts += [_series(seed, people, period, place, series) for place, series in enumerate(_SERIES)]
    patient, specialty, day, kind, service, k = (
        np.concatenate([part[i] for part in parts]) for i in range(6)
    )
    inside = (day >= period.first_day) & (day <= period.last_day)
    patient, specialty, day = patient[inside], specialty[inside], day[inside]
    kind, service, k = kind[inside], service[inside], k[inside]
    unit = _units(region, people, patient, specialty, day, period)
    number = people.number[patient]
    start = period.instants(day, integers(seed, "visit clock", number, 96, 186, k) * 5)
    is_day = kind == KINDS.index("day_treatment")
    minutes = np.where(
        is_day,
        integers(seed, "day treatment", number, 150, 330, k),
        integers(seed, "visit minutes", number, 20, 75, k),
    )
    how = integers(seed, "visit form", number, 0, 100, k)
    is_video = ~is_day & (how < 7)
    is_digital = ~is_day & (how >= 98)
    is_acute = ~is_day & (integers(seed, "visit urgency", number, 0, 100, k) < 3)
    form = np.where(is_video, FORMS.index("video"), FORMS.index("on_site"))
    return make_contacts(
        patient,
        unit,
        start,
        start + minutes * 60,
        kind=np.where(is_digital, KINDS.index("digital_follow_up"), kind),
        form=np.where(is_digital, FORMS.index("digital"), form),
        care_level=np.where(is_day, 1, 2),
        service=service,
        urgency=np.where(is_acute, _ACUTE, _PLANNED),
    )


_Drawn = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _single(region: Region, seed: int, people: People, period: Period) -> _Drawn:
    group = age_groups(2024 - people.birth_year)
    travel = _TRAVEL[distance_bands(region)[people.municipality]]
    likes = skewed(seed, "visits", people.number, _UNLIKE) * np.clip(people.frailty, 60, 250)
    mean = _SINGLE_PER_100_YEARS[group] * period.years * travel * likes // 1_000_000
    is_outside = people.municipality >= region.municipalities.n_trust
    mean = np.where(is_outside, mean // 4, mean)
    # Hundredths to whole visits: the rest decides by a draw.
    counts = (mean + integers(seed, "visits rest", people.number, 0, 100)) // 100
    patient, k = spread_counts(counts)
    number = people.number[patient]
    named = specialties()
    where = np.array([named.index(specialty) for specialty, _ in _SINGLE])
    cumulative = np.cumsum(np.array([weights for _, weights in _SINGLE]).T, axis=1)
    specialty = where[choice_by_group(seed, "visit where", number, cumulative, group[patient], k)]
    is_male = people.sex[patient] == "male"
    is_maternity = is_male & (specialty == named.index("maternity"))
    specialty = np.where(is_maternity, named.index("orthopaedics"), specialty)
    day = Calendar.of(period).draw(seed, "visit day", number, k)
    kind = np.full(len(patient), KINDS.index("outpatient_visit"))
    return patient, specialty, day, kind, np.full(len(patient), NEVER), k


def _series(seed: int, people: People, period: Period, place: int, series: _Series) -> _Drawn:
    has = (
        people.conditions[:, CONDITIONS.index(series.condition)]
        if series.condition
        else np.ones(len(people), dtype=bool)
    )
    if series.specialty == "child_psychiatry":
        has = age_groups(2024 - people.birth_year) == 0
    stream = f"series {place}"
    drawn = integers(seed, stream, people.number, 0, 3000)
    who = np.flatnonzero(has & (drawn < series.per_mille * period.years))
    number = people.number[who]
    counts = integers(seed, stream + " visits", number, *series.visits)
    first = integers(seed, stream + " begin", number, period.first_day - 120, period.last_day - 10)
    interval = (
        skewed(seed, stream + " interval", number, _INTERVAL_DAYS)
        if series.interval_days == NEVER
        else np.full(len(who), series.interval_days)
    )
    at, i = spread_counts(counts)
    # Visits wander a little around their intervals; dialysis is every second day but weekends.
    wander = (
        integers(seed, stream + " day", number[at], 0, 5, i) if interval.max(initial=0) > 6 else 0
    )
    planned = first[at] + interval[at] * i + wander
    inside = (planned >= period.first_day) & (planned <= period.last_day)
    at, i, planned = at[inside], i[inside], planned[inside]
    day = period.to_working_days(planned)
    kind = np.full(len(at), KINDS.index(series.kind))
    service = SERVICES.index(series.service) if series.service else NEVER
    specialty = np.full(len(at), specialties().index(series.specialty))
    # Places of series do not meet those of single visits.
    k = i + 1000 * (place + 1)
    return who[at], specialty, day, kind, np.full(len(at), service), k


def _units(
    region: Region,
    people: People,
    patient: np.ndarray,
    specialty: np.ndarray,
    day: np.ndarray,
    period: Period,
) -> np.ndarray:
    named = specialties()
    to_child = np.array([named.index(_CHILD.get(s, "child")) for s in named])
    to_child = np.where([s.startswith("child") for s in named], np.arange(len(named)), to_child)
    to_adult = np.array([named.index(_ADULT.get(s, s)) for s in named])
    age = period.years_of(day) - people.birth_year[patient]
    column = np.where(age < 18, to_child[specialty], to_adult[specialty])
    where = people.municipality_on(patient, day)
    site = region.municipalities.sent_to[where]
    unit = find_places(region).clinics[site, column]
    return _nearer(region, where, unit)


def _nearer(region: Region, where: np.ndarray, unit: np.ndarray) -> np.ndarray:
    """Send people of some municipalities to the centres that lie nearer than the hospital."""
    areas = region.municipalities.dps_area
    for area, medicine, psychiatry in (
        ("Midt-Troms", "dms-midt-troms", "phrk-dps-midt-troms"),
        ("Nord-Troms", "dms-nord-troms", "phrk-dps-nord-troms"),
    ):
        is_there = (areas == area)[where] & (region.municipalities.site == 0)[where]
        for usual, nearer in (("mk-medicine", medicine), ("phrk-dps-tromso", psychiatry)):
            unit = np.where(is_there & (unit == region.unit(usual)), region.unit(nearer), unit)
    return unit
