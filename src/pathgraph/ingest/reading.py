"""Reads raw files into DuckDB tables: CSV, Parquet and XLSX, all columns as text, rows numbered.

What is wrong with a file as a whole is collected, so that a user sees all of it at once; what is
wrong with one row is refused with its place. Nothing that is printed or kept holds a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pathgraph.errors import InputError
from pathgraph.ingest import csv_rejects, spreadsheet
from pathgraph.ingest.csv_scan import MAX_ROW_BYTES, CsvScan, scan_csv
from pathgraph.ingest.pseudonyms import (
    MAX_SHARE_IDENTITY_NUMBERS,
    PseudonymKey,
    looks_like_identity_number,
    pseudonym_expression,
    use_key,
)
from pathgraph.model.check import identifier, literal
from pathgraph.sentence import sentence

__all__ = ["PARQUET_SUFFIX", "Reader"]

PARQUET_SUFFIX = ".parquet"

_PROBED_ROWS = 10_000
_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16",
    "utf16": "utf-16",
    "latin-1": "latin-1",
    "latin1": "latin-1",
    "iso-8859-1": "latin-1",
    "windows-1252": "latin-1",
    "cp1252": "latin-1",
}
# DuckDB's messages name values; only these words of them are looked for.
_WORDS = {
    "not latin-1 encoded": "has characters that Latin-1 does not have (curly quotation marks, a "
    "dash, the euro sign). Save it as UTF-8.",
    "invalid state": "mixes two sorts of line ends, or a quotation mark stands in the wrong place. "
    "Save it once more from a text editor with one sort of line ends.",
    "not utf-16 encoded": "is not encoded as UTF-16. Save it as UTF-8.",
}


@dataclass(frozen=True, slots=True)
class _Request:
    """What to read of a file, the same for all formats."""

    relation: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    numbers: tuple[str, ...] = ()
    decimal: str = "."
    persons: Mapping[str, str] = field(default_factory=dict)


class Reader:
    """Reads files into one DuckDB connection and collects what is wrong with them.

    Parameters
    ----------
    connection
        Gets the relations, and the table ``refused_rows``.
    folder
        Files are named relative to it; without it by their name alone.
    key
        With a key the columns given as ``persons`` are hashed while they are read. Without one
        they are refused when they look like national identity numbers.

    Attributes
    ----------
    problems
        What keeps files from being read: one sentence each.
    notes
        What a user should know and what stops nothing.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        *,
        folder: Path | None = None,
        key: PseudonymKey | None = None,
    ) -> None:
        self.connection = connection
        self.folder = folder
        self.problems: list[str] = []
        self.notes: list[str] = []
        self._key: PseudonymKey | None = None
        self._relations: set[str] = set()
        # Times with an offset become text in UTC, whatever the machine's zone is.
        connection.execute("SET TimeZone = 'UTC'")
        # In a notebook DuckDB would draw a bar of its own on standard output.
        connection.execute("SET enable_progress_bar = false")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS refused_rows (table_name VARCHAR, reason VARCHAR, "
            "column_name VARCHAR, source_file VARCHAR, source_row BIGINT, month VARCHAR)"
        )
        if key is not None:
            self.hash_persons(key)

    @property
    def key_id(self) -> str | None:
        """Id of the key in use, for the manifest."""
        return self._key.key_id if self._key else None

    def hash_persons(self, key: PseudonymKey) -> None:
        """From now on replace person ids by keyed hashes."""
        use_key(self.connection, key)
        self._key = key
        self.notes.extend(key.warnings)

    def has(self, path: Path) -> bool:
        """Say whether there is a file, or a folder with Parquet parts, at ``path``."""
        return path.is_file() or (path.is_dir() and any(path.glob(f"*{PARQUET_SUFFIX}")))

    def name(self, path: Path) -> str:
        """Return how a file is called in messages and in ``source_file``."""
        if self.folder is not None and path.is_relative_to(self.folder):
            return path.relative_to(self.folder).as_posix()
        return path.name

    def stop_on_problems(self) -> None:
        """Stop when files cannot be read.

        Raises
        ------
        InputError
            With all problems that were collected, if there are any.
        """
        if self.problems:
            raise InputError(self.problems)

    def header(self, path: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> list[str]:
        """Return the column names of a CSV, Parquet or XLSX file.

        Returns
        -------
        list of str
            Empty when the file cannot be read; the reason then stands in ``problems``.
        """
        if not self._is_there(path):
            return []
        if path.is_dir() or path.suffix.lower() == PARQUET_SUFFIX:
            return list(self._parquet_types(path))
        if path.suffix.lower() == ".xlsx":
            header, problems = spreadsheet.read_header(path)
        else:
            scan = scan_csv(path, delimiter=delimiter, encoding=encoding, header_only=True)
            header, problems = list(scan.header), list(scan.problems)
        self._add_problems(path, problems)
        return [] if problems else header

    def csv(
        self,
        path: Path,
        relation: str,
        *,
        table: str,
        columns: Sequence[str],
        required: Sequence[str],
        delimiter: str = ",",
        encoding: str = "utf-8",
        decimal: str = ".",
        numbers: Sequence[str] = (),
        persons: Mapping[str, str] | None = None,
    ) -> bool:
        """Create the table ``relation`` from a CSV file, plain or gzip.

        Parameters
        ----------
        table
            Canonical table under which malformed rows are refused.
        columns
            Names in the file's header, in the order wanted; those that it lacks become NULL.
        required
            Those of ``columns`` without which the file cannot be used.
        encoding
            ``utf-8``, ``utf-16`` or ``latin-1``.
        decimal
            Decimal sign of the columns ``numbers``; it becomes a point.
        persons
            Columns with person ids, and their domain (``patient`` or ``professional``).

        Returns
        -------
        bool
            False when the file cannot be read: ``problems`` says why, and the relation is empty.
            ``source_row`` counts the header as row 1, and a record with line breaks inside
            quotation marks as one row.
        """
        request = _Request(
            relation, tuple(columns), tuple(required), tuple(numbers), decimal, persons or {}
        )
        self._create_empty(request)
        if not self._is_there(path):
            return False
        duckdb_encoding = _ENCODINGS.get(encoding.lower())
        if duckdb_encoding is None:
            self._add_problems(
                path,
                [
                    f"has the encoding '{encoding}', which is not known. "
                    "Use utf-8, utf-16 or latin-1."
                ],
            )
            return False
        scan = scan_csv(path, delimiter=delimiter, encoding=duckdb_encoding)
        problems = list(scan.problems) or self._missing_columns(request, scan.header)
        self._add_problems(path, problems)
        if problems:
            return False
        self._add_notes(path, scan.notes)
        source = _csv_source(
            path, scan.header, delimiter=delimiter, encoding=duckdb_encoding, is_gzip=scan.is_gzip
        )
        return self._insert_csv(path, request, source, scan, table)

    def parquet(
        self,
        path: Path,
        relation: str,
        *,
        columns: Sequence[str],
        required: Sequence[str],
        persons: Mapping[str, str] | None = None,
    ) -> bool:
        """Create the table ``relation`` from a Parquet file or a folder of parts.

        As :meth:`csv`, but ``source_row`` counts the rows of each part from 1.
        """
        request = _Request(relation, tuple(columns), tuple(required), persons=persons or {})
        self._create_empty(request)
        if not self._is_there(path):
            return False
        types = self._parquet_types(path)
        if not types:
            return False
        problems = self._missing_columns(request, tuple(types))
        problems += [
            f"has a column '{name}' of nested or binary values. Write one plain value a cell."
            for name in request.columns
            if _is_nested(types.get(name, ""))
        ]
        self._add_problems(path, problems)
        if problems:
            return False
        parts = _parquet_parts(path)
        listed = ", ".join(literal(str(part)) for part in parts)
        names = " ".join(
            f"WHEN {literal(str(part))} THEN {literal(self.name(part))}" for part in parts
        )
        source = (
            f"read_parquet([{listed}], union_by_name=true, file_row_number=true, filename=true)"
        )
        expressions = {
            name: _parquet_text(name, types[name]) for name in request.columns if name in types
        }
        where = f"CASE filename {names} END", "file_row_number + 1"
        return self._insert(path, request, source, expressions, where)

    def xlsx(
        self,
        path: Path,
        relation: str,
        *,
        columns: Sequence[str],
        required: Sequence[str],
        persons: Mapping[str, str] | None = None,
    ) -> bool:
        """Create the table ``relation`` from the first sheet of an XLSX file.

        As :meth:`csv`; ``source_row`` is the row of the sheet.
        """
        request = _Request(relation, tuple(columns), tuple(required), persons=persons or {})
        self._create_empty(request)
        if not self._is_there(path):
            return False
        header, problems = spreadsheet.read_header(path)
        if not problems:
            problems = self._missing_columns(request, tuple(header))
        self._add_problems(path, problems)
        if problems:
            return False
        self._add_notes(path, spreadsheet.notes(path))
        present = [name for name in columns if name in header]
        name = literal(self.name(path))
        for batch in spreadsheet.batches(path, header, present):
            self.connection.register("spreadsheet_rows", batch)
            expressions = {column: identifier(column) for column in present}
            done = self._insert(
                path, request, "spreadsheet_rows", expressions, (name, "source_row")
            )
            self.connection.unregister("spreadsheet_rows")
            if not done:
                return False
        return True

    def _is_there(self, path: Path) -> bool:
        if self.has(path):
            return True
        if path.is_dir():
            problem = (
                "is a folder without Parquet files. Give a file, or a folder of Parquet parts."
            )
        else:
            problem = "is not there. Check the name and the folder."
        self._add_problems(path, [problem])
        return False

    def _add_notes(self, path: Path, notes: Sequence[str]) -> None:
        name = self.name(path)
        self.notes.extend(sentence("{file}: {note}", file=name, note=note) for note in notes)

    def _add_problems(self, path: Path, problems: Sequence[str]) -> None:
        for problem in problems:
            said = f"{self.name(path)}: {problem}"
            if said not in self.problems:
                self.problems.append(said)

    def drop_relations(self) -> None:
        """Drop what was read, to give its memory back once the check is done with it."""
        for relation in self._relations:
            self.connection.execute(f"DROP TABLE IF EXISTS {identifier(relation)}")
        self._relations.clear()

    def _create_empty(self, request: _Request) -> None:
        # Temporary tables are not compressed: measured at 4.2 million rows, 1.7 s against 4.6 s.
        self._relations.add(request.relation)
        columns = ", ".join(f"{identifier(name)} VARCHAR" for name in request.columns)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {identifier(request.relation)} "
            f"({columns}, source_file VARCHAR, source_row BIGINT)"
        )

    def _missing_columns(self, request: _Request, header: Sequence[str]) -> list[str]:
        missing = [name for name in request.required if name not in header]
        if not missing:
            return []
        listed = ", ".join(f"'{name}'" for name in missing)
        word = "the column" if len(missing) == 1 else "the columns"
        return [
            f"lacks {word} {listed} in its header (row 1). Add it there, or say in the mapping "
            "file which column of yours it is."
        ]

    def _parquet_types(self, path: Path) -> dict[str, str]:
        """Return column names and DuckDB types of all parts together; empty with a problem."""
        types: dict[str, str] = {}
        for part in _parquet_parts(path):
            try:
                found = self.connection.execute(
                    f"DESCRIBE SELECT * FROM read_parquet({literal(str(part))})"
                ).fetchall()
            except duckdb.Error:
                self._add_problems(
                    part, ["cannot be read as Parquet. Is it complete? Write it once more."]
                )
                return {}
            types |= {str(row[0]): str(row[1]) for row in found}
        return types

    def _expressions(self, request: _Request, present: Mapping[str, str]) -> str:
        """Return the select list: text, decimal points, pseudonyms, NULL for what is absent."""
        selected = []
        for name in request.columns:
            value = present.get(name, "CAST(NULL AS VARCHAR)")
            if name in request.numbers and request.decimal != ".":
                value = f"replace({value}, {literal(request.decimal)}, '.')"
            if name in request.persons and name in present and self._key is not None:
                value = pseudonym_expression(value, request.persons[name])
            selected.append(f"{value} AS {identifier(name)}")
        return ", ".join(selected)

    def _insert(
        self,
        path: Path,
        request: _Request,
        source: str,
        present: Mapping[str, str],
        where: tuple[str, str],
    ) -> bool:
        """Fill the relation from ``source``; False with a problem when that fails."""
        try:
            if self._key is None and not self._probe_persons(path, request, source, present):
                return False
            self.connection.execute(
                f"INSERT INTO {identifier(request.relation)} "
                f"SELECT {self._expressions(request, present)}, {where[0]}, {where[1]} "
                f"FROM {source}"
            )
        except (duckdb.InvalidInputException, duckdb.IOException, duckdb.ConversionException) as e:
            known = [text for word, text in _WORDS.items() if word in str(e)]
            self._add_problems(
                path,
                known or ["cannot be read. Is it complete and of the sort that its name says?"],
            )
            self._create_empty(request)
            return False
        return True

    def _probe_persons(
        self, path: Path, request: _Request, source: str, present: Mapping[str, str]
    ) -> bool:
        """Look at the first ids before anything is stored: they must not be identity numbers."""
        fine = True
        for name in request.persons:
            if name not in present:
                continue
            row = self.connection.execute(
                f"SELECT count(*) FILTER (WHERE {looks_like_identity_number('id')}), count(*) "
                f"FROM (SELECT {present[name]} AS id FROM {source} LIMIT {_PROBED_ROWS})"
            ).fetchone()
            alike, n = row or (0, 0)
            if alike > MAX_SHARE_IDENTITY_NUMBERS * n:
                fine = False
                self._add_problems(
                    path,
                    [
                        f"holds what looks like national identity numbers in the column '{name}', "
                        "although the data are declared pseudonymous. Nothing was stored. Give a "
                        "key file (option key_file), with which they become pseudonyms while "
                        "they are read."
                    ],
                )
        return fine

    def _insert_csv(
        self, path: Path, request: _Request, source: str, scan: CsvScan, table: str
    ) -> bool:
        csv_rejects.forget(self.connection)
        header = scan.header
        present = {name: f"c{header.index(name)}" for name in request.columns if name in header}
        where = literal(self.name(path)), "row_number() OVER () + 1"
        try:
            if not self._insert(path, request, source, present, where):
                return False
            problems = csv_rejects.problems(self.connection, request.relation, scan.n_rows)
            self._add_problems(path, problems)
            if problems:
                self._create_empty(request)
                return False
            csv_rejects.refuse(
                self.connection, request.relation, table=table, source_file=self.name(path)
            )
            return True
        finally:
            csv_rejects.forget(self.connection)


