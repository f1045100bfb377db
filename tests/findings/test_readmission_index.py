"""Index stays: each reason, and what is known of a stay that D cuts through."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

# The last contact of all begins on 1 March: that day is the default as_of.
CONTACTS = overnight(
    """
    contact_id  patient_id  started_at        ended_at          urgency  ended_dead  service
    plain1      plain       2024-01-01T08:00  2024-01-05T08:00  4        -           -
    again1      again       2024-01-01T08:00  2024-01-05T08:00  1        -           -
    again2      again       2024-01-10T08:00  2024-01-12T08:00  1        -           -
    dead1       dead        2024-01-01T08:00  2024-01-05T08:00  1        true        -
    open1       open        2024-02-01T08:00  -                 1        -           -
    rehab1      rehab       2024-01-01T08:00  2024-01-05T08:00  4        -           rehabilitation
    just1       just        2024-01-25T08:00  2024-02-01T00:00  1        -           -
    almost1     almost      2024-01-25T08:00  2024-02-01T00:01  1        -           -
    soon1       soon        2024-02-20T08:00  2024-02-25T08:00  1        -           -
    soon2       soon        2024-02-27T08:00  2024-02-28T08:00  1        -           -
    day30gone1  day30gone   2024-01-01T08:00  2024-01-05T08:00  1        -           -
    day31gone1  day31gone   2024-01-01T08:00  2024-01-05T08:00  1        -           -
    gonelater1  gonelater   2024-01-01T08:00  2024-01-05T08:00  1        -           -
    backgone1   backgone    2024-01-01T08:00  2024-01-05T08:00  1        -           -
    backgone2   backgone    2024-01-10T08:00  2024-01-12T08:00  1        -           -
    cut1        cut         2024-01-01T08:00  2024-01-05T20:00  1        -           -
    cut2        cut         2024-01-06T02:00  2024-01-20T08:00  1        -           -
    return1     return      2024-01-01T08:00  2024-01-02T08:00  1        -           -
    return2     return      2024-02-10T08:00  2024-02-12T08:00  5        -           -
    last1       last        2024-03-01T08:00  2024-03-01T09:00  1        -           -
    """
)
# An admission with wards that began one after another.
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at          urgency
    ward1       ward        hosp     -       overnight   2024-01-01T08:00  2024-01-03T22:00  4
    ward1a      ward        med      ward1   -           2024-01-01T08:00  2024-01-02T08:00  -
    ward1b      ward        surg     ward1   -           2024-01-02T08:00  2024-01-03T22:00  -
    ward2       ward        hosp     -       overnight   2024-01-04T02:00  2024-01-09T08:00  1
    ward2a      ward        psych    ward2   -           2024-01-04T00:00  2024-01-09T08:00  -
    """
)
PATIENTS = table(
    """
    patient_id  birth_year  sex     died_on
    plain       1957        male    -
    day30gone   1950        female  2024-02-04
    day31gone   1950        female  2024-02-05
    gonelater   1950        female  2024-03-02
    backgone    1950        female  2024-01-12
    soon        -           -       -
    """
)
TABLES = {
    "patients": with_patients(CONTACTS, PATIENTS),
    "units": table(
        """
        unit_id  name     kind      level
        hosp     Big      hospital  hospital
        med      Med      ward      hospital
        surg     Surgery  ward      hospital
        psych    Psych    ward      psychiatry
        """
    ),
    "contacts": CONTACTS,
    "municipalities": table("municipality_code name\n5501 Tromso\n5503 Harstad"),
    "residences": table(
        """
        patient_id  municipality_code  valid_from  valid_to
        plain       5501               -           2024-01-01
        plain       5503               2024-01-01  -
        again       5501               -           2024-01-10
        """
    ),
}


def index(engine: Engine, **asked: Any) -> dict[str, dict[str, Any]]:
    return {row["stay_id"]: row for row in rows_of(ask(engine, "readmission_index", **asked))}


@pytest.mark.parametrize(
    ("stay", "asked", "reason"),
    [
        ("plain1", {}, "counted"),
        ("again1", {}, "counted"),
        ("again2", {}, "counted"),
        ("dead1", {}, "ended_dead"),
        ("open1", {}, "open"),
        ("last1", {}, "not_covered"),
        # The horizon is the midnight after 1 March: 30 x 24 h before it is 1 February 00:00.
        ("just1", {}, "counted"),
        ("almost1", {}, "not_covered"),
        ("almost1", {"max_gap_d": 29}, "counted"),
        ("soon1", {}, "not_covered"),  # also though it was followed by a readmission
        ("rehab1", {}, "counted"),
        ("rehab1", {"profile": "samhandlingsbarometeret"}, "excluded_rehabilitation"),
        ("plain1", {"profile": "age_67"}, "counted"),  # 67 in the year
        ("plain1", {"min_age": 68}, "excluded_age"),
        ("soon1", {"min_age": 1}, "excluded_age"),  # year of birth not known
        ("soon1", {"min_age": 0}, "not_covered"),
        # Deaths drop an index stay only where that is asked for, up to 30 days, without return.
        ("day30gone1", {}, "counted"),
        ("day30gone1", {"profile": "skde"}, "died"),
        ("day31gone1", {"profile": "skde"}, "counted"),
        ("day31gone1", {"drop_deaths": True, "death_window_d": 31}, "died"),
        ("backgone1", {"profile": "skde"}, "counted"),
        ("backgone2", {"profile": "skde"}, "died"),
        ("gonelater1", {"drop_deaths": True, "death_window_d": 365}, "counted"),
        # Calendar days: 29 days from 1 February is 1 March.
        ("just1", {"profile": "nhs"}, "counted"),
        ("almost1", {"profile": "nhs"}, "counted"),
        ("almost1", {"profile": "nhs", "as_of": "2024-02-29"}, "not_covered"),
        ("almost1", {"profile": "nhs", "as_of": "2024-03-01"}, "counted"),
    ],
)
def test_reasons(drawn_engine: Engine, stay: str, asked: dict[str, Any], reason: str) -> None:
    assert index(drawn_engine, **asked)[stay]["reason"] == reason


