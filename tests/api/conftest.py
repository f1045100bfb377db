"""A generated region behind the whole application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pathgraph.api.app import create_app
from pathgraph.api.serve import serving_for
from pathgraph.api.serving import Serving
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load
from pathgraph.settings import Settings
from pathgraph.synth.generate import write_region

PATIENTS = 1_500


@pytest.fixture(scope="session")
def region_graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a generated region, which tests read and never write."""
    folder = tmp_path_factory.mktemp("region")
    write_region(folder / "tables", patients=PATIENTS, seed=3)
    url = f"ladybug:{folder / 'graph'}"
    with closing(open_engine(url)) as engine:
        load("tables", folder / "tables", engine)
    return url


@pytest.fixture(scope="session")
def serving(region_graph: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Return what a server holds that answers from the region."""
    cache: Path = tmp_path_factory.mktemp("answers")
    with closing(open_engine(region_graph)) as engine:
        yield serving_for(Settings(), engine, cache=cache)


@pytest.fixture(scope="session")
def client(serving: Serving) -> Iterator[TestClient]:
    """Return a client of the whole application."""
    app = create_app(serving)
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        opened.headers["accept-language"] = "en"
        yield opened
