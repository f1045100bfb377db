"""``pathgraph compare``: one finding on two days."""

from __future__ import annotations

from typing import Annotated

import typer

from pathgraph.cli.asking import TABLE_ROWS, Question, opened
from pathgraph.cli.options import (
    Format,
    GraphOption,
    LimitOption,
    OptionalFormatOption,
    OutOption,
    SuppressOption,
    parse_pairs,
    settings_of,
)
from pathgraph.cli.output import chosen_format, write_result
from pathgraph.queries.catalogue import catalogue

__all__ = ["compare_command"]


def _findings(incomplete: str) -> list[str]:
    return [id_ for id_ in catalogue() if id_.startswith(incomplete)]


def compare_command(
    context: typer.Context,
    finding: Annotated[
        str, typer.Argument(metavar="FINDING", help="Its id.", autocompletion=_findings)
    ],
    from_: Annotated[
        str, typer.Option("--from", metavar="DATE", help="The earlier day (YYYY-MM-DD).")
    ],
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="DATE", help="The later day. Default: the day of the last contact."
        ),
    ] = None,
    graph: GraphOption = None,
    profile: Annotated[
        str | None,
        typer.Option("--profile", metavar="NAME", help="A named set of parameter values."),
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", metavar="NAME=VALUE", help="A parameter by its name; may be repeated."
        ),
    ] = None,
    checks: Annotated[
        int,
        typer.Option(
            "--checks",
            metavar="N",
            help="Look on this many earlier days, as far apart as the two, whether what is new "
            "was there before. Own proposal: 3.",
        ),
    ] = 3,
    format_: OptionalFormatOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    suppress_below: SuppressOption = None,
    timeout: Annotated[
        float | None,
        typer.Option("--timeout", min=0.1, metavar="SECONDS", help="Give up after this time."),
    ] = None,
) -> None:
    """Say what became of a finding's rows: new, still open, resolved, reopened.

    Rows that are not about one patient show the measures of both days.
    """
    from pathgraph.queries.compare import compare

    settings = settings_of(context)
    chosen = chosen_format(format_, out)
    on_screen = chosen is Format.TABLE and out is None
    with opened(settings, Question(graph=graph)) as engine:
        result = compare(
            engine,
            finding,
            parse_pairs(param, "--param"),
            from_day=from_,
            to_day=to,
            profile=profile,
            checks=checks,
            suppress_below=settings.suppress_below if suppress_below is None else suppress_below,
            limit=limit or (TABLE_ROWS if on_screen else None),
            timeout_s=timeout,
        )
    write_result(result, chosen, out)
