"""Answers as CSV and XLSX, headed by their manifest; a text cell never becomes a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import xlsxwriter

from pathgraph.errors import UsageError
from pathgraph.queries.spec import Kind
from pathgraph.sentence import sentence

if TYPE_CHECKING:
    from pathgraph.queries.result import Result

__all__ = ["cell_text", "csv_lines", "csv_text", "formula_safe", "manifest_lines", "xlsx_bytes"]

_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")
_XLSX_ROWS = 1_048_576
_XLSX_CELL = 32_767
_XLSX_FIRST_YEAR = 1900
_CHUNK_ROWS = 5_000


def cell_text(value: object) -> str:
    """Return one value as text: empty for null, lists joined by ``;``, whole floats as integers.

    Examples
    --------
    >>> cell_text(["a", "b"]), cell_text(3.0), cell_text(None), cell_text(True)
    ('a;b', '3', '', 'true')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ";".join(cell_text(item) for item in value)
    return str(value)


def manifest_lines(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the manifest as names and one-line texts, nested members with a dot.

    Examples
    --------
    >>> manifest_lines({"data": {"snapshot": "x"}, "among": None})
    [('data.snapshot', 'x'), ('among', '')]
    """
    lines: list[tuple[str, str]] = []
    for name, value in manifest.items():
        if isinstance(value, Mapping) and value:
            lines += [(f"{name}.{inner}", text) for inner, text in manifest_lines(value)]
        elif isinstance(value, list | tuple | Mapping):
            plain = all(isinstance(item, str) for item in value)
            text = "; ".join(value) if plain else json.dumps(value, ensure_ascii=False)
            lines.append((name, " ".join(text.split())))
        else:
            lines.append((name, " ".join(cell_text(value).split())))
    return lines


def csv_text(result: Result) -> str:
    r"""Return the rows as CSV below lines ``# name: value``.

    A text that a spreadsheet would take for a formula gets an apostrophe in front; plain numbers
    (an id may be negative) do not.
    """
    return "".join(csv_lines(result))


def csv_lines(result: Result) -> Iterator[str]:
    """Yield the text of :func:`csv_text` in parts of some thousand rows."""
    stream = io.StringIO()
    for name, text in manifest_lines(result.manifest):
        stream.write(f"# {name}: {text}\n")
    writer = csv.writer(_UnixLines(stream))
    writer.writerow(result.table.column_names)
    for number, row in enumerate(result.shown_rows(), start=1):
        writer.writerow(formula_safe(cell_text(value)) for value in row)
        if number % _CHUNK_ROWS == 0:
            yield stream.getvalue()
            stream.seek(0)
            stream.truncate()
    yield stream.getvalue()


class _UnixLines:
    """Takes rows that end in CR LF, so that the writer quotes either mark, and ends them in LF."""

    def __init__(self, stream: io.StringIO) -> None:
        self._stream = stream

    def write(self, row: str) -> int:
        return self._stream.write(row.removesuffix("\r\n") + "\n")


def formula_safe(text: str) -> str:
    """Return the text with an apostrophe in front where a spreadsheet would take it for a formula.

    Examples
    --------
    >>> formula_safe("=1+1"), formula_safe("-5"), formula_safe("ward")
    ("'=1+1", '-5', 'ward')
    """
    if _FORMULA.match(text) and not _PLAIN_NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def xlsx_bytes(result: Result) -> bytes:
    """Return a workbook with the sheets ``rows`` and ``manifest``.

    Raises
    ------
    UsageError
        When there are more rows than a sheet holds.
    """
    if result.table.num_rows >= _XLSX_ROWS:
        raise UsageError(
            sentence(
                "A sheet holds {n} rows, and the answer has more. Use csv or parquet, or --limit.",
                n=_XLSX_ROWS - 1,
            )
        )
    buffer = io.BytesIO()
    # Texts stay texts: no formula, no link, no number is made of them.
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(buffer, options) as workbook:
        bold = workbook.add_format({"bold": True})
        formats = {
            Kind.DATE: workbook.add_format({"num_format": "yyyy-mm-dd"}),
            Kind.TIME: workbook.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        sheet = workbook.add_worksheet("rows")
        for place, name in enumerate(result.table.column_names):
            sheet.write_string(0, place, name, bold)
        kinds = [column.kind for column in result.finding.returns]
        for number, row in enumerate(result.shown_rows(), start=1):
            for place, (kind, value) in enumerate(zip(kinds, row, strict=True)):
                _write_cell(sheet, (number, place), value, kind, formats)
        sheet.freeze_panes(1, 0)
        about = workbook.add_worksheet("manifest")
        for number, (name, text) in enumerate(manifest_lines(result.manifest)):
            about.write_string(number, 0, name, bold)
            about.write_string(number, 1, _cut(text))
    return buffer.getvalue()


def _write_cell(
    sheet: Any, place: tuple[int, int], value: object, kind: Kind, formats: Mapping[Kind, Any]
) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(*place, value)
    elif isinstance(value, int | float):
        sheet.write_number(*place, value)
    elif (moment := _moment(value, kind)) is not None:
        sheet.write_datetime(*place, moment, formats[kind])
    else:
        sheet.write_string(*place, _cut(cell_text(value)))


def _moment(value: object, kind: Kind) -> datetime | None:
    """Return a date or time as such, where a workbook can hold it."""
    if kind not in (Kind.DATE, Kind.TIME) or not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment if moment.date() >= date(_XLSX_FIRST_YEAR, 3, 1) else None


def _cut(text: str) -> str:
    """Cut a text to what a cell holds, and say so in it."""
    if len(text) <= _XLSX_CELL:
        return text
    end = " … (cut: a cell holds no more; csv and parquet have all)"
    return text[: _XLSX_CELL - len(end)] + end
