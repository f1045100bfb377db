"""The source ``tables``: files found, mapped and recoded; settings checked in words."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pathgraph.errors import InputError, UsageError
from pathgraph.ingest.sources import find_source, source_names
from tests.ingest.tables_folder import (
    CONTACTS,
    PATIENTS,
    UNITS,
    check_folder,
    contacts,
    read_folder,
    totals,
    write_folder,
)


def _problems(folder: Path, **options: str) -> list[str]:
    with pytest.raises(InputError) as error:
        read_folder(folder, **options)
    return list(error.value.problems)


def _map(tmp_path: Path, text: str) -> str:
    path = tmp_path / "map.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_found_by_name() -> None:
    assert find_source("tables").name == "tables"
    assert "tables" in source_names()
    assert not any(name.startswith("_") for name in source_names())
    with pytest.raises(UsageError, match=r"There is no source called 'tabels'.*tables"):
        find_source("tabels")


def test_defaults(tmp_path: Path) -> None:
    _, reader, content = read_folder(write_folder(tmp_path / "d"))
    assert content.timezone == "Europe/Oslo"
    assert content.pseudonymous
    assert content.acute.codes == ("1", "2", "3")
    assert set(content.tables) == {"patients", "units", "contacts"}
    assert reader.notes == []


def test_each_format_gives_the_same_rows(tmp_path: Path) -> None:
    text = write_folder(tmp_path / "csv")
    header, first = (line.split(",") for line in CONTACTS.strip().split("\n"))
    (tmp_path / "parquet").mkdir()
    (tmp_path / "xlsx").mkdir()
    for folder in ("parquet", "xlsx"):
        write_folder(tmp_path / folder)
        (tmp_path / folder / "contacts.csv").unlink()
    (tmp_path / "parquet" / "contacts").mkdir()
    pq.write_table(
        pa.table({name: [value] for name, value in zip(header, first, strict=True)}),
        tmp_path / "parquet" / "contacts" / "part-0.parquet",
    )
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(header)
    book.active.append(first)
    book.save(tmp_path / "xlsx" / "contacts.xlsx")
    columns = ("contact_id", "patient_id", "started_at", "started_s", "ended_at", "urgency")
    expected = check_folder(text).accepted("contacts", *columns)
    for folder in ("parquet", "xlsx"):
        assert check_folder(tmp_path / folder).accepted("contacts", *columns) == expected


def test_headers_in_capitals_with_blanks_and_in_any_order(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d", patients="SEX, Patient_ID ,extra\nmale,p1,x\n")
    checked = check_folder(folder)
    assert checked.accepted("patients", "patient_id", "sex", "birth_year") == [("p1", "male", None)]
    assert checked.content.notes == ("patients.csv: has columns that are not read: 'extra'.",)


def test_what_lies_beside_the_tables(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d", contact="x\n", letters="x\n")
    (folder / "answer_key").mkdir()
    (folder / "answer_key" / "roles.csv").write_text("x\n")
    (folder / ".hidden.csv").write_text("x\n")
    (folder / "readme.md").write_text("x\n")
    _, _, content = read_folder(folder)
    assert set(content.tables) == {"patients", "units", "contacts"}
    assert content.notes == (
        "contact.csv: is left out, since no table is called 'contact'. Did you mean 'contacts'?",
        "letters.csv: is left out, since no table is called 'letters'.",
    )


def test_missing_and_doubled_files_and_missing_columns_at_once(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d", patients="id,sex\np1,male\n", roles="patient_id\np1\n")
    (folder / "contacts.csv").unlink()
    (folder / "units.csv.gz").write_bytes(b"")
    problems = "\n".join(_problems(folder))
    assert "contacts: there is no file for it" in problems
    assert "units: there is more than one file for it (units.csv, units.csv.gz)" in problems
    assert "patients.csv: lacks the column 'patient_id'" in problems
    assert "roles.csv: lacks the column 'role'" in problems
    assert "mapping file" in problems


def test_a_file_instead_of_a_folder(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d")
    with pytest.raises(InputError, match=r"contacts\.csv is no folder"):
        read_folder(folder / "contacts.csv")


def test_empty_tables_are_noted(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d", roles="patient_id,unit_id,role\n")
    checked = check_folder(folder)
    assert totals(checked.report)["roles"] == (0, 0, 0)
    assert checked.content.notes == ("roles.csv: has a header and no rows.",)


MAP = """
tables:
  patients:
    file: person.txt
    delimiter: ";"
    encoding: latin-1
    date_format: "%d.%m.%Y"
    columns:
      patient_id: lopenr
      birth_year: fodselsar
      sex: kjonn
      died_on: doddato
    codes:
      sex: {1: male, 2: female, 0: unknown, "(NULL)": }
  municipalities:
    file: kommuner.csv
    delimiter: ";"
    decimal: ","
    columns: {municipality_code: komnr, latitude: bredde, name: navn}
  contacts:
    file: episode.csv
    columns:
      contact_id: episode_lnr
      patient_id: lopenr
      unit_id: avdeling
      care_level: omsorgsniva
      started_at: [inndato, inntid]
      ended_at: [utdato, uttid]
      urgency: innmateHast
    date_format: {started_at: "%d.%m.%Y %H:%M", ended_at: "%d.%m.%Y %H:%M"}
    codes:
      care_level: {1: overnight, 2: day, 3: outpatient, 8: outpatient}
    constants:
      kind: somatic
