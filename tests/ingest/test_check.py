"""Which rows are refused, for which reason, and that nothing is lost on the way."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pathgraph.errors import DataError, InputError, StorageError, ThresholdError
from pathgraph.ingest.check import (
    CheckReport,
    TableCount,
    check_tables,
    enforce_threshold,
    write_quarantine,
)
from pathgraph.ingest.sources import AcuteRule, SourceContent
from pathgraph.model.check import REASONS, typed_names
from pathgraph.model.tables import CANONICAL_TABLES
from tests.ingest.tables_folder import (
    PATIENTS,
    Checked,
    check_folder,
    contacts,
    totals,
    write_folder,
)


def _check(tmp_path: Path, **files: str) -> Checked:
    checked = check_folder(write_folder(tmp_path / "d", **files))
    for name, (read, accepted, refused) in totals(checked.report).items():
        assert read == accepted + refused, name
        assert len(checked.refused(name)) == refused, name
    return checked


def _reasons(checked: Checked, table: str) -> list[tuple[object, object, object]]:
    """Return reason, column and row."""
    return [(reason, column, row) for reason, column, _, row in checked.refused(table)]


def test_sound_rows_pass_with_all_columns_of_every_table(tmp_path: Path) -> None:
    checked = _check(tmp_path)
    assert totals(checked.report) == {
        "patients": (2, 2, 0),
        "units": (2, 2, 0),
        "contacts": (1, 1, 0),
    }
    for table in CANONICAL_TABLES:
        described = checked.connection.execute(f"DESCRIBE accepted_{table.name}").fetchall()
        assert [(row[0], row[1]) for row in described] == list(typed_names(table)), table.name


def test_types(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        patients="patient_id,birth_year,died_on\np1,1940.0,2180-02-29\nNA,,\nnull,+1950,\n",
        municipalities="code,name,latitude,population\n0301,NA,69.5,10\n5501,, -1e1 ,\n",
    )
    assert checked.accepted("patients", "patient_id", "birth_year", "died_on", "died_day") == [
        ("p1", 1940, "2180-02-29", 76760),
        ("NA", None, None, None),
        ("null", 1950, None, None),
    ]
    assert checked.accepted("municipalities", "municipality_code", "name", "latitude") == [
        ("0301", "NA", 69.5),
        ("5501", None, -10.0),
    ]


def test_ids_keep_their_blanks_zeros_signs_and_letters(tmp_path: Path) -> None:
    ids = ["-9223372036854775808", "007", " 7", "7 ", "Guovdageaidnu ŧ", "urn:uuid:a|b"]
    checked = _check(tmp_path, patients="patient_id\np1\n" + "".join(f"{i}\n" for i in ids))
    assert [row[0] for row in checked.accepted("patients", "patient_id")] == ["p1", *ids]


@pytest.mark.parametrize("word", ["true", "T", "1", "yes", "Ja", "j", "Y"])
def test_true(tmp_path: Path, word: str) -> None:
    header = "contact_id,patient_id,unit_id,started_at,is_acute\n"
    checked = _check(tmp_path, contacts=f"{header}c1,p1,ward,2025-01-01,{word}\n")
    assert checked.accepted("contacts", "is_acute") == [(True,)]


@pytest.mark.parametrize(
    ("table", "rows", "expected"),
    [
        ("patients", "patient_id,sex\n,male\n", ("required_missing", "patient_id")),
        ("patients", "patient_id,birth_year\nx,1950.5\n", ("not_an_integer", "birth_year")),
        ("patients", "patient_id,birth_year\nx,MCML\n", ("not_an_integer", "birth_year")),
        ("patients", "patient_id,birth_year\nx,1799\n", ("out_of_bounds", "birth_year")),
        ("patients", "patient_id,birth_year\nx,2301\n", ("out_of_bounds", "birth_year")),
        (
            "patients",
            "patient_id,birth_year\nx,99999999999999999999\n",
            ("not_an_integer", "birth_year"),
        ),
        ("patients", "patient_id,died_on\nx,2025-02-29\n", ("not_a_date", "died_on")),
        ("patients", "patient_id,died_on\nx,01.02.2025\n", ("not_a_date", "died_on")),
        ("patients", "patient_id,died_on\nx,2025-1-2\n", ("not_a_date", "died_on")),
        ("patients", "patient_id,died_on\nx,infinity\n", ("not_a_date", "died_on")),
        ("municipalities", 'code,latitude\n1,"69,5"\n', ("decimal_comma", "latitude")),
        ("municipalities", "code,latitude\n1,north\n", ("not_a_number", "latitude")),
        ("municipalities", "code,latitude\n1,nan\n", ("not_a_number", "latitude")),
        ("municipalities", "code,latitude\n1,90.001\n", ("out_of_bounds", "latitude")),
        ("municipalities", "code,population\n1,-1\n", ("out_of_bounds", "population")),
        (
            "municipalities",
            "code,valid_from,valid_to\n1,2025-01-02,2025-01-01\n",
            ("end_before_start", "valid_to"),
        ),
        (
            "contacts",
            "contact_id,patient_id,unit_id,started_at,is_acute\nc,p1,ward,2025-01-01,kanskje\n",
            ("not_a_boolean", "is_acute"),
        ),
        ("contacts", contacts("c,p1,ward,,,,,"), ("required_missing", "started_at")),
        ("contacts", contacts("c,p1,ward,,,yesterday,,"), ("not_a_time", "started_at")),
        (
            "contacts",
            contacts("c,p1,ward,,,2025-01-01T10:00,2025-01-01T09:59:59,"),
            ("end_before_start", "ended_at"),
        ),
        (
            "contacts",
            contacts("c,nobody,ward,,,2025-01-01,2025-01-01,"),
            ("dangling_reference", "patient_id"),
        ),
        (
            "contacts",
            contacts("c,p1,nowhere,,,2025-01-01,2025-01-01,"),
            ("dangling_reference", "unit_id"),
        ),
        (
            "contacts",
            contacts("c,p1,ward,absent,,2025-01-01,2025-01-01,"),
            ("dangling_reference", "parent_contact_id"),
        ),
        (
            "contacts",
            contacts("c,p1,ward,c,,2025-01-01,2025-01-01,"),
            ("parent_cycle", "parent_contact_id"),
        ),
        (
            "roles",
            "patient_id,professional_id,unit_id,role\np1,d1,ward,gp\n",
            ("not_exactly_one", "professional_id, unit_id"),
        ),
        (
            "roles",
            "patient_id,professional_id,unit_id,role\np1,,,gp\n",
            ("not_exactly_one", "professional_id, unit_id"),
        ),
        (
            "roles",
            "patient_id,unit_id,role\np1,nowhere,gp\n",
            ("dangling_reference", "unit_id"),
        ),
    ],
)
def test_each_reason(tmp_path: Path, table: str, rows: str, expected: tuple[str, str]) -> None:
    files = {table: rows}
    if table == "patients":
        # The contact of the default folder needs its patient.
        files["contacts"] = contacts()
    checked = _check(tmp_path, **files)
    assert _reasons(checked, table) == [(*expected, 2)]
    assert checked.accepted(table, "1") == []


@pytest.mark.parametrize(
    ("started", "ended"),
    [
        ("2025-01-01T10:00", "2025-01-01T10:00"),
        # A bare date says nothing about the hour.
        ("2025-01-01T10:00", "2025-01-01"),
        ("2025-01-01", "2025-01-01"),
        ("2025-01-01T10:00+02:00", "2025-01-01T09:00+00:00"),
    ],
)
def test_ends_that_are_not_before_the_start(tmp_path: Path, started: str, ended: str) -> None:
    _check(tmp_path, contacts=contacts(f"c,p1,ward,,,{started},{ended},"))


def test_the_first_reason_counts_and_a_row_is_refused_once(tmp_path: Path) -> None:
    checked = _check(
        tmp_path, contacts=contacts("c,nobody,nowhere,c,,tomorrow,yesterday,", ",,,,,,,")
    )
    assert _reasons(checked, "contacts") == [
        ("not_a_time", "started_at", 2),
        ("required_missing", "contact_id", 3),
    ]


def test_duplicates_keep_the_first_row_of_the_file(tmp_path: Path) -> None:
    first = "c1,p1,ward,,,2025-01-01,2025-01-02,1"
    checked = _check(
        tmp_path,
        contacts=contacts(
            "c0,p1,ward,,,2025-01-01,2025-01-02,1",
            first,
            first,
            first.replace("p1", "p2"),
            first.replace("c1", "c2"),
            first,
        ),
    )
    assert _reasons(checked, "contacts") == [
        ("exact_duplicate", "contact_id", 4),
        ("duplicate_key", "contact_id", 5),
        ("exact_duplicate", "contact_id", 7),
    ]
    assert checked.accepted("contacts", "contact_id", "patient_id", "source_row") == [
        ("c0", "p1", 2),
        ("c1", "p1", 3),
        ("c2", "p1", 6),
    ]


def test_keys_of_several_columns_with_empty_ones(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        residences="patient_id,municipality_code,valid_from,valid_to\n"
        "p1,5501,,\np1,5501,,2025-01-01\np1,5501,2025-01-01,\np1,5501,2025-01-01,\np2,5501,,\n",
    )
    assert _reasons(checked, "residences") == [
        ("duplicate_key", "patient_id, municipality_code, valid_from", 3),
        ("exact_duplicate", "patient_id, municipality_code, valid_from", 5),
    ]


def test_a_refused_row_takes_all_with_it_that_rest_on_it(tmp_path: Path) -> None:
    # Patient refused -> admission -> its ward stay -> the ward stay's part -> diagnosis, notice.
    checked = _check(
        tmp_path,
        patients="patient_id,birth_year\np1,1700\np2,1950\n",
        contacts=contacts(
            "part,p2,ward,stay,,2025-01-01,2025-01-01,",
            "stay,p2,ward,admission,,2025-01-01,2025-01-01,",
            "admission,p1,ward,,,2025-01-01,2025-01-01,",
            "other,p2,ward,,,2025-01-01,2025-01-01,",
        ),
        diagnoses="contact_id,code,system,rank\npart,J18,ICD-10,1\nother,J18,ICD-10,1\n",
        notices="contact_id,kind,sent_at\nstay,admitted,2025-01-01T10:00\n",
    )
    assert _reasons(checked, "contacts") == [
        ("dangling_reference", "parent_contact_id", 2),
        ("dangling_reference", "parent_contact_id", 3),
        ("dangling_reference", "patient_id", 4),
    ]
    assert _reasons(checked, "diagnoses") == [("dangling_reference", "contact_id", 2)]
    assert _reasons(checked, "notices") == [("dangling_reference", "contact_id", 2)]
    assert checked.accepted("contacts", "contact_id") == [("other",)]


def test_circles_of_parents_and_what_hangs_on_them(tmp_path: Path) -> None:
    day = ",,2025-01-01,2025-01-01,"
    checked = _check(
        tmp_path,
        units="unit_id,level,parent_unit_id\nward,hospital,clinic\nclinic,hospital,trust\n"
        "trust,hospital,\na,hospital,b\nb,hospital,c\nc,hospital,a\nd,hospital,c\ne,hospital,d\n",
        contacts=contacts(
            f"x,p1,ward,y{day}", f"y,p1,ward,x{day}", f"z,p1,ward,x{day}", f"in_a,p1,a,{day}"
        ),
    )
    assert _reasons(checked, "units") == [
        ("parent_cycle", "parent_unit_id", 5),
        ("parent_cycle", "parent_unit_id", 6),
        ("parent_cycle", "parent_unit_id", 7),
        ("dangling_reference", "parent_unit_id", 8),
        ("dangling_reference", "parent_unit_id", 9),
    ]
    assert _reasons(checked, "contacts") == [
        ("parent_cycle", "parent_contact_id", 2),
        ("parent_cycle", "parent_contact_id", 3),
        ("dangling_reference", "parent_contact_id", 4),
        ("dangling_reference", "unit_id", 5),
    ]


def test_a_long_chain_of_parents_is_no_circle(tmp_path: Path) -> None:
    rows = [f"u{i},hospital,u{i - 1}" for i in range(1, 1000)]
    checked = _check(
        tmp_path,
        units="unit_id,level,parent_unit_id\nward,hospital,\nu0,hospital,\n"
        + "\n".join(rows)
        + "\n",
    )
    assert checked.report.tables["units"].accepted == 1001


def test_open_inpatient_contacts(tmp_path: Path) -> None:
    units = "unit_id,level\nward,hospital\npsych,psychiatry\nhome,municipal\ngp,gp\n"

    def night(contact: str, patient: str, unit: str, started: str, ended: str, parent: str = ""):
        return f"{contact},{patient},{unit},{parent},overnight,{started},{ended},1"

    checked = _check(
        tmp_path,
        units=units,
        contacts=contacts(
            night("lost", "p1", "ward", "2025-01-01", ""),
            night("closed", "p1", "psych", "2025-01-05", "2025-01-06"),
            night("current", "p1", "ward", "2025-01-05T10:00", ""),
            # Living in an institution goes on while the resident is in hospital.
            night("lives", "p1", "home", "2020-01-01", ""),
            # Other sorts of contact after it do not matter.
            "visit,p1,gp,,outpatient,2025-02-01,,",
            # Parts of an admission are compared among themselves.
            night("a", "p2", "ward", "2025-01-01", ""),
            night("a1", "p2", "ward", "2025-01-01T01:00", "", "a"),
            night("a2", "p2", "ward", "2025-01-01T02:00", "", "a"),
        ),
        diagnoses="contact_id,code,system,rank\nlost,J18,ICD-10,1\n",
    )
    assert _reasons(checked, "contacts") == [
        ("open_not_last", "ended_at", 2),
        ("open_not_last", "ended_at", 8),
    ]
    assert _reasons(checked, "diagnoses") == [("dangling_reference", "contact_id", 2)]


def test_of_two_open_contacts_with_one_start_the_later_id_is_the_last(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        contacts=contacts(
            "b,p1,ward,,overnight,2025-01-01,,1", "a,p1,ward,,overnight,2025-01-01,,1"
        ),
    )
    assert _reasons(checked, "contacts") == [("open_not_last", "ended_at", 3)]


def test_references_to_tables_that_were_not_given_are_not_checked(tmp_path: Path) -> None:
    residences = "patient_id,municipality_code\np1,5501\np2,9999\n"
    assert totals(_check(tmp_path / "1", residences=residences).report)["residences"] == (2, 2, 0)
    checked = _check(tmp_path / "2", residences=residences, municipalities="code\n5501\n")
    assert _reasons(checked, "residences") == [("dangling_reference", "municipality_code", 3)]


def test_a_dangling_reference_that_a_row_can_do_without_is_kept(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        units="unit_id,level,municipality_code\nward,hospital,9999\n",
        municipalities="code\n5501\n",
        referrals="referral_id,patient_id,from_unit_id,to_unit_id,sent_at\n"
        "r1,p1,gone,ward,2025-01-01\n",
    )
    assert checked.accepted("referrals", "from_unit_id") == [("gone",)]
    assert checked.accepted("units", "municipality_code") == [("9999",)]


def test_professionals_are_those_named_elsewhere_when_no_table_was_given(tmp_path: Path) -> None:
    roles = (
        "patient_id,professional_id,unit_id,role\np1,d1,,gp\np2,d1,,gp\np2,,ward,coordinator\n"
        "nobody,d3,,gp\n"
    )
    employments = "professional_id,unit_id\nd2,ward\n"
    checked = _check(tmp_path / "1", roles=roles, employments=employments)
    named = sorted(checked.accepted("professionals", "professional_id"))
    assert named == [("d1",), ("d2",)]
    assert "professionals" not in checked.report.tables
    assert "2 are known" in checked.report.notes[0]
    checked = _check(
        tmp_path / "2", roles=roles, employments=employments, professionals="professional_id\nd1\n"
    )
    assert _reasons(checked, "employments") == [("dangling_reference", "professional_id", 2)]
    assert checked.report.notes == ()


def test_malformed_rows_count_as_read(tmp_path: Path) -> None:
    checked = _check(tmp_path, patients=PATIENTS + "p3,1950\n")
    assert totals(checked.report)["patients"] == (3, 2, 1)
    assert _reasons(checked, "patients") == [("malformed_row", None, 4)]


def test_unknown_codes_and_overlaps_are_accepted(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        patients="patient_id,sex\np1,9\n",
        contacts=contacts(
            "a,p1,ward,,overnight,2025-01-01,2025-01-10,7", "b,p1,ward,,overnight,2025-01-02,,8"
        ),
    )
    assert checked.accepted("contacts", "urgency") == [("7",), ("8",)]


def test_required_tables_and_time_zone() -> None:
    content = SourceContent({"patients": "p"}, "Europe/Oslo", True, AcuteRule(None, ""))
    with pytest.raises(InputError) as error:
        check_tables(duckdb.connect(), content, timezone="Norge")
    assert len(error.value.problems) == 3
    assert "Europe/Oslo" in error.value.problems[2]


def _report(**refused: int) -> CheckReport:
    counts = {
        name: TableCount(1000, 1000 - refused.get(name, 0), {"duplicate_key": refused.get(name, 0)})
        for name in ("patients", "units", "contacts")
    }
    return CheckReport(counts)


def test_threshold(tmp_path: Path) -> None:
    enforce_threshold(_report(contacts=10))
    with pytest.raises(ThresholdError) as error:
        enforce_threshold(_report(contacts=11, units=500), quarantine=tmp_path / "refused_1.csv")
    message = str(error.value)
    assert "contacts: 11 of 1,000 rows were refused (1.1 %, allowed are 1 %)" in message
    assert "units: 500 of 1,000" in message
    assert "patients" not in message
    assert REASONS["duplicate_key"] in message
    assert "refused_1.csv" in message
    assert error.value.exit_code == 4
    enforce_threshold(_report(contacts=11, units=500), max_refused_share=0.5)


def test_no_required_table_may_end_empty() -> None:
    with pytest.raises(DataError, match="contacts: has no rows"):
        enforce_threshold(_report(contacts=1000), max_refused_share=1.0)
    counts = dict(_report().tables) | {"units": TableCount(0, 0)}
    with pytest.raises(DataError, match="units: has no rows"):
        enforce_threshold(CheckReport(counts))


def test_quarantine_file_says_where_and_why_and_no_value(tmp_path: Path) -> None:
    checked = _check(
        tmp_path,
        patients=PATIENTS + "secret-id,secret-year,,\nmalformed\n",
        contacts=contacts("c1,secret-nobody,ward,,,2025-01-01,2025-01-02,1"),
    )
    path = write_quarantine(checked.connection, tmp_path / "new" / "quarantine", "load7")
    assert path is not None
    assert path.name == "refused_load7.csv"
    assert path.read_text() == (
        "table,reason,column,file,row\n"
        "contacts,dangling_reference,patient_id,contacts.csv,2\n"
        "patients,not_an_integer,birth_year,patients.csv,4\n"
        "patients,malformed_row,,patients.csv,5\n"
    )


def test_no_quarantine_file_without_refused_rows(tmp_path: Path) -> None:
    checked = _check(tmp_path)
    assert write_quarantine(checked.connection, tmp_path / "q", "load7") is None
    assert not (tmp_path / "q").exists()


def test_quarantine_folder_that_cannot_be_made(tmp_path: Path) -> None:
    checked = _check(tmp_path, patients=PATIENTS + "p3,1700,,\n")
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        write_quarantine(checked.connection, tmp_path / "file", "load7")
