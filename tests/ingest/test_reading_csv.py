"""CSV files as people really hand them over."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest

from pathgraph.errors import InputError
from pathgraph.ingest.reading import Reader


def _reader(folder: Path) -> Reader:
    return Reader(duckdb.connect(), folder=folder)


def _read(
    path: Path, *, columns: tuple[str, ...] = ("a", "b"), required: tuple[str, ...] = ("a",), **rest
) -> Reader:
    reader = _reader(path.parent)
    reader.csv(path, "r", table="patients", columns=columns, required=required, **rest)
    return reader


def _rows(reader: Reader, columns: str = "a, b, source_row") -> list[tuple[object, ...]]:
    return reader.connection.execute(f"SELECT {columns} FROM r ORDER BY source_row").fetchall()


def _refused(reader: Reader) -> list[tuple[object, ...]]:
    return reader.connection.execute(
        "SELECT table_name, reason, source_file, source_row FROM refused_rows ORDER BY source_row"
    ).fetchall()


def _write(tmp_path: Path, data: bytes, name: str = "f.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def _problem(reader: Reader) -> str:
    assert len(reader.problems) == 1, reader.problems
    assert _rows(reader) == []
    with pytest.raises(InputError) as error:
        reader.stop_on_problems()
    assert error.value.problems == (reader.problems[0],)
    return reader.problems[0]


def test_odd_values_come_out_unchanged(tmp_path: Path) -> None:
    data = (
        b'\xef\xbb\xbfa,b\r\n0012,NA\r\n-9223372036854775808,null\r\n"x\r\ny","say ""hi"""\r\n'
        + "Hárstták,Guovdageaidnu Kárášjohka ŋ đ ŧ\r\n".encode()
        + b"2180-01-01, kept \r\n"
    )
    reader = _read(_write(tmp_path, data))
    assert not reader.problems
    assert _rows(reader) == [
        ("0012", "NA", 2),
        ("-9223372036854775808", "null", 3),
        ("x\r\ny", 'say "hi"', 4),
        ("Hárstták", "Guovdageaidnu Kárášjohka ŋ đ ŧ", 5),
        ("2180-01-01", " kept ", 6),
    ]


def test_absent_optional_columns_are_null_and_others_are_left_out(tmp_path: Path) -> None:
    reader = _read(_write(tmp_path, b"secret,a\nx,1\n"))
    described = reader.connection.execute("DESCRIBE r").fetchall()
    assert [row[0] for row in described] == ["a", "b", "source_file", "source_row"]
    assert _rows(reader) == [("1", None, 2)]


def test_malformed_rows_are_refused_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    data = b'a,b\n1,2\n3\n4,5\n6,7,8\n9,10,11,12\n"l\nm",13\n14,"bad"quote\n15,16\n'
    reader = _read(_write(tmp_path, data))
    assert _rows(reader) == [("1", "2", 2), ("4", "5", 4), ("l\nm", "13", 7), ("15", "16", 9)]
    assert _refused(reader) == [("patients", "malformed_row", "f.csv", row) for row in (3, 5, 6, 8)]


def test_malformed_first_and_last_rows(tmp_path: Path) -> None:
    reader = _read(_write(tmp_path, b"a,b\n1\n2,3\n4\n"))
    assert _rows(reader) == [("2", "3", 3)]
    assert [row[-1] for row in _refused(reader)] == [2, 4]


def test_nothing_of_a_malformed_row_is_kept(tmp_path: Path) -> None:
    reader = _read(_write(tmp_path, b"a,b\nsecret-value\n"))
    tables = reader.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert sorted(tables) == [("r",), ("refused_rows",)]
    assert "secret-value" not in str(_refused(reader))


