"""LadybugDB: immutable snapshots in a folder, read in this process. The default engine.

A load builds a new snapshot beside the one in service and puts it in service in one step
(:mod:`pathgraph.engine.snapshots`); whoever has the folder open sees the new one at the next query.
"""

from __future__ import annotations

import math
import os
import shutil
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import ladybug
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.engine import snapshots
from pathgraph.engine.base import GraphTables, LoadRecord, LoadSession
from pathgraph.engine.cancellation import Cancellation
from pathgraph.engine.ladybug_load import GraphFileSettings, verify_graph_file, write_graph_file
from pathgraph.engine.ladybug_query import bind, normalised, query_error
from pathgraph.errors import EngineError, GraphNotReadyError, QueryError
from pathgraph.progress import Progress
from pathgraph.sentence import sentence

__all__ = ["LadybugEngine"]

_LOAD_POOL_SHARE = 0.6
"""Of the memory, at most, for a load: a million of ``NEXT_CONTACT`` took 0.4 GB while copied."""

_SERVE_POOL_SHARE = 0.2
"""Of the memory, at most, for each snapshot that is served; for a moment there may be two."""

_MOST_TEXTS = 64
_MOST_LINES = 8
"""Prepared texts of a connection, and connections, that are kept for further queries."""

_PATIENTS = "MATCH (p:Patient) RETURN p.patient_id AS id, p.node_key AS key"

_SMALLEST_POOL_BYTES = 256 * 2**20


def memory_bytes() -> int | None:
    """Return the memory that this process may use, in bytes; ``None`` where that is not known."""
    try:
        total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):  # Windows has no sysconf
        return None
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdecimal() else total


def _pool_bytes(share: float) -> int:
    """Return a share of the memory; 0 leaves it to LadybugDB where the memory is not known."""
    memory = memory_bytes()
    return 0 if memory is None else max(_SMALLEST_POOL_BYTES, int(memory * share))


@dataclass(slots=True)
class _Line:
    """A connection and the texts that it has seen: it keeps every one of them, prepared."""

    connection: ladybug.Connection
    texts: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Served:
    """A snapshot that is open for reading, and how many queries are at work on it."""

    load_id: str
    record: LoadRecord
    database: ladybug.Database
    n_users: int = 0
    is_retired: bool = False
    _patients: pa.Table | None = None
    _last: tuple[str, int] | None = None
    _lines: list[_Line] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def line(self) -> _Line:
        """Return a connection that nobody uses; preparing a text takes longer than to answer it."""
        with self._lock:
            if self._lines:
                return self._lines.pop()
        return _Line(ladybug.Connection(self.database))

    def give_back(self, line: _Line, text: str, *, is_usable: bool) -> None:
        """Keep a connection for the next query, unless it broke off or holds many texts."""
        line.texts.add(text)
        with self._lock:
            is_kept = is_usable and len(line.texts) <= _MOST_TEXTS
            is_kept &= len(self._lines) < _MOST_LINES
            if is_kept:
                self._lines.append(line)
        if not is_kept:
            line.connection.close()

    def close(self) -> None:
        """Let go of the file."""
        for line in self._lines:
            line.connection.close()
        self.database.close()

    def node_key(self, patient_id: str) -> int:
        """Return the key of a patient's node; -1 where there is none.

        LadybugDB finds a node by its key at once, and by any other property by reading all nodes.
        """
        last = self._last
        if last is not None and last[0] == patient_id:
            return last[1]
        if self._patients is None:
            with closing(ladybug.Connection(self.database)) as connection:
                result = connection.execute(_PATIENTS)
                assert not isinstance(result, list)
                self._patients = result.get_as_arrow().combine_chunks()
        row = pc.index(self._patients.column("id"), patient_id).as_py()
        key = -1 if row < 0 else int(self._patients.column("key")[row].as_py())
        self._last = patient_id, key
        return key


