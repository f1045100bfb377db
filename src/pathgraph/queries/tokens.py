"""Cypher taken apart into tokens, so that strings and comments are never mistaken for text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache

from pathgraph.errors import UsageError

__all__ = ["Token", "TokenKind", "closing", "parameters_used", "tokenise"]


class TokenKind(Enum):
    """What a token is."""

    WORD = auto()
    QUOTED = auto()
    STRING = auto()
    NUMBER = auto()
    PARAMETER = auto()
    SYMBOL = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One token; a quoted name and a parameter stand without their marks; ``line`` is from 1."""

    kind: TokenKind
    text: str
    line: int

    @property
    def word(self) -> str:
        """The text in upper case where it can be a keyword, else empty."""
        return self.text.upper() if self.kind is TokenKind.WORD else ""

    @property
    def symbol(self) -> str:
        """The text where it is a symbol, else empty."""
        return self.text if self.kind is TokenKind.SYMBOL else ""

    @property
    def is_name(self) -> bool:
        """Whether it can name a variable, label or property."""
        return self.kind in (TokenKind.WORD, TokenKind.QUOTED)


# Minus, less and greater stay single, since they are arrows in patterns and operators elsewhere.
_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
      | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | `(?P<quoted>(?:[^`]|``)*)`
      | \$(?P<parameter>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<number>(?:\d+(?:\.(?!\.)\d+)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<word>[^\W\d]\w*)
      | (?P<symbol>\.\.|<>|<=|>=|=~|\|\||\+=|.)""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = {
    "string": TokenKind.STRING,
    "quoted": TokenKind.QUOTED,
    "parameter": TokenKind.PARAMETER,
    "number": TokenKind.NUMBER,
    "word": TokenKind.WORD,
    "symbol": TokenKind.SYMBOL,
}
_PAIRS = {"(": ")", "[": "]", "{": "}"}


@lru_cache(maxsize=256)
def tokenise(text: str) -> tuple[Token, ...]:
    r"""Return the tokens of a Cypher text, without blanks and comments.

    Examples
    --------
    >>> [t.text for t in tokenise("MATCH (n) // all\nRETURN n.x = '//'")]
    ['MATCH', '(', 'n', ')', 'RETURN', 'n', '.', 'x', '=', "'//'"]
    """
    tokens = []
    line = 1
    for match in _TOKEN.finditer(text):
        group = match.lastgroup or "space"
        if group != "space":
            tokens.append(Token(_KINDS[group], match[group].replace("``", "`"), line))
        line += match[0].count("\n")
    return tuple(tokens)


def parameters_used(text: str) -> frozenset[str]:
    """Return the names of the parameters that a Cypher text uses.

    Examples
    --------
    >>> sorted(parameters_used("RETURN $a + $b, '$c' // $d"))
    ['a', 'b']
    """
    return frozenset(t.text for t in tokenise(text) if t.kind is TokenKind.PARAMETER)


def closing(tokens: Sequence[Token], opening: int) -> int:
    """Return the index of the bracket that closes the one at ``opening``.

    Raises
    ------
    UsageError
        When it is never closed.
    """
    stack = []
    for index in range(opening, len(tokens)):
        symbol = tokens[index].symbol
        if symbol in _PAIRS:
            stack.append(_PAIRS[symbol])
        elif stack and symbol == stack[-1]:
            stack.pop()
            if not stack:
                return index
    raise UsageError(f"the bracket {tokens[opening].text} is never closed")
