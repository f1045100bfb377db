"""The networks in pandas, units shown as departments.

Written from ``docs/definitions.md#networks``; all columns are given.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from benchmarks.peers_pandas_parts import ENDS, HELD, Answer, Columns, Tables, holds, iso_dates
from benchmarks.question import Question

__all__ = ["ANSWERS"]

_LEVELS = ("hospital", "psychiatry", "emergency", "gp", "municipal")
_GREAT = ("department", "clinic", "hospital", "trust")
_PAIR = ["from_id", "to_id"]

_UNITS: Columns = {
    "Unit": ("node_key", "unit_id", "name", "kind", "level", "valid_to_day", "replaced_by"),
    "PART_OF": ENDS,
}
_CONTACTS: Columns = {
    "Contact": ("node_key", "started_day", "has_children"),
    "HAD": ENDS,
    "AT": ENDS,
}


def _shown(tables: Tables, question: Question) -> pd.Series:
    """Return the unit as which each unit of a level that counts is shown: id by key."""
    units = tables["Unit"].set_index("unit_id")
    ids = tables["Unit"].set_index("node_key")["unit_id"]
    over = units["replaced_by"].notna() & (
        units["valid_to_day"] <= question.parameters["as_of_day"]
    )
    following = units.loc[over, "replaced_by"].to_dict()
    part_of = tables["PART_OF"]
    above = dict(zip(part_of["from_key"].map(ids), part_of["to_key"].map(ids), strict=True))

    def stands(unit: str) -> str:
        seen = [unit]
        while seen[-1] in following:
            if following[seen[-1]] in seen:
                return unit
            seen.append(following[seen[-1]])
        return seen[-1]

    def node(unit: str) -> str:
        unit = stands(unit)
        while units.at[unit, "kind"] not in _GREAT and unit in above:
            unit = stands(above[unit])
        # Without any such unit the topmost one is where the way ends.
        return unit

    counted = ids[ids.map(units["level"]).isin(_LEVELS)]
    return counted.map(node)


def _leaves(tables: Tables, question: Question) -> pd.DataFrame:
    """Return the contacts in the period with their patients and the nodes that they were at."""
    ask = question.parameters
    contacts = tables["Contact"]
    first = ask["as_of_day"] - ask["period_days"] + 1
    is_in = contacts["started_day"].between(first, ask["as_of_day"]) & ~contacts["has_children"]
    contacts = contacts.loc[is_in, ["node_key", "started_day"]]
    patients = tables["HAD"].rename(columns={"from_key": "patient_key", "to_key": "node_key"})
    places = tables["AT"].rename(columns={"from_key": "node_key", "to_key": "unit_key"})
    leaves = contacts.merge(patients, on="node_key").merge(places, on="node_key")
    leaves["to_id"] = leaves["unit_key"].map(_shown(tables, question))
    return leaves[leaves["to_id"].notna()]


def _counted(pairs: pd.DataFrame) -> pd.DataFrame:
    """Count patients and rows of each pair of nodes, and the patients of each node."""
    once = pairs.drop_duplicates(["patient_key", *_PAIR])
    ties = once.groupby(_PAIR, dropna=False).size().rename("n_patients").reset_index()
    times = pairs.groupby(_PAIR, dropna=False).size().rename("n").reset_index()
    ties = ties.merge(times, on=_PAIR)
    for end, name in (("from_id", "from_patients"), ("to_id", "to_patients")):
        people = pairs.drop_duplicates(["patient_key", end])
        in_all = people.groupby(end, dropna=False).size().rename(name).reset_index()
        ties = ties.merge(in_all, on=end)
    return ties


def _with_units(ties: pd.DataFrame, tables: Tables, end: str) -> pd.DataFrame:
    """Put name, kind and level of the units at one end beside the ties."""
    units = tables["Unit"].set_index("unit_id")
    known = {name: ties[f"{end}_id"].map(units[name]) for name in ("name", "kind", "level")}
    return ties.assign(**{f"{end}_{name}": column for name, column in known.items()})


def _between_units(ties: pd.DataFrame, tables: Tables, question: Question) -> pd.DataFrame:
    named = _with_units(_with_units(ties, tables, "from"), tables, "to")
    return named[list(question.columns)]


def _shared_patients(tables: Tables, question: Question) -> pd.DataFrame:
    came = _leaves(tables, question)[["patient_key", "to_id"]].drop_duplicates()
    in_all = came["to_id"].value_counts()
    both = came.rename(columns={"to_id": "from_id"}).merge(came, on="patient_key")
    both = both[both["from_id"] < both["to_id"]]
    ties = both.groupby(_PAIR).size().rename("n_patients").reset_index()
    ties["from_patients"] = ties["from_id"].map(in_all)
    ties["to_patients"] = ties["to_id"].map(in_all)
    return _between_units(ties, tables, question)


def _unit_transfers(tables: Tables, question: Question) -> pd.DataFrame:
    following = tables["NEXT_CONTACT"]
    following = following[following["gap_s"] <= question.parameters["max_gap_d"] * 86_400]
    came = following.merge(_leaves(tables, question), left_on="to_key", right_on="node_key")
    left = came["from_key"].map(tables["AT"].set_index("from_key")["to_key"])
    came["from_id"] = left.map(_shown(tables, question))
    ties = _counted(came[came["from_id"].notna()]).rename(columns={"n": "n_contacts"})
    return _between_units(ties, tables, question)


def _municipality_units(tables: Tables, question: Question) -> pd.DataFrame:
    places = tables["Municipality"].set_index("node_key")
    homes = tables["LIVES_IN"].rename(columns={"from_key": "patient_key"})
    lived = _leaves(tables, question).merge(homes, on="patient_key")
    lived = lived[holds(lived, lived["started_day"])]
    pairs = lived.assign(from_id=lived["to_key"].map(places["municipality_code"]))
    ties = _counted(pairs).rename(columns={"n": "n_contacts"})
    names = places.set_index("municipality_code")["name"]
    ties["from_name"] = ties["from_id"].map(names)
    ties = ties.assign(from_kind="municipality", from_level=None)
    return _with_units(ties, tables, "to")[list(question.columns)]


def _referral_network(tables: Tables, question: Question) -> pd.DataFrame:
    ask = question.parameters
    shown = _shown(tables, question)
    referrals = tables["Referral"]
    days = pd.Series([ask["as_of_day"] - ask["period_days"] + 1, ask["as_of_day"]])
    first, last = iso_dates(days)
    pairs = referrals[referrals["sent_at"].str[:10].between(first, last)].copy()
    owners = tables["WAS_REFERRED"].set_index("to_key")["from_key"]
    pairs["patient_key"] = pairs["node_key"].map(owners)
    for end, table in (("from_id", "FROM_UNIT"), ("to_id", "TO_UNIT")):
        unit = pairs["node_key"].map(tables[table].set_index("from_key")["to_key"])
        pairs[end] = unit.map(shown)
        pairs = pairs[unit.isna() | pairs[end].notna()]
    ties = _counted(pairs).rename(columns={"n": "n_referrals"})
    return _between_units(ties, tables, question)


ANSWERS: Mapping[str, Answer] = {
    "municipality_units": Answer(
        _municipality_units,
        {
            **_UNITS,
            **_CONTACTS,
            "LIVES_IN": HELD,
            "Municipality": ("node_key", "municipality_code", "name"),
        },
    ),
    "referral_network": Answer(
        _referral_network,
        {
            **_UNITS,
            "Referral": ("node_key", "sent_at"),
            "WAS_REFERRED": ENDS,
            "FROM_UNIT": ENDS,
            "TO_UNIT": ENDS,
        },
    ),
    "shared_patients": Answer(_shared_patients, {**_UNITS, **_CONTACTS}),
    "unit_transfers": Answer(
        _unit_transfers, {**_UNITS, **_CONTACTS, "NEXT_CONTACT": (*ENDS, "gap_s")}
    ),
}
"""Network to what pandas reads for it and how it answers."""
