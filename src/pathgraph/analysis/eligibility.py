"""Who may need a patient-centred team, since when, and by which facts.

Tables in, tables out; times are seconds since 1970 UTC, days numbers since 1970-01-01. The
definitions are those of ``docs/definitions.md#eligible-for-the-team``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["CRITERIA", "Criteria", "at_moments", "candidates", "first_eligible"]

CRITERIA = ("older_two_stays", "three_stays", "both_kinds_of_care", "score")
"""Codes of what makes a patient eligible, in the order in which they are listed."""

_DAY_S = 86_400
_STEP = 1 << 34
"""Beyond every moment until the year 2514: patients' moments in one row of numbers."""

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Criteria:
    """What makes a patient eligible; all counted within ``within_days`` up to the moment.

    Attributes
    ----------
    older_age, older_stays
        From this age [years] so many acute stays are enough.
    any_age_stays
        At any age, so many acute stays.
    both_kinds
        Whether contacts in both somatic and psychiatric or substance treatment are enough.
    within_days
        Length of the rolling window [d of 24 h], both ends included.
    """

    older_age: int = 65
    older_stays: int = 2
    any_age_stays: int = 3
    both_kinds: bool = True
    within_days: int = 365


class _Moments:
    """Moments of patients in one sorted row of numbers, so that all are found at once."""

    def __init__(self, patient: Ints, at_s: Ints) -> None:
        self._row = np.sort(patient * _STEP + at_s)

    def between(self, patient: Ints, from_s: Ints, to_s: Ints) -> Ints:
        """Return how many moments each patient has from one moment to another, both included."""
        begin = np.searchsorted(self._row, patient * _STEP + np.maximum(from_s, 0), "left")
        end = np.searchsorted(self._row, patient * _STEP + to_s, "right")
        return np.asarray(end - begin, dtype=np.int64)


def at_moments(
    moments: pd.DataFrame,
    stays: pd.DataFrame,
    both: pd.DataFrame,
    scored: pd.DataFrame,
    criteria: Criteria,
) -> pd.DataFrame:
    """Say which criteria hold for patients at moments.

    Parameters
    ----------
    moments
        ``patient`` (number), ``at_s`` [s], ``age`` [years; that in the local year of the moment,
        since a birthday is known by its year alone] (null where not known).
    stays
        Acute stays: ``patient``, ``started_s`` [s].
    both
        ``patient``, ``at_s``, ``since_s`` [s]: from when on there had been contacts of both kinds,
        and the earlier of the latest contacts of either kind; a row each time that moves.
    scored
        ``patient``, ``at_s`` [s]: since when a score that the user supplies says so.

    Returns
    -------
    One row a moment, in the order given: a column a criterion, and ``n_acute_stays``.
    """
    patient = moments["patient"].to_numpy(dtype=np.int64)
    at_s = moments["at_s"].to_numpy(dtype=np.int64)
    from_s = at_s - criteria.within_days * _DAY_S
    n_stays = _moments_of(stays, "started_s").between(patient, from_s, at_s)
    age = moments["age"].to_numpy(dtype=np.float64, na_value=np.nan)
    ever = np.zeros_like(at_s)
    return pd.DataFrame(
        {
            "older_two_stays": (age >= criteria.older_age) & (n_stays >= criteria.older_stays),
            "three_stays": n_stays >= criteria.any_age_stays,
            "both_kinds_of_care": criteria.both_kinds
            & (_latest_since(both, patient, at_s) >= from_s),
            "score": _moments_of(scored, "at_s").between(patient, ever, at_s) > 0,
            "n_acute_stays": n_stays,
        },
        index=moments.index,
    )


def _latest_since(both: pd.DataFrame, patient: Ints, at_s: Ints) -> Ints:
    """Return ``since_s`` of the latest row by each moment; before all time where there is none."""
    never = np.full(len(patient), np.iinfo(np.int64).min, dtype=np.int64)
    if both.empty:
        return never
    place = _latest(both, "at_s", patient, at_s)
    return np.where(place >= 0, both["since_s"].to_numpy(dtype=np.int64)[place], never)


