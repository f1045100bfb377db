"""What a municipality's or unit's page takes from answers about all of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind, Return
from pathgraph.sentence import template

__all__ = ["DIRECTIONS", "depth_of", "ties_of"]

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


def depth_of(kind: str | None, *, is_topmost: bool) -> str:
    """Return the depth at which a network has a unit as a node of its own.

    Examples
    --------
    >>> depth_of("ward", is_topmost=False), depth_of("gp_practice", is_topmost=True)
    ('unit', 'clinic')
    """
    return "clinic" if is_topmost and kind != "trust" else _DEPTHS.get(kind or "", "unit")


def ties_of(network: Result, ids: Collection[str], direction: str) -> Result:
    """Return the ties of some nodes with others, the strongest first.

    Parameters
    ----------
    network
        Ties of a whole network, freed of small numbers.
    ids
        The nodes. Ties between two of them are left out, those of one with itself are not.
    direction
        One of :data:`DIRECTIONS`.

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
        rows = _rows(network.table, ids, own, other)
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
        "n_suppressed": int(np.any(np.stack([*hidden.values()]), axis=0).sum()) if hidden else 0,
        "columns": [{"name": c.name, "kind": str(c.kind)} for c in returns],
    }
    return Result(finding, table.take(pa.array(order)), manifest, hidden)


def _is_margin(column: Return) -> bool:
    return column.name in ("from_patients", "to_patients")


def _rows(
    table: pa.Table, ids: Collection[str], own: str, other: str
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    known = pa.array(sorted(ids), pa.string())
    is_own = pc.is_in(table.column(f"{own}_id"), known).to_numpy()
    is_within = pc.is_in(table.column(f"{other}_id"), known).to_numpy()
    is_itself = pc.equal(table.column(f"{own}_id"), table.column(f"{other}_id"))
    return np.flatnonzero(is_own & (~is_within | is_itself.fill_null(False).to_numpy()))


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
