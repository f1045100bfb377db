"""Cells of an XLSX file as canonical text, in batches."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
from openpyxl.utils.exceptions import InvalidFileException

from pathgraph.sentence import sentence

__all__ = ["batches", "cell_text", "notes", "read_header"]

_BATCH_ROWS = 20_000
_MAX_UNPACKED_BYTES = 4 << 30
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"


def read_header(path: Path) -> tuple[list[str], list[str]]:
    """Return the names in row 1 of the first sheet, and what is wrong with the file."""
    problem = _wrong_sort(path)
    if problem:
        return [], [problem]
    try:
        with closing(_open(path)) as book:
            row = next(book.worksheets[0].iter_rows(max_row=1), ())
            names = [cell_text(cell) or "" for cell in row]
    except (InvalidFileException, KeyError, ValueError, IndexError, OSError, zipfile.BadZipFile):
        return [], ["cannot be read as XLSX. Save it once more as .xlsx, or as CSV."]
    header = [name.strip() for name in names]
    while header and not header[-1]:
        header.pop()
    if not header:
        return [], ["is empty: row 1 of its first sheet has no column names."]
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        listed = ", ".join(f"'{name}'" for name in doubled)
        return header, [f"has a column name twice in its header (row 1): {listed}. Rename one."]
    return header, []


def notes(path: Path) -> list[str]:
    """Return what a user should know about a readable file."""
    with closing(_open(path)) as book:
        if len(book.sheetnames) > 1:
            return [sentence("has more than one sheet; only the first is read.")]
    return []


def batches(path: Path, header: Sequence[str], columns: Sequence[str]) -> Iterator[pa.Table]:
    """Yield the rows below the header with ``columns`` as text, and ``source_row``.

    Rows without any value are left out. A workbook of the largest size (1,048,576 rows) is read in
    batches of 20,000 rows.
    """
    places = [header.index(name) for name in columns]
    names = [*columns, "source_row"]
    schema = pa.schema([*((name, pa.string()) for name in columns), ("source_row", pa.int64())])
    with closing(_open(path)) as book:
        collected: list[list[Any]] = [[] for _ in names]
        for number, row in enumerate(book.worksheets[0].iter_rows(min_row=2), start=2):
            texts = [cell_text(cell) for cell in row]
            if not any(texts):
                continue
            for values, place in zip(collected[:-1], places, strict=True):
                values.append(texts[place] if place < len(texts) else None)
            collected[-1].append(number)
            if len(collected[-1]) == _BATCH_ROWS:
                yield pa.table(collected, schema=schema)
                collected = [[] for _ in names]
        if collected[-1]:
            yield pa.table(collected, schema=schema)


def cell_text(cell: Any) -> str | None:
    """Return a cell's value as canonical text: whole numbers without a point, ISO dates."""
    value = cell.value
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, datetime):
        is_day = value.time() == time() and "h" not in (cell.number_format or "").lower()
        return value.date().isoformat() if is_day else value.isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)


def _open(path: Path) -> Any:
    return openpyxl.load_workbook(path, read_only=True, data_only=True)


def _wrong_sort(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            start = file.read(4)
        if not start:
            return "is empty (0 bytes)."
        if start == _OLD_EXCEL:
            return "is protected with a password, or an old Excel file. Save it as plain .xlsx."
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MAX_UNPACKED_BYTES:
                return "unpacks to more than 4 GB. Save it as CSV or Parquet."
    except zipfile.BadZipFile:
        return "cannot be read as XLSX. Save it once more as .xlsx, or as CSV."
    except OSError as error:
        return f"cannot be read ({error.strerror})."
    return None
