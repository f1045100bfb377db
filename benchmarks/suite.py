"""What is measured, in order; and what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import measured_work as work
from benchmarks import neo4j_graph, peers_duckdb, peers_pandas
from benchmarks.compare import differences
from benchmarks.measure import Runs, forget_pages, in_child, size_of
from benchmarks.report import ratio

__all__ = ["Settings", "measure_growth", "measure_neo4j", "measure_size", "to_json"]

PANDAS_LINKS_AT_MOST = 250_000
"""Patients; with more, pandas needs more memory for linking than users have."""

COPY_STEP = work.ENGINE_STEPS[0]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run measures.

    Attributes
    ----------
    work
        Folder for everything that is generated and loaded.
    n_warm
        Runs after the cold one.
    say
        Is told what is being measured.
    """

    work: Path
    seed: int
    n_warm: int
    cores: int
    say: Callable[[str], None]


def measure_size(patients: int, settings: Settings) -> dict[str, Any]:
    """Measure load, linking and findings for one number of patients."""
    folder = settings.work / f"{patients}-patients"
    source, place, prepared = folder / "source", folder / "graph", folder / "prepared"
    settings.say(f"{patients:,} patients: generating contacts")
    generated = in_child(
        work.generate, source, patients, settings.seed, settings.cores, cores=settings.cores
    )
    settings.say(f"{patients:,} patients: loading")
    forget_pages(source)
    loaded = in_child(work.load_graph, source, place, cores=settings.cores)
    load = _load_entry(loaded.value, loaded.peak_bytes, source, place)
    in_child(work.write_graph_tables, source, prepared, cores=settings.cores)
    graph = prepared / "graph"
    linking: dict[str, Any] | None = None
    problems: list[str] = []
    if patients <= PANDAS_LINKS_AT_MOST:
        settings.say(f"{patients:,} patients: linking in pandas, to compare")
        linking, problems = _measure_linking(source, graph, folder / "linked", load, settings)
    findings = []
    for finding in _finding_ids():
        settings.say(f"{patients:,} patients: {finding}")
        entry = _measure_finding(finding, place, graph, folder / "answers", settings)
        problems += [f"{finding}: {text}" for text in entry["differences"]]
        findings.append(entry)
    if load["refused"]:
        problems.append(f"load: {load['refused']} rows were refused that the peers count")
    return {
        "patients": patients,
        "contacts": load["tables"]["contacts"]["accepted"],
        "stays": load["stays"],
        "generate": {"seconds": generated.seconds, "peak_bytes": generated.peak_bytes},
        "load": load,
        "linking": linking,
        "findings": findings,
        "differences": problems,
    }


def _load_entry(
    value: dict[str, Any], peak_bytes: int, source: Path, place: Path
) -> dict[str, Any]:
    steps = dict(value["report_steps"])
    engine_s = steps.pop("loading and verifying")
    steps |= value["engine_steps"]
    steps["other"] = max(0.0, value["seconds"] - sum(steps.values()))
    return {
        "seconds": value["seconds"],
        "steps": steps,
        "slowest_step": max(steps, key=lambda name: float(steps[name])),
        "engine_s": engine_s,
        "copy_s": value["engine_steps"][COPY_STEP],
        "whole_over_engine": ratio(value["seconds"], engine_s),
        "whole_over_copy": ratio(value["seconds"], value["engine_steps"][COPY_STEP]),
        "peak_bytes": peak_bytes,
        "source_bytes": size_of(source),
        "graph_bytes": size_of(place / "snapshots"),
        "tables": value["tables"],
        "refused": sum(counts["refused"] for counts in value["tables"].values()),
        "stays": value["stays"],
    }


def _measure_linking(
    source: Path, graph: Path, answers: Path, load: Mapping[str, Any], settings: Settings
) -> tuple[dict[str, Any], list[str]]:
    forget_pages(source)
    theirs = in_child(work.link_in_pandas, source, answers, cores=settings.cores)
    problems = in_child(work.compare_linking, graph, answers, cores=settings.cores).value
    own = load["steps"]["linking"]
    return {
        "pathgraph": {
            "reading_s": load["steps"]["reading"] + load["steps"]["checking"],
            "linking_s": own,
            "peak_bytes": load["peak_bytes"],
        },
        "pandas": {**theirs.value, "peak_bytes": theirs.peak_bytes},
        "ratio": ratio(theirs.value["linking_s"], own),
    }, [f"linking: {text}" for text in problems]


def _finding_ids() -> list[str]:
    """Return the findings and networks that can be asked without being told anything."""
    from pathgraph.queries.catalogue import catalogue, networks

    return sorted(
        finding.id
        for finding in (*catalogue().values(), *networks().values())
        if all(parameter.default is not None for parameter in finding.parameters)
    )


