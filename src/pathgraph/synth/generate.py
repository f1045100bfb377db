"""A whole region in a folder: all canonical tables, the answer key, and how it was calibrated."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import pyarrow as pa

from pathgraph.errors import StorageError, UsageError
from pathgraph.progress import Progress, QuietProgress
from pathgraph.synth import answer_key
from pathgraph.synth.block import BLOCK, draw_lives
from pathgraph.synth.calibration import Measure, calibrate, tally
from pathgraph.synth.coordination import draw_coordination, region_tables
from pathgraph.synth.lives import Truths
from pathgraph.synth.period import LAST_DAY, MAX_YEARS, TIMEZONE, Period
from pathgraph.synth.region import build_region
from pathgraph.synth.region_rows import region_rows
from pathgraph.synth.writing import (
    checksum_of,
    in_place_of,
    row_checksum,
    write_part,
    write_whole,
)

__all__ = ["MAX_PATIENTS", "MIN_PATIENTS", "MIN_YEARS", "Report", "write_region"]

MIN_PATIENTS = 1000
"""Fewer cannot hold the lives that are written by hand beside ordinary ones."""

MAX_PATIENTS = 10_000_000
MIN_YEARS = 2
"""Windows of 365 days that begin before the last year are part of the answer key."""

_DATASET = f"timezone: {TIMEZONE}\npseudonymous: true\n"


@dataclass(frozen=True, slots=True)
class Report:
    """What was written.

    Attributes
    ----------
    rows
        Rows of each table.
    checksum
        SHA-256 of all decoded rows; the same arguments give the same one.
    calibration
        How the region compares with published figures.
    seconds
        How long it took.
    """

    rows: Mapping[str, int]
    checksum: str
    calibration: tuple[Measure, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class _Task:
    folder: Path
    seed: int
    years: int
    part: int
    n: int


@dataclass(frozen=True, slots=True)
class _Done:
    n: int
    rows: dict[str, int]
    checksums: list[tuple[str, int, str]]
    truths: Truths
    tally: Counter[str]


def write_region(
    folder: Path,
    *,
    patients: int,
    seed: int,
    years: int = 3,
    processes: int = 1,
    progress: Progress | None = None,
) -> Report:
    """Write the canonical tables of a generated region, with the answer key beside them.

    The same patients, seed and years give the same rows, on any number of processes.

    Parameters
    ----------
    folder
        Is made; an earlier generated region there is replaced once the new one is whole.
    patients
        Number of people, 1000 or more.
    years
        Whole years up to the end of 2025, 2 to 10.
    processes
        Blocks of 50,000 patients that are drawn at the same time.

    Raises
    ------
    UsageError
        When a number is out of bounds, or the folder holds other files.
    StorageError
        When the folder cannot be written.
    """
    _check(patients, seed, years, processes)
    progress = progress or QuietProgress()
    began = time.perf_counter()
    folder = Path(os.path.abspath(folder))
    mark = f"patients: {patients}\nseed: {seed}\nyears: {years}\n"
    with in_place_of(folder, mark) as new:
        done = _write_blocks(new, patients, seed, years, processes, progress)
        progress.start("writing the region's tables and the answer key")
        done.append(_write_rest(new, seed, years))
        answer_key.write(new, [one.truths for one in done], build_region(), LAST_DAY.isoformat())
        (new / "dataset.yaml").write_text(_DATASET, encoding="utf-8")
        progress.finish()
    rows: Counter[str] = Counter()
    together: Counter[str] = Counter()
    for one in done:
        rows.update(one.rows)
        together.update(one.tally)
    return Report(
        rows=dict(sorted(rows.items())),
        checksum=checksum_of(checksum for one in done for checksum in one.checksums),
        calibration=calibrate(together, patients, years),
        seconds=time.perf_counter() - began,
    )


def _check(patients: int, seed: int, years: int, processes: int) -> None:
    if not MIN_PATIENTS <= patients <= MAX_PATIENTS:
        raise UsageError(
            f"A region has {MIN_PATIENTS:,} to {MAX_PATIENTS:,} patients. "
            "Give --patients a number between."
        )
    if not 0 <= seed < 2**63:
        raise UsageError("A seed is a whole number from 0 up to 2**63 - 1. Give --seed another.")
    if not MIN_YEARS <= years <= MAX_YEARS:
        raise UsageError(
            f"A region covers {MIN_YEARS} to {MAX_YEARS} years. Give --years a number between."
        )
    if processes < 1:
        raise UsageError("At least one process is needed. Give --processes 1 or more.")


def _write_blocks(
    folder: Path, patients: int, seed: int, years: int, processes: int, progress: Progress
) -> list[_Done]:
    tasks = [
        _Task(folder, seed, years, part, min(BLOCK, patients - part * BLOCK))
        for part in range(-(-patients // BLOCK))
    ]
    progress.start("drawing lives", patients, "patients")
    done = []
    for one in _run(tasks, min(processes, len(tasks))):
        done.append(one)
        progress.advance(one.n)
    progress.finish()
    return done


def _run(tasks: list[_Task], processes: int) -> Iterator[_Done]:
    if processes == 1:
        yield from map(_write_block, tasks)
        return
    # A fresh interpreter each: a copy of this one could hold locks of threads that it has not.
    with ProcessPoolExecutor(
        processes, get_context("spawn"), initializer=pa.set_cpu_count, initargs=(1,)
    ) as pool:
        yield from pool.map(_write_block_or_fail, tasks)


def _write_block_or_fail(task: _Task) -> _Done:
    try:
        return _write_block(task)
    except OSError as error:
        # An OSError would reach the parent without its number and text in some Python versions.
        raise StorageError(
            f"The region could not be written: {error.strerror or 'the disk failed'}. "
            "Free space there, or choose another folder."
        ) from None


def _write_block(task: _Task) -> _Done:
    region, period = build_region(), Period(task.years)
    lives, tables = draw_lives(region, task.seed, task.part * BLOCK, task.n, period)
    tables |= draw_coordination(region, lives, task.seed, period)
    checksums = []
    for name, table in tables.items():
        write_part(table, task.folder, name, task.part)
        checksums.append((name, task.part, row_checksum(table)))
    rows = {name: table.num_rows for name, table in tables.items()}
    return _Done(task.n, rows, checksums, lives.truths, tally(region, lives, tables, period))


def _write_rest(folder: Path, seed: int, years: int) -> _Done:
    region = build_region()
    tables = region_rows(region)
    for name, table in region_tables(region, seed, Period(years)).items():
        tables[name] = pa.concat_tables([tables[name], table]) if name in tables else table
    for name, table in tables.items():
        write_whole(table, folder, name)
    return _Done(
        0,
        {name: table.num_rows for name, table in tables.items()},
        [(name, 0, row_checksum(table)) for name, table in tables.items()],
        Truths(),
        Counter(),
    )
