"""What ``priority`` and ``new_since`` must come to: plain Python, slow and obvious.

Made from the counting rules of the work lists alone. The rows of the findings that are work lists
are given; oracles of their own stand beside them.
"""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.findings.levels_oracle import Levels
from tests.findings.oracle import DAY

Row = dict[str, Any]
Answers = Mapping[str, Sequence[Row]]

EVENTS: dict[str, tuple[str, ...]] = {
    "revolving_door": ("newest_window_last_at",),
    "emergency_returns": ("window_last_at",),
    "bouncing": ("returned_at",),
    "no_follow_up_after_discharge": ("ended_at",),
    "missing_contact_physician": ("due_on",),
    "missing_coordinator": ("since",),
    "ended_coordinator": ("ended_on",),
    "late_coordinator": ("assessed_on",),
    "conflicting_coordinators": ("since",),
    "missing_individual_plan": ("since",),
    "unowned_plans": ("ended_on",),
    "contested_plans": ("since",),
    "competing_plans": (),
    "stale_plans": ("revise_by", "last_revised_on", "last_acute_ended_on"),
    "both_kinds_of_care": ("last_somatic_on", "last_psychiatric_on"),
    "child_to_adult": ("last_child_on",),
    "never_referred": ("admitted_at",),
}
"""The work lists, with the columns that say when a row's event was."""

DUTIES = {
    "no_follow_up_after_discharge", "missing_contact_physician", "missing_coordinator",
    "ended_coordinator", "late_coordinator", "missing_individual_plan", "unowned_plans",
}  # fmt: skip
"""Those about something that should be there and is not, or not any more."""


class WorkLists:
    """The work lists as they were at the end of a day."""

    def __init__(self, levels: Levels, answers: Answers, recent_days: int = 90) -> None:
        self.levels = levels
        self.recent_days = recent_days
        self.met: Counter[str] = Counter()
        """Why rows were left out, and how ranks were told apart."""
        since = levels.as_of_s - recent_days * DAY
        self.recent_stays = {
            stay.id for stay in levels.stays() if stay.end is None or stay.end >= since
        }
        self.alive = {p for p in levels.world.patients if levels.is_alive(p)}
        self.events: dict[str, dict[str, list[str]]] = {}
        """Finding, patient, and the days of the events: an empty text where none is known."""
        for finding in EVENTS:
            own: dict[str, list[str]] = defaultdict(list)
            for row in answers[finding]:
                why_not = self._why_not(finding, row)
                if why_not:
                    self.met[why_not] += 1
                else:
                    own[row["patient_id"]].append(self._event(finding, row))
            self.events[finding] = own

    def _event(self, finding: str, row: Row) -> str:
        days = [(row[column] or "")[:10] for column in EVENTS[finding]]
        self.met["event to come"] += any(day > self.levels.iso for day in days)
        return max((day for day in days if day <= self.levels.iso), default="")

    def _why_not(self, finding: str, row: Row) -> str | None:
        """Why a row is not current, or None."""
        if row["patient_id"] not in self.alive:
            return "dead"
        if finding == "revolving_door" and not row["is_current"]:
            return "no revolving-door patient now"
        if finding in ("missing_contact_physician", "no_follow_up_after_discharge"):
            return self._why_no_stay(finding, row)
        if finding == "bouncing":
            first = self.levels.day - timedelta(days=self.recent_days - 1)
            if row["returned_at"][:10] < first.isoformat():
                return "old bouncing"
        if finding == "late_coordinator" and row["status"] != "waiting":
            return "no longer waiting"
        if finding in ("ended_coordinator", "late_coordinator"):
            lacking = self.events["missing_coordinator"]
            if row["patient_id"] in lacking:
                return f"covered {finding}"
        return None

    def _why_no_stay(self, finding: str, row: Row) -> str | None:
        if row["stay_id"] not in self.recent_stays:
            return f"old {finding}"
        if row.get("status") == "not_recorded":
            return "not recorded"
        return "appointed since" if row.get("appointed_on") else None

    def lists_of(self, patient: str) -> list[str]:
        return [finding for finding, own in self.events.items() if patient in own]

    def pairs(self) -> set[tuple[str, str]]:
        return {(patient, finding) for finding, own in self.events.items() for patient in own}

    def latest(self, patient: str, finding: str) -> str:
        return max(self.events[finding][patient])

    def tail(self, patient: str, finding: str) -> str:
        """How the reason ends: when, and how many rows there are."""
        own = self.events[finding][patient]
        said = [max(own)] if max(own) else []
        if len(own) > 1:
            said.append(f"{len(own)} in all")
        return f" ({'; '.join(said)})" if said else ""

    def priority(self, min_findings: int = 2) -> list[Row]:
        rows = []
        for patient in self.levels.world.patients:
            findings = self.lists_of(patient)
            if len(findings) < min_findings or not findings:
                continue
            dates = [self.latest(patient, finding) for finding in findings]
            rows.append(
                {
                    "patient_id": patient,
                    "n_findings": len(findings),
                    "n_duties": sum(finding in DUTIES for finding in findings),
                    "findings": findings,
                    "dates": dates,
                    "latest_on": max(dates) or None,
                    "reasons": [self.tail(patient, finding) for finding in findings],
                }
            )
        # Sorting keeps the order of what is equal: the last rule first.
        rows.sort(key=lambda row: row["patient_id"])
        rows.sort(key=lambda row: row["latest_on"] or "", reverse=True)
        rows.sort(key=lambda row: row["n_duties"], reverse=True)
        rows.sort(key=lambda row: row["n_findings"], reverse=True)
        for rank, row in enumerate(rows, start=1):
            row["rank"] = rank
        self._note(rows)
        return rows

    def _note(self, rows: Sequence[Row]) -> None:
        for one, other in itertools.pairwise(rows):
            names = ("n_findings", "n_duties", "latest_on")
            differing = [name for name in names if one[name] != other[name]]
            self.met[f"told apart by {(*differing, 'patient_id')[0]}"] += 1
        self.met["several rows"] += sum("in all" in r for row in rows for r in row["reasons"])
        self.met["no date"] += sum(not day for row in rows for day in row["dates"])


def new_since(now: WorkLists, before: WorkLists) -> list[Row]:
    """Return who is in a list and was not in the same list on the earlier day."""
    earlier = before.pairs()
    known = {patient for patient, _ in earlier}
    return [
        {
            "patient_id": patient,
            "finding": finding,
            "reason": now.tail(patient, finding),
            "latest_on": now.latest(patient, finding) or None,
            "n_findings": len(now.lists_of(patient)),
            "is_first": patient not in known,
        }
        for patient, finding in now.pairs() - earlier
    ]
