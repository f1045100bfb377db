"""Answers on standard output or in a file, in the format that was asked for."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pathgraph.cli.options import Format
from pathgraph.errors import StorageError, UsageError

if TYPE_CHECKING:
    from pathgraph.queries.result import Result

__all__ = [
    "Listing",
    "chosen_format",
    "print_result",
    "value_text",
    "write_document",
    "write_listing",
    "write_result",
    "write_text",
]

_NUMBER_KINDS = ("persons", "count", "share", "days", "hours")
_FILE_WIDTH = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows that are no finding's answer: the library, the model, what was loaded.

    Attributes
    ----------
    name
        Name of the member that holds the rows in a JSON document.
    head
        Members that stand before them.
    """

    name: str
    title: str
    rows: Sequence[Mapping[str, object]]
    head: Mapping[str, object] = field(default_factory=dict)

    @property
    def columns(self) -> list[str]:
        """Every name that a row has, in order of appearance."""
        return list(dict.fromkeys(name for row in self.rows for name in row))


def chosen_format(format_: Format | None, out: Path | None) -> Format:
    """Return the format: the one that was given, else by the file's ending, else a table.

    Raises
    ------
    UsageError
        When the ending says nothing, or a format that is no text would go to a terminal.

    Examples
    --------
    >>> chosen_format(None, Path("answer.xlsx")).value
    'xlsx'
    """
    if format_ is None and out is not None:
        ending = out.suffix.lower().removeprefix(".")
        format_ = ({f.value: f for f in Format} | {"txt": Format.TABLE}).get(ending)
        if format_ is None:
            raise UsageError(
                f"The ending of '{out.name}' names no format. End it with .json, .csv, .xlsx, "
                ".parquet or .txt, or add --format."
            )
    format_ = format_ or Format.TABLE
    if format_ in (Format.XLSX, Format.PARQUET) and out is None and sys.stdout.isatty():
        raise UsageError(f"--format {format_.value} is no text for a terminal. Add --out FILE.")
    return format_


def write_result(
    result: Result, format_: Format, out: Path | None, *, said: Collection[str] = ()
) -> None:
    """Write a finding's answer to ``out``, or to standard output.

    Parameters
    ----------
    said
        Notes that stand above already, which a table does not repeat.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    if format_ is Format.TABLE:
        _show(out, lambda console: print_result(result, console, said=said))
        return
    writers: dict[Format, Callable[[IO[bytes]], object]] = {
        Format.JSON: result.to_json,
        Format.CSV: result.to_csv,
        Format.XLSX: result.to_xlsx,
        Format.PARQUET: result.to_parquet,
    }
    # Made in memory first: a file is whole or not there, and a refusal leaves none behind.
    buffer = io.BytesIO()
    writers[format_](buffer)
    _write_bytes(buffer.getvalue(), out)


def print_result(result: Result, console: Console, *, said: Collection[str] = ()) -> None:
    """Print a finding's answer as a table, and below it what it rests on.

    Parameters
    ----------
    said
        Notes that stand above already and are not repeated.
    """
    table = Table(title=Text(result.finding.title, style="bold"), title_justify="left")
    for column in result.finding.returns:
        is_number = column.kind.value in _NUMBER_KINDS
        table.add_column(
            Text(column.name), justify="right" if is_number else "left", overflow="fold"
        )
    for row in result.shown_rows():
        table.add_row(*(Text(value_text(value)) for value in row))
    if len(result):
        console.print(table)
    else:
        console.print(Text(f"{result.finding.title}: no rows.", style="bold"))
    for line in _lines_below(result, said):
        console.print(Text(line), soft_wrap=True)


def _lines_below(result: Result, said: Collection[str]) -> list[str]:
    """Return the sentences below a table: how many rows, of how many, as of when, by which rule."""
    manifest = result.manifest
    shown = f" ({len(result)} shown; --limit N shows more)" if manifest["truncated"] else ""
    among = "" if manifest["among"] is None else f" Among: {value_text(manifest['among'])}."
    values = ", ".join(f"{n} {value_text(v)}" for n, v in manifest["parameters"].items())
    profile = manifest.get("profile")
    lines = [
        f"Rows: {manifest['n_rows']}{shown}.{among} As of {manifest['as_of']}. "
        f"Version {manifest['version']}.",
        (f"Profile {profile}. " if profile else "") + f"Parameters: {values or 'none'}.",
    ]
    if manifest["n_suppressed"]:
        lines.append(
            f"In {manifest['n_suppressed']} rows numbers are not shown ({result.marker} people)."
        )
    return lines + [f"Note: {note}" for note in manifest["notes"] if note not in said]


def write_listing(listing: Listing, format_: Format, out: Path | None) -> None:
    """Write rows that are no finding's answer to ``out``, or to standard output.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    if format_ is Format.TABLE:
        _show(out, lambda console: _print_listing(listing, console))
    elif format_ is Format.JSON:
        write_document({**listing.head, listing.name: [dict(row) for row in listing.rows]}, out)
    else:
        make = {Format.CSV: _csv, Format.XLSX: _xlsx, Format.PARQUET: _parquet}[format_]
        _write_bytes(make(listing), out)


