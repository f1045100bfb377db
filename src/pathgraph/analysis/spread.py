"""One value against the anonymous spread of the others: median, quartiles, own position."""

from __future__ import annotations

import numpy as np
import pandas as pd

__all__ = ["FEWEST_OTHERS", "against_others"]

FEWEST_OTHERS = 5
"""With fewer others nothing is compared: a quartile would be one of them (own choice)."""

_DECIMALS = 3
"""Shares of the others are rounded to this, so that a number of people cannot be read from them."""


def against_others(rows: pd.DataFrame) -> pd.DataFrame:
    """Set each row's share against those of the other rows of its group.

    Parameters
    ----------
    rows
        ``group`` (null: compared with nothing) and ``share`` (null: unknown, nobody's other).

    Returns
    -------
    ``n_others``, ``n_lower`` (of these a lower share), ``others_low``, ``others_median`` and
    ``others_high`` (quartiles, interpolated), in the order of ``rows``; all but ``n_others`` null
    where there are fewer than :data:`FEWEST_OTHERS` others, ``n_lower`` also where the own share is
    unknown.

    Examples
    --------
    >>> rows = pd.DataFrame({"group": ["a"] * 6, "share": [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]})
    >>> found = against_others(rows)
    >>> found.iloc[5].to_list()
    [5.0, 5.0, 0.2, 0.3, 0.4]
    """
    found = pd.DataFrame(
        np.nan,
        index=rows.index,
        columns=["n_others", "n_lower", "others_low", "others_median", "others_high"],
    )
    found["n_others"] = 0.0
    for _, group in rows.groupby("group"):
        shares = group["share"].to_numpy(dtype=float, na_value=np.nan)
        for place, label in enumerate(group.index):
            others = np.delete(shares, place)
            others = others[~np.isnan(others)]
            found.loc[label, "n_others"] = len(others)
            if len(others) < FEWEST_OTHERS:
                continue
            if not np.isnan(shares[place]):
                found.loc[label, "n_lower"] = int((others < shares[place]).sum())
            low, median, high = np.percentile(others, [25, 50, 75])
            found.loc[label, ["others_low", "others_median", "others_high"]] = np.round(
                [low, median, high], _DECIMALS
            )
    return found
