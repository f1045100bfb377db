"""Readmissions: every boundary of the rule, drawn, on both engines."""

from __future__ import annotations

from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.errors import TableNotLoadedError, UsageError
from tests.findings.drawn import ask, overnight, rows_of, table, with_patients

# The patient's name says what is drawn; contact ids are the patient's with a number.
CONTACTS = overnight(
    """
    contact_id    patient_id   started_at           ended_at             urgency
    merged1       merged       2024-01-01T08:00     2024-01-05T08:00     1
    merged2       merged       2024-01-05T15:59     2024-01-07T08:00     1
    eight1        eight        2024-01-01T08:00     2024-01-05T08:00     1
    eight2        eight        2024-01-05T16:00     2024-01-07T08:00     1
    month1        month        2024-01-01T08:00     2024-01-05T08:00     1
    month2        month        2024-02-04T08:00     2024-02-07T08:00     1
    late1         late         2024-01-01T08:00     2024-01-05T08:00     1
    late2         late         2024-02-04T08:01     2024-02-07T08:00     1
    planned1      planned      2024-01-01T08:00     2024-01-05T08:00     1
    planned2      planned      2024-01-10T08:00     2024-01-12T08:00     4
    afterplan1    afterplan    2024-01-01T08:00     2024-01-05T08:00     4
    afterplan2    afterplan    2024-01-10T08:00     2024-01-12T08:00     2
    between1      between      2024-01-01T08:00     2024-01-05T08:00     1
    between2      between      2024-01-07T08:00     2024-01-09T08:00     4
    between3      between      2024-01-12T08:00     2024-01-13T08:00     1
    chain1        chain        2024-01-01T08:00     2024-01-05T08:00     1
    chain2        chain        2024-01-10T08:00     2024-01-12T08:00     1
    chain3        chain        2024-01-20T08:00     2024-01-22T08:00     3
    three1        three        2024-01-01T08:00     2024-01-05T08:00     1
    three2        three        2024-01-05T10:00     2024-01-08T08:00     1
    three3        three        2024-01-20T08:00     2024-01-22T08:00     1
    five1         five         2024-01-01T08:00     2024-01-05T08:00     1
    five2         five         2024-01-12T08:00     2024-01-14T08:00     5
    five3         five         2024-01-20T08:00     2024-01-22T08:00     1
    nested1       nested       2024-01-01T08:00     2024-01-20T08:00     1
    nested2       nested       2024-01-03T08:00     2024-01-05T08:00     1
    nested3       nested       2024-01-19T08:00     2024-01-21T08:00     1
    nested4       nested       2024-01-22T08:00     2024-01-23T08:00     1
    open1         open         2024-01-01T08:00     2024-01-05T08:00     1
    open2         open         2024-01-12T08:00     -                    1
    newyear1      newyear      2023-12-20T08:00     2023-12-30T08:00     1
    newyear2      newyear      2024-01-02T08:00     2024-01-03T08:00     1
    winter1       winter       2023-10-27T08:00     2023-10-28T20:00     1
    winter2       winter       2023-10-29T03:00     2023-10-30T08:00     1
    summer1       summer       2024-03-29T08:00     2024-03-30T20:00     1
    summer2       summer       2024-03-31T04:00     2024-04-02T08:00     1
    summer3       summer       2024-04-03T08:00     2024-04-04T08:00     1
    thirtydst1    thirtydst    2024-03-01T08:00     2024-03-10T08:00     1
    thirtydst2    thirtydst    2024-04-09T09:00     2024-04-10T08:00     1
    later1        later        2024-03-01T08:00     2024-03-10T08:00     4
    later2        later        2024-03-10T12:00     2024-03-11T08:00     1
    later3        later        2024-03-20T08:00     2024-03-21T08:00     4
    later4        later        2024-03-21T10:00     2024-03-25T08:00     1
    twice1        twice        2024-01-01T08:00     2024-01-02T08:00     1
    twice2        twice        2024-01-02T17:00     2024-01-02T18:00     4
    twice3        twice        2024-01-03T09:00     2024-01-04T09:00     1
    sameday1      sameday      2024-01-01T08:00     2024-01-05T01:00     1
    sameday2      sameday      2024-01-05T20:00     2024-01-07T08:00     1
    day291        day29        2024-01-01T08:00     2024-01-05T22:00     1
    day292        day29        2024-02-03T23:00     2024-02-07T08:00     1
    day301        day30        2024-01-01T08:00     2024-01-05T22:00     1
    day302        day30        2024-02-04T08:00     2024-02-07T08:00     1
    young1        young        2024-12-30T08:00     2024-12-31T10:00     1
    young2        young        2025-01-05T08:00     2025-01-07T08:00     1
    young3        young        2025-01-10T08:00     2025-01-11T08:00     1
    noyear1       noyear       2024-01-01T08:00     2024-01-05T08:00     1
    noyear2       noyear       2024-01-10T08:00     2024-01-11T08:00     1
    """
)
CONTACTS += overnight(
    """
    contact_id    patient_id   started_at           ended_at             ended_dead
    died1         died         2024-01-01T08:00     2024-01-05T08:00     true
    died2         died         2024-01-10T08:00     2024-01-11T08:00     -
    diedback1     diedback     2024-01-01T08:00     2024-01-05T08:00     -
    diedback2     diedback     2024-01-10T08:00     2024-01-11T08:00     true
    diedback3     diedback     2024-01-15T08:00     2024-01-16T08:00     -
    moment1       moment       2024-01-01T08:00     2024-01-05T08:00     true
    moment2       moment       2024-01-10T08:00     2024-01-10T08:00     -
    """
)
CONTACTS += overnight(
    """
    contact_id    patient_id   started_at           ended_at             service         urgency
    rehab1        rehab        2024-01-01T08:00     2024-01-05T08:00     -               1
    rehab2        rehab        2024-01-08T08:00     2024-01-12T08:00     rehabilitation  4
    rehab3        rehab        2024-01-20T08:00     2024-01-22T08:00     other           1
    training1     training     2024-01-01T08:00     2024-01-05T08:00     -               1
    training2     training     2024-01-08T08:00     2024-01-12T08:00     rehabilitation  1
    """
)
# Urgency in the second contact of a stay; a stay at home in between; a contact that is no stay.
CONTACTS += overnight(
    """
    contact_id  patient_id  unit_id  care_level  started_at        ended_at          urgency
    second1     second      med      overnight   2024-01-01T08:00  2024-01-05T08:00  1
    second2     second      med      overnight   2024-01-10T08:00  2024-01-11T08:00  4
    second3     second      surg     overnight   2024-01-11T10:00  2024-01-12T08:00  1
    home1       home        med      overnight   2024-01-01T08:00  2024-01-05T08:00  1
    home2       home        nursing  overnight   2024-01-05T09:00  2024-01-09T08:00  1
    home3       home        psych    overnight   2024-01-09T09:00  2024-01-12T08:00  1
    clinic1     clinic      med      overnight   2024-01-01T08:00  2024-01-05T08:00  1
    clinic2     clinic      med      outpatient  2024-01-09T09:00  2024-01-09T10:00  1
    """
)
# An admission with its wards: left from the last ward, come to the first; one begins at midnight.
CONTACTS += table(
    """
    contact_id  patient_id  unit_id  parent  care_level  started_at        ended_at          urgency
    wards1      wards       hosp     -       overnight   2024-05-01T08:00  2024-05-05T08:00  1
    wards1a     wards       emerg    wards1  -           2024-05-01T06:00  2024-05-01T08:00  -
    wards1b     wards       med      wards1  -           2024-05-01T08:00  2024-05-03T08:00  -
    wards1c     wards       surg     wards1  -           2024-05-03T08:00  2024-05-05T08:00  -
    wards2      wards       hosp     -       overnight   2024-05-10T23:30  2024-05-12T08:00  1
    wards2a     wards       psych    wards2  -           2024-05-11T00:30  2024-05-12T08:00  -
    """
)
TABLES = {
    "patients": with_patients(
        CONTACTS,
        table(
            """
            patient_id  birth_year  sex
            young       1958        male
            noyear      -           -
            """
        ),
    ),
    "units": table(
        """
        unit_id  name      kind               level
        hosp     Hospital  hospital           hospital
        med      Medicine  ward               hospital
        surg     Surgery   ward               hospital
        psych    -         ward               psychiatry
        emerg    Emergency emergency_unit     emergency
        nursing  Home      municipal_service  municipal
        """
    ),
    "contacts": CONTACTS,
}


