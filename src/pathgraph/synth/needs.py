"""Who should have a coordinator in the generated region: assessments, and long-lasting care.

Assessments are drawn. Care at several places over months follows from the lives.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.region import Region

__all__ = [
    "MUNICIPAL",
    "NEED_FATES",
    "RULINGS",
    "SPECIALIST",
    "YEAR_D",
    "Assessments",
    "assess",
    "find_both_kinds",
    "find_coordination_needs",
    "find_long_care",
    "need_rows",
]

SPECIALIST, MUNICIPAL = 0, 1
YEAR_D = 365
_HOSPITAL, _PSYCHIATRY, _MUNICIPAL_LEVEL = 0, 1, 4
_MIN_DATES = 3
_MIN_SPAN_D = _MIN_OVERLAP_D = 90
_MUNICIPAL_KINDS = ("3", "15", "18", "19", "20", "21")

RULINGS = ("none", "needs", "declined", "criteria_not_met", "unknown")

# What was found, and when: on the first day, between it and the last day, or after the last day.
_FATES: dict[str, tuple[tuple[str, str], ...]] = {
    "none": (),
    "needs": (("needs", "first"),),
    "needs_twice": (("needs", "first"), ("needs", "second")),
    "declined": (("declined", "first"),),
    "criteria_not_met": (("criteria_not_met", "first"),),
    "unknown": (("unknown", "first"),),
    "declined_then_needs": (("declined", "first"), ("needs", "second")),
    "needs_then_declined": (("needs", "first"), ("declined", "second")),
    "needs_then_unknown": (("needs", "first"), ("unknown", "second")),
    "needs_later": (("needs", "later"),),
    "needs_declined_later": (("needs", "first"), ("declined", "later")),
}
NEED_FATES = tuple(_FATES)
_RULING_OF_FATE = np.array(
    [
        RULINGS.index(known[-1] if known else "none")
        for known in ([s for s, when in fate if when != "later"] for fate in _FATES.values())
    ]
)
# Which assessment began the unbroken run of needs: 0 none, 1 the first, 2 the second.
_RUN_OF_FATE = np.array([0, 1, 1, 0, 0, 0, 2, 0, 1, 0, 1])


@dataclass(frozen=True, slots=True)
class Assessments:
    """Assessments of one need, by patient.

    Attributes
    ----------
    fate
        Place in ``NEED_FATES``.
    first, second
        Days of the assessments.
    """

    fate: np.ndarray
    first: np.ndarray
    second: np.ndarray

    @property
    def ruling(self) -> np.ndarray:
        """Place in ``RULINGS`` of what the latest assessment says."""
        return np.asarray(_RULING_OF_FATE[self.fate])

    @property
    def needed_since(self) -> np.ndarray:
        """First day of the unbroken run of needs, ``NEVER`` without one."""
        run = _RUN_OF_FATE[self.fate]
        return np.asarray(
            np.choose(run, [np.full_like(self.first, NEVER), self.first, self.second])
        )

    @property
    def is_refused(self) -> np.ndarray:
        """Declined, or the criteria are not met."""
        refused = [RULINGS.index("declined"), RULINGS.index("criteria_not_met")]
        return np.isin(self.ruling, refused)


def assess(fate: np.ndarray, first: np.ndarray, last: np.ndarray) -> Assessments:
    """Return assessments: the first on its day, the second between it and ``last``."""
    return Assessments(fate, first, first + np.maximum((last - first) // 2, 1))


def need_rows(assessments: Assessments, last_day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return patient, status and day of every assessment."""
    patients, statuses, days = [], [], []
    for place, fate in enumerate(_FATES.values()):
        which = np.flatnonzero(assessments.fate == place)
        for status, when in fate:
            day = {
                "first": assessments.first,
                "second": assessments.second,
                "later": np.full_like(assessments.first, last_day + 10),
            }[when]
            patients.append(which)
            statuses.append(np.full(len(which), status, dtype=object))
            days.append(day[which])
    return np.concatenate(patients), np.concatenate(statuses), np.concatenate(days)


