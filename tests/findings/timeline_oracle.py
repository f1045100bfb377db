"""What ``patient_timeline`` must come to: plain Python, a day after the other, slow and obvious.

Made from the counting rules alone. Stays come from ``oracle``, which merges them anew from the
contacts; who was where is asked of every single day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from tests.findings.levels_oracle import Levels, holds, unit_of
from tests.findings.oracle import Contact, Stay

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

COLUMNS = (
    "patient_id", "lane", "what", "kind", "event_id", "part_of", "stay_id", "started_at",
    "ended_at", "goes_on", "has_time", "is_acute", "status", "care_level", "level", "unit",
    "unit_name", "from_unit", "from_unit_name", "holder_id", "holder_kind", "municipality_code",
    "municipality_name",
)  # fmt: skip
_FIRST = date(2020, 1, 1)
"""Before everything that is drawn: what holds on this day has always held."""


def _at_midnight(day: date | str | None) -> str | None:
    return None if day is None else f"{day}T00:00:00"


def _all_hold(facts: Sequence[Row], day: date) -> bool:
    return all(holds(fact, day.isoformat()) for fact in facts)


class Timelines:
    """All patients' timelines at the end of a day."""

    def __init__(self, tables: Tables, day: date, zone: str) -> None:
        self.tables = tables
        self.day = day
        self.levels = Levels(tables, day, zone)
        self.units = self.levels.world.units
        self.days = [_FIRST + timedelta(days=n) for n in range((day - _FIRST).days + 1)]

    def timeline(self, patient: str) -> list[Row]:
        found = [
            *self._contacts(patient), *self._stays(patient), *self._waits(patient),
            *self._notices(patient), *self._referrals(patient), *self._plans(patient),
            *self._roles(patient), *self._life(patient),
        ]  # fmt: skip
        names = self.levels.world.municipalities
        unlike: list[Row] = []
        for row in found:
            unit = self.units.get(row.get("unit"), {})
            sender = self.units.get(row.get("from_unit"), {})
            whole = {
                **dict.fromkeys(COLUMNS), "goes_on": False, "has_time": False,
                "patient_id": patient, "unit_name": unit.get("name"), "level": unit.get("level"),
                "from_unit_name": sender.get("name"), **row,
                "municipality_name": names.get(row.get("municipality_code")),
            }  # fmt: skip
            if whole not in unlike:
                unlike.append(whole)
        return unlike

    # Contacts and stays

    def _own(self, patient: str) -> dict[str, Contact]:
        return {contact.id: contact for contact in self.levels.contacts.get(patient, [])}

    def _is_known(self, text: str | None) -> bool:
        """Whether something happened before the end of the day."""
        if not text:
            return False
        return bool(self.levels.world._instant(text).timestamp() < self.levels.as_of_s)

    def _goes_on(self, contact: Contact) -> bool:
        if contact.end is not None:
            return contact.end >= self.levels.as_of_s
        if contact.parent:
            above = self._own(contact.patient).get(contact.parent)
            return above is not None and self._goes_on(above)
        return contact.is_overnight or contact.level == "municipal"

    def _stay_of(self, contact: Contact) -> Stay | None:
        own = self._own(contact.patient)
        top = contact
        while top.parent:
            if top.parent not in own:
                return None
            top = own[top.parent]
        for stay in self.levels.world.stays.get(contact.patient, ()):
            if top.id in [member.id for member in stay.members]:
                return stay
        return None

    def _contacts(self, patient: str) -> Iterator[Row]:
        own = self._own(patient)
        for contact in own.values():
            goes_on = self._goes_on(contact)
            has_end = contact.end is not None and not goes_on
            ended = "ended_dead" if contact.ended_dead else "ended"
            stay = self._stay_of(contact)
            whole = contact.parent if contact.parent in own else None
            row = self.levels.rows[contact.id]
            yield {
                "lane": contact.level, "what": "contact", "kind": row.get("kind"),
                "event_id": contact.id, "part_of": whole, "stay_id": stay and stay.id,
                "started_at": contact.started_at,
                "ended_at": contact.ended_at if has_end else None, "goes_on": goes_on,
                "has_time": True, "is_acute": contact.is_acute, "unit": contact.unit,
                "status": "going_on" if goes_on else ended if has_end else "end_not_recorded",
                "care_level": row.get("care_level"),
            }  # fmt: skip

    def _stays(self, patient: str) -> Iterator[Row]:
        for stay in self.levels.world.stays.get(patient, ()):
            goes_on = stay.end is None
            yield {
                "lane": stay.members[0].level, "what": "stay", "kind": stay.members[0].service,
                "event_id": stay.id, "started_at": stay.members[0].started_at,
                "ended_at": None if goes_on else stay.last.ended_at, "goes_on": goes_on,
                "has_time": True, "is_acute": stay.is_acute("first"), "unit": unit_of(stay),
                "level": stay.members[0].level if unit_of(stay) is None else
                self.units[unit_of(stay)]["level"],
                "status": "going_on" if goes_on else "ended_dead" if stay.ended_dead else "ended",
            }  # fmt: skip

    def _about(self, patient: str, table: str, time: str) -> Iterator[tuple[Row, Contact]]:
        own = self._own(patient)
        for row in self.tables[table]:
            if row["contact_id"] in own and self._is_known(row[time]):
                yield row, own[row["contact_id"]]

    def _waits(self, patient: str) -> Iterator[Row]:
        for row, contact in self._about(patient, "ready_periods", "ready_at"):
            stay = self._stay_of(contact)
            end: str | None
            if self._is_known(row["ended_at"]):
                end, status = self._text(row["ended_at"]), "ended"
            elif stay:
                end, status = (None if stay.end is None else stay.last.ended_at), ""
            else:
                end, status = (None if self._goes_on(contact) else contact.ended_at), ""
            goes_on = stay.end is None if stay else self._goes_on(contact)
            is_over = status == "ended"
            yield {
                "lane": contact.level, "what": "ready_period", "part_of": contact.id,
                "stay_id": stay and stay.id,
                "event_id": f"{contact.id}|{self._text(row['ready_at'])}", "ended_at": end,
                "started_at": self._text(row["ready_at"]), "goes_on": goes_on and not is_over,
                "status": "ended" if is_over else "going_on" if goes_on else "end_not_recorded",
                "has_time": True, "unit": contact.unit,
                "municipality_code": row["municipality_code"],
            }  # fmt: skip

    def _notices(self, patient: str) -> Iterator[Row]:
        for row, contact in self._about(patient, "notices", "sent_at"):
            sent = self._text(row["sent_at"])
            stay = self._stay_of(contact)
            yield {
                "stay_id": stay and stay.id,
                "lane": contact.level, "what": "notice", "kind": row["kind"], "has_time": True,
                "event_id": f"{contact.id}|{row['kind']}|{sent}", "part_of": contact.id,
                "started_at": sent, "unit": contact.unit,
                "municipality_code": row["municipality_code"],
            }  # fmt: skip

    def _text(self, text: str) -> str:
        return self.levels.world._text(self.levels.world._instant(text))

    def _referrals(self, patient: str) -> Iterator[Row]:
        for row in self.tables["referrals"]:
            if row["patient_id"] != patient or not self._is_known(row["sent_at"]):
                continue
            is_closed = self._is_known(row["closed_at"])
            found = row["outcome"] or "assessed"
            common = {
                "lane": "referrals", "kind": row["reason"], "event_id": row["referral_id"],
                "has_time": True, "unit": row["to_unit_id"],
            }  # fmt: skip
            yield {
                **common, "what": "referral", "started_at": self._text(row["sent_at"]),
                "ended_at": self._text(row["closed_at"]) if is_closed else None,
                "goes_on": not is_closed, "from_unit": row["from_unit_id"],
                "status": found if self._is_known(row["assessed_at"]) else "not_assessed",
            }  # fmt: skip
            if self._is_known(row["first_meeting_at"]):
                met = self._text(row["first_meeting_at"])
                yield {**common, "what": "first_meeting", "started_at": met}

    # Day by day

    def _runs(self, what: Callable[[date], object]) -> Iterator[tuple[object, date, date]]:
        """Yield the runs of days on which one thing was so: what, first day, first day after."""
        for value, group in groupby(self.days, key=what):
            days = list(group)
            yield value, days[0], days[-1] + timedelta(days=1)

    def _begun(self, rows: Sequence[Row], column: str = "valid_from") -> list[Row]:
        return [r for r in rows if not r.get(column) or r[column] <= self.day.isoformat()]

    def _plans(self, patient: str) -> Iterator[Row]:
        for plan in self._begun(self.tables["plans"]):
            if plan["patient_id"] != patient:
                continue
            of_plan = {"lane": "plans", "kind": plan["kind"], "event_id": plan["plan_id"]}
            id_ = plan["plan_id"]
            own = [r for r in self._begun(self.tables["plan_statuses"]) if r["plan_id"] == id_]
            own.sort(key=lambda r: str(r["valid_from"]))
            yield from self._statuses({**of_plan, "what": "plan"}, plan, own)
            for row in self._begun(self.tables["plan_revisions"], "revised_on"):
                if row["plan_id"] == id_:
                    on = _at_midnight(row["revised_on"])
                    yield {**of_plan, "what": "plan_revision", "started_at": on}
            for row in self._begun(self.tables["plan_owners"]):
                if row["plan_id"] == id_:
                    about = {"lane": "plans", "what": "plan_owner", "event_id": id_}
                    causes = ("ownership_ended", "owner_left", "unit_closed")
                    yield from self._there({**about, "kind": "plan_owner"}, row, causes)

    def _statuses(self, of_plan: Row, plan: Row, statuses: list[Row]) -> Iterator[Row]:
        def on(day: date) -> tuple[str, str] | None:
            if not holds(plan, day.isoformat()):
                return None
            past = [r for r in statuses if r["valid_from"] <= day.isoformat()]
            return (past[-1]["valid_from"], past[-1]["status"]) if past else ("", "not_recorded")

        for row in statuses:
            if row["status"] in ("completed", "revoked"):
                start = _at_midnight(row["valid_from"])
                yield {**of_plan, "status": row["status"], "started_at": start}
        for known, first, after in self._runs(on):
            if not isinstance(known, tuple) or known[1] in ("completed", "revoked"):
                continue
            if known[1] == "not_recorded" and first == _FIRST and statuses:
                continue  # Of a plan without a first day nothing is said before its first status.
            yield {**of_plan, "status": known[1], **self._bounds(first, after)}

    def _bounds(self, first: date, after: date) -> Row:
        goes_on = after > self.day
        return {
            "started_at": None if first == _FIRST else _at_midnight(first),
            "ended_at": None if goes_on else _at_midnight(after), "goes_on": goes_on,
        }  # fmt: skip

    def _roles(self, patient: str) -> Iterator[Row]:
        for row in self._begun(self.tables["roles"]):
            if row["patient_id"] == patient:
                role = {"lane": "roles", "what": "role", "kind": row["role"]}
                yield from self._there(role, row, ("role_ended", "holder_left", "unit_closed"))

    def _there(self, about: Row, holding: Row, causes: tuple[str, ...]) -> Iterator[Row]:
        always: Row = {}
        if holding.get("unit_id"):
            holder = {"holder_id": holding["unit_id"], "holder_kind": "unit"}
            places: list[tuple[Row, str | None]] = [(always, holding["unit_id"])]
        else:
            person = holding["professional_id"]
            holder = {"holder_id": person, "holder_kind": "professional"}
            jobs = [j for j in self.tables["employments"] if j["professional_id"] == person]
            places = [(job, job["unit_id"]) for job in self._begun(jobs)] or [(always, None)]
        was_there = False
        for job, unit in places:
            facts = (holding, job, self.units[unit] if unit else always)
            for is_there, first, after in self._runs(partial(_all_hold, facts)):
                if is_there:
                    was_there = True
                    row = {**about, **holder, "unit": unit, **self._bounds(first, after)}
                    over = [not holds(fact, after.isoformat()) for fact in facts]
                    yield {**row, "status": "held" if row["goes_on"] else causes[over.index(True)]}
        if not was_there:
            for is_held, first, after in self._runs(partial(_all_hold, (holding,))):
                if is_held:
                    yield {**about, **holder, "status": "not_there", **self._bounds(first, after)}

    def _life(self, patient: str) -> Iterator[Row]:
        for row in self._begun(self.tables["residences"]):
            if row["patient_id"] == patient:
                bounds = next(
                    self._bounds(first, after)
                    for lives, first, after in self._runs(partial(_all_hold, (row,)))
                    if lives
                )
                yield {
                    "lane": "home", "what": "residence",
                    "municipality_code": row["municipality_code"],
                    "status": "going_on" if bounds["goes_on"] else "ended", **bounds,
                }  # fmt: skip
        for row in self._begun(self.tables["needs"], "assessed_on"):
            if row["patient_id"] == patient:
                yield {
                    "lane": "needs", "what": "assessment", "kind": row["need"],
                    "status": row["status"], "started_at": _at_midnight(row["assessed_on"]),
                }  # fmt: skip
        died = self.levels.world.died_on(patient)
        if died:
            yield {"lane": "home", "what": "death", "started_at": _at_midnight(died)}
