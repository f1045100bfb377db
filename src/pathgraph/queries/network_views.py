"""A network seen otherwise than as a picture: on a map, as a matrix, as a chord diagram.

Everything is worked out from the answer after small numbers were hidden.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathgraph.analysis.chord_layout import Arc, Ribbon, chords
from pathgraph.analysis.map_layout import ground_of, map_layout
from pathgraph.analysis.matrix_order import clustered
from pathgraph.analysis.network_layout import Point
from pathgraph.analysis.networks import nodes_of
from pathgraph.queries.network_nodes import MUNICIPALITY
from pathgraph.queries.network_pictures import GREATEST_RADIUS, Picture, narrowed
from pathgraph.queries.result import Result

__all__ = [
    "AREA_ON_MAP",
    "MOST_ARCS",
    "MOST_COLUMNS",
    "MOST_ROWS",
    "ORDERS",
    "SHADES",
    "Matrix",
    "arcs_of",
    "matrix_of",
    "on_the_ground",
    "outlines_of",
    "with_most_arcs",
]

MOST_ROWS, MOST_COLUMNS = 60, 60
"""Of a matrix that can be read; those with most patients are shown (own choice)."""

MOST_ARCS = 30
"""Of a chord diagram that can be read (own choice)."""

SHADES = 5

AREA_ON_MAP = 0.4
"""Of a node, compared with other pictures: on a map it cannot make room (own choice)."""

ORDERS = ("clustered", "strength", "name")
"""Of the rows and columns of a matrix."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """The ties of a network as rows (where they begin) and columns (where they end).

    Attributes
    ----------
    rows, columns
        Ids of the nodes, in order.
    nodes
        Name, kind and level by id.
    values
        The weight; 0 where there is no tie, NaN where it is not to be shown.
    shades
        0 where nothing is shown, else 1 to :data:`SHADES`: as many cells in each.
    n_rows, n_columns
        All that there are; the matrix may have fewer.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    nodes: pd.DataFrame
    values: npt.NDArray[np.float64]
    shades: npt.NDArray[np.int64]
    n_rows: int
    n_columns: int


def matrix_of(
    result: Result,
    weight: str,
    *,
    order: str = ORDERS[0],
    by: str = "",
    kinds: Sequence[str] = (),
) -> Matrix:
    """Return the answer of a network as a matrix; without a direction it has each tie twice.

    Parameters
    ----------
    order
        One of :data:`ORDERS`. What is not to be shown counts as nothing for it.
    by
        Column by whose values the rows are ordered instead, the greatest first.
    kinds
        Kinds of nodes that are shown; empty means all.
    """
    frame = result.frame
    frame = frame[frame["from_id"].notna() & frame["to_id"].notna()]
    nodes = nodes_of(frame)
    if kinds:
        wanted = nodes.index[nodes["kind"].isin(kinds)]
        frame = frame[frame["from_id"].isin(wanted) & frame["to_id"].isin(wanted)]
    known = _cells(frame, weight, is_directed=bool(result.finding.is_directed))
    values = known.to_numpy(dtype=np.float64)
    visible = np.nan_to_num(values)
    chosen = (_most(visible.sum(axis=1), MOST_ROWS), _most(visible.sum(axis=0), MOST_COLUMNS))
    cut = known.iloc[chosen[0], chosen[1]]
    rows = _order(cut, order, nodes)
    columns = rows if not result.finding.is_directed else _order(cut.T, order, nodes)
    if by in cut.columns:
        rows = list(cut[by].fillna(0).loc[rows].sort_values(ascending=False, kind="stable").index)
    ordered = cut.loc[rows, columns].to_numpy(dtype=np.float64)
    return Matrix(rows, columns, nodes, ordered, _shades(ordered), *known.shape)


def _cells(frame: pd.DataFrame, weight: str, *, is_directed: bool) -> pd.DataFrame:
    """Return the weights by both ends: 0 where there is no tie, NaN where one is hidden."""
    ties = frame[["from_id", "to_id"]].assign(
        n=frame[weight].to_numpy(dtype=np.float64, na_value=np.nan)
    )
    if not is_directed:
        other = ties[ties["from_id"] != ties["to_id"]]
        back = other.rename(columns={"from_id": "to_id", "to_id": "from_id"})
        ties = pd.concat([ties, back], ignore_index=True)
    rows, columns = (sorted(set(ties[end])) for end in ("from_id", "to_id"))
    cells = pd.DataFrame(0.0, index=rows, columns=columns)
    numbers = cells.to_numpy(copy=True)
    places = [
        axis.get_indexer(pd.Index(ties[end]))
        for axis, end in ((cells.index, "from_id"), (cells.columns, "to_id"))
    ]
    numbers[places[0], places[1]] = ties["n"]
    return pd.DataFrame(numbers, index=rows, columns=columns)


