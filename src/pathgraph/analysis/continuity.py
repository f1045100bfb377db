"""Continuity of care of each patient, from the order in which providers were visited.

N visits of a patient, n_i of them with provider i, M providers, p_1 ... p_N in order. Formulas as
tabled in doi 10.1186/s12913-022-07953-z (table 2) and doi 10.1186/s12875-020-01361-0 (table 1).
What a provider is (a person, a unit, a department) decides the numbers and is to be said with them.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

__all__ = [
    "CONTINUITY",
    "FEWEST_FOR_FRAGMENTATION",
    "coc_bounds",
    "continuity",
    "means_by_place",
    "most_visited",
]

CONTINUITY = (
    "n_visits",
    "n_without_provider",
    "n_providers",
    "n_most_visited",
    "upc",
    "coc",
    "coc_low",
    "coc_high",
    "coc_given_upc",
    "secon",
    "hhi",
    "mmci",
    "fragmentation",
)
"""Columns of :func:`continuity`."""

FEWEST_FOR_FRAGMENTATION = 4
"""Visits from which on fragmentation is given: with three or fewer it is not reliable (Kern and
others 2016, PMC5264678)."""

Floats: TypeAlias = npt.NDArray[np.float64]
Counts: TypeAlias = npt.NDArray[np.int64]


def continuity(
    visits: pd.DataFrame, *, fewest_visits: int = FEWEST_FOR_FRAGMENTATION
) -> pd.DataFrame:
    """Return the :data:`CONTINUITY` of each patient, in order of ``patient_id``.

    Parameters
    ----------
    visits
        One row a visit: ``patient_id``; ``provider``, null where it is not recorded (such visits
        are left out and counted in ``n_without_provider``); ``order``, whatever sorts the visits of
        a patient in time. Visits of one patient with the same ``order`` are taken in order of
        provider, so that the answer does not hang on the order of the rows.
    fewest_visits
        Visits from which on ``fragmentation`` is given.

    Returns
    -------
    One row a patient. ``n_visits`` (N) and the rest count visits with a provider.

    * ``upc``, usual provider of care (1/N to 1): max n_i / N. Breslau and Reeb 1975.
    * ``coc``, continuity of care (0 to 1): (sum n_i**2 - N) / (N (N - 1)); null for N < 2. Bice and
      Boxerman 1977, Medical Care 15(4).
    * ``coc_low``, ``coc_high``: see :func:`coc_bounds`; ``coc_given_upc`` (0 to 1): where between
      them ``coc`` is, null where they are the same.
    * ``secon``, sequential continuity (0 to 1): share of the visits after the first that are with
      the provider of the visit before; null for N < 2. Steinwachs 1979,
      Medical Care 17(6).
    * ``hhi``, Herfindahl-Hirschman (1/M to 1): sum (n_i / N)**2.
    * ``mmci``, modified modified continuity index (above 0, to 1):
      (1 - M / (N + 0.1)) / (1 - 1 / (N + 0.1)). Magill and Senf 1987.
    * ``fragmentation`` (0 to 1): 1 - ``coc``; null for N < ``fewest_visits``.

    All measures are null for N = 0.

    Raises
    ------
    ValueError
        A ``patient_id`` or an ``order`` is null.

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": 1, "provider": list("AABB"), "order": range(4)})
    >>> continuity(visits)[["upc", "coc", "secon"]].round(4).to_dict("records")
    [{'upc': 0.5, 'coc': 0.3333, 'secon': 0.6667}]
    """
    for name in ("patient_id", "order"):
        if visits[name].isna().any():
            raise ValueError(f"column {name} holds nulls")
    patient, ids = pd.factorize(visits["patient_id"], sort=True)
    provider = pd.factorize(visits["provider"], sort=True)[0].astype(np.int64)
    is_known = provider >= 0
    n_patients, n_providers = len(ids), int(provider.max(initial=-1)) + 1
    known, who = patient[is_known].astype(np.int64), provider[is_known]
    n_visits = np.bincount(known, minlength=n_patients)
    found = _dispersion(known * max(n_providers, 1) + who, n_visits, max(n_providers, 1))
    # Numbers, since NumPy does not sort times with a zone.
    order = pd.factorize(visits["order"], sort=True)[0]
    same = _same_as_before(known, who, order[is_known], n_patients)
    found["n_without_provider"] = np.bincount(patient[~is_known], minlength=n_patients)
    found["secon"] = _ratio(same, n_visits - 1.0, n_visits > 1)
    found["fragmentation"] = np.where(n_visits >= fewest_visits, 1 - found["coc"], np.nan)
    return found[list(CONTINUITY)].set_axis(pd.Index(ids, name="patient_id"))


def coc_bounds(n_visits: npt.ArrayLike, n_most_visited: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Return the least and the greatest COC that so many visits can have.

    For N visits of which k are with the provider visited most: least when all other visits are with
    a provider each, k (k - 1) / (N (N - 1)); greatest when as many providers as possible have k
    each, and one what remains: with q = N div k and r = N mod k,
    (q k**2 + r**2 - N) / (N (N - 1)). Rosenberg and Zulman 2020 (Health Services Research 55(2)).

    Parameters
    ----------
    n_visits, n_most_visited
        N and k, alike in shape; both bounds are nan for N < 2.

    Examples
    --------
    >>> low, high = coc_bounds([5], [3])  # 3 + 1 + 1, and 3 + 2
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.3], [0.4])
    """
    n = np.asarray(n_visits, dtype=np.int64)
    most = np.maximum(np.asarray(n_most_visited, dtype=np.int64), 1)
    pairs = n * (n - 1.0)
    squares = n // most * most**2 + (n % most) ** 2
    is_known = n > 1
    return _ratio(most * (most - 1.0), pairs, is_known), _ratio(squares - n, pairs, is_known)


