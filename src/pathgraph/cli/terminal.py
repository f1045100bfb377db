"""What a person at a terminal sees while something runs, and when something is wrong.

All of it goes to standard error: standard output belongs to the answer.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime, timedelta
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.progress import Progress as Bars
from rich.text import Text

from pathgraph.errors import InputError, PathgraphError
from pathgraph.progress import Progress, QuietProgress

__all__ = ["TerminalProgress", "say", "say_error", "say_fault", "terminal_progress"]


def say(text: str) -> None:
    """Write a line of plain text to standard error."""
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)


def say_error(error: PathgraphError) -> None:
    """Write what is wrong, one line a problem, to standard error."""
    problems = error.problems if isinstance(error, InputError) else (str(error),)
    if len(problems) == 1:
        say(f"Error: {problems[0]}")
        return
    say(f"Error: {len(problems)} problems.")
    for problem in problems:
        say(f"  - {problem}")


def say_fault(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    """Say that pathgraph itself failed, where, and nothing of what it was working on.

    The text of an unforeseen exception may repeat a value from the data, so it is left out. It has
    the form of ``sys.excepthook``.
    """
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    place = "an unknown place"
    while traceback is not None:
        module = traceback.tb_frame.f_globals.get("__name__", "")
        if str(module).startswith("pathgraph"):
            place = f"{module}, line {traceback.tb_lineno}"
        traceback = traceback.tb_next
    say(
        f"This is a fault in pathgraph, not in your data: {kind.__name__} in {place}. "
        "Please report this line. Set PATHGRAPH_TRACEBACK=1 to see everything, which may show data."
    )


def terminal_progress() -> Progress:
    """Return what shows progress: bars where standard error is a terminal, else nothing."""
    console = Console(stderr=True)
    return TerminalProgress(console) if console.is_terminal else QuietProgress()


class _Rate(ProgressColumn):
    """Units a second, of the whole step."""

    def render(self, task: Task) -> Text:
        if not task.completed or not task.elapsed:
            return Text("")
        return Text(f"{task.completed / task.elapsed:,.0f} {task.fields['unit']}/s")


class _EndTime(ProgressColumn):
    """The time of day at which the step should be done."""

    def render(self, task: Task) -> Text:
        if task.finished or task.time_remaining is None:
            return Text("")
        end = datetime.now() + timedelta(seconds=task.time_remaining)
        return Text(f"done about {end:%H:%M:%S}")


class _Counts(ProgressColumn):
    def render(self, task: Task) -> Text:
        if task.total is None and not task.completed:
            return Text("")
        of = "" if task.total is None else f" of {task.total:,.0f}"
        return Text(f"{task.completed:,.0f}{of} {task.fields['unit']}")


class TerminalProgress:
    """Shows the steps of long work with count, rate and end time.

    Parameters
    ----------
    console
        Where to draw.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars: Bars | None = None
        self._step = ""
        self._began = 0.0

    def start(self, step: str, total: int | None = None, unit: str = "rows") -> None:
        """Begin a step of ``total`` units; ``None`` where the end is not known."""
        self.finish()
        self._step, self._began = step, time.monotonic()
        self._bars = Bars(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            _Counts(),
            _Rate(),
            TimeElapsedColumn(),
            _EndTime(),
            console=self._console,
            transient=True,
        )
        self._bars.add_task(step, total=total, unit=unit)
        self._bars.start()

    def advance(self, n: int) -> None:
        """Say that ``n`` more units of the current step are done."""
        if self._bars is not None:
            self._bars.advance(self._bars.task_ids[0], n)

    def finish(self) -> None:
        """End the current step and leave one line of it."""
        if self._bars is None:
            return
        task = self._bars.tasks[0]
        self._bars.stop()
        self._bars = None
        done = f", {task.completed:,.0f} {task.fields['unit']}" if task.completed else ""
        seconds = time.monotonic() - self._began
        self._console.print(f"{self._step}: {seconds:.1f} s{done}", markup=False, highlight=False)
