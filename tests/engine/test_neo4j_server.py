"""Servers that ask for a password, are not there, or go away: a sentence, and no secret in it."""

from __future__ import annotations

import logging
import resource
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import GraphTables
from pathgraph.engine.neo4j import Neo4jEngine
from pathgraph.errors import (
    EngineError,
    EngineUnavailableError,
    GraphNotReadyError,
    StorageError,
)
from pathgraph.progress import QuietProgress
from tests import neo4j_server
from tests.engine.graph_folder import build_graph_tables
from tests.engine.neo4j_graph import of

PASSWORD = "only-for-this-test"
WRONG = "wrong-and-never-shown"


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("USER", "PASSWORD", "PASSWORD_FILE"):
        monkeypatch.delenv(f"PATHGRAPH_NEO4J_{name}", raising=False)


@pytest.fixture(scope="module")
def server(
    neo4j_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[neo4j_server.Server]:
    """A server of one's own that asks for a password."""
    if neo4j_server.missing_tools():
        pytest.skip("A server with a password of its own needs Java and Maven.")
    with neo4j_server.running(tmp_path_factory.mktemp("auth"), password=PASSWORD) as server:
        yield server


@pytest.fixture
def tables(tmp_path: Path) -> GraphTables:
    rows = [{"patient_id": f"p{i}"} for i in range(3)]
    return build_graph_tables(tmp_path / "graph", {"Patient": rows}, {})


def load(engine: Neo4jEngine, tables: GraphTables) -> None:
    with engine.begin_load() as session:
        session.commit(of(session, tables), progress=QuietProgress())


def load_and_count(engine: Neo4jEngine, tables: GraphTables) -> int:
    load(engine, tables)
    answer: int = engine.query("MATCH (p:Patient) RETURN count(p) AS n")["n"][0].as_py()
    return answer


def test_user_and_password_as_arguments(server: neo4j_server.Server, tables: GraphTables) -> None:
    with closing(Neo4jEngine(server.url, user="neo4j", password=PASSWORD)) as engine:
        assert load_and_count(engine, tables) == 3


@pytest.mark.parametrize("is_file", [False, True])
def test_password_from_the_environment(
    server: neo4j_server.Server,
    tables: GraphTables,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    is_file: bool,
) -> None:
    if is_file:
        (tmp_path / "password").write_text(f"{PASSWORD}\n")
        monkeypatch.setenv("PATHGRAPH_NEO4J_PASSWORD_FILE", str(tmp_path / "password"))
    else:
        monkeypatch.setenv("PATHGRAPH_NEO4J_PASSWORD", PASSWORD)
    routed = server.url.replace("bolt://", "neo4j://")
    with closing(open_engine(routed)) as engine:
        assert isinstance(engine, Neo4jEngine)
        assert load_and_count(engine, tables) == 3


@pytest.mark.parametrize("password", [None, WRONG])
def test_wrong_or_no_password(
    server: neo4j_server.Server, password: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    started = time.monotonic()
    with (
        closing(Neo4jEngine(server.url, password=password)) as engine,
        pytest.raises(EngineUnavailableError, match="does not accept the user") as caught,
    ):
        engine.record()
    assert time.monotonic() - started < 10
    assert "PATHGRAPH_NEO4J_PASSWORD_FILE" in str(caught.value)
    shown = "".join(traceback.format_exception(caught.value)) + caplog.text + repr(engine)
    assert WRONG not in shown


def test_no_such_database(server: neo4j_server.Server) -> None:
    engine = Neo4jEngine(f"{server.url}/elsewhere", password=PASSWORD)
    with closing(engine), pytest.raises(EngineUnavailableError, match="no database of that name"):
        engine.record()


def test_database_by_name(server: neo4j_server.Server, tables: GraphTables) -> None:
    with closing(Neo4jEngine(f"{server.url}/neo4j", password=PASSWORD)) as engine:
        assert load_and_count(engine, tables) == 3


def test_nobody_listens() -> None:
    started = time.monotonic()
    for scheme in ("bolt", "neo4j", "neo4j+s"):
        engine = Neo4jEngine(f"{scheme}://127.0.0.1:{neo4j_server.free_port()}")
        with closing(engine), pytest.raises(EngineUnavailableError, match="No Neo4j server"):
            engine.record()
    with (
        closing(Neo4jEngine(f"bolt://127.0.0.1:{neo4j_server.free_port()}")) as engine,
        pytest.raises(EngineUnavailableError, match="No Neo4j server"),
        engine.begin_load(),
    ):
        pytest.fail("there is no server")
    assert time.monotonic() - started < 10


def test_no_such_host() -> None:
    with (
        closing(Neo4jEngine("neo4j://no-such-host.invalid")) as engine,
        pytest.raises(EngineUnavailableError, match="No Neo4j server answers"),
    ):
        engine.record()


def test_encryption_that_the_server_does_not_speak(server: neo4j_server.Server) -> None:
    url = server.url.replace("bolt://", "bolt+s://")
    with closing(Neo4jEngine(url)) as engine, pytest.raises(EngineUnavailableError):
        engine.record()


def test_another_sort_of_server() -> None:
    class Quiet(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    web = HTTPServer(("127.0.0.1", 0), Quiet)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    try:
        engine = Neo4jEngine(f"bolt://127.0.0.1:{web.server_port}")
        with closing(engine), pytest.raises(EngineUnavailableError):
            engine.record()
    finally:
        web.shutdown()
        web.server_close()


def test_server_that_never_answers() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        engine = Neo4jEngine(f"bolt://127.0.0.1:{silent.getsockname()[1]}")
        with closing(engine), pytest.raises(EngineUnavailableError):
            engine.record()
        assert time.monotonic() - started < 40


def test_server_whose_disk_is_full(neo4j_url: str, tmp_path: Path) -> None:
    if neo4j_server.missing_tools():
        pytest.skip("A server with a small disk of its own needs Java and Maven.")
    rows = [{"patient_id": f"p{i}", "sex": "x" * 2000} for i in range(3000)]
    tables = build_graph_tables(tmp_path / "graph", {"Patient": rows}, {})
    home = neo4j_server.new_home(tmp_path / "home")
    # The server inherits it: none of its files grows beyond 2 MiB, as on a full disk.
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * 2**20, limits[1]))
    try:
        server = neo4j_server.start(home)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    try:
        with closing(Neo4jEngine(server.url)) as engine:
            with pytest.raises(StorageError, match="cannot write to its disk"):
                load(engine, tables)
            with pytest.raises(EngineUnavailableError, match="often a full disk"):
                engine.record()
            with pytest.raises(EngineUnavailableError, match="often a full disk"):
                engine.query("RETURN 1 AS x")
        # With room again, a load makes it good.
        neo4j_server.stop(server)
        server = neo4j_server.start(home)
        with closing(Neo4jEngine(server.url)) as engine:
            with pytest.raises(GraphNotReadyError, match="under way or broke off"):
                engine.record()
            load(engine, tables)
            assert engine.record().fingerprint == tables.ledger.fingerprint
    finally:
        neo4j_server.stop(server)


def test_server_that_goes_away_and_comes_back(
    server: neo4j_server.Server, tables: GraphTables
) -> None:
    home = Path(server.home)

    class Restarting(QuietProgress):
        def start(self, step: str, total: int | None = None, unit: str = "rows") -> None:
            if step == "Writing Patient":
                neo4j_server.stop(server)
                restarted.append(neo4j_server.start(home, password=PASSWORD))

    restarted: list[neo4j_server.Server] = []
    try:
        with closing(Neo4jEngine(server.url, password=PASSWORD)) as engine:
            assert load_and_count(engine, tables) == 3
            with pytest.raises(EngineError, match="lost its hold"), engine.begin_load() as session:
                session.commit(of(session, tables), progress=Restarting())
            # The new one has another process; the graph that broke off is repaired by a new load.
            assert load_and_count(engine, tables) == 3
            neo4j_server.stop(restarted[-1])
            for question in (engine.record, lambda: engine.query("RETURN 1 AS x")):
                started = time.monotonic()
                with pytest.raises(EngineUnavailableError, match="No Neo4j server answers"):
                    question()
                assert time.monotonic() - started < 60
    finally:
        for other in restarted:
            neo4j_server.stop(other)
