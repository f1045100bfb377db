"""What the home page shows is counted beside the requests, and anew when new data comes."""

from __future__ import annotations

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
