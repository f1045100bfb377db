"""``pathgraph demo``: generate a region, load it, and print what the findings say of it."""

from __future__ import annotations

import sys
import tempfile
import webbrowser
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
from pathgraph.settings import Settings

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
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes one that is free.")
    ] = 0,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, and open no browser.")
    ] = False,
) -> None:
    """Load a generated region, score the findings against what it holds, and show the pages.

    At a terminal it serves the pages until Ctrl+C, and opens them in a browser. Without one it
    opens every page once, says how that went, and ends.

    The people do not exist, and no number says anything about a real service.
    """
    if mimic_iv is not None:
        _load(graph, "mimic-iv", mimic_iv)
    else:
        with tempfile.TemporaryDirectory() as folder:
            _generate(Path(folder) / "region", patients)
            _load(graph, "tables", Path(folder) / "region")
            _score(graph, Path(folder) / "region")
    settings = settings_of(context)
    answer_all(settings, Question(graph=graph, limit=_ROWS))
    say(f"Go on with it: pathgraph find readmissions --graph {graph}")
    say("All findings: pathgraph findings. Your own files: pathgraph load --help")
    if sys.stdout.isatty():
        _show(settings, graph, port, open_browser=not no_browser)
    else:
        _check_pages(settings, graph)


def _show(settings: Settings, graph: str, port: int, *, open_browser: bool) -> None:
    from pathgraph.api.serve import listening_on, serve

    listening = listening_on("127.0.0.1", port)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    say(f"The pages are at {address}  End with Ctrl+C.")
    if open_browser:
        # It waits until the server, which listens already, answers.
        webbrowser.open(address)
    serve(settings, graph, listening)


def _check_pages(settings: Settings, graph: str) -> None:
    """Open every page once.

    Raises
    ------
    typer.Exit
        When a page does not come.
    """
    from pathgraph.api.serve import serving_beside
    from pathgraph.api.walk import walk

    with serving_beside(settings, graph) as address:
        visited = list(walk(address))
    failed = [page for page in visited if not page.is_well]
    for page in failed:
        say(f"{page.path}: {page.status or 'no answer'}")
    seconds = sum(page.seconds for page in visited)
    slowest = max(visited, key=lambda page: page.seconds)
    say(
        f"{len(visited)} pages opened once each, {len(failed)} of them failed; {seconds:.1f} s in "
        f"all, the slowest {slowest.path} in {slowest.seconds:.2f} s."
    )
    if failed:
        raise typer.Exit(1)


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
