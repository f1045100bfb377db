"""``canonical_tables.md``: the tables in which a user may hand over own extracts."""

from __future__ import annotations

from pathgraph.docgen.markdown import GENERATED, table
from pathgraph.model.tables import CANONICAL_TABLES, REQUIRED_TABLES
from pathgraph.model.types import Column, Table

__all__ = ["canonical_tables_document"]


def canonical_tables_document() -> str:
    """Return the canonical tables as Markdown."""
    required = ", ".join(f"`{name}`" for name in REQUIRED_TABLES)
    lines = [
        GENERATED,
        "# The canonical tables",
        "",
        f"Only {required} are required. A `*` marks a column that must be there and filled in. "
        "Dates are written `2026-01-31`, times `2026-01-31T14:05:00`, with or without an offset; a "
        "bare date in a column of times says that there is no clock time. Codes that are not "
        "listed are accepted and counted as unknown.",
    ]
    for item in CANONICAL_TABLES:
        lines += ["", f"## {item.name}", "", _about(item), "", *_column_table(item)]
    return "\n".join(lines) + "\n"


def _about(item: Table) -> str:
    parts = [item.sentence, f"Occurs once: {', '.join(f'`{name}`' for name in item.key)}."]
    parts += [f"`{end}` is not before `{start}`." for start, end in item.intervals]
    if item.one_of:
        parts.append(f"Exactly one is filled in: {', '.join(f'`{n}`' for n in item.one_of)}.")
    return " ".join(parts)


def _column_table(item: Table) -> list[str]:
    return table(
        ["column", "type", "meaning", "values"],
        (
            [f"`{c.name}`{' *' if c.required else ''}", c.type.value, c.sentence, _values(c)]
            for c in item.columns
        ),
    )


def _values(column: Column) -> str:
    parts = []
    if column.unit:
        parts.append(f"unit {column.unit}")
    if column.codes:
        parts.append(", ".join(f"`{code}`" for code in column.codes))
    if column.minimum is not None:
        parts.append(f"at least {column.minimum:g}")
    if column.maximum is not None:
        parts.append(f"at most {column.maximum:g}")
    if column.references:
        parts.append(f"is in `{column.references}`")
    if column.aliases:
        parts.append(f"also headed {', '.join(f'`{name}`' for name in column.aliases)}")
    return "; ".join(parts)
