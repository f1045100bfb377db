"""The findings across levels of care in pandas, written from ``docs/definitions.md``.

They give the columns that ``peers_duckdb_coordination`` gives.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.peers_pandas_parts import (
    ALIVE_COLUMNS,
    DAY_S,
    ENDS,
    SPECIALIST,
    Answer,
    Tables,
    alive,
    with_patient,
)
from benchmarks.question import Question

__all__ = ["ANSWERS"]


def _child_to_adult(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    contacts = tables["Contact"]
    teams = tables["Unit"].loc[tables["Unit"]["kind"].eq("team"), "node_key"]
    at_teams = tables["AT"].loc[tables["AT"]["to_key"].isin(teams), "from_key"]
    chosen = contacts[
        contacts["level"].isin(SPECIALIST)
        & (contacts["started_s"] < ask["as_of_s"])
        & ~contacts["node_key"].isin(at_teams)
        & ~contacts["node_key"].isin(tables["PART_OF_CONTACT"]["to_key"])
    ]
    own = with_patient(tables, chosen[["node_key", "started_day"]], "HAD")
    own["unit_key"] = own["node_key"].map(tables["AT"].set_index("from_key")["to_key"])
    born = tables["Patient"].set_index("node_key")["birth_year"]
    years = (own["started_day"] * np.timedelta64(1, "D") + np.datetime64("1970-01-01")).dt.year
    own["age"] = years - own["patient_key"].map(born)
    known = own.dropna(subset="age")
    shares = (
        known.assign(is_child=known["age"] <= ask["child_age"])
        .groupby("unit_key")["is_child"]
        .agg(n="size", share="mean")
    )
    is_child = (shares["n"] >= ask["min_contacts"]) & (shares["share"] >= ask["child_share"])
    children = shares.index[is_child]
    today = np.datetime64("1970-01-01") + np.timedelta64(int(ask["as_of_day"]), "D")
    first = pd.Timestamp(today) + pd.Timedelta(days=1)
    last = pd.Timestamp(today) + pd.DateOffset(months=12)
    living = alive(tables, question)
    turning = living[(living["birth_year"] + 18).between(first.year, last.year)]
    recent = own[own["started_day"] > ask["as_of_day"] - ask["within_days"]]
    at_child = recent[recent["unit_key"].isin(children)]
    at_adult = recent[~recent["unit_key"].isin(children)]
    referred = _referred_to_adult_units(tables, children, question)
    found = turning[
        ~turning["node_key"].isin(at_adult["patient_key"]) & ~turning["node_key"].isin(referred)
    ]
    counts = at_child.groupby("patient_key").size()
    found = found.assign(n_child_contacts=found["node_key"].map(counts)).dropna(
        subset="n_child_contacts"
    )
    return found[["patient_id", "n_child_contacts"]].astype({"n_child_contacts": "int64"})


def _referred_to_adult_units(tables: Tables, children: pd.Index, question: Question) -> pd.Series:
    ask = question.parameters
    sent = tables["Referral"]["sent_s"]
    since = ask["as_of_s"] - ask["within_days"] * DAY_S
    recent = tables["Referral"][(sent < ask["as_of_s"]) & (sent >= since)]
    to_unit = tables["TO_UNIT"].merge(tables["Unit"], left_on="to_key", right_on="node_key")
    adult = to_unit[
        to_unit["level"].isin(SPECIALIST)
        & to_unit["kind"].ne("team")
        & ~to_unit["to_key"].isin(children)
    ]
    owned = with_patient(tables, recent, "WAS_REFERRED")
    referred: pd.Series = owned.loc[owned["node_key"].isin(adult["from_key"]), "patient_key"]
    return referred


def _emergency_returns(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    contacts = tables["Contact"]
    chosen = contacts[contacts["level"].eq("emergency") & (contacts["started_s"] < ask["as_of_s"])]
    visits = with_patient(tables, chosen[["node_key", "started_s"]], "HAD")
    often = visits.groupby("patient_key")["started_s"].transform("size") >= ask["min_visits"]
    visits = visits[often].sort_values("started_s")
    stays = tables["Stay"]
    acute = stays[stays["is_acute_first"] & (stays["started_s"] < ask["as_of_s"])]
    admissions = with_patient(tables, acute[["node_key", "started_s"]], "HAD_STAY")
    admissions = admissions.rename(columns={"started_s": "admitted_s"}).sort_values("admitted_s")
    joined = pd.merge_asof(
        visits, admissions[["patient_key", "admitted_s"]], left_on="started_s",
        right_on="admitted_s", by="patient_key", direction="forward",
    )  # fmt: skip
    admitted = joined["admitted_s"] <= joined["started_s"] + ask["admission_h"] * 3600
    left = joined[~admitted].sort_values(["patient_key", "started_s"])
    start, patient = left["started_s"].to_numpy(), left["patient_key"].to_numpy()
    # One number a visit that grows by patient, so that one search finds every window's end.
    line = patient * np.int64(10**11) + start
    n = np.searchsorted(line, line + ask["window_days"] * DAY_S, side="right") - np.arange(
        len(line)
    )
    windows = pd.DataFrame(
        {"patient_key": patient, "n_visits": n, "last_s": start[np.arange(len(line)) + n - 1]}
    )
    full = windows[windows["n_visits"] >= ask["min_visits"]].groupby("patient_key").max()
    full = full[full["last_s"] >= ask["as_of_s"] - ask["within_days"] * DAY_S].reset_index()
    living = alive(tables, question).set_index("node_key")["patient_id"]
    full = full[full["patient_key"].isin(living.index)]
    return pd.DataFrame(
        {"patient_id": full["patient_key"].map(living), "n_visits": full["n_visits"]}
    )


def _no_follow_up(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    coverage = tables["Coverage"][tables["Coverage"]["level"].isin(("gp", "municipal"))]
    everywhere = set(coverage.loc[coverage["municipality_code"].isna(), "level"])
    places = coverage.groupby("municipality_code")["level"].agg(set)
    stays = with_patient(tables, tables["Stay"], "HAD_STAY").sort_values("started_s")
    ended = stays[
        (stays["ended_s"] < ask["as_of_s"])
        & ~stays["ended_dead"]
        & stays["discharged_to"].isin(ask["home_codes"])
        & stays["municipality_code"].notna()
        & (stays["ended_s"] + ask["within_days"] * DAY_S <= ask["horizon_s"])
    ]
    levels = (
        ended["municipality_code"]
        .map(places)
        .map(lambda known: len(everywhere | (known if isinstance(known, set) else set())))
    )
    ended = ended[levels.eq(2)].astype({"ended_s": "int64"}).sort_values("ended_s")
    acute = stays.loc[stays["is_acute_first"], ["patient_key", "started_s"]]
    joined = pd.merge_asof(
        ended, acute.rename(columns={"started_s": "return_s"}).sort_values("return_s"),
        left_on="ended_s", right_on="return_s", by="patient_key", direction="forward",
    )  # fmt: skip
    until = joined["ended_s"] + ask["within_days"] * DAY_S
    next_s = joined[["next_gp_s", "next_municipal_s"]].min(axis=1)
    returned = joined["return_s"] <= until
    followed = (next_s <= until) & (~returned | (next_s <= joined["return_s"]))
    patients = tables["Patient"].set_index("node_key")
    died = joined["patient_key"].map(patients["died_day"])
    died_in_window = (died <= ask["as_of_day"]) & (died <= joined["ended_day"] + ask["within_days"])
    found = joined[~followed & ~returned & ~died_in_window]
    return pd.DataFrame(
        {
            "stay_id": found["stay_id"],
            "ended_at": found["ended_at"],
            "patient_id": found["patient_key"].map(patients["patient_id"]),
        }
    )


def _bouncing(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    most = ask["max_gap_d"] * DAY_S
    runs = tables["LevelRun"].set_index("node_key")
    near = tables["NEXT_RUN"][tables["NEXT_RUN"]["gap_s"] <= most]
    triples = near.merge(near, left_on="to_key", right_on="from_key", suffixes=("", "_next"))
    first, via, back = (
        runs.loc[triples[name]].reset_index() for name in ("from_key", "to_key", "to_key_next")
    )
    is_bounce = (
        first["level"].eq(back["level"]) & back["is_acute"] & (back["started_s"] < ask["as_of_s"])
    )
    owners = tables["HAD_RUN"].set_index("to_key")["from_key"]
    ids = tables["Patient"].set_index("node_key")["patient_id"]
    bounces = pd.DataFrame(
        {
            "patient_id": triples["to_key_next"].map(owners).map(ids),
            "level_run_id": back["level_run_id"],
            "from_level": first["level"],
            "via_level": via["level"],
        }
    )
    found: pd.DataFrame = bounces[is_bounce.to_numpy()]
    return found


ANSWERS: Mapping[str, Answer] = {
    "bouncing": Answer(
        _bouncing,
        {
            "LevelRun": ("node_key", "level_run_id", "level", "is_acute", "started_s"),
            "NEXT_RUN": (*ENDS, "gap_s"),
            "HAD_RUN": ENDS,
            "Patient": ("node_key", "patient_id"),
        },
    ),
    "child_to_adult": Answer(
        _child_to_adult,
        {
            **ALIVE_COLUMNS,
            "Contact": ("node_key", "level", "started_s", "started_day"),
            "HAD": ENDS,
            "AT": ENDS,
            "PART_OF_CONTACT": ENDS,
            "Unit": ("node_key", "kind", "level"),
            "Referral": ("node_key", "sent_s"),
            "WAS_REFERRED": ENDS,
            "TO_UNIT": ENDS,
        },
    ),
    "emergency_returns": Answer(
        _emergency_returns,
        {**ALIVE_COLUMNS, "Contact": ("node_key", "level", "started_s"), "HAD": ENDS},
    ),
    "no_follow_up_after_discharge": Answer(
        _no_follow_up,
        {
            "Patient": ("node_key", "patient_id", "died_day"),
            "Stay": (
                "node_key", "stay_id", "started_s", "ended_at", "ended_s", "ended_day",
                "ended_dead", "is_acute_first", "discharged_to", "municipality_code", "next_gp_s",
                "next_municipal_s",
            ),
            "HAD_STAY": ENDS,
            "Coverage": ("level", "municipality_code"),
        },
    ),
}  # fmt: skip
"""Finding to what answers it, and what that has to read."""
