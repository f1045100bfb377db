"""What each finding counted month by month: filled in beside the requests after a load."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from pathgraph.engine.base import Engine
from pathgraph.engine.cancellation import Cancellable, Cancellation
from pathgraph.errors import PathgraphError, QueryCancelledError, TableNotLoadedError
from pathgraph.queries.cache import ResultCache
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.result import Result
from pathgraph.queries.run import Answers, run
from pathgraph.queries.spec import Finding
from pathgraph.queries.summary import month_before, summary_row
from pathgraph.sentence import sentence

__all__ = ["MONTHS", "Month", "Trend", "TrendState", "Trends"]

MONTHS = 12
"""Days that are looked at, a month apart, the last one included (own choice)."""

_ASKED_FOR_PAGES: Sequence[tuple[str, Mapping[str, object]]] = (
    ("findings_by_place", {"by": "clinic"}),
)
_LOOK_EVERY_S = 1.0
_LOG = logging.getLogger("pathgraph.queries")
_FAULT = sentence("It could not be counted. The log says which kind of fault it was.")


@dataclass(frozen=True, slots=True)
class Month:
    """What a finding counted on one day.

    Attributes
    ----------
    row
        As :func:`pathgraph.queries.summary.summary_row` gives it, without small numbers.
    """

    day: date
    row: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trend:
    """A finding over the months.

    Attributes
    ----------
    row
        Of the last day; ``change`` is since a month before. ``not_answered`` says why there is
        nothing.
    months
        Earliest first; only those that were counted so far.
    """

    finding: Finding
    row: Mapping[str, Any]
    months: tuple[Month, ...] = ()


@dataclass(frozen=True, slots=True)
class TrendState:
    """How far the counting is.

    Attributes
    ----------
    trends
        By finding, those that were counted so far.
    n_done, n_total
        Answers there are, and answers there will be.
    """

    load_id: str = ""
    as_of: date | None = None
    since: date | None = None
    trends: Mapping[str, Trend] = field(default_factory=dict)
    n_done: int = 0
    n_total: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to count."""
        return self.n_total > 0 and self.n_done >= self.n_total


