"""What a running server holds: the graph, what it keeps of answers, and how much it allows."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from pathgraph.api.boundaries import Ring
from pathgraph.engine.base import Engine
from pathgraph.queries.cache import ResultCache
from pathgraph.queries.run import Answers
from pathgraph.settings import DEFAULT_SUPPRESS_BELOW

if TYPE_CHECKING:
    from pathgraph.api.metrics import Metrics
    from pathgraph.queries.trend import Trends

__all__ = ["KeptPages", "Limits", "Page", "Serving", "serving_of"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one request may take (own choices).

    Attributes
    ----------
    timeout_s
        Seconds that each query of an answer may take.
    rows
        Rows of one JSON document; CSV and XLSX have all.
    most_rows
        What ``limit`` may ask for at most.
    queries
        Questions that are worked on at the same time; further ones wait.
    per_minute
        Requests of one address in a minute.
    body_bytes, address_bytes
        Size of what is sent, and of the address.
    page_bytes
        Finished pages kept in memory, all together.
    """

    timeout_s: float = 60.0
    rows: int = 10_000
    most_rows: int = 100_000
    queries: int = 4
    per_minute: int = 6_000
    body_bytes: int = 64 * 1024
    address_bytes: int = 8 * 1024
    page_bytes: int = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Page:
    """A finished answer: its bytes and headers."""

    body: bytes
    headers: tuple[tuple[bytes, bytes], ...]


class KeptPages:
    """Finished pages by entity tag; the one asked for least recently goes first.

    Parameters
    ----------
    max_bytes
        Size of all together.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._pages: OrderedDict[str, Page] = OrderedDict()
        self._lock = threading.Lock()
        self.n_bytes = 0

    def get(self, tag: str) -> Page | None:
        """Return the page of the tag, where it is kept."""
        with self._lock:
            page = self._pages.get(tag)
            if page is not None:
                self._pages.move_to_end(tag)
            return page

    def put(self, tag: str, page: Page) -> None:
        """Keep a page; one that would push out a large part of the others is not kept."""
        if len(page.body) > self._max_bytes // 16:
            return
        with self._lock:
            before = self._pages.pop(tag, None)
            self.n_bytes += len(page.body) - (len(before.body) if before else 0)
            self._pages[tag] = page
            while self.n_bytes > self._max_bytes:
                _, gone = self._pages.popitem(last=False)
                self.n_bytes -= len(gone.body)


@dataclass(slots=True)
class Serving:
    """A running server's state; there is one an application, and no global one.

    Attributes
    ----------
    suppress_below
        Groups of fewer people are not shown.
    cache
        Answers on disk; ``None`` keeps none.
    trends
        What the home page shows of months past, filled in beside the requests.
    boundaries
        Outlines that maps of networks are drawn on.
    hosts
        Names under which the server may be addressed.
    """

    engine: Engine
    metrics: Metrics
    suppress_below: int = DEFAULT_SUPPRESS_BELOW
    limits: Limits = field(default_factory=Limits)
    cache: ResultCache | None = None
    trends: Trends | None = None
    boundaries: Sequence[Ring] = ()
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost", "[::1]")
    pages: KeptPages = field(init=False)
    turns: asyncio.Semaphore | None = None
    """Whose turn it is to ask; made when the first question comes, inside the event loop."""

    def __post_init__(self) -> None:
        self.pages = KeptPages(self.limits.page_bytes)

    def answers(self) -> Answers:
        """Return what the questions of one request share."""
        return Answers(cache=self.cache)


def serving_of(connection: HTTPConnection) -> Serving:
    """Return the state of the application that answers."""
    serving: Serving = connection.app.state.serving
    return serving
