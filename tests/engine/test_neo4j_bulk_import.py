"""The files for the bulk importer, really imported, against the same graph through the driver."""

from __future__ import annotations

import json
import os
import stat
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pathgraph.engine.base import GraphTables
from pathgraph.engine.neo4j import Neo4jEngine
from pathgraph.engine.neo4j_bulk_import import BulkImport, export_for_import
from pathgraph.errors import DataError, StorageError
from pathgraph.ingest.run import prepare
from pathgraph.progress import QuietProgress
from tests import neo4j_server
from tests.conftest import Exclusively
from tests.engine.every_table import write_every_table
from tests.engine.graph_folder import build_graph_tables
from tests.engine.neo4j_graph import Content, connect, content, of

DIFFICULT = (
    "NA",
    "null",
    "",
    " blanks ",
    'quo"te',
    '"quoted"',
    "back\\slash\\",
    "com,ma;semi\ttab",
    "line\nbreak",
    "line\r\nbreak",
    "carriage\rreturn",
    "#comment",
    "007",
    "1e5",
    "true",
    "e\u0301 and \U0001f600",
    "[1, 2]",
)
LONG = "x" * 5_000_000


def difficult_graph(folder: Path) -> GraphTables:
    """Return a graph whose texts and numbers are hard on CSV files."""
    largest = 2**63 - 1
    places: list[dict[str, object]] = [
        {"municipality_code": "1", "population": largest, "latitude": 0.1 + 0.2},
        {"municipality_code": "2", "population": -largest - 1, "latitude": 1e-300},
        {"municipality_code": "3", "population": 0, "latitude": -1.7976931348623157e308},
        {"municipality_code": "4"},
    ]
    return build_graph_tables(
        folder,
        {
            "Patient": [
                *({"patient_id": text, "sex": text} for text in DIFFICULT),
                {"patient_id": "long", "sex": LONG},
            ],
            "Municipality": places,
        },
        {
            ("LIVES_IN", "Patient", "Municipality"): [
                {"from_id": text, "to_id": str(1 + i % 4), "valid_from": day}
                for i, text in enumerate(DIFFICULT)
                for day in (None, "2020-01-01")
            ]
        },
    )


