"""Which findings are work lists, what makes a row of theirs current, and how it is said.

One list, :data:`WORK_LISTS`: the findings ``priority`` and ``new_since`` read it, and whoever adds
a finding that somebody should act on adds a line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

__all__ = ["WORK_LISTS", "WorkList", "current_rows", "is_among", "ranked", "said"]

_IN_ALL = {"en": "{n} in all", "nb": "{n} i alt", "nn": "{n} i alt"}


@dataclass(frozen=True, slots=True)
class WorkList:
    """A finding whose rows somebody should look at.

    Attributes
    ----------
    reasons
        What a row says, by language; it may name columns of the finding.
    on
        Columns that hold the date (or time) of the event; the latest one counts.
    is_duty
        It is about something that should be there and is not, or is there no longer.
    only
        Column to the value that a current row has.
    unset
        Columns that are empty in a current row.
    stay
        Column with the id of a stay, which must go on or have ended lately.
    is_recent
        The event itself must lie in the last days.
    covered_by
        A finding that says the same of a patient: who is in that one is left out here.
    is_of_team
        For the team alone: its patients are not counted by place, for others to read.
    """

    finding: str
    reasons: Mapping[str, str]
    on: tuple[str, ...] = ()
    is_duty: bool = False
    only: Mapping[str, object] = field(default_factory=dict)
    unset: tuple[str, ...] = ()
    stay: str = ""
    is_recent: bool = False
    covered_by: str = ""
    is_of_team: bool = False


WORK_LISTS: tuple[WorkList, ...] = (
    WorkList(
        "revolving_door",
        {
            "en": "revolving door: {n_stays} acute stays in the fullest window",
            "nb": "svingdør: {n_stays} akutte opphold i det fulleste vinduet",
            "nn": "svingdør: {n_stays} akutte opphald i det fullaste vindauget",
        },
        on=("newest_window_last_at",),
        only={"is_current": True},
    ),
    WorkList(
        "emergency_returns",
        {
            "en": "comes to emergency services again and again without being admitted",
            "nb": "kommer gjentatte ganger til øyeblikkelig hjelp uten å bli lagt inn",
            "nn": "kjem gong på gong til augeblikkeleg hjelp utan å bli lagd inn",
        },
        on=("window_last_at",),
    ),
    WorkList(
        "bouncing",
        {
            "en": "back and forth between levels of care",
            "nb": "fram og tilbake mellom nivåer",
            "nn": "fram og attende mellom nivå",
        },
        on=("returned_at",),
        is_recent=True,
    ),
    WorkList(
        "no_follow_up_after_discharge",
        {
            "en": "discharged home without recorded follow-up",
            "nb": "utskrevet til hjemmet uten registrert oppfølging",
            "nn": "skriven ut til heimen utan registrert oppfølging",
        },
        on=("ended_at",),
        is_duty=True,
        stay="stay_id",
    ),
    WorkList(
        "missing_contact_physician",
        {
            "en": "no contact physician in time",
            "nb": "ingen kontaktlege i tide",
            "nn": "ingen kontaktlege i tide",
        },
        on=("due_on",),
        is_duty=True,
        only={"status": "missing"},
        unset=("appointed_on",),
        stay="stay_id",
    ),
    WorkList(
        "missing_coordinator",
        {
            "en": "should have a coordinator and has none",
            "nb": "bør ha koordinator og har ingen",
            "nn": "bør ha koordinator og har ingen",
        },
        on=("since",),
        is_duty=True,
    ),
    WorkList(
        "ended_coordinator",
        {
            "en": "the coordinator is gone and nobody took over",
            "nb": "koordinatoren er borte, og ingen har tatt over",
            "nn": "koordinatoren er borte, og ingen har teke over",
        },
        on=("ended_on",),
        is_duty=True,
        covered_by="missing_coordinator",
    ),
    WorkList(
        "late_coordinator",
        {
            "en": "has waited long for a coordinator",
            "nb": "har ventet lenge på koordinator",
            "nn": "har venta lenge på koordinator",
        },
        on=("assessed_on",),
        is_duty=True,
        only={"status": "waiting"},
        covered_by="missing_coordinator",
    ),
    WorkList(
        "conflicting_coordinators",
        {
            "en": "two coordinators at one level",
            "nb": "to koordinatorer på samme nivå",
            "nn": "to koordinatorar på same nivå",
        },
        on=("since",),
    ),
    WorkList(
        "missing_individual_plan",
        {
            "en": "should have an individual plan and has none",
            "nb": "bør ha individuell plan og har ingen",
            "nn": "bør ha individuell plan og har ingen",
        },
        on=("since",),
        is_duty=True,
    ),
    WorkList(
        "unowned_plans",
        {
            "en": "a plan that nobody owns",
            "nb": "en plan som ingen eier",
            "nn": "ein plan som ingen eig",
        },
        on=("ended_on",),
        is_duty=True,
    ),
    WorkList(
        "contested_plans",
        {
            "en": "a plan that several own at one level",
            "nb": "en plan med flere eiere på samme nivå",
            "nn": "ein plan med fleire eigarar på same nivå",
        },
        on=("since",),
    ),
    WorkList(
        "competing_plans",
        {
            "en": "several plans of one kind",
            "nb": "flere planer av samme slag",
            "nn": "fleire planar av same slag",
        },
    ),
    WorkList(
        "stale_plans",
        {
            "en": "a plan that stands still",
            "nb": "en plan som ikke er fulgt opp",
            "nn": "ein plan som ikkje er følgd opp",
        },
        on=("revise_by", "last_revised_on", "last_acute_ended_on"),
    ),
    WorkList(
        "both_kinds_of_care",
        {
            "en": "somatic and psychiatric care without a common plan",
            "nb": "somatisk og psykiatrisk hjelp uten felles plan",
            "nn": "somatisk og psykiatrisk hjelp utan felles plan",
        },
        on=("last_somatic_on", "last_psychiatric_on"),
    ),
    WorkList(
        "child_to_adult",
        {
            "en": "soon an adult, with nothing planned in adult care",
            "nb": "snart voksen, uten noe planlagt i tjenestene for voksne",
            "nn": "snart vaksen, utan noko planlagt i tenestene for vaksne",
        },
        on=("last_child_on",),
    ),
    WorkList(
        "never_referred",
        {
            "en": "in hospital, may need the team, and is not referred to it",
            "nb": "innlagt, kan ha behov for teamet og er ikke henvist dit",
            "nn": "innlagd, kan ha behov for teamet og er ikkje vist dit",
        },
        on=("admitted_at",),
        is_of_team=True,
    ),
)


def current_rows(
    work_list: WorkList,
    table: pa.Table,
    *,
    recent_stays: Set[str],
    as_of: date,
    recent_days: int,
) -> pd.DataFrame:
    """Return the current rows of a work list.

    Parameters
    ----------
    table
        The finding's table.
    recent_stays
        Stays that go on or ended within ``recent_days``.
    as_of
        The day as of which it was asked.

    Returns
    -------
    ``patient_id``, ``on`` (ISO date of the latest event up to the day, empty where none is
    recorded) and the columns that the reasons name.
    """
    frame: pd.DataFrame = table.to_pandas()
    days = [_days(table.column(name).to_pylist(), as_of) for name in work_list.on]
    frame["on"] = pd.Series(
        [max(row) for row in zip(*days, strict=True)] if days else [""] * len(frame),
        index=frame.index,
        dtype="object",
    )
    is_current = pd.Series(True, index=frame.index)
    for name, value in work_list.only.items():
        is_current &= frame[name] == value
    for name in work_list.unset:
        is_current &= frame[name].isna()
    if work_list.stay:
        is_current &= is_among(frame[work_list.stay], recent_stays)
    if work_list.is_recent:
        is_current &= frame["on"] > (as_of - timedelta(days=recent_days)).isoformat()
    return frame[is_current.to_numpy(dtype=bool)]


def is_among(ids: pd.Series[Any], known: Set[str]) -> NDArray[np.bool_]:
    """Say which ids are known; quick where many more are known than are asked about.

    Parameters
    ----------
    known
        A set.

    Examples
    --------
    >>> is_among(pd.Series(["a", "b"]), {"b", "c"}).tolist()
    [False, True]
    """
    return np.fromiter((id_ in known for id_ in ids.to_list()), dtype=bool, count=len(ids))


def _days(values: Sequence[str | None], as_of: date) -> list[str]:
    """Return the days of dates and times, empty where there is none up to ``as_of``."""
    days = [(value or "")[:10] for value in values]
    return [day if day <= as_of.isoformat() else "" for day in days]


def said(work_list: WorkList, rows: pd.DataFrame, language: str) -> pd.DataFrame:
    """Return one row a patient: the latest row in words, and how many there are.

    Parameters
    ----------
    rows
        As :func:`current_rows` gives them.

    Returns
    -------
    ``patient_id``, ``finding``, ``is_duty``, ``on``, ``reason``.
    """
    n = rows.groupby("patient_id").size()
    latest = rows.sort_values(["patient_id", "on"], kind="stable")
    latest = latest.drop_duplicates("patient_id", keep="last")
    reasons = [
        _sentence(
            work_list.reasons[language].format_map(row),
            row["on"],
            int(n[row["patient_id"]]),
            language,
        )
        for row in latest.to_dict("records")
    ]
    return pd.DataFrame(
        {
            "patient_id": latest["patient_id"].to_numpy(dtype=object),
            "finding": work_list.finding,
            "is_duty": work_list.is_duty,
            "on": latest["on"].to_numpy(dtype=object),
            "reason": reasons,
        }
    )


def _sentence(reason: str, on: str, n: int, language: str) -> str:
    """Return a reason with its date, and with the number of rows where there are several.

    Examples
    --------
    >>> _sentence("a plan that nobody owns", "2025-01-31", 2, "en")
    'a plan that nobody owns (2025-01-31; 2 in all)'
    """
    added = [on] if on else []
    if n > 1:
        added.append(_IN_ALL[language].format(n=n))
    return f"{reason} ({'; '.join(added)})" if added else reason


def ranked(rows: Sequence[pd.DataFrame], *, min_findings: int) -> pd.DataFrame:
    """Return one row a patient in several work lists, in order of rank.

    The rank follows the number of findings, then of ended or missing duties, then the latest event,
    then the patient's id.

    Parameters
    ----------
    rows
        As :func:`said` gives them, one table a work list.

    Returns
    -------
    ``rank`` (from 1), ``patient_id``, ``n_findings``, ``n_duties``, ``findings``, ``reasons``,
    ``dates`` (lists in one order, that of :data:`WORK_LISTS`), ``latest_on`` (null where no
    date is recorded).
    """
    columns = ("patient_id", "finding", "is_duty", "on", "reason")
    filled = [frame for frame in rows if len(frame)]
    every = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
    n_findings = every.groupby("patient_id")["finding"].transform("size")
    every = every[(n_findings >= min_findings).to_numpy(dtype=bool)]
    every = every.sort_values("patient_id", kind="stable", ignore_index=True)
    grouped = every.groupby("patient_id")
    patients = pd.DataFrame(
        {
            "n_findings": grouped.size(),
            "n_duties": grouped["is_duty"].sum().astype("int64"),
            "findings": _listed(every, "finding"),
            "reasons": _listed(every, "reason"),
            "dates": _listed(every, "on"),
            "latest_on": grouped["on"].max(),
        }
    ).reset_index()
    patients = patients.sort_values(
        ["n_findings", "n_duties", "latest_on", "patient_id"],
        ascending=[False, False, False, True],
        ignore_index=True,
    )
    patients["rank"] = range(1, len(patients) + 1)
    latest = patients["latest_on"].astype("object")
    patients["latest_on"] = latest.where(latest != "", None)
    return patients


def _listed(rows: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return each patient's values as a list; the rows stand in order of patient."""
    first = rows.drop_duplicates("patient_id")
    values = rows[name].to_list()
    bounds = [*first.index.to_list(), len(values)]
    lists = [values[begin:end] for begin, end in pairwise(bounds)]
    return pd.Series(lists, index=pd.Index(first["patient_id"]), dtype="object")
