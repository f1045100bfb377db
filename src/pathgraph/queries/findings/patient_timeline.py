"""A patient's timeline: one row an event or period, as known on the day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pathgraph.analysis.known_ends import with_known_ends
from pathgraph.analysis.timeline import (
    COLUMNS,
    Course,
    assessment_rows,
    contact_rows,
    death_row,
    notice_rows,
    plan_rows,
    ready_rows,
    referral_rows,
    residence_rows,
    revision_rows,
    stay_rows,
)
from pathgraph.analysis.timeline_roles import placed_rows, role_rows
from pathgraph.errors import UsageError
from pathgraph.queries.frame import rows_of
from pathgraph.queries.run import Context
from pathgraph.sentence import sentence

__all__ = ["fold"]

Row = dict[str, Any]

_TABLES = (
    "residences", "roles", "plans", "plan_statuses", "plan_revisions", "plan_owners", "needs",
    "referrals", "ready_periods", "notices",
)  # fmt: skip
_FLAGS = ("goes_on", "has_time", "is_acute")
_NOWHERE = (None, None)
_MEMBER = (
    "stay_id", "contact_id", "sequence", "unit_id", "started_s", "ended_s", "ended_at",
    "ended_dead", "has_parent",
)  # fmt: skip


def fold(table: pa.Table, context: Context) -> pa.Table:
    """Return one row an event; ``table`` holds the contacts, once for each thing they lead to."""
    own = context.query("patient").to_pylist()
    if not own:
        raise UsageError(sentence("No patient of the graph has the id that was given. Check it."))
    parts = context.query("parts").to_pylist() if _leads_on(own) else []
    places = context.query("places")
    contacts: list[Row] = table.to_pylist()
    day = context.as_of_day
    plans = [row for row in own if row["plan_id"] and _is_by(row["valid_from_day"], day)]
    stays, course = _stays_and_course(own, parts, contacts, context)
    rows = [
        *contact_rows(course),
        *stay_rows(stays),
        *_around_discharge(contacts, course, context),
        *_referrals(own, parts, course, context),
        *_of_plans(plans, parts, day),
        *_roles(plans, parts, places, context),
        *residence_rows(_residences(own, day), day),
        *assessment_rows(row for row in own if row["need"] and row["assessed_day"] <= day),
        *death_row(own[0]["died_day"], day),
    ]
    _say_what_is_not_loaded(context)
    return _table(_named(rows, places, context), context.text("patient"))


def _leads_on(own: Sequence[Row]) -> bool:
    return any(row[name] for row in own for name in ("stay_id", "plan_id", "referral_id"))


def _is_by(start: int | None, day: int) -> bool:
    """Whether it had begun by a day; a beginning that is not recorded was before."""
    return start is None or start <= day


def _stays_and_course(
    own: Sequence[Row], parts: Sequence[Row], contacts: Sequence[Row], context: Context
) -> tuple[list[Row], Course]:
    by_id = {row["contact_id"]: row for row in contacts}
    parents = {row["contact_id"]: row["parent_id"] for row in contacts if row["parent_id"]}
    members = [
        {**row, "has_parent": row["contact_id"] in parents}
        for row in contacts
        if row["stay_id"]
        and row["part_from_s"] < context.as_of_s
        # A contact may begin before the admission that it is part of.
        and parents.get(row["contact_id"], row["contact_id"]) in by_id
    ]
    units = {row["stay_id"]: row["unit_id"] for row in parts if row["stay_id"]}
    begun = [
        {**row, "unit_id": units.get(row["stay_id"])}
        for row in own
        if row["stay_id"] and row["started_s"] < context.as_of_s
    ]
    stays = _as_known(begun, members, context.as_of_s)
    course = Course(
        by_id,
        parents,
        {row["contact_id"]: row["stay_id"] for row in members},
        {row["stay_id"]: row["ended_at"] for row in stays},
        context.as_of_s,
        bool(context.load.get("has_time", True)),
    )
    return stays, course


def _as_known(stays: Sequence[Row], members: Sequence[Row], as_of_s: int) -> list[Row]:
    """Return the stays with end and unit as known on the day."""
    known: list[Row] = []
    others: list[Row] = []
    for row in stays:
        has_ended = row["ended_s"] is not None and row["ended_s"] < as_of_s
        (known if has_ended else others).append(row)
    if not others:
        return known
    ids = {row["stay_id"] for row in others}
    rows = [{**row, "started_s": row["part_from_s"]} for row in members if row["stay_id"] in ids]
    contacts = pd.DataFrame(rows, columns=list(_MEMBER)).astype(
        {"sequence": "Int64", "started_s": "Int64", "ended_s": "Int64"}
    )
    frame = with_known_ends(
        pd.DataFrame(others).astype({"ended_s": "Int64"}), contacts, as_of_s
    ).astype("object")
    frame = frame.where(frame.notna(), None)
    return known + [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _around_discharge(contacts: Sequence[Row], course: Course, context: Context) -> Iterator[Row]:
    periods = [r for r in contacts if r["ready_period_id"] and r["ready_s"] < course.as_of_s]
    notices = [r for r in contacts if r["notice_id"] and r["sent_s"] < course.as_of_s]
    went_to: dict[str, str] = {}
    if notices:
        rows = context.query("receivers").to_pylist()
        went_to = {row["notice_id"]: row["municipality_code"] for row in rows}
    yield from ready_rows(periods, course)
    yield from notice_rows(
        ({**row, "municipality_code": went_to.get(row["notice_id"])} for row in notices), course
    )


def _referrals(
    own: Sequence[Row], parts: Sequence[Row], course: Course, context: Context
) -> Iterator[Row]:
    sent = [row for row in own if row["referral_id"] and row["sent_s"] < course.as_of_s]
    if sent:
        to = {row["referral_id"]: row["unit_id"] for row in parts if row["referral_id"]}
        rows = context.query("senders").to_pylist()
        by = {row["referral_id"]: row["unit_id"] for row in rows}
        placed = [
            {**row, "unit_id": to.get(row["referral_id"]), "from_unit": by.get(row["referral_id"])}
            for row in sent
        ]
        yield from referral_rows(placed, course.as_of_s, has_time=course.has_time)


def _of_plans(plans: Sequence[Row], parts: Sequence[Row], day: int) -> Iterator[Row]:
    for plan in plans:
        of_plan = [row for row in parts if row["plan_id"] == plan["plan_id"]]
        statuses = [
            (row["status_from_day"], row["status"])
            for row in of_plan
            if row["status"] and row["status_from_day"] <= day
        ]
        revised = [row["revised_day"] for row in of_plan if row["revised_day"] is not None]
        yield from plan_rows(plan, statuses, day)
        yield from revision_rows(plan, [on for on in revised if on <= day])


def _roles(
    plans: Sequence[Row], parts: Sequence[Row], places: pa.Table, context: Context
) -> Iterator[Row]:
    own = {plan["plan_id"] for plan in plans}
    held = [
        {**row, "subject": context.text("patient")} for row in context.query("roles").to_pylist()
    ]
    held += [
        {**row, "subject": row["plan_id"], "kind": "plan_owner"}
        for row in parts
        if row["plan_id"] in own and (row["professional_id"] or row["unit_id"])
    ]
    if held:
        holdings = [
            {
                **row,
                "holder_kind": "professional" if row["professional_id"] else "unit",
                "holder_id": row["professional_id"] or row["unit_id"],
            }
            for row in held
        ]
        ids = list(dict.fromkeys(row["holder_id"] for row in holdings))
        there = _places_of(places, ids)
        placed = list(placed_rows(holdings, there, context.as_of_day))
        yield from role_rows(placed, context.as_of_day)


def _places_of(places: pa.Table, ids: Sequence[str]) -> list[Row]:
    """Return the places of the holders: of thousands of employments those of a few."""
    asked = pa.array(ids, pa.string())
    is_known = pc.or_(
        *(
            pc.is_in(places.column(name).cast(pa.string()), asked)
            for name in ("professional_id", "unit_id")
        )
    )
    rows: list[Row] = places.filter(is_known).to_pylist()
    return rows


def _residences(own: Sequence[Row], day: int) -> Iterator[Row]:
    for row in own:
        # A stay has a municipality too.
        if row["municipality_code"] and not row["stay_id"] and _is_by(row["lived_from_day"], day):
            yield row


def _named(rows: Sequence[Row], places: pa.Table, context: Context) -> Sequence[Row]:
    """Say the names of units and municipalities, and the level of the unit."""
    ids = list({row[name] for row in rows for name in ("unit", "from_unit") if row[name]})
    named = rows_of(places, "unit_id", ids).select(["unit_id", "unit_name", "level"]).to_pylist()
    units = {row["unit_id"]: (row["unit_name"], row["level"]) for row in named}
    names: dict[str, str] = {}
    if any(row["municipality_code"] for row in rows):
        found = context.query("municipality_names").to_pylist()
        names = {row["municipality_code"]: row["name"] for row in found}
    for row in rows:
        row["unit_name"], row["level"] = units.get(row["unit"], _NOWHERE)
        row["from_unit_name"], _ = units.get(row["from_unit"], _NOWHERE)
        row["municipality_name"] = names.get(row["municipality_code"])
    return rows


def _say_what_is_not_loaded(context: Context) -> None:
    loaded = context.load.get("tables", ())
    absent = [name for name in _TABLES if name not in loaded]
    if absent:
        context.notes.append(
            sentence(
                "Not loaded, so nothing is said of what they hold: {tables}.",
                tables=", ".join(absent),
            )
        )


def _table(rows: Sequence[Row], patient: str) -> pa.Table:
    """Return the rows as a table, each once: overlapping employments say the same twice."""
    different = {tuple(row.values()): row for row in rows}
    columns = {name: [row[name] for row in different.values()] for name in COLUMNS}
    columns["patient_id"] = [patient] * len(different)
    types = {name: pa.bool_() if name in _FLAGS else pa.string() for name in COLUMNS}
    return pa.table({name: pa.array(columns[name], types[name]) for name in COLUMNS})
