"""Who should have a coordinator or a plan and has none, in pandas.

Written from ``docs/definitions.md``; all columns are given.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.peers_pandas_parts import (
    ALIVE_COLUMNS,
    COORDINATOR_COLUMNS,
    DAY_S,
    ENDS,
    HELD,
    PLAN_COLUMNS,
    POST_COLUMNS,
    SPECIALIST,
    Answer,
    Columns,
    Tables,
    above,
    alive,
    coordinators,
    holdings,
    holds,
    iso_dates,
    placed,
    plans_on,
    posts,
    with_patient,
)
from benchmarks.question import Question

__all__ = ["ANSWERS"]

_DUTY_LEVELS = {
    "hospital": "specialist",
    "psychiatry": "specialist",
    "municipal": "municipal",
}


def _ruling(tables: Tables, question: Question, need: str) -> pd.DataFrame:
    """Return the latest assessment of a need: ``patient_key``, ``status``, ``assessed_day``."""
    needs = tables["Need"]
    given = needs[
        needs["need"].eq(need) & (needs["assessed_day"] <= question.parameters["as_of_day"])
    ]
    latest = with_patient(tables, given, "HAS_NEED").sort_values("assessed_day")
    return latest.drop_duplicates("patient_key", keep="last")


def _last_second(contacts: pd.DataFrame, as_of_s: int) -> pd.Series:
    goes_on = contacts["care_level"].eq("overnight") | contacts["level"].eq("municipal")
    where_open = contacts["started_s"].where(~goes_on, as_of_s)
    return contacts["ended_s"].fillna(where_open)


def _recorded_needs(tables: Tables, ruling: pd.DataFrame, question: Question) -> pd.DataFrame:
    ask = question.parameters
    needing = ruling[ruling["status"].eq("needs")]
    keys = tables["HAD"].loc[tables["HAD"]["from_key"].isin(needing["patient_key"])]
    contacts = tables["Contact"]
    own = contacts[
        contacts["node_key"].isin(keys["to_key"])
        & contacts["level"].isin(_DUTY_LEVELS)
        & (contacts["started_s"] < ask["as_of_s"])
    ]
    recent = own[_last_second(own, ask["as_of_s"]) >= ask["as_of_s"] - ask["service_days"] * DAY_S]
    served = with_patient(tables, recent, "HAD")
    served = served.assign(duty_level=served["level"].map(_DUTY_LEVELS))
    served = served[["patient_key", "duty_level"]].drop_duplicates()
    rows = needing.merge(served, on="patient_key", how="left")
    return pd.DataFrame(
        {
            "patient_key": rows["patient_key"],
            "duty_level": rows["duty_level"].fillna("municipal"),
            "basis": "recorded_need",
            "since_day": rows["assessed_day"],
            "clinics": [[] for _ in range(len(rows))],
        }
    )


def _clinics(tables: Tables) -> pd.Series:
    """Return, by unit, the nearest unit of kind clinic from the unit itself upwards."""
    chain = above(tables)
    kinds = tables["Unit"].set_index("node_key")["kind"]
    is_clinic = chain["above_key"].map(kinds).eq("clinic") & (chain["depth"] <= 6)
    nearest = chain[is_clinic].drop_duplicates("unit_key").set_index("unit_key")["above_key"]
    units = tables["Unit"]["node_key"]
    clinics: pd.Series = nearest.reindex(units).fillna(pd.Series(units.array, units.array))
    return clinics.astype("int64")


def _specialist_contacts(tables: Tables, question: Question, days: int) -> pd.DataFrame:
    """Return the contacts, parts and not wholes, that began in the last ``days`` days."""
    ask = question.parameters
    contacts = tables["Contact"]
    chosen: pd.DataFrame = contacts[
        contacts["level"].isin(SPECIALIST)
        & (contacts["started_s"] < ask["as_of_s"])
        & (contacts["started_day"] > ask["as_of_day"] - days)
        & ~contacts["has_children"]
    ]
    return chosen


def _spans(tables: Tables, question: Question) -> pd.DataFrame:
    """Return the time from first to last contact of each patient at each clinic that counts."""
    ask = question.parameters
    chosen = _specialist_contacts(tables, question, ask["service_days"])
    units = tables["AT"].set_index("from_key")["to_key"]
    days = with_patient(tables, chosen[["node_key", "started_day"]], "HAD")
    days["service"] = days["node_key"].map(units).map(_clinics(tables))
    groups = days.groupby(["patient_key", "service"])["started_day"]
    spans = groups.agg(n="nunique", first_day="min", last_day="max").reset_index()
    long_enough = spans["last_day"] - spans["first_day"] >= ask["min_span_d"]
    found: pd.DataFrame = spans[(spans["n"] >= ask["min_dates"]) & long_enough]
    return found.drop(columns="n")


def _services(tables: Tables, question: Question) -> pd.DataFrame:
    """Return from when to when each patient had each kind of municipal service."""
    ask = question.parameters
    contacts = tables["Contact"]
    is_open = contacts["ended_s"].isna()
    goes_on = is_open | (contacts["ended_s"] >= ask["as_of_s"])
    chosen = contacts[
        contacts["level"].eq("municipal")
        & contacts["kind"].isin(ask["municipal_kinds"])
        & (contacts["started_s"] < ask["as_of_s"])
        & (is_open | (contacts["ended_day"] > ask["as_of_day"] - ask["service_days"]))
    ]
    last = chosen["ended_day"].where(~goes_on[chosen.index], ask["as_of_day"])
    own = with_patient(tables, chosen.assign(last=last), "HAD")
    groups = own.groupby(["patient_key", "kind"])
    spans = groups.agg(first_day=("started_day", "min"), last_day=("last", "max")).reset_index()
    return spans.drop(columns="kind")


def _proxy(tables: Tables, question: Question) -> pd.DataFrame:
    spans = _spans(tables, question)
    # A municipal service has no clinic, so it differs from every one.
    others = pd.concat(
        [
            spans.assign(duty_level="specialist"),
            _services(tables, question).assign(duty_level="municipal", service=-1),
        ]
    )
    pairs = spans.merge(others, on="patient_key", suffixes=("", "_other"))
    pairs["since_day"] = pairs[["first_day", "first_day_other"]].max(axis=1)
    until = pairs[["last_day", "last_day_other"]].min(axis=1)
    is_long = until - pairs["since_day"] >= question.parameters["min_overlap_d"]
    pairs = pairs.loc[is_long & (pairs["service"] != pairs["service_other"])]
    ids = tables["Unit"].set_index("node_key")["unit_id"]
    pairs["clinic"] = pairs["service"].map(ids)
    key = ["patient_key", "duty_level"]
    each = pairs.sort_values("clinic").drop_duplicates([*key, "clinic"])
    found: pd.DataFrame = pairs.groupby(key)[["since_day"]].min()
    found["clinics"] = each.groupby(key)["clinic"].agg(list)
    return found.reset_index().assign(basis="proxy")


def _coordination(tables: Tables, question: Question) -> pd.DataFrame:
    """Return who should have a coordinator at which duty level, with ``since_day``."""
    ruling = _ruling(tables, question, "coordinator")
    decided = ruling.loc[ruling["status"].ne("unknown"), "patient_key"]
    proxy = _proxy(tables, question)
    proxy = proxy[~proxy["patient_key"].isin(decided)]
    rows = pd.concat([_recorded_needs(tables, ruling, question), proxy], ignore_index=True)
    living = alive(tables, question).set_index("node_key")["patient_id"]
    rows = rows[rows["patient_key"].isin(living.index)]
    return rows.assign(patient_id=rows["patient_key"].map(living))


def _with_residence(rows: pd.DataFrame, tables: Tables, question: Question) -> pd.DataFrame:
    """Return the rows with municipality and date; of several residences the latest begun counts."""
    lived = tables["LIVES_IN"]
    lived = lived[holds(lived, question.parameters["as_of_day"])]
    codes = tables["Municipality"].set_index("node_key")["municipality_code"]
    lived = lived.assign(code=lived["to_key"].map(codes))
    lived = lived.sort_values(["valid_from_day", "code"], na_position="first")
    latest = lived.drop_duplicates("from_key", keep="last").set_index("from_key")["code"]
    return rows.assign(
        since=iso_dates(rows["since_day"]), municipality_code=rows["patient_key"].map(latest)
    )[list(question.columns)]


def _coordination_need(tables: Tables, question: Question) -> pd.DataFrame:
    return _with_residence(_coordination(tables, question), tables, question)


def _duties_met(tables: Tables, question: Question) -> pd.DataFrame:
    """Return for whom a coordinator is there at which duty level; an unknown level meets both."""
    held = placed(coordinators(tables), posts(tables, question))
    held = held[holds(held, question.parameters["as_of_day"])]
    unknown = held[held["level"].isna()]
    met = pd.concat(
        [
            held.assign(duty_level=held["level"].map(_DUTY_LEVELS)),
            unknown.assign(duty_level="specialist"),
            unknown.assign(duty_level="municipal"),
        ]
    )
    met = met.dropna(subset="duty_level")
    return met[["patient_key", "duty_level"]].drop_duplicates()


def _missing_coordinator(tables: Tables, question: Question) -> pd.DataFrame:
    need = _coordination(tables, question)
    rows = need.merge(_duties_met(tables, question), how="left", indicator=True)
    rows = rows[rows["_merge"].eq("left_only")]
    since = (question.parameters["as_of_day"] - rows["since_day"]).astype("float64")
    return _with_residence(rows.assign(days_since=since), tables, question)


def _living_on_the_day(tables: Tables, question: Question) -> pd.DataFrame:
    living = alive(tables, question)
    return pd.DataFrame(
        {"patient_key": living["node_key"], "day": question.parameters["as_of_day"]}
    )


def _missing_individual_plan(tables: Tables, question: Question) -> pd.DataFrame:
    ruling = _ruling(tables, question, "individual_plan")
    ids = alive(tables, question).set_index("node_key")["patient_id"]
    needs = ruling[ruling["status"].eq("needs") & ruling["patient_key"].isin(ids.index)]
    recorded = pd.DataFrame(
        {
            "patient_key": needs["patient_key"],
            "basis": "recorded_need",
            "since_day": needs["assessed_day"],
        }
    )
    decided = ruling.loc[ruling["status"].ne("unknown"), "patient_key"]
    others = _coordination(tables, question)
    others = others[~others["patient_key"].isin(decided)].sort_values("since_day")
    others = others.drop_duplicates("patient_key")
    others["basis"] = others["basis"].replace({"recorded_need": "coordinator_need"})
    rows = pd.concat([recorded, others[list(recorded.columns)]], ignore_index=True)
    plans = plans_on(tables, _living_on_the_day(tables, question))
    plans = plans[plans["kind"].isin(question.parameters["plan_kinds"])]
    rows = rows[~rows["patient_key"].isin(plans.loc[plans["is_active"], "patient_key"])]
    drafts = plans.loc[plans["status"].eq("draft"), "patient_key"]
    return rows.assign(
        patient_id=rows["patient_key"].map(ids),
        since=iso_dates(rows["since_day"]),
        has_draft=rows["patient_key"].isin(drafts),
    )[list(question.columns)]


def _seen(tables: Tables, question: Question) -> pd.DataFrame:
    """Return who was in both kinds of care, how often, and when last."""
    chosen = _specialist_contacts(tables, question, question.parameters["within_days"])
    own = with_patient(tables, chosen[["node_key", "level", "started_day"]], "HAD")
    days = own.groupby(["patient_key", "level"])["started_day"].agg(["size", "max"]).unstack()
    both = days.dropna()
    return pd.DataFrame(
        {
            "n_somatic": both["size", "hospital"].astype("int64"),
            "n_psychiatric": both["size", "psychiatry"].astype("int64"),
            "last_somatic_on": iso_dates(both["max", "hospital"]),
            "last_psychiatric_on": iso_dates(both["max", "psychiatry"]),
        }
    ).reset_index()


def _shared_by_owners(tables: Tables, question: Question) -> pd.Series:
    """Return the plans whose owners are there at both levels, or are above units of both."""
    owned = holdings(tables, "OWNED_BY", "Plan", holder="to_key")
    owners = placed(owned, posts(tables, question))
    owners = owners[holds(owners, question.parameters["as_of_day"])]
    at_either = owners[owners["level"].isin(SPECIALIST)]
    n_levels = at_either.groupby("held_key")["level"].nunique()
    levels = tables["Unit"].set_index("node_key")["level"]
    chain = above(tables)
    chain = chain.assign(level=chain["unit_key"].map(levels))
    below = chain[chain["level"].isin(SPECIALIST)].groupby("above_key")["level"].nunique()
    is_spanning = owners["holder_kind"].eq("unit") & owners["holder_key"].isin(
        below.index[below.eq(2)]
    )
    at_both = pd.Series(n_levels.index[n_levels.eq(2)])
    shared: pd.Series = pd.concat([at_both, owners.loc[is_spanning, "held_key"]])
    return shared


def _both_kinds_of_care(tables: Tables, question: Question) -> pd.DataFrame:
    plans = plans_on(tables, _living_on_the_day(tables, question))
    plans = plans[plans["is_active"]]
    is_shared = plans["kind"].isin(question.parameters["shared_kinds"]) | plans["plan_key"].isin(
        _shared_by_owners(tables, question)
    )
    seen = _seen(tables, question)
    ids = alive(tables, question).set_index("node_key")["patient_id"]
    found = seen[
        seen["patient_key"].isin(ids.index)
        & ~seen["patient_key"].isin(plans.loc[is_shared, "patient_key"])
    ]
    n_plans = found["patient_key"].map(plans["patient_key"].value_counts())
    return found.assign(
        patient_id=found["patient_key"].map(ids),
        n_active_plans=n_plans.fillna(0).astype(np.int64),
    )[list(question.columns)]


_CONTACT = (
    "node_key", "level", "care_level", "kind", "started_s", "started_day", "ended_s", "ended_day",
    "has_children",
)  # fmt: skip
_COORDINATION: Columns = {
    **ALIVE_COLUMNS,
    "Contact": _CONTACT,
    "HAD": ENDS,
    "AT": ENDS,
    "PART_OF": ENDS,
    "Unit": ("node_key", "unit_id", "kind"),
    "Need": ("node_key", "need", "status", "assessed_day"),
    "HAS_NEED": ENDS,
}
_RESIDENCES: Columns = {"LIVES_IN": HELD, "Municipality": ("node_key", "municipality_code")}

ANSWERS: Mapping[str, Answer] = {
    "both_kinds_of_care": Answer(
        _both_kinds_of_care,
        {
            **ALIVE_COLUMNS,
            **PLAN_COLUMNS,
            **POST_COLUMNS,
            "Contact": ("node_key", "level", "started_s", "started_day", "has_children"),
            "HAD": ENDS,
            "PART_OF": ENDS,
            "OWNED_BY__Plan__Professional": HELD,
            "OWNED_BY__Plan__Unit": HELD,
        },
    ),
    "coordination_need": Answer(_coordination_need, {**_COORDINATION, **_RESIDENCES}),
    "missing_coordinator": Answer(
        _missing_coordinator,
        {
            **_COORDINATION,
            **_RESIDENCES,
            **POST_COLUMNS,
            **COORDINATOR_COLUMNS,
        },
    ),
    "missing_individual_plan": Answer(_missing_individual_plan, {**_COORDINATION, **PLAN_COLUMNS}),
}
"""Finding to what answers it, and what that has to read."""
