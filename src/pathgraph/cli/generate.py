"""``pathgraph generate``: a region of people who do not exist, with an answer key."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pathgraph.cli.options import OptionalFormatOption, OutOption
from pathgraph.cli.output import Listing, chosen_format, write_listing
from pathgraph.cli.terminal import say, terminal_progress

if TYPE_CHECKING:
    from pathgraph.synth.generate import Report

__all__ = ["generate_command"]


def generate_command(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="OUT", help="The folder to write; an earlier generated region is replaced."
        ),
    ],
    patients: Annotated[
        int, typer.Option("--patients", metavar="N", help="Number of people, 1000 or more.")
    ] = 10_000,
    seed: Annotated[
        int, typer.Option("--seed", metavar="S", help="The same seed gives the same rows.")
    ] = 1,
    years: Annotated[
        int, typer.Option("--years", metavar="Y", help="Years up to the end of 2025, 2 to 10.")
    ] = 3,
    processes: Annotated[
        int | None,
        typer.Option("--processes", metavar="N", help="Default: one for each processor."),
    ] = None,
    report: Annotated[
        bool,
        typer.Option("--report", help="Print how the region compares with published figures."),
    ] = False,
    format_: OptionalFormatOption = None,
    out: OutOption = None,
) -> None:
    """Generate a region: tables to load, and what the findings must find in them.

    The people do not exist, and no number says anything about a real service.
    """
    from pathgraph.synth.generate import write_region

    chosen = chosen_format(format_, out)
    written = write_region(
        folder,
        patients=patients,
        seed=seed,
        years=years,
        processes=os.cpu_count() or 1 if processes is None else processes,
        progress=terminal_progress(),
    )
    write_listing(_calibration(written) if report else _tables(written), chosen, out)
    n = sum(written.rows.values())
    say(
        f"Written to {folder}: {n:,} rows in {written.seconds:.1f} s "
        f"({n / written.seconds:,.0f} a second)."
    )
    say(f"Checksum of all rows: {written.checksum}")
    say(f"Load it: pathgraph load tables {folder}")


def _head(report: Report) -> dict[str, object]:
    return {"checksum": report.checksum, "seconds": round(report.seconds, 1)}


def _tables(report: Report) -> Listing:
    rows = [{"table": name, "rows": n} for name, n in report.rows.items()]
    return Listing("tables", "Tables", rows, _head(report))


def _calibration(report: Report) -> Listing:
    rows = [
        {
            "measure": line.measure,
            "unit": line.unit,
            "published": line.published,
            "generated": line.generated,
            "source": line.source,
        }
        for line in report.calibration
    ]
    return Listing("calibration", "Calibration", rows, _head(report))
