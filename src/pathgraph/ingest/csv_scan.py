"""A first look at the bytes of a CSV file: what is wrong with it as a whole, and its header.

DuckDB's reader tells little about a file that is not what it seems, and silently leaves out all
that follows a quotation mark that is never closed (seen with DuckDB 2.0). One pass over the bytes
in blocks of 1 MiB costs 2 s/GB and says it in words.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, cast

from pathgraph.sentence import sentence

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
    n_rows: int | None = None
    """Rows below the header, sound or not; ``None`` where only a parser can tell."""


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
            problems, passed = _look_through(chain([first], rest), delimiter, encoding)
    except EOFError:
        return CsvScan(
            problems=("is cut off: the gzip file ends too early. Copy or download it once more.",)
        )
    except (gzip.BadGzipFile, zlib.error):
        return CsvScan(problems=("is a damaged gzip file. Copy or download it once more.",))
    except OSError as error:
        return CsvScan(problems=(f"cannot be read ({error.strerror}).",))
    return CsvScan(tuple(header), is_gzip, tuple(problems), tuple(_notes(passed)), _n_rows(passed))


def _notes(passed: _Passed) -> list[str]:
    notes: list[str] = []
    if not passed.has_rows:
        notes.append(sentence("has a header and no rows."))
    if passed.blank_lines:
        notes.append(
            sentence("has blank lines; row numbers given for rows below them may be too small.")
        )
    return notes


def _n_rows(passed: _Passed) -> int | None:
    """Return the number of rows below the header where it follows from the line ends alone."""
    has_blank = passed.blank_lines or passed.ends_blank
    if passed.n_quotes or has_blank or not passed.n_lines or passed.encoding == "utf-16":
        return None
    return passed.n_lines - passed.ends_with_line if passed.has_rows else 0


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
        if first.startswith(_UTF16_MARKS) or first[:200].count(b"\0") * 4 > len(first[:200]):
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


@dataclass(slots=True)
class _Passed:
    """What was seen in the blocks so far."""

    encoding: str
    n_lines: int = 0
    tail: int = 0
    n_quotes: int = 0
    last_quote: tuple[bytes, bytes, int] | None = None
    carry: bytes = b""
    edge: bytes = b""
    ends_blank: bool = False
    has_rows: bool = False
    blank_lines: bool = False
    ends_with_line: bool = True
    decoder: codecs.IncrementalDecoder = field(
        default_factory=codecs.getincrementaldecoder("utf-8")
    )


def _look_through(
    blocks: Iterator[bytes], delimiter: str, encoding: str
) -> tuple[list[str], _Passed]:
    """Return the first problem, if there is one, and what was seen up to there."""
    passed = _Passed(encoding)
    for block in blocks:
        problem = _too_long_in(block, passed) or _no_text_in(block, passed)
        if problem:
            return [problem], passed
        if encoding != "utf-16":
            _note_quotes(block, passed)
        _note_blank_lines(block, passed)
        stripped = block.rstrip()
        passed.has_rows |= b"\n" in stripped or (passed.n_lines > 0 and bool(stripped))
        passed.n_lines += block.count(b"\n")
        last = block.rfind(b"\n")
        passed.tail = passed.tail + len(block) if last < 0 else len(block) - last - 1
        passed.ends_with_line = block.endswith(b"\n")
    unclosed = _unclosed_quote(passed, delimiter.encode())
    return ([unclosed] if unclosed else []), passed


def _note_blank_lines(block: bytes, passed: _Passed) -> None:
    """Tell blank lines between rows, which shift row numbers, from those at the end."""
    text = passed.edge + block
    stripped = text.rstrip(b"\r\n")
    if stripped and passed.ends_blank:
        passed.blank_lines = True
    passed.blank_lines |= b"\n\n" in stripped or b"\n\r\n" in stripped
    passed.ends_blank = text.count(b"\n", len(stripped)) > 1
    passed.edge = text[-3:]


def _too_long_in(block: bytes, passed: _Passed) -> str | None:
    end = block.find(b"\n")
    if passed.tail + (end if end >= 0 else len(block)) > MAX_ROW_BYTES:
        return too_long(passed.n_lines + 1)
    return None


def _no_text_in(block: bytes, passed: _Passed) -> str | None:
    if passed.encoding != "utf-8":
        return None
    held = len(passed.decoder.getstate()[0])
    # A block may cut a letter in two: the decoder holds its first part.
    if held or not block.isascii():
        try:
            passed.decoder.decode(block)
        except UnicodeDecodeError as error:
            row = passed.n_lines + block.count(b"\n", 0, max(error.start - held, 0)) + 1
            return _wrong_encoding("utf-8", row)
    zero = block.find(b"\0")
    if zero >= 0:
        row = passed.n_lines + block.count(b"\n", 0, zero) + 1
        return (
            f"holds a binary zero (row {row}): it is damaged, or no text file. Export it once more."
        )
    return None


def _note_quotes(block: bytes, passed: _Passed) -> None:
    """Remember what stands around the last quotation mark that is not half of a doubled one."""
    passed.n_quotes += block.count(b'"')
    n_before, text = len(passed.carry), passed.carry + block
    # What touches the end of a block is looked at together with the next one.
    kept = len(text.rstrip(b'"'))
    passed.carry = text[max(kept - 1, 0) :]
    stop = kept
    while (last := text.rfind(b'"', 0, stop)) >= 0:
        first = last
        while first > 0 and text[first - 1] == 0x22:
            first -= 1
        if (last - first) % 2 == 0:
            line = passed.n_lines + text.count(b"\n", n_before, max(first, n_before)) + 1
            passed.last_quote = text[max(first - 1, 0) : first], text[last + 1 : last + 2], line
            return
        stop = first


def _unclosed_quote(passed: _Passed, delimiter: bytes) -> str | None:
    """Say whether the file ends inside quotation marks.

    DuckDB 2.0 then leaves out all that follows the opening mark without rejecting it. In a sound
    file the last single mark closes a value; an opening one stands behind a delimiter or line end.
    """
    run = len(passed.carry) - len(passed.carry.rstrip(b'"'))
    if run % 2:
        before, after, line = passed.carry[-run - 1 : -run], b"", passed.n_lines + 1
    elif passed.last_quote:
        before, after, line = passed.last_quote
    else:
        return None
    borders = (delimiter, b"\n", b"\r", b"")
    if before not in borders or (after in borders and passed.n_quotes % 2 == 0):
        return None
    return (
        f"has a quotation mark in row {line} that is not closed, so that the rows below it cannot "
        "be told apart. Put it in order at the source."
    )


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
