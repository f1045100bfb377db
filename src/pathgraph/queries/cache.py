"""Answers kept on disk beside the snapshot: bounded, and there again after a restart.

What is kept is unsuppressed: it lies where the graph itself lies, readable for its owner alone, and
only :mod:`pathgraph.queries.run` hands anything on.
"""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import diskcache
import pyarrow as pa

from pathgraph.sentence import Sentence

__all__ = ["Cached", "ResultCache", "cache_key"]

_NOTES = b"pathgraph.notes"
_MAX_BYTES = 2 * 2**30
_MEMORY_BYTES = 256 * 2**20


@dataclass(frozen=True, slots=True)
class Cached:
    """A table as it was before suppression, with the notes that belong to it."""

    table: pa.Table
    notes: tuple[str, ...] = ()


def cache_key(**parts: object) -> str:
    """Return one text for all that an answer depends on.

    Examples
    --------
    >>> cache_key(finding="a", version=1) == cache_key(version=1, finding="a")
    True
    """
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


class _BytesAlone(diskcache.Disk):  # type: ignore[misc]
    """Keeps texts and bytes, and never reads a pickle: reading one may run what it holds."""

    def fetch(self, mode: int, filename: str, value: Any, read: bool) -> Any:
        if mode == diskcache.core.MODE_PICKLE:
            raise KeyError("not written by pathgraph")
        return super().fetch(mode, filename, value, read)


@dataclass(slots=True)
class _Turn:
    """Whose turn it is to compute one answer."""

    lock: threading.RLock = field(default_factory=threading.RLock)
    n_users: int = 0


class ResultCache:
    """Tables by what they depend on; several threads and processes may use one folder.

    Parameters
    ----------
    folder
        Made when it is not there, readable for its owner alone.
    max_bytes
        What was asked for least recently goes when there is more.
    memory_bytes
        Of what was asked for last, so much is at hand in memory too.
    """

    def __init__(
        self, folder: Path, *, max_bytes: int = _MAX_BYTES, memory_bytes: int = _MEMORY_BYTES
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder = folder
        self.n_hits = 0
        self.n_misses = 0
        self._cache = diskcache.Cache(
            str(folder),
            size_limit=max_bytes,
            eviction_policy="least-recently-used",
            disk=_BytesAlone,
        )
        self._lock = threading.Lock()
        self._at_hand: OrderedDict[str, Cached] = OrderedDict()
        self._memory_bytes = min(memory_bytes, max_bytes)
        self.n_bytes_at_hand = 0
        self._turns: dict[str, _Turn] = {}

    def get(self, key: str) -> Cached | None:
        """Return what is kept under ``key``; ``None`` where nothing is, or it cannot be read."""
        with self._lock:
            at_hand = self._at_hand.get(key)
            if at_hand is not None:
                self._at_hand.move_to_end(key)
                self.n_hits += 1
                return at_hand
        content = None
        with suppress(sqlite3.Error, OSError, diskcache.Timeout, KeyError):
            content = self._cache.get(key)
        cached = _read(content) if isinstance(content, bytes) else None
        if cached is not None:
            self._keep_at_hand(key, cached)
        with self._lock:
            if cached is None:
                self.n_misses += 1
            else:
                self.n_hits += 1
        return cached

    def put(self, key: str, cached: Cached) -> None:
        """Keep it; where the disk is full or the folder cannot be written to, nothing is kept."""
        self._keep_at_hand(key, cached)
        with suppress(sqlite3.Error, OSError, diskcache.Timeout):
            self._cache.set(key, _written(cached))

    def _keep_at_hand(self, key: str, cached: Cached) -> None:
        """Keep a table in memory; one that would push out a large part of the others is not."""
        n_bytes = cached.table.get_total_buffer_size()
        if n_bytes > self._memory_bytes // 8:
            return
        with self._lock:
            before = self._at_hand.pop(key, None)
            self._at_hand[key] = cached
            self.n_bytes_at_hand += n_bytes
            self.n_bytes_at_hand -= before.table.get_total_buffer_size() if before else 0
            while self.n_bytes_at_hand > self._memory_bytes:
                _, gone = self._at_hand.popitem(last=False)
                self.n_bytes_at_hand -= gone.table.get_total_buffer_size()

    @contextmanager
    def turn(self, key: str) -> Iterator[None]:
        """Let one thread at a time compute what belongs to ``key``."""
        with self._lock:
            turn = self._turns.setdefault(key, _Turn())
            turn.n_users += 1
        try:
            with turn.lock:
                yield
        finally:
            with self._lock:
                turn.n_users -= 1
                if turn.n_users == 0:
                    self._turns.pop(key, None)

    def close(self) -> None:
        """Let go of the folder."""
        self._cache.close()


def _written(cached: Cached) -> bytes:
    notes = [
        [n.template, {k: _plain(v) for k, v in n.values.items()}]
        if isinstance(n, Sentence)
        else [n, None]
        for n in cached.notes
    ]
    metadata = {**(cached.table.schema.metadata or {}), _NOTES: json.dumps(notes).encode()}
    table = cached.table.replace_schema_metadata(metadata)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | bool) else str(value)


def _read(content: bytes) -> Cached | None:
    try:
        with pa.ipc.open_stream(content) as reader:
            table = reader.read_all()
        metadata = dict(table.schema.metadata or {})
        notes = json.loads(metadata.pop(_NOTES))
    except (pa.ArrowInvalid, KeyError, ValueError):
        return None
    return Cached(
        table.replace_schema_metadata(metadata or None),
        tuple(text if values is None else Sentence(text, values) for text, values in notes),
    )
