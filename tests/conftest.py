"""The real Neo4j that tests share, what to say where there is none, and which tests go together."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import filelock
import neo4j
import pytest

from tests import neo4j_server

_RUN = "PATHGRAPH_TEST_RUN"
_MARK = "PathgraphTestServer"
_LEFT_OUT = "Neo4j left out"

_NEEDS_NEO4J = {"neo4j_url", "neo4j_exclusively", "empty_neo4j_url"}
_KEPT_FOR_LONG = ("class", "module")

Exclusively = Callable[[], contextlib.AbstractContextManager[str]]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        # The workers inherit it: all of one run share one server.
        os.environ[_RUN] = str(os.getpid())


def pytest_unconfigure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput"):
        return
    note = neo4j_server.notes_folder() / f"{os.getpid()}.json"
    if server := neo4j_server.read_state(note):
        neo4j_server.stop(server)
        shutil.rmtree(server.home, ignore_errors=True)
        Path(_lock(server.url).lock_file).unlink(missing_ok=True)
    note.unlink(missing_ok=True)
    note.with_suffix(".lock").unlink(missing_ok=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped = terminalreporter.stats.get("skipped", ())
    left_out = [report for report in skipped if _LEFT_OUT in str(report.longrepr)]
    if left_out:
        terminalreporter.section(f"LEFT OUT: {len(left_out)} tests that need Neo4j", red=True)
        terminalreporter.write_line(str(left_out[0].longrepr[-1]), red=True)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Iterator[None]:
    """Say which tests one worker runs, before the ids are given that the workers are told by."""
    for item in items:
        group = None if item.get_closest_marker("xdist_group") else _group(item)
        if group is not None:
            item.add_marker(pytest.mark.xdist_group(group))
    yield
    if config.getoption("loadgroup", default=False):
        _check_told(items)


def _check_told(items: list[pytest.Item]) -> None:
    """Refuse to run where the groups are not in the ids: they would be silently left out."""
    for item in items:
        if item.get_closest_marker("xdist_group") and "@" not in item.nodeid.rpartition("]")[2]:
            raise RuntimeError(
                f"{item.nodeid} is not told apart by its group: this pytest-xdist does not know "
                "this pytest, and each worker would make what tests share for itself."
            )


def _group(item: pytest.Item) -> str | None:
    """Return what a test shares with others and each worker would otherwise make for itself.

    All that need the one Neo4j go to one worker: two would only wait for each other, and load
    each module's tables twice.
    """
    fixtures = getattr(item, "fixturenames", ())
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    is_named = any(isinstance(given, str) and given == "neo4j" for given in parameters)
    if is_named or _NEEDS_NEO4J.intersection(fixtures):
        return "neo4j"
    if "serving" in fixtures:
        return "application"
    definitions = getattr(item, "_fixtureinfo", None)
    kept = definitions.name2fixturedefs.values() if definitions else ()
    if any(found[-1].scope in _KEPT_FOR_LONG for found in kept if found):
        return item.nodeid.partition("::")[0]
    return None


@pytest.fixture(scope="session")
def neo4j_url() -> str:
    """Address of a Neo4j for tests, without user or password.

    It is shared: what writes to it uses ``empty_neo4j_url`` or ``neo4j_exclusively``. User and
    password, where a server of the user's own asks for them, are in the environment.
    """
    if given := os.environ.get("PATHGRAPH_NEO4J_URI"):
        _claim(given)
        return given
    neo4j_server.notes_folder().mkdir(parents=True, exist_ok=True)
    note = neo4j_server.notes_folder() / f"{os.environ[_RUN]}.json"
    with filelock.FileLock(note.with_suffix(".lock")):
        if server := neo4j_server.read_state(note):
            return server.url
        neo4j_server.end_orphans(neo4j_server.notes_folder())
        try:
            neo4j_server.fetch()
        except neo4j_server.ServerError as error:
            _leave_out(str(error))
        home = Path(tempfile.mkdtemp(prefix="pathgraph-neo4j-"))
        server = neo4j_server.start(neo4j_server.new_home(home), owner=int(os.environ[_RUN]))
        neo4j_server.write_state(note, server)
        return server.url


def _leave_out(reason: str) -> None:
    if os.environ.get("PATHGRAPH_REQUIRE_ENGINES") == "1" or os.environ.get("CI") == "true":
        pytest.fail(f"Neo4j is required here and is not there. {reason}", pytrace=False)
    pytest.skip(f"{_LEFT_OUT}: {reason}")


def _driver(url: str) -> neo4j.Driver:
    password = os.environ.get("PATHGRAPH_NEO4J_PASSWORD")
    user = os.environ.get("PATHGRAPH_NEO4J_USER", "neo4j")
    return neo4j.GraphDatabase.driver(url, auth=(user, password) if password else None)


def _claim(url: str) -> None:
    """Refuse a server that holds somebody's data: the tests delete what is in it."""
    with _driver(url) as driver:
        found = driver.execute_query(
            f"MATCH (n) RETURN count(n) AS n, count(CASE WHEN n:{_MARK} THEN 1 END) AS n_marks"
        ).records[0]
        if found["n"] and not found["n_marks"]:
            pytest.fail(
                "The Neo4j of PATHGRAPH_NEO4J_URI holds data, which the tests would delete. "
                "Give them an empty one.",
                pytrace=False,
            )
        if not found["n_marks"]:
            driver.execute_query(f"CREATE (:{_MARK})")


@functools.cache
def _lock(url: str) -> filelock.FileLock:
    name = hashlib.sha256(url.encode()).hexdigest()[:16]
    return filelock.FileLock(Path(tempfile.gettempdir()) / f"pathgraph-neo4j-{name}.lock")


def _clear(url: str) -> None:
    with _driver(url) as driver, driver.session() as session:
        session.run(
            f"MATCH (n) WHERE NOT n:{_MARK} "
            "CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 5000 ROWS"
        ).consume()


@pytest.fixture(scope="session")
def neo4j_exclusively(neo4j_url: str) -> Exclusively:
    """A context that empties the shared graph and keeps other tests away from it.

    ``with neo4j_exclusively() as url:`` also serves fixtures that load once for a module.
    """

    @contextlib.contextmanager
    def exclusively() -> Iterator[str]:
        with _lock(neo4j_url).acquire(timeout=900):
            _clear(neo4j_url)
            yield neo4j_url

    return exclusively


@pytest.fixture
def empty_neo4j_url(neo4j_exclusively: Exclusively) -> Iterator[str]:
    """Address of the shared Neo4j, emptied, for this test alone."""
    with neo4j_exclusively() as url:
        yield url