def test_readmissions_are_counted_at_their_index_stay(drawn_engine: Engine) -> None:
    rows = index(drawn_engine)
    readmitted = {stay: row["n_readmissions"] for stay, row in rows.items() if row["is_readmitted"]}
    assert readmitted == {"again1": 1, "backgone1": 1, "soon1": 1}


def test_one_row_for_every_stay_that_had_begun(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "readmission_index")
    # 22 contacts are inpatient contacts of their own; three pairs of them merge.
    assert result.manifest["n_rows"] == result.manifest["among"] == 19
    assert ask(drawn_engine, "readmission_index", as_of="2024-01-09").manifest["n_rows"] == 11
    nothing = ask(drawn_engine, "readmission_index", as_of="2020-01-01")
    assert nothing.manifest["n_rows"] == nothing.manifest["among"] == 0


def test_all_columns(drawn_engine: Engine) -> None:
    assert index(drawn_engine)["plain1"] == {
        "patient_id": "plain",
        "stay_id": "plain1",
        "started_at": "2024-01-01T08:00:00",
        "ended_at": "2024-01-05T08:00:00",
        "reason": "counted",
        "is_readmitted": False,
        "n_readmissions": 0,
        "age": 67,
        "sex": "male",
        "municipality_code": "5503",
        "discharged_from": "med",
        "discharged_from_name": "Med",
    }
    unknown = index(drawn_engine)["soon1"]
    assert (unknown["age"], unknown["sex"], unknown["municipality_code"]) == (None, None, None)


@pytest.mark.parametrize(
    ("as_of", "ended_at", "reason"),
    [
        ("2024-01-04", None, "open"),
        # On the 5th the first contact had ended, and nobody knew of the second.
        ("2024-01-05", "2024-01-05T20:00:00", "not_covered"),
        ("2024-01-06", None, "open"),
        ("2024-01-19", None, "open"),
        ("2024-01-20", "2024-01-20T08:00:00", "not_covered"),
        ("2024-02-19", "2024-01-20T08:00:00", "counted"),
    ],
)
def test_a_day_that_cuts_a_merged_stay(
    drawn_engine: Engine, as_of: str, ended_at: str | None, reason: str
) -> None:
    row = index(drawn_engine, as_of=as_of)["cut1"]
    assert (row["ended_at"], row["reason"]) == (ended_at, reason)


def test_before_a_return_from_another_hospital_the_stay_had_ended(drawn_engine: Engine) -> None:
    # 8 February: the 30 days after 2 January are over, and the return on the 10th is unknown.
    before, after = (index(drawn_engine, as_of=f"2024-02-{day}") for day in ("08", "10"))
    assert before["return1"]["reason"] == "counted"
    assert after["return1"]["reason"] == "open"
    # As of both days every stay that may be an index stay is in the denominator.
    for day, rows in (("08", before), ("10", after)):
        among = ask(drawn_engine, "readmissions", as_of=f"2024-02-{day}").manifest["among"]
        closed = [r for r in rows.values() if r["reason"] not in ("open", "ended_dead")]
        assert among == len(closed)


@pytest.mark.parametrize(
    ("as_of", "unit", "name"),
    [
        ("2024-01-02", None, None),
        # On the 3rd the admission had ended at the second ward. The emergency contact of the next
        # admission began at midnight, two hours before that admission.
        ("2024-01-03", "surg", "Surgery"),
        ("2024-01-04", None, None),
        ("2024-01-09", "psych", "Psych"),
    ],
)
def test_the_unit_discharged_from_is_the_one_known(
    drawn_engine: Engine, as_of: str, unit: str | None, name: str | None
) -> None:
    row = index(drawn_engine, as_of=as_of)["ward1"]
    assert (row["discharged_from"], row["discharged_from_name"]) == (unit, name)


def test_a_death_after_the_day_is_not_known(drawn_engine: Engine) -> None:
    asked = {"drop_deaths": True, "death_window_d": 3, "max_gap_d": 1, "min_gap_h": 0}
    assert index(drawn_engine, as_of="2024-01-11", **asked)["backgone1"]["reason"] == "counted"
    wide = {**asked, "death_window_d": 30}
    assert index(drawn_engine, as_of="2024-01-11", **wide)["backgone1"]["reason"] == "counted"
    assert index(drawn_engine, as_of="2024-01-12", **wide)["backgone1"]["reason"] == "died"
