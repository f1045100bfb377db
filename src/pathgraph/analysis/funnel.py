"""Funnels around observed = expected, with limits that may allow for units that differ anyway.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#funnel``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special, stats

from pathgraph.analysis.nullable_columns import Floats, amounts, first_code, nullable
from pathgraph.analysis.observed_expected import count_limits

__all__ = [
    "LEAST_UNITS",
    "FunnelLimits",
    "Overdispersion",
    "funnel",
    "funnel_limits",
    "overdispersion",
]

FunnelLimits = Literal["test", "interval"]
"""``test`` agrees with the exact test; ``interval`` is what FunnelPlotR draws."""

LEAST_UNITS = 20
"""Units below which no allowance is made for overdispersion (own choice)."""

_TAILS = {"95": 0.025, "998": 0.001}


@dataclass(frozen=True)
class Overdispersion:
    """How much more units differ than chance explains, and whether the limits allow for it.

    Parameters
    ----------
    n_units
        k, units that it rests on.
    phi
        Mean of the squared, Winsorised z-scores; ``None`` without any unit.
    tau2
        Variance between units on the square root of observed over expected; 0 where the limits make
        no allowance.
    reason
        Why they make none: ``too_few_units`` or ``not_overdispersed``; ``None`` where they do.
    """

    n_units: int
    phi: float | None
    tau2: float
    reason: str | None


def overdispersion(
    units: pd.DataFrame, *, least_units: int = LEAST_UNITS, winsorised: float = 0.1
) -> Overdispersion:
    """Estimate how much more units differ than chance explains.

    Parameters
    ----------
    units
        One row a unit: ``observed`` and ``expected`` [patients or referrals], null where unknown.
        Units with an unknown number or with nothing expected are left out.
    least_units
        With fewer units no allowance is made: among few, the variance between them holds the very
        deviation that is looked for. 0 forces it on.
    winsorised
        Share of the z-scores at each end that are set to the quantile there.

    Notes
    -----
    y = sqrt(O/E), s = 1 / (2 sqrt E), z = (y - 1) / s; phi = sum z_w^2 / k; where k phi > k - 1,
    tau^2 = (k phi - (k - 1)) / (sum w - sum w^2 / sum w), w = 1/s^2: the additive model of
    Spiegelhalter 2005 (doi 10.1136/qshc.2005.013755), with the square root as in Spiegelhalter et
    al. 2012 (doi 10.1111/j.1467-985X.2011.01010.x). Quantiles interpolate linearly.

    Examples
    --------
    >>> units = pd.DataFrame({"observed": [5, 10, 40], "expected": [10, 10, 20]})
    >>> overdispersion(units).reason
    'too_few_units'
    >>> round(overdispersion(units, least_units=0).tau2, 3)
    0.09
    """
    observed, expected = amounts(units, "observed"), amounts(units, "expected")
    is_counted = ~np.isnan(observed) & (expected > 0)
    below = expected[is_counted]
    k = len(below)
    if k == 0:
        return Overdispersion(0, None, 0.0, "too_few_units")
    z = _z(observed[is_counted], below)
    z = np.clip(z, *np.quantile(z, [winsorised, 1 - winsorised]))
    phi = float((z**2).mean())
    # A single unit leaves no variance between units to estimate.
    if k < max(least_units, 2):
        return Overdispersion(k, phi, 0.0, "too_few_units")
    excess = k * phi - (k - 1)
    if excess <= 0:
        return Overdispersion(k, phi, 0.0, "not_overdispersed")
    weight = 4 * below
    tau2 = excess / (weight.sum() - (weight**2).sum() / weight.sum())
    return Overdispersion(k, phi, float(tau2), None)


def funnel_limits(
    expected: Floats, *, tau2: float = 0.0, limits: FunnelLimits = "test"
) -> pd.DataFrame:
    """Return the limits of observed over expected at some expected numbers.

    Parameters
    ----------
    expected
        Expected numbers of units, or of the points of a drawn line; null where not above 0.
    tau2
        Variance between units, of :func:`overdispersion`; 0 makes no allowance.
    limits
        Without allowance: ``test``, a unit lies outside exactly where the exact two-sided Poisson
        test's p-value is below 0.05 or 0.002. ``interval``, the exact interval of a count as large
        as the expected number, over that number. The two differ by about one patient.

    Returns
    -------
    By row: ``expected``; the 95 % limits ``low_95`` and ``high_95``; the 99.8 % limits ``low_998``
    and ``high_998``.

    Notes
    -----
    ``test``: between the last count that the test keeps and the first that it does not, as the tail
    probability lies between theirs (for the lower limit this is the interpolation of Spiegelhalter
    2005, doi 10.1002/sim.1970, appendix; the upper one is its mirror). ``interval``: chi-square
    quantiles as in FunnelPlotR (``R/calculate_limits.R``). With ``tau2`` above 0 the limits are (1
    +- z_p sqrt(1 / (4 E) + tau2))^2, the lower one at least 0: approximate, and squared, since they
    hold for the square root of the ratio; FunnelPlotR draws them without the square.

    Examples
    --------
    >>> funnel_limits(np.array([10.0, 100.0])).round(2)[["low_95", "high_95"]].to_numpy().tolist()
    [[0.38, 1.72], [0.8, 1.21]]
    """
    if limits not in get_args(FunnelLimits):
        raise ValueError(f"no such limits: {limits}")
    is_defined = expected > 0
    below = np.where(is_defined, expected, 1.0)
    columns: dict[str, Any] = {"expected": nullable(expected)}
    for name, tail in _TAILS.items():
        if tau2 > 0:
            half = special.ndtri(1 - tail) * np.sqrt(1 / (4 * below) + tau2)
            low, high = np.maximum(1 - half, 0) ** 2, (1 + half) ** 2
        elif limits == "interval":
            # Own counts would be whole numbers; an expected one below 1 has limits as well.
            low = special.gammaincinv(below, tail) / below
            high = count_limits(below, method="exact", confidence=1 - 2 * tail)[1] / below
        else:
            low, high = _test_limits(below, tail)
        columns[f"low_{name}"] = nullable(low, is_defined)
        columns[f"high_{name}"] = nullable(high, is_defined)
    return pd.DataFrame(columns)


def funnel(units: pd.DataFrame, *, tau2: float = 0.0) -> pd.DataFrame:
    """Place each unit in the funnel.

    Parameters
    ----------
    units
        One row a unit: ``observed`` and ``expected`` [patients or referrals], null where unknown.
    tau2
        Variance between units, of :func:`overdispersion`; 0 makes no allowance.

    Returns
    -------
    By the index of ``units``: ``observed_to_expected``; ``z``, of its square root; ``z_adjusted``,
    with the variance between units; the limits of :func:`funnel_limits`; and ``position``:
    ``below_998``, ``below_95``, ``inside``, ``above_95`` or ``above_998``. Null where the observed
    or expected number is unknown or nothing is expected.

    Examples
    --------
    >>> units = pd.DataFrame({"observed": [20, 90], "expected": [95, 95]})
    >>> funnel(units)[["z", "position"]].round(1).to_dict("list")
    {'z': [-10.5, -0.5], 'position': ['below_998', 'inside']}
    """
    observed, expected = amounts(units, "observed"), amounts(units, "expected")
    is_defined = ~np.isnan(observed) & (expected > 0)
    below = np.where(is_defined, expected, 1.0)
    ratio, z = observed / below, _z(observed, below)
    limits = funnel_limits(expected, tau2=tau2).drop(columns="expected")
    limits.index = units.index
    placed = pd.DataFrame(
        {
            "observed_to_expected": nullable(ratio, is_defined),
            "z": nullable(z, is_defined),
            "z_adjusted": nullable(z / np.sqrt(1 + 4 * below * tau2), is_defined),
        },
        index=units.index,
    )
    return placed.join(limits).assign(
        position=_positions(np.where(is_defined, ratio, np.nan), limits)
    )


def _z(observed: Floats, expected: Floats) -> Floats:
    return (np.sqrt(observed / expected) - 1) * 2 * np.sqrt(expected)


def _positions(ratio: Floats, limits: pd.DataFrame) -> Any:
    edge = {name: amounts(limits, name) for name in limits.columns}
    conditions: dict[str, NDArray[np.bool_]] = {
        "below_998": ratio < edge["low_998"],
        "above_998": ratio > edge["high_998"],
        "below_95": ratio < edge["low_95"],
        "above_95": ratio > edge["high_95"],
        "inside": ~np.isnan(ratio),
    }
    return first_code(conditions)


def _test_limits(expected: Floats, tail: float) -> tuple[Floats, Floats]:
    """Return the limits between the counts that the exact test keeps and those that it does not."""
    null = stats.poisson(expected)
    # The least count whose probability, with all below it, reaches the tail is kept.
    least = null.ppf(tail)
    reached, not_reached = null.cdf(least), null.cdf(least - 1)
    low = np.maximum(least - (reached - tail) / (reached - not_reached), 0)
    # The greatest count whose probability, with all above it, reaches the tail is kept.
    most = null.isf(tail)
    reached, not_reached = null.sf(most - 1), null.sf(most)
    high = most + (reached - tail) / (reached - not_reached)
    return low / expected, high / expected
