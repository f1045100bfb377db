"""Patients without the individual plan that they should have, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, rows_of, table
from tests.findings.test_coordination_need import visits

DAY = "2024-06-30"
_PROXY = ("proxy", "proxydecl", "proxyunmet", "proxyunsure", "proxyplan", "proxyneed")
_DAYS = ("2024-01-05", "2024-02-01", "2024-06-01")

NEEDS = table(
    """
    patient_id   need             status            assessed_on
    need         individual_plan  needs             2024-06-30
    declined     individual_plan  needs             2024-01-01
    declined     individual_plan  declined          2024-06-30
    unmet        individual_plan  criteria_not_met  2024-01-01
    coordinator  coordinator      needs             2024-02-01
    coorddecl    coordinator      needs             2024-02-01
    coorddecl    individual_plan  declined          2024-02-01
    plandecl     coordinator      declined          2024-02-01
    plandecl     individual_plan  needs             2024-02-01
    active       individual_plan  needs             2024-02-01
    nostatus     individual_plan  needs             2024-02-01
    drafted      individual_plan  needs             2024-02-01
    revoked      individual_plan  needs             2024-02-01
    expired      individual_plan  needs             2024-02-01
    nextday      individual_plan  needs             2024-02-01
    crisis       individual_plan  needs             2024-02-01
    nokind       individual_plan  needs             2024-02-01
    dead         individual_plan  needs             2024-02-01
    future       individual_plan  needs             2024-07-01
    proxydecl    individual_plan  declined          2024-02-01
    proxyunmet   individual_plan  criteria_not_met  2024-02-01
    proxyunsure  individual_plan  unknown           2024-02-01
    proxyneed    individual_plan  needs             2024-03-01
    """
)
PATIENTS = list(dict.fromkeys([*(row["patient_id"] for row in NEEDS), *_PROXY]))
TABLES = {
    "patients": [{"patient_id": p, "died_on": DAY if p == "dead" else None} for p in PATIENTS],
    "units": table("unit_id kind level\n heart clinic hospital\n lung clinic hospital"),
    "contacts": [c for p in _PROXY for unit in ("heart", "lung") for c in visits(p, unit, *_DAYS)],
    "needs": NEEDS,
    "plans": table(
        """
        plan_id    patient_id  kind             valid_from  valid_to
        active     active      individual_plan  -           -
        nostatus   nostatus    individual_plan  -           -
        drafted    drafted     individual_plan  -           -
        revoked    revoked     individual_plan  -           -
        expired    expired     individual_plan  -           2024-06-30
        nextday    nextday     individual_plan  2024-07-01  -
        crisis     crisis      crisis_plan      -           -
        nokind     nokind      -                -           -
        proxyplan  proxyplan   individual_plan  -           -
        """
    ),
    "plan_statuses": table(
        """
        plan_id  status   valid_from
        active   draft    2024-01-01
        active   active   2024-06-30
        drafted  active   2024-01-01
        drafted  draft    2024-06-30
        revoked  draft    2023-12-01
        revoked  active   2024-01-01
        revoked  revoked  2024-06-30
        """
    ),
}


def missing(engine: Engine, **asked: Any) -> dict[str, tuple[str, str, bool]]:
    rows = rows_of(ask(engine, "missing_individual_plan", **{"as_of": DAY, **asked}))
    return {row["patient_id"]: (row["basis"], row["since"], row["has_draft"]) for row in rows}


def test_who_has_none(drawn_engine: Engine) -> None:
    recorded = ("recorded_need", "2024-02-01", False)
    assert missing(drawn_engine) == {
        "need": ("recorded_need", DAY, False),
        "coordinator": ("coordinator_need", "2024-02-01", False),
        # That the coordinator was declined does not decline the plan.
        "plandecl": recorded,
        "drafted": ("recorded_need", "2024-02-01", True),
        "revoked": recorded,
        "expired": recorded,
        "nextday": recorded,
        "crisis": recorded,
        "nokind": recorded,
        "proxy": ("proxy", "2024-01-05", False),
        "proxyunsure": ("proxy", "2024-01-05", False),
        "proxyneed": ("recorded_need", "2024-03-01", False),
    }


@pytest.mark.parametrize(
    ("asked", "patient", "is_found"),
    [
        ({"as_of": "2024-06-29"}, "active", True),
        ({"as_of": "2024-06-29"}, "drafted", False),
        ({"as_of": "2024-06-29"}, "expired", False),
        ({"as_of": "2024-06-29"}, "declined", True),
        ({"as_of": "2024-06-29"}, "dead", True),
        ({"as_of": "2024-06-29"}, "need", False),
        ({"as_of": "2024-07-01"}, "nextday", False),
        ({"plan_kinds": ["crisis_plan", "individual_plan"]}, "crisis", False),
        ({"plan_kinds": ["crisis_plan"]}, "active", True),
        ({"min_dates": 4}, "proxy", False),
        ({"min_dates": 4}, "proxyneed", True),
    ],
)
def test_bounds(drawn_engine: Engine, asked: dict[str, Any], patient: str, is_found: bool) -> None:
    assert (patient in missing(drawn_engine, **asked)) is is_found


def test_the_denominator(drawn_engine: Engine) -> None:
    among = ask(drawn_engine, "missing_individual_plan", as_of=DAY).manifest["among"]
    assert among == len(PATIENTS) - 1
