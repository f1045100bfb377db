"""A network over time: the quarters that can be asked about, and the change from before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pandas as pd

from pathgraph.model.tables import LEVELS
from pathgraph.queries.network_change import (
    Asking,
    change_of,
    changed_ties,
    covered_from,
    is_covered,
    quarters,
)
from pathgraph.queries.result import Result

__all__ = ["Changed", "Periods", "changed_from_before", "periods_of"]


@dataclass(frozen=True, slots=True)
class Periods:
    """The days that can be asked about.

    Attributes
    ----------
    days
        At whose end a covered period ends, in order.
    is_before_covered
        Whether the period just before the one asked about is covered too.
    """

    as_of: date
    period_days: int
    days: list[date]
    is_before_covered: bool

    @property
    def before(self) -> date:
        """The last day of the period before."""
        return self.as_of - timedelta(days=self.period_days)


@dataclass(frozen=True, slots=True)
class Changed:
    """What became of the ties, and those of them that changed, to be drawn."""

    ties: pd.DataFrame
    drawn: Result


def periods_of(asking: Asking, result: Result, last: date) -> Periods:
    """Return the days about which a network can be asked as it is asked now.

    Parameters
    ----------
    last
        Day of the last contact that was loaded.
    """
    parameters = result.manifest["parameters"]
    period_days = int(parameters["period_days"])
    levels = tuple(parameters.get("levels") or LEVELS)
    first = covered_from(asking.run("coverage", as_of=last), levels)
    before = result.as_of - timedelta(days=period_days)
    return Periods(
        result.as_of,
        period_days,
        quarters(first, last, period_days),
        is_covered(first, before, period_days),
    )


def changed_from_before(
    asking: Asking, result: Result, asked: dict[str, str], periods: Periods
) -> Changed | None:
    """Return the change from the period just before; ``None`` where that is not covered."""
    if not periods.is_before_covered:
        return None
    earlier = asking.run(result.finding.id, asked, as_of=periods.before)
    changes = change_of(earlier, result)
    return Changed(changes, changed_ties(earlier, result, changes))
