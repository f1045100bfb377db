"""The same graph on Neo4j through the bulk importer; needs Java and Maven, as the tests do."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.measure import Runs, time_runs

__all__ = ["ask", "export", "serve", "write_database"]


def export(source: Path, scratch: Path, out: Path) -> dict[str, Any]:
    """Read, check and link the tables, and write the importer's files."""
    from pathgraph.engine.neo4j_bulk_import import export_for_import
    from pathgraph.engine.snapshots import new_load_id
    from pathgraph.ingest.run import prepare
    from pathgraph.progress import QuietProgress

    scratch.mkdir(parents=True)
    started = time.perf_counter()
    tables = prepare(
        "tables", source, scratch, load_id=new_load_id(), quarantine=scratch / "quarantine"
    )
    prepared = time.perf_counter()
    written = export_for_import(tables, out, progress=QuietProgress())
    done = time.perf_counter()
    return {
        "script": str(written.script),
        "preparing_s": prepared - started,
        "writing_s": done - prepared,
    }


def write_database(script: str, home: Path) -> float:
    """Import the files into the database of the server with this home; return the seconds."""
    from tests import neo4j_server

    admin = neo4j_server.write_admin_tool(home)
    started = time.perf_counter()
    subprocess.run(
        ["sh", script],
        env={**os.environ, "NEO4J_ADMIN": str(admin)},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - started


@contextmanager
def serve(home: Path) -> Iterator[str]:
    """Run the server with this home and give its address."""
    from tests import neo4j_server

    server = neo4j_server.start(home)
    try:
        yield server.url
    finally:
        neo4j_server.stop(server)


def ask(finding: str, url: str, answer: Path, n_warm: int) -> tuple[Runs, int]:
    """Time the finding as a user gets it; the answer that is compared has no number hidden."""
    import pyarrow.parquet as pq

    from pathgraph.engine import open_engine
    from pathgraph.queries.run import run

    engine = open_engine(url)
    _, runs = time_runs(lambda: lambda: run(engine, finding), n_warm=n_warm)
    result = run(engine, finding, suppress_below=0)
    engine.close()
    pq.write_table(result.table.replace_schema_metadata(None), answer)
    return runs, result.table.num_rows
