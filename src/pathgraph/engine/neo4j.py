"""The graph on a Neo4j server: for many users at once, for graph data science, for clusters."""

from __future__ import annotations

import json
import logging
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any

import filelock
import neo4j
import pyarrow as pa
from neo4j.exceptions import Neo4jError

from pathgraph.engine.base import LoadRecord, LoadSession
from pathgraph.engine.cancellation import Cancellation
from pathgraph.engine.neo4j_address import Credentials, check_agent, credentials, parse_address
from pathgraph.engine.neo4j_errors import is_timeout, query_error, said_plainly
from pathgraph.engine.neo4j_load import Neo4jLoad, ensure_constraints
from pathgraph.engine.neo4j_measures import bridges_by_gds, measures_by_gds
from pathgraph.engine.snapshots import new_load_id
from pathgraph.errors import (
    EngineBusyError,
    GraphNotReadyError,
    PathgraphError,
    QueryError,
    StorageError,
)
from pathgraph.model.schema import MODEL_VERSION
from pathgraph.sentence import sentence, template

__all__ = ["Neo4jEngine", "arrow_table"]

_LOCK_WAIT_S = 3.0
_QUERY_RETRY_S = 10.0
_LOAD_RETRY_S = 120.0
_SCRATCH = "pathgraph-load-"

# Without a handler of anybody's, Python prints the driver's warnings of retries to the terminal.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

_LOCK_CONSTRAINT = (
    "CREATE CONSTRAINT pathgraph_load_lock IF NOT EXISTS "
    "FOR (l:LoadLock) REQUIRE l.lock_id IS UNIQUE"
)
_TERMINATE = """
SHOW TRANSACTIONS YIELD transactionId AS id, metaData WHERE metaData.pathgraph = $token
TERMINATE TRANSACTIONS id YIELD message
RETURN count(*) AS n
"""
_HAS_ALGORITHMS = (
    "SHOW PROCEDURES YIELD name WHERE name = 'gds.betweenness.stream' RETURN count(*) AS n"
)
_LOADS = "MATCH (l:Load) RETURN l.load_id AS load_id, l.status AS status ORDER BY load_id"


