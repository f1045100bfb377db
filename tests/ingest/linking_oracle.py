"""What linking must come to, written a second time: plain Python over dictionaries.

Made from the counting rules (the rules for stays, section 1) and the graph model (section 4 of the
design) alone, so that it can disagree with the SQL. Slow and obvious on purpose.

A contact is a dictionary with ``contact_id, patient_id, unit_id, parent_contact_id, level`` (of its
unit), ``kind, service, care_level, started_s, started_day, ended_s, ended_day, urgency, is_acute``
(as registered: may be None), ``ended_dead, has_time``.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import holidays as holidays_library

Contact = dict[str, Any]
Row = dict[str, Any]

STAY_LEVELS = ("hospital", "psychiatry")
RUN_LEVELS = ("hospital", "psychiatry", "municipal")
_EPOCH = date(1970, 1, 1)


def in_order(contacts: Iterable[Contact]) -> list[Contact]:
    """Order of start, ties by id."""
    return sorted(contacts, key=lambda contact: (contact["started_s"], contact["contact_id"]))


def by_patient(contacts: Iterable[Contact]) -> list[list[Contact]]:
    """The contacts of each patient, in order."""
    groups: dict[str, list[Contact]] = defaultdict(list)
    for contact in contacts:
        groups[contact["patient_id"]].append(contact)
    return [in_order(group) for group in groups.values()]


def acute(contact: Contact, codes: Sequence[str] | None) -> bool:
    """As registered; left empty it follows from the urgency and the load's rule."""
    if contact["is_acute"] is not None:
        return bool(contact["is_acute"])
    if codes is None:
        return contact["care_level"] == "overnight" and contact["level"] in STAY_LEVELS
    return contact["urgency"] in codes


def without_children(contacts: Sequence[Contact]) -> list[Contact]:
    """Contacts that no other contact is part of."""
    parents = {contact["parent_contact_id"] for contact in contacts}
    return [contact for contact in contacts if contact["contact_id"] not in parents]


def topmost(contact: Contact, known: dict[str, Contact]) -> Contact:
    """The contact at the top of the tree that this one stands in."""
    while contact["parent_contact_id"] is not None:
        contact = known[contact["parent_contact_id"]]
    return contact


def overnight(contacts: Iterable[Contact], levels: Sequence[str]) -> list[Contact]:
    """Contacts without parent with overnight care at one of the levels."""
    return [
        contact
        for contact in contacts
        if contact["parent_contact_id"] is None
        and contact["care_level"] == "overnight"
        and contact["level"] in levels
    ]


def latest_end(contacts: Iterable[Contact], suffix: str) -> int | None:
    """The latest end, or None if one of the contacts goes on."""
    ends = [contact[f"ended_{suffix}"] for contact in contacts]
    return None if None in ends else max(ends)


def merged(inpatient: Sequence[Contact], merge_gap_s: int) -> list[list[Contact]]:
    """Merge one patient's inpatient contacts, in order, to stays."""
    stays: list[list[Contact]] = []
    running_end = 0
    for contact in inpatient:
        ended_s = contact["ended_s"]
        starts_soon = bool(stays) and contact["started_s"] - running_end < merge_gap_s
        returned = bool(stays) and contact["urgency"] == "5"
        if starts_soon or returned:
            stays[-1].append(contact)
            running_end = running_end if ended_s is None else max(running_end, ended_s)
        else:
            stays.append([contact])
            running_end = contact["started_s"] if ended_s is None else ended_s
    return stays


def stay_rows(
    contacts: Sequence[Contact], *, codes: Sequence[str] | None, merge_gap_s: int = 8 * 3600
) -> list[Row]:
    """One row a stay, with ``member_ids`` (merged contacts) and ``leaves`` (contact rows)."""
    known = {contact["contact_id"]: contact for contact in contacts}
    leaves = without_children(contacts)
    rows = []
    for own in by_patient(contacts):
        previous: Row | None = None
        for members in merged(overnight(own, STAY_LEVELS), merge_gap_s):
            row = _stay(members, contacts=own, codes=codes)
            ids = {member["contact_id"] for member in members}
            inside = in_order(leaf for leaf in leaves if topmost(leaf, known)["contact_id"] in ids)
            row["leaves"] = inside
            row["descendant_ids"] = sorted(
                contact["contact_id"]
                for contact in own
                if topmost(contact, known)["contact_id"] in ids
            )
            row["admitted_unit_id"] = inside[0]["unit_id"]
            row["discharged_unit_id"] = inside[-1]["unit_id"]
            row["next_stay_id"] = row["next_gap_s"] = row["next_gap_days"] = None
            if previous is not None:
                previous["next_stay_id"] = row["stay_id"]
                if previous["ended_s"] is not None:
                    previous["next_gap_s"] = row["started_s"] - previous["ended_s"]
                    previous["next_gap_days"] = row["started_day"] - previous["ended_day"]
            previous = row
            rows.append(row)
    return rows


