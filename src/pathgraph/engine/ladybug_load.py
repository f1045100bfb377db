"""Write graph tables into a new LadybugDB file, and find the ledger again in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import ladybug
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pathgraph.engine.base import GraphTables, LoadRecord, TypeLedger
from pathgraph.engine.snapshots import disk_full_error
from pathgraph.errors import EngineError, StorageError
from pathgraph.model.ddl import NODE_KEY, ladybug_copy_options, ladybug_ddl, relationship_ends
from pathgraph.model.schema import NODES
from pathgraph.model.types import Property, PropertyType
from pathgraph.progress import Progress

__all__ = ["GraphFileSettings", "verify_graph_file", "write_graph_file"]

_ARROW_TYPES = {
    PropertyType.TEXT: pa.string(),
    PropertyType.INTEGER: pa.int64(),
    PropertyType.NUMBER: pa.float64(),
    PropertyType.BOOLEAN: pa.bool_(),
}

_TOTALS = {
    PropertyType.TEXT: "sum(size({}))",
    PropertyType.INTEGER: "sum({})",
    PropertyType.BOOLEAN: "sum(CASE WHEN {} THEN 1 ELSE 0 END)",
    PropertyType.NUMBER: "null",
}


@dataclass(frozen=True, slots=True)
class GraphFileSettings:
    """How much of the machine LadybugDB may use.

    Parameters
    ----------
    pool_bytes
        Ceiling of the buffer pool, in bytes; memory is taken as it is needed.
    n_threads
        Threads for one statement; 0 means one a core.
    """

    pool_bytes: int
    n_threads: int = 0


@dataclass(frozen=True, slots=True)
class _GraphTable:
    """One graph table: its name in the ledger, its file, how it is copied and found again."""

    name: str
    file: Path
    keys: tuple[str, ...]
    properties: tuple[Property, ...]
    copy_into: str
    options: str
    pattern: str


def write_graph_file(
    file: Path, tables: GraphTables, *, settings: GraphFileSettings, progress: Progress
) -> None:
    """Make the LadybugDB file ``file`` from ``tables``.

    Raises
    ------
    StorageError
        When the disk is full.
    EngineError
        When a graph table does not have the model's columns, or LadybugDB refuses it.
    """
    listed = list(_graph_tables(tables))
    for table in listed:
        _check_file(table, tables.ledger.types[table.name].count)
    # Statements after a failed one would be committed singly: the first error ends the load. The
    # checkpoint comes once, at the end: until then nobody needs what is in the file. One
    # transaction is faster for the schema (each commit syncs) and slower for the rows (by a third).
    with _opened(file, settings, read_only=False) as connection:
        for statement in ("BEGIN TRANSACTION", *ladybug_ddl(), "COMMIT"):
            _execute(connection, statement, file, "the schema")
        for table in listed:
            count = tables.ledger.types[table.name].count
            if count:
                statement = f"COPY {table.copy_into} FROM {_quoted(table.file)}{table.options}"
                _execute(connection, statement, file, table.name)
            progress.advance(count)
        _write_load_node(connection, tables.record, file)
        _execute(connection, "CHECKPOINT", file, "the last step")


def verify_graph_file(
    file: Path, tables: GraphTables, *, settings: GraphFileSettings, progress: Progress
) -> None:
    """Hold ``file``, opened anew, against the ledger of ``tables``: rows, values, totals.

    Raises
    ------
    EngineError
        When they differ; it names the types and what differs in them.
    """
    differences: list[str] = []
    with _opened(file, settings, read_only=True) as connection:
        for table in _graph_tables(tables):
            expected = tables.ledger.types[table.name]
            differences += _differences(connection, table, expected, file)
            progress.advance(expected.count)
        rows = _rows(connection, "MATCH (n:Load) RETURN n.load_id, n.status", file, "Load")
        if rows != [[tables.record.load_id, "complete"]]:
            differences.append("Load: the note of the load itself")
    if differences:
        raise EngineError(
            "What was written does not agree with what was to be written; nothing new was put in "
            "service. Load again; if it happens twice, check the disk and the memory of the "
            "machine. What differs:\n" + "\n".join(differences)
        )


def _graph_tables(tables: GraphTables) -> Iterator[_GraphTable]:
    for node in NODES:
        if node.label != "Load":
            yield _GraphTable(
                node.label,
                tables.node_file(node.label),
                (NODE_KEY,),
                node.properties,
                node.label,
                "",
                f"(x:{node.label})",
            )
    for relationship, end in relationship_ends():
        yield _GraphTable(
            f"{relationship.type}|{end.from_label}|{end.to_label}",
            tables.relationship_file(relationship.type, end.from_label, end.to_label),
            ("from_key", "to_key"),
            relationship.properties,
            relationship.type,
            ladybug_copy_options(relationship, end),
            f"(:{end.from_label})-[x:{relationship.type}]->(:{end.to_label})",
        )


def _check_file(table: _GraphTable, n_rows: int) -> None:
    # COPY goes by position, so a column in the wrong place would land in another property.
    expected = [(key, pa.int64()) for key in table.keys]
    expected += [(p.name, _ARROW_TYPES[p.type]) for p in table.properties]
    metadata = pq.read_metadata(table.file)
    found = [(field.name, field.type) for field in metadata.schema.to_arrow_schema()]
    if found != expected:
        raise EngineError(
            f"The graph table {table.name} does not have the columns of the model, in its order: "
            f"expected {', '.join(name for name, _ in expected)}; "
            f"found {', '.join(name for name, _ in found)}. Nothing was loaded."
        )
    if metadata.num_rows != n_rows:
        raise EngineError(
            f"The graph table {table.name} holds {metadata.num_rows} rows where its ledger says "
            f"{n_rows}. Nothing was loaded."
        )


@contextmanager
def _opened(
    file: Path, settings: GraphFileSettings, *, read_only: bool
) -> Iterator[ladybug.Connection]:
    try:
        database = ladybug.Database(
            file,
            read_only=read_only,
            buffer_pool_size=settings.pool_bytes,
            max_num_threads=settings.n_threads,
            auto_checkpoint=False,
        )
    except RuntimeError as error:
        raise _load_error(error, file, "the new file") from None
    try:
        connection = ladybug.Connection(database)
        try:
            yield connection
        finally:
            connection.close()
    finally:
        database.close()


def _execute(connection: ladybug.Connection, statement: str, file: Path, what: str) -> None:
    _rows(connection, statement, file, what)


def _rows(
    connection: ladybug.Connection,
    statement: str,
    file: Path,
    what: str,
    parameters: dict[str, str] | None = None,
) -> list[list[object]]:
    try:
        result = connection.execute(statement, parameters)
    except RuntimeError as error:
        raise _load_error(error, file, what) from None
    assert isinstance(result, ladybug.QueryResult)  # a list only for several statements
    return [list(row) for row in result.get_all()]


def _load_error(error: RuntimeError, file: Path, what: str) -> EngineError:
    """Return the sentence for a refusal of LadybugDB; its own text may show values."""
    text = str(error)
    # A short write, as at a limit on the size of files, comes with the reason "Success".
    if "No space left" in text or "Cannot write to file" in text:
        return disk_full_error(file.parent)
    if text.startswith("IO exception"):
        return StorageError(
            f"LadybugDB cannot read or write {file} ({what}). Check the disk and that the folder "
            "may be written to; what was in service before is still in service."
        )
    if text.startswith("Buffer manager exception"):
        return EngineError(
            f"There is too little memory to load {what}. Close other programs or use a machine "
            "with more memory; what was in service before is still in service."
        )
    kind = text.partition(":")[0] if " exception:" in text else "an error of its own"
    return EngineError(
        f"LadybugDB refused {what} ({kind}). Nothing new was put in service; what was in service "
        "before still is."
    )


def _quoted(file: Path) -> str:
    r"""Return the path as a Cypher text that stands for this file and no other.

    Examples
    --------
    >>> _quoted(Path("it's [1]"))
    "'it\\'s [[]1]'"
    """
    literal = re.sub(r"[\[*?]", r"[\g<0>]", str(file))
    return "'" + literal.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _write_load_node(connection: ladybug.Connection, record: LoadRecord, file: Path) -> None:
    values = {
        "load_id": record.load_id,
        "status": "complete",
        "fingerprint": record.fingerprint,
        "manifest": json.dumps(dict(record.manifest), ensure_ascii=False),
    }
    names = ", ".join(f"{name}: ${name}" for name in values)
    _rows(connection, f"CREATE (:Load {{{NODE_KEY}: 0, {names}}})", file, "Load", values)


def _differences(
    connection: ladybug.Connection, table: _GraphTable, expected: TypeLedger, file: Path
) -> list[str]:
    if expected.count == 0:
        columns: list[str] = []
    else:
        columns = [
            column
            for p in table.properties
            for column in (f"count(x.{p.name})", _TOTALS[p.type].format(f"x.{p.name}"))
        ]
    aggregates = ", ".join(f"{column} AS c{i}" for i, column in enumerate(("count(*)", *columns)))
    (found,) = _rows(connection, f"MATCH {table.pattern} RETURN {aggregates}", file, table.name)
    numbers = [0 if value is None else int(str(value)) for value in found]
    if numbers[0] != expected.count:
        return [f"{table.name}: {expected.count} rows expected, {numbers[0]} found"]
    if not columns:
        return []
    return [
        f"{table.name}: the values of {p.name}"
        for i, p in enumerate(table.properties)
        if not _agrees(
            connection, table, p, (numbers[1 + 2 * i], numbers[2 + 2 * i]), expected, file
        )
    ]


def _agrees(
    connection: ladybug.Connection,
    table: _GraphTable,
    property_: Property,
    found: tuple[int, int],
    expected: TypeLedger,
    file: Path,
) -> bool:
    n_values, total = expected.sums[property_.name]
    if found[0] != n_values:
        return False
    if property_.type is PropertyType.NUMBER or found[1] == (total or 0):
        return True
    if property_.type is not PropertyType.TEXT:
        return False
    # LadybugDB's size() counts what a reader sees as one character ("e" with a combining accent,
    # a line break of two signs), the ledger counts code points. Bytes mean the same to both.
    column = pq.read_table(table.file, columns=[property_.name])[property_.name]
    if (pc.sum(pc.utf8_length(column)).as_py() or 0) != (total or 0):
        return False
    query = f"MATCH {table.pattern} RETURN sum(octet_length(encode(x.{property_.name}))) AS n"
    ((n_bytes,),) = _rows(connection, query, file, table.name)
    return int(str(n_bytes or 0)) == (pc.sum(pc.binary_length(column)).as_py() or 0)
