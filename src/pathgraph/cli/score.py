"""``pathgraph score``: precision and recall against the answer key of a generated region."""

from __future__ import annotations

import math
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
from pathgraph.cli.terminal import say, terminal_progress

if TYPE_CHECKING:
    from pathgraph.queries.score import Score

__all__ = ["score_command", "share_text", "write_score"]


def score_command(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", help="The generated region that was loaded; it holds answer_key."
        ),
    ],
    graph: GraphOption = None,
    require_perfect: Annotated[
        bool,
        typer.Option(
            "--require-perfect",
            help="Exit with 1 unless every finding found all that is planted and nothing else.",
        ),
    ] = False,
    differences: Annotated[
        Path | None,
        typer.Option(
            "--differences",
            metavar="FILE",
            help="Write the differing rows, with ids, to this file (.csv, .json, .xlsx, .parquet).",
        ),
    ] = None,
    format_: OptionalFormatOption = None,
    out: OutOption = None,
) -> None:
    """Compare what every finding finds, with its defaults, with the region's answer key.

    Counts only, not suppressed: an answer key exists for generated data, which is about nobody.
    Near misses are rows that must not be found. Planted differences in size are looked for where
    the power is high, and do not count for --require-perfect, since chance may hide one.
    Keys in answer_key/later are named and left out.
    """
    from pathgraph.door import open_graph

    chosen = chosen_format(format_, out)
    chosen_differences = chosen_format(None, differences) if differences else None
    with open_graph(graph or settings_of(context).graph) as opened:
        scored = opened.score(folder, progress=terminal_progress())
    write_score(scored, chosen, out)
    if chosen_differences is not None:
        found = Listing("differences", "Differences", scored.differences())
        write_listing(found, chosen_differences, differences)
    if not scored.is_perfect and require_perfect:
        names = ", ".join(s.key.finding.id for s in scored.findings if not s.is_perfect)
        say(f"Not perfect: {names}. --differences FILE writes the rows.")
        raise typer.Exit(1)


def write_score(scored: Score, format_: Format, out: Path | None) -> None:
    """Write the counts of a score; to the screen with the near misses below."""
    head = {
        "data": {"snapshot": scored.record.load_id, "fingerprint": scored.record.fingerprint},
        "is_perfect": scored.is_perfect,
        "note": scored.note,
        "later": list(scored.later),
        "effects": [
            {
                "finding": e.key.finding.id,
                "precision": e.precision,
                "recall": e.recall,
                "rows": [dict(row) for row in e.table],
            }
            for e in scored.effects
        ],
    }
    rows = scored.rows()
    if format_ in (Format.TABLE, Format.CSV):
        rows = [
            {k: share_text(v) if k in ("precision", "recall") else v for k, v in row.items()}
            for row in rows
        ]
    if format_ is not Format.TABLE:
        write_listing(Listing("score", "Score", rows, head), format_, out)
        return
    counts = [{k: v for k, v in row.items() if k != "near_misses"} for row in rows]
    write_listing(Listing("score", "Found against planted", counts), format_, out)
    misses = [{"finding": row["finding"], **m} for row in rows for m in row["near_misses"]]
    if misses and out is None:
        write_listing(Listing("near_misses", "Near misses, not to be found", misses), format_, None)
    seen = [row for effect in scored.effects for row in effect.rows()]
    if seen and out is None:
        title = "Planted differences, looked for where the power is over 0.9"
        write_listing(Listing("effects", title, seen), format_, None)
    if scored.later:
        say(f"Left out, for findings still to come: {', '.join(scored.later)}.")
    say(f"Note: {scored.note}")


def share_text(share: float | None) -> str | None:
    """Return a share to read, cut and not rounded: only what is perfect reads as 1.

    Examples
    --------
    >>> share_text(0.99999), share_text(1.0), share_text(0.5), share_text(None)
    ('0.9999', '1', '0.5', None)
    """
    if share is None:
        return None
    return f"{math.floor(share * 10_000) / 10_000:.4f}".rstrip("0").rstrip(".")
