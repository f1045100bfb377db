"""Contacts as arrays: one place for the codes, and for the rows of the canonical table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa

from pathgraph.synth.lives import NEVER

__all__ = [
    "CARE_LEVELS",
    "FORMS",
    "KINDS",
    "SERVICES",
    "Contacts",
    "join_contacts",
    "make_contacts",
]

KINDS = (
    "admission",
    "ward_stay",
    "outpatient_visit",
    "day_treatment",
    "team_contact",
    "collaboration_meeting",
    "digital_follow_up",
    "emergency_visit",
    "consultation",
    "home_visit",
    "simple_contact",
    "administrative",
    "collaboration",
    # IPLOS service codes (Volven 9151).
    *("1", "3", "4", "5", "6", "15", "18", "19", "20", "21", "25", "28", "29"),
)
"""Kinds of contacts; arrays hold places in this list, as with the lists below."""

CARE_LEVELS = ("overnight", "day", "outpatient")
FORMS = ("on_site", "video", "telephone", "letter", "digital")
SERVICES = ("rehabilitation", "maternity", "dialysis", "chemotherapy")
_CODES = tuple(str(code) for code in range(100))


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts of one block.

    Attributes
    ----------
    kind, form, service, care_level
        Places in the lists of this module, NEVER for empty.
    start_s, end_s
        Seconds since 1970 UTC; ``end_s`` is NEVER for what goes on.
    urgency, admitted_from, discharged_to
        The code as a number, NEVER for empty.
    ended_dead
        1, 0 or NEVER for empty.
    parent
        Place of the contact that it is part of, NEVER for none.
    """

    patient: np.ndarray
    unit: np.ndarray
    kind: np.ndarray
    form: np.ndarray
    service: np.ndarray
    care_level: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    urgency: np.ndarray
    admitted_from: np.ndarray
    discharged_to: np.ndarray
    ended_dead: np.ndarray
    parent: np.ndarray

    def __len__(self) -> int:
        """Return the number of contacts."""
        return len(self.patient)

    def take(self, places: np.ndarray) -> Contacts:
        """Return some contacts, in the order of ``places``; parents stay as they are."""
        return Contacts(*(getattr(self, field.name)[places] for field in fields(self)))

    def rows(
        self, contact_ids: pa.Array, parent_ids: pa.Array, patient_ids: pa.Array, unit_ids: pa.Array
    ) -> dict[str, pa.Array]:
        """Return the columns of the canonical table."""
        dead = pa.array(self.ended_dead == 1, mask=self.ended_dead == NEVER)
        return {
            "contact_id": contact_ids,
            "patient_id": patient_ids,
            "unit_id": unit_ids,
            "parent_contact_id": parent_ids,
            "kind": _texts(KINDS, self.kind),
            "form": _texts(FORMS, self.form),
            "service": _texts(SERVICES, self.service),
            "care_level": _texts(CARE_LEVELS, self.care_level),
            "started_at": self.start_s,
            "ended_at": self.end_s,
            "urgency": _texts(_CODES, self.urgency),
            "admitted_from": _texts(_CODES, self.admitted_from),
            "discharged_to": _texts(_CODES, self.discharged_to),
            "ended_dead": dead,
        }


def make_contacts(
    patient: np.ndarray, unit: np.ndarray, start_s: np.ndarray, end_s: np.ndarray, **columns: object
) -> Contacts:
    """Return contacts; a column not given is empty, a single value holds for all.

    ``kind``, ``form``, ``service`` and ``care_level`` may be given as the text itself.
    """
    values: dict[str, np.ndarray] = {}
    n = len(patient)
    for field in fields(Contacts)[2:]:
        value = columns.get(field.name, NEVER)
        if isinstance(value, str):
            value = _LISTS[field.name].index(value)
        values[field.name] = np.broadcast_to(np.asarray(value, dtype=np.int64), (n,))
    values["start_s"], values["end_s"] = np.asarray(start_s), np.asarray(end_s)
    return Contacts(patient=np.asarray(patient), unit=np.asarray(unit), **values)


_LISTS = {"kind": KINDS, "form": FORMS, "service": SERVICES, "care_level": CARE_LEVELS}


def join_contacts(parts: Sequence[Contacts]) -> Contacts:
    """Return all contacts, the first part first; only the first may hold parents."""
    assert all((part.parent == NEVER).all() for part in parts[1:])
    names = [field.name for field in fields(Contacts)]
    return Contacts(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _texts(values: tuple[str, ...], places: np.ndarray) -> pa.Array:
    taken = pa.array(places.astype(np.int32), mask=places == NEVER)
    return pa.array(values).take(taken)
