"""A real server on a generated region, and a real browser that looks at it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, sync_playwright

from pathgraph.api.serve import serving_beside
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load
from pathgraph.settings import Settings
from pathgraph.synth.generate import write_region

PATIENTS = 3_000


@pytest.fixture(scope="session")
def graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a generated region."""
    folder = tmp_path_factory.mktemp("web")
    write_region(folder / "tables", patients=PATIENTS, seed=1)
    url = f"ladybug:{folder / 'graph'}"
    with closing(open_engine(url)) as engine:
        load("tables", folder / "tables", engine)
    return url


@pytest.fixture(scope="session")
def server(graph: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a server that answers from the region."""
    settings = Settings(cache=tmp_path_factory.mktemp("answers"))
    with serving_beside(settings, graph) as address:
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
