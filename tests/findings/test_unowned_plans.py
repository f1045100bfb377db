"""Plans that nobody owns, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table

DAY = "2024-06-30"

OWNERS = table(
    """
    plan_id       professional_id  unit_id   valid_from  valid_to
    fine          nurse            -         2023-01-01  -
    unit          -                home      2023-01-01  -
    lasttoday     nurse            -         2023-01-01  2024-07-01
    handed        nurse            -         2023-01-01  2024-05-01
    handed        -                home      2024-05-01  -
    unrecorded    stranger         -         2023-01-01  -
    begintoday    nurse            -         2024-06-30  -
    lastday       ends30           -         2023-01-01  -
    ended         nurse            -         2023-01-01  2024-06-30
    endedtwice    nurse            -         2022-01-01  2024-02-01
    endedtwice    -                home      2023-01-01  2024-03-01
    future        nurse            -         2024-07-01  -
    left          gone             -         2023-01-01  -
    closed        -                closed    2023-01-01  -
    closedbelow   clerk            -         2023-01-01  -
    notyet        -                opening   2023-01-01  -
    mildest       gone             -         2023-01-01  -
    mildest       -                closed    2023-01-01  -
    oneisfine     gone             -         2023-01-01  -
    oneisfine     nurse            -         2023-01-01  -
    twojobs       double           -         2023-01-01  -
    levelleft     -                med       2023-01-01  -
    edge          -                med       2023-01-01  -
    before        -                med       2023-01-01  -
    openvisit     -                med       2023-01-01  -
    inward        -                med       2023-01-01  -
    bothlevels    both             -         2023-01-01  -
    uncovered     -                gp        2023-01-01  -
    oldcoverage   -                er        2023-01-01  -
    noend         nurse            -         -           -
    """
)
_PLANS = list(dict.fromkeys(row["plan_id"] for row in OWNERS))
_NEVER = ["never", "nostatus"]
_INACTIVE = ["draft", "onhold", "expired", "notbegun", "dead", "deadinstay"]
_VALID = {
    "expired": {"valid_from": "2023-01-01", "valid_to": DAY},
    "notbegun": {"valid_from": "2024-07-01"},
    "never": {"valid_from": "2024-01-01", "valid_to": "2024-07-01"},
}
# Patients are called like their plans. All are seen by the municipality unless said otherwise.
_ELSEWHERE = ("levelleft", "edge", "before", "openvisit", "inward", "bothlevels", "oldcoverage")
CONTACTS = [
    {
        "contact_id": f"home-{plan}", "patient_id": plan, "unit_id": "home", "kind": "15",
        "started_at": "2023-01-01T08:00",
    }
    for plan in (*_PLANS, *_NEVER, *_INACTIVE)
    if plan not in _ELSEWHERE
]  # fmt: skip
# 2024 is a leap year: the last 365 days begin with 2 July 2023.
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  care_level  started_at        ended_at
    levelleft1  levelleft   home     -           2024-06-01T08:00  2024-06-01T09:00
    edge1       edge        med      -           2023-07-01T20:00  2023-07-02T00:00
    before1     before      med      -           2023-07-01T20:00  2023-07-01T23:59
    openvisit1  openvisit   med      -           2023-07-01T20:00  -
    inward1     inward      med      overnight   2023-06-01T20:00  -
    both1       bothlevels  home     -           2024-06-01T08:00  2024-06-01T09:00
    after1      levelleft   med      -           2024-07-01T00:00  2024-07-01T09:00
    old1        oldcoverage home     -           2024-06-01T08:00  2024-06-01T09:00
    """
)
CONTACTS += overnight(
    """
    contact_id  patient_id  started_at        ended_at          ended_dead
    dying       deadinstay  2024-06-01T08:00  2024-06-30T23:00  true
    """
)
TABLES = {
    "patients": [
        {"patient_id": plan, "died_on": DAY if plan == "dead" else None}
        for plan in (*_PLANS, *_NEVER, *_INACTIVE)
    ],
    "units": table(
        """
        unit_id  name   kind               level      valid_from  valid_to
        med      Med    ward               hospital   -           -
        home     Home   municipal_service  municipal  -           -
        gp       Gp     gp_practice        gp         -           -
        er       Er     emergency_unit     emergency  -           -
        closed   Shut   municipal_service  municipal  2000-01-01  2024-04-01
        opening  New    municipal_service  municipal  2024-07-01  -
        """
    ),
    "contacts": CONTACTS,
    "professionals": table(
        "professional_id role\n nurse - \n stranger - \n gone - \n clerk - \n double - \n both -"
        "\n ends30 -"
    ),
    "employments": table(
        """
        professional_id  unit_id  valid_from  valid_to
        nurse            home     2020-01-01  -
        gone             med      2020-01-01  2024-01-01
        gone             home     2020-01-01  2024-06-30
        clerk            closed   2020-01-01  -
        clerk            home     2020-01-01  2021-01-01
        double           closed   2020-01-01  -
        double           home     2020-01-01  -
        both             med      2020-01-01  -
        both             home     2020-01-01  -
        stranger         closed   2024-07-01  -
        ends30           home     2020-01-01  2024-07-01
        """
    ),
    "plans": [
        {"plan_id": plan, "patient_id": plan, "kind": "individual_plan", **_VALID.get(plan, {})}
        for plan in (*_PLANS, *_NEVER, *_INACTIVE)
    ],
    "plan_statuses": [
        {"plan_id": plan, "status": "active", "valid_from": "2023-01-01"}
        for plan in (*_PLANS, "never", *_INACTIVE)
    ]
    + table(
        """
        plan_id  status     valid_from
        draft    draft      2024-06-30
        onhold   on_hold    2024-01-01
        closed   completed  2024-07-01
        """
    ),
    "plan_owners": [*OWNERS, {"plan_id": "draft", "unit_id": "closed"}],
    "coverage": table(
        """
        source  level      municipality_code  covered_from  covered_to
        a       hospital   -                  2020-01-01    2023-12-01
        a       hospital   5501               2023-07-02    2024-07-01
        a       municipal  -                  2020-01-01    2025-01-01
        a       emergency  -                  2020-01-01    2024-06-30
        """
    ),
    "municipalities": [{"municipality_code": "5501", "name": "Tromsø"}],
}


