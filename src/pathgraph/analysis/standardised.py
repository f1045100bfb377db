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
from scipy import special

from pathgraph.analysis.nullable_columns import Floats, first_code, nullable
from pathgraph.analysis.observed_expected import central_p

__all__ = ["Reference", "against_others", "expected_of_units"]

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


def against_others(
    patients: pd.DataFrame, *, unit: str, hit: str, strata: Sequence[str] = ()
) -> pd.DataFrame:
    """Test each unit against all others within strata, without taking what is expected as known.

    Parameters
    ----------
    patients, unit, hit, strata
        As in :func:`expected_of_units`.

    Returns
    -------
    One row a unit, its value in column ``unit``, in order of appearance: ``p_value``, two-sided;
    and ``reason``: ``nothing_to_compare`` where it is null, since no stratum has both patients of
    other units and patients with different outcomes.

    Notes
    -----
    Given how many patients and hits each stratum has, and that the unit is as all others there, its
    hits in a stratum are hypergeometric, and their sum is the sum over the strata: the exact
    conditional test of 2 x 2 tables in strata (Agresti 2002, chapter 6; ``mantelhaen.test`` of R
    with ``exact = TRUE``), which without strata is Fisher's. The p-value is twice the smaller tail,
    at most 1. Strata that only the unit itself has say nothing. Unlike a test against the expected
    number of the others as if it were known, it is right also for the largest unit, against which
    the others are few.

    Examples
    --------
    >>> patients = pd.DataFrame({"clinic": list("aaaabbbb"), "is_referred": [0] * 4 + [1] * 4})
    >>> against_others(patients, unit="clinic", hit="is_referred").round(4).to_dict("list")
    {'clinic': ['a', 'b'], 'p_value': [0.0286, 0.0286], 'reason': [None, None]}
    """
    names, number = _numbered(patients[unit])
    depths = _depths(patients, strata)
    cells = _cells(number, depths, patients[hit].to_numpy(dtype=bool))
    finest = f"stratum_{len(depths) - 1}"
    of_all = cells.groupby(finest)[["n", "hits"]].transform("sum").to_numpy(dtype=np.int64)
    least, pmfs = _hypergeometric(of_all[:, 0], of_all[:, 1], cells["n"].to_numpy(dtype=np.int64))
    above = np.zeros(len(names), np.int64)
    np.add.at(above, cells["unit"].to_numpy(), cells["hits"].to_numpy() - least)
    sums: list[Floats] = [np.ones(1) for _ in range(len(names))]
    for own, pmf in zip(cells["unit"], pmfs, strict=True):
        sums[own] = np.convolve(sums[own], pmf)
    lower = np.array([pmf[: k + 1].sum() for pmf, k in zip(sums, above, strict=True)])
    upper = np.array([pmf[k:].sum() for pmf, k in zip(sums, above, strict=True)])
    is_fixed = np.array([len(pmf) == 1 for pmf in sums], dtype=bool)
    return pd.DataFrame(
        {
            unit: names,
            "p_value": nullable(central_p(lower, upper), ~is_fixed),
            "reason": first_code({"nothing_to_compare": is_fixed}),
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


def _hypergeometric(
    n_all: NDArray[np.int64], hits: NDArray[np.int64], n: NDArray[np.int64]
) -> tuple[NDArray[np.int64], list[Floats]]:
    """Return the least number of hits among ``n`` of ``n_all``, and probabilities from it on."""
    least, most = np.maximum(0, n + hits - n_all), np.minimum(n, hits)
    sizes = most - least + 1
    ends = np.cumsum(sizes)
    cell = np.repeat(np.arange(len(n)), sizes)
    count = np.arange(len(cell)) - np.repeat(ends - sizes, sizes) + least[cell]
    logs = (
        _log_choices(hits[cell], count)
        + _log_choices((n_all - hits)[cell], n[cell] - count)
        - _log_choices(n_all, n)[cell]
    )
    pmf: Floats = np.exp(logs)
    return least, [pmf[end - size : end] for end, size in zip(ends, sizes, strict=True)]


def _log_choices(n: NDArray[np.int64], k: NDArray[np.int64]) -> Floats:
    logs: Floats = special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
    return logs
