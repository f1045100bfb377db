"""Repeated emergency visits without admission.

Tables in, tables out; no Python loop runs over patients. Times are seconds since 1970 UTC. The
definitions are those of ``docs/definitions.md#repeated-emergency-visits``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pathgraph.analysis.pathways import rolling_windows

__all__ = ["fullest_visit_windows", "led_to_admission"]

_HOUR_S, _DAY_S = 3_600, 86_400


def led_to_admission(visits: pd.DataFrame, acute: pd.DataFrame, *, admission_h: int) -> np.ndarray:
    """Say which visits an acute stay began with or soon after.

    Parameters
    ----------
    visits
        ``patient_id``, ``started_s`` [s].
    acute
        Acute stays: ``patient_id``, ``started_s`` [s].
    admission_h
        Longest time from the visit to the stay, inclusive [h].

    Examples
    --------
    >>> visits = pd.DataFrame({"patient_id": ["a", "a"], "started_s": [0, 10]})
    >>> acute = pd.DataFrame({"patient_id": ["a"], "started_s": [3_600]})
    >>> led_to_admission(visits, acute, admission_h=1).tolist()
    [True, True]
    """
    if visits.empty or acute.empty:
        return np.zeros(len(visits), dtype=bool)
    left = visits[["patient_id", "started_s"]].assign(row=np.arange(len(visits)))
    right = acute[["patient_id", "started_s"]].assign(stay_s=acute["started_s"])
    paired = pd.merge_asof(
        left.astype({"started_s": "int64"}).sort_values("started_s"),
        right.astype({"started_s": "int64"}).sort_values("started_s"),
        on="started_s",
        by="patient_id",
        direction="forward",
    ).sort_values("row")
    after_s = paired["stay_s"] - paired["started_s"]
    led: np.ndarray = after_s.le(admission_h * _HOUR_S).fillna(False).to_numpy(dtype=bool)
    return led


def fullest_visit_windows(
    visits: pd.DataFrame, *, min_visits: int, window_days: int, within_days: int, as_of_s: int
) -> pd.DataFrame:
    """Find each patient's fullest rolling window of visits.

    Parameters
    ----------
    visits
        One row a visit that counts: ``patient_id``, ``contact_id``, ``started_s`` [s],
        ``started_at``, ``unit_id``.
    min_visits
        Fewest visits that make a window count.
    window_days
        Longest time from the first visit to the last, inclusive [d of 24 h].
    within_days
        The newest window that counts ended at most this long before ``as_of_s`` [d of 24 h].
    as_of_s
        First second after the day as of which it is asked [s].

    Returns
    -------
    One row a patient, columns as ``cypher/findings/emergency_returns.cypher`` declares them.
    """
    visits = visits.sort_values(["patient_id", "started_s", "contact_id"], ignore_index=True)
    patient, _ = pd.factorize(visits["patient_id"])
    started = visits["started_s"].to_numpy(dtype=np.int64)
    first, n = rolling_windows(patient, started, window_days * _DAY_S)
    windows = pd.DataFrame({"patient": patient, "first": first, "n": n, "last": np.arange(len(n))})
    windows = windows[windows["n"] >= min_visits]
    newest_s = pd.Series(started[windows["last"]], index=windows.index)
    newest_s = newest_s.groupby(windows["patient"]).transform("max")
    windows = windows[(as_of_s - newest_s <= within_days * _DAY_S).to_numpy(dtype=bool)]
    ranked = windows.sort_values(["patient", "n", "last"], ascending=[True, False, True])
    chosen = ranked.drop_duplicates("patient")
    return _contents(visits, chosen)


def _contents(visits: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    first, last = windows["first"].to_numpy(), windows["last"].to_numpy()
    units = visits["unit_id"].to_list()
    met: list[Any] = [
        list(dict.fromkeys(units[a : b + 1])) for a, b in zip(first, last, strict=True)
    ]
    return pd.DataFrame(
        {
            "patient_id": visits["patient_id"].to_numpy()[first],
            "n_visits": windows["n"].to_numpy(dtype=np.int64),
            "window_first_at": visits["started_at"].to_numpy()[first],
            "window_last_at": visits["started_at"].to_numpy()[last],
            "units": pd.Series(met, dtype="object"),
        }
    )
