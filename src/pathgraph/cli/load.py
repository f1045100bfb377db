"""``pathgraph load``: files into a graph.

Readers and drivers take a second to import. The modules of the command line import them when a
command runs, so that help and completion do not wait.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from typer.core import TyperCommand

from pathgraph.cli.options import (
    GraphOption,
    OptionalFormatOption,
    OutOption,
    parse_pairs,
    settings_of,
)
from pathgraph.cli.output import Listing, chosen_format, write_listing
from pathgraph.cli.terminal import say, terminal_progress

if TYPE_CHECKING:
    from pathgraph.ingest.run import LoadReport

__all__ = [
    "LoadCommand",
    "MapOption",
    "MaxRefusedOption",
    "OptionsOption",
    "PathArgument",
    "SourceArgument",
    "load_command",
    "load_listing",
]


def _complete_source(incomplete: str) -> list[str]:
    from pathgraph.ingest.sources import source_names

    return [name for name in source_names() if name.startswith(incomplete)]


SourceArgument = Annotated[
    str,
    typer.Argument(
        metavar="SOURCE", help="What sort of files they are.", autocompletion=_complete_source
    ),
]
PathArgument = Annotated[Path, typer.Argument(metavar="PATH", help="The folder that holds them.")]
MapOption = Annotated[
    Path | None,
    typer.Option(
        "--map", metavar="FILE", help="YAML file that renames columns and codes (source tables)."
    ),
]
OptionsOption = Annotated[
    list[str] | None,
    typer.Option("--option", metavar="NAME=VALUE", help="A load option; may be repeated."),
]
MaxRefusedOption = Annotated[
    float | None,
    typer.Option(
        "--max-refused",
        min=0.0,
        max=1.0,
        metavar="SHARE",
        help="Stop when a larger share of a table's rows is refused. Default: 0.01.",
    ),
]


class LoadCommand(TyperCommand):
    """Lists the sources and their options below the help."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help; the sources are imported only now."""
        self.epilog = escape("\n\n".join(source_lines()))
        super().format_help(ctx, formatter)


def source_lines() -> list[str]:
    """Return one line a source and one an option, general options last.

    Examples
    --------
    >>> any(line.startswith("Source tables: ") for line in source_lines())
    True
    """
    from pathgraph.ingest.run import LOAD_OPTIONS
    from pathgraph.ingest.sources import find_source, source_names

    sources = [find_source(name) for name in source_names()]
    lines = []
    for source in sources:
        lines.append(f"Source {source.name}: {source.sentence}")
        lines += [_option_line(option, f" of {source.name}") for option in source.options]
    # What every source says for itself need not be said again for all.
    own = set.intersection(*({option.name for option in source.options} for source in sources))
    return lines + [_option_line(option, "") for option in LOAD_OPTIONS if option.name not in own]


def _option_line(option: Any, of: str) -> str:
    default = "" if option.default is None else f" Default: {option.default}."
    return f"Option {option.name}{of}: {option.sentence}{default}"


def load_command(
    context: typer.Context,
    source: SourceArgument,
    path: PathArgument,
    graph: GraphOption = None,
    map_: MapOption = None,
    option: OptionsOption = None,
    max_refused: MaxRefusedOption = None,
    format_: OptionalFormatOption = None,
    out: OutOption = None,
) -> None:
    """Read, check, link and load files into a graph.

    What was served before is served until the new graph is complete and verified.
    """
    from pathgraph.engine import open_engine
    from pathgraph.ingest.check import MAX_REFUSED_SHARE
    from pathgraph.ingest.run import load

    chosen = chosen_format(format_, out)
    options = parse_pairs(option, "--option")
    with closing(open_engine(graph or settings_of(context).graph)) as engine:
        report = load(
            source,
            path,
            engine,
            options=options,
            mapping_file=map_,
            max_refused_share=MAX_REFUSED_SHARE if max_refused is None else max_refused,
            progress=terminal_progress(),
        )
    write_listing(load_listing(report), chosen, out)
    for line in _afterwards(report):
        say(line)


def load_listing(report: LoadReport) -> Listing:
    """Return the summary of a load: one row a table that was given."""
    head: Mapping[str, object] = {
        "load_id": report.record.load_id,
        "fingerprint": report.record.fingerprint,
        "source": report.record.manifest.get("source"),
        "counts": dict(report.counts),
        "seconds": dict(report.seconds),
        "quarantine_file": None if report.quarantine_file is None else str(report.quarantine_file),
        "notes": list(report.record.manifest.get("notes", ())),
    }
    rows = [{"table": name, **counts} for name, counts in report.tables.items()]
    return Listing("tables", f"Load {report.record.load_id}", rows, head)


def _afterwards(report: LoadReport) -> list[str]:
    done = ", ".join(f"{n:,} {what.replace('_', ' ')}" for what, n in report.counts.items())
    lines = [f"In service: {done}, in {sum(report.seconds.values()):.1f} s."]
    if report.quarantine_file is not None:
        lines.append(f"Refused rows, with reason, file and row: {report.quarantine_file}")
    return lines + [f"Note: {note}" for note in report.record.manifest.get("notes", ())]
