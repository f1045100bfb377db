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


def drawn_region(seed: int) -> dict[str, list[Row]]:
    """A region whose units stand in municipalities, and whose referrals have units or none."""
    tables = region(seed, _PATIENTS, has_coverage=False)
    draw = random.Random(seed)
    units = [row["unit_id"] for row in tables["units"]]
    for row in tables["units"]:
        row["municipality_code"] = draw.choice(("5501", "5503", None))
    starts = sorted(row["started_at"][:10] for row in tables["contacts"])
    tables["referrals"] = [
        {
            "referral_id": f"r{n}", "patient_id": draw.choice(tables["patients"])["patient_id"],
            "from_unit_id": draw.choice((*units, None)),
            "to_unit_id": draw.choice(("pact", "med", "home", None)),
            # Just before and after midnight, so that the local day decides.
            "sent_at": draw.choice(starts) + draw.choice(("T23:59:00", "T00:00:00", "T12:00:00")),
        }
        for n in range(150)
    ]  # fmt: skip
    return tables


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
    del asked["depth"]
    found["municipality_ties"] = compare(
        engine, "municipality_ties", day, expected.from_municipalities(to_municipalities=True),
        n_contacts, **asked,
    )  # fmt: skip
    return found


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
    assert len(n_rows) == 5
    assert all(n_rows.values()), n_rows