class Neo4jEngine:
    """The graph on a Neo4j server of version 5.26 or newer.

    Nothing is asked of the server before it is needed.

    Parameters
    ----------
    url
        ``neo4j://HOST:PORT`` or ``bolt://``, with ``+s`` for encryption, and ``/DATABASE`` where it
        is not the server's default. Never with a user or password.
    user, password
        Where not given, from the environment; see
        :func:`pathgraph.engine.neo4j_address.credentials`.

    Raises
    ------
    UsageError
        When the address or the environment variables do not fit.
    """

    name = "neo4j"

    def __init__(self, url: str, *, user: str | None = None, password: str | None = None) -> None:
        self._address = parse_address(url)
        self.url = self._address.shown
        given = Credentials(user or "neo4j", password) if password else credentials(os.environ)
        self._auth = (given.user, given.password) if given else None
        self._driver = self._open_driver(_QUERY_RETRY_S)
        self._checking = Lock()
        self._is_checked = False
        self._readable_load: str | None = None

    def _open_driver(self, retry_s: float) -> neo4j.Driver:
        with said_plainly(self.url):
            return neo4j.GraphDatabase.driver(
                self._address.server,
                auth=self._auth,
                connection_timeout=10.0,
                connection_acquisition_timeout=15.0,
                max_transaction_retry_time=retry_s,
                notifications_min_severity="OFF",
            )

    def _open_session(self, driver: neo4j.Driver, access: str) -> neo4j.Session:
        # All sessions of a driver see what the others wrote, also when followers answer.
        return driver.session(
            database=self._address.database,
            default_access_mode=access,
            bookmark_manager=driver.execute_query_bookmark_manager,
            fetch_size=10_000,
        )

    def _check_server(self) -> None:
        """Make sure that the right server answers, at once instead of after all the retries."""
        with self._checking:
            if not self._is_checked:
                with said_plainly(self.url):
                    info = self._driver.get_server_info()
                check_agent(info.agent, self.url)
                self._is_checked = True

    @contextmanager
    def begin_load(self) -> Iterator[LoadSession]:
        """Take the graph for one load; files left by a killed one are cleared first.

        A write lock on the node ``LoadLock`` is held in an open transaction, which the server
        ends when this process does.

        Raises
        ------
        EngineBusyError
            When another load holds the graph.
        EngineUnavailableError
            When the server does not answer, refuses the user, or is too old.
        """
        self._check_server()
        with (
            self._open_driver(_LOAD_RETRY_S) as driver,
            self._open_session(driver, neo4j.WRITE_ACCESS) as holder,
            self._open_session(driver, neo4j.WRITE_ACCESS) as session,
        ):
            lock = self._take_lock(session, holder)
            try:
                with _scratch_folder() as scratch:
                    yield Neo4jLoad(
                        load_id=new_load_id(),
                        scratch=scratch,
                        quarantine=Path("pathgraph-quarantine"),
                        url=self.url,
                        session=session,
                        lock=lock,
                    )
            finally:
                with suppress(neo4j.exceptions.DriverError, Neo4jError):
                    lock.close()

    def _take_lock(self, session: neo4j.Session, holder: neo4j.Session) -> neo4j.Transaction:
        take = "MATCH (l:LoadLock) SET l.taken = true RETURN count(l) AS n"
        with said_plainly(self.url):
            ensure_constraints(session, [_LOCK_CONSTRAINT])
            session.execute_write(
                lambda tx: tx.run("MERGE (:LoadLock {lock_id: 'load'})").consume()
            )
            # A transaction's limit counts from its start, so the one that holds the lock for the
            # whole load cannot have one: another one knocks first.
            with session.begin_transaction(timeout=_LOCK_WAIT_S) as knock:
                try:
                    knock.run(take).consume()
                except Neo4jError as error:
                    if not is_timeout(error):
                        raise
                    raise EngineBusyError(
                        sentence(
                            "Another load is writing to {url}. Wait for it to end, and load again.",
                            url=self.url,
                        )
                    ) from None
                knock.rollback()
            lock = holder.begin_transaction(timeout=0)
            lock.run(take).consume()
            return lock

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> pa.Table:
        """Run one reading query in a managed transaction that may only read.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or a load is under way, broke off, or began meanwhile.
        QueryTimeoutError
            When it takes longer than ``timeout_s`` seconds.
        QueryCancelledError
            When ``cancellation`` ended it.
        QueryError
            When Neo4j refuses the text or a value.
        """
        ending = cancellation or Cancellation()
        token = secrets.token_hex(8)

        def work(tx: neo4j.ManagedTransaction) -> tuple[list[str], list[list[Any]]]:
            before = self._served(tx)
            result = tx.run(cypher, dict(parameters or {}))
            columns = list(result.keys())
            rows = result.values()
            # A transaction sees what others commit meanwhile, so a load may have begun.
            if self._served(tx) != before:
                raise self._not_ready("running")
            return columns, rows

        self._check_server()
        timed = neo4j.unit_of_work(
            metadata={"pathgraph": token},
            timeout=None if timeout_s is None else max(timeout_s, 0.001),
        )
        try:
            with (
                said_plainly(self.url),
                self._open_session(self._driver, neo4j.READ_ACCESS) as session,
            ):
                try:
                    with ending.stopping(lambda: self._terminate(token)):
                        columns, rows = session.execute_read(timed(work))
                except Neo4jError as error:
                    ending.check()
                    raise query_error(error, self.url, timeout_s=timeout_s) from None
        except (OverflowError, TypeError, ValueError):
            raise QueryError(
                sentence(
                    "A parameter of the query is of a type that a query does not take, or a "
                    "number beyond 64 bits; give a number, a text, true or false, or a list of "
                    "these."
                )
            ) from None
        return arrow_table(columns, rows)

    def _terminate(self, token: str) -> None:
        """End the transaction that carries the token, if it is at work; users may end their own."""
        with (
            suppress(neo4j.exceptions.DriverError, Neo4jError),
            self._open_session(self._driver, neo4j.READ_ACCESS) as session,
        ):
            session.run(_TERMINATE, token=token).consume()

    def graph_algorithms(self) -> str | None:
        """Return the version of Graph Data Science; an empty text where it is not installed."""
        self._check_server()
        with (
            said_plainly(self.url),
            self._open_session(self._driver, neo4j.READ_ACCESS) as session,
        ):
            if not session.run(_HAS_ALGORITHMS).single(strict=True)["n"]:
                return ""
            version = session.run("RETURN gds.version() AS version").single(strict=True)["version"]
        return f"Graph Data Science {version}"

    def node_measures(self, ties: pa.Table, *, is_directed: bool) -> pa.Table:
        """Work out the measures of a network's nodes with Graph Data Science.

        Raises
        ------
        QueryError
            When it refuses.
        """
        with self._algorithms_refused():
            return measures_by_gds(
                self._driver, self._address.database, ties, is_directed=is_directed
            )

    def bridges(self, ties: pa.Table) -> pa.Table:
        """Find the bridges of a network with Graph Data Science.

        Raises
        ------
        QueryError
            When it refuses.
        """
        with self._algorithms_refused():
            return bridges_by_gds(self._driver, self._address.database, ties)

    @contextmanager
    def _algorithms_refused(self) -> Iterator[None]:
        with said_plainly(self.url):
            try:
                yield
            except Neo4jError as error:
                raise query_error(error, self.url, timeout_s=None) from None

    def record(self) -> LoadRecord:
        """Return what is served now.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or a load is under way or broke off.
        """
        self._check_server()
        with (
            said_plainly(self.url),
            self._open_session(self._driver, neo4j.READ_ACCESS) as session,
        ):
            return session.execute_read(lambda tx: self._read_record(tx, self._served(tx)))

    def _served(self, tx: neo4j.ManagedTransaction) -> str:
        """Return the id of the load that is served."""
        loads = [(record["load_id"], record["status"]) for record in tx.run(_LOADS)]
        if not loads:
            raise self._not_ready("empty")
        if any(status != "complete" for _, status in loads):
            raise self._not_ready("running")
        load_id: str = loads[-1][0]
        if load_id != self._readable_load:
            if self._read_record(tx, load_id).manifest.get("model_version") != MODEL_VERSION:
                raise self._not_ready("version")
            self._readable_load = load_id
        return load_id

    def _read_record(self, tx: neo4j.ManagedTransaction, load_id: str) -> LoadRecord:
        load = tx.run("MATCH (l:Load {load_id: $id}) RETURN l", id=load_id).single(strict=True)["l"]
        manifest = json.loads(load["manifest"])
        return LoadRecord(load["load_id"], load["status"], load["fingerprint"], manifest)

    def _not_ready(self, reason: str) -> PathgraphError:
        templates = {
            "empty": template(
                "Nothing is loaded in {url}. Load something first: "
                "pathgraph load SOURCE PATH --graph {url}"
            ),
            "running": template(
                "A load into {url} is under way or broke off, so the graph may not be whole. "
                "Wait for it to end, or load again."
            ),
            "version": template(
                "The graph in {url} was loaded by another version of pathgraph. Load again."
            ),
        }
        return GraphNotReadyError(sentence(templates[reason], url=self.url))

    def waiting_id(self) -> str | None:
        """Return ``None``: a server holds one graph, and a load changes it in place."""
        return None

    def follow(self) -> None:
        """Do nothing: what is newest is what is served."""

    def close(self) -> None:
        """Close all connections."""
        self._driver.close()