class LadybugEngine:
    """The graph in a folder; it may be asked from several threads at once.

    Parameters
    ----------
    place
        The folder; it need not exist before the first load.
    url
        The address under which messages name it; by default ``ladybug:`` and the folder.
    load_pool_bytes, serve_pool_bytes
        Ceilings of the memory for a load and for reading one snapshot, in bytes; by default 60 %
        and 20 % of what the machine, or the container, has.
    n_threads
        Threads for one statement; 0 means one a core.
    holds
        Whether it stays with the snapshot that it serves until :meth:`follow` is called.
    """

    name = "ladybug"

    def __init__(
        self,
        place: Path,
        *,
        url: str | None = None,
        load_pool_bytes: int | None = None,
        serve_pool_bytes: int | None = None,
        n_threads: int = 0,
        holds: bool = False,
    ) -> None:
        self.place = place
        self._holds = holds
        self.url = url or f"ladybug:{place}"
        for_load = _pool_bytes(_LOAD_POOL_SHARE) if load_pool_bytes is None else load_pool_bytes
        for_reading = (
            _pool_bytes(_SERVE_POOL_SHARE) if serve_pool_bytes is None else serve_pool_bytes
        )
        self._for_load = GraphFileSettings(for_load, n_threads)
        self._for_reading = GraphFileSettings(for_reading, n_threads)
        self._lock = threading.Lock()
        self._served: _Served | None = None

    @contextmanager
    def begin_load(self) -> Iterator[LoadSession]:
        """Take the folder for one load; see :class:`pathgraph.engine.base.Engine`.

        Raises
        ------
        EngineBusyError
            When another load holds the folder.
        StorageError
            When it cannot be written to, or the disk is full.
        UsageError
            When it holds something that no load wrote.
        """
        with snapshots.holding(self.place):
            load_id = snapshots.new_load_id()
            scratch = snapshots.scratch_folder(self.place, load_id)
            quarantine = self.place / "quarantine"
            with snapshots.storage_errors(self.place, "written to"):
                snapshots.clear_leftovers(self.place)
                scratch.mkdir()
                quarantine.mkdir(exist_ok=True)
            try:
                yield _Session(load_id, scratch, quarantine, self.place, self._for_load)
            except OSError as error:
                if snapshots.is_disk_full(error):
                    raise snapshots.disk_full_error(self.place) from None
                raise
            finally:
                shutil.rmtree(scratch, ignore_errors=True)

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> pa.Table:
        """Run one reading query on the snapshot in service.

        Returns
        -------
        Table with one column a returned expression: int64, float64, text, boolean, or lists.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or what is loaded is of another version of the model.
        QueryTimeoutError
            When it took longer than ``timeout_s`` seconds.
        QueryCancelledError
            When ``cancellation`` ended it.
        QueryError
            When LadybugDB refuses the text.
        """
        ending = cancellation or Cancellation()
        with self._serving() as served:
            text, bound = bind(cypher, parameters or {}, served.node_key)
            line, is_usable = served.line(), False
            try:
                table = _answered(line.connection, text, bound, timeout_s, ending)
                # Whoever cancelled may be about to interrupt what the connection does next.
                is_usable = not ending.is_cancelled
            except RuntimeError as error:
                ending.check()
                raise query_error(error, timeout_s) from None
            finally:
                served.give_back(line, text, is_usable=is_usable)
        return normalised(table)

    def graph_algorithms(self) -> str | None:
        """Return ``None``: what is worked out of a network is worked out outside the engine."""
        return None

    def node_measures(self, ties: pa.Table, *, is_directed: bool) -> pa.Table:
        """Say that there is no such thing here."""
        raise NotImplementedError

    def bridges(self, ties: pa.Table) -> pa.Table:
        """Say that there is no such thing here."""
        raise NotImplementedError

    def record(self) -> LoadRecord:
        """Return what is in service now.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or what is loaded is of another version of the model.
        """
        with self._serving() as served:
            return served.record

    def waiting_id(self) -> str | None:
        """Return the snapshot that is in service in the folder and not here."""
        with snapshots.storage_errors(self.place, "read"):
            newest = snapshots.current_id(self.place)
        served = self._served
        return None if served is None or served.load_id == newest else newest

    def follow(self) -> None:
        """Serve the folder's newest snapshot from now on; queries at work end on the other."""
        with self._lock:
            self._served = self._newest()

    def close(self) -> None:
        """Let go of the snapshot; queries at work end first."""
        with self._lock:
            self._retire()

    @contextmanager
    def _serving(self) -> Iterator[_Served]:
        """Yield the snapshot in service, which stays open until the context ends."""
        with self._lock:
            served = self._served if self._holds and self._served else self._newest()
            served.n_users += 1
        try:
            yield served
        finally:
            with self._lock:
                served.n_users -= 1
                if served.is_retired and served.n_users == 0:
                    served.close()

    def _newest(self) -> _Served:
        with snapshots.storage_errors(self.place, "read"):
            load_id = snapshots.current_id(self.place)
        if load_id is None:
            raise GraphNotReadyError(
                sentence(
                    "Nothing is loaded in {url}. Load data with: pathgraph load SOURCE PATH "
                    "--graph {url}",
                    url=self.url,
                )
            )
        if self._served is None or self._served.load_id != load_id:
            opened = self._opened(load_id)
            self._retire()
            self._served = opened
        return self._served

    def _opened(self, load_id: str) -> _Served:
        folder = snapshots.snapshot_folder(self.place, load_id)
        try:
            with snapshots.storage_errors(self.place, "read"):
                record = snapshots.read_record(folder)
            database = ladybug.Database(
                folder / snapshots.GRAPH_FILE,
                read_only=True,
                buffer_pool_size=self._for_reading.pool_bytes,
                max_num_threads=self._for_reading.n_threads,
            )
        except (GraphNotReadyError, RuntimeError) as error:
            newer = snapshots.current_id(self.place)
            if newer is not None and newer != load_id:
                # Replaced, and removed, between the look at the pointer and the opening.
                return self._opened(newer)
            if isinstance(error, GraphNotReadyError):
                raise
            raise GraphNotReadyError(
                sentence(
                    "The snapshot {snapshot} in {url} cannot be opened: its file is missing or "
                    "damaged, or was written by another version of LadybugDB. Load the data "
                    "again, or go back to another snapshot with 'pathgraph snapshots'.",
                    snapshot=load_id,
                    url=self.url,
                )
            ) from None
        return _Served(load_id, record, database)

    def _retire(self) -> None:
        served, self._served = self._served, None
        if served is not None:
            served.is_retired = True
            if served.n_users == 0:
                served.close()


