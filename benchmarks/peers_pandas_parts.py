"""Tables that several of the pandas peers are put together from.

Relationships keep the names of their ends, ``from_key`` and ``to_key``; an open first or last day
is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from benchmarks.question import Question

__all__ = [
    "ALIVE_COLUMNS",
    "COORDINATOR_COLUMNS",
    "DAY_S",
    "ENDS",
    "HELD",
    "PLAN_COLUMNS",
    "POST_COLUMNS",
    "SPECIALIST",
    "Answer",
    "Columns",
    "Tables",
    "above",
    "alive",
    "begun_stays",
    "coordinators",
    "fullest_windows",
    "holdings",
    "holds",
    "iso_dates",
    "placed",
    "plans_on",
    "posts",
    "together",
    "with_patient",
]

Tables = Mapping[str, pd.DataFrame]
Columns = Mapping[str, tuple[str, ...]]

DAY_S = 86_400
SPECIALIST = ("hospital", "psychiatry")
ENDS = ("from_key", "to_key")
HELD = (*ENDS, "valid_from_day", "valid_to_day")

ALIVE_COLUMNS: Columns = {
    "Patient": ("node_key", "patient_id", "birth_year", "died_day"),
    "Stay": ("node_key", "ended_dead", "ended_s", "started_s", "is_acute_first"),
    "HAD_STAY": ENDS,
}
COORDINATOR_COLUMNS: Columns = {
    "COORDINATES__Professional__Patient": (*HELD, "kind"),
    "COORDINATES__Unit__Patient": (*HELD, "kind"),
}
PLAN_COLUMNS: Columns = {
    "HAS_PLAN": ENDS,
    "Plan": ("node_key", "kind", "valid_from_day", "valid_to_day"),
    "HAD_STATUS": ENDS,
    "PlanStatus": ("node_key", "status", "valid_from_day"),
}
POST_COLUMNS: Columns = {
    "WORKS_AT": HELD,
    "Unit": ("node_key", "unit_id", "name", "kind", "level", "valid_from_day", "valid_to_day"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """How pandas answers a finding, and what it has to read for it.

    Attributes
    ----------
    columns
        Table to the columns that are read.
    """

    work: Callable[[Tables, Question], pd.DataFrame]
    columns: Columns


def with_patient(tables: Tables, nodes: pd.DataFrame, relationship: str) -> pd.DataFrame:
    """Put the key of the patient beside nodes that ``relationship`` goes to."""
    owners = tables[relationship].set_index("to_key")["from_key"]
    return nodes.assign(patient_key=nodes["node_key"].map(owners))


def alive(tables: Tables, question: Question) -> pd.DataFrame:
    """Return the patients who are alive on the day."""
    ask = question.parameters
    patients = tables["Patient"]
    stays = with_patient(tables, tables["Stay"], "HAD_STAY")
    dead = stays.loc[stays["ended_dead"] & (stays["ended_s"] < ask["as_of_s"]), "patient_key"]
    lives = patients["died_day"].isna() | (patients["died_day"] > ask["as_of_day"])
    found: pd.DataFrame = patients[lives & ~patients["node_key"].isin(dead)]
    return found


def begun_stays(tables: Tables, question: Question) -> pd.DataFrame:
    """Return the stays that had begun by the day, with the key of their patient."""
    stays = tables["Stay"]
    return with_patient(
        tables, stays[stays["started_s"] < question.parameters["as_of_s"]], "HAD_STAY"
    )


def iso_dates(days: pd.Series) -> pd.Series:
    """Return the ISO dates of numbers of days since 1970-01-01; null stays null."""
    return pd.to_datetime(days.astype("float64"), unit="D").dt.strftime("%Y-%m-%d")


def above(tables: Tables) -> pd.DataFrame:
    """Return each unit with itself and every unit that it is part of, and how far up.

    Columns ``unit_key``, ``above_key``, ``depth``; in order of depth.
    """
    keys = tables["Unit"]["node_key"]
    step = pd.DataFrame({"unit_key": keys, "above_key": keys, "depth": 0})
    parts = []
    while len(step):
        parts.append(step)
        step = step.merge(tables["PART_OF"], left_on="above_key", right_on="from_key")
        step = pd.DataFrame(
            {
                "unit_key": step["unit_key"],
                "above_key": step["to_key"],
                "depth": step["depth"] + 1,
            }
        )
    return pd.concat(parts, ignore_index=True)


def holds(rows: pd.DataFrame, day: pd.Series | int) -> pd.Series:
    """Say which rows hold on a day; ``valid_to_day`` is the first day on which they do not."""
    does: pd.Series = ~(rows["valid_from_day"] > day) & ~(rows["valid_to_day"] <= day)
    return does


def together(rows: pd.DataFrame, suffix: str) -> pd.DataFrame:
    """Let rows hold only while what stands beside them, under names with ``suffix``, does too."""
    first, last = "valid_from_day", "valid_to_day"
    return rows.assign(
        **{
            first: rows[[first, first + suffix]].max(axis=1),
            last: rows[[last, last + suffix]].min(axis=1),
        }
    ).drop(columns=[first + suffix, last + suffix])


def holdings(tables: Tables, relationship: str, other: str, *, holder: str) -> pd.DataFrame:
    """Return what is held by professionals and by units.

    Parameters
    ----------
    relationship, other
        The relationship and its other end: the patient or the plan.
    holder
        The end at which the holder is, ``from_key`` or ``to_key``.

    Returns
    -------
    The relationship's columns with ``holder_kind``, ``holder_key``, and ``held_key`` for the other.
    """
    held = "to_key" if holder == "from_key" else "from_key"
    parts = []
    for kind in ("Professional", "Unit"):
        ends = (kind, other) if holder == "from_key" else (other, kind)
        name = "__".join((relationship, *ends))
        parts.append(tables[name].assign(holder_kind=kind.lower()))
    names = {holder: "holder_key", held: "held_key"}
    return pd.concat(parts, ignore_index=True).rename(columns=names)


def coordinators(tables: Tables) -> pd.DataFrame:
    """Return the roles of coordinators and plan coordinators, at any time."""
    roles = holdings(tables, "COORDINATES", "Patient", holder="from_key")
    roles = roles[roles["kind"].isin(("coordinator", "plan_coordinator"))]
    return roles.rename(columns={"held_key": "patient_key"})


def posts(tables: Tables, question: Question) -> pd.DataFrame:
    """Return where holders stand, at which level, and when, as far as known on the day."""
    works = tables["WORKS_AT"]
    works = works[~(works["valid_from_day"] > question.parameters["as_of_day"])]
    units = tables["Unit"][["node_key", "level", "valid_from_day", "valid_to_day"]]
    people = works.merge(units, left_on="to_key", right_on="node_key", suffixes=("", "_unit"))
    people = together(people, "_unit").assign(holder_kind="professional")
    own = units.assign(holder_kind="unit", from_key=units["node_key"])
    columns = ["holder_kind", "from_key", "level", "valid_from_day", "valid_to_day"]
    both = pd.concat([people[columns], own[columns]], ignore_index=True)
    return both.rename(columns={"from_key": "holder_key"})


def placed(held: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Return holdings at each place of their holder, while both hold.

    A holder without a place holds wherever, always: the other columns of ``places`` are null.
    """
    rows = held.merge(places, on=["holder_kind", "holder_key"], how="left", suffixes=("", "_post"))
    return together(rows, "_post")


