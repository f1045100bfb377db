"""Who was there for a patient, and when: periods in which holders held a role and stood somewhere.

The definitions are those of ``docs/definitions.md#holder`` and ``#patient-timeline``.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pathgraph.analysis.timeline import event, midnight

__all__ = ["placed_rows", "role_rows"]

Row = dict[str, Any]

_NOWHERE: Mapping[str, Any] = {"level": None, "unit_from_day": None, "unit_to_day": None}
_BOUNDS = ("held", "employed", "unit")
_ROLE_ENDS = ("role_ended", "holder_left", "unit_closed")
_OWNERSHIP_ENDS = ("ownership_ended", "owner_left", "unit_closed")


def placed_rows(holdings: Sequence[Row], places: Sequence[Row], as_of_day: int) -> Iterator[Row]:
    """Yield each holding begun by a day with each place where its holder stood or stands.

    The rows are those of :func:`pathgraph.analysis.holders.place_holdings`, in plain Python: a
    patient has a dozen of them, for which a frame takes longer to make than to ask.

    Parameters
    ----------
    holdings
        ``subject``, ``kind``, ``holder_kind``, ``holder_id``, ``valid_from_day``,
        ``valid_to_day`` [d, ``None`` where open].
    places
        Rows of the part ``places`` that name one of the holders or their units.
    """
    units = {row["unit_id"]: row for row in places}
    employments: dict[str, list[Row]] = defaultdict(list)
    for row in places:
        if row["professional_id"] is not None:
            employments[row["professional_id"]].append(row)
    number = 0
    for held in holdings:
        begin = _from(held["valid_from_day"])
        if begin > as_of_day:
            continue
        common = {
            **{name: held[name] for name in ("subject", "kind", "holder_kind", "holder_id")},
            "held_from": begin,
            "held_to": _to(held["valid_to_day"]),
            "holding": number,
        }
        number += 1
        if held["holder_kind"] == "unit":
            stood = [(held["holder_id"], -math.inf, math.inf)]
        else:
            known = [
                (row["unit_id"], _from(row["employed_from_day"]), _to(row["employed_to_day"]))
                for row in employments[held["holder_id"]]
            ]
            stood = [place for place in known if place[1] <= as_of_day]
        for unit_id, start, end in stood or [(None, -math.inf, math.inf)]:
            unit = units.get(unit_id, _NOWHERE)
            yield {
                **common,
                "unit_id": unit_id,
                "level": unit["level"],
                "employed_from": start,
                "employed_to": end,
                "unit_from": _from(unit["unit_from_day"]),
                "unit_to": _to(unit["unit_to_day"]),
            }


def _from(day: int | None) -> float:
    return -math.inf if day is None else float(day)


def _to(day: int | None) -> float:
    return math.inf if day is None else float(day)


def role_rows(placed: Sequence[Row], as_of_day: int) -> Iterator[Row]:
    """Yield the periods in which somebody held a role, or owned a plan, and was there.

    Parameters
    ----------
    placed
        As :func:`placed_rows` yields them; the kind ``plan_owner`` is about the plan that is
        its ``subject``.
    as_of_day
        The day [d].

    Returns
    -------
    One row a holding and place. Where the holder was never there while it held, one row with the
    status ``not_there``.
    """
    there: set[Any] = set()
    for row in placed:
        start, end = _period(row)
        if start < end and start <= as_of_day:
            there.add(row["holding"])
            yield _row(row, (start, end), as_of_day, _cause(row, end))
    nowhere = {row["holding"]: row for row in placed if row["holding"] not in there}
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
        started_at=midnight(start) if math.isfinite(start) else None,
        ended_at=None if goes_on else midnight(end),
        goes_on=goes_on,
        status="held" if goes_on and cause != "not_there" else cause,
        level=row["level"],
        unit=row["unit_id"],
        holder_id=row["holder_id"],
        holder_kind=row["holder_kind"],
    )
