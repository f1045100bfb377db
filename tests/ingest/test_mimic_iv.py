"""The source mimic-iv: drawn files for every rule, and the open demo for the whole."""

from __future__ import annotations

import csv
import gzip
import shutil
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pathgraph.errors import InputError, UsageError
from pathgraph.ingest.sources import find_source
from pathgraph.ingest.sources.mimic_iv import ADMISSION_TYPES, HOSPITAL_UNIT
from pathgraph.model.tables import canonical_table
from tests.ingest.source_reading import SourceRun, open_data, write

PATIENTS = """
    subject_id,gender,anchor_age,anchor_year,anchor_year_group,dod
    1,F,52,2180,2014 - 2016,2181-01-03
    2,M,91,2150,2011 - 2013,
"""
ADMISSIONS_HEAD = (
    "subject_id,hadm_id,admittime,dischtime,deathtime,admission_type,admit_provider_id,"
    "admission_location,discharge_location,insurance,language,marital_status,race,edregtime,"
    "edouttime,hospital_expire_flag\n"
)
ADMISSIONS = (
    ADMISSIONS_HEAD
    + """\
1,20,2180-05-06 22:23:00,2180-05-08 17:15:00,,EW EMER.,P1,EMERGENCY ROOM,HOME,Other,?,,WHITE,,,0
2,21,2150-01-01 08:00:00,2150-01-02 08:00:00,,ELECTIVE,P1,PHYSICIAN REFERRAL,,Other,,,WHITE,,,0
"""
)
TRANSFERS = """
    subject_id,hadm_id,transfer_id,eventtype,careunit,intime,outtime
    1,20,30,ED,Emergency Department,2180-05-06 19:17:00,2180-05-06 23:30:00
    1,20,31,admit,Medicine,2180-05-06 23:30:00,2180-05-07 12:00:00
    1,20,32,transfer,,2180-05-07 12:00:00,2180-05-08 17:21:27
    1,20,33,discharge,,2180-05-08 17:21:27,
    2,,34,ED,Emergency Department,2149-12-01 10:00:00,2149-12-01 12:00:00
    2,21,35,admit,Psychiatry,2150-01-01 08:00:00,2150-01-02 08:00:00
"""
SERVICES = """
    subject_id,hadm_id,transfertime,prev_service,curr_service
    1,20,2180-05-06 22:24:57,,MED
    1,20,2180-05-07 22:24:57,MED,OBS
    2,21,2150-01-01 08:00:00,,PSYCH
"""
DIAGNOSES = """
    subject_id,hadm_id,seq_num,icd_code,icd_version
    1,20,1,5723,9
    1,20,2,I509,10
    2,21,1,I509,10
"""


def _files(folder: Path, **other: str) -> Path:
    files = {
        "patients": PATIENTS,
        "admissions": ADMISSIONS,
        "transfers": TRANSFERS,
        "services": SERVICES,
        "diagnoses_icd": DIAGNOSES,
    }
    write(folder / "hosp", **{name: text for name, text in (files | other).items() if text})
    return folder


@pytest.fixture
def drawn(tmp_path: Path) -> SourceRun:
    return SourceRun("mimic-iv", _files(tmp_path))


def test_every_declared_column_is_there_as_text(drawn: SourceRun) -> None:
    assert set(drawn.content.tables) == {"patients", "units", "contacts", "diagnoses"}
    for table, relation in drawn.content.tables.items():
        columns = {
            row["column_name"]: row["column_type"] for row in drawn.query(f"DESCRIBE {relation}")
        }
        declared = {column.name: "VARCHAR" for column in canonical_table(table).columns}
        assert columns == declared | {"source_file": "VARCHAR", "source_row": "BIGINT"}


def test_an_admission_is_an_overnight_contact_at_the_hospital(drawn: SourceRun) -> None:
    row = drawn.row("contacts", "20")
    assert row == {
        "contact_id": "20",
        "patient_id": "1",
        "unit_id": HOSPITAL_UNIT,
        "parent_contact_id": None,
        "kind": "admission",
        "form": None,
        "service": "maternity",
        "care_level": "overnight",
        "started_at": "2180-05-06 22:23:00",
        "ended_at": "2180-05-08 17:15:00",
        "urgency": "EW EMER.",
        "is_acute": None,
        "admitted_from": "EMERGENCY ROOM",
        "discharged_to": "HOME",
        "ended_dead": "false",
        "source_file": "hosp/admissions.csv",
        "source_row": 2,
    }
    assert drawn.row("contacts", "21")["service"] == "other"