def _stay(
    members: Sequence[Contact], *, contacts: Sequence[Contact], codes: Sequence[str] | None
) -> Row:
    first = members[0]
    ended_s = latest_end(members, "s")
    acute_starts = [member["started_s"] for member in members if acute(member, codes)]
    return {
        "stay_id": first["contact_id"],
        "patient_id": first["patient_id"],
        "level": first["level"],
        "service": first["service"],
        "started_s": first["started_s"],
        "started_day": first["started_day"],
        "ended_s": ended_s,
        "ended_day": latest_end(members, "day"),
        "is_acute_first": acute(first, codes),
        "is_acute_any": bool(acute_starts),
        "first_acute_s": min(acute_starts, default=None),
        "ended_dead": any(member["ended_dead"] for member in members),
        "has_time": all(member["has_time"] for member in members),
        "n_contacts": len(members),
        "member_ids": [member["contact_id"] for member in members],
        "next_gp_s": _first_start(contacts, "gp", ended_s),
        "next_municipal_s": _first_start(contacts, "municipal", ended_s),
    }


WITHOUT_THE_PATIENT = ("administrative", "simple_contact", "collaboration")


def _first_start(contacts: Sequence[Contact], level: str, from_s: int | None) -> int | None:
    if from_s is None:
        return None
    return min(
        (
            contact["started_s"]
            for contact in contacts
            if contact["level"] == level
            and contact["started_s"] >= from_s
            and not (level == "gp" and contact["kind"] in WITHOUT_THE_PATIENT)
        ),
        default=None,
    )


def part_of_stay_rows(stays: Iterable[Row]) -> list[Row]:
    """One row for each contact without children, with its place in the stay."""
    rows = []
    for stay in stays:
        before: Contact | None = None
        for place, leaf in enumerate(stay["leaves"], start=1):
            rows.append(
                {
                    "contact_id": leaf["contact_id"],
                    "stay_id": stay["stay_id"],
                    "sequence": place,
                    "unit_id": leaf["unit_id"],
                    "previous_unit_id": None if before is None else before["unit_id"],
                    "gap_s": None if before is None else _gap(before, leaf, "s"),
                    "started_s": leaf["started_s"],
                }
            )
            before = leaf
    return rows


def _gap(before: Contact, after: Contact, suffix: str) -> int:
    """From the end of one to the start of the next; 0 where the next began before that.

    A contact without a recorded end lasted no time, unless the patient was lying in: then it goes
    on.
    """
    ended_s, ended = before["ended_s"], before[f"ended_{suffix}"]
    if ended_s is None:
        if before["care_level"] == "overnight":
            return 0
        ended_s, ended = before["started_s"], before[f"started_{suffix}"]
    return 0 if ended_s > after["started_s"] else int(after[f"started_{suffix}"] - ended)


def next_contact_rows(contacts: Sequence[Contact]) -> list[Row]:
    """One row for each contact without children that has a next one of the same patient."""
    return [
        {
            "contact_id": before["contact_id"],
            "next_contact_id": after["contact_id"],
            "gap_s": _gap(before, after, "s"),
            "gap_days": _gap(before, after, "day"),
            "from_unit_id": before["unit_id"],
            "to_unit_id": after["unit_id"],
            "to_started_s": after["started_s"],
        }
        for own in by_patient(without_children(contacts))
        for before, after in itertools.pairwise(own)
    ]


def run_rows(contacts: Sequence[Contact], *, codes: Sequence[str] | None) -> list[Row]:
    """One row a run of overnight contacts at one level."""
    rows = []
    for own in by_patient(overnight(contacts, RUN_LEVELS)):
        runs: list[list[Contact]] = []
        for contact in own:
            if runs and runs[-1][-1]["level"] == contact["level"]:
                runs[-1].append(contact)
            else:
                runs.append([contact])
        for run, following in zip(runs, [*runs[1:], None], strict=True):
            ended_s = latest_end(run, "s")
            rows.append(
                {
                    "level_run_id": run[0]["contact_id"],
                    "patient_id": run[0]["patient_id"],
                    "level": run[0]["level"],
                    "started_s": run[0]["started_s"],
                    "ended_s": ended_s,
                    "is_acute": acute(run[0], codes),
                    "has_time": all(contact["has_time"] for contact in run),
                    "n_contacts": len(run),
                    "next_level_run_id": following[0]["contact_id"] if following else None,
                    "next_gap_s": (
                        following[0]["started_s"] - ended_s
                        if following and ended_s is not None
                        else None
                    ),
                }
            )
    return rows


def working_day_after(country: str | None) -> Callable[[int], int]:
    """Return the function from a day to the first working day after it (days since 1970)."""
    calendar = holidays_library.country_holidays(country) if country else {}

    def due_day(day: int) -> int:
        due = _EPOCH + timedelta(days=day + 1)
        while due.weekday() >= 5 or due in calendar:
            due += timedelta(days=1)
        return (due - _EPOCH).days

    return due_day
