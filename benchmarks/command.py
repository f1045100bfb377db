"""``python -m benchmarks``: times load and findings; see ``docs/benchmarks.md``.

The exit code is 0 unless two answers differ (1) or a measurement broke off (2). It never depends on
how long anything took.
"""

from __future__ import annotations

import os
import platform
import tempfile
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks import report
from benchmarks.measure import MeasurementError
from benchmarks.suite import Settings, measure_growth, measure_neo4j, measure_size, to_json
from pathgraph.errors import PathgraphError
from pathgraph.version import VERSION

__all__ = ["app", "main"]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    patients: Annotated[int, typer.Option(min=1000, help="Patients; about 21 contacts each.")] = (
        200_000
    ),
    growth_from: Annotated[
        int,
        typer.Option(
            min=0, help="Patients to measure growth from, at least 1000; 0 leaves it out."
        ),
    ] = 50_000,
    neo4j: Annotated[
        int,
        typer.Option(
            min=0,
            help="Patients to measure on Neo4j too, through the bulk importer; needs Java and "
            "Maven. 0 leaves it out.",
        ),
    ] = 0,
    out: Annotated[Path | None, typer.Option(help="JSON file for everything measured.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed draws other contacts.")] = 1,
    warm: Annotated[int, typer.Option(min=0, help="Runs after the cold one.")] = 5,
    cores: Annotated[int, typer.Option(min=1, help="Processors to use (Linux).")] = 2,
    work: Annotated[
        Path | None, typer.Option(help="Empty folder to keep data and graphs in.")
    ] = None,
) -> None:
    """Time load and findings on generated contacts against DuckDB and pandas."""
    log = Console(stderr=True, highlight=False)
    if 0 < growth_from < 1000 or 0 < neo4j < 1000:
        log.print("--growth-from and --neo4j are 0 or at least 1000.", markup=False)
        raise typer.Exit(2)
    if work is not None and work.exists() and any(work.iterdir()):
        log.print(f"{work} is not empty. Give an empty folder, or none.", markup=False)
        raise typer.Exit(2)
    folder = nullcontext(str(work)) if work else tempfile.TemporaryDirectory(prefix="pathgraph-")
    with folder as name:
        settings = Settings(
            Path(name).resolve(), seed, warm, cores, lambda text: log.print(text, markup=False)
        )
        try:
            measured = _measure(patients, growth_from, neo4j, settings)
        except (MeasurementError, PathgraphError) as error:
            log.print(str(error), markup=False)
            raise typer.Exit(2) from None
    if out is not None:
        out.write_text(to_json(measured), encoding="utf-8")
    _print(measured)
    if any(part["differences"] for part in (*measured["sizes"], *measured["neo4j"])):
        raise typer.Exit(1)


def _measure(patients: int, growth_from: int, neo4j: int, settings: Settings) -> dict[str, Any]:
    wanted = {patients, growth_from if growth_from < patients else patients, neo4j} - {0}
    sizes = {number: measure_size(number, settings) for number in sorted(wanted)}
    grows = 0 < growth_from < patients
    return {
        "machine": _machine(settings),
        "sizes": list(sizes.values()),
        "growth": measure_growth(sizes[growth_from], sizes[patients]) if grows else None,
        "neo4j": [measure_neo4j(neo4j, settings)] if neo4j else [],
    }


def _machine(settings: Settings) -> dict[str, Any]:
    packages = ("pathgraph", "ladybug", "duckdb", "pandas", "pyarrow", "numpy")
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": min(settings.cores, os.cpu_count() or settings.cores),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in packages},
        "seed": settings.seed,
        "n_warm": settings.n_warm,
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return VERSION


def _print(measured: dict[str, Any]) -> None:
    console = report.terminal()
    machine = measured["machine"]
    packages = ", ".join(f"{name} {text}" for name, text in machine["packages"].items())
    console.print(
        f"{machine['system']}, {machine['cores']} processors, Python {machine['python']}, "
        f"{packages}; seed {machine['seed']}, {machine['n_warm']} warm runs",
        highlight=False,
    )
    for size in measured["sizes"]:
        report.print_size(console, size)
    if measured["growth"] is not None:
        report.print_growth(console, measured["growth"])
    for part in measured["neo4j"]:
        report.print_neo4j(console, part)
