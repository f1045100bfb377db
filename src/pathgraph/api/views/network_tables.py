"""The tables beside a network's picture: its ties, and its nodes with their measures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from pathgraph.analysis.networks import MEASURES
from pathgraph.api import words
from pathgraph.api.language import Language
from pathgraph.api.page import Here
from pathgraph.api.views.network_form import Asked
from pathgraph.api.views.network_page import page_of_node
from pathgraph.api.views.network_words import (
    amount_words,
    measure_words,
    node_name,
    rows_of_nodes,
)
from pathgraph.api.views.tables import Column, Pager, Table, pager_of, table_of
from pathgraph.model.tables import LEVELS
from pathgraph.queries.network_pictures import Picture
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind

__all__ = ["tables_of"]

_ENDS = ("from", "to")


def tables_of(
    rows: Result | None, picture: Picture, asked: Asked, language: Language, here: Here | None
) -> dict[str, Any]:
    """Return the tables of a network's page.

    Parameters
    ----------
    rows
        The drawn ties of one page of the table.
    here
        Address of the page; ``None`` in a file of its own.
    """
    ties = None if rows is None else _ties(rows, language, here)
    return {
        "ties": ties,
        "pager": None if rows is None or here is None else _pager(rows, here),
        "nodes": _nodes(picture, asked, language, here),
    }


def _ties(rows: Result, language: Language, here: Here | None) -> Table:
    counted = [c.name for c in rows.finding.returns if c.kind in (Kind.PERSONS, Kind.COUNT)]
    sort = "" if here is None else here.request.query_params.get("sort") or "-n_patients"
    table = table_of(rows, language, here=here, sort=sort, chosen=["from_id", "to_id", *counted])
    columns = [
        _by_name(column, sort, here) if column.name in ("from_id", "to_id") else column
        for column in table.columns
    ]
    known = rows.table.to_pylist()
    cells = [
        [
            _end(known[number], column.name, is_linked=here is not None) or cell
            for column, cell in zip(columns, row, strict=True)
        ]
        for number, row in enumerate(table.rows)
    ]
    return replace(table, columns=columns, rows=cells)


def _by_name(column: Column, sort: str, here: Here | None) -> Column:
    """Return the head of an end, which sorts by the name that stands below it."""
    if here is None:
        return column
    name = column.name.replace("_id", "_name")
    is_up, is_down = sort == name, sort == f"-{name}"
    href = here(sort=f"-{name}" if is_up else name, page=None)
    state = "ascending" if is_up else "descending" if is_down else None
    return replace(column, sort_href=href, sorted=state)


def _end(row: Mapping[str, Any], column: str, *, is_linked: bool) -> dict[str, Any] | None:
    """Return the cell of one end of a tie: its name, its level, its page."""
    if column not in ("from_id", "to_id"):
        return None
    end = column.removesuffix("_id")
    its = {name: row[f"{end}_{name}"] for name in ("id", "name", "kind", "level")}
    if its["id"] is None:
        return None
    return {
        "value": its["id"],
        "text": its["name"] or its["id"],
        "href": page_of_node(its["id"], its) if is_linked else None,
        "level": its["level"] if its["level"] in LEVELS else None,
    }


def _nodes(picture: Picture, asked: Asked, language: Language, here: Here | None) -> Table:
    measures = [m for m in (MEASURES[0], *asked.wish.measures) if m in picture.nodes]
    columns = [
        Column("node", Kind.TEXT, language.gettext("Node")),
        Column("kind", Kind.TEXT, words.column_heading(language, "kind")),
        *(
            Column(name, Kind.COUNT, measure_words(language, name, picture, asked.wish))
            for name in dict.fromkeys(measures)
        ),
    ]
    ordered = picture.nodes.sort_values(
        asked.size, ascending=False, kind="stable", na_position="last"
    )
    rows = []
    for id_, row in rows_of_nodes(ordered).items():
        level = row["level"] if row["level"] in LEVELS else None
        name = node_name(language, id_, row, picture.groups)
        href = None if here is None else here(selected=id_, page=None)
        kind = None if pd.isna(row["kind"]) else words.code_words(language, row["kind"], "kind")
        cells: list[Any] = [{"value": id_, "text": name, "level": level, "href": href}, kind]
        for column in columns[2:]:
            value = row[column.name]
            is_known = not pd.isna(value)
            said = amount_words(language, column.name, value) if is_known else None
            cells.append({"value": value, "text": said} if is_known else None)
        rows.append(cells)
    return Table(columns=columns, rows=rows)


def _pager(rows: Result, here: Here) -> Pager:
    manifest = rows.manifest
    per_page = int(here.request.query_params.get("per_page") or 50)
    return pager_of(int(manifest["n_selected"]), int(manifest["offset"]), per_page, here)
