"""What the sources cover, as a table with days as the reader writes them."""

from __future__ import annotations

from dataclasses import replace

from pathgraph.api.language import Language
from pathgraph.api.views.tables import Table, table_of
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind

__all__ = ["coverage_table"]

_DAYS = ("covered_from", "covered_to")


def coverage_table(coverage: Result, language: Language) -> Table:
    """Return the table of the finding ``coverage``.

    Its days are texts there: a date in a table about groups would be taken to say something of
    their people.
    """
    returns = tuple(
        replace(column, kind=Kind.DATE) if column.name in _DAYS else column
        for column in coverage.finding.returns
    )
    shown = replace(coverage, finding=replace(coverage.finding, returns=returns))
    return table_of(shown, language)
