"""One block of patients: their lives put together, and the rows of the tables that they fill."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pathgraph.model.tables import LEVELS
from pathgraph.synth.admissions import (
    NURSING_HOME,
    Admissions,
    admission_contacts,
    draw_admissions,
    join_admissions,
)
from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.contacts import CARE_LEVELS, KINDS, Contacts, join_contacts
from pathgraph.synth.diagnoses import diagnosis_rows
from pathgraph.synth.drawn_lives import N_DRAWN, DrawnLives, write_drawn_lives
from pathgraph.synth.first_line import draw_emergency_visits, draw_gp_contacts, draw_gp_follow_up
from pathgraph.synth.lives import NEVER, Lives, Services, SpecialistDates, Stays, Truths
from pathgraph.synth.occupied import Occupied
from pathgraph.synth.people import People, draw_people
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region
from pathgraph.synth.services import (
    HospitalTime,
    ServicePeriods,
    draw_services,
    join_periods,
    long_term_since,
    service_contacts,
)
from pathgraph.synth.stays import PlannedStays, draw_stays
from pathgraph.synth.teams import team_contacts, team_episodes
from pathgraph.synth.truths import register_near_misses, register_truths
from pathgraph.synth.visits import draw_visits

__all__ = ["BLOCK", "draw_lives"]

BLOCK = 50_000
"""Patients a block; contacts are numbered within it, so another size would give other ids."""

_LAST_MILLENNIUM = "2000-01-01"
# GP contacts without the patient, which a hospital stay does not stop.
_WITHOUT_PATIENT = ("simple_contact", "administrative", "collaboration")


@dataclass(frozen=True, slots=True)
class _Block:
    """What every step of a block needs; ``drawn`` are lives by hand, in the first block only."""

    region: Region
    seed: int
    first: int
    people: People
    is_drawn: np.ndarray
    drawn: DrawnLives | None
    period: Period

    @property
    def birth_year(self) -> np.ndarray:
        """Year of birth of each patient."""
        return self.people.birth_year


def draw_lives(
    region: Region, seed: int, first: int, n: int, period: Period
) -> tuple[Lives, dict[str, pa.Table]]:
    """Return the lives of ``n`` patients from number ``first`` on, and their rows.

    Returns
    -------
    tuple
        Lives, and the tables patients, residences, contacts and diagnoses.
    """
    block = _begin(region, seed, first, n, period)
    admissions, death_s = _hospital(block)
    hospital = _hospital_time(admissions, period)
    stays = _stays(block, admissions, hospital)
    services = _services(block, hospital, death_s)
    others = [service_contacts(services), _ambulatory(block, stays, hospital, death_s)]
    if block.drawn is not None:
        others.append(block.drawn.contacts)
    together = join_contacts([admission_contacts(admissions), *others])
    contacts, number = _numbered(together, period)
    is_first, is_last = _bounds(admissions.stay)
    stays = replace(
        stays,
        first_contact=number[: len(is_first)][is_first],
        last_contact=number[: len(is_first)][is_last],
    )
    lives = _lives(block, stays, services, contacts, death_s)
    register_truths(region, lives, contacts, period)
    if block.drawn is not None:
        register_near_misses(lives, block.drawn, number)
    return lives, {
        "patients": _patients(lives),
        "residences": _residences(region, lives),
        "contacts": _contact_rows(region, lives, contacts),
        "diagnoses": diagnosis_rows(
            region, seed, block.people, lives, (admissions, contacts, number)
        ),
    }


def _begin(region: Region, seed: int, first: int, n: int, period: Period) -> _Block:
    people = draw_people(region, seed, first, n, period)
    is_drawn = people.number < N_DRAWN
    if not is_drawn.any():
        return _Block(region, seed, first, people, is_drawn, None, period)
    tromso = int(region.units.municipality[region.unit("gp-5501-1")])
    drawn = write_drawn_lives(region, period)
    # Whose life is written by hand lives in Tromsø, or outside the trust's municipalities.
    municipality, birth_year = people.municipality.copy(), people.birth_year.copy()
    municipality[is_drawn] = np.where(drawn.is_elsewhere, region.municipalities.n_trust, tromso)
    birth_year[is_drawn] = drawn.birth_year
    people = replace(
        people,
        birth_year=birth_year,
        municipality=municipality,
        moved_day=np.where(is_drawn, NEVER, people.moved_day),
        moved_to=np.where(is_drawn, NEVER, people.moved_to),
        gp_unit=np.where(is_drawn, region.unit("gp-5501-1"), people.gp_unit),
        conditions=people.conditions & ~is_drawn[:, None],
        due_to_die_s=np.where(is_drawn, period.end_s * 2, people.due_to_die_s),
    )
    return _Block(region, seed, first, people, is_drawn, drawn, period)


def _hospital(block: _Block) -> tuple[Admissions, np.ndarray]:
    """Return all admissions, and when each patient dies, NEVER for those who live on."""
    seed, people, period = block.seed, block.people, block.period
    planned = draw_stays(block.region, seed, people, period)
    planned = planned.take(np.flatnonzero(~block.is_drawn[planned.patient]))
    death_s = _deaths(planned, people, period)
    admissions = draw_admissions(block.region, seed, people, planned, period)
    settled = long_term_since(seed, people, period)[admissions.patient]
    # Who lives in a nursing home goes back there.
    goes_back = (settled != NEVER) & (admissions.end_s >= settled)
    goes_back &= admissions.discharged_to != NEVER
    is_last = _bounds(admissions.stay)[1]
    to = np.where(goes_back & is_last, NURSING_HOME, admissions.discharged_to)
    admissions = replace(admissions, discharged_to=to)
    if block.drawn is not None:
        admissions = join_admissions([block.drawn.admissions, admissions])
        death_s[: len(block.drawn.death_s)] = block.drawn.death_s
    return admissions, death_s


def _deaths(planned: PlannedStays, people: People, period: Period) -> np.ndarray:
    due = people.due_to_die_s
    death_s = np.where(due < period.end_s, due, NEVER)
    dead = planned.ended_dead
    end = planned.end_s[dead]
    death_s[planned.patient[dead]] = np.where(end < period.end_s, end, NEVER)
    return death_s


def _bounds(groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows are the first and which the last of their group."""
    is_first = np.ones(len(groups), dtype=bool)
    is_first[1:] = groups[1:] != groups[:-1]
    return is_first, np.append(is_first[1:], True)


