"""A patient's team: roles, plans, the ward, services and referrals, and what is not there."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.analysis.holders import place_holdings, valid_on
from pathgraph.analysis.team import (
    contacts_that_go_on,
    declined_rows,
    gap_rows,
    held_rows,
    place_rows,
    referral_rows,
    team,
)
from pathgraph.errors import TableNotLoadedError, UsageError
from pathgraph.queries.frame import frame_of
from pathgraph.queries.parts import asked_places
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

_OWN = ("contact_id", "level", "care_level", "ended_s", "started_at", "unit_id")
_OF_STAY = ("due_day", "sequence", "part_from_s")
_DAYS = ("valid_from_day", "valid_to_day")


def fold(table: pa.Table, context: Context) -> pd.DataFrame:
    """Return one row a role of the patient's; ``table`` holds the recorded roles."""
    patient = context.text("patient")
    if _has_died(context):
        context.notes.append(
            sentence("The patient had died by then: nobody holds or lacks a role.")
        )
        return team([], patient)
    _say_what_is_not_known(context)
    places = asked_places(context)

    def valid(holdings: pa.Table) -> pd.DataFrame:
        placed = place_holdings(frame_of(holdings, integers=_DAYS), places, context.as_of_day)
        return valid_on(placed, context.as_of_day)

    plans = context.query("plans").column("plan_id").to_pylist()
    owners = valid(context.query("owners"))
    contacts = contacts_that_go_on(_contacts(context), context.as_of_s)
    rows = [
        *held_rows(valid(table)),
        *held_rows(owners[owners["subject"].isin(plans)], is_about_subject=True),
        *place_rows(contacts),
        *referral_rows(frame_of(context.query("referrals"))),
        *declined_rows(frame_of(context.query("needs"), integers=["assessed_day"])),
    ]
    gaps = gap_rows(
        rows,
        plans=plans if "plan_owners" in context.load.get("tables", ()) else [],
        contacts=contacts,
        missing_coordinators=_missing_coordinators(context, patient),
        has_gps=context.query("gps").column("n").to_pylist() != [0],
        as_of_day=context.as_of_day,
    )
    return team([*rows, *gaps], patient)


def _contacts(context: Context) -> pd.DataFrame:
    """Return one row a contact: where it is, what it is part of, and of which stay."""
    found: dict[str, dict[str, Any]] = {}
    for row in context.query("contacts").to_pylist():
        contact = found.setdefault(row["contact_id"], {name: row[name] for name in _OWN})
        if row["parent_id"]:
            contact["parent_id"] = row["parent_id"]
        elif row["stay_id"]:
            contact.update({name: row[name] for name in _OF_STAY})
        else:
            contact["unit_name"] = row["unit_name"]
    columns = [*_OWN, "parent_id", "unit_name", *_OF_STAY]
    frame = pd.DataFrame(list(found.values()), columns=columns)
    return frame.astype(dict.fromkeys(("ended_s", *_OF_STAY), "Int64"))


def _has_died(context: Context) -> bool:
    rows = context.query("patient").to_pylist()
    if not rows:
        raise UsageError(sentence("No patient of the graph has the id that was given. Check it."))
    died = rows[0]["died_day"]
    return bool((died is not None and died <= context.as_of_day) or rows[0]["n_died_in"])


def _missing_coordinators(context: Context, patient: str) -> list[dict[str, Any]]:
    try:
        found = context.run("missing_coordinator")
    except TableNotLoadedError:
        return []
    rows: list[dict[str, Any]] = found.to_pylist()
    return [row for row in rows if row["patient_id"] == patient]


def _say_what_is_not_known(context: Context) -> None:
    loaded = set(context.load.get("tables", ()))
    absent = [n for n in ("plans", "plan_owners", "needs", "referrals") if n not in loaded]
    if absent:
        context.notes.append(
            sentence(
                "Not loaded, so nothing is said of what they hold: {tables}.",
                tables=", ".join(absent),
            )
        )
