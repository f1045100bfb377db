"""The findings on real hospital data (MIMIC-IV demo), the same on both engines."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.ingest.run import load
from tests.findings.drawn import ask, rows_of

_ROOT = Path(__file__).resolve().parents[2]
MIMIC = (
    Path(os.environ.get("PATHGRAPH_SHARED_DATA", _ROOT.parent / "shared" / "data"))
    / "mimic-iv-demo-2.2"
)

pytestmark = pytest.mark.skipif(
    not MIMIC.is_dir(),
    reason="The MIMIC-IV demo is not there; PATHGRAPH_SHARED_DATA names the folder that holds it.",
)


@pytest.fixture(scope="module", params=["ladybug", "neo4j"])
def mimic(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    if request.param == "ladybug":
        engine = open_engine(f"ladybug:{tmp_path_factory.mktemp('mimic') / 'graph'}")
        load("mimic-iv", MIMIC, engine)
        yield engine
        engine.close()
        return
    with request.getfixturevalue("neo4j_exclusively")() as url:
        engine = open_engine(url)
        load("mimic-iv", MIMIC, engine)
        yield engine
        engine.close()


def test_readmissions(mimic: Engine) -> None:
    # Counted independently of pathgraph, by the same rule.
    rows = rows_of(ask(mimic, "readmissions"))
    assert len(rows) == 27
    assert len({row["patient_id"] for row in rows}) == 17


def test_revolving_door(mimic: Engine) -> None:
    assert ask(mimic, "revolving_door").manifest["n_rows"] == 12


def test_the_findings_agree_with_each_other(mimic: Engine) -> None:
    index = rows_of(ask(mimic, "readmission_index"))
    readmissions = rows_of(ask(mimic, "readmissions"))
    assert sum(row["n_readmissions"] for row in index) == len(readmissions)
    (rate,) = rows_of(ask(mimic, "readmission_rates"))
    assert rate["n_index"] == sum(row["reason"] == "counted" for row in index)
    for by in ("unit", "month", "municipality"):
        parts = rows_of(ask(mimic, "readmission_rates", by=by))
        assert sum(row["n_index"] for row in parts) == rate["n_index"]
        assert sum(row["n_readmitted"] for row in parts) == rate["n_readmitted"]
        assert sum(row["n_expected"] for row in parts) == pytest.approx(rate["n_readmitted"])
    transfers = rows_of(ask(mimic, "transfers"))
    stays_of = {row["patient_id"] for row in index}
    assert sum(row["n_transfers"] for row in transfers) == len(index) - len(stays_of)
