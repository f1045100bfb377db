"""Options that several commands share, and how their texts become values."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pathgraph.errors import UsageError
from pathgraph.settings import DEFAULT_GRAPH, Settings

__all__ = [
    "AsOfOption",
    "Format",
    "GraphOption",
    "LimitOption",
    "OptionalFormatOption",
    "OutOption",
    "SuppressOption",
    "parse_pairs",
    "settings_of",
]


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


GraphOption = Annotated[
    str | None,
    typer.Option(
        "--graph",
        metavar="URL",
        help="The graph: ladybug:PATH, neo4j://HOST, neo4j+s://HOST or bolt://HOST. Where it is "
        f"left out, PATHGRAPH_GRAPH; where that is not set, {DEFAULT_GRAPH}.",
    ),
]
OptionalFormatOption = Annotated[
    Format | None,
    typer.Option("--format", help="How the answer is written. Default: as --out ends, else table."),
]
OutOption = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="FILE", help="Write to this file. Its ending may stand for --format."
    ),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="DATE",
        help="Answer as things stood at the end of this day (YYYY-MM-DD). Default: the day of "
        "the last contact.",
    ),
]
LimitOption = Annotated[
    int | None, typer.Option("--limit", min=1, metavar="N", help="At most this many rows.")
]
SuppressOption = Annotated[
    int | None,
    typer.Option(
        "--suppress-below",
        min=0,
        metavar="N",
        help="Hide groups of fewer than N people. Default: PATHGRAPH_SUPPRESS_BELOW, else 5.",
    ),
]


def settings_of(context: typer.Context) -> Settings:
    """Return the settings that the root command read."""
    settings = context.find_object(Settings)
    if settings is None:
        raise RuntimeError("the root command has not run")
    return settings


def parse_pairs(given: Sequence[str] | None, option: str) -> dict[str, str]:
    """Return ``NAME=VALUE`` texts as a mapping.

    Parameters
    ----------
    option
        Name of the option, for the message.

    Raises
    ------
    UsageError
        With every text that is no pair (by its place) and every name that is given twice.

    Examples
    --------
    >>> parse_pairs(["acute=EW EMER.,URGENT", "until=2026-01-31"], "--option")
    {'acute': 'EW EMER.,URGENT', 'until': '2026-01-31'}
    """
    pairs: dict[str, str] = {}
    problems = []
    for place, text in enumerate(given or (), start=1):
        name, sign, value = text.partition("=")
        name = name.strip()
        if not sign or not name:
            problems.append(f"{option} number {place} is not written NAME=VALUE.")
        elif name in pairs:
            problems.append(f"{option} gives '{name}' twice. Leave one out.")
        pairs[name] = value
    if problems:
        raise UsageError(" ".join(problems))
    return pairs
