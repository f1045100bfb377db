"""Time on paper: which days a timeline shows, where a moment stands, and what the axis says."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from babel.dates import format_date

from pathgraph.api.language import Language
from pathgraph.errors import ParameterError
from pathgraph.sentence import sentence

__all__ = ["ZOOMS", "Scale", "Tick", "Window", "axis", "text_width", "window_of"]

Row = Mapping[str, Any]

ZOOMS = ("all", "year", "quarter", "stay")
_LENGTHS = {"year": 365, "quarter": 91}
_AROUND_STAY = 14
"""Days before and after a stay that is looked at (own choice)."""
_LEVEL_EVENTS = ("stay", "contact", "referral", "notice", "ready_period")
_CHARACTER = 6.7
"""Mean width of a character at the size of the picture's texts [px]; wide letters are rare."""
_FIRST_YEAR, _LAST_YEAR = 1800, 2400
"""What is drawn lies in these years: patients are born since the first."""


def text_width(text: str) -> float:
    """Return about how wide a text is in the picture [px]."""
    return _CHARACTER * len(text)


@dataclass(frozen=True, slots=True)
class Window:
    """The time that is shown: ``end`` is the first moment no longer shown."""

    start: datetime
    end: datetime
    zoom: str

    @property
    def last_day(self) -> date:
        """The last day that is shown."""
        return (self.end - timedelta(microseconds=1)).date()

    def moved(self, share: float) -> Window:
        """Return the window a share of its length later."""
        by = (self.end - self.start) * share
        return Window(_whole(self.start + by), _whole(self.end + by), "")

    def scaled(self, factor: float) -> Window:
        """Return the window around the same middle, ``factor`` times as long; a day at least."""
        length = (self.end - self.start) * factor
        half = max(length, timedelta(days=1)) / 2
        middle = self.start + (self.end - self.start) / 2
        start, end = _whole(middle - half), _whole(middle + half)
        return Window(start, max(end, start + timedelta(days=1)), "")

    def within(self, whole: Window) -> Window:
        """Return the part of the window inside another, as long as it is where there is room."""
        length = min(self.end - self.start, whole.end - whole.start)
        start = min(max(self.start, whole.start), whole.end - length)
        return Window(start, start + length, self.zoom)


def _whole(moment: datetime) -> datetime:
    """Return the midnight before a moment: the address holds days."""
    return datetime.combine(moment.date(), time())


def window_of(
    rows: Sequence[Row], as_of: date, *, zoom: str, first: str | None, last: str | None
) -> tuple[Window, Window]:
    """Return the window that is asked for, and the one that shows all.

    Parameters
    ----------
    zoom
        One of :data:`ZOOMS`; the last year, quarter or stay before the end of ``as_of``.
    first, last
        Days; they go before ``zoom``.

    Raises
    ------
    ParameterError
        When a day is no date, or far from any that can be drawn, or the first one is after the
        last.
    """
    problems = list(_far_off("as_of", as_of))
    if problems:
        raise ParameterError(problems)
    whole = _all(rows, as_of)
    if first or last:
        return _between(whole, first, last), whole
    if zoom == "stay":
        stays = [row for row in rows if row["what"] == "stay"]
        if stays:
            latest = max(stays, key=lambda row: (row["started_at"], row["event_id"]))
            around = timedelta(days=_AROUND_STAY)
            end = _moment(latest["ended_at"]) if latest["ended_at"] else whole.end
            start = _whole(_moment(latest["started_at"]) - around)
            return Window(start, _whole(end + around + timedelta(days=1)), "stay"), whole
    if zoom in _LENGTHS:
        return Window(whole.end - timedelta(days=_LENGTHS[zoom]), whole.end, zoom), whole
    return whole, whole


