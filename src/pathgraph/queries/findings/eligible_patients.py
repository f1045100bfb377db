"""Patients who may need the team: when, where and why, and what became of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.analysis.eligibility import at_moments, candidates, first_eligible
from pathgraph.analysis.team_referrals import (
    had_open_episode,
    had_refused,
    referral_in_window,
    referred_by,
)
from pathgraph.queries.eligibility import (
    CRITERIA_PARAMETERS,
    Organisation,
    Patients,
    asked_both_kinds,
    asked_criteria,
    asked_organisation,
    asked_referrals,
    asked_scores,
    local_times,
    municipality_names,
    residents_on,
    with_texts,
)
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import stays_as_known
from pathgraph.queries.run import Context

__all__ = ["fold"]

_DAY_S = 86_400
_MAY_BE_NULL = ("birth_year", "died_day", "ended_s")
_TEXTS = (
    "eligible_at", "status", "sex", "municipality_code", "municipality_name", "stay_id",
    "admitted_at", "diagnosis_group", "unit", "unit_name", "clinic", "clinic_name", "referral_id",
    "referred_at", "referred_by", "competing",
)  # fmt: skip
_EPOCH = pd.Timestamp("1970-01-01")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a patient with a moment of eligibility in the period; ``table``: stays."""
    has_needs = "needs" in context.load.get("tables", ())
    scores = context.query("scored_patients") if has_needs else None
    patients = Patients(table, *([] if scores is None else [scores]))
    stays = _known_stays(table, context, patients)
    both = asked_both_kinds(context, patients)
    scored = asked_scores(context, scores, patients)
    moments = _moments(stays, both, scored, context)
    moments = moments.join(
        patients.people[["patient_id", "birth_year", "sex", "died_day"]], on="patient"
    )
    moments["age"] = (moments["local"].dt.year - moments["birth_year"]).astype("Int64")
    acute = stays[stays["is_acute"].to_numpy(dtype=bool)]
    held = at_moments(moments, acute, both, scored, asked_criteria(context, CRITERIA_PARAMETERS))
    eligible = first_eligible(moments, held)
    organisation = asked_organisation(context)
    placed = _placed(eligible, stays.iloc[eligible["stay"]], organisation)
    placed["dead_day"] = _days_of_death(placed, stays, context)
    return _with_outcome(placed, context, asked_referrals(context, patients, organisation))


def _moments(
    stays: pd.DataFrame, both: pd.DataFrame, scored: pd.DataFrame, context: Context
) -> pd.DataFrame:
    """Return the moments whose local day lies in the period."""
    n_days = context.whole("period_days")
    # A day longer: an hour may be missing where summer time begins.
    first_s = context.as_of_s - (n_days + 1) * _DAY_S
    moments = candidates(stays, both, scored, first_s, context.as_of_s)
    local = local_times(context, moments["at_s"])
    moments = moments.assign(local=local, day=(local.dt.normalize() - _EPOCH).dt.days)
    return moments[moments["day"] > context.as_of_day - n_days].reset_index(drop=True)


def _known_stays(table: pa.Table, context: Context, patients: Patients) -> pd.DataFrame:
    stays = stays_as_known(frame_of(table, integers=_MAY_BE_NULL), context)
    return stays.assign(patient=patients.numbers(stays["patient_id"]))


def _placed(
    eligible: pd.DataFrame, stays: pd.DataFrame, organisation: Organisation
) -> pd.DataFrame:
    """Say during which stay it was, and at which unit; ``stays`` has a row for each."""
    during = stays.set_axis(eligible.index)
    return eligible.assign(
        stay_id=during["stay_id"],
        admitted_at=during["started_at"],
        diagnosis_group=during["diagnosis_group"],
        is_in_hospital=during["ended_s"].isna(),
        window_from_s=during["started_s"].astype("int64"),
        **organisation.described(during["unit_id"]),
    )


def _days_of_death(
    eligible: pd.DataFrame, stays: pd.DataFrame, context: Context
) -> pd.Series[float]:
    """Return the day on which each patient died, by the register or by a stay; null for others."""
    dead = stays[stays["ended_dead"].to_numpy(dtype=bool) & stays["ended_s"].notna()]
    day = (local_times(context, dead["ended_s"]).dt.normalize() - _EPOCH).dt.days
    of_stay = day.groupby(dead["patient"]).min()
    recorded = eligible["died_day"].astype("Float64").astype("float64")
    return recorded.fillna(eligible["patient"].map(of_stay))


def _with_outcome(
    eligible: pd.DataFrame, context: Context, referrals: pd.DataFrame
) -> pd.DataFrame:
    """Say who counts, who was referred by whom, and what came between."""
    within_d = context.whole("refer_within_days")
    chosen = context.parameters["municipalities"]
    lives_in, is_resident = residents_on(context, eligible, chosen)
    last_s = eligible["at_s"] + within_d * _DAY_S
    reasons = {
        "not_resident": ~is_resident,
        "open_episode": had_open_episode(
            eligible, referrals, longest_d=context.whole("episode_days")
        ),
        "refused": had_refused(eligible, referrals, within_d=context.whole("refusal_days")),
        "not_over": (last_s > context.horizon_s).to_numpy(dtype=bool),
    }
    referral = referral_in_window(eligible, referrals, within_d=within_d)
    names = municipality_names(context)
    described = eligible.assign(
        eligible_at=eligible["local"].dt.strftime("%Y-%m-%dT%H:%M:%S"),
        status=np.select(list(reasons.values()), list(reasons), default="counted"),
        municipality_code=lives_in,
        municipality_name=lives_in.map(names),
        referral_id=referral["referral_id"],
        referred_at=referral["sent_at"],
        referred_by=referred_by(referral, eligible["clinic"]),
        days_to_referral=(referral["sent_s"] - eligible["at_s"]) / _DAY_S,
        competing=_competing(eligible, context, is_resident, referral["sent_s"]),
    )
    return with_texts(described, _TEXTS)


def _competing(
    eligible: pd.DataFrame, context: Context, was_resident: np.ndarray, sent_s: pd.Series[Any]
) -> pd.Series[str]:
    """Say who died or moved away in the time for a referral, without one."""
    last_day = eligible["day"] + context.whole("refer_within_days")
    died = eligible["dead_day"].to_numpy(dtype=float)
    has_died = (died <= last_day) & (died <= context.as_of_day)
    later = eligible.assign(day=last_day.clip(upper=context.as_of_day))
    _, is_resident = residents_on(context, later, context.parameters["municipalities"])
    codes = np.select(
        [sent_s.notna().to_numpy(dtype=bool), has_died, was_resident & ~is_resident],
        ["", "died", "moved"],
        default="",
    )
    return pd.Series(codes, eligible.index, dtype="object").replace({"": None})
