"""Files and the command with which ``neo4j-admin database import`` makes a whole graph at once.

For a first load of millions: the importer writes the store's files itself, some fifty times faster
than a server takes rows. Everything that a later load through the driver looks for is in it.
"""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pathgraph.engine.base import GraphTables
from pathgraph.engine.neo4j_tables import (
    GraphTable,
    check_tables,
    graph_tables,
    merge_key_sql,
    open_duckdb,
    quoted,
)
from pathgraph.errors import StorageError
from pathgraph.model.ddl import MERGE_KEY, neo4j_ddl
from pathgraph.model.schema import node
from pathgraph.model.types import PropertyType
from pathgraph.progress import Progress

__all__ = ["BulkImport", "export_for_import"]

_TYPES = {
    PropertyType.TEXT: "string",
    PropertyType.INTEGER: "long",
    PropertyType.NUMBER: "double",
    PropertyType.BOOLEAN: "boolean",
}

# Quotes are doubled by DuckDB and understood so by the importer; an empty field without quotes is
# null to both, one with quotes an empty text.
_CSV = "(FORMAT csv, HEADER false, QUOTE '\"', ESCAPE '\"', NULLSTR '')"

_DEFAULT_READ_BUFFER = 4 * 2**20

_SCRIPT = """\
#!/bin/sh
# Makes a Neo4j database from the files in this folder. The database must not be in use: stop the
# server (Community edition) or the database (Enterprise edition) first.
#
#   sh import.sh [DATABASE] [further options of neo4j-admin database import full]
#
# DATABASE is neo4j where not given. A server that has been started once has a database of that
# name already: add --overwrite-destination, which deletes what is in it.
set -eu
cd "$(dirname "$0")"
database=neo4j
case "${{1:-}}" in
  "" | -*) ;;
  *) database=$1; shift ;;
esac
"${{NEO4J_ADMIN:-neo4j-admin}}" database import full "$database" \\
{arguments} \\
  "$@"
echo "Start the server, then make the constraints, which findings and later loads need to be fast:"
echo "  cypher-shell --database $database --file '$(pwd)/constraints.cypher'"
"""


@dataclass(frozen=True, slots=True)
class BulkImport:
    """What was written for the importer.

    Attributes
    ----------
    folder
        Holds a header file and a data file for every type that has rows, ``import.sh`` and
        ``constraints.cypher``.
    script
        The shell script with the command.
    arguments
        Of ``neo4j-admin database import full DATABASE``, with files relative to ``folder``.
    counts
        Rows by type, as in the ledger.
    """

    folder: Path
    script: Path
    arguments: tuple[str, ...]
    counts: dict[str, int]

    def __str__(self) -> str:
        """Say what to do with the files."""
        n_nodes = sum(n for name, n in self.counts.items() if "|" not in name)
        n_relationships = sum(self.counts.values()) - n_nodes
        return (
            f"{n_nodes} nodes and {n_relationships} relationships are written to {self.folder}.\n"
            "The files hold everything about the patients: keep the folder private, and delete it "
            "after the import.\n"
            "Stop the Neo4j server and run, as the user whom the server runs as:\n"
            f"  sh {shlex.quote(str(self.script))} neo4j\n"
            "(with --overwrite-destination where the database exists already and may go), then "
            "start the server."
        )


def export_for_import(tables: GraphTables, out: Path, *, progress: Progress) -> BulkImport:
    """Write ``tables`` for ``neo4j-admin database import full`` into the folder ``out``.

    Parameters
    ----------
    tables
        The graph tables; their record becomes the ``Load`` node, as complete.
    out
        Is made where it is not there; only the user can read it then.

    Raises
    ------
    StorageError
        When ``out`` cannot be written to, or holds an earlier export.
    DataError
        When two rows of a table would become one.
    """
    script = out / "import.sh"
    if script.exists():
        raise StorageError(
            f"The folder {out} holds files for an import already. Choose another, or delete them."
        )
    listed = graph_tables(tables)
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(dir=out, prefix=".spill-") as spill:
            arguments = _write_files(tables, listed, out, Path(spill), progress)
        constraints = "".join(f"{statement};\n" for statement in neo4j_ddl())
        (out / "constraints.cypher").write_text(constraints, encoding="utf-8")
        lines = " \\\n".join(f"  {argument}" for argument in arguments)
        script.write_text(_SCRIPT.format(arguments=lines), encoding="utf-8")
        script.chmod(0o700)
    except (OSError, duckdb.IOException) as error:
        reason = error.strerror if isinstance(error, OSError) else "the disk may be full"
        raise StorageError(
            f"The files for the import cannot be written to {out}: {reason}. Make room, or choose "
            "another folder."
        ) from None
    return BulkImport(out, script, arguments, {table.name: table.count for table in listed})