def arrow_table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """Return the answer of a query with int64, float64, text, boolean and lists as its only types.

    A column without values is text: Neo4j says nothing of types.

    Raises
    ------
    QueryError
        When a column holds nodes, relationships, dates, or values of several types.

    Examples
    --------
    >>> arrow_table(["n", "share"], [[1, 0.5], [2, None]]).schema
    n: int64
    share: double
    """
    by_column = zip(*rows, strict=True) if rows else ((),) * len(columns)
    arrays = [_array(name, list(values)) for name, values in zip(columns, by_column, strict=True)]
    return pa.table(arrays, names=list(columns))


def _array(name: str, values: list[Any]) -> pa.Array:
    try:
        array = pa.array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError, OverflowError):
        array = None
    target = None if array is None else _plain_type(array.type)
    if array is None or target is None:
        raise QueryError(
            sentence(
                "The column {name} holds nodes, relationships, dates, or values of several "
                "types. Return single properties: numbers, texts, true or false, or lists "
                "of these.",
                name=name,
            )
        )
    return array if array.type == target else array.cast(target)


def _plain_type(type_: pa.DataType) -> pa.DataType | None:
    if pa.types.is_null(type_):
        return pa.string()
    if pa.types.is_list(type_):
        inner = _plain_type(type_.value_type)
        return None if inner is None else pa.list_(inner)
    return type_ if type_ in (pa.int64(), pa.float64(), pa.string(), pa.bool_()) else None


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    """Make a private folder for one load; those of loads that were killed go first."""
    place = Path(tempfile.gettempdir())
    for folder in place.glob(f"{_SCRATCH}*/"):
        _remove_if_left(folder)
    folder = place / f"{_SCRATCH}{secrets.token_hex(8)}"
    # Locked before it is there, so that a folder without a held lock is always a left one.
    lock = filelock.FileLock(f"{folder}.lock")
    try:
        lock.acquire()
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise StorageError(
            sentence(
                "The load cannot write its working files to {place}: {strerror}. Make room "
                "or choose another folder (TMPDIR).",
                place=place,
                strerror=error.strerror,
            )
        ) from None
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _remove_if_left(folder: Path) -> None:
    with suppress(OSError, filelock.Timeout):
        if folder.is_symlink() or folder.stat().st_uid != os.getuid():
            return
        lock = filelock.FileLock(f"{folder}.lock")
        with lock.acquire(blocking=False):
            shutil.rmtree(folder, ignore_errors=True)
            Path(lock.lock_file).unlink(missing_ok=True)
