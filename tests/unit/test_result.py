"""The forms of an answer: frames, document, files, notebook."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pathgraph.errors import UsageError
from pathgraph.queries import export
from pathgraph.queries.export import manifest_lines
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.queries.table import arrow_type

ROWS: dict[Kind, list[Any]] = {
    Kind.UNIT: ["=1+1", "-12", None],
    Kind.TEXT: ["<b>Ålesund & co</b>", 'say "hi"; a,b\nnext', "@SUM(A1)"],
    Kind.PERSONS: [7, None, 9],
    Kind.COUNT: [2**40, None, 0],
    Kind.SHARE: [0.25, None, 1.0],
    Kind.DAYS: [3.0, None, 2.5],
    Kind.HOURS: [8.0, None, None],
    Kind.DATE: ["2180-01-01", None, "1899-12-31"],
    Kind.TIME: ["2180-01-01T23:59:59", None, "2024-10-27T02:30:00"],
    Kind.LIST: [["a", "=b"], None, []],
    Kind.BOOLEAN: [True, None, False],
}
HIDDEN = [k for k in ROWS if k.is_measure]
SUPPRESSED = [str(kind) for kind in HIDDEN]


def result(rows: dict[Kind, list[Any]] | None = None, *, is_patient_level: bool = False) -> Result:
    given = ROWS if rows is None else rows
    columns = [Return(str(kind), kind, "") for kind in given]
    if is_patient_level:
        columns = [Return("patient_id", Kind.ID, ""), *columns[1:]]
    finding = Finding(
        id="by_unit", version=2, titles={"en": "By unit"}, questions={"en": "Where?"},
        parameters=(), returns=tuple(columns), key=(), needs=(), among=None, source="", cypher={},
    )  # fmt: skip
    table = pa.table(
        [pa.array(v, arrow_type(c)) for v, c in zip(given.values(), columns, strict=True)],
        names=[c.name for c in columns],
    )
    n = table.num_rows
    mask = np.array([i == 1 for i in range(n)])
    manifest = {
        "finding": "by_unit", "version": 2, "title": "By <unit>", "as_of": "2026-01-31",
        "parameters": {"min_gap_h": 8, "acute": "first"},
        "data": {"snapshot": "s1", "fingerprint": "sha256:0"}, "among": 257, "n_rows": n,
        "n_suppressed": 1, "truncated": False,
        "columns": [{"name": c.name, "kind": str(c.kind)} for c in columns],
        "suppress_below": 5, "notes": ["One note.", "=cmd()|' /C calc'!A0"], "legal": None,
    }  # fmt: skip
    hidden = {} if is_patient_level or not n else {str(k): mask for k in HIDDEN}
    return Result(finding, table, manifest, hidden)


def test_the_document_names_hidden_columns_and_is_json() -> None:
    document = json.loads(result().to_json())
    assert document["rows"][0] == {str(k): v[0] for k, v in ROWS.items()}
    assert document["rows"][1]["suppressed"] == SUPPRESSED
    assert all(document["rows"][1][name] is None for name in SUPPRESSED)
    # Null, but not hidden: not recorded.
    assert "suppressed" not in document["rows"][2]
    assert document["rows"][2]["hours"] is None
    assert document["among"] == 257
    assert document["notes"] == result().manifest["notes"]


def test_the_frame_has_the_types_of_the_kinds() -> None:
    frame = result().frame
    dtypes = frame.dtypes.astype(str)
    assert dtypes["persons"] == dtypes["count"] == "Int64"
    assert dtypes["share"] == dtypes["days"] == dtypes["hours"] == "float64"
    assert dtypes["date"] == dtypes["time"] == "datetime64[s]"
    assert dtypes["boolean"] == "boolean"
    assert frame["date"][0] == pd.Timestamp(2180, 1, 1)
    assert frame["time"][0] == pd.Timestamp(2180, 1, 1, 23, 59, 59)
    assert frame["date"][2] == pd.Timestamp(1899, 12, 31)
    assert frame.loc[1].isna().tolist() == [False, False, *[True] * 9]
    assert list(frame["list"][0]) == ["a", "=b"]


def test_an_empty_frame_has_the_same_types() -> None:
    empty = result({kind: [] for kind in ROWS})
    same = empty.frame.dtypes.astype(str) == result().frame.dtypes.astype(str)
    assert same.all()
    assert empty.polars.schema == result().polars.schema
    assert json.loads(empty.to_json())["rows"] == []
    assert list(csv.reader(io.StringIO(empty.to_csv())))[-1] == list(empty.table.column_names)


def test_polars_has_dates_and_times() -> None:
    frame = result().polars
    assert isinstance(frame, pl.DataFrame)
    assert frame["date"].to_list() == [dt.date(2180, 1, 1), None, dt.date(1899, 12, 31)]
    assert frame["time"][0] == dt.datetime(2180, 1, 1, 23, 59, 59)
    assert frame["persons"].dtype == pl.Int64


def csv_parts(text: str) -> tuple[list[str], list[list[str]]]:
    lines = text.split("\n")
    n_head = sum(line.startswith("# ") for line in lines)
    return lines[:n_head], list(csv.reader(io.StringIO("\n".join(lines[n_head:]), newline="")))


def test_csv_is_headed_by_the_manifest() -> None:
    head, rows = csv_parts(result().to_csv())
    assert "# finding: by_unit" in head
    assert "# parameters.min_gap_h: 8" in head
    assert "# data.fingerprint: sha256:0" in head
    assert "# among: 257" in head
    assert "# notes: One note.; =cmd()|' /C calc'!A0" in head
    assert rows[0] == [str(kind) for kind in ROWS]


def test_csv_shows_hidden_values_as_such_and_unknown_ones_as_nothing() -> None:
    _, rows = csv_parts(result().to_csv())
    assert rows[2][2:] == ["<5"] * len(HIDDEN)
    assert rows[3][rows[0].index("hours")] == ""
    assert rows[3][rows[0].index("count")] == "0"
    assert rows[1][rows[0].index("days")] == "3"
    assert rows[1][rows[0].index("list")] == "a;=b"
    assert rows[1][rows[0].index("boolean")] == "true"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=1+1", "'=1+1"), ("+1-2", "'+1-2"), ("-1+2", "'-1+2"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("-", "'-"), ("=", "'="), ("＝1", "'＝1"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        # Ids of some sources are negative numbers; a number is no formula.
        ("-9223372036854775808", "-9223372036854775808"), ("+47", "+47"), ("-1.5", "-1.5"),
        ("NA", "NA"), ("a=1", "a=1"), ("", ""), ("007", "007"), (" =1", " =1"),
    ],
)  # fmt: skip
def test_no_csv_cell_becomes_a_formula(text: str, written: str) -> None:
    _, rows = csv_parts(result({Kind.UNIT: [text], Kind.LIST: [[text, "b"]]}).to_csv())
    assert rows[1][0] == written
    assert rows[1][1] == export.formula_safe(f"{text};b")


def workbook(answer: Result) -> openpyxl.Workbook:
    stream = io.BytesIO()
    answer.to_xlsx(stream)
    stream.seek(0)
    return openpyxl.load_workbook(stream)


def test_xlsx_has_rows_and_manifest_and_no_formula() -> None:
    book = workbook(result())
    assert book.sheetnames == ["rows", "manifest"]
    sheet = book["rows"]
    names = [cell.value for cell in sheet[1]]
    assert names == [str(kind) for kind in ROWS]
    first = dict(zip(names, sheet[2], strict=True))
    assert (first["unit"].value, first["unit"].data_type) == ("=1+1", "s")
    assert first["count"].value == 2**40
    assert first["date"].value == dt.datetime(2180, 1, 1)
    assert first["time"].value == dt.datetime(2180, 1, 1, 23, 59, 59)
    assert first["boolean"].value is True
    hidden = dict(zip(names, sheet[3], strict=True))
    assert hidden["persons"].value == "<5"
    assert (hidden["unit"].value, hidden["unit"].data_type) == ("-12", "s")
    unknown = dict(zip(names, sheet[4], strict=True))
    assert unknown["hours"].value is None
    # Before 1900 a workbook knows no dates.
    assert unknown["date"].value == "1899-12-31"
    types = {cell.data_type for page in book for row in page.iter_rows() for cell in row}
    assert "f" not in types
    about = {row[0].value: row[1].value for row in book["manifest"].iter_rows()}
    assert about["finding"] == "by_unit"
    assert about["parameters.acute"] == "first"
    assert about["notes"].endswith("=cmd()|' /C calc'!A0")


def test_xlsx_says_where_a_cell_or_a_sheet_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "x" * 40_000
    cell = workbook(result({Kind.UNIT: [long]}))["rows"]["A2"].value
    assert len(cell) == 32_767
    assert cell.endswith("(cut: a cell holds no more; csv and parquet have all)")
    monkeypatch.setattr(export, "_XLSX_ROWS", 3)
    with pytest.raises(UsageError, match="A sheet holds 2 rows"):
        result().to_xlsx(io.BytesIO())
    workbook(result({Kind.UNIT: ["a", "b"]}))


def test_parquet_holds_the_manifest_and_what_is_hidden(tmp_path: Path) -> None:
    result().to_parquet(tmp_path / "answer.parquet")
    table = pq.read_table(tmp_path / "answer.parquet")
    assert table.drop_columns("suppressed").equals(result().table)
    assert table["suppressed"].to_pylist() == [[], SUPPRESSED, []]
    assert json.loads(table.schema.metadata[b"pathgraph"]) == result().manifest
    buffer = io.BytesIO()
    result(is_patient_level=True).to_parquet(buffer)
    buffer.seek(0)
    assert "suppressed" not in pq.read_table(buffer).column_names


def test_files_and_streams_take_the_same(tmp_path: Path) -> None:
    answer = result()
    for name, write in (("json", answer.to_json), ("csv", answer.to_csv)):
        text = write(str(tmp_path / name))
        stream, raw = io.StringIO(), io.BytesIO()
        write(stream)
        write(raw)
        assert (tmp_path / name).read_text(encoding="utf-8") == stream.getvalue() == text
        assert raw.getvalue().decode() == text
    assert json.loads(answer.to_json()) == answer.document()


def test_a_notebook_shows_rows_and_what_they_rest_on() -> None:
    shown = result()._repr_html_()
    assert "By &lt;unit&gt;" in shown
    assert "<b>" not in shown
    assert shown.count("&lt;5") == len(HIDDEN)
    assert "3 rows among 257, as of 2026-01-31." in shown
    assert "One note." in shown
    many = result({Kind.UNIT: [f"u{i}" for i in range(100)]})
    assert "(the first 60 shown)" in many._repr_html_()
    assert many._repr_html_().count("<tr>") == 61
    assert repr(many) == "<by_unit as of 2026-01-31: 100 rows, among 257>"
    assert len(many) == 100


def test_lists_of_numbers_and_nested_manifests_become_one_line() -> None:
    lines = dict(
        manifest_lines({"columns": [{"name": "x"}], "a": {"b": {"c": 1}}, "e": [], "n": "x\ny"})
    )
    assert lines == {"columns": '[{"name": "x"}]', "a.b.c": "1", "e": "", "n": "x y"}


def test_unwritable_targets_are_the_callers_to_explain(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        result().to_csv(tmp_path / "gone" / "x.csv")
