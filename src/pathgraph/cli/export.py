"""``pathgraph export``: files for other programs."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated

import typer

from pathgraph.cli.load import (
    MapOption,
    MaxRefusedOption,
    OptionsOption,
    PathArgument,
    SourceArgument,
)
from pathgraph.cli.options import parse_pairs
from pathgraph.cli.terminal import terminal_progress
from pathgraph.errors import StorageError

__all__ = ["group"]

group = typer.Typer(no_args_is_help=True, help="Write files for other programs.")


@group.callback()
def _export() -> None:
    """Hold the commands together; without it Typer would take a single one for the whole."""


@group.command("neo4j-import")
def neo4j_import_command(
    source: SourceArgument,
    path: PathArgument,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the files; is made.")
    ],
    map_: MapOption = None,
    option: OptionsOption = None,
    max_refused: MaxRefusedOption = None,
) -> None:
    """Write the files and the command with which neo4j-admin makes a whole graph at once.

    For a first load of millions. Later loads go through pathgraph load and find everything.
    """
    from pathgraph.engine.neo4j_bulk_import import export_for_import
    from pathgraph.engine.snapshots import new_load_id
    from pathgraph.ingest.check import MAX_REFUSED_SHARE
    from pathgraph.ingest.run import prepare

    progress = terminal_progress()
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            f"The folder {out} cannot be made: {error.strerror}. Choose another."
        ) from None
    # The working files lie beside the result, where there is to be room for them.
    with tempfile.TemporaryDirectory(dir=out, prefix=".working-") as scratch:
        tables = prepare(
            source,
            path,
            Path(scratch),
            load_id=new_load_id(),
            quarantine=out / "quarantine",
            options=parse_pairs(option, "--option"),
            mapping_file=map_,
            max_refused_share=MAX_REFUSED_SHARE if max_refused is None else max_refused,
            progress=progress,
        )
        written = export_for_import(tables, out, progress=progress)
    typer.echo(written)