def _measure_finding(
    finding: str, place: Path, graph: Path, answers: Path, settings: Settings
) -> dict[str, Any]:
    answers.mkdir(exist_ok=True)
    file = answers / f"{finding}.pathgraph.parquet"
    forget_pages(place)
    own = in_child(work.ask_pathgraph, finding, place, file, settings.n_warm, cores=settings.cores)
    question, runs, n_rows = own.value
    entry: dict[str, Any] = {
        "finding": finding,
        "n_rows": n_rows,
        "pathgraph": _runs_entry(runs, own.peak_bytes),
        "ratios": {},
        "differences": [],
        "parameters": question.parameters,
    }
    for name, answers_of in (("duckdb", peers_duckdb.ANSWERS), ("pandas", peers_pandas.ANSWERS)):
        if finding not in answers_of:
            continue
        theirs_file = answers / f"{finding}.{name}.parquet"
        forget_pages(graph)
        theirs = in_child(
            work.ask_peer, name, question, graph, theirs_file, settings.n_warm, settings.cores,
            cores=settings.cores,
        )  # fmt: skip
        entry[name] = _runs_entry(theirs.value, theirs.peak_bytes)
        entry["ratios"][name] = ratio(entry[name]["median_s"], entry["pathgraph"]["median_s"])
        theirs_rows = pd.read_parquet(theirs_file)
        is_whole = finding not in peers_duckdb.IN_PART
        ours = pd.read_parquet(file, columns=None if is_whole else list(theirs_rows.columns))
        found = differences(ours, theirs_rows, key=question.key)
        entry["differences"] += [f"{name}: {text}" for text in found]
    return entry


def _runs_entry(runs: Runs, peak_bytes: int) -> dict[str, Any]:
    return {
        **asdict(runs),
        "minimum_s": runs.minimum_s,
        "median_s": runs.median_s,
        "peak_bytes": peak_bytes,
    }


def measure_neo4j(patients: int, settings: Settings) -> dict[str, Any]:
    """Load the source of a size measured before into Neo4j, ask everything, compare the answers."""
    from tests import neo4j_server

    folder = settings.work / f"{patients}-patients"
    source, scratch, out = folder / "source", folder / "neo4j-scratch", folder / "neo4j-import"
    settings.say(f"{patients:,} patients: writing the files for Neo4j's importer")
    exported = in_child(neo4j_graph.export, source, scratch, out, cores=settings.cores)
    home = neo4j_server.new_home(folder / "neo4j-home")
    settings.say(f"{patients:,} patients: importing into Neo4j")
    import_s = neo4j_graph.write_database(exported.value["script"], home)
    findings, problems = [], []
    with neo4j_graph.serve(home) as url:
        for finding in _finding_ids():
            settings.say(f"{patients:,} patients on Neo4j: {finding}")
            entry, differing = _measure_on_neo4j(finding, url, folder / "answers", settings)
            findings.append(entry)
            problems += differing
    return {
        "patients": patients,
        "preparing_s": exported.value["preparing_s"],
        "writing_s": exported.value["writing_s"],
        "import_s": import_s,
        "database_bytes": size_of(home / "data" / "databases"),
        "findings": findings,
        "differences": problems,
    }


def _measure_on_neo4j(
    finding: str, url: str, answers: Path, settings: Settings
) -> tuple[dict[str, Any], list[str]]:
    from pathgraph.queries.catalogue import find_finding

    file = answers / f"{finding}.neo4j.parquet"
    own = in_child(neo4j_graph.ask, finding, url, file, settings.n_warm, cores=settings.cores)
    runs, n_rows = own.value
    differing = differences(
        pd.read_parquet(answers / f"{finding}.pathgraph.parquet"),
        pd.read_parquet(file),
        key=find_finding(finding).key,
    )
    entry = {"finding": finding, "n_rows": n_rows, "neo4j": _runs_entry(runs, own.peak_bytes)}
    return entry, [f"{finding} on Neo4j: {text}" for text in differing]


def measure_growth(small: Mapping[str, Any], large: Mapping[str, Any]) -> dict[str, Any]:
    """Return by how much time and memory grow from one size to the other."""
    rows = [_growth_row("load", small["load"], large["load"], "seconds")]
    earlier = {entry["finding"]: entry["pathgraph"] for entry in small["findings"]}
    for entry in large["findings"]:
        before, after = earlier[entry["finding"]], entry["pathgraph"]
        rows.append(_growth_row(entry["finding"], before, after, "median_s"))
    return {
        "from": small["patients"],
        "to": large["patients"],
        "factor": large["contacts"] / small["contacts"],
        "rows": rows,
    }


def _growth_row(
    what: str, before: Mapping[str, Any], after: Mapping[str, Any], seconds: str
) -> dict[str, Any]:
    return {
        "what": what,
        "seconds": [before[seconds], after[seconds]],
        "time_factor": ratio(after[seconds], before[seconds]),
        "peak_bytes": [before["peak_bytes"], after["peak_bytes"]],
        "memory_factor": ratio(after["peak_bytes"], before["peak_bytes"]),
    }


def to_json(report: Mapping[str, Any]) -> str:
    """Return the report as JSON text."""
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"
