"""Working days: which day is the first one on which people are at work after another."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

import duckdb
import holidays as public_holidays
import pyarrow as pa

from pathgraph.errors import UsageError

__all__ = ["find_working_days", "working_days_after"]

_EPOCH = date(1970, 1, 1)


def working_days_after(first: int, last: int, country: str | None) -> Iterable[tuple[int, int]]:
    """Return each day from ``first`` to ``last`` with the first working day after it.

    Days are numbers since 1970-01-01. Saturdays, Sundays and the country's public holidays are no
    working days.

    Raises
    ------
    UsageError
        When the country's holidays are not known.

    Examples
    --------
    17 May 2024 was a Friday and a public holiday; the 20th was Whit Monday:

    >>> list(working_days_after(19859, 19859, "NO"))
    [(19859, 19864)]
    """
    closed = _public_holidays(first, last, country)
    result = []
    following = last + 30
    for day in range(last + 30, first - 1, -1):
        if day <= last:
            result.append((day, following))
        when = _EPOCH + timedelta(days=day)
        if when.weekday() < 5 and day not in closed:
            following = day
    return reversed(result)


def _public_holidays(first: int, last: int, country: str | None) -> frozenset[int]:
    if not country:
        return frozenset()
    years = range(
        (_EPOCH + timedelta(days=first)).year, (_EPOCH + timedelta(days=last + 31)).year + 1
    )
    try:
        calendar = public_holidays.country_holidays(country, years=years)
    except NotImplementedError:
        raise UsageError(
            "The load option 'holidays' names a country whose public holidays are not known. "
            "Give an ISO 3166 code such as NO, or 'none' for weekends only."
        ) from None
    return frozenset((day - _EPOCH).days for day in calendar)


def find_working_days(connection: duckdb.DuckDBPyConnection, country: str | None) -> None:
    """Create ``working_days``: each day on which a contact started, and the first one after it.

    ``country`` is an ISO 3166 code; ``None`` leaves only Saturdays and Sundays out.
    """
    bounds = connection.execute(
        "SELECT min(started_day), max(started_day) FROM linked_contacts"
    ).fetchall()
    first, last = bounds[0] if bounds[0][0] is not None else (0, 0)
    pairs = list(working_days_after(first, last, country))
    days = pa.table({"started_day": [a for a, _ in pairs], "due_day": [b for _, b in pairs]})
    connection.register("days", days)
    connection.execute("CREATE OR REPLACE TABLE working_days AS SELECT * FROM days")
    connection.unregister("days")