def reasons(engine: Engine, **asked: Any) -> dict[str, tuple[Any, ...]]:
    rows = rows_of(ask(engine, "unowned_plans", **{"as_of": DAY, **asked}))
    return {
        row["plan_id"]: (row["reason"], row["ended_on"], row["last_owner_unit"]) for row in rows
    }


def test_which_plans_and_why(drawn_engine: Engine) -> None:
    assert reasons(drawn_engine) == {
        "never": ("never_owned", None, None),
        "nostatus": ("never_owned", None, None),
        "future": ("never_owned", None, None),
        "ended": ("ownership_ended", DAY, "home"),
        "endedtwice": ("ownership_ended", "2024-03-01", "home"),
        # The employment ended yesterday: it is valid no longer on its last recorded day.
        "left": ("owner_left", DAY, "home"),
        "closed": ("unit_closed", "2024-04-01", "closed"),
        "closedbelow": ("unit_closed", "2024-04-01", "closed"),
        "notyet": ("unit_closed", None, "opening"),
        "mildest": ("unit_closed", "2024-04-01", "closed"),
        "levelleft": ("level_left", None, "med"),
        "before": ("level_left", None, "med"),
        "openvisit": ("level_left", None, "med"),
    }


def test_a_row_in_full(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "unowned_plans", as_of=DAY))
    assert next(row for row in rows if row["plan_id"] == "closedbelow") == {
        "plan_id": "closedbelow", "patient_id": "closedbelow", "kind": "individual_plan",
        "reason": "unit_closed", "ended_on": "2024-04-01", "last_owner_unit": "closed",
        "last_owner_unit_name": "Shut",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "plan", "is_found"),
    [
        ({"as_of": "2024-06-29"}, "ended", False),
        ({"as_of": "2024-06-29"}, "left", False),
        ({"as_of": "2024-06-29"}, "begintoday", True),
        ({"as_of": "2024-03-31"}, "closed", False),
        ({"as_of": "2024-04-01"}, "closed", True),
        ({"as_of": "2024-07-01"}, "future", False),
        # Hospital is covered up to 30 June 2024 alone.
        ({"as_of": "2024-07-01"}, "before", False),
        ({"level_days": 366}, "before", False),
        # The contact ends with the first second of the time; a day less, and it is over.
        ({"level_days": 364}, "edge", True),
        ({"level_days": 3660}, "levelleft", False),
    ],
)
def test_bounds(drawn_engine: Engine, asked: dict[str, Any], plan: str, is_found: bool) -> None:
    assert (plan in reasons(drawn_engine, **asked)) is is_found


def test_the_denominator_leaves_out_who_is_not_active(drawn_engine: Engine) -> None:
    n_active = ask(drawn_engine, "unowned_plans", as_of=DAY).manifest["among"]
    assert n_active == len(_PLANS) + len(_NEVER)
    assert ask(drawn_engine, "unowned_plans", as_of="2024-06-29").manifest["among"] == n_active + 4


def test_a_patient_known_dead_is_left_out(drawn_engine: Engine) -> None:
    day_before = set(reasons(drawn_engine, as_of="2024-06-29"))
    assert {"dead", "deadinstay"} <= day_before
    assert not {"dead", "deadinstay"} & set(reasons(drawn_engine))
