"""Graph tables as Neo4j takes them: business keys at the ends instead of dense numbers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pathgraph.engine.base import GraphTables
from pathgraph.errors import DataError, EngineError
from pathgraph.model.ddl import MERGE_KEY, NODE_KEY, relationship_ends
from pathgraph.model.schema import NODES, node
from pathgraph.model.types import End, Node, Property, PropertyType, Relationship

__all__ = [
    "GraphTable",
    "batches",
    "check_tables",
    "graph_tables",
    "merge_key_sql",
    "open_duckdb",
    "quoted",
]

Batch = list[dict[str, Any]]

_MAX_BATCH_ROWS = 10_000
_BATCH_VALUES = 40_000
_MAX_KEY_BYTES = 8_000

_DUCKDB_TYPES = {
    PropertyType.TEXT: "VARCHAR",
    PropertyType.INTEGER: "BIGINT",
    PropertyType.NUMBER: "DOUBLE",
    PropertyType.BOOLEAN: "BOOLEAN",
}


@dataclass(frozen=True, slots=True)
class GraphTable:
    """One graph table with its place in the model; ``node`` or ``relationship`` and ``end``."""

    name: str
    file: Path
    count: int
    properties: tuple[Property, ...]
    node: Node | None = None
    relationship: Relationship | None = None
    end: End | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The dense columns before the properties."""
        return (NODE_KEY,) if self.node else ("from_key", "to_key")


def graph_tables(tables: GraphTables) -> list[GraphTable]:
    """Return every graph table of ``tables``, nodes first, except ``Load``."""
    listed = [
        GraphTable(
            n.label, tables.node_file(n.label), _count(tables, n.label), n.properties, node=n
        )
        for n in NODES
        if n.label != "Load"
    ]
    for relationship, end in relationship_ends():
        name = f"{relationship.type}|{end.from_label}|{end.to_label}"
        file = tables.relationship_file(relationship.type, end.from_label, end.to_label)
        listed.append(
            GraphTable(
                name,
                file,
                _count(tables, name),
                relationship.properties,
                relationship=relationship,
                end=end,
            )
        )
    return listed


def _count(tables: GraphTables, name: str) -> int:
    return tables.ledger.types[name].count


def open_duckdb(temporary: Path) -> duckdb.DuckDBPyConnection:
    """Open a DuckDB that spills into ``temporary`` instead of taking all memory."""
    return duckdb.connect(
        config={"threads": 2, "memory_limit": "4GB", "temp_directory": str(temporary / "spill")}
    )


def quoted(path: Path) -> str:
    """Return ``path`` as an SQL text.

    Examples
    --------
    >>> quoted(Path("it's"))
    "'it''s'"
    """
    return "'" + str(path).replace("'", "''") + "'"


def merge_key_sql(relationship: Relationship) -> str:
    """Return the SQL for what tells a relationship from others between the same two nodes.

    Examples
    --------
    >>> from pathgraph.model.schema import relationship
    >>> merge_key_sql(relationship("DIAGNOSED"))
    "coalesce(r.rank::VARCHAR, '')"
    """
    parts = (f"coalesce(r.{name}::VARCHAR, '')" for name in relationship.key)
    return " || '|' || ".join(parts)


def check_tables(connection: duckdb.DuckDBPyConnection, listed: list[GraphTable]) -> None:
    """Make sure, before anything is written, that the tables are what they should be.

    Raises
    ------
    EngineError
        When columns or numbers of rows are not those of the model and the ledger.
    DataError
        When two rows would become one, or a key is too long.
    """
    problems: list[str] = []
    for table in listed:
        _check_columns(connection, table)
        if table.count and (n_long := _long_keys(connection, table)):
            problems.append(
                f"{table.name}: {n_long} rows have a {table.node and table.node.key} of more than "
                f"{_MAX_KEY_BYTES} bytes, which Neo4j cannot index. Look for a column that holds "
                "something else than an id."
            )
        if table.count and (n_double := _double_rows(connection, table)):
            problems.append(
                f"{table.name}: {n_double} rows have the key of another row and would be lost. "
                "Look for duplicates in the canonical tables that it comes from."
            )
    if problems:
        raise DataError(problems)


