"""Who is something to one patient on a day, and who is not there.

Tables of one patient in, rows out; days are numbers since 1970-01-01. The definitions are those of
``docs/definitions.md#patient-team``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pathgraph.analysis.coordination import ruling_assessments
from pathgraph.analysis.days import iso_dates

__all__ = [
    "contacts_that_go_on",
    "declined_rows",
    "gap_rows",
    "held_rows",
    "place_rows",
    "referral_rows",
    "team",
]

Row = dict[str, Any]

_COLUMNS = (
    "role", "about", "level", "holder_id", "holder_kind", "unit", "unit_name", "since", "status",
)  # fmt: skip
_KEY = ("role", "about", "level", "holder_id", "unit", "since")
_PHYSICIANS = frozenset({"contact_physician", "contact_psychologist"})


def team(rows: Sequence[Row], patient_id: str) -> pd.DataFrame:
    """Return the rows as a table, each once; all columns are texts."""
    different = {tuple(row[name] for name in _KEY): row for row in rows}
    columns: dict[str, list[Any]] = {
        name: [row[name] for row in different.values()] for name in _COLUMNS
    }
    columns["patient_id"] = [patient_id] * len(different)
    return pd.DataFrame({name: pd.Series(v, dtype="object") for name, v in columns.items()})


def held_rows(valid: pd.DataFrame, *, is_about_subject: bool = False) -> Iterator[Row]:
    """Yield a row for each role or ownership that holds.

    Parameters
    ----------
    valid
        As ``holders.valid_on`` gives them.
    is_about_subject
        The subject is what the role is about (a plan), not the patient.
    """
    since = iso_dates(valid["held_from"])
    for row, day in zip(valid.to_dict("records"), since, strict=True):
        yield _row(
            str(row["kind"]),
            about=row["subject"] if is_about_subject else None,
            level=row["level"],
            holder=(row["holder_kind"], row["holder_id"]),
            unit=(row["unit_id"], row["unit_name"]),
            since=day,
        )


def contacts_that_go_on(contacts: pd.DataFrame, as_of_s: int) -> pd.DataFrame:
    """Return the contacts that go on after the day, and say which of them a stay is made of.

    Parameters
    ----------
    contacts
        Of one patient, begun and not ended: ``contact_id``, ``parent_id``, ``level``,
        ``care_level``, ``ended_s`` [s], and of the stay that they are part of ``sequence`` and
        ``part_from_s`` [s], null where they are part of none.
    as_of_s
        First second after the day [s].

    Returns
    -------
    Those rows with ``is_of_stay``.
    """
    by_id = {row["contact_id"]: row for row in contacts.to_dict("records")}

    def goes_on(row: Mapping[Any, Any]) -> bool:
        if not pd.isna(row["ended_s"]):
            return True
        if isinstance(row["parent_id"], str):
            # Without an end it goes on as long as what it is part of.
            return row["parent_id"] in by_id and goes_on(by_id[row["parent_id"]])
        return bool(row["care_level"] == "overnight" or row["level"] == "municipal")

    found = contacts[np.array([goes_on(row) for row in by_id.values()], dtype=bool)]
    is_of_stay = found["part_from_s"].lt(as_of_s).fillna(False).to_numpy(dtype=bool)
    return found.assign(is_of_stay=is_of_stay)


def place_rows(contacts: pd.DataFrame) -> Iterator[Row]:
    """Yield the ward of the current stay and the municipal services that go on.

    Parameters
    ----------
    contacts
        As :func:`contacts_that_go_on` gives them, with ``contact_id``, ``level``, ``started_at``,
        ``unit_id``, ``unit_name``.
    """
    for row in contacts.to_dict("records"):
        is_municipal = row["level"] == "municipal"
        # Only a contact without further ones in it has a place within its stay.
        if is_municipal or (row["is_of_stay"] and not pd.isna(row["sequence"])):
            yield _row(
                "service" if is_municipal else "ward",
                about=row["contact_id"],
                level=row["level"],
                holder=("unit", row["unit_id"]),
                unit=(row["unit_id"], row["unit_name"]),
                since=row["started_at"][:10],
            )


def referral_rows(referrals: pd.DataFrame) -> Iterator[Row]:
    """Yield the referrals that are open: ``referral_id``, ``sent_at``, ``level``, unit."""
    for row in referrals.to_dict("records"):
        yield _row(
            "referral",
            about=row["referral_id"],
            level=row["level"],
            holder=("unit", row["unit_id"]),
            unit=(row["unit_id"], row["unit_name"]),
            since=row["sent_at"][:10],
        )


def declined_rows(assessments: pd.DataFrame) -> Iterator[Row]:
    """Yield what the patient has declined by the latest assessment.

    Parameters
    ----------
    assessments
        ``need``, ``status``, ``assessed_day`` [d], ``assessed_on``.
    """
    ruling = ruling_assessments(assessments.assign(patient_id=assessments["need"]))
    for row in ruling[ruling["status"] == "declined"].to_dict("records"):
        yield _row(str(row["need"]), since=row["assessed_on"], status="declined")


def gap_rows(
    rows: Sequence[Row],
    *,
    plans: Sequence[str],
    contacts: pd.DataFrame,
    missing_coordinators: Sequence[Mapping[str, Any]],
    has_gps: bool,
    as_of_day: int,
) -> Iterator[Row]:
    """Yield a row for each role that nobody holds and somebody should.

    Parameters
    ----------
    rows
        What is held or declined.
    plans
        Active plans.
    contacts
        As :func:`place_rows` takes them, with ``due_day`` [d] of the stay that they are part of.
    missing_coordinators
        ``duty_level`` and ``since`` of each level that should name a coordinator and has not.
    has_gps
        The data hold general practitioners at all.
    as_of_day
        The day [d].
    """
    held = {(row["role"], row["about"]) for row in rows}
    roles = {role for role, _ in held}
    if "gp" not in roles:
        yield _row("gp", level="gp", status="gap" if has_gps else "not_recorded")
    due = contacts.loc[contacts["is_of_stay"], "due_day"].dropna()
    if len(due) and int(due.min()) <= as_of_day and not roles & _PHYSICIANS:
        yield _row("contact_physician", since=_date(int(due.min())), status="gap")
    for missing in missing_coordinators:
        yield _row("coordinator", level=missing["duty_level"], since=missing["since"], status="gap")
    for plan in plans:
        if ("plan_owner", plan) not in held:
            yield _row("plan_owner", about=plan, status="gap")


def _row(
    role: str,
    *,
    about: object = None,
    level: object = None,
    holder: tuple[object, object] = (None, None),
    unit: tuple[object, object] = (None, None),
    since: object = None,
    status: str = "held",
) -> Row:
    values = (role, about, level, holder[1], holder[0], unit[0], unit[1], since, status)
    return {
        name: value if isinstance(value, str) else None
        for name, value in zip(_COLUMNS, values, strict=True)
    }


def _date(day: int) -> str:
    return str(iso_dates(pd.Series([float(day)])).iloc[0])
