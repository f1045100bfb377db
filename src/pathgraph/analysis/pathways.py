"""Pathways of one patient after another, many patients at once: pairs, windows, open stays.

Tables in, tables out; no Python loop runs over patients. Times are seconds since 1970 UTC.
The definitions are those of ``docs/definitions.md``.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["fullest_windows", "latest_pairs", "rolling_windows", "stays_under_way"]

_DAY_S = 86_400
_SHORT_GAP_S = 30 * _DAY_S


def latest_pairs(direct: pd.DataFrame, further_back: pd.DataFrame) -> pd.DataFrame:
    """Pair each acute stay with the latest eligible stay before it.

    Parameters
    ----------
    direct
        One row an acute stay with the stay just before it: ``readmission_stay_id``,
        ``is_eligible``; where eligible, the gap is known to be within the bounds.
    further_back
        One row an acute stay and an eligible stay anywhere before it, for acute stays whose stay
        just before is not eligible: ``readmission_stay_id``, ``gap_s`` [s], ``is_within`` (the
        bounds).

    Returns
    -------
    The rows of both that are readmissions, with the columns that both have.

    Examples
    --------
    >>> direct = pd.DataFrame(
    ...     {"readmission_stay_id": ["r", "q"], "gap_s": [90, 10], "is_eligible": [True, False]}
    ... )
    >>> back = pd.DataFrame(
    ...     {"readmission_stay_id": ["q", "q"], "gap_s": [70, 40], "is_within": [True, True]}
    ... )
    >>> latest_pairs(direct, back).to_dict("list")
    {'readmission_stay_id': ['r', 'q'], 'gap_s': [90, 40]}
    """
    pairs = direct[direct["is_eligible"].to_numpy(dtype=bool)].drop(columns="is_eligible")
    if further_back.empty:
        return pairs
    # The latest is the nearest; whether its gap is within the bounds is asked of it alone.
    ordered = further_back.sort_values(["readmission_stay_id", "gap_s"], kind="stable")
    latest = ordered.drop_duplicates("readmission_stay_id")
    latest = latest[latest["is_within"].to_numpy(dtype=bool)].drop(columns="is_within")
    return pd.concat([pairs, latest], ignore_index=True) if len(pairs) else latest


def stays_under_way(contacts: pd.DataFrame, as_of_s: int) -> pd.DataFrame:
    """Say what was known, at the end of a day, of stays that go on after it.

    A stay consists of the contacts that had begun. It had ended when all of its inpatient contacts
    had; a contact that begins later may have prolonged it since.

    Parameters
    ----------
    contacts
        One row a contact that had begun: ``stay_id``, ``contact_id``, ``sequence`` (place among
        the stay's contacts without children, null for one with children), ``unit_id``,
        ``started_s`` [s], ``ended_s`` [s], ``ended_dead``, ``has_parent`` (only contacts without
        one are inpatient contacts of their own); other columns beginning with ``ended_`` or
        ``unit_`` are carried along.
    as_of_s
        First second after the day [s].

    Returns
    -------
    One row a stay, by ``stay_id``: ``has_ended``, ``ended_s`` (null while it goes on),
    ``ended_dead`` (false while it goes on), ``unit_ids`` (units in order, a list), and the other
    ``ended_`` and ``unit_`` columns of the contact that it ended with.
    """
    inpatient = contacts[~contacts["has_parent"].to_numpy(dtype=bool)]
    ended = inpatient["ended_s"].lt(as_of_s).fillna(False).astype(bool)
    has_ended = ended.groupby(inpatient["stay_id"]).all().rename("has_ended")
    order = ["stay_id", "ended_s", "started_s", "contact_id"]
    last = inpatient.sort_values(order).drop_duplicates("stay_id", keep="last")
    carried = [c for c in contacts.columns if c.startswith("ended_") and c != "ended_dead"]
    known = last.set_index("stay_id")[carried].join(has_ended)
    for name in carried:
        known[name] = known[name].where(known["has_ended"])
    any_dead = inpatient["ended_dead"].astype(bool).groupby(inpatient["stay_id"]).any()
    known["ended_dead"] = any_dead.reindex(known.index).to_numpy() & known["has_ended"].to_numpy()
    leaves = contacts[contacts["sequence"].notna()].sort_values(["stay_id", "sequence"])
    known["unit_ids"] = leaves.groupby("stay_id")["unit_id"].agg(list).reindex(known.index)
    unit_columns = [c for c in contacts.columns if c.startswith("unit_")]
    discharged = leaves.drop_duplicates("stay_id", keep="last").set_index("stay_id")[unit_columns]
    return known.join(discharged)


def fullest_windows(
    stays: pd.DataFrame, *, min_stays: int, window_days: int, as_of_s: int
) -> pd.DataFrame:
    """Find each patient's fullest rolling window of acute stays.

    Parameters
    ----------
    stays
        One row an acute stay: ``patient_id``, ``is_dead`` (of the patient), ``stay_id``,
        ``started_s`` [s], ``started_at``, ``ended_s`` [s], ``unit_ids`` (JSON text).
    min_stays
        Fewest stays that make a window count.
    window_days
        Longest time from the first start to the last, inclusive [d of 24 h].
    as_of_s
        First second after the day as of which it is asked [s].

    Returns
    -------
    One row a patient with a window of at least ``min_stays`` stays; of equally full windows the
    earliest. Columns as ``cypher/findings/revolving_door.cypher`` declares them.
    """
    stays = stays.sort_values(["patient_id", "started_s", "stay_id"], ignore_index=True)
    patient, _ = pd.factorize(stays["patient_id"])
    started = stays["started_s"].to_numpy(dtype=np.int64)
    first, n = rolling_windows(patient, started, window_days * _DAY_S)
    qualifying = np.flatnonzero(n >= min_stays)
    if not qualifying.size:
        return _no_windows()
    # Rows stand in order of patient and start: the last one of a patient is the newest window,
    # and the first of the largest count is the earliest fullest one.
    newest = pd.Series(qualifying).groupby(patient[qualifying]).last()
    ranked = pd.DataFrame({"patient": patient[qualifying], "n": n[qualifying], "row": qualifying})
    ranked = ranked.sort_values(["patient", "n", "row"], ascending=[True, False, True])
    last = ranked.drop_duplicates("patient")["row"].to_numpy()
    newest_rows = newest.to_numpy()
    is_recent = as_of_s - started[newest_rows] <= window_days * _DAY_S
    result = pd.DataFrame(
        {
            "patient_id": stays["patient_id"].to_numpy()[last],
            "n_stays": n[last],
            "window_first_at": stays["started_at"].to_numpy()[first[last]],
            "window_last_at": stays["started_at"].to_numpy()[last],
            "is_current": is_recent & ~stays["is_dead"].to_numpy(dtype=bool)[last],
            "newest_window_last_at": stays["started_at"].to_numpy()[newest_rows],
        }
    )
    return result.join(_window_contents(stays, first[last], n[last]))


def rolling_windows(
    patient: np.ndarray, started: np.ndarray, length_s: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for the window that ends with each row, its first row and its number of rows.

    Parameters
    ----------
    patient, started
        Number of the patient and start [s], shape ``(rows,)``, in order of both.
    length_s
        Longest time from the first start to the last, inclusive [s].

    Examples
    --------
    >>> first, n = rolling_windows(np.array([0, 0, 1]), np.array([5, 9, 9]), 4)
    >>> first.tolist(), n.tolist()
    ([0, 0, 2], [1, 2, 1])
    """
    # One search over all patients: each patient's starts are shifted into a range of their own.
    if not started.size:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    offset = started - started.min()
    span = int(offset.max()) + length_s + 1
    place = patient.astype(np.int64) * span + offset
    first = np.searchsorted(place, place - length_s, side="left")
    return first, np.arange(started.size) - first + 1


def _window_contents(stays: pd.DataFrame, first: np.ndarray, n: np.ndarray) -> pd.DataFrame:
    """Return stays, gaps and units of the windows that begin at ``first`` and have ``n`` rows."""
    window = np.repeat(np.arange(n.size), n)
    place = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n)
    rows = np.repeat(first, n) + place
    inside = stays.iloc[rows]
    bounds = np.cumsum(n)[:-1]
    gap_s = (
        inside["started_s"].to_numpy(dtype=np.float64)[1:]
        - inside["ended_s"].to_numpy(dtype=np.float64, na_value=np.nan)[:-1]
    )
    is_gap = place[1:] > 0
    gap_s, gap_window = gap_s[is_gap], window[1:][is_gap]
    is_short = pd.Series(gap_s <= _SHORT_GAP_S)
    gaps = np.split(np.round(gap_s / 3600, 2), np.cumsum(n - 1)[:-1])
    units = _units_met(window, inside["unit_ids"])
    return pd.DataFrame(
        {
            "stays": [list(x) for x in np.split(inside["stay_id"].to_numpy(dtype=object), bounds)],
            "gaps_h": [list(x) for x in gaps],
            "share_gaps_30_days": is_short.groupby(gap_window).mean().to_numpy(),
            "n_units": units.map(len).to_numpy(),
            "units": units.to_list(),
        }
    )


def _units_met(window: np.ndarray, unit_ids: pd.Series[str]) -> pd.Series[list[str]]:
    """Return the different units of each window in the order in which they were first met."""
    met: list[dict[str, None]] = [{} for _ in range(int(window.max()) + 1)]
    for number, text in zip(window.tolist(), unit_ids.to_list(), strict=True):
        met[number].update(dict.fromkeys(id_ for id_ in json.loads(text) if isinstance(id_, str)))
    return pd.Series([list(units) for units in met], dtype="object")


def _no_windows() -> pd.DataFrame:
    texts = ("patient_id", "window_first_at", "window_last_at", "newest_window_last_at")
    empty: dict[str, pd.Series[Any]] = {name: pd.Series(dtype="str") for name in texts}
    empty |= {
        "n_stays": pd.Series(dtype="int64"),
        "is_current": pd.Series(dtype="bool"),
        "stays": pd.Series(dtype="object"),
        "gaps_h": pd.Series(dtype="object"),
        "share_gaps_30_days": pd.Series(dtype="float64"),
        "n_units": pd.Series(dtype="int64"),
        "units": pd.Series(dtype="object"),
    }
    return pd.DataFrame(empty)