"""


def test_own_extracts_through_a_mapping_file(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d", units=UNITS)
    (folder / "patients.csv").unlink()
    (folder / "contacts.csv").unlink()
    (folder / "person.txt").write_bytes(
        "lopenr;fodselsar;kjonn;doddato;navn\n007;1940;1;03.02.2025;Åse\nNA;1950;(NULL);;Bø\n".encode(
            "latin-1"
        )
    )
    (folder / "kommuner.csv").write_text("komnr;navn;bredde\n0301;Áltá;59,91\n")
    (folder / "episode.csv").write_text(
        "episode_lnr,lopenr,avdeling,omsorgsniva,inndato,inntid,utdato,uttid,innmatehast\n"
        "1,007,ward,1,02.01.2025,08:15,03.01.2025,,1\n"
        "2,NA,ward,3,02.01.2025,08:15,,12:00,4\n"
        "3,NA,ward,9,2025-01-04,,,,4\n"
        "4,NA,ward,3,4/1/2025,,,,4\n"
    )
    checked = check_folder(folder, map=_map(tmp_path, MAP))
    assert checked.accepted("patients", "patient_id", "birth_year", "sex", "died_on") == [
        ("007", 1940, "male", "2025-02-03"),
        ("NA", 1950, None, None),
    ]
    assert checked.accepted("municipalities", "municipality_code", "name", "latitude") == [
        ("0301", "Áltá", 59.91)
    ]
    assert checked.accepted(
        "contacts", "contact_id", "care_level", "kind", "started_at", "ended_at", "ended_has_time"
    ) == [
        ("1", "overnight", "somatic", "2025-01-02T08:15:00", "2025-01-03T00:00:00", False),
        ("2", "outpatient", "somatic", "2025-01-02T08:15:00", None, None),
        ("3", "9", "somatic", "2025-01-04T00:00:00", None, None),
    ]
    assert checked.refused("contacts") == [("not_a_time", "started_at", "episode.csv", 5)]


def test_codes_that_yaml_would_take_for_something_else(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "d",
        contacts=contacts("c,p1,ward,,no,2025-01-01,,01", "d,p1,ward,,1,2025-01-02,,1"),
    )
    mapping = (
        "tables:\n  contacts:\n    codes:\n      care_level: {no: day}\n      urgency: {01: x}\n"
    )
    checked = check_folder(folder, map=_map(tmp_path, mapping))
    assert checked.accepted("contacts", "care_level", "urgency") == [("day", "x"), ("1", "1")]


def test_all_faults_of_a_mapping_file_at_once(tmp_path: Path) -> None:
    mapping = """
