"""``pathgraph snapshots``: the last loads of a LadybugDB graph, and the way back to one."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pathgraph.cli.options import (
    Format,
    GraphOption,
    OptionalFormatOption,
    OutOption,
    settings_of,
)
from pathgraph.cli.output import Listing, chosen_format, write_listing
from pathgraph.cli.terminal import say
from pathgraph.errors import UsageError

if TYPE_CHECKING:
    from pathgraph.engine.snapshots import Snapshot

__all__ = ["group"]

group = typer.Typer(
    invoke_without_command=True,
    help="List the snapshots that a LadybugDB graph keeps, or go back to one.",
)


@group.callback()
def _snapshots(
    context: typer.Context,
    graph: GraphOption = None,
    format_: OptionalFormatOption = None,
    out: OutOption = None,
) -> None:
    """List the snapshots that a LadybugDB graph keeps, or go back to one."""
    if context.invoked_subcommand is None:
        _list(_place(context, graph), format_, out)


@group.command("list")
def list_command(
    context: typer.Context,
    graph: GraphOption = None,
    format_: OptionalFormatOption = None,
    out: OutOption = None,
) -> None:
    """List them, the one put in service last first."""
    _list(_place(context, graph), format_, out)


@group.command("back")
def back_command(
    context: typer.Context,
    snapshot: Annotated[
        str, typer.Argument(metavar="ID", help="The snapshot to put in service again.")
    ],
    graph: GraphOption = None,
) -> None:
    """Put an older snapshot in service again, in one step and without a restart."""
    from pathgraph.engine.snapshots import go_back

    now = go_back(_place(context, graph), snapshot)
    say(f"In service: {now.load_id}, loaded at {now.loaded_at} from {now.source}.")


def _place(context: typer.Context, graph: str | None) -> Path:
    from pathgraph.engine import open_engine
    from pathgraph.engine.ladybug import LadybugEngine

    parent = context.parent.params.get("graph") if context.parent is not None else None
    url = graph or parent or settings_of(context).graph
    with closing(open_engine(url)) as engine:
        if isinstance(engine, LadybugEngine):
            return engine.place
    raise UsageError(
        "Only a LadybugDB graph (ladybug:PATH) keeps snapshots; Neo4j keeps one graph."
    )


def _list(place: Path, format_: Format | None, out: Path | None) -> None:
    from pathgraph.engine.snapshots import list_snapshots

    chosen = chosen_format(format_, out)
    rows = [_row(snapshot) for snapshot in list_snapshots(place)]
    if chosen is Format.TABLE:
        for row in rows:
            del row["counts"]
    write_listing(Listing("snapshots", f"Snapshots of {place}", rows), chosen, out)


def _row(snapshot: Snapshot) -> dict[str, object]:
    return {
        "id": snapshot.load_id,
        "is_in_service": snapshot.is_in_service,
        "loaded_at": snapshot.loaded_at,
        "source": snapshot.source,
        "n_nodes": snapshot.n_nodes,
        "n_relationships": snapshot.n_relationships,
        "fingerprint": snapshot.fingerprint,
        "counts": dict(snapshot.counts),
    }
