"""What the findings about patients between services must come to: plain Python, slow and obvious.

Made from the counting rules alone, on the same ground as ``levels_oracle``.
"""

from __future__ import annotations

from typing import Any

from tests.findings.levels_oracle import SPECIALIST, Levels, holds
from tests.findings.oracle import DAY, HOUR

Row = dict[str, Any]


def emergency_returns(levels: Levels, min_visits: int, window_d: int, within_d: int) -> list[Row]:
    rows = []
    for patient, contacts in levels.contacts.items():
        acute = [s.start for s in levels.world.stays.get(patient, ()) if s.is_acute("first")]
        visits = [
            c
            for c in contacts
            if c.level == "emergency" and not any(0 <= s - c.start <= 24 * HOUR for s in acute)
        ]
        windows = [
            [v for v in visits[first:] if v.start - visits[first].start <= window_d * DAY]
            for first in range(len(visits))
        ]
        enough = [window for window in windows if len(window) >= min_visits]
        if not enough or not levels.is_alive(patient):
            continue
        if levels.as_of_s - max(window[-1].start for window in enough) > within_d * DAY:
            continue
        fullest = max(enough, key=len)
        rows.append(
            {
                "patient_id": patient,
                "n_visits": len(fullest),
                "window_first_at": fullest[0].started_at,
                "window_last_at": fullest[-1].started_at,
                "units": list(dict.fromkeys(v.unit for v in fullest)),
            }
        )
    return rows


def child_to_adult(
    levels: Levels, child_share: float, min_contacts: int, child_age: int = 17
) -> tuple[list[Row], int]:
    kinds = {row["unit_id"]: row.get("kind") for row in levels.tables["units"]}
    level_of = {row["unit_id"]: row["level"] for row in levels.tables["units"]}
    born: dict[str, Any] = {
        row["patient_id"]: row.get("birth_year") for row in levels.tables["patients"]
    }

    def is_specialist(unit: str) -> bool:
        return level_of[unit] in SPECIALIST and kinds[unit] != "team"

    ages: dict[str, list[int]] = {}
    for patient, contacts in levels.contacts.items():
        for c in contacts:
            if born[patient] is not None and is_specialist(c.unit) and not c.has_children:
                ages.setdefault(c.unit, []).append(c.started_on.year - int(born[patient]))
    child = {
        unit
        for unit, own in ages.items()
        if len(own) >= min_contacts
        and sum(age <= child_age for age in own) >= child_share * len(own)
    }
    # The year of the day after, and that of twelve months on.
    years = {levels.day.year + (levels.iso[5:] == "12-31"), levels.day.year + 1}
    near = [p for p, year in born.items() if year is not None and int(year) + 18 in years]
    near = [patient for patient in near if levels.is_alive(patient)]
    rows = []
    for patient in near:
        seen = [
            c
            for c in levels.contacts.get(patient, ())
            if is_specialist(c.unit)
            and not c.has_children
            and levels.days_since(c.started_on) < 365
        ]
        sent = [
            row["to_unit_id"]
            for row in levels.tables["referrals"]
            if row["patient_id"] == patient and row.get("to_unit_id")
            and 0 <= levels.days_since(levels.world._instant(row["sent_at"]).date()) < 365
            and is_specialist(row["to_unit_id"])
        ]  # fmt: skip
        if not seen or not {c.unit for c in seen} | set(sent) <= child:
            continue
        rows.append(
            {
                "patient_id": patient,
                "turns_18": str(int(born[patient]) + 18),
                "n_child_contacts": len(seen),
                "last_child_on": max(c.started_on for c in seen).isoformat(),
                "child_units": sorted({c.unit for c in seen}),
            }
        )
    return rows, len(near)


def both_kinds_of_care(levels: Levels) -> tuple[list[Row], int]:
    rows, n_people = [], 0
    for patient, contacts in levels.contacts.items():
        recent = [
            c for c in contacts if levels.days_since(c.started_on) < 365 and not c.has_children
        ]
        somatic = [c for c in recent if c.level == "hospital"]
        psychiatric = [c for c in recent if c.level == "psychiatry"]
        if not somatic or not psychiatric or not levels.is_alive(patient):
            continue
        n_people += 1
        plans = [
            row
            for row in levels.tables["plans"]
            if row["patient_id"] == patient and is_active(levels, row)
        ]
        if any(is_shared(levels, plan) for plan in plans):
            continue
        rows.append(
            {
                "patient_id": patient,
                "n_somatic": len(somatic),
                "n_psychiatric": len(psychiatric),
                "last_somatic_on": max(c.started_on for c in somatic).isoformat(),
                "last_psychiatric_on": max(c.started_on for c in psychiatric).isoformat(),
                "n_active_plans": len(plans),
            }
        )
    return rows, n_people


def is_active(levels: Levels, plan: Row) -> bool:
    begun = sorted(
        (row["valid_from"], row["status"])
        for row in levels.tables["plan_statuses"]
        if row["plan_id"] == plan["plan_id"] and row["valid_from"] <= levels.iso
    )
    return holds(plan, levels.iso) and (not begun or begun[-1][1] == "active")


def is_shared(levels: Levels, plan: Row) -> bool:
    if plan.get("kind") == "individual_plan":
        return True
    units = {row["unit_id"]: row for row in levels.tables["units"]}
    stand: set[str] = set()
    for owner in levels.tables["plan_owners"]:
        if owner["plan_id"] != plan["plan_id"] or not holds(owner, levels.iso):
            continue
        if unit := owner.get("unit_id"):
            if not holds(units[unit], levels.iso):
                continue
            stand.add(units[unit]["level"])
            below = {row["level"] for u, row in units.items() if unit in levels.above(u)}
            if set(SPECIALIST) <= below:
                return True
            continue
        stand |= {
            units[work["unit_id"]]["level"]
            for work in levels.tables["employments"]
            if work["professional_id"] == owner["professional_id"]
            and holds(work, levels.iso)
            and holds(units[work["unit_id"]], levels.iso)
        }
    return set(SPECIALIST) <= stand