def _check_columns(connection: duckdb.DuckDBPyConnection, table: GraphTable) -> None:
    source = f"read_parquet({quoted(table.file)})"
    described = connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    found = [(row[0], row[1]) for row in described]
    expected = [(key, "BIGINT") for key in table.keys]
    expected += [(p.name, _DUCKDB_TYPES[p.type]) for p in table.properties]
    if found != expected:
        raise EngineError(
            f"The graph table {table.name} does not have the columns of the model, in its order: "
            f"expected {', '.join(name for name, _ in expected)}; "
            f"found {', '.join(name for name, _ in found)}. Nothing was loaded."
        )
    (n_rows,) = connection.execute(f"SELECT count(*) FROM {source}").fetchone() or (0,)
    if n_rows != table.count:
        raise EngineError(
            f"The graph table {table.name} holds {n_rows} rows where its ledger says "
            f"{table.count}. Nothing was loaded."
        )


def _long_keys(connection: duckdb.DuckDBPyConnection, table: GraphTable) -> int:
    if table.node is None:
        return 0
    row = connection.execute(
        f"SELECT count(*) FROM read_parquet({quoted(table.file)}) "
        f"WHERE strlen({table.node.key}) > {_MAX_KEY_BYTES}"
    ).fetchone()
    assert row
    return int(row[0])


def _double_rows(connection: duckdb.DuckDBPyConnection, table: GraphTable) -> int:
    if table.node:
        key = f"r.{table.node.key}"
    else:
        assert table.relationship
        own = merge_key_sql(table.relationship) or "''"
        key = f"(r.from_key, r.to_key, {own})"
    row = connection.execute(
        f"SELECT count(*) - count(DISTINCT {key}) FROM read_parquet({quoted(table.file)}) r"
    ).fetchone()
    assert row
    return int(row[0])


def batches(
    connection: duckdb.DuckDBPyConnection, table: GraphTable, tables: GraphTables, *, load_id: str
) -> Iterator[Batch]:
    """Yield the rows of ``table`` as the statements of :mod:`pathgraph.model.ddl` take them.

    The next batch is read while the server works on the last one.
    """
    read = _node_batches if table.node else _relationship_batches
    coming = read(connection, table, tables, load_id)
    with ThreadPoolExecutor(max_workers=1) as pool:
        ahead = pool.submit(next, coming, None)
        while (batch := ahead.result()) is not None:
            ahead = pool.submit(next, coming, None)
            yield batch


def batch_size(n_values: int) -> int:
    """Return how many rows of ``n_values`` values go into one transaction.

    Wide rows in large transactions cost the server half as much again (measured with contacts:
    0.07 s CPU per 1,000 rows in batches of 10,000, 0.045 s in batches of 2,000).

    Examples
    --------
    >>> batch_size(2), batch_size(23)
    (10000, 1739)
    """
    return min(_MAX_BATCH_ROWS, _BATCH_VALUES // n_values)


def _node_batches(
    connection: duckdb.DuckDBPyConnection, table: GraphTable, tables: GraphTables, load_id: str
) -> Iterator[Batch]:
    names = [p.name for p in table.properties]
    cursor = connection.execute(
        f"SELECT {', '.join(names)} FROM read_parquet({quoted(table.file)})"
    )
    size = batch_size(len(names) + 1)
    while rows := cursor.fetchmany(size):
        yield [dict(zip(names, row, strict=True), load_id=load_id) for row in rows]


def _relationship_batches(
    connection: duckdb.DuckDBPyConnection, table: GraphTable, tables: GraphTables, load_id: str
) -> Iterator[Batch]:
    assert table.relationship
    assert table.end
    names = [p.name for p in table.properties]
    ends = (table.end.from_label, table.end.to_label)
    a, b = (
        f"(SELECT {NODE_KEY}, {node(e).key} AS id FROM read_parquet({quoted(tables.node_file(e))}))"
        for e in ends
    )
    cursor = connection.execute(
        f"SELECT a.id, b.id, {merge_key_sql(table.relationship) or 'NULL'}"
        f"{''.join(f', r.{name}' for name in names)} FROM read_parquet({quoted(table.file)}) r "
        f"JOIN {a} a ON a.{NODE_KEY} = r.from_key JOIN {b} b ON b.{NODE_KEY} = r.to_key"
    )
    size = batch_size(len(names) + 4)
    while rows := cursor.fetchmany(size):
        yield [
            {
                "from_id": row[0],
                "to_id": row[1],
                MERGE_KEY: row[2],
                "properties": dict(zip(names, row[3:], strict=True), load_id=load_id),
            }
            for row in rows
        ]
