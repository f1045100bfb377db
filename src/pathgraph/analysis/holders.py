"""Who holds something on a day: professionals and units, where they work, and at which level.

A holding is a role or the ownership of a plan. Tables in, tables out; days are numbers since
1970-01-01, the first day on which something holds no longer is exclusive. The definitions are those
of ``docs/definitions.md#holder``.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pathgraph.analysis.days import day_numbers, iso_dates

__all__ = [
    "DUTY_LEVELS",
    "Places",
    "contests",
    "place_holdings",
    "places_of",
    "valid_on",
]

DUTY_LEVELS: Mapping[str, str] = {
    "hospital": "specialist",
    "psychiatry": "specialist",
    "municipal": "municipal",
}
"""The duty level of a unit's level of care; other levels carry no such duty."""

_EVER, _NEVER = -np.inf, np.inf


@dataclass(frozen=True, slots=True)
class Places:
    """The units, and who works at them.

    Attributes
    ----------
    units
        ``unit_id``, ``unit_name``, ``level``, ``unit_from``, ``unit_to`` [d].
    employments
        ``holder_id``, ``unit_id``, ``employed_from``, ``employed_to`` [d].
    parents
        Unit above, by unit.
    """

    units: pd.DataFrame
    employments: pd.DataFrame
    parents: Mapping[str, str]

    def with_all_above(self, unit_id: str) -> frozenset[str]:
        """Return the unit and all units above it."""
        above = {unit_id}
        while (parent := self.parents.get(unit_id)) is not None and parent not in above:
            above.add(parent)
            unit_id = parent
        return frozenset(above)


def places_of(table: pd.DataFrame) -> Places:
    """Return the places from one table of units and employments.

    Parameters
    ----------
    table
        One row a unit and employment at it: ``unit_id``, ``unit_name``, ``level``,
        ``unit_from_day``, ``unit_to_day``, ``parent_id``, and, null where nobody works there,
        ``professional_id``, ``employed_from_day``, ``employed_to_day``.
    """
    table = table.assign(
        unit_from=day_numbers(table["unit_from_day"], _EVER),
        unit_to=day_numbers(table["unit_to_day"], _NEVER),
        employed_from=day_numbers(table["employed_from_day"], _EVER),
        employed_to=day_numbers(table["employed_to_day"], _NEVER),
    )
    units = table.drop_duplicates("unit_id", ignore_index=True)
    has_parent = units["parent_id"].notna()
    parents = dict(zip(units["unit_id"][has_parent], units["parent_id"][has_parent], strict=True))
    employed = table[table["professional_id"].notna()]
    return Places(
        units[["unit_id", "unit_name", "level", "unit_from", "unit_to"]],
        employed.rename(columns={"professional_id": "holder_id"})[
            ["holder_id", "unit_id", "employed_from", "employed_to"]
        ].reset_index(drop=True),
        parents,
    )


def place_holdings(holdings: pd.DataFrame, places: Places, as_of_day: int) -> pd.DataFrame:
    """Say of every holding begun by a day at which units its holder stood or stands.

    Parameters
    ----------
    holdings
        ``subject`` (patient or plan), ``kind``, ``holder_kind`` (``professional`` or ``unit``),
        ``holder_id``, ``valid_from_day`` and ``valid_to_day`` [d, null where open].

    Returns
    -------
    One row a holding and place: ``holding`` (number), what the holding said with ``held_from`` and
    ``held_to``, and ``unit_id``, ``unit_name``, ``level``, ``unit_from``, ``unit_to``,
    ``employed_from``, ``employed_to`` [d, infinite where open]. A unit stands at itself. A
    professional of whom no employment is recorded has one row without unit and level.
    """
    held = holdings.assign(
        held_from=day_numbers(holdings["valid_from_day"], _EVER),
        held_to=day_numbers(holdings["valid_to_day"], _NEVER),
    ).drop(columns=["valid_from_day", "valid_to_day"])
    held = held[held["held_from"] <= as_of_day].reset_index(drop=True)
    held["holding"] = np.arange(len(held))
    is_unit = held["holder_kind"].eq("unit").to_numpy(dtype=bool)
    own = held[is_unit]
    # The column of the whole table would give rows to a frame that has none.
    own = own.assign(unit_id=own["holder_id"], employed_from=_EVER, employed_to=_NEVER)
    known = places.employments[places.employments["employed_from"] <= as_of_day]
    people = held[~is_unit].merge(known, on="holder_id", how="left")
    people["employed_from"] = people["employed_from"].fillna(_EVER)
    people["employed_to"] = people["employed_to"].fillna(_NEVER)
    # A frame without rows has lost its types, and would take them from the other.
    both = [frame for frame in (people, own) if len(frame)] or [people]
    placed = pd.concat(both, ignore_index=True).astype({"unit_id": "object"})
    units = places.units.astype({"unit_id": "object"})
    placed = placed.merge(units, on="unit_id", how="left")
    placed["unit_from"] = placed["unit_from"].fillna(_EVER)
    placed["unit_to"] = placed["unit_to"].fillna(_NEVER)
    return placed


