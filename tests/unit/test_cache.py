"""Answers on disk: bounded, whole, there after a restart, and never read as code."""

from __future__ import annotations

import pickle
import sqlite3
import threading
import time
from pathlib import Path

import pyarrow as pa

from pathgraph.queries.cache import Cached, ResultCache, cache_key
from pathgraph.sentence import Sentence, sentence


def table(n: int = 3) -> pa.Table:
    return pa.table({"id": [f"p{i}" for i in range(n)], "n": pa.array(range(n), pa.int64())})


def test_what_was_kept_is_there_after_a_restart(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path / "answers")
    said = sentence("No coverage is known of: {levels}.", levels="gp")
    cache.put("a", Cached(table(), ("plain", said)))
    cache.close()
    again = ResultCache(tmp_path / "answers").get("a")
    assert again is not None
    assert again.table.equals(table())
    assert again.notes == ("plain", said)
    assert isinstance(again.notes[1], Sentence)
    assert again.notes[1].template == said.template


def test_it_is_for_its_owner_alone(tmp_path: Path) -> None:
    ResultCache(tmp_path / "answers")
    assert (tmp_path / "answers").stat().st_mode & 0o077 == 0


def test_it_stays_below_its_bound(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path, max_bytes=4_000_000)
    for number in range(200):
        cache.put(str(number), Cached(table(5_000)))
    size = sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file())
    assert size < 10_000_000
    assert cache.get("199") is not None
    assert cache.get("0") is None


def test_a_damaged_entry_is_no_answer(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    cache.put("a", Cached(table()))
    cache._cache.set("a", b"torn")
    again = ResultCache(tmp_path)
    assert again.get("a") is None
    assert again.get("never kept") is None
    assert (again.n_hits, again.n_misses) == (0, 2)


def test_what_is_at_hand_needs_no_disk_and_stays_below_its_bound(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path, memory_bytes=1_000_000)
    cache.put("small", Cached(table()))
    cache.put("large", Cached(table(50_000)))
    cache._cache.clear()
    assert cache.get("small") is not None
    assert cache.get("large") is None
    for number in range(100):
        cache.put(str(number), Cached(table(2_000)))
        assert cache.n_bytes_at_hand <= 1_000_000
    cache._cache.clear()
    assert cache.get("99") is not None
    assert cache.get("0") is None
    assert cache.get("small") is None
    at_hand = cache.n_bytes_at_hand
    cache.put("99", Cached(table(2_000)))
    assert cache.n_bytes_at_hand == at_hand


def test_a_pickle_is_never_read(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    cache.put("a", Cached(table()))
    cache.close()
    bomb = pickle.dumps(Marker(tmp_path / "exploded"))
    with sqlite3.connect(tmp_path / "cache.db") as database:
        database.execute("UPDATE Cache SET mode = 4, value = ?, filename = NULL", (bomb,))
    assert ResultCache(tmp_path).get("a") is None
    assert not (tmp_path / "exploded").exists()


class Marker:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[Path]]:
        return (Path.touch, (self.path,))


def test_one_at_a_time_computes_an_answer(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path)
    computed = []

    def ask() -> None:
        with cache.turn("a"):
            if cache.get("a") is None:
                computed.append(1)
                time.sleep(0.05)
                cache.put("a", Cached(table()))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(computed) == 1
    assert cache._turns == {}


def test_a_full_disk_keeps_nothing_and_breaks_nothing(tmp_path: Path) -> None:
    cache = ResultCache(tmp_path, memory_bytes=0)
    with sqlite3.connect(tmp_path / "cache.db") as database:
        database.execute("DROP TABLE Cache")
    cache.put("a", Cached(table()))
    assert cache.get("a") is None


def test_the_key_follows_everything_in_it() -> None:
    base = {
        "finding": "a",
        "version": 1,
        "parameters": {"n": 1},
        "as_of": "2025-12-31",
        "rights": "x",
    }
    changed = [{**base, name: "other"} for name in base]
    keys = {cache_key(**parts) for parts in [base, *changed]}
    assert len(keys) == len(base) + 1
