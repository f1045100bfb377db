"""What one day's answer hides of a network, a comparison of two days hides too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.queries.compare import compare
from pathgraph.queries.run import run
from tests.findings.drawn import load_tables
from tests.findings.level_graphs import ZONE, days_to_ask
from tests.findings.test_networks_against_oracle import SEEDS, drawn_region

_TABLES = drawn_region(SEEDS[0], 300)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("network")
    with closing(open_engine(f"ladybug:{folder / 'graph'}")) as opened:
        load_tables(opened, folder / "tables", _TABLES, zone=ZONE)
        yield opened


def test_a_comparison_hides_what_the_day_itself_hides(engine: Engine) -> None:
    network, n_hidden = "referral_network", 0
    day = days_to_ask(_TABLES, 1, 1)[0]
    asked = {"period_days": 365}
    compared = compare(
        engine, network, asked, from_day=day - timedelta(days=365), to_day=day, checks=0
    )
    shown = {
        (row["from_id"], row["to_id"]): row["n_patients_to"] for row in compared.table.to_pylist()
    }
    for row in run(engine, network, asked, as_of=day).table.to_pylist():
        if row["n_patients"] is None:
            n_hidden += 1
            assert shown[(row["from_id"], row["to_id"])] is None
    assert n_hidden > 5
