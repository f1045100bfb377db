"""Clauses and patterns of a Cypher text, as far as the linter needs them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pathgraph.queries.tokens import Token, TokenKind, closing

__all__ = [
    "Clause",
    "NodePattern",
    "PatternError",
    "RelationshipPattern",
    "branches",
    "clauses",
    "parse_patterns",
    "split_top",
]

_CLAUSES = {
    "MATCH", "OPTIONAL", "WHERE", "WITH", "RETURN", "UNWIND", "ORDER", "SKIP", "LIMIT", "CALL",
    "UNION",
}  # fmt: skip
_OPENING, _CLOSING = {"(", "[", "{"}, {")", "]", "}"}


class PatternError(ValueError):
    """A pattern that is not of the portable subset; says what to write instead."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(sentence)
        self.line = line


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause: its word (``MATCH``, ``WITH``, ``ORDER``, ...) and the tokens after it."""

    word: str
    tokens: tuple[Token, ...]
    line: int


@dataclass(frozen=True, slots=True)
class NodePattern:
    """``(variable:Label {map})``; ``map`` holds the tokens between the braces."""

    variable: str
    label: str
    map: tuple[Token, ...]
    line: int


@dataclass(frozen=True, slots=True)
class RelationshipPattern:
    """``(start)-[variable:TYPE|TYPE*low..high]->(end)``, start and end as the arrow points."""

    variable: str
    types: tuple[str, ...]
    start: NodePattern
    end: NodePattern
    is_variable_length: bool
    map: tuple[Token, ...]
    line: int


def top_level(tokens: Sequence[Token]) -> Iterator[tuple[int, Token]]:
    """Yield index and token of what stands in no bracket."""
    depth = 0
    for index, token in enumerate(tokens):
        if token.symbol in _CLOSING:
            depth -= 1
        if depth == 0 and token.symbol not in _CLOSING:
            yield index, token
        if token.symbol in _OPENING:
            depth += 1


def split_top(tokens: Sequence[Token], symbol: str) -> list[tuple[Token, ...]]:
    """Split at each ``symbol`` that stands in no bracket."""
    parts, start = [], 0
    for index, token in top_level(tokens):
        if token.symbol == symbol:
            parts.append(tuple(tokens[start:index]))
            start = index + 1
    return [*parts, tuple(tokens[start:])]


def clauses(tokens: Sequence[Token]) -> list[Clause]:
    """Split a text (or the inside of ``EXISTS { }``) into clauses.

    What stands before the first clause word is a clause with an empty word.
    """
    found: list[tuple[int, str]] = []
    for index, token in top_level(tokens):
        before = tokens[index - 1] if index else None
        if token.word not in _CLAUSES or (before is not None and before.symbol in (".", ":")):
            continue
        if before is not None and before.word in ("STARTS", "ENDS", "AS", "OPTIONAL"):
            continue
        found.append((index, token.word))
    if not found or found[0][0] > 0:
        found.insert(0, (-1, ""))
    ends = [index for index, _ in found[1:]] + [len(tokens)]
    result = []
    for (index, word), end in zip(found, ends, strict=True):
        line = tokens[max(index, 0)].line if tokens else 1
        body = tuple(tokens[index + 1 : end])
        if word == "OPTIONAL":
            body = body[1:]
        result.append(Clause("MATCH" if word == "OPTIONAL" else word, body, line))
    return result


def branches(found: Sequence[Clause]) -> list[list[Clause]]:
    """Split the clauses of a text at each ``UNION``."""
    result: list[list[Clause]] = [[]]
    for clause in found:
        if clause.word == "UNION":
            result.append([])
        else:
            result[-1].append(clause)
    return result


class _Cursor:
    """Reads the tokens of a pattern one after the other."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def line(self) -> int:
        tokens = self._tokens
        return tokens[min(self._at, len(tokens) - 1)].line if tokens else 1

    def peek(self, symbol: str, ahead: int = 0) -> bool:
        at = self._at + ahead
        return at < len(self._tokens) and self._tokens[at].symbol == symbol

    def take(self, symbol: str) -> bool:
        if self.peek(symbol):
            self._at += 1
            return True
        return False

    def name(self) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at].is_name:
            self._at += 1
            return self._tokens[self._at - 1].text
        return ""

    def number(self) -> str:
        if self._at < len(self._tokens) and self._tokens[self._at].kind is TokenKind.NUMBER:
            self._at += 1
            return self._tokens[self._at - 1].text
        return ""

    def braces(self) -> tuple[Token, ...]:
        if not self.peek("{"):
            return ()
        end = closing(self._tokens, self._at)
        inside = tuple(self._tokens[self._at + 1 : end])
        self._at = end + 1
        return inside

    @property
    def is_done(self) -> bool:
        return self._at >= len(self._tokens)


