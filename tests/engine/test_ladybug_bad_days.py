"""Kills, full disks, read-only folders, two loads at once: what is served stays whole."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from pathgraph.engine.ladybug import LadybugEngine
from pathgraph.engine.snapshots import SNAPSHOTS_KEPT, go_back, list_snapshots
from pathgraph.errors import EngineBusyError, StorageError, UsageError
from tests.engine.graph_folder import build_graph_tables
from tests.engine.ladybug_loads import (
    engine_at,
    expected_content,
    load_variant,
    served_content,
)

ROOT = Path(__file__).parents[2]
N_KILLS = 30


class Loads:
    """A process that forks one load at a time, and may lose it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.engine.ladybug_loads"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        )

    def start(self, place: Path, variant: int, deed: str = "load") -> int:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{place}\t{variant}\t{deed}\n")
        self._process.stdin.flush()
        word, pid = self.line().split()
        assert word == "pid"
        return int(pid)

    def line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def said(self) -> str:
        """Return what the load said until it ended, or was killed."""
        text = ""
        while (line := self.line()) != "end\n":
            assert line, "the process with the loads has ended"
            text += line
        return text

    def close(self) -> None:
        self._process.communicate(timeout=60)


@pytest.fixture(scope="module")
def loads() -> Iterator[Loads]:
    process = Loads()
    yield process
    process.close()


def assert_clean(place: Path) -> None:
    names = {entry.name for entry in place.iterdir()}
    assert names == {"current", "lock", "quarantine", "snapshots"}
    kept = {entry.name for entry in (place / "snapshots").iterdir()}
    assert kept == {row.load_id for row in list_snapshots(place)}
    assert len(kept) <= SNAPSHOTS_KEPT
    for folder in (place / "snapshots").iterdir():
        files = {entry.name for entry in folder.iterdir()}
        assert files == {"graph.lbug", "ledger.json", "manifest.json", "served_at"}


def test_a_load_killed_at_random_moments_leaves_the_old_or_the_new_snapshot(
    tmp_path: Path, loads: Loads
) -> None:
    place = tmp_path / "graph"
    loads.start(place, 0)
    assert loads.said().startswith("done")
    reader = engine_at(place)
    moments = random.Random(20260101)
    duration_s = 1.0
    served, n_killed, variant = 0, 0, 0
    while n_killed < N_KILLS:
        variant += 1
        assert variant < 5 * N_KILLS, "the kills come too late, again and again"
        started = time.perf_counter()
        pid = loads.start(place, variant)
        # One moment from each thirtieth of the time that a load takes.
        time.sleep(duration_s * (n_killed + moments.random()) / N_KILLS)
        with suppress(ProcessLookupError):  # it may have ended already
            os.kill(pid, signal.SIGKILL)
        is_done = loads.said().startswith("done")
        if is_done:
            duration_s = min(duration_s, time.perf_counter() - started)
        n_killed += not is_done
        content = served_content(reader)
        if content == expected_content(variant):
            served = variant
        assert content == expected_content(served)
        assert not is_done or served == variant
        again = engine_at(place)
        assert served_content(again) == content
        again.close()
    load_variant(reader, variant + 1)
    assert served_content(reader) == expected_content(variant + 1)
    assert_clean(place)
    reader.close()


def test_a_load_killed_before_each_single_step_leaves_the_old_or_the_new_snapshot(
    tmp_path: Path, loads: Loads
) -> None:
    original, place = tmp_path / "original", tmp_path / "graph"
    engine = engine_at(original)
    for variant in range(SNAPSHOTS_KEPT):
        load_variant(engine, variant)
    engine.close()
    old, new = expected_content(SNAPSHOTS_KEPT - 1), expected_content(9)
    shutil.copytree(original, place)
    loads.start(place, 9, "count")
    word, n_steps = loads.said().split()
    assert word == "done"
    outcomes = []
    for n in range(1, int(n_steps) + 1):
        shutil.rmtree(place)
        shutil.copytree(original, place)
        loads.start(place, 9, f"kill_at={n}")
        assert loads.said() == ""
        engine = engine_at(place)
        content = served_content(engine)
        assert content in (old, new)
        outcomes.append(content == new)
        for row in list_snapshots(place):
            assert (place / "snapshots" / row.load_id / "graph.lbug").is_file()
        with engine.begin_load():
            pass
        assert_clean(place)
        assert served_content(engine) == content
        engine.close()
    # Old up to the swap, new from it on, and both really seen.
    assert outcomes == sorted(outcomes)
    assert {False, True} == set(outcomes)


def test_a_second_load_at_the_same_time_is_refused(tmp_path: Path) -> None:
    engine, other = engine_at(tmp_path / "graph"), engine_at(tmp_path / "graph")
    with engine.begin_load() as session:
        with pytest.raises(EngineBusyError, match="Another load is writing to"), other.begin_load():
            pass
        assert session.scratch.is_dir(), "the refused load removed the working files of the other"
    with other.begin_load():
        pass


