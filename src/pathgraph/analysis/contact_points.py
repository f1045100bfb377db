"""Who answers for a municipality on a day, who did last, and for which nobody ever did.

The definitions are those of ``docs/definitions.md#contact-point``.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from pathgraph.analysis.days import day_numbers, iso_dates
from pathgraph.analysis.holders import valid_on
from pathgraph.analysis.organisation import units_at_or_below

__all__ = ["contact_points", "units_without_contact_point"]

_COLUMNS = ("municipality_code", "status", "holder_kind", "holder_id", "unit", "unit_name", "since",
            "ended_on")  # fmt: skip
_ENDS = ["held_to", "employed_to", "unit_to"]


def contact_points(
    placed: pd.DataFrame, municipalities: Sequence[str], as_of_day: int
) -> pd.DataFrame:
    """Return one row a municipality and holder, and one for each that has none.

    Parameters
    ----------
    placed
        Rows of :func:`pathgraph.analysis.holders.place_holdings`; their subject is a municipality.
    municipalities
        Their numbers.

    Returns
    -------
    ``municipality_code``, ``status`` (``held``, ``ended`` or ``missing``), ``holder_kind``,
    ``holder_id``, ``unit``, ``unit_name``, ``since`` and ``ended_on`` (ISO dates).
    """
    held = _one_each(valid_on(placed, as_of_day)).assign(status="held", over=float("nan"))
    before = placed[~placed["subject"].isin(held["subject"])]
    over = before[_ENDS].astype("float64").min(axis=1)
    # Where one of several ended last, that one answered until then.
    latest = over.groupby(before["subject"]).transform("max")
    ended = _one_each(before.assign(over=over)[(over == latest).to_numpy(dtype=bool)])
    known = [frame for frame in (held, ended.assign(status="ended")) if len(frame)]
    rows = pd.concat(known, ignore_index=True) if known else held
    found = pd.DataFrame(
        {
            "municipality_code": rows["subject"].astype("object"),
            "status": rows["status"].astype("object"),
            "holder_kind": rows["holder_kind"].astype("object"),
            "holder_id": rows["holder_id"].astype("object"),
            "unit": _texts(rows["unit_id"]),
            "unit_name": _texts(rows["unit_name"]),
            "since": iso_dates(rows["held_from"].astype("float64")),
            "ended_on": iso_dates(rows["over"].astype("float64")),
        }
    )
    absent = sorted(set(municipalities) - set(found["municipality_code"]))
    missing = pd.DataFrame({name: [None] * len(absent) for name in _COLUMNS}, dtype="object")
    missing = missing.assign(municipality_code=absent, status="missing")
    both = [frame.astype("object") for frame in (found, missing) if len(frame)]
    return pd.concat(both, ignore_index=True) if both else missing


def units_without_contact_point(
    units: pd.DataFrame, asked: Collection[str], as_of_day: int
) -> pd.DataFrame:
    """Return the units of which no part is a coordinating unit on the day.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``kind``, ``parent_id`` (null at the top), ``valid_from_day``,
        ``valid_to_day`` [d, null where open].
    asked
        Units that are to have one.

    Returns
    -------
    ``unit``, ``status`` (``ended`` or ``missing``), ``holder_kind``, ``holder_id`` (the
    coordinating unit that was there last) and ``ended_on`` (ISO date).

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     {"unit_id": ["trust", "desk"], "kind": ["trust", "coordinating_unit"],
    ...      "parent_id": [None, "trust"], "valid_from_day": [None, 0], "valid_to_day": [None, 9]}
    ... )
    >>> len(units_without_contact_point(units, ["trust"], 8))
    0
    >>> units_without_contact_point(units, ["trust"], 9)[["status", "ended_on"]].to_dict("records")
    [{'status': 'ended', 'ended_on': '1970-01-10'}]
    """
    desks = units[units["kind"].eq("coordinating_unit").fillna(False).astype(bool)]
    desks = desks.assign(
        first=day_numbers(desks["valid_from_day"], -np.inf),
        over=day_numbers(desks["valid_to_day"], np.inf),
    )
    desks = desks[(desks["first"] <= as_of_day).to_numpy(dtype=bool)]
    parts = units_at_or_below(units).merge(desks[["unit_id", "over"]], on="unit_id")
    latest = parts.sort_values(["over", "unit_id"], ascending=[False, True])
    latest = latest.drop_duplicates("above_id").set_index("above_id")
    over = latest["over"].reindex(sorted(asked)).astype("float64")
    without = over[~(over > as_of_day)]
    has_ended = without.notna()
    holders = latest["unit_id"].reindex(without.index).astype("object")
    return pd.DataFrame(
        {
            "unit": pd.Series(without.index, without.index, dtype="object"),
            "status": has_ended.map({True: "ended", False: "missing"}).astype("object"),
            "holder_kind": has_ended.map({True: "unit", False: None}).astype("object"),
            "holder_id": holders.where(holders.notna(), None),
            "ended_on": iso_dates(without),
        }
    ).reset_index(drop=True)


def _one_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a holder, be it employed at several units: the first by the unit's id."""
    ordered = rows.sort_values(["subject", "holder_id", "unit_id"], kind="stable")
    return ordered.drop_duplicates(["subject", "holder_id"], ignore_index=True)


def _texts(values: pd.Series[str]) -> pd.Series[str]:
    return values.astype("object").where(values.notna(), None)
