"""The graph model as plain objects, for its page and its JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pathgraph.model.schema import MODEL_VERSION, NODES, RELATIONSHIPS
from pathgraph.model.types import Derived, FromTable, Property

__all__ = ["model_document"]


def model_document() -> dict[str, Any]:
    """Return every node type and relationship with its properties.

    Examples
    --------
    >>> model_document()["nodes"][0]["label"]
    'Patient'
    """
    return {
        "model_version": MODEL_VERSION,
        "nodes": [
            {
                "label": node.label,
                "key": node.key,
                "sentence": node.sentence,
                **_origin(node.origin),
                "properties": _properties(node.properties),
            }
            for node in NODES
        ],
        "relationships": [
            {
                "type": relationship.type,
                "sentence": relationship.sentence,
                "ends": [{"from": end.from_label, "to": end.to_label} for end in relationship.ends],
                "key": list(relationship.key),
                "acyclic": relationship.acyclic,
                "properties": _properties(relationship.properties),
            }
            for relationship in RELATIONSHIPS
        ],
    }


def _origin(origin: FromTable | Derived) -> dict[str, str]:
    if isinstance(origin, Derived):
        return {"derived": origin.sentence}
    return {"table": origin.table}


def _properties(properties: Sequence[Property]) -> list[dict[str, Any]]:
    return [
        {
            "name": item.name,
            "type": item.type.value,
            "unit": item.unit,
            "required": item.required,
            "sentence": item.sentence,
        }
        for item in properties
    ]
