"""From stay to stay."""

from __future__ import annotations

from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    a1          a           med      2024-05-01T08:00  2024-05-05T08:00  1
    a2          a           surg     2024-05-05T15:59  2024-05-06T08:00  1
    a3          a           psych    2024-05-06T16:00  2024-05-07T08:00  4
    a4          a           psych    2024-05-10T08:00  2024-05-11T08:00  1
    b1          b           surg     2024-05-01T08:00  2024-05-05T08:00  4
    b2          b           psych    2024-06-04T08:00  2024-06-05T08:00  1
    c1          c           surg     2024-05-01T08:00  2024-05-05T08:00  4
    c2          c           psych    2024-06-04T08:01  2024-06-05T08:00  1
    c3          c           surg     2024-06-10T08:00  2024-06-12T08:00  1
    c4          c           psych    2024-06-22T08:00  -                 1
    """
)
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at          urgency
    d1          d           hosp     -       overnight   2024-06-01T08:00  2024-06-05T08:00  1
    d1x         d           med      d1      -           2024-06-01T08:00  2024-06-03T08:00  -
    d1y         d           surg     d1      -           2024-06-03T08:00  2024-06-05T08:00  -
    d2          d           hosp     -       overnight   2024-06-08T23:00  2024-06-12T08:00  1
    d2x         d           med      d2      -           2024-06-09T01:00  2024-06-12T08:00  -
    """
)
TABLES = {
    "patients": with_patients(CONTACTS),
    "units": table(
        """
        unit_id  name      kind      level
        hosp     Big       hospital  hospital
        med      Medicine  ward      hospital
        surg     -         ward      hospital
        psych    Psych     ward      psychiatry
        """
    ),
    "contacts": CONTACTS,
}


def flows(engine: Engine, **asked: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (row["from_unit"], row["to_unit"]): row
        for row in rows_of(ask(engine, "transfers", **asked))
    }


def counted(engine: Engine, **asked: Any) -> dict[tuple[str, str], tuple[int, int]]:
    return {
        units: (row["n_transfers"], row["n_patients"])
        for units, row in flows(engine, **asked).items()
    }


def test_what_is_a_transfer(drawn_engine: Engine) -> None:
    assert counted(drawn_engine) == {
        ("surg", "psych"): (4, 3),  # 8 h 00 after the merged stay, 30 d, 30 d and a minute, 10 d
        ("psych", "psych"): (1, 1),
        ("psych", "surg"): (1, 1),
        ("surg", "med"): (1, 1),  # from the last ward to the first
    }


def test_the_longest_gap(drawn_engine: Engine) -> None:
    assert counted(drawn_engine, max_gap_d=30)["surg", "psych"] == (3, 3)
    assert counted(drawn_engine, max_gap_d=0) == {}


def test_times_and_names(drawn_engine: Engine) -> None:
    row = flows(drawn_engine)["surg", "psych"]
    # 8 h, 240 h, 720 h, 720 h and a minute.
    assert row["median_gap_h"] == 480.0
    assert abs(row["p90_gap_h"] - (720 + 0.7 / 60)) < 1e-9
    assert (row["from_unit_name"], row["to_unit_name"]) == (None, "Psych")


def test_as_of(drawn_engine: Engine) -> None:
    assert counted(drawn_engine, as_of="2024-05-05") == {}
    assert counted(drawn_engine, as_of="2024-05-06") == {("surg", "psych"): (1, 1)}
    # The next admission has begun, but the ward that it went to is not known before the 9th.
    assert ("surg", "med") not in counted(drawn_engine, as_of="2024-06-08")
    assert ("surg", "med") in counted(drawn_engine, as_of="2024-06-09")


def test_the_denominator_is_stays(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "transfers").manifest["among"] == 11
    assert ask(drawn_engine, "transfers", as_of="2024-05-01").manifest["among"] == 3
