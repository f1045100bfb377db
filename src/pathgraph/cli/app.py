"""The command line's root: its commands, and how errors become sentences and exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pathgraph.cli import (
    compare,
    demo,
    export,
    find,
    generate,
    load,
    looking,
    report,
    score,
    serve,
    snapshots,
)
from pathgraph.cli.terminal import say_error, say_fault
from pathgraph.errors import PathgraphError
from pathgraph.settings import read_settings
from pathgraph.version import VERSION

__all__ = ["app", "main"]


class _RootGroup(TyperGroup):
    """Turns pathgraph's errors into a sentence and the exit code of their class."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except PathgraphError as error:
            say_error(error)
            raise typer.Exit(error.exit_code) from None


app = typer.Typer(
    name="pathgraph",
    cls=_RootGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 what was required does not hold, 2 wrong use, 3 files that "
    "cannot be read, 4 data that break a rule, 5 engine failed or out of reach, 6 another load is "
    "writing, 7 nothing loaded, 8 disk, 9 query, 10 table not loaded, 11 not allowed.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(VERSION)
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Cross-level patient pathways and networks as one property graph.

    Lists are candidates for review, never verdicts.
    """
    context.obj = read_settings(os.environ)


app.command("load", cls=load.LoadCommand)(load.load_command)
app.add_typer(find.group, name="find")
app.command("compare")(compare.compare_command)
app.command("score")(score.score_command)
app.command("findings")(looking.findings_command)
app.command("quality")(looking.quality_command)
app.add_typer(snapshots.group, name="snapshots")
app.add_typer(export.group, name="export")
app.add_typer(report.group, name="report")
app.command("model")(looking.model_command)
app.command("version")(looking.version_command)
app.command("serve")(serve.serve_command)
app.command("demo")(demo.demo_command)
app.command("generate")(generate.generate_command)


def main() -> None:
    """Run the command line."""
    if not os.environ.get("PATHGRAPH_TRACEBACK"):
        sys.excepthook = say_fault
    # Calling the Typer object would put its own report of faults in place of ours.
    typer.main.get_command(app)(prog_name="pathgraph")
