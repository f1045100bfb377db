"""Where a unit stands: the trust that it belongs to and the clinic that it is part of.

The definitions are those of ``docs/definitions.md#organisation``.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

__all__ = [
    "clinics_of",
    "departments_of",
    "parents_of",
    "patients_at_or_below",
    "successors_of",
    "trusts_of",
    "units_at_or_below",
    "units_of_hospitals",
    "upwards",
]

_SPECIALIST = ("hospital", "psychiatry")

_MOST_STEPS = 6
"""Steps up to a clinic; trust, hospital, clinic, department, ward are five levels."""


def successors_of(units: pd.DataFrame) -> dict[str, str]:
    """Return the unit that took over in the end, by unit that was replaced.

    Parameters
    ----------
    units
        One row a unit: ``unit_id`` and, where it is asked for, ``successor_id``: the unit that had
        taken over by the day asked about (null where none had). Without that column nothing is
        followed. Of units that replace each other in a ring none is followed.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["a", "b", "c"], "successor_id": ["b", "c", None]})
    >>> successors_of(units)
    {'a': 'c', 'b': 'c'}
    """
    if "successor_id" not in units:
        return {}
    known = units[units["successor_id"].notna()]
    following = dict(zip(known["unit_id"], known["successor_id"], strict=True))
    chains = {unit: upwards(unit, following) for unit in following}
    return {unit: chain[-1] for unit, chain in chains.items() if chain[-1] not in following}


def parents_of(units: pd.DataFrame) -> dict[str, str]:
    """Return the unit right above each unit, or the one that took over from that.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top), perhaps ``successor_id`` as in
        :func:`successors_of`.

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     {
    ...         "unit_id": ["ward", "closed", "clinic"],
    ...         "parent_id": ["closed", None, None],
    ...         "successor_id": [None, "clinic", None],
    ...     }
    ... )
    >>> parents_of(units)
    {'ward': 'clinic'}
    """
    successors = successors_of(units)
    known = units[units["parent_id"].notna()]
    return {
        unit: successors.get(parent, parent)
        for unit, parent in zip(known["unit_id"], known["parent_id"], strict=True)
    }


def trusts_of(units: pd.DataFrame) -> dict[str, str]:
    """Return the topmost unit above each unit, itself where nothing is above it.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top).

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["ward", "trust"], "parent_id": ["trust", None]})
    >>> trusts_of(units)
    {'ward': 'trust', 'trust': 'trust'}
    """
    parents = parents_of(units)
    return {unit: upwards(unit, parents)[-1] for unit in units["unit_id"]}


def clinics_of(units: pd.DataFrame) -> dict[str, str]:
    """Return the nearest clinic at or above each unit; the unit itself where there is none.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top), ``kind``, perhaps
        ``successor_id`` as in :func:`successors_of`: a unit that was replaced stands where the unit
        stands that took over.

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     {
    ...         "unit_id": ["ward", "clinic", "trust"],
    ...         "parent_id": ["clinic", "trust", None],
    ...         "kind": ["ward", "clinic", "trust"],
    ...     }
    ... )
    >>> clinics_of(units)
    {'ward': 'clinic', 'clinic': 'clinic', 'trust': 'trust'}
    """
    parents, successors = parents_of(units), successors_of(units)
    clinics = set(units.loc[units["kind"].eq("clinic").fillna(False).astype(bool), "unit_id"])
    found = {}
    for unit in units["unit_id"]:
        now = successors.get(unit, unit)
        steps = upwards(now, parents)[: _MOST_STEPS + 1]
        found[unit] = next((above for above in steps if above in clinics), now)
    return found


def departments_of(units: pd.DataFrame) -> dict[str, str]:
    """Return the nearest department at or above each unit; the unit itself where there is none.

    Each department so found is part of one clinic, that of its units: a department above the clinic
    divides nothing, and a unit without a clinic stands for itself.

    Parameters
    ----------
    units
        As for :func:`clinics_of`.

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     {
    ...         "unit_id": ["bed", "ward", "department", "clinic"],
    ...         "parent_id": ["clinic", "department", "clinic", None],
    ...         "kind": ["ward", "ward", "department", "clinic"],
    ...     }
    ... )
    >>> departments_of(units)
    {'bed': 'bed', 'ward': 'department', 'department': 'department', 'clinic': 'clinic'}
    """
    parents, successors, clinics = parents_of(units), successors_of(units), clinics_of(units)
    is_department = units["kind"].eq("department").fillna(False).astype(bool)
    departments = set(units.loc[is_department, "unit_id"])
    found = {}
    for unit in units["unit_id"]:
        now = successors.get(unit, unit)
        chain = upwards(now, parents)
        below = chain[: chain.index(clinics[unit])]
        found[unit] = next((above for above in below if above in departments), now)
    return found


def units_at_or_below(units: pd.DataFrame) -> pd.DataFrame:
    """Return every unit with itself and with each unit that is part of it, at any depth.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top).

    Returns
    -------
    ``above_id``, ``unit_id``: one row a pair.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["ward", "trust"], "parent_id": ["trust", None]})
    >>> units_at_or_below(units).to_dict("split")["data"]
    [['ward', 'ward'], ['trust', 'ward'], ['trust', 'trust']]
    """
    parents = parents_of(units)
    pairs = [(above, unit) for unit in units["unit_id"] for above in upwards(unit, parents)]
    return pd.DataFrame(pairs, columns=["above_id", "unit_id"], dtype="object")


def units_of_hospitals(units: pd.DataFrame) -> pd.DataFrame:
    """Return the units of each hospital of which no unit is recorded as part.

    Clinics may span the hospitals of a trust. What is there are then the units of specialist care
    of the same trust that stand in the same municipality; own choice.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top), ``kind``, ``level``,
        ``municipality_code``.

    Returns
    -------
    ``above_id`` (hospital), ``unit_id``.

    Examples
    --------
    >>> units = pd.DataFrame(
    ...     [("trust", None, "trust", "a"), ("h", "trust", "hospital", "a"),
    ...      ("ward", "trust", "ward", "a"), ("far", "trust", "ward", "b")],
    ...     columns=["unit_id", "parent_id", "kind", "municipality_code"],
    ... ).assign(level="hospital")
    >>> units_of_hospitals(units).to_dict("records")
    [{'above_id': 'h', 'unit_id': 'ward'}]
    """
    trusts = trusts_of(units)
    placed = units.assign(trust=[trusts[unit] for unit in units["unit_id"]])
    placed = placed[placed["municipality_code"].notna().to_numpy(dtype=bool)]
    is_hospital = placed["kind"].eq("hospital").fillna(False).to_numpy(dtype=bool)
    is_bare = ~placed["unit_id"].isin(set(units["parent_id"].dropna())).to_numpy(dtype=bool)
    bare = placed[is_hospital & is_bare]
    is_top = (placed["unit_id"] == placed["trust"]).to_numpy(dtype=bool)
    is_within = placed["level"].isin(_SPECIALIST).to_numpy(dtype=bool) & ~is_top & ~is_hospital
    where = ["trust", "municipality_code"]
    pairs = bare[["unit_id", *where]].merge(placed.loc[is_within, ["unit_id", *where]], on=where)
    return pd.DataFrame({"above_id": pairs["unit_id_x"], "unit_id": pairs["unit_id_y"]})


def patients_at_or_below(
    units: pd.DataFrame, seen: pa.Table, *, parts: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return how many came to each unit or to one that is part of it; each patient counts once.

    Parameters
    ----------
    units
        One row a unit: ``unit_id``, ``parent_id`` (null at the top).
    seen
        One row a patient and unit: ``patient_id``, ``unit_id``, ``n_contacts``.
    parts
        What belongs to each unit, as :func:`units_at_or_below` gives it, which is the default.

    Returns
    -------
    ``n_contacts`` and ``n_patients`` by ``unit_id``, for units to which somebody came.

    Examples
    --------
    >>> units = pd.DataFrame({"unit_id": ["ward", "trust"], "parent_id": ["trust", None]})
    >>> seen = pa.table({"patient_id": ["a"], "unit_id": ["ward"], "n_contacts": [2]})
    >>> patients_at_or_below(units, seen).to_dict("index")
    {'trust': {'n_contacts': 2, 'n_patients': 1}, 'ward': {'n_contacts': 2, 'n_patients': 1}}
    """
    chains = (units_at_or_below(units) if parts is None else parts).to_numpy().tolist()
    # Numbers instead of texts: a patient stands here once for each level of the organisation.
    patients = seen.column("patient_id").combine_chunks().dictionary_encode()
    pairs = pa.table(
        {
            "unit_id": seen.column("unit_id"),
            "patient": patients.indices,
            "n_contacts": seen.column("n_contacts").cast(pa.int64()),
        }
    )
    above = pa.table(
        {"above_id": [a for a, _ in chains], "unit_id": [unit for _, unit in chains]},
        schema=pa.schema([("above_id", pa.string()), ("unit_id", pa.string())]),
    )
    joined = pairs.join(above, "unit_id", join_type="inner")
    counted = joined.group_by("above_id").aggregate(
        [("n_contacts", "sum"), ("patient", "count_distinct")]
    )
    frame = counted.take(pc.sort_indices(counted.column("above_id"))).to_pandas()
    return pd.DataFrame(
        {
            "n_contacts": frame["n_contacts_sum"].to_numpy(),
            "n_patients": frame["patient_count_distinct"].to_numpy(),
        },
        index=pd.Index(frame["above_id"], name="unit_id"),
    )


def upwards(unit: str, parents: Mapping[str, str]) -> list[str]:
    """Return the unit and those above it, from below; a ring is gone round once.

    Examples
    --------
    >>> upwards("ward", {"ward": "clinic", "clinic": "ward"})
    ['ward', 'clinic']
    """
    chain = [unit]
    while chain[-1] in parents and parents[chain[-1]] not in chain:
        chain.append(parents[chain[-1]])
    return chain
