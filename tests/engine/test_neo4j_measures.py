"""Graph Data Science gives the measures that are worked out without it, on random networks."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import neo4j
import pandas as pd
import pyarrow as pa
import pytest

from pathgraph.analysis.networks import graph_of
from pathgraph.analysis.node_measures import node_measures, tie_measures
from pathgraph.analysis.shortest_ways import lattice_lengths
from pathgraph.engine import open_engine
from pathgraph.queries.run import run
from tests import neo4j_server
from tests.findings.drawn import load_tables
from tests.findings.level_graphs import ZONE
from tests.findings.test_networks_against_oracle import drawn_region

_WITHOUT = (
    "The server has no Graph Data Science: the measures are worked out without it, "
    "and are the same."
)


def random_ties(n_nodes: int, n_ties: int, *, is_directed: bool) -> pd.DataFrame:
    draw = random.Random(n_nodes + is_directed)
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < n_ties:
        one, other = draw.sample(range(n_nodes), 2)
        pairs.add((one, other) if is_directed else (min(one, other), max(one, other)))
    # Many ways are equally long: 1/6 + 1/30 is 1/5.
    rows = [
        (f"n{a:03}", f"n{b:03}", draw.choice((5, 6, 10, 15, 30, 41, 7.5))) for a, b in sorted(pairs)
    ]
    return pd.DataFrame(rows, columns=["from_id", "to_id", "weight"])


def neo4j_auth() -> tuple[str, str] | None:
    """User and password, where a server of the user's own asks for them."""
    password = os.environ.get("PATHGRAPH_NEO4J_PASSWORD")
    return (os.environ.get("PATHGRAPH_NEO4J_USER", "neo4j"), password) if password else None


def handed_over(ties: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(
        ties.assign(length=lattice_lengths(ties["weight"].to_numpy())), preserve_index=False
    )


def test_measures_equal_those_without_the_library(neo4j_url: str) -> None:
    engine = open_engine(neo4j_url)
    library = engine.graph_algorithms()
    assert library is not None
    assert library.startswith("Graph Data Science 2.")
    for is_directed in (False, True):
        for n_nodes, n_ties in ((3, 2), (9, 12), (60, 150), (150, 1_500)):
            ties = random_ties(n_nodes, n_ties, is_directed=is_directed)
            graph = graph_of(ties, weight="weight", is_directed=is_directed)
            expected = node_measures(graph).drop(columns="closeness")
            found = engine.node_measures(handed_over(ties), is_directed=is_directed)
            frame = found.to_pandas().set_index("id")
            pd.testing.assert_frame_equal(
                frame[expected.columns], expected, check_index_type=False, check_names=False,
                rtol=0, atol=1e-6,
            )  # fmt: skip
            exact = expected.drop(columns="pagerank")
            pd.testing.assert_frame_equal(
                frame[exact.columns], exact, check_index_type=False, check_names=False,
                rtol=1e-12, atol=1e-12,
            )  # fmt: skip
            bridges = engine.bridges(handed_over(ties)).to_pylist()
            is_bridge = tie_measures(graph).query("is_bridge")[["from_id", "to_id"]]
            both = {tuple(sorted(pair)) for pair in is_bridge.itertuples(index=False, name=None)}
            assert {(row["from_id"], row["to_id"]) for row in bridges} == both
            assert n_nodes > 9 or both
            assert len(bridges) == len(both)
    engine.close()


def test_nothing_stays_on_the_server(neo4j_url: str) -> None:
    engine = open_engine(neo4j_url)
    ties = random_ties(9, 12, is_directed=True)
    engine.node_measures(handed_over(ties), is_directed=True)
    engine.bridges(handed_over(ties))
    engine.close()
    with neo4j.GraphDatabase.driver(neo4j_url, auth=neo4j_auth()) as driver:
        left = driver.execute_query("CALL gds.graph.list() YIELD graphName RETURN graphName")
    assert [r["graphName"] for r in left.records if r["graphName"].startswith("pathgraph-")] == []


@pytest.fixture(scope="module")
def without_the_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the address of a Neo4j of this module's own, without Graph Data Science."""
    if neo4j_server.missing_tools() and os.environ.get("PATHGRAPH_REQUIRE_ENGINES") != "1":
        pytest.skip("Neo4j left out: no Java or Maven to start one without the library")
    folder = tmp_path_factory.mktemp("without")
    (folder / "none").mkdir()
    home = neo4j_server.new_home(folder / "home")
    settings = home / "conf" / "neo4j.conf"
    lines = settings.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("server.directories.plugins=")]
    text = "\n".join([*kept, f"server.directories.plugins={folder / 'none'}", ""])
    settings.write_text(text, encoding="utf-8")
    server = neo4j_server.start(home)
    try:
        yield server.url
    finally:
        neo4j_server.stop(server)


@pytest.mark.xdist_group("neo4j without the library")
def test_a_server_without_the_library_answers_the_same_and_says_so(
    without_the_library: str, tmp_path: Path
) -> None:
    tables = drawn_region(13, 60)
    with (
        closing(open_engine(without_the_library)) as server,
        closing(open_engine(f"ladybug:{tmp_path / 'graph'}")) as ladybug,
    ):
        assert server.graph_algorithms() == ""
        load_tables(server, tmp_path / "tables", tables, zone=ZONE)
        load_tables(ladybug, tmp_path / "tables", tables, zone=ZONE)
        asked = {"depth": "unit", "period_days": 3650}
        for finding in ("node_measures", "tie_measures"):
            for network in ("shared_patients", "unit_transfers"):
                found, expected = (
                    run(engine, finding, {**asked, "network": network})
                    for engine in (server, ladybug)
                )
                # Worked out by the same library here, digit for digit.
                assert found.table.equals(expected.table)
                assert found.table.num_rows > 2
                said = [n for n in found.manifest["notes"] if n not in expected.manifest["notes"]]
                assert said == [_WITHOUT]
        # Where there is nothing to measure there is nothing to say of who measures.
        none = run(server, "node_measures", {**asked, "min_patients": 500})
        assert none.table.num_rows == 0
        assert _WITHOUT not in none.manifest["notes"]
