"""Times: local text kept, instants equal to the standard library's, clock changes included."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pathgraph.model.check import create_utc_offsets, is_utc, select_typed
from pathgraph.model.types import Column, ColumnType, Table
from tests.ingest.tables_folder import check_folder, contacts, write_folder

_TABLE = Table("t", "One row is a time.", (Column("started_at", ColumnType.TIME, "It."),), ())
_EPOCH = dt.date(1970, 1, 1)
_ZONES = ("Europe/Oslo", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC")


def _typed(texts: list[str], zone: str) -> list[tuple[object, ...]]:
    """Return text, seconds, day, has_time and refusal of each."""
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'America/Caracas'")  # Must not matter.
    connection.execute(
        "CREATE TABLE r (started_at VARCHAR, source_file VARCHAR, source_row BIGINT)"
    )
    connection.executemany(
        "INSERT INTO r VALUES (?, 'f', ?)", [[text, row] for row, text in enumerate(texts)]
    )
    if not is_utc(zone):
        connection.execute(create_utc_offsets(zone))
    return connection.execute(
        "SELECT started_at, started_s, started_day, started_has_time, refusal "
        f"FROM ({select_typed(_TABLE, 'r', zone)}) ORDER BY source_row"
    ).fetchall()


def _seconds(local: dt.datetime, zone: str) -> int:
    """Return the instant of the first occurrence; an hour that is not there is shifted on."""
    return round(local.replace(tzinfo=ZoneInfo(zone), fold=0).timestamp())


def _is_there(local: dt.datetime, zone: str) -> bool:
    aware = local.replace(tzinfo=ZoneInfo(zone))
    return aware.astimezone(dt.UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


_SWITCHES = (
    dt.datetime(2025, 10, 26, 2, 30),
    dt.datetime(2025, 10, 26, 2, 0),
    dt.datetime(2025, 10, 26, 3, 0),
    dt.datetime(2025, 10, 26, 1, 59, 59),
    dt.datetime(2025, 3, 30, 1, 59, 59),
    dt.datetime(2025, 3, 30, 2, 30),
    dt.datetime(2025, 3, 30, 3, 0),
    dt.datetime(2025, 11, 2, 1, 30),
    dt.datetime(2025, 3, 9, 2, 30),
    dt.datetime(1970, 1, 1),
    dt.datetime(1969, 12, 31, 23, 59, 59),
    dt.datetime(2100, 12, 31, 23, 59, 59),
    dt.datetime(2101, 1, 1),
    dt.datetime(2180, 2, 1, 12),
)


# Before 1970 editions of the time zone data differ (Oslo's clocks in 1964, for one).
# Half an hour is what Lord Howe's clocks change by: its repeated half hour is not told apart.
@pytest.mark.parametrize("zone", [zone for zone in _ZONES if zone != "Australia/Lord_Howe"])
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.datetimes(dt.datetime(1971, 1, 1), dt.datetime(2037, 12, 31)), min_size=1, max_size=20
    )
)
@example(list(_SWITCHES))
def test_instants_equal_the_standard_library(zone: str, moments: list[dt.datetime]) -> None:
    moments = [moment.replace(microsecond=0) for moment in moments]
    texts = [moment.isoformat() for moment in moments]
    for moment, row in zip(moments, _typed(texts, zone), strict=True):
        expected = (moment.isoformat(), _seconds(moment, zone), (moment.date() - _EPOCH).days)
        assert row == (*expected, True, None), (zone, _is_there(moment, zone))


def test_the_repeated_hour_is_its_first_occurrence_and_a_missing_one_is_shifted() -> None:
    texts = ["2025-10-26T02:30:00", "2025-03-30T02:30:00", "2025-03-30T03:30:00"]
    first, missing, shifted = _typed(texts, "Europe/Oslo")
    assert first[1] == dt.datetime(2025, 10, 26, 0, 30, tzinfo=dt.UTC).timestamp()
    assert missing[0] == "2025-03-30T02:30:00"
    assert missing[1] == shifted[1] == dt.datetime(2025, 3, 30, 1, 30, tzinfo=dt.UTC).timestamp()


def test_elapsed_time_over_a_night_with_a_clock_change() -> None:
    start, end = _typed(["2025-10-25T22:00", "2025-10-26T06:00"], "Europe/Oslo")
    assert end[1] - start[1] == 9 * 3600  # type: ignore[operator]
    start, end = _typed(["2025-03-29T22:00", "2025-03-30T06:00"], "Europe/Oslo")
    assert end[1] - start[1] == 7 * 3600  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "stored", "instant"),
    [
        ("2180-05-06T07:08:09", "2180-05-06T07:08:09", "2180-05-06T05:08:09"),
        ("2025-01-01 10:00:00", "2025-01-01T10:00:00", "2025-01-01T09:00:00"),
        ("2025-01-01T10:00", "2025-01-01T10:00:00", "2025-01-01T09:00:00"),
        (" 2025-01-01T10:00 ", "2025-01-01T10:00:00", "2025-01-01T09:00:00"),
        ("2025-01-01T10:00:00.999", "2025-01-01T10:00:00", "2025-01-01T09:00:00"),
        ("2025-01-01T10:00:00,999", "2025-01-01T10:00:00", "2025-01-01T09:00:00"),
        ("2025-07-01T10:00:00Z", "2025-07-01T12:00:00", "2025-07-01T10:00:00"),
        ("2025-07-01T10:00+02:00", "2025-07-01T10:00:00", "2025-07-01T08:00:00"),
        ("2025-07-01 10:00:00-0500", "2025-07-01T17:00:00", "2025-07-01T15:00:00"),
        ("2025-07-01 10:00:00+00", "2025-07-01T12:00:00", "2025-07-01T10:00:00"),
        ("2025-12-31T23:30:00Z", "2026-01-01T00:30:00", "2025-12-31T23:30:00"),
        # The second occurrence of the repeated hour can be said with an offset only.
        ("2025-10-26T02:30:00+01:00", "2025-10-26T02:30:00", "2025-10-26T01:30:00"),
    ],
)
def test_spellings(text: str, stored: str, instant: str) -> None:
    ((found, seconds, day, has_time, refusal),) = _typed([text], "Europe/Oslo")
    assert (found, has_time, refusal) == (stored, True, None)
    assert seconds == dt.datetime.fromisoformat(instant + "+00:00").timestamp()
    assert day == (dt.date.fromisoformat(stored[:10]) - _EPOCH).days


def test_a_bare_date_is_midnight_without_a_clock_time() -> None:
    ((found, seconds, day, has_time, refusal),) = _typed(["2025-07-01"], "Europe/Oslo")
    assert (found, has_time, refusal) == ("2025-07-01T00:00:00", False, None)
    assert seconds == dt.datetime(2025, 6, 30, 22, tzinfo=dt.UTC).timestamp()
    assert day == (dt.date(2025, 7, 1) - _EPOCH).days


@pytest.mark.parametrize(
    "text",
    [
        "2025-02-30T10:00:00",
        "2025-01-01T25:00:00",
        "2025-01-01T10:60:00",
        "2025-01-01T10",
        "2025-01-01T",
        "25-01-01T10:00:00",
        "2025-1-1 10:00:00",
        "2025-01-01T10:00:00 Europe/Oslo",
        "01.01.2025 10:00:00",
        "20250101T100000",
        "epoch",
        "infinity",
        "now",
        "10:00:00",
        "2025-01-01T10:00:00+99:99",
        "0000-01-01T00:00:00",
        "2025-01-01  10:00:00",
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Oslo", "UTC"])
def test_what_is_no_time(text: str, zone: str) -> None:
    ((found, seconds, day, _, refusal),) = _typed([text], zone)
    assert refusal == "not_a_time|started_at"
    assert (found, seconds, day) == (None, None, None)


@pytest.mark.parametrize("zone", _ZONES)
def test_empty_is_null(zone: str) -> None:
    assert _typed(["", "  "], zone) == [(None,) * 5] * 2


def test_the_source_s_zone_is_used(tmp_path: Path) -> None:
    folder = write_folder(
        tmp_path / "d", contacts=contacts("c,p1,ward,,,2025-07-01T12:00,2025-07-02,")
    )
    (folder / "dataset.yaml").write_text("pseudonymous: true\ntimezone: America/New_York\n")
    checked = check_folder(folder)
    assert checked.accepted(
        "contacts", "started_at", "started_s", "ended_at", "ended_has_time", "ended_day"
    ) == [
        (
            "2025-07-01T12:00:00",
            int(dt.datetime(2025, 7, 1, 16, tzinfo=dt.UTC).timestamp()),
            "2025-07-02T00:00:00",
            False,
            (dt.date(2025, 7, 2) - _EPOCH).days,
        )
    ]
