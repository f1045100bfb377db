"""Ties of a network, counted from who came where: each patient once for each pair of nodes.

What the ties of each network are is said in ``docs/definitions.md#networks``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import scipy.sparse

from pathgraph.analysis.organisation import parents_of, successors_of, upwards

__all__ = ["DEPTHS", "directed_ties", "shared_ties", "shown_units", "with_ends"]

DEPTHS = ("unit", "department", "clinic", "hospital")
"""How far up the organisation units are shown."""

_KINDS = (*DEPTHS, "trust")
_NOWHERE = -1

_Codes = npt.NDArray[np.int64]


def shown_units(units: pd.DataFrame, depth: str) -> dict[str, str]:
    """Return the unit as which each unit is shown.

    It is the nearest one, at or above it, of the kind ``depth`` or of a greater one (department,
    clinic, hospital, trust), and the topmost where there is none.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top), ``kind``, perhaps
        ``successor_id``: the unit that took over, as which a unit that was replaced is shown.
    depth
        One of :data:`DEPTHS`; ``unit`` shows each as itself, or as the one that took over.

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     {
    ...         "unit_id": ["ward", "department", "trust"],
    ...         "parent_id": ["department", "trust", None],
    ...         "kind": ["ward", "department", "trust"],
    ...     }
    ... )
    >>> shown_units(units, "department")
    {'ward': 'department', 'department': 'department', 'trust': 'trust'}
    >>> shown_units(units, "clinic")["ward"]
    'trust'
    """
    successors = successors_of(units)
    if depth == DEPTHS[0]:
        return {unit: successors.get(unit, unit) for unit in units["unit_id"]}
    parents = parents_of(units)
    is_great = units["kind"].isin(_KINDS[_KINDS.index(depth) :])
    great = set(units.loc[is_great, "unit_id"])
    chains = {unit: upwards(successors.get(unit, unit), parents) for unit in units["unit_id"]}
    return {
        unit: next((above for above in chain if above in great), chain[-1])
        for unit, chain in chains.items()
    }


def directed_ties(
    rows: pa.Table,
    *,
    from_shown: Mapping[str, str] | None = None,
    to_shown: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Return the ties that lead from one node to another.

    Parameters
    ----------
    rows
        Any number of rows a patient and pair: ``patient_id``, ``from_id``, ``to_id`` (null where
        it is not recorded) and ``n``, how often.
    from_shown, to_shown
        Node by id; ids that are not in it are left out. By default each id is a node.

    Returns
    -------
    One row a pair: ``from_id``, ``to_id``, ``n_patients``, ``n``, and how many patients each node
    has in all: ``from_patients``, ``to_patients``.

    Examples
    --------
    >>> rows = pa.table(
    ...     {"patient_id": ["a", "a", "b"], "from_id": ["x"] * 3, "to_id": ["y", "z", "y"],
    ...      "n": [2, 1, 1]}
    ... )
    >>> directed_ties(rows).to_dict("records")
    [{'from_id': 'x', 'to_id': 'y', 'n_patients': 2, 'n': 3, 'from_patients': 2,
      'to_patients': 2},
     {'from_id': 'x', 'to_id': 'z', 'n_patients': 1, 'n': 1, 'from_patients': 2,
      'to_patients': 1}]
    """
    patients = _numbered(rows.column("patient_id"))
    from_codes, from_names = _coded(rows.column("from_id"), from_shown)
    to_codes, to_names = _coded(rows.column("to_id"), to_shown)
    times = rows.column("n").to_numpy().astype(np.int64)
    is_kept = (from_codes != _NOWHERE) & (to_codes != _NOWHERE)
    patients, times = patients[is_kept], times[is_kept]
    from_codes, to_codes = from_codes[is_kept], to_codes[is_kept]
    pairs = from_codes * len(to_names) + to_codes
    size = len(from_names) * len(to_names)
    n_patients = _patients_by_code(patients, pairs, size)
    n_times = np.bincount(pairs, weights=times, minlength=size)
    there = np.flatnonzero(n_patients)
    left, reached = np.divmod(there, max(len(to_names), 1))
    return pd.DataFrame(
        {
            "from_id": from_names[left],
            "to_id": to_names[reached],
            "n_patients": n_patients[there],
            "n": n_times[there].astype(np.int64),
            "from_patients": _patients_by_code(patients, from_codes, len(from_names))[left],
            "to_patients": _patients_by_code(patients, to_codes, len(to_names))[reached],
        }
    )


