"""Back and forth between levels of care, on both engines."""

from __future__ import annotations

from typing import Any

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

CONTACTS = overnight(
    """
    contact_id  patient_id  unit_id  started_at        ended_at          urgency
    exact1      exact       med      2024-05-01T08:00  2024-05-05T08:00  4
    exact2      exact       nurs     2024-06-04T08:00  2024-06-10T20:00  -
    exact3      exact       surg     2024-07-10T20:00  2024-07-12T08:00  1
    out1        out         med      2024-05-01T08:00  2024-05-05T08:00  1
    out2        out         nurs     2024-06-04T08:01  2024-06-10T08:00  -
    out3        out         med      2024-06-11T08:00  2024-06-12T08:00  1
    back1       back        med      2024-05-01T08:00  2024-05-05T08:00  1
    back2       back        nurs     2024-05-06T08:00  2024-05-10T08:00  -
    back3       back        med      2024-06-09T08:01  2024-06-12T08:00  1
    visit1      visit       med      2024-05-01T08:00  2024-05-05T08:00  1
    visit2      visit       nurs     2024-05-06T08:00  2024-05-10T08:00  -
    visit3      visit       med      2024-05-15T08:00  2024-05-16T08:00  2
    planned1    planned     med      2024-05-01T08:00  2024-05-05T08:00  1
    planned2    planned     nurs     2024-05-06T08:00  2024-05-10T08:00  -
    planned3    planned     med      2024-05-11T08:00  2024-05-12T08:00  4
    onward1     onward      med      2024-05-01T08:00  2024-05-05T08:00  1
    onward2     onward      nurs     2024-05-06T08:00  2024-05-10T08:00  -
    onward3     onward      psych    2024-05-11T08:00  2024-05-12T08:00  1
    equal1      equal       med      2024-05-01T08:00  2024-05-05T08:00  1
    equal2      equal       surg     2024-05-06T08:00  2024-05-10T08:00  1
    equal3      equal       psych    2024-05-11T08:00  2024-05-12T08:00  1
    equal4      equal       psych    2024-05-20T08:00  2024-05-21T08:00  1
    equal5      equal       med      2024-05-25T08:00  2024-05-26T08:00  1
    equal6      equal       psych    2024-05-30T08:00  2024-05-31T08:00  1
    nested1     nested      nurs     2024-01-01T08:00  -                 -
    nested2     nested      med      2024-05-01T08:00  2024-05-05T08:00  1
    nested3     nested      nurs     2024-05-05T09:00  2024-05-06T08:00  1
    long1       long        med      2024-05-01T08:00  2024-05-20T08:00  1
    long2       long        nurs     2024-05-10T08:00  2024-05-30T08:00  -
    long3       long        med      2024-05-12T08:00  2024-05-15T08:00  1
    home1       home        med      2024-05-01T08:00  2024-05-05T08:00  1
    home3       home        med      2024-05-15T08:00  2024-05-16T08:00  1
    """
)
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  care_level  started_at        ended_at
    visit4      visit       doc      outpatient  2024-05-05T10:00  -
    visit5      visit       doc      outpatient  2024-05-12T10:00  -
    home2       home        nurs     -           2024-05-06T10:00  2024-05-10T08:00
    late        exact       doc      outpatient  2024-12-01T10:00  -
    """
)
TABLES = {
    "patients": with_patients(CONTACTS),
    "units": table(
        """
        unit_id  level
        med      hospital
        surg     hospital
        psych    psychiatry
        nurs     municipal
        doc      gp
        """
    ),
    "contacts": CONTACTS,
}


def returns(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    return {row["level_run_id"]: row for row in rows_of(ask(engine, "bouncing", **asked))}


def test_who_came_back(drawn_engine: Engine) -> None:
    assert sorted(returns(drawn_engine)) == [
        "equal5", "equal6", "exact3", "long3", "nested3", "visit3",
    ]  # fmt: skip


def test_the_longest_gap(drawn_engine: Engine) -> None:
    assert "exact3" not in returns(drawn_engine, max_gap_d=29)
    assert {"out3", "back3"} <= set(returns(drawn_engine, max_gap_d=31))
    assert sorted(returns(drawn_engine, max_gap_d=0)) == ["long3"]


def test_times(drawn_engine: Engine) -> None:
    found = returns(drawn_engine)
    assert found["exact3"] == {
        "patient_id": "exact", "level_run_id": "exact3", "from_level": "hospital",
        "via_level": "municipal", "left_at": "2024-05-05T08:00:00",
        "returned_at": "2024-07-10T20:00:00", "gap_out_days": 30.0, "gap_back_days": 30.0,
        "via_days": 6.5,
    }  # fmt: skip
    # Two stays at one level are one: left after the second of them.
    assert found["equal5"]["left_at"] == "2024-05-10T08:00:00"
    assert found["equal5"]["via_days"] == 10.0
    assert found["equal6"]["from_level"] == "psychiatry"


def test_overlaps_are_no_gap(drawn_engine: Engine) -> None:
    found = returns(drawn_engine)
    # long's stays overlap all round; nested's place was never given up.
    assert (found["long3"]["gap_out_days"], found["long3"]["gap_back_days"]) == (0.0, 0.0)
    assert found["long3"]["left_at"] == "2024-05-20T08:00:00"
    assert found["long3"]["via_days"] == 2.0
    assert found["nested3"]["left_at"] is None
    assert found["nested3"]["gap_out_days"] == 0.0


def test_as_of(drawn_engine: Engine) -> None:
    assert "visit3" not in returns(drawn_engine, as_of="2024-05-14")
    assert "visit3" in returns(drawn_engine, as_of="2024-05-15")
    assert returns(drawn_engine, as_of="2024-05-13")["long3"]["left_at"] is None


def test_the_denominator(drawn_engine: Engine) -> None:
    assert ask(drawn_engine, "bouncing").manifest["among"] == 10
    assert ask(drawn_engine, "bouncing", as_of="2024-04-30").manifest["among"] == 1
    nobody = ask(drawn_engine, "bouncing", as_of="2020-01-01")
    assert (nobody.manifest["among"], rows_of(nobody)) == (0, [])
