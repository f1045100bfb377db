"""A patient's timeline where scripts run: keys and drag show other days, as the address says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.watched import Watched, watching


@pytest.fixture
def page(server: str, browser: Browser) -> Iterator[Page]:
    """Return the page of a patient with many stays."""
    with watching(browser, server, locale="en-GB") as opened:
        yield _opened(opened)
        assert opened.faults == []


def _opened(opened: Watched) -> Page:
    opened.open("/findings/revolving_door?sort=-n_stays&lang=en")
    opened.page.goto(
        opened.page.locator("#rows tbody th a").first.evaluate("link => link.href + '?lang=en'")
    )
    expect(opened.page.locator("[data-timeline-said]")).not_to_be_empty()
    return opened.page


def days(page: Page) -> tuple[date, date]:
    """Return the days that the picture shows; the address must say the same."""
    page.wait_for_load_state("networkidle")
    figure = page.locator("[data-timeline]")
    first, last = (figure.get_attribute(f"data-{name}") or "" for name in ("from", "to"))
    asked = parse_qs(urlsplit(page.url).query)
    if "from" in asked:
        assert (asked["from"], asked["to"]) == ([first], [last])
    return date.fromisoformat(first), date.fromisoformat(last)


def press(page: Page, key: str) -> None:
    with page.expect_response(lambda answer: "part=picture" in answer.url):
        page.keyboard.press(key)


def test_keys_zoom_and_move_and_the_focus_stays(page: Page) -> None:
    whole = days(page)
    region = page.locator("[data-timeline-region]")
    region.focus()
    press(page, "+")
    expect(region).to_be_focused()
    closer = days(page)
    assert abs((whole[1] - whole[0]) / 2 - (closer[1] - closer[0])).days <= 2
    press(page, "ArrowRight")
    later = days(page)
    assert later[0] > closer[0]
    assert (later[1] - later[0]) == (closer[1] - closer[0])
    press(page, "0")
    assert days(page) == whole
    assert "from" not in page.url


def test_the_address_shows_the_same_again(page: Page) -> None:
    page.locator("[data-timeline-region]").focus()
    press(page, "+")
    shown = days(page)
    events = page.locator("[data-event]").count()
    page.reload()
    assert days(page) == shown
    assert page.locator("[data-event]").count() == events


def test_every_event_can_be_stepped_to(page: Page) -> None:
    page.locator("[data-timeline-region]").focus()
    said = set()
    n = page.locator("[data-event]").count()
    for _ in range(n):
        page.keyboard.press("n")
        said.add(page.locator("[data-timeline-said]").inner_text())
    titles = page.locator("[data-event] title").all_text_contents()
    assert said == {" ".join(title.split()) for title in titles}


def test_drag_moves_and_the_plain_wheel_does_not(page: Page) -> None:
    page.locator("[data-timeline-region]").focus()
    press(page, "+")
    before = days(page)
    plot = page.locator(".timeline-plot")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    assert box
    x, y = box["x"] + 300, box["y"] + 100
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 200, y, steps=4)
    with page.expect_response(lambda answer: "part=picture" in answer.url):
        page.mouse.up()
    after = days(page)
    expected = (before[1] - before[0]).days * 200 / box["width"]
    assert (before[0] - after[0]).days == pytest.approx(expected, abs=2)
    page.mouse.wheel(0, 40)
    page.wait_for_timeout(300)
    assert days(page) == after
