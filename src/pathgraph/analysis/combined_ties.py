"""Ties of several kinds between the same nodes, put together with weights."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pathgraph.analysis.networks import nodes_of

__all__ = ["combined_ties"]

_OF_NODE = ("name", "kind", "level")


def combined_ties(kinds: Mapping[str, pd.DataFrame], weights: Mapping[str, float]) -> pd.DataFrame:
    """Return each two nodes with a tie of any kind, every pair once.

    Parameters
    ----------
    kinds
        By kind, its ties between two different nodes: ``from_id``, ``to_id``, ``n_patients``,
        ``from_patients`` and ``to_patients`` (null where not known), and ``from_name``,
        ``from_kind``, ``from_level`` and the same with ``to_``. Of a kind with a direction the two
        directions of a pair are added up.
    weights
        What one patient of each kind weighs.

    Returns
    -------
    One row a pair, the lesser id first: both ends as in ``kinds``; by kind the patients of its
    ties, null where it has none; ``weight``, the sum of these times their weights; ``n_patients``,
    those of the strongest single tie; ``from_patients`` and ``to_patients``, the greatest that is
    known of the node in any kind.

    Examples
    --------
    >>> ends = {"from_name": None, "from_kind": None, "from_level": None, "from_patients": 9,
    ...         "to_name": None, "to_kind": None, "to_level": None, "to_patients": 9}
    >>> shared = pd.DataFrame([{"from_id": "a", "to_id": "b", "n_patients": 7, **ends}])
    >>> referred = pd.DataFrame([{"from_id": "b", "to_id": "a", "n_patients": 5, **ends}])
    >>> found = combined_ties({"s": shared, "r": referred}, {"s": 1, "r": 2})
    >>> found[["from_id", "to_id", "s", "r", "weight", "n_patients"]].to_dict("records")
    [{'from_id': 'a', 'to_id': 'b', 's': 7, 'r': 5, 'weight': 17.0, 'n_patients': 7}]
    """
    parts = [_lesser_first(ties).assign(of_kind=kind) for kind, ties in kinds.items()]
    rows = pd.concat(parts, ignore_index=True)
    rows["weighed"] = rows["n_patients"] * rows["of_kind"].map(weights).astype(np.float64)
    pair = ["from_id", "to_id"]
    found = rows.groupby(pair).agg(weight=("weighed", "sum"), n_patients=("n_patients", "max"))
    for kind in kinds:
        own = rows[rows["of_kind"].eq(kind)].groupby(pair)["n_patients"].sum()
        found[kind] = own.reindex(found.index).astype("Int64")
    return _with_nodes(found.reset_index(), nodes_of(rows))


def _lesser_first(ties: pd.DataFrame) -> pd.DataFrame:
    """Return the ties with the lesser id first."""
    columns = ("id", *_OF_NODE, "patients")
    is_turned = (ties["from_id"] > ties["to_id"]).to_numpy(dtype=bool)
    turned = {f"from_{name}": ties[f"to_{name}"] for name in columns}
    turned |= {f"to_{name}": ties[f"from_{name}"] for name in columns}
    whole: dict[str, object] = {
        name: ties[name].astype(object).mask(is_turned, other.astype(object))
        for name, other in turned.items()
    }
    counted = dict.fromkeys(("from_patients", "to_patients"), "Int64")
    return pd.DataFrame(
        {**whole, "n_patients": ties["n_patients"].astype(np.int64)}, index=ties.index
    ).astype(counted)


def _with_nodes(ties: pd.DataFrame, nodes: pd.DataFrame) -> pd.DataFrame:
    for end in ("from", "to"):
        known = nodes.reindex(ties[f"{end}_id"])
        for name in (*_OF_NODE, "patients"):
            ties[f"{end}_{name}"] = known[name].array
    return ties