def test_transfers_are_contacts_below_their_admission(drawn: SourceRun) -> None:
    below = {
        row["contact_id"]: (row["kind"], row["unit_id"], row["care_level"])
        for row in drawn.rows("contacts")
        if row["parent_contact_id"] == "20"
    }
    assert below == {
        "30": ("emergency_visit", "Emergency Department", None),
        "31": ("ward_stay", "Medicine", None),
        "32": ("ward_stay", "Unknown", None),
    }


def test_an_emergency_visit_without_admission_is_a_contact_of_its_own(drawn: SourceRun) -> None:
    row = drawn.row("contacts", "34")
    assert row["parent_contact_id"] is None
    assert (row["kind"], row["care_level"]) == ("emergency_visit", "outpatient")
    assert (row["unit_id"], row["urgency"]) == ("Emergency Department", None)


def test_a_discharge_is_no_contact_and_is_noted(drawn: SourceRun) -> None:
    assert "33" not in {row["contact_id"] for row in drawn.rows("contacts")}
    assert any("mark a discharge" in note and ": 1." in note for note in drawn.content.notes)


def test_an_event_of_another_sort_is_kept(tmp_path: Path) -> None:
    more = TRANSFERS + "    1,20,36,leave,Medicine,2180-05-07 12:00:00,2180-05-07 13:00:00\n"
    run = SourceRun("mimic-iv", _files(tmp_path, transfers=more))
    assert run.row("contacts", "36")["kind"] == "leave"


def test_wards_are_part_of_the_hospital_each_at_its_level(drawn: SourceRun) -> None:
    units = {
        row["unit_id"]: (row["kind"], row["level"], row["parent_unit_id"])
        for row in drawn.rows("units")
    }
    assert units == {
        HOSPITAL_UNIT: ("hospital", "hospital", None),
        "Emergency Department": ("emergency_unit", "emergency", HOSPITAL_UNIT),
        "Medicine": ("ward", "hospital", HOSPITAL_UNIT),
        "Psychiatry": ("ward", "psychiatry", HOSPITAL_UNIT),
        "Unknown": ("ward", "hospital", HOSPITAL_UNIT),
    }


def test_patients_have_a_year_of_birth_and_a_sex(drawn: SourceRun) -> None:
    assert [
        (row["patient_id"], row["birth_year"], row["sex"], row["died_on"])
        for row in drawn.rows("patients")
    ] == [("1", "2128", "female", "2181-01-03"), ("2", "2059", "male", None)]


def test_diagnoses_say_their_code_system_and_rank(drawn: SourceRun) -> None:
    assert [
        (row["contact_id"], row["system"], row["code"], row["rank"])
        for row in drawn.rows("diagnoses")
    ] == [
        ("20", "ICD-9-CM", "5723", "1"),
        ("20", "ICD-10-CM", "I509", "2"),
        ("21", "ICD-10-CM", "I509", "1"),
    ]


def test_what_is_not_needed_is_not_read(drawn: SourceRun) -> None:
    held = {row["column_name"] for row in drawn.query("DESCRIBE raw_admissions")}
    assert not held & {"race", "language", "insurance", "marital_status", "admit_provider_id"}


def test_the_drawn_files_pass_the_check(drawn: SourceRun) -> None:
    assert drawn.refused() == []
    assert drawn.content.timezone == "UTC"
    assert drawn.content.pseudonymous
    (row,) = drawn.query("SELECT * FROM accepted_contacts WHERE contact_id = '20'")
    assert row["started_at"] == "2180-05-06T22:23:00"
    assert row["started_s"] == 6_637_933_380  # 2180-05-06T22:23:00Z


def _admission(values: str) -> str:
    return ADMISSIONS + values + "\n"