def pairs(engine: Engine, patient: str, **asked: Any) -> list[tuple[str, str]]:
    return [
        (row["index_stay_id"], row["readmission_stay_id"])
        for row in rows_of(ask(engine, "readmissions", **asked))
        if row["patient_id"] == patient
    ]


@pytest.mark.parametrize(
    ("patient", "expected"),
    [
        ("merged", []),  # 7 h 59 min: one stay
        ("eight", [("eight1", "eight2")]),  # 8 h 00
        ("month", [("month1", "month2")]),  # 30 x 24 h
        ("late", []),  # and a minute
        ("planned", []),
        ("afterplan", [("afterplan1", "afterplan2")]),  # a planned stay may be an index stay
        ("between", [("between2", "between3")]),
        ("chain", [("chain1", "chain2"), ("chain2", "chain3")]),
        ("three", [("three1", "three3")]),  # two of three merge
        ("five", [("five1", "five3")]),  # urgency 5 merges at any gap
        ("nested", [("nested1", "nested4")]),  # the running maximum of the ends
        ("open", [("open1", "open2")]),  # an open stay can be a readmission
        ("newyear", [("newyear1", "newyear2")]),
        ("winter", [("winter1", "winter2")]),  # 7 h on the clock, 8 h elapsed
        ("summer", [("summer1", "summer3")]),  # 8 h on the clock, 7 h elapsed
        ("thirtydst", [("thirtydst1", "thirtydst2")]),  # 30 days and an hour, 720 h elapsed
        ("died", []),  # died in the index stay
        ("diedback", [("diedback1", "diedback2"), ("diedback1", "diedback3")]),
        ("home", [("home1", "home3")]),  # a municipal stay merges nothing
        ("clinic", []),
        ("second", []),  # its second contact was acute, its first was not
        ("wards", [("wards1", "wards2")]),
        ("noyear", [("noyear1", "noyear2")]),
        ("rehab", [("rehab2", "rehab3")]),
        ("training", [("training1", "training2")]),
    ],
)
def test_which_pairs(drawn_engine: Engine, patient: str, expected: list[tuple[str, str]]) -> None:
    assert pairs(drawn_engine, patient) == expected
    assert pairs(drawn_engine, patient, profile="all_ages") == expected


