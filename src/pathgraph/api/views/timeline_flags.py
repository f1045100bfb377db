"""Words on the top edge of a timeline, beside the lines to which they belong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Flag", "Flags"]

Row = Mapping[str, Any]

_MOST_ROWS = 6


@dataclass(frozen=True, slots=True)
class Flag:
    """Words beside a line that stands on the top edge; row 0 is the lowest."""

    row: int
    x: float
    start: float
    end: float
    is_left: bool

    def spares(self, other: Flag) -> bool:
        """Whether the words of both stay clear of each other's words and lines."""
        if self.row == other.row:
            return self.end < other.start or self.start > other.end
        upper, lower = (self, other) if self.row > other.row else (other, self)
        return not lower.start < upper.x < lower.end


class Flags:
    """Words on the top edge, none of which covers another."""

    def __init__(self, width: float) -> None:
        self._width = width
        self._placed: list[Flag] = []

    def turn(self, what: tuple[Row, float, float]) -> tuple[bool, bool, float]:
        """Return when one is placed: what there is to act on first, then what is lowest.

        Words to the right of their line stand below those further left, words to the left of it
        below those further right.
        """
        row, x, length = what
        is_left = x + 8 + length > self._width
        return row["status"] != "current", is_left, x if is_left else -x

    def place(self, x: float, length: float) -> Flag | None:
        """Return where words of this length stand beside ``x``; ``None`` where there is no room."""
        for are_lines_spared in (True, False):
            for row in range(_MOST_ROWS):
                for is_left in (False, True):
                    flag = self._flag(x, length, row, is_left=is_left)
                    if flag and self._is_free(flag, are_lines_spared=are_lines_spared):
                        self._placed.append(flag)
                        return flag
        return None

    def _flag(self, x: float, length: float, row: int, *, is_left: bool) -> Flag | None:
        start, end = (x - 8 - length, x + 4) if is_left else (x - 4, x + 8 + length)
        is_inside = start >= 0 and end <= self._width
        return Flag(row, x, start, end, is_left) if is_inside else None

    def _is_free(self, flag: Flag, *, are_lines_spared: bool) -> bool:
        """Whether words touch no others; at first, no line runs through words either."""
        return all(
            flag.spares(other) if are_lines_spared or flag.row == other.row else True
            for other in self._placed
        )
