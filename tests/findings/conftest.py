"""Both engines, each loaded once for a module with the tables that the module drew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from tests.findings.drawn import load_tables


@pytest.fixture(scope="module", params=["ladybug", "neo4j"])
def drawn_engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """The module's ``TABLES`` in an engine."""
    folder = tmp_path_factory.mktemp("drawn")
    tables = request.module.TABLES
    if request.param == "ladybug":
        engine = open_engine(f"ladybug:{folder / 'graph'}")
        load_tables(engine, folder / "tables", tables)
        yield engine
        engine.close()
        return
    with request.getfixturevalue("neo4j_exclusively")() as url:
        engine = open_engine(url)
        load_tables(engine, folder / "tables", tables)
        yield engine
        engine.close()
