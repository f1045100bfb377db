"""What is drawn of a network: which of its ties and nodes, where they stand, and what is left out.

Everything is worked out from the answer after small numbers were hidden.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.network_layout import Point, layout, projected, seed_of
from pathgraph.analysis.networks import (
    MEASURES,
    MOST_NODES,
    around,
    graph_of,
    graphml,
    grouped,
    measured,
    nodes_of,
    path_between,
)
from pathgraph.queries.export import manifest_lines
from pathgraph.queries.network_nodes import MUNICIPALITY
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Finding, Kind

__all__ = [
    "GREATEST_RADIUS",
    "GROUP",
    "MOST_TIES",
    "Picture",
    "Wish",
    "graphml_of",
    "narrowed",
    "picture_of",
    "positions_of",
    "steps_of",
    "weights_of",
]

MOST_TIES = 300
"""Ties that are drawn unless a threshold is given: more of them are no picture (own choice)."""

GROUP = "group:"
"""Begin of the id of a node that stands for several."""

GREATEST_RADIUS = 26.0
"""Of the greatest node, in the unit of the area that is laid out."""

_OTHER_PEOPLE = ("from_patients", "to_patients")
_WEIGHT = "weight"


@dataclass(frozen=True, slots=True)
class Wish:
    """Which part of a network to look at, and how.

    Attributes
    ----------
    fewest
        Patients that a drawn tie has at least; ``None`` leaves as many ties as make a picture.
    kinds
        Kinds of nodes to draw; empty means all.
    focus, steps
        Draw what is at most ``steps`` ties away from these nodes; no focus draws all.
    path_from, path_to, path_by
        Two nodes between which a way is marked, and of which sort.
    weight
        Column that says how strong a tie is.
    measures
        Measures of the nodes that are needed.
    with_loops
        Draw ties of a node to itself.
    selected
        Node that is drawn in any case.
    """

    fewest: int | None = None
    kinds: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    steps: int = 1
    path_from: str = ""
    path_to: str = ""
    path_by: str = "strongest"
    weight: str = "n_patients"
    measures: tuple[str, ...] = ("degree", "strength")
    with_loops: bool = True
    selected: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn of a network.

    Attributes
    ----------
    result
        The whole answer.
    shown
        The rows whose ties are drawn; empty where nodes were put together.
    ties, nodes
        What is drawn: ``from_id``, ``to_id`` and weights; name, kind, level and measures by id.
    all_nodes
        Name, kind and level of all nodes of the answer whose ties are not hidden.
    positions
        Where each node stands.
    n_ties
        Ties of the answer whose numbers are not hidden and whose ends are recorded.
    n_hidden
        Ties about few people, of which nothing is drawn.
    n_unrecorded
        Ties with an end that is not recorded.
    fewest
        Patients that a drawn tie has at least.
    share
        Share of the weight of all these ties (contacts where they are counted) that is drawn.
    path
        Nodes of the way asked for, in order.
    groups
        Number of nodes by the id of the node that stands for them.
    """

    result: Result
    shown: Result
    ties: pd.DataFrame
    nodes: pd.DataFrame
    all_nodes: pd.DataFrame
    positions: Mapping[str, Point]
    n_ties: int
    n_hidden: int
    n_unrecorded: int
    fewest: int
    share: float | None
    path: Sequence[str] = ()
    groups: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Ties:
    """The ties of an answer that may be drawn."""

    ties: pd.DataFrame
    nodes: pd.DataFrame
    groups: Mapping[str, int]


def weights_of(network: Finding) -> list[str]:
    """Return the columns that say how strong a tie is, the number of patients first."""
    names = [column.name for column in network.returns]
    if _WEIGHT in names:
        # A tie put together of several kinds may have none of one kind.
        return ["n_patients", _WEIGHT]
    return [
        column.name
        for column in network.returns
        if column.kind in (Kind.PERSONS, Kind.COUNT) and column.name not in _OTHER_PEOPLE
    ]


def picture_of(
    result: Result,
    wish: Wish,
    *,
    places: Mapping[str, Point] | None = None,
    whole: Result | None = None,
) -> Picture:
    """Return what is drawn of the answer of a network.

    Parameters
    ----------
    places
        Latitude and longitude of nodes.
    whole
        The answer for all levels of care, so that nodes stay where they are when levels are left
        out.
    """
    rows = result.frame
    is_known = rows["from_id"].notna() & rows["to_id"].notna()
    is_shown = (is_known & rows["n_patients"].notna()).to_numpy(dtype=bool)
    known = _drawable(rows[is_shown], wish.weight, result)
    graph = graph_of(known.ties, weight=wish.weight, is_directed=bool(result.finding.is_directed))
    nodes = known.nodes.join(measured(graph, [m for m in wish.measures if m != MEASURES[0]]))
    kept = _asked_for(known, wish)
    path = _path(known, wish, bool(result.finding.is_directed))
    steps = steps_of(path, is_directed=bool(result.finding.is_directed))
    drawn, fewest = _cut(kept, known.ties, wish, steps)
    named = {*drawn["from_id"], *drawn["to_id"], *path, wish.selected, *wish.focus}
    return Picture(
        result=result,
        shown=_rows_drawn(result, is_shown, drawn) if not known.groups else _none(result),
        ties=drawn,
        nodes=nodes[nodes.index.isin(named)],
        all_nodes=nodes,
        positions=_positions(result, whole, wish.weight, places or {}),
        n_ties=int(is_shown.sum()),
        n_hidden=int(result.manifest["n_suppressed"]),
        n_unrecorded=int((~is_known).sum()),
        fewest=fewest,
        share=_share(drawn, rows[is_shown]),
        path=path,
        groups=known.groups,
    )


