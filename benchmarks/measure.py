"""One measurement, one process: what it gave, how long it took, how much memory it reached."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Generic, TypeVar

__all__ = [
    "Measured",
    "MeasurementError",
    "Runs",
    "StepTimer",
    "forget_pages",
    "in_child",
    "peak_bytes",
    "size_of",
    "time_runs",
]

T = TypeVar("T")


class MeasurementError(Exception):
    """A measurement's process ended without an answer."""


@dataclass(frozen=True, slots=True)
class Measured(Generic[T]):
    """What a function gave in a process of its own.

    Attributes
    ----------
    seconds
        Duration of the call, without starting the process [s].
    peak_bytes
        Most memory that the process held at any one time, libraries included.
    """

    value: T
    seconds: float
    peak_bytes: int


@dataclass(frozen=True, slots=True)
class Runs:
    """Durations of the same work [s].

    Attributes
    ----------
    cold_s
        The first run in a new process, with what it has to open or read before it can begin.
    warm_s
        The runs after it.
    """

    cold_s: float
    warm_s: tuple[float, ...]

    @property
    def minimum_s(self) -> float:
        """The shortest warm run; the cold one where there is no other."""
        return min(self.warm_s, default=self.cold_s)

    @property
    def median_s(self) -> float:
        """The median of the warm runs; the cold one where there is no other.

        Examples
        --------
        >>> Runs(3.0, (1.0, 2.0, 1.5)).median_s
        1.5
        """
        return median(self.warm_s) if self.warm_s else self.cold_s


def time_runs(prepare: Callable[[], Callable[[], T]], *, n_warm: int) -> tuple[T, Runs]:
    """Time ``prepare`` and a first call of what it returns together, then further calls.

    Examples
    --------
    >>> value, runs = time_runs(lambda: lambda: 7, n_warm=2)
    >>> value, len(runs.warm_s)
    (7, 2)
    """
    started = time.perf_counter()
    work = prepare()
    value = work()
    cold_s = time.perf_counter() - started
    warm_s = []
    for _ in range(n_warm):
        started = time.perf_counter()
        value = work()
        warm_s.append(time.perf_counter() - started)
    return value, Runs(cold_s, tuple(warm_s))


class StepTimer:
    """A progress display that shows nothing and keeps the time.

    Attributes
    ----------
    seconds
        Step to duration [s], in order of beginning.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._step: str | None = None
        self._started = 0.0

    def start(self, step: str, total: int | None = None, unit: str = "rows") -> None:
        self.finish()
        self._step, self._started = step, time.perf_counter()

    def advance(self, n: int) -> None:
        pass

    def finish(self) -> None:
        if self._step is not None:
            past = self.seconds.get(self._step, 0.0)
            self.seconds[self._step] = past + time.perf_counter() - self._started
            self._step = None


def in_child(function: Callable[..., T], *arguments: object, cores: int) -> Measured[T]:
    """Call ``function`` in a new process on at most ``cores`` processors.

    Raises
    ------
    MeasurementError
        When the process was killed; usually it ran out of memory.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        try:
            return pool.submit(_measured, function, arguments, cores).result()
        except BrokenProcessPool:
            raise MeasurementError(
                f"The process that measured {function.__name__} ended without an answer. It may "
                "have run out of memory: take fewer patients."
            ) from None


def _measured(function: Callable[..., T], arguments: tuple[object, ...], cores: int) -> Measured[T]:
    _draw_no_bars()
    _stay_on(cores)
    started = time.perf_counter()
    value = function(*arguments)
    return Measured(value, time.perf_counter() - started, peak_bytes())


def _draw_no_bars() -> None:
    """Say that nobody is typing here: DuckDB draws progress bars where no file is being run."""
    sys.modules["__main__"].__file__ = __file__


def _stay_on(cores: int) -> None:
    """Keep this process on few processors, where the operating system lets it."""
    if sys.platform == "linux":
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])


def peak_bytes() -> int:
    """Return the most memory that this process has held so far.

    A child inherits ``ru_maxrss`` from the process that started it, so Linux is asked for the
    high-water mark of this process's own memory.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def forget_pages(folder: Path) -> None:
    """Ask the operating system to drop what it keeps in memory of the files below ``folder``.

    So a cold run reads from the disk. Where the system has no such call, cold means only a new
    process.
    """
    if sys.platform != "linux":
        return
    for file in folder.rglob("*"):
        if file.is_file():
            descriptor = os.open(file, os.O_RDONLY)
            try:
                os.fsync(descriptor)
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def size_of(path: Path) -> int:
    """Return the bytes of a file, or of all files below a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
