"""Reads a source the way a load does, for tests: from small drawn files, or from the open data."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pathgraph.ingest.check import CheckReport, check_tables
from pathgraph.ingest.reading import Reader
from pathgraph.ingest.sources import SourceContent, find_source

Rows = list[dict[str, Any]]


def open_data(name: str) -> Path:
    """Return a folder of the open data, or skip."""
    beside = Path(__file__).parents[2] / ".." / "shared" / "data"
    folder = Path(os.environ.get("PATHGRAPH_SHARED_DATA", beside)) / name
    if not folder.is_dir():
        pytest.skip(f"The open data {name} is not here; PATHGRAPH_SHARED_DATA says where it is.")
    return folder


def write(folder: Path, **files: str) -> Path:
    """Write ``name="header and rows"`` as CSV files and return the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
    return folder


class SourceRun:
    """What a source made of a folder, and what the check then made of that."""

    def __init__(self, source: str, folder: Path, options: Mapping[str, str] | None = None) -> None:
        self.connection = duckdb.connect()
        self.reader = Reader(self.connection, folder=folder)
        self.content: SourceContent = find_source(source).read(self.reader, folder, options or {})
        self._report: CheckReport | None = None

    def rows(self, table: str) -> Rows:
        """Rows of a canonical table as the source made them, in order of file and row."""
        relation = self.content.tables[table]
        return self.query(f"SELECT * FROM {relation} ORDER BY source_file, source_row, 1")

    def row(self, table: str, key: str) -> dict[str, Any]:
        """The one row whose first column is ``key``."""
        (found,) = (row for row in self.rows(table) if next(iter(row.values())) == key)
        return found

    def check(self) -> CheckReport:
        """Check the tables, once."""
        if self._report is None:
            self._report = check_tables(
                self.connection, self.content, timezone=self.content.timezone
            )
        return self._report

    def refused(self) -> list[tuple[str, str | None, int]]:
        """Refused rows: table, column, row in the file."""
        self.check()
        return self.connection.execute(
            "SELECT table_name, column_name, source_row FROM refused_rows ORDER BY ALL"
        ).fetchall()

    def query(self, select: str) -> Rows:
        """Rows of a query, as dictionaries."""
        answer = self.connection.execute(select)
        names = [column[0] for column in answer.description or ()]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]
