"""Loads for the tests of the LadybugDB engine; also a program whose loads may be killed.

``python -m tests.engine.ladybug_loads`` takes lines with a place, a variant and a deed, split by
tabs; the deed is ``load``, ``count``, ``kill_at=N``, ``hold`` or ``limit=N``.
"""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from pathgraph.engine.base import GraphTables
from pathgraph.engine.ladybug import LadybugEngine
from pathgraph.errors import PathgraphError
from pathgraph.progress import QuietProgress
from tests.engine.graph_folder import build_graph_tables

SMALL_POOL = 2**28

Content = tuple[list[tuple[str, str]], list[tuple[str, int]]]


def engine_at(place: Path) -> LadybugEngine:
    return LadybugEngine(place, load_pool_bytes=SMALL_POOL, serve_pool_bytes=SMALL_POOL)


def variant_size(variant: int) -> tuple[int, int]:
    """Return how many patients the variant has, and how many contacts each."""
    return 200 + variant, 5


def variant_tables(
    folder: Path, variant: int, load_id: str, *, manifest: Mapping[str, object] | None = None
) -> GraphTables:
    """Write graph tables of which every row tells its variant."""
    n_patients, n_each = variant_size(variant)
    patients = [{"patient_id": f"v{variant}p{i}"} for i in range(n_patients)]
    contacts = [
        {"contact_id": f"v{variant}p{i}c{k}", "started_s": 1000 * variant + k, "is_acute": k == 0}
        for i in range(n_patients)
        for k in range(n_each)
    ]
    had = [
        {"from_id": f"v{variant}p{i}", "to_id": f"v{variant}p{i}c{k}"}
        for i in range(n_patients)
        for k in range(n_each)
    ]
    return build_graph_tables(
        folder,
        {"Patient": patients, "Contact": contacts},
        {("HAD", "Patient", "Contact"): had},
        load_id=load_id,
        manifest=manifest,
    )


def load_variant(
    engine: LadybugEngine, variant: int, *, manifest: Mapping[str, object] | None = None
) -> str:
    with engine.begin_load() as session:
        folder = session.scratch / "graph"
        tables = variant_tables(folder, variant, session.load_id, manifest=manifest)
        session.commit(tables, progress=QuietProgress())
        return session.load_id


def served_content(engine: LadybugEngine) -> Content:
    """Return all relationships, and all contacts, of what is served; nothing left out."""
    had = engine.query(
        "MATCH (p:Patient)-[:HAD]->(c:Contact) RETURN p.patient_id AS p, c.contact_id AS c"
    ).to_pylist()
    contacts = engine.query("MATCH (c:Contact) RETURN c.contact_id AS c, c.started_s AS s")
    patients = engine.query("MATCH (p:Patient) RETURN p.patient_id AS p").num_rows
    assert patients == len({row["p"] for row in had})
    return (
        sorted((row["p"], row["c"]) for row in had),
        sorted((row["c"], row["s"]) for row in contacts.to_pylist()),
    )


def expected_content(variant: int) -> Content:
    n_patients, n_each = variant_size(variant)
    pairs = [(i, k) for i in range(n_patients) for k in range(n_each)]
    return (
        sorted((f"v{variant}p{i}", f"v{variant}p{i}c{k}") for i, k in pairs),
        sorted((f"v{variant}p{i}c{k}", 1000 * variant + k) for i, k in pairs),
    )


def count_steps(at_step: Callable[[int], None]) -> Callable[[], int]:
    """Call ``at_step(n)`` before the n-th change of a name in a folder, or sync."""
    n_steps = 0

    def step() -> None:
        nonlocal n_steps
        n_steps += 1
        at_step(n_steps)

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        # The removal of working files is the same step many times over.
        is_working_file = event == "os.remove" and ".parquet" in str(arguments[0])
        if event in {"os.rename", "os.mkdir", "os.remove", "os.rmdir"} and not is_working_file:
            step()

    real_fsync = os.fsync

    def fsync(descriptor: int) -> None:
        step()
        real_fsync(descriptor)

    sys.addaudithook(hear)
    os.fsync = fsync
    return lambda: n_steps


def _kill_self(_n: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def run_load(place: Path, variant: int, deed: str) -> str:
    """Load as ``deed`` says, and return what came of it."""
    word, _, number = deed.partition("=")
    steps: Callable[[], int] | None = None
    if word == "count":
        steps = count_steps(lambda n: None)
    elif word == "kill_at":
        steps = count_steps(lambda n: _kill_self(n) if n == int(number) else None)
    elif word == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), int(number)))
    engine = engine_at(place)
    try:
        if word == "hold":
            with engine.begin_load():
                print("holding", flush=True)
                signal.pause()
        load_variant(engine, variant)
    except PathgraphError as error:
        return f"{type(error).__name__} {error}"
    return f"done {steps() if steps else 0}"


def main() -> None:
    """Fork once a line of standard input, so that imports are paid for once."""
    for line in sys.stdin:
        place, variant, deed = line.rstrip("\n").split("\t")
        pid = os.fork()
        if pid == 0:
            print(f"pid {os.getpid()}", flush=True)
            print(run_load(Path(place), int(variant), deed), flush=True)
            os._exit(0)
        os.waitpid(pid, 0)
        print("end", flush=True)


if __name__ == "__main__":
    main()
