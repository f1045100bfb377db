"""From planned stays to admissions: transfers between hospitals, wards, and what follows."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from pathgraph.synth.contacts import SERVICES, Contacts, make_contacts
from pathgraph.synth.draws import integers
from pathgraph.synth.lives import NEVER
from pathgraph.synth.people import CONDITIONS, People, age_groups
from pathgraph.synth.period import Period
from pathgraph.synth.reasons import REASONS, Places, find_places, specialties
from pathgraph.synth.region import Region
from pathgraph.synth.stays import PlannedStays

__all__ = ["Admissions", "admission_contacts", "draw_admissions", "join_admissions"]

HOME, OTHER_HOSPITAL, NURSING_HOME, ACUTE_BEDS = 1, 3, 11, 21
"""NPR codes of tilSted and fraSted that the generator uses."""

MAX_WARDS = 4
_SPECIALTIES = specialties()
_RETURNED = 5
# Per cent of acute adult stays outside Tromsø that go on there, and of these that come back.
_TRANSFERRED, _SENT_BACK = 7, 40
_TO_PSYCHIATRY = 12
_RECEPTION, _INTENSIVE, _MOVED = 45, 4, 16
# Per mille of stays that end in a short-term place, by age group.
_TO_NURSING_HOME = np.array([0, 3, 25, 95, 190])
_TO_ACUTE_BEDS = 12


@dataclass(frozen=True, slots=True)
class Admissions:
    """Admissions (contacts without parent) in order of patient and start.

    Attributes
    ----------
    stay
        Place of the stay in this block's stays.
    end_s
        NEVER for who is still in.
    unit
        Unit of the admission as a whole.
    wards, ward_start_s
        One row an admission, :data:`MAX_WARDS` columns, NEVER where there is none.
    reason
        Place in :data:`~pathgraph.synth.reasons.REASONS`.
    """

    patient: np.ndarray
    stay: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    unit: np.ndarray
    urgency: np.ndarray
    admitted_from: np.ndarray
    discharged_to: np.ndarray
    ended_dead: np.ndarray
    reason: np.ndarray
    wards: np.ndarray
    ward_start_s: np.ndarray


def join_admissions(parts: list[Admissions]) -> Admissions:
    """Return all admissions in order of patient and start; stays are numbered anew."""
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Admissions)
    }
    part = np.repeat(np.arange(len(parts)), [len(p.patient) for p in parts])
    order = np.lexsort((columns["start_s"], columns["patient"]))
    columns = {name: values[order] for name, values in columns.items()}
    stay, part = columns["stay"], part[order]
    begins = np.ones(len(stay), dtype=bool)
    begins[1:] = (stay[1:] != stay[:-1]) | (part[1:] != part[:-1])
    columns["stay"] = np.cumsum(begins) - 1
    return Admissions(**columns)


def draw_admissions(
    region: Region, seed: int, people: People, planned: PlannedStays, period: Period
) -> Admissions:
    """Return the admissions that the planned stays consist of, up to the end of the period."""
    parts = [
        _part(region, seed, people, planned, legs, place)
        for place, legs in enumerate(_split(seed, people, planned))
    ]
    columns = {
        field.name: np.concatenate([getattr(part, field.name) for part in parts])
        for field in fields(Admissions)
    }
    kept = np.flatnonzero(columns["start_s"] < period.end_s)
    kept = kept[np.lexsort((columns["start_s"][kept], columns["stay"][kept]))]
    admissions = Admissions(**{name: values[kept] for name, values in columns.items()})
    return _close(seed, people, planned, admissions, period)


@dataclass(frozen=True, slots=True)
class _Leg:
    """One of up to three admissions of every stay; ``is_there`` says which stays have it."""

    start_s: np.ndarray
    end_s: np.ndarray
    is_there: np.ndarray
    site: np.ndarray
    specialty: np.ndarray

    def take(self, places: np.ndarray) -> _Leg:
        """Return the leg of some stays."""
        return _Leg(*(getattr(self, f.name)[places] for f in fields(self)))


def _split(seed: int, people: People, planned: PlannedStays) -> tuple[_Leg, _Leg, _Leg]:
    """Divide the time of stays with a transfer; no leg ends after the stay."""
    number, k = people.number[planned.patient], planned.round
    start, end = planned.start_s, planned.end_s
    specialty = np.array([_SPECIALTIES.index(reason.specialty) for reason in REASONS])
    specialty = specialty[planned.reason]
    to_regional, to_psychiatry = _transfers(seed, people, planned)
    back = to_regional & (integers(seed, "sent back", number, 0, 100, k) < _SENT_BACK)
    moved = to_regional | to_psychiatry
    # A quarter of the time before the transfer; after a return, half of what is left.
    first_end = np.where(moved, start + (end - start) // 240 * 60, end)
    second_start = first_end + integers(seed, "transfer gap", number, 10, 420, k) * 60
    second_end = np.where(back, second_start + (end - second_start) // 120 * 60, end)
    # A return from another hospital belongs to the stay at any gap: one in four waits long.
    waits = integers(seed, "return waits", number, 0, 4, k) == 0
    wait_s = 60 * np.where(
        waits,
        integers(seed, "long wait", number, 600, 2880, k),
        integers(seed, "short wait", number, 30, 300, k),
    )
    third_start = second_end + np.minimum(wait_s, (end - second_end) // 120 * 60)
    regional = np.zeros_like(planned.site)
    psychiatric = np.full(len(start), _SPECIALTIES.index("acute_psychiatry"))
    return (
        _Leg(start, first_end, np.ones(len(start), dtype=bool), planned.site, specialty),
        _Leg(second_start, second_end, moved, regional,
             np.where(to_psychiatry, psychiatric, specialty)),
        _Leg(third_start, end, back, planned.site, specialty),
    )  # fmt: skip


def _transfers(seed: int, people: People, planned: PlannedStays) -> tuple[np.ndarray, np.ndarray]:
    number, k = people.number[planned.patient], planned.round
    drawn = integers(seed, "transferred", number, 0, 100, k)
    is_somatic = ~np.array([_is_psychiatric(r.specialty) for r in REASONS])[planned.reason]
    may = planned.is_acute & (planned.age >= 18) & is_somatic & ~planned.ended_dead
    may &= planned.end_s - planned.start_s > 48 * 3600
    to_regional = may & (planned.site != 0) & (drawn < _TRANSFERRED)
    ill = people.conditions[planned.patient]
    minds = ill[:, CONDITIONS.index("mental_illness")] | ill[:, CONDITIONS.index("substance_use")]
    return to_regional, may & ~to_regional & minds & (drawn >= 100 - _TO_PSYCHIATRY)


def _is_psychiatric(specialty: str) -> bool:
    return specialty in ("acute_psychiatry", "psychiatry", "substance", "child_psychiatry")


def _part(
    region: Region, seed: int, people: People, planned: PlannedStays, leg: _Leg, place: int
) -> Admissions:
    at, places = np.flatnonzero(leg.is_there), find_places(region)
    planned, leg = planned.take(at), leg.take(at)
    drawn = integers(seed, "urgency", people.number[planned.patient], 0, 100, planned.round)
    # NPR innmateHast 1 at once, 2 within 6 hours, 3 within 24, 4 planned, 5 sent back.
    acute = np.where(drawn < 80, 1, np.where(drawn < 93, 2, 3))
    urgency = np.where(planned.is_acute, acute, 4) if place < 2 else np.full(len(at), _RETURNED)
    wards, ward_start = _draw_wards(places, seed, people, planned, leg, place)
    return Admissions(
        patient=planned.patient,
        stay=at,
        start_s=leg.start_s,
        end_s=leg.end_s,
        unit=places.admission[leg.site, leg.specialty],
        urgency=urgency,
        admitted_from=np.full(len(at), HOME if place == 0 else OTHER_HOSPITAL),
        discharged_to=np.full(len(at), NEVER),
        ended_dead=np.zeros(len(at), dtype=bool),
        reason=planned.reason,
        wards=wards,
        ward_start_s=ward_start,
    )


def _draw_wards(
    places: Places, seed: int, people: People, planned: PlannedStays, leg: _Leg, place: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return up to four wards in order: reception, the specialty's, intensive care, another."""
    number, k = people.number[planned.patient], planned.round * 3 + place
    start, site, column = leg.start_s, leg.site, leg.specialty
    length = leg.end_s - start
    is_adult = planned.age >= 18
    somatic = is_adult & ~np.array([_is_psychiatric(s) for s in _SPECIALTIES])[column]
    which = integers(seed, "ward", number, 0, 2, k)
    main, second = places.wards[site, column, which], places.wards[site, column, 1 - which]
    received = somatic & planned.is_acute & (place == 0) & (length > 12 * 3600)
    received &= integers(seed, "reception", number, 0, 100, k) < _RECEPTION
    hours = integers(seed, "reception time", number, 90, 480, k) * 60
    moved = integers(seed, "moved", number, 0, 100, k)
    intensive = somatic & (length > 72 * 3600) & (moved < _INTENSIVE)
    other = is_adult & (length > 24 * 3600) & (moved >= 100 - _MOVED) & (second != main)
    reception, care = (
        places.wards[site, _SPECIALTIES.index(s), 0] for s in ("reception", "intensive")
    )
    wards = [
        np.where(received, reception, NEVER),
        main,
        np.where(intensive, care, NEVER),
        # After intensive care the patient goes back.
        np.where(intensive, main, np.where(other, second, NEVER)),
    ]
    # Intensive care after two fifths of the time, another ward after two thirds.
    starts = [
        start,
        start + received * hours,
        start + length // 150 * 60,
        start + length // 90 * 60,
    ]
    return np.stack(wards, axis=1), np.stack(starts, axis=1)


