"""Loads into a real Neo4j: repeated, changed, withdrawn, side by side, interfered with."""

from __future__ import annotations

import stat
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from pathlib import Path

import filelock
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pathgraph.engine.base import GraphTables
from pathgraph.engine.neo4j import Neo4jEngine
from pathgraph.errors import (
    DataError,
    EngineBusyError,
    EngineError,
    GraphNotReadyError,
    StorageError,
)
from pathgraph.model.schema import MODEL_VERSION
from pathgraph.progress import QuietProgress
from tests.engine.graph_folder import build_graph_tables
from tests.engine.neo4j_graph import connect, content, of, two_versions


class AtStep(QuietProgress):
    """Does something when the load comes to a step; keeps the steps that it saw."""

    def __init__(self, step: str = "", action: Callable[[], object] = lambda: None) -> None:
        self.step, self.action = step, action
        self.steps: list[tuple[str, int | None]] = []
        self.n_advanced = 0

    def start(self, step: str, total: int | None = None, unit: str = "rows") -> None:
        self.steps.append((step, total))
        if step == self.step:
            self.action()

    def advance(self, n: int) -> None:
        self.n_advanced += n


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[GraphTables, GraphTables]:
    return two_versions(tmp_path_factory.mktemp("graph"))


@pytest.fixture
def engine(empty_neo4j_url: str) -> Iterator[Neo4jEngine]:
    with closing(Neo4jEngine(empty_neo4j_url)) as engine:
        yield engine


def load(
    engine: Neo4jEngine, tables: GraphTables, progress: AtStep | None = None
) -> Mapping[str, int]:
    with engine.begin_load() as session:
        return session.commit(of(session, tables), progress=progress or AtStep())


def run(engine: Neo4jEngine, statement: str) -> list[dict[str, object]]:
    with connect(engine.url) as driver:
        return [record.data() for record in driver.execute_query(statement).records]


Versions = tuple[GraphTables, GraphTables]


def test_load_and_record(engine: Neo4jEngine, versions: Versions) -> None:
    before, _ = versions
    progress = AtStep()
    counts = load(engine, before, progress)
    assert counts == {
        "nodes": 40 + 1800 + 5 + 1,
        "relationships": 1800 + 1800 + 80,
        "nodes_deleted": 0,
        "relationships_deleted": 0,
    }
    record = engine.record()
    assert record.status == "complete"
    assert record.fingerprint == before.ledger.fingerprint
    assert record.manifest == before.record.manifest
    assert ("Writing Contact", 1800) in progress.steps
    assert progress.n_advanced >= sum(counts.values())
    nodes, relationships = content(engine.url)
    assert (len(nodes), len(relationships)) == (counts["nodes"], counts["relationships"])


def test_nulls_are_no_properties_and_an_open_start_is_a_key(
    engine: Neo4jEngine, versions: Versions
) -> None:
    load(engine, versions[0])
    (row,) = run(engine, "MATCH (c:Contact {contact_id: 'c00001'}) RETURN keys(c) AS keys")
    assert "kind" not in row["keys"]  # type: ignore[operator]
    assert run(
        engine,
        "MATCH (:Patient {patient_id: 'p00'})-[r:LIVES_IN]->() "
        "RETURN r.merge_key AS k, r.valid_from AS v ORDER BY k",
    ) == [{"k": "", "v": None}, {"k": "2020-01-01", "v": "2020-01-01"}]


def test_repeated_load_changes_nothing(engine: Neo4jEngine, versions: Versions) -> None:
    before, _ = versions
    load(engine, before)
    first, first_id = content(engine.url), engine.record().load_id
    counts = load(engine, before)
    assert (counts["nodes_deleted"], counts["relationships_deleted"]) == (0, 0)
    assert content(engine.url) == first
    assert engine.record().load_id != first_id
    assert run(engine, "MATCH (l:Load) RETURN count(l) AS n") == [{"n": 1}]


def test_changed_and_withdrawn(engine: Neo4jEngine, versions: Versions) -> None:
    before, after = versions
    load(engine, after)
    clean = content(engine.url)
    load(engine, before)
    assert content(engine.url) != clean
    counts = load(engine, after)
    # Three patients, their 135 contacts, and what hung on them.
    assert counts["nodes_deleted"] == 138
    assert counts["relationships_deleted"] == 135 + 135 + 6
    assert content(engine.url) == clean


