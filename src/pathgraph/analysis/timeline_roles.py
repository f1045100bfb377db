"""Who was there for a patient, and when: periods in which holders held a role and stood somewhere.

The definitions are those of ``docs/definitions.md#holder`` and ``#patient-timeline``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd

from pathgraph.analysis.timeline import event, midnight

__all__ = ["role_rows"]

Row = dict[str, Any]

_BOUNDS = ("held", "employed", "unit")
_ROLE_ENDS = ("role_ended", "holder_left", "unit_closed")
_OWNERSHIP_ENDS = ("ownership_ended", "owner_left", "unit_closed")


def role_rows(placed: pd.DataFrame, as_of_day: int) -> Iterator[Row]:
    """Yield the periods in which somebody held a role, or owned a plan, and was there.

    Parameters
    ----------
    placed
        As ``holders.place_holdings`` gives them; the kind ``plan_owner`` is about the plan that is
        its ``subject``.
    as_of_day
        The day [d].

    Returns
    -------
    One row a holding and place. Where the holder was never there while it held, one row with the
    status ``not_there``.
    """
    rows = placed.to_dict("records")
    there: set[Any] = set()
    for row in rows:
        start, end = _period(row)
        if start < end and start <= as_of_day:
            there.add(row["holding"])
            yield _row(row, (start, end), as_of_day, _cause(row, end))
    nowhere = {row["holding"]: row for row in rows if row["holding"] not in there}
    for row in nowhere.values():
        if row["held_from"] < row["held_to"]:
            held = {**row, "unit_id": None, "level": None}
            yield _row(held, (row["held_from"], row["held_to"]), as_of_day, "not_there")


def _period(row: Mapping[Any, Any]) -> tuple[float, float]:
    start = max(row[f"{name}_from"] for name in _BOUNDS)
    return start, min(row[f"{name}_to"] for name in _BOUNDS)


def _cause(row: Mapping[Any, Any], end: float) -> str:
    """Say what ended first; on one day the role goes before the holder and the holder the unit."""
    causes = _OWNERSHIP_ENDS if row["kind"] == "plan_owner" else _ROLE_ENDS
    ends = [row[f"{name}_to"] for name in _BOUNDS]
    return causes[ends.index(end)]


def _row(row: Mapping[Any, Any], period: tuple[float, float], as_of_day: int, cause: str) -> Row:
    start, end = period
    goes_on = end > as_of_day
    is_owner = row["kind"] == "plan_owner"
    return event(
        "plans" if is_owner else "roles",
        "plan_owner" if is_owner else "role",
        kind=row["kind"],
        event_id=row["subject"] if is_owner else None,
        started_at=midnight(start) if np.isfinite(start) else None,
        ended_at=None if goes_on else midnight(end),
        goes_on=goes_on,
        status="held" if goes_on and cause != "not_there" else cause,
        level=_text(row["level"]),
        unit=_text(row["unit_id"]),
        holder_id=row["holder_id"],
        holder_kind=row["holder_kind"],
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
