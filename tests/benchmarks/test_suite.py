"""The peers give pathgraph's answers, and a run says so, or says what differs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from benchmarks import (
    command,
    linking_pandas,
    peers_duckdb,
    peers_pandas,
    report,
)
from benchmarks.compare import differences
from benchmarks.measured_work import ask_pathgraph, ask_peer, load_graph, write_graph_tables
from benchmarks.question import Question
from benchmarks.suite import measure_growth
from pathgraph.engine import Engine, open_engine
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.plan import make_plan
from pathgraph.queries.run import run
from pathgraph.synth.generate import write_region

ROOT = Path(__file__).parents[2]
FINDINGS = (
    "before_the_return",
    "both_kinds_of_care",
    "bouncing",
    "child_to_adult",
    "coordination_need",
    "eligible_patients",
    "emergency_returns",
    "follow_up_after_discharge",
    "missing_contact_physician",
    "missing_coordinator",
    "missing_individual_plan",
    "municipality_units",
    "no_follow_up_after_discharge",
    "readmission_index",
    "readmission_rates",
    "readmissions",
    "referral_network",
    "revolving_door",
    "shared_patients",
    "transfers",
    "unit_moves",
    "unit_transfers",
)


@dataclass(frozen=True)
class Loaded:
    source: Path
    graph: Path
    place: Path
    engine: Engine


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    folder = tmp_path_factory.mktemp("benchmark")
    write_region(folder / "source", patients=4000, seed=5)
    report = load_graph(folder / "source", folder / "place")
    assert all(counts["refused"] == 0 for counts in report["tables"].values())
    write_graph_tables(folder / "source", folder / "prepared")
    engine = open_engine(f"ladybug:{folder / 'place'}")
    yield Loaded(folder / "source", folder / "prepared" / "graph", folder / "place", engine)
    engine.close()


def question(loaded: Loaded, finding: str) -> Question:
    plan = make_plan(loaded.engine, find_finding(finding))
    return Question.of(plan.finding, {**plan.parameters, **plan.implicit})


@pytest.mark.parametrize("peer", ["duckdb", "pandas"])
@pytest.mark.parametrize("finding", FINDINGS)
def test_a_peer_gives_the_rows_that_pathgraph_gives(
    loaded: Loaded, finding: str, peer: str, tmp_path: Path
) -> None:
    ours = run(loaded.engine, finding, suppress_below=0).table.to_pandas()
    asked = question(loaded, finding)
    runs = ask_peer(peer, asked, loaded.graph, tmp_path / "answer.parquet", 1, 2)
    theirs = pd.read_parquet(tmp_path / "answer.parquet")
    assert len(ours) > 0
    if finding in peers_duckdb.IN_PART:
        ours = ours[theirs.columns]
    assert differences(ours, theirs, key=asked.key) == []
    assert runs.cold_s > 0
    assert len(runs.warm_s) == 1


def test_every_peer_answers_the_same_findings() -> None:
    assert set(peers_duckdb.ANSWERS) == set(peers_pandas.ANSWERS) == set(FINDINGS)


def test_peers_follow_the_parameters_that_are_numbers(loaded: Loaded) -> None:
    asked = question(loaded, "readmissions")
    short = Question(asked.finding, {**asked.parameters, "max_gap_d": 7}, asked.columns, asked.key)
    ours = run(loaded.engine, "readmissions", {"max_gap_d": 7}).table.to_pandas()
    whole = run(loaded.engine, "readmissions").table
    assert 0 < len(ours) < whole.num_rows
    for answer in (
        peers_duckdb.prepare(short, loaded.graph, threads=1),
        peers_pandas.prepare(short, loaded.graph),
    ):
        assert differences(ours, answer(), key=asked.key) == []


def test_what_is_compared_is_not_suppressed(loaded: Loaded, tmp_path: Path) -> None:
    _, _, n_rows = ask_pathgraph("transfers", loaded.place, tmp_path / "answer.parquet", 0)
    answer = pq.read_table(tmp_path / "answer.parquet")
    assert answer.num_rows == n_rows
    assert answer.column("n_patients").null_count == 0
    assert min(answer.column("n_patients").to_pylist()) < 5


def test_linking_in_pandas_comes_to_the_same_stays_and_next_contacts(
    loaded: Loaded, tmp_path: Path
) -> None:
    linked = linking_pandas.link(linking_pandas.read(loaded.source))
    assert len(linked["stays"]) > 500
    linking_pandas.write(linked, tmp_path / "same")
    assert linking_pandas.compare_linking(loaded.graph, tmp_path / "same") == []
    stays = linked["stays"].copy()
    stays.loc[stays.index[7], "started_s"] += 60
    linking_pandas.write({**linked, "stays": stays}, tmp_path / "other")
    assert linking_pandas.compare_linking(loaded.graph, tmp_path / "other") == [
        f"stays: column started_s differs in 1 of {len(stays)} rows"
    ]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """One real run of the command in a process of its own."""
    folder = tmp_path_factory.mktemp("run")
    done = subprocess.run(
        [
            sys.executable, "-m", "benchmarks", "--patients", "1500", "--growth-from", "0",
            "--warm", "1", "--out", str(folder / "report.json"),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    content: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return {**content, "printed": done.stdout}


def test_a_run_measures_load_linking_and_every_finding(measured: dict[str, Any]) -> None:
    (size,) = measured["sizes"]
    assert size["patients"] == 1500
    assert size["differences"] == []
    load = size["load"]
    assert set(load["steps"]) >= {"reading", "checking", "linking", "writing the graph"}
    assert sum(load["steps"].values()) == pytest.approx(load["seconds"], rel=0.05)
    assert load["slowest_step"] in load["steps"]
    assert load["copy_s"] < load["engine_s"] < load["seconds"]
    assert load["whole_over_engine"] == pytest.approx(load["seconds"] / load["engine_s"])
    assert load["graph_bytes"] > load["source_bytes"] > 0
    assert size["linking"]["pandas"]["linking_s"] > 0
    assert {entry["finding"] for entry in size["findings"]} >= set(FINDINGS)
    for entry in size["findings"]:
        if entry["finding"] in FINDINGS:
            for door in report.DOORS:
                assert entry[door]["peak_bytes"] > 10**7
                assert 0 < entry[door]["minimum_s"] <= entry[door]["median_s"]
            assert set(entry["ratios"]) == {"duckdb", "pandas"}


def test_away_from_a_terminal_the_report_is_plain_text(measured: dict[str, Any]) -> None:
    printed = measured["printed"]
    assert "\x1b" not in printed
    assert printed.isascii()
    assert "Slowest step of the load:" in printed
    assert "Slowest finding:" in printed
    assert "All answers are the same, row by row." in printed
    assert "pandas/pg" in printed


def test_a_difference_is_printed_and_ends_the_command_with_1(
    measured: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    size = {**measured["sizes"][0], "differences": ["readmissions: pandas: 3 rows against 2"]}
    monkeypatch.setattr(command, "measure_size", lambda patients, settings: size)
    result = CliRunner().invoke(command.app, ["--patients", "1500", "--growth-from", "0"])
    assert result.exit_code == 1
    assert "DIFFERENT: readmissions: pandas: 3 rows against 2" in result.stdout
    assert "All answers are the same" not in result.stdout


def test_growth_compares_two_sizes(measured: dict[str, Any]) -> None:
    small = measured["sizes"][0]
    large = json.loads(json.dumps(small))
    large["patients"], large["contacts"] = 6000, 4 * small["contacts"]
    large["load"]["seconds"] = 3 * small["load"]["seconds"]
    growth = measure_growth(small, large)
    assert growth["factor"] == 4
    load, *findings = growth["rows"]
    assert load["what"] == "load"
    assert load["time_factor"] == pytest.approx(3)
    assert all(row["time_factor"] == pytest.approx(1) for row in findings)
    console = Console(width=report.PLAIN_WIDTH, file=StringIO())
    report.print_growth(console, growth)
    assert isinstance(console.file, StringIO)
    text = console.file.getvalue()
    assert "Growth from 1,500 to 6,000 patients (4.00 times the contacts)" in text
    assert "3.00x" in text


@pytest.mark.parametrize(
    "arguments",
    [["--patients", "999"], ["--patients", "2000", "--growth-from", "10"], ["--warm", "-1"]],
)
def test_arguments_that_do_not_fit_are_refused(arguments: list[str]) -> None:
    assert CliRunner().invoke(command.app, arguments).exit_code == 2


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("keep", encoding="utf-8")
    result = CliRunner().invoke(command.app, ["--work", str(tmp_path)])
    assert result.exit_code == 2
    # The message is wrapped to the terminal, wherever the folder's name leaves room.
    assert "is not empty" in " ".join(result.stderr.replace("│", " ").split())
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]
