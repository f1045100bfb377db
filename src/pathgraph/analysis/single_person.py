"""Ties between places that rest on one professional.

The definitions are those of ``docs/definitions.md#ties-that-rest-on-one-professional``.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

__all__ = ["between_units", "resting_on_one"]

_TIE = ["from_id", "to_id"]


def between_units(held: pd.DataFrame) -> pd.DataFrame:
    """Return what is held for patients for whom somebody at another unit holds something, too.

    Parameters
    ----------
    held
        Any number of rows: ``patient_id``, ``to_id`` (unit of the holder), and whatever else is to
        be kept.

    Returns
    -------
    The rows of each pair of units, with ``from_id``: the other unit.

    Examples
    --------
    >>> held = pd.DataFrame({"patient_id": ["a", "a", "b"], "to_id": ["x", "y", "x"]})
    >>> between_units(held).to_dict("records")
    [{'patient_id': 'a', 'to_id': 'x', 'from_id': 'y'},
     {'patient_id': 'a', 'to_id': 'y', 'from_id': 'x'}]
    """
    others = held[["patient_id", "to_id"]].drop_duplicates()
    pairs = held.merge(others.rename(columns={"to_id": "from_id"}), on="patient_id")
    return pairs[(pairs["from_id"] != pairs["to_id"]).to_numpy(dtype=bool)].reset_index(drop=True)


def resting_on_one(held: pd.DataFrame) -> pd.DataFrame:
    """Return the ties of which everything is held by one and the same professional.

    Parameters
    ----------
    held
        Any number of rows: ``patient_id``, ``from_id``, ``to_id``, ``holder_kind``
        (``professional`` or ``unit``), ``holder_id``, ``kind``.

    Returns
    -------
    ``from_id``, ``to_id``, ``professional_id``, ``kinds`` (in order), ``n_patients``, in order of
    the ids.

    Examples
    --------
    >>> held = pd.DataFrame(
    ...     [("a", "m", "x", "professional", "p", "coordinator"),
    ...      ("b", "m", "x", "professional", "p", "plan_owner"),
    ...      ("a", "n", "x", "professional", "p", "coordinator"),
    ...      ("b", "n", "x", "unit", "x", "coordinator")],
    ...     columns=["patient_id", "from_id", "to_id", "holder_kind", "holder_id", "kind"],
    ... )
    >>> resting_on_one(held).to_dict("records")
    [{'from_id': 'm', 'to_id': 'x', 'professional_id': 'p',
      'kinds': ['coordinator', 'plan_owner'], 'n_patients': 2}]
    """
    holders = held[[*_TIE, "holder_kind", "holder_id"]].drop_duplicates()
    alone = holders[~holders.duplicated(_TIE, keep=False)]
    alone = alone[alone["holder_kind"].eq("professional").to_numpy(dtype=bool)]
    rows = held.merge(alone[_TIE], on=_TIE).groupby(_TIE, sort=True)
    found = pd.DataFrame(
        {
            "professional_id": rows["holder_id"].first(),
            "kinds": rows["kind"].agg(_in_order),
            "n_patients": rows["patient_id"].nunique(),
        }
    )
    return found.reset_index().astype({"kinds": "object", "n_patients": "int64"})


def _in_order(kinds: Sequence[str]) -> list[str]:
    return sorted(set(kinds))
