"""The LadybugDB engine: what goes in comes out, and what is refused is a sentence."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import GraphTables, Ledger, TypeLedger
from pathgraph.engine.ladybug import LadybugEngine, memory_bytes
from pathgraph.engine.snapshots import go_back
from pathgraph.errors import (
    EngineError,
    GraphNotReadyError,
    QueryError,
    QueryTimeoutError,
    UsageError,
)
from pathgraph.model.ddl import relationship_ends
from pathgraph.model.schema import MODEL_VERSION, NODES, node, relationship
from pathgraph.model.types import Property, PropertyType
from pathgraph.progress import QuietProgress
from tests.engine.graph_folder import Rows, build_graph_tables
from tests.engine.ladybug_loads import (
    engine_at,
    expected_content,
    load_variant,
    served_content,
    variant_size,
)

HARD_TEXTS = [
    "NA",
    "null",
    "",
    "æøå ŋáŧ Čáhcesuolu",
    "e\u0301 👩\u200d👩\u200d👧",
    "line\r\nbreak\ttab",
    'it\'s "quoted" \\ `so` $x {y} [1] , ; |',
    "a\x00b",
    "x" * 70_000,
]
HARD_INTEGERS = [-(2**63), 2**63 - 1, 0, -1, 76_700]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "graph"


@pytest.fixture
def engine(place: Path) -> Iterator[LadybugEngine]:
    opened = engine_at(place)
    yield opened
    opened.close()


def load(
    engine: LadybugEngine,
    nodes: Mapping[str, Rows],
    relationships: Mapping[tuple[str, str, str], Rows] | None = None,
    *,
    change: Callable[[GraphTables], GraphTables] = lambda tables: tables,
    manifest: Mapping[str, object] | None = None,
) -> Mapping[str, int]:
    with engine.begin_load() as session:
        tables = build_graph_tables(
            session.scratch / "graph",
            nodes,
            relationships or {},
            load_id=session.load_id,
            manifest=manifest,
        )
        return session.commit(change(tables), progress=QuietProgress())


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LadybugEngine]:
    """Three patients and a number of hard values, for queries that only read."""
    opened = engine_at(tmp_path_factory.mktemp("loaded") / "graph")
    patients = [
        {"patient_id": "a", "birth_year": 1950, "sex": "F"},
        {"patient_id": "b", "birth_year": 1960, "sex": None},
        {"patient_id": "c", "birth_year": None, "sex": "M"},
    ]
    contacts = [
        {"contact_id": f"c{i}", "kind": text, "started_s": 10 * i, "is_acute": i % 2 == 0}
        for i, text in enumerate(HARD_TEXTS)
    ]
    had = [{"from_id": "ab"[i % 2], "to_id": f"c{i}"} for i in range(len(contacts))]
    load(opened, {"Patient": patients, "Contact": contacts}, {("HAD", "Patient", "Contact"): had})
    yield opened
    opened.close()


# -- what goes in comes out --------------------------------------------------------------------


def sample_value(property_: Property, row: int) -> object:
    match property_.type:
        case PropertyType.TEXT:
            return [*HARD_TEXTS, None][(row + len(property_.name)) % (len(HARD_TEXTS) + 1)]
        case PropertyType.INTEGER:
            return [*HARD_INTEGERS, None][(row + len(property_.name)) % (len(HARD_INTEGERS) + 1)]
        case PropertyType.NUMBER:
            return [0.1, -1e300, 5e-324, None][(row + len(property_.name)) % 4]
        case PropertyType.BOOLEAN:
            return [True, False, None][(row + len(property_.name)) % 3]


def test_every_type_of_the_model_comes_out_as_it_went_in(engine: LadybugEngine) -> None:
    n_rows = 12
    nodes = {
        n.label: [
            {p.name: sample_value(p, i) for p in n.properties} | {n.key: f"{n.label}{i}"}
            for i in range(n_rows)
        ]
        for n in NODES
        if n.label != "Load"
    }
    relationships = {
        (r.type, e.from_label, e.to_label): [
            {p.name: sample_value(p, i) for p in r.properties}
            | {"from_id": f"{e.from_label}{i}", "to_id": f"{e.to_label}{(5 * i + 1) % n_rows}"}
            for i in range(n_rows)
        ]
        for r, e in relationship_ends()
    }
    counts = load(engine, nodes, relationships)
    assert counts == {"nodes": n_rows * len(nodes), "relationships": n_rows * len(relationships)}
    for label, rows in nodes.items():
        names = [p.name for p in node(label).properties]
        returned = ", ".join(f"x.{name} AS {name}" for name in names)
        found = engine.query(f"MATCH (x:{label}) RETURN {returned}").to_pylist()
        key = node(label).key
        assert sorted(found, key=lambda r: r[key]) == sorted(rows, key=lambda r: str(r[key]))
    for (type_, from_label, to_label), rows in relationships.items():
        names = [p.name for p in relationship(type_).properties]
        returned = "".join(f", x.{name} AS {name}" for name in names)
        found = engine.query(
            f"MATCH (a:{from_label})-[x:{type_}]->(b:{to_label}) "
            f"RETURN a.{node(from_label).key} AS from_id, b.{node(to_label).key} AS to_id{returned}"
        ).to_pylist()
        assert sorted(found, key=lambda r: r["from_id"]) == sorted(
            rows, key=lambda r: str(r["from_id"])
        )


def test_an_empty_graph_loads_and_answers(engine: LadybugEngine) -> None:
    assert load(engine, {}) == {"nodes": 0, "relationships": 0}
    answer = engine.query("MATCH (p:Patient) RETURN count(*) AS n, sum(p.birth_year) AS total")
    assert answer.to_pylist() == [{"n": 0, "total": None}]


def test_the_record_and_the_load_node_say_what_is_served(engine: LadybugEngine) -> None:
    load(engine, {"Patient": [{"patient_id": "a"}]}, manifest={"source": "mimic-iv", "last_day": 9})
    record = engine.record()
    assert record.status == "complete"
    assert record.manifest["source"] == "mimic-iv"
    assert record.manifest["model_version"] == MODEL_VERSION
    (row,) = engine.query(
        "MATCH (n:Load) RETURN n.load_id AS load_id, n.status AS status, "
        "n.fingerprint AS fingerprint, n.manifest AS manifest"
    ).to_pylist()
    assert json.loads(row.pop("manifest")) == record.manifest
    assert row == {
        "load_id": record.load_id,
        "status": "complete",
        "fingerprint": record.fingerprint,
    }


@pytest.mark.parametrize("name", ["it's", "with [1] and *?", "øst/vest", 'a"b', "a\\b", "{x} $y"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    place = tmp_path / name / "graph"
    engine = engine_at(place)
    with engine.begin_load() as session:
        tables = build_graph_tables(
            session.scratch / "graph",
            {"Patient": [{"patient_id": "a"}]},
            {},
            load_id=session.load_id,
        )
        session.commit(tables, progress=QuietProgress())
    assert engine.query("MATCH (p:Patient) RETURN p.patient_id AS p").to_pylist() == [{"p": "a"}]
    engine.close()


# -- verification --------------------------------------------------------------------------------


def with_changed_ledger(
    tables: GraphTables, name: str, change: Callable[[TypeLedger], TypeLedger]
) -> GraphTables:
    types = dict(tables.ledger.types)
    types[name] = change(types[name])
    return replace(tables, ledger=Ledger(types, tables.ledger.fingerprint))


def with_sum(entry: TypeLedger, property_: str, n_values: int, total: int | None) -> TypeLedger:
    return replace(entry, sums={**entry.sums, property_: (n_values, total)})


CONTACT = {"contact_id": "ee\u0301", "started_s": 5, "is_acute": True, "kind": "x"}


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("Contact", lambda e: with_sum(e, "started_s", 1, 6), "Contact: the values of started_s"),
        ("Contact", lambda e: with_sum(e, "started_s", 2, 5), "Contact: the values of started_s"),
        ("Contact", lambda e: with_sum(e, "is_acute", 1, 0), "Contact: the values of is_acute"),
        ("Contact", lambda e: with_sum(e, "contact_id", 1, 4), "Contact: the values of contact_id"),
        ("Contact", lambda e: with_sum(e, "ended_s", 0, 1), "Contact: the values of ended_s"),
        ("HAD|Patient|Contact", lambda e: replace(e, count=2), "HAD|Patient|Contact holds 1 rows"),
        ("Stay", lambda e: replace(e, count=1), "Stay holds 0 rows"),
        (
            "NEXT_CONTACT|Contact|Contact",
            lambda e: with_sum(e, "gap_s", 1, 8),
            "NEXT_CONTACT|Contact|Contact: the values of gap_s",
        ),
    ],
)
def test_what_does_not_agree_with_the_ledger_is_not_put_in_service(
    engine: LadybugEngine, name: str, change: Callable[[TypeLedger], TypeLedger], said: str
) -> None:
    load_variant(engine, 0)
    nodes = {"Patient": [{"patient_id": "a"}], "Contact": [CONTACT]}
    relationships = {
        ("HAD", "Patient", "Contact"): [{"from_id": "a", "to_id": CONTACT["contact_id"]}],
        ("NEXT_CONTACT", "Contact", "Contact"): [
            {"from_id": CONTACT["contact_id"], "to_id": CONTACT["contact_id"], "gap_s": 7}
        ],
    }
    with pytest.raises(EngineError) as caught:
        load(engine, nodes, relationships, change=lambda t: with_changed_ledger(t, name, change))
    assert said in str(caught.value)
    assert served_content(engine) == expected_content(0)
    load(engine, nodes, relationships)
    assert engine.query("MATCH (c:Contact) RETURN count(*) AS n").to_pylist() == [{"n": 1}]


def test_rows_lost_on_the_way_into_the_engine_are_found(engine: LadybugEngine) -> None:
    """The file changes between the check of its columns and the copy: rows, then values."""

    def lose_a_row(tables: GraphTables) -> GraphTables:
        file = tables.node_file("Patient")
        rows = pq.read_table(file)
        pq.write_table(rows.slice(0, 1), file)
        ledger = with_changed_ledger(tables, "Patient", lambda e: replace(e, count=1))
        return ledger

    with pytest.raises(EngineError, match="Patient: the values of patient_id"):
        load(engine, {"Patient": [{"patient_id": "a"}, {"patient_id": "b"}]}, change=lose_a_row)


def test_columns_in_another_order_are_refused(engine: LadybugEngine) -> None:
    def swap(tables: GraphTables) -> GraphTables:
        file = tables.relationship_file("HAD", "Patient", "Contact")
        rows = pq.read_table(file)
        pq.write_table(rows.select(["to_key", "from_key"]), file)
        return tables

    with pytest.raises(EngineError, match=r"expected from_key, to_key; found to_key, from_key"):
        load(engine, {}, change=swap)


def test_columns_of_another_type_are_refused(engine: LadybugEngine) -> None:
    def narrow(tables: GraphTables) -> GraphTables:
        file = tables.node_file("Patient")
        rows = pq.read_table(file)
        types = [pa.int32() if f.name == "birth_year" else f.type for f in rows.schema]
        pq.write_table(rows.cast(pa.schema(zip(rows.column_names, types, strict=True))), file)
        return tables

    with pytest.raises(EngineError, match="does not have the columns of the model"):
        load(engine, {}, change=narrow)


def test_graph_tables_of_another_load_are_refused(engine: LadybugEngine) -> None:
    with pytest.raises(EngineError, match="belong to the load x"):
        load(engine, {}, change=lambda t: replace(t, record=replace(t.record, load_id="x")))


def test_too_little_memory_is_a_sentence_and_the_old_snapshot_stays(place: Path) -> None:
    load_variant(engine_at(place), 0)
    engine = LadybugEngine(place, load_pool_bytes=4 * 2**20, serve_pool_bytes=2**28)
    with pytest.raises(EngineError, match="too little memory to load"):
        load_variant(engine, 1)
    assert served_content(engine) == expected_content(0)
    engine.close()


def test_the_default_memory_is_a_part_of_what_there_is(place: Path) -> None:
    memory = memory_bytes()
    assert memory is not None
    assert 2**28 < memory < 2**50
    engine = LadybugEngine(place)
    load_variant(engine, 0)
    assert served_content(engine) == expected_content(0)
    engine.close()


def test_a_refusal_of_the_engine_shows_no_value(engine: LadybugEngine) -> None:
    def double_the_key(tables: GraphTables) -> GraphTables:
        file = tables.node_file("Patient")
        rows = pq.read_table(file)
        keys = pa.array([4711] * rows.num_rows, pa.int64())
        pq.write_table(rows.set_column(0, "node_key", keys), file)
        return tables

    with pytest.raises(EngineError) as caught:
        load(engine, {"Patient": [{"patient_id": c} for c in "ab"]}, change=double_the_key)
    assert "LadybugDB refused Patient (Copy exception)" in str(caught.value)
    assert "4711" not in str(caught.value)


# -- queries ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cypher", "parameters", "answer"),
    [
        ("RETURN $a * $b AS x", {"a": 100, "b": 100}, 10_000),
        ("RETURN $a + $b AS x", {"a": 127, "b": 1}, 128),
        ("RETURN $a - $b AS x", {"a": -128, "b": 30_000}, -30_128),
        ("RETURN $a AS x", {"a": -(2**63)}, -(2**63)),
        ("RETURN $a AS x", {"a": True}, True),
        ("RETURN $a AS x", {"a": 1.5}, 1.5),
        ("RETURN $a AS x", {"a": "it's $b"}, "it's $b"),
        ("RETURN $a AS x", {"a": [1, 300]}, [1, 300]),
        ("RETURN $a AS x", {"a": (1, None)}, [1, None]),
        ("RETURN $a AS x", {"a": ["x", "y"]}, ["x", "y"]),
        ("RETURN 3 IN $a AS x", {"a": []}, False),
        ("RETURN 3 IN $a AS x", {"a": [1, 3]}, True),
        ("RETURN '$b' AS x // and $c\n", {"extra": 1}, "$b"),
        ('RETURN "\\"$b" AS x /* $c */', {}, '"$b'),
        ("RETURN 'it\\'s $b' AS x", {}, "it's $b"),
        ("WITH 1 AS `$b` RETURN `$b` AS x", {}, 1),
        ("UNWIND [1, 2, 3] AS i WITH i ORDER BY i LIMIT $n RETURN sum(i) AS x", {"n": 2}, 3),
        ("UNWIND [1, 2, 3] AS i WITH i ORDER BY i SKIP $n LIMIT 9 RETURN sum(i) AS x", {"n": 1}, 5),
    ],
)
def test_parameters_mean_what_they_say(
    loaded: LadybugEngine, cypher: str, parameters: Mapping[str, object], answer: object
) -> None:
    (row,) = loaded.query(cypher, parameters).to_pylist()
    assert row["x"] == answer
    assert type(row["x"]) is type(answer)


def test_missing_parameters_are_named_all_at_once(loaded: LadybugEngine) -> None:
    with pytest.raises(QueryError, match="not given: a, c"):
        loaded.query("RETURN $a + $b + $c + $a AS x", {"b": 1})


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, [1, 2**63], object(), {"a": 1}, b"x"])
def test_values_that_no_query_takes_are_refused(loaded: LadybugEngine, value: object) -> None:
    with pytest.raises(QueryError, match="The parameter a is"):
        loaded.query("RETURN $a AS x", {"a": value})


def test_results_have_five_types_only(loaded: LadybugEngine) -> None:
    table = loaded.query(
        "MATCH (c:Contact) RETURN count(*) AS n, sum(c.started_s) AS total, avg(c.started_s) AS m, "
        "collect(c.started_s) AS times, collect(c.contact_id) AS ids, max(c.is_acute) AS acute, "
        "[sum(c.started_s)] AS totals, min(c.kind) AS kind, 1.0 * sum(c.started_s) / 2 AS half, "
        "cast(7 AS INT32) AS seven, cast(1.25 AS DECIMAL(10, 2)) AS exact, null AS nothing, "
        "[cast(1 AS INT16)] AS small, cast(2 AS UINT8) AS two"
    )
    types = {field.name: str(field.type) for field in table.schema}
    assert {n: t for n, t in types.items() if "list" not in t} == {
        "n": "int64",
        "total": "int64",
        "m": "double",
        "acute": "bool",
        "kind": "string",
        "half": "double",
        "seven": "int64",
        "exact": "double",
        "nothing": "string",
        "two": "int64",
    }
    lists = ("times", "ids", "totals", "small")
    inner = [table.schema.field(name).type.value_type for name in lists]
    assert inner == [pa.int64(), pa.string(), pa.int64(), pa.int64()]
    (row,) = table.to_pylist()
    assert row["total"] == sum(10 * i for i in range(len(HARD_TEXTS)))
    assert (row["exact"], row["totals"]) == (1.25, [row["total"]])


def test_no_rows_keep_their_types(loaded: LadybugEngine) -> None:
    table = loaded.query(
        "MATCH (c:Contact) WHERE c.started_s < 0 RETURN c.contact_id AS id, sum(c.started_s) AS s"
    )
    assert table.num_rows == 0
    assert [str(t) for t in table.schema.types] == ["string", "int64"]


def test_a_result_outlives_its_snapshot(place: Path) -> None:
    engine = engine_at(place)
    load(engine, {"Contact": [{"contact_id": text + str(i)} for i, text in enumerate(HARD_TEXTS)]})
    table = engine.query("MATCH (c:Contact) RETURN c.contact_id AS id")
    engine.close()
    assert sorted(table["id"].to_pylist()) == sorted(t + str(i) for i, t in enumerate(HARD_TEXTS))


@pytest.mark.parametrize(
    ("cypher", "said"),
    [
        ("MATC (n) RETURN n", "input 'MATC' expecting"),
        ("MATCH (n:Nobody) RETURN count(*) AS n", "Table Nobody does not exist"),
        ("MATCH (p:Patient) RETURN p", "The column p is a node"),
        ("MATCH (:Patient)-[h:HAD]->() RETURN h", "The column h is a node"),
        ("RETURN date('2026-01-01') AS d", "The column d is a node, a relationship or a date"),
        ("RETURN [date('2026-01-01')] AS d", "The column d is"),
        ("CREATE (:Patient {node_key: 9})", "it would write"),
        ("MATCH (p:Patient) SET p.sex = 'x' RETURN p.sex AS x", "it would write"),
        ("RETURN 1 AS x; RETURN 2 AS y", "several queries"),
        ("RETURN cast(9223372036854775807 AS INT128) + 1 AS x", "beyond 64 bits"),
        ("RETURN 9223372036854775807 + 1 AS x", "leaves the range of 64 bits"),
        ("MATCH (p:Patient) RETURN cast(p.patient_id AS INT64) AS x", "cannot be turned into"),
        ("MATCH (p:Patient) RETURN error(p.patient_id) AS x", "LadybugDB cannot answer"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(
    loaded: LadybugEngine, cypher: str, said: str
) -> None:
    with pytest.raises(QueryError) as caught:
        loaded.query(cypher)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_refusal_at_a_row_shows_no_value(engine: LadybugEngine) -> None:
    load(engine, {"Patient": [{"patient_id": "SECRET-PSEUDONYM"}]})
    with pytest.raises(QueryError) as caught:
        engine.query("MATCH (p:Patient) RETURN cast(p.patient_id AS INT64) AS x")
    assert "SECRET" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


SLOW = "UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b RETURN sum(a * b % 7) AS x"


def test_a_query_ends_at_its_limit(loaded: LadybugEngine) -> None:
    started = time.perf_counter()
    with pytest.raises(QueryTimeoutError, match=r"limit of 0\.3 s"):
        loaded.query(SLOW, timeout_s=0.3)
    assert time.perf_counter() - started < 10
    assert loaded.query("RETURN 1 AS x").to_pylist() == [{"x": 1}]


def test_a_limit_leaves_fast_queries_alone(loaded: LadybugEngine) -> None:
    answer = loaded.query("MATCH (p:Patient) RETURN count(*) AS n", timeout_s=30)
    assert answer.to_pylist() == [{"n": 3}]


# -- serving ---------------------------------------------------------------------------------------


def test_nothing_loaded_is_a_sentence_that_says_what_to_do(engine: LadybugEngine) -> None:
    for ask in (engine.record, lambda: engine.query("RETURN 1 AS x")):
        with pytest.raises(GraphNotReadyError, match="pathgraph load SOURCE PATH --graph ladybug:"):
            ask()
    assert not engine.place.exists()


def test_a_snapshot_of_another_version_of_the_model_is_not_served(engine: LadybugEngine) -> None:
    load(engine, {}, manifest={"model_version": MODEL_VERSION + 1})
    with pytest.raises(GraphNotReadyError, match="Load the data again"):
        engine.query("RETURN 1 AS x")
    load(engine, {})
    assert engine.query("RETURN 1 AS x").num_rows == 1


@pytest.mark.parametrize("damage", ["missing", "empty", "short", "garbage", "pointer"])
def test_a_damaged_snapshot_is_a_sentence_and_a_load_repairs_it(
    engine: LadybugEngine, damage: str
) -> None:
    load_id = load_variant(engine, 0)
    engine.close()
    file = engine.place / "snapshots" / load_id / "graph.lbug"
    match damage:
        case "missing":
            file.unlink()
        case "empty":
            file.write_bytes(b"")
        case "short":
            file.write_bytes(file.read_bytes()[:-4096])
        case "garbage":
            file.write_bytes((b"garbage" * file.stat().st_size)[: file.stat().st_size])
        case "pointer":
            (engine.place / "current").write_text("20200101T000000Z-00000000\n")
    with pytest.raises(GraphNotReadyError, match="snapshot"):
        served_content(engine)
    load_variant(engine, 1)
    assert served_content(engine) == expected_content(1)


def test_a_new_snapshot_is_picked_up_without_a_restart(engine: LadybugEngine, place: Path) -> None:
    load_variant(engine, 0)
    reader = engine_at(place)
    assert served_content(reader) == expected_content(0)
    for variant in range(1, 6):  # more than are kept, so that the first one is removed
        load_variant(engine, variant)
        assert served_content(reader) == expected_content(variant)
    reader.close()


def test_a_query_at_work_ends_on_the_snapshot_that_it_began_on(engine: LadybugEngine) -> None:
    first = load_variant(engine, 0)
    second = load_variant(engine, 1)
    go_back(engine.place, first)
    n_loops, was_alive = 2_000, False
    while not was_alive:
        answers: list[list[dict[str, int]]] = []

        def ask_slowly(n_loops: int, answers: list[list[dict[str, int]]]) -> None:
            table = engine.query(
                "MATCH (p:Patient) WITH count(*) AS n UNWIND range(1, $loops) AS a "
                "UNWIND range(1, $loops) AS b RETURN n, sum(a * b % 7) AS x",
                {"loops": n_loops},
            )
            answers.append(table.select(["n"]).to_pylist())

        thread = threading.Thread(target=ask_slowly, args=(n_loops, answers))
        thread.start()
        time.sleep(0.1)
        go_back(engine.place, second)
        assert served_content(engine) == expected_content(1)
        engine.close()
        was_alive = thread.is_alive()
        thread.join(120)
        assert answers == [[{"n": variant_size(0)[0]}]]
        # On a fast machine it ended too soon to show anything: again, and longer.
        n_loops *= 2
        go_back(engine.place, first)


def test_many_threads_ask_while_snapshots_change(engine: LadybugEngine) -> None:
    load_variant(engine, 0)
    allowed = {variant: len(expected_content(variant)[0]) for variant in range(6)}
    stop = threading.Event()
    failures: list[str] = []
    seen: set[int] = set()

    def ask() -> None:
        while not stop.is_set():
            try:
                (row,) = engine.query(
                    "MATCH (p:Patient)-[:HAD]->(c:Contact) "
                    "RETURN count(*) AS n, min(c.started_s) AS low, max(c.started_s) AS high"
                ).to_pylist()
            except EngineError as error:
                failures.append(str(error))
                return
            variant = row["low"] // 1000
            if (row["n"], row["high"]) != (allowed[variant], 1000 * variant + 4):
                failures.append(f"rows of two snapshots: {row}")
                return
            seen.add(variant)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for variant in range(1, 6):
        load_variant(engine, variant)
        assert served_content(engine) == expected_content(variant)
    stop.set()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert len(seen) > 1


def test_a_closed_engine_lets_go_and_may_be_asked_again(loaded: LadybugEngine) -> None:
    loaded.query("RETURN 1 AS x")
    loaded.close()
    loaded.close()
    assert loaded.query("RETURN 1 AS x").num_rows == 1


# -- addresses -------------------------------------------------------------------------------------


def test_an_address_names_its_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for address, place in (
        ("ladybug:./some folder", Path("some folder")),
        (f"ladybug:{tmp_path}", tmp_path),
        ("ladybug:~/graph", tmp_path / "graph"),
    ):
        engine = open_engine(address)
        assert isinstance(engine, LadybugEngine)
        assert (engine.name, engine.url, engine.place) == ("ladybug", address, place)


@pytest.mark.parametrize(
    "address",
    ["", "graph", "ladybug", "ladybug:", "http://host", "neo4j:host", "C:\\graph", "bolt"],
)
def test_an_address_of_no_known_kind_is_a_sentence(address: str) -> None:
    with pytest.raises(UsageError, match=r"Write (for example )?ladybug:"):
        open_engine(address)


def test_a_home_that_nobody_has_is_a_sentence() -> None:
    with pytest.raises(UsageError, match="Write the folder out"):
        open_engine("ladybug:~nobody-of-that-name/graph")


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(UsageError) as caught:
        open_engine("neo4j://somebody:hunter2@host:7687")
    assert "hunter2" not in str(caught.value)
    assert "somebody" not in str(caught.value)


def test_a_patient_is_found_by_id_as_if_all_were_read(engine: LadybugEngine) -> None:
    load_variant(engine, 3)
    n_patients, n_each = variant_size(3)
    text = (
        "MATCH (p:Patient)-[:HAD]->(c:Contact) WHERE p.patient_id = $patient AND c.started_s >= $s "
        "RETURN p.patient_id AS id, count(*) AS n"
    )
    for number in (0, 7, n_patients - 1, 7):
        asked = {"patient": f"v3p{number}", "s": 0}
        assert engine.query(text, asked).to_pylist() == [{"id": f"v3p{number}", "n": n_each}]
    assert engine.query(text, {"patient": "nobody", "s": 0}).num_rows == 0
    assert engine.query(text, {"patient": "", "s": 0}).num_rows == 0


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (p:Patient) WHERE NOT p.patient_id = $patient RETURN count(*) AS n",
        "MATCH (p:Patient) WHERE p.patient_id <> $patient RETURN count(*) AS n",
        "MATCH (p:Patient) WHERE p.patient_id = $patient + '' OR p.patient_id = $patient"
        " RETURN count(*) AS n",
        "MATCH (p:Patient) WHERE (p.patient_id = $patient) RETURN count(*) AS n",
        "MATCH (p:Patient) WHERE p.patient_id = $patient // a remark\n RETURN count(*) AS n",
        "MATCH (p:Patient) RETURN sum(CASE WHEN p.patient_id = $patient THEN 1 ELSE 0 END) AS n",
        "MATCH (x) WHERE x.patient_id = $patient RETURN count(*) AS n",
        "MATCH (p:Patient)-[:HAD]->(x) WHERE x.contact_id = $contact AND p.patient_id = $patient"
        " RETURN count(*) AS n",
        "MATCH (p:Patient) WHERE p.patient_id = $number RETURN count(*) AS n",
    ],
)
def test_only_what_means_the_same_is_asked_by_key(engine: LadybugEngine, text: str) -> None:
    load_variant(engine, 3)
    given = {"patient": "v3p5", "contact": "v3p5c1", "number": "v3p5"}
    plain = text
    for name, value in given.items():
        # A literal is never found by key.
        plain = plain.replace(f"${name}", f"'{value}'")
    assert engine.query(text, given).equals(engine.query(plain))


def test_a_text_that_was_prepared_is_asked_with_other_values(engine: LadybugEngine) -> None:
    load_variant(engine, 3)
    limited = "MATCH (p:Patient) RETURN p.patient_id AS id ORDER BY id SKIP $s LIMIT $n"
    listed = "MATCH (p:Patient) WHERE p.patient_id IN $ids RETURN count(*) AS n"
    ids = engine.query("MATCH (p:Patient) RETURN p.patient_id AS id").column("id").to_pylist()
    for number in (3, 8, 0, 5):
        assert engine.query(limited, {"s": number, "n": number}).num_rows == number
        assert engine.query(listed, {"ids": ids[:number]}).to_pylist() == [{"n": number}]
    for value in (1, 2**40, None, 2.5, "text", True, -7):
        assert engine.query("RETURN $v AS v", {"v": value}).column("v").to_pylist() == [value]


def test_texts_without_end_do_not_stay_prepared(engine: LadybugEngine) -> None:
    load_variant(engine, 3)
    for number in range(300):
        engine.query(f"RETURN {number} + $x AS n", {"x": 1})
    served = engine._served
    assert served is not None
    assert sum(len(line.texts) for line in served._lines) <= 64


def test_an_interrupted_connection_is_not_used_again(engine: LadybugEngine) -> None:
    load_variant(engine, 3)
    endless = (
        "UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b UNWIND range(1, 1000) AS c "
        "RETURN sum((a + b + c) % $m) AS n"
    )
    for _ in range(3):
        with pytest.raises(QueryTimeoutError):
            engine.query(endless, {"m": 7}, timeout_s=0.2)
        # The limit of one query is not that of the next.
        assert engine.query("RETURN $m AS n", {"m": 7}).to_pylist() == [{"n": 7}]


def test_an_engine_that_holds_serves_what_it_began_with_until_told(place: Path) -> None:
    engine = LadybugEngine(place, holds=True)
    with pytest.raises(GraphNotReadyError):
        engine.record()
    assert engine.waiting_id() is None
    writing = engine_at(place)
    load_variant(writing, 1)
    first = engine.record().load_id
    content = served_content(engine)
    load_variant(writing, 2)
    assert engine.record().load_id == first
    assert served_content(engine) == content
    assert engine.waiting_id() == writing.record().load_id
    assert writing.waiting_id() is None
    engine.follow()
    assert engine.waiting_id() is None
    assert engine.record().load_id == writing.record().load_id
    assert served_content(engine) == served_content(writing)
    engine.close()
    writing.close()
