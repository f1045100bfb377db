"""Reads raw files into DuckDB tables: CSV, Parquet and XLSX, all columns as text, rows numbered.

SIGNATURES FIRST; the bodies follow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

__all__ = ["Reader"]


class Reader:
    """Reads files into one DuckDB connection and collects what is wrong with them."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, *, folder: Path | None = None
    ) -> None:
        self.connection = connection
        self.folder = folder  # source_file is relative to it
        self.problems: list[str] = []
        self.notes: list[str] = []

    def has(self, path: Path) -> bool:
        """Say whether there is a file (or folder of Parquet parts) at ``path``."""
        raise NotImplementedError

    def header(self, path: Path, *, delimiter: str = ",", encoding: str = "utf-8") -> list[str]:
        """Return the column names of a CSV, Parquet or XLSX file ([] and a problem if unreadable)."""
        raise NotImplementedError

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
        """Create the table ``relation`` from a CSV file (also gzip).

        All ``columns`` are VARCHAR, absent optional ones NULL, plus ``source_file``,
        ``source_row``. ``numbers``: columns in which ``decimal`` becomes a point. ``persons``:
        columns with person ids and their domain (``patient``, ``professional``), hashed when the
        reader has a key. Returns False and adds to ``problems`` when the file cannot be read; the
        relation then exists and is empty.
        """
        raise NotImplementedError

    def stop_on_problems(self) -> None:
        """Raise InputError with all problems, if there are any."""
        raise NotImplementedError
