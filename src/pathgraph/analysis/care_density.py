"""How closely a patient's providers are tied by the patients they share, and who is central.

How many patients two providers share is counted by :func:`pathgraph.analysis.ties.shared_ties`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import scipy.sparse

from pathgraph.analysis.ties import shared_ties

__all__ = [
    "adjusted_degree",
    "care_density",
    "care_density_by_connection",
    "fragmented_care_density",
    "relative_centrality",
]

_BLOCK = 4_000_000
"""Pairs of providers, of patients one after the other, that are looked up together."""

Counts: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Care:
    """Who had which providers; both are numbered in order of id, ``provider`` by patient."""

    patient_ids: pd.Index
    provider_ids: pd.Index
    provider: Counts
    n_providers: Counts

    @property
    def n_pairs(self) -> Counts:
        return self.n_providers * (self.n_providers - 1) // 2


def care_density(visits: pd.DataFrame, ties: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the care density of each patient, in order of ``patient_id``.

    The mean, over the pairs of the patient's providers, of how many patients the two share, the
    patient included. Pollack and others 2013 (PMC3579968).

    Parameters
    ----------
    visits
        Any number of rows a patient and provider: ``patient_id``, ``provider`` (null where it is
        not recorded: left out).
    ties
        ``from_id``, ``to_id`` and ``n_patients`` of each two providers that share patients, as
        :func:`pathgraph.analysis.ties.shared_ties` returns them, where they are to be counted among
        other patients or in another period than ``visits``. Pairs that are not there share none. By
        default they are counted from ``visits``.

    Returns
    -------
    By patient: ``n_providers``; ``n_shared``, the patients that its pairs share, added up;
    ``care_density`` [patients a pair], null for fewer than two providers (at least 1 otherwise,
    where counted from ``visits``).

    Raises
    ------
    ValueError
        A ``patient_id`` is null, or ``ties`` hold a pair twice.

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": list("11122"), "provider": list("ACDAD")})
    >>> care_density(visits).round(2).reset_index().to_numpy().tolist()  # A and D share both
    [['1', 3, 4.0, 1.33], ['2', 2, 2.0, 2.0]]
    """
    care = _care(visits)
    shared = np.zeros(len(care.patient_ids))
    for patient, _, _, n_shared in _pairs(care, ties):
        shared += np.bincount(patient, weights=n_shared, minlength=len(shared))
    return pd.DataFrame(
        {
            "n_providers": care.n_providers,
            "n_shared": shared,
            "care_density": _per_pair(shared, care.n_pairs),
        },
        index=care.patient_ids,
    )


