"""Random patients with a team: ``patient_team`` equals the oracle, on both engines."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date
from functools import cache

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import Row, ask, assert_same_rows, rows_of
from tests.findings.levels_oracle import due_on
from tests.findings.team_graphs import DAYS, draw
from tests.findings.team_oracle import Teams

ZONE = "Europe/Oslo"
TABLES = draw(seed=11, n_graphs=60)
_PATIENTS = [row["patient_id"] for row in TABLES["patients"]]


@cache
def teams(day: date) -> dict[str, list[Row]]:
    """What the oracle says of everybody."""
    world = Teams(TABLES, day, ZONE)
    return {patient: world.team(patient) for patient in _PATIENTS}


@cache
def sample(day: date) -> list[str]:
    """Return whom to ask about: the richest, those who sit on a boundary, and some others."""
    known = teams(day)
    kinds = {p: len({(row["role"], row["status"]) for row in rows}) for p, rows in known.items()}
    richest = sorted(_PATIENTS, key=lambda patient: -kinds[patient])[:6]
    others = random.Random(day.toordinal()).sample(_PATIENTS, 5)
    chosen = [*richest, *_open_parts(day)[:6], *_on_the_day(day), *_died_in_stay(day), *others]
    return list(dict.fromkeys(chosen))


def _on_the_day(day: date) -> list[str]:
    """Return some for whom something begins or ends on the very day, of each sort."""
    patient_of = {row["plan_id"]: row["patient_id"] for row in TABLES["plans"]}
    found: dict[tuple[str, str], list[str]] = {}
    for table in ("patients", "plans", "plan_statuses", "plan_owners", "roles", "needs"):
        for row in TABLES[table]:
            patient = row.get("patient_id") or patient_of[row["plan_id"]]
            for column in (name for name, value in row.items() if value == day.isoformat()):
                found.setdefault((table, column), []).append(patient)
    return [patient for own in found.values() for patient in own[:2]]


def _died_in_stay(day: date) -> list[str]:
    """Return some who died in a stay, before and after."""
    dead = [row for row in TABLES["contacts"] if row.get("ended_dead")]
    after = [row["patient_id"] for row in dead if row["ended_at"][:10] > day.isoformat()]
    before = [row["patient_id"] for row in dead if row["ended_at"][:10] <= day.isoformat()]
    return [*after[:2], *before[:2]]


def _open_parts(day: date) -> list[str]:
    """Return who has begun a contact that is part of another and has no recorded end."""
    return sorted(
        {
            row["patient_id"]
            for row in TABLES["contacts"]
            if row.get("parent_contact_id") and not row["ended_at"]
            and row["started_at"][:10] <= day.isoformat()
        }
    )  # fmt: skip


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_patient_team(drawn_engine: Engine, day: date) -> None:
    for patient in sample(day):
        result = ask(drawn_engine, "patient_team", patient=patient, as_of=day)
        assert_same_rows(rows_of(result), teams(day)[patient], result.finding.key)


def test_the_graphs_hold_every_sort_of_row() -> None:
    met: Counter[object] = Counter()
    for day in DAYS:
        for patient in sample(day):
            met += Counter((row["role"], row["status"]) for row in teams(day)[patient])
    roles = (
        "coordinator", "plan_coordinator", "cancer_coordinator", "contact_physician", "gp",
        "contact_psychologist", "primary_contact", "plan_owner", "ward", "service", "referral",
    )  # fmt: skip
    gaps = ("gp", "contact_physician", "coordinator", "plan_owner")
    declined = ("coordinator", "contact_physician", "individual_plan")
    assert set(met) == {
        *((role, "held") for role in roles),
        *((role, "gap") for role in gaps),
        *((role, "declined") for role in declined),
    }
    assert min(met.values()) >= 3


def test_the_graphs_hold_stays_that_are_easily_got_wrong() -> None:
    """Stays by what is known of them on a day, and what is drawn of their wards."""
    met: Counter[str] = Counter()
    for day in DAYS:
        levels = Teams(TABLES, day, ZONE).levels
        asked = set(sample(day))
        for stay in (stay for stay in levels.stays() if stay.patient in asked):
            goes_on = "goes on" if stay.end is None else "has ended"
            has_open_ward = any(c.parent and c.end is None for c in stay.places)
            met[f"{goes_on}, a ward without end"] += has_open_ward
            met[f"{goes_on}, two admissions"] += len(stay.members) > 1
            if stay.end is None:
                met["due today"] += due_on(stay) == day
                met["due tomorrow or later"] += due_on(stay) > day
                met["due on a later weekday"] += (due_on(stay) - stay.started_on).days > 1
        met["died"] += sum(not levels.is_alive(patient) for patient in asked)
    names = ("goes on, a ward without end", "has ended, a ward without end")
    more = ("due today", "due tomorrow or later", "due on a later weekday", "died")
    assert min(met[name] for name in (*names, *more, "goes on, two admissions")) >= 3, met
