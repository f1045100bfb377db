"""A load into Neo4j: idempotent batches, then what was withdrawn goes, then all is verified."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import neo4j
from neo4j.exceptions import DriverError, IncompleteCommit, Neo4jError

from pathgraph.engine.base import GraphTables, TypeLedger
from pathgraph.engine.neo4j_errors import said_plainly
from pathgraph.engine.neo4j_tables import (
    Batch,
    GraphTable,
    batches,
    check_tables,
    graph_tables,
    open_duckdb,
)
from pathgraph.errors import EngineBusyError, EngineError, StorageError
from pathgraph.model.ddl import (
    neo4j_ddl,
    neo4j_delete_nodes,
    neo4j_delete_relationships,
    neo4j_merge_node,
    neo4j_merge_relationship,
)
from pathgraph.model.schema import NODES, RELATIONSHIPS
from pathgraph.model.types import PropertyType
from pathgraph.progress import Progress

__all__ = ["Neo4jLoad", "ensure_constraints"]

_DELETE_BATCH = 10_000
_COMMIT_TRIES = 3

# An integer's total may leave 64 bits on the way; the totals of its halves do not.
_HALF = 2**32


@dataclass(slots=True)
class Neo4jLoad:
    """The right to write to one Neo4j graph; see :class:`pathgraph.engine.base.LoadSession`."""

    load_id: str
    scratch: Path
    quarantine: Path
    url: str
    session: neo4j.Session
    lock: neo4j.Transaction

    def commit(self, tables: GraphTables, *, progress: Progress) -> Mapping[str, int]:
        """Write ``tables``, delete what they no longer hold, verify, and put into service.

        Raises
        ------
        DataError
            When two rows of a table would become one; nothing was written.
        EngineError
            When the server refuses or what it then holds is not what was written; the graph is
            out of service until a load completes.
        """
        if tables.record.load_id != self.load_id:
            raise EngineError(
                f"The graph tables belong to the load {tables.record.load_id}, not to the load "
                f"{self.load_id} that is under way. Nothing was loaded."
            )
        listed = graph_tables(tables)
        with said_plainly(self.url), open_duckdb(self.scratch) as connection:
            check_tables(connection, listed)
            self._refuse_foreign_nodes()
            ensure_constraints(self.session, neo4j_ddl())
            self._begin()
            for table in (table for table in listed if table.count):
                progress.start(_step("Writing", table), table.count)
                self._keep_lock()
                for batch in batches(connection, table, tables, load_id=self.load_id):
                    self._write(table, batch)
                    progress.advance(len(batch))
            deleted = self._delete_withdrawn(listed, progress)
            self._verify(listed, tables.ledger.types, progress)
            self._keep_lock()
            self._complete(tables)
            progress.finish()
        return {
            "nodes": sum(table.count for table in listed if table.node),
            "relationships": sum(table.count for table in listed if table.relationship),
            **deleted,
        }

    def _refuse_foreign_nodes(self) -> None:
        """Refuse a graph that somebody else filled: what a load did not write, it deletes."""
        labels = ["Load", *(node.label for node in NODES if node.label != "Load")]
        found = self._totals(labels)
        if foreign := [] if found["Load"] else [label for label in labels if found[label]]:
            raise StorageError(
                f"The graph at {self.url} holds nodes that pathgraph did not write "
                f"({', '.join(foreign)}), and a load would delete them. Give pathgraph a database "
                "of its own."
            )

    def _begin(self) -> None:
        """Take the graph out of service; what a killed load left of itself goes."""
        self.session.execute_write(
            lambda tx: tx.run(
                "OPTIONAL MATCH (l:Load {status: 'running'}) WHERE l.load_id <> $load_id DELETE l "
                "WITH count(*) AS n MERGE (new:Load {load_id: $load_id}) "
                "SET new.status = 'running'",
                load_id=self.load_id,
            ).consume()
        )

    def _keep_lock(self) -> None:
        try:
            self.lock.run("RETURN 1").consume()
        except (DriverError, Neo4jError):
            raise self._lost() from None

    def _lost(self) -> EngineError:
        return EngineBusyError(
            f"The load into {self.url} lost its hold on the graph: the server was restarted, or "
            "another load took over. Load again."
        )

    def _write(self, table: GraphTable, rows: Batch) -> None:
        if table.node:
            statement = neo4j_merge_node(table.node)
        else:
            assert table.relationship
            assert table.end
            statement = neo4j_merge_relationship(table.relationship, table.end)

        def work(tx: neo4j.ManagedTransaction) -> None:
            # Without its Load node, this load has been overtaken by another one.
            if not _number(
                tx.run("MATCH (l:Load {load_id: $id}) RETURN count(l) AS n", id=self.load_id)
            ):
                raise self._lost()
            result = tx.run(statement, rows=rows)
            if table.node:
                result.consume()
            elif _number(result) != len(rows):
                raise EngineError(
                    f"The graph at {self.url} lacks an end of a relationship of {table.name}: "
                    "something else changed it during the load. Load again."
                )

        for left in reversed(range(_COMMIT_TRIES)):
            try:
                return self.session.execute_write(work)
            except IncompleteCommit:
                # Written or not, nobody knows; writing again changes nothing in what was.
                if not left:
                    raise

    def _delete_withdrawn(self, listed: list[GraphTable], progress: Progress) -> dict[str, int]:
        """Delete what this load did not write, relationships first, and count it."""
        progress.start("Deleting what the source withdrew")
        expected = _expected_totals(listed)
        found = self._totals(expected)
        # All rows of a type were written and none is another's double: the same number of them
        # in the graph means that nothing else is there.
        surplus = {name for name in expected if found[name] != expected[name]}
        relationships = [r.type for r in RELATIONSHIPS]
        nodes = [n.label for n in NODES if n.label != "Load"]
        statements = [neo4j_delete_relationships(name) for name in relationships if name in surplus]
        statements += self._of_older_models("relationship", relationships)
        n_relationships = self._repeat(statements, progress)
        statements = [neo4j_delete_nodes(name) for name in nodes if name in surplus]
        statements += self._of_older_models("node", nodes)
        n_nodes = self._repeat(statements, progress)
        return {"nodes_deleted": n_nodes, "relationships_deleted": n_relationships}

    def _totals(self, names: Iterable[str]) -> dict[str, int]:
        """Return how many nodes or relationships of each type there are, from the count store."""
        labels = {n.label for n in NODES}
        statement = " UNION ALL ".join(
            f"MATCH {f'(x:{name})' if name in labels else f'()-[x:{name}]->()'} "
            f"WITH count(x) AS n RETURN '{name}' AS name, n"
            for name in names
        )
        return self.session.execute_read(
            lambda tx: {record["name"]: record["n"] for record in tx.run(statement)}
        )

    def _repeat(self, statements: Iterable[str], progress: Progress) -> int:
        total = 0
        for statement in statements:
            self._keep_lock()

            def work(tx: neo4j.ManagedTransaction, statement: str = statement) -> int:
                return _number(tx.run(statement, load_id=self.load_id, batch=_DELETE_BATCH))

            while n := self.session.execute_write(work):
                total += n
                progress.advance(n)
        return total

    def _of_older_models(self, sort: str, known: list[str]) -> list[str]:
        """Return statements that delete what an older model wrote and this one does not know.

        Only what carries a ``load_id`` was written by pathgraph.
        """
        call, pattern, deletion = {
            "node": ("db.labels() YIELD label", "(x:{})", "DETACH DELETE x"),
            "relationship": (
                "db.relationshipTypes() YIELD relationshipType AS label",
                "()-[x:{}]->()",
                "DELETE x",
            ),
        }[sort]
        names = self.session.execute_read(
            lambda tx: tx.run(f"CALL {call} RETURN label ORDER BY label").value("label")
        )
        others = set(names) - set(known) - {"Load"}
        return [
            f"MATCH {pattern.format('`' + name.replace('`', '``') + '`')} "
            "WHERE x.load_id IS NOT NULL AND x.load_id <> $load_id "
            f"WITH x LIMIT $batch {deletion} RETURN count(*) AS n"
            for name in sorted(others)
        ]

    def _verify(
        self, listed: list[GraphTable], ledger: Mapping[str, TypeLedger], progress: Progress
    ) -> None:
        with_rows = [table for table in listed if table.count]
        progress.start("Checking what was written", len(with_rows), "types")
        expected = _expected_totals(listed)
        found = self._totals(expected)
        differences = [
            f"{name}: {expected[name]} rows expected, {found[name]} found"
            for name in expected
            if found[name] != expected[name]
        ]
        for table in with_rows:
            differences += self._differences(table, ledger[table.name])
            progress.advance(1)
        if differences:
            raise EngineError(
                f"The graph at {self.url} does not hold what was written, and is out of service "
                "until a load completes. Make sure that nothing else writes to it, and load "
                "again. What differs:\n" + "\n".join(differences)
            )

    def _differences(self, table: GraphTable, expected: TypeLedger) -> list[str]:
        if table.node:
            pattern = f"(x:{table.node.label})"
        else:
            assert table.relationship
            assert table.end
            pattern = (
                f"(:{table.end.from_label})-[x:{table.relationship.type}]->(:{table.end.to_label})"
            )
        columns = [column for p in table.properties for column in _totals(p.name, p.type)]
        statement = f"MATCH {pattern} RETURN {', '.join(['count(x) AS n', *columns])}"
        found = self.session.execute_read(lambda tx: tx.run(statement).single(strict=True).data())
        if found["n"] != expected.count:
            return [f"{table.name}: {expected.count} rows expected, {found['n']} found"]
        return [
            f"{table.name}: the values of {p.name}"
            for p in table.properties
            if _sums(found, p.name, p.type) != expected.sums[p.name]
        ]

    def _complete(self, tables: GraphTables) -> None:
        n = self.session.execute_write(
            lambda tx: _number(
                tx.run(
                    "MATCH (l:Load {load_id: $load_id}) SET l.status = 'complete', "
                    "l.fingerprint = $fingerprint, l.manifest = $manifest WITH l "
                    "OPTIONAL MATCH (old:Load) WHERE old.load_id <> $load_id DELETE old "
                    "RETURN count(DISTINCT l) AS n",
                    load_id=self.load_id,
                    fingerprint=tables.record.fingerprint,
                    manifest=json.dumps(dict(tables.record.manifest), ensure_ascii=False),
                )
            )
        )
        if not n:
            raise self._lost()


def ensure_constraints(session: neo4j.Session, statements: Sequence[str]) -> None:
    """Make those constraints that are not there; ``IF NOT EXISTS`` alone waits for open writes."""
    there = set(session.run("SHOW CONSTRAINTS YIELD name").value("name"))
    missing = [statement for statement in statements if statement.split()[2] not in there]
    for statement in missing:
        session.run(statement).consume()
    if missing:
        session.run("CALL db.awaitIndexes(600)").consume()


def _expected_totals(listed: list[GraphTable]) -> dict[str, int]:
    """Return the number of rows by label and by relationship type, over all of its ends."""
    totals: dict[str, int] = {}
    for table in listed:
        name = table.name.split("|")[0]
        totals[name] = totals.get(name, 0) + table.count
    return totals


def _step(verb: str, table: GraphTable) -> str:
    return f"{verb} {table.name.split('|')[0]}"


def _number(result: neo4j.Result) -> int:
    return int(result.single(strict=True)["n"])


def _totals(name: str, type_: PropertyType) -> list[str]:
    column = f"x.{name}"
    totals = {
        PropertyType.TEXT: [f"sum(size({column})) AS {name}__low"],
        PropertyType.INTEGER: [
            f"sum({column} % {_HALF}) AS {name}__low",
            f"sum({column} / {_HALF}) AS {name}__high",
        ],
        PropertyType.BOOLEAN: [f"sum(CASE WHEN {column} THEN 1 ELSE 0 END) AS {name}__low"],
        PropertyType.NUMBER: [],
    }
    return [f"count({column}) AS {name}__values", *totals[type_]]


def _sums(found: Mapping[str, int], name: str, type_: PropertyType) -> tuple[int, int | None]:
    n_values = found[f"{name}__values"]
    if type_ is PropertyType.NUMBER:
        return n_values, None
    return n_values, found[f"{name}__low"] + _HALF * found.get(f"{name}__high", 0)