def _answered(
    connection: ladybug.Connection,
    text: str,
    bound: dict[str, object],
    timeout_s: float | None,
    ending: Cancellation,
) -> pa.Table:
    connection.set_query_timeout(0 if timeout_s is None else max(1, math.ceil(timeout_s * 1000)))
    with ending.stopping(connection.interrupt):
        result = connection.execute(text, bound)
    if isinstance(result, list):
        raise QueryError(sentence("The text holds several queries; give one at a time."))
    with closing(result):
        if not result.get_column_names():
            raise QueryError(sentence("The query returns nothing; end it with RETURN."))
        return result.get_as_arrow()


@dataclass(slots=True)
class _Session:
    """One load into a folder; see :class:`pathgraph.engine.base.LoadSession`."""

    load_id: str
    scratch: Path
    quarantine: Path
    place: Path
    settings: GraphFileSettings

    def commit(self, tables: GraphTables, *, progress: Progress) -> Mapping[str, int]:
        """Write, verify and sync a new snapshot, and put it in service."""
        if tables.record.load_id != self.load_id:
            raise EngineError(
                f"The graph tables belong to the load {tables.record.load_id}, not to the load "
                f"{self.load_id} that is under way. Nothing was loaded."
            )
        counts = {name: entry.count for name, entry in tables.ledger.types.items()}
        n_rows = sum(counts.values())
        building = self.scratch / "snapshot"
        finished = snapshots.snapshot_folder(self.place, self.load_id)
        with snapshots.storage_errors(self.place, "written to"):
            building.mkdir()
            file = building / snapshots.GRAPH_FILE
            progress.start("writing the graph", n_rows)
            write_graph_file(file, tables, settings=self.settings, progress=progress)
            progress.start("verifying the graph", n_rows)
            verify_graph_file(file, tables, settings=self.settings, progress=progress)
            progress.start("putting the graph in service")
            snapshots.sync_file(file)
            snapshots.write_record(building, tables.record, tables.ledger.to_json())
            snapshots.sync_folder(building)
            finished.parent.mkdir(exist_ok=True)
            building.rename(finished)
            snapshots.sync_folder(finished.parent)
            snapshots.put_in_service(self.place, self.load_id)
        # The load has succeeded; what cannot be removed now, the next load removes.
        with suppress(OSError):
            snapshots.remove_old(self.place)
        progress.finish()
        n_nodes = sum(n for name, n in counts.items() if "|" not in name)
        return {"nodes": n_nodes, "relationships": n_rows - n_nodes}
