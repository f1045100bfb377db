"""A division of municipalities into areas against where their patients go.

The division is the formal one (hospital areas, district psychiatric areas) or communities that were
found. Contacts say how much of the care is inside an area; patients, each counted once, say where
most of them go, since the contacts of one patient are no independent observations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special, stats

from pathgraph.analysis.partitions import Group, known_groups

__all__ = [
    "against_division",
    "area_localisation",
    "localisation",
    "main_areas",
    "visited_areas",
]

_LEVEL = 0.05
"""Share of false alarms among the municipalities that are said to go against the division."""

_Z = float(special.ndtri(0.975))

Counts: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]


def visited_areas(ties: pd.DataFrame, areas: Mapping[str, Group]) -> pd.DataFrame:
    """Return the contacts of each municipality's residents by the area of the place visited.

    Parameters
    ----------
    ties
        ``from_id`` (municipality of residence), ``to_id`` (municipality or unit visited) and
        ``n_contacts``.
    areas
        Area by place visited; a place that is not in it is in none (null).

    Returns
    -------
    ``municipality_code``, ``area``, ``n_contacts``, one row a pair.

    Examples
    --------
    >>> ties = pd.DataFrame(
    ...     {"from_id": ["a", "a", "a"], "to_id": ["b", "c", "x"], "n_contacts": [5, 2, 1]}
    ... )
    >>> visited_areas(ties, {"b": "east", "c": "east"}).to_dict("records")
    [{'municipality_code': 'a', 'area': 'east', 'n_contacts': 7},
     {'municipality_code': 'a', 'area': None, 'n_contacts': 1}]
    """
    known = known_groups(areas)
    frame = pd.DataFrame(
        {
            "municipality_code": ties["from_id"].astype(object),
            "area": _objects([known.get(place) for place in ties["to_id"]], ties.index),
            "n_contacts": ties["n_contacts"].astype("int64"),
        }
    )
    return _added_up(frame, ["n_contacts"])


def main_areas(visits: pd.DataFrame) -> pd.DataFrame:
    """Count each patient once, in the area where most of the patient's contacts were.

    Parameters
    ----------
    visits
        Any number of rows a patient, municipality of residence and area of the unit visited:
        ``patient_id``, ``municipality_code``, ``area`` (null: in no area), ``n_contacts`` (at
        least 1).

    Returns
    -------
    ``municipality_code``, ``area``, ``n_contacts`` (all contacts there), ``n_patients`` (patients
    whose main area it is). A patient with as many contacts in two areas goes mostly to none and
    counts where the area is null. Who moved counts in each municipality by the contacts from there.

    Examples
    --------
    >>> visits = pd.DataFrame(
    ...     {"patient_id": ["p", "p", "q"], "municipality_code": ["a"] * 3,
    ...      "area": ["east", "west", "west"], "n_contacts": [3, 1, 1]}
    ... )
    >>> main_areas(visits).to_dict("records")
    [{'municipality_code': 'a', 'area': 'east', 'n_contacts': 3, 'n_patients': 1},
     {'municipality_code': 'a', 'area': 'west', 'n_contacts': 2, 'n_patients': 1}]
    """
    person = ["patient_id", "municipality_code"]
    own = visits.groupby([*person, "area"], dropna=False, as_index=False)["n_contacts"].sum()
    most = own.groupby(person)["n_contacts"].transform("max")
    top = own[own["n_contacts"] == most]
    chosen = top.drop_duplicates(person).copy()
    chosen["area"] = (
        chosen["area"].astype(object).where(~top.duplicated(person, keep=False)[chosen.index], None)
    )
    contacts = own[["municipality_code", "area", "n_contacts"]].assign(n_patients=0)
    patients = chosen[["municipality_code", "area"]].assign(n_contacts=0, n_patients=1)
    both = pd.concat([contacts.astype({"area": object}), patients.astype({"area": object})])
    return _added_up(both, ["n_contacts", "n_patients"])


def localisation(contacts: pd.DataFrame, division: Mapping[str, Group]) -> pd.DataFrame:
    """Return which share of the residents' contacts is inside their own area, by municipality.

    Parameters
    ----------
    contacts
        ``municipality_code``, ``area`` of the unit visited (null: in none), ``n_contacts``. Rows
        without a municipality do not count.
    division
        Area by municipality: those of the division, with or without contacts.

    Returns
    -------
    One row a municipality, of the division or of the contacts: ``municipality_code``,
    ``own_area`` (null where it is in none), ``n_contacts``, ``n_own``, ``share_own``: null without
    contacts or without an area of its own.

    Examples
    --------
    >>> contacts = pd.DataFrame(
    ...     {"municipality_code": ["a", "a"], "area": ["east", "west"], "n_contacts": [3, 1]}
    ... )
    >>> localisation(contacts, {"a": "east", "b": "west"})["share_own"].to_list()
    [0.75, nan]
    """
    rows = _with_own(contacts, division)
    codes = sorted({*rows["municipality_code"], *division})
    known = known_groups(division)
    inside = rows["n_contacts"].where(rows["is_own"], 0)
    by = rows["municipality_code"]
    n = rows["n_contacts"].groupby(by).sum().reindex(codes, fill_value=0).to_numpy(dtype=np.int64)
    n_own = inside.groupby(by).sum().reindex(codes, fill_value=0).to_numpy(dtype=np.int64)
    has_area = np.array([code in known for code in codes], dtype=bool)
    return pd.DataFrame(
        {
            "municipality_code": _objects(codes),
            "own_area": _objects([known.get(code) for code in codes]),
            "n_contacts": n,
            "n_own": n_own,
            "share_own": np.where(has_area, _share(n_own, n), np.nan),
        }
    )


def area_localisation(contacts: pd.DataFrame, division: Mapping[str, Group]) -> pd.DataFrame:
    """Return the localisation index of each area and of all, and what it would be by chance.

    Parameters
    ----------
    contacts, division
        As :func:`localisation` takes them; contacts from municipalities of no area do not count.

    Returns
    -------
    One row an area, and a last one of all (``area`` null): ``n_municipalities``, ``n_contacts`` of
    their residents, ``n_own``, ``share_own``: the localisation index; ``share_by_chance``: what it
    would be if all residents' contacts were divided between the areas alike.

    Notes
    -----
    One area alone has the index 1, whatever the patients do: read it beside ``share_by_chance``.

    Examples
    --------
    >>> contacts = pd.DataFrame(
    ...     {"municipality_code": ["a", "a", "b"], "area": ["east", "west", "west"],
    ...      "n_contacts": [3, 1, 4]}
    ... )
    >>> found = area_localisation(contacts, {"a": "east", "b": "west"})
    >>> found[["n_contacts", "n_own", "share_own", "share_by_chance"]].iloc[-1].to_list()
    [8.0, 7.0, 0.875, 0.5]
    """
    known = known_groups(division)
    rows = _with_own(contacts, division)
    rows = rows[rows["own_area"].notna()]
    areas = sorted(set(known.values()), key=str)
    total = int(rows["n_contacts"].sum())

    def counted(by: str, what: pd.DataFrame) -> Counts:
        sums = what["n_contacts"].groupby(what[by]).sum()
        return sums.reindex(areas, fill_value=0).to_numpy(dtype=np.int64)

    n, n_own = counted("own_area", rows), counted("own_area", rows[rows["is_own"]])
    by_chance = _share(counted("area", rows), np.full(len(areas), total))
    n_places = [sum(area == own for own in known.values()) for area in areas]
    all_by_chance = float((n * by_chance).sum() / total) if total else np.nan
    return pd.DataFrame(
        {
            "area": _objects([*areas, None]),
            "n_municipalities": [*n_places, len(known)],
            "n_contacts": [*n, n.sum()],
            "n_own": [*n_own, n_own.sum()],
            "share_own": _share(np.append(n_own, n_own.sum()), np.append(n, n.sum())),
            "share_by_chance": np.append(by_chance, all_by_chance),
        }
    )


def against_division(
    contacts: pd.DataFrame, division: Mapping[str, Group], *, level: float = _LEVEL
) -> pd.DataFrame:
    """Set where each municipality's patients mostly go against where it formally belongs.

    Parameters
    ----------
    contacts
        ``municipality_code``, ``area`` of the unit visited (null: in none), ``n_contacts``,
        ``n_patients``: each patient in one area only, as :func:`main_areas` counts them.
    division
        Area by municipality (null: in none): those covered, with or without contacts.
    level
        Share of false ones expected among the municipalities found to go against the division.

    Returns
    -------
    One row a municipality:

    * ``municipality_code``, ``own_area``, ``n_patients``, ``n_contacts``;
    * ``n_own``, ``share_own``: patients who mostly go to its own area;
    * ``other_area``, ``n_other``, ``share_other``: to the other area that most go to (of several
      the one with more contacts, then the first by name);
    * ``difference``, other minus own, ``difference_low``, ``difference_high``: 95 % interval;
    * ``p_value``, ``p_adjusted``;
    * ``status``: ``against``, ``with`` (the interval lies below 0), ``undecided``,
      ``no_patients``, ``no_area`` (it belongs to none), ``one_area`` (there is no other).

    Notes
    -----
    The interval is Wald's after half a patient was added to each of the two areas, to their
    overlap and to the rest (Agresti and Min 2005, Statistics in Medicine 24:729). The p value is
    of the hypothesis that no other area draws more patients than its own: exact and one-sided on
    the two areas' patients, times the number of other areas, of which the greatest was picked. It
    is adjusted over the municipalities by Benjamini and Hochberg; ``against`` is at most ``level``.

    Examples
    --------
    >>> contacts = pd.DataFrame(
    ...     {"municipality_code": ["a", "a", "b"], "area": ["east", "west", "west"],
    ...      "n_contacts": [30, 90, 80], "n_patients": [10, 30, 20]}
    ... )
    >>> found = against_division(contacts, {"a": "east", "b": "west"})
    >>> found[["n_own", "other_area", "n_other", "status"]].to_dict("records")
    [{'n_own': 10, 'other_area': 'west', 'n_other': 30, 'status': 'against'},
     {'n_own': 20, 'other_area': None, 'n_other': 0, 'status': 'with'}]
    """
    known = known_groups(division)
    rows = _with_own(contacts, division)
    n_areas = len({*rows["area"].dropna(), *known.values()})
    codes = sorted({*rows["municipality_code"], *division})
    counted = _counted(rows, codes, known)
    n, own, other = (
        counted[name].to_numpy(dtype=np.int64) for name in ("n_patients", "n_own", "n_other")
    )
    low, high = _difference_interval(own, other, n)
    p_value = np.minimum(1, stats.binom.sf(other - 1, own + other, 0.5) * max(n_areas - 1, 1))
    has_area = counted["own_area"].notna().to_numpy()
    is_asked = has_area & (n > 0) & (n_areas > 1)
    found = counted.assign(
        share_own=np.where(has_area, _share(own, n), np.nan),
        share_other=np.where(is_asked, _share(other, n), np.nan),
        difference=np.where(is_asked, _share(other - own, n), np.nan),
        difference_low=np.where(is_asked, low, np.nan),
        difference_high=np.where(is_asked, high, np.nan),
        p_value=np.where(is_asked, p_value, np.nan),
    )
    found["p_adjusted"] = _adjusted(found["p_value"].to_numpy())
    reasons = {
        "no_area": ~has_area,
        "no_patients": n == 0,
        "one_area": ~is_asked,
        "against": (found["p_adjusted"] <= level).to_numpy(),
        "with": (found["difference_high"] < 0).to_numpy(),
    }
    found["status"] = np.select(list(reasons.values()), list(reasons), default="undecided")
    return found[[*_RESULT]]


_RESULT = ("municipality_code", "own_area", "n_patients", "n_contacts", "n_own", "share_own",
           "other_area", "n_other", "share_other", "difference", "difference_low",
           "difference_high", "p_value", "p_adjusted", "status")  # fmt: skip


def _counted(rows: pd.DataFrame, codes: list[str], known: Mapping[str, Group]) -> pd.DataFrame:
    """Return the numbers of each municipality: its own area and the other that most go to."""
    is_other = rows["area"].notna() & rows["own_area"].notna() & ~rows["is_own"]
    others = rows[is_other & (rows["n_patients"] > 0)]
    # Of the areas of a municipality the last one stays.
    others = others.assign(name=others["area"].astype(str)).sort_values(
        ["n_patients", "n_contacts", "name"], ascending=[True, True, False]
    )
    greatest = others.drop_duplicates("municipality_code", keep="last")
    greatest = greatest.set_index("municipality_code").reindex(codes)
    own = rows[rows["is_own"]].set_index("municipality_code").reindex(codes)
    in_all = rows.groupby("municipality_code")[["n_patients", "n_contacts"]].sum().reindex(codes)
    other_area = greatest["area"].astype(object)
    return pd.DataFrame(
        {
            "municipality_code": _objects(codes),
            "own_area": _objects([known.get(code) for code in codes]),
            "n_patients": _counts(in_all["n_patients"]),
            "n_contacts": _counts(in_all["n_contacts"]),
            "n_own": _counts(own["n_patients"]),
            "other_area": _objects(other_area.where(other_area.notna(), None).to_list()),
            "n_other": _counts(greatest["n_patients"]),
        }
    )


def _difference_interval(own: Counts, other: Counts, n: Counts) -> tuple[Floats, Floats]:
    size = n + 2
    middle = (other - own) / size
    half = _Z * np.sqrt(((own + other + 1) / size - middle**2) / size)
    return np.maximum(middle - half, -1), np.minimum(middle + half, 1)


def _adjusted(p_values: Floats) -> Floats:
    """Return the p values adjusted among those that there are."""
    adjusted = np.full(len(p_values), np.nan)
    is_there = ~np.isnan(p_values)
    if is_there.any():
        adjusted[is_there] = stats.false_discovery_control(p_values[is_there])
    return adjusted


def _with_own(contacts: pd.DataFrame, division: Mapping[str, Group]) -> pd.DataFrame:
    """Return one row a pair, with the municipality's own area and whether it is the one visited."""
    known = known_groups(division)
    numbers = [name for name in ("n_contacts", "n_patients") if name in contacts]
    rows = _added_up(contacts[contacts["municipality_code"].notna()], numbers)
    own = _objects([known.get(code) for code in rows["municipality_code"]], rows.index)
    return rows.assign(own_area=own, is_own=own == rows["area"])


def _added_up(frame: pd.DataFrame, numbers: list[str]) -> pd.DataFrame:
    by = ["municipality_code", "area"]
    found = frame.groupby(by, dropna=False, as_index=False)[numbers].sum()
    found["area"] = found["area"].astype(object).where(found["area"].notna(), None)
    return found


def _objects(values: Sequence[Group], index: pd.Index | None = None) -> pd.Series:
    return pd.Series(values, index=index, dtype=object)


def _counts(values: pd.Series) -> Counts:
    return values.fillna(0).to_numpy(dtype=np.int64)


def _share(part: Counts, whole: Counts) -> Floats:
    shares: Floats = np.divide(part, whole, out=np.full(len(whole), np.nan), where=whole > 0)
    return shares