@pytest.mark.parametrize(
    ("patient", "asked", "expected"),
    [
        ("eight", {"min_inclusive": False}, []),
        ("eight", {"min_gap_h": 9}, []),
        ("month", {"max_inclusive": False}, []),
        ("late", {"max_gap_d": 31}, [("late1", "late2")]),
        # Pairing comes first: the latest index stay is too near, and no earlier one is tried.
        ("twice", {"min_gap_h": 16}, []),
        ("twice", {"min_gap_h": 15}, [("twice2", "twice3")]),
        ("second", {"acute": "any"}, [("second1", "second2")]),
        ("second", {"profile": "skde"}, [("second1", "second2")]),
        ("sameday", {}, [("sameday1", "sameday2")]),
        ("sameday", {"profile": "skde"}, []),
        ("sameday", {"profile": "nhs"}, [("sameday1", "sameday2")]),
        ("day29", {"profile": "skde"}, [("day291", "day292")]),
        ("day29", {"profile": "nhs"}, [("day291", "day292")]),
        ("day30", {}, [("day301", "day302")]),
        ("day30", {"profile": "skde"}, []),
        ("day30", {"profile": "nhs"}, []),
        ("day30", {"gap_unit": "calendar"}, [("day301", "day302")]),
        ("day30", {"gap_unit": "calendar", "max_inclusive": False}, []),
        # A stay of no length is not its own index stay.
        ("moment", {"profile": "nhs"}, []),
        # Excluded in between does not break the pair.
        ("rehab", {"profile": "samhandlingsbarometeret"}, [("rehab1", "rehab3")]),
        ("training", {"profile": "samhandlingsbarometeret"}, []),
        # 66 in the year of the first, 67 in that of the second.
        ("young", {"profile": "age_67"}, [("young2", "young3")]),
        ("young", {"min_age": 66}, [("young1", "young2"), ("young2", "young3")]),
        ("young", {"min_age": 68}, []),
        ("noyear", {"min_age": 1}, []),
    ],
)
def test_parameters_and_profiles(
    drawn_engine: Engine, patient: str, asked: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert pairs(drawn_engine, patient, **asked) == expected


def test_all_columns(drawn_engine: Engine) -> None:
    (row,) = (
        row for row in rows_of(ask(drawn_engine, "readmissions")) if row["patient_id"] == "wards"
    )
    assert row == {
        "patient_id": "wards",
        "index_stay_id": "wards1",
        "index_started_at": "2024-05-01T08:00:00",
        "index_ended_at": "2024-05-05T08:00:00",
        "readmission_stay_id": "wards2",
        "readmission_started_at": "2024-05-10T23:30:00",
        "gap_h": 135.5,
        "gap_days": 5.0,
        "discharged_from": "surg",
        "discharged_from_name": "Surgery",
        "admitted_to": "psych",
        "admitted_to_name": None,
    }


@pytest.mark.parametrize(
    ("patient", "as_of", "expected"),
    [
        ("eight", "2024-01-04", []),
        ("eight", "2024-01-05", [("eight1", "eight2")]),
        ("chain", "2024-01-19", [("chain1", "chain2")]),
        ("chain", "2024-01-20", [("chain1", "chain2"), ("chain2", "chain3")]),
        # As of the 12th the second has begun and is open; the day before it has not.
        ("open", "2024-01-11", []),
        ("open", "2024-01-12", [("open1", "open2")]),
        ("five", "2024-01-11", []),
    ],
)
def test_as_of(
    drawn_engine: Engine, patient: str, as_of: str, expected: list[tuple[str, str]]
) -> None:
    assert pairs(drawn_engine, patient, as_of=as_of) == expected


def test_acute_any_as_of_knows_only_what_had_begun(drawn_engine: Engine) -> None:
    # The acute contact of the second stay begins on the 11th.
    assert pairs(drawn_engine, "second", as_of="2024-01-10", acute="any") == []
    found = pairs(drawn_engine, "second", as_of="2024-01-11", acute="any")
    assert found == [("second1", "second2")]


def test_the_unit_is_empty_while_only_the_admission_is_known(drawn_engine: Engine) -> None:
    units = {
        day: [
            row["admitted_to"]
            for row in rows_of(ask(drawn_engine, "readmissions", as_of=day))
            if row["patient_id"] == "wards"
        ]
        for day in ("2024-05-10", "2024-05-11")
    }
    assert units == {"2024-05-10": [None], "2024-05-11": ["psych"]}


def test_the_denominator_follows_the_profile(drawn_engine: Engine) -> None:
    everything = ask(drawn_engine, "readmissions").manifest["among"]
    without = ask(drawn_engine, "readmissions", profile="samhandlingsbarometeret")
    assert without.manifest["among"] == everything - 2
    elder = ask(drawn_engine, "readmissions", min_age=70).manifest["among"]
    # Born in 1950 are all but 'noyear' (2 stays) and 'young' (2 that ended; the last goes on).
    assert elder == everything - 4
    assert ask(drawn_engine, "readmissions", as_of="2020-01-01").manifest["among"] == 0


def test_before_everything_there_is_nothing(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "readmissions", as_of="2020-01-01")
    assert result.manifest["n_rows"] == 0
    assert result.document()["columns"][0]["name"] == "patient_id"


def test_diagnosis_groups_are_the_users(drawn_engine: Engine) -> None:
    with pytest.raises(TableNotLoadedError, match="diagnosis_groups"):
        ask(drawn_engine, "readmissions", profile="fhi_67")


def test_what_does_not_fit_is_said_at_once(drawn_engine: Engine) -> None:
    with pytest.raises(UsageError) as caught:
        ask(drawn_engine, "readmissions", max_gap_d=-1, gap_unit="weeks", acute="some")
    assert len(str(caught.value).splitlines()) == 3
