"""What was read, accepted, refused and missing, counted for people to look at.

The counts are those of a load's quality report, one a row: ``source``, ``table``, ``month``,
``count``, ``detail`` and ``n`` (see :meth:`pathgraph.door.Graph.quality`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow as pa

from pathgraph.engine.base import LoadRecord
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.listing import listed
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.sentence import template

__all__ = ["QUALITY", "TableQuality", "not_answerable", "quality_result", "tables_of", "totals_of"]

_RETURNS = (
    Return("source", Kind.TEXT, template("where it was read from")),
    Return("table", Kind.TEXT, template("canonical table")),
    Return("month", Kind.TEXT, template("month of the rows; empty where they have no date")),
    Return("count", Kind.TEXT, template("what was counted")),
    Return("detail", Kind.TEXT, template("reason or column")),
    Return("n", Kind.COUNT, template("rows")),
)
QUALITY = Finding(
    id="quality",
    version=1,
    titles={"en": "Data quality", "nb": "Datakvalitet", "nn": "Datakvalitet"},
    questions={
        "en": "What was read, accepted, refused and missing?",
        "nb": "Hva ble lest, godtatt, avvist og manglet?",
        "nn": "Kva vart lese, godteke, avvist og mangla?",
    },
    parameters=(),
    returns=_RETURNS,
    key=("source", "table", "month", "count", "detail"),
    needs=(),
    among=None,
    source="docs/loading.md#what-is-checked",
    cypher={"": ""},
)


_ROWS = ("read", "accepted", "refused", "missing")


@dataclass(frozen=True, slots=True)
class TableQuality:
    """One table of the source.

    Attributes
    ----------
    months, by_month
        Months with rows, and the rows accepted in each; months without rows in between are 0.
    refused, missing, other
        Rows by reason, by column, and by what else was counted; the largest number first.
    """

    table: str
    read: int
    accepted: int
    months: tuple[str, ...]
    by_month: tuple[int, ...]
    refused: Mapping[str, int]
    missing: Mapping[str, int]
    other: Mapping[tuple[str, str], int]

    @property
    def n_refused(self) -> int:
        """Rows that were refused."""
        return self.read - self.accepted

    @property
    def share_refused(self) -> float | None:
        """Rows that were refused, of all read."""
        return self.n_refused / self.read if self.read else None


def tables_of(quality: pd.DataFrame) -> list[TableQuality]:
    """Return the tables in the order of the report.

    Examples
    --------
    >>> rows = [("s", "contacts", "2025-01", "read", "", 3), ("s", "contacts", "2025-01",
    ...         "accepted", "", 2), ("s", "contacts", "2025-03", "accepted", "", 1)]
    >>> frame = pd.DataFrame(rows, columns=["source", "table", "month", "count", "detail", "n"])
    >>> [(t.table, t.read, t.accepted, t.by_month) for t in tables_of(frame)]
    [('contacts', 3, 3, (2, 0, 1))]
    """
    return [
        _table(str(name), rows) for name, rows in quality.groupby("table", sort=False)
    ]  # fmt: skip


def totals_of(tables: Sequence[TableQuality]) -> tuple[int, int]:
    """Return how many rows were read, and how many of them refused."""
    return sum(table.read for table in tables), sum(table.n_refused for table in tables)


def quality_result(record: LoadRecord, quality: pd.DataFrame) -> Result:
    """Return the report as an answer, which can be handed over in every form."""
    columns = {c.name: pa.array(_plain(quality[c.name]), _arrow(c)) for c in _RETURNS}
    table = pa.table(columns)
    return listed(QUALITY, table, record, as_of=str(record.manifest["loaded_at"])[:10])


def not_answerable(record: LoadRecord) -> list[tuple[Finding, Sequence[str]]]:
    """Return the findings that cannot be answered, each with the tables that were not loaded."""
    loaded = set(record.manifest.get("tables", ()))
    found: list[tuple[Finding, Sequence[str]]] = []
    for finding in catalogue().values():
        needs = (*finding.needs, *(finding.among.needs if finding.among else ()))
        missing = [name for name in dict.fromkeys(needs) if name not in loaded]
        if missing:
            found.append((finding, missing))
    return found


def _table(name: str, rows: pd.DataFrame) -> TableQuality:
    def total(count: str) -> int:
        return int(rows.loc[rows["count"] == count, "n"].sum())

    def by(count: str) -> dict[str, int]:
        sums = rows[rows["count"] == count].groupby("detail")["n"].sum()
        return {str(k): int(n) for k, n in sums.sort_values(ascending=False, kind="stable").items()}

    counts = [c for c in rows["count"].unique() if c not in _ROWS]
    accepted = rows[(rows["count"] == "accepted") & rows["month"].notna()]
    months = accepted.groupby("month")["n"].sum()
    if len(months):
        every = pd.period_range(months.index.min(), months.index.max(), freq="M").astype(str)
        months = months.reindex(every, fill_value=0)
    return TableQuality(
        table=name,
        read=total("read"),
        accepted=total("accepted"),
        months=tuple(str(month) for month in months.index),
        by_month=tuple(int(n) for n in months),
        refused=by("refused"),
        missing=by("missing"),
        other={(str(c), detail): n for c in counts for detail, n in by(str(c)).items()},
    )


def _plain(values: pd.Series[Any]) -> list[Any]:
    return [None if pd.isna(value) or value == "" else value for value in values]


def _arrow(column: Return) -> pa.DataType:
    return pa.int64() if column.kind is Kind.COUNT else pa.string()
