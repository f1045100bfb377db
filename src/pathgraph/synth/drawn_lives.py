"""Lives written by hand: what a finding must just find, and what it must just not find.

Each script is lived by :data:`REPEATS` people, each a week after the one before. Beside what the
script says, nothing ever happens to them. The near misses are those of pathgraph's counting rules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pathgraph.synth.admissions import MAX_WARDS, Admissions
from pathgraph.synth.contacts import KINDS, Contacts, join_contacts, make_contacts
from pathgraph.synth.drawn_referrals import REFERRAL_SCRIPTS
from pathgraph.synth.lives import NEVER
from pathgraph.synth.pen import DrawnReferral, NearReferral, Pen
from pathgraph.synth.period import Period
from pathgraph.synth.reasons import reason_place
from pathgraph.synth.region import Region
from pathgraph.synth.services import ServicePeriods

__all__ = ["NEAR_COLUMNS", "N_DRAWN", "REPEATS", "DrawnLives", "write_drawn_lives"]

REPEATS = 5
_BIRTH_YEAR = 1950
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_STAY = 2 * _DAY
# 30 April 2025, a Wednesday.
_HOLIDAY_EVE = 20_208

NEAR_COLUMNS = {
    "readmissions": ("patient_id", "index_stay_id", "readmission_stay_id"),
    "revolving_door": ("patient_id",),
    "bouncing": ("level_run_id",),
    "no_follow_up_after_discharge": ("stay_id",),
    "emergency_returns": ("patient_id",),
    "missing_contact_physician": ("stay_id", "status"),
}
"""Identifying columns of the findings of which the scripts hold near misses."""


@dataclass(frozen=True, slots=True)
class DrawnLives:
    """What happens to the people of the scripts.

    Attributes
    ----------
    near
        Finding, word, patient, and places in ``admissions`` or ``services`` (as a pair of the
        name and the place) whose contacts identify the near miss.
    is_elsewhere
        Who lives outside the trust's municipalities.
    """

    admissions: Admissions
    contacts: Contacts
    services: ServicePeriods
    death_s: np.ndarray
    near: tuple[tuple[str, str, int, tuple[tuple[str, int], ...]], ...]
    birth_year: np.ndarray
    is_elsewhere: np.ndarray
    referrals: tuple[DrawnReferral, ...]
    near_referrals: tuple[NearReferral, ...]


_Script = Callable[[Pen], None]


def _return_after(gap_s: int, *, urgency: int = 1, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        end = pen.stay(pen.base_s)
        pen.visit(end + 2 * _HOUR, "consultation", pen.practice)
        back = pen.stay(end + gap_s, urgency=urgency)
        pen.visit(back + 2 * _HOUR, "consultation", pen.practice)
        if word:
            pen.nearly("readmissions", word, back=(2, 1))

    return write


def _clock_change(pen: Pen) -> None:
    # The night to 30 March 2025 has an hour less: nine hours on the clock, eight less a minute.
    evening = int(pen.period.instants(np.array([20_176]), 22 * 60)[0])
    pen.stay(evening - _STAY)
    pen.stay(evening + 8 * _HOUR - _MINUTE)
    pen.nearly("readmissions", "less_than_8_hours_in_the_night_of_the_clock_change", back=(2, 1))


def _door(last_gap_s: int, *, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        first = pen.base_s - 366 * _DAY
        pen.stay(first)
        pen.stay(first + 100 * _DAY)
        pen.stay(first + last_gap_s)
        if word:
            pen.nearly("revolving_door", word)

    return write


def _merged_door(pen: Pen) -> None:
    end = pen.stay(pen.base_s - 80 * _DAY)
    pen.stay(end + 3 * _HOUR)
    pen.stay(pen.base_s)
    pen.nearly("revolving_door", "two_of_three_admissions_are_one_stay")


def _door_over_new_year(pen: Pen) -> None:
    first = int(pen.period.instants(np.array([pen.period.last_day - 365 - 40]), 600)[0])
    for days in (0, 30, 80):
        pen.stay(first + days * _DAY)


def _bounce(back_gap_s: int, *, urgency: int = 1, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        end = pen.stay(pen.base_s, to=11)
        left = end + 12 * _DAY
        pen.place(end + 2 * _HOUR, left)
        pen.visit(left + 6 * _HOUR, "consultation", pen.practice)
        pen.stay(left + back_gap_s, urgency=urgency)
        if word:
            pen.nearly("bouncing", word, back=(1,))

    return write


def _after_discharge(gap_s: int, kind: str, unit: str = "gp-5501-1", *, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        end = pen.stay(pen.base_s)
        pen.visit(end + gap_s, kind, unit)
        if word:
            pen.nearly("no_follow_up_after_discharge", word, back=(1,))

    return write


def _died_at_home(pen: Pen) -> None:
    end = pen.stay(pen.base_s)
    pen.deaths[pen.patient] = end + 5 * _DAY
    pen.nearly("no_follow_up_after_discharge", "died_before_any_contact", back=(1,))


def _acute_return(pen: Pen) -> None:
    end = pen.stay(pen.base_s)
    pen.stay(end + 6 * _DAY, to=11)
    pen.nearly("no_follow_up_after_discharge", "acute_return_before_any_contact", back=(2,))


def _to_institution(pen: Pen) -> None:
    end = pen.stay(pen.base_s, to=11)
    pen.visit(end + 40 * _DAY, "consultation", pen.practice)
    pen.nearly("no_follow_up_after_discharge", "discharged_to_an_institution", back=(1,))


def _not_covered(pen: Pen) -> None:
    week = (pen.base_s // (7 * _DAY)) % 5
    pen.stay(pen.period.end_s - (5 + week) * _DAY - 10 * _HOUR)
    pen.nearly("no_follow_up_after_discharge", "window_not_covered", back=(1,))


def _long_stay(length_s: int, *, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        end = pen.stay(pen.base_s, length_s)
        pen.visit(end + _DAY, "consultation", pen.practice)
        if word:
            pen.nearly("missing_contact_physician", word, back=(1,))

    return write


def _over_a_public_holiday(pen: Pen) -> None:
    # A contact physician is named on 2 May, the first working day (synth/contact_physicians).
    start = int(pen.period.instants(np.array([_HOLIDAY_EVE]), 10 * 60)[0])
    end = pen.stay(start, 6 * _DAY)
    pen.visit(end + _DAY, "consultation", pen.practice)


def _casualty(last_gap_s: int, *, admitted: bool = False, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        for gap_s in (0, 10 * _DAY, last_gap_s):
            pen.visit(pen.base_s + gap_s, "emergency_visit", "casualty-5501")
        if admitted:
            end = pen.stay(pen.base_s + 10 * _DAY + 2 * _HOUR)
            pen.visit(end + _DAY, "consultation", pen.practice)
        if word:
            pen.nearly("emergency_returns", word)

    return write


def _died_after_door(pen: Pen) -> None:
    for days in (0, 60, 120):
        end = pen.stay(pen.base_s - 150 * _DAY + days * _DAY)
        pen.visit(end + _DAY, "consultation", pen.practice)
    pen.stay(pen.base_s, dead=True)


_SCRIPTS: tuple[_Script, ...] = (
    _return_after(8 * _HOUR - _MINUTE, word="7_hours_59_minutes"),
    _return_after(8 * _HOUR),
    _return_after(30 * _DAY),
    _return_after(30 * _DAY + _MINUTE, word="30_days_and_a_minute"),
    _return_after(31 * _DAY, word="31_days"),
    _return_after(20 * _HOUR, urgency=5, word="sent_back_from_another_hospital"),
    _return_after(10 * _DAY, urgency=4, word="planned_stay"),
    _clock_change,
    _door(365 * _DAY),
    _door(365 * _DAY + _MINUTE, word="365_days_and_a_minute"),
    _merged_door,
    _door_over_new_year,
    _bounce(30 * _DAY),
    _bounce(30 * _DAY + _MINUTE, word="30_days_and_a_minute"),
    _bounce(9 * _DAY, urgency=4, word="planned_return"),
    _after_discharge(14 * _DAY - 2 * _HOUR, "consultation", word="followed_up_on_day_14"),
    _after_discharge(15 * _DAY, "consultation"),
    _after_discharge(3 * _DAY, "emergency_visit", "casualty-5501"),
    _after_discharge(3 * _DAY, "administrative"),
    _after_discharge(4 * _DAY, "home_visit", word="home_visit"),
    _died_at_home,
    _acute_return,
    _to_institution,
    _not_covered,
    _long_stay(96 * _HOUR, word="exactly_96_hours"),
    _long_stay(96 * _HOUR + _MINUTE),
    _over_a_public_holiday,
    _casualty(29 * _DAY),
    _casualty(30 * _DAY + _MINUTE, word="30_days_and_a_minute"),
    _casualty(29 * _DAY, admitted=True, word="one_of_three_led_to_admission"),
    _died_after_door,
    *REFERRAL_SCRIPTS,
)

N_DRAWN = REPEATS * len(_SCRIPTS) + 1
"""Number of people of the scripts: the first of the region."""


def write_drawn_lives(region: Region, period: Period) -> DrawnLives:
    """Return what happens to the people with the places 0 to :data:`N_DRAWN` - 1."""
    pen = Pen(region, period)
    for script in _SCRIPTS:
        for week in range(REPEATS):
            day = np.array([period.last_day - 150 + 7 * week])
            pen.base_s = int(period.instants(day, 11 * 60)[0])
            script(pen)
            pen.patient += 1
    # Somebody is seen on the last day, which is the day that findings are asked for by default.
    last = int(period.instants(np.array([period.last_day]), 12 * 60)[0])
    pen.visit(last, "administrative", pen.practice)
    return _to_arrays(pen)


def _to_arrays(pen: Pen) -> DrawnLives:
    deaths = np.full(N_DRAWN, NEVER)
    for patient, moment in pen.deaths.items():
        deaths[patient] = moment
    services = np.array([(p, KINDS.index(k), s, e) for p, k, s, e in pen.services])
    unit = pen.region.unit("short-term-5501")
    return DrawnLives(
        admissions=_admissions(pen),
        contacts=_visits(pen),
        services=ServicePeriods(
            services[:, 0],
            services[:, 1],
            np.full(len(services), unit),
            services[:, 2],
            services[:, 3],
        ),
        death_s=deaths,
        near=tuple(pen.near),
        birth_year=np.array([pen.birth_years.get(n, _BIRTH_YEAR) for n in range(N_DRAWN)]),
        is_elsewhere=np.isin(np.arange(N_DRAWN), list(pen.elsewhere)),
        referrals=tuple(pen.referrals),
        near_referrals=tuple(pen.near_referrals),
    )


def _admissions(pen: Pen) -> Admissions:
    columns = [np.array(column) for column in zip(*pen.admissions, strict=True)]
    patient, start, end, urgency, origin, to, dead = columns
    is_open = end >= pen.period.end_s
    n = len(patient)
    wards = np.full((n, MAX_WARDS), NEVER)
    wards[:, 1] = pen.region.unit("mk-medicine-ward")
    # What begins less than 8 hours after the one before, or is sent back, is the same stay.
    joins = np.zeros(n, dtype=bool)
    joins[1:] = (patient[1:] == patient[:-1]) & (
        (start[1:] - end[:-1] < 8 * _HOUR) | (urgency[1:] == 5)
    )
    return Admissions(
        patient=patient,
        stay=np.cumsum(~joins) - 1,
        start_s=start,
        end_s=np.where(is_open, NEVER, end),
        unit=np.full(n, pen.region.unit("hospital-tromso")),
        urgency=urgency,
        admitted_from=origin,
        discharged_to=np.where(is_open | dead, NEVER, to),
        ended_dead=dead,
        reason=np.full(n, reason_place("medicine")),
        wards=wards,
        ward_start_s=np.repeat(start[:, None], MAX_WARDS, axis=1),
    )


def _visits(pen: Pen) -> Contacts:
    parts = []
    for kind in sorted({visit[1] for visit in pen.visits}):
        rows = [visit for visit in pen.visits if visit[1] == kind]
        start = np.array([row[3] for row in rows])
        parts.append(
            make_contacts(
                np.array([row[0] for row in rows]),
                np.array([pen.region.unit(row[2]) for row in rows]),
                start,
                start + 15 * _MINUTE,
                kind=kind,
                form="on_site",
                care_level="outpatient",
                urgency=1 if kind == "emergency_visit" else NEVER,
            )
        )
    return join_contacts(parts)
