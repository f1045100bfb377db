"""Contact physicians: which stays are due one, who was there in time, who records the role at all.

Tables in, tables out. Days are numbers since 1970-01-01, ``to_day`` is exclusive. The definitions
are those of ``docs/definitions.md#missing-contact-physician``.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

__all__ = ["appointments", "physician_spells", "recorded_shares"]

_EVER, _NEVER = 10**7, -(10**7)
_ANY_TRUST = -1
_YEAR_D = 365

Integers = NDArray[np.int64]


def physician_spells(
    physicians: pd.DataFrame,
    units_as_physicians: pd.DataFrame,
    employments: pd.DataFrame,
    trusts: Mapping[str, int],
) -> pd.DataFrame:
    """Say when and at which trust somebody was a patient's contact physician.

    Parameters
    ----------
    physicians
        One row a role that a professional holds: ``patient_id``, ``professional_id``, ``from_day``,
        ``to_day`` [d], null where open.
    units_as_physicians
        The same for units: ``patient_id``, ``unit_id``, ``from_day``, ``to_day``.
    employments
        ``professional_id``, ``unit_id``, ``from_day``, ``to_day``.
    trusts
        Number of the trust of each unit.

    Returns
    -------
    One row a role and employment: ``patient_id``, ``trust`` (-1 where the professional has no
    employment recorded), ``from_day`` and ``to_day`` during which both hold, ``role_from_day`` and
    ``role_to_day`` of the role alone. Where the two never hold together ``from_day`` is not before
    ``to_day``.
    """
    roles = pd.concat([_bounded(physicians), _bounded(units_as_physicians)], ignore_index=True)
    works = _bounded(employments).assign(trust=employments["unit_id"].map(trusts))
    works = works.rename(columns={"role_from_day": "work_from", "role_to_day": "work_to"})
    works = works[["professional_id", "trust", "work_from", "work_to"]]
    held = roles[roles["professional_id"].notna()].merge(works, on="professional_id", how="left")
    by_unit = roles[roles["professional_id"].isna()]
    by_unit = by_unit.assign(trust=by_unit["unit_id"].map(trusts))
    spells = pd.concat([held, by_unit], ignore_index=True)
    begins = np.maximum(_days(spells["role_from_day"]), _days(spells["work_from"], _NEVER))
    ends = np.minimum(_days(spells["role_to_day"]), _days(spells["work_to"], _EVER))
    kept = spells[["patient_id", "role_from_day", "role_to_day"]]
    trust = _days(spells["trust"], _ANY_TRUST)
    return kept.assign(trust=trust, from_day=begins, to_day=ends)


def appointments(stays: pd.DataFrame, spells: pd.DataFrame) -> pd.DataFrame:
    """Say of each stay whether a contact physician was there when due, later, or at any time.

    Parameters
    ----------
    stays
        One row a stay: ``patient_id``, ``trust`` (-1 where the unit is not known: any trust will
        do), ``started_day``, ``due_day`` and ``last_day`` (of the stay, as far as known) [d].
    spells
        As :func:`physician_spells` returns them.

    Returns
    -------
    By the index of ``stays``: ``is_met`` (somebody of the same trust on the due day),
    ``appointed_day`` (first later day of the stay on which somebody was, null if none) [d],
    ``is_recorded`` (a role on any day from the start to the later of end and due day, at whatever
    trust).
    """
    columns = ["patient_id", "trust", "started_day", "due_day", "last_day"]
    numbered = stays[columns].assign(row=np.arange(len(stays)))
    pairs = numbered.merge(spells, on="patient_id", suffixes=("", "_held"))
    row = pairs["row"].to_numpy(dtype=np.int64)
    trust, held = _days(pairs["trust"]), _days(pairs["trust_held"])
    due, last = _days(pairs["due_day"]), _days(pairs["last_day"])
    begins, ends = _days(pairs["from_day"]), _days(pairs["to_day"])
    is_same = (trust == held) | (trust == _ANY_TRUST) | (held == _ANY_TRUST)
    is_met = _any(row[is_same & (begins <= due) & (ends > due)], len(stays))
    later = np.maximum(begins, due + 1)
    is_later = is_same & (later < ends) & (later <= last)
    appointed = pd.Series(later[is_later]).groupby(row[is_later]).min()
    is_there = (_days(pairs["role_from_day"]) <= np.maximum(last, due)) & (
        _days(pairs["role_to_day"]) > _days(pairs["started_day"])
    )
    result = pd.DataFrame(
        {"is_met": is_met, "is_recorded": _any(row[is_there], len(stays))}, index=stays.index
    )
    appointed_day = appointed.reindex(np.arange(len(stays))).astype("Int64")
    result["appointed_day"] = appointed_day.set_axis(stays.index)
    return result


def recorded_shares(stays: pd.DataFrame, as_of_day: int) -> pd.Series[float]:
    """Return the share of each unit's stays on which a contact physician was recorded at any time.

    Parameters
    ----------
    stays
        One row a stay that was due one: ``unit_id``, ``started_day`` [d], ``is_recorded``.
    as_of_day
        The day asked about [d]. Stays of the 365 days up to it count, of a unit without such stays
        all.

    Returns
    -------
    By ``unit_id``.
    """
    is_recent = stays["started_day"].gt(as_of_day - _YEAR_D)
    has_recent = is_recent.groupby(stays["unit_id"], dropna=False).transform("any")
    pool = stays[(is_recent | ~has_recent).to_numpy(dtype=bool)]
    return pool["is_recorded"].astype("float64").groupby(pool["unit_id"]).mean()


def _bounded(rows: pd.DataFrame) -> pd.DataFrame:
    """Return roles with numbers where a bound is open."""
    names = [n for n in ("patient_id", "professional_id", "unit_id") if n in rows.columns]
    frame = rows[names].copy()
    for name in ("professional_id", "unit_id"):
        if name not in frame.columns:
            frame[name] = pd.Series(None, index=frame.index, dtype="str")
    return frame.assign(
        role_from_day=_days(rows["from_day"], _NEVER), role_to_day=_days(rows["to_day"], _EVER)
    )


def _days(values: pd.Series[int], unknown: int = 0) -> Integers:
    numbers = values.astype("Float64").to_numpy(dtype=np.float64, na_value=unknown)
    days: Integers = numbers.astype(np.int64)
    return days


def _any(rows: Integers, n: int) -> NDArray[np.bool_]:
    found = np.zeros(n, dtype=bool)
    found[rows] = True
    return found
