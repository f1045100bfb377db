"""In hospital now, eligible, and not referred: a work list for the team."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.eligibility import CRITERIA, at_moments, criteria_of
from pathgraph.analysis.team_referrals import had_open_episode, had_refused, referral_in_window
from pathgraph.queries.eligibility import (
    CRITERIA_PARAMETERS,
    Organisation,
    Patients,
    asked_criteria,
    asked_organisation,
    asked_referrals,
    asked_scores,
    in_hospital,
    municipality_names,
    residents_on,
    with_texts,
)
from pathgraph.queries.run import Context

__all__ = ["fold"]

_TEXTS = (
    "unit", "unit_name", "department", "department_name", "clinic", "clinic_name", "stay_id",
    "admitted_at", "sex", "municipality_code", "municipality_name", "last_referred_at",
)  # fmt: skip
_DAY_S = 86_400


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient; ``table`` holds the stays without an end before the day's end."""
    has_needs = "needs" in context.load.get("tables", ())
    scores = context.query("scored_patients") if has_needs else None
    patients = Patients(table, *([] if scores is None else [scores]))
    stays = in_hospital(table, context)
    stays = stays.sort_values(["patient_id", "started_s"]).drop_duplicates(
        "patient_id", keep="last", ignore_index=True
    )
    now = stays.assign(
        patient=patients.numbers(stays["patient_id"]),
        at_s=context.as_of_s - 1,
        window_from_s=stays["started_s"].astype("int64"),
        day=context.as_of_day,
    )
    now["age"] = (context.as_of.year - now["birth_year"]).astype("Int64")
    held = _held(now, asked_scores(context, scores, patients), context)
    lives_in, is_resident = residents_on(context, now, context.parameters["municipalities"])
    organisation = asked_organisation(context)
    referrals = asked_referrals(context, patients, organisation)
    is_known = had_open_episode(now, referrals, longest_d=context.whole("episode_days"))
    is_known |= had_refused(now, referrals, within_d=context.whole("refusal_days"))
    is_known |= referral_in_window(now, referrals, within_d=0)["referral_id"].notna().to_numpy(bool)
    is_found = held[list(CRITERIA)].to_numpy(dtype=bool).any(axis=1) & is_resident & ~is_known
    described = _described(now, held, organisation, context).assign(
        municipality_code=lives_in,
        municipality_name=lives_in.map(municipality_names(context)),
        last_referred_at=_latest(now, referrals),
    )
    return with_texts(described, _TEXTS)[is_found]


def _held(now: pd.DataFrame, scored: pd.DataFrame, context: Context) -> pd.DataFrame:
    """Say which criteria hold; the engine has counted stays and contacts."""
    none = pd.DataFrame({"patient": [], "started_s": [], "at_s": [], "since_s": []})
    held = at_moments(now, none, none, scored, asked_criteria(context, CRITERIA_PARAMETERS))
    n_stays = now["n_acute_stays"].astype("int64")
    both = context.query("in_both_kinds_of_care").column("patient_id").to_pandas()
    is_older = now["age"].ge(context.whole("older_age")).fillna(False).to_numpy(dtype=bool)
    return held.assign(
        n_acute_stays=n_stays,
        older_two_stays=is_older & (n_stays >= context.whole("older_stays")).to_numpy(dtype=bool),
        three_stays=n_stays >= context.whole("any_age_stays"),
        both_kinds_of_care=now["patient_id"].isin(both) & bool(context.parameters["both_kinds"]),
    )


def _described(
    now: pd.DataFrame, held: pd.DataFrame, organisation: Organisation, context: Context
) -> pd.DataFrame:
    department = now["unit_id"].map(organisation.departments).astype("object")
    return now.assign(
        **organisation.described(now["unit_id"]),
        department=department,
        department_name=department.map(organisation.names),
        admitted_at=now["started_at"],
        days_in_hospital=(context.as_of_s - now["started_s"]) / _DAY_S,
        criteria=pd.Series(criteria_of(held), now.index, dtype="object"),
    )


def _latest(now: pd.DataFrame, referrals: pd.DataFrame) -> pd.Series[str]:
    """Return when each patient was referred last, in local time."""
    last = referrals.sort_values("sent_s").drop_duplicates("patient", keep="last")
    return now["patient"].map(last.set_index("patient")["sent_at"])
