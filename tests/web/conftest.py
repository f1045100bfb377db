"""A real server on a generated region, and a real browser that looks at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

from pathgraph.api.serve import serving_beside
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load
from pathgraph.settings import Settings
from pathgraph.synth.generate import write_region

PATIENTS = 3_000


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of this run, the same for all of its workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "web"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def graph(shared: Path) -> str:
    """Return the address of a generated region, which tests read and never write."""
    url = f"ladybug:{shared / 'graph'}"
    with FileLock(shared / "graph.lock"):
        if not (shared / "graph").exists():
            write_region(shared / "tables", patients=PATIENTS, seed=1)
            with closing(open_engine(url)) as engine:
                load("tables", shared / "tables", engine)
    return url


@pytest.fixture(scope="session")
def answers(shared: Path) -> Path:
    """Return the folder of the region's answers, before suppression, for all of its servers."""
    return shared / "answers"


@pytest.fixture(scope="session")
def server(graph: str, answers: Path) -> Iterator[str]:
    """Return the address of a server that answers from the region."""
    with serving_beside(Settings(cache=answers), graph) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a Chromium; where there is none, the tests are left out, in CI they fail."""
    place = os.environ.get("PATHGRAPH_CHROMIUM") or shutil.which("chromium")
    if place is None:
        reason = "no chromium on this machine; install the package chromium"
        if os.environ.get("PATHGRAPH_REQUIRE_ENGINES"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # As root, as in CI, Chromium refuses to run with its sandbox.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = playwright.chromium.launch(executable_path=place, args=arguments)
        yield opened
        opened.close()
