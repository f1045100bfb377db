"""What the findings on referrals to the team must come to: plain Python, slow and obvious.

Made from the definitions alone; stays come from ``oracle.World``, which merges them anew from the
contacts as they were known at the end of a day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from tests.findings.levels_oracle import Levels, holds, unit_of
from tests.findings.oracle import DAY, EPOCH, Stay

Row = dict[str, Any]
Tables = Mapping[str, Sequence[Row]]

DEFAULTS: Row = {
    "period_days": 365, "within_days": 365, "older_age": 65, "older_stays": 2, "any_age_stays": 3,
    "both_kinds": True, "refer_within_days": 30, "refusal_days": 365, "episode_days": 365,
    "teams": None,
}  # fmt: skip
_OTHERS = ("gp", "municipal_service", "patient", "relative")


class Referrals:
    """A data set as it was known at the end of a day, and what was asked."""

    def __init__(self, tables: Tables, day: date, zone: str, **asked: Any) -> None:
        self.asked = DEFAULTS | asked
        self.tables = tables
        self.levels = Levels(tables, day, zone)
        self.world = self.levels.world
        self.day = day
        kinds = {row["unit_id"]: row.get("kind") for row in tables["units"]}
        teams = self.asked["teams"] or [unit for unit, kind in kinds.items() if kind == "team"]
        self.covered = {
            row["municipality_code"]
            for row in tables["unit_serves"]
            if kinds[row["unit_id"]] in ("trust", "hospital")
        }
        self.referrals = [
            self._referral(row)
            for row in tables["referrals"]
            if row["to_unit_id"] in teams and self._s(row["sent_at"]) < self.world.as_of_s
        ]

    def _s(self, text: str) -> int:
        return int(self.world._instant(text).timestamp())

    def _referral(self, row: Row) -> Row:
        known = {**row, "sent_s": self._s(row["sent_at"])}
        known["sent_local"] = self.world._text(self.world._instant(row["sent_at"]))
        for name in ("assessed", "closed"):
            at = self._s(row[f"{name}_at"]) if row[f"{name}_at"] else None
            known[f"{name}_s"] = at if at is not None and at < self.world.as_of_s else None
        known["assessed_local"] = (
            self.world._text(self.world._instant(row["assessed_at"]))
            if known["assessed_s"] is not None else None
        )  # fmt: skip
        if known["assessed_s"] is None:
            known["outcome"] = None
        return known

    def local(self, at_s: int) -> datetime:
        return datetime.fromtimestamp(at_s, tz=self.world.zone)

    def of(self, patient: str) -> list[Row]:
        own = [r for r in self.referrals if r["patient_id"] == patient]
        return sorted(own, key=lambda r: (r["sent_s"], r["referral_id"]))

    def home(self, patient: str, day: date) -> str | None:
        own = [
            row
            for row in self.tables["residences"]
            if row["patient_id"] == patient and holds(row, day.isoformat())
        ]
        best = max(own, key=lambda r: (r["valid_from"] or "", r["municipality_code"]), default=None)
        return best["municipality_code"] if best else None

    def stays(self, patient: str) -> list[Stay]:
        return sorted(self.world.stays.get(patient, ()), key=lambda stay: stay.start)

    def visits(self, patient: str) -> list[Any]:
        return [
            contact
            for contact in self.levels.contacts.get(patient, ())
            if contact.level in ("hospital", "psychiatry") and not contact.has_children
        ]

    def scored_s(self, patient: str) -> list[int]:
        """Midnights at which a score began to say that the patient needs the team."""
        return [
            int(
                datetime.combine(
                    date.fromisoformat(row["assessed_on"]), time(), self.world.zone
                ).timestamp()
            )
            for row in self.tables["needs"]
            if row["patient_id"] == patient
            and (row["need"], row["status"]) == ("complex_needs", "needs")
            and row["assessed_on"] <= self.day.isoformat()
        ]

    def criteria(self, patient: str, at_s: int) -> tuple[list[str], int]:
        """Which criteria held at a moment, and how many acute stays there were."""
        asked = self.asked
        since = at_s - asked["within_days"] * DAY
        n_stays = sum(
            stay.is_acute("first") and since <= stay.start <= at_s for stay in self.stays(patient)
        )
        born = self.world.patients[patient].get("birth_year")
        is_older = born is not None and self.local(at_s).year - int(born) >= asked["older_age"]
        levels = {v.level for v in self.visits(patient) if since <= v.start <= at_s}
        found = {
            "older_two_stays": is_older and n_stays >= asked["older_stays"],
            "three_stays": n_stays >= asked["any_age_stays"],
            "both_kinds_of_care": asked["both_kinds"] and levels == {"hospital", "psychiatry"},
            "score": any(since_s <= at_s for since_s in self.scored_s(patient)),
        }
        return [code for code, is_held in found.items() if is_held], n_stays

    def both_kinds_anew(self, patient: str) -> list[int]:
        """Contacts of the other kind than the one before, with both kinds in the time before."""
        if not self.asked["both_kinds"]:
            return []
        starts = {
            kind: [v.start for v in self.visits(patient) if v.level == kind]
            for kind in ("hospital", "psychiatry")
        }
        found = []
        for at_s in {*starts["hospital"], *starts["psychiatry"]}:
            now = min(max((s for s in own if s <= at_s), default=0) for own in starts.values())
            before = min(max((s for s in own if s < at_s), default=0) for own in starts.values())
            if now > before and now >= at_s - self.asked["within_days"] * DAY:
                found.append(at_s)
        return found

    def first(self, patient: str) -> tuple[int, Stay, list[str], int] | None:
        """The first moment of the period, in a stay, at which a criterion held."""
        starts = [stay.start for stay in self.stays(patient)]
        starts += self.both_kinds_anew(patient) + self.scored_s(patient)
        first_day = self.day - timedelta(days=self.asked["period_days"] - 1)
        for at_s in sorted(set(starts)):
            if not first_day <= self.local(at_s).date() <= self.day:
                continue
            inside = [
                stay
                for stay in self.stays(patient)
                if stay.start == at_s
                or (stay.start < at_s and (stay.end is None or at_s < stay.end))
            ]
            codes, n_stays = self.criteria(patient, at_s)
            if inside and codes:
                return at_s, inside[-1], codes, n_stays
        return None

    def is_open(self, referral: Row, at_s: int, window_s: int) -> bool:
        if referral["sent_s"] >= window_s:
            return False
        if referral["sent_s"] + self.asked["episode_days"] * DAY <= at_s:
            return False
        if referral["closed_s"] is not None and referral["closed_s"] <= at_s:
            return False
        was_refused = referral["outcome"] in ("rejected", "declined")
        return not (was_refused and referral["assessed_s"] <= at_s)

    def has_declined(self, referral: Row, at_s: int) -> bool:
        if referral["outcome"] != "declined":
            return False
        return bool(0 <= at_s - referral["assessed_s"] <= self.asked["refusal_days"] * DAY)

    def now(self, unit: str) -> str:
        """The unit that had taken over by the day, in the end."""
        row = self.world.units[unit]
        while row.get("replaced_by") and row.get("valid_to"):
            if date.fromisoformat(row["valid_to"]) > self.day:
                break
            row = self.world.units[row["replaced_by"]]
        return str(row["unit_id"])

    def clinic(self, unit: str) -> str:
        """The nearest clinic at or above a unit, or that which took over from it."""
        unit = at = self.now(unit)
        while self.world.units[at].get("kind") != "clinic":
            above = self.world.units[at].get("parent_unit_id")
            if not above:
                return unit
            at = self.now(above)
        return at

    def department(self, unit: str) -> str:
        """The nearest department on the way from a unit up to its clinic; else the unit itself."""
        unit = at = self.now(unit)
        clinic = self.clinic(unit)
        while at != clinic:
            if self.world.units[at].get("kind") == "department":
                return at
            at = self.now(self.world.units[at]["parent_unit_id"])
        return unit

    def hospital(self, unit: str) -> str:
        """The nearest hospital or trust on the way up from the unit's clinic; else the topmost."""
        at = self.clinic(unit)
        while self.world.units[at].get("kind") not in ("hospital", "trust"):
            above = self.world.units[at].get("parent_unit_id")
            if not above:
                break
            at = self.now(above)
        return at

    def sender(self, referral: Row, clinic: str | None) -> str:
        unit = referral["from_unit_id"]
        level = self.world.units[unit]["level"] if unit else None
        if level in ("hospital", "psychiatry"):
            if self.clinic(unit) != clinic:
                return "other_clinic"
            return "asked_by_team" if referral["initiator"] == "team" else "own_clinic"
        if referral["referrer_type"] in _OTHERS:
            return str(referral["referrer_type"])
        if referral["referrer_type"] is None and unit is None:
            return "not_recorded"
        return "other"

    def death(self, patient: str) -> date | None:
        died = self.world.patients[patient].get("died_on")
        if died:
            return date.fromisoformat(died)
        dead = [s.ended_on for s in self.stays(patient) if s.ended_dead and s.ended_on]
        return min(dead, default=None)

    def row(self, patient: str) -> Row | None:
        """The row of ``eligible_patients``."""
        found = self.first(patient)
        if found is None:
            return None
        at_s, stay, codes, n_stays = found
        within = self.asked["refer_within_days"]
        day = self.local(at_s).date()
        unit = unit_of(stay)
        clinic = self.clinic(unit) if unit else None
        home = self.home(patient, day)
        referral = next(
            (r for r in self.of(patient)
             if stay.start <= r["sent_s"] <= at_s + within * DAY), None,
        )  # fmt: skip
        status = "counted"
        if at_s + within * DAY > self.world.horizon_s:
            status = "not_over"
        if any(self.has_declined(r, at_s) for r in self.of(patient)):
            status = "refused"
        if any(self.is_open(r, at_s, stay.start) for r in self.of(patient)):
            status = "open_episode"
        if home not in self.covered:
            status = "not_resident"
        born = self.world.patients[patient].get("birth_year")
        return {
            "patient_id": patient,
            "eligible_at": self.local(at_s).strftime("%Y-%m-%dT%H:%M:%S"),
            "status": status,
            "criteria": codes,
            "n_acute_stays": n_stays,
            "age": day.year - int(born) if born else None,
            "sex": self.world.patients[patient].get("sex"),
            "municipality_code": home,
            "municipality_name": self.world.municipalities.get(home),
            "stay_id": stay.id,
            "admitted_at": stay.members[0].started_at,
            # No groups are drawn.
            "diagnosis_group": None,
            "is_in_hospital": stay.end is None,
            "unit": unit,
            "unit_name": self.name(unit),
            "clinic": clinic,
            "clinic_name": self.name(clinic),
            "referral_id": referral and referral["referral_id"],
            "referred_at": referral and referral["sent_local"],
            "referred_by": self.sender(referral, clinic) if referral else None,
            "days_to_referral": (referral["sent_s"] - at_s) / DAY if referral else None,
            "competing": None if referral else self.competing(patient, day, home),
        }

    def name(self, unit: str | None) -> str | None:
        return self.world.units[unit].get("name") if unit else None

    def competing(self, patient: str, day: date, home: str | None) -> str | None:
        last = day + timedelta(days=self.asked["refer_within_days"])
        died = self.death(patient)
        if died is not None and died <= min(last, self.day):
            return "died"
        later = self.home(patient, min(last, self.day))
        return "moved" if home in self.covered and later not in self.covered else None

    def rows(self) -> list[Row]:
        found = (self.row(patient) for patient in self.world.patients)
        return [row for row in found if row is not None]

    def n_with_stay(self) -> int:
        first = self.day - timedelta(days=self.asked["period_days"] - 1)
        return sum(
            any(stay.started_on >= first for stay in stays) for stays in self.world.stays.values()
        )

    def in_hospital(self) -> dict[str, Stay]:
        """Who is in hospital at the end of the day."""
        found = {}
        for patient, stays in self.world.stays.items():
            died = self.world.patients[patient].get("died_on")
            if died and died <= self.day.isoformat():
                continue
            going_on = [stay for stay in stays if stay.end is None]
            if going_on:
                found[patient] = max(going_on, key=lambda stay: stay.start)
        return found

    def never_referred(self) -> list[Row]:
        rows = []
        at_s = self.world.as_of_s - 1
        for patient, stay in self.in_hospital().items():
            codes, n_stays = self._criteria_now(patient)
            own = self.of(patient)
            home = self.home(patient, self.day)
            is_known = any(
                self.is_open(r, at_s, stay.start) or self.has_declined(r, at_s)
                or r["sent_s"] >= stay.start for r in own
            )  # fmt: skip
            if not codes or is_known or home not in self.covered:
                continue
            unit = unit_of(stay)
            clinic = self.clinic(unit) if unit else None
            born = self.world.patients[patient].get("birth_year")
            rows.append(
                {
                    "patient_id": patient,
                    "unit": unit,
                    "unit_name": self.name(unit),
                    "department": self.department(unit) if unit else None,
                    "department_name": self.name(self.department(unit)) if unit else None,
                    "clinic": clinic,
                    "clinic_name": self.name(clinic),
                    "stay_id": stay.id,
                    "admitted_at": stay.members[0].started_at,
                    "days_in_hospital": (self.world.as_of_s - stay.start) / DAY,
                    "criteria": codes,
                    "n_acute_stays": n_stays,
                    "age": self.day.year - int(born) if born else None,
                    "sex": self.world.patients[patient].get("sex"),
                    "municipality_code": home,
                    "municipality_name": self.world.municipalities.get(home),
                    "last_referred_at": own[-1]["sent_local"] if own else None,
                }
            )
        return rows

    def _criteria_now(self, patient: str) -> tuple[list[str], int]:
        """As :meth:`criteria` at the end of the day; both kinds of care by calendar days."""
        asked = self.asked
        n_stays = sum(
            stay.is_acute("first") and stay.start >= self.world.as_of_s - asked["within_days"] * DAY
            for stay in self.stays(patient)
        )
        born = self.world.patients[patient].get("birth_year")
        is_older = born is not None and self.day.year - int(born) >= asked["older_age"]
        first = self.day - timedelta(days=asked["within_days"] - 1)
        levels = {v.level for v in self.visits(patient) if v.started_on >= first}
        found = {
            "older_two_stays": is_older and n_stays >= asked["older_stays"],
            "three_stays": n_stays >= asked["any_age_stays"],
            "both_kinds_of_care": asked["both_kinds"] and levels == {"hospital", "psychiatry"},
            "score": bool(self.scored_s(patient)),
        }
        return [code for code, is_held in found.items() if is_held], n_stays

    def again(self, within_days: int) -> list[Row]:
        """The rows of ``rejected_then_referred_again``."""
        rows = []
        first = (self.day - timedelta(days=self.asked["period_days"] - 1)).isoformat()
        for one in self.referrals:
            if one["outcome"] != "rejected" or one["sent_local"][:10] < first:
                continue
            later = [
                other
                for other in self.of(one["patient_id"])
                if other["referral_id"] != one["referral_id"]
                and 0 <= other["sent_s"] - one["assessed_s"] <= within_days * DAY
            ]
            if not later:
                continue
            after, unit = later[0], one["from_unit_id"]
            is_known = unit is not None and after["from_unit_id"] is not None
            rows.append(
                {
                    "patient_id": one["patient_id"],
                    "referral_id": one["referral_id"],
                    "sent_at": one["sent_local"],
                    "rejected_at": one["assessed_local"],
                    "unit": unit,
                    "unit_name": self.name(unit),
                    "again_id": after["referral_id"],
                    "again_at": after["sent_local"],
                    "days_between": (after["sent_s"] - one["assessed_s"]) / DAY,
                    "is_same_sender": after["from_unit_id"] == unit if is_known else None,
                    "again_outcome": after["outcome"],
                }
            )
        return rows

    def without_sender(self) -> list[Row]:
        """The rows of ``referrals_without_referrer``."""
        first = (self.day - timedelta(days=self.asked["period_days"] - 1)).isoformat()
        return [
            {
                "patient_id": r["patient_id"],
                "referral_id": r["referral_id"],
                "sent_at": r["sent_local"],
                "unit": r["to_unit_id"],
                "unit_name": self.name(r["to_unit_id"]),
                "initiator": r["initiator"],
                "outcome": r["outcome"],
            }
            for r in self.referrals
            if r["sent_local"][:10] >= first
            and r["from_unit_id"] is None and r["referrer_type"] is None
        ]  # fmt: skip


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def gaps(rows: Sequence[Row], by: str) -> list[Row]:
    """How many of each place's patients were referred, and how many are expected: all others'."""
    counted = [row for row in rows if row["status"] == "counted"]
    found = []
    for value in {row[by] for row in counted}:
        own = [row for row in counted if row[by] == value]
        others = [row for row in counted if row[by] != value]
        n = sum(row["referral_id"] is not None for row in own)
        share = (
            sum(row["referral_id"] is not None for row in others) / len(others) if others else None
        )

        def sent(*senders: str, of: Sequence[Row] = own) -> int:
            return sum(row["referred_by"] in senders for row in of)

        found.append(
            {
                "by_value": value,
                "n_eligible": len(own),
                "n_referred": n,
                "n_not_referred": sum(row["referral_id"] is None for row in own),
                "n_by_clinic": sent("own_clinic"),
                "n_asked_by_team": sent("asked_by_team"),
                "n_sender_unknown": sent("not_recorded"),
                "n_by_others": sent("other_clinic", "other", *_OTHERS),
                "n_competing": sum(row["competing"] is not None for row in own),
                "share": n / len(own),
                "expected": None if share is None else share * len(own),
                "gap": None if share is None else share * len(own) - n,
            }
        )
    return found
