"""Ending a query that nobody waits for any more, or that took too long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field

import pyarrow as pa

from pathgraph.engine.base import Engine, LoadRecord, LoadSession
from pathgraph.errors import QueryCancelledError
from pathgraph.sentence import Sentence, sentence

__all__ = ["Cancellable", "Cancellation", "took_too_long"]


def took_too_long(timeout_s: float | None) -> Sentence:
    """Return what is said of a query that was ended because its time was over.

    Examples
    --------
    >>> took_too_long(2.0).split(".")[0]
    'The query took longer than its limit of 2 s and was ended'
    """
    if timeout_s is None:
        return sentence(
            "The query took longer than its limit and was ended. Narrow the question down, or "
            "allow more time."
        )
    return sentence(
        "The query took longer than its limit of {limit} s and was ended. Narrow the question "
        "down, or allow more time.",
        limit=f"{timeout_s:g}",
    )


@dataclass(slots=True)
class Cancellation:
    """Says from another thread that the queries asked with it are to end."""

    _event: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stops: list[Callable[[], None]] = field(default_factory=list)

    @property
    def is_cancelled(self) -> bool:
        """Whether :meth:`cancel` was called."""
        return self._event.is_set()

    def cancel(self) -> None:
        """End what runs and refuse what comes; may be said again, since a query may just begin."""
        self._event.set()
        with self._lock:
            stops = list(self._stops)
        for stop in stops:
            stop()

    def check(self) -> None:
        """Raise where it was cancelled.

        Raises
        ------
        QueryCancelledError
            When nobody waits any more.
        """
        if self.is_cancelled:
            raise QueryCancelledError(
                sentence("The query was ended, because nobody waits for its answer any more.")
            )

    @contextmanager
    def stopping(self, stop: Callable[[], None]) -> Iterator[None]:
        """Call ``stop`` from the other thread if it is cancelled while the context lasts."""
        self.check()
        with self._lock:
            self._stops.append(stop)
        try:
            yield
        finally:
            with self._lock:
                self._stops.remove(stop)


class Cancellable:
    """An engine whose queries end together.

    Parameters
    ----------
    engine
        The engine that is asked; it stays open when this object goes.
    cancellation
        Ends every query that runs through this object.
    """

    def __init__(self, engine: Engine, cancellation: Cancellation) -> None:
        self._engine = engine
        self._cancellation = cancellation
        self.name = engine.name
        self.url = engine.url

    def begin_load(self) -> AbstractContextManager[LoadSession]:
        """Take the place for one load; a load is not ended from here."""
        return self._engine.begin_load()

    def query(
        self,
        cypher: str,
        parameters: Mapping[str, object] | None = None,
        *,
        timeout_s: float | None = None,
        cancellation: Cancellation | None = None,
    ) -> pa.Table:
        """Run one reading query; see :meth:`pathgraph.engine.base.Engine.query`."""
        return self._engine.query(
            cypher,
            parameters,
            timeout_s=timeout_s,
            cancellation=cancellation or self._cancellation,
        )

    def graph_algorithms(self) -> str | None:
        """Return the engine's own graph algorithms."""
        self._cancellation.check()
        return self._engine.graph_algorithms()

    def node_measures(self, ties: pa.Table, *, is_directed: bool) -> pa.Table:
        """Return measures of nodes by them; once begun they are worked out to the end."""
        self._cancellation.check()
        return self._engine.node_measures(ties, is_directed=is_directed)

    def bridges(self, ties: pa.Table) -> pa.Table:
        """Return the bridges of a network by them, to the end likewise."""
        self._cancellation.check()
        return self._engine.bridges(ties)

    def record(self) -> LoadRecord:
        """Return what is served now."""
        self._cancellation.check()
        return self._engine.record()

    def waiting_id(self) -> str | None:
        """Return the load that is in place and not served yet."""
        return self._engine.waiting_id()

    def follow(self) -> None:
        """Serve the newest load from now on."""
        self._engine.follow()

    def close(self) -> None:
        """Leave the engine open: it belongs to whoever made it."""