def _write_files(
    tables: GraphTables, listed: Sequence[GraphTable], out: Path, spill: Path, progress: Progress
) -> tuple[str, ...]:
    files: list[str] = []
    longest = 0
    has_line_breaks = False
    with open_duckdb(spill) as connection:
        check_tables(connection, list(listed))
        _write_load_node(tables, out)
        files.append("--nodes=Load=Load.header.csv,Load.csv")
        longest = len(_load_node(tables)[-1].encode())
        for table in listed:
            if not table.count:
                continue
            progress.start(f"Writing {table.name.split('|')[0]}", table.count)
            files.append(_write_table(connection, table, out, tables.record.load_id))
            widest, breaks = _texts(connection, table)
            longest = max(longest, widest)
            has_line_breaks |= breaks
            progress.advance(table.count)
    progress.finish()
    # With line breaks in fields the importer reads a file in one piece, hence only where needed.
    options = [
        "--id-type=integer",
        "--bad-tolerance=0",
        "--skip-bad-relationships=false",
        "--skip-duplicate-nodes=false",
        f"--multiline-fields={str(has_line_breaks).lower()}",
    ]
    if longest * 2 > _DEFAULT_READ_BUFFER:
        options.append(f"--read-buffer-size={longest * 3}")
    return (*options, *files)


def _write_table(
    connection: duckdb.DuckDBPyConnection, table: GraphTable, out: Path, load_id: str
) -> str:
    """Write a header and a data file; return the importer's argument for them."""
    stem = table.name.replace("|", "-")
    columns = [f"r.{p.name}" for p in table.properties]
    header = [f"{p.name}:{_TYPES[p.type]}" for p in table.properties]
    keys = [f"r.{key}" for key in table.keys]
    if table.node:
        # The dense key joins the files and is not kept.
        header = [f":ID({table.node.label})", *header]
        option, name = "--nodes", table.node.label
    else:
        assert table.relationship
        assert table.end
        header = [f":START_ID({table.end.from_label})", f":END_ID({table.end.to_label})", *header]
        if table.relationship.key:
            header.append(f"{MERGE_KEY}:string")
            columns.append(merge_key_sql(table.relationship))
        option, name = "--relationships", table.relationship.type
    _write_header(out / f"{stem}.header.csv", [*header, "load_id:string"])
    selected = ", ".join((*keys, *columns, f"'{load_id}'"))
    connection.execute(
        f"COPY (SELECT {selected} FROM read_parquet({quoted(table.file)}) r) "
        f"TO {quoted(out / f'{stem}.csv')} {_CSV}"
    )
    return f"{option}={name}={stem}.header.csv,{stem}.csv"


def _texts(connection: duckdb.DuckDBPyConnection, table: GraphTable) -> tuple[int, bool]:
    """Return the bytes of the longest text and whether any text breaks a line."""
    names = [p.name for p in table.properties if p.type is PropertyType.TEXT]
    if not names:
        return 0, False
    row = connection.execute(
        f"SELECT greatest(0, {', '.join(f'max(strlen({name}))' for name in names)}), "
        f"bool_or({' OR '.join(_breaks(name) for name in names)}) "
        f"FROM read_parquet({quoted(table.file)})"
    ).fetchone()
    assert row
    return int(row[0]), bool(row[1])


def _breaks(name: str) -> str:
    return f"coalesce(contains({name}, chr(10)) OR contains({name}, chr(13)), false)"


def _load_node(tables: GraphTables) -> tuple[str, ...]:
    record = tables.record
    manifest = json.dumps(dict(record.manifest), ensure_ascii=False)
    return (record.load_id, "complete", record.fingerprint, manifest)


def _write_load_node(tables: GraphTables, out: Path) -> None:
    names = [p.name for p in node("Load").properties]
    _write_header(out / "Load.header.csv", [":ID(Load)", *(f"{name}:string" for name in names)])
    fields = ('"' + value.replace('"', '""') + '"' for value in _load_node(tables))
    (out / "Load.csv").write_text(f"0,{','.join(fields)}\n", encoding="utf-8")


def _write_header(file: Path, fields: Sequence[str]) -> None:
    file.write_text(",".join(fields) + "\n", encoding="utf-8")
