"""What ``patient_team`` must come to: plain Python, slow and obvious.

Made from the counting rules alone. Who holds what and who lacks a coordinator comes from
``coordination_oracle``, stays come from ``oracle``; both read the canonical tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tests.findings.coordination_oracle import Coordination
from tests.findings.levels_oracle import Levels, due_on
from tests.findings.oracle import Contact

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

_COLUMNS = (
    "patient_id", "role", "about", "level", "holder_id", "holder_kind", "unit", "unit_name",
    "since", "status",
)  # fmt: skip


class Teams:
    """All patients' teams at the end of a day."""

    def __init__(self, tables: Tables, day: date, zone: str) -> None:
        self.tables = tables
        self.levels = Levels(tables, day, zone)
        self.coordination = Coordination(tables, day, zone)
        need = self.coordination.coordination_need()
        self.lacking = [
            (patient, duty, need[patient, duty][1])
            for patient, duty in self.coordination.missing_coordinator()
        ]
        self.active = self.coordination.active_plans()
        self.has_gps = any(row["role"] == "gp" for row in tables["roles"])

    def team(self, patient: str) -> list[Row]:
        if not self.levels.is_alive(patient):
            return []
        rows = [*self._held(patient), *self._places(patient), *self._declined(patient)]
        rows += self._gaps(patient, rows)
        unlike: list[Row] = []
        for row in rows:
            whole = {**dict.fromkeys(_COLUMNS), "patient_id": patient, "status": "held", **row}
            if whole not in unlike:
                unlike.append(whole)
        return unlike

    def _at(self, unit: str) -> Row:
        row = self.levels.world.units[unit]
        return {"unit": unit, "unit_name": row.get("name"), "level": row["level"]}

    def _stands(self, holding: Row) -> Iterator[Row]:
        """Yield the holder of what holds on the day, once for each place; none who is gone."""
        is_there, units = self.coordination.standing(holding)
        if not is_there or not self.coordination.holds(holding):
            return
        holder = {"holder_id": holding["professional_id"], "holder_kind": "professional"}
        if holding.get("unit_id"):
            holder = {"holder_id": holding["unit_id"], "holder_kind": "unit"}
        for place in [self._at(unit) for unit in units] or [{}]:
            yield {**holder, **place, "since": holding.get("valid_from")}

    def _held(self, patient: str) -> Iterator[Row]:
        for role in self.tables["roles"]:
            if role["patient_id"] == patient:
                # Where only one of the two is drawn, the other is none.
                for row in self._stands({"professional_id": None, **role}):
                    yield {**row, "role": role["role"]}
        for plan in self.active:
            for owner in self.tables["plan_owners"]:
                if plan["patient_id"] == patient and owner["plan_id"] == plan["plan_id"]:
                    for row in self._stands(owner):
                        yield {**row, "role": "plan_owner", "about": plan["plan_id"]}

    def _goes_on(self, contact: Contact) -> bool:
        """What is part of an admission and has no end goes on as long as it."""
        if contact.end is not None:
            return contact.end >= self.levels.as_of_s
        if contact.parent:
            above = [c for c in self.levels.contacts[contact.patient] if c.id == contact.parent]
            return self._goes_on(above[0])
        return contact.is_overnight or contact.level == "municipal"

    def _places(self, patient: str) -> Iterator[Row]:
        contacts = [
            ("ward", contact)
            for stay in self.levels.world.stays.get(patient, ())
            if stay.end is None
            for contact in stay.places
        ]
        contacts += [
            ("service", c) for c in self.levels.contacts[patient] if c.level == "municipal"
        ]
        for role, contact in contacts:
            if self._goes_on(contact):
                since = contact.started_on.isoformat()
                yield self._by_unit(role, contact.id, contact.unit, since)
        for row in self.tables["referrals"]:
            if row["patient_id"] != patient or not row.get("to_unit_id"):
                continue
            sent, closed = (
                row[name] and self.levels.world._instant(row[name])
                for name in ("sent_at", "closed_at")
            )
            is_sent = sent.timestamp() < self.levels.as_of_s
            if is_sent and (not closed or closed.timestamp() >= self.levels.as_of_s):
                since = sent.date().isoformat()
                yield self._by_unit("referral", row["referral_id"], row["to_unit_id"], since)

    def _by_unit(self, role: str, about: str, unit: str, since: str) -> Row:
        place = self._at(unit)
        return {
            "role": role, "about": about, "holder_id": unit, "holder_kind": "unit",
            "since": since, **place,
        }  # fmt: skip

    def _declined(self, patient: str) -> Iterator[Row]:
        for need in ("coordinator", "individual_plan", "contact_physician"):
            rows = self.coordination.assessments(patient, need)
            if rows and rows[-1]["status"] == "declined":
                yield {"role": need, "since": rows[-1]["assessed_on"], "status": "declined"}

    def _gaps(self, patient: str, rows: Sequence[Row]) -> list[Row]:
        roles = {row["role"] for row in rows}
        gaps: list[Row] = []
        if "gp" not in roles:
            status = "gap" if self.has_gps else "not_recorded"
            gaps.append({"role": "gp", "level": "gp", "status": status})
        for stay in self.levels.world.stays.get(patient, ()):
            due = due_on(stay)
            is_held = roles & {"contact_physician", "contact_psychologist"}
            if stay.end is None and due <= self.levels.day and not is_held:
                since = due.isoformat()
                gaps.append({"role": "contact_physician", "since": since, "status": "gap"})
        gaps += [
            {"role": "coordinator", "level": duty, "since": since, "status": "gap"}
            for who, duty, since in self.lacking
            if who == patient
        ]
        owned = {row["about"] for row in rows if row["role"] == "plan_owner"}
        gaps += [
            {"role": "plan_owner", "about": plan["plan_id"], "status": "gap"}
            for plan in self.active
            if plan["patient_id"] == patient and plan["plan_id"] not in owned
        ]
        return gaps