def _all(rows: Sequence[Row], as_of: date) -> Window:
    """From the first event at a level of care to the end of the day; periods may reach back."""
    end = datetime.combine(as_of, time()) + timedelta(days=1)
    begun = [r["started_at"] for r in rows if r["what"] in _LEVEL_EVENTS and r["started_at"]]
    begun = begun or [row["started_at"] for row in rows if row["started_at"]]
    start = _whole(_moment(min(begun))) if begun else end - timedelta(days=365)
    return Window(min(start, end - timedelta(days=28)), end, "all")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _between(whole: Window, first: str | None, last: str | None) -> Window:
    problems: list[tuple[str, str]] = []

    def day(name: str, text: str | None, otherwise: datetime) -> datetime:
        if not text:
            return otherwise
        try:
            given = date.fromisoformat(text)
        except ValueError:
            problems.append((name, sentence("This is no date. Write it as 2026-01-31.")))
            return otherwise
        problems.extend(_far_off(name, given))
        return datetime.combine(given, time())

    start = day("from", first, whole.start)
    end = day("to", last, whole.end - timedelta(days=1))
    if not problems and start > end:
        problems.append(("from", sentence("The first day is after the last.")))
    if problems:
        raise ParameterError(problems)
    return Window(start, end + timedelta(days=1), "")


def _far_off(name: str, day: date) -> Iterator[tuple[str, str]]:
    """Yield what is wrong with a day that no patient has seen."""
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        said = sentence(
            "Give a day from the years {first} to {last}.", first=_FIRST_YEAR, last=_LAST_YEAR
        )
        yield name, said


@dataclass(frozen=True, slots=True)
class Scale:
    """From time to paper.

    Attributes
    ----------
    width
        Of the picture [px].
    """

    window: Window
    width: float

    def x(self, text: str) -> float:
        """Return where a local time stands, inside the picture or outside."""
        share = (_moment(text) - self.window.start) / (self.window.end - self.window.start)
        return round(share * self.width, 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the axis; without a label where there is no room for one."""

    x: float
    label: str
    is_major: bool


_Steps = tuple[Callable[[date], date], str]


def axis(scale: Scale, language: Language) -> tuple[Tick, ...]:
    """Return the ticks: years above, and quarters, months, weeks or days below."""
    days = (scale.window.end - scale.window.start).days
    if days > 366 * 12:
        return (*_ticks(scale, language, _years(10), "y", True),)
    major = _ticks(scale, language, _years(1), "y", True)
    if days > 366 * 4:
        return tuple(major)
    step: _Steps = (_months(3), "QQQ")
    if days <= 500:
        step = (_months(1), "LLL")
    if days <= 75:
        step = (_weeks, "d. LLL")
        major = _ticks(scale, language, _months(1), "LLLL y", True)
    if days <= 14:
        step = (lambda day: day + timedelta(days=1), "d. LLL")
    if language.code == "en" and step[1].startswith("d."):
        step = (step[0], "d LLL")
    return (*major, *_ticks(scale, language, *step, False))


def _years(n: int) -> Callable[[date], date]:
    return lambda day: date(day.year // n * n + n, 1, 1)


def _months(n: int) -> Callable[[date], date]:
    def following(day: date) -> date:
        number = day.year * 12 + (day.month - 1) // n * n + n
        return date(number // 12, number % 12 + 1, 1)

    return following


def _weeks(day: date) -> date:
    return day + timedelta(days=7 - day.weekday())


def _ticks(
    scale: Scale, language: Language, following: Callable[[date], date], form: str, is_major: bool
) -> Iterator[Tick]:
    """Yield the beginnings of years, months, ...; a label that would touch the last is left out."""
    free_from = 0.0
    first = scale.window.start.date()
    day = first if is_major else following(first - timedelta(days=1))
    while day <= scale.window.last_day:
        x = scale.x(day.isoformat())
        label = format_date(day, form, locale=language.code)
        upcoming = scale.x(following(day).isoformat())
        fits = x >= free_from and text_width(label) + 6 <= min(upcoming, scale.width) - x
        if fits:
            free_from = x + text_width(label) + 8
        yield Tick(x, label if fits else "", is_major)
        day = following(day)
