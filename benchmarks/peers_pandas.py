"""The findings in pandas, on the graph tables from which pathgraph starts too.

Each function answers the finding with its default parameters; the counting rules are those of
``docs/definitions.md``, written a third time.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import (
    peers_pandas_coordination,
    peers_pandas_discharges,
    peers_pandas_networks,
    peers_pandas_plans,
    peers_pandas_referrals,
)
from benchmarks.intervals import with_intervals
from benchmarks.peers_pandas_parts import (
    ENDS,
    Answer,
    Tables,
    alive,
    begun_stays,
    fullest_windows,
)
from benchmarks.question import Question, table_file

__all__ = ["ANSWERS", "prepare"]


def prepare(question: Question, folder: Path) -> Callable[[], pd.DataFrame]:
    """Read the columns that the finding needs; return what answers it."""
    answer = ANSWERS[question.finding]
    tables = {
        name: pd.read_parquet(table_file(folder, name), columns=list(columns))
        for name, columns in answer.columns.items()
    }
    return lambda: answer.work(tables, question)


def _patient_ids(tables: Tables, keys: pd.Series) -> pd.Series:
    return keys.map(tables["Patient"].set_index("node_key")["patient_id"])


def _unit_of(tables: Tables, relationship: str, stays: pd.Series) -> pd.Series:
    """Return the key of the unit at the other end of a stay's relationship."""
    return stays.map(tables[relationship].set_index("from_key")["to_key"])


def _with_units(table: pd.DataFrame, tables: Tables, left: str, right: str) -> pd.DataFrame:
    """Put id and name of two units, given by key, beside each row."""
    units = tables["Unit"].set_index("node_key")
    return table.assign(
        left_id=table[left].map(units["unit_id"]),
        left_name=table[left].map(units["name"]),
        right_id=table[right].map(units["unit_id"]),
        right_name=table[right].map(units["name"]),
    )


