"""What happened with one patient, in rows: contacts, stays, plans, referrals and the rest.

Rows of one patient in, rows out, plain Python: there are hundreds of them, not millions. Days are
numbers since 1970-01-01, times seconds since 1970 UTC. The definitions are those of
``docs/definitions.md#patient-timeline``; roles are in :mod:`pathgraph.analysis.timeline_roles`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

__all__ = [
    "COLUMNS",
    "Course",
    "assessment_rows",
    "contact_rows",
    "death_row",
    "event",
    "midnight",
    "notice_rows",
    "plan_rows",
    "ready_rows",
    "referral_rows",
    "residence_rows",
    "revision_rows",
    "stay_rows",
]

Row = dict[str, Any]

COLUMNS = (
    "patient_id", "lane", "what", "kind", "event_id", "part_of", "stay_id", "started_at",
    "ended_at", "goes_on", "has_time", "is_acute", "status", "care_level", "level", "unit",
    "unit_name", "from_unit", "from_unit_name", "holder_id", "holder_kind", "municipality_code",
    "municipality_name",
)  # fmt: skip
_FLAGS = ("goes_on", "has_time")
_EPOCH = date(1970, 1, 1)
_MOMENTS = ("completed", "revoked")


def event(lane: str, what: str, **values: Any) -> Row:
    """Return a row; what is not said is empty, and a moment unless it ``goes_on``."""
    return {
        **dict.fromkeys(COLUMNS), **dict.fromkeys(_FLAGS, False),
        "lane": lane, "what": what, **values,
    }  # fmt: skip


def midnight(day: float | None) -> str | None:
    """Return the first moment of a day [d since 1970], empty where none is known.

    Examples
    --------
    >>> midnight(19_782)
    '2024-02-29T00:00:00'
    """
    if day is None or not -1e6 < day < 1e6:
        return None
    return f"{(_EPOCH + timedelta(days=int(day))).isoformat()}T00:00:00"


@dataclass(frozen=True, slots=True)
class Course:
    """The contacts that had begun by a day, and what they are part of.

    Attributes
    ----------
    contacts
        By id: ``level``, ``care_level``, ``ended_at``, ``ended_s`` [s] and more.
    parents
        The contact that a contact is part of, begun or not, by id.
    stays
        The stay that a contact is part of, by id.
    ends
        Of each stay: its end as known on the day, empty while it goes on.
    as_of_s
        First second after the day [s].
    """

    contacts: Mapping[str, Row]
    parents: Mapping[str, str]
    stays: Mapping[str, str]
    ends: Mapping[str, str | None]
    as_of_s: int
    has_time: bool = field(default=True)

    def goes_on(self, contact_id: str) -> bool:
        """Whether a contact goes on: a later end is not known, and a part goes on as its whole."""
        row = self.contacts[contact_id]
        if row["ended_s"] is not None:
            return bool(row["ended_s"] >= self.as_of_s)
        parent = self.parents.get(contact_id)
        if parent is not None:
            return parent in self.contacts and self.goes_on(parent)
        return bool(row["care_level"] == "overnight" or row["level"] == "municipal")

    def end_of(self, contact_id: str) -> tuple[str | None, bool]:
        """Return the end of the stay that a contact is part of, else its own; does it go on."""
        stay = self.stays.get(contact_id)
        if stay is not None and stay in self.ends:
            return self.ends[stay], self.ends[stay] is None
        goes_on = self.goes_on(contact_id)
        return None if goes_on else self.contacts[contact_id]["ended_at"], goes_on

    def part_of(self, contact_id: str) -> str | None:
        """Return the contact that it is part of, if that has begun."""
        parent = self.parents.get(contact_id)
        return parent if parent in self.contacts else None


def contact_rows(course: Course) -> Iterator[Row]:
    """Yield a row for each contact that had begun."""
    for id_, row in course.contacts.items():
        goes_on = course.goes_on(id_)
        yield event(
            row["level"],
            "contact",
            kind=row["kind"],
            event_id=id_,
            part_of=course.part_of(id_),
            stay_id=course.stays.get(id_),
            started_at=row["started_at"],
            ended_at=None if goes_on else row["ended_at"],
            goes_on=goes_on,
            status=_ending(row, goes_on=goes_on),
            **{name: row[name] for name in ("has_time", "is_acute", "care_level", "level")},
            unit=row["unit_id"],
        )


def _ending(row: Mapping[str, Any], *, goes_on: bool) -> str:
    if goes_on:
        return "going_on"
    if row["ended_at"] is None:
        return "end_not_recorded"
    return "ended_dead" if row["ended_dead"] else "ended"


def stay_rows(stays: Iterable[Row]) -> Iterator[Row]:
    """Yield a row for each stay, with end and unit as known on the day."""
    for row in stays:
        goes_on = row["ended_at"] is None
        yield event(
            row["level"],
            "stay",
            kind=row["service"],
            event_id=row["stay_id"],
            started_at=row["started_at"],
            ended_at=row["ended_at"],
            goes_on=goes_on,
            status=_ending(row, goes_on=goes_on),
            **{name: row[name] for name in ("has_time", "is_acute", "level")},
            unit=row["unit_id"],
        )


def ready_rows(periods: Iterable[Row], course: Course) -> Iterator[Row]:
    """Yield the periods of waiting; one without an end ends with the stay."""
    for row in periods:
        contact = course.contacts[row["contact_id"]]
        is_over = row["waited_to_s"] is not None and row["waited_to_s"] < course.as_of_s
        end, goes_on = (row["waited_to_at"], False) if is_over else course.end_of(row["contact_id"])
        yield event(
            contact["level"],
            "ready_period",
            event_id=row["ready_period_id"],
            part_of=row["contact_id"],
            stay_id=course.stays.get(row["contact_id"]),
            started_at=row["ready_at"],
            ended_at=end,
            goes_on=goes_on,
            has_time=course.has_time,
            status="going_on" if goes_on else "ended" if is_over else "end_not_recorded",
            level=contact["level"],
            unit=contact["unit_id"],
            municipality_code=row["municipality_code"],
        )


def notice_rows(notices: Iterable[Row], course: Course) -> Iterator[Row]:
    """Yield what hospital and municipality told each other."""
    for row in notices:
        contact = course.contacts[row["contact_id"]]
        yield event(
            contact["level"],
            "notice",
            kind=row["notice_kind"],
            event_id=row["notice_id"],
            part_of=row["contact_id"],
            stay_id=course.stays.get(row["contact_id"]),
            started_at=row["sent_at"],
            has_time=course.has_time,
            level=contact["level"],
            unit=contact["unit_id"],
            municipality_code=row["municipality_code"],
        )


def referral_rows(
    referrals: Iterable[Row], as_of_s: int, *, has_time: bool = True
) -> Iterator[Row]:
    """Yield each referral sent, and the first meeting that it led to."""
    for row in referrals:
        is_closed, is_assessed, is_met = (
            row[name] is not None and row[name] < as_of_s
            for name in ("closed_s", "assessed_s", "first_meeting_s")
        )
        common = {
            "kind": row["reason"],
            "event_id": row["referral_id"],
            "has_time": has_time,
            "unit": row["unit_id"],
        }
        yield event(
            "referrals",
            "referral",
            **common,
            started_at=row["sent_at"],
            ended_at=row["closed_at"] if is_closed else None,
            goes_on=not is_closed,
            status=(row["outcome"] or "assessed") if is_assessed else "not_assessed",
            from_unit=row["from_unit"],
        )
        if is_met:
            yield event("referrals", "first_meeting", **common, started_at=row["first_meeting_at"])


def plan_rows(plan: Row, statuses: Sequence[tuple[int, str]], as_of_day: int) -> Iterator[Row]:
    """Yield the periods between a plan's changes of status, while it was valid.

    Parameters
    ----------
    plan
        ``plan_id``, ``kind``, ``valid_from_day``, ``valid_to_day`` [d, null where open].
    statuses
        Those recorded by the day, each with its first day [d].
    """
    begin, end = plan["valid_from_day"], plan["valid_to_day"]
    in_order: list[tuple[int | None, str]] = sorted(statuses)
    if not statuses or (begin is not None and begin < min(statuses)[0]):
        in_order.insert(0, (begin, "not_recorded"))
    followed_by = [day for day, _ in in_order[1:]] + [None]
    for (day, status), following in zip(in_order, followed_by, strict=True):
        if status in _MOMENTS:
            yield _plan_event(plan, status, started_at=midnight(day))
            continue
        start = max((d for d in (day, begin) if d is not None), default=None)
        over = min((d for d in (end, following) if d is not None), default=None)
        if over is not None and start is not None and over <= start:
            continue
        goes_on = over is None or over > as_of_day
        ended_at = None if goes_on else midnight(over)
        yield _plan_event(
            plan, status, started_at=midnight(start), ended_at=ended_at, goes_on=goes_on
        )


def _plan_event(plan: Row, status: str, **values: Any) -> Row:
    return event(
        "plans", "plan", kind=plan["kind"], event_id=plan["plan_id"], status=status, **values
    )


def revision_rows(plan: Row, days: Iterable[int]) -> Iterator[Row]:
    """Yield the days [d] on which a plan was revised."""
    for day in days:
        yield event(
            "plans",
            "plan_revision",
            kind=plan["kind"],
            event_id=plan["plan_id"],
            started_at=midnight(day),
        )


def assessment_rows(needs: Iterable[Row]) -> Iterator[Row]:
    """Yield what was assessed and what was found."""
    for row in needs:
        yield event(
            "needs",
            "assessment",
            kind=row["need"],
            status=row["status"],
            started_at=midnight(row["assessed_day"]),
        )


def residence_rows(residences: Iterable[Row], as_of_day: int) -> Iterator[Row]:
    """Yield where the patient lived."""
    for row in residences:
        end = row["lived_to_day"]
        goes_on = end is None or end > as_of_day
        yield event(
            "home",
            "residence",
            started_at=midnight(row["lived_from_day"]),
            ended_at=None if goes_on else midnight(end),
            goes_on=goes_on,
            status="going_on" if goes_on else "ended",
            municipality_code=row["municipality_code"],
        )


def death_row(died: int | None, as_of_day: int) -> Iterator[Row]:
    """Yield the day of death [d], where it had come."""
    if died is not None and died <= as_of_day:
        yield event("home", "death", started_at=midnight(died))
