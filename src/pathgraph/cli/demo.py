"""``pathgraph demo``: load something and print what the findings say of it."""

from __future__ import annotations

import tempfile
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pathgraph.cli.asking import Question
from pathgraph.cli.load import load_listing
from pathgraph.cli.options import Format, settings_of
from pathgraph.cli.output import write_listing
from pathgraph.cli.summary import answer_all
from pathgraph.cli.terminal import say, terminal_progress

if TYPE_CHECKING:
    from pathgraph.ingest.run import LoadReport

__all__ = ["demo_command"]

_DEMO_GRAPH = "ladybug:./pathgraph-demo"
_SEED = 1
_ROWS = 10


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
        int, typer.Option("--patients", min=1, metavar="N", help="Generated people.")
    ] = 2000,
) -> None:
    """Load the MIMIC-IV demo or a small generated region, and print every finding."""
    report = _loaded(graph, mimic_iv, patients)
    write_listing(load_listing(report), Format.TABLE, None)
    question = Question(graph=graph, limit=_ROWS)
    answer_all(settings_of(context), question)
    say(f"Go on with it: pathgraph find readmissions --graph {graph}")
    say("All findings: pathgraph findings. Your own files: pathgraph load --help")


def _loaded(graph: str, mimic_iv: Path | None, patients: int) -> LoadReport:
    from pathgraph.engine import open_engine
    from pathgraph.ingest.run import load
    from pathgraph.synth.small_region import write_small_region

    progress = terminal_progress()
    with closing(open_engine(graph)) as engine:
        if mimic_iv is not None:
            return load("mimic-iv", mimic_iv, engine, progress=progress)
        with tempfile.TemporaryDirectory() as folder:
            write_small_region(Path(folder), patients=patients, seed=_SEED)
            return load("tables", Path(folder), engine, progress=progress)