def plans_on(tables: Tables, asked: pd.DataFrame) -> pd.DataFrame:
    """Return the plans that held on days, with their status on the day.

    Parameters
    ----------
    asked
        ``patient_key``, ``day``, and what else is to stand beside the plans.

    Returns
    -------
    ``asked`` with ``plan_key``, ``kind``, ``status`` (null where none was recorded by the day) and
    ``is_active``.
    """
    plans = tables["HAS_PLAN"].merge(tables["Plan"], left_on="to_key", right_on="node_key")
    plans = plans.rename(columns={"from_key": "patient_key", "to_key": "plan_key"})
    pairs = asked.merge(plans.drop(columns="node_key"), on="patient_key")
    pairs = pairs[holds(pairs, pairs["day"])].drop(columns=["valid_from_day", "valid_to_day"])
    statuses = tables["HAD_STATUS"].merge(
        tables["PlanStatus"], left_on="to_key", right_on="node_key"
    )
    statuses = statuses.rename(columns={"from_key": "plan_key", "valid_from_day": "status_day"})
    found = pd.merge_asof(
        pairs.astype({"day": "int64"}).sort_values("day"),
        statuses[["plan_key", "status", "status_day"]].sort_values("status_day"),
        left_on="day",
        right_on="status_day",
        by="plan_key",
    )
    return found.assign(is_active=found["status"].isna() | found["status"].eq("active"))


def fullest_windows(stays: pd.DataFrame, question: Question) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return each patient's fullest window of acute stays, and the stays inside it.

    Returns
    -------
    ``patient_key``, ``n_stays``, ``window_first_at``, ``window_last_at``, ``newest_window_last_at``
    and ``is_new`` (the newest window ended late enough), a row a patient; and the stays in order,
    ``window`` being the number of the row.
    """
    ask = question.parameters
    acute = stays[stays["is_acute_first"]].sort_values(
        ["patient_key", "started_s"], ignore_index=True
    )
    # One number line for all patients: the reach of a window ends within its patient's part of it.
    width = int(acute["started_s"].max() - acute["started_s"].min()) if len(acute) else 0
    window_s = int(ask["window_days"]) * DAY_S
    line = acute["patient_key"].rank(method="dense").to_numpy("int64") * (width + window_s + 1)
    line = line + acute["started_s"].to_numpy("int64")
    after = np.searchsorted(line, line + window_s, side="right")
    windows = acute.assign(first=np.arange(len(acute)), last=after - 1)
    windows["n_stays"] = windows["last"] - windows["first"] + 1
    full = windows[windows["n_stays"] >= ask["min_stays"]]
    fullest = full.sort_values(["patient_key", "n_stays", "first"], ascending=[True, False, True])
    fullest = fullest.drop_duplicates("patient_key").reset_index(drop=True)
    newest = full.groupby("patient_key")["last"].max().reindex(fullest["patient_key"])
    newest_stays = acute.loc[newest.to_numpy()].reset_index(drop=True)
    head = pd.DataFrame(
        {
            "patient_key": fullest["patient_key"],
            "n_stays": fullest["n_stays"],
            "window_first_at": fullest["started_at"],
            "window_last_at": acute.loc[fullest["last"], "started_at"].to_numpy(),
            "newest_window_last_at": newest_stays["started_at"],
            "is_new": newest_stays["started_s"] >= ask["as_of_s"] - window_s,
        }
    )
    inside = acute.loc[_ranges(fullest["first"], fullest["last"])].reset_index(drop=True)
    inside["window"] = np.repeat(np.arange(len(fullest)), fullest["n_stays"])
    return head, inside


def _ranges(first: pd.Series, last: pd.Series) -> NDArray[np.int64]:
    """Return ``first[0] .. last[0], first[1] .. last[1], ...`` as one array."""
    lengths = (last - first + 1).to_numpy("int64")
    ends = np.cumsum(lengths)
    places = np.arange(ends[-1] if len(ends) else 0, dtype=np.int64)
    joined: NDArray[np.int64] = places + np.repeat(
        first.to_numpy("int64") - ends + lengths, lengths
    )
    return joined
