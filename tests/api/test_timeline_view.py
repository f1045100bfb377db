"""A timeline on paper: where things stand, what goes on, where there is nobody."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pathgraph.analysis.timeline import COLUMNS
from pathgraph.api.language import LANGUAGES, language_of
from pathgraph.api.views.timeline import Drawing, Lane, draw, event_words
from pathgraph.api.views.timeline_scale import Scale, axis, text_width, window_of
from pathgraph.errors import ParameterError

DAY = date(2024, 12, 31)
ENGLISH = language_of("en")


def row(what: str, lane: str, start: str | None, end: str | None = None, **more: Any) -> Any:
    """Return a row of the timeline; a time is given as a day."""
    return {
        **dict.fromkeys(COLUMNS), "what": what, "lane": lane, "has_time": False, "goes_on": False,
        "started_at": start and f"{start}T00:00:00", "ended_at": end and f"{end}T00:00:00", **more,
    }  # fmt: skip


def drawn(rows: list[Any], **more: Any) -> Drawing:
    window, _ = window_of(rows, DAY, zoom="all", first="2024-01-01", last="2024-12-31")
    return draw(rows, more.pop("marks", []), window, ENGLISH, as_of=DAY, width=366, **more)


def lane(drawing: Drawing, name: str) -> Lane:
    return next(lane for lane in drawing.lanes if lane.name == name)


def test_a_day_is_a_pixel_where_there_are_as_many() -> None:
    stay = row("stay", "hospital", "2024-02-01", "2024-02-11", level="hospital", is_acute=True)
    (shape,) = lane(drawn([stay]), "hospital").shapes
    assert (shape.form, shape.x, shape.width) == ("bar", 31, 10)
    assert "is-acute" in shape.css
    assert not shape.is_open
    assert not shape.has_begun_before


def test_what_reaches_past_the_edges_says_so() -> None:
    rows = [
        row("stay", "hospital", "2023-12-30", "2024-01-11"),
        row("stay", "hospital", "2024-12-20", goes_on=True),
        row("stay", "hospital", "2023-01-01", "2023-01-05"),
    ]
    drawing = drawn(rows)
    before, after = lane(drawing, "hospital").shapes
    assert (before.x, before.width, before.has_begun_before, before.is_open) == (0, 10, True, False)
    assert (after.x, after.width, after.has_begun_before, after.is_open) == (354, 12, False, True)
    assert drawing.n_outside == 1
    assert drawing.now == 366


def test_simultaneous_stays_stand_below_each_other() -> None:
    same = [row("stay", "hospital", "2024-02-01", "2024-02-11", event_id=id_) for id_ in "abc"]
    ys = [shape.y for shape in lane(drawn(same), "hospital").shapes]
    assert len(set(ys)) == 3
    apart = row("stay", "hospital", "2024-03-01", "2024-03-11")
    assert lane(drawn([*same, apart]), "hospital").shapes[-1].y == min(ys)


def test_wards_of_a_stay_are_parts_of_its_bar() -> None:
    rows = [
        row("stay", "hospital", "2024-02-01", "2024-03-01", event_id="s"),
        row("contact", "hospital", "2024-02-01", "2024-03-01", event_id="s", stay_id="s"),
        row("contact", "hospital", "2024-02-10", "2024-03-01", stay_id="s", part_of="s"),
        row("contact", "emergency", "2024-02-01", "2024-02-01", stay_id="s", part_of="s"),
    ]
    drawing = drawn(rows)
    assert [s.form for s in lane(drawing, "hospital").shapes] == ["bar", "divider"]
    assert [s.form for s in lane(drawing, "emergency").shapes] == ["tick"]


def gaps(drawing: Drawing, name: str) -> list[tuple[float, float]]:
    return [(gap.x, gap.width) for gap in lane(drawing, name).gaps]


def test_times_in_which_nobody_was_there_are_drawn() -> None:
    rows = [
        row("role", "roles", "2024-01-11", "2024-01-21", kind="coordinator"),
        row("role", "roles", "2024-01-31", "2024-02-10", kind="coordinator"),
        row("role", "roles", "2024-01-16", "2024-01-26", kind="coordinator", level="municipal"),
        row("role", "roles", "2024-02-12", kind="coordinator", goes_on=True, status="not_there"),
    ]
    assert gaps(drawn(rows), "roles-coordinator") == [(25, 5), (40, 326)]
    physician = [{**r, "kind": "contact_physician"} for r in rows]
    # Nobody has a contact physician between stays.
    assert gaps(drawn(physician), "roles-contact_physician") == []


def test_a_plan_without_an_owner_has_a_gap_where_owners_are_loaded() -> None:
    plan = row(
        "plan", "plans", "2024-01-11", goes_on=True, event_id="p", kind="crisis_plan",
        status="active",
    )  # fmt: skip
    owner = row("plan_owner", "plans", "2024-01-11", "2024-02-10", event_id="p", kind="plan_owner")
    assert gaps(drawn([plan]), "plans-p") == [(10, 356)]
    assert gaps(drawn([plan, owner]), "plans-p") == [(40, 326)]
    assert gaps(drawn([plan], has_owners=False), "plans-p") == []
    on_hold = {**plan, "status": "on_hold"}
    assert gaps(drawn([on_hold]), "plans-p") == []


def mark(on: str, reason: str, status: str = "current") -> dict[str, Any]:
    return {"on": on, "reason": reason, "status": status, "finding": "priority"}


def test_what_there_is_to_act_on_gets_its_words_first() -> None:
    old = [mark(f"2024-06-{n:02}", "an old finding with words", "earlier") for n in range(1, 29)]
    drawing = drawn([], marks=[*old, mark("2024-06-15", "a finding of now")])
    (now,) = [m for m in drawing.marks if m.is_current]
    assert now.label == "a finding of now"
    assert len(drawing.marks) == 29
    assert any(not m.label for m in drawing.marks)
    assert all(m.title for m in drawing.marks)


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize(
    "first", ["2024-12-31", "2024-12-20", "2024-11-01", "2024-01-01", "2022-01-01", "2004-06-07",
              "1900-01-01"],
)  # fmt: skip
def test_labels_of_the_axis_never_touch(code: str, first: str) -> None:
    window, _ = window_of([], DAY, zoom="all", first=first, last="2024-12-31")
    ticks = axis(Scale(window, 1190), language_of(code))
    for is_major in (True, False):
        labelled = [tick for tick in ticks if tick.is_major == is_major and tick.label]
        ends = [tick.x + text_width(tick.label) for tick in labelled]
        assert all(end < tick.x for end, tick in zip(ends, labelled[1:], strict=False))
        assert all(tick.x >= 0 and end <= 1190 for tick, end in zip(labelled, ends, strict=True))
    assert any(tick.label for tick in ticks)


def test_zooms_end_at_the_day() -> None:
    rows = [
        row("stay", "hospital", "2023-03-01", "2023-03-05", event_id="a"),
        row("stay", "hospital", "2024-03-01", "2024-03-05", event_id="b"),
        row("residence", "home", "1990-01-01", goes_on=True),
    ]

    def days(zoom: str) -> tuple[date, date]:
        window, _ = window_of(rows, DAY, zoom=zoom, first=None, last=None)
        return window.start.date(), window.last_day

    # What has gone on since 1990 does not make all that happened small.
    assert days("all") == (date(2023, 3, 1), DAY)
    assert days("year") == (date(2024, 1, 2), DAY)
    assert days("quarter") == (date(2024, 10, 2), DAY)
    assert days("stay") == (date(2024, 2, 16), date(2024, 3, 19))
    assert days("never") == days("all")


@pytest.mark.parametrize(
    ("first", "last", "wrong"),
    [("x", None, "from"), (None, "2024-02-30", "to"), ("2024-02-02", "2024-02-01", "from"),
     ("1700-01-01", None, "from"), (None, "2401-01-01", "to")],
)  # fmt: skip
def test_days_that_do_not_fit_are_named(first: str | None, last: str | None, wrong: str) -> None:
    with pytest.raises(ParameterError) as caught:
        window_of([], DAY, zoom="all", first=first, last=last)
    assert [name for name, _ in caught.value.problems] == [wrong]


def test_an_event_in_words() -> None:
    stay = row(
        "stay", "hospital", "2024-02-01", "2024-02-11", is_acute=True, unit_name="Medical ward",
        status="ended_dead",
    )  # fmt: skip
    assert event_words(ENGLISH, stay) == (
        "Stay · acute · Medical ward · 1 February 2024 to 11 February 2024 · Died during the stay"
    )
    role = row("role", "roles", None, kind="gp", goes_on=True, status="held")
    assert event_words(ENGLISH, role) == "Role · GP · since beginning not recorded"