def test_line_breaks_in_quotes_make_no_rows_in_a_large_file(tmp_path: Path) -> None:
    # Read by two threads, DuckDB makes one row too many of this file.
    path = tmp_path / "f.csv"
    n, bad = 600_000, 50_021
    with path.open("w") as file:
        file.write("a,b\n")
        for row in range(2, n + 2):
            if row % bad == 0:
                file.write(f"{row},x,y\n")
            elif row % 7 == 0:
                file.write(f'{row},"line\nbreak, with ""quote"" {"x" * 60}"\n')
            else:
                file.write(f"{row},plain {'x' * 60}\n")
    reader = _read(path)
    assert reader.connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE CAST(a AS BIGINT) <> source_row) FROM r"
    ).fetchone() == (n - (n + 1) // bad, 0)
    assert [row[-1] for row in _refused(reader)] == list(range(bad, n + 2, bad))


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    data = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    for name in ("f.csv.gz", "g.csv"):
        assert _rows(_read(_write(tmp_path, data, name))) == [("1", "2", 2), ("3", "4", 3)]


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "f.csv", ("is empty (0 bytes)",)),
        (b"\n\n", "f.csv", ("is empty",)),
        (b"a;b\n1;2\n", "f.csv", ("semicolons", 'delimiter: ";"', "mapping file")),
        (b"a\tb\n1\t2\n", "f.csv", ("tabs", 'delimiter: "\\t"')),
        (b"b,c\n1,2\n", "f.csv", ("lacks the column 'a'", "row 1")),
        (b"a,b,a\n1,2,3\n", "f.csv", ("column name twice", "'a'")),
        ("a,b\n1,2\n3,Tromsø\n".encode("latin-1"), "f.csv", ("UTF-8", "row 3", "latin-1")),
        ("a,b\n1,2\n".encode("utf-16"), "f.csv", ("UTF-16", "Save it as UTF-8")),
        (b"a,b\n1,2\n3,\x00\n", "f.csv", ("binary zero (row 3)",)),
        (b'a,b\n1,2\n3,"open\n4,5\n6,7\n', "f.csv", ("quotation mark in row 3", "not closed")),
        (b"a,b\r\n1,2\n3,4\r\n", "f.csv", ("line ends",)),
        (b"a,b\n1,2\n", "f.csv.gz", ("not compressed with gzip", "Take .gz off")),
        (b"PK\x03\x04rest", "f.csv", ("XLSX or ZIP",)),
        (b"PAR1rest", "f.csv", ("Parquet file",)),
        (b"\x1f\x8b\x08\x00damaged data here", "f.csv.gz", ("damaged gzip",)),
        (b"a,b\n1," + b"x" * 2_100_000 + b"\n", "f.csv", ("more than 2 MB (row 2)",)),
        (b'a,b\n1,"' + b"x\n" * 1_100_000 + b'"\n', "f.csv", ("more than 2 MB (row 2)",)),
        (b"x" * 1_100_000, "f.csv", ("no line end in its first 1 MB",)),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else None,
)
def test_what_is_wrong_with_a_file_is_said_in_words(
    tmp_path: Path, data: bytes, name: str, words: tuple[str, ...]
) -> None:
    problem = _problem(_read(_write(tmp_path, data, name)))
    assert problem.startswith(f"{name}: ")
    for word in words:
        assert word in problem
    assert "Error" not in problem


