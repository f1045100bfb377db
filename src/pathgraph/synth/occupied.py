"""Times that are taken: who is in a bed at an instant, asked for all patients at once."""

from __future__ import annotations

import numpy as np

__all__ = ["Occupied"]

_SHIFT = 1 << 34


class Occupied:
    """Intervals of patients that do not overlap.

    Parameters
    ----------
    patient, start_s, end_s
        Places and instants; who is still in has an end after everything that is asked.

    Examples
    --------
    >>> beds = Occupied(np.array([3]), np.array([100]), np.array([200]))
    >>> beds.meets(np.array([3, 4]), np.array([150, 150]), np.array([160, 160])).tolist()
    [True, False]
    """

    def __init__(self, patient: np.ndarray, start_s: np.ndarray, end_s: np.ndarray) -> None:
        order = np.lexsort((start_s, patient))
        self._keys = patient[order].astype(np.int64) * _SHIFT + start_s[order]
        self._patient = patient[order]
        self._start, self._end = start_s[order], end_s[order]

    def meets(self, patient: np.ndarray, start_s: np.ndarray, end_s: np.ndarray) -> np.ndarray:
        """Say which of the intervals given share time with one of the patient's."""
        last, found = self._last_before(patient, end_s)
        return found & (self._end[last] > start_s) if len(self._keys) else found

    def next_start(self, patient: np.ndarray, after_s: np.ndarray, otherwise: int) -> np.ndarray:
        """Return when the patient's first interval at or after an instant begins."""
        if not len(self._keys):
            return np.full(len(patient), otherwise)
        at = np.searchsorted(self._keys, patient.astype(np.int64) * _SHIFT + after_s, side="left")
        inside = np.minimum(at, len(self._keys) - 1)
        is_own = (at < len(self._keys)) & (self._patient[inside] == patient)
        return np.where(is_own, self._start[inside], otherwise)

    def _last_before(
        self, patient: np.ndarray, instant_s: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the place of the patient's last interval that begins before an instant."""
        keys = patient.astype(np.int64) * _SHIFT + instant_s
        at = np.searchsorted(self._keys, keys, side="left") - 1
        found = at >= 0
        at = np.maximum(at, 0)
        if len(self._keys):
            found &= self._patient[at] == patient
        else:
            found &= False
        return at, found
