"""Ends of stays as they were known at the end of a day (``docs/definitions.md#as-of``)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pathgraph.analysis.pathways import stays_under_way

__all__ = ["goes_on_after", "with_known_ends"]


def goes_on_after(stays: pd.DataFrame, as_of_s: int) -> np.ndarray:
    """Return which stays (``ended_s`` [s]) have no end before ``as_of_s`` [s]."""
    return ~stays["ended_s"].lt(as_of_s).fillna(False).to_numpy(dtype=bool)


def with_known_ends(stays: pd.DataFrame, contacts: pd.DataFrame, as_of_s: int) -> pd.DataFrame:
    """Replace end and unit of stays that go on after a day by what was known on that day.

    Parameters
    ----------
    stays
        One row a stay: ``stay_id``, ``ended_s`` [s], and any of ``ended_day`` [d], ``ended_dead``,
        ``unit_id``, ``unit_name`` and texts beginning with ``ended_``.
    contacts
        One row a contact of the stays that go on, as :func:`stays_under_way` takes them.
    as_of_s
        First second after the day [s].

    Returns
    -------
    ``stays``; where one goes on, ``ended_dead`` is false, the other ``ended_`` columns are null,
    and the unit is the current one, null while only the admission is known.
    """
    goes_on = goes_on_after(stays, as_of_s)
    known = stays_under_way(contacts, as_of_s).reindex(stays.loc[goes_on, "stay_id"])
    known.index = stays.index[goes_on]
    result = stays.copy()
    for name in stays.columns:
        values: pd.Series[Any]
        if name == "ended_dead":
            values = known[name].astype("boolean").fillna(False).astype(bool)
        elif name in ("ended_s", "ended_day"):
            values = known[name].astype("Int64")
        elif name.startswith(("ended_", "unit_")):
            values = known[name]
        else:
            continue
        result[name] = result[name].where(~goes_on, values)
    return result