def valid_on(placed: pd.DataFrame, as_of_day: int) -> pd.DataFrame:
    """Return the rows of :func:`place_holdings` that hold on a day: role, employment and unit."""
    is_valid = np.ones(len(placed), dtype=bool)
    for name in ("held", "employed", "unit"):
        is_valid &= (placed[f"{name}_from"] <= as_of_day).to_numpy(dtype=bool)
        is_valid &= (placed[f"{name}_to"] > as_of_day).to_numpy(dtype=bool)
    return placed[is_valid]


_Holder = tuple[str, str]


@dataclass(slots=True)
class _Held:
    """Where a holder stands, and since when they hold."""

    units: set[str]
    began: float


def contests(valid: pd.DataFrame, places: Places, by: Collection[str]) -> pd.DataFrame:
    """Find where two holders hold the same at the same time.

    Parameters
    ----------
    valid
        Rows of :func:`valid_on`, without those whose level is not known.
    by
        Columns that tell apart what is held, such as ``subject`` and ``level``.

    Returns
    -------
    The columns ``by``, ``holders`` (ids, sorted) and ``since`` (ISO date on which the second of
    them began; null where a beginning is not recorded). A person and the unit where the person
    works, or a unit above it, hold together; so do a unit and a unit above it.
    """
    keys = list(by)
    n_holdings = valid.groupby(keys)["holding"].transform("nunique")
    several = valid[(n_holdings > 1).to_numpy(dtype=bool)]
    # Plain Python over the few that are held twice: a data frame for each of them costs more.
    held: dict[tuple[Any, ...], dict[_Holder, _Held]] = {}
    columns = ["holder_kind", "holder_id", "unit_id", "held_from"]
    for *key, kind, holder, unit, began in several[[*keys, *columns]].itertuples(index=False):
        holders = held.setdefault(tuple(key), {})
        at = holders.setdefault((kind, holder), _Held(set(), began))
        at.units.add(unit)
        at.began = min(at.began, began)
    rows = []
    for name, holders in sorted(held.items()):
        contesting = _contesting(holders, places)
        if contesting:
            first_days = np.sort([holders[holder].began for holder in contesting])
            second = first_days[1] if np.isfinite(first_days).all() else np.nan
            rows.append((*name, sorted(id_ for _, id_ in contesting), second))
    found = pd.DataFrame(rows, columns=[*keys, "holders", "since"])
    found["since"] = iso_dates(found["since"].astype("float64"))
    return found


def _contesting(holders: Mapping[_Holder, _Held], places: Places) -> set[_Holder]:
    """Return the holders, by kind and id, that contest what another of them holds."""
    contesting: set[_Holder] = set()
    for one, other in itertools.combinations(holders, 2):
        is_above = _is_above(one, holders[other].units, places)
        if not (is_above or _is_above(other, holders[one].units, places)):
            contesting |= {one, other}
    return contesting


def _is_above(holder: tuple[str, str], units: Collection[str], places: Places) -> bool:
    """Whether a holder is a unit that is one of ``units`` or above one."""
    kind, id_ = holder
    return kind == "unit" and any(id_ in places.with_all_above(unit) for unit in units)
