"""How the rows of a patient-level answer divide: by what a column says, by length, by month.

Counts of patients are no longer about one patient each, so small ones are hidden as in any other
table (:mod:`pathgraph.queries.privacy`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.queries.privacy import suppress
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind, Return

__all__ = ["Group", "by_length", "by_month", "by_value"]

_COUNTED = (
    Return("place", Kind.TEXT, "place in the order of the groups"),
    Return("n_patients", Kind.PERSONS, "different patients"),
    Return("n_rows", Kind.COUNT, "rows", of=("n_patients",)),
)
_MOST_BINS = 20
_STEPS = (1, 2, 5)
_WEIGHTY = 0.98


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together, counted.

    Attributes
    ----------
    value
        What they have in common: a code, a month (``2025-12``), the least length of a bin; ``None``
        where the column is empty.
    upper
        First length that is no longer in the bin; ``None`` where the bin has no end.
    is_whole
        Whether all lengths are whole numbers.
    n_patients, n_rows
        ``None`` where it is not to be shown.
    """

    value: Any
    n_patients: int | None
    n_rows: int | None
    is_hidden: bool
    upper: float | None = None
    is_whole: bool = False


def by_value(result: Result, column: str) -> tuple[Group, ...]:
    """Return the rows by what ``column`` says, the largest group first.

    A row with a list counts in the group of each of its entries.

    Parameters
    ----------
    result
        Patient-level, all rows.
    """
    patients: list[Any] = []
    entries: list[Any] = []
    rows = zip(
        result.table.column("patient_id").to_pylist(),
        result.table.column(column).to_pylist(),
        strict=True,
    )
    for patient, value in rows:
        for entry in _entries(value):
            patients.append(patient)
            entries.append(entry)
    counts = Counter(entries)
    names = sorted(counts, key=lambda v: (-counts[v], v is None, str(v)))
    at = {name: place for place, name in enumerate(names)}
    return _counted(result, [at[entry] for entry in entries], pd.Series(patients), names)


def by_month(result: Result, column: str, *, most: int = 36) -> tuple[Group, ...]:
    """Return the rows by the month of a date or time: the last ``most`` months, in order.

    Months without a row are there with 0. Rows without a date, and of earlier months, are left out.
    """
    months = [text[:7] if text else None for text in result.table.column(column).to_pylist()]
    known = sorted({month for month in months if month})
    if not known:
        return ()
    names = [str(p) for p in pd.period_range(known[0], known[-1], freq="M")][-most:]
    at: dict[str | None, int] = {name: place for place, name in enumerate(names)}
    kept = [i for i, month in enumerate(months) if month in at]
    patients = _patients(result).iloc[kept].reset_index(drop=True)
    return _counted(result, [at[months[i]] for i in kept], patients, names)


def by_length(result: Result, column: str) -> tuple[Group, ...]:
    """Return the rows by a number in steps of one round width; the last step has no end.

    The steps reach to where 98 of 100 rows lie, so that one extreme value does not push the others
    together. Rows without a number are left out.
    """
    values = result.table.column(column).to_pandas().astype("float64")
    present = values.dropna()
    if present.empty:
        return ()
    low = float(present.min())
    width = _round_width(float(present.quantile(_WEIGHTY)) - low)
    first = np.floor(low / width)
    n = int(np.floor(present.quantile(_WEIGHTY) / width) - first) + 1
    in_all = int(np.floor(present.max() / width) - first) + 1
    n = in_all if in_all <= _MOST_BINS else n
    places = np.minimum(np.floor(present / width) - first, n - 1).astype(int)
    patients = _patients(result)[present.index].reset_index(drop=True)
    lower = [float((first + i) * width) for i in range(n)]
    groups = _counted(result, places.tolist(), patients, lower)
    has_more = float(present.max()) >= lower[-1] + width
    is_whole = bool((present % 1 == 0).all())
    return tuple(
        replace(g, upper=None if last else g.value + width, is_whole=is_whole)
        for g, last in zip(groups, [*([False] * (n - 1)), has_more], strict=True)
    )


def _round_width(span: float) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... with which the span takes few enough steps."""
    power = 0
    while True:
        for step in _STEPS:
            width = float(step * 10**power)
            if span / width < _MOST_BINS:
                return width
        power += 1


def _entries(value: object) -> list[object]:
    if isinstance(value, list):
        return list(dict.fromkeys(value)) or [None]
    return [value]


def _patients(result: Result) -> pd.Series[Any]:
    return pd.Series(result.table.column("patient_id").to_pylist(), dtype=object)


def _counted(
    result: Result, places: Sequence[int], patients: pd.Series[Any], values: Sequence[object]
) -> tuple[Group, ...]:
    """Return a group for each value, freed of small numbers."""
    rows = pd.DataFrame({"place": places, "patient": patients}).groupby("place")["patient"]
    n_patients, n_rows = rows.nunique(), rows.size()
    table = pa.table(
        {
            "place": pa.array([f"{i:06d}" for i in range(len(values))], pa.string()),
            "n_patients": pa.array(_filled(n_patients.get, len(values)), pa.int64()),
            "n_rows": pa.array(_filled(n_rows.get, len(values)), pa.int64()),
        }
    )
    threshold = int(result.manifest["suppress_below"])
    shown = suppress(table, _COUNTED, key=("place",), threshold=threshold)
    hidden = shown.hidden.get("n_patients", np.zeros(len(values), bool))
    counts: Iterable[dict[str, Any]] = shown.table.to_pylist()
    return tuple(
        Group(value, row["n_patients"], row["n_rows"], bool(is_hidden))
        for value, row, is_hidden in zip(values, counts, hidden, strict=True)
    )


def _filled(get: Callable[[int, int], Any], n: int) -> list[int]:
    return [int(get(place, 0)) for place in range(n)]
