"""Random patients who come and go: what happens around each discharge sits on a boundary.

Each patient has professionals and a service of their own, so that employments and units can end
on the very day of a discharge.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.findings.drawn import table

Row = dict[str, Any]

ZONE = "Europe/Oslo"
_OSLO = ZoneInfo(ZONE)
_HOUR, _DAY = 3_600, 86_400
_FIRST_S = 1_696_400_000  # 4 October 2023, some weeks before summer time ends

_GAPS_S = (
    8 * _HOUR, 8 * _HOUR - 1, 3 * _DAY, 10 * _DAY, 10 * _DAY, 25 * _DAY, 30 * _DAY, 45 * _DAY,
    90 * _DAY, 200 * _DAY,
)  # fmt: skip
_LENGTHS_S = (0, 5 * _HOUR, 2 * _DAY, 3 * _DAY, 9 * _DAY)
_URGENCIES = ("1", "1", "2", "3", "1", "4", "4", "4", "5", None)
_UNITS = table(
    """
    unit_id   kind               level       parent_unit_id
    trust     trust              hospital    -
    med       ward               hospital    trust
    surg      ward               hospital    trust
    front     emergency_unit     hospital    trust
    psych     ward               psychiatry  trust
    pact      team               hospital    trust
    flexible  team               psychiatry  trust
    casualty  emergency_unit     emergency   -
    doc       gp_practice        gp          -
    home      municipal_service  municipal   -
    nursing   municipal_service  municipal   -
    """
)
_VISITS = (
    # unit, kind, care level
    ("doc", "consultation", "outpatient"), ("doc", "administrative", None), ("doc", None, None),
    ("home", "15", None), ("home", "1", "outpatient"), ("nursing", "18", "overnight"),
    ("casualty", "emergency_visit", "outpatient"), ("casualty", "emergency_visit", None),
    ("med", "outpatient_visit", "outpatient"), ("surg", "day_treatment", "day"),
    ("front", "outpatient_visit", "outpatient"), ("med", None, None),
    ("psych", "outpatient_visit", "outpatient"), ("psych", "day_treatment", "day"),
    ("pact", "team_contact", "outpatient"), ("flexible", "team_contact", "outpatient"),
)  # fmt: skip
_INSIDE = (
    ("med", None, None), ("surg", "ward_stay", "overnight"), ("front", None, "outpatient"),
    ("psych", None, "day"), ("casualty", "emergency_visit", "outpatient"),
    ("casualty", None, None), ("doc", "consultation", "outpatient"), ("home", "15", "outpatient"),
)  # fmt: skip
_PHYSICIAN = ("contact_physician", "contact_psychologist")
_COORDINATOR = ("coordinator", "plan_coordinator", "coordinator", "cancer_coordinator")
_STATUSES = ("active", "active", "draft", "on_hold", "completed")


class _Patient:
    """One patient's rows while they are drawn."""

    def __init__(self, draw: random.Random, tables: dict[str, list[Row]], name: str) -> None:
        self.draw = draw
        self.tables = tables
        self.name = name
        self.contacts: list[Row] = []

    def add(self) -> None:
        stays = self._stays()
        for before, after in itertools.pairwise(stays):
            self._between(before, after)
        died = None
        if self.draw.random() < 0.06:
            last = stays[-1]["end"] or stays[-1]["start"]
            died = local_day(last + self.draw.choice((0, 20, 90)) * _DAY).isoformat()
        self.tables["patients"].append({"patient_id": self.name, "died_on": died})
        ends = [local_day(stay["end"]) for stay in stays if stay["end"] is not None]
        self._people(ends)
        self._plans(ends)
        self._referrals(ends)
        for row in self.contacts:
            row["started_at"], end = local(row.pop("start")), row.pop("end")
            row["ended_at"] = None if end is None else local(end)
        self.tables["contacts"] += self.contacts

    def _contact(self, unit: str, start: int, end: int | None, **more: object) -> Row:
        row = {
            "contact_id": f"{self.name}c{len(self.contacts)}", "patient_id": self.name,
            "unit_id": unit, "start": start, "end": end, **more,
        }  # fmt: skip
        self.contacts.append(row)
        return row

    def _stays(self) -> list[Row]:
        now = _FIRST_S + self.draw.randrange(60) * _DAY + self.draw.randrange(24) * _HOUR
        stays = []
        n_stays = self.draw.choice((2, 3, 4, 5, 6, 7))
        for number in range(n_stays):
            end = now + self.draw.choice(_LENGTHS_S)
            is_last = number == n_stays - 1
            row = self._contact(
                self.draw.choice(("med", "med", "surg", "psych")), now, end,
                care_level="overnight", urgency=self.draw.choice(_URGENCIES),
            )  # fmt: skip
            stays.append(row)
            if is_last and self.draw.random() < 0.3:
                row["end"] = None
            elif is_last and self.draw.random() < 0.05:
                row["ended_dead"] = True
            elif self.draw.random() < 0.5:
                self._inside(row)
            now = end + self.draw.choice(_GAPS_S)
        return stays

    def _inside(self, stay: Row) -> None:
        """Contacts of a stay, one of them perhaps before the admission."""
        above = stay["contact_id"]
        for unit, kind, care_level in self.draw.sample(_INSIDE, self.draw.choice((1, 2, 3))):
            before = 2 * _HOUR if care_level == "outpatient" and self.draw.random() < 0.7 else 0
            row = self._contact(
                unit, stay["start"] - before, stay["end"], kind=kind, care_level=care_level,
                parent_contact_id=above,
            )  # fmt: skip
            # What lies below what lies below an admission is part of the stay as well.
            above = row["contact_id"] if self.draw.random() < 0.3 else above

    def _between(self, before: Row, after: Row) -> None:
        left, back = before["end"], after["start"]
        until = after["end"] or after["start"] + _DAY
        moments = (
            left - 1, left, left, left + 1, (left + back) // 2, (left + back) // 2, back - 1, back,
            back, back + 1, (back + until) // 2, until,
        )  # fmt: skip
        for _ in range(self.draw.choice((0, 1, 3, 6))):
            unit, kind, care_level = self.draw.choice(_VISITS)
            start = self.draw.choice(moments)
            end = self.draw.choice((None, start, start + _HOUR, start + 40 * _DAY))
            if care_level == "overnight" and end is None:
                end = start + 3 * _DAY
            row = self._contact(unit, start, end, kind=kind, care_level=care_level)
            if unit == "med" and care_level and self.draw.random() < 0.3:
                self._contact(
                    "surg", start, end, care_level="day", parent_contact_id=row["contact_id"]
                )

    def _near(self, days: Sequence[date], *offsets: int) -> str:
        day = self.draw.choice(days) + timedelta(days=self.draw.choice(offsets or (-1, 0, 0, 1)))
        return day.isoformat()

    def _validity(self, days: Sequence[date]) -> dict[str, str | None]:
        start = self._near(days, -300, -1, 0, 0, 1) if self.draw.random() < 0.7 else None
        stop = self._near(days) if self.draw.random() < 0.7 else None
        if start and stop and stop < start:
            start, stop = stop, start
        return {"valid_from": start, "valid_to": stop}

    def _people(self, days: Sequence[date]) -> None:
        service = f"{self.name}-service"
        self.tables["units"].append(
            {"unit_id": service, "kind": "municipal_service", "level": "municipal"}
            | (self._validity(days) if self.draw.random() < 0.5 else {})
        )
        people = [f"{self.name}-one", f"{self.name}-two", f"{self.name}-free"]
        self.tables["professionals"] += [{"professional_id": person} for person in people]
        for person in people[:2]:
            jobs = {}
            for _ in range(self.draw.choice((1, 1, 2))):
                unit = self.draw.choice((service, "med", "psych", "doc"))
                validity = self._validity(days)
                jobs[unit, validity["valid_from"]] = {
                    "professional_id": person, "unit_id": unit, **validity
                }  # fmt: skip
            self.tables["employments"] += jobs.values()
        roles = {}
        for kinds in (_PHYSICIAN, _COORDINATOR):
            for _ in range(self.draw.choice((0, 1, 1, 2))):
                by_unit = self.draw.random() < 0.3
                holder = self.draw.choice((service, service, "pact") if by_unit else people)
                validity = self._validity(days)
                role = self.draw.choice(kinds)
                roles[holder, role, validity["valid_from"]] = {
                    "patient_id": self.name, "role": role, **validity,
                    "unit_id" if by_unit else "professional_id": holder,
                }  # fmt: skip
        self.tables["roles"] += roles.values()

    def _plans(self, days: Sequence[date]) -> None:
        for number in range(self.draw.choice((0, 1, 1, 2))):
            plan = f"{self.name}-plan{number}"
            validity = self._validity(days) if self.draw.random() < 0.6 else {}
            self.tables["plans"].append({"plan_id": plan, "patient_id": self.name, **validity})
            on = {self._near(days) for _ in range(self.draw.choice((0, 1, 2, 3)))}
            self.tables["plan_statuses"] += [
                {"plan_id": plan, "status": self.draw.choice(_STATUSES), "valid_from": day}
                for day in sorted(on)
            ]

    def _referrals(self, days: Sequence[date]) -> None:
        for number in range(self.draw.choice((0, 1, 1, 2))):
            sent = datetime.combine(
                date.fromisoformat(self._near(days)),
                self.draw.choice((time(0), time(12), time(23, 59, 59))),
            )
            closed = datetime.combine(
                date.fromisoformat(self._near(days)), self.draw.choice((time(0), time(23, 59, 59)))
            )
            is_closed = closed >= sent and self.draw.random() < 0.7
            self.tables["referrals"].append(
                {
                    "referral_id": f"{self.name}-r{number}", "patient_id": self.name,
                    "to_unit_id": self.draw.choice(("pact", "pact", "flexible", "psych", None)),
                    "sent_at": sent.isoformat(),
                    "closed_at": closed.isoformat() if is_closed else None,
                }
            )  # fmt: skip


def region(seed: int, n_patients: int) -> dict[str, list[Row]]:
    """Return the canonical tables of a region."""
    draw = random.Random(seed)
    tables: dict[str, list[Row]] = {
        name: []
        for name in (
            "patients", "contacts", "professionals", "employments", "roles", "plans",
            "plan_statuses", "referrals",
        )
    }  # fmt: skip
    tables["units"] = [dict(row) for row in _UNITS]
    for number in range(n_patients):
        _Patient(draw, tables, f"p{number}").add()
    return tables


def days_to_ask(tables: dict[str, list[Row]], seed: int, n: int) -> list[date]:
    """Return days on which something begins or ends, and one at the end of the year."""
    draw = random.Random(seed)
    texts = [row[name] for row in tables["contacts"] for name in ("started_at", "ended_at")]
    days = sorted({date.fromisoformat(text[:10]) for text in texts if text})
    return [date(2024, 6, 30), days[-1], *draw.sample(days[len(days) // 4 :], n)]


def local_day(instant: int) -> date:
    return datetime.fromtimestamp(instant, _OSLO).date()


def local(instant: int) -> str:
    """Local time with its offset, so that the hour that occurs twice keeps its meaning."""
    return datetime.fromtimestamp(instant, _OSLO).isoformat()