def test_empty_graph(engine: Neo4jEngine, versions: Versions, tmp_path: Path) -> None:
    load(engine, versions[0])
    counts = load(engine, build_graph_tables(tmp_path / "empty", {}, {}))
    assert (counts["nodes"], counts["nodes_deleted"]) == (0, 1846)
    assert content(engine.url) == ([], [])
    assert engine.query("MATCH (p:Patient) RETURN p.patient_id AS patient_id").num_rows == 0


def test_what_an_older_model_wrote_goes(engine: Neo4jEngine, versions: Versions) -> None:
    before, _ = versions
    load(engine, before)
    clean = content(engine.url)
    run(
        engine,
        "MATCH (p:Patient {patient_id: 'p00'}) CREATE (:Foreign), "
        "(p)-[:`WAS ``AT`` }` {load_id: 'old'}]->(:`Old label` {load_id: 'old'})",
    )
    counts = load(engine, before)
    assert (counts["nodes_deleted"], counts["relationships_deleted"]) == (1, 1)
    # What carries no load's id is somebody else's.
    assert run(engine, "MATCH (f:Foreign) DELETE f RETURN count(f) AS n") == [{"n": 1}]
    assert content(engine.url) == clean


def test_graph_of_somebody_else_is_refused(engine: Neo4jEngine, versions: Versions) -> None:
    run(engine, "CREATE (:Patient {name: 'not ours'})")
    with pytest.raises(StorageError, match=r"did not write \(Patient\)"):
        load(engine, versions[0])
    assert run(
        engine,
        "MATCH (n) WHERE NOT n:LoadLock AND NOT n:PathgraphTestServer RETURN labels(n)[0] AS label",
    ) == [{"label": "Patient"}]


def test_second_load_is_refused_while_the_first_runs(
    engine: Neo4jEngine, versions: Versions
) -> None:
    with engine.begin_load() as session, closing(Neo4jEngine(engine.url)) as other:
        started = time.monotonic()
        with pytest.raises(EngineBusyError, match="Another load is writing"), other.begin_load():
            pytest.fail("two loads at once")
        assert time.monotonic() - started < 30
        session.commit(of(session, versions[0]), progress=QuietProgress())
    load(engine, versions[0])


def test_lock_is_let_go_when_the_load_fails(engine: Neo4jEngine) -> None:
    with pytest.raises(DataError), engine.begin_load():
        raise DataError("a table is wrong")
    with engine.begin_load():
        pass
    with pytest.raises(GraphNotReadyError, match="Nothing is loaded"):
        engine.record()


def test_load_that_was_stopped_before_writing_leaves_the_old_graph(
    engine: Neo4jEngine, versions: Versions
) -> None:
    load(engine, versions[0])
    seen: list[str] = []

    def stop() -> None:
        seen.append(engine.record().status)
        raise DataError("too much was refused")

    with pytest.raises(DataError), engine.begin_load():
        stop()
    assert seen == ["complete"]
    assert engine.query("MATCH (p:Patient) RETURN count(p) AS n").to_pylist() == [{"n": 40}]


def test_not_ready_while_a_load_runs(engine: Neo4jEngine, versions: Versions) -> None:
    load(engine, versions[0])

    def ask() -> None:
        for question in (engine.record, lambda: engine.query("RETURN 1 AS x")):
            with pytest.raises(GraphNotReadyError, match="under way or broke off"):
                question()

    progress = AtStep("Writing HAD", ask)
    load(engine, versions[1], progress)
    assert "Writing HAD" in [step for step, _ in progress.steps]
    assert engine.query("RETURN 1 AS x").to_pylist() == [{"x": 1}]


