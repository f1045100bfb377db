"""A patient's timeline as a drawing: lanes, bars, ticks and lines with their places on paper.

Rows of ``patient_timeline`` and ``patient_findings`` in, coordinates out. What happens at the same
time stands in rows below each other: nothing hides anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from pathgraph.api import words
from pathgraph.api.language import Language
from pathgraph.api.views.timeline_flags import Flag, Flags
from pathgraph.api.views.timeline_scale import Scale, Tick, Window, axis, text_width
from pathgraph.model.tables import LEVELS

__all__ = ["Drawing", "Gap", "Lane", "Mark", "Shape", "draw", "event_words"]

Row = Mapping[str, Any]

WIDTH = 1190.0
_HEAD = 34.0
_LABEL, _ROW, _LINE_ROW, _SPACE = 18.0, 16.0, 12.0, 6.0
_MARK_ROW = 17.0
_BOLD = 1.1
"""How much wider bold words are."""
_FOOT = {"tick": 2.5, "moment": 4.5}
"""How far what has no length reaches to each side [px]."""
_ROOM_FOR_DIVIDERS = 12.0
_APART = 2.0
_LEAST = 3.0
"""What is shorter than this is drawn this wide [px]."""
_LONG = timedelta(hours=12)
"""A contact at least so long is drawn as a period (own choice)."""
_LINE_LANES = (
    ("home", None), ("roles", "kind"), ("plans", "event_id"), ("referrals", None), ("needs", None)
)  # fmt: skip
"""Lanes under the levels of care, and the column by which there are several."""
_ONLY_IN_STAYS = ("roles-contact_physician", "roles-contact_psychologist")
_LINES = ("role", "plan", "plan_owner", "referral", "residence")


@dataclass(frozen=True, slots=True)
class Shape:
    """One event on paper.

    Attributes
    ----------
    form
        ``bar`` (a stay), ``period`` (a long contact), ``tick``, ``line``, ``waiting``, ``moment``
        or ``divider``.
    y
        Middle of its row.
    css
        Classes: level, ``is-acute``, ``is-weak`` (on hold, draft, nobody there).
    is_open
        It goes on past the right edge, or at the end of the day.
    has_begun_before
        It began before the left edge, or nobody knows when.
    label
        Who or where, where there is room for it on a line.
    """

    form: str
    x: float
    y: float
    width: float
    css: str
    title: str
    is_open: bool = False
    has_begun_before: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """A time between two periods of one lane in which there was nobody, or nothing."""

    x: float
    y: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A band of the picture.

    Attributes
    ----------
    is_level
        A level of care; others are thin lines under these.
    """

    name: str
    label: str
    level: str
    y: float
    height: float
    is_level: bool
    shapes: tuple[Shape, ...] = ()
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding on the top edge; without a label where there is no room for one."""

    x: float
    y: float
    label: str
    label_x: float
    anchor: str
    is_current: bool
    title: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """A timeline on paper; ``now`` is the end of the day asked about, where it is in sight."""

    width: float
    height: float
    top: float
    ticks: tuple[Tick, ...]
    lanes: tuple[Lane, ...]
    marks: tuple[Mark, ...]
    window: Window
    now: float | None
    n_outside: int
    legend: tuple[str, ...] = field(default_factory=tuple)


def draw(
    rows: Sequence[Row],
    marks: Sequence[Row],
    window: Window,
    language: Language,
    *,
    as_of: date,
    has_owners: bool = True,
    width: float = WIDTH,
) -> Drawing:
    """Return the drawing of a timeline.

    Parameters
    ----------
    rows
        Of ``patient_timeline``.
    marks
        Rows of ``patient_findings`` that say something.
    has_owners
        Whether owners of plans were loaded: else nothing is said of plans without one.
    width
        Of the picture [px]; time is to scale in it.
    """
    paper = _Paper(Scale(window, width), language, as_of, has_owners)
    placed, top = paper.marks(marks)
    y = top + _HEAD
    lanes: list[Lane] = []
    for name, label, own in _grouped(rows, language):
        is_level = name in LEVELS or name == "home"
        lane = paper.lane(name, label, own, y, is_level=is_level)
        lanes.append(lane)
        y += lane.height
    end = paper.end_of_day
    inside = 0 <= paper.scale.x(end) <= width
    shown = [s for lane in lanes for s in lane.shapes]
    return Drawing(
        width=width,
        height=y + 4,
        top=top,
        ticks=axis(paper.scale, language),
        lanes=tuple(lanes),
        marks=placed,
        window=window,
        now=paper.scale.x(end) if inside else None,
        n_outside=paper.n_outside,
        legend=tuple(dict.fromkeys(s.form for s in shown)),
    )


def event_words(language: Language, row: Row) -> str:
    """Return an event in words, one fact after the other."""
    what = words.code_words(language, row["what"], "what")
    facts = [what]
    if row["kind"] and row["what"] != "plan_owner":
        facts.append(words.code_words(language, row["kind"], _kind_column(row)))
    if row["is_acute"]:
        facts.append(language.gettext("acute"))
    for name in ("unit_name", "municipality_name"):
        if row[name]:
            facts.append(row[name])
    facts.append(_when(language, row))
    if row["what"] == "plan" and row["status"] == "not_recorded":
        facts.append(language.gettext("status not recorded"))
    elif row["status"] not in (None, "ended", "going_on", "held"):
        facts.append(words.code_words(language, row["status"], "status"))
    return " · ".join(facts)


def _kind_column(row: Row) -> str:
    return {"role": "role", "referral": "reason", "first_meeting": "reason"}.get(
        row["what"], "kind"
    )


def _when(language: Language, row: Row) -> str:
    say = language.moment if row["has_time"] else language.day
    start, end = row["started_at"], row["ended_at"]
    start_words = say(start) if start else language.gettext("beginning not recorded")
    if row["goes_on"]:
        return language.gettext("since %(start)s") % {"start": start_words}
    if end is None:
        return start_words
    return language.gettext("%(start)s to %(end)s") % {"start": start_words, "end": say(end)}


def _grouped(rows: Sequence[Row], language: Language) -> Iterator[tuple[str, str, list[Row]]]:
    """Yield the lanes from top to bottom: levels of care, home, then roles, plans and the rest."""
    for level in LEVELS:
        at_level = [row for row in rows if row["lane"] == level]
        yield level, words.code_words(language, level, "lane"), at_level
    for name, by in _LINE_LANES:
        own = [row for row in rows if row["lane"] == name]
        groups: dict[Any, list[Row]] = {}
        for row in own:
            groups.setdefault(row[by] if by else None, []).append(row)
        for key, several in sorted(groups.items(), key=lambda pair: str(pair[0])):
            label = _line_label(language, name, several)
            yield f"{name}-{key}" if by else name, label, several


def _line_label(language: Language, name: str, rows: Sequence[Row]) -> str:
    if name == "roles":
        return words.code_words(language, rows[0]["kind"], "role")
    if name != "plans":
        return words.code_words(language, name, "lane")
    kind = next((row["kind"] for row in rows if row["what"] == "plan" and row["kind"]), None)
    return words.code_words(language, kind or "plan", "kind")


class _Rows:
    """Rows of a lane: what does not fit beside what is there goes to the next one."""

    def __init__(self) -> None:
        self.ends: list[float] = []

    def place(self, start: float, end: float) -> int:
        for number, taken in enumerate(self.ends):
            if start >= taken + _APART:
                self.ends[number] = end
                return number
        self.ends.append(end)
        return len(self.ends) - 1


@dataclass(slots=True)
class _Paper:
    """Where things stand on one picture."""

    scale: Scale
    language: Language
    as_of: date
    has_owners: bool = True
    n_outside: int = 0

    @property
    def end_of_day(self) -> str:
        return f"{(self.as_of + timedelta(days=1)).isoformat()}T00:00:00"

    def lane(self, name: str, label: str, rows: Iterable[Row], y: float, *, is_level: bool) -> Lane:
        height = _ROW if is_level else _LINE_ROW
        bands: dict[str, _Rows] = {}
        base = y + _LABEL + height / 2
        shapes: list[Shape] = []
        stays: dict[str, Shape] = {}
        for row in sorted(rows, key=_drawn_order):
            if row["what"] == "contact" and row["stay_id"] in stays:
                shapes += self._divider(row, stays[row["stay_id"]])
                continue
            shape = self._shape(row, name)
            if shape is None:
                self.n_outside += 1
                continue
            foot = _FOOT.get(shape.form, 0.0)
            # Each sort of event has rows of its own, those of one below those of the other.
            above = sum(len(rows.ends) for what, rows in bands.items() if what != row["what"])
            band = bands.setdefault(row["what"], _Rows())
            at = above + band.place(shape.x - foot, shape.x + shape.width + foot)
            shape = replace(shape, y=base + height * at)
            if row["what"] == "stay":
                stays[row["event_id"]] = shape
            shapes.append(shape)
        # A plan that nobody owns keeps the row in which its owners would stand.
        least = 2 if name.startswith("plans") and self.has_owners else 1
        n_rows = max(sum(len(rows.ends) for rows in bands.values()), least)
        return Lane(
            name, label, name if is_level else "", y, _LABEL + n_rows * height + _SPACE,
            is_level, tuple(shapes), tuple(self._gaps(shapes, name)),
        )  # fmt: skip

    def _shape(self, row: Row, lane: str) -> Shape | None:
        start = -1.0 if row["started_at"] is None else self.scale.x(row["started_at"])
        end = self._end(row, start)
        if end < 0 or start > self.scale.width:
            return None
        left, right = max(start, 0.0), min(end, self.scale.width)
        form = _form(row)
        if form in ("tick", "moment"):
            return Shape(form, start, 0, 0, _css(row), event_words(self.language, row))
        return Shape(
            form, left, 0, max(right - left, _LEAST), _css(row),
            event_words(self.language, row),
            is_open=bool(row["goes_on"]) or end > self.scale.width,
            has_begun_before=start < 0,
            label=self._line_words(row, right - left) if form == "line" else "",
        )  # fmt: skip

    def _line_words(self, row: Row, width: float) -> str:
        said = row["municipality_name"] or row["unit_name"] or row["holder_id"] or ""
        if row["what"] == "plan" and row["status"] not in ("active", "not_recorded"):
            said = words.code_words(self.language, row["status"], "status")
        return said if text_width(said) + 40 < width else ""

    def _end(self, row: Row, start: float) -> float:
        if row["goes_on"]:
            return self.scale.x(self.end_of_day)
        return start if row["ended_at"] is None else self.scale.x(row["ended_at"])

    def _divider(self, row: Row, stay: Shape) -> Iterator[Shape]:
        """Yield where the patient was moved within the stay, as far as there is room to see it."""
        x = self.scale.x(row["started_at"])
        is_apart = stay.x + 3 < x < stay.x + stay.width - 3
        if row["part_of"] and is_apart and stay.width >= _ROOM_FOR_DIVIDERS:
            yield Shape("divider", x, stay.y, 0, _css(row), event_words(self.language, row))

    def _gaps(self, shapes: Sequence[Shape], name: str) -> Iterator[Gap]:
        """Yield the times in which nobody had a role, or a plan had no owner."""
        lines = [shape for shape in shapes if shape.form == "line"]
        if name.startswith("roles") and name not in _ONLY_IN_STAYS:
            there = [s for s in lines if "is-nobody" not in s.css]
            if there:
                end = min(self.scale.x(self.end_of_day), self.scale.width)
                whole = [(min(s.x for s in there), end)]
                title = self.language.gettext("nobody there")
                yield from _between(whole, there, title, there[0].y)
        if name.startswith("plans") and self.has_owners:
            plans = [s for s in lines if "what-plan " in s.css]
            owners = [s for s in lines if "what-plan_owner" in s.css and "is-nobody" not in s.css]
            y = owners[0].y if owners else min((s.y for s in plans), default=0.0) + _LINE_ROW
            held = [(s.x, s.x + s.width) for s in plans if "is-weak" not in s.css]
            yield from _between(held, owners, self.language.gettext("no owner"), y)

    def marks(self, rows: Sequence[Row]) -> tuple[tuple[Mark, ...], float]:
        """Return the findings, with words where there is room, and the height that they take."""
        flags = Flags(self.scale.width)
        dated = [row for row in rows if row["on"]]
        inside = [
            (row, x, text_width(row["reason"]) * _BOLD)
            for row in dated
            if 0 <= (x := self.scale.x(f"{row['on']}T12:00:00")) <= self.scale.width
        ]
        placed = [
            (row, x, flags.place(x, length)) for row, x, length in sorted(inside, key=flags.turn)
        ]
        n_rows = max((flag.row + 1 for _, _, flag in placed if flag), default=0)
        top = n_rows * _MARK_ROW + (12.0 if placed else 0.0)
        marks = [self._mark(row, x, flag, top) for row, x, flag in placed]
        return tuple(sorted(marks, key=lambda mark: mark.x)), top

    def _mark(self, row: Row, x: float, flag: Flag | None, top: float) -> Mark:
        title = f"{self.language.day(row['on'])} · {row['reason']}"
        is_current = row["status"] == "current"
        if flag is None:
            return Mark(x, 0, "", x, "start", is_current, title)
        y = top - 14 - flag.row * _MARK_ROW
        anchor = "end" if flag.is_left else "start"
        at = x - 6 if flag.is_left else x + 6
        return Mark(x, y, row["reason"], at, anchor, is_current, title)


def _between(
    wholes: Sequence[tuple[float, float]], there: Sequence[Shape], title: str, y: float
) -> Iterator[Gap]:
    """Yield what of the wholes no line covers."""
    for start, end in wholes:
        reached = start
        for line in sorted(there, key=lambda line: line.x):
            if line.x > reached + 1 and reached < end:
                yield Gap(reached, y, min(line.x, end) - reached, title)
            reached = max(reached, line.x + line.width)
        if end > reached + 1:
            yield Gap(reached, y, end - reached, title)


def _drawn_order(row: Row) -> tuple[int, str, str, str]:
    """Return the order in which events are drawn: stays first, by sort and then by time."""
    sorts = ("stay", "plan", "plan_owner", "ready_period", "contact", "notice")
    sort = sorts.index(row["what"]) if row["what"] in sorts else len(sorts)
    return sort, row["what"], row["started_at"] or "", str(row["event_id"])


def _form(row: Row) -> str:
    what = row["what"]
    if what == "stay":
        return "bar"
    if what == "ready_period":
        return "waiting"
    if what == "contact":
        return "period" if _is_long(row) else "tick"
    if what in _LINES and (row["goes_on"] or row["ended_at"]):
        return "line"
    return "moment"


def _is_long(row: Row) -> bool:
    if row["goes_on"]:
        return True
    if row["ended_at"] is None:
        return False
    length = datetime.fromisoformat(row["ended_at"]) - datetime.fromisoformat(row["started_at"])
    return length >= _LONG


def _css(row: Row) -> str:
    level = row["lane"] if row["lane"] in (*LEVELS, "home") else row["level"]
    classes = [f"what-{row['what']}", f"level-{level}" if level else "level-none"]
    if row["is_acute"]:
        classes.append("is-acute")
    if row["status"] == "ended_dead" or row["what"] == "death":
        classes.append("is-death")
    if row["what"] == "plan" and row["status"] not in ("active", "not_recorded"):
        classes.append("is-weak")
    if row["status"] == "not_there":
        classes.append("is-weak is-nobody")
    return " ".join(classes)