def run_import(written: BulkImport, home: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a user does, with the importer of the server with this home."""
    environment = {**os.environ, "NEO4J_ADMIN": str(neo4j_server.write_admin_tool(home))}
    return subprocess.run(
        ["sh", str(written.script), *more],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
    )


@pytest.fixture
def home(neo4j_url: str, tmp_path: Path) -> Path:
    """The home of a server of one's own, whose database may be written from outside."""
    if neo4j_server.missing_tools():
        pytest.skip("The bulk importer needs Java and Maven, also beside a Neo4j of your own.")
    return neo4j_server.new_home(tmp_path / "home")


def through_the_driver(exclusively: Exclusively, tables: GraphTables) -> Content:
    with exclusively() as url, closing(Neo4jEngine(url)) as engine:
        with engine.begin_load() as session:
            session.commit(of(session, tables), progress=QuietProgress())
        return content(url)


@pytest.fixture
def every_table(tmp_path: Path) -> GraphTables:
    write_every_table(tmp_path / "tables")
    (tmp_path / "scratch").mkdir()
    return prepare(
        "tables",
        tmp_path / "tables",
        tmp_path / "scratch",
        load_id="20260101T000000Z-import",
        quarantine=tmp_path / "quarantine",
    )


def test_imported_graph_is_the_same_and_a_load_on_top_changes_nothing(
    every_table: GraphTables, neo4j_exclusively: Exclusively, home: Path, tmp_path: Path
) -> None:
    expected = through_the_driver(neo4j_exclusively, every_table)
    written = export_for_import(
        every_table, tmp_path / "a folder's files", progress=QuietProgress()
    )
    done = run_import(written, home)
    assert done.returncode == 0, done.stdout + done.stderr
    server = neo4j_server.start(home)
    try:
        with closing(Neo4jEngine(server.url)) as engine:
            record = every_table.record
            # The manifest has been JSON on the way.
            manifest = json.loads(json.dumps(dict(record.manifest)))
            assert engine.record() == replace(record, manifest=manifest)
            assert content(server.url) == expected
            with engine.begin_load() as session:
                counts = session.commit(of(session, every_table), progress=QuietProgress())
            assert (counts["nodes_deleted"], counts["relationships_deleted"]) == (0, 0)
            assert content(server.url) == expected
            assert engine.record().load_id == session.load_id
    finally:
        neo4j_server.stop(server)


def test_difficult_texts_and_numbers_come_out_unchanged(
    neo4j_exclusively: Exclusively, home: Path, tmp_path: Path
) -> None:
    tables = difficult_graph(tmp_path / "graph")
    expected = through_the_driver(neo4j_exclusively, tables)
    written = export_for_import(tables, tmp_path / "out", progress=QuietProgress())
    done = run_import(written, home, "neo4j")
    assert done.returncode == 0, done.stdout + done.stderr
    # A second time only when the user says that what is there may go.
    assert run_import(written, home, "neo4j").returncode != 0
    assert run_import(written, home, "--overwrite-destination").returncode == 0
    server = neo4j_server.start(home)
    try:
        with connect(server.url) as driver:
            found = driver.execute_query(
                "MATCH (p:Patient) RETURN p.patient_id AS id, p.sex AS sex"
            )
        assert {(r["id"], r["sex"]) for r in found.records} == {
            *((t, t) for t in DIFFICULT),
            ("long", LONG),
        }
        assert content(server.url) == expected
    finally:
        neo4j_server.stop(server)


def test_constraints_are_those_of_a_load(
    every_table: GraphTables, neo4j_exclusively: Exclusively, tmp_path: Path
) -> None:
    written = export_for_import(every_table, tmp_path / "out", progress=QuietProgress())
    statements = (written.folder / "constraints.cypher").read_text().split(";\n")[:-1]
    with neo4j_exclusively() as url, connect(url) as driver:
        through_the_driver(neo4j_exclusively, every_table)
        for statement in statements:
            summary = driver.execute_query(statement).summary
            assert not summary.counters.contains_updates


def test_files_and_words(every_table: GraphTables, tmp_path: Path) -> None:
    out = tmp_path / "out"
    written = export_for_import(every_table, out, progress=QuietProgress())
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert written.counts == {name: t.count for name, t in every_table.ledger.types.items()}
    assert str(written.script) in str(written)
    assert "delete it after the import" in str(written)
    named = {
        file
        for argument in written.arguments
        if argument.startswith(("--nodes", "--relationships"))
        for file in argument.split("=")[2].split(",")
    }
    assert named | {"import.sh", "constraints.cypher"} == {file.name for file in out.iterdir()}
    assert "--multiline-fields=false" in written.arguments
    assert not any(a.startswith("--read-buffer-size") for a in written.arguments)


def test_line_breaks_and_long_texts_are_told_to_the_importer(tmp_path: Path) -> None:
    tables = difficult_graph(tmp_path / "graph")
    written = export_for_import(tables, tmp_path / "out", progress=QuietProgress())
    assert "--multiline-fields=true" in written.arguments
    assert any(a.startswith("--read-buffer-size=") for a in written.arguments)


def test_long_manifest_is_told_to_the_importer(tmp_path: Path) -> None:
    tables = build_graph_tables(tmp_path / "graph", {}, {}, manifest={"notes": ["x" * 3_000_000]})
    written = export_for_import(tables, tmp_path / "out", progress=QuietProgress())
    assert any(a.startswith("--read-buffer-size=") for a in written.arguments)


def test_folder_with_an_earlier_export_is_refused(every_table: GraphTables, tmp_path: Path) -> None:
    written = export_for_import(every_table, tmp_path / "out", progress=QuietProgress())
    before = written.script.read_bytes()
    other = replace(every_table, record=replace(every_table.record, load_id="other"))
    with pytest.raises(StorageError, match="holds files for an import already"):
        export_for_import(other, tmp_path / "out", progress=QuietProgress())
    assert written.script.read_bytes() == before


def test_folder_that_cannot_be_written(every_table: GraphTables, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="cannot be written"):
        export_for_import(every_table, tmp_path / "file" / "out", progress=QuietProgress())


def test_rows_that_would_become_one_are_refused(tmp_path: Path) -> None:
    tables = build_graph_tables(tmp_path / "graph", {"Patient": [{"patient_id": "p"}]}, {})
    file = tables.node_file("Patient")
    row = pq.read_table(file)
    again = row.set_column(0, "node_key", [[1]])
    with pq.ParquetWriter(file, row.schema) as writer:
        writer.write_table(row)
        writer.write_table(again)
    types = dict(tables.ledger.types)
    types["Patient"] = replace(types["Patient"], count=2)
    doubled = replace(tables, ledger=replace(tables.ledger, types=types))
    with pytest.raises(DataError, match="Patient: 1 rows have the key of another row"):
        export_for_import(doubled, tmp_path / "out", progress=QuietProgress())
    assert not (tmp_path / "out" / "import.sh").exists()
