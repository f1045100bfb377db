"""The time that the region is generated for, and its calendar in the region's time zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, cached_property
from zoneinfo import ZoneInfo

import holidays as public_holidays
import numpy as np

__all__ = ["LAST_DAY", "MAX_YEARS", "TIMEZONE", "Period", "utc_offsets"]

TIMEZONE = "Europe/Oslo"
LAST_DAY = date(2025, 12, 31)
MAX_YEARS = 10

_EPOCH = date(1970, 1, 1)
_FIRST_CALENDAR_DAY = date(2010, 1, 1)
_LAST_CALENDAR_DAY = date(2027, 12, 31)


@cache
def utc_offsets() -> tuple[np.ndarray, np.ndarray]:
    """Return since when, in s since 1970 UTC, the region's clocks are how far ahead of UTC [s].

    The clocks of the calendar's years; before them the first offset holds.
    """
    zone = ZoneInfo(TIMEZONE)
    first = datetime.combine(_FIRST_CALENDAR_DAY, time(), UTC)
    hours = (_LAST_CALENDAR_DAY - _FIRST_CALENDAR_DAY).days * 24
    # Clocks are changed at full hours.
    moments = [first + timedelta(hours=n) for n in range(hours)]
    ahead = [moment.astimezone(zone).utcoffset() or timedelta() for moment in moments]
    places = [0, *(n for n in range(1, hours) if ahead[n] != ahead[n - 1])]
    changes = [-(2**62), *(int(moments[n].timestamp()) for n in places[1:])]
    return np.array(changes), np.array([int(ahead[n].total_seconds()) for n in places])


@dataclass(frozen=True)
class Period:
    """Whole years that end with 2025.

    Attributes
    ----------
    years
        How many, 1 to 10.

    Examples
    --------
    >>> period = Period(3)
    >>> period.first_day, period.last_day, period.end_s - period.first_s
    (19358, 20453, 94694400)
    """

    years: int

    @cached_property
    def first_day(self) -> int:
        """First day, as days since 1970-01-01."""
        return (date(LAST_DAY.year - self.years + 1, 1, 1) - _EPOCH).days

    @cached_property
    def last_day(self) -> int:
        """Last day: the day as of which the answer key holds."""
        return (LAST_DAY - _EPOCH).days

    @cached_property
    def first_s(self) -> int:
        """Begin of the first day [s since 1970 UTC]."""
        return int(self.instants(np.array([self.first_day]))[0])

    @cached_property
    def end_s(self) -> int:
        """End of the last day, exclusive [s since 1970 UTC]."""
        return int(self.instants(np.array([self.last_day + 1]))[0])

    @cached_property
    def _midnights(self) -> np.ndarray:
        zone = ZoneInfo(TIMEZONE)
        n = (_LAST_CALENDAR_DAY - _FIRST_CALENDAR_DAY).days + 1
        days = [_FIRST_CALENDAR_DAY + timedelta(days=i) for i in range(n)]
        local = [datetime(d.year, d.month, d.day, tzinfo=zone).astimezone(UTC) for d in days]
        return np.array([int(moment.timestamp()) for moment in local], dtype=np.int64)

    @cached_property
    def _first_calendar_day(self) -> int:
        return (_FIRST_CALENDAR_DAY - _EPOCH).days

    @cached_property
    def _is_working_day(self) -> np.ndarray:
        years = range(_FIRST_CALENDAR_DAY.year, _LAST_CALENDAR_DAY.year + 1)
        closed = set(public_holidays.country_holidays("NO", years=years))
        n = len(self._midnights)
        days = [_FIRST_CALENDAR_DAY + timedelta(days=i) for i in range(n)]
        return np.array([day.weekday() < 5 and day not in closed for day in days])

    @cached_property
    def working_days(self) -> np.ndarray:
        """Working days of the period, neither weekends nor Norwegian public holidays, in order."""
        days = np.flatnonzero(self._is_working_day) + self._first_calendar_day
        return days[(days >= self.first_day) & (days <= self.last_day)]

    @cached_property
    def _next_working_day(self) -> np.ndarray:
        days = np.flatnonzero(self._is_working_day)
        at = np.searchsorted(days, np.arange(len(self._midnights)))
        return days[np.minimum(at, len(days) - 1)] + self._first_calendar_day

    def instants(self, days: np.ndarray, minutes: int | np.ndarray = 0) -> np.ndarray:
        """Return seconds since 1970 UTC, ``minutes`` of elapsed time after local midnight."""
        midnight = self._midnights[days - self._first_calendar_day]
        return np.asarray(midnight + np.asarray(minutes) * 60)

    def days(self, instants: np.ndarray) -> np.ndarray:
        """Return the local days of instants, as days since 1970-01-01."""
        place = np.searchsorted(self._midnights, instants, side="right") - 1
        return np.asarray(place + self._first_calendar_day)

    def to_working_days(self, days: np.ndarray) -> np.ndarray:
        """Return each day where it is a working day, otherwise the next working day."""
        return np.asarray(self._next_working_day[days - self._first_calendar_day])

    def years_of(self, days: np.ndarray) -> np.ndarray:
        """Return the calendar years of days."""
        dates = np.asarray(days, dtype="datetime64[D]")
        return np.asarray(dates.astype("datetime64[Y]").astype(np.int64) + 1970)