def test_truncated_gzip(tmp_path: Path) -> None:
    lines = "".join(f"{i},{hash(i * 7)}\n" for i in range(200_000))
    data = gzip.compress(b"a,b\n" + lines.encode())
    for part in (len(data) // 2, len(data) - 4, 20):
        problem = _problem(_read(_write(tmp_path, data[:part], "f.csv.gz")))
        assert "cut off" in problem


def test_encoding_fault_far_into_the_file_and_a_letter_across_blocks(tmp_path: Path) -> None:
    filler = b"1,2\n" * 262_143  # The next letter lies across the end of the first 1 MiB.
    start = b"a,b\n" + filler
    fine = start[:-1] + b"x\n" + "3,ø\n".encode() * 200_000
    reader = _read(_write(tmp_path, fine))
    assert not reader.problems
    assert reader.connection.execute("SELECT count(*) FROM r WHERE b = 'ø'").fetchone() == (
        200_000,
    )
    wrong = start + b"3,\xf8\n"
    problem = _problem(_read(_write(tmp_path, wrong)))
    assert f"row {262_143 + 2}" in problem


def test_declared_encodings_and_delimiter(tmp_path: Path) -> None:
    text = "a;b\n1;Tromsø\n"
    for encoding in ("latin-1", "utf-16", "utf-8", "ISO-8859-1"):
        reader = _read(_write(tmp_path, text.encode(encoding)), delimiter=";", encoding=encoding)
        assert not reader.problems, encoding
        assert _rows(reader) == [("1", "Tromsø", 2)]


def test_latin_1_that_is_windows_1252(tmp_path: Path) -> None:
    data = "a,b\n1,“x” – 3 €\n".encode("windows-1252")
    problem = _problem(_read(_write(tmp_path, data), encoding="windows-1252"))
    assert "Save it as UTF-8" in problem


def test_unknown_encoding(tmp_path: Path) -> None:
    problem = _problem(_read(_write(tmp_path, b"a,b\n1,2\n"), encoding="klingon"))
    assert "utf-8, utf-16 or latin-1" in problem


def test_decimal_comma_becomes_a_point_where_it_is_declared(tmp_path: Path) -> None:
    reader = _read(_write(tmp_path, b"a;b\n1,5;2,5\n"), delimiter=";", decimal=",", numbers=["b"])
    assert _rows(reader) == [("1,5", "2.5", 2)]


def test_header_alone_is_allowed_and_noted(tmp_path: Path) -> None:
    reader = _read(_write(tmp_path, b"a,b\n"))
    assert not reader.problems
    assert _rows(reader) == []
    assert reader.notes == ["f.csv: has a header and no rows."]


def test_blank_lines_are_noted(tmp_path: Path) -> None:
    reader = _read(_write(tmp_path, b"a,b\n1,2\n\n3,4\n"))
    assert [row[:2] for row in _rows(reader)] == [("1", "2"), ("3", "4")]
    assert "blank lines" in reader.notes[0]
    assert not _read(_write(tmp_path, b"a,b\n1,2\n\n")).notes


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "is not there" in _problem(_read(tmp_path / "absent.csv"))
    (tmp_path / "folder.csv").mkdir()
    assert "is a folder" in _problem(_read(tmp_path / "folder.csv"))


def test_all_problems_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    reader = _reader(tmp_path)
    _write(tmp_path, b"", "one.csv")
    _write(tmp_path, b"b\n1\n", "two.csv")
    for name in ("one.csv", "two.csv", "three.csv"):
        reader.csv(tmp_path / name, name[:-4], table="patients", columns=["a"], required=["a"])
    with pytest.raises(InputError) as error:
        reader.stop_on_problems()
    assert [problem.split(":")[0] for problem in error.value.problems] == [
        "one.csv",
        "two.csv",
        "three.csv",
    ]
    assert error.value.exit_code == 3


def test_source_file_is_relative_to_the_folder(tmp_path: Path) -> None:
    (tmp_path / "hosp").mkdir()
    path = _write(tmp_path / "hosp", b"a,b\n1,2\n")
    reader = _reader(tmp_path)
    reader.csv(path, "r", table="patients", columns=["a", "b"], required=[])
    assert _rows(reader, "source_file") == [("hosp/f.csv",)]


def test_relations_can_be_dropped(tmp_path: Path) -> None:
    reader = _read(_write(tmp_path, b"a,b\n1,2\n3\n"))
    reader.drop_relations()
    tables = reader.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    assert tables == [("refused_rows",)]
    assert len(_refused(reader)) == 1


def test_names_with_quotes_do_no_harm(tmp_path: Path) -> None:
    path = _write(tmp_path, b'a\'x,"b""y"\n1,2\n', "it's; DROP TABLE r.csv")
    reader = _reader(tmp_path)
    assert reader.csv(path, "r", table="o'x", columns=["a'x", 'b"y'], required=["a'x"])
    assert reader.connection.execute("SELECT * FROM r").fetchall() == [("1", "2", path.name, 2)]


@pytest.mark.parametrize(
    "tail",
    [
        b'3,"open\n4,5\n',
        b'3,"open\n4,5',
        b'"open,4\n5,6\n',
        b'3,"\n4,5\n',
        b'3,"',
        b'3,"say ""hi""\n4,5\n',
        b'3,"""hi"" open\n4,5\n',
        b'5" nail,6\n3,"open\n4,5\n',
        b'3,"open\n4,"5"\n6,7\n',
        b'3,"open\n4,""\n6,7\n',
    ],
)
@pytest.mark.parametrize("n_before", [1, 104_857])
def test_a_quotation_mark_that_is_never_closed(tmp_path: Path, tail: bytes, n_before: int) -> None:
    # With 104,857 rows of 10 bytes the mark stands where one block of 1 MiB ends.
    data = b"a,b\n" + b'"1",23456\n' * n_before + tail
    problem = _problem(_read(_write(tmp_path, data)))
    assert f"quotation mark in row {n_before + 2 + tail.startswith(b'5')}" in problem
    assert "not closed" in problem


@pytest.mark.parametrize(
    ("tail", "row"),
    [
        (b'5" nail,6\n', ('5" nail', "6")),
        (b'",",6\n', (",", "6")),
        (b'"a,",6\n', ("a,", "6")),
        (b'3,"""hi"""\n', ("3", '"hi"')),
        (b'3,""""', ("3", '"')),
        (b'3,"x"', ("3", "x")),
        (b'3,"\n"\n', ("3", "\n")),
        (b'3,""\n', ("3", None)),
    ],
)
@pytest.mark.parametrize("n_before", [1, 104_857])
def test_quotation_marks_that_are_in_order(
    tmp_path: Path, tail: bytes, row: tuple[str, str | None], n_before: int
) -> None:
    data = b"a,b\n" + b'"1",23456\n' * n_before + tail
    reader = _read(_write(tmp_path, data))
    assert not reader.problems
    assert _rows(reader)[-1] == (*row, n_before + 2)
    assert len(_rows(reader)) == n_before + 1


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\n\n", b"\r\n\r\n"])
def test_all_ends_of_a_file(tmp_path: Path, end: bytes) -> None:
    line_end = b"\r\n" if b"\r" in end else b"\n"
    reader = _read(_write(tmp_path, line_end.join([b"a,b", b"1,2", b"3,4"]) + end))
    assert not reader.problems
    assert not reader.notes
    assert _rows(reader) == [("1", "2", 2), ("3", "4", 3)]


def test_blank_line_where_blocks_meet(tmp_path: Path) -> None:
    # Lines of 8 bytes: the block of 1 MiB ends with the first of two line ends.
    filler = b"1,23456\n" * ((1 << 17) - 1)
    data = b"a,bcdef\n" + filler + b"\n3,4\n"
    assert data[(1 << 20) - 1 : (1 << 20) + 1] == b"\n\n"
    reader = _read(_write(tmp_path, data), columns=("a",))
    assert not reader.problems
    assert "blank lines" in reader.notes[0]
    assert reader.connection.execute("SELECT count(*) FROM r").fetchone() == (1 << 17,)


_BIG_CELL = """
    import json, resource, sys, duckdb
    from pathlib import Path
    from pathgraph.ingest.reading import Reader
    reader = Reader(duckdb.connect())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    reader.csv(Path(sys.argv[1]), "r", table="patients", columns=["a", "b"], required=["a"])
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([reader.problems, (after - before) // 1024]))
"""


@pytest.mark.parametrize("quote", [b"", b'"'])
def test_a_cell_of_1_gb_takes_little_memory(tmp_path: Path, quote: bytes) -> None:
    path = tmp_path / "f.csv.gz"
    megabyte = gzip.compress(b"x" * (1 << 20))
    with path.open("wb") as file:
        file.write(gzip.compress(b"a,b\n1,2\n3," + quote))
        for _ in range(1024):
            file.write(megabyte)
        file.write(gzip.compress(quote + b"\n5,6\n"))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(_BIG_CELL), str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
    )
    problems, grown_mb = json.loads(done.stdout)
    assert len(problems) == 1
    assert "more than 2 MB (row 3)" in problems[0]
    assert grown_mb < 300


@pytest.mark.parametrize("cell", [b"x" * 70_000_000, b'"' + (b"x" * 999 + b"\n") * 70_000 + b'"'])
def test_no_row_is_lost_without_a_word_around_a_very_long_one(tmp_path: Path, cell: bytes) -> None:
    # 70 MB are more than two of DuckDB's buffers.
    problem = _problem(_read(_write(tmp_path, b"a,b\n1,2\n3," + cell + b"\n5,6\n")))
    assert "more than 2 MB (row 3)" in problem
