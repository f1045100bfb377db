"""Patients with a team: those of ``coordination_graphs``, with wards, other roles and referrals."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from tests.findings import coordination_graphs
from tests.findings.drawn import Row

__all__ = ["DAYS", "draw"]

DAYS = (
    date(2024, 6, 30), date(2024, 7, 1), date(2024, 3, 31), date(2024, 5, 17), date(2024, 5, 21),
)  # fmt: skip
"""A Sunday, the day after it, Easter, a public holiday, and the day after Whit Monday."""

_OFFSETS = (-400, -30, -2, -1, 0, 0, 1, 2, 30)
_HOUR = timedelta(hours=1)
_ROLES = ("gp", "contact_physician", "contact_psychologist", "primary_contact")
_UNITS = ("gp", "ward", "heart", "dps", "home")
_PEOPLE = ("doctor", "surgeon", "nurse", "helper", "stranger")


def draw(seed: int, n_graphs: int) -> dict[str, list[Row]]:
    """Return the tables of so many graphs side by side."""
    tables = coordination_graphs.draw(seed, n_graphs)
    tables["referrals"] = []
    chance = random.Random(seed)
    admitted = {
        row["patient_id"] for row in tables["contacts"] if row.get("care_level") == "overnight"
    }
    for patient in [row["patient_id"] for row in tables["patients"]]:
        _add_roles(chance, tables, patient)
        _add_referrals(chance, tables, patient)
        if chance.random() < 0.4:
            tables["needs"].append(
                {
                    "patient_id": patient, "need": "contact_physician",
                    "status": chance.choice(("declined", "declined", "needs")),
                    "assessed_on": _near(chance),
                }
            )  # fmt: skip
        if patient not in admitted:
            _add_stay(chance, tables["contacts"], patient)
            _add_services(chance, tables["contacts"], patient)
    return tables


def _near(chance: random.Random, offsets: Sequence[int] = _OFFSETS) -> str:
    return (chance.choice(DAYS) + timedelta(days=chance.choice(offsets))).isoformat()


def _validity(chance: random.Random) -> dict[str, str | None]:
    start, stop = sorted((_near(chance), _near(chance)))
    return {
        "valid_from": start if chance.random() < 0.8 else None,
        "valid_to": stop if chance.random() < 0.6 else None,
    }


def _graph(patient: str) -> str:
    return patient.partition("p")[0]


def _add_roles(chance: random.Random, tables: dict[str, list[Row]], patient: str) -> None:
    roles = {}
    for _ in range(chance.choice((0, 1, 2, 3, 4))):
        by_unit = chance.random() < 0.3
        holder = f"{_graph(patient)}-{chance.choice(_UNITS if by_unit else _PEOPLE)}"
        role, validity = chance.choice(_ROLES), _validity(chance)
        roles[holder, role, validity["valid_from"]] = {
            "patient_id": patient, "role": role, **validity,
            "unit_id" if by_unit else "professional_id": holder,
        }  # fmt: skip
    tables["roles"] += roles.values()


def _add_referrals(chance: random.Random, tables: dict[str, list[Row]], patient: str) -> None:
    for number in range(chance.choice((0, 0, 1, 2))):
        sent, closed = sorted(
            datetime.combine(
                date.fromisoformat(_near(chance)), chance.choice((time(0), time(23, 59, 59)))
            )
            for _ in range(2)
        )
        unit = chance.choice((*_UNITS, None))
        tables["referrals"].append(
            {
                "referral_id": f"{patient}r{number}", "patient_id": patient,
                "to_unit_id": unit and f"{_graph(patient)}-{unit}", "sent_at": sent.isoformat(),
                "closed_at": closed.isoformat() if chance.random() < 0.6 else None,
            }
        )  # fmt: skip


def _add_stay(chance: random.Random, contacts: list[Row], patient: str) -> None:
    """One or two admissions after one another, perhaps with wards that follow on each other."""
    day = chance.choice(DAYS)
    start = datetime.combine(day - timedelta(days=chance.choice((0, 1, 1, 2, 3, 4, 5))), time(7))
    # Perhaps begun in the last second of the day, or ended in it.
    start = start.replace(hour=23, minute=59, second=59) if chance.random() < 0.3 else start
    until = datetime.combine(day + timedelta(days=chance.choice((0, 0, 1, 1, 4))), time(23, 59, 59))
    is_moved = chance.random() < 0.3
    change = start + (until - start) / 3
    change = change.replace(microsecond=0)
    spans = [(start, change), (change + _HOUR, until)] if is_moved else [(start, until)]
    for number, (begin, end) in enumerate(spans):
        is_open = number == len(spans) - 1 and chance.random() < 0.4
        admission = {
            "contact_id": f"{patient}s{number}", "patient_id": patient, "care_level": "overnight",
            "unit_id": f"{_graph(patient)}-{chance.choice(('ward', 'heart', 'dps'))}",
            "urgency": "1", "started_at": begin.isoformat(),
            "ended_at": None if is_open else end.isoformat(),
        }  # fmt: skip
        contacts.append(admission)
        if chance.random() < 0.5:
            middle = (begin + (end - begin) / 2).replace(microsecond=0)
            # A ward without a recorded end goes on as long as the admission.
            has_end = not is_open and chance.random() < 0.7
            parts = [(begin, middle), (middle, end if has_end else None)]
            contacts += [
                {
                    "contact_id": f"{patient}s{number}w{place}", "patient_id": patient,
                    "unit_id": f"{_graph(patient)}-{unit}", "care_level": None,
                    "parent_contact_id": admission["contact_id"], "started_at": a.isoformat(),
                    "ended_at": None if b is None else b.isoformat(),
                }
                for place, (unit, (a, b)) in enumerate(zip(("lung", "ward"), parts, strict=True))
            ]  # fmt: skip


def _add_services(chance: random.Random, contacts: list[Row], patient: str) -> None:
    """Municipal services that end around the days asked about, and visits."""
    for number in range(chance.choice((0, 1, 2))):
        start = _near(chance, (-60, -20, -1, 0))
        end = max(start, _near(chance, (-1, 0, 1)))
        unit = chance.choice(("home", "nursing", "heart", "gp"))
        visit = {
            "contact_id": f"{patient}v{number}", "patient_id": patient,
            "unit_id": f"{_graph(patient)}-{unit}", "started_at": f"{start}T08:00",
            "ended_at": f"{end}T23:59:59" if chance.random() < 0.6 else None,
        }  # fmt: skip
        contacts.append(visit)
        if unit == "heart":
            part = {"contact_id": f"{patient}v{number}part", "ended_at": None}
            contacts.append({**visit, **part, "parent_contact_id": visit["contact_id"]})
