"""Numbers that the user expects of units in a period, and what is wrong with them.

The definitions are those of ``docs/definitions.md#referrals-against-the-plan``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["Fault", "Period", "faults_of", "period_of"]

_FORM = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?")
_ADDS_UP = 1e-6


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A year, quarter or month.

    Attributes
    ----------
    first, last
        Its days, both included.
    """

    last: date
    first: date
    name: str

    @property
    def n_days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1


def period_of(text: str) -> Period | None:
    """Return the period that a text names; ``None`` where it names none.

    Examples
    --------
    >>> period_of("2024-Q1").last.isoformat(), period_of("2024-02").last.isoformat()
    ('2024-03-31', '2024-02-29')
    >>> period_of("spring") is None
    True
    """
    match = _FORM.fullmatch(text.strip())
    if match is None or match[1] == "0000":
        return None
    year = int(match[1])
    begin, n_months = 1, 12
    if match[2]:
        begin, n_months = 3 * int(match[2]) - 2, 3
    elif match[3]:
        begin, n_months = int(match[3]), 1
    after = begin + n_months
    following = date(year + 1, 1, 1) if after > 12 else date(year, after, 1)
    return Period(following - timedelta(days=1), date(year, begin, 1), text.strip())


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with a plan.

    Attributes
    ----------
    code
        ``negative``, ``above_one``, ``no_sum``, ``two_bases``, ``no_basis``, ``counted_twice`` or
        ``not_a_number``.
    units
        Those that it is about.
    """

    code: str
    units: tuple[str, ...] = ()


def faults_of(plan: pd.DataFrame, above: Mapping[str, Sequence[str]]) -> list[Fault]:
    """Return all that is wrong with the numbers of one period.

    Parameters
    ----------
    plan
        One row a unit: ``unit_id``, ``planned``, ``basis``.
    above
        The units above each unit.
    """
    planned = plan["planned"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    is_share = plan["basis"].eq("share").fillna(False).to_numpy(dtype=bool)
    covered = set(plan["unit_id"])
    nested = [unit for unit in plan["unit_id"] if covered & set(above.get(unit, ()))]
    wrong = {
        "negative": planned < 0,
        "not_a_number": ~np.isfinite(planned),
        "above_one": is_share & (planned > 1),
        "no_basis": plan["basis"].isna(),
    }
    faults = [_fault(code, plan, flags) for code, flags in wrong.items()]
    if nested:
        faults.append(Fault("counted_twice", tuple(sorted(nested))))
    if is_share.any() and not is_share.all():
        faults.append(Fault("two_bases", tuple(sorted(plan.loc[is_share, "unit_id"]))))
    elif is_share.any() and not abs(planned.sum() - 1) <= _ADDS_UP:
        faults.append(Fault("no_sum"))
    return [fault for fault in faults if fault is not None]


def _fault(code: str, plan: pd.DataFrame, flags: Any) -> Fault | None:
    units = tuple(sorted(plan.loc[np.asarray(flags, dtype=bool), "unit_id"]))
    return Fault(code, units) if units else None