def _latest(rows: pd.DataFrame, name: str, patient: Ints, at_s: Ints) -> Ints:
    """Return the place of the patient's latest row by each moment, -1 where there is none."""
    begins = (rows["patient"] * _STEP + rows[name]).to_numpy(dtype=np.int64)
    order = np.argsort(begins, kind="stable")
    number = np.searchsorted(begins[order], patient * _STEP + at_s, "right") - 1
    place = order[np.maximum(number, 0)]
    is_own = (number >= 0) & (rows["patient"].to_numpy(dtype=np.int64)[place] == patient)
    return np.where(is_own, place, -1)


def candidates(
    stays: pd.DataFrame, both: pd.DataFrame, scored: pd.DataFrame, from_s: int, to_s: int
) -> pd.DataFrame:
    """Return the moments in a stay at which a patient can become eligible: something begins there.

    Parameters
    ----------
    stays
        All stays, acute or not: ``patient``, ``started_s``, ``ended_s`` [s, null while it goes on].
        Those of one patient do not overlap.
    both, scored
        As :func:`at_moments` takes them.
    from_s, to_s
        First second of the period, and first one after it [s].

    Returns
    -------
    ``patient``, ``at_s`` [s] and ``stay``, the place in ``stays``; each moment once, in order.
    """
    parts = [
        frame[["patient", name]].set_axis(["patient", "at_s"], axis="columns")
        for frame, name in ((stays, "started_s"), (both, "at_s"), (scored, "at_s"))
    ]
    moments = pd.concat(parts, ignore_index=True).astype("int64")
    moments = moments[(moments["at_s"] >= from_s) & (moments["at_s"] < to_s)]
    moments = moments.sort_values(["patient", "at_s"]).drop_duplicates(ignore_index=True)
    place = _stay_at(moments, stays)
    return moments.assign(stay=place)[place >= 0].reset_index(drop=True)


def _stay_at(moments: pd.DataFrame, stays: pd.DataFrame) -> Ints:
    """Return the place of the stay that each moment lies in, -1 where it lies in none."""
    if stays.empty:
        return np.full(len(moments), -1, dtype=np.int64)
    patient, at_s = (moments[name].to_numpy(dtype=np.int64) for name in ("patient", "at_s"))
    place = _latest(stays, "started_s", patient, at_s)
    started_s = stays["started_s"].to_numpy(dtype=np.int64)[place]
    ended_s = stays["ended_s"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.inf)
    # A stay without length holds the moment at which it begins.
    is_inside = (started_s == at_s) | (at_s.astype(np.float64) < ended_s[place])
    return np.where((place >= 0) & is_inside, place, -1)


def first_eligible(moments: pd.DataFrame, held: pd.DataFrame) -> pd.DataFrame:
    """Return each patient's first moment at which a criterion holds.

    Parameters
    ----------
    moments
        As :func:`candidates` returns them, with whatever else is known of them.
    held
        As :func:`at_moments` returns it for them.

    Returns
    -------
    The rows of ``moments`` with ``n_acute_stays`` and ``criteria`` (the codes that hold).
    """
    is_eligible: Flags = np.asarray(
        held[list(CRITERIA)].to_numpy(dtype=bool).any(axis=1), dtype=np.bool_
    )
    first = moments[is_eligible].drop_duplicates("patient")
    of_first = held.loc[first.index]
    return first.assign(
        n_acute_stays=of_first["n_acute_stays"],
        # Where there is nobody, a list without entries would become numbers.
        criteria=pd.Series(criteria_of(of_first), first.index, dtype="object"),
    ).reset_index(drop=True)


def criteria_of(held: pd.DataFrame) -> list[list[str]]:
    """Return the codes that hold in each row of :func:`at_moments`."""
    flags = held[list(CRITERIA)].to_numpy(dtype=bool)
    return [[code for code, is_held in zip(CRITERIA, row, strict=True) if is_held] for row in flags]


def _moments_of(frame: pd.DataFrame, name: str) -> _Moments:
    return _Moments(frame["patient"].to_numpy(dtype=np.int64), frame[name].to_numpy(dtype=np.int64))