def narrowed(picture: Picture, is_kept: np.ndarray[Any, Any]) -> Picture:
    """Return the picture with some of its ties alone, and what these lead to.

    Parameters
    ----------
    is_kept
        A mask of the picture's ties.
    """
    ties = picture.ties[is_kept]
    named = {*ties["from_id"], *ties["to_id"]}
    shown = picture.shown
    if not picture.groups:
        drawn = set(zip(ties["from_id"], ties["to_id"], strict=True))
        rows = picture.shown.table.select(["from_id", "to_id"]).to_pylist()
        mask = [(row["from_id"], row["to_id"]) in drawn for row in rows]
        shown = _filtered(picture.shown, np.array(mask, dtype=bool))
    share = picture.share
    if share is not None and len(picture.ties):
        column = "n_contacts" if "n_contacts" in ties else "n_patients"
        whole = float(picture.ties[column].sum())
        share = share * float(ties[column].sum()) / whole if whole else share
    nodes = picture.nodes[picture.nodes.index.isin(named)]
    return replace(picture, ties=ties, nodes=nodes, shown=shown, share=share)


def graphml_of(picture: Picture) -> bytes:
    """Return what is drawn as GraphML, with all that the answer rests on."""
    placed = picture.nodes.assign(
        x=[picture.positions[node][0] for node in picture.nodes.index],
        y=[picture.positions[node][1] for node in picture.nodes.index],
    )
    manifest = manifest_lines(picture.result.manifest)
    return graphml(
        picture.ties.drop(columns=[c for c in picture.ties.columns if c.endswith(_OF_ENDS)]),
        placed,
        is_directed=bool(picture.result.finding.is_directed),
        manifest=[*manifest, ("ties_not_shown", str(picture.n_hidden))],
    )


_OF_ENDS = ("_name", "_kind", "_level")


def _positions(
    result: Result, whole: Result | None, weight: str, places: Mapping[str, Point]
) -> Mapping[str, Point]:
    """Return where nodes stand among all; what is hidden there and shown here stands as here."""
    if whole is None:
        return positions_of(result, weight, places)
    among_all = positions_of(whole, weight, places)
    rows = result.frame[result.frame["n_patients"].notna()]
    if {*rows["from_id"].dropna(), *rows["to_id"].dropna()} <= set(among_all):
        return among_all
    return {**positions_of(result, weight, places), **among_all}


def positions_of(result: Result, weight: str, places: Mapping[str, Point]) -> Mapping[str, Point]:
    """Return where the nodes of an answer stand; the same for the same data and question."""
    rows = result.frame
    rows = rows[rows["from_id"].notna() & rows["to_id"].notna() & rows["n_patients"].notna()]
    known = _drawable(rows, weight, result)
    ties = tuple(
        zip(known.ties["from_id"], known.ties["to_id"], known.ties["n_patients"], strict=True)
    )
    is_place = known.nodes["kind"].eq(MUNICIPALITY)
    fixed = tuple(sorted(set(known.nodes.index[is_place]) & set(places)))
    begin = tuple(sorted((node, places[node]) for node in known.nodes.index if node in places))
    seed = seed_of(str(result.manifest["data"]["fingerprint"]), result.finding.id)
    people = known.nodes["patients"].fillna(0).astype(float)
    sizes = tuple((people / max(people.max(), 1.0)).items())
    return _laid_out(ties, begin, fixed, sizes, seed)


@lru_cache(maxsize=64)
def _laid_out(
    ties: tuple[tuple[str, str, int], ...],
    begin: tuple[tuple[str, Point], ...],
    fixed: tuple[str, ...],
    sizes: tuple[tuple[str, float], ...],
    seed: int,
) -> Mapping[str, Point]:
    frame = pd.DataFrame(list(ties), columns=["from_id", "to_id", "n"])
    graph = graph_of(frame, weight="n", is_directed=False)
    radii = {node: GREATEST_RADIUS * math.sqrt(size) for node, size in sizes}
    return layout(graph, seed=seed, begin=projected(dict(begin)), fixed=fixed, radii=radii)


