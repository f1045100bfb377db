"""Measuring: each measurement in a process of its own, with its own memory and its own end."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from benchmarks.measure import (
    MeasurementError,
    StepTimer,
    forget_pages,
    in_child,
    size_of,
    time_runs,
)

MEGABYTE = 10**6


def fill(n_bytes: int) -> int:
    return len(bytearray(os.urandom(1)) * n_bytes)


def take_a_while(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def draws_bars() -> bool:
    import duckdb

    row = duckdb.connect().execute("SELECT current_setting('enable_progress_bar')").fetchone()
    assert row is not None
    return bool(row[0])


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    raise ValueError("as asked")


def test_a_measurement_runs_in_a_process_of_its_own_and_is_timed_there() -> None:
    measured = in_child(take_a_while, 0.2, cores=1)
    assert measured.value != os.getpid()
    assert 0.2 <= measured.seconds < 2


def test_peak_memory_is_that_of_the_measurement_and_not_of_the_caller() -> None:
    ballast = bytearray(b"x" * 400 * MEGABYTE)
    small = in_child(fill, MEGABYTE, cores=1).peak_bytes
    large = in_child(fill, 300 * MEGABYTE, cores=1).peak_bytes
    assert small < len(ballast)
    assert 250 * MEGABYTE < large - small < 400 * MEGABYTE


def test_nothing_is_drawn_on_the_way() -> None:
    assert in_child(draws_bars, cores=1).value is False


def test_a_measurement_that_is_killed_is_told_from_one_that_fails() -> None:
    with pytest.raises(MeasurementError, match="fewer patients"):
        in_child(die, cores=1)
    with pytest.raises(ValueError, match="as asked"):
        in_child(fail, cores=1)


def test_the_cold_run_counts_what_has_to_be_made_ready() -> None:
    def prepare() -> object:
        time.sleep(0.1)
        return lambda: 7

    value, runs = time_runs(prepare, n_warm=3)  # type: ignore[arg-type]
    assert value == 7
    assert runs.cold_s >= 0.1
    assert len(runs.warm_s) == 3
    assert runs.minimum_s == min(runs.warm_s) <= runs.median_s < 0.1


def test_without_warm_runs_the_cold_one_stands_for_them() -> None:
    _, runs = time_runs(lambda: lambda: None, n_warm=0)
    assert runs.median_s == runs.minimum_s == runs.cold_s


def test_steps_are_timed_one_after_the_other_and_added_up_by_name() -> None:
    timer = StepTimer()
    for _ in range(2):
        timer.start("first")
        time.sleep(0.05)
        timer.start("second", 10)
        timer.advance(10)
    timer.finish()
    assert list(timer.seconds) == ["first", "second"]
    assert 0.1 <= timer.seconds["first"] < 0.4
    assert timer.seconds["second"] < 0.05


def test_files_are_whole_after_they_were_dropped_from_memory(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    for name in ("one", "below/two"):
        (tmp_path / name).write_bytes(name.encode() * 5000)
    forget_pages(tmp_path)
    assert (tmp_path / "below/two").read_bytes() == b"below/two" * 5000
    assert size_of(tmp_path) == 5000 * (3 + 9)
    assert size_of(tmp_path / "one") == 15000
