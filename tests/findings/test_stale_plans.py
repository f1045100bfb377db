"""Plans that have not been revised in time, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table

DAY = "2024-06-30"

PLANS = table(
    """
    plan_id     valid_from
    fresh       2023-07-01
    year        2023-06-30
    revised     2020-01-01
    old         2020-01-01
    dueday      2024-01-01
    overdue     2024-01-01
    superseded  2024-01-01
    nobase      -
    nobasedue   -
    acute30     2024-01-01
    acute29     2024-01-01
    sameday     2024-05-31
    daybefore   2024-05-30
    planned     2024-01-01
    newer       2024-01-01
    in          2024-01-01
    paused      2024-01-01
    inactive    2020-01-01
    all         2022-01-01
    leap        2024-02-29
    """
)
CONTACTS = overnight(
    """
    contact_id  patient_id  started_at        ended_at          urgency
    acute301    acute30     2024-05-20T08:00  2024-05-31T23:00  1
    acute291    acute29     2024-05-20T08:00  2024-06-01T01:00  1
    sameday1    sameday     2024-05-20T08:00  2024-05-31T08:00  1
    daybefore1  daybefore   2024-05-20T08:00  2024-05-31T08:00  1
    planned1    planned     2024-05-20T08:00  2024-05-25T08:00  4
    newer1      newer       2024-03-01T08:00  2024-03-02T08:00  1
    newer2      newer       2024-06-20T08:00  2024-06-21T08:00  1
    in1         in          2024-03-01T08:00  -                 1
    paused1     paused      2024-03-01T08:00  2024-03-02T08:00  1
    paused2     paused      2024-07-02T08:00  2024-07-03T08:00  5
    all1        all         2024-03-01T08:00  2024-03-02T08:00  1
    """
)
TABLES = {
    "patients": [{"patient_id": row["plan_id"]} for row in PLANS],
    "units": table("unit_id kind level\n med ward hospital"),
    "contacts": CONTACTS,
    "plans": [{**row, "patient_id": row["plan_id"], "kind": "individual_plan"} for row in PLANS],
    "plan_statuses": table(
        """
        plan_id   status     valid_from
        inactive  active     2020-01-01
        inactive  completed  2024-06-30
        """
    ),
    "plan_revisions": table(
        """
        plan_id     revised_on  revise_by
        revised     2023-07-01  -
        revised     2024-07-01  -
        old         2023-01-01  -
        old         2023-06-30  -
        dueday      2024-02-01  2024-06-30
        overdue     2024-02-01  2024-06-29
        superseded  2024-02-01  2024-03-01
        superseded  2024-03-15  -
        nobasedue   2024-06-30  2024-01-01
        all         2022-02-01  2023-01-01
        """
    ),
}
_YEAR, _BY, _ACUTE = "not_revised_12_months", "revise_by_passed", "not_revised_since_acute_stay"


def reasons(engine: Engine, **asked: Any) -> dict[str, list[str]]:
    rows = rows_of(ask(engine, "stale_plans", **{"as_of": DAY, **asked}))
    return {row["plan_id"]: row["reasons"] for row in rows}


def test_which_plans_and_why(drawn_engine: Engine) -> None:
    assert reasons(drawn_engine) == {
        "year": [_YEAR],
        "old": [_YEAR],
        "overdue": [_BY],
        "nobasedue": [_BY],
        "acute30": [_ACUTE],
        "daybefore": [_ACUTE],
        "paused": [_ACUTE],
        "all": [_BY, _YEAR, _ACUTE],
    }


def test_a_row_in_full(drawn_engine: Engine) -> None:
    rows = {row["plan_id"]: row for row in rows_of(ask(drawn_engine, "stale_plans", as_of=DAY))}
    assert rows["all"] == {
        "plan_id": "all", "patient_id": "all", "kind": "individual_plan",
        "reasons": [_BY, _YEAR, _ACUTE], "last_revised_on": "2022-02-01", "revise_by": "2023-01-01",
        "last_acute_ended_on": "2024-03-02", "days_since_revision": 880.0,
    }  # fmt: skip
    assert rows["year"]["last_revised_on"] is None
    assert rows["year"]["days_since_revision"] == 366.0


@pytest.mark.parametrize(
    ("asked", "plan", "expected"),
    [
        ({"as_of": "2024-07-01"}, "dueday", [_BY]),
        ({"as_of": "2024-07-01"}, "revised", None),
        ({"as_of": "2024-07-01"}, "fresh", [_YEAR]),
        ({"as_of": "2024-07-01"}, "acute29", [_ACUTE]),
        ({"as_of": "2024-06-29"}, "acute30", None),
        ({"grace_d": 29}, "acute29", [_ACUTE]),
        ({"grace_d": 31}, "acute30", None),
        ({"months": 13}, "year", None),
        ({"as_of": "2024-06-29"}, "year", None),
        ({"months": 4}, "nobase", None),
        # The stay goes on after 30 June; on the day before it was over, and prolonged since.
        ({"as_of": "2024-04-01"}, "paused", [_ACUTE]),
        ({"as_of": "2024-07-02"}, "paused", None),
        # A year after 29 February is 28 February.
        ({"as_of": "2025-02-27"}, "leap", None),
        ({"as_of": "2025-02-28"}, "leap", [_YEAR]),
        ({"as_of": "2024-06-29"}, "inactive", [_YEAR]),
        ({"as_of": "2024-04-01"}, "newer", [_ACUTE]),
    ],
)
def test_bounds(
    drawn_engine: Engine, asked: dict[str, Any], plan: str, expected: list[str] | None
) -> None:
    assert reasons(drawn_engine, **asked).get(plan) == expected


def test_the_denominator(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "stale_plans", as_of=DAY).manifest["among"] == len(PLANS) - 1
    nothing = ask(drawn_engine, "stale_plans", as_of="2019-01-01")
    assert (rows_of(nothing), nothing.manifest["among"]) == ([], 2)