def shared_ties(visits: pa.Table, shown: Mapping[str, str]) -> pd.DataFrame:
    """Return each two nodes that the same patients came to, every pair once.

    Parameters
    ----------
    visits
        Any number of rows a patient and unit: ``patient_id``, ``unit_id``.
    shown
        Node by unit; units that are not in it are left out.

    Returns
    -------
    One row a pair, the lesser id first: ``from_id``, ``to_id``, ``n_patients``, and how many
    patients each node has in all: ``from_patients``, ``to_patients``.

    Examples
    --------
    >>> visits = pa.table({"patient_id": ["a", "a", "b"], "unit_id": ["y", "x", "x"]})
    >>> shared_ties(visits, {"x": "x", "y": "y"}).to_dict("records")
    [{'from_id': 'x', 'to_id': 'y', 'n_patients': 1, 'from_patients': 2, 'to_patients': 1}]
    """
    patients = _numbered(visits.column("patient_id"))
    nodes, names = _coded(visits.column("unit_id"), shown)
    is_kept = nodes != _NOWHERE
    patients, nodes = patients[is_kept], nodes[is_kept]
    n_patients = int(patients.max(initial=_NOWHERE)) + 1
    came = scipy.sparse.csr_array(
        (np.ones(len(nodes), np.int64), (patients, nodes)), shape=(n_patients, len(names))
    )
    # Several of a patient's units may be shown as one.
    came.sum_duplicates()
    came.data[:] = 1
    shared = scipy.sparse.triu(came.T @ came, k=1).tocoo()
    in_all = np.asarray(came.sum(axis=0)).ravel()
    one, other = shared.coords
    return pd.DataFrame(
        {
            "from_id": names[one],
            "to_id": names[other],
            "n_patients": shared.data.astype(np.int64),
            "from_patients": in_all[one],
            "to_patients": in_all[other],
        }
    )


def with_ends(
    ties: pd.DataFrame, from_nodes: pd.DataFrame, to_nodes: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the ties with what is known of both their ends.

    Parameters
    ----------
    ties
        With ``from_id`` and ``to_id``.
    from_nodes, to_nodes
        ``name``, ``kind`` and ``level`` by node; by default the same for both ends.

    Examples
    --------
    >>> nodes = pd.DataFrame({"name": ["X"], "kind": ["ward"], "level": ["gp"]}, index=["x"])
    >>> named = with_ends(pd.DataFrame({"from_id": ["x"], "to_id": [None]}), nodes)
    >>> named["from_name"].to_list(), named["to_name"].isna().to_list()
    (['X'], [True])
    """
    columns: dict[str, Any] = {}
    for end, nodes in (("from", from_nodes), ("to", from_nodes if to_nodes is None else to_nodes)):
        known = nodes.reindex(ties[f"{end}_id"])
        for name in ("name", "kind", "level"):
            columns[f"{end}_{name}"] = known[name].astype(object).to_numpy()
    return ties.assign(**columns)


def _numbered(ids: pa.ChunkedArray) -> _Codes:
    """Return a number for each id, in whatever order."""
    encoded = ids.cast(pa.string()).combine_chunks().dictionary_encode("encode")
    numbers: _Codes = encoded.indices.to_numpy().astype(np.int64)
    return numbers


def _coded(
    ids: pa.ChunkedArray, shown: Mapping[str, str] | None
) -> tuple[_Codes, npt.NDArray[np.object_]]:
    """Return a number for each id and the nodes in order; -1 where the id is shown as none.

    What is not recorded is a node of its own, after the others.
    """
    encoded = ids.cast(pa.string()).combine_chunks().dictionary_encode("encode")
    values = encoded.dictionary.to_pylist()
    nodes = [value if shown is None or value is None else shown.get(value) for value in values]
    is_left_out = np.array(
        [value is not None and node is None for value, node in zip(values, nodes, strict=True)],
        dtype=bool,
    )
    names = sorted({node for node in nodes if node is not None})
    place: dict[str | None, int] = {name: number for number, name in enumerate(names)}
    place[None] = len(names)
    places = np.array([place[node] for node in nodes], dtype=np.int64)
    places[is_left_out] = _NOWHERE
    codes = places[encoded.indices.to_numpy()] if len(places) else np.zeros(0, np.int64)
    return codes, np.array([*names, None], dtype=object)


def _patients_by_code(patients: _Codes, codes: _Codes, size: int) -> _Codes:
    """Return how many different patients each code has."""
    if not len(patients):
        return np.zeros(size, np.int64)
    # Sorted here: numpy's own unique hashes, which takes several times as long.
    both = np.sort(patients * size + codes)
    is_first = np.append(True, both[1:] != both[:-1])
    return np.bincount(both[is_first] % size, minlength=size)
