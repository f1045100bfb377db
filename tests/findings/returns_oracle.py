"""What ``before_the_return`` must come to: plain Python, slow and obvious.

Made from the counting rules alone; stays and windows come from ``oracle``, which merges them anew
from the contacts as they were known at the end of a day.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tests.findings.levels_oracle import holds
from tests.findings.oracle import DAY, Contact, Stay, World, revolving_door

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

_COUNTED = {
    "gp": "n_gp",
    "municipal": "n_municipal",
    "emergency": "n_emergency",
    "hospital": "n_outpatient",
    "psychiatry": "n_psychiatry",
}
_IN_PLACE = ("coordinator", "contact_physician", "plan", "team_referral")
_ROLES = {
    "coordinator": ("coordinator", "plan_coordinator"),
    "contact_physician": ("contact_physician", "contact_psychologist"),
}


class Returns:
    """A data set as it was known at the end of a day."""

    def __init__(self, tables: Tables, day: date, zone: str) -> None:
        self.tables = tables
        self.world = World(tables, day, zone)
        self.iso = day.isoformat()
        self._by: dict[tuple[str, str], dict[str | None, list[Row]]] = {}
        self.given = {row["contact_id"]: row for row in tables["contacts"]}
        self.units = {row["unit_id"]: row for row in tables["units"]}
        self.contacts: dict[str, list[Contact]] = defaultdict(list)
        known = [
            c for c in self.world._contacts(tables["contacts"]) if c.start < self.world.as_of_s
        ]
        for contact in known:
            self.contacts[contact.patient].append(contact)
        self.in_stays = {
            member.id
            for stays in self.world.stays.values()
            for stay in stays
            for member in stay.members
        }
        for _ in range(len(known)):
            below = {c.id for c in known if c.parent in self.in_stays} - self.in_stays
            if not below:
                break
            self.in_stays |= below
        self.met: Counter[str] = Counter()
        """How often the cases were met that are easily got wrong."""

    def _of(self, table: str, column: str, value: str) -> list[Row]:
        if (table, column) not in self._by:
            index = self._by[table, column] = defaultdict(list)
            for row in self.tables[table]:
                index[row.get(column)].append(row)
        return self._by[table, column].get(value, [])

    def rows(
        self, *, min_stays: int = 3, window_days: int = 365, acute: str = "first"
    ) -> list[Row]:
        windows = revolving_door(
            self.world, min_stays=min_stays, window_days=window_days, acute=acute
        )
        found = []
        for window in windows:
            if not window["is_current"]:
                continue
            stays = self.world.stays[window["patient_id"]]
            acute_ones = [stay for stay in stays if stay.id in window["stays"]]
            own = [self._discharge(left, back) for left, back in itertools.pairwise(acute_ones)]
            missed = [row for row in own if row["missing"]]
            for row in own:
                row["is_last_missed"] = bool(missed) and row is missed[-1]
            self._note(own, acute_ones, stays)
            found += own
        return found

    def _discharge(self, left: Stay, back: Stay) -> Row:
        assert left.end is not None
        assert left.ended_on is not None
        met = [
            contact
            for contact in self.contacts[left.patient]
            if left.end <= contact.start < back.start and self._is_met(contact)
        ]
        flags = self._in_place(left.patient, left.ended_on.isoformat())
        return {
            "patient_id": left.patient,
            "stay_id": left.id,
            "ended_at": left.last.ended_at,
            "returned_at": back.members[0].started_at,
            "gap_days": (back.start - left.end) / DAY,
            **{name: sum(c.level == level for c in met) for level, name in _COUNTED.items()},
            **{f"has_{name}": flags[name] for name in _IN_PLACE},
            "missing": [name for name in _IN_PLACE if flags[name] is False],
        }

    def _is_met(self, contact: Contact) -> bool:
        if contact.level not in ("hospital", "psychiatry"):
            return True
        is_visit = self.given[contact.id].get("care_level") in ("outpatient", "day")
        return is_visit and contact.id not in self.in_stays

    def _in_place(self, patient: str, day: str) -> dict[str, bool | None]:
        flags: dict[str, bool | None] = dict.fromkeys(_IN_PLACE)
        if "roles" in self.tables:
            roles = self._of("roles", "patient_id", patient)
            for name, kinds in _ROLES.items():
                flags[name] = any(
                    role["role"] in kinds and holds(role, day) and self._is_there(role, day)
                    for role in roles
                )
        if "plans" in self.tables:
            plans = self._of("plans", "patient_id", patient)
            flags["plan"] = any(self._is_active(plan, day) for plan in plans)
        if "referrals" in self.tables:
            flags["team_referral"] = any(
                self._is_followed(row, day) for row in self._of("referrals", "patient_id", patient)
            )
        return flags

    def _is_there(self, role: Row, day: str) -> bool:
        if role.get("unit_id"):
            return holds(self.units[role["unit_id"]], day)
        jobs = [
            job
            for job in self._of("employments", "professional_id", role["professional_id"])
            if (job.get("valid_from") or "") <= self.iso
        ]
        return not jobs or any(
            holds(job, day) and holds(self.units[job["unit_id"]], day) for job in jobs
        )

    def _is_active(self, plan: Row, day: str) -> bool:
        begun = {
            row["valid_from"]: row["status"]
            for row in self._of("plan_statuses", "plan_id", plan["plan_id"])
            if row["valid_from"] <= day
        }
        return holds(plan, day) and (not begun or begun[max(begun)] == "active")

    def _is_followed(self, referral: Row, day: str) -> bool:
        to = referral.get("to_unit_id")
        if not to or self.units[to].get("kind") != "team":
            return False
        sent, closed = (self._day_of(referral.get(name)) for name in ("sent_at", "closed_at"))
        return sent is not None and sent <= day and (closed is None or closed > day)

    def _day_of(self, text: str | None) -> str | None:
        return None if not text else self.world._instant(text).date().isoformat()

    def _note(self, rows: Sequence[Row], acute_ones: Sequence[Stay], stays: Sequence[Stay]) -> None:
        """Count the cases that are easily got wrong."""
        met = self.met
        for row, (left, back) in zip(rows, itertools.pairwise(acute_ones), strict=True):
            assert left.end is not None
            between = [stay for stay in stays if left.start < stay.start < back.start]
            met["planned stay in between"] += bool(between)
            met["return that goes on"] += back.end is None
            met["not the latest discharge is the last missed"] += (
                row["is_last_missed"] and row is not rows[-1]
            )
            for name in _IN_PLACE:
                met[f"{name} {row[f'has_{name}']}"] += 1
            for name in _COUNTED.values():
                met[name] += row[name]
            for contact in self.contacts[left.patient]:
                self._note_contact(contact, left.end, back.start, between)
            self._note_day(left)

    def _note_contact(
        self, contact: Contact, left_s: int, back_s: int, between: Sequence[Stay]
    ) -> None:
        met, given = self.met, self.given[contact.id]
        counts = self._is_met(contact)
        met["at the second of the discharge"] += counts and contact.start == left_s
        met["a second before the discharge"] += counts and contact.start == left_s - 1
        met["at the second of the return"] += counts and contact.start == back_s
        if not left_s <= contact.start < back_s:
            return
        met["part of a stay"] += contact.id in self.in_stays and given.get("care_level") in (
            "outpatient", "day",
        )  # fmt: skip
        met["part of a stay at another level"] += counts and contact.id in self.in_stays
        met["part of a visit"] += counts and contact.parent is not None
        met["overnight or no care level"] += not counts and contact.id not in self.in_stays
        met["administrative"] += contact.level == "gp" and given.get("kind") == "administrative"
        met["during a planned stay"] += counts and any(
            stay.start < contact.start < (stay.end or 0) for stay in between
        )

    def _note_day(self, stay: Stay) -> None:
        """Count what begins and ends on the very day of a discharge."""
        assert stay.ended_on is not None
        day, patient = stay.ended_on.isoformat(), stay.patient
        rows = {"role": self._of("roles", "patient_id", patient) if "roles" in self.tables else []}
        holders = {row.get("professional_id") for row in rows["role"]}
        rows["employment"] = [
            row
            for holder in holders
            for row in self._of("employments", "professional_id", str(holder))
        ]
        rows["unit"] = [
            self.units[row["unit_id"]] for row in (*rows["role"], *rows["employment"])
            if row.get("unit_id")
        ]  # fmt: skip
        if "plans" in self.tables:
            rows["plan"] = self._of("plans", "patient_id", patient)
            rows["status"] = [
                row
                for plan in rows["plan"]
                for row in self._of("plan_statuses", "plan_id", plan["plan_id"])
            ]
        for name, own in rows.items():
            self.met[f"{name} begins on the day"] += any(r.get("valid_from") == day for r in own)
            self.met[f"{name} ends on the day"] += any(r.get("valid_to") == day for r in own)
        for row in (
            self._of("referrals", "patient_id", patient) if "referrals" in self.tables else ()
        ):
            for name in ("sent", "closed"):
                self.met[f"referral {name} on the day"] += self._day_of(row[f"{name}_at"]) == day
