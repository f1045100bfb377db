"""A load into Neo4j that is killed: nothing of it is served, and the next one makes it good."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from pathgraph.engine.base import GraphTables
from pathgraph.engine.neo4j import Neo4jEngine
from pathgraph.errors import GraphNotReadyError
from pathgraph.progress import QuietProgress
from tests.engine.neo4j_graph import Content, content, of, two_versions

ROOT = Path(__file__).resolve().parents[2]

STEPS = (
    "Writing Patient",
    "Writing Contact",
    "Writing AT",
    "Writing LIVES_IN",
    "Deleting what the source withdrew",
    "Checking what was written",
)


def load(engine: Neo4jEngine, tables: GraphTables) -> None:
    with engine.begin_load() as session:
        session.commit(of(session, tables), progress=QuietProgress())


class Graphs:
    """The folder of both versions, and what Neo4j holds after a load of each."""

    def __init__(self, folder: Path, engine: Neo4jEngine) -> None:
        self.folder = folder
        self.before, self.after = two_versions(folder)
        load(engine, self.after)
        self.content_after: Content = content(engine.url)
        load(engine, self.before)
        self.content_before: Content = content(engine.url)


@pytest.fixture
def engine(empty_neo4j_url: str) -> Iterator[Neo4jEngine]:
    with closing(Neo4jEngine(empty_neo4j_url)) as engine:
        yield engine


def kill_after(engine: Neo4jEngine, folder: Path, step: str | None, delay_s: float) -> list[str]:
    """Start a load, kill it ``delay_s`` after ``step`` began, and return what it had said."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.engine.neo4j_killed_load", engine.url, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert child.stdout
    said: list[str] = []
    for line in child.stdout:
        said.append(line.strip())
        if step is None or line.strip() == step:
            break
    time.sleep(delay_s)
    child.kill()
    child.wait()
    child.stdout.close()
    return said


def check_and_repair(engine: Neo4jEngine, graphs: Graphs) -> str:
    """Check that only a whole graph is served; then load again. Returns what was served."""
    try:
        engine.record()
    except GraphNotReadyError:
        served = "nothing"
    else:
        found = content(engine.url)
        assert found in (graphs.content_before, graphs.content_after)
        served = "before" if found == graphs.content_before else "after"
    load(engine, graphs.after)
    assert content(engine.url) == graphs.content_after
    return served


def test_killed_at_each_step(engine: Neo4jEngine, tmp_path: Path) -> None:
    graphs = Graphs(tmp_path, engine)
    for step in STEPS:
        load(engine, graphs.before)
        said = kill_after(engine, tmp_path, step, 0.0)
        assert said[-1] == step, "the load ended before it could be killed"
        assert check_and_repair(engine, graphs) == "nothing"
        assert not Path(said[0]).exists(), "the working files of the killed load are still there"


def test_killed_at_random_moments(engine: Neo4jEngine, tmp_path: Path) -> None:
    graphs = Graphs(tmp_path, engine)
    started = time.monotonic()
    load(engine, graphs.after)
    duration_s = time.monotonic() - started
    moments = random.Random(20260101)
    served = []
    for _ in range(6):
        load(engine, graphs.before)
        kill_after(engine, tmp_path, None, moments.uniform(0, duration_s))
        served.append(check_and_repair(engine, graphs))
    assert set(served) <= {"before", "nothing", "after"}
    assert "nothing" in served, "no load was killed while it wrote"
