"""The statements that both engines need, made from the declared model.

LadybugDB keys its nodes on a dense 64-bit ``node_key`` (measured: 96 s against 125 s with text keys
at 21 million contacts); Neo4j on the business key, so that a repeated load finds what it wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

from pathgraph.model.schema import NODES, RELATIONSHIPS
from pathgraph.model.types import End, Node, PropertyType, Relationship

__all__ = [
    "MERGE_KEY",
    "NODE_KEY",
    "ladybug_copy_options",
    "ladybug_ddl",
    "neo4j_ddl",
    "neo4j_delete_nodes",
    "neo4j_delete_relationships",
    "neo4j_merge_node",
    "neo4j_merge_relationship",
    "relationship_ends",
]

NODE_KEY = "node_key"
"""LadybugDB's primary key; dense within one load, never shown, never used by a query."""

MERGE_KEY = "merge_key"
"""On Neo4j: what tells one relationship from another between the same two nodes."""

_LADYBUG_TYPES = {
    PropertyType.TEXT: "STRING",
    PropertyType.INTEGER: "INT64",
    PropertyType.NUMBER: "DOUBLE",
    PropertyType.BOOLEAN: "BOOL",
}


def relationship_ends() -> Iterator[tuple[Relationship, End]]:
    """Yield every relationship type with every pair of node types that it joins."""
    for relationship in RELATIONSHIPS:
        for end in relationship.ends:
            yield relationship, end


def ladybug_ddl() -> list[str]:
    """Return the statements that create the empty graph in LadybugDB."""
    statements = []
    for node in NODES:
        columns = ", ".join(f"{p.name} {_LADYBUG_TYPES[p.type]}" for p in node.properties)
        statements.append(
            f"CREATE NODE TABLE {node.label}({NODE_KEY} INT64, {columns}, PRIMARY KEY({NODE_KEY}))"
        )
    for relationship in RELATIONSHIPS:
        pairs = ", ".join(f"FROM {e.from_label} TO {e.to_label}" for e in relationship.ends)
        columns = "".join(f", {p.name} {_LADYBUG_TYPES[p.type]}" for p in relationship.properties)
        statements.append(f"CREATE REL TABLE {relationship.type}({pairs}{columns})")
    return statements


def ladybug_copy_options(relationship: Relationship, end: End) -> str:
    """Return the options of ``COPY`` that name the ends, where a type joins several pairs."""
    if len(relationship.ends) == 1:
        return ""
    return f" (from='{end.from_label}', to='{end.to_label}')"


def neo4j_ddl() -> list[str]:
    """Return the constraints of Neo4j: every node type is unique on its business key."""
    return [
        f"CREATE CONSTRAINT pathgraph_{node.label.lower()} IF NOT EXISTS "
        f"FOR (n:{node.label}) REQUIRE n.{node.key} IS UNIQUE"
        for node in NODES
    ]


def neo4j_merge_node(node: Node) -> str:
    """Return the statement that writes ``$rows`` of one node type; ``row.load_id`` marks them."""
    return f"UNWIND $rows AS row MERGE (n:{node.label} {{{node.key}: row.{node.key}}}) SET n = row"


def neo4j_merge_relationship(relationship: Relationship, end: End) -> str:
    """Return the statement that writes ``$rows`` of one relationship type.

    Each row is ``{from_id, to_id, merge_key, properties}``; ``properties`` holds ``load_id`` too.
    """
    from_key = _key(end.from_label)
    to_key = _key(end.to_label)
    merge = f" {{{MERGE_KEY}: row.{MERGE_KEY}}}" if relationship.key else ""
    return (
        f"UNWIND $rows AS row MATCH (a:{end.from_label} {{{from_key}: row.from_id}}) "
        f"MATCH (b:{end.to_label} {{{to_key}: row.to_id}}) "
        f"MERGE (a)-[r:{relationship.type}{merge}]->(b) SET r = row.properties"
        + (f", r.{MERGE_KEY} = row.{MERGE_KEY}" if relationship.key else "")
        + " RETURN count(r) AS n"
    )


def neo4j_delete_nodes(label: str) -> str:
    """Return the statement that deletes up to ``$batch`` nodes that ``$load_id`` did not touch."""
    return (
        f"MATCH (n:{label}) WHERE n.load_id <> $load_id OR n.load_id IS NULL "
        "WITH n LIMIT $batch DETACH DELETE n RETURN count(*) AS n"
    )


def neo4j_delete_relationships(type_: str) -> str:
    """Return the like of :func:`neo4j_delete_nodes` for relationships."""
    return (
        f"MATCH ()-[r:{type_}]->() WHERE r.load_id <> $load_id OR r.load_id IS NULL "
        "WITH r LIMIT $batch DELETE r RETURN count(*) AS n"
    )


def _key(label: str) -> str:
    return next(node.key for node in NODES if node.label == label)