def _close(
    seed: int, people: People, planned: PlannedStays, admissions: Admissions, period: Period
) -> Admissions:
    """Say how each admission ended; what has not ended at the end of the period is open."""
    is_last = np.ones(len(admissions.stay), dtype=bool)
    is_last[:-1] = admissions.stay[1:] != admissions.stay[:-1]
    is_open = admissions.end_s >= period.end_s
    dead = is_last & ~is_open & planned.ended_dead[admissions.stay]
    to = np.where(is_last, _destinations(seed, people, planned, admissions), OTHER_HOSPITAL)
    to = np.where(dead | is_open, NEVER, to)
    return replace(
        admissions,
        end_s=np.where(is_open, NEVER, admissions.end_s),
        discharged_to=to,
        ended_dead=dead,
    )


def _destinations(
    seed: int, people: People, planned: PlannedStays, admissions: Admissions
) -> np.ndarray:
    number, k = people.number[admissions.patient], planned.round[admissions.stay]
    age = planned.age[admissions.stay]
    drawn = integers(seed, "discharged to", number, 0, 1000, k)
    nursing = _TO_NURSING_HOME[age_groups(age)]
    nursing = nursing * np.where(
        people.conditions[admissions.patient, CONDITIONS.index("dementia")], 2, 1
    )
    nursing = np.where(planned.is_acute[admissions.stay], nursing, nursing // 2)
    beds = np.where(age >= 67, _TO_ACUTE_BEDS, 0)
    return np.where(
        drawn < nursing, NURSING_HOME, np.where(drawn < nursing + beds, ACUTE_BEDS, HOME)
    )


def admission_contacts(admissions: Admissions) -> Contacts:
    """Return the admissions, in their order, and after them their ward stays."""
    services = np.array([SERVICES.index(r.service) if r.service else NEVER for r in REASONS])
    whole = make_contacts(
        admissions.patient,
        admissions.unit,
        admissions.start_s,
        admissions.end_s,
        kind="admission",
        form="on_site",
        care_level="overnight",
        service=services[admissions.reason],
        urgency=admissions.urgency,
        admitted_from=admissions.admitted_from,
        discharged_to=admissions.discharged_to,
        ended_dead=admissions.ended_dead.astype(np.int64),
    )
    children = []
    next_start = admissions.end_s
    for slot in range(MAX_WARDS - 1, -1, -1):
        at = np.flatnonzero(admissions.wards[:, slot] != NEVER)
        ward = make_contacts(
            admissions.patient[at],
            admissions.wards[at, slot],
            admissions.ward_start_s[at, slot],
            next_start[at],
            kind="ward_stay",
            form="on_site",
            care_level="overnight",
            parent=at,
        )
        next_start = next_start.copy()
        next_start[at] = admissions.ward_start_s[at, slot]
        children.append(ward)
    names = [field.name for field in fields(Contacts)]
    parts = [whole, *reversed(children)]
    return Contacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
