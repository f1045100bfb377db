"""Ties that lead one way alone.

The definitions are those of ``docs/definitions.md#one-way-referrals``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["one_way_ties"]


def one_way_ties(ties: pd.DataFrame, *, between_levels: bool) -> pd.DataFrame:
    """Return the ties between two nodes of which none leads back.

    Parameters
    ----------
    ties
        One row a tie: ``from_id``, ``to_id`` (null: not recorded), ``from_level``, ``to_level``,
        ``n_patients``, and whatever else is to be kept.
    between_levels
        Only between nodes of different levels; a level that is not known is none of them.

    Returns
    -------
    The rows that lead one way, with ``status`` (``none_back``; ``refers_nobody``: no tie at all
    leads from the second node) and ``n_unknown_back``: the ``n_patients`` of the tie that leads to
    the first node from an end that is not recorded.

    Examples
    --------
    >>> ties = pd.DataFrame(
    ...     {"from_id": ["a", "b", "c", None], "to_id": ["b", "a", "a", "c"],
    ...      "from_level": ["gp", "hospital", "gp", None], "n_patients": [1, 2, 3, 4],
    ...      "to_level": ["hospital", "gp", "gp", "gp"]}
    ... )
    >>> found = one_way_ties(ties, between_levels=False)
    >>> found[["from_id", "to_id", "status", "n_unknown_back"]].to_dict("records")
    [{'from_id': 'c', 'to_id': 'a', 'status': 'none_back', 'n_unknown_back': 4}]
    """
    has_from, has_to = ties["from_id"].notna(), ties["to_id"].notna()
    known = ties[has_from & has_to]
    pairs = pd.MultiIndex.from_frame(known[["from_id", "to_id"]])
    back = pd.MultiIndex.from_frame(known[["to_id", "from_id"]])
    is_one_way = ~back.isin(pairs) & (known["from_id"] != known["to_id"]).to_numpy()
    if between_levels:
        levels = known[["from_level", "to_level"]]
        is_one_way &= levels.notna().all(axis=1).to_numpy()
        is_one_way &= (levels["from_level"] != levels["to_level"]).to_numpy()
    found = known[is_one_way]
    unknown = ties[~has_from & has_to].set_index("to_id")["n_patients"]
    refers = found["to_id"].isin(set(ties["from_id"].dropna()))
    return found.assign(
        status=np.where(refers, "none_back", "refers_nobody"),
        n_unknown_back=[int(unknown.get(unit, 0)) for unit in found["from_id"]],
    )
