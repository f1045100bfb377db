"""Questions to a real Neo4j: types of the answer, refusals in sentences, limits."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from pathgraph.engine.neo4j import Neo4jEngine, arrow_table
from pathgraph.errors import GraphNotReadyError, QueryError, QueryTimeoutError
from pathgraph.progress import QuietProgress
from tests.conftest import Exclusively
from tests.engine.graph_folder import build_graph_tables
from tests.engine.neo4j_graph import of

SECRET = "a-value-of-a-row"


@pytest.fixture(scope="module")
def engine(
    neo4j_exclusively: Exclusively, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Neo4jEngine]:
    rows: list[dict[str, Any]] = [
        {"patient_id": "1", "birth_year": 1950, "sex": SECRET},
        {"patient_id": "2", "birth_year": None},
    ]
    tables = build_graph_tables(tmp_path_factory.mktemp("g") / "graph", {"Patient": rows}, {})
    with neo4j_exclusively() as url:
        engine = Neo4jEngine(url)
        with engine.begin_load() as session:
            session.commit(of(session, tables), progress=QuietProgress())
        yield engine
        engine.close()


def test_types(engine: Neo4jEngine) -> None:
    table = engine.query(
        "MATCH (p:Patient) RETURN p.patient_id AS id, p.birth_year AS year, "
        "1.0 * p.birth_year AS f, p.birth_year > 1900 AS is_born, [1, 2] AS numbers, "
        "['a', null] AS texts, [] AS none, null AS nothing, [[1.5]] AS nested, "
        "$share AS share, $days AS days ORDER BY id",
        {"share": 0.25, "days": [1, 2], "unused": "is let through"},
    )
    assert table.schema == pa.schema(
        {
            "id": pa.string(),
            "year": pa.int64(),
            "f": pa.float64(),
            "is_born": pa.bool_(),
            "numbers": pa.list_(pa.int64()),
            "texts": pa.list_(pa.string()),
            "none": pa.list_(pa.string()),
            "nothing": pa.string(),
            "nested": pa.list_(pa.list_(pa.float64())),
            "share": pa.float64(),
            "days": pa.list_(pa.int64()),
        }
    )
    assert table["year"].to_pylist() == [1950, None]


def test_empty_answer_keeps_its_columns(engine: Neo4jEngine) -> None:
    table = engine.query("MATCH (p:Patient {patient_id: 'x'}) RETURN p.birth_year AS b, 1 AS a")
    assert (table.num_rows, table.column_names) == (0, ["b", "a"])


def test_whole_and_broken_numbers_in_one_column() -> None:
    assert arrow_table(["x"], [[1], [0.5], [None]])["x"].to_pylist() == [1.0, 0.5, None]


def test_numbers_that_are_none(engine: Neo4jEngine) -> None:
    (row,) = engine.query("RETURN 0.0 / 0.0 AS nan, 1.0 / 0.0 AS inf").to_pylist()
    assert math.isnan(row["nan"])
    assert math.isinf(row["inf"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("MATCH (p:Patient) RETURN p", "The column p holds nodes"),
        ("RETURN date() AS d", "The column d holds nodes"),
        ("UNWIND [1, 'a'] AS x RETURN x", "of several types"),
        ("RETURN {a: 1} AS x", "Return single properties"),
        ("MATCH (p:Patient RETURN p", "does not understand the query: Invalid input 'RETURN'"),
        ("RETURN no_such_function(1) AS x", "does not understand the query: Unknown function"),
        ("RETURN $a + $b AS x", "uses parameters that were not given: a, b"),
        ("CREATE (:Patient) RETURN 1 AS x", "would write, and queries only read"),
        ("MATCH (p:Patient) SET p.sex = 'x' RETURN 1 AS x", "queries only read"),
        ("MATCH (p:Patient) RETURN 1 / 0 AS x", "divided by zero"),
        ("MATCH (p:Patient) RETURN p.sex % 2 AS x", "of another type"),
        ("MATCH (p:Patient) RETURN duration(p.sex) AS x", "cannot answer the query"),
        ("CALL { MATCH (n) RETURN n } IN TRANSACTIONS RETURN 1 AS x", "transactions of its own"),
    ],
)
def test_refusals_are_sentences_without_values(engine: Neo4jEngine, text: str, said: str) -> None:
    with pytest.raises(QueryError, match=said) as caught:
        engine.query(text)
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("value", [2**63, object(), {"a": object()}])
def test_unusable_parameter(engine: Neo4jEngine, value: object) -> None:
    with pytest.raises(QueryError, match="A parameter of the query"):
        engine.query("RETURN $x AS x", {"x": value})


def test_smallest_and_largest_integer(engine: Neo4jEngine) -> None:
    bounds = [-(2**63), 2**63 - 1]
    assert engine.query("RETURN $x AS x", {"x": bounds})["x"].to_pylist() == [bounds]


def test_time_limit(engine: Neo4jEngine) -> None:
    started = time.monotonic()
    with pytest.raises(QueryTimeoutError, match=r"limit of 0\.5 s"):
        engine.query(
            "UNWIND range(1, 10000000) AS x UNWIND range(1, 10000) AS y RETURN sum(x + y) AS n",
            timeout_s=0.5,
        )
    assert time.monotonic() - started < 30
    assert engine.query("RETURN 1 AS x", timeout_s=30).to_pylist() == [{"x": 1}]


def test_out_of_memory(engine: Neo4jEngine) -> None:
    with pytest.raises(QueryError, match="needs more memory than the server may use"):
        engine.query(
            "UNWIND range(1, 100000000) AS x "
            "WITH collect(toString(x) + ' and some more text') AS l RETURN size(l) AS n"
        )
    assert engine.query("RETURN 1 AS x").to_pylist() == [{"x": 1}]


def test_many_at_once(engine: Neo4jEngine) -> None:
    def ask(i: int) -> object:
        return engine.query("MATCH (p:Patient) RETURN count(p) + $i AS n", {"i": i})["n"][0].as_py()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(40))) == [2 + i for i in range(40)]


def test_nothing_loaded(empty_neo4j_url: str, tmp_path: Path) -> None:
    engine = Neo4jEngine(empty_neo4j_url)
    for question in (engine.record, lambda: engine.query("RETURN 1 AS x")):
        with pytest.raises(GraphNotReadyError, match="pathgraph load SOURCE PATH --graph"):
            question()
    engine.close()
