"""``pathgraph demo``: generate a region, load it, and print what the findings say of it."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from pathgraph.cli.asking import Question
from pathgraph.cli.load import load_listing
from pathgraph.cli.options import Format, settings_of
from pathgraph.cli.output import write_listing
from pathgraph.cli.score import write_score
from pathgraph.cli.summary import answer_all
from pathgraph.cli.terminal import say, terminal_progress

__all__ = ["demo_command"]

_DEMO_GRAPH = "ladybug:./pathgraph-demo"
_SEED = 1
_ROWS = 5


def demo_command(
    context: typer.Context,
    graph: Annotated[
        str, typer.Option("--graph", metavar="URL", help="Where to load it.")
    ] = _DEMO_GRAPH,
    mimic_iv: Annotated[
        Path | None,
        typer.Option(
            "--mimic-iv",
            metavar="PATH",
            help="Show the MIMIC-IV demo that lies there instead of generated people.",
        ),
    ] = None,
    patients: Annotated[
        int, typer.Option("--patients", metavar="N", help="Generated people, 1000 or more.")
    ] = 20_000,
) -> None:
    """Load a generated region, score the findings against what it holds, and print them.

    The people do not exist, and no number says anything about a real service.
    """
    if mimic_iv is not None:
        _load(graph, "mimic-iv", mimic_iv)
    else:
        with tempfile.TemporaryDirectory() as folder:
            _generate(Path(folder) / "region", patients)
            _load(graph, "tables", Path(folder) / "region")
            _score(graph, Path(folder) / "region")
    answer_all(settings_of(context), Question(graph=graph, limit=_ROWS))
    say(f"Go on with it: pathgraph find readmissions --graph {graph}")
    say("All findings: pathgraph findings. Your own files: pathgraph load --help")


def _generate(folder: Path, patients: int) -> None:
    from pathgraph.synth.generate import write_region

    # One process: starting another takes longer than drawing some ten thousand lives.
    written = write_region(folder, patients=patients, seed=_SEED, progress=terminal_progress())
    n = sum(written.rows.values())
    say(f"Generated {patients:,} people: {n:,} rows in {written.seconds:.1f} s.")
    say(f"Checksum of all rows: {written.checksum}")


def _load(graph: str, source: str, path: Path) -> None:
    from pathgraph.engine import open_engine
    from pathgraph.ingest.run import load

    with closing(open_engine(graph)) as engine:
        report = load(source, path, engine, progress=terminal_progress())
    write_listing(load_listing(report), Format.TABLE, None)


def _score(graph: str, folder: Path) -> None:
    from pathgraph.door import open_graph

    with open_graph(graph) as opened:
        scored = opened.score(folder, progress=terminal_progress())
    write_score(scored, Format.TABLE, None)
