"""What variables of a query may be by the declared model, and whether patterns and names fit it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pathgraph.model.ddl import MERGE_KEY, NODE_KEY
from pathgraph.model.schema import NODES, RELATIONSHIPS
from pathgraph.queries.syntax import NodePattern, RelationshipPattern

__all__ = ["INTERNAL_PROPERTIES", "Scope", "is_acyclic"]

_NODES = {node.label: node for node in NODES}
_TYPES = {relationship.type: relationship for relationship in RELATIONSHIPS}
_PROPERTIES: Mapping[str, frozenset[str]] = {
    **{node.label: frozenset(p.name for p in node.properties) for node in NODES},
    **{r.type: frozenset(p.name for p in r.properties) for r in RELATIONSHIPS},
}

INTERNAL_PROPERTIES = frozenset({NODE_KEY, MERGE_KEY, "load_id"})
"""Properties that the engines keep for themselves."""


def is_acyclic(types: Iterable[str]) -> bool:
    """Return whether following any of the types never leads back."""
    return all(_TYPES[t].acyclic for t in types if t in _TYPES)


@dataclass
class Scope:
    """Which labels or types each variable may stand for."""

    variables: dict[str, frozenset[str]] = field(default_factory=dict)

    def inner(self) -> Scope:
        """Return a copy for a subquery, which sees what is outside."""
        return Scope(dict(self.variables))

    def narrow(self, variable: str, candidates: frozenset[str]) -> frozenset[str]:
        """Say that a variable is one of ``candidates``; return what it can still be."""
        if not variable:
            return candidates
        narrowed = self.variables.get(variable, candidates) & candidates
        self.variables[variable] = narrowed
        return narrowed

    def problem_of_property(self, variable: str, name: str) -> str | None:
        """Return what is wrong with ``variable.name``, if anything."""
        if name in INTERNAL_PROPERTIES:
            return f"{name} belongs to the engines. Use the node's own id."
        candidates = self.variables.get(variable)
        if not candidates or any(name in _PROPERTIES[c] for c in candidates):
            return None
        listed = ", ".join(sorted(candidates))
        known = sorted({p for c in candidates for p in _PROPERTIES[c]} - INTERNAL_PROPERTIES)
        return f"{listed} has no property {name}. It has: {', '.join(known) or 'none'}."

    def add_patterns(
        self, nodes: Iterable[NodePattern], relationships: Iterable[RelationshipPattern]
    ) -> list[tuple[int, str]]:
        """Take in the patterns of one ``MATCH``; return what does not fit the model."""
        problems: list[tuple[int, str]] = []
        for node in nodes:
            if node.label and node.label not in _NODES:
                problems.append(
                    (
                        node.line,
                        f"the model has no label {node.label}. See docs/generated/model.md.",
                    )
                )
                continue
            if not self.narrow(node.variable, self.labels_of(node.label)):
                problems.append(
                    (node.line, f"{node.variable} is another kind of node than {node.label}.")
                )
        for relationship in relationships:
            problem = self._add_relationship(relationship)
            if problem:
                problems.append((relationship.line, problem))
        return problems

    @staticmethod
    def labels_of(label: str) -> frozenset[str]:
        """Return what a node with the label may be; without one, anything."""
        return frozenset({label} & _NODES.keys() if label else _NODES)

    def _now(self, node: NodePattern) -> frozenset[str]:
        return self.variables.get(node.variable, self.labels_of(node.label))

    def _add_relationship(self, pattern: RelationshipPattern) -> str | None:
        unknown = [t for t in pattern.types if t not in _TYPES]
        if unknown:
            return (
                f"the model has no relationship {', '.join(unknown)}. See docs/generated/model.md."
            )
        if not pattern.types:
            return "the relationship has no type. Write [:TYPE]."
        ends = [end for t in pattern.types for end in _TYPES[t].ends]
        starts, targets = self._now(pattern.start), self._now(pattern.end)
        if not starts or not targets:
            return None
        if not pattern.is_variable_length:
            ends = [e for e in ends if e.from_label in starts and e.to_label in targets]
        if not ends:
            return (
                f"{'|'.join(pattern.types)} never goes from {_either(starts)} to "
                f"{_either(targets)}. See docs/generated/model.md for its direction and ends."
            )
        if not pattern.is_variable_length:
            self.narrow(pattern.start.variable, frozenset(end.from_label for end in ends))
            self.narrow(pattern.end.variable, frozenset(end.to_label for end in ends))
            self.narrow(pattern.variable, frozenset(pattern.types))
        return None


def _either(labels: frozenset[str]) -> str:
    return "any node" if len(labels) == len(_NODES) else " or ".join(sorted(labels)) or "nothing"