def test_answer_is_not_given_when_a_load_began_meanwhile(
    engine: Neo4jEngine, versions: Versions
) -> None:
    load(engine, versions[0])
    caught: list[BaseException] = []

    def ask() -> None:
        try:
            engine.query("UNWIND range(1, 30000000) AS x RETURN sum(x % 7) AS n")
        except GraphNotReadyError as error:
            caught.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    deadline = time.monotonic() + 60
    while not run(
        engine,
        "SHOW TRANSACTIONS YIELD currentQuery WHERE currentQuery CONTAINS "
        "'30000000' AND NOT currentQuery CONTAINS 'SHOW' RETURN 1 AS x",
    ):
        assert time.monotonic() < deadline
    run(engine, "MATCH (l:Load) SET l.status = 'running'")
    thread.join()
    assert len(caught) == 1


def test_graph_of_another_model_version(engine: Neo4jEngine, tmp_path: Path) -> None:
    other = {"model_version": MODEL_VERSION + 1}
    load(engine, build_graph_tables(tmp_path / "graph", {}, {}, manifest=other))
    for question in (engine.record, lambda: engine.query("RETURN 1 AS x")):
        with pytest.raises(GraphNotReadyError, match="another version of pathgraph"):
            question()


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("MATCH (p:Patient {patient_id: 'p01'}) SET p.birth_year = 1", "values of birth_year"),
        ("MATCH (p:Patient {patient_id: 'p01'}) REMOVE p.birth_year", "values of birth_year"),
        ("MATCH (c:Contact {contact_id: 'c00007'}) SET c.kind = 'x'", "values of kind"),
        ("MATCH (c:Contact {contact_id: 'c00007'}) SET c.is_acute = true", "values of is_acute"),
        ("MATCH (:Patient {patient_id: 'p01'})-[r:HAD]->() DELETE r", "HAD: 1800 rows expected"),
        ("CREATE (:Stay)", "Stay: 0 rows expected, 1 found"),
    ],
)
def test_what_differs_is_found_and_out_of_service(
    engine: Neo4jEngine, versions: Versions, statement: str, said: str
) -> None:
    before, _ = versions
    progress = AtStep("Checking what was written", lambda: run(engine, statement))
    with pytest.raises(EngineError, match=said) as caught:
        load(engine, before, progress)
    assert not any(value in str(caught.value) for value in ("p01", "c00007"))
    with pytest.raises(GraphNotReadyError):
        engine.record()
    load(engine, before)
    assert engine.record().status == "complete"


def test_stranger_that_comes_during_the_load_is_deleted(
    engine: Neo4jEngine, versions: Versions
) -> None:
    progress = AtStep("Writing AT", lambda: run(engine, "CREATE (:Patient {patient_id: 'x'})"))
    assert load(engine, versions[0], progress)["nodes_deleted"] == 1


def test_load_that_was_overtaken_stops(engine: Neo4jEngine, versions: Versions) -> None:
    progress = AtStep("Writing AT", lambda: run(engine, "MATCH (l:Load) DELETE l"))
    with pytest.raises(EngineBusyError, match="lost its hold"):
        load(engine, versions[0], progress)
    assert progress.steps[-1][0] == "Writing AT", "it went on writing into another's load"


def test_load_whose_lock_was_ended_stops(engine: Neo4jEngine, versions: Versions) -> None:
    def end_lock() -> None:
        with connect(engine.url) as driver, driver.session() as session:
            ids = session.run(
                "SHOW TRANSACTIONS YIELD transactionId, currentQuery, elapsedTime "
                "WHERE NOT currentQuery STARTS WITH 'SHOW' "
                "RETURN transactionId ORDER BY elapsedTime DESC"
            ).value("transactionId")
            for id_ in ids:
                session.run(f"TERMINATE TRANSACTIONS '{id_}'").consume()

    with pytest.raises(EngineBusyError, match="lost its hold"):
        load(engine, versions[0], AtStep("Writing AT", end_lock))
    load(engine, versions[0])


def test_rows_that_would_become_one_are_refused(engine: Neo4jEngine, tmp_path: Path) -> None:
    patient, place = {"patient_id": "p"}, {"municipality_code": "5501"}
    rows = [{"from_id": "p", "to_id": "5501", "valid_from_day": day} for day in (1, 2)]
    tables = build_graph_tables(
        tmp_path / "graph",
        {"Patient": [patient], "Municipality": [place]},
        {("LIVES_IN", "Patient", "Municipality"): rows},
    )
    with pytest.raises(DataError, match=r"LIVES_IN\|Patient\|Municipality: 1 rows"):
        load(engine, tables)
    with pytest.raises(GraphNotReadyError, match="Nothing is loaded"):
        engine.record()


