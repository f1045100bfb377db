"""Cumulative incidence of an event where other events may come before it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["cumulative_incidence"]


def cumulative_incidence(
    time: NDArray[np.float64],
    cause: NDArray[np.int64],
    at: Sequence[float],
) -> NDArray[np.float64]:
    """Estimate the share to whom an event has happened by some times, by Aalen and Johansen.

    Parameters
    ----------
    time
        From the start to the event, to a competing one, or to the end of the observation, in any
        unit.
    cause
        1 for the event, 2 or more for competing events, 0 where none had happened by ``time``.
    at
        Times at which the incidence is asked for.

    Returns
    -------
    One share for each of ``at``; nan where everybody who had had no event was followed for less
    than that.

    Notes
    -----
    The sum, over the times of events, of the share free of any event just before, times events over
    those at risk (Aalen and Johansen 1978). Somebody whose observation ends on the day of
    another's event is at risk of it. Without competing events it is 1 minus Kaplan and Meier's
    estimate.

    Examples
    --------
    >>> import numpy as np
    >>> time, cause = np.array([5.0, 10.0, 20.0, 40.0]), np.array([1, 2, 1, 0])
    >>> cumulative_incidence(time, cause, [4, 5, 20, 50]).tolist()
    [0.0, 0.25, 0.5, nan]
    """
    moments = np.unique(time[cause > 0])
    n_at_risk = (time[None, :] >= moments[:, None]).sum(axis=1)
    is_now = time[None, :] == moments[:, None]
    n_events = (is_now & (cause == 1)).sum(axis=1)
    n_any = (is_now & (cause > 0)).sum(axis=1)
    free_after = np.cumprod(1 - n_any / n_at_risk)
    free_before = np.concatenate([[1.0], free_after])[:-1]
    total = np.concatenate([[0.0], np.cumsum(free_before * n_events / n_at_risk)])
    place = np.searchsorted(moments, np.asarray(at, dtype=np.float64), side="right")
    followed = time.max(initial=-np.inf)
    # After the last observation nothing more is known, unless nobody was left without an event.
    is_known = np.asarray(at) <= followed
    if time.size and (cause[time == followed] > 0).all():
        is_known = np.ones_like(is_known)
    return np.where(is_known, total[place], np.nan)
