"""What a graph engine must be able to do, and what passes between it and the rest."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from pathgraph.progress import Progress

if TYPE_CHECKING:
    from pathgraph.engine.cancellation import Cancellation

__all__ = [
    "Engine",
    "GraphTables",
    "Ledger",
    "LoadRecord",
    "LoadSession",
    "TypeLedger",
]


@dataclass(frozen=True, slots=True)
class TypeLedger:
    """What one graph table holds, to be found again in the engine.

    Attributes
    ----------
    count
        Rows.
    checksum
        Order-independent content checksum over ids and properties (hexadecimal).
    sums
        Property to ``(number of values, total)``: the total of integers, the number of true
        values of booleans, the number of characters of texts; ``None`` for numbers.
    """

    count: int
    checksum: str
    sums: Mapping[str, tuple[int, int | None]]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Counts and checksums of all graph tables of a load.

    The keys are ``Label`` for nodes and ``TYPE|From|To`` for relationships.
    """

    types: Mapping[str, TypeLedger]
    fingerprint: str

    def to_json(self) -> str:
        """Return the ledger as JSON text."""
        return json.dumps(
            {
                "fingerprint": self.fingerprint,
                "types": {
                    name: {"count": t.count, "checksum": t.checksum, "sums": dict(t.sums)}
                    for name, t in self.types.items()
                },
            },
            indent=1,
            sort_keys=True,
        )


@dataclass(frozen=True, slots=True)
class LoadRecord:
    """What an engine knows of the load that it serves.

    Attributes
    ----------
    manifest
        JSON-able: source, options, time zone, tables with their counts, ``last_day`` (day number
        of the last contact, capped by the option ``until``), quality rows, notes. See
        :mod:`pathgraph.ingest.run`.
    """

    load_id: str
    status: str
    fingerprint: str
    manifest: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class GraphTables:
    """A folder of graph tables, ready to be loaded.

    ``folder/nodes/<Label>.parquet`` has the columns ``node_key`` (dense 64-bit) and the node's
    properties in schema order; ``folder/relationships/<TYPE>__<From>__<To>.parquet`` has
    ``from_key``, ``to_key`` and the relationship's properties in schema order. Every type of the
    model except ``Load`` has its file, an empty one where there are no rows.
    """

    folder: Path
    ledger: Ledger
    record: LoadRecord

    def node_file(self, label: str) -> Path:
        """Return the Parquet file of the node type ``label``."""
        return self.folder / "nodes" / f"{label}.parquet"

    def relationship_file(self, type_: str, from_label: str, to_label: str) -> Path:
        """Return the Parquet file of one pair of ends of the relationship ``type_``."""
        return self.folder / "relationships" / f"{type_}__{from_label}__{to_label}.parquet"


class LoadSession(Protocol):
    """The right to write to one place, held until the context ends."""

    load_id: str
    scratch: Path
    """Folder for intermediate files, on the disk that will hold the result where there is one."""

    quarantine: Path
    """Folder for the quarantine file; survives the load, also one that was stopped."""

    def commit(self, tables: GraphTables, *, progress: Progress) -> Mapping[str, int]:
        """Load, verify against the ledger and put into service.

        Returns
        -------
        Mapping of what happened to the number of rows: ``nodes``, ``relationships`` and, where the
        engine keeps one graph over time, ``nodes_deleted`` and ``relationships_deleted`` (what
        the source withdrew).
        """


class Engine(Protocol):
    """A place where a graph is kept and asked."""

    name: str
    """``ladybug`` or ``neo4j``."""

    url: str
    """The address as given, without user or password."""

    def begin_load(self) -> AbstractContextManager[LoadSession]:
        """Take the place for one load; leftovers of a killed one are cleared first.

        Raises
        ------
        EngineBusyError
            When another load holds the place.
        """

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> pa.Table:
        """Run one reading query; integers come as int64, fractions as float64, text as string.

        ``cancellation`` ends it from another thread.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or a load is under way or broke off.
        QueryError
            When the engine refuses the text.
        QueryCancelledError
            When nobody waits for the answer any more.
        """

    def graph_algorithms(self) -> str | None:
        """Return the name and version of the graph algorithms that the engine has of its own.

        ``None`` where there are none for such an engine, and an empty text where there are, but
        not on this server.
        """

    def node_measures(self, ties: pa.Table, *, is_directed: bool) -> pa.Table:
        """Return measures of the nodes of a network, by the engine's own graph algorithms.

        Only where :meth:`graph_algorithms` names some.

        Parameters
        ----------
        ties
            At least one, each once, none of a node to itself: ``from_id``, ``to_id``, ``weight``
            (above 0) and ``length`` (whole number).

        Returns
        -------
        One row a node, in order of ``id``: ``degree_in``, ``degree_out``, ``degree``,
        ``strength_in``, ``strength_out``, ``strength``, ``betweenness``, ``pagerank``,
        ``clustering``, ``core``, ``is_articulation_point``.
        """

    def bridges(self, ties: pa.Table) -> pa.Table:
        """Return the pairs without whose ties a network would fall into more parts.

        Only where :meth:`graph_algorithms` names some; ``ties`` as for :meth:`node_measures`.

        Returns
        -------
        ``from_id`` and ``to_id``, the lesser first, direction apart.
        """

    def record(self) -> LoadRecord:
        """Return what is served now.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or a load is under way or broke off.
        """

    def waiting_id(self) -> str | None:
        """Return the load that :meth:`follow` would serve; ``None`` where the newest is served."""

    def follow(self) -> None:
        """Serve the newest load from now on; queries at work end on what they began with.

        Only an engine that was opened to hold what it serves has to be told.
        """

    def close(self) -> None:
        """Let go of everything."""
