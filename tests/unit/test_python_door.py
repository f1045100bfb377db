"""The Python door on a real graph."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

import pathgraph
from pathgraph.door import Graph
from pathgraph.engine import open_engine
from pathgraph.errors import GraphNotReadyError, UsageError
from pathgraph.ingest.run import load
from pathgraph.queries.catalogue import catalogue
from pathgraph.synth.generate import write_region


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("door")
    write_region(folder / "region", patients=1000, seed=5)
    engine = open_engine(f"ladybug:{folder / 'G'}")
    load("tables", folder / "region", engine)
    engine.close()
    return f"ladybug:{folder / 'G'}"


def test_a_finding_comes_as_pandas_polars_and_manifest(url: str) -> None:
    with pathgraph.open(url) as graph:
        result = graph.find("readmissions", max_gap_d=14)
    assert isinstance(result.frame, pd.DataFrame)
    assert isinstance(result.polars, pl.DataFrame)
    assert len(result.frame) == len(result.polars) == result.manifest["n_rows"] > 0
    assert result.manifest["parameters"]["max_gap_d"] == 14
    assert (result.frame["gap_h"] <= 14 * 24).all()
    assert "<table>" in result._repr_html_()


def test_profile_day_limit_and_threshold_are_passed_on(url: str) -> None:
    with pathgraph.open(url) as graph:
        whole = graph.find("readmissions")
        first = graph.find("readmissions", profile="nhs", as_of=date(2025, 3, 1), limit=2)
        assert first.manifest["profile"] == "nhs"
        assert first.manifest["as_of"] == "2025-03-01"
        assert len(first) == 2 < first.manifest["n_rows"] < whole.manifest["n_rows"]
        assert graph.find("readmissions", as_of="2025-03-01").manifest["as_of"] == "2025-03-01"
        hidden = graph.find("transfers", suppress_below=1000)
        assert hidden.manifest["n_suppressed"] == hidden.manifest["n_rows"]
        assert graph.find("transfers", suppress_below=0).manifest["n_suppressed"] == 0


def test_what_does_not_fit_is_a_usage_error(url: str) -> None:
    with pathgraph.open(url) as graph:
        with pytest.raises(UsageError, match="no finding called 'nothing'"):
            graph.find("nothing")
        with pytest.raises(UsageError, match="no parameter called 'colour'"):
            graph.find("readmissions", colour="red")


def test_a_parameter_may_be_called_finding_id(url: str) -> None:
    # The finding's id is positional only, so that no parameter's name is taken from the findings.
    with pathgraph.open(url) as graph, pytest.raises(UsageError, match="no parameter"):
        graph.find("readmissions", finding_id="x")


def test_the_library_and_the_quality_are_frames(url: str) -> None:
    with pathgraph.open(url) as graph:
        findings, quality = graph.findings(), graph.quality()
        assert list(findings["id"]) == list(catalogue())
        assert set(quality.columns) == {"source", "table", "month", "count", "detail", "n"}
        read = quality[quality["count"] == "read"].groupby("table")["n"].sum()
        assert read["patients"] == graph.record.manifest["tables"]["patients"]["read"] == 1000


def test_the_record_says_what_is_loaded(url: str) -> None:
    with pathgraph.open(url) as graph:
        assert graph.record.status == "complete"
        assert graph.record.manifest["source"] == "tables"
        assert repr(graph) == f"<pathgraph graph at {url}>"


def test_a_graph_is_closed_once_the_block_ends(url: str) -> None:
    with pathgraph.open(url) as graph:
        assert isinstance(graph, Graph)
        engine = graph.engine
    assert engine.url == url
    graph.close()


def test_nothing_loaded_is_said(tmp_path: Path) -> None:
    with pathgraph.open(f"ladybug:{tmp_path / 'none'}") as graph:
        for ask in (lambda: graph.record, graph.quality, lambda: graph.find("readmissions")):
            with pytest.raises(GraphNotReadyError, match="pathgraph load"):
                ask()


def test_the_package_says_its_version_without_importing_drivers() -> None:
    script = (
        "import sys, pathgraph; print(pathgraph.__version__); "
        "print([m for m in ('pandas', 'ladybug', 'neo4j', 'duckdb') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={"PYTHONPATH": str(Path(__file__).parents[2] / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines() == [pathgraph.__version__, "[]"]