def test_a_load_in_another_process_is_seen_and_its_death_frees_the_place(
    tmp_path: Path, loads: Loads
) -> None:
    place = tmp_path / "graph"
    engine = engine_at(place)
    pid = loads.start(place, 0, "hold")
    assert loads.line() == "holding\n"
    with pytest.raises(EngineBusyError), engine.begin_load():
        pass
    os.kill(pid, signal.SIGKILL)
    assert loads.said() == ""
    assert [e.name for e in place.iterdir() if e.name.startswith("loading-")]
    load_variant(engine, 3)
    assert served_content(engine) == expected_content(3)
    assert_clean(place)
    engine.close()


@pytest.mark.parametrize("limit", [500, 3_000, 12_000, 60_000, 200_000])
def test_a_limit_on_file_size_is_a_sentence_and_the_old_snapshot_stays(
    tmp_path: Path, loads: Loads, limit: int
) -> None:
    place = tmp_path / "graph"
    engine = engine_at(place)
    load_variant(engine, 0)
    loads.start(place, 1, f"limit={limit}")
    word, _, sentence = loads.said().partition(" ")
    assert word == "StorageError"
    assert "is full, or a limit on the size of files is reached" in sentence
    assert "Traceback" not in sentence
    assert served_content(engine) == expected_content(0)
    load_variant(engine, 2)
    assert served_content(engine) == expected_content(2)
    assert_clean(place)
    engine.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MiB; where mounting is not allowed the limits on file size stand in for it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=24m", "none", str(disk)]
    if os.geteuid() != 0 or subprocess.run(command, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here; the limits on file size are tested instead")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_is_a_sentence_and_the_old_snapshot_stays(small_disk: Path) -> None:
    place, ballast = small_disk / "graph", small_disk / "ballast"
    engine = engine_at(place)
    load_variant(engine, 0)
    refusals: list[str] = []
    outcome, free_kib = 0, 0
    while outcome == 0:
        ballast.write_bytes(b"")
        free = shutil.disk_usage(small_disk).free
        ballast.write_bytes(bytes(max(0, free - free_kib * 1024)))
        try:
            load_variant(engine, 1)
            outcome = 1
        except StorageError as error:
            refusals.append(str(error))
        assert served_content(engine) == expected_content(outcome)
        assert not [e.name for e in place.iterdir() if e.name.startswith("loading-")]
        # Small steps, so that the space runs out in each part of the load.
        free_kib += 1 + free_kib // 4
    assert len(refusals) >= 10
    assert all("is full" in sentence for sentence in refusals)
    ballast.unlink()
    load_variant(engine, 2)
    assert served_content(engine) == expected_content(2)
    assert_clean(place)
    engine.close()


def test_a_place_below_a_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for place in (tmp_path / "file", tmp_path / "file" / "graph"):
        engine = engine_at(place)
        with pytest.raises(StorageError, match="cannot be written to"), engine.begin_load():
            pass


@pytest.fixture
def read_only_place(tmp_path: Path) -> Iterator[Path]:
    """A place with variant 0 that cannot be written to, not even by root."""
    place, readonly = tmp_path / "graph", tmp_path / "readonly"
    engine = engine_at(place)
    load_variant(engine, 0)
    engine.close()
    if os.geteuid() != 0:
        place.chmod(0o500)
        yield place
        place.chmod(0o700)
        return
    readonly.mkdir()
    bind = ["mount", "--bind", str(place), str(readonly)]
    if subprocess.run(bind, check=False, capture_output=True).returncode:
        pytest.skip("mounting is not allowed here; a place below a file is tested instead")
    subprocess.run(["mount", "-o", "remount,ro,bind", str(readonly)], check=True)
    yield readonly
    subprocess.run(["umount", str(readonly)], check=True)


def test_a_read_only_place_serves_and_refuses_loads(read_only_place: Path) -> None:
    engine = engine_at(read_only_place)
    with pytest.raises(StorageError, match="cannot be written to"), engine.begin_load():
        pass
    with pytest.raises(StorageError, match="cannot be written to"):
        go_back(read_only_place, engine.record().load_id)
    assert served_content(engine) == expected_content(0)
    engine.close()


def test_a_load_never_touches_a_folder_with_other_files(tmp_path: Path) -> None:
    (tmp_path / "loading-photographs").mkdir()
    with pytest.raises(UsageError, match="holds other files"), engine_at(tmp_path).begin_load():
        pass
    assert [e.name for e in tmp_path.iterdir()] == ["loading-photographs"]


def test_a_load_that_is_stopped_keeps_its_quarantine_and_the_old_snapshot(tmp_path: Path) -> None:
    place = tmp_path / "graph"
    engine = engine_at(place)
    load_variant(engine, 0)

    def stopped() -> None:
        with engine.begin_load() as session:
            (session.quarantine / "refused.csv").write_text("reason\n")
            build_graph_tables(session.scratch / "graph", {}, {}, load_id=session.load_id)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert (place / "quarantine" / "refused.csv").is_file()
    assert served_content(engine) == expected_content(0)
    assert_clean(place)
    engine.close()


def test_other_errors_inside_a_load_come_out_as_they_are(tmp_path: Path) -> None:
    engine: LadybugEngine = engine_at(tmp_path / "graph")
    with pytest.raises(FileNotFoundError), engine.begin_load():
        (tmp_path / "source.csv").read_text()
