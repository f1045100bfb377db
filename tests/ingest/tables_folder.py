"""Writes small folders of canonical tables, and takes them through reading and checking."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pathgraph.ingest.check import CheckReport, check_tables
from pathgraph.ingest.reading import Reader
from pathgraph.ingest.sources import SourceContent, find_source

PATIENTS = "patient_id,birth_year,sex,died_on\np1,1940,female,\np2,1950,male,\n"
UNITS = "unit_id,name,kind,level\nward,Ward,ward,hospital\nhome,Home,municipal_service,municipal\n"
CONTACT_HEADER = (
    "contact_id,patient_id,unit_id,parent_contact_id,care_level,started_at,ended_at,urgency\n"
)
CONTACTS = CONTACT_HEADER + "c1,p1,ward,,overnight,2025-01-01T10:00:00,2025-01-02T10:00:00,1\n"


@dataclass(frozen=True)
class Checked:
    """What came of reading and checking a folder."""

    connection: duckdb.DuckDBPyConnection
    content: SourceContent
    report: CheckReport

    def refused(self, table: str) -> list[tuple[object, ...]]:
        return self.connection.execute(
            "SELECT reason, column_name, source_file, source_row FROM refused_rows "
            "WHERE table_name = ? ORDER BY source_file, source_row",
            [table],
        ).fetchall()

    def accepted(self, table: str, *columns: str) -> list[tuple[object, ...]]:
        return self.connection.execute(
            f"SELECT {', '.join(columns)} FROM accepted_{table} ORDER BY source_file, source_row"
        ).fetchall()


def write_folder(folder: Path, **files: str | bytes) -> Path:
    """Write ``<table>.csv`` for each keyword; the required tables get their default rows."""
    folder.mkdir(parents=True, exist_ok=True)
    contents: dict[str, str | bytes] = {
        "patients": PATIENTS,
        "units": UNITS,
        "contacts": CONTACTS,
        **files,
    }
    for name, content in contents.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / f"{name}.csv").write_bytes(data)
    if not (folder / "dataset.yaml").exists():
        (folder / "dataset.yaml").write_text("pseudonymous: true\n")
    return folder


def write_rows(path: Path, header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def read_folder(
    folder: Path, **options: str
) -> tuple[duckdb.DuckDBPyConnection, Reader, SourceContent]:
    connection = duckdb.connect()
    reader = Reader(connection, folder=folder)
    return connection, reader, find_source("tables").read(reader, folder, options)


def check_folder(folder: Path, **options: str) -> Checked:
    connection, _, content = read_folder(folder, **options)
    return Checked(
        connection, content, check_tables(connection, content, timezone=content.timezone)
    )


def contacts(*rows: str) -> str:
    """Return a contacts file with the header of ``CONTACT_HEADER``."""
    return CONTACT_HEADER + "".join(row + "\n" for row in rows)


def totals(report: CheckReport) -> Mapping[str, tuple[int, int, int]]:
    return {
        name: (count.read, count.accepted, count.n_refused) for name, count in report.tables.items()
    }
