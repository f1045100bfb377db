"""Formal partners that had nothing to do with each other.

The definitions are those of ``docs/definitions.md#formal-partners-without-contact``.
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt
import pandas as pd

from pathgraph.analysis.coverage import is_covered

__all__ = ["partners_in_area", "partners_status", "seen_together"]

_ENDS = ["from_id", "to_id"]


def partners_in_area(municipalities: pd.DataFrame, hospitals: pd.DataFrame) -> pd.DataFrame:
    """Return each municipality with the hospitals that stand in its area.

    Parameters
    ----------
    municipalities
        ``municipality_code``, ``hospital_area`` (null: none).
    hospitals
        ``unit_id``, ``municipality_code`` (null: not known).

    Returns
    -------
    ``from_id`` (municipality), ``to_id`` (hospital).

    Examples
    --------
    >>> partners_in_area(
    ...     pd.DataFrame({"municipality_code": ["a", "b"], "hospital_area": ["east", "east"]}),
    ...     pd.DataFrame({"unit_id": ["h"], "municipality_code": ["a"]}),
    ... ).to_dict("records")
    [{'from_id': 'a', 'to_id': 'h'}, {'from_id': 'b', 'to_id': 'h'}]
    """
    areas = municipalities[municipalities["hospital_area"].notna()]
    standing = hospitals.merge(areas, on="municipality_code")[["unit_id", "hospital_area"]]
    pairs = areas.merge(standing, on="hospital_area")
    return pairs.rename(columns={"municipality_code": "from_id", "unit_id": "to_id"})[_ENDS]


def seen_together(
    pairs: pd.DataFrame, at_or_below: pd.DataFrame, *, both_ends: bool
) -> pd.MultiIndex:
    """Return the pairs that had to do with each other, themselves or through a part of them.

    Parameters
    ----------
    pairs
        ``from_id``, ``to_id``: the units (or municipality and unit) of a contact.
    at_or_below
        As :func:`pathgraph.analysis.organisation.units_at_or_below` gives it.
    both_ends
        Both ends are units, and the order does not matter.

    Examples
    --------
    >>> at_or_below = pd.DataFrame({"above_id": ["h", "w"], "unit_id": ["w", "w"]})
    >>> pairs = pd.DataFrame({"from_id": ["m"], "to_id": ["w"]})
    >>> seen_together(pairs, at_or_below, both_ends=False).to_list()
    [('m', 'h'), ('m', 'w')]
    """
    above = at_or_below.astype("object")
    found = pairs[_ENDS].astype("object").drop_duplicates()
    found = found.merge(above, left_on="to_id", right_on="unit_id")[["from_id", "above_id"]]
    found = found.rename(columns={"above_id": "to_id"}).drop_duplicates()
    if both_ends:
        found = found.merge(above, left_on="from_id", right_on="unit_id")[["above_id", "to_id"]]
        found = found.rename(columns={"above_id": "from_id"}).drop_duplicates()
        other_way = found.rename(columns={"from_id": "to_id", "to_id": "from_id"})
        found = pd.concat([found, other_way[_ENDS]]).drop_duplicates()
    return pd.MultiIndex.from_frame(found)


def partners_status(
    partners: pd.DataFrame,
    *,
    together: pd.MultiIndex,
    recorded: Collection[str],
    coverage: pd.DataFrame,
    days: tuple[int, int],
) -> npt.NDArray[np.str_]:
    """Say of formal partners whether they had to do with each other.

    Parameters
    ----------
    partners
        ``from_id``, ``to_id``, ``from_level``, ``from_place``, ``to_level``, ``to_place``: what a
        source must cover of each end, level of care and municipality (level null: nothing).
    recorded
        Units and municipalities of which anything is recorded in the period.
    coverage
        ``level``, ``municipality_code`` (null: all), ``from_s``, ``to_s`` [d].
    days
        First day of the period, and the first after it.

    Returns
    -------
    ``in_contact``, ``not_covered``, ``not_recorded`` or ``quiet``, the first that holds.

    Examples
    --------
    >>> partners = pd.DataFrame(
    ...     {"from_id": ["m"] * 3, "to_id": ["x", "y", "z"], "from_level": [None] * 3,
    ...      "from_place": [None] * 3, "to_level": ["gp", "gp", "gp"], "to_place": ["m"] * 3}
    ... )
    >>> coverage = pd.DataFrame(
    ...     {"level": ["gp"], "municipality_code": [None], "from_s": [0], "to_s": [9]}
    ... )
    >>> partners_status(
    ...     partners, together=pd.MultiIndex.from_tuples([("m", "x")]), recorded={"m", "z"},
    ...     coverage=coverage, days=(0, 9),
    ... ).tolist()
    ['in_contact', 'not_recorded', 'quiet']
    """
    keys = pd.MultiIndex.from_frame(partners[_ENDS].astype("object"))
    is_covered_there = np.ones(len(partners), dtype=bool)
    for end in ("from", "to"):
        is_covered_there &= _covered(partners, end, coverage, days)
    both = partners["from_id"].isin(recorded) & partners["to_id"].isin(recorded)
    conditions = {
        "in_contact": keys.isin(together),
        "not_covered": ~is_covered_there,
        "not_recorded": ~both.to_numpy(dtype=bool),
    }
    return np.select(list(conditions.values()), list(conditions), default="quiet")


def _covered(
    partners: pd.DataFrame, end: str, coverage: pd.DataFrame, days: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    found = partners[f"{end}_level"].isna().to_numpy(dtype=bool, copy=True)
    spans = pd.DataFrame(
        {
            # Where no municipality is known, a source must cover all of them.
            "municipality_code": partners[f"{end}_place"].fillna(""),
            "from_s": days[0],
            "to_s": days[1],
        }
    )
    for level in partners[f"{end}_level"].dropna().unique():
        is_level = partners[f"{end}_level"].eq(level).fillna(False).to_numpy(dtype=bool)
        own = coverage[coverage["level"].eq(level).to_numpy(dtype=bool)]
        found |= is_level & is_covered(spans, own)
    return found
