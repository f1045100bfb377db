"""Peers and pathgraph count alike on regions drawn to sit on the boundaries of the rules.

The generated region has few such cases, and a peer that does not know them would still agree there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.compare import differences
from benchmarks.measured_work import ask_peer, write_graph_tables
from benchmarks.question import Question
from pathgraph.engine import Engine, open_engine
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.plan import make_plan
from pathgraph.queries.run import run
from tests.findings import (
    coordination_graphs,
    level_graphs,
    returns_graphs,
    test_networks_against_oracle,
)
from tests.findings.drawn import Tables, load_tables

NEED: Mapping[str, object] = {
    "min_dates": 1,
    "min_span_d": 10,
    "min_overlap_d": 5,
    "service_days": 200,
}
OTHER_NUMBERS: Mapping[str, Mapping[str, object]] = {
    "before_the_return": {"min_stays": 2, "window_days": 300},
    "both_kinds_of_care": {"within_days": 60},
    "coordination_need": NEED,
    "follow_up_after_discharge": {"within_days": 30},
    "missing_contact_physician": {
        "min_hours": 24, "within_days": 300, "min_recorded_share": 0.6,
    },
    "missing_coordinator": NEED,
    "missing_individual_plan": NEED,
    "municipality_units": {"period_days": 90},
    "referral_network": {"period_days": 90},
    "revolving_door": {"min_stays": 2, "window_days": 300},
    "shared_patients": {"period_days": 90},
    "unit_transfers": {"period_days": 90, "max_gap_d": 3},
}  # fmt: skip
NETWORKS = ("municipality_units", "referral_network", "shared_patients", "unit_transfers")
LEVELS = tuple(finding for finding in OTHER_NUMBERS if finding not in NETWORKS)
NEEDS = (
    "both_kinds_of_care",
    "coordination_need",
    "missing_coordinator",
    "missing_individual_plan",
)
ASKED = [
    *(("levels", finding) for finding in LEVELS),
    ("levels without coverage", "follow_up_after_discharge"),
    *(("needs", finding) for finding in NEEDS),
    *(("networks", finding) for finding in NETWORKS),
    *(("returns", finding) for finding in ("before_the_return", "missing_contact_physician")),
]


@dataclass(frozen=True)
class Drawn:
    engine: Engine
    graph: Path


def _tables(region: str) -> Tables:
    match region:
        case "needs":
            return coordination_graphs.draw(seed=21, n_graphs=150)
        case "returns":
            return returns_graphs.region(seed=7, n_patients=300)
        case "networks":
            return test_networks_against_oracle.drawn_region(seed=13, n_patients=300)
        case _:
            return level_graphs.region(seed=9, n_patients=800, has_coverage=region == "levels")


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Drawn]]:
    folder = tmp_path_factory.mktemp("boundaries")
    found = {}
    for region in dict(ASKED):
        place = folder / region.replace(" ", "-")
        engine = open_engine(f"ladybug:{place / 'place'}")
        load_tables(engine, place / "source", _tables(region))
        write_graph_tables(place / "source", place / "prepared")
        found[region] = Drawn(engine, place / "prepared" / "graph")
    yield found
    for one in found.values():
        one.engine.close()


@pytest.mark.parametrize("numbers", ["default", "other"])
@pytest.mark.parametrize(("region", "finding"), ASKED)
def test_peers_give_the_rows_that_pathgraph_gives(
    drawn: dict[str, Drawn], region: str, finding: str, numbers: str, tmp_path: Path
) -> None:
    engine, graph = drawn[region].engine, drawn[region].graph
    parameters = OTHER_NUMBERS[finding] if numbers == "other" else {}
    ours = run(engine, finding, parameters, suppress_below=0).table.to_pandas()
    assert len(ours) > 0
    plan = make_plan(engine, find_finding(finding), parameters)
    asked = Question.of(plan.finding, {**plan.parameters, **plan.implicit})
    for peer in ("duckdb", "pandas"):
        ask_peer(peer, asked, graph, tmp_path / peer, 0, 1)
        theirs = pd.read_parquet(tmp_path / peer)
        assert differences(ours, theirs, key=asked.key) == [], peer
