"""Patients with a timeline: those of ``team_graphs``, with notices, waits and whole referrals."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from tests.findings import team_graphs
from tests.findings.drawn import Row

__all__ = ["DAYS", "draw"]

DAYS = team_graphs.DAYS

_TIMES = (time(0), time(12), time(23, 59, 59))


def draw(seed: int, n_graphs: int) -> dict[str, list[Row]]:
    """Return the tables of so many graphs side by side."""
    tables = team_graphs.draw(seed, n_graphs)
    chance = random.Random(seed)
    for row in tables["referrals"]:
        _tell_more(chance, row)
    tables["ready_periods"], tables["notices"] = [], []
    for contact in tables["contacts"]:
        if contact.get("care_level") == "overnight":
            _add_waits(chance, tables, contact)
    return tables


def _near(chance: random.Random) -> datetime:
    day: date = chance.choice(DAYS) + timedelta(days=chance.choice((-2, -1, 0, 0, 1)))
    return datetime.combine(day, chance.choice(_TIMES))


def _tell_more(chance: random.Random, row: Row) -> None:
    """Say of a referral from where it came and what came of it."""
    graph = row["patient_id"].partition("p")[0]
    sent = datetime.fromisoformat(row["sent_at"])
    assessed = max(sent, _near(chance)) if chance.random() < 0.6 else None
    met = max(sent, _near(chance)) if chance.random() < 0.4 else None
    row |= {
        "from_unit_id": f"{graph}-{chance.choice(('gp', 'ward', 'home'))}"
        if chance.random() < 0.7 else None,
        "assessed_at": assessed and assessed.isoformat(),
        "outcome": chance.choice(("accepted", "rejected", None)) if assessed else None,
        "reason": chance.choice(("falls", None)),
        "first_meeting_at": met and met.isoformat(),
    }  # fmt: skip


def _add_waits(chance: random.Random, tables: dict[str, list[Row]], contact: Row) -> None:
    id_, start = contact["contact_id"], datetime.fromisoformat(contact["started_at"])
    ready = max(start, _near(chance))
    if chance.random() < 0.5:
        end = max(ready, _near(chance)) if chance.random() < 0.5 else None
        tables["ready_periods"].append(
            {
                "contact_id": id_, "ready_at": ready.isoformat(),
                "ended_at": end and end.isoformat(),
                "municipality_code": chance.choice(("5501", "5503", None)),
            }
        )  # fmt: skip
    for kind in ("admitted", "discharged"):
        if chance.random() < 0.5:
            sent = max(start, _near(chance))
            tables["notices"].append(
                {
                    "contact_id": id_, "kind": kind, "sent_at": sent.isoformat(),
                    "municipality_code": chance.choice(("5501", "5503", None)),
                }
            )  # fmt: skip
