"""A network's views and its slider by the keyboard, with scripts and without."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests.web.watched import Watched, watching

NETWORK = "/networks/municipality_units?depth=clinic&lang=en"


@pytest.fixture
def watched(server: str, browser: Browser) -> Iterator[Watched]:
    """Return a page that must have had no fault at the end."""
    with watching(browser, server, locale="en-GB") as opened:
        yield opened
        assert opened.faults == []


def test_the_slider_moves_by_quarters_with_the_arrow_keys(watched: Watched) -> None:
    watched.open(NETWORK)
    page = watched.page
    slider = page.get_by_label("By quarter")
    expect(slider).to_be_visible()
    assert slider.get_attribute("aria-valuetext") == "31 December 2025"
    slider.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert slider.get_attribute("aria-valuetext") == "30 June 2025"
    page.wait_for_url(lambda url: "as_of=2025-06-30" in url)
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    # The slider is still in hand, on the new page.
    assert page.evaluate("document.activeElement.id") == "quarter-slider"
    assert page.get_by_label("Period that ends on").input_value() == "2025-06-30"
    page.keyboard.press("ArrowRight")
    page.wait_for_url(lambda url: "as_of=2025-09-30" in url)


def test_every_view_is_reached_by_the_keyboard(watched: Watched) -> None:
    watched.open(NETWORK)
    page = watched.page
    for name, sign in (
        ("Map", "canvas"), ("Matrix", "table.matrix"), ("Chord diagram", "svg.chord"),
        ("Ranked list", "#rows"), ("Change", "#changes"),
    ):  # fmt: skip
        link = page.locator(".network-views a", has_text=name).last
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector(sign)
        current = page.locator(".network-views [aria-current]")
        expect(current).to_have_text(name)


def test_without_scripts_the_quarter_is_a_choice_and_links(server: str, browser: Browser) -> None:
    with watching(browser, server, java_script_enabled=False) as opened:
        page = opened.page
        page.goto(server + NETWORK + "&view=matrix")
        assert not page.get_by_label("By quarter").is_visible()
        page.locator("a[rel=prev]").click()
        assert parse_qs(urlsplit(page.url).query)["as_of"] == ["2025-09-30"]
        page.get_by_label("Period that ends on").select_option("2024-12-31")
        page.locator("[data-quarters] button").click()
        asked = parse_qs(urlsplit(page.url).query)
        assert (asked["as_of"], asked["view"], asked["depth"]) == (
            ["2024-12-31"],
            ["matrix"],
            ["clinic"],
        )