def _drawable(rows: pd.DataFrame, weight: str, result: Result) -> _Ties:
    """Return the ties that may be drawn; of very many nodes the lesser ones are put together."""
    nodes = nodes_of(rows)
    weights = weights_of(result.finding)
    if len(nodes) <= MOST_NODES:
        return _Ties(rows.reset_index(drop=True), nodes, {})
    both = [rows.groupby(end)[weight].sum() for end in ("from_id", "to_id")]
    strength = both[0].add(both[1], fill_value=0)
    names = GROUP + nodes["kind"].fillna("unit") + ":" + nodes["level"].fillna("")
    ordered = strength.sort_values(ascending=False, kind="stable").index
    lesser = set(ordered[MOST_NODES - names.nunique() :])
    groups = {node: names[node] for node in nodes.index if node in lesser}
    counts = dict(Counter(groups.values()))
    ties = grouped(rows, groups, weights=weights)
    together = nodes.drop(index=list(lesser))
    heads = {g: nodes.loc[next(n for n in groups if groups[n] == g)] for g in sorted(counts)}
    added = pd.DataFrame(
        [{"name": None, "kind": head["kind"], "level": head["level"]} for head in heads.values()],
        index=list(heads),
    )
    return _Ties(ties, pd.concat([together, added]), counts)


def _asked_for(known: _Ties, wish: Wish) -> pd.DataFrame:
    """Return the ties between the kinds asked for, around the nodes asked for."""
    ties = known.ties
    if wish.kinds:
        wanted = set(known.nodes.index[known.nodes["kind"].isin(wish.kinds)])
        ties = ties[ties["from_id"].isin(wanted) & ties["to_id"].isin(wanted)]
    if not wish.with_loops:
        ties = ties[ties["from_id"] != ties["to_id"]]
    if wish.focus:
        strong = ties[ties["n_patients"] >= (wish.fewest or 1)]
        graph = graph_of(strong, weight="n_patients", is_directed=False)
        near = around(graph, wish.focus, wish.steps)
        ties = ties[ties["from_id"].isin(near) & ties["to_id"].isin(near)]
    return ties


def _path(known: _Ties, wish: Wish, is_directed: bool) -> list[str]:
    if not wish.path_from or not wish.path_to:
        return []
    graph = graph_of(known.ties, weight=wish.weight, is_directed=is_directed)
    return path_between(graph, wish.path_from, wish.path_to, by=wish.path_by)


def steps_of(path: Sequence[str], *, is_directed: bool) -> set[tuple[str, str]]:
    """Return the ties of a way, as from and to; without a direction both ways round.

    Examples
    --------
    >>> sorted(steps_of(["a", "b", "c"], is_directed=True))
    [('a', 'b'), ('b', 'c')]
    """
    steps = set(pairwise(path))
    return steps if is_directed else steps | {(other, one) for one, other in steps}


def _cut(
    ties: pd.DataFrame, all_ties: pd.DataFrame, wish: Wish, steps: Collection[tuple[str, str]]
) -> tuple[pd.DataFrame, int]:
    """Return the ties that are strong enough, with those of the way, and how strong that is."""
    people = np.sort(ties["n_patients"].to_numpy(dtype=np.int64))[::-1]
    fewest = wish.fewest
    if fewest is None:
        fewest = 1 if len(people) <= MOST_TIES else int(min(people[MOST_TIES] + 1, people[0]))
    strong = ties.index[ties["n_patients"] >= fewest]
    ends = zip(all_ties["from_id"], all_ties["to_id"], strict=True)
    is_step = np.array([pair in steps for pair in ends], dtype=bool)
    return all_ties[is_step | all_ties.index.isin(strong)], fewest


def _rows_drawn(result: Result, is_shown: np.ndarray[Any, Any], drawn: pd.DataFrame) -> Result:
    """Return the rows of the answer that are drawn."""
    places = np.flatnonzero(is_shown)[drawn.index.to_numpy(dtype=np.int64)]
    mask = np.zeros(result.table.num_rows, dtype=bool)
    mask[places] = True
    return _filtered(result, mask)


def _none(result: Result) -> Result:
    return _filtered(result, np.zeros(result.table.num_rows, dtype=bool))


def _filtered(result: Result, mask: np.ndarray[Any, Any]) -> Result:
    return replace(
        result,
        table=result.table.filter(pa.array(mask)),
        hidden={name: its_mask[mask] for name, its_mask in result.hidden.items()},
        manifest={**result.manifest, "n_rows": int(mask.sum())},
    )


def _share(drawn: pd.DataFrame, rows: pd.DataFrame) -> float | None:
    """Return how much of the contacts (or of the patients, tie by tie) is drawn node by node."""
    column = "n_contacts" if "n_contacts" in rows else "n_patients"
    total = float(rows[column].sum())
    is_single = ~(
        drawn["from_id"].str.startswith(GROUP) | drawn["to_id"].str.startswith(GROUP)
    ).astype(bool)
    return float(drawn.loc[is_single, column].sum()) / total if total else None
