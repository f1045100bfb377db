"""What was in place at discharges and what followed them, in pandas.

Written from ``docs/definitions.md``; all columns are given.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from benchmarks.intervals import with_follow_up_interval
from benchmarks.linking_pandas import TIMEZONE
from benchmarks.peers_pandas_parts import (
    ALIVE_COLUMNS,
    COORDINATOR_COLUMNS,
    DAY_S,
    ENDS,
    HELD,
    PLAN_COLUMNS,
    POST_COLUMNS,
    Answer,
    Columns,
    Tables,
    above,
    alive,
    begun_stays,
    coordinators,
    fullest_windows,
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

_COUNTS = {
    "gp": "n_gp",
    "municipal": "n_municipal",
    "emergency": "n_emergency",
    "hospital": "n_outpatient",
    "psychiatry": "n_psychiatry",
}


def _physicians(tables: Tables) -> pd.DataFrame:
    roles = holdings(tables, "CONTACT_PHYSICIAN_FOR", "Patient", holder="from_key")
    return roles.rename(columns={"held_key": "patient_key"})


def _discharges(tables: Tables, question: Question) -> pd.DataFrame:
    """Return the acute stays of current windows that another one followed."""
    windows, inside = fullest_windows(begun_stays(tables, question), question)
    ids = alive(tables, question).set_index("node_key")["patient_id"]
    is_current = windows["is_new"] & windows["patient_key"].isin(ids.index)
    following = inside.groupby("window")[["started_s", "started_at"]].shift(-1)
    stays = inside.assign(
        back_s=following["started_s"],
        returned_at=following["started_at"],
        patient_id=inside["patient_key"].map(ids),
    )
    is_followed = stays["back_s"].notna() & stays["window"].map(is_current)
    found: pd.DataFrame = stays[is_followed]
    return found.astype({"ended_s": "int64", "back_s": "int64", "ended_day": "int64"})


def _met_before_return(tables: Tables, discharges: pd.DataFrame) -> pd.DataFrame:
    """Count the contacts begun between discharge and return: by stay, a column a level."""
    keys = tables["HAD"]
    keys = keys[keys["from_key"].isin(discharges["patient_key"])]
    contacts = keys.merge(tables["Contact"], left_on="to_key", right_on="node_key")
    is_visit = contacts["care_level"].isin(("outpatient", "day")) & ~contacts["node_key"].isin(
        tables["PART_OF_STAY"]["from_key"]
    )
    contacts = contacts[is_visit | contacts["level"].isin(("gp", "municipal", "emergency"))]
    pairs = discharges[["patient_key", "stay_id", "ended_s", "back_s"]].merge(
        contacts[["from_key", "level", "started_s"]], left_on="patient_key", right_on="from_key"
    )
    between = pairs[
        (pairs["started_s"] >= pairs["ended_s"]) & (pairs["started_s"] < pairs["back_s"])
    ]
    counts = between.groupby(["stay_id", "level"]).size().unstack(fill_value=0)
    counts = counts.reindex(columns=list(_COUNTS), fill_value=0).rename(columns=_COUNTS)
    return counts.reindex(discharges["stay_id"], fill_value=0)


def _is_referred(tables: Tables, discharges: pd.DataFrame) -> pd.Series:
    teams = tables["Unit"].loc[tables["Unit"]["kind"].eq("team"), "node_key"]
    to_teams = tables["TO_UNIT"].loc[tables["TO_UNIT"]["to_key"].isin(teams), "from_key"]
    referrals = tables["Referral"][tables["Referral"]["node_key"].isin(to_teams)]
    rows = discharges[["stay_id", "patient_key", "ended_at"]].merge(
        with_patient(tables, referrals, "WAS_REFERRED"), on="patient_key"
    )
    day = rows["ended_at"].str[:10]
    is_open = (rows["sent_at"].str[:10] <= day) & ~(rows["closed_at"].str[:10] <= day)
    return discharges["stay_id"].isin(rows.loc[is_open, "stay_id"])


def _before_the_return(tables: Tables, question: Question) -> pd.DataFrame:
    discharges = _discharges(tables, question)
    asked = discharges[["stay_id", "patient_key"]].assign(day=discharges["ended_day"])
    places = posts(tables, question)

    def is_held(roles: pd.DataFrame) -> pd.Series:
        rows = placed(asked.merge(roles, on="patient_key"), places)
        return discharges["stay_id"].isin(rows.loc[holds(rows, rows["day"]), "stay_id"])

    plans = plans_on(tables, asked)
    flags = pd.DataFrame(
        {
            "coordinator": is_held(coordinators(tables)),
            "contact_physician": is_held(_physicians(tables)),
            "plan": discharges["stay_id"].isin(plans.loc[plans["is_active"], "stay_id"]),
            "team_referral": _is_referred(tables, discharges),
        }
    )
    words = flags.columns.to_numpy()
    missing = pd.Series([list(words[row]) for row in ~flags.to_numpy()], flags.index)
    table = discharges.join(flags.add_prefix("has_")).assign(
        missing=missing, gap_days=(discharges["back_s"] - discharges["ended_s"]) / DAY_S
    )
    missed = table[~flags.all(axis=1)]
    last = missed.loc[missed.groupby("patient_key")["ended_s"].idxmax(), "stay_id"]
    table["is_last_missed"] = table["stay_id"].isin(last)
    table = table.join(_met_before_return(tables, discharges), on="stay_id")
    return table[list(question.columns)]


def _due(tables: Tables, question: Question) -> pd.DataFrame:
    """Return the long stays that were due a contact physician by the day."""
    ask = question.parameters
    stays = begun_stays(tables, question)
    lasted_s = stays["ended_s"].clip(upper=ask["as_of_s"]).fillna(ask["as_of_s"])
    is_long = lasted_s - stays["started_s"] > ask["min_hours"] * 3600
    due: pd.DataFrame = stays[is_long & (stays["due_day"] <= ask["as_of_day"])]
    units = tables["DISCHARGED_FROM"].set_index("from_key")["to_key"]
    return due.assign(
        unit_key=due["node_key"].map(units),
        last_day=due["ended_day"].fillna(ask["as_of_day"]),
    )


def _physician_spells(tables: Tables, due: pd.DataFrame, as_of_day: int) -> pd.DataFrame:
    """Return when somebody of the stay's trust, or of no known trust, was contact physician."""
    tops = above(tables).drop_duplicates("unit_key", keep="last")
    trusts = tops.set_index("unit_key")["above_key"]
    works = tables["WORKS_AT"]
    works = works[~(works["valid_from_day"] > as_of_day)]
    people = works.assign(holder_kind="professional", trust=works["to_key"].map(trusts))
    people = people.rename(columns={"from_key": "holder_key"}).drop(columns="to_key")
    own = pd.DataFrame(
        {"holder_kind": "unit", "holder_key": trusts.index, "trust": trusts.to_numpy()}
    )
    roles = due[["stay_id", "patient_key", "unit_key", "due_day", "last_day"]].merge(
        _physicians(tables), on="patient_key"
    )
    spells = placed(roles, pd.concat([people, own], ignore_index=True))
    is_same = spells["trust"].isna() | spells["trust"].eq(spells["unit_key"].map(trusts))
    found: pd.DataFrame = spells[is_same]
    return found