class Trends:
    """Counts in a thread of its own what the home page shows; looks for new data every second.

    An engine that holds what it serves is told to follow when new data was counted, so that whoever
    opens a page meanwhile is answered at once, from the data before.

    Parameters
    ----------
    engine
        It is asked, and stays open.
    newest
        Opens an engine that serves the newest load; needed where ``engine`` holds what it serves.
    prepare
        Works out what further pages show of the newest load, and keeps it; ends early when the
        event that it is given is set.
    cache
        Where the answers are kept for the pages that show the same.
    months
        Days that are looked at, a month apart, the last one included; at least 2.
    """

    def __init__(
        self,
        engine: Engine,
        cache: ResultCache | None,
        *,
        suppress_below: int = 5,
        months: int = MONTHS,
        newest: Callable[[], Engine] | None = None,
        prepare: Callable[[threading.Event], None] | None = None,
    ) -> None:
        self._engine = engine
        self._newest = newest
        self._prepare = prepare or (lambda ended: None)
        self._cache = cache
        self._suppress_below = suppress_below
        self._months = months
        self._state = TrendState()
        self._refused: str | None = None
        self._stop = Cancellation()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._pool = ThreadPoolExecutor(max_workers=1, thread_name_prefix="trends")
        self.revision = 0
        """Grows whenever there is more to show."""
        self.is_preparing = False
        """Whether newer data is in place that is not shown yet."""
        self.is_prepared = False
        """Whether what pages show of the data in service was worked out."""

    @property
    def state(self) -> TrendState:
        """How far it is now; never changes after it was handed out."""
        return self._state

    def start(self) -> None:
        """Begin to look for data."""
        self._thread = threading.Thread(target=self._watch, name="trends", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End what is under way, and wait until it has ended."""
        self._ended.set()
        self._stop.cancel()
        if self._thread is not None:
            self._thread.join(timeout=10)
        self._pool.shutdown(wait=False)

    def _watch(self) -> None:
        while not self._ended.is_set():
            try:
                waiting = self._engine.waiting_id()
                if self._newest is not None and waiting not in (None, self._refused):
                    self._refused = waiting
                    self._follow(self._newest)
                    self._refused = None
                elif self._engine.record().load_id != self._state.load_id:
                    self._tell(is_preparing=False, is_prepared=False)
                    self._count(self._engine, self._put)
                    self._prepare(self._ended)
                    self._tell(is_preparing=False, is_prepared=True)
            except QueryCancelledError:
                return
            except PathgraphError:
                # Nothing is loaded, or the server is away: whoever opens a page is told so. New
                # data that cannot be read leaves the data before in service.
                if self._refused is None:
                    self._put(TrendState())
                self._tell(is_preparing=False, is_prepared=self.is_prepared)
            self._ended.wait(_LOOK_EVERY_S)

    def _follow(self, newest: Callable[[], Engine]) -> None:
        """Work out the answers of the load that waits, and only then serve it."""
        self._tell(is_preparing=True, is_prepared=True)
        self._prepare(self._ended)
        counted: list[TrendState] = []
        with closing(newest()) as engine:
            self._count(engine, counted.append)
            is_newest = engine.record().load_id == self._engine.waiting_id()
        if is_newest and not self._ended.is_set():
            self._engine.follow()
            self._put(counted[-1])
            self._tell(is_preparing=False, is_prepared=True)

    def _tell(self, *, is_preparing: bool, is_prepared: bool) -> None:
        if is_preparing != self.is_preparing:
            self.revision += 1
        self.is_preparing, self.is_prepared = is_preparing, is_prepared

    def _put(self, state: TrendState) -> None:
        if state != self._state:
            self._state = state
            self.revision += 1

    def _count(self, asked: Engine, put: Callable[[TrendState], None]) -> None:
        """Count all that there is to show, and hand each state of it to ``put``."""
        engine = Cancellable(asked, self._stop)
        load_id = engine.record().load_id
        findings = {
            f.id: f
            for f in catalogue().values()
            if all(p.default is not None for p in f.parameters)
        }
        # Groups are compared with a month before; only lists of patients are drawn over time.
        lists = {id_: f for id_, f in findings.items() if f.is_patient_level}
        n_total = 2 * len(findings) + (self._months - 2) * len(lists)
        state, latest = self._last_day(
            engine, findings, TrendState(load_id=load_id, n_total=n_total), put
        )
        for finding_id, parameters in _ASKED_FOR_PAGES:
            # For the cache alone: the pages of places rest on it.
            wanted = {finding_id: findings[finding_id]}
            deque(self._one_day(engine, wanted, None, load_id, parameters), maxlen=0)
        day = state.since
        if day is None:
            put(replace(state, n_done=n_total))
            return
        for number in range(1, self._months):
            asked_then = findings if number == 1 else lists
            for finding_id, result, reason in self._one_day(engine, asked_then, day, load_id):
                finding, trend = findings[finding_id], state.trends[finding_id]
                row = self._row(finding, latest[finding_id], result, reason)
                if number > 1 or latest[finding_id] is None:
                    row = trend.row
                months = trend.months
                if result is not None:
                    then = self._row(finding, result, None, reason)
                    months = (Month(result.as_of, then), *months)
                state = _with_trend(state, Trend(finding, row, months))
                put(state)
            if load_id != engine.record().load_id:
                return
            day = month_before(day)

    def _last_day(
        self,
        engine: Engine,
        findings: Mapping[str, Finding],
        state: TrendState,
        put: Callable[[TrendState], None],
    ) -> tuple[TrendState, dict[str, Result | None]]:
        """Count the day of the last contact; return the answers too."""
        latest: dict[str, Result | None] = {}
        for finding_id, result, reason in self._one_day(engine, findings, None, state.load_id):
            if result is not None and state.as_of is None:
                state = replace(state, as_of=result.as_of, since=month_before(result.as_of))
            latest[finding_id] = result
            row = self._row(findings[finding_id], result, None, reason)
            only = () if result is None else (Month(result.as_of, row),)
            state = _with_trend(state, Trend(findings[finding_id], row, only))
            put(state)
        return state, latest

    def _one_day(
        self,
        engine: Engine,
        findings: Mapping[str, Finding],
        day: date | None,
        load_id: str,
        parameters: Mapping[str, object] | None = None,
    ) -> Iterator[tuple[str, Result | None, str]]:
        """Yield each finding's answer of a day, or why there is none."""
        answers = Answers(cache=self._cache)
        for finding_id in findings:
            if engine.record().load_id != load_id:
                return
            # In a thread of its own, so that one finding's fault leaves the others on the page.
            asking = self._pool.submit(
                run,
                engine,
                finding_id,
                parameters,
                as_of=day,
                suppress_below=self._suppress_below,
                answers=answers,
            )
            error = asking.exception()
            if error is None:
                yield finding_id, asking.result(), ""
            elif isinstance(error, TableNotLoadedError):
                yield finding_id, None, error.args[0]
            elif isinstance(error, PathgraphError):
                raise error
            else:
                # The kind alone: what an error says may hold what a row holds.
                _LOG.error("fault %s in finding %s", type(error).__name__, finding_id)
                yield finding_id, None, _FAULT

    def _row(
        self, finding: Finding, result: Result | None, before: Result | None, reason: str
    ) -> Mapping[str, Any]:
        return summary_row(
            finding, result, before, reason=reason or None, threshold=self._suppress_below
        )


def _with_trend(state: TrendState, trend: Trend) -> TrendState:
    trends = {**state.trends, trend.finding.id: trend}
    return replace(state, trends=trends, n_done=state.n_done + 1)