def _dispersion(pairs: Counts, n_visits: Counts, n_providers: int) -> pd.DataFrame:
    """Return what does not hang on the order; ``pairs`` numbers patient and provider of a visit."""
    n_patients = len(n_visits)
    # Sorted here: a table of all pairs would not fit, and numpy's own unique takes longer.
    ordered = np.sort(pairs)
    begins = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1])[: len(ordered)])
    counts = np.diff(np.append(begins, len(ordered)))
    owner = ordered[begins] // n_providers
    squares = np.bincount(owner, weights=counts.astype(np.float64) ** 2, minlength=n_patients)
    n_with = np.bincount(owner, minlength=n_patients)
    most = np.zeros(n_patients, dtype=np.int64)
    np.maximum.at(most, owner, counts)
    has_some, has_pairs = n_visits > 0, n_visits > 1
    coc = _ratio(squares - n_visits, n_visits * (n_visits - 1.0), has_pairs)
    low, high = coc_bounds(n_visits, most)
    return pd.DataFrame(
        {
            "n_visits": n_visits,
            "n_providers": n_with,
            "n_most_visited": most,
            "upc": _ratio(most, n_visits, has_some),
            "coc": coc,
            "coc_low": low,
            "coc_high": high,
            "coc_given_upc": _ratio(coc - low, high - low, high > low),
            "hhi": _ratio(squares, n_visits.astype(np.float64) ** 2, has_some),
            "mmci": _ratio(1 - n_with / (n_visits + 0.1), 1 - 1 / (n_visits + 0.1), has_some),
        }
    )


def _same_as_before(patient: Counts, provider: Counts, order: Counts, n_patients: int) -> Counts:
    """Return how often each patient's visit is with the provider of the visit before."""
    in_time = np.lexsort((provider, order, patient))
    patient, provider = patient[in_time], provider[in_time]
    is_same = (patient[1:] == patient[:-1]) & (provider[1:] == provider[:-1])
    return np.bincount(patient[1:][is_same], minlength=n_patients)


def _ratio(above: npt.ArrayLike, below: npt.ArrayLike, is_known: npt.ArrayLike) -> Floats:
    """Return ``above / below``, nan where it is not known."""
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    result = np.full(shape, np.nan)
    np.divide(above, below, out=result, where=np.asarray(is_known, dtype=bool))
    return result


def most_visited(visits: pd.DataFrame) -> pd.Series[str]:
    """Return the provider that each patient visited most, the first by id of several.

    Parameters
    ----------
    visits
        One row a visit: ``patient_id``, ``provider`` (null where not recorded: left out).

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": list("aaab"), "provider": ["x", "y", "y", None]})
    >>> most_visited(visits).to_dict()
    {'a': 'y'}
    """
    counted = visits.groupby(["patient_id", "provider"]).size().rename("n").reset_index()
    ordered = counted.sort_values(["patient_id", "n", "provider"], ascending=[True, False, True])
    first: pd.Series[str] = ordered.drop_duplicates("patient_id").set_index("patient_id")[
        "provider"
    ]
    return first


def means_by_place(measures: pd.DataFrame, places: pd.Series[str]) -> pd.DataFrame:
    """Return the means over the patients of each place; each patient counts once.

    Parameters
    ----------
    measures
        As :func:`continuity` gives them, of patients with at least two visits.
    places
        Place by patient; whoever stands in none has a row of their own, with a null place.

    Returns
    -------
    ``place``, ``n_patients``, ``n_visits``, ``upc``, ``coc``, ``secon``, ``hhi``; one row a place.

    Examples
    --------
    >>> visits = pd.DataFrame(
    ...     {"patient_id": list("aabb"), "provider": list("xxxy"), "order": [1, 2, 1, 2]}
    ... )
    >>> means_by_place(continuity(visits), pd.Series({"a": "m", "b": "m"})).to_dict("records")
    [{'place': 'm', 'n_patients': 2, 'n_visits': 4, 'upc': 0.75, 'coc': 0.5,
      'secon': 0.5, 'hhi': 0.75}]
    """
    placed = measures.assign(place=places.reindex(measures.index).astype("object"))
    grouped = placed.groupby("place", dropna=False)
    found = grouped[["upc", "coc", "secon", "hhi"]].mean()
    found.insert(0, "n_patients", grouped.size())
    found.insert(1, "n_visits", grouped["n_visits"].sum())
    found = found.reset_index()
    place = found["place"].astype("object")
    return found.assign(place=place.where(place.notna(), None))
