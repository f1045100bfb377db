"""What became of the ties of a network from one period to another.

Worked out from the two answers after small numbers were hidden. :mod:`pathgraph.queries.compare`
would hide the numbers of both days wherever they are close to each other; here the number of the
later period stays, and a change by few people is not said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pathgraph.queries.result import Result

__all__ = [
    "CHANGES",
    "Asking",
    "change_of",
    "changed_ties",
    "covered_from",
    "is_covered",
    "quarters",
    "strongest_first",
]

CHANGES = ("new", "gone", "stronger", "weaker", "alike", "hidden")
"""``alike``: changed by fewer than are shown, or not at all; ``hidden``: a number is not shown."""

_NAMING = [f"{end}_{name}" for end in ("from", "to") for name in ("id", "name", "kind", "level")]


class Asking(Protocol):
    """Whoever answers findings for somebody."""

    def run(
        self,
        finding_id: str,
        parameters: Mapping[str, object] | None = None,
        *,
        as_of: date | str | None = None,
    ) -> Result:
        """Answer a finding; see :func:`pathgraph.queries.run.run`."""


def change_of(earlier: Result, later: Result) -> pd.DataFrame:
    """Return one row a tie of either period, in order of ids.

    Parameters
    ----------
    earlier, later
        Answers of one network, with one threshold of small numbers.

    Returns
    -------
    Ids, names, kinds and levels of both ends; ``change``, one of :data:`CHANGES`; ``n_patients`` of
    the later period, null where hidden; ``n_before`` and ``difference``, null where either number
    is hidden or they differ by fewer people than are shown.
    """
    threshold = max(int(later.manifest["suppress_below"]), 1)
    sides = [_numbers(result) for result in (earlier, later)]
    names = pd.concat([_named(later), _named(earlier)])
    names = names[~names.index.duplicated()].sort_index()
    # Where a period has no such tie nobody was counted; a number that is hidden stays unknown.
    before, now = (
        side.reindex(names.index.union(side.index)).loc[names.index].fillna(0) for side in sides
    )
    is_hidden = (before < 0) | (now < 0)
    difference = now - before
    is_small = difference.abs() < threshold
    change = np.select(
        [is_hidden, is_small, before == 0, now == 0, difference > 0],
        ["hidden", "alike", "new", "gone", "stronger"],
        "weaker",
    )
    is_unsaid = (is_hidden | is_small).to_numpy(dtype=bool)
    return names.assign(
        change=change,
        n_patients=_nullable(now, (now < 0).to_numpy(dtype=bool)),
        n_before=_nullable(before, is_unsaid),
        difference=_nullable(difference, is_unsaid),
    ).reset_index(drop=True)


def strongest_first(ties: pd.DataFrame) -> pd.DataFrame:
    """Return ties with the most patients first, those of which the number is hidden last."""
    strength = ties["n_patients"].fillna(-1).astype("int64")
    return ties.assign(strength=strength).sort_values(
        ["strength", "to_id"], ascending=[False, True], kind="stable"
    )


def _numbers(result: Result) -> pd.Series[float]:
    """Return the numbers of patients by both ends; -1 where hidden."""
    rows = _known(result)
    people = rows["n_patients"].to_numpy(dtype=np.float64, na_value=-1)
    index = pd.MultiIndex.from_arrays([rows["from_id"], rows["to_id"]])
    return pd.Series(people, index=index)


def _named(result: Result) -> pd.DataFrame:
    rows = _known(result)[_NAMING]
    return rows.set_index(pd.MultiIndex.from_arrays([rows["from_id"], rows["to_id"]]))


def _known(result: Result) -> pd.DataFrame:
    rows = result.frame
    return rows[rows["from_id"].notna() & rows["to_id"].notna()]


def _nullable(numbers: pd.Series[float], is_null: npt.NDArray[np.bool_]) -> pd.arrays.IntegerArray:
    return pd.arrays.IntegerArray(numbers.to_numpy().astype(np.int64), is_null)


def covered_from(coverage: Result, levels: tuple[str, ...]) -> date | None:
    """Return the first day from which every level is covered somewhere; ``None`` if not known.

    Parameters
    ----------
    coverage
        Answer of the finding ``coverage``.
    """
    first: dict[str, date] = {}
    for row in coverage.table.select(["level", "covered_from"]).to_pylist():
        if row["covered_from"] is not None and row["level"] in levels:
            day = date.fromisoformat(row["covered_from"])
            first[row["level"]] = min(day, first.get(row["level"], day))
    return max(first.values(), default=None)


def is_covered(first: date | None, as_of: date, period_days: int) -> bool:
    """Whether a period of so many days that ends on ``as_of`` lies within what is covered.

    Examples
    --------
    >>> is_covered(date(2024, 1, 1), date(2024, 12, 31), 366)
    True
    >>> is_covered(date(2024, 1, 2), date(2024, 12, 31), 366)
    False
    """
    return first is not None and as_of - timedelta(days=period_days - 1) >= first


def changed_ties(earlier: Result, later: Result, changes: pd.DataFrame) -> Result:
    """Return the ties that changed: those of the later answer, and of the earlier what is gone.

    Parameters
    ----------
    changes
        What :func:`change_of` says of the two.
    """
    by_change = {
        name: set(zip(rows["from_id"], rows["to_id"], strict=True))
        for name, rows in changes.groupby("change")
    }
    stays = set().union(*(by_change.get(name, set()) for name in ("new", "stronger", "weaker")))
    tables = [
        _with_ends(later, stays),
        _with_ends(earlier, by_change.get("gone", set())).cast(later.table.schema),
    ]
    table = pa.concat_tables(tables).combine_chunks()
    manifest = {**later.manifest, "n_rows": table.num_rows, "n_suppressed": 0}
    return Result(later.finding, table, manifest)


def _with_ends(result: Result, pairs: Collection[tuple[str, str]]) -> pa.Table:
    ends = result.table.select(["from_id", "to_id"]).to_pylist()
    mask = [(row["from_id"], row["to_id"]) in pairs for row in ends]
    return result.table.filter(pa.array(mask, pa.bool_()))


def quarters(first: date | None, last: date, period_days: int) -> list[date]:
    """Return the days at whose end a covered period ends: the last one, and ends of quarters.

    Parameters
    ----------
    first
        From when on the sources cover; ``None`` gives the last day alone.

    Examples
    --------
    >>> [day.isoformat() for day in quarters(date(2024, 1, 1), date(2025, 5, 7), 366)]
    ['2024-12-31', '2025-03-31', '2025-05-07']
    """
    days, day = [last], date(last.year, 3 * ((last.month - 1) // 3) + 1, 1) - timedelta(days=1)
    while is_covered(first, day, period_days):
        if day < last:
            days.append(day)
        day = date(day.year, 3 * ((day.month - 1) // 3) + 1, 1) - timedelta(days=1)
    return days[::-1]
