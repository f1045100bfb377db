"""The region's calendar: instants, local days, working days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from pathgraph.synth.period import Period

PERIOD = Period(3)


def day(year: int, month: int, of_month: int) -> int:
    return (date(year, month, of_month) - date(1970, 1, 1)).days


def test_the_period_is_whole_years_in_local_time() -> None:
    zone = ZoneInfo("Europe/Oslo")
    assert PERIOD.first_s == datetime(2023, 1, 1, tzinfo=zone).timestamp()
    assert PERIOD.end_s == datetime(2026, 1, 1, tzinfo=zone).timestamp()
    assert (PERIOD.first_day, PERIOD.last_day) == (day(2023, 1, 1), day(2025, 12, 31))


@pytest.mark.parametrize("hours", range(0, 72, 5))
def test_days_of_instants_around_both_changes_of_the_clock(hours: int) -> None:
    zone = ZoneInfo("Europe/Oslo")
    for start in (datetime(2025, 3, 29, tzinfo=UTC), datetime(2025, 10, 25, tzinfo=UTC)):
        instant = int(start.timestamp()) + hours * 3600
        local = datetime.fromtimestamp(instant, zone)
        assert PERIOD.days(np.array([instant])).tolist() == [
            day(local.year, local.month, local.day)
        ]


def test_working_days_leave_weekends_and_norwegian_holidays_out() -> None:
    working = set(PERIOD.working_days.tolist())
    # Constitution day 2024 was a Friday, Whit Monday the Monday after it.
    for closed in (day(2024, 5, 17), day(2024, 5, 18), day(2024, 5, 19), day(2024, 5, 20)):
        assert closed not in working
    assert day(2024, 5, 16) in working
    assert PERIOD.to_working_days(np.array([day(2024, 5, 17)])).tolist() == [day(2024, 5, 21)]
    assert PERIOD.to_working_days(np.array([day(2024, 5, 16)])).tolist() == [day(2024, 5, 16)]


def test_years_of_days() -> None:
    days = np.array([day(2023, 12, 31), day(2024, 1, 1)])
    assert PERIOD.years_of(days).tolist() == [2023, 2024]
