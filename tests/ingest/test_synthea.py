"""The source synthea: drawn files for every rule, and the open data for the whole."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from pathgraph.errors import InputError, UsageError
from pathgraph.ingest.sources.synthea import ENCOUNTER_CLASSES
from pathgraph.model.tables import canonical_table
from tests.ingest.source_reading import SourceRun, open_data, write

PATIENTS = """
    Id,BIRTHDATE,DEATHDATE,SSN,FIRST,LAST,GENDER,ADDRESS
    p1,1950-03-01,2020-02-10,999-49-3983,Ada,Lund,F,Street 1
    p2,2001-12-31,,999-17-9786,Bo,Berg,M,Street 2
"""
ORGANIZATIONS = """
    Id,NAME,CITY
    hosp,General Hospital,Omaha
    home,Nursing Home,Omaha
    practice,Family Practice,Omaha
    idle,Closed Clinic,Omaha
"""
PROVIDERS = """
    Id,ORGANIZATION,NAME,GENDER,SPECIALITY
    d1,hosp,Dr One,F,GENERAL PRACTICE
    d2,idle,Dr Two,M,CARDIOLOGY
"""
_HEAD = "Id,START,STOP,PATIENT,ORGANIZATION,PROVIDER,PAYER,ENCOUNTERCLASS,CODE,DESCRIPTION\n"
ENCOUNTERS = (
    _HEAD
    + """\
e1,2020-02-01T22:30:00Z,2020-02-05T10:00:00Z,p1,hosp,d1,x,inpatient,32485007,Hospital admission
e2,2020-02-05T12:00:00Z,2020-02-12T10:00:00Z,p1,home,d1,x,snf,449411000124106,Admission
e3,2019-01-01T10:00:00Z,2019-01-01T11:00:00Z,p1,hosp,d1,x,emergency,50849002,Emergency
e4,2019-02-01T10:00:00Z,2019-02-01T11:00:00Z,p2,practice,d1,x,wellness,410620009,Check
e5,2019-03-01T10:00:00Z,2019-03-04T11:00:00Z,p2,hosp,d1,x,inpatient,56876005,Detoxification
e6,2019-04-01T10:00:00Z,2019-04-01T11:00:00Z,p2,home,d1,x,emergency,50849002,Emergency
e7,2019-05-01T10:00:00Z,2019-05-01T11:00:00Z,p2,hosp,d1,x,ambulatory,185347001,Problem
e8,2019-06-01T10:00:00Z,2019-06-01T11:00:00Z,p2,hosp,d1,x,virtual,185345009,Symptom
"""
)
CAREPLANS = """
    Id,START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION,REASONCODE,REASONDESCRIPTION
    c1,2019-01-01,2019-06-01,p1,e3,1,Wound care,,
    c2,2019-02-01,,p2,e4,2,"Therapy, long",,
"""
CONDITIONS = """
    START,STOP,PATIENT,ENCOUNTER,CODE,DESCRIPTION
    2020-02-01,,p1,e1,230690007,Stroke
    2020-02-02,,p1,e1,230690007,Stroke
    2020-02-01,,p1,e1,314529007,Medication review due