def parse_patterns(
    tokens: Sequence[Token],
) -> tuple[list[NodePattern], list[RelationshipPattern]]:
    """Return the nodes and relationships of the patterns of one ``MATCH``.

    Raises
    ------
    PatternError
        When a pattern is outside the portable subset.
    """
    nodes: list[NodePattern] = []
    relationships: list[RelationshipPattern] = []
    for path in split_top(tokens, ","):
        cursor = _Cursor(path)
        if len(path) > 1 and path[0].is_name and path[1].symbol == "=":
            raise PatternError(
                path[0].line, "a path has no name in the portable subset. Name nodes and "
                "relationships instead.",
            )  # fmt: skip
        nodes.append(_node(cursor))
        while not cursor.is_done:
            relationship = _relationship(cursor, nodes[-1])
            nodes.append(relationship[1])
            relationships.append(relationship[0])
    return nodes, relationships


def _node(cursor: _Cursor) -> NodePattern:
    line = cursor.line
    if not cursor.take("("):
        raise PatternError(
            line, "the pattern is not understood. Write (a:Label)-[r:TYPE]->(b:Label)."
        )
    variable = cursor.name()
    label = ""
    if cursor.take(":"):
        label = cursor.name()
        if cursor.peek(":") or cursor.peek("|") or cursor.peek("&"):
            raise PatternError(
                line,
                "a node has one label in the portable subset; ':A:B' means both on one engine and "
                "either on the other. Leave the label out, or write one MATCH a label.",
            )
    inside = cursor.braces()
    if not cursor.take(")"):
        raise PatternError(
            line, "a node pattern is (variable:Label {property: value}). Move conditions to WHERE."
        )
    return NodePattern(variable, label, inside, line)


def _relationship(cursor: _Cursor, left: NodePattern) -> tuple[RelationshipPattern, NodePattern]:
    line = cursor.line
    to_left = cursor.take("<")
    if not cursor.take("-"):
        raise PatternError(line, "the pattern is not understood. Write (a)-[r:TYPE]->(b).")
    variable, types, is_variable, inside = (
        _inside(cursor, line) if cursor.take("[") else ("", (), False, ())
    )
    to_right = cursor.take("-") and cursor.take(">")
    if to_left == to_right:
        raise PatternError(
            line, "the relationship has no direction. Write -[:TYPE]-> or <-[:TYPE]-, as the "
            "model directs it.",
        )  # fmt: skip
    right = _node(cursor)
    start, end = (right, left) if to_left else (left, right)
    return RelationshipPattern(variable, types, start, end, is_variable, inside, line), right


def _inside(cursor: _Cursor, line: int) -> tuple[str, tuple[str, ...], bool, tuple[Token, ...]]:
    """Read ``variable:TYPE|TYPE*low..high {map}]``."""
    variable = cursor.name()
    types: list[str] = []
    if cursor.take(":"):
        types.append(cursor.name())
        while cursor.take("|"):
            types.append(cursor.name())
    is_variable = cursor.take("*")
    if is_variable:
        low = cursor.number()
        high = cursor.number() if cursor.take("..") else low
        if not high:
            raise PatternError(
                line, "a variable length needs an upper bound. Write [:TYPE*0..4] or the like."
            )
    inside = cursor.braces()
    if not cursor.take("]") or not all(types):
        raise PatternError(
            line,
            "a relationship pattern is [variable:TYPE|TYPE*low..high {property: value}]. Move "
            "conditions to WHERE.",
        )
    return variable, tuple(types), is_variable, inside