def _recorded_shares(tables: Tables, due: pd.DataFrame, as_of_day: int) -> pd.Series:
    """Return by unit on which share of its stays a contact physician was recorded at all."""
    until_day = due[["last_day", "due_day"]].max(axis=1)
    rows = (
        due[["stay_id", "patient_key", "started_day"]]
        .assign(until_day=until_day)
        .merge(_physicians(tables), on="patient_key")
    )
    is_there = ~(rows["valid_from_day"] > rows["until_day"]) & ~(
        rows["valid_to_day"] <= rows["started_day"]
    )
    is_recorded = due["stay_id"].isin(rows.loc[is_there, "stay_id"])
    is_recent = due["started_day"] > as_of_day - 365
    has_recent = is_recent.groupby(due["unit_key"]).transform("any")
    pool = is_recent | ~has_recent
    shares: pd.Series = is_recorded[pool].groupby(due.loc[pool, "unit_key"]).mean()
    return shares


def _missing_contact_physician(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    due = _due(tables, question)
    spells = _physician_spells(tables, due, ask["as_of_day"])
    met = spells.loc[holds(spells, spells["due_day"]), "stay_id"]
    later = spells["valid_from_day"].clip(lower=spells["due_day"] + 1)
    later = later.fillna(spells["due_day"] + 1)
    is_later = (later <= spells["last_day"]) & ~(spells["valid_to_day"] <= later)
    appointed = later[is_later].groupby(spells.loc[is_later, "stay_id"]).min()
    shares = _recorded_shares(tables, due, ask["as_of_day"])
    is_asked = due["started_day"] > ask["as_of_day"] - ask["within_days"]
    found: pd.DataFrame = due[is_asked & ~due["stay_id"].isin(met)]
    appointed_day = found["stay_id"].map(appointed)
    overdue = appointed_day.fillna(found["last_day"]) - found["due_day"]
    units = tables["Unit"].set_index("node_key")
    ids = tables["Patient"].set_index("node_key")["patient_id"]
    is_unknown = found["unit_key"].map(shares) < ask["min_recorded_share"]
    return found.assign(
        patient_id=found["patient_key"].map(ids),
        unit=found["unit_key"].map(units["unit_id"]),
        unit_name=found["unit_key"].map(units["name"]),
        due_on=iso_dates(found["due_day"]),
        days_overdue=overdue.clip(lower=0).astype("float64"),
        appointed_on=iso_dates(appointed_day),
        basis="long_stay",
        status=np.where(is_unknown, "not_recorded", "missing"),
    )[list(question.columns)]


def _unbroken(tables: Tables) -> pd.DataFrame:
    """Return the periods that GP and municipal level are covered for, by municipality."""
    coverage = tables["Coverage"][tables["Coverage"]["level"].isin(("gp", "municipal"))]
    codes = tables["Municipality"][["municipality_code"]]
    everywhere = coverage[coverage["municipality_code"].isna()].drop(columns="municipality_code")
    own = coverage[coverage["municipality_code"].notna()]
    periods = pd.concat([own, everywhere.merge(codes, how="cross")], ignore_index=True)
    for name in ("from", "to"):
        midnight = pd.to_datetime(periods[f"covered_{name}"]).dt.tz_localize(TIMEZONE)
        periods[f"{name}_s"] = (midnight - pd.Timestamp(0, tz="UTC")) // pd.Timedelta("1s")
    key = ["municipality_code", "level"]
    periods = periods.sort_values([*key, "from_s"], ignore_index=True)
    reached = periods.groupby(key)["to_s"].cummax().groupby([periods[name] for name in key]).shift()
    number = (~(periods["from_s"] <= reached)).cumsum().rename("number")
    joined = periods.groupby([*key, number]).agg(from_s=("from_s", "min"), to_s=("to_s", "max"))
    return joined.reset_index()


def _is_covered(tables: Tables, home: pd.DataFrame, as_of_s: int) -> pd.Series:
    spans = home[["stay_id", "municipality_code", "ended_s", "until_s"]].merge(
        _unbroken(tables), on="municipality_code"
    )
    is_inside = (spans["ended_s"] >= spans["from_s"]) & (spans["until_s"] <= spans["to_s"])
    n_levels = spans[is_inside].groupby("stay_id")["level"].nunique()
    return home["stay_id"].map(n_levels).eq(2) & (home["until_s"] <= as_of_s)


def _discharged_home(tables: Tables, question: Question) -> pd.DataFrame:
    """Return the discharges home with the start of the next acute stay and the outcome."""
    ask = question.parameters
    stays = begun_stays(tables, question).sort_values(["patient_key", "started_s"])
    acute_s = stays["started_s"].where(stays["is_acute_first"])
    filled = acute_s.groupby(stays["patient_key"]).bfill()
    stays = stays.assign(return_s=filled.groupby(stays["patient_key"]).shift(-1))
    home: pd.DataFrame = stays[
        (stays["ended_s"] < ask["as_of_s"])
        & ~stays["ended_dead"]
        & stays["discharged_to"].isin(ask["home_codes"])
    ]
    home = home.assign(until_s=home["ended_s"] + ask["within_days"] * DAY_S)
    next_s = home[["next_gp_s", "next_municipal_s"]].min(axis=1)
    died = home["patient_key"].map(tables["Patient"].set_index("node_key")["died_day"])
    has_died = (died <= ask["as_of_day"]) & (died - home["ended_day"] <= ask["within_days"])
    outcome = np.select(
        [
            ~_is_covered(tables, home, ask["as_of_s"]),
            (next_s <= home["until_s"]) & ~(next_s > home["return_s"]),
            home["return_s"] <= home["until_s"],
            has_died,
        ],
        ["not_covered", "followed_up", "acute_return", "died"],
        "no_follow_up",
    )
    units = tables["DISCHARGED_FROM"].set_index("from_key")["to_key"]
    return home.assign(outcome=outcome, unit_key=home["node_key"].map(units))


def _goes_on_at_home(tables: Tables, stays: pd.DataFrame) -> pd.Series:
    """Say past which ends of stays a municipal service simply went on."""
    contacts = tables["Contact"][tables["Contact"]["level"].eq("municipal")]
    own = with_patient(tables, contacts, "HAD").rename(columns={"ended_s": "service_ended_s"})
    rows = stays[["stay_id", "patient_key", "ended_s"]].merge(
        own[["patient_key", "started_s", "service_ended_s"]], on="patient_key"
    )
    goes_past = (rows["started_s"] < rows["ended_s"]) & ~(
        rows["service_ended_s"] <= rows["ended_s"]
    )
    return stays["stay_id"].isin(rows.loc[goes_past, "stay_id"])


def _follow_up(tables: Tables, question: Question) -> pd.DataFrame:
    home = _discharged_home(tables, question)
    outcome = home["outcome"]
    is_missed = outcome.eq("no_follow_up")
    goes_on = _goes_on_at_home(tables, home[is_missed]).reindex(home.index, fill_value=False)
    groups = {
        ("n_discharges", "n_patients"): outcome.ne("not_covered"),
        ("n_followed_up", None): outcome.eq("followed_up"),
        ("n_no_follow_up", "n_no_follow_up_patients"): is_missed,
        ("n_home_care_continued", "n_home_care_patients"): goes_on,
        ("n_acute_return", "n_acute_return_patients"): outcome.eq("acute_return"),
        (None, "n_died"): outcome.eq("died"),
        ("n_not_covered", "n_not_covered_patients"): outcome.eq("not_covered"),
    }
    units = tables["Unit"].set_index("node_key").loc[home["unit_key"].unique()]
    counted = pd.DataFrame({"unit": units["unit_id"], "unit_name": units["name"]})
    for (n, n_patients), chosen in groups.items():
        rows = home[chosen].groupby("unit_key")["patient_key"]
        for name, number in ((n, rows.size()), (n_patients, rows.nunique())):
            if name is not None:
                counted[name] = number.reindex(counted.index, fill_value=0)
    covered = home[outcome.ne("not_covered")].assign(y=is_missed.astype("int64"))
    patients = covered.groupby(["unit_key", "patient_key"])["y"].agg(["size", "sum"])
    by_unit = patients.groupby("unit_key")
    share = by_unit["sum"].transform("sum") / by_unit["size"].transform("sum")
    squares = (patients["sum"] - share * patients["size"]) ** 2
    counted["spread"] = squares.groupby("unit_key").sum()
    return with_follow_up_interval(counted.reset_index(drop=True))


_NAMED_UNIT = ("node_key", "unit_id", "name")
_PHYSICIAN_COLUMNS: Columns = {
    "CONTACT_PHYSICIAN_FOR__Professional__Patient": HELD,
    "CONTACT_PHYSICIAN_FOR__Unit__Patient": HELD,
}

ANSWERS: Mapping[str, Answer] = {
    "before_the_return": Answer(
        _before_the_return,
        {
            **ALIVE_COLUMNS,
            **COORDINATOR_COLUMNS,
            **PLAN_COLUMNS,
            **POST_COLUMNS,
            **_PHYSICIAN_COLUMNS,
            "Stay": (
                "node_key", "stay_id", "started_s", "started_at", "ended_s", "ended_at",
                "ended_day", "ended_dead", "is_acute_first",
            ),
            "Contact": ("node_key", "level", "care_level", "started_s"),
            "HAD": ENDS,
            "PART_OF_STAY": ENDS,
            "Referral": ("node_key", "sent_at", "closed_at"),
            "WAS_REFERRED": ENDS,
            "TO_UNIT": ENDS,
        },
    ),
    "follow_up_after_discharge": Answer(
        _follow_up,
        {
            "Patient": ("node_key", "died_day"),
            "Stay": (
                "node_key", "stay_id", "started_s", "ended_s", "ended_day", "ended_dead",
                "is_acute_first", "discharged_to", "municipality_code", "next_gp_s",
                "next_municipal_s",
            ),
            "HAD_STAY": ENDS,
            "DISCHARGED_FROM": ENDS,
            "Unit": _NAMED_UNIT,
            "Coverage": ("level", "municipality_code", "covered_from", "covered_to"),
            "Municipality": ("municipality_code",),
            "Contact": ("node_key", "level", "started_s", "ended_s"),
            "HAD": ENDS,
        },
    ),
    "missing_contact_physician": Answer(
        _missing_contact_physician,
        {
            **_PHYSICIAN_COLUMNS,
            "Patient": ("node_key", "patient_id"),
            "Stay": (
                "node_key", "stay_id", "started_at", "started_s", "started_day", "due_day",
                "ended_s", "ended_day",
            ),
            "HAD_STAY": ENDS,
            "DISCHARGED_FROM": ENDS,
            "Unit": _NAMED_UNIT,
            "PART_OF": ENDS,
            "WORKS_AT": HELD,
        },
    ),
}  # fmt: skip
"""Finding to what answers it, and what that has to read."""