"""


def _files(folder: Path, **other: str) -> Path:
    files = {
        "patients": PATIENTS,
        "organizations": ORGANIZATIONS,
        "providers": PROVIDERS,
        "encounters": ENCOUNTERS,
        "careplans": CAREPLANS,
        "conditions": CONDITIONS,
    }
    return write(folder, **{name: text for name, text in (files | other).items() if text})


def _noted(run: SourceRun, beginning: str, number: int) -> bool:
    return any(
        note.startswith(beginning) and note.endswith(f": {number}.") for note in run.content.notes
    )


@pytest.fixture
def drawn(tmp_path: Path) -> SourceRun:
    return SourceRun("synthea", _files(tmp_path))


def test_every_declared_column_is_there_as_text(drawn: SourceRun) -> None:
    assert set(drawn.content.tables) == {
        "patients",
        "units",
        "contacts",
        "professionals",
        "employments",
        "plans",
        "diagnoses",
    }
    for table, relation in drawn.content.tables.items():
        columns = {
            row["column_name"]: row["column_type"] for row in drawn.query(f"DESCRIBE {relation}")
        }
        declared = {column.name: "VARCHAR" for column in canonical_table(table).columns}
        assert columns == declared | {"source_file": "VARCHAR", "source_row": "BIGINT"}


def test_nothing_that_identifies_a_person_is_held_anywhere(drawn: SourceRun) -> None:
    names = [row["table_name"] for row in drawn.query("SELECT table_name FROM duckdb_tables()")]
    assert "raw_patients" in names
    for name in names:
        text = str(drawn.query(f'SELECT * FROM "{name}"'))
        for secret in ("999-49-3983", "Ada", "Lund", "Street", "Dr One"):
            assert secret not in text, name


def test_an_encounter_keeps_its_instant_and_is_shown_in_the_zone(tmp_path: Path) -> None:
    run = SourceRun("synthea", _files(tmp_path), {"timezone": "Europe/Oslo"})
    assert run.content.timezone == "Europe/Oslo"
    assert run.refused() == []
    (row,) = run.query("SELECT * FROM accepted_contacts WHERE contact_id = 'e1'")
    assert row["started_s"] == 1_580_596_200  # 2020-02-01T22:30:00Z
    assert row["started_at"] == "2020-02-01T23:30:00"
    assert row["started_has_time"] is True


def test_the_zone_is_utc_unless_told_and_must_exist(tmp_path: Path) -> None:
    folder = _files(tmp_path)
    assert SourceRun("synthea", folder).content.timezone == "UTC"
    with pytest.raises(UsageError, match="Europe/Oslo"):
        SourceRun("synthea", folder, {"timezone": "Europe/Tromso"})


def test_the_class_says_the_level_and_how_the_patient_was_cared_for(drawn: SourceRun) -> None:
    drawn.check()
    found = {
        row["contact_id"]: (row["kind"], row["care_level"], row["level"], row["unit_id"])
        for row in drawn.query(
            "SELECT c.*, u.level FROM accepted_contacts c JOIN accepted_units u USING (unit_id)"
        )
    }
    assert found == {
        "e1": ("inpatient", "overnight", "hospital", "hosp"),
        "e2": ("snf", "overnight", "municipal", "home"),
        "e3": ("emergency", "outpatient", "emergency", "hosp/emergency"),
        "e4": ("wellness", "outpatient", "gp", "practice"),
        "e5": ("inpatient", "overnight", "psychiatry", "hosp/psychiatry"),
        "e6": ("emergency", "outpatient", "emergency", "home/emergency"),
        "e7": ("ambulatory", "outpatient", "hospital", "hosp"),
        "e8": ("virtual", "outpatient", "hospital", "hosp"),
    }


def test_an_organisation_with_several_levels_has_a_part_for_each_other_level(
    drawn: SourceRun,
) -> None:
    units = {
        row["unit_id"]: (row["name"], row["kind"], row["level"], row["parent_unit_id"])
        for row in drawn.rows("units")
    }
    assert units == {
        "hosp": ("General Hospital", "hospital", "hospital", None),
        "hosp/emergency": ("General Hospital (emergency)", "emergency_unit", "emergency", "hosp"),
        "hosp/psychiatry": ("General Hospital (psychiatry)", "department", "psychiatry", "hosp"),
        "home": ("Nursing Home", "municipal_service", "municipal", None),
        "home/emergency": ("Nursing Home (emergency)", "emergency_unit", "emergency", "home"),
        "practice": ("Family Practice", "gp_practice", "gp", None),
    }


def test_an_organisation_without_encounters_is_left_out_and_noted(drawn: SourceRun) -> None:
    assert _noted(drawn, "Organisations without encounters", 1)
    assert [row["professional_id"] for row in drawn.rows("professionals")] == ["d1", "d2"]
    assert [(row["professional_id"], row["unit_id"]) for row in drawn.rows("employments")] == [
        ("d1", "hosp")
    ]


def test_an_overnight_contact_over_the_day_of_death_ended_by_death(drawn: SourceRun) -> None:
    dead = {row["contact_id"] for row in drawn.rows("contacts") if row["ended_dead"] == "true"}
    assert dead == {"e2"}


@pytest.mark.parametrize(
    ("start", "stop", "is_dead"),
    [
        ("2020-02-09T10:00:00Z", "2020-02-09T23:59:59Z", "false"),  # the day before
        ("2020-02-09T10:00:00Z", "2020-02-10T00:00:00Z", "true"),
        ("2020-02-10T23:59:59Z", "2020-02-11T10:00:00Z", "true"),
        ("2020-02-11T00:00:00Z", "2020-02-12T10:00:00Z", "false"),  # the day after
        ("2020-02-09T10:00:00Z", "", "false"),
    ],
)
def test_the_day_of_death_is_inside_or_not(
    tmp_path: Path, start: str, stop: str, is_dead: str
) -> None:
    row = f"e9,{start},{stop},p1,hosp,d1,x,inpatient,32485007,Admission\n"
    run = SourceRun("synthea", _files(tmp_path, encounters=ENCOUNTERS + row))
    assert run.row("contacts", "e9")["ended_dead"] == is_dead


def test_a_patient_who_is_there_twice_does_not_double_encounters(tmp_path: Path) -> None:
    twice = PATIENTS + "    p1,1950-03-01,2020-02-10,x,x,x,F,x\n"
    run = SourceRun("synthea", _files(tmp_path, patients=twice))
    assert len(run.rows("contacts")) == 8
    assert [refused[0] for refused in run.refused()] == ["patients"]


def test_care_plans_are_plans_without_owner_or_status(drawn: SourceRun) -> None:
    assert [
        (row["plan_id"], row["patient_id"], row["kind"], row["valid_from"], row["valid_to"])
        for row in drawn.rows("plans")
    ] == [
        ("c1", "p1", "Wound care", "2019-01-01", "2019-06-01"),
        ("c2", "p2", "Therapy, long", "2019-02-01", None),
    ]
    assert not {"plan_owners", "plan_statuses"} & set(drawn.content.tables)


def test_a_repeated_condition_is_one_diagnosis_and_is_noted(drawn: SourceRun) -> None:
    assert [
        (row["contact_id"], row["system"], row["code"], row["rank"], row["source_row"])
        for row in drawn.rows("diagnoses")
    ] == [
        ("e1", "SNOMED CT", "230690007", None, 2),
        ("e1", "SNOMED CT", "314529007", None, 4),
    ]
    assert _noted(drawn, "Conditions that repeat a code", 1)


def test_newer_exports_say_the_code_system(tmp_path: Path) -> None:
    text = """
        START,STOP,PATIENT,ENCOUNTER,SYSTEM,CODE,DESCRIPTION
        2020-02-01,,p1,e1,http://snomed.info/sct,230690007,Stroke
        2020-02-01,,p1,e1,ICD-10,I63,Stroke
    """
    run = SourceRun("synthea", _files(tmp_path, conditions=text))
    assert [row["system"] for row in run.rows("diagnoses")] == ["SNOMED CT", "ICD-10"]


def test_by_default_all_overnight_contacts_are_acute_and_it_says_so(drawn: SourceRun) -> None:
    assert drawn.content.acute.codes is None
    assert "no urgency" in drawn.content.acute.sentence


def test_acute_classes_are_an_option(tmp_path: Path) -> None:
    folder = _files(tmp_path)
    rule = SourceRun("synthea", folder, {"acute": "inpatient,emergency"}).content.acute
    assert rule.codes == ("inpatient", "emergency")
    with pytest.raises(UsageError, match="urgentcare"):
        SourceRun("synthea", folder, {"acute": "urgent"})


def test_an_unknown_class_is_kept_at_the_organisation_without_a_care_level(tmp_path: Path) -> None:
    row = "e9,2020-01-01T10:00:00Z,2020-01-01T11:00:00Z,p1,home,d1,x,spaceflight,1,New\n"
    run = SourceRun("synthea", _files(tmp_path, encounters=ENCOUNTERS + row))
    contact = run.row("contacts", "e9")
    assert (contact["unit_id"], contact["care_level"]) == ("home", None)
    assert run.refused() == []


def test_an_encounter_or_provider_at_an_unknown_organisation_is_refused(tmp_path: Path) -> None:
    encounters = ENCOUNTERS + (
        "e9,2020-01-01T10:00:00Z,2020-01-01T11:00:00Z,p1,gone,d1,x,wellness,1,New\n"
        "e10,2020-01-01T10:00:00Z,2020-01-01T11:00:00Z,p1,,d1,x,wellness,1,New\n"
    )
    providers = PROVIDERS + "    d3,gone,Dr Three,F,CARDIOLOGY\n    d4,,Dr Four,F,CARDIOLOGY\n"
    run = SourceRun("synthea", _files(tmp_path, encounters=encounters, providers=providers))
    assert run.refused() == [
        ("contacts", "unit_id", 10),
        ("contacts", "unit_id", 11),
        ("employments", "unit_id", 4),
    ]
    assert _noted(run, "Organisations without encounters", 1)


def test_what_is_no_date_of_birth_is_handed_on_and_refused(tmp_path: Path) -> None:
    run = SourceRun(
        "synthea", _files(tmp_path, patients=PATIENTS + "    p3,in spring,,x,x,x,M,x\n")
    )
    assert run.refused() == [("patients", "birth_year", 4)]
    assert [row["birth_year"] for row in run.rows("patients")][:2] == ["1950", "2001"]


def test_the_folder_above_csv_will_do(tmp_path: Path) -> None:
    _files(tmp_path / "csv")
    run = SourceRun("synthea", tmp_path)
    assert len(run.rows("contacts")) == 8
    assert {row["source_file"] for row in run.rows("contacts")} == {"csv/encounters.csv"}


def test_optional_files_may_be_absent_and_that_is_noted(tmp_path: Path) -> None:
    run = SourceRun("synthea", _files(tmp_path, providers="", careplans="", conditions=""))
    assert set(run.content.tables) == {"patients", "units", "contacts"}
    assert sum("There is no file" in note for note in run.content.notes) == 3


def test_all_missing_files_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        SourceRun("synthea", write(tmp_path, conditions=CONDITIONS))
    assert len(raised.value.problems) == 3


# --- the open data: 111 synthetic patients ---


@pytest.fixture(scope="module")
def unmc() -> SourceRun:
    return SourceRun("synthea", open_data("synthea-csv-unmc-100"))


def _file(name: str) -> list[dict[str, str]]:
    file = open_data("synthea-csv-unmc-100") / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_open_data_all_rows_arrive_and_none_is_refused(unmc: SourceRun) -> None:
    counts = {name: count.read for name, count in unmc.check().tables.items()}
    # 27 units are parts of an organisation at a level that is not its main one.
    assert counts == {
        "patients": 111,
        "units": 196 + 27,
        "contacts": 7584,
        "professionals": 215,
        "employments": 196,
        "plans": 387,
        "diagnoses": 4428,
    }
    assert unmc.refused() == []


def test_open_data_levels_and_care_levels_follow_from_the_classes(unmc: SourceRun) -> None:
    unmc.check()
    found = Counter(
        (row["level"], row["care_level"])
        for row in unmc.query(
            "SELECT level, care_level FROM accepted_contacts JOIN accepted_units USING (unit_id)"
        )
    )
    expected: Counter[tuple[str, str]] = Counter()
    for row in _file("encounters"):
        level, care_level = ENCOUNTER_CLASSES[row["ENCOUNTERCLASS"]]
        is_detoxification = row["CODE"] == "56876005" and row["ENCOUNTERCLASS"] == "inpatient"
        expected["psychiatry" if is_detoxification else level, care_level] += 1
    assert found == expected


def test_open_data_ended_dead_in_four_admissions_and_nine_hospice_stays(unmc: SourceRun) -> None:
    dead = Counter(row["kind"] for row in unmc.rows("contacts") if row["ended_dead"] == "true")
    assert dead == {"inpatient": 4, "hospice": 9}


def test_open_data_names_and_numbers_of_persons_are_nowhere(unmc: SourceRun) -> None:
    persons = _file("patients")
    secrets = {person[column] for person in persons for column in ("SSN", "FIRST", "LAST")}
    for row in unmc.query("SELECT table_name FROM duckdb_tables()"):
        table = row["table_name"]
        held = unmc.connection.execute(f'SELECT * FROM "{table}"').fetchall()
        assert not secrets & {cell for line in held for cell in line}, table
