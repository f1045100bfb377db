"""Where patients lived on a day; tables in, tables out, days are numbers since 1970-01-01."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathgraph.analysis.days import day_numbers

__all__ = ["lived_in"]


def lived_in(asked: pd.DataFrame, residences: pd.DataFrame) -> pd.Series[str]:
    """Return the municipality where each patient lived on a day, null where none is recorded.

    Parameters
    ----------
    asked
        ``patient_id``, ``day`` [d]; a patient may stand several times.
    residences
        ``patient_id``, ``municipality_code``, ``valid_from_day`` and ``valid_to_day`` [d, null
        where open; the last day is exclusive].

    Returns
    -------
    With the index of ``asked``; of several residences the latest begun, ties by the higher number.

    Examples
    --------
    >>> residences = pd.DataFrame({"patient_id": ["a", "a"], "municipality_code": ["1", "2"],
    ...     "valid_from_day": [None, 10], "valid_to_day": [10, None]})
    >>> lived_in(pd.DataFrame({"patient_id": ["a", "a"], "day": [9, 10]}), residences).tolist()
    ['1', '2']
    """
    bounded = residences.assign(
        begin=day_numbers(residences["valid_from_day"], -np.inf),
        end=day_numbers(residences["valid_to_day"], np.inf),
    )
    placed = asked.assign(place=range(len(asked))).merge(bounded, on="patient_id")
    holds = (placed["begin"] <= placed["day"]) & (placed["day"] < placed["end"])
    latest = (
        placed[holds.to_numpy(dtype=bool)]
        .sort_values(["place", "begin", "municipality_code"])
        .drop_duplicates("place", keep="last")
        .set_index("place")["municipality_code"]
    )
    return latest.reindex(range(len(asked))).set_axis(asked.index)