def _hospital_time(admissions: Admissions, period: Period) -> HospitalTime:
    is_first, is_last = _bounds(admissions.stay)
    end = admissions.end_s[is_last]
    return HospitalTime(
        patient=admissions.patient[is_first],
        start_s=admissions.start_s[is_first],
        end_s=np.where(end == NEVER, period.end_s * 2, end),
        destination=admissions.discharged_to[is_last],
    )


def _stays(block: _Block, admissions: Admissions, hospital: HospitalTime) -> Stays:
    """Return the stays; the numbers of their contacts are not known yet."""
    is_first, is_last = _bounds(admissions.stay)
    period, end = block.period, admissions.end_s[is_last]
    wards = admissions.wards
    first_ward = np.where(wards[:, 0] != NEVER, wards[:, 0], wards[:, 1])
    begun = np.where(admissions.ward_start_s < period.end_s, wards, NEVER)
    last_ward = first_ward
    for slot in range(1, wards.shape[1]):
        last_ward = np.where(begun[:, slot] != NEVER, begun[:, slot], last_ward)
    start_day = period.days(hospital.start_s)
    unknown = np.full(len(end), NEVER)
    return Stays(
        patient=hospital.patient,
        first_contact=unknown,
        last_contact=unknown,
        start_s=hospital.start_s,
        end_s=end,
        start_day=start_day,
        end_day=np.where(end == NEVER, NEVER, period.days(np.maximum(end, period.first_s))),
        is_acute=np.isin(admissions.urgency[is_first], (1, 2, 3)),
        first_unit=admissions.unit[is_first],
        admitted_unit=first_ward[is_first],
        unit=last_ward[is_last],
        ended_dead=admissions.ended_dead[is_last],
        to_home=(hospital.destination == 1) & ~admissions.ended_dead[is_last],
        municipality=block.people.municipality_on(hospital.patient, start_day),
    )


def _services(block: _Block, hospital: HospitalTime, death_s: np.ndarray) -> ServicePeriods:
    drawn = draw_services(block.region, block.seed, block.people, hospital, death_s, block.period)
    kept = drawn.take(np.flatnonzero(~block.is_drawn[drawn.patient]))
    return kept if block.drawn is None else join_periods([kept, block.drawn.services])


def _ambulatory(
    block: _Block, stays: Stays, hospital: HospitalTime, death_s: np.ndarray
) -> Contacts:
    """Return all other contacts that can have been: at home, alive, within the period."""
    region, seed, people, period = block.region, block.seed, block.people, block.period
    acute = stays.patient[stays.is_acute], stays.start_s[stays.is_acute]
    episodes = team_episodes(region, seed, block, stays, period)
    contacts = join_contacts(
        [
            draw_visits(region, seed, people, period),
            draw_emergency_visits(region, seed, people, acute, period),
            draw_gp_contacts(region, seed, people, period),
            draw_gp_follow_up(region, seed, people, hospital, period),
            team_contacts(seed, block.first, stays, episodes, period),
        ]
    )
    last = np.where(death_s == NEVER, period.end_s, death_s)[contacts.patient]
    fits = ~block.is_drawn[contacts.patient] & (contacts.start_s < last)
    fits &= contacts.start_s >= people.entered_s[contacts.patient]
    beds = Occupied(hospital.patient, hospital.start_s, hospital.end_s)
    meets = beds.meets(contacts.patient, contacts.start_s, contacts.end_s)
    stops = ~np.isin(contacts.kind, [KINDS.index(kind) for kind in _WITHOUT_PATIENT])
    fits &= ~(meets & stops)
    end = np.minimum(contacts.end_s, last)
    return replace(contacts, end_s=end).take(np.flatnonzero(fits))


