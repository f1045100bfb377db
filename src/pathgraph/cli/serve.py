"""``pathgraph serve``: web pages and API on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from pathgraph.cli.options import settings_of
from pathgraph.cli.terminal import say
from pathgraph.settings import DEFAULT_PORT

__all__ = ["serve_command"]


def serve_command(
    context: typer.Context,
    graph: Annotated[
        str | None, typer.Option("--graph", metavar="URL", help="Which graph to show.")
    ] = None,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; of this machine alone.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, help="Port; 0 takes one that is free.")
    ] = DEFAULT_PORT,
    access_log: Annotated[
        bool,
        typer.Option(
            "--access-log/--no-access-log",
            help="A line for each request on standard error, without pseudonyms or values.",
        ),
    ] = True,
) -> None:
    """Show the graph in a browser, and answer over HTTP.

    The server listens on this machine alone. It picks up new data without a restart. End it with
    Ctrl+C.
    """
    from pathgraph.api.serve import checked_host, listening_on, serve

    settings = settings_of(context)
    listening = listening_on(checked_host(host), port)
    name = f"[{host}]" if ":" in host else host
    say(f"pathgraph answers at http://{name}:{listening.getsockname()[1]}/  End it with Ctrl+C.")
    serve(settings, graph or settings.graph, listening, access_log=access_log)
