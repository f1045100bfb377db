"""The few forms of Markdown that the generated documents use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

__all__ = ["GENERATED", "cell", "table"]

GENERATED = "<!-- Made by `make docs` from the declarations in the code; do not edit. -->"
"""First line of every generated document."""


def cell(value: object) -> str:
    r"""Return a value as the text of a table's cell.

    Examples
    --------
    >>> cell("a|b"), cell(None), cell(True)
    ('a\\|b', '', 'yes')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else ""
    return " ".join(str(value).replace("|", "\\|").split())


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> list[str]:
    """Return the lines of a table.

    Examples
    --------
    >>> table(["name", "n"], [["a", 1]])
    ['| name | n |', '| --- | --- |', '| a | 1 |']
    """
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    return lines + [f"| {' | '.join(cell(value) for value in row)} |" for row in rows]