def _most(strength: npt.NDArray[np.float64], most: int) -> npt.NDArray[np.intp]:
    return np.sort(np.argsort(-strength, kind="stable")[:most])


def _order(cells: pd.DataFrame, order: str, nodes: pd.DataFrame) -> list[str]:
    values = np.nan_to_num(cells.to_numpy(dtype=np.float64))
    if order == "name":
        names = nodes["name"].fillna(pd.Series(nodes.index, index=nodes.index))
        return sorted(cells.index, key=lambda node: (str(names[node]).casefold(), node))
    if order == "strength":
        return [str(cells.index[n]) for n in np.argsort(-values.sum(axis=1), kind="stable")]
    return [str(cells.index[n]) for n in clustered(values)]


def _shades(values: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    there = values[values > 0]
    if not len(there):
        return np.zeros(values.shape, dtype=np.int64)
    bounds = np.quantile(there, [n / SHADES for n in range(1, SHADES)])
    shades = 1 + np.searchsorted(bounds, np.nan_to_num(values), side="left")
    return np.where(values > 0, shades, 0)


def on_the_ground(picture: Picture, places: Mapping[str, Point]) -> Picture:
    """Return the picture with its nodes on a map: municipalities at their place, units around it.

    Parameters
    ----------
    places
        Latitude and longitude by node.
    """
    nodes = picture.all_nodes.sort_values("patients", ascending=False, kind="stable")
    people = nodes["patients"].fillna(0).astype(float)
    greatest = max(float(people.max()), 1.0) if len(people) else 1.0
    return replace(
        picture,
        positions=map_layout(
            list(nodes.index),
            places,
            anchors=set(nodes.index[nodes["kind"].eq(MUNICIPALITY)]),
            radii={
                str(node): GREATEST_RADIUS * math.sqrt(AREA_ON_MAP * value / greatest)
                for node, value in people.items()
            },
        ),
    )


def with_most_arcs(picture: Picture, weight: str) -> Picture:
    """Return the picture with the ties among its strongest nodes alone, as many as can be read."""
    both = [picture.ties.groupby(end)[weight].sum() for end in ("from_id", "to_id")]
    strength = both[0].add(both[1], fill_value=0).astype(float)
    ordered = strength.sort_index().sort_values(ascending=False, kind="stable")
    kept = set(ordered.index[:MOST_ARCS])
    is_kept = picture.ties["from_id"].isin(kept) & picture.ties["to_id"].isin(kept)
    return narrowed(picture, is_kept.to_numpy(dtype=bool))


def arcs_of(picture: Picture, weight: str) -> tuple[list[Arc], list[Ribbon]]:
    """Return the arcs of all nodes with a tie, in order round the circle, and the ties' ribbons."""
    ties = picture.ties
    ends = {*ties["from_id"], *ties["to_id"]}
    nodes = picture.all_nodes[picture.all_nodes.index.isin(ends)]
    by_level = nodes.assign(
        is_unit=~nodes["kind"].eq(MUNICIPALITY), level=nodes["level"].fillna(""), node=nodes.index
    ).sort_values(
        ["is_unit", "level", "patients", "node"],
        ascending=[True, True, False, True],
        kind="stable",
    )
    rows: list[tuple[Any, Any, Any]] = list(
        zip(ties["from_id"], ties["to_id"], ties[weight].astype(float), strict=True)
    )
    return chords([str(node) for node in by_level.index], rows)


def outlines_of(
    picture: Picture, places: Mapping[str, Point], rings: Sequence[Sequence[Point]]
) -> list[list[Point]]:
    """Return outlines on the ground where they lie on the picture's map.

    Parameters
    ----------
    rings
        Latitude and longitude of the corners.
    """
    known = [places[node] for node in picture.all_nodes.index if node in places]
    if not known:
        return []
    ground = ground_of(known)
    return [_seen([ground.point(*corner) for corner in ring]) for ring in rings]


def _seen(corners: Sequence[Point]) -> list[Point]:
    """Return the corners without those that stand on the one before."""
    kept: list[Point] = []
    for corner in corners:
        if not kept or math.dist(kept[-1], corner) >= 1:
            kept.append(corner)
    return kept
