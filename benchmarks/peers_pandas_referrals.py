"""Who may need the team, in pandas.

Written from ``docs/definitions.md#eligible-for-the-team``, from the contacts themselves; given are
the columns that say who, when and why. Assessments of need are left out: the generated region has
none of the code that counts.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.peers_pandas_parts import DAY_S, ENDS, SPECIALIST, Answer, Tables, with_patient
from benchmarks.question import Question

__all__ = ["ANSWERS"]

_MOMENT = ["patient_key", "at_s", "started_at", "started_day", "stay_id", "since_s"]


def _last_of_both(tables: Tables, stays: pd.DataFrame) -> pd.DataFrame:
    """Return of each moment with a visit the earlier of the latest visits of either kind."""
    contacts = tables["Contact"]
    leaves = contacts[contacts["level"].isin(SPECIALIST) & ~contacts["has_children"]]
    visits = with_patient(tables, leaves, "HAD")
    visits = visits[visits["patient_key"].isin(stays["patient_key"])]
    visits = visits.sort_values(["patient_key", "started_s"], ignore_index=True)
    for level in SPECIALIST:
        own = visits["started_s"].where(visits["level"] == level)
        visits[level] = own.groupby(visits["patient_key"]).ffill()
    visits = visits.drop_duplicates(["patient_key", "started_s"], keep="last")
    since = visits[list(SPECIALIST)].min(axis="columns", skipna=False)
    visits = visits.assign(at_s=visits["started_s"], since_s=since)
    return visits.dropna(subset="since_s")


def _moments(tables: Tables, stays: pd.DataFrame, within_s: int) -> pd.DataFrame:
    """Return the moments in a stay at which something begins."""
    met = _last_of_both(tables, stays).sort_values("at_s")
    begun = stays.assign(at_s=stays["started_s"]).sort_values("at_s")
    begun = pd.merge_asof(
        begun, met[["patient_key", "at_s", "since_s"]], on="at_s", by="patient_key"
    )
    before = met.groupby("patient_key")["since_s"].shift()
    anew = met[(met["since_s"] != before) & (met["at_s"] - met["since_s"] <= within_s)]
    during = pd.merge_asof(
        anew[["patient_key", "at_s", "started_at", "started_day", "since_s"]],
        stays[["patient_key", "stay_id", "started_s", "ended_s"]].sort_values("started_s"),
        left_on="at_s",
        right_on="started_s",
        by="patient_key",
        allow_exact_matches=False,
    ).dropna(subset="stay_id")
    is_inside = during["ended_s"].isna() | (during["at_s"] < during["ended_s"])
    return pd.concat([begun[_MOMENT], during.loc[is_inside, _MOMENT]], ignore_index=True)


def _n_acute(moments: pd.DataFrame, stays: pd.DataFrame, within_s: int) -> pd.Series:
    """Return how many acute stays began in the time up to each moment."""
    acute = stays.loc[stays["is_acute_first"], ["patient_key", "started_s"]]
    pairs = moments[["patient_key", "at_s"]].reset_index().merge(acute, on="patient_key")
    gap_s = pairs["at_s"] - pairs["started_s"]
    found = pairs.loc[gap_s.between(0, within_s), "index"].value_counts()
    return found.reindex(moments.index, fill_value=0)


def _eligible_patients(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    within_s = ask["within_days"] * DAY_S
    stays = with_patient(tables, tables["Stay"], "HAD_STAY")
    moments = _moments(tables, stays, within_s)
    first_day = ask["as_of_day"] - ask["period_days"] + 1
    moments = moments[moments["started_day"].between(first_day, ask["as_of_day"])]
    patients = tables["Patient"].set_index("node_key")
    born = moments["patient_key"].map(patients["birth_year"])
    age = moments["started_at"].str[:4].astype("int64") - born
    n_stays = _n_acute(moments, stays, within_s)
    held = {
        "older_two_stays": (age >= ask["older_age"]) & (n_stays >= ask["older_stays"]),
        "three_stays": n_stays >= ask["any_age_stays"],
        "both_kinds_of_care": (moments["at_s"] - moments["since_s"] <= within_s)
        & ask["both_kinds"],
    }
    codes = np.array(list(held))
    flags = np.column_stack([one.to_numpy(dtype=bool) for one in held.values()])
    found = pd.DataFrame(
        {
            "patient_id": moments["patient_key"].map(patients["patient_id"]),
            "eligible_at": moments["started_at"],
            "criteria": pd.Series([codes[row] for row in flags], moments.index),
            "n_acute_stays": n_stays,
            "age": age,
            "stay_id": moments["stay_id"],
        }
    )
    is_eligible = pd.Series(flags.any(axis=1), moments.index)
    order = moments["at_s"][is_eligible].sort_values(kind="stable").index
    return found.loc[order].drop_duplicates("patient_id", ignore_index=True)


ANSWERS: Mapping[str, Answer] = {
    "eligible_patients": Answer(
        _eligible_patients,
        {
            "Patient": ("node_key", "patient_id", "birth_year"),
            "Stay": (
                "node_key", "stay_id", "started_s", "started_at", "started_day", "ended_s",
                "is_acute_first",
            ),
            "HAD_STAY": ENDS,
            "Contact": (
                "node_key", "level", "has_children", "started_s", "started_at", "started_day",
            ),
            "HAD": ENDS,
        },
    )
}  # fmt: skip
"""Finding to what answers it."""
