"""How long patients wait for a coordinator, with death and moves before it, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.findings.drawn import ask, overnight, rows_of, table

DAY = "2024-06-30"

NEEDS = table(
    """
    patient_id  need             status            assessed_on
    day30       coordinator      needs             2024-01-01
    day31       coordinator      needs             2024-01-01
    already     coordinator      needs             2024-01-01
    endsbefore  coordinator      needs             2024-01-01
    waits30     coordinator      needs             2024-05-31
    waits31     coordinator      needs             2024-05-30
    run         coordinator      needs             2024-01-01
    run         coordinator      unknown           2024-02-01
    run         coordinator      needs             2024-03-01
    broken      coordinator      needs             2023-01-01
    broken      coordinator      declined          2024-01-01
    broken      coordinator      needs             2024-06-15
    declined    coordinator      needs             2024-01-01
    declined    coordinator      declined          2024-05-01
    unmet       coordinator      needs             2024-01-01
    unmet       coordinator      criteria_not_met  2024-05-01
    plan        individual_plan  needs             2024-01-01
    unknown     coordinator      unknown           2024-01-01
    died20      coordinator      needs             2024-01-01
    died40      coordinator      needs             2024-01-01
    diedlate    coordinator      needs             2024-01-01
    instay      coordinator      needs             2024-01-01
    dead        coordinator      needs             2024-01-02
    moved20     coordinator      needs             2024-01-01
    moved40     coordinator      needs             2024-01-01
    movedsame   coordinator      needs             2024-01-01
    nohome      coordinator      needs             2024-01-01
    tie         coordinator      needs             2024-01-01
    future      coordinator      needs             2024-07-01
    """
)
ROLES = table(
    """
    patient_id  unit_id  role                valid_from  valid_to
    day30       med      coordinator         2024-01-31  -
    day31       home     plan_coordinator    2024-02-01  2024-02-10
    already     med      coordinator         2023-01-01  -
    endsbefore  med      coordinator         2023-01-01  2024-01-01
    endsbefore  med      cancer_coordinator  2024-01-02  -
    endsbefore  med      coordinator         2024-07-01  -
    run         med      coordinator         2024-03-05  -
    broken      med      coordinator         2024-06-20  -
    diedlate    med      coordinator         2024-01-05  -
    moved20     med      coordinator         2024-02-20  -
    moved40     med      coordinator         2024-03-20  -
    tie         med      coordinator         2024-03-01  -
    """
)
PATIENTS = list(dict.fromkeys(row["patient_id"] for row in NEEDS))
_DIED = {
    "died20": "2024-01-21", "died40": "2024-02-10", "diedlate": "2024-05-01", "dead": "2024-01-01",
}  # fmt: skip
TABLES = {
    "patients": [{"patient_id": p, "died_on": _DIED.get(p)} for p in PATIENTS],
    "units": table(
        """
        unit_id  kind               level
        med      ward               hospital
        home     municipal_service  municipal
        """
    ),
    "contacts": overnight(
        """
        contact_id  patient_id  started_at        ended_at          ended_dead
        dying       instay      2024-02-08T08:00  2024-02-10T08:00  true
        """
    ),
    "needs": NEEDS,
    "roles": ROLES,
    "municipalities": table("municipality_code name\n 5501 Tromsø\n 5503 Harstad"),
    "residences": [
        {"patient_id": p, "municipality_code": "5501", "valid_to": to}
        for p in PATIENTS
        if p != "nohome"
        for to in [{"moved20": "2024-01-21", "moved40": "2024-02-10", "tie": "2024-03-01"}.get(p)]
    ]
    + table(
        """
        patient_id  municipality_code  valid_from
        moved20     5503               2024-01-21
        moved40     5503               2024-02-10
        movedsame   5501               2024-01-10
        nohome      5503               2024-01-10
        tie         5503               2024-03-01
        day30       5503               2024-07-01
        """
    ),
}

WAITS = {
    "day30": ("appointed", 30.0, "2024-01-31"),
    "day31": ("appointed", 31.0, "2024-02-01"),
    "already": ("appointed", 0.0, "2024-01-01"),
    "endsbefore": ("waiting", 181.0, None),
    "waits30": ("waiting", 30.0, None),
    "waits31": ("waiting", 31.0, None),
    "run": ("appointed", 64.0, "2024-03-05"),
    "broken": ("appointed", 5.0, "2024-06-20"),
    "died20": ("died", 20.0, "2024-01-21"),
    "died40": ("died", 40.0, "2024-02-10"),
    "diedlate": ("appointed", 4.0, "2024-01-05"),
    "instay": ("died", 40.0, "2024-02-10"),
    "moved20": ("moved", 20.0, "2024-01-21"),
    "moved40": ("moved", 40.0, "2024-02-10"),
    "movedsame": ("waiting", 181.0, None),
    "nohome": ("waiting", 181.0, None),
    # On one day the appointment goes before the move.
    "tie": ("appointed", 60.0, "2024-03-01"),
}


def test_waits(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "coordinator_waits", as_of=DAY)
    rows = {row["patient_id"]: row for row in rows_of(result)}
    assert {p: (r["status"], r["days"], r["ended_on"]) for p, r in rows.items()} == WAITS
    assert rows["run"]["assessed_on"] == "2024-01-01"
    assert rows["broken"]["assessed_on"] == "2024-06-15"
    assert (rows["moved20"]["municipality_code"], rows["nohome"]["municipality_code"]) == (
        "5501", None,
    )  # fmt: skip
    assert result.manifest["among"] == len(WAITS)


def test_who_waited_too_long(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "late_coordinator", as_of=DAY)
    late = {p: (status, days) for p, (status, days, _) in WAITS.items() if days > 30}
    assert {r["patient_id"]: (r["status"], r["days"]) for r in rows_of(result)} == late
    rows = {row["patient_id"]: row for row in rows_of(result)}
    assert rows["day31"] == {
        "patient_id": "day31", "assessed_on": "2024-01-01", "days": 31.0, "status": "appointed",
        "appointed_on": "2024-02-01", "municipality_code": "5501", "municipality_name": "Tromsø",
    }  # fmt: skip
    assert rows["died40"]["appointed_on"] is None
    assert result.manifest["among"] == len(WAITS)


@pytest.mark.parametrize(
    ("asked", "patient", "is_found"),
    [
        ({"max_days": 29}, "day30", True),
        ({"max_days": 31}, "day31", False),
        ({"max_days": 20}, "died20", False),
        ({"max_days": 19}, "died20", True),
        ({"as_of": "2024-07-01"}, "waits30", True),
        # What came later is not known: they still waited.
        ({"as_of": "2024-01-31"}, "day31", False),
        ({"as_of": "2024-02-05"}, "died40", True),
        ({"as_of": "2024-04-30"}, "declined", True),
        ({"as_of": "2024-05-01"}, "declined", False),
        ({"as_of": "2024-05-01"}, "unmet", False),
        ({"as_of": "2024-07-01"}, "future", False),
    ],
)
def test_bounds(drawn_engine: Engine, asked: dict[str, Any], patient: str, is_found: bool) -> None:
    rows = rows_of(ask(drawn_engine, "late_coordinator", **{"as_of": DAY, **asked}))
    assert (patient in {row["patient_id"] for row in rows}) is is_found


def test_what_was_known_then(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "late_coordinator", as_of="2024-02-05"))
    died = next(row for row in rows if row["patient_id"] == "died40")
    assert (died["status"], died["days"]) == ("waiting", 35.0)


def test_delay_of_all(drawn_engine: Engine) -> None:
    row, = rows_of(ask(drawn_engine, "coordinator_delay", as_of=DAY))  # fmt: skip
    counts = {name: row[name] for name in row if name.startswith("n_")}
    assert counts == {
        "n_needs": 17, "n_appointed": 7, "n_died": 3, "n_moved": 2, "n_waiting": 5,
    }  # fmt: skip
    # Nobody is lost before 30 days: the incidence is the share. Then two fall out of 10 at 31 days
    # and after: 0 4 5 | 20 20 | 30a 30w | 31a 31w | 40 40 40 | 60a 64a | 181 x 3.
    assert row["share_14_days"] == pytest.approx(3 / 17)
    assert row["share_30_days"] == pytest.approx(4 / 17)
    free = 11 / 17  # after 30 days, with 10 still seen
    at_31 = free / 10
    free_after_40 = free * 9 / 10 * 5 / 8
    at_60, at_64 = free_after_40 / 5, free_after_40 * 4 / 5 / 4
    assert row["share_90_days"] == pytest.approx(4 / 17 + at_31 + at_60 + at_64)


def test_delay_by_municipality(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "coordinator_delay", as_of=DAY, by="municipality"))
    assert [(row["by_value"], row["name"], row["n_needs"]) for row in rows] == [
        ("5501", "Tromsø", 16), (None, None, 1),
    ]  # fmt: skip
    assert rows[1]["share_90_days"] == 0.0


def test_small_numbers_are_hidden(drawn_engine: Engine) -> None:
    table_ = run(drawn_engine, "coordinator_delay", {"by": "municipality"}, as_of=DAY).table
    for row in table_.to_pylist():
        assert all(value is None or value == 0 or value >= 5 for name, value in row.items()
                   if name.startswith("n_"))  # fmt: skip


def test_before_everything(drawn_engine: Engine) -> None:
    assert rows_of(ask(drawn_engine, "coordinator_waits", as_of="2019-01-01")) == []
    assert rows_of(ask(drawn_engine, "late_coordinator", as_of="2019-01-01")) == []
    row, = rows_of(ask(drawn_engine, "coordinator_delay", as_of="2019-01-01"))  # fmt: skip
    assert (row["n_needs"], row["share_14_days"]) == (0, None)
    by = ask(drawn_engine, "coordinator_delay", as_of="2019-01-01", by="municipality")
    assert rows_of(by) == []
