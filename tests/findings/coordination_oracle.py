"""What the findings on plans and coordinators must come to, written a second time.

Plain Python, one patient and one day after another, slow and obvious on purpose; made from the
counting rules alone. It starts from the canonical tables as a source would deliver them and keeps
what was known at the end of a day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

DUTY = {"hospital": "specialist", "psychiatry": "specialist", "municipal": "municipal"}
SPECIALIST = ("hospital", "psychiatry")
MUNICIPAL_KINDS = ("3", "15", "18", "19", "20", "21")
REASONS = ("level_left", "unit_closed", "owner_left")


def as_day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text[:10])


def later_by(day: date, months: int) -> date:
    """Count calendar months one by one; a day that the last month lacks becomes its last one."""
    year, month = day.year, day.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    number = day.day
    while True:
        try:
            return date(year, month, number)
        except ValueError:
            number -= 1


class Coordination:
    """The tables as they were known at the end of a day."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], day: date, zone: str) -> None:
        self.day = day
        self.zone = ZoneInfo(zone)
        self.end = datetime.combine(day + timedelta(days=1), time(), self.zone)
        self.tables = {name: [dict(row) for row in rows] for name, rows in tables.items()}
        self.units = {row["unit_id"]: row for row in self._rows("units")}
        self.contacts = defaultdict(list)
        self.parents = {row["parent_contact_id"] for row in self._rows("contacts")
                        if row.get("parent_contact_id")}  # fmt: skip
        for row in self._rows("contacts"):
            if self._instant(row["started_at"]) < self.end:
                self.contacts[row["patient_id"]].append(row)
        self._by: dict[tuple[str, str], dict[str, list[Row]]] = {}
        self.patients = [r["patient_id"] for r in self._rows("patients") if self._is_alive(r)]

    def _rows(self, name: str) -> list[Row]:
        return self.tables.get(name, [])

    def _of(self, table: str, column: str, value: str, start: str = "valid_from") -> list[Row]:
        """Return the rows of one patient, plan or professional that had begun."""
        if (table, column) not in self._by:
            index = self._by[table, column] = defaultdict(list)
            for row in self.begun(self._rows(table), start):
                index[row[column]].append(row)
        return self._by[table, column].get(value, [])

    def _instant(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=self.zone)

    def _is_alive(self, patient: Row) -> bool:
        died = as_day(patient.get("died_on"))
        if died is not None and died <= self.day:
            return False
        return self._death_in_stay(patient["patient_id"]) is None

    def _death_in_stay(self, patient: str) -> date | None:
        """Every stay of the graphs asked about is one contact."""
        days = [
            self._instant(c["ended_at"]).astimezone(self.zone).date()
            for c in self.contacts[patient]
            if c.get("ended_dead") and c.get("ended_at") and self._instant(c["ended_at"]) < self.end
        ]
        return min(days, default=None)

    def begun(self, rows: Iterable[Row], column: str = "valid_from") -> list[Row]:
        found = []
        for row in rows:
            start = as_day(row.get(column))
            if start is None or start <= self.day:
                found.append(row)
        return found

    def holds(self, row: Row, day: date | None = None) -> bool:
        day = day or self.day
        start, stop = as_day(row.get("valid_from")), as_day(row.get("valid_to"))
        return (start is None or start <= day) and (stop is None or stop > day)

    # Plans

    def status(self, plan: str) -> str | None:
        own = self._of("plan_statuses", "plan_id", plan)
        return max(own, key=lambda r: r["valid_from"])["status"] if own else None

    def active_plans(self) -> list[Row]:
        return [
            plan
            for plan in self._rows("plans")
            if plan["patient_id"] in self.patients
            and self.holds(plan)
            and self.status(plan["plan_id"]) in (None, "active")
        ]

    def owners(self, plan: str) -> list[Row]:
        return self._of("plan_owners", "plan_id", plan)

    # Holders

    def employments(self, person: str) -> list[Row]:
        return self._of("employments", "professional_id", person)

    def standing(self, holding: Row) -> tuple[bool, set[str]]:
        """Whether the holder is there, and at which units (none where nothing is recorded)."""
        if holding.get("unit_id"):
            return self.holds(self.units[holding["unit_id"]]), {holding["unit_id"]}
        jobs = self.employments(holding["professional_id"])
        if not jobs:
            return True, set()
        at = {
            job["unit_id"]
            for job in jobs
            if self.holds(job) and self.holds(self.units[job["unit_id"]])
        }
        return bool(at), at

    def levels(self, units: Iterable[str]) -> set[str]:
        return {self.units[unit]["level"] for unit in units}

    def and_above(self, unit: str) -> list[str]:
        chain = [unit]
        while self.units[chain[-1]].get("parent_unit_id"):
            chain.append(self.units[chain[-1]]["parent_unit_id"])
        return chain

    def clinic(self, unit: str) -> str:
        for above in self.and_above(unit)[:7]:
            if self.units[above].get("kind") == "clinic":
                return above
        return unit

    def lately_seen(self, patient: str, days: int) -> set[str]:
        since = self.end.timestamp() - days * 86_400
        levels = set()
        for contact in self.contacts[patient]:
            level = self.units[contact["unit_id"]]["level"]
            if contact.get("ended_at"):
                last = self._instant(contact["ended_at"]).timestamp()
            elif contact.get("care_level") == "overnight" or level == "municipal":
                last = float("inf")
            else:
                last = self._instant(contact["started_at"]).timestamp()
            if last >= since:
                levels.add(level)
        return levels

    # Findings on plans

    def unowned_plans(self, level_days: int = 365) -> dict[str, str]:
        found = {}
        for plan in self.active_plans():
            owners = self.owners(plan["plan_id"])
            valid = [row for row in owners if self.holds(row)]
            if not owners:
                found[plan["plan_id"]] = "never_owned"
            elif not valid:
                found[plan["plan_id"]] = "ownership_ended"
            else:
                wrong = [self._wrong(row, plan["patient_id"], level_days) for row in valid]
                if None not in wrong:
                    found[plan["plan_id"]] = min((w for w in wrong if w), key=REASONS.index)
        return found

    def _wrong(self, owner: Row, patient: str, level_days: int) -> str | None:
        is_there, units = self.standing(owner)
        if is_there:
            levels = self.levels(units)
            is_left = levels and not levels & self.lately_seen(patient, level_days)
            if is_left and all(self._is_covered(level, level_days) for level in levels):
                return "level_left"
            return None
        if owner.get("unit_id"):
            return "unit_closed"
        has_job = any(self.holds(job) for job in self.employments(owner["professional_id"]))
        return "unit_closed" if has_job else "owner_left"

    def _is_covered(self, level: str, days: int) -> bool:
        rows = [row for row in self._rows("coverage") if row["level"] == level]
        if rows:
            first = date.fromisoformat(min(row["covered_from"] for row in rows))
            last = date.fromisoformat(max(row["covered_to"] for row in rows))
        else:
            # Assumed: as long as the source, where it has contacts at the level at all.
            contacts = self._rows("contacts")
            if all(self.units[c["unit_id"]]["level"] != level for c in contacts):
                return False
            first = min(self._start_day(contact) for contact in contacts)
            last = max(self._start_day(contact) for contact in contacts) + timedelta(days=1)
        return first <= self.day - timedelta(days=days) and last > self.day

    def stale_plans(self, months: int = 12, grace_d: int = 30) -> dict[str, list[str]]:
        found = {}
        for plan in self.active_plans():
            revisions = self._of("plan_revisions", "plan_id", plan["plan_id"], "revised_on")
            latest = max(revisions, key=lambda row: row["revised_on"]) if revisions else {}
            base = as_day(latest.get("revised_on") or plan.get("valid_from"))
            due = as_day(latest.get("revise_by"))
            acute = self._last_acute_end(plan["patient_id"])
            reasons = []
            if due is not None and due < self.day:
                reasons.append("revise_by_passed")
            if base is not None and later_by(base, months) <= self.day:
                reasons.append("not_revised_12_months")
            if (
                base is not None
                and acute is not None
                and (self.day - acute).days >= grace_d
                and base < acute
            ):
                reasons.append("not_revised_since_acute_stay")
            if reasons:
                found[plan["plan_id"]] = reasons
        return found

    def _last_acute_end(self, patient: str) -> date | None:
        days = [
            self._instant(c["ended_at"]).astimezone(self.zone).date()
            for c in self.contacts[patient]
            if c.get("care_level") == "overnight"
            and self.units[c["unit_id"]]["level"] in SPECIALIST
            and c.get("urgency") in ("1", "2", "3")
            and c.get("ended_at")
            and self._instant(c["ended_at"]) < self.end
        ]
        return max(days, default=None)

    def contested_plans(self) -> dict[tuple[str, str], list[str]]:
        found = {}
        for plan in self.active_plans():
            held = [row for row in self.owners(plan["plan_id"]) if self.holds(row)]
            for level, holders in self._contests(held, lambda level: level).items():
                found[plan["plan_id"], level] = holders
        return found

    def _contests(self, holdings: Iterable[Row], group: Any) -> dict[str, list[str]]:
        """Return who contests whom, by level or group of levels."""
        standing = {}
        for row in holdings:
            is_there, units = self.standing(row)
            if is_there:
                key = (bool(row.get("unit_id")), row.get("unit_id") or row["professional_id"])
                standing[key] = units
        contesting = defaultdict(set)
        for (one_is_unit, one), at_one in standing.items():
            for (other_is_unit, other), at_other in standing.items():
                if (one_is_unit, one) == (other_is_unit, other):
                    continue
                above_other = {a for unit in at_other for a in self.and_above(unit)}
                above_one = {a for unit in at_one for a in self.and_above(unit)}
                if (one_is_unit and one in above_other) or (other_is_unit and other in above_one):
                    continue
                shared = {group(level) for level in self.levels(at_one)} & {
                    group(level) for level in self.levels(at_other)
                }
                for level in shared - {None}:
                    contesting[level] |= {one, other}
        return {level: sorted(holders) for level, holders in contesting.items()}

    def competing_plans(self) -> dict[tuple[str, str], list[str]]:
        plans = defaultdict(list)
        for plan in self.active_plans():
            if plan.get("kind"):
                plans[plan["patient_id"], plan["kind"]].append(plan["plan_id"])
        return {key: sorted(ids) for key, ids in plans.items() if len(ids) > 1}

    # Needs and coordinators

    def assessments(self, patient: str, need: str) -> list[Row]:
        rows = self._of("needs", "patient_id", patient, "assessed_on")
        rows = [row for row in rows if row["need"] == need]
        return sorted(rows, key=lambda row: row["assessed_on"])

    def ruling(self, patient: str, need: str) -> str:
        rows = self.assessments(patient, need)
        return rows[-1]["status"] if rows else "not_assessed"

    def coordination_need(
        self,
        service_days: int = 365,
        min_dates: int = 3,
        min_span_d: int = 90,
        min_overlap_d: int = 90,
        municipal_kinds: Sequence[str] = MUNICIPAL_KINDS,
    ) -> dict[tuple[str, str], tuple[str, str, list[str]]]:
        found: dict[tuple[str, str], tuple[str, str, list[str]]] = {}
        for patient in self.patients:
            ruling = self.ruling(patient, "coordinator")
            if ruling in ("declined", "criteria_not_met"):
                continue
            if ruling == "needs":
                seen = self.lately_seen(patient, service_days)
                since = self.assessments(patient, "coordinator")[-1]["assessed_on"]
                for duty in {DUTY[level] for level in seen & set(DUTY)} or {"municipal"}:
                    found[patient, duty] = ("recorded_need", since, [])
                continue
            clinics = self._clinic_spans(patient, service_days, min_dates, min_span_d)
            services = self._service_spans(patient, service_days, municipal_kinds)
            for duty, others in (("specialist", clinics), ("municipal", services)):
                starts, named = [], set()
                for clinic, one in clinics.items():
                    for name, other in others.items():
                        start, stop = max(one[0], other[0]), min(one[1], other[1])
                        if (duty == "municipal" or name != clinic) and (
                            stop - start
                        ).days >= min_overlap_d:
                            starts.append(start)
                            named.add(clinic)
                if starts:
                    found[patient, duty] = ("proxy", min(starts).isoformat(), sorted(named))
        return found

    def _start_day(self, contact: Row) -> date:
        return self._instant(contact["started_at"]).astimezone(self.zone).date()

    def _clinic_spans(
        self, patient: str, service_days: int, min_dates: int, min_span_d: int
    ) -> dict[str, tuple[date, date]]:
        days = defaultdict(set)
        for contact in self.contacts[patient]:
            day = self._start_day(contact)
            if (
                self.units[contact["unit_id"]]["level"] in SPECIALIST
                and contact["contact_id"] not in self.parents
                and self.day - timedelta(days=service_days) < day <= self.day
            ):
                days[self.clinic(contact["unit_id"])].add(day)
        return {
            clinic: (min(on), max(on))
            for clinic, on in days.items()
            if len(on) >= min_dates and (max(on) - min(on)).days >= min_span_d
        }

    def _service_spans(
        self, patient: str, service_days: int, kinds: Sequence[str]
    ) -> dict[str, tuple[date, date]]:
        spans: dict[str, tuple[date, date]] = {}
        for contact in self.contacts[patient]:
            kind = contact.get("kind")
            if self.units[contact["unit_id"]]["level"] != "municipal" or kind not in kinds:
                continue
            start, stop = self._start_day(contact), self.day
            if contact.get("ended_at"):
                ended = self._instant(contact["ended_at"]).astimezone(self.zone).date()
                stop = min(stop, ended)
            if stop <= self.day - timedelta(days=service_days):
                continue
            first, last = spans.get(kind, (start, stop))
            spans[kind] = (min(first, start), max(last, stop))
        return spans

    def roles(self, patient: str, kinds: Sequence[str]) -> list[Row]:
        rows = self._of("roles", "patient_id", patient)
        return [row for row in rows if row["role"] in kinds]

    def _duties_held(self, patient: str) -> set[str]:
        held: set[str] = set()
        for role in self.roles(patient, ("coordinator", "plan_coordinator")):
            is_there, units = self.standing(role)
            if self.holds(role) and is_there:
                held |= {DUTY[v] for v in self.levels(units) if v in DUTY}
                held |= set(DUTY.values()) if not units else set()
        return held

    def missing_coordinator(self, **chosen: Any) -> set[tuple[str, str]]:
        need = self.coordination_need(**chosen)
        return {(p, duty) for p, duty in need if duty not in self._duties_held(p)}

    def ended_coordinator(self, within_days: int = 365) -> dict[tuple[str, str], Row]:
        found = {}
        for patient in self.patients:
            ruling = self.ruling(patient, "coordinator")
            if ruling in ("declined", "criteria_not_met"):
                continue
            held = self._duties_held(patient)
            for duty in ("specialist", "municipal"):
                ends = [
                    end
                    for role in self.roles(patient, ("coordinator", "plan_coordinator"))
                    if (end := self._last_end(role, duty)) is not None
                ]
                if not ends or duty in held:
                    continue
                last, _ = max(ends)
                # On one day the end of the role goes before the holder's, and that before the
                # unit's.
                rank = min(r for day, r in ends if day == last)
                if self.day - timedelta(days=within_days) < last <= self.day:
                    found[patient, duty] = {
                        "reason": ("role_ended", "holder_left", "unit_closed")[rank],
                        "ended_on": last.isoformat(),
                        "need_status": ruling,
                    }
        return found

    def _last_end(self, role: Row, duty: str) -> tuple[date, int] | None:
        """Return the last day before which the role was held at the duty level, and what ended it.

        Whoever's employments are not known may have stood at either level.
        """
        always: Row = {}
        if role.get("unit_id"):
            places = [(always, self.units[role["unit_id"]])]
        else:
            jobs = self.employments(role["professional_id"])
            places = [(job, self.units[job["unit_id"]]) for job in jobs] or [(always, always)]
        ends = []
        for job, unit in places:
            if unit and DUTY.get(unit["level"]) != duty:
                continue
            parts = (role, job, unit)
            start = max(as_day(part.get("valid_from")) or date.min for part in parts)
            stops = [as_day(part.get("valid_to")) or date.max for part in parts]
            if start < min(stops):
                ends.append((min(stops), stops.index(min(stops))))
        if not ends:
            return None
        last = max(day for day, _ in ends)
        return last, min(rank for day, rank in ends if day == last)

    def conflicting_coordinators(self) -> dict[tuple[str, str, str], list[str]]:
        found = {}
        for patient in self.patients:
            for kind in ("coordinator", "plan_coordinator"):
                held = [row for row in self.roles(patient, (kind,)) if self.holds(row)]
                for duty, holders in self._contests(held, DUTY.get).items():
                    found[patient, duty, kind] = holders
        return found

    def coordinator_waits(self) -> dict[str, tuple[str, int]]:
        found = {}
        for patient in self._rows("patients"):
            id_ = patient["patient_id"]
            start = None
            for row in self.assessments(id_, "coordinator"):
                if row["status"] in ("declined", "criteria_not_met"):
                    start = None
                elif row["status"] == "needs" and start is None:
                    start = as_day(row["assessed_on"])
            if start is None:
                continue
            status, day = self._first_event(patient, start)
            if day >= start:
                found[id_] = (status, (day - start).days)
        return found

    def _first_event(self, patient: Row, start: date) -> tuple[str, date]:
        id_ = patient["patient_id"]
        deaths = [self._death_in_stay(id_), as_day(patient.get("died_on"))]
        died = min((day for day in deaths if day is not None and day <= self.day), default=None)
        lived = self._of("residences", "patient_id", id_)
        homes = [row for row in lived if self.holds(row, start)]
        home = max(
            homes, key=lambda r: (r.get("valid_from") or "", r["municipality_code"]), default=None
        )
        if died is not None and died < start:
            return "died", died
        day = start
        while day <= self.day:
            if any(
                self.holds(r, day) for r in self.roles(id_, ("coordinator", "plan_coordinator"))
            ):
                return "appointed", day
            if died == day:
                return "died", day
            if home is not None and any(
                row["municipality_code"] != home["municipality_code"]
                and row.get("valid_from") == day.isoformat()
                and day > start
                for row in lived
            ):
                return "moved", day
            day += timedelta(days=1)
        return "waiting", self.day

    def missing_individual_plan(
        self, plan_kinds: Sequence[str] = ("individual_plan",), **chosen: Any
    ) -> dict[str, tuple[str, str, bool]]:
        need = self.coordination_need(**chosen)
        active = {p["patient_id"] for p in self.active_plans() if p.get("kind") in plan_kinds}
        found = {}
        for patient in self.patients:
            ruling = self.ruling(patient, "individual_plan")
            own = [value for (p, _), value in need.items() if p == patient]
            if patient in active or ruling in ("declined", "criteria_not_met"):
                continue
            draft = any(
                plan.get("kind") in plan_kinds
                and self.holds(plan)
                and self.status(plan["plan_id"]) == "draft"
                for plan in self._of("plans", "patient_id", patient)
            )
            if ruling == "needs":
                since = self.assessments(patient, "individual_plan")[-1]["assessed_on"]
                found[patient] = ("recorded_need", since, draft)
            elif own:
                basis = "proxy" if own[0][0] == "proxy" else "coordinator_need"
                found[patient] = (basis, min(since for _, since, _ in own), draft)
        return found