tabels: {}
tables:
  contact: {}
  units: 7
  patients:
    colums: {}
    columns: {patient_id: nr, sexx: kjonn, birth_year: }
    codes: {sex: male}
    constants: {sex: [a]}
    delimiter: ";;"
    decimal: "'"
    date_format: {birth_year: "%Y"}
  contacts:
    columns: {urgency: hast, kind: missing_one}
    constants: {urgency: 1}
    date_format: dd.mm.yyyy
"""
    folder = write_folder(tmp_path / "d")
    problems = _problems(folder, map=_map(tmp_path, mapping))
    joined = "\n".join(problems)
    for words in (
        "there is no key 'tabels'. Did you mean 'tables'?",
        "there is no table 'contact'. Did you mean 'contacts'?",
        "tables.units: write its file and columns",
        "there is no key 'colums'. Did you mean 'columns'?",
        "there is no column 'sexx'. Did you mean 'sex'?",
        "columns.birth_year: write the name",
        "codes.sex: write one entry",
        "constants.sex: write one text",
        "delimiter: write one character",
        "decimal: write '.' or ','",
        "there is no date or time column 'birth_year'",
        "'urgency' is both a column and a constant",
        "date_format: write it with the letters of strptime",
        "patients.csv: lacks the column 'nr', which the mapping file names for 'patient_id'",
        "contacts.csv: lacks the column 'missing_one'",
    ):
        assert words in joined, words
    assert all(p.startswith("map.yaml: ") or ".csv: " in p for p in problems)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tables: [", "is no valid YAML (line"),
        ("just words", "write keys with a colon"),
        ("", "says nothing"),
        ("tables: 7", "write one entry a table"),
        ("!!python/object/apply:os.system [ls]", "write keys"),
    ],
)
def test_unreadable_mapping_files(tmp_path: Path, text: str, words: str) -> None:
    problems = _problems(write_folder(tmp_path / "d"), map=_map(tmp_path, text))
    assert len(problems) == 1
    assert words in problems[0]


def test_absent_mapping_file(tmp_path: Path) -> None:
    problems = _problems(write_folder(tmp_path / "d"), map=str(tmp_path / "absent.yaml"))
    assert "absent.yaml: cannot be read" in problems[0]


def test_dataset_file(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d")
    (folder / "dataset.yaml").write_text(
        "timezone: Europe/Helsinki\npseudonymous: true\nacute: [1, 2]\n"
        "meanings:\n  urgency: {1: at once, 2: within 6 hours}\n"
    )
    _, _, content = read_folder(folder)
    assert content.timezone == "Europe/Helsinki"
    assert content.acute.codes == ("1", "2")
    assert "1 (at once), 2 (within 6 hours)" in content.acute.sentence
    _, _, content = read_folder(folder, timezone="UTC", acute="3")
    assert (content.timezone, content.acute.codes) == ("UTC", ("3",))
    _, _, content = read_folder(folder, acute="all")
    assert content.acute.codes is None


def test_faults_of_the_dataset_file(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d")
    (folder / "dataset.yaml").write_text(
        "timezone: Norge\npseudonymous: perhaps\nacute: {1: x}\npseudonymos: true\nmeanings: [x]\n"
    )
    joined = "\n".join(_problems(folder))
    for words in (
        "timezone: there is no 'Norge'",
        "pseudonymous: write true or false",
        "acute: write a list",
        "there is no key 'pseudonymos'. Did you mean 'pseudonymous'?",
        "meanings: write one entry",
    ):
        assert words in joined, words


def test_wrong_options(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "d")
    with pytest.raises(UsageError, match="Codes are: 1, 2, 3, 4, 5"):
        read_folder(folder, acute="akutt")
    assert "There is no time zone 'Norge'" in _problems(folder, timezone="Norge")[0]
    assert "cannot be read" in _problems(folder, key_file=str(tmp_path / "absent"))[0]


def test_a_patient_named_na_or_null(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "d",
        patients=PATIENTS + "NA,1960,,\nnull,1961,,\n",
        contacts=contacts("1,NA,ward,,,2180-01-01,,", "-5,null,ward,,,2180-01-01,,"),
    )
    checked = check_folder(folder)
    assert checked.accepted("contacts", "contact_id", "patient_id", "started_day") == [
        ("1", "NA", 76701),
        ("-5", "null", 76701),
    ]
