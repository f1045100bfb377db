"""``model.md``: the graph model with a diagram."""

from __future__ import annotations

from collections.abc import Iterable

from pathgraph.docgen.markdown import GENERATED, table
from pathgraph.model.schema import MODEL_VERSION, NODES, RELATIONSHIPS
from pathgraph.model.types import Derived, FromTable, Property

__all__ = ["model_document"]


def model_document() -> str:
    """Return the graph model as Markdown with a Mermaid diagram."""
    lines = [
        GENERATED,
        "# The graph model",
        "",
        f"Version {MODEL_VERSION}: {len(NODES)} node types, {len(RELATIONSHIPS)} relationship "
        "types. A `*` marks a property that always has a value. Times stand twice: `*_at` to read, "
        "`*_s` for comparisons; days likewise, `*_on` (or `valid_from`) and `*_day`. `valid_to` is "
        "the first day on which something holds no longer.",
        "",
        "```mermaid",
        "flowchart LR",
        *diagram_lines(),
        "```",
        "",
        "## Nodes",
    ]
    for node in NODES:
        lines += [
            "",
            f"### {node.label}",
            "",
            f"{node.sentence} Key: `{node.key}`. {_origin(node.origin)}",
            "",
            *_property_table(node.properties),
        ]
    lines += ["", "## Relationships"]
    for relationship in RELATIONSHIPS:
        ends = ", ".join(
            f"`({end.from_label})-[:{relationship.type}]->({end.to_label})`"
            for end in relationship.ends
        )
        lines += ["", f"### {relationship.type}", "", f"{relationship.sentence} {ends}"]
        if relationship.key:
            names = ", ".join(f"`{name}`" for name in relationship.key)
            lines += ["", f"Told apart between the same two nodes by {names}."]
        if relationship.acyclic:
            lines += ["", "Never leads back to where it began."]
        if relationship.properties:
            lines += ["", *_property_table(relationship.properties)]
    return "\n".join(lines) + "\n"


def diagram_lines() -> Iterable[str]:
    """Yield the Mermaid lines: one edge a pair of node types, with the relationships between them.

    Examples
    --------
    >>> "    Patient -->|HAD| Contact" in list(diagram_lines())
    True
    """
    between: dict[tuple[str, str], list[str]] = {}
    for relationship in RELATIONSHIPS:
        for end in relationship.ends:
            between.setdefault((end.from_label, end.to_label), []).append(relationship.type)
    joined = {label for pair in between for label in pair}
    for (from_label, to_label), types in between.items():
        yield f"    {from_label} -->|{'<br/>'.join(types)}| {to_label}"
    for node in NODES:
        if node.label not in joined:
            yield f"    {node.label}"


def _origin(origin: FromTable | Derived) -> str:
    if isinstance(origin, Derived):
        return f"Derived: {origin.sentence}"
    return f"From the table [{origin.table}](canonical_tables.md#{origin.table})."


def _property_table(properties: Iterable[Property]) -> list[str]:
    return table(
        ["property", "type", "unit", "meaning"],
        (
            [f"`{p.name}`{' *' if p.required else ''}", p.type.value, p.unit, p.sentence]
            for p in properties
        ),
    )