def _csv_source(
    path: Path, header: Sequence[str], *, delimiter: str, encoding: str, is_gzip: bool
) -> str:
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(header)))
    # Without parallel=false a line break inside quotation marks can make rows that do not exist.
    return (
        f"read_csv({literal(str(path))}, auto_detect=false, header=true, all_varchar=true, "
        f"store_rejects=true, rejects_limit={csv_rejects.MAX_MALFORMED_ROWS}, parallel=false, "
        f"max_line_size={MAX_ROW_BYTES}, delim={literal(delimiter)}, quote='\"', escape='\"', "
        f"encoding={literal(encoding)}, compression='{'gzip' if is_gzip else 'none'}', "
        f"columns={{{columns}}})"
    )


def _parquet_parts(path: Path) -> list[Path]:
    return sorted(path.glob(f"*{PARQUET_SUFFIX}")) if path.is_dir() else [path]


def _is_nested(type_: str) -> bool:
    return type_.endswith("]") or type_.startswith(("STRUCT", "MAP", "UNION", "BLOB"))


def _parquet_text(name: str, type_: str) -> str:
    column = identifier(name)
    if type_ in ("DOUBLE", "FLOAT"):
        # Data frames with gaps keep whole numbers as fractions; an id must not grow a ".0".
        whole = f"{column} = trunc({column}) AND abs({column}) < 9007199254740992"
        return (
            f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) "
            f"WHEN isnan({column}) THEN NULL ELSE CAST({column} AS VARCHAR) END"
        )
    return f"CAST({column} AS VARCHAR)"