def care_density_by_connection(
    visits: pd.DataFrame, kinds: Mapping[str, str], ties: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the parts of the care density by which kinds of provider a pair connects.

    They add up to the care density, and are what weights are estimated from (Engels and others
    2024, BMC Medical Research Methodology 24).

    Parameters
    ----------
    visits, ties
        As :func:`care_density` takes them.
    kinds
        Kind by provider. Pairs with a provider that has none are left out.

    Returns
    -------
    One row for each patient and connection that occurs: ``patient_id``; ``kind`` and
    ``other_kind``, the lesser first; ``n_pairs``; ``n_shared``; ``care_density``, that is
    ``n_shared`` by all pairs of the patient.

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": list("111"), "provider": list("ACD")})
    >>> found = care_density_by_connection(visits, {"A": "gp", "C": "gp", "D": "ward"})
    >>> found[["kind", "other_kind", "n_pairs", "n_shared"]].to_numpy().tolist()
    [['gp', 'gp', 1, 1.0], ['gp', 'ward', 2, 2.0]]
    """
    care = _care(visits)
    names, found = _by_connection(care, kinds, ties)
    patient, n_shared = found["patient"].to_numpy(), found["n_shared"].to_numpy()
    return pd.DataFrame(
        {
            "patient_id": care.patient_ids[patient],
            "kind": names[found["kind"].to_numpy()],
            "other_kind": names[found["other_kind"].to_numpy()],
            "n_pairs": found["n_pairs"],
            "n_shared": n_shared,
            "care_density": n_shared / care.n_pairs[patient],
        }
    )


def fragmented_care_density(
    visits: pd.DataFrame,
    kinds: Mapping[str, str],
    weights: Mapping[tuple[str, str], float],
    ties: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the care density of each patient with a weight for each kind of connection.

    The sum over connections of ``weight * n_shared / pairs of the patient's providers``; with all
    weights 1 it is the care density. Engels and others 2024 (BMC Medical Research Methodology 24).

    Parameters
    ----------
    visits, ties
        As :func:`care_density` takes them.
    kinds
        Kind by provider.
    weights
        Weight by two kinds, in whatever order.

    Returns
    -------
    By patient: ``n_providers``; ``n_without_kind``, of these; ``fragmented_care_density``, null for
    fewer than two providers and where the kind of one is not known.

    Raises
    ------
    ValueError
        A ``patient_id`` is null; a connection that occurs has no weight or two different ones.

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": list("111"), "provider": list("ACD")})
    >>> weights = {("gp", "gp"): 0.5, ("ward", "gp"): 2}
    >>> found = fragmented_care_density(visits, {"A": "gp", "C": "gp", "D": "ward"}, weights)
    >>> found["fragmented_care_density"].to_list()  # (0.5 + 2 * 2) / 3
    [1.5]
    """
    care = _care(visits)
    names, found = _by_connection(care, kinds, ties)
    weight = np.full((len(names), len(names)), np.nan)
    for kind, other in found[["kind", "other_kind"]].drop_duplicates().to_numpy():
        weight[kind, other] = _weight(weights, names[kind], names[other])
    weighed = found["n_shared"] * weight[found["kind"], found["other_kind"]]
    n_patients = len(care.patient_ids)
    summed = np.zeros(n_patients)
    summed += np.bincount(found["patient"], weights=weighed, minlength=n_patients)
    has_none = np.array([kinds.get(one) is None for one in care.provider_ids], dtype=bool)
    patient = np.repeat(np.arange(n_patients), care.n_providers)
    n_without = np.bincount(patient[has_none[care.provider]], minlength=n_patients)
    density = _per_pair(summed, care.n_pairs)
    return pd.DataFrame(
        {
            "n_providers": care.n_providers,
            "n_without_kind": n_without,
            "fragmented_care_density": np.where(n_without > 0, np.nan, density),
        },
        index=care.patient_ids,
    )


def adjusted_degree(degree: pd.Series[int], n_patients: pd.Series[int]) -> pd.Series[float]:
    """Return how many other providers each has ties with, per 100 patients of its own.

    Landon and others 2012 (PMC3528342): median 27.3 over 51 regions, from 11.7 to 54.4, in networks
    of the strongest ties of each physician.

    Parameters
    ----------
    degree
        Other providers that it has ties with, by provider.
    n_patients
        Its patients; null where they are not known.

    Returns
    -------
    In the order of ``degree``, null where there are no patients or they are not known.

    Examples
    --------
    >>> adjusted_degree(pd.Series({"a": 3, "b": 2}), pd.Series({"b": 0, "a": 12})).to_dict()
    {'a': 25.0, 'b': nan}
    """
    of_each = n_patients.reindex(degree.index).to_numpy(dtype=np.float64, na_value=np.nan)
    adjusted = np.full(len(degree), np.nan)
    np.divide(100.0 * degree.to_numpy(dtype=float), of_each, out=adjusted, where=of_each > 0)
    return pd.Series(adjusted, index=degree.index, name="adjusted_degree")


def relative_centrality(
    betweenness: pd.Series[float], is_in_group: pd.Series[bool]
) -> float | None:
    """Return the mean betweenness of a group of nodes by that of the others.

    Landon and others 2012 (PMC3528342), for primary care physicians: 0.19 to 1.06 over 51 regions.

    Parameters
    ----------
    betweenness
        By node.
    is_in_group
        By node; nodes of which it is null or that are not in it are left out.

    Returns
    -------
    1 where the group is as central as the others; null where one of the two has no nodes or the
    others have no betweenness.

    Examples
    --------
    >>> relative_centrality(
    ...     pd.Series({"a": 0.3, "b": 0.1, "c": 0.5}),
    ...     pd.Series({"a": True, "b": True, "c": False}),
    ... )
    0.4
    """
    known = is_in_group.reindex(betweenness.index)
    is_in = known.isin([True]).to_numpy()
    values = betweenness.to_numpy(dtype=float)
    group, others = values[is_in], values[known.isin([False]).to_numpy()]
    if not len(group) or not others.any():
        return None
    return float(group.mean() / others.mean())


def _care(visits: pd.DataFrame) -> _Care:
    if visits["patient_id"].isna().any():
        raise ValueError("column patient_id holds nulls")
    patient, patient_ids = pd.factorize(visits["patient_id"], sort=True)
    provider, provider_ids = pd.factorize(visits["provider"], sort=True)
    is_known = provider >= 0
    size = max(len(provider_ids), 1)
    # Sorted here: numpy's own unique hashes, which takes several times as long.
    both = np.sort(patient[is_known].astype(np.int64) * size + provider[is_known])
    both = both[np.append(True, both[1:] != both[:-1])[: len(both)]]
    return _Care(
        patient_ids=pd.Index(patient_ids, name="patient_id"),
        provider_ids=pd.Index(provider_ids),
        provider=both % size,
        n_providers=np.bincount(both // size, minlength=len(patient_ids)),
    )


def _shared(care: _Care, ties: pd.DataFrame | None) -> tuple[Counts, Floats]:
    """Return the pairs that share patients, in order, and how many.

    A pair is the lesser number of the two times providers plus the greater.
    """
    n = len(care.provider_ids)
    if ties is None:
        numbers = [str(number) for number in range(n)]
        patient = np.repeat(np.arange(len(care.patient_ids)), care.n_providers)
        visits = pa.table({"patient_id": patient, "unit_id": care.provider})
        ties = shared_ties(visits, dict(zip(numbers, numbers, strict=True)))
        ends = [ties[end].astype("int64").to_numpy() for end in ("from_id", "to_id")]
    else:
        ends = [care.provider_ids.get_indexer(pd.Index(ties[end])) for end in ("from_id", "to_id")]
    is_here = (ends[0] >= 0) & (ends[1] >= 0) & (ends[0] != ends[1])
    one, other = (end[is_here] for end in ends)
    n_shared = ties["n_patients"].to_numpy(dtype=np.float64)[is_here]
    pair = np.minimum(one, other) * n + np.maximum(one, other)
    in_order = np.argsort(pair)
    pair = pair[in_order]
    if (pair[1:] == pair[:-1]).any():
        raise ValueError("ties hold a pair of providers twice")
    return pair, n_shared[in_order]


def _pairs(
    care: _Care, ties: pd.DataFrame | None
) -> Iterator[tuple[Counts, Counts, Counts, Floats]]:
    """Give patient, both providers and the patients that they share, of all pairs, in blocks.

    All pairs of a patient are in one block. There is always a block.
    """
    known, n_known = _shared(care, ties)
    # One more, for those that are after all others and not there.
    known, n_known = np.append(known, -1), np.append(n_known, 0.0)
    ends = np.cumsum(care.n_providers)
    patient = np.repeat(np.arange(len(ends)), care.n_providers)
    # With each provider stand the pairs with those of the same patient that come after it.
    n_after = ends[patient] - np.arange(len(patient)) - 1
    done = np.cumsum(care.n_pairs)
    cuts = np.searchsorted(done, np.arange(_BLOCK, care.n_pairs.sum(), _BLOCK))
    for place in np.split(np.arange(len(patient)), ends[cuts]):
        times = n_after[place]
        first = np.repeat(place, times)
        begin = np.repeat(np.cumsum(times) - times, times)
        second = first + 1 + np.arange(len(first)) - begin
        one, other = care.provider[first], care.provider[second]
        pair = one * len(care.provider_ids) + other
        at = np.searchsorted(known[:-1], pair)
        yield patient[first], one, other, np.where(known[at] == pair, n_known[at], 0.0)


def _by_connection(
    care: _Care, kinds: Mapping[str, str], ties: pd.DataFrame | None
) -> tuple[npt.NDArray[np.object_], pd.DataFrame]:
    """Return the kinds in order, and pairs and shared patients by patient and connection.

    ``patient``, ``kind`` and ``other_kind`` are numbers, in order; the lesser kind comes first.
    """
    of_each = [kinds.get(provider) for provider in care.provider_ids]
    names = sorted({kind for kind in of_each if kind is not None})
    place = {name: number for number, name in enumerate(names)}
    code = np.array([-1 if kind is None else place[kind] for kind in of_each], dtype=np.int64)
    n_kinds = len(names)
    found = []
    for patient, one, other, n_shared in _pairs(care, ties):
        low = np.minimum(code[one], code[other])
        is_known = low >= 0
        connection = low * n_kinds + np.maximum(code[one], code[other])
        cells = (patient[is_known], connection[is_known])
        shape = (len(care.patient_ids), max(n_kinds**2, 1))
        # Both hold the same cells in the same order, sums of 0 among them.
        n_pairs = scipy.sparse.csr_array((np.ones(len(cells[0]), np.int64), cells), shape=shape)
        shared = scipy.sparse.csr_array((n_shared[is_known], cells), shape=shape)
        row, column = (part.astype(np.int64) for part in n_pairs.tocoo().coords)
        found.append((row, column // n_kinds, column % n_kinds, n_pairs.data, shared.data))
    columns = ("patient", "kind", "other_kind", "n_pairs", "n_shared")
    values = [np.concatenate(part) for part in zip(*found, strict=True)]
    return np.array(names, dtype=object), pd.DataFrame(dict(zip(columns, values, strict=True)))


def _weight(weights: Mapping[tuple[str, str], float], kind: str, other: str) -> float:
    given = {weights[pair] for pair in ((kind, other), (other, kind)) if pair in weights}
    if len(given) != 1:
        raise ValueError(f"the connection {kind} - {other} has {len(given)} weights, not one")
    return float(given.pop())


def _per_pair(values: Floats, n_pairs: Counts) -> Floats:
    density = np.full(len(values), np.nan)
    np.divide(values, n_pairs, out=density, where=n_pairs > 0)
    return density
