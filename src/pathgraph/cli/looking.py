"""Commands that only look: the library, what was loaded, the model, the version."""

from __future__ import annotations

import platform
from collections import Counter
from importlib.metadata import version
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
from pathgraph.model.schema import MODEL_VERSION, NODES, RELATIONSHIPS
from pathgraph.version import VERSION

if TYPE_CHECKING:
    from pathgraph.engine.base import LoadRecord

__all__ = ["findings_command", "model_command", "quality_command", "version_command"]


def findings_command(format_: OptionalFormatOption = None, out: OutOption = None) -> None:
    """List the library: every finding with its question."""
    from pathgraph.door import findings_rows

    chosen = chosen_format(format_, out)
    rows = findings_rows()
    if chosen is Format.TABLE:
        rows = [{name: row[name] for name in ("id", "question", "profiles")} for row in rows]
    write_listing(Listing("findings", "Findings", rows), chosen, out)
    if chosen is Format.TABLE and out is None:
        say("One of them: pathgraph find ID. Its parameters: pathgraph find ID --help.")


def quality_command(
    context: typer.Context,
    graph: GraphOption = None,
    by_month: Annotated[
        bool, typer.Option("--by-month", help="A table by month too; files always are.")
    ] = False,
    format_: OptionalFormatOption = None,
    out: OutOption = None,
) -> None:
    """Show what was read, refused, missing, orphaned and overlapping, by table and month."""
    from pathgraph.door import open_graph

    chosen = chosen_format(format_, out)
    with open_graph(graph or settings_of(context).graph) as opened:
        record = opened.record
        counted = opened.quality()
    if chosen is Format.TABLE and not by_month:
        keys = ["source", "table", "count", "detail"]
        counted = counted.groupby(keys, sort=False)[["n"]].sum().reset_index()
    plain = counted.astype(object).where(counted.notna(), None)
    rows = [dict(zip(plain.columns, row, strict=True)) for row in plain.itertuples(index=False)]
    if chosen is Format.JSON:
        rows = list(record.manifest.get("quality", ()))
    write_listing(Listing("quality", "Quality", rows, quality_head(record)), chosen, out)
    if chosen is Format.TABLE and out is None:
        for note in record.manifest.get("notes", ()):
            say(f"Note: {note}")


def quality_head(record: LoadRecord) -> dict[str, object]:
    """Return what stands before the quality rows: which load, from what, under which options."""
    names = ("source", "loaded_at", "options", "acute", "timezone", "has_time", "tables", "notes")
    return {
        "load_id": record.load_id,
        "fingerprint": record.fingerprint,
        **{name: record.manifest.get(name) for name in names},
    }


def model_command(format_: OptionalFormatOption = None, out: OutOption = None) -> None:
    """Show the graph model: every type with its properties, units and sentences."""
    chosen = chosen_format(format_, out)
    rows = model_rows()
    if chosen is Format.TABLE:
        rows = [
            {"type": kind, "properties": n, "sentence": sentence}
            for (kind, sentence), n in Counter(
                (row["type"], row["type_sentence"]) for row in rows
            ).items()
        ]
    head = {"model_version": MODEL_VERSION}
    write_listing(Listing("model", "Graph model", rows, head), chosen, out)


def model_rows() -> list[dict[str, object]]:
    """Return one row a property of a type; a relationship without properties has one without.

    Examples
    --------
    >>> [row["property"] for row in model_rows() if row["type"] == "Patient"][:2]
    ['patient_id', 'birth_year']
    """
    rows: list[dict[str, object]] = []
    for kind, name, sentence, properties in (
        *(("node", n.label, n.sentence, n.properties) for n in NODES),
        *(("relationship", r.type, r.sentence, r.properties) for r in RELATIONSHIPS),
    ):
        for item in properties or (None,):
            rows.append(
                {
                    "sort": kind,
                    "type": name,
                    "type_sentence": sentence,
                    "property": item.name if item else None,
                    "value": item.type.value if item else None,
                    "unit": item.unit if item else None,
                    "required": item.required if item else None,
                    "sentence": item.sentence if item else None,
                }
            )
    return rows


def version_command(format_: OptionalFormatOption = None, out: OutOption = None) -> None:
    """Print the versions of pathgraph, its model and what it stands on."""
    chosen = chosen_format(format_, out)
    versions = {
        "pathgraph": VERSION,
        "model": str(MODEL_VERSION),
        "python": platform.python_version(),
        **{name: version(name) for name in ("ladybug", "neo4j", "duckdb")},
    }
    rows = [{"name": name, "version": text} for name, text in versions.items()]
    write_listing(Listing("versions", "Versions", rows), chosen, out)
