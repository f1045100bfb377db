"""How many of each finding's patients belong to each place, against the spread of the others."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.spread import against_others
from pathgraph.errors import TableNotLoadedError
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.distribution import EVER, bases, distribution
from pathgraph.queries.run import Context
from pathgraph.queries.worklists import WORK_LISTS
from pathgraph.sentence import sentence

__all__ = ["COUNTED", "fold"]

COUNTED = (
    *(work_list.finding for work_list in WORK_LISTS if not work_list.is_of_team),
    "readmissions", "priority",
)  # fmt: skip
"""Findings that are counted by place: the work lists that are not the team's alone, readmissions,
and who is in several lists."""

_ALIKE = ("clinic", "gp_practice", "emergency_unit")
"""Sorts of units that do the same; municipal services, for one, do not."""


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a finding and place; ``table`` holds the municipalities."""
    by = context.text("by")
    n_all = context.query("birth_years").num_rows
    counted = [rows for id_ in COUNTED if (rows := _divided(id_, by, context)) is not None]
    rows = pd.concat(counted, ignore_index=True) if counted else _EMPTY
    rows = rows[rows["value"].notna()]
    places = _places(by, table, context)
    rows = _with_zeros(rows, places).reset_index(drop=True)
    rows["group"] = rows["finding"] + " " + rows["value"].map(places["group"])
    compared = against_others(rows[["group", "share"]])
    return pd.DataFrame(
        {
            "finding": rows["finding"],
            "place": rows["value"],
            "place_name": rows["name"],
            "n_patients": rows["n_patients"],
            "n_people": rows["n_people"],
            "n_all": n_all,
            "share": rows["share"].astype("float64"),
            **{name: _nullable(compared, name) for name in compared.columns},
        }
    )


_EMPTY = pd.DataFrame(columns=["finding", "value", "name", "n_patients", "n_people", "share"])


def _divided(finding_id: str, by: str, context: Context) -> pd.DataFrame | None:
    """Return a finding's patients by place; ``None`` where it has no such places or no answer."""
    if by not in bases(find_finding(finding_id, context.folder)):
        return None
    try:
        found = distribution(
            context.engine,
            finding_id,
            by,
            as_of=context.as_of,
            suppress_below=0,
            timeout_s=context.timeout_s,
            folder=context.folder,
            answers=context.answers,
            caller=context.caller,
        )
    except TableNotLoadedError:
        context.notes.append(
            sentence("Not answered, since tables were not loaded: {finding}.", finding=finding_id)
        )
        return None
    frame: pd.DataFrame = found.table.to_pandas()
    return frame.assign(finding=finding_id)


def _places(by: str, municipalities: pa.Table, context: Context) -> pd.DataFrame:
    """Return name, people and group of each place; it is compared with the others of its group.

    Municipalities of the formal division are one group, and the rest another; a clinic's or
    practice's is that of the same sort at the same level of care, and others have none.
    """
    if by == "municipality":
        found: pd.DataFrame = municipalities.to_pandas().set_index("place")
        is_in = found["hospital_area"].notna()
        return found.assign(group=is_in.map({True: "in", False: "out"}), n_people=0)
    units: pd.DataFrame = context.run("units", {"within_days": EVER}).to_pandas()
    found = units[units["clinic"] == units["unit"]].set_index("unit")
    group = (found["kind"] + " " + found["level"]).where(found["kind"].isin(_ALIKE))
    return pd.DataFrame(
        {"name": found["unit_name"], "group": group, "n_people": found["n_patients"]}
    )


def _with_zeros(rows: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """Add the places of a finding's groups to which patients came and none of them is in it."""
    added = []
    for finding, found in rows.groupby("finding"):
        groups = set(found["value"].map(places["group"]))
        is_absent = (
            places["group"].isin(groups)
            & places["group"].notna()
            & (places["n_people"] > 0)
            & ~places.index.isin(set(found["value"]))
        )
        absent = places[is_absent].reset_index(names="value")
        added.append(absent.assign(finding=finding, n_patients=0, share=0.0))
    filled = [frame[_EMPTY.columns] for frame in added if len(frame)]
    return pd.concat([rows, *filled], ignore_index=True) if filled else rows


def _nullable(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    return frame[name].astype("Int64") if name.startswith("n_") else frame[name]
