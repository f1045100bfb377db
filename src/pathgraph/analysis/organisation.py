"""Where a unit stands: the trust that it belongs to and the clinic that it is part of.

The definitions are those of ``docs/definitions.md#organisation``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

__all__ = ["clinics_of", "trusts_of"]

_MOST_STEPS = 6
"""Steps up to a clinic; trust, hospital, clinic, department, ward are five levels."""


def trusts_of(units: pd.DataFrame) -> dict[str, str]:
    """Return the topmost unit above each unit, itself where nothing is above it.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top).

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["ward", "trust"], "parent_id": ["trust", None]})
    >>> trusts_of(units)
    {'ward': 'trust', 'trust': 'trust'}
    """
    parents = _parents(units)
    return {unit: _upwards(unit, parents)[-1] for unit in units["unit_id"]}


def clinics_of(units: pd.DataFrame) -> dict[str, str]:
    """Return the nearest clinic at or above each unit; the unit itself where there is none.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top), ``kind``.

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     {
    ...         "unit_id": ["ward", "clinic", "trust"],
    ...         "parent_id": ["clinic", "trust", None],
    ...         "kind": ["ward", "clinic", "trust"],
    ...     }
    ... )
    >>> clinics_of(units)
    {'ward': 'clinic', 'clinic': 'clinic', 'trust': 'trust'}
    """
    parents = _parents(units)
    clinics = set(units.loc[units["kind"].eq("clinic").fillna(False).astype(bool), "unit_id"])
    return {
        unit: next((u for u in _upwards(unit, parents)[: _MOST_STEPS + 1] if u in clinics), unit)
        for unit in units["unit_id"]
    }


def _parents(units: pd.DataFrame) -> dict[str, str]:
    known = units[units["parent_id"].notna()]
    return dict(zip(known["unit_id"], known["parent_id"], strict=True))


def _upwards(unit: str, parents: Mapping[str, str]) -> list[str]:
    """Return the unit and those above it, from below."""
    chain = [unit]
    while chain[-1] in parents:
        chain.append(parents[chain[-1]])
    return chain