def write_document(document: Mapping[str, object], out: Path | None) -> None:
    """Write one JSON document and nothing else.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    write_text(f"{text}\n", out)


def write_text(text: str, out: Path | None) -> None:
    """Write a text as UTF-8 to ``out``, or to standard output.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    _write_bytes(text.encode(), out)


def value_text(value: object) -> str:
    """Return a value as a person reads it in a table.

    Examples
    --------
    >>> value_text(0.12345), value_text(12.0), value_text(True), value_text(["a", "b"])
    ('0.123', '12', 'true', 'a; b')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    if isinstance(value, list | tuple):
        return "; ".join(value_text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {value_text(item)}" for name, item in value.items())
    return str(value)


def _print_listing(listing: Listing, console: Console) -> None:
    if not listing.rows:
        console.print(Text(f"{listing.title}: nothing."))
        return
    table = Table(title=Text(listing.title, style="bold"), title_justify="left")
    for name in listing.columns:
        numbers = all(isinstance(row.get(name), int | float | None) for row in listing.rows)
        table.add_column(Text(name), justify="right" if numbers else "left", overflow="fold")
    for row in listing.rows:
        table.add_row(*(Text(value_text(row.get(name))) for name in listing.columns))
    console.print(table)


def _flat_rows(listing: Listing) -> list[dict[str, object]]:
    """Return the rows with a JSON text for whatever is no plain value."""
    return [
        {
            name: json.dumps(value, ensure_ascii=False)
            if isinstance(value := row.get(name), list | tuple | Mapping)
            else value
            for name in listing.columns
        }
        for row in listing.rows
    ]


def _csv(listing: Listing) -> bytes:
    from pathgraph.queries.export import formula_safe

    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(listing.columns)
    for row in _flat_rows(listing):
        writer.writerow(formula_safe(value_text(value)) for value in row.values())
    return stream.getvalue().encode()


def _xlsx(listing: Listing) -> bytes:
    import xlsxwriter

    buffer = io.BytesIO()
    # Texts stay texts: no formula and no link is made of them.
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(buffer, options) as workbook:
        sheet = workbook.add_worksheet(listing.name)
        sheet.write_row(0, 0, listing.columns)
        for number, row in enumerate(_flat_rows(listing), start=1):
            sheet.write_row(number, 0, list(row.values()))
    return buffer.getvalue()


def _parquet(listing: Listing) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(_flat_rows(listing)), buffer)
    return buffer.getvalue()


def _show(out: Path | None, show: Callable[[Console], None]) -> None:
    if out is None and (sys.stdout.isatty() or "COLUMNS" in os.environ):
        show(Console(highlight=False))
        return
    # A file or a pipe has no width of its own; a narrow one would break ids apart.
    text = io.StringIO()
    show(Console(file=text, width=_FILE_WIDTH, highlight=False))
    write_text(text.getvalue(), out)


def _write_bytes(content: bytes, out: Path | None) -> None:
    with _target(out) as stream:
        stream.write(content)


@contextmanager
def _target(out: Path | None) -> Iterator[IO[bytes]]:
    try:
        if out is None:
            yield sys.stdout.buffer
            sys.stdout.buffer.flush()
        else:
            with out.open("wb") as stream:
                yield stream
    except BrokenPipeError:
        # The reader, `head` for example, has enough; Typer ends quietly.
        raise
    except OSError as error:
        where = "Standard output" if out is None else str(out)
        reason = error.strerror or "the disk does not take it"
        raise StorageError(
            f"{where} could not be written: {reason}. Choose another place."
        ) from None
