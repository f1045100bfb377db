"""What the generator knows of people: the plan of their lives, from which all tables are written.

Everything stands in arrays over one block of patients. Instants are seconds since 1970 UTC, days
are local days since 1970-01-01, -1 (``NEVER``) stands for what does not happen up to the last day.
Units and municipalities are places in the region's lists; patients are counted within the block.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from pathgraph.synth.pen import DrawnReferral, NearReferral

__all__ = ["NEVER", "Lives", "Services", "SpecialistDates", "Stays", "Truths"]

NEVER = -1


@dataclass(frozen=True, slots=True)
class Stays:
    """Unbroken hospital stays as they were planned, in order of patient and start.

    Attributes
    ----------
    patient
        Place of the patient within the block.
    first_contact
        Number of the stay's first contact; :meth:`Lives.contact_ids` makes the id of it.
    last_contact
        Number of the admission (contact without parent) that the stay ended in.
    start_s, end_s
        ``end_s`` is NEVER for who is still in at the end of the last day.
    start_day, end_day
        Local days of the two.
    is_acute
        The first contact was acute.
    first_unit
        Unit of the stay's first contact itself (of an admission with ward stays: the admission's).
    admitted_unit, unit
        Units of the first and of the last contact without children.
    ended_dead, to_home
        How it ended; ``to_home`` is discharge to the own home.
    municipality
        Where the patient lived when it began.
    """

    patient: np.ndarray
    first_contact: np.ndarray
    last_contact: np.ndarray
    start_s: np.ndarray
    end_s: np.ndarray
    start_day: np.ndarray
    end_day: np.ndarray
    is_acute: np.ndarray
    first_unit: np.ndarray
    admitted_unit: np.ndarray
    unit: np.ndarray
    ended_dead: np.ndarray
    to_home: np.ndarray
    municipality: np.ndarray


@dataclass(frozen=True, slots=True)
class Services:
    """Periods of municipal services: home care, short-term and long-term places and the others.

    Attributes
    ----------
    kind
        Code of the service (IPLOS, Volven 9151).
    end_day
        NEVER while the service goes on.
    """

    patient: np.ndarray
    kind: np.ndarray
    unit: np.ndarray
    start_day: np.ndarray
    end_day: np.ndarray


@dataclass(frozen=True, slots=True)
class SpecialistDates:
    """Start days of contacts (without children) at hospital and psychiatric units.

    Attributes
    ----------
    is_planned_outpatient
        An outpatient contact that was not acute.
    """

    patient: np.ndarray
    unit: np.ndarray
    day: np.ndarray
    start_s: np.ndarray
    is_planned_outpatient: np.ndarray


@dataclass(slots=True)
class Truths:
    """What a finding must find, registered while the lives are drawn.

    Attributes
    ----------
    found
        By finding: table whose columns are the finding's identifying columns, as text.
    near
        By finding: the same columns and ``near_miss``, a word for what nearly makes it one.
    """

    found: dict[str, list[pa.Table]] = field(default_factory=dict)
    near: dict[str, list[pa.Table]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lives:
    """The plan of the lives of one block of patients.

    Attributes
    ----------
    first
        Number of the block's first patient within the region.
    is_drawn
        The life was written by hand, for a near miss; nothing may be added to it.
    municipality
        Where the patient lived on the first day.
    moved_day, moved_to
        The first day in another municipality.
    gp_unit
        The patient's GP practice.
    last_seen
        One row a patient, one column a level in the order of ``LEVELS``: last day, up to the last
        one, on which a contact at the level went on or began.
    truths
        What is to be found; later steps add theirs.
    drawn_referrals, near_referrals
        Referrals of the lives written by hand, and what is nearly to be found of them.
    """

    first: int
    birth_year: np.ndarray
    sex: np.ndarray
    is_drawn: np.ndarray
    municipality: np.ndarray
    moved_day: np.ndarray
    moved_to: np.ndarray
    died_day: np.ndarray
    gp_unit: np.ndarray
    last_seen: np.ndarray
    stays: Stays
    services: Services
    specialist: SpecialistDates
    truths: Truths
    drawn_referrals: tuple[DrawnReferral, ...] = ()
    near_referrals: tuple[NearReferral, ...] = ()

    def __len__(self) -> int:
        """Return the number of patients."""
        return len(self.birth_year)

    def patient_ids(self, patients: np.ndarray) -> pa.Array:
        """Return the ids of patients, given their places within the block."""
        return _numbered("p", self.first + patients, 8)

    def contact_ids(self, numbers: np.ndarray) -> pa.Array:
        """Return the ids of contacts, given their numbers within the block."""
        return _numbered("c", self.first * 1000 + numbers, 11)


def _numbered(letter: str, numbers: np.ndarray, digits: int) -> pa.Array:
    import pyarrow.compute as pc

    texts = pc.utf8_lpad(pa.array(numbers.astype(np.int64)).cast(pa.string()), digits, "0")
    return pc.binary_join_element_wise(pa.scalar(letter), texts, pa.scalar(""))
