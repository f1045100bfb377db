"""What the findings between the levels of care must come to: plain Python, slow and obvious.

Made from the counting rules alone; stays come from ``oracle.World``, which merges them anew from
the contacts as they were known at the end of a day.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from tests.findings.oracle import DAY, HOUR, Stay, World, share_interval

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

SPECIALIST = ("hospital", "psychiatry")
_EASTER = {2023: date(2023, 4, 9), 2024: date(2024, 3, 31), 2025: date(2025, 4, 20)}


class Levels:
    """A data set as it was known at the end of a day, with all levels of care."""

    def __init__(self, tables: Tables, day: date, zone: str) -> None:
        self.tables = tables
        self.day = day
        self.iso = day.isoformat()
        self.world = World(tables, day, zone)
        self.as_of_s = self.world.as_of_s
        self.parents = {row["unit_id"]: row.get("parent_unit_id") for row in tables["units"]}
        self.rows = {row["contact_id"]: row for row in tables["contacts"]}
        holding = {row.get("parent_contact_id") for row in tables["contacts"]}
        self.contacts: dict[str, list[Any]] = defaultdict(list)
        self.everything = self.world._contacts(tables["contacts"])
        self.recording: dict[Any, str] = {}
        for contact in self.everything:
            if contact.start < self.as_of_s:
                contact.has_children = contact.id in holding
                self.contacts[contact.patient].append(contact)

    def above(self, unit: str) -> list[str]:
        """The unit and those above it."""
        chain = [unit]
        while parent := self.parents.get(chain[-1]):
            chain.append(parent)
        return chain

    def clinic(self, unit: str) -> str:
        kinds = {row["unit_id"]: row.get("kind") for row in self.tables["units"]}
        return next((u for u in self.above(unit) if kinds[u] == "clinic"), unit)

    def is_alive(self, patient: str) -> bool:
        dead = any(s.ended_dead for s in self.world.stays.get(patient, ()))
        return self.world.died_on(patient) is None and not dead

    def stays(self) -> Iterable[Stay]:
        return (stay for stays in self.world.stays.values() for stay in stays)

    def days_since(self, day: date) -> int:
        return (self.day - day).days

    def midnight(self, iso: str) -> int:
        return self.world.midnight_after(date.fromisoformat(iso) - timedelta(days=1))


def holds(row: Row, day: str) -> bool:
    """Whether a row with ``valid_from`` and ``valid_to`` holds on a day."""
    begun = not row.get("valid_from") or row["valid_from"] <= day
    return begun and (not row.get("valid_to") or row["valid_to"] > day)


def unit_of(stay: Stay) -> str | None:
    return stay.places[-1].unit if stay.places else None


def is_holiday(day: date) -> bool:
    fixed = {(1, 1), (5, 1), (5, 17), (12, 25), (12, 26)}
    moving = {_EASTER[day.year] + timedelta(days=n) for n in (-3, -2, 0, 1, 39, 49, 50)}
    return day.weekday() > 4 or (day.month, day.day) in fixed or day in moving


def due_on(stay: Stay) -> date:
    day = stay.started_on + timedelta(days=1)
    while is_holiday(day):
        day += timedelta(days=1)
    return day


def contact_physicians(
    levels: Levels, *, proxy: str = "long_stay", within_days: int = 36_500
) -> tuple[list[Row], int]:
    """Stays without a contact physician in time, and how many were due one."""
    due: list[tuple[Stay, str]] = []
    for stay in levels.stays():
        is_long = (stay.end or levels.as_of_s) - stay.start > 96 * HOUR
        followed = proxy != "long_stay" and len(_visits(levels, stay)) >= 2
        counts = {"long_stay": is_long, "follow_ups": followed, "either": is_long or followed}
        if due_on(stay) <= levels.day and counts[proxy]:
            basis = "both" if is_long and followed else "long_stay" if is_long else "follow_ups"
            due.append((stay, basis))
    rows = []
    asked = [pair for pair in due if levels.days_since(pair[0].started_on) < within_days]
    for stay, basis in asked:
        on_day = due_on(stay)
        if physician_there(levels, stay, on_day):
            continue
        last = stay.ended_on or levels.day
        later = [on_day + timedelta(days=n) for n in range(1, (last - on_day).days + 1)]
        appointed = next((day for day in later if physician_there(levels, stay, day)), None)
        unit = unit_of(stay)
        if (unit, proxy) not in levels.recording:
            levels.recording[unit, proxy] = _recording(levels, unit, [s for s, _ in due])
        rows.append(
            {
                "patient_id": stay.patient,
                "stay_id": stay.id,
                "unit": unit,
                "unit_name": levels.world.name(unit),
                "started_at": stay.members[0].started_at,
                "due_on": on_day.isoformat(),
                "days_overdue": float(max(((appointed or last) - on_day).days, 0)),
                "appointed_on": appointed.isoformat() if appointed else None,
                "basis": basis,
                "status": levels.recording[unit, proxy],
            }
        )
    return rows, len(asked)


def _visits(levels: Levels, stay: Stay) -> list[Any]:
    unit = unit_of(stay)
    if stay.end is None or unit is None:
        return []
    return [
        c
        for c in levels.contacts[stay.patient]
        if stay.end <= c.start <= stay.end + 90 * DAY
        and levels.rows[c.id].get("care_level") == "outpatient"
        and not c.is_acute
        and levels.clinic(c.unit) == levels.clinic(unit)
    ]


def _physician_roles(levels: Levels, patient: str) -> list[Row]:
    return [
        row
        for row in levels.tables["roles"]
        if row["patient_id"] == patient
        and row["role"] in ("contact_physician", "contact_psychologist")
        and (row.get("valid_from") or "") <= levels.iso
    ]


def physician_there(levels: Levels, stay: Stay, day: date) -> bool:
    iso, unit = day.isoformat(), unit_of(stay)

    def is_same(other: str) -> bool:
        return unit is None or levels.above(other)[-1] == levels.above(unit)[-1]

    for role in _physician_roles(levels, stay.patient):
        if not holds(role, iso):
            continue
        if role.get("unit_id"):
            if is_same(role["unit_id"]):
                return True
            continue
        works = [
            row
            for row in levels.tables["employments"]
            if row["professional_id"] == role["professional_id"]
            and (row.get("valid_from") or "") <= levels.iso
        ]
        if not works or any(holds(row, iso) and is_same(row["unit_id"]) for row in works):
            return True
    return False


def _recording(levels: Levels, unit: str | None, due: list[Stay]) -> str:
    own = [stay for stay in due if unit is not None and unit_of(stay) == unit]
    pool = [stay for stay in own if levels.days_since(stay.started_on) < 365] or own
    recorded = 0
    for stay in pool:
        first, last = stay.started_on, max(stay.ended_on or levels.day, due_on(stay))
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        roles = _physician_roles(levels, stay.patient)
        recorded += any(holds(role, day.isoformat()) for role in roles for day in days)
    return "not_recorded" if pool and recorded / len(pool) < 0.05 else "missing"


def discharges(levels: Levels, within_days: int) -> list[tuple[Stay, str, bool]]:
    """Discharges home, what followed, and whether home care went on."""
    found = []
    for stay in levels.stays():
        last = levels.rows[stay.last.id]
        if stay.end is None or stay.ended_dead or last.get("discharged_to") not in ("1", "home"):
            continue
        until = stay.end + within_days * DAY
        contacts = levels.contacts[stay.patient]
        after = [c.start for c in contacts if c.start >= stay.end and _follows_up(levels, c)]
        acute = [
            s.start
            for s in levels.world.stays[stay.patient]
            if s.start >= stay.end and s is not stay and s.is_acute("first")
        ]
        died = levels.world.died_on(stay.patient)
        first, back = min(after, default=math.inf), min(acute, default=math.inf)
        assert stay.ended_on is not None
        if until > levels.as_of_s or not all(
            is_covered(levels, level, stay.municipality, stay.end, until)
            for level in ("gp", "municipal")
        ):
            outcome = "not_covered"
        elif first <= until and first <= back:
            outcome = "followed_up"
        elif back <= until:
            outcome = "acute_return"
        elif died and (died - stay.ended_on).days <= within_days:
            outcome = "died"
        else:
            outcome = "no_follow_up"
        went_on = any(
            c.level == "municipal" and c.start < stay.end and (c.end is None or c.end > stay.end)
            for c in contacts
        )
        found.append((stay, outcome, went_on))
    return found


def _follows_up(levels: Levels, contact: Any) -> bool:
    kind = levels.rows[contact.id].get("kind")
    if contact.level == "gp":
        return kind not in ("administrative", "simple_contact", "collaboration")
    return bool(contact.level == "municipal")


def is_covered(levels: Levels, level: str, code: str | None, start: int, end: int) -> bool:
    if code is None:
        return False
    given = levels.tables.get("coverage", ())
    periods = [
        (levels.midnight(row["covered_from"]), levels.midnight(row["covered_to"]))
        for row in given
        if row["level"] == level and row.get("municipality_code") in (None, code)
    ]
    everything = levels.everything
    if not any(row["level"] == level for row in given) and any(
        c.level == level for c in everything
    ):
        days = [c.started_on for c in everything]
        first, last = min(days), max(days)
        periods = [(levels.midnight(first.isoformat()), levels.world.midnight_after(last))]
    at = start
    while at < end:
        reached = max((to for begin, to in periods if begin <= at < to), default=None)
        if reached is None:
            return False
        at = reached
    return True


def no_follow_up(levels: Levels, within_days: int) -> tuple[list[Row], int]:
    found = discharges(levels, within_days)
    rows = [
        {
            "patient_id": stay.patient,
            "stay_id": stay.id,
            "unit": unit_of(stay),
            "unit_name": levels.world.name(unit_of(stay)),
            "ended_at": stay.last.ended_at,
            "municipality_code": stay.municipality,
            "home_care_continued": went_on,
        }
        for stay, outcome, went_on in found
        if outcome == "no_follow_up"
    ]
    return rows, sum(outcome != "not_covered" for _, outcome, _ in found)


def follow_up_by_unit(levels: Levels, within_days: int) -> list[Row]:
    units: dict[Any, list[tuple[Stay, str, bool]]] = defaultdict(list)
    for row in discharges(levels, within_days):
        units[unit_of(row[0])].append(row)
    rows = []
    for unit, own in units.items():

        def tally(
            is_one: Callable[[str, bool], bool], own: list[tuple[Stay, str, bool]] = own
        ) -> tuple[int, int]:
            some = [stay for stay, outcome, went_on in own if is_one(outcome, went_on)]
            return len(some), len({stay.patient for stay in some})

        n, n_patients = tally(lambda outcome, _: outcome != "not_covered")
        unseen = tally(lambda outcome, _: outcome == "no_follow_up")
        care = tally(lambda outcome, went_on: outcome == "no_follow_up" and went_on)
        back = tally(lambda outcome, _: outcome == "acute_return")
        uncovered = tally(lambda outcome, _: outcome == "not_covered")
        patients: dict[str, list[Row]] = defaultdict(list)
        for stay, outcome, _ in own:
            if outcome != "not_covered":
                patients[stay.patient].append({"is_readmitted": outcome == "no_follow_up"})
        low, high = share_interval(patients, n, unseen[0])
        rows.append(
            {
                "unit": unit,
                "unit_name": levels.world.name(unit),
                "n_discharges": n,
                "n_patients": n_patients,
                "n_followed_up": tally(lambda outcome, _: outcome == "followed_up")[0],
                "n_no_follow_up": unseen[0],
                "n_no_follow_up_patients": unseen[1],
                "n_home_care_continued": care[0],
                "n_home_care_patients": care[1],
                "n_acute_return": back[0],
                "n_acute_return_patients": back[1],
                "n_died": tally(lambda outcome, _: outcome == "died")[1],
                "n_not_covered": uncovered[0],
                "n_not_covered_patients": uncovered[1],
                "share_no_follow_up": unseen[0] / n if n else None,
                "share_low": low,
                "share_high": high,
            }
        )
    return rows
