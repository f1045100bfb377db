"""Who should have a coordinator, who has none, and whose coordinator is gone.

Tables in, tables out; days are numbers since 1970-01-01. The definitions are those of
``docs/definitions.md#coordination-need`` and the sections after it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from pathgraph.analysis.days import iso_dates
from pathgraph.analysis.holders import DUTY_LEVELS

__all__ = [
    "coordination_need",
    "coordination_proxy",
    "duties_met",
    "ended_coordinators",
    "ruling_assessments",
]

_DENIED = ("declined", "criteria_not_met")
_REASONS = ("role_ended", "holder_left", "unit_closed")


def ruling_assessments(assessments: pd.DataFrame) -> pd.DataFrame:
    """Return the latest assessment of each patient.

    Parameters
    ----------
    assessments
        Of one need, made by the day: ``patient_id``, ``status``, ``assessed_day`` [d].

    Examples
    --------
    >>> ruling_assessments(pd.DataFrame({"patient_id": ["p", "p"], "status": ["needs", "declined"],
    ...                                  "assessed_day": [2, 1]})).to_dict("list")
    {'patient_id': ['p'], 'status': ['needs'], 'assessed_day': [2]}
    """
    latest = assessments.sort_values(["patient_id", "assessed_day"])
    return latest.drop_duplicates("patient_id", keep="last", ignore_index=True)


def coordination_proxy(
    dates: pd.DataFrame,
    services: pd.DataFrame,
    *,
    clinic_of: Mapping[str, str],
    min_dates: int,
    min_span_d: int,
    min_overlap_d: int,
) -> pd.DataFrame:
    """Find patients whose use of services tells that somebody should coordinate them.

    Parameters
    ----------
    dates
        ``patient_id``, ``unit_id``, ``started_day`` [d]: days with contacts at specialist units.
    services
        ``patient_id``, ``kind``, ``first_day``, ``last_day`` [d]: municipal services.
    clinic_of
        Clinic of each unit.
    min_dates, min_span_d, min_overlap_d
        Fewest days at a clinic, shortest time from the first to the last, and shortest overlap of
        two such times [d].

    Returns
    -------
    ``patient_id``, ``duty_level``, ``since_day`` (first day of the earliest overlap), ``clinics``
    (a sorted list).
    """
    clinics = _clinic_spans(dates, clinic_of, min_dates=min_dates, min_span_d=min_span_d)
    two = clinics.merge(clinics, on="patient_id", suffixes=("", "_other"))
    two = two[two["clinic"] != two["clinic_other"]]
    both = clinics.merge(services, on="patient_id", suffixes=("", "_other"))
    return pd.concat(
        [
            _overlapping(two, min_overlap_d, "specialist"),
            _overlapping(both, min_overlap_d, "municipal"),
        ],
        ignore_index=True,
    )


def _clinic_spans(
    dates: pd.DataFrame, clinic_of: Mapping[str, str], *, min_dates: int, min_span_d: int
) -> pd.DataFrame:
    """Return the first and the last day of each patient at each clinic, where they are enough.

    One number stands for patient, clinic and day meanwhile: there are as many rows as contacts in
    a year.
    """
    patient, patients = pd.factorize(dates["patient_id"])
    unit, units = pd.factorize(dates["unit_id"])
    clinic, names = pd.factorize(np.array([clinic_of[id_] for id_ in units], dtype=object))
    day = dates["started_day"].to_numpy(dtype=np.int64)
    earliest, n_days = (day.min(), np.ptp(day) + 1) if day.size else (0, 1)
    place = patient * max(len(names), 1) + (clinic[unit] if unit.size else unit)
    # Sorted, and each kept once: numpy's own unique takes ten times as long on so many.
    visits = np.sort(place * n_days + (day - earliest))
    visits = visits[np.diff(visits, prepend=-1) > 0]
    visited, visit_day = np.divmod(visits, n_days)
    first = np.flatnonzero(np.diff(visited, prepend=-1))
    n_dates = np.diff(first, append=visited.size)
    last = first + n_dates - 1
    is_enough = (n_dates >= min_dates) & (visit_day[last] - visit_day[first] >= min_span_d)
    first, last = first[is_enough], last[is_enough]
    found_patient, found_clinic = np.divmod(visited[first], max(len(names), 1))
    return pd.DataFrame(
        {
            "patient_id": np.asarray(patients, dtype=object)[found_patient],
            "clinic": np.asarray(names, dtype=object)[found_clinic],
            "first_day": visit_day[first] + earliest,
            "last_day": visit_day[last] + earliest,
        }
    )


def _overlapping(pairs: pd.DataFrame, min_overlap_d: int, duty_level: str) -> pd.DataFrame:
    first = pairs[["first_day", "first_day_other"]].astype("float64").max(axis=1)
    last = pairs[["last_day", "last_day_other"]].astype("float64").min(axis=1)
    pairs = pairs.assign(since_day=first)[(last - first >= min_overlap_d).to_numpy(dtype=bool)]
    since = pairs.groupby("patient_id")["since_day"].min()
    named = pairs[["patient_id", "clinic"]].drop_duplicates().sort_values("clinic")
    clinics: dict[str, list[str]] = {}
    for patient, clinic in zip(
        named["patient_id"].to_list(), named["clinic"].to_list(), strict=True
    ):
        clinics.setdefault(patient, []).append(clinic)
    return pd.DataFrame(
        {
            "patient_id": since.index,
            "since_day": since.to_numpy(),
            "clinics": pd.Series([clinics[id_] for id_ in since.index], dtype="object"),
            "duty_level": duty_level,
        }
    )


def coordination_need(
    assessments: pd.DataFrame, served: pd.DataFrame, proxy: pd.DataFrame
) -> pd.DataFrame:
    """Say who should have a coordinator at which duty level.

    Parameters
    ----------
    assessments
        Of the need of a coordinator, as :func:`ruling_assessments` takes them.
    served
        ``patient_id``, ``level``: levels of care that saw the patient lately.
    proxy
        As :func:`coordination_proxy` gives it.

    Returns
    -------
    ``patient_id``, ``duty_level``, ``basis`` (``recorded_need`` or ``proxy``), ``since`` (ISO
    date), ``since_day`` [d], ``clinics`` (list).
    """
    ruling = ruling_assessments(assessments)
    needs = ruling[ruling["status"] == "needs"]
    duties = served.assign(duty_level=served["level"].map(dict(DUTY_LEVELS)))
    duties = duties.dropna(subset=["duty_level"])[["patient_id", "duty_level"]].drop_duplicates()
    recorded = needs.merge(duties, on="patient_id", how="left")
    # Somebody must name a coordinator also for who has no contact: the municipality.
    recorded["duty_level"] = recorded["duty_level"].fillna("municipal")
    recorded = pd.DataFrame(
        {
            "patient_id": recorded["patient_id"],
            "duty_level": recorded["duty_level"],
            "basis": "recorded_need",
            "since_day": recorded["assessed_day"].astype("float64"),
            "clinics": pd.Series([[] for _ in range(len(recorded))], recorded.index, dtype=object),
        }
    )
    is_ruled = ruling["status"].isin(["needs", *_DENIED])
    open_to_proxy = ~proxy["patient_id"].isin(ruling.loc[is_ruled, "patient_id"])
    found = pd.concat([recorded, proxy[open_to_proxy].assign(basis="proxy")], ignore_index=True)
    return found.assign(since=iso_dates(found["since_day"].astype("float64")))


def duties_met(valid: pd.DataFrame) -> pd.DataFrame:
    """Return at which duty levels somebody holds a role; an unknown level meets any duty.

    Parameters
    ----------
    valid
        Rows of ``holders.valid_on``: ``subject`` (the patient), ``level``.

    Returns
    -------
    ``valid`` with ``patient_id`` and ``duty_level``, one row for each duty level that is met.
    """
    known = valid.assign(duty_level=valid["level"].map(dict(DUTY_LEVELS)).astype("object"))
    unknown = valid[valid["level"].isna()]
    parts = [known[known["duty_level"].notna()]]
    parts += [unknown.assign(duty_level=level) for level in sorted(set(DUTY_LEVELS.values()))]
    filled = [part for part in parts if len(part)] or parts[:1]
    return pd.concat(filled, ignore_index=True).rename(columns={"subject": "patient_id"})


def ended_coordinators(
    placed: pd.DataFrame,
    valid: pd.DataFrame,
    assessments: pd.DataFrame,
    *,
    within_days: int,
    as_of_day: int,
) -> pd.DataFrame:
    """Find patients whose last coordinator at a duty level is gone.

    Parameters
    ----------
    placed, valid
        The roles as ``holders.place_holdings`` gives them, and those of them that hold on the day;
        ``subject`` is the patient.
    assessments
        As :func:`ruling_assessments` takes them.
    within_days
        The role ended less than so many days before the day [d].

    Returns
    -------
    Columns as ``cypher/findings/ended_coordinator.cypher`` declares them.
    """
    ends = _role_ends(duties_met(placed))
    # Of several roles the one that lasted longest was the last coordinator.
    last = ends.sort_values(
        ["patient_id", "duty_level", "end", "rank", "holder_id"],
        ascending=[True, True, False, True, True],
    ).drop_duplicates(["patient_id", "duty_level"])
    is_recent = (last["end"] <= as_of_day) & (last["end"] > as_of_day - within_days)
    last = last[is_recent.to_numpy(dtype=bool)]
    held = pd.MultiIndex.from_frame(duties_met(valid)[["patient_id", "duty_level"]])
    last = last[~pd.MultiIndex.from_frame(last[["patient_id", "duty_level"]]).isin(held)]
    ruling = ruling_assessments(assessments).set_index("patient_id")["status"]
    status = last["patient_id"].map(ruling).astype("object").fillna("not_assessed")
    last = last.assign(need_status=status)[~status.isin(_DENIED).to_numpy(dtype=bool)]
    return last.assign(
        # Without rows a list would make numbers of it.
        reason=pd.Series([_REASONS[n] for n in last["rank"]], index=last.index, dtype="object"),
        ended_on=iso_dates(last["end"]),
        days_without=as_of_day - last["end"],
        last_holder=last["holder_id"],
        unit=last["unit_id"].where(last["unit_id"].notna(), None),
        unit_name=last["unit_name"].where(last["unit_name"].notna(), None),
    )


def _role_ends(placed: pd.DataFrame) -> pd.DataFrame:
    """Return when each role ended at each place, and by what, where it was held there at all."""
    ends = placed[["held_to", "employed_to", "unit_to"]].to_numpy(dtype=np.float64)
    begins = placed[["held_from", "employed_from", "unit_from"]].to_numpy(dtype=np.float64)
    end, begin = ends.min(axis=1), begins.max(axis=1)
    held: pd.DataFrame = placed.assign(end=end, rank=ends.argmin(axis=1)).loc[begin < end]
    return held
