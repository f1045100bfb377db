"""Flows between places against what population, size and distance let expect: a gravity model.

Flows that are unusual under the model are candidates for a look, no more: roads, ferries, weather
and agreements between hospitals are not in it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from pathgraph.analysis.poisson_regression import PoissonFit, fit_poisson

__all__ = [
    "CONSTRAINTS",
    "DECAYS",
    "GravityFit",
    "fit_gravity",
    "unusual_flows",
]

CONSTRAINTS = ("none", "origin", "both")
"""What has an effect of its own instead of its population or capacity: nothing, the origins, or
both origins and destinations."""

_ENDS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "origin": ("from_id",),
    "both": ("from_id", "to_id"),
}

DECAYS = ("power", "exponential")
"""Whether the flow falls with the logarithm of the distance or with the distance."""

_LEVEL = 0.05
"""Share of false ones expected among the flows said to be unusual."""

_CONFIDENCE = 0.95

_FITTED = (
    "expected",
    "ratio",
    "pearson_residual",
    "deviance_residual",
    "p_value",
)

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class GravityFit:
    """A fitted gravity model.

    Attributes
    ----------
    pairs
        As :func:`~pathgraph.analysis.flows.flow_pairs` gives them, with ``status`` (``fitted``; why
        not: ``same_place``, ``no_distance``, ``not_known``, ``no_flow_there``), ``expected``,
        ``ratio`` (observed by expected), ``pearson_residual`` and ``deviance_residual``: divided by
        the root of the dispersion and of 1 - leverage, so that most lie within -2 and 2;
        ``p_value``: see :func:`unusual_flows`.
    coefficients
        ``name`` (``constant``, ``population``, ``capacity``, ``distance``), ``estimate``,
        ``standard_error``, ``low``, ``high`` (95 %); nan where the data cannot tell.
        ``distance`` is below 0 where flows fall with distance: by power, the exponent; else per km.
    constraint, decay, least_km
        As given.
    n_pairs, n_flow
        Pairs that were fitted, and the sum of their flows.
    deviance, null_deviance
        Of the model, and of one that expects the same everywhere.
    deviance_explained
        1 - deviance / null deviance, 0 to 1; nan where all flows are alike.
    dispersion
        Pearson's chi square by degrees of freedom; 1 for counts that are independent and a model
        that misses nothing. Where it is below 1, errors and residuals take it as 1.
    degrees_of_freedom
        Pairs less coefficients and effects.
    is_converged
        Whether the fit came to rest; if not, nothing else may be read from it.
    """

    pairs: pd.DataFrame
    coefficients: pd.DataFrame
    constraint: str
    decay: str
    least_km: float | None
    n_pairs: int
    n_flow: float
    deviance: float
    null_deviance: float
    deviance_explained: float
    dispersion: float
    degrees_of_freedom: int
    is_converged: bool


def fit_gravity(
    pairs: pd.DataFrame,
    *,
    constraint: str = "none",
    decay: str = "power",
    least_km: float | None = None,
) -> GravityFit:
    """Fit a gravity model to flows.

    Parameters
    ----------
    pairs
        As :func:`~pathgraph.analysis.flows.flow_pairs` gives them, pairs without a flow included.
    constraint
        One of :data:`CONSTRAINTS`. ``none``: log expected = constant + b log population + c log
        capacity - d log distance. ``origin``: each origin has an effect of its own instead of its
        population, so that what leaves it is as observed. ``both``: destinations too.
    decay
        One of :data:`DECAYS`.
    least_km
        Shorter distances count as this [km, above 0]. By default they stand, and pairs at the same
        place (distance 0) are left out.

    Raises
    ------
    ValueError
        A population, a capacity or ``least_km`` is not above 0, a flow is below 0, or a parameter
        is not one of those that there are.

    Notes
    -----
    Poisson regression with quasi-likelihood: Flowerdew and Aitkin 1982, Journal of
    Regional Science 22:191; Santos Silva and Tenreyro 2006, doi 10.1162/rest.88.4.641.
    Flows of 0 are data. A place with an effect of its own and no flow at all is left out: nothing
    is expected there (``no_flow_there``). Where a coefficient cannot be told from those before it,
    as capacity with one destination, it is nan and the fit goes without.

    Examples
    --------
    >>> pairs = pd.DataFrame(
    ...     {"from_id": list("aabbcc"), "to_id": list("xyxyxy"), "n": [80, 5, 50, 13, 40, 40],
    ...      "population": [9e3, 9e3, 7e3, 7e3, 8e3, 8e3], "capacity": [10, 10] * 3,
    ...      "distance_km": [10.0, 150, 15, 60, 20, 20]}
    ... )
    >>> fit = fit_gravity(pairs, constraint="origin")
    >>> fit.coefficients.set_index("name")["estimate"].round(2).to_dict()
    {'capacity': nan, 'distance': -1.01}
    """
    if constraint not in CONSTRAINTS or decay not in DECAYS:
        raise ValueError(f"constraint is one of {CONSTRAINTS}, decay one of {DECAYS}")
    if least_km is not None and not least_km > 0:
        raise ValueError("least_km must be above 0")
    if (pairs["n"] < 0).any():
        raise ValueError("flows must be at least 0")
    nearest = 0.0 if least_km is None else least_km
    pairs = pairs.assign(distance_km=pairs["distance_km"].clip(lower=nearest))
    pairs["status"] = _statuses(pairs, constraint)
    fitted = pairs[pairs["status"] == "fitted"]
    named, effects = _columns(fitted, constraint, decay)
    if not fitted["n"].sum() > 0:
        return _nothing_fitted(pairs, named, constraint, decay, least_km)
    n = fitted["n"].to_numpy(dtype=np.float64)
    # What is named comes after the effects of places: what these explain, it cannot be told from.
    fit = fit_poisson(n, np.column_stack([*effects, *named.values()]))
    explained = 1 - fit.deviance / fit.null_deviance if fit.null_deviance > 1e-9 else float("nan")
    return GravityFit(
        pairs=pairs.join(_residuals(n, fit, fitted.index)),
        coefficients=_coefficients(
            named,
            fit.coefficients[len(effects) :],
            fit.standard_errors[len(effects) :],
            fit.degrees_of_freedom,
        ),
        constraint=constraint,
        decay=decay,
        least_km=least_km,
        n_pairs=len(fitted),
        n_flow=float(n.sum()),
        deviance=fit.deviance,
        null_deviance=fit.null_deviance,
        deviance_explained=explained,
        dispersion=fit.dispersion,
        degrees_of_freedom=fit.degrees_of_freedom,
        is_converged=fit.is_converged,
    )


def unusual_flows(fit: GravityFit, *, level: float = _LEVEL) -> pd.DataFrame:
    """Return the fitted pairs whose flow is far above or below what the model expects.

    Parameters
    ----------
    level
        Share of false ones expected among them (Benjamini and Hochberg over all fitted pairs).

    Returns
    -------
    ``from_id``, ``to_id``, ``n``, ``expected``, ``ratio``, ``deviance_residual``,
    ``p_value``, ``p_adjusted`` (at most ``level``) and ``direction`` (``above`` or ``below``), the
    least probable first. None where the fit did not come to rest or has too few pairs.

    Notes
    -----
    The p value is two-sided, of the negative binomial distribution with the expected mean and the
    dispersion times it as variance (of Poisson's where the dispersion is at most 1). The
    dispersion is that of the other pairs, so that an unusual flow does not hide itself, and the
    distance from the mean is divided by the root of 1 - leverage (both as for studentised
    residuals; Williams 1987, Applied Statistics 36:181). Several unusual flows still widen the
    dispersion of each other: where it is great, few are found.

    Examples
    --------
    >>> grid = [(i, j) for i in range(8) for j in range(8) if i != j]
    >>> pairs = pd.DataFrame(
    ...     {"from_id": [i for i, _ in grid], "to_id": [j for _, j in grid],
    ...      "population": [1e3 * (i + 1) for i, _ in grid],
    ...      "capacity": [10.0 * (j + 1) for _, j in grid],
    ...      "distance_km": [20.0 * abs(i - j) for i, j in grid]}
    ... )
    >>> pairs["n"] = (pairs["population"] * pairs["capacity"] / pairs["distance_km"] / 20).round()
    >>> pairs.loc[10, "n"] *= 4
    >>> unusual_flows(fit_gravity(pairs))[["from_id", "to_id", "direction"]].to_dict("records")
    [{'from_id': 1, 'to_id': 4, 'direction': 'above'}]
    """
    fitted = fit.pairs[fit.pairs["p_value"].notna() & fit.is_converged]
    p_adjusted = stats.false_discovery_control(fitted["p_value"]) if len(fitted) else np.zeros(0)
    found = fitted.assign(
        p_adjusted=p_adjusted, direction=np.where(fitted["ratio"] > 1, "above", "below")
    )
    found = found[found["p_adjusted"] <= level]
    names = ["from_id", "to_id", "n", "expected", "ratio", "deviance_residual", "p_value"]
    ordered = found.sort_values(["p_value", "from_id", "to_id"], ignore_index=True)
    return ordered[[*names, "p_adjusted", "direction"]]


def _statuses(pairs: pd.DataFrame, constraint: str) -> npt.NDArray[np.str_]:
    """Say of each pair whether it is fitted, or the first reason why not."""
    reasons = {
        "no_distance": pairs["distance_km"].isna(),
        "same_place": pairs["distance_km"] == 0,
        "not_known": pairs["n"].isna(),
    }
    status = np.select(list(reasons.values()), list(reasons), default="fitted")
    ends = _ENDS[constraint]
    while True:
        is_left = pd.Series(status == "fitted", index=pairs.index)
        flow = pairs["n"].where(is_left, 0.0)
        is_empty = np.zeros(len(pairs), dtype=bool)
        for end in ends:
            is_empty |= (flow.groupby(pairs[end]).transform("sum") == 0).to_numpy()
        if not (is_empty & is_left).any():
            return status
        status = np.where(is_empty & is_left, "no_flow_there", status)


def _columns(
    fitted: pd.DataFrame, constraint: str, decay: str
) -> tuple[dict[str, Floats], list[Floats]]:
    """Return the columns whose coefficients have names, and the effects of places."""
    named: dict[str, Floats] = {}
    if constraint == "none":
        named["constant"] = np.ones(len(fitted))
        named["population"] = _logarithm(fitted, "population")
    if constraint != "both":
        named["capacity"] = _logarithm(fitted, "capacity")
    distance = fitted["distance_km"].to_numpy(dtype=np.float64)
    named["distance"] = np.log(distance) if decay == "power" else distance
    ends = _ENDS[constraint]
    return named, [
        (fitted[end] == place).to_numpy(dtype=np.float64)
        for end in ends
        for place in sorted(fitted[end].unique())
    ]


def _logarithm(fitted: pd.DataFrame, name: str) -> Floats:
    values = fitted[name].to_numpy(dtype=np.float64, na_value=np.nan)
    if not (values > 0).all():
        raise ValueError(f"{name} must be known and above 0")
    logarithms: Floats = np.log(values)
    return logarithms


def _residuals(n: Floats, fit: PoissonFit, index: pd.Index) -> pd.DataFrame:
    """Return what was expected of each pair, and how far what was seen lies from it."""
    expected, freedom = fit.expected, fit.degrees_of_freedom
    # A pair with a leverage of 1 is as expected by construction: nothing can be said of it.
    spare = np.where(fit.leverage < 1 - 1e-8, 1 - fit.leverage, np.nan)
    pearson2 = (n - expected) ** 2 / expected / spare
    # Rounding can make it less than 0 where both are alike.
    deviances = np.maximum(2 * special.kl_div(n, expected), 0.0)
    sign = np.sign(n - expected)
    scale = np.maximum(fit.dispersion, 1.0)
    others = np.full(len(n), np.nan)
    if freedom > 1:
        others = np.maximum((fit.pearson_chi2 - pearson2) / (freedom - 1), 1.0)
    return pd.DataFrame(
        {
            "expected": expected,
            "ratio": n / expected,
            "pearson_residual": sign * np.sqrt(pearson2 / scale),
            "deviance_residual": sign * np.sqrt(deviances / spare / scale),
            "p_value": _two_sided(n, expected, others, np.sqrt(spare)),
        },
        index=index,
    )


def _two_sided(n: Floats, mean: Floats, dispersion: Floats, root: Floats) -> Floats:
    """Return p values of counts, their distance from the mean divided by ``root``.

    Above the mean the count is moved away, below it the mean, so that neither falls below 0.
    """
    count = np.where(n > mean, mean + (n - mean) / root, n)
    centre = np.where(n > mean, mean, n + (mean - n) / root)
    is_wider = dispersion > 1 + 1e-6
    wide = np.where(is_wider, dispersion, 2.0)
    size = centre / (wide - 1)
    above = np.where(
        is_wider, special.betainc(count, size, 1 - 1 / wide), special.gammainc(count, centre)
    )
    below = np.where(
        is_wider, special.betainc(size, count + 1, 1 / wide), special.gammaincc(count + 1, centre)
    )
    p_values: Floats = np.minimum(1, 2 * np.where(n > mean, above, below))
    return np.where(np.isnan(dispersion), np.nan, p_values)


def _coefficients(
    names: Collection[str], estimates: Floats, errors: Floats, freedom: int
) -> pd.DataFrame:
    reach = stats.t.ppf((1 + _CONFIDENCE) / 2, freedom) if freedom > 0 else np.nan
    return pd.DataFrame(
        {
            "name": list(names),
            "estimate": estimates,
            "standard_error": errors,
            "low": estimates - reach * errors,
            "high": estimates + reach * errors,
        }
    )


def _nothing_fitted(
    pairs: pd.DataFrame, names: Collection[str], constraint: str, decay: str, least_km: float | None
) -> GravityFit:
    """Return what is to be said where there is no flow at all."""
    unknown = np.full(len(names), np.nan)
    return GravityFit(
        pairs=pairs.assign(**dict.fromkeys(_FITTED, np.nan)),
        coefficients=_coefficients(names, unknown, unknown, 0),
        constraint=constraint,
        decay=decay,
        least_km=least_km,
        n_pairs=int((pairs["status"] == "fitted").sum()),
        n_flow=0.0,
        deviance=float("nan"),
        null_deviance=float("nan"),
        deviance_explained=float("nan"),
        dispersion=float("nan"),
        degrees_of_freedom=0,
        is_converged=False,
    )