def find_long_care(region: Region, lives: Lives, last_day: int) -> np.ndarray:
    """Say whose care in the last year was long and at several places.

    Returns
    -------
    numpy.ndarray
        One row a patient, a column a duty: two specialist clinics, or one and a municipal service,
        whose spans overlap by 90 days.
    """
    found = np.zeros((len(lives), 2), bool)
    patient, first, last = _clinic_spans(region, lives, last_day)
    n = np.bincount(patient, minlength=len(lives)).max(initial=0)
    for step in range(1, int(n)):
        same = patient[step:] == patient[:-step]
        lasts = np.minimum(last[step:], last[:-step])
        overlap = lasts - np.maximum(first[step:], first[:-step])
        found[patient[step:][same & (overlap >= _MIN_OVERLAP_D)], SPECIALIST] = True
    served, begins, ends = _service_spans(lives, last_day)
    low, high = np.searchsorted(served, patient), np.searchsorted(served, patient, "right")
    for step in range(int((high - low).max(initial=0))):
        rows = np.flatnonzero(low + step < high)
        service = low[rows] + step
        overlap = np.minimum(last[rows], ends[service]) - np.maximum(first[rows], begins[service])
        found[patient[rows[overlap >= _MIN_OVERLAP_D]], MUNICIPAL] = True
    return found


def _clinic_spans(
    region: Region, lives: Lives, last_day: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return patient, first and last day of clinics with enough dates far enough apart."""
    dates = lives.specialist
    recent = (dates.day > last_day - YEAR_D) & (dates.day <= last_day)
    place = dates.patient[recent] * len(region.units) + region.clinic_of[dates.unit[recent]]
    # Patient, clinic and day in one number: the distinct ones in order.
    distinct = np.unique(place * YEAR_D + dates.day[recent] - (last_day - YEAR_D + 1))
    place, day = np.divmod(distinct, YEAR_D)
    groups, starts, count = np.unique(place, return_index=True, return_counts=True)
    first, last = day[starts], day[starts + count - 1]
    enough = (count >= _MIN_DATES) & (last - first >= _MIN_SPAN_D)
    offset = last_day - YEAR_D + 1
    return groups[enough] // len(region.units), first[enough] + offset, last[enough] + offset


def _service_spans(lives: Lives, last_day: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return patient, first and last day of each kind of municipal service, in order of patient."""
    services = lives.services
    ends = np.where(services.end_day == NEVER, last_day, np.minimum(services.end_day, last_day))
    kinds = np.array([int(kind) for kind in _MUNICIPAL_KINDS])
    counts = np.isin(services.kind.astype(np.int64), kinds)
    counts &= (ends > last_day - YEAR_D) & (services.start_day <= last_day)
    place = services.patient[counts] * 100 + services.kind[counts].astype(np.int64)
    order = np.argsort(place, kind="stable")
    groups, starts = np.unique(place[order], return_index=True)
    if not len(groups):
        return groups, groups, groups
    first = np.minimum.reduceat(services.start_day[counts][order], starts)
    return groups // 100, first, np.maximum.reduceat(ends[counts][order], starts)


def find_coordination_needs(
    lives: Lives, assessments: Assessments, long_care: np.ndarray, last_day: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return who should have a coordinator by a recorded need, and who by long care alone.

    Returns
    -------
    tuple[numpy.ndarray, numpy.ndarray]
        Each with one row a patient and one column a duty.
    """
    alive = lives.died_day == NEVER
    seen = lives.last_seen > last_day - YEAR_D
    at = np.stack([seen[:, _HOSPITAL] | seen[:, _PSYCHIATRY], seen[:, _MUNICIPAL_LEVEL]], axis=1)
    at[:, MUNICIPAL] |= ~at.any(axis=1)
    needs = alive & (assessments.ruling == RULINGS.index("needs"))
    unsaid = alive & np.isin(assessments.ruling, (RULINGS.index("none"), RULINGS.index("unknown")))
    return at & needs[:, None], long_care & unsaid[:, None]


def find_both_kinds(region: Region, lives: Lives, last_day: int) -> np.ndarray:
    """Say which of the living were seen at hospital and at psychiatric units in the last year."""
    dates = lives.specialist
    recent = (dates.day > last_day - YEAR_D) & (dates.day <= last_day)
    sides = np.zeros((len(lives), 2), bool)
    level = region.units.level[dates.unit]
    for side, name in enumerate(("hospital", "psychiatry")):
        sides[dates.patient[recent & (level == name)], side] = True
    return np.asarray(sides.all(axis=1) & (lives.died_day == NEVER))
