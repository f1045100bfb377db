"""Where one Cypher text does not give one answer on both engines, written down.

What stands here is outside the portable subset (``cypher/README.md``), and the linter refuses it in
findings. An upgrade of an engine that changes a line here is noticed, and may let the subset grow.
The last part holds what findings do rest on: there both engines answer alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass

import pytest

from pathgraph.engine import Engine, open_engine
from pathgraph.errors import QueryError
from pathgraph.progress import QuietProgress
from tests.conftest import Exclusively
from tests.engine.graph_folder import build_graph_tables
from tests.engine.neo4j_graph import of

REFUSED = "refused"

Answer = object
"""The values of the first column in order, or ``REFUSED``."""


@dataclass(frozen=True)
class Difference:
    name: str
    text: str
    ladybug: Answer
    neo4j: Answer
    parameters: Mapping[str, object] | None = None


DIFFERENCES = (
    Difference(
        "order before collect needs a limit",
        "MATCH (p:Patient) WITH p ORDER BY p.birth_year DESC RETURN collect(p.patient_id) AS x",
        REFUSED,
        [["p3", "p2", "p1"]],
    ),
    Difference(
        "a parameter that is null",
        "MATCH (p:Patient) WHERE $year IS NULL OR p.birth_year = $year RETURN count(p) AS x",
        REFUSED,
        [3],
        {"year": None},
    ),
    Difference("toFloat", "RETURN toFloat(1) AS x", REFUSED, [1.0]),
    Difference("toString", "RETURN toString(1) AS x", REFUSED, ["1"]),
    Difference("round with one argument", "RETURN round(1.6) AS x", REFUSED, [2.0]),
    Difference(
        "sum over no rows",
        "MATCH (p:Patient) WHERE p.birth_year > 3000 RETURN sum(p.birth_year) AS x",
        [None],
        [0],
    ),
    Difference(
        "a relationship type twice in one pattern: walk against trail",
        "MATCH (a:Contact)-[:AT]->(u:Unit)<-[:AT]-(b:Contact) RETURN count(*) AS x",
        [4 + 1],
        [2],
    ),
    Difference(
        "variable length: walk against trail",
        "MATCH (a:Unit {unit_id: 'ring1'})-[:HAS_AGREEMENT_WITH*4..4]->(b:Unit) "
        "RETURN count(*) AS x",
        [1],
        [0],
    ),
    Difference(
        "two labels on one node: any of them against all of them",
        "MATCH (n:Patient:Unit) RETURN count(n) AS x",
        [3 + 4],
        [0],
    ),
    Difference("substring counts from", "RETURN substring('abcd', 1, 2) AS x", ["ab"], ["bc"]),
    Difference(
        "a slice counts from, and includes its end",
        "RETURN [10, 20, 30, 40][1..3] AS x",
        [[10, 20, 30]],
        [[20, 30]],
    ),
    Difference("an index counts from", "RETURN [10, 20, 30][1] AS x", [10], [20]),
    Difference(
        "two MATCH in EXISTS",
        "MATCH (p:Patient) WHERE EXISTS { MATCH (p)-[:HAD]->(c:Contact) MATCH (c)-[:AT]->(:Unit) } "
        "RETURN count(p) AS x",
        REFUSED,
        [2],
    ),
    Difference(
        "CALL with a query inside",
        "CALL () { MATCH (p:Patient) RETURN count(p) AS x } RETURN x",
        REFUSED,
        [3],
    ),
    Difference(
        "size counts what a reader sees against code points",
        "RETURN size($text) AS x",
        [1],
        [2],
        {"text": "e\u0301"},
    ),
    Difference("a date of now", "RETURN date().year > 2000 AS x", REFUSED, [True]),
    Difference(
        "labels of a node",
        "MATCH (p:Patient {patient_id: 'p1'}) RETURN labels(p) AS x",
        ["Patient"],
        [["Patient"]],
    ),
    Difference(
        "map projection",
        "MATCH (p:Patient {patient_id: 'p1'}) RETURN p {.sex}.sex AS x",
        REFUSED,
        ["female"],
    ),
)

SAME: tuple[tuple[str, dict[str, object], Answer], ...] = (
    ("RETURN 7 / 2 AS x", {}, [3]),
    ("RETURN -7 / 2 AS x", {}, [-3]),
    ("RETURN -7 % 3 AS x", {}, [-1]),
    ("RETURN 1.0 * 7 / 2 AS x", {}, [3.5]),
    ("RETURN $a * $b AS x", {"a": 127, "b": 127}, [16129]),
    ("RETURN 'a' < 'B' AS x", {}, [False]),
    ("UNWIND $list AS y RETURN y + 1 AS x ORDER BY x", {"list": [3, 1]}, [2, 4]),
    ("MATCH (p:Patient) WHERE p.birth_year > 3000 RETURN coalesce(sum(p.birth_year), 0) AS x", {},
     [0]),
    ("MATCH (p:Patient) RETURN sum(p.birth_year) AS x", {}, [1950 + 1960 + 1970]),
    ("MATCH (p:Patient) RETURN max(p.birth_year) AS x", {}, [1970]),
    ("MATCH (p:Patient) RETURN percentileCont(p.birth_year, 0.9) AS x", {}, [1968.0]),
    ("MATCH (p:Patient) RETURN p.sex AS x ORDER BY p.sex, p.patient_id", {},
     ["female", "male", None]),
    ("MATCH (p:Patient) WHERE p.sex <> 'female' RETURN p.patient_id AS x", {}, ["p2"]),
    ("MATCH (p:Patient) WHERE NOT EXISTS { MATCH (p)-[:HAD]->(:Contact) } RETURN p.patient_id AS x",
     {}, ["p3"]),
    ("MATCH (p:Patient) WHERE NOT EXISTS { MATCH (p)-[l:LIVES_IN]->(:Municipality) "
     "WHERE l.valid_from_day <= $as_of_day AND (l.valid_to_day IS NULL "
     "OR l.valid_to_day > $as_of_day) } RETURN p.patient_id AS x ORDER BY x",
     {"as_of_day": 18_000}, ["p2", "p3"]),
    ("MATCH (p:Patient) RETURN COUNT { MATCH (p)-[:HAD]->(:Contact) } AS x ORDER BY p.patient_id",
     {}, [2, 1, 0]),
    ("MATCH (p:Patient) OPTIONAL MATCH (p)-[:HAD]->(c:Contact) WHERE c.is_acute "
     "RETURN c.contact_id AS x ORDER BY p.patient_id", {}, ["c1", None, None]),
    ("MATCH (u:Unit {unit_id: 'ward'})-[:PART_OF*0..4]->(a:Unit) RETURN a.unit_id AS x ORDER BY x",
     {}, ["clinic", "ward"]),
    ("MATCH (a:Contact)-[n:NEXT_CONTACT]->(b:Contact) WHERE n.gap_s >= $least "
     "RETURN b.contact_id AS x", {"least": 3600}, ["c2"]),
    ("MATCH (p:Patient) WITH p ORDER BY p.birth_year DESC LIMIT 2 RETURN p.patient_id AS x "
     "ORDER BY x", {}, ["p2", "p3"]),
    ("MATCH (n:Plan) RETURN count(n) AS x", {}, [0]),
)  # fmt: skip


@pytest.fixture(scope="module")
def engines(
    neo4j_exclusively: Exclusively, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Engine]]:
    folder = tmp_path_factory.mktemp("differences")

    def contact(id_: str, started_s: int, *, is_acute: bool) -> dict[str, object]:
        return {"contact_id": id_, "started_s": started_s, "is_acute": is_acute}

    tables = build_graph_tables(
        folder / "tables",
        {
            "Patient": [
                {"patient_id": "p1", "birth_year": 1950, "sex": "female"},
                {"patient_id": "p2", "birth_year": 1960, "sex": "male"},
                {"patient_id": "p3", "birth_year": 1970},
            ],
            "Contact": [
                contact("c1", 0, is_acute=True),
                contact("c2", 9000, is_acute=False),
                contact("c3", 0, is_acute=False),
            ],
            "Unit": [{"unit_id": u} for u in ("ward", "clinic", "ring1", "ring2")],
            "Municipality": [{"municipality_code": "5501"}],
        },
        {
            ("HAD", "Patient", "Contact"): [
                {"from_id": "p1", "to_id": "c1"},
                {"from_id": "p1", "to_id": "c2"},
                {"from_id": "p2", "to_id": "c3"},
            ],
            ("AT", "Contact", "Unit"): [
                {"from_id": "c1", "to_id": "ward"},
                {"from_id": "c2", "to_id": "ward"},
                {"from_id": "c3", "to_id": "clinic"},
            ],
            ("PART_OF", "Unit", "Unit"): [{"from_id": "ward", "to_id": "clinic"}],
            ("HAS_AGREEMENT_WITH", "Unit", "Unit"): [
                {"from_id": "ring1", "to_id": "ring2"},
                {"from_id": "ring2", "to_id": "ring1"},
            ],
            ("NEXT_CONTACT", "Contact", "Contact"): [
                {"from_id": "c1", "to_id": "c2", "gap_s": 3600}
            ],
            ("LIVES_IN", "Patient", "Municipality"): [
                {"from_id": "p1", "to_id": "5501", "valid_from_day": 17_000},
                {
                    "from_id": "p2",
                    "to_id": "5501",
                    "valid_from_day": 17_000,
                    "valid_to_day": 18_000,
                },
                {"from_id": "p3", "to_id": "5501", "valid_from_day": 18_001},
            ],
        },
    )
    with (
        neo4j_exclusively() as url,
        closing(open_engine(f"ladybug:{folder / 'graph'}")) as ladybug,
        closing(open_engine(url)) as neo4j,
    ):
        for engine in (ladybug, neo4j):
            with engine.begin_load() as session:
                session.commit(of(session, tables), progress=QuietProgress())
        yield {"ladybug": ladybug, "neo4j": neo4j}


def answer(engine: Engine, text: str, parameters: Mapping[str, object] | None) -> Answer:
    try:
        table = engine.query(text, parameters)
    except QueryError:
        return REFUSED
    return table.column(0).to_pylist()


@pytest.mark.parametrize("name", ["ladybug", "neo4j"])
@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.name)
def test_difference(engines: Mapping[str, Engine], difference: Difference, name: str) -> None:
    assert difference.ladybug != difference.neo4j
    found = answer(engines[name], difference.text, difference.parameters)
    assert found == getattr(difference, name)


@pytest.mark.parametrize("name", ["ladybug", "neo4j"])
@pytest.mark.parametrize(("text", "parameters", "expected"), SAME)
def test_same(
    engines: Mapping[str, Engine],
    text: str,
    parameters: Mapping[str, object],
    expected: Answer,
    name: str,
) -> None:
    assert answer(engines[name], text, parameters) == expected


@pytest.mark.parametrize("name", ["ladybug", "neo4j"])
def test_union_all_keeps_what_comes_twice_in_no_order(
    engines: Mapping[str, Engine], name: str
) -> None:
    text = "UNWIND ['a', 'b'] AS y RETURN y AS x UNION ALL UNWIND ['a'] AS y RETURN y AS x"
    found = answer(engines[name], text, None)
    # On a busy machine LadybugDB gives the second part between the rows of the first.
    assert isinstance(found, list)
    assert sorted(found) == ["a", "a", "b"]


@pytest.mark.parametrize(("text", "parameters", "expected"), SAME)
def test_same_types(
    engines: Mapping[str, Engine], text: str, parameters: Mapping[str, object], expected: Answer
) -> None:
    types = {name: engine.query(text, parameters).schema for name, engine in engines.items()}
    assert types["ladybug"] == types["neo4j"]
    assert expected is not None
