"""Moves between units inside stays."""

from __future__ import annotations

from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

CONTACTS = table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at          urgency
    a1          a           hosp     -       overnight   2024-05-01T08:00  2024-05-09T08:00  1
    a1x         a           emerg    a1      -           2024-05-01T06:00  2024-05-01T08:00  -
    a1y         a           med      a1      -           2024-05-01T09:00  2024-05-03T08:00  -
    a1z         a           surg     a1      -           2024-05-03T10:00  2024-05-09T08:00  -
    b1          b           hosp     -       overnight   2024-05-01T08:00  2024-05-09T08:00  1
    b1x         b           med      b1      -           2024-05-01T08:00  2024-05-04T08:00  -
    b1y         b           surg     b1      -           2024-05-03T08:00  2024-05-05T08:00  -
    b1z         b           med      b1      -           2024-05-05T12:00  2024-05-07T08:00  -
    b1w         b           surg     b1      -           2024-05-07T16:00  2024-05-09T08:00  -
    c1          c           hosp     -       overnight   2024-05-01T08:00  2024-05-09T08:00  1
    c1x         c           med      c1      -           2024-05-01T08:00  -                 -
    c1y         c           surg     c1      -           2024-05-01T10:00  2024-05-09T08:00  -
    d1          d           hosp     -       overnight   2024-05-01T08:00  2024-05-09T08:00  1
    d1x         d           med      d1      -           2024-05-01T08:00  2024-05-03T08:00  -
    d1y         d           med      d1      -           2024-05-03T08:00  2024-05-09T08:00  -
    """
)
# Without parts: two contacts that merge, a return after weeks, and two stays that are no move.
CONTACTS += overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    e1          e           psych    2024-05-01T08:00  2024-05-05T08:00  1
    e2          e           med      2024-05-05T15:00  2024-05-07T08:00  1
    f1          f           psych    2024-05-01T08:00  2024-05-05T08:00  1
    f2          f           med      2024-05-20T08:00  2024-05-21T08:00  5
    g1          g           psych    2024-05-01T08:00  2024-05-05T08:00  1
    g2          g           med      2024-05-05T16:00  2024-05-07T08:00  1
    h1          h           psych    2024-05-30T08:00  -                 1
    """
)
TABLES = {
    "patients": with_patients(CONTACTS),
    "units": table(
        """
        unit_id  name       kind            level
        hosp     Big        hospital        hospital
        med      Medicine   ward            hospital
        surg     -          ward            hospital
        psych    Psych      ward            psychiatry
        emerg    Emergency  emergency_unit  emergency
        """
    ),
    "contacts": CONTACTS,
}


def moves(engine: Engine, **asked: Any) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (row["from_unit"], row["to_unit"]): row
        for row in rows_of(ask(engine, "unit_moves", **asked))
    }


def test_what_is_a_move(drawn_engine: Engine) -> None:
    counted = {
        units: (row["n_moves"], row["n_patients"]) for units, row in moves(drawn_engine).items()
    }
    assert counted == {
        ("emerg", "med"): (1, 1),
        ("med", "surg"): (4, 3),  # a, c, and b twice
        ("surg", "med"): (1, 1),
        ("psych", "med"): (2, 2),  # merged within 8 h, and returned from another hospital
    }


def test_times_and_names(drawn_engine: Engine) -> None:
    # 2 h; 0 where they overlap; 8 h; 2 h since a part without an end lasted no time.
    row = moves(drawn_engine)["med", "surg"]
    assert (row["median_gap_h"], row["p90_gap_h"]) == (2.0, 6.2)
    assert (row["from_unit_name"], row["to_unit_name"]) == ("Medicine", None)
    assert moves(drawn_engine)["emerg", "med"]["median_gap_h"] == 1.0
    # 7 h and 15 x 24 h.
    assert moves(drawn_engine)["psych", "med"]["median_gap_h"] == (7 + 360) / 2


def test_as_of(drawn_engine: Engine) -> None:
    assert moves(drawn_engine, as_of="2024-04-30") == {}
    # On the 3rd b is still at both; the end of the first is not known and overlaps all the same.
    row = moves(drawn_engine, as_of="2024-05-03")["med", "surg"]
    assert (row["n_moves"], row["median_gap_h"]) == (3, 2.0)
    assert ("psych", "med") not in moves(drawn_engine, as_of="2024-05-04")
    assert moves(drawn_engine, as_of="2024-05-19")["psych", "med"]["n_moves"] == 1


def test_the_denominator_is_stays(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "unit_moves").manifest["among"] == 9
    assert ask(drawn_engine, "unit_moves", as_of="2024-05-05").manifest["among"] == 8
    assert ask(drawn_engine, "unit_moves", as_of="2020-01-01").manifest["among"] == 0
