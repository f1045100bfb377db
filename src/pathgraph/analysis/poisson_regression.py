"""Poisson regression whose errors know overdispersion (quasi-Poisson), by numpy alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import special

__all__ = ["PoissonFit", "fit_poisson", "poisson_deviance"]

_MOST_STEPS = 100
_TOLERANCE = 1e-10
"""Of the deviance, relative; both own choice."""

_DEPENDENT = 1e-9
"""A column of which only this share is left beside the others depends on them; own choice."""

Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class PoissonFit:
    """A fitted model.

    Attributes
    ----------
    coefficients, standard_errors
        One a column; nan where the column depends on those before it. Errors are nan without
        degrees of freedom.
    expected
        One a count.
    deviance, null_deviance
        Of the model, and of one with the same expected number everywhere.
    pearson_chi2
        Sum of (count - expected)² / expected.
    degrees_of_freedom
        Counts less columns that do not depend on others.
    dispersion
        ``pearson_chi2`` by degrees of freedom; nan where there are none.
    leverage
        Of each count on its own expected number, 0 to 1.
    is_converged, n_steps
        Whether the deviance came to rest, and after how many steps.
    """

    coefficients: Floats
    standard_errors: Floats
    expected: Floats
    deviance: float
    null_deviance: float
    pearson_chi2: float
    degrees_of_freedom: int
    dispersion: float
    leverage: Floats
    is_converged: bool
    n_steps: int


def fit_poisson(counts: Floats, columns: Floats) -> PoissonFit:
    """Fit log(expected) = columns x coefficients by iteratively reweighted least squares.

    Parameters
    ----------
    counts
        At least 0, not all 0.
    columns
        One row a count; a constant is a column like others.

    Raises
    ------
    ValueError
        A count is negative, all are 0, or a value is not a number.

    Notes
    -----
    McCullagh and Nelder 1989, Generalized Linear Models, 2nd edition, sections 2.5, 6.2 and 9.2.4.
    Standard errors are multiplied by the root of the dispersion, which is never taken below 1.

    Examples
    --------
    >>> fit = fit_poisson(np.array([2.0, 4.0, 7.0]), np.array([[1.0, 0], [1, 0], [1, 1]]))
    >>> fit.expected.round(6).tolist(), round(float(fit.coefficients[1]), 4)
    ([3.0, 3.0, 7.0], 0.8473)
    """
    if not (np.isfinite(counts).all() and np.isfinite(columns).all()):
        raise ValueError("counts and columns must be numbers")
    if (counts < 0).any() or not counts.sum() > 0:
        raise ValueError("counts must be at least 0, and not all 0")
    is_free = _independent(columns)
    design = columns[:, is_free]
    beta, expected, is_converged, n_steps = _iterate(counts, design)
    leverage, inverse = _leverage(design, expected)
    degrees = len(counts) - design.shape[1]
    chi2 = float(((counts - expected) ** 2 / expected).sum())
    dispersion = chi2 / degrees if degrees > 0 else float("nan")
    errors = np.sqrt(np.diag(inverse) * np.maximum(dispersion, 1.0))
    return PoissonFit(
        coefficients=_spread(beta, is_free),
        standard_errors=_spread(errors, is_free),
        expected=expected,
        deviance=poisson_deviance(counts, expected),
        null_deviance=poisson_deviance(counts, np.full(len(counts), counts.mean())),
        pearson_chi2=chi2,
        degrees_of_freedom=degrees,
        dispersion=dispersion,
        leverage=leverage,
        is_converged=is_converged,
        n_steps=n_steps,
    )


def poisson_deviance(counts: Floats, expected: Floats) -> float:
    """Return the deviance of counts from what was expected.

    Notes
    -----
    2 times the sum of count x log(count / expected) - (count - expected); the first term of a count
    of 0 is 0.

    Examples
    --------
    >>> poisson_deviance(np.array([0.0, 2.0]), np.array([1.0, 2.0]))
    2.0
    """
    return float(2 * (special.kl_div(counts, expected)).sum())


def _iterate(counts: Floats, design: Floats) -> tuple[Floats, Floats, bool, int]:
    """Return coefficients, expected numbers, whether they came to rest, and the steps taken."""
    expected = (counts + counts.mean()) / 2
    eta = np.log(expected)
    beta = np.zeros(design.shape[1])
    deviance = float("inf")
    for step in range(1, _MOST_STEPS + 1):
        root = np.sqrt(expected)
        working = eta + (counts - expected) / expected
        q, r = np.linalg.qr(design * root[:, None])
        target = np.linalg.lstsq(r, q.T @ (working * root), rcond=None)[0]
        beta, found = _shortened(counts, design, beta, target, deviance if step > 1 else np.inf)
        eta = design @ beta
        expected = _exponential(eta)
        if abs(deviance - found) <= _TOLERANCE * (abs(found) + 0.1):
            return beta, expected, True, step
        deviance = found
    return beta, expected, False, _MOST_STEPS


def _shortened(
    counts: Floats, design: Floats, beta: Floats, target: Floats, deviance: float
) -> tuple[Floats, float]:
    """Return the target, or what lies nearer, so that the deviance does not grow."""
    found = float("inf")
    for _ in range(30):
        found = poisson_deviance(counts, _exponential(design @ target))
        if found <= deviance * (1 + _TOLERANCE) and np.isfinite(found):
            break
        target = (beta + target) / 2
    return target, found


def _exponential(eta: Floats) -> Floats:
    # Where columns tell counts of 0 from the others, their expected numbers would go to 0.
    return np.exp(np.clip(eta, np.log(np.finfo(float).eps), 700.0))


def _independent(columns: Floats) -> Flags:
    """Return which columns do not depend on those before them."""
    is_free = np.zeros(columns.shape[1], dtype=bool)
    directions = np.zeros(columns.shape, order="F")
    for place, column in enumerate(columns.T):
        size, basis = np.linalg.norm(column), directions[:, : is_free.sum()]
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        if size > 0 and np.linalg.norm(rest) > _DEPENDENT * size:
            directions[:, is_free.sum()] = rest / np.linalg.norm(rest)
            is_free[place] = True
    return is_free


def _leverage(design: Floats, expected: Floats) -> tuple[Floats, Floats]:
    """Return the leverage of each count, and the inverse of the information."""
    weighted = design * np.sqrt(expected)[:, None]
    q, r = np.linalg.qr(weighted)
    inverse_r = np.linalg.pinv(r)
    return np.minimum((q**2).sum(axis=1), 1.0), inverse_r @ inverse_r.T


def _spread(values: Floats, is_free: Flags) -> Floats:
    found = np.full(len(is_free), np.nan)
    found[is_free] = values
    return found
