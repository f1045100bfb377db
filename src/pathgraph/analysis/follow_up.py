"""What followed discharges home: a contact, an acute return, a death, or none of these.

Tables in, tables out. Times are seconds since 1970 UTC, days numbers since 1970-01-01. The
definitions are those of ``docs/definitions.md#follow-up-after-discharge``.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pathgraph.analysis.rates import clustered_shares

__all__ = ["first_acute_returns", "follow_up_by_unit", "outcomes"]

_DAY_S = 86_400


def first_acute_returns(returns: pd.DataFrame) -> pd.Series[int]:
    """Return the start of the first acute stay after each stay, past planned ones.

    Parameters
    ----------
    returns
        One row a stay whose next one began inside the window: ``stay_id``, ``next_stay_id``,
        ``is_acute`` and ``started_s`` [s] (both of the next one).

    Returns
    -------
    By ``stay_id``; the start may lie outside of the window of a stay that planned ones follow.

    Examples
    --------
    >>> returns = pd.DataFrame(
    ...     {
    ...         "stay_id": ["a", "b"],
    ...         "next_stay_id": ["b", "c"],
    ...         "is_acute": [False, True],
    ...         "started_s": [10, 20],
    ...     }
    ... )
    >>> first_acute_returns(returns).sort_index().to_dict()
    {'a': 20, 'b': 20}
    """
    by_stay = returns.set_index("stay_id")
    is_acute = by_stay["is_acute"].astype(bool)
    found = by_stay.loc[is_acute, "started_s"].astype("int64")
    passed = by_stay.loc[~is_acute, "next_stay_id"]
    while len(passed):
        reached = passed[passed.isin(found.index).to_numpy()]
        onward = passed[passed.isin(by_stay.index[~is_acute.to_numpy()]).to_numpy()]
        found = pd.concat([found, reached.map(found)])
        passed = onward.map(by_stay["next_stay_id"])
    return found[~found.index.duplicated()]


def outcomes(stays: pd.DataFrame, *, within_days: int, as_of_s: int) -> pd.Series[str]:
    """Say what followed each discharge home.

    Parameters
    ----------
    stays
        One row a discharge: ``ended_s`` [s], ``ended_day`` [d], ``next_gp_s`` and
        ``next_municipal_s`` (first contacts at or after the end, null if none) [s],
        ``acute_return_s`` (start of the next acute stay) [s], ``died_day`` (as far as known) [d],
        ``is_covered``.
    within_days
        Length of the window from the end, inclusive [d of 24 h].
    as_of_s
        First second after the day asked about [s]; contacts from then on are not known.

    Returns
    -------
    ``not_covered``, ``followed_up``, ``acute_return``, ``died`` or ``no_follow_up``: the first that
    applies.
    """
    ended_s = _numbers(stays["ended_s"])
    until_s = ended_s + within_days * _DAY_S
    contact_s = np.fmin(_numbers(stays["next_gp_s"]), _numbers(stays["next_municipal_s"]))
    return_s = _numbers(stays["acute_return_s"])
    days_to_death = _numbers(stays["died_day"]) - _numbers(stays["ended_day"])
    # Comparisons with what is not there (nan) are false.
    is_in_time = (contact_s <= until_s) & (contact_s < as_of_s)
    reasons = {
        "not_covered": ~stays["is_covered"].to_numpy(dtype=bool),
        "followed_up": is_in_time & ~(return_s < contact_s),
        "acute_return": return_s <= until_s,
        "died": days_to_death <= within_days,
    }
    chosen = np.select(list(reasons.values()), list(reasons), default="no_follow_up")
    return pd.Series(chosen, index=stays.index, dtype="str")


def follow_up_by_unit(stays: pd.DataFrame) -> pd.DataFrame:
    """Count what followed the discharges of each unit.

    Parameters
    ----------
    stays
        One row a discharge: ``unit_id``, ``patient_id``, ``outcome``, ``home_care_continued``.

    Returns
    -------
    One row a unit, columns as ``cypher/findings/follow_up_after_discharge.cypher`` declares them,
    but for ``unit_name``.
    """
    groups = {
        "discharges": stays["outcome"] != "not_covered",
        "followed_up": stays["outcome"] == "followed_up",
        "no_follow_up": stays["outcome"] == "no_follow_up",
        "home_care": (stays["outcome"] == "no_follow_up") & stays["home_care_continued"],
        "acute_return": stays["outcome"] == "acute_return",
        "died": stays["outcome"] == "died",
        "not_covered": stays["outcome"] == "not_covered",
    }
    n, persons = {}, {}
    units = pd.Index(stays["unit_id"].drop_duplicates(), name="unit")
    for name, chosen in groups.items():
        own = stays[chosen.to_numpy(dtype=bool)].groupby("unit_id")["patient_id"]
        n[name] = own.size().reindex(units, fill_value=0).astype("int64")
        persons[name] = own.nunique().reindex(units, fill_value=0).astype("int64")
    covered = stays[groups["discharges"].to_numpy(dtype=bool)]
    covered = covered.assign(is_hit=covered["outcome"] == "no_follow_up")
    shares = clustered_shares(covered, by="unit_id", hit="is_hit").reindex(units)
    return pd.DataFrame(
        {
            "n_discharges": n["discharges"],
            "n_patients": persons["discharges"],
            "n_followed_up": n["followed_up"],
            "n_no_follow_up": n["no_follow_up"],
            "n_no_follow_up_patients": persons["no_follow_up"],
            "n_home_care_continued": n["home_care"],
            "n_home_care_patients": persons["home_care"],
            "n_acute_return": n["acute_return"],
            "n_acute_return_patients": persons["acute_return"],
            "n_died": persons["died"],
            "n_not_covered": n["not_covered"],
            "n_not_covered_patients": persons["not_covered"],
            "share_no_follow_up": shares["share"],
            "share_low": shares["share_low"],
            "share_high": shares["share_high"],
        }
    ).reset_index()


def _numbers(values: pd.Series[int]) -> np.ndarray:
    return values.to_numpy(dtype=np.float64, na_value=np.nan)