@pytest.mark.parametrize(
    ("death_time", "place", "flag", "ended_dead"),
    [
        ("", "HOME", "0", "false"),
        ("", "HOME", "1", "true"),
        ("2180-06-02 00:00:00", "HOME", "0", "true"),
        ("", "DIED", "0", "true"),
        ("", "", "", None),
    ],
)
def test_any_mark_of_a_death_is_a_death(
    tmp_path: Path, death_time: str, place: str, flag: str, ended_dead: str | None
) -> None:
    text = _admission(
        f"1,22,2180-06-01 08:00:00,2180-06-02 08:00:00,{death_time},URGENT,,,{place},,,,,,,{flag}"
    )
    run = SourceRun("mimic-iv", _files(tmp_path, admissions=text))
    assert run.row("contacts", "22")["ended_dead"] == ended_dead


def test_an_end_before_the_start_is_refused_and_not_repaired(tmp_path: Path) -> None:
    text = _admission("1,22,2180-06-02 08:00:00,2180-06-01 08:00:00,,URGENT,,,HOME,,,,,,,0")
    run = SourceRun("mimic-iv", _files(tmp_path, admissions=text))
    row = run.row("contacts", "22")
    assert (row["started_at"], row["ended_at"]) == ("2180-06-02 08:00:00", "2180-06-01 08:00:00")
    assert [(table, row_number) for table, _, row_number in run.refused()] == [("contacts", 4)]


def test_a_discharge_that_is_earlier_than_the_death_stays_as_registered(tmp_path: Path) -> None:
    text = _admission(
        "1,22,2180-06-01 08:00:00,2180-06-02 00:00:00,2180-06-02 22:50:00,URGENT,,,DIED,,,,,,,1"
    )
    run = SourceRun("mimic-iv", _files(tmp_path, admissions=text))
    assert run.row("contacts", "22")["ended_at"] == "2180-06-02 00:00:00"
    assert run.refused() == []


def test_what_is_no_number_or_flag_is_handed_on_and_refused(tmp_path: Path) -> None:
    run = SourceRun(
        "mimic-iv",
        _files(
            tmp_path,
            patients=PATIENTS + "    3,F,fifty,2150,,\n    4,F,,2150,,\n",
            admissions=_admission("2,22,2150-06-01 08:00:00,,,URGENT,,,HOME,,,,,,,perhaps"),
        ),
    )
    assert run.refused() == [("contacts", "ended_dead", 4), ("patients", "birth_year", 4)]
    assert run.row("patients", "4")["birth_year"] is None


def test_a_ward_stay_of_an_admission_that_is_not_there_is_refused(tmp_path: Path) -> None:
    more = TRANSFERS + "    1,29,36,admit,Medicine,2180-05-07 12:00:00,2180-05-07 13:00:00\n"
    run = SourceRun("mimic-iv", _files(tmp_path, transfers=more))
    assert run.refused() == [("contacts", "parent_contact_id", 8)]


def test_services_and_diagnoses_may_be_absent(tmp_path: Path) -> None:
    run = SourceRun("mimic-iv", _files(tmp_path, services="", diagnoses_icd=""))
    assert "diagnoses" not in run.content.tables
    assert run.row("contacts", "20")["service"] is None
    assert sum("There is no file" in note for note in run.content.notes) == 2
    assert run.refused() == []


def test_all_files_that_are_missing_are_named_at_once(tmp_path: Path) -> None:
    write(tmp_path / "hosp", services=SERVICES)
    with pytest.raises(InputError) as raised:
        SourceRun("mimic-iv", tmp_path)
    problems = "\n".join(raised.value.problems)
    assert len(raised.value.problems) == 3
    for name in ("patients", "admissions", "transfers"):
        assert f"{name}.csv" in problems


def test_a_missing_column_is_named_with_its_file(tmp_path: Path) -> None:
    text = PATIENTS.replace("anchor_age", "age")
    with pytest.raises(InputError, match=r"patients\.csv.*anchor_age"):
        SourceRun("mimic-iv", _files(tmp_path, patients=text))


def test_compressed_files_and_the_inner_folder_are_the_same(
    tmp_path: Path, drawn: SourceRun
) -> None:
    packed = tmp_path / "packed"
    packed.mkdir()
    for file in (tmp_path / "hosp").glob("*.csv"):
        with file.open("rb") as plain, gzip.open(packed / f"{file.name}.gz", "wb") as target:
            shutil.copyfileobj(plain, target)
    run = SourceRun("mimic-iv", packed)
    for table in drawn.content.tables:
        without_file = [
            [{**row, "source_file": None} for row in source.rows(table)] for source in (run, drawn)
        ]
        assert without_file[0] == without_file[1]
    assert {row["source_file"] for row in run.rows("patients")} == {"patients.csv.gz"}


