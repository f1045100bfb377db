"""What a run measured, as tables: with lines and colours on a terminal, as plain text elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

__all__ = ["print_growth", "print_neo4j", "print_size", "ratio", "terminal"]

PLAIN_WIDTH = 132
DOORS = ("pathgraph", "duckdb", "pandas")


def ratio(over: float | None, under: float | None) -> float | None:
    """Return ``over / under``, or nothing where one of them was not measured.

    Examples
    --------
    >>> ratio(3.0, 2.0)
    1.5
    >>> ratio(None, 2.0) is None
    True
    """
    return None if over is None or not under else over / under


def _table(console: Console, title: str, columns: Sequence[str]) -> Table:
    """Print the title and return an empty table; a title of the table's own would be cut."""
    console.print(f"\n{title}", style="bold", highlight=False, soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD if console.is_terminal else None, pad_edge=False)
    for number, name in enumerate(columns):
        table.add_column(name, justify="left" if number == 0 else "right", no_wrap=number == 0)
    return table


def _seconds(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if value < 10 else f"{value:.1f}"


def _times(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}x"


def _megabytes(value: float | None) -> str:
    return "-" if value is None else f"{value / 1e6:,.0f}"


def print_size(console: Console, size: dict[str, Any]) -> None:
    """Print what was measured for one number of patients."""
    console.print(
        f"\n{size['patients']:,} patients, {size['contacts']:,} contacts, "
        f"{size['stays']:,} stays (generated in {_seconds(size['generate']['seconds'])} s)",
        highlight=False,
        soft_wrap=True,
    )
    _print_load(console, size["load"])
    if size["linking"] is not None:
        _print_linking(console, size["linking"])
    _print_findings(console, size["findings"])
    for problem in size["differences"]:
        console.print(f"DIFFERENT: {problem}", style="bold red", markup=False)
    if not size["differences"]:
        console.print("All answers are the same, row by row.", highlight=False)


def _print_load(console: Console, load: dict[str, Any]) -> None:
    table = _table(console, "Load", ("step", "s", "share"))
    for step, seconds in load["steps"].items():
        table.add_row(step, _seconds(seconds), f"{seconds / load['seconds']:.0%}")
    table.add_row("whole load", _seconds(load["seconds"]), "100%")
    console.print(table)
    console.print(
        f"Slowest step of the load: {load['slowest_step']}.\n"
        f"The engine's own time (writing, verifying, putting in service): "
        f"{_seconds(load['engine_s'])} s; of it writing alone: {_seconds(load['copy_s'])} s.\n"
        f"Whole load / engine: {_times(load['whole_over_engine'])} (guide: at most 2.5x); "
        f"whole load / writing alone: {_times(load['whole_over_copy'])}.\n"
        f"Peak memory: {_megabytes(load['peak_bytes'])} MB. On disk: source "
        f"{_megabytes(load['source_bytes'])} MB, graph {_megabytes(load['graph_bytes'])} MB.",
        highlight=False,
        soft_wrap=True,
    )


def _print_linking(console: Console, linking: dict[str, Any]) -> None:
    table = _table(console, "Linking", ("by", "reading s", "linking s", "peak MB"))
    for door in ("pathgraph", "pandas"):
        entry = linking[door]
        table.add_row(
            door,
            _seconds(entry["reading_s"]),
            _seconds(entry["linking_s"]),
            _megabytes(entry["peak_bytes"]),
        )
    console.print(table)
    console.print(
        f"pandas / pathgraph: {_times(linking['ratio'])}, for stays and next contacts; pathgraph "
        "derives runs, units, residence, follow-up and coverage in the same step.",
        highlight=False,
        soft_wrap=True,
    )


def _print_findings(console: Console, findings: list[dict[str, Any]]) -> None:
    table = _table(
        console,
        "Findings (s; warm: median, for pathgraph also the minimum)",
        (
            "finding", "rows", "cold", "min", "warm", "DuckDB cold", "DuckDB warm", "pandas cold",
            "pandas warm", "DuckDB/pg", "pandas/pg",
        ),
    )  # fmt: skip
    for finding in findings:
        doors = [finding.get(door) or {} for door in DOORS]
        own, duck, pandas = doors
        table.add_row(
            finding["finding"],
            f"{finding['n_rows']:,}",
            *(_seconds(own.get(name)) for name in ("cold_s", "minimum_s", "median_s")),
            *(_seconds(door.get(n)) for door in (duck, pandas) for n in ("cold_s", "median_s")),
            *(_times(finding["ratios"].get(door)) for door in DOORS[1:]),
        )
    console.print(table)
    memory = _table(
        console, "Peak memory of a finding (MB, libraries included)", ("finding", *DOORS)
    )
    for finding in findings:
        peaks = ((finding.get(door) or {}).get("peak_bytes") for door in DOORS)
        memory.add_row(finding["finding"], *(_megabytes(peak) for peak in peaks))
    console.print(memory)
    slowest = max(findings, key=lambda finding: float(finding["pathgraph"]["median_s"]))
    console.print(
        f"Slowest finding: {slowest['finding']}, "
        f"{_seconds(slowest['pathgraph']['median_s'])} s warm (guide: at most 1 s at 200,000 "
        "patients, 4 s at a million).",
        highlight=False,
        soft_wrap=True,
    )


def print_neo4j(console: Console, part: dict[str, Any]) -> None:
    """Print what was measured on Neo4j."""
    table = _table(
        console,
        f"Neo4j, {part['patients']:,} patients through the bulk importer",
        ("finding", "rows", "cold s", "min s", "warm s"),
    )
    for finding in part["findings"]:
        runs = finding["neo4j"]
        times = (_seconds(runs[name]) for name in ("cold_s", "minimum_s", "median_s"))
        table.add_row(finding["finding"], f"{finding['n_rows']:,}", *times)
    console.print(table)
    console.print(
        f"Reading, checking and linking {_seconds(part['preparing_s'])} s, writing the importer's "
        f"files {_seconds(part['writing_s'])} s, importing {_seconds(part['import_s'])} s; "
        f"{_megabytes(part['database_bytes'])} MB on disk.",
        highlight=False,
        soft_wrap=True,
    )
    for problem in part["differences"]:
        console.print(f"DIFFERENT: {problem}", style="bold red", markup=False)
    if not part["differences"]:
        console.print("All answers are those of LadybugDB, row by row.", highlight=False)


def print_growth(console: Console, growth: dict[str, Any]) -> None:
    """Print by how much time and memory grow with the data."""
    table = _table(
        console,
        f"Growth from {growth['from']:,} to {growth['to']:,} patients "
        f"({growth['factor']:.2f} times the contacts)",
        ("what", "s before", "s after", "time", "MB before", "MB after", "memory"),
    )
    for row in growth["rows"]:
        table.add_row(
            row["what"],
            *(_seconds(value) for value in row["seconds"]),
            _times(row["time_factor"]),
            *(_megabytes(value) for value in row["peak_bytes"]),
            _times(row["memory_factor"]),
        )
    console.print(table)


def terminal() -> Console:
    """Return where the tables go; elsewhere than on a terminal lines are not cut at 80 signs."""
    console = Console()
    return console if console.is_terminal else Console(width=PLAIN_WIDTH)
