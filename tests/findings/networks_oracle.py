"""What the networks must come to: plain Python over the canonical tables, slow and obvious."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

_GREATER = {
    "department": {"department", "clinic", "hospital", "trust"},
    "clinic": {"clinic", "hospital", "trust"},
    "hospital": {"hospital", "trust"},
}
ALL_LEVELS = ("hospital", "psychiatry", "emergency", "gp", "municipal")


class Networks:
    """A data set, looked at for the ``period_days`` up to a day."""

    def __init__(
        self, tables: Tables, day: date, zone: str, *, period_days: int = 365,
        depth: str = "clinic", levels: Sequence[str] = ALL_LEVELS,
    ) -> None:  # fmt: skip
        self.zone, self.depth, self.levels = ZoneInfo(zone), depth, set(levels)
        self.units = {row["unit_id"]: row for row in tables["units"]}
        self.names = {row["municipality_code"]: row.get("name") for row in tables["municipalities"]}
        self.tables = tables
        self.first, self.last = day - timedelta(days=period_days - 1), day
        parents = {row.get("parent_contact_id") for row in tables["contacts"]}
        self.leaves = [row for row in tables["contacts"] if row["contact_id"] not in parents]

    def moment(self, iso: str) -> datetime:
        given = datetime.fromisoformat(iso)
        return given if given.tzinfo else given.replace(tzinfo=self.zone)

    def instant(self, iso: str) -> float:
        return self.moment(iso).timestamp()

    def end_s(self, row: Row) -> float:
        """Without an end an overnight contact goes on, and another lasted no time."""
        if row.get("ended_at"):
            return self.instant(row["ended_at"])
        return math.inf if row.get("care_level") == "overnight" else self.instant(row["started_at"])

    def day(self, iso: str) -> date:
        return self.moment(iso).astimezone(self.zone).date()

    def is_within(self, iso: str) -> bool:
        return self.first <= self.day(iso) <= self.last

    def counts(self, unit: str) -> bool:
        return self.units[unit]["level"] in self.levels

    def now(self, unit: str) -> str:
        """The unit that had taken over by the day, in the end."""
        row = self.units[unit]
        while row.get("replaced_by") and row.get("valid_to"):
            if date.fromisoformat(row["valid_to"]) > self.last:
                break
            row = self.units[row["replaced_by"]]
        return str(row["unit_id"])

    def shown(self, unit: str) -> str:
        unit = self.now(unit)
        if self.depth == "unit":
            return unit
        seen = {unit}
        while self.units[unit].get("kind") not in _GREATER[self.depth]:
            above = self.units[unit].get("parent_unit_id")
            # What took over may be part of what it took over from.
            if not above or self.now(above) in seen:
                break
            unit = self.now(above)
            seen.add(unit)
        return unit

    def contacts(self) -> list[Row]:
        """Contacts without children that began in the period, at the levels asked for."""
        return [
            row
            for row in self.leaves
            if self.is_within(row["started_at"]) and self.counts(row["unit_id"])
        ]

    def next_contacts(self, max_gap_d: int) -> list[Row]:
        by_patient = defaultdict(list)
        for row in self.leaves:
            by_patient[row["patient_id"]].append(row)
        found = []
        for own in by_patient.values():
            own.sort(key=lambda row: (self.instant(row["started_at"]), row["contact_id"]))
            for one, other in pairwise(own):
                gap_s = max(0.0, self.instant(other["started_at"]) - self.end_s(one))
                both = self.counts(one["unit_id"]) and self.counts(other["unit_id"])
                if self.is_within(other["started_at"]) and gap_s <= max_gap_d * 86400 and both:
                    found.append(
                        (
                            one["patient_id"],
                            self.shown(one["unit_id"]),
                            self.shown(other["unit_id"]),
                        )
                    )
        return self.directed(found, "n_contacts")

    def referrals(self) -> list[Row]:
        found = []
        for row in self.sent():
            ends = (row.get("from_unit_id"), row.get("to_unit_id"))
            if all(unit is None or self.counts(unit) for unit in ends):
                found.append(
                    (row["patient_id"], *(None if u is None else self.shown(u) for u in ends))
                )
        return self.directed(found, "n_referrals")

    def sent(self) -> list[Row]:
        return [row for row in self.tables["referrals"] if self.is_within(row["sent_at"])]

    def from_municipalities(self, *, to_municipalities: bool) -> list[Row]:
        homes = defaultdict(list)
        for home in self.tables["residences"]:
            homes[home["patient_id"]].append(home)
        found = []
        for row in self.contacts():
            day = self.day(row["started_at"]).isoformat()
            unit = row["unit_id"]
            to = (
                self.units[unit].get("municipality_code") if to_municipalities else self.shown(unit)
            )
            found += [
                (row["patient_id"], home["municipality_code"], to)
                for home in homes[row["patient_id"]]
                if (home.get("valid_from") or "") <= day
                and (not home.get("valid_to") or home["valid_to"] > day)
            ]
        return self.directed(found, "n_contacts")

    def meetings(self, kinds: Sequence[str]) -> list[Row]:
        return [row for row in self.contacts() if row.get("kind") in kinds]

    def homes_on(self, patient: str, day: str) -> list[str]:
        """Return where the patient lived on a day, each residence once."""
        return [
            home["municipality_code"]
            for home in self.tables["residences"]
            if home["patient_id"] == patient
            and (home.get("valid_from") or "") <= day
            and (not home.get("valid_to") or home["valid_to"] > day)
        ]

    def meetings_by_municipality(self, kinds: Sequence[str]) -> list[Row]:
        found = [
            (row["patient_id"], home, self.shown(row["unit_id"]))
            for row in self.meetings(kinds)
            for home in set(
                self.homes_on(row["patient_id"], self.day(row["started_at"]).isoformat())
            )
        ]
        return self.directed(found, "n_meetings")

    def coordinator_places(self, roles: Sequence[str]) -> set[tuple[str, str | None]]:
        """Patient and unit (none where no employment is recorded) that coordinated then."""
        held = [r for r in self.tables["roles"] if r["role"] in roles and self.overlaps(r)]
        return {(role["patient_id"], unit) for role in held for unit in self.units_of_holder(role)}

    def units_of_holder(self, role: Row) -> list[str | None]:
        person = role.get("professional_id")
        if person is None:
            unit = role["unit_id"]
            return [unit] if self.overlaps(role, self.units[unit]) else []
        jobs = [
            job
            for job in self.tables["employments"]
            if job["professional_id"] == person
            and (job.get("valid_from") or "") <= self.last.isoformat()
        ]
        if not jobs:
            return [None]
        return [
            job["unit_id"] for job in jobs if self.overlaps(role, job, self.units[job["unit_id"]])
        ]

    def overlaps(self, *rows: Row) -> bool:
        """Whether there is a day of the period on which all of them hold."""
        begins = [self.first.isoformat(), *(row.get("valid_from") or "" for row in rows)]
        ends = [row["valid_to"] for row in rows if row.get("valid_to")]
        begin = max(begins)
        return begin <= self.last.isoformat() and all(end > begin for end in ends)

    def coordinated(self, roles: Sequence[str], *, by: str) -> tuple[list[Row], int]:
        held = self.coordinator_places(roles)
        shown = {
            (patient, None if unit is None else self.coordinator_node(unit, by))
            for patient, unit in held
        }
        found = [
            (row["patient_id"], node, self.shown(row["unit_id"]))
            for row in self.contacts()
            for patient, node in shown
            if patient == row["patient_id"]
        ]
        among = {
            row["patient_id"]
            for row in self.tables["roles"]
            if row["role"] in roles and self.overlaps(row)
        }
        return self.directed(found, "n_contacts"), len(among)

    def coordinator_node(self, unit: str, by: str) -> str | None:
        if by == "municipality":
            code: str | None = self.units[unit].get("municipality_code")
            return code
        return self.shown(unit)

    def shared(self, contacts: Iterable[Row] | None = None) -> tuple[list[Row], int]:
        patients = defaultdict(set)
        for row in self.contacts() if contacts is None else contacts:
            patients[self.shown(row["unit_id"])].add(row["patient_id"])
        rows = [
            {
                **self.ends(one, other), "n_patients": len(patients[one] & patients[other]),
                "from_patients": len(patients[one]), "to_patients": len(patients[other]),
            }
            for one in patients for other in patients
            if one < other and patients[one] & patients[other]
        ]  # fmt: skip
        return rows, len(set().union(*patients.values()))

    def directed(self, found: Iterable[tuple[str, Any, Any]], counted: str) -> list[Row]:
        found = list(found)
        rows = []
        for left, reached in {(one, other) for _, one, other in found}:
            own = [row for row in found if row[1:] == (left, reached)]
            rows.append(
                {
                    **self.ends(left, reached), "n_patients": len({row[0] for row in own}),
                    counted: len(own),
                    "from_patients": len({row[0] for row in found if row[1] == left}),
                    "to_patients": len({row[0] for row in found if row[2] == reached}),
                }
            )  # fmt: skip
        return rows

    def ends(self, one: str | None, other: str | None) -> Row:
        return {**self.end("from", one), **self.end("to", other)}

    def end(self, side: str, node: str | None) -> Row:
        name, kind, level = None, None, None
        if node in self.units:
            unit = self.units[node]
            name, kind, level = unit.get("name"), unit.get("kind"), unit["level"]
        elif node is not None:
            name, kind = self.names[node], "municipality"
        return {f"{side}_id": node, f"{side}_name": name, f"{side}_kind": kind,
                f"{side}_level": level}  # fmt: skip
