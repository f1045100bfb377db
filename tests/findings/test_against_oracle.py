"""Random small graphs: every finding equals the plain-Python oracle, on both engines."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from tests.findings import oracle
from tests.findings.drawn import Tables, ask, assert_same_rows, load_tables, rows_of
from tests.findings.random_graphs import ZONE, days_to_ask, graph_choices, tables_of

_GRAPHS_A_LOAD = 25
_LOADS = 9  # 225 graphs
_DIVISIONS = ("all", "unit", "month", "municipality")

Loaded = Callable[[Tables], contextlib.AbstractContextManager[Engine]]


@pytest.fixture(scope="module", params=["ladybug", "neo4j"])
def loaded(request: pytest.FixtureRequest) -> Iterator[Loaded]:
    """A context that holds an engine with the given tables in it."""
    with contextlib.ExitStack() as stack:
        url = ""
        if request.param == "neo4j":
            url = stack.enter_context(request.getfixturevalue("neo4j_exclusively")())

        @contextlib.contextmanager
        def context(tables: Tables) -> Iterator[Engine]:
            with tempfile.TemporaryDirectory() as folder:
                place = Path(folder)
                engine = open_engine(url or f"ladybug:{place / 'graph'}")
                try:
                    load_tables(engine, place / "tables", tables, zone=ZONE)
                    yield engine
                finally:
                    engine.close()

        yield context


def compare(
    engine: Engine, finding: str, expected: list[dict[str, Any]], among: int | None, **asked: Any
) -> None:
    result = ask(engine, finding, **asked)
    assert_same_rows(rows_of(result), expected, result.finding.key)
    assert result.manifest["among"] == among


def check_readmissions(engine: Engine, tables: Tables, day: date) -> None:
    world = oracle.World(tables, day, ZONE)
    n_stays = oracle.n_stays(world)
    for number, (profile, values) in enumerate(oracle.PROFILES.items()):
        chosen = {**oracle.DEFAULTS, **values}
        n_eligible = oracle.n_eligible(world, chosen)
        asked = {"as_of": day, "profile": profile}
        own = oracle.readmissions(world, chosen)
        compare(engine, "readmissions", own, n_eligible, **asked)
        index = oracle.readmission_index(world, chosen)
        compare(engine, "readmission_index", index, n_stays, **asked)
        # Every profile is divided by something else each time: all of both is too slow.
        by = _DIVISIONS[(number + day.toordinal()) % len(_DIVISIONS)]
        rates = oracle.readmission_rates(world, chosen, by)
        compare(engine, "readmission_rates", rates, n_eligible, by=by, **asked)


def check_bounds(engine: Engine, tables: Tables, day: date) -> None:
    """Parameters that no profile sets."""
    world = oracle.World(tables, day, ZONE)
    for values in (
        {"min_inclusive": False, "max_inclusive": False},
        {"min_gap_h": 24, "max_gap_d": 90, "acute": "any"},
        {"gap_unit": "calendar", "max_gap_d": 30, "max_inclusive": False, "min_gap_h": 12},
        {"exclude_rehabilitation": True, "min_age": 67, "max_gap_d": 200},
    ):
        chosen = {**oracle.DEFAULTS, **values}
        expected = oracle.readmissions(world, chosen)
        n_eligible = oracle.n_eligible(world, chosen)
        compare(engine, "readmissions", expected, n_eligible, as_of=day, **values)


def check_pathways(engine: Engine, tables: Tables, day: date) -> None:
    world = oracle.World(tables, day, ZONE)
    n_stays = oracle.n_stays(world)
    for values in ({}, {"min_stays": 2, "window_days": 30, "acute": "any"}):
        expected = oracle.revolving_door(world, **values)
        among = oracle.n_with_acute_stay(world, values.get("acute", "first"))
        compare(engine, "revolving_door", expected, among, as_of=day, **values)
    compare(engine, "unit_moves", oracle.unit_moves(world), n_stays, as_of=day)
    for limit in (36_500, 30):
        expected = oracle.transfers(world, limit)
        compare(engine, "transfers", expected, n_stays, as_of=day, max_gap_d=limit)


@settings(
    max_examples=_LOADS,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large,
        HealthCheck.large_base_example,
    ],
    phases=(Phase.explicit, Phase.generate),
    database=None,
)  # fmt: skip
@given(
    graphs=st.lists(graph_choices, min_size=_GRAPHS_A_LOAD, max_size=_GRAPHS_A_LOAD),
    has_coverage=st.booleans(),
    pick=st.integers(0, 10_000),
)
def test_findings_equal_the_oracle(
    loaded: Loaded, graphs: list[Any], has_coverage: bool, pick: int
) -> None:
    tables = tables_of(graphs, has_coverage=has_coverage)
    with loaded(tables) as engine:
        for day in days_to_ask(tables, [pick]):
            check_readmissions(engine, tables, day)
            check_bounds(engine, tables, day)
            check_pathways(engine, tables, day)
        long_after = days_to_ask(tables, [])[0] + timedelta(days=400)
        check_pathways(engine, tables, long_after)
        if has_coverage:
            check_readmissions(engine, tables, long_after)
