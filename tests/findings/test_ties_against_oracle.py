"""Random regions: one-way referrals and ties that rest on one, in plain Python, on both engines."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date
from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, Tables, ask, rows_of
from tests.findings.level_graphs import ZONE, days_to_ask
from tests.findings.networks_oracle import Networks
from tests.findings.test_networks_against_oracle import drawn_region

ROLES = ("coordinator", "plan_coordinator", "contact_physician", "gp")


def region_of_roles(seed: int) -> dict[str, list[Row]]:
    """A region in which few hold much, some of it over, for patients of two municipalities."""
    tables = drawn_region(seed)
    draw = random.Random(seed)
    patients = [row["patient_id"] for row in tables["patients"]]
    people = [row["professional_id"] for row in tables["professionals"]]
    tables["roles"] = [
        {
            "patient_id": draw.choice(patients), "role": draw.choice(ROLES),
            "professional_id": draw.choice(people) if n % 7 else None,
            "unit_id": None if n % 7 else draw.choice(("med", "home")),
            "valid_from": draw.choice(("2019-01-01", f"2023-{1 + n % 12:02}-01")),
            "valid_to": draw.choice((None, None, None, f"2024-{1 + n % 12:02}-01")),
        }
        for n in range(60)
    ]  # fmt: skip
    for name in ("plans", "plan_statuses", "plan_owners"):
        tables.pop(name, None)
    return tables


def holds(row: Row, day: date) -> bool:
    on = day.isoformat()
    return (row.get("valid_from") or "") <= on and (row.get("valid_to") or "9999") > on


def is_alive(tables: Tables, patient: Row, day: date, seen: Networks) -> bool:
    if patient.get("died_on") and patient["died_on"] <= day.isoformat():
        return False
    return not any(
        str(row.get("ended_dead")).lower() == "true" and row.get("ended_at")
        and seen.day(row["ended_at"]) <= day
        for row in tables["contacts"] if row["patient_id"] == patient["patient_id"]
    )  # fmt: skip


def rests_on(rows: set[tuple[str, str, str, str]]) -> tuple[str, list[str], int] | None:
    """The one professional of a tie, what is held and for how many; nothing where others hold."""
    holders = {(kind, holder_id) for _, kind, holder_id, _ in rows}
    kind, holder_id = next(iter(holders))
    if len(holders) > 1 or kind != "professional":
        return None
    return holder_id, sorted({name for *_, name in rows}), len({patient for patient, *_ in rows})


def expected_ties(tables: Tables, day: date, depth: str) -> dict[tuple[str, str], Any]:
    seen = Networks(tables, day, ZONE, depth=depth)
    there = {unit for unit, row in seen.units.items() if holds(row, day)}
    alive = {p["patient_id"] for p in tables["patients"] if is_alive(tables, p, day, seen)}
    held: dict[str, set[tuple[str, str, str, str]]] = defaultdict(set)
    for role in tables["roles"]:
        if role["patient_id"] not in alive or not holds(role, day):
            continue
        if role["unit_id"]:
            places, holder = [role["unit_id"]], ("unit", role["unit_id"])
        else:
            holder = ("professional", role["professional_id"])
            places = [
                work["unit_id"] for work in tables["employments"]
                if work["professional_id"] == holder[1] and holds(work, day)
            ]  # fmt: skip
        for unit in places:
            if unit in there:
                held[role["patient_id"]].add((seen.shown(unit), *holder, role["role"]))
    ties: dict[tuple[str, str], set[tuple[str, str, str, str]]] = defaultdict(set)
    for patient, all_held in held.items():
        homes = [r for r in tables["residences"] if r["patient_id"] == patient and holds(r, day)]
        # Of several the latest begun, then the higher number.
        home = max(homes, key=lambda r: (r.get("valid_from") or "", r["municipality_code"]),
                   default=None)  # fmt: skip
        for unit, kind, holder_id, role_name in all_held:
            others = {other for other, *_ in all_held} - {unit}
            sides = others | ({home["municipality_code"]} if home else set())
            for side in sides:
                ties[side, unit].add((patient, kind, holder_id, role_name))
    return {pair: one for pair, rows in ties.items() if (one := rests_on(rows))}


def check_single(engine: Engine, tables: Tables, day: date, depth: str) -> int:
    asked = {"roles": ROLES, "depth": depth, "min_patients": 1,
             "levels": ("hospital", "psychiatry", "emergency", "gp", "municipal")}  # fmt: skip
    rows = rows_of(ask(engine, "single_person_ties", as_of=day, **asked))
    found = {
        (row["from_id"], row["to_id"]): (row["professional_id"], row["kinds"], row["n_patients"])
        for row in rows
        if row["link"] == "roles"
    }
    assert found == expected_ties(tables, day, depth)
    return len(found)


def check_one_way(engine: Engine, tables: Tables, day: date, depth: str) -> int:
    seen = Networks(tables, day, ZONE, depth=depth)
    ties = {(row["from_id"], row["to_id"]): row for row in seen.referrals()}
    expected = {
        pair: (
            "none_back" if any(one == pair[1] for one, _ in ties) else "refers_nobody",
            row["n_patients"], row["n_referrals"],
            ties[None, pair[0]]["n_patients"] if (None, pair[0]) in ties else 0,
        )
        for pair, row in ties.items()
        if None not in pair and pair[::-1] not in ties and pair[0] != pair[1]
    }  # fmt: skip
    asked = {"depth": depth, "min_patients": 1, "between": "all"}
    rows = rows_of(ask(engine, "one_way_ties", as_of=day, **asked))
    columns = ("status", "n_patients", "n_referrals", "n_unknown_back")
    found = {(r["from_id"], r["to_id"]): tuple(r[name] for name in columns) for r in rows}
    assert found == expected
    return len(found)


def test_ties_equal_the_oracle(loaded_region: Loaded) -> None:
    n_single, n_one_way = 0, 0
    for seed in (31, 32):
        tables = region_of_roles(seed)
        engine = loaded_region(tables)
        for day, depth in zip(days_to_ask(tables, seed, 2), ("unit", "clinic"), strict=False):
            n_single += check_single(engine, tables, day, depth)
            n_one_way += check_one_way(engine, tables, day, depth)
    assert n_single > 10
    assert n_one_way > 5
