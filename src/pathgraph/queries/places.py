"""What a municipality's or unit's page takes from answers about all of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind, Return
from pathgraph.sentence import template

__all__ = ["DIRECTIONS", "STANDINGS", "below", "depth_of", "only", "ties_of", "with_standing"]

DIRECTIONS = ("from", "to", "any")
"""Ties that lead away from the place, to it, or without a direction."""

_DEPTHS = {"clinic": "clinic", "department": "department", "hospital": "hospital",
           "trust": "hospital"}  # fmt: skip
_OTHER = (
    Return("unit", Kind.UNIT, template("the other end of the tie")),
    Return("unit_name", Kind.TEXT, template("its name")),
    Return("kind", Kind.TEXT, template("what sort of unit it is")),
    Return("level", Kind.TEXT, template("its level of care")),
    Return("at", Kind.UNIT, template("the end of the tie that is here")),
    Return("at_name", Kind.TEXT, template("its name")),
)


STANDINGS = ("lowest_quarter", "middle_half", "highest_quarter")
"""Where a place stands among the others: below their lower quartile, above the upper, or between.
"""


def only(result: Result, column: str, value: str) -> Result:
    """Return the rows that hold the value in the column."""
    mask = pc.fill_null(pc.equal(result.table.column(column), value), False)
    rows = np.flatnonzero(mask.to_numpy())
    hidden = {name: hides[rows] for name, hides in result.hidden.items() if hides[rows].any()}
    manifest = {**result.manifest, "n_rows": len(rows), "n_suppressed": _n_hidden(hidden)}
    return Result(result.finding, result.table.take(pa.array(rows)), manifest, hidden)


def below(units: Result, unit: str) -> Result:
    """Return the units that are directly part of one, the most patients first.

    Parameters
    ----------
    units
        Answer of the finding ``units``.
    """
    parts = only(units, "part_of", unit)
    people = pc.fill_null(parts.table.column("n_patients"), -1)
    order = pc.sort_indices(
        parts.table.append_column("people", people),
        sort_keys=[("people", "descending"), ("unit", "ascending")],
    )
    hidden = {name: hides[order.to_numpy()] for name, hides in parts.hidden.items()}
    return Result(parts.finding, parts.table.take(order), parts.manifest, hidden)


def with_standing(result: Result) -> Result:
    """Add to findings by place where each stands among the others, one of :data:`STANDINGS`.

    Nothing is said where the own share, or the others', is not there to be seen.
    """
    names = ("share", "others_low", "others_high")
    columns = (result.table.column(name).to_pylist() for name in names)
    standings = [_standing(*row) for row in zip(*columns, strict=True)]
    sentence_ = template("where the share stands among those of the others")
    returns = (*result.finding.returns, Return("standing", Kind.TEXT, sentence_))
    table = result.table.append_column("standing", pa.array(standings, pa.string()))
    return replace(result, finding=replace(result.finding, returns=returns), table=table)


def _standing(share: float | None, low: float | None, high: float | None) -> str | None:
    if share is None or low is None or high is None:
        return None
    return STANDINGS[0] if share < low else STANDINGS[2] if share > high else STANDINGS[1]


def _n_hidden(hidden: Mapping[str, Any]) -> int:
    return int(np.any(np.stack([*hidden.values()]), axis=0).sum()) if hidden else 0


def depth_of(kind: str | None, *, is_topmost: bool) -> str:
    """Return the depth at which a network has a unit as a node of its own.

    Examples
    --------
    >>> depth_of("ward", is_topmost=False), depth_of("gp_practice", is_topmost=True)
    ('unit', 'clinic')
    """
    return "clinic" if is_topmost and kind != "trust" else _DEPTHS.get(kind or "", "unit")


def ties_of(
    network: Result, ids: Collection[str], direction: str, *, with_itself: bool = False
) -> Result:
    """Return the ties of some nodes with others, the strongest first.

    Parameters
    ----------
    network
        Ties of a whole network, freed of small numbers.
    ids
        The nodes. Ties between two of them are left out.
    direction
        One of :data:`DIRECTIONS`.
    with_itself
        Keep the tie of a node with itself.

    Returns
    -------
    Result with ``unit``, ``unit_name``, ``kind``, ``level`` (of the other node), ``at``,
    ``at_name`` (the node itself) and what the tie weighs; ``n_rows`` is their number.
    """
    ends = {"from": (("from", "to"),), "to": (("to", "from"),)}.get(
        direction, (("from", "to"), ("to", "from"))
    )
    weights = [c for c in network.finding.returns if c.kind.is_measure and not _is_margin(c)]
    parts, masks = [], []
    for own, other in ends:
        rows = _rows(network.table, ids, own, other, with_itself=with_itself)
        parts.append(_oriented(network.table.take(pa.array(rows)), own, other, weights))
        masks.append(rows)
    table = pa.concat_tables(parts).combine_chunks()
    rows = np.concatenate(masks)
    order = _strongest_first(table)
    hidden = {c.name: network.hidden[c.name][rows][order] for c in weights
              if c.name in network.hidden}  # fmt: skip
    returns = (*_OTHER, *(replace(c, of=()) for c in weights))
    finding = replace(network.finding, returns=returns, key=("unit", "at"), margins=())
    manifest = {
        **network.manifest,
        "n_rows": table.num_rows,
        "n_suppressed": _n_hidden(hidden),
        "columns": [{"name": c.name, "kind": str(c.kind)} for c in returns],
    }
    return Result(finding, table.take(pa.array(order)), manifest, hidden)


def _is_margin(column: Return) -> bool:
    return column.name in ("from_patients", "to_patients")


def _rows(
    table: pa.Table, ids: Collection[str], own: str, other: str, *, with_itself: bool
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    known = pa.array(sorted(ids), pa.string())
    is_own = pc.is_in(table.column(f"{own}_id"), known).to_numpy()
    is_within = pc.is_in(table.column(f"{other}_id"), known).to_numpy()
    is_itself = pc.equal(table.column(f"{own}_id"), table.column(f"{other}_id"))
    is_kept = is_itself.fill_null(False).to_numpy() & with_itself
    return np.flatnonzero(is_own & (~is_within | is_kept))


def _oriented(table: pa.Table, own: str, other: str, weights: Collection[Return]) -> pa.Table:
    return pa.table(
        {
            "unit": table.column(f"{other}_id"),
            "unit_name": table.column(f"{other}_name"),
            "kind": table.column(f"{other}_kind"),
            "level": table.column(f"{other}_level"),
            "at": table.column(f"{own}_id"),
            "at_name": table.column(f"{own}_name"),
            **{column.name: table.column(column.name) for column in weights},
        }
    )


def _strongest_first(table: pa.Table) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the order of the ties; those whose number is not shown come last."""
    order = pc.sort_indices(
        table.append_column("people", pc.fill_null(table.column("n_patients"), -1)),
        sort_keys=[("people", "descending"), ("unit", "ascending"), ("at", "ascending")],
    )
    indices: np.ndarray[tuple[int], np.dtype[np.int64]] = order.to_numpy().astype(np.int64)
    return indices
