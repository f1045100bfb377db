"""The measured work itself; each function is called in a process of its own.

What a function needs is imported within it: the memory of a process is then that of its own work
and libraries.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import Runs, StepTimer, time_runs

if TYPE_CHECKING:
    from benchmarks.question import Question

__all__ = [
    "ENGINE_STEPS",
    "ask_pathgraph",
    "ask_peer",
    "compare_linking",
    "generate",
    "link_in_pandas",
    "load_graph",
    "write_graph_tables",
]

ENGINE_STEPS = ("writing the graph", "verifying the graph", "putting the graph in service")
"""What the LadybugDB engine calls its steps."""


def generate(source: Path, patients: int, seed: int, processes: int) -> dict[str, Any]:
    """Write the canonical tables of a region of ``patients`` people."""
    from pathgraph.synth.generate import write_region

    written = write_region(source, patients=patients, seed=seed, processes=processes)
    return {"rows": sum(written.rows.values()), "checksum": written.checksum}


def load_graph(source: Path, place: Path) -> dict[str, Any]:
    """Load the canonical tables; the engine's own steps are timed apart."""
    from pathgraph.engine import open_engine
    from pathgraph.ingest.run import load

    engine = open_engine(f"ladybug:{place}")
    timer = StepTimer()
    started = time.perf_counter()
    report = load("tables", source, engine, progress=timer)
    seconds = time.perf_counter() - started
    engine.close()
    return {
        "seconds": seconds,
        "report_steps": dict(report.seconds),
        "engine_steps": {name: timer.seconds[name] for name in ENGINE_STEPS},
        "tables": {name: dict(counts) for name, counts in report.tables.items()},
        "stays": report.record.manifest["counts"]["Stay"],
    }


def write_graph_tables(source: Path, prepared: Path) -> None:
    """Write the graph tables from which the peers start."""
    from pathgraph.ingest.run import prepare

    prepared.mkdir(parents=True)
    prepare("tables", source, prepared, load_id="benchmark", quarantine=prepared / "quarantine")


def link_in_pandas(source: Path, answers: Path) -> dict[str, float]:
    """Merge stays and link next contacts from the contacts table."""
    from benchmarks import linking_pandas

    started = time.perf_counter()
    contacts = linking_pandas.read(source)
    read = time.perf_counter()
    linked = linking_pandas.link(contacts)
    done = time.perf_counter()
    linking_pandas.write(linked, answers)
    return {"reading_s": read - started, "linking_s": done - read}


def compare_linking(graph: Path, answers: Path) -> list[str]:
    """Return what differs between pathgraph's linking and that of :func:`link_in_pandas`."""
    from benchmarks import linking_pandas

    return linking_pandas.compare_linking(graph, answers)


def ask_pathgraph(
    finding: str, place: Path, answer: Path, n_warm: int
) -> tuple[Question, Runs, int]:
    """Time the finding as a user gets it; the answer that is compared has no number hidden."""
    import pyarrow.parquet as pq

    from benchmarks.question import Question
    from pathgraph.engine import Engine, open_engine
    from pathgraph.queries.catalogue import find_finding
    from pathgraph.queries.plan import make_plan
    from pathgraph.queries.run import run

    opened: list[Engine] = []

    def prepare() -> Callable[[], Any]:
        opened.append(open_engine(f"ladybug:{place}"))
        return lambda: run(opened[0], finding)

    _, runs = time_runs(prepare, n_warm=n_warm)
    result = run(opened[0], finding, suppress_below=0)
    pq.write_table(result.table.replace_schema_metadata(None), answer)
    plan = make_plan(opened[0], find_finding(finding))
    opened[0].close()
    question = Question.of(plan.finding, {**plan.parameters, **plan.implicit})
    return question, runs, result.table.num_rows


def ask_peer(
    peer: str, question: Question, graph: Path, answer: Path, n_warm: int, cores: int
) -> Runs:
    """Time a peer; before its first run it reads the tables into memory, which counts as cold."""
    if peer == "duckdb":
        from benchmarks import peers_duckdb

        prepare = partial(peers_duckdb.prepare, question, graph, threads=cores)
    else:
        from benchmarks import peers_pandas

        prepare = partial(peers_pandas.prepare, question, graph)
    frame, runs = time_runs(prepare, n_warm=n_warm)
    frame.to_parquet(answer, index=False)
    return runs
