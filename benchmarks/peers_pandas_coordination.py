"""The findings across levels of care in pandas, written from ``docs/definitions.md``.

They give the columns that ``peers_duckdb_coordination`` gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from benchmarks.question import Question

__all__ = ["ANSWERS"]

Tables = Mapping[str, pd.DataFrame]

_DAY_S = 86_400
_SPECIALIST = ("hospital", "psychiatry")


def _with_patient(tables: Tables, nodes: pd.DataFrame, relationship: str) -> pd.DataFrame:
    owners = tables[relationship].set_index("to_key")["from_key"]
    return nodes.assign(patient_key=nodes["node_key"].map(owners))


def _alive(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    patients = tables["Patient"]
    stays = _with_patient(tables, tables["Stay"], "HAD_STAY")
    dead = stays.loc[stays["ended_dead"] & (stays["ended_s"] < ask["as_of_s"]), "patient_key"]
    lives = patients["died_day"].isna() | (patients["died_day"] > ask["as_of_day"])
    found: pd.DataFrame = patients[lives & ~patients["node_key"].isin(dead)]
    return found


def _clinics(tables: Tables) -> pd.Series:
    """Return, by unit, the nearest unit of kind clinic from the unit itself upwards."""
    kinds = tables["Unit"].set_index("node_key")["kind"]
    parents = tables["PART_OF"].set_index("from_key")["to_key"].to_dict()

    def clinic(unit: int) -> int:
        above: int | None = unit
        for _ in range(7):
            if above is None:
                break
            if kinds[above] == "clinic":
                return above
            above = parents.get(above)
        return unit

    return pd.Series({unit: clinic(unit) for unit in kinds.index})


def _last_second(contacts: pd.DataFrame, as_of_s: int) -> pd.Series:
    goes_on = contacts["care_level"].eq("overnight") | contacts["level"].eq("municipal")
    where_open = contacts["started_s"].where(~goes_on, as_of_s)
    return contacts["ended_s"].fillna(where_open)


def _ruling(tables: Tables, question: Question) -> pd.Series:
    needs = tables["Need"]
    given = needs[
        needs["need"].eq("coordinator")
        & (needs["assessed_day"] <= question.parameters["as_of_day"])
    ]
    latest = _with_patient(tables, given, "HAS_NEED").sort_values("assessed_day")
    status: pd.Series = latest.groupby("patient_key")["status"].last()
    return status


def _recorded_needs(tables: Tables, ruling: pd.Series, question: Question) -> pd.DataFrame:
    ask = question.parameters
    needing = ruling.index[ruling.eq("needs")]
    keys = tables["HAD"].loc[tables["HAD"]["from_key"].isin(needing)]
    contacts = tables["Contact"]
    own = contacts[
        contacts["node_key"].isin(keys["to_key"])
        & contacts["level"].isin((*_SPECIALIST, "municipal"))
        & (contacts["started_s"] < ask["as_of_s"])
    ]
    recent = own[_last_second(own, ask["as_of_s"]) >= ask["as_of_s"] - ask["service_days"] * _DAY_S]
    served = _with_patient(tables, recent, "HAD")
    duty = np.where(served["level"].eq("municipal"), "municipal", "specialist")
    pairs = served[["patient_key"]].assign(duty_level=duty).drop_duplicates()
    unserved = needing.difference(pd.Index(pairs["patient_key"]))
    rest = pd.DataFrame({"patient_key": unserved, "duty_level": "municipal"})
    return pd.concat([pairs, rest]).assign(basis="recorded_need")


def _spans(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    contacts = tables["Contact"]
    chosen = contacts[
        contacts["level"].isin(_SPECIALIST)
        & (contacts["started_s"] < ask["as_of_s"])
        & (contacts["started_day"] > ask["as_of_day"] - ask["service_days"])
        & ~contacts["node_key"].isin(tables["PART_OF_CONTACT"]["to_key"])
    ]
    units = tables["AT"].set_index("from_key")["to_key"]
    days = _with_patient(tables, chosen[["node_key", "started_day"]], "HAD")
    days["clinic_key"] = days["node_key"].map(units).map(_clinics(tables))
    groups = days.groupby(["patient_key", "clinic_key"])["started_day"]
    spans = groups.agg(n="nunique", first_day="min", last_day="max").reset_index()
    long_enough = spans["last_day"] - spans["first_day"] >= ask["min_span_d"]
    found: pd.DataFrame = spans[(spans["n"] >= ask["min_dates"]) & long_enough]
    return found


def _services(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    contacts = tables["Contact"]
    is_open = contacts["ended_s"].isna()
    goes_on = is_open | (contacts["ended_s"] >= ask["as_of_s"])
    chosen = contacts[
        contacts["level"].eq("municipal")
        & contacts["kind"].isin(ask["municipal_kinds"])
        & (contacts["started_s"] < ask["as_of_s"])
        & (is_open | (contacts["ended_day"] > ask["as_of_day"] - ask["service_days"]))
    ]  # fmt: skip
    last = chosen["ended_day"].where(~goes_on[chosen.index], ask["as_of_day"])
    own = _with_patient(tables, chosen.assign(last=last), "HAD")
    groups = own.groupby(["patient_key", "kind"])
    return groups.agg(first_day=("started_day", "min"), last_day=("last", "max")).reset_index()


def _overlapping(spans: pd.DataFrame, others: pd.DataFrame, days: int) -> pd.DataFrame:
    pairs = spans.merge(others, on="patient_key", suffixes=("", "_other"))
    overlap = pairs[["last_day", "last_day_other"]].min(axis=1) - pairs[
        ["first_day", "first_day_other"]
    ].max(axis=1)
    found: pd.DataFrame = pairs[overlap >= days]
    return found


def _coordination_need(tables: Tables, question: Question) -> pd.DataFrame:
    days = question.parameters["min_overlap_d"]
    ruling = _ruling(tables, question)
    spans = _spans(tables, question)
    two = _overlapping(spans, spans, days)
    two = two[two["clinic_key"] < two["clinic_key_other"]]
    home = _overlapping(spans, _services(tables, question), days)
    proxy = pd.concat(
        [
            two[["patient_key"]].assign(duty_level="specialist"),
            home[["patient_key"]].assign(duty_level="municipal"),
        ]
    ).drop_duplicates()
    decided = ruling.index[ruling.ne("unknown")]
    proxy = proxy[~proxy["patient_key"].isin(decided)].assign(basis="proxy")
    rows = pd.concat([_recorded_needs(tables, ruling, question), proxy])
    alive = _alive(tables, question).set_index("node_key")["patient_id"]
    rows = rows[rows["patient_key"].isin(alive.index)]
    return rows.assign(patient_id=rows["patient_key"].map(alive)).drop(columns="patient_key")


def _child_to_adult(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    contacts = tables["Contact"]
    teams = tables["Unit"].loc[tables["Unit"]["kind"].eq("team"), "node_key"]
    at_teams = tables["AT"].loc[tables["AT"]["to_key"].isin(teams), "from_key"]
    chosen = contacts[
        contacts["level"].isin(_SPECIALIST)
        & (contacts["started_s"] < ask["as_of_s"])
        & ~contacts["node_key"].isin(at_teams)
        & ~contacts["node_key"].isin(tables["PART_OF_CONTACT"]["to_key"])
    ]
    own = _with_patient(tables, chosen[["node_key", "started_day"]], "HAD")
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
    alive = _alive(tables, question)
    turning = alive[(alive["birth_year"] + 18).between(first.year, last.year)]
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
    since = ask["as_of_s"] - ask["within_days"] * _DAY_S
    recent = tables["Referral"][(sent < ask["as_of_s"]) & (sent >= since)]
    to_unit = tables["TO_UNIT"].merge(tables["Unit"], left_on="to_key", right_on="node_key")
    adult = to_unit[
        to_unit["level"].isin(_SPECIALIST)
        & to_unit["kind"].ne("team")
        & ~to_unit["to_key"].isin(children)
    ]
    owned = _with_patient(tables, recent, "WAS_REFERRED")
    referred: pd.Series = owned.loc[owned["node_key"].isin(adult["from_key"]), "patient_key"]
    return referred


def _emergency_returns(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    contacts = tables["Contact"]
    chosen = contacts[contacts["level"].eq("emergency") & (contacts["started_s"] < ask["as_of_s"])]
    visits = _with_patient(tables, chosen[["node_key", "started_s"]], "HAD")
    often = visits.groupby("patient_key")["started_s"].transform("size") >= ask["min_visits"]
    visits = visits[often].sort_values("started_s")
    stays = tables["Stay"]
    acute = stays[stays["is_acute_first"] & (stays["started_s"] < ask["as_of_s"])]
    admissions = _with_patient(tables, acute[["node_key", "started_s"]], "HAD_STAY")
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
    n = np.searchsorted(line, line + ask["window_days"] * _DAY_S, side="right") - np.arange(
        len(line)
    )
    windows = pd.DataFrame(
        {"patient_key": patient, "n_visits": n, "last_s": start[np.arange(len(line)) + n - 1]}
    )
    full = windows[windows["n_visits"] >= ask["min_visits"]].groupby("patient_key").max()
    full = full[full["last_s"] >= ask["as_of_s"] - ask["within_days"] * _DAY_S].reset_index()
    alive = _alive(tables, question).set_index("node_key")["patient_id"]
    full = full[full["patient_key"].isin(alive.index)]
    return pd.DataFrame(
        {"patient_id": full["patient_key"].map(alive), "n_visits": full["n_visits"]}
    )


def _no_follow_up(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    coverage = tables["Coverage"][tables["Coverage"]["level"].isin(("gp", "municipal"))]
    everywhere = set(coverage.loc[coverage["municipality_code"].isna(), "level"])
    places = coverage.groupby("municipality_code")["level"].agg(set)
    stays = _with_patient(tables, tables["Stay"], "HAD_STAY").sort_values("started_s")
    ended = stays[
        (stays["ended_s"] < ask["as_of_s"])
        & ~stays["ended_dead"]
        & stays["discharged_to"].isin(ask["home_codes"])
        & stays["municipality_code"].notna()
        & (stays["ended_s"] + ask["within_days"] * _DAY_S <= ask["horizon_s"])
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
    until = joined["ended_s"] + ask["within_days"] * _DAY_S
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
    most = ask["max_gap_d"] * _DAY_S
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


_ENDS = ("from_key", "to_key")
_CONTACT = (
    "node_key", "level", "care_level", "kind", "started_s", "started_day", "ended_s", "ended_day",
)  # fmt: skip
_ALIVE_COLUMNS = {
    "Patient": ("node_key", "patient_id", "birth_year", "died_day"),
    "Stay": ("node_key", "ended_dead", "ended_s", "started_s", "is_acute_first"),
    "HAD_STAY": _ENDS,
}

Columns = Mapping[str, tuple[str, ...]]

ANSWERS: Mapping[str, tuple[Callable[[Tables, Question], pd.DataFrame], Columns]] = {
    "bouncing": (
        _bouncing,
        {
            "LevelRun": ("node_key", "level_run_id", "level", "is_acute", "started_s"),
            "NEXT_RUN": (*_ENDS, "gap_s"),
            "HAD_RUN": _ENDS,
            "Patient": ("node_key", "patient_id"),
        },
    ),
    "child_to_adult": (
        _child_to_adult,
        {
            **_ALIVE_COLUMNS,
            "Contact": ("node_key", "level", "started_s", "started_day"),
            "HAD": _ENDS,
            "AT": _ENDS,
            "PART_OF_CONTACT": _ENDS,
            "Unit": ("node_key", "kind", "level"),
            "Referral": ("node_key", "sent_s"),
            "WAS_REFERRED": _ENDS,
            "TO_UNIT": _ENDS,
        },
    ),
    "coordination_need": (
        _coordination_need,
        {
            **_ALIVE_COLUMNS,
            "Contact": _CONTACT,
            "HAD": _ENDS,
            "AT": _ENDS,
            "PART_OF_CONTACT": _ENDS,
            "PART_OF": _ENDS,
            "Unit": ("node_key", "kind"),
            "Need": ("node_key", "need", "status", "assessed_day"),
            "HAS_NEED": _ENDS,
        },
    ),
    "emergency_returns": (
        _emergency_returns,
        {**_ALIVE_COLUMNS, "Contact": ("node_key", "level", "started_s"), "HAD": _ENDS},
    ),
    "no_follow_up_after_discharge": (
        _no_follow_up,
        {
            "Patient": ("node_key", "patient_id", "died_day"),
            "Stay": (
                "node_key", "stay_id", "started_s", "ended_at", "ended_s", "ended_day",
                "ended_dead", "is_acute_first", "discharged_to", "municipality_code", "next_gp_s",
                "next_municipal_s",
            ),
            "HAD_STAY": _ENDS,
            "Coverage": ("level", "municipality_code"),
        },
    ),
}  # fmt: skip
"""Finding to what answers it, and what that has to read."""
