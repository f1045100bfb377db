"""From child to adult services: child units, and who is seen in these alone.

Tables in, tables out. Days are numbers since 1970-01-01. The definitions are those of
``docs/definitions.md#from-child-to-adult``.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import date, timedelta

import pandas as pd

from pathgraph.analysis.days import iso_dates

__all__ = ["birth_years_turning_18", "child_units", "seen_by_child_units_alone"]

_ADULT_AGE = 18


def birth_years_turning_18(as_of: date) -> range:
    """Return the years of birth of those who turn 18 from the day after ``as_of`` to 12 months on.

    Of a year of birth only the year in which they turn 18 is known.

    Examples
    --------
    >>> list(birth_years_turning_18(date(2024, 12, 31)))
    [2007]
    >>> list(birth_years_turning_18(date(2024, 12, 30)))
    [2006, 2007]
    """
    first = (as_of + timedelta(days=1)).year
    return range(first - _ADULT_AGE, as_of.year + 1 - _ADULT_AGE + 1)


def child_units(contacts: pd.DataFrame, *, child_share: float, min_contacts: int) -> frozenset[str]:
    """Return the units of whose contacts enough concern children.

    Parameters
    ----------
    contacts
        One row a unit: ``unit_id``, ``n_contacts`` (of people whose year of birth is known),
        ``n_young`` of these.
    child_share
        Smallest share of young people.
    min_contacts
        Fewest contacts.

    Examples
    --------
    >>> contacts = pd.DataFrame({"unit_id": ["a", "b"], "n_contacts": [9, 4], "n_young": [8, 4]})
    >>> sorted(child_units(contacts, child_share=0.8, min_contacts=5))
    ['a']
    """
    is_child = (contacts["n_contacts"] >= min_contacts) & (
        contacts["n_young"] >= child_share * contacts["n_contacts"]
    )
    return frozenset(contacts.loc[is_child.to_numpy(dtype=bool), "unit_id"])


def seen_by_child_units_alone(
    seen: pd.DataFrame, referred: pd.DataFrame, units: AbstractSet[str]
) -> pd.DataFrame:
    """Return the patients with contacts in child units, and neither contact nor referral elsewhere.

    Parameters
    ----------
    seen
        One row a patient and unit: ``patient_id``, ``birth_year``, ``unit_id``, ``n_contacts``,
        ``last_day`` [d].
    referred
        Referrals to specialist units: ``patient_id``, ``unit_id``.
    units
        The child units.

    Returns
    -------
    One row a patient, columns as ``cypher/findings/child_to_adult.cypher`` declares them.
    """
    at_child = seen["unit_id"].isin(units)
    adult = {
        *seen.loc[~at_child, "patient_id"],
        *referred.loc[~referred["unit_id"].isin(units), "patient_id"],
    }
    kept = seen[(at_child & ~seen["patient_id"].isin(adult)).to_numpy(dtype=bool)]
    found = kept.groupby("patient_id", sort=False).agg(
        birth_year=("birth_year", "first"),
        n_child_contacts=("n_contacts", "sum"),
        last_day=("last_day", "max"),
    )
    listed = kept.sort_values(["patient_id", "unit_id"]).groupby("patient_id")["unit_id"]
    listed_units = {patient: list(ids) for patient, ids in listed}
    found = found.reset_index()
    return found.assign(
        turns_18=(found["birth_year"] + _ADULT_AGE).astype("str"),
        last_child_on=iso_dates(found["last_day"]),
        child_units=pd.Series(
            [listed_units[patient] for patient in found["patient_id"]], dtype="object"
        ),
    )
