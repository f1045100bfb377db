"""A first look at the bytes of a CSV file: what is wrong with it as a whole, and its header.

DuckDB's reader tells little about a file that is not what it seems, and silently leaves out a row
longer than its buffer (seen with DuckDB 2.0 at 1 GB). One pass over the bytes in blocks of 1 MiB
costs 2 s/GB and says it in words.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

__all__ = ["MAX_ROW_BYTES", "CsvScan", "scan_csv", "too_long"]

_BLOCK_BYTES = 1 << 20
MAX_ROW_BYTES = 2_000_000
"""Longest row [bytes]; a longer one means that quotation marks or line ends are missing."""

_GZIP_MAGIC = b"\x1f\x8b"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_OTHER_FILES = {
    b"PK\x03\x04": "an XLSX or ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel file (.xls)",
    b"PAR1": "a Parquet file",
}


@dataclass(frozen=True, slots=True)
class CsvScan:
    """What a CSV file looks like; ``problems`` and ``notes`` follow on the file's name."""

    header: tuple[str, ...] = ()
    is_gzip: bool = False
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def scan_csv(
    path: Path, *, delimiter: str = ",", encoding: str = "utf-8", header_only: bool = False
) -> CsvScan:
    """Look through the file; with ``header_only`` through its first block."""
    try:
        with path.open("rb") as file:
            start = file.read(4)
            is_gzip = start.startswith(_GZIP_MAGIC)
            problem = _wrong_sort(path, start, is_gzip)
            if problem:
                return CsvScan(is_gzip=is_gzip, problems=(problem,))
            file.seek(0)
            opened = cast(IO[bytes], gzip.GzipFile(fileobj=file) if is_gzip else file)
            first = opened.read(_BLOCK_BYTES)
            header, problems = _read_header(first, delimiter=delimiter, encoding=encoding)
            if problems or header_only:
                return CsvScan(tuple(header), is_gzip, tuple(problems))
            rest = iter(lambda: opened.read(_BLOCK_BYTES), b"")
            problems, notes = _look_through(first, rest, encoding)
    except EOFError:
        return CsvScan(
            problems=("is cut off: the gzip file ends too early. Copy or download it once more.",)
        )
    except (gzip.BadGzipFile, zlib.error):
        return CsvScan(problems=("is a damaged gzip file. Copy or download it once more.",))
    except OSError as error:
        return CsvScan(problems=(f"cannot be read ({error.strerror}).",))
    return CsvScan(tuple(header), is_gzip, tuple(problems), tuple(notes))


def _wrong_sort(path: Path, start: bytes, is_gzip: bool) -> str | None:
    if not start:
        return "is empty (0 bytes). A table without rows still needs its header."
    for magic, sort in _OTHER_FILES.items():
        if start.startswith(magic):
            return (
                f"is {sort}, whatever its name says. Save it as CSV, or give it its right ending."
            )
    if path.suffix.lower() == ".gz" and not is_gzip:
        return "is called .gz and is not compressed with gzip. Take .gz off its name."
    return None


def _read_header(first: bytes, *, delimiter: str, encoding: str) -> tuple[list[str], list[str]]:
    """Return the header and what is wrong with it."""
    if not first.strip():
        return [], ["is empty. A table without rows still needs its header."]
    if encoding == "utf-8":
        if first.startswith(_UTF16_MARKS) or b"\0" in first[:200]:
            return [], [
                "is encoded as UTF-16. Save it as UTF-8, or say encoding: utf-16 in the "
                "mapping file."
            ]
        encoding = "utf-8-sig"
    line_end = first.find("\n".encode(encoding)[-1:])
    if line_end < 0 and len(first) == _BLOCK_BYTES:
        return [], ["has no line end in its first 1 MB. Is it a CSV file?"]
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(first)
    except UnicodeDecodeError as error:
        return [], [_wrong_encoding(encoding, first.count(b"\n", 0, error.start) + 1)]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        header = [name.strip() for name in next(reader)]
    except csv.Error:
        return [], [
            "has a header (row 1) that cannot be read. Is a quotation mark left open there?"
        ]
    return header, _header_problems(header, delimiter)


def _header_problems(header: list[str], delimiter: str) -> list[str]:
    if len(header) == 1:
        for other, word in ((";", "semicolons"), ("\t", "tabs"), (",", "commas"), ("|", "bars")):
            if other != delimiter and other in header[0]:
                shown = "\\t" if other == "\t" else other
                return [
                    f"separates its columns with {word}. Save it with commas, or say "
                    f'delimiter: "{shown}" for this table in the mapping file.'
                ]
    problems = []
    doubled = sorted({name for name in header if name and header.count(name) > 1})
    if doubled:
        listed = ", ".join(f"'{name}'" for name in doubled)
        problems.append(f"has a column name twice in its header (row 1): {listed}. Rename one.")
    return problems


def _look_through(
    first: bytes, rest: Iterator[bytes], encoding: str
) -> tuple[list[str], list[str]]:
    """Return problems and notes of the whole file; stops at the first problem."""
    utf8 = encoding == "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8")()
    n_lines, tail, n_blocks = 0, 0, 0
    has_rows = blank_lines = False
    block: bytes | None = first
    before = b""
    while block:
        end = block.find(b"\n")
        if tail + (end if end >= 0 else len(block)) > MAX_ROW_BYTES:
            return [too_long(n_lines + 1)], []
        if utf8:
            # A block may cut a letter in two: the decoder keeps the part.
            try:
                if not block.isascii() or decoder.getstate()[0]:
                    decoder.decode(block)
            except UnicodeDecodeError as error:
                start = max(error.start - len(before), 0)
                return [_wrong_encoding(encoding, n_lines + block.count(b"\n", 0, start) + 1)], []
            before = decoder.getstate()[0]
            if b"\0" in block:
                row = n_lines + block.count(b"\n", 0, block.find(b"\0")) + 1
                return [
                    f"holds a binary zero (row {row}): it is damaged, or no text file. "
                    "Export it once more."
                ], []
        has_rows = has_rows or n_blocks > 0 or bool(block.split(b"\n", 1)[-1].strip() and end >= 0)
        n_lines += block.count(b"\n")
        last = block.rfind(b"\n")
        tail = tail + len(block) if last < 0 else len(block) - last - 1
        blank_lines = blank_lines or b"\n\n" in block.rstrip() or b"\n\r\n" in block.rstrip()
        n_blocks += 1
        block = next(rest, None)
    notes = []
    if not has_rows:
        notes.append("has a header and no rows.")
    if blank_lines:
        notes.append("has blank lines; row numbers given for rows below them may be too small.")
    return [], notes


def _wrong_encoding(encoding: str, row: int) -> str:
    declared = "UTF-8" if encoding.startswith("utf-8") else encoding
    return (
        f"is not encoded as {declared}: row {row} holds other letters (often Latin-1 "
        "from a spreadsheet). Save it as UTF-8, or say encoding: latin-1 for this table in the "
        "mapping file."
    )


def too_long(row: int) -> str:
    """Return the sentence about a row that no table has."""
    return (
        f"has a row of more than {MAX_ROW_BYTES // 1_000_000} MB (row {row}). No row of these "
        "tables is that long: a line end or a quotation mark is missing. Put it in order at the "
        "source."
    )
