"""Expected numbers of units by indirect standardisation, of all units or of the others only.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#indirect-standardisation``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pathgraph.analysis.nullable_columns import Floats, first_code, nullable

__all__ = ["Reference", "expected_of_units"]

Reference = Literal["others", "all"]
"""Whose shares are the reference: those of all other units (leave-one-out), or of all units."""


def expected_of_units(
    patients: pd.DataFrame,
    *,
    unit: str,
    hit: str,
    strata: Sequence[str] = (),
    reference: Reference = "others",
) -> pd.DataFrame:
    """Return the observed and the expected number of each unit.

    Parameters
    ----------
    patients
        One row a patient: the columns ``unit``, ``hit`` (boolean, not null) and ``strata``. A null
        is a unit or a stratum of its own.
    unit
        Column of the unit that a patient belongs to.
    hit
        Column that says who is counted, such as who was referred.
    strata
        Columns that divide the patients, the most important first. Without any, the expected number
        is eligible x the share of the reference: the trust's own mean.
    reference
        ``others``: a unit's own patients do not count towards what is expected of it. ``all``: they
        do, which draws the expected number towards the observed one, the more the larger the unit.

    Returns
    -------
    One row a unit, its value in column ``unit``, in order of appearance: ``eligible`` [patients],
    ``observed`` [patients], ``expected`` [patients], ``n_coarser``, patients whose stratum no other
    unit has; and ``reason``: ``no_other_unit`` where ``expected`` is null because nobody else has
    any patients.

    Notes
    -----
    E = sum over strata of n x r, n being the unit's patients and r the reference's share of hits
    (indirect standardisation; Breslow and Day 1987, volume II, chapter 2). Where no other unit has
    a patient of the stratum, ``others`` takes the share of the others in the coarser stratum
    without the last column, then without the last two, and so on, up to all other patients together
    (own choice). ``all`` takes the unit's own share there, so that these patients say nothing.

    Examples
    --------
    >>> patients = pd.DataFrame({"clinic": list("aaaabb"), "is_referred": [1, 0, 0, 0, 1, 0]})
    >>> expected_of_units(patients, unit="clinic", hit="is_referred").to_dict("list")
    {'clinic': ['a', 'b'], 'eligible': [4, 2], 'observed': [1, 1], 'expected': [2.0, 0.5],
     'n_coarser': [0, 0], 'reason': [None, None]}
    """
    names, number = _numbered(patients[unit])
    depths = _depths(patients, strata)
    cells = _cells(number, depths, patients[hit].to_numpy(dtype=bool))
    share, is_alone = _shares(cells, len(depths), is_left_out=reference == "others")
    n_units = len(names)

    def total(values: Floats) -> Floats:
        return np.bincount(cells["unit"], weights=values, minlength=n_units).astype(np.float64)

    n = cells["n"].to_numpy(dtype=np.float64)
    expected = total(n * share)
    return pd.DataFrame(
        {
            unit: names,
            "eligible": total(n).astype(np.int64),
            "observed": total(cells["hits"].to_numpy(dtype=np.float64)).astype(np.int64),
            "expected": nullable(expected),
            "n_coarser": total(np.where(is_alone, n, 0)).astype(np.int64),
            "reason": first_code({"no_other_unit": np.isnan(expected)}),
        }
    )


def _numbered(values: pd.Series[str]) -> tuple[pd.Series[str], NDArray[np.int64]]:
    number, _ = pd.factorize(values, use_na_sentinel=False)
    is_first = ~pd.Series(number).duplicated().to_numpy()
    return values[is_first].reset_index(drop=True), number.astype(np.int64)


def _depths(patients: pd.DataFrame, strata: Sequence[str]) -> list[NDArray[np.int64]]:
    """Return each patient's stratum by no column, by the first, by the first two, and so on."""
    depths = [np.zeros(len(patients), np.int64)]
    for name in strata:
        number, values = pd.factorize(patients[name], use_na_sentinel=False)
        finer, _ = pd.factorize(depths[-1] * max(len(values), 1) + number)
        depths.append(finer.astype(np.int64))
    return depths


def _cells(
    unit: NDArray[np.int64], depths: Sequence[NDArray[np.int64]], is_hit: NDArray[np.bool_]
) -> pd.DataFrame:
    """Return one row a unit and finest stratum: how many patients, how many hits, its strata."""
    frame = pd.DataFrame({"unit": unit, "hits": is_hit.astype(np.int64)})
    for depth, number in enumerate(depths):
        frame[f"stratum_{depth}"] = number
    columns = ["unit", *(f"stratum_{depth}" for depth in range(len(depths)))]
    return frame.groupby(columns, sort=False)["hits"].agg(n="size", hits="sum").reset_index()


def _shares(
    cells: pd.DataFrame, n_depths: int, *, is_left_out: bool
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the reference's share of hits for each cell, and whether it is its unit's own.

    The share is that of the finest stratum in which the reference has any patients, else nan.
    """
    share = np.full(len(cells), np.nan)
    is_alone = np.zeros(len(cells), dtype=bool)
    for depth in reversed(range(n_depths)):
        stratum = f"stratum_{depth}"
        of_all = cells.groupby(stratum)[["n", "hits"]].transform("sum").to_numpy()
        own = cells.groupby(["unit", stratum])[["n", "hits"]].transform("sum").to_numpy()
        if depth == n_depths - 1:
            is_alone = of_all[:, 0] == own[:, 0]
        n, hits = (of_all - own if is_left_out else of_all).T
        is_found = np.isnan(share) & (n > 0)
        share[is_found] = hits[is_found] / n[is_found]
    return share, is_alone
