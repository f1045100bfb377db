"""Random regions: the networks equal the plain-Python oracle, on both engines."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, Tables, ask, assert_same_rows, rows_of
from tests.findings.level_graphs import ZONE, days_to_ask, region
from tests.findings.networks_oracle import Networks

SEEDS = (11, 12)
_PATIENTS = 90
MEETINGS = ("collaboration_meeting", "collaboration")


def drawn_region(seed: int, n_patients: int = _PATIENTS) -> dict[str, list[Row]]:
    """A region whose units stand in municipalities, and whose referrals have units or none."""
    tables = region(seed, n_patients, has_coverage=False)
    draw = random.Random(seed)
    units = [row["unit_id"] for row in tables["units"]]
    for row in tables["units"]:
        row["municipality_code"] = draw.choice(("5501", "5503", None))
    _replace_some(tables, draw)
    starts = sorted(row["started_at"][:10] for row in tables["contacts"])
    tables["referrals"] = [
        {
            "referral_id": f"r{n}", "patient_id": draw.choice(tables["patients"])["patient_id"],
            "from_unit_id": draw.choice((*units, None)),
            "to_unit_id": draw.choice(("pact", "med", "home", None)),
            # Just before and after midnight, so that the local day decides.
            "sent_at": draw.choice(starts) + draw.choice(("T23:59:00", "T00:00:00", "T12:00:00")),
        }
        for n in range(n_patients * 5 // 3)
    ]  # fmt: skip
    for row in tables["contacts"]:
        # What has no children and is no admission: a meeting may have any unit.
        if row.get("kind") in (None, "administrative", "team_contact", "outpatient_visit"):
            row["kind"] = draw.choice((*MEETINGS, row["kind"]))
    _draw_coordinators(draw, tables)
    return tables


def _draw_coordinators(draw: random.Random, tables: dict[str, list[Row]]) -> None:
    days = ("2023-10-20", "2023-12-01", "2024-01-15", "2024-03-01", "2024-03-31", None)
    for n, patient in enumerate(tables["patients"] * 2):
        first, last = draw.choice(days), draw.choice(days)
        if first and last and first >= last:
            last = None
        unit = draw.choice(("pact", "home", "shut", "med")) if draw.random() < 0.4 else None
        tables["roles"].append(
            {
                "patient_id": patient["patient_id"], "unit_id": unit,
                "professional_id": None if unit else f"d{n % 8}",
                "role": draw.choice(("coordinator", "plan_coordinator", "cancer_coordinator")),
                "valid_from": first, "valid_to": last,
            }
        )  # fmt: skip
    keys = ("patient_id", "professional_id", "unit_id", "role", "valid_from")
    tables["roles"] = list({tuple(r.get(k) for k in keys): r for r in tables["roles"]}.values())


def _replace_some(tables: dict[str, list[Row]], draw: random.Random) -> None:
    """Let units take over from others at some time in the data; the last are never replaced."""
    days = sorted({row["started_at"][:10] for row in tables["contacts"]})
    units = tables["units"]
    for number, row in enumerate(units[:-3]):
        if draw.random() < 0.3:
            row["valid_to"] = draw.choice((*days[len(days) // 4 :], None))
            row["replaced_by"] = draw.choice(units[number + 1 :])["unit_id"]


def compare(
    engine: Engine, network: str, day: date, expected: list[Row], among: int, **asked: Any
) -> int:
    result = ask(engine, network, as_of=day, **asked)
    assert_same_rows(rows_of(result), expected, result.finding.key)
    assert result.manifest["among"] == among
    return len(expected)


def check(engine: Engine, tables: Tables, day: date, asked: dict[str, Any]) -> dict[str, int]:
    expected = Networks(tables, day, ZONE, **asked)
    n_contacts = len(expected.contacts())
    found = {}
    for gap in (30, 2):
        found["unit_transfers"] = compare(
            engine, "unit_transfers", day, expected.next_contacts(gap), n_contacts,
            max_gap_d=gap, **asked,
        )  # fmt: skip
    rows, n_patients = expected.shared()
    found["shared_patients"] = compare(engine, "shared_patients", day, rows, n_patients, **asked)
    found["referral_network"] = compare(
        engine, "referral_network", day, expected.referrals(), len(expected.sent()), **asked
    )
    found["municipality_units"] = compare(
        engine, "municipality_units", day, expected.from_municipalities(to_municipalities=False),
        n_contacts, **asked,
    )  # fmt: skip
    found |= check_meetings(engine, expected, day, asked) | check_coordinators(
        engine, expected, day, asked
    )
    del asked["depth"]
    found["municipality_ties"] = compare(
        engine, "municipality_ties", day, expected.from_municipalities(to_municipalities=True),
        n_contacts, **asked,
    )  # fmt: skip
    return found


def check_meetings(
    engine: Engine, expected: Networks, day: date, asked: dict[str, Any]
) -> dict[str, int]:
    found = {}
    for kinds in (MEETINGS[:1], MEETINGS):
        meetings = expected.meetings(kinds)
        rows, _ = expected.shared(meetings)
        found["meetings"] = compare(
            engine, "meetings", day, rows, len(meetings), kinds=kinds, **asked
        )
        found["municipality_meetings"] = compare(
            engine, "municipality_meetings", day, expected.meetings_by_municipality(kinds),
            len(meetings), kinds=kinds, **asked,
        )  # fmt: skip
    return found


def check_coordinators(
    engine: Engine, expected: Networks, day: date, asked: dict[str, Any]
) -> dict[str, int]:
    n_rows = 0
    for roles, by in (
        (("coordinator", "plan_coordinator"), "unit"),
        (("cancer_coordinator",), "municipality"),
    ):
        rows, among = expected.coordinated(roles, by=by)
        n_rows += compare(
            engine, "coordinator_ties", day, rows, among,
            roles=roles, coordinators_by=by, **asked,
        )  # fmt: skip
    return {"coordinator_ties": n_rows}


def test_networks_equal_the_oracle(loaded_region: Loaded) -> None:
    n_rows: dict[str, int] = {}
    for seed in SEEDS:
        tables = drawn_region(seed)
        engine = loaded_region(tables)
        first, *days = days_to_ask(tables, seed, 2)
        # The Sunday on which summer time begins is 23 hours long.
        days = [first, *days, date(2024, 3, 31) + timedelta(days=1)]
        for day, period, depth, levels in zip(
            days,
            (365, 30, 100, 2),
            ("clinic", "unit", "department", "hospital"),
            (("hospital", "psychiatry", "emergency", "gp", "municipal"), ("hospital", "gp"),
             ("psychiatry", "municipal"), ("hospital",)),
            strict=False,
        ):  # fmt: skip
            asked = {"period_days": period, "depth": depth, "levels": levels}
            for name, n in check(engine, tables, day, asked).items():
                n_rows[name] = n_rows.get(name, 0) + n
    # What was never there was not compared.
    assert len(n_rows) == 8
    assert all(n_rows.values()), n_rows