def test_tables_of_another_load_are_refused(engine: Neo4jEngine, versions: Versions) -> None:
    with pytest.raises(EngineError, match="belong to the load"), engine.begin_load() as session:
        session.commit(versions[0], progress=QuietProgress())
    with pytest.raises(GraphNotReadyError, match="Nothing is loaded"):
        engine.record()


def test_key_that_cannot_be_indexed_is_refused(engine: Neo4jEngine, tmp_path: Path) -> None:
    rows = [{"patient_id": "x" * 8000}, {"patient_id": "ø" * 4001}]
    longest = build_graph_tables(tmp_path / "longest", {"Patient": rows[:1]}, {})
    assert load(engine, longest)["nodes"] == 1
    with pytest.raises(DataError, match="1 rows have a patient_id of more than 8000 bytes"):
        load(engine, build_graph_tables(tmp_path / "longer", {"Patient": rows}, {}))
    assert engine.record().status == "complete"


def test_graph_tables_that_are_not_the_models_are_refused(
    engine: Neo4jEngine, tmp_path: Path
) -> None:
    tables = build_graph_tables(tmp_path / "graph", {"Patient": [{"patient_id": "p"}]}, {})
    file = tables.node_file("Patient")
    good = pq.read_table(file)
    pq.write_table(good.select(good.column_names[::-1]), file)
    with pytest.raises(EngineError, match="does not have the columns of the model"):
        load(engine, tables)
    pq.write_table(pa.concat_tables([good, good]), file)
    with pytest.raises(EngineError, match="holds 2 rows where its ledger says 1"):
        load(engine, tables)


def test_integers_whose_total_leaves_64_bits(engine: Neo4jEngine, tmp_path: Path) -> None:
    largest = 2**63 - 1
    rows: list[dict[str, object]] = [
        {"municipality_code": str(i), "population": n}
        for i, n in enumerate((largest, largest, -largest - 1, -1, None))
    ]
    load(engine, build_graph_tables(tmp_path / "graph", {"Municipality": rows}, {}))
    answer = engine.query("MATCH (m:Municipality) RETURN max(m.population) AS n")
    assert answer.to_pylist() == [{"n": largest}]


@pytest.mark.parametrize(
    "text",
    [
        "NA",
        "e\u0301 and \U0001f600",
        'quo"te',
        "line\r\nbreak",
        " blanks ",
        "'); MATCH (n) DELETE n",
    ],
)
def test_texts_come_out_unchanged(engine: Neo4jEngine, tmp_path: Path, text: str) -> None:
    rows = [{"patient_id": text, "sex": text}]
    load(engine, build_graph_tables(tmp_path / "graph", {"Patient": rows}, {}))
    found = engine.query("MATCH (p:Patient) RETURN p.patient_id AS patient_id, p.sex AS sex")
    assert found.to_pylist() == rows


def test_scratch_is_private_and_goes(engine: Neo4jEngine) -> None:
    with engine.begin_load() as session:
        assert stat.S_IMODE(session.scratch.stat().st_mode) == 0o700
        (session.scratch / "file").write_text("patients")
        assert session.quarantine == Path("pathgraph-quarantine")
    assert not session.scratch.exists()


def test_scratch_of_a_killed_load_goes_and_that_of_a_living_one_stays(
    engine: Neo4jEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for name in ("left", "held"):
        (tmp_path / f"pathgraph-load-{name}").mkdir()
        (tmp_path / f"pathgraph-load-{name}" / "file").write_text("patients")
    with filelock.FileLock(tmp_path / "pathgraph-load-held.lock"), engine.begin_load() as session:
        assert session.scratch.parent == tmp_path
        assert not (tmp_path / "pathgraph-load-left").exists()
        assert (tmp_path / "pathgraph-load-held" / "file").exists()


def test_no_room_for_working_files(
    engine: Neo4jEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "file"))
    with pytest.raises(StorageError, match="cannot write its working files"), engine.begin_load():
        pytest.fail("there is no such folder")
    monkeypatch.undo()
    with engine.begin_load():
        pass
