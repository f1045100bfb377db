"""A network as a matrix: a table with shaded cells, whose rows and columns can be ordered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pathgraph.api import words
from pathgraph.api.language import N_, Language
from pathgraph.api.page import Here
from pathgraph.api.views.network_form import Asked
from pathgraph.api.views.network_page import page_of_node
from pathgraph.api.views.network_words import node_name, rows_of_nodes
from pathgraph.model.tables import LEVELS
from pathgraph.queries.network_views import ORDERS, SHADES, Matrix, matrix_of
from pathgraph.queries.result import Result

__all__ = ["MatrixView", "matrix_view"]

_ORDERS = {
    "clustered": N_("Alike side by side"),
    "strength": N_("Strongest first"),
    "name": N_("By name"),
}


@dataclass(frozen=True, slots=True)
class Head:
    """Head of a row or a column."""

    id: str
    name: str
    href: str
    level: str | None
    is_sorted: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: its number in words, none where nothing is counted, and its shade, 0 to 5."""

    text: str
    shade: int
    is_hidden: bool = False


@dataclass(frozen=True, slots=True)
class MatrixView:
    """What the template shows.

    Attributes
    ----------
    orders
        Address, words, and whether it is the one that is shown.
    shades
        The greatest number of each shade, in words.
    """

    caption: str
    said: Sequence[str]
    columns: Sequence[Head]
    rows: Sequence[tuple[Head, Sequence[Cell]]]
    orders: Sequence[tuple[str, str, bool]]
    shades: Sequence[tuple[int, str]]
    has_hidden: bool


def matrix_view(result: Result, asked: Asked, language: Language, here: Here) -> MatrixView:
    """Return the answer of a network as a table of who is tied to whom."""
    wish = asked.wish
    matrix = matrix_of(result, wish.weight, order=asked.order, by=asked.rows_by, kinds=wish.kinds)
    heads = _heads(matrix, language)
    columns = [
        Head(h.id, h.name, here(rows_by=h.id), h.level, h.id == asked.rows_by)
        for h in (heads[id_] for id_ in matrix.columns)
    ]

    def own(id_: str) -> str:
        # Without a direction nothing is counted of a node with itself, which is not 0.
        return "" if result.finding.is_directed else id_

    rows = [
        (heads[id_], _cells(matrix, number, own(id_), language, result.marker))
        for number, id_ in enumerate(matrix.rows)
    ]
    is_ordered_by_column = any(column.is_sorted for column in columns)
    return MatrixView(
        caption=words.heading(language, result.finding.id, wish.weight),
        said=_said(matrix, language),
        columns=columns,
        rows=rows,
        orders=[
            (
                here(order=None if order == ORDERS[0] else order, rows_by=None),
                language.gettext(_ORDERS[order]),
                order == asked.order and not is_ordered_by_column,
            )
            for order in ORDERS
        ],
        shades=_shades(matrix, language),
        has_hidden=any(cell.is_hidden for _, cells in rows for cell in cells),
    )


def _heads(matrix: Matrix, language: Language) -> dict[str, Head]:
    return {
        id_: Head(
            id_,
            node_name(language, id_, row, {}),
            page_of_node(id_, row),
            row["level"] if row["level"] in LEVELS else None,
        )
        for id_, row in rows_of_nodes(matrix.nodes).items()
    }


def _cells(matrix: Matrix, number: int, own: str, language: Language, marker: str) -> list[Cell]:
    pairs = zip(matrix.values[number].tolist(), matrix.shades[number].tolist(), strict=True)
    return [
        Cell("", 0)
        if id_ == own
        else Cell(marker, 0, is_hidden=True)
        if math.isnan(value)
        else Cell(language.number(value), int(shade))
        for id_, (value, shade) in zip(matrix.columns, pairs, strict=True)
    ]


def _shades(matrix: Matrix, language: Language) -> list[tuple[int, str]]:
    """Return the greatest number of each shade that there is."""
    found = []
    for shade in range(1, SHADES + 1):
        values = matrix.values[matrix.shades == shade]
        if len(values):
            said = language.gettext("up to {n}").format(n=language.number(float(values.max())))
            found.append((shade, said))
    return found


def _said(matrix: Matrix, language: Language) -> list[str]:
    """Return which rows and columns there is no room for."""
    said = []
    for shown, n_all, text in (
        (len(matrix.rows), matrix.n_rows, N_("The {n} strongest rows of {all} are shown.")),
        (len(matrix.columns), matrix.n_columns,
         N_("The {n} strongest columns of {all} are shown.")),
    ):  # fmt: skip
        if shown < n_all:
            numbers = {"n": language.number(shown), "all": language.number(n_all)}
            said.append(language.gettext(text).format(**numbers))
    return said
