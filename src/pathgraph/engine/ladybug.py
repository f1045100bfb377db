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
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import ladybug
import pyarrow as pa

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
class _Served:
    """A snapshot that is open for reading, and how many queries are at work on it."""

    load_id: str
    record: LoadRecord
    database: ladybug.Database
    n_users: int = 0
    is_retired: bool = False


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
    ) -> None:
        self.place = place
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
        text, bound = bind(cypher, parameters or {})
        ending = cancellation or Cancellation()
        with self._serving() as served:
            # A connection keeps every statement that it has seen, so each serves one query.
            connection = ladybug.Connection(served.database)
            try:
                if timeout_s is not None:
                    connection.set_query_timeout(max(1, math.ceil(timeout_s * 1000)))
                with ending.stopping(connection.interrupt):
                    result = connection.execute(text, bound)
                if isinstance(result, list):
                    raise QueryError(
                        sentence("The text holds several queries; give one at a time.")
                    )
                if not result.get_column_names():
                    raise QueryError(sentence("The query returns nothing; end it with RETURN."))
                table = result.get_as_arrow()
            except RuntimeError as error:
                ending.check()
                raise query_error(error, timeout_s) from None
            finally:
                connection.close()
        return normalised(table)

    def record(self) -> LoadRecord:
        """Return what is in service now.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or what is loaded is of another version of the model.
        """
        with self._serving() as served:
            return served.record

    def close(self) -> None:
        """Let go of the snapshot; queries at work end first."""
        with self._lock:
            self._retire()

    @contextmanager
    def _serving(self) -> Iterator[_Served]:
        """Yield the snapshot in service, which stays open until the context ends."""
        with self._lock:
            served = self._newest()
            served.n_users += 1
        try:
            yield served
        finally:
            with self._lock:
                served.n_users -= 1
                if served.is_retired and served.n_users == 0:
                    served.database.close()

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
                served.database.close()


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