def _pairs(stays: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Pair each acute stay with the latest stay that had ended alive before it."""
    ask = question.parameters
    is_index = (stays["ended_s"] < ask["as_of_s"]) & ~stays["ended_dead"]
    index = stays.loc[is_index, ["patient_key", "ended_s", "node_key"]]
    acute = stays.loc[stays["is_acute_first"], ["patient_key", "started_s", "node_key"]]
    pairs = pd.merge_asof(
        acute.sort_values("started_s"),
        index.astype({"ended_s": "int64"}).sort_values("ended_s"),
        left_on="started_s",
        right_on="ended_s",
        by="patient_key",
        suffixes=("", "_index"),
    ).dropna(subset="node_key_index")
    gap_s = pairs["started_s"] - pairs["ended_s"]
    return pairs[gap_s.between(3600 * ask["min_gap_h"], 86_400 * ask["max_gap_d"])].astype(
        {"node_key_index": "int64"}
    )


def _readmissions(tables: Tables, question: Question) -> pd.DataFrame:
    stays = begun_stays(tables, question)
    pairs = _pairs(stays, question)
    by_key = stays.set_index("node_key")
    index = by_key.loc[pairs["node_key_index"]].reset_index()
    readmission = by_key.loc[pairs["node_key"]].reset_index()
    pairs = pd.DataFrame(
        {
            "left": _unit_of(tables, "DISCHARGED_FROM", index["node_key"]),
            "reached": _unit_of(tables, "ADMITTED_TO", readmission["node_key"]),
        }
    )
    units = _with_units(pairs, tables, "left", "reached")
    return pd.DataFrame(
        {
            "patient_id": _patient_ids(tables, index["patient_key"]),
            "index_stay_id": index["stay_id"],
            "index_started_at": index["started_at"],
            "index_ended_at": index["ended_at"],
            "readmission_stay_id": readmission["stay_id"],
            "readmission_started_at": readmission["started_at"],
            "gap_h": (readmission["started_s"] - index["ended_s"]) / 3600,
            "gap_days": (readmission["started_day"] - index["ended_day"]).astype(float),
            "discharged_from": units["left_id"],
            "discharged_from_name": units["left_name"],
            "admitted_to": units["right_id"],
            "admitted_to_name": units["right_name"],
        }
    ).sort_values(["patient_id", "readmission_started_at", "readmission_stay_id"])


def _index_stays(tables: Tables, question: Question) -> pd.DataFrame:
    """Return every stay that had begun, why it counts or not, and its readmissions."""
    ask = question.parameters
    stays = begun_stays(tables, question)
    is_over = stays["ended_s"] < ask["as_of_s"]
    is_covered = stays["ended_s"] + ask["max_gap_d"] * 86_400 <= ask["horizon_s"]
    n_readmissions = stays["node_key"].map(_pairs(stays, question)["node_key_index"].value_counts())
    patients = tables["Patient"].set_index("node_key").loc[stays["patient_key"]]
    started = pd.to_datetime(stays["started_day"], unit="D")
    return stays.assign(
        patient_id=patients["patient_id"].to_numpy(),
        sex=patients["sex"].to_numpy(),
        age=started.dt.year - patients["birth_year"].to_numpy(),
        n_readmissions=n_readmissions.fillna(0).astype("int64"),
        ended_at=stays["ended_at"].where(is_over),
        reason=np.select(
            [~is_over, stays["ended_dead"], ~is_covered],
            ["open", "ended_dead", "not_covered"],
            "counted",
        ),
    )


def _readmission_index(tables: Tables, question: Question) -> pd.DataFrame:
    stays = _index_stays(tables, question)
    units = tables["Unit"].set_index("node_key")
    left = _unit_of(tables, "DISCHARGED_FROM", stays["node_key"])
    is_over = stays["reason"] != "open"
    return stays.assign(
        is_readmitted=stays["n_readmissions"] > 0,
        discharged_from=left.map(units["unit_id"]).where(is_over),
        discharged_from_name=left.map(units["name"]).where(is_over),
    )[list(question.columns)].sort_values(["patient_id", "started_at", "stay_id"])


def _readmission_rates(tables: Tables, question: Question) -> pd.DataFrame:
    stays = _index_stays(tables, question)
    counted = stays[stays["reason"] == "counted"]
    counted = counted.assign(y=(counted["n_readmissions"] > 0).astype("int64"))
    band = counted["age"] // question.parameters["age_band"]
    counted["expected"] = counted.groupby([band, counted["sex"]])["y"].transform("mean")
    patients = counted.groupby("patient_key").agg(
        n=("y", "size"), y=("y", "sum"), events=("n_readmissions", "sum"),
        expected=("expected", "sum"),
    )  # fmt: skip
    share = patients["y"].sum() / patients["n"].sum()
    ratio = patients["y"].sum() / patients["expected"].sum()
    return with_intervals(
        pd.DataFrame(
            {
                "by_value": ["all"],
                "name": [None],
                "n_index": [patients["n"].sum()],
                "n_patients": [len(patients)],
                "n_readmitted": [patients["y"].sum()],
                "n_readmitted_patients": [(patients["y"] > 0).sum()],
                "n_readmissions": [patients["events"].sum()],
                "n_expected": [patients["expected"].sum()],
                "share_spread": [((patients["y"] - share * patients["n"]) ** 2).sum()],
                "ratio_spread": [((patients["y"] - ratio * patients["expected"]) ** 2).sum()],
                "overall": [share],
            }
        )
    )


def _revolving_door(tables: Tables, question: Question) -> pd.DataFrame:
    windows, inside = fullest_windows(begun_stays(tables, question), question)
    living = alive(tables, question)["node_key"]
    head = windows.assign(
        patient_id=_patient_ids(tables, windows["patient_key"]),
        is_current=windows["is_new"] & windows["patient_key"].isin(living),
    ).drop(columns=["patient_key", "is_new"])
    return head.join(_inside_windows(inside)).sort_values("patient_id")


def _inside_windows(inside: pd.DataFrame) -> pd.DataFrame:
    """Return what a window's stays come to: lists of stays, gaps and units, one row a window."""
    by_window = inside.groupby("window")
    gap_s = by_window["started_s"].shift(-1) - inside["ended_s"]
    gaps = inside.assign(gap_s=gap_s, gap_h=(gap_s / 3600).round(2)).dropna(subset="gap_s")
    met = inside.assign(unit_id=inside["unit_ids"].map(json.loads)).explode("unit_id")
    met = met.drop_duplicates(["window", "unit_id"])
    return pd.DataFrame(
        {
            "stays": by_window["stay_id"].agg(list),
            "gaps_h": gaps.groupby("window")["gap_h"].agg(list),
            "share_gaps_30_days": (gaps["gap_s"] <= 30 * 86_400).groupby(gaps["window"]).mean(),
            "n_units": met.groupby("window").size(),
            "units": met.groupby("window")["unit_id"].agg(list),
        }
    )


def _transfers(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    owners = tables["HAD_STAY"].set_index("to_key")["from_key"]
    starts = tables["Stay"].set_index("node_key")["started_s"]
    pairs = tables["NEXT_STAY"]
    is_known = pairs["to_key"].map(starts) < ask["as_of_s"]
    pairs = pairs[is_known & (pairs["gap_s"] <= ask["max_gap_d"] * 86_400)]
    pairs = pairs.assign(
        patient_key=pairs["from_key"].map(owners),
        left=_unit_of(tables, "DISCHARGED_FROM", pairs["from_key"]),
        reached=_unit_of(tables, "ADMITTED_TO", pairs["to_key"]),
    )
    table = _with_units(_tallied(pairs, "left", "reached"), tables, "left", "reached")
    return _between_units(table, "n_transfers")


def _unit_moves(tables: Tables, question: Question) -> pd.DataFrame:
    owners = tables["HAD_STAY"].set_index("to_key")["from_key"]
    parts = tables["PART_OF_STAY"]
    has_moved = parts["previous_unit_id"].notna() & (parts["previous_unit_id"] != parts["unit_id"])
    parts = parts[has_moved & (parts["started_s"] < question.parameters["as_of_s"])]
    parts = parts.assign(patient_key=parts["to_key"].map(owners))
    table = _tallied(parts, "previous_unit_id", "unit_id")
    names = tables["Unit"].set_index("unit_id")["name"]
    table = table.assign(
        left_id=table["previous_unit_id"],
        left_name=table["previous_unit_id"].map(names),
        right_id=table["unit_id"],
        right_name=table["unit_id"].map(names),
    )
    return _between_units(table, "n_moves")


def _tallied(pairs: pd.DataFrame, left: str, right: str) -> pd.DataFrame:
    """Count pairs and people, and find the middle and the 90th percentile of the gaps."""
    groups = pairs.assign(gap_s=pairs["gap_s"].astype(float)).groupby([left, right])
    return pd.DataFrame(
        {
            "n": groups.size(),
            "n_patients": groups["patient_key"].nunique(),
            "median_gap_h": groups["gap_s"].quantile(0.5) / 3600,
            "p90_gap_h": groups["gap_s"].quantile(0.9) / 3600,
        }
    ).reset_index()


def _between_units(table: pd.DataFrame, count: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "from_unit": table["left_id"],
            "from_unit_name": table["left_name"],
            "to_unit": table["right_id"],
            "to_unit_name": table["right_name"],
            count: table["n"],
            "n_patients": table["n_patients"],
            "median_gap_h": table["median_gap_h"],
            "p90_gap_h": table["p90_gap_h"],
        }
    ).sort_values(["from_unit", "to_unit"])


_UNIT = ("node_key", "unit_id", "name")

_INDEX_COLUMNS = {
    "Stay": (
        "node_key", "stay_id", "started_at", "started_s", "started_day", "ended_at", "ended_s",
        "ended_dead", "is_acute_first", "municipality_code",
    ),
    "Patient": ("node_key", "patient_id", "birth_year", "sex"),
    "HAD_STAY": ENDS,
}  # fmt: skip

ANSWERS: Mapping[str, Answer] = {
    "readmission_index": Answer(
        _readmission_index, {**_INDEX_COLUMNS, "Unit": _UNIT, "DISCHARGED_FROM": ENDS}
    ),
    "readmission_rates": Answer(_readmission_rates, _INDEX_COLUMNS),
    "readmissions": Answer(
        _readmissions,
        {
            "Stay": (
                "node_key", "stay_id", "started_at", "started_s", "started_day", "ended_at",
                "ended_s", "ended_day", "ended_dead", "is_acute_first",
            ),
            "Patient": ("node_key", "patient_id"),
            "Unit": _UNIT,
            "HAD_STAY": ENDS,
            "DISCHARGED_FROM": ENDS,
            "ADMITTED_TO": ENDS,
        },
    ),
    "revolving_door": Answer(
        _revolving_door,
        {
            "Stay": (
                "node_key", "stay_id", "started_at", "started_s", "ended_s", "ended_dead",
                "is_acute_first", "unit_ids",
            ),
            "Patient": ("node_key", "patient_id", "died_day"),
            "HAD_STAY": ENDS,
        },
    ),
    "transfers": Answer(
        _transfers,
        {
            "Stay": ("node_key", "started_s"),
            "Unit": _UNIT,
            "HAD_STAY": ENDS,
            "NEXT_STAY": (*ENDS, "gap_s"),
            "DISCHARGED_FROM": ENDS,
            "ADMITTED_TO": ENDS,
        },
    ),
    "unit_moves": Answer(
        _unit_moves,
        {
            "PART_OF_STAY": (*ENDS, "unit_id", "previous_unit_id", "gap_s", "started_s"),
            "Unit": _UNIT,
            "HAD_STAY": ENDS,
        },
    ),
    **peers_pandas_coordination.ANSWERS,
    **peers_pandas_discharges.ANSWERS,
    **peers_pandas_networks.ANSWERS,
    **peers_pandas_plans.ANSWERS,
    **peers_pandas_referrals.ANSWERS,
}  # fmt: skip
"""Finding to what answers it."""