def _numbered(contacts: Contacts, period: Period) -> tuple[Contacts, np.ndarray]:
    """Order contacts by patient and start; return them and the number of each one given."""
    kept = np.flatnonzero(contacts.start_s < period.end_s)
    is_part = contacts.parent[kept] != NEVER
    order = kept[np.lexsort((is_part, contacts.start_s[kept], contacts.patient[kept]))]
    number = np.full(len(contacts), NEVER)
    number[order] = np.arange(len(order))
    parent = np.where(contacts.parent == NEVER, NEVER, number[contacts.parent])
    end = np.where(contacts.end_s >= period.end_s, NEVER, contacts.end_s)
    return replace(contacts, parent=parent, end_s=end).take(order), number


def _lives(
    block: _Block, stays: Stays, services: ServicePeriods, contacts: Contacts, death_s: np.ndarray
) -> Lives:
    region, people, period = block.region, block.people, block.period
    level = np.array([LEVELS.index(name) for name in region.units.level])[contacts.unit]
    start_day = period.days(contacts.start_s)
    is_leaf = contacts.kind != KINDS.index("admission")
    special = np.flatnonzero(is_leaf & (level <= LEVELS.index("psychiatry")))
    is_outpatient = contacts.care_level == CARE_LEVELS.index("outpatient")
    planned = is_outpatient & ~np.isin(contacts.urgency, (1, 2, 3))
    died_day = np.where(death_s == NEVER, NEVER, period.days(np.maximum(death_s, period.first_s)))
    moves = (died_day == NEVER) | (people.moved_day <= died_day)
    return Lives(
        first=block.first,
        birth_year=people.birth_year,
        sex=people.sex,
        is_drawn=block.is_drawn,
        municipality=people.municipality,
        moved_day=np.where(moves, people.moved_day, NEVER),
        moved_to=np.where(moves, people.moved_to, NEVER),
        died_day=died_day,
        gp_unit=people.gp_unit,
        last_seen=_last_seen(len(people), contacts, level, start_day, period),
        stays=stays,
        services=_service_days(services, period),
        specialist=SpecialistDates(
            patient=contacts.patient[special],
            unit=contacts.unit[special],
            day=start_day[special],
            start_s=contacts.start_s[special],
            is_planned_outpatient=planned[special],
        ),
        truths=Truths(),
        drawn_referrals=() if block.drawn is None else block.drawn.referrals,
        near_referrals=() if block.drawn is None else block.drawn.near_referrals,
    )


def _service_days(services: ServicePeriods, period: Period) -> Services:
    ended = period.days(np.maximum(services.end_s, services.start_s))
    return Services(
        patient=services.patient,
        kind=np.array(KINDS, dtype=object)[services.kind],
        unit=services.unit,
        start_day=period.days(services.start_s),
        end_day=np.where(services.end_s == NEVER, NEVER, ended),
    )


def _last_seen(
    n: int, contacts: Contacts, level: np.ndarray, start_day: np.ndarray, period: Period
) -> np.ndarray:
    goes_on = (contacts.care_level == CARE_LEVELS.index("overnight")) | (
        level == LEVELS.index("municipal")
    )
    ended = period.days(np.maximum(contacts.end_s, contacts.start_s))
    last = np.where(contacts.end_s != NEVER, ended, np.where(goes_on, period.last_day, start_day))
    seen = np.full((n, len(LEVELS)), NEVER)
    np.maximum.at(seen, (contacts.patient, level), last)
    return seen


def _patients(lives: Lives) -> pa.Table:
    n = len(lives)
    return canonical_rows(
        "patients",
        n,
        {
            "patient_id": lives.patient_ids(np.arange(n)),
            "birth_year": lives.birth_year,
            "sex": lives.sex,
            "died_on": lives.died_day,
        },
    )


def _residences(region: Region, lives: Lives) -> pa.Table:
    moved = np.flatnonzero(lives.moved_day != NEVER)
    patient = np.concatenate([np.arange(len(lives)), moved])
    born = (lives.birth_year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    since = np.maximum(born, np.datetime64(_LAST_MILLENNIUM)).astype(np.int64)
    where = np.concatenate([lives.municipality, lives.moved_to[moved]])
    valid_from = np.concatenate([since, lives.moved_day[moved]])
    valid_to = np.concatenate([lives.moved_day, np.full(len(moved), NEVER)])
    order = np.lexsort((valid_from, patient))
    return canonical_rows(
        "residences",
        len(order),
        {
            "patient_id": lives.patient_ids(patient[order]),
            "municipality_code": region.municipality_codes(where[order]),
            "valid_from": valid_from[order],
            "valid_to": valid_to[order],
        },
    )


def _contact_rows(region: Region, lives: Lives, contacts: Contacts) -> pa.Table:
    ids = lives.contact_ids(np.arange(len(contacts)))
    parent = pa.array(contacts.parent, mask=contacts.parent == NEVER)
    rows = contacts.rows(
        ids, ids.take(parent), lives.patient_ids(contacts.patient), region.unit_ids(contacts.unit)
    )
    return canonical_rows("contacts", len(contacts), dict(rows))
