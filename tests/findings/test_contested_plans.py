"""Plans with two owners at one level of care, and patients with two plans of one kind."""

from __future__ import annotations

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, rows_of, table

DAY = "2024-06-30"

OWNERS = table(
    """
    plan_id     professional_id  unit_id  valid_from  valid_to
    two         nurse            -        2023-01-01  -
    two         -                other    2024-02-01  -
    people      nurse            -        2023-01-01  -
    people      helper           -        2024-03-01  -
    personunit  nurse            -        2023-01-01  -
    personunit  -                home     2024-01-01  -
    personabove nurse            -        2023-01-01  -
    personabove -                town     2024-01-01  -
    unitabove   -                home     2023-01-01  -
    unitabove   -                town     2024-01-01  -
    sisters     -                home     2023-01-01  -
    sisters     -                other    2024-06-30  -
    handover    nurse            -        2023-01-01  2024-06-30
    handover    -                other    2024-06-30  -
    twolevels   nurse            -        2023-01-01  -
    twolevels   -                med      2023-01-01  -
    bothlevels  floater          -        2023-01-01  -
    bothlevels  -                other    2023-01-01  -
    bothlevels  surgeon          -        2024-01-01  -
    gone        nurse            -        2023-01-01  -
    gone        left             -        2023-01-01  -
    unknown     nurse            -        2023-01-01  -
    unknown     stranger         -        2023-01-01  -
    undated     nurse            -        -           -
    undated     -                other    2024-01-01  -
    again       nurse            -        2023-01-01  -
    again       nurse            -        2024-01-01  -
    three       nurse            -        2024-03-01  -
    three       -                home     2023-01-01  -
    three       -                other    2024-02-01  -
    future      nurse            -        2023-01-01  -
    future      -                other    2024-07-01  -
    namesake    other            -        2023-01-01  -
    namesake    -                other    2024-04-01  -
    inactive    nurse            -        2023-01-01  -
    inactive    -                other    2023-01-01  -
    """
)
_PLANS = list(dict.fromkeys(row["plan_id"] for row in OWNERS))
_COMPETING = table(
    """
    plan_id  patient_id  kind             valid_from  valid_to
    b1       both        individual_plan  -           -
    b2       both        individual_plan  2024-06-30  -
    b3       both        crisis_plan      -           -
    k1       kinds       individual_plan  -           -
    k2       kinds       crisis_plan      -           -
    n1       nokind      -                -           -
    n2       nokind      -                -           -
    s1       one         individual_plan  -           2024-06-30
    s2       one         individual_plan  2024-06-30  -
    d1       drafted     individual_plan  -           -
    d2       drafted     individual_plan  -           -
    x1       dead        individual_plan  -           -
    x2       dead        individual_plan  -           -
    """
)
TABLES = {
    "patients": [
        {"patient_id": p, "died_on": "2024-06-01" if p == "dead" else None}
        for p in (*_PLANS, "both", "kinds", "nokind", "one", "drafted", "dead")
    ],
    "units": table(
        """
        unit_id  kind               level      parent_unit_id  valid_from  valid_to
        town     municipal_service  municipal  -               -           -
        home     municipal_service  municipal  town            -           -
        other    municipal_service  municipal  town            -           -
        hosp     hospital           hospital   -               -           -
        med      ward               hospital   hosp            -           -
        """
    ),
    "contacts": [
        {
            "contact_id": "c",
            "patient_id": "two",
            "unit_id": "home",
            "started_at": "2023-01-01T08:00",
        }
    ],
    "professionals": [
        {"professional_id": p}
        for p in ("nurse", "helper", "floater", "surgeon", "left", "stranger", "other")
    ],
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        nurse            home     2020-01-01  -
        helper           home     2020-01-01  -
        floater          other    2020-01-01  -
        floater          med      2020-01-01  -
        surgeon          med      2020-01-01  -
        left             other    2020-01-01  2024-06-30
        other            home     2020-01-01  -
        """
    ),
    "plans": [{"plan_id": p, "patient_id": p, "kind": "individual_plan"} for p in _PLANS]
    + _COMPETING,
    "plan_statuses": [
        {"plan_id": p, "status": "active", "valid_from": "2023-01-01"}
        for p in ("inactive", "d1", "d2")
    ]
    + [
        {"plan_id": "inactive", "status": "revoked", "valid_from": DAY},
        {"plan_id": "d2", "status": "draft", "valid_from": DAY},
    ],
    "plan_owners": OWNERS,
}


def contested(
    engine: Engine, day: str = DAY
) -> dict[tuple[str, str], tuple[list[str], str | None]]:
    rows = rows_of(ask(engine, "contested_plans", as_of=day))
    assert all(row["patient_id"] == row["plan_id"] for row in rows)
    return {(row["plan_id"], row["level"]): (row["owners"], row["since"]) for row in rows}


def test_which_plans_are_contested(drawn_engine: Engine) -> None:
    assert contested(drawn_engine) == {
        ("two", "municipal"): (["nurse", "other"], "2024-02-01"),
        ("people", "municipal"): (["helper", "nurse"], "2024-03-01"),
        ("sisters", "municipal"): (["home", "other"], DAY),
        # At the municipal level, person and own unit hold together.
        ("bothlevels", "hospital"): (["floater", "surgeon"], "2024-01-01"),
        ("undated", "municipal"): (["nurse", "other"], None),
        # The professional of that id does not work at the unit of that id.
        ("namesake", "municipal"): (["other", "other"], "2024-04-01"),
        ("three", "municipal"): (["home", "nurse", "other"], "2024-02-01"),
    }


@pytest.mark.parametrize(
    ("day", "plan", "is_found"),
    [
        ("2024-06-29", "sisters", False),
        ("2024-06-29", "gone", True),
        ("2024-06-29", "inactive", True),
        ("2024-07-01", "future", True),
        ("2024-06-29", "handover", False),
    ],
)
def test_days(drawn_engine: Engine, day: str, plan: str, is_found: bool) -> None:
    assert ((plan, "municipal") in contested(drawn_engine, day)) is is_found


def test_competing_plans(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "competing_plans", as_of=DAY)
    assert rows_of(result) == [
        {
            "patient_id": "both", "kind": "individual_plan", "n_plans": 2, "plans": ["b1", "b2"],
        }
    ]  # fmt: skip
    # All but the revoked one, the ended one, the draft and those of the dead.
    assert result.manifest["among"] == len(_PLANS) - 1 + len(_COMPETING) - 4


def test_competing_plans_as_of(drawn_engine: Engine) -> None:
    day_before = rows_of(ask(drawn_engine, "competing_plans", as_of="2024-06-29"))
    assert [row["patient_id"] for row in day_before] == ["drafted"]
    alive = rows_of(ask(drawn_engine, "competing_plans", as_of="2024-05-31"))
    assert [row["patient_id"] for row in alive] == ["dead", "drafted"]
