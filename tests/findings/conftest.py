"""Both engines, each loaded once for a module with the tables that the module drew."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from tests.findings.drawn import Tables, load_tables
from tests.findings.level_graphs import ZONE

Loaded = Callable[[Tables], Engine]


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


@pytest.fixture(scope="module", params=["ladybug", "neo4j"])
def loaded_region(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Loaded]:
    """A function that loads tables into an engine."""
    opened: list[Engine] = []

    def into(url: str) -> Loaded:
        def put(tables: Tables) -> Engine:
            folder = tmp_path_factory.mktemp("region")
            engine = open_engine(url or f"ladybug:{folder / 'graph'}")
            opened.append(engine)
            load_tables(engine, folder / "tables", tables, zone=ZONE)
            return engine

        return put

    if request.param == "ladybug":
        yield into("")
    else:
        with request.getfixturevalue("neo4j_exclusively")() as url:
            yield into(url)
    for engine in opened:
        engine.close()
