"""Parquet files, folders of Parquet parts, and spreadsheets."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pathgraph.ingest.reading import Reader


def _reader(folder: Path) -> Reader:
    return Reader(duckdb.connect(), folder=folder)


def _rows(reader: Reader, relation: str = "r") -> list[tuple[object, ...]]:
    return reader.connection.execute(
        f"SELECT * FROM {relation} ORDER BY source_file, source_row"
    ).fetchall()


def test_parquet_values_become_canonical_text(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    utc = dt.UTC
    pq.write_table(
        pa.table(
            {
                "id": pa.array([-(2**63), 7], pa.int64()),
                "gappy": pa.array([12.0, None], pa.float64()),
                "number": pa.array([69.5, float("nan")], pa.float64()),
                "flag": pa.array([True, None]),
                "day": pa.array([dt.date(2180, 1, 2), None]),
                "local": pa.array([dt.datetime(2025, 1, 2, 3, 4, 5), None]),
                "moment": pa.array(
                    [dt.datetime(2025, 7, 1, 12, tzinfo=utc), None],
                    pa.timestamp("us", "Europe/Oslo"),
                ),
                "text": ["NA", " null "],
                "left_out": ["x", "y"],
            }
        ),
        path,
    )
    reader = _reader(tmp_path)
    columns = ["id", "gappy", "number", "flag", "day", "local", "moment", "text", "absent"]
    assert reader.parquet(path, "r", columns=columns, required=["id"])
    first, second = _rows(reader)
    assert first == (
        "-9223372036854775808",
        "12",
        "69.5",
        "true",
        "2180-01-02",
        "2025-01-02 03:04:05",
        "2025-07-01 12:00:00+00",
        "NA",
        None,
        "f.parquet",
        1,
    )
    assert second[0] == "7"
    assert second[1:7] == (None,) * 6
    assert second[7:] == (" null ", None, "f.parquet", 2)


def test_folder_of_parts_with_unlike_columns(tmp_path: Path) -> None:
    folder = tmp_path / "contacts"
    folder.mkdir()
    pq.write_table(pa.table({"a": ["1", "2"], "b": ["x", "y"]}), folder / "part-1.parquet")
    pq.write_table(pa.table({"b": ["z"], "a": [3]}), folder / "part-2.parquet")
    pq.write_table(pa.table({"a": ["4"]}), folder / "part-3.parquet")
    reader = _reader(tmp_path)
    assert reader.header(folder) == ["a", "b"]
    assert reader.parquet(folder, "r", columns=["a", "b"], required=["a", "b"])
    assert _rows(reader) == [
        ("1", "x", "contacts/part-1.parquet", 1),
        ("2", "y", "contacts/part-1.parquet", 2),
        ("3", "z", "contacts/part-2.parquet", 1),
        ("4", None, "contacts/part-3.parquet", 1),
    ]


def test_unreadable_parquet_names_the_part(tmp_path: Path) -> None:
    folder = tmp_path / "contacts"
    folder.mkdir()
    pq.write_table(pa.table({"a": ["1"]}), folder / "part-1.parquet")
    whole = (folder / "part-1.parquet").read_bytes()
    (folder / "part-2.parquet").write_bytes(whole[: len(whole) // 2])
    reader = _reader(tmp_path)
    assert not reader.parquet(folder, "r", columns=["a"], required=["a"])
    assert len(reader.problems) == 1
    assert reader.problems[0].startswith("contacts/part-2.parquet: cannot be read as Parquet")
    assert _rows(reader) == []


def test_damage_inside_a_parquet_file(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"a": [f"value {i}" for i in range(5000)]}), path, compression="snappy")
    data = bytearray(path.read_bytes())
    data[100:3000] = b"\xff" * 2900
    path.write_bytes(data)
    reader = _reader(tmp_path)
    assert not reader.parquet(path, "r", columns=["a"], required=["a"])
    assert len(reader.problems) == 1
    assert reader.problems[0].startswith("f.parquet: cannot be read")
    assert "value" not in reader.problems[0]
    assert _rows(reader) == []


def test_parquet_with_missing_and_nested_columns(tmp_path: Path) -> None:
    path = tmp_path / "f.parquet"
    pq.write_table(pa.table({"a": [["1"]], "b": [{"x": 1}], "c": [b"1"]}), path)
    reader = _reader(tmp_path)
    assert not reader.parquet(path, "r", columns=["a", "b", "c", "d"], required=["d"])
    assert len(reader.problems) == 4
    assert "lacks the column 'd'" in reader.problems[0]
    assert all("nested or binary" in problem for problem in reader.problems[1:])


def _workbook(path: Path, *rows: list[object], sheets: int = 1) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for _ in range(sheets - 1):
        book.create_sheet()
    book.save(path)
    return path


def test_cells_become_canonical_text(tmp_path: Path) -> None:
    path = _workbook(
        tmp_path / "f.xlsx",
        ["id", "number", "day", "time", "midnight", "flag", "text", "left_out", None],
        [
            12,
            69.5,
            dt.date(2180, 1, 2),
            dt.datetime(2025, 1, 2, 3, 4, 5),
            dt.datetime(2025, 1, 2),
            True,
            "NA",
            "x",
        ],
        [],
        ["0012", None, None, None, None, False, "Hárstták"],
    )
    book = openpyxl.load_workbook(path)
    book.active["E2"].number_format = "yyyy-mm-dd hh:mm"  # type: ignore[index]
    book.active["C2"].number_format = "dd.mm.yyyy"  # type: ignore[index]
    book.save(path)
    reader = _reader(tmp_path)
    columns = ["id", "number", "day", "time", "midnight", "flag", "text", "absent"]
    assert reader.header(path) == [*columns[:-1], "left_out"]
    assert reader.xlsx(path, "r", columns=columns, required=["id"])
    assert _rows(reader) == [
        (
            "12",
            "69.5",
            "2180-01-02",
            "2025-01-02T03:04:05",
            "2025-01-02T00:00:00",
            "true",
            "NA",
            None,
            "f.xlsx",
            2,
        ),
        ("0012", None, None, None, None, "false", "Hárstták", None, "f.xlsx", 4),
    ]


def test_more_rows_than_a_batch_and_more_than_one_sheet(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "f.xlsx", ["a"], *([i] for i in range(20_003)), sheets=2)
    reader = _reader(tmp_path)
    assert reader.xlsx(path, "r", columns=["a"], required=["a"])
    assert reader.connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE CAST(a AS INT) + 2 = source_row) FROM r"
    ).fetchone() == (20_003, 20_003)
    assert reader.notes == ["f.xlsx: has more than one sheet; only the first is read."]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b"patient_id\n1\n", "cannot be read as XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "protected with a password, or an old"),
    ],
)
def test_unreadable_xlsx(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "f.xlsx"
    path.write_bytes(data)
    reader = _reader(tmp_path)
    assert reader.header(path) == []
    assert not reader.xlsx(path, "r", columns=["a"], required=["a"])
    assert len(reader.problems) == 1
    assert words in reader.problems[0]


def test_damaged_and_foreign_zip_files(tmp_path: Path) -> None:
    path = _workbook(tmp_path / "f.xlsx", ["a"], [1])
    whole = path.read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    with zipfile.ZipFile(tmp_path / "zip.xlsx", "w") as archive:
        archive.writestr("letter.txt", "hello")
    _workbook(tmp_path / "blank.xlsx")
    _workbook(tmp_path / "twice.xlsx", ["a", "b", "a"])
    reader = _reader(tmp_path)
    for name in ("cut", "zip", "blank", "twice"):
        assert not reader.xlsx(tmp_path / f"{name}.xlsx", name, columns=["a"], required=["a"])
    assert [problem.split(" (")[0].split(". ")[0] for problem in reader.problems] == [
        "cut.xlsx: cannot be read as XLSX",
        "zip.xlsx: cannot be read as XLSX",
        "blank.xlsx: is empty: row 1 of its first sheet has no column names.",
        "twice.xlsx: has a column name twice in its header",
    ]