def test_acute_admission_types_are_an_option(tmp_path: Path) -> None:
    folder = _files(tmp_path)
    assert SourceRun("mimic-iv", folder).content.acute.codes == (
        "EW EMER.",
        "DIRECT EMER.",
        "URGENT",
    )
    own = SourceRun("mimic-iv", folder, {"acute": " EW EMER. , EU OBSERVATION,"}).content.acute
    assert own.codes == ("EW EMER.", "EU OBSERVATION")
    assert "EW EMER., EU OBSERVATION" in own.sentence
    assert SourceRun("mimic-iv", folder, {"acute": "all"}).content.acute.codes is None


def test_an_admission_type_that_only_the_data_know_may_be_acute(tmp_path: Path) -> None:
    text = _admission("1,22,2180-06-01 08:00:00,2180-06-02 08:00:00,,NEW TYPE,,,HOME,,,,,,,0")
    folder = _files(tmp_path, admissions=text)
    assert SourceRun("mimic-iv", folder, {"acute": "NEW TYPE"}).content.acute.codes == ("NEW TYPE",)


@pytest.mark.parametrize("acute", ["EW EMER", "ew emer.", "URGENT,EMERGENCY", "", " , "])
def test_a_misspelt_or_empty_acute_option_is_refused(tmp_path: Path, acute: str) -> None:
    with pytest.raises(UsageError, match=r"DIRECT EMER\."):
        SourceRun("mimic-iv", _files(tmp_path), {"acute": acute})


def test_the_default_of_the_option_is_what_the_source_does() -> None:
    (option,) = find_source("mimic-iv").options
    assert option.name == "acute"
    assert option.default is not None
    assert set(option.default.split(",")) <= set(ADMISSION_TYPES)


# --- the open demo: 100 real patients ---


@pytest.fixture(scope="module")
def demo() -> SourceRun:
    return SourceRun("mimic-iv", open_data("mimic-iv-demo-2.2"))


def _demo_file(name: str) -> list[dict[str, str]]:
    file = open_data("mimic-iv-demo-2.2") / "hosp" / f"{name}.csv"
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_demo_all_rows_arrive_and_none_is_refused(demo: SourceRun) -> None:
    report = demo.check()
    assert {name: count.read for name, count in report.tables.items()} == {
        "patients": 100,
        "units": 32,
        "contacts": 275 + 1190 - 275,
        "diagnoses": 4506,
    }
    assert demo.refused() == []


def test_demo_contacts_are_of_the_right_sorts(demo: SourceRun) -> None:
    sorts = Counter(
        (row["kind"], row["care_level"], row["parent_contact_id"] is not None)
        for row in demo.rows("contacts")
    )
    assert sorts == {
        ("admission", "overnight", False): 275,
        ("emergency_visit", "outpatient", False): 54,
        ("emergency_visit", None, True): 182,
        ("ward_stay", None, True): 679,
    }


def test_demo_ids_and_times_come_through_unchanged(demo: SourceRun) -> None:
    demo.check()
    accepted = {
        row["contact_id"]: (row["patient_id"], row["started_s"], row["ended_s"])
        for row in demo.query("SELECT * FROM accepted_contacts")
    }
    admissions = {
        row["hadm_id"]: (row["subject_id"], _second(row["admittime"]), _second(row["dischtime"]))
        for row in _demo_file("admissions")
    }
    transfers = {
        row["transfer_id"]: (row["subject_id"], _second(row["intime"]), _second(row["outtime"]))
        for row in _demo_file("transfers")
        if row["eventtype"] != "discharge"
    }
    assert accepted == admissions | transfers


def _second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_demo_deaths_are_those_of_the_flag(demo: SourceRun) -> None:
    dead = {row["contact_id"] for row in demo.rows("contacts") if row["ended_dead"] == "true"}
    assert len(dead) == 15
    assert dead == {
        row["hadm_id"] for row in _demo_file("admissions") if row["hospital_expire_flag"] == "1"
    }
