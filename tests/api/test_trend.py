"""What the home page shows is counted beside the requests, and anew when new data comes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pathgraph.engine import open_engine
from pathgraph.ingest.run import load
from pathgraph.queries.cache import ResultCache
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.run import Answers, run
from pathgraph.queries.summary import answer_and_summarise
from pathgraph.queries.trend import Trends
from pathgraph.synth.generate import write_region


def wait_until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.05)


def test_trends_hold_what_the_findings_say_and_follow_new_data(tmp_path: Path) -> None:
    write_region(tmp_path / "a", patients=1_000, seed=4)
    write_region(tmp_path / "b", patients=1_000, seed=5)
    url = f"ladybug:{tmp_path / 'graph'}"
    cache = ResultCache(tmp_path / "answers")
    with closing(open_engine(url)) as engine:
        trends = Trends(engine, cache, months=3)
        trends.start()
        try:
            assert trends.state.n_total == 0
            load("tables", tmp_path / "a", engine)
            wait_until(lambda: trends.state.is_complete)
            state = trends.state
            assert state.load_id == engine.record().load_id
            rows = {s.finding.id: s.row for s in answer_and_summarise(engine)}
            asked = {
                f.id
                for f in catalogue().values()
                if all(p.default is not None for p in f.parameters)
            }
            assert set(state.trends) == asked
            for finding_id, trend in state.trends.items():
                assert dict(trend.row) == dict(rows[finding_id]), finding_id
                assert len(trend.months) == (3 if trend.finding.is_patient_level else 2)
                days = [month.day for month in trend.months]
                assert days == sorted(set(days))
                assert days[-1] == state.as_of
            first = state.trends["unowned_plans"].months[0]
            then = run(engine, "unowned_plans", as_of=first.day)
            assert first.row["n_rows"] == then.manifest["n_rows"]
            hits = cache.n_hits
            run(engine, "priority", answers=Answers(cache=cache))
            assert cache.n_hits > hits
            before = trends.revision
            load("tables", tmp_path / "b", engine)
            wait_until(
                lambda: trends.state.load_id == engine.record().load_id and trends.state.is_complete
            )
            assert trends.revision > before
        finally:
            trends.stop()


def test_the_data_before_is_shown_until_the_new_was_worked_out(tmp_path: Path) -> None:
    for seed in (4, 5):
        write_region(tmp_path / str(seed), patients=1_000, seed=seed)
    url = f"ladybug:{tmp_path / 'graph'}"
    cache = ResultCache(tmp_path / "answers")
    prepared = threading.Event()
    calls = []

    def prepare(ended: threading.Event) -> None:
        calls.append("prepare")
        if len(calls) > 1:
            assert prepared.wait(60)

    with closing(open_engine(url)) as loading, closing(open_engine(url, holds=True)) as engine:
        load("tables", tmp_path / "4", loading)
        trends = Trends(engine, cache, months=2, newest=lambda: open_engine(url), prepare=prepare)
        trends.start()
        try:
            wait_until(lambda: trends.is_prepared and trends.state.is_complete)
            before = engine.record().load_id
            load("tables", tmp_path / "5", loading)
            wait_until(lambda: trends.is_preparing)
            assert engine.record().load_id == trends.state.load_id == before
            assert trends.state.is_complete
            prepared.set()
            wait_until(lambda: not trends.is_preparing)
            assert engine.record().load_id == trends.state.load_id == loading.record().load_id
            assert trends.state.load_id != before
            assert trends.state.is_complete
            rows = {s.finding.id: s.row for s in answer_and_summarise(engine)}
            for finding_id, trend in trends.state.trends.items():
                assert dict(trend.row) == dict(rows[finding_id]), finding_id
        finally:
            prepared.set()
            trends.stop()


def test_new_data_that_cannot_be_read_leaves_the_data_before_in_service(tmp_path: Path) -> None:
    for seed in (4, 5):
        write_region(tmp_path / str(seed), patients=1_000, seed=seed)
    url = f"ladybug:{tmp_path / 'graph'}"
    cache = ResultCache(tmp_path / "answers")
    attempts = []
    with closing(open_engine(url)) as loading, closing(open_engine(url, holds=True)) as engine:
        load("tables", tmp_path / "4", loading)
        trends = Trends(
            engine, cache, months=2, newest=lambda: open_engine(url), prepare=attempts.append
        )
        trends.start()
        try:
            wait_until(lambda: trends.is_prepared and trends.state.is_complete)
            before = engine.record().load_id
            loading.close()
            folder = tmp_path / "graph" / "snapshots" / "29990101T000000Z-00000000"
            folder.mkdir()
            current = tmp_path / "graph" / "current"
            current.write_text(folder.name, encoding="ascii")
            wait_until(lambda: len(attempts) == 2)
            wait_until(lambda: not trends.is_preparing)
            time.sleep(2.5)
            # Asked once, and not every second.
            assert len(attempts) == 2
            assert engine.record().load_id == trends.state.load_id == before
            assert run(engine, "priority", answers=Answers(cache=cache)).table.num_rows > 0
            load("tables", tmp_path / "5", loading)
            wait_until(lambda: engine.record().load_id not in (before, folder.name))
            assert len(attempts) == 3
        finally:
            trends.stop()
