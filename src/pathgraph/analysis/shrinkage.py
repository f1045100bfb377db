"""Empirical Bayes: ratios of small units drawn towards the mean of all, by how little they say.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#shrinkage``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pathgraph.analysis.nullable_columns import Floats, amounts, first_code, nullable

__all__ = ["Prior", "marshall_prior", "shrunk_ratios"]

_LEAST_UNITS = 2


@dataclass(frozen=True)
class Prior:
    """Distribution of the true ratios of units, as estimated from all of them.

    Parameters
    ----------
    mean
        m, observed over expected of all units together; ``None`` without any expected number.
    variance
        v, of the true ratios between units, never below 0; ``None`` with fewer than two units.
    n_units
        Units that it rests on.
    """

    mean: float | None
    variance: float | None
    n_units: int


def marshall_prior(units: pd.DataFrame) -> Prior:
    """Estimate how the true ratios of units are distributed, by Marshall's global moments.

    Parameters
    ----------
    units
        One row a unit: ``observed`` and ``expected`` [patients or referrals], null where unknown.
        Units with an unknown number or with nothing expected are left out.

    Notes
    -----
    m = sum O / sum E; v = max(0, sum E (O/E - m)^2 / sum E - m / mean E). Marshall 1991, pages 284
    and 285 (doi 10.2307/2347593), with expected numbers for populations.

    Examples
    --------
    >>> prior = marshall_prior(pd.DataFrame({"observed": [2, 18], "expected": [10, 10]}))
    >>> prior.mean, round(prior.variance, 6)
    (1.0, 0.54)
    """
    observed, expected = amounts(units, "observed"), amounts(units, "expected")
    is_counted = ~np.isnan(observed) & (expected > 0)
    own, below = observed[is_counted], expected[is_counted]
    n_units = len(own)
    if n_units == 0:
        return Prior(None, None, 0)
    mean = float(own.sum() / below.sum())
    if n_units < _LEAST_UNITS:
        return Prior(mean, None, n_units)
    spread = float((below * (own / below - mean) ** 2).sum() / below.sum())
    return Prior(mean, max(0.0, spread - mean / float(below.mean())), n_units)


def shrunk_ratios(units: pd.DataFrame) -> pd.DataFrame:
    """Return each unit's ratio of observed to expected, drawn towards that of all units together.

    Parameters
    ----------
    units
        One row a unit: ``observed`` and ``expected`` [patients or referrals], null where unknown.

    Returns
    -------
    By the index of ``units``: ``shrunk_ratio``; ``own_weight``, how much of it is the unit's own
    ratio, 0 to 1; and ``reason``, why these are null: ``observed_unknown``, ``expected_unknown``,
    ``nothing_expected`` or ``one_unit`` (there are no others to be drawn towards).

    Notes
    -----
    B = v / (v + m / E), EB = m + B (O/E - m), with m and v of :func:`marshall_prior`. Where units
    differ no more than chance explains (v = 0), and where nothing at all was observed, every unit
    has the ratio of all. It is the mean (O + m^2/v) / (E + m/v) of Clayton and Kaldor's gamma
    posterior (1987, doi 10.2307/2532003).

    Examples
    --------
    >>> units = pd.DataFrame({"observed": [2, 18], "expected": [10, 10]})
    >>> shrunk_ratios(units).round(3).to_dict("list")
    {'shrunk_ratio': [0.325, 1.675], 'own_weight': [0.844, 0.844], 'reason': [None, None]}
    """
    observed, expected = amounts(units, "observed"), amounts(units, "expected")
    prior = marshall_prior(units)
    reason = {
        "observed_unknown": np.isnan(observed),
        "expected_unknown": np.isnan(expected),
        "nothing_expected": expected == 0,
        "one_unit": np.full(len(units), prior.n_units < _LEAST_UNITS),
    }
    is_defined = ~np.logical_or.reduce(list(reason.values()))
    below = np.where(is_defined, expected, 1.0)
    mean, variance = prior.mean or 0.0, prior.variance or 0.0
    weight: Floats = np.zeros(len(units))
    if variance > 0:
        weight = variance / (variance + mean / below)
    return pd.DataFrame(
        {
            "shrunk_ratio": nullable(mean + weight * (observed / below - mean), is_defined),
            "own_weight": nullable(weight, is_defined),
            "reason": first_code(reason),
        },
        index=units.index,
    )
