"""Codes on hospital contacts: why, and one of the illnesses that the patient has besides."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pathgraph.synth.admissions import Admissions
from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.contacts import KINDS, Contacts
from pathgraph.synth.draws import integers
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.people import CONDITIONS, People
from pathgraph.synth.reasons import REASONS
from pathgraph.synth.region import Region

__all__ = ["diagnosis_rows"]

_LASTING = {
    "copd": "J44.9",
    "heart_failure": "I50.9",
    "diabetes": "E11.9",
    "cancer": "C80.9",
    "dementia": "F03",
    "mental_illness": "F33.9",
    "substance_use": "F10.2",
}
_VISITS: dict[str, tuple[str, ...]] = {
    "medicine": ("E11.9", "K50.9", "N18.3", "R10.4"),
    "heart": ("I48.9", "I25.1", "I50.9"),
    "lung": ("J44.9", "J45.9", "G47.3"),
    "orthopaedics": ("M17.1", "S52.5", "M51.1", "M75.1"),
    "surgery": ("K40.9", "K57.3", "N40"),
    "maternity": ("Z34.9", "N92.0"),
    "rheumatology": ("M06.9", "M45"),
    "neurology": ("G35", "G40.9", "G43.9"),
    "cancer": ("C50.9", "C18.9", "C61", "C34.9"),
    "kidney": ("N18.5",),
    "geriatrics": ("F03", "R29.6"),
    "rehabilitation": ("Z50.9",),
    "psychiatry": ("F33.1", "F41.1", "F43.1", "F31.9"),
    "substance": ("F10.2", "F11.2"),
    "child": ("E10.9", "J45.9", "Q21.0", "R10.4"),
    "child_psychiatry": ("F90.0", "F41.9", "F84.0"),
}
_VISIT_KINDS = ("outpatient_visit", "day_treatment", "digital_follow_up")
_SYSTEM = "ICD-10"


def diagnosis_rows(
    region: Region,
    seed: int,
    people: People,
    lives: Lives,
    drawn: tuple[Admissions, Contacts, np.ndarray],
) -> pa.Table:
    """Return the table of diagnoses of one block.

    Parameters
    ----------
    drawn
        Admissions, all contacts in order, and the number of each admission in it.
    """
    admissions, contacts, number = drawn
    main = _coded(
        seed, people, admissions.patient, number[: len(admissions.patient)], _of_stays(admissions)
    )
    other = _lasting(people, admissions.patient, number[: len(admissions.patient)])
    visits = _visits(region, seed, people, contacts)
    contact = np.concatenate([main[0], other[0], visits[0]])
    code = np.concatenate([main[1], other[1], visits[1]])
    rank = np.repeat([1, 2, 1], [len(main[0]), len(other[0]), len(visits[0])])
    order = np.lexsort((rank, contact))
    named = pa.array(_ALL).take(pa.array(code[order]))
    return canonical_rows(
        "diagnoses",
        len(order),
        {
            "contact_id": lives.contact_ids(contact[order]),
            "code": named,
            "system": pa.array([_SYSTEM]).take(pa.array(np.zeros(len(order), dtype=np.int32))),
            "rank": rank[order],
        },
    )


def _all_codes() -> list[str]:
    codes = {code for reason in REASONS for code in reason.codes}
    codes |= set(_LASTING.values()) | {code for group in _VISITS.values() for code in group}
    return sorted(codes)


_ALL = _all_codes()
_Groups = tuple[np.ndarray, np.ndarray, np.ndarray]


def _listed(groups: list[tuple[str, ...]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the codes of groups as a rectangle of places, and how many each has."""
    wide = max((len(group) for group in groups), default=1)
    table = np.zeros((len(groups), max(wide, 1)), dtype=np.int64)
    for i, group in enumerate(groups):
        table[i, : len(group)] = [_ALL.index(code) for code in group]
    return table, np.array([len(group) for group in groups])


def _of_stays(admissions: Admissions) -> _Groups:
    return (*_listed([reason.codes for reason in REASONS]), admissions.reason)


def _coded(
    seed: int, people: People, patient: np.ndarray, contact: np.ndarray, groups: _Groups
) -> tuple[np.ndarray, np.ndarray]:
    table, n, group = groups
    has = n[group] > 0
    patient, contact, group = patient[has], contact[has], group[has]
    which = integers(seed, "code", people.number[patient], 0, n[group], contact)
    return contact, table[group, which]


def _lasting(
    people: People, patient: np.ndarray, contact: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the first lasting illness of each patient who has one."""
    ill = people.conditions[patient]
    at = np.flatnonzero(ill.any(axis=1))
    codes = np.array([_ALL.index(_LASTING[name]) for name in CONDITIONS])
    return contact[at], codes[ill[at].argmax(axis=1)]


def _visits(
    region: Region, seed: int, people: People, contacts: Contacts
) -> tuple[np.ndarray, np.ndarray]:
    at = np.flatnonzero(np.isin(contacts.kind, [KINDS.index(kind) for kind in _VISIT_KINDS]))
    groups = [_VISITS.get(str(specialty), ()) for specialty in region.units.specialty]
    unit = contacts.unit[at]
    assert NEVER not in unit
    return _coded(seed, people, contacts.patient[at], at, (*_listed(groups), unit))
