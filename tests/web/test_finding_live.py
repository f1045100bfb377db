"""What a finding's page gains where JavaScript runs, and what works without it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.watched import watching

_PAGE = "/findings/unowned_plans"


def _bars(page: Page) -> list[str]:
    found: list[str] = page.locator(".chart .bartext").all_text_contents()
    return found


def _until(page: Page, expression: str) -> None:
    """Wait until the expression is true; the page's policy lets nothing evaluate it there."""
    for _ in range(50):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"never true: {expression}")


def test_the_chart_draws_the_numbers_of_its_block(server: str, browser: Browser) -> None:
    with watching(browser, server) as watched:
        watched.open(_PAGE)
        expect(watched.page.locator(".chart.is-drawn")).to_have_count(1)
        block = json.loads(watched.page.locator("#chart-1-data").text_content() or "")
        bars = block["data"][0]
        assert _bars(watched.page) == bars["text"]
        widths = watched.page.evaluate(
            "[...document.querySelectorAll('.chart .point path')].map(p => p.getBBox().width)"
        )
        # Bars from zero: their lengths are to each other as their numbers.
        assert widths == pytest.approx([widths[0] * x / bars["x"][0] for x in bars["x"]], rel=0.02)
        assert not watched.faults


def test_colours_change_without_loading_the_page_and_last(server: str, browser: Browser) -> None:
    with watching(browser, server, color_scheme="light") as watched:
        watched.open(_PAGE)
        page = watched.page
        ink = "getComputedStyle(document.querySelector('.chart .bartext')).fill"
        before = page.evaluate(ink)
        page.evaluate("window.isTheSamePage = true")
        with page.expect_response(re.compile("/settings")):
            page.get_by_role("button", name="Dark", exact=True).click()
        _until(page, f"{ink} !== '{before}'")
        assert page.evaluate("window.isTheSamePage")
        button = page.get_by_role("button", name="Dark", exact=True)
        expect(button).to_have_attribute("aria-pressed", "true")
        page.reload()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert not watched.faults


def test_pictures_are_saved_with_what_they_rest_on(
    server: str, browser: Browser, tmp_path: Path
) -> None:
    with watching(browser, server, accept_downloads=True) as watched:
        watched.open(_PAGE)
        with watched.page.expect_download() as saved:
            watched.page.get_by_role("button", name="Picture (SVG)").click()
        file = tmp_path / "chart.svg"
        saved.value.save_as(file)
        assert saved.value.suggested_filename.startswith("unowned_plans-reason-")
        text = file.read_text()
        assert "Plans that nobody owns" in text
        assert "unowned_plans version 1" in text
        with watched.page.expect_download() as saved:
            watched.page.get_by_role("button", name="Picture (PNG)").click()
        saved.value.save_as(tmp_path / "chart.png")
        assert (tmp_path / "chart.png").read_bytes().startswith(b"\x89PNG")
        assert not watched.faults


def test_what_does_not_fit_takes_the_focus(server: str, browser: Browser) -> None:
    with watching(browser, server) as watched:
        watched.open(_PAGE)
        page = watched.page
        page.get_by_label("Time without contact").fill("0")
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile("level_days=0"))
        expect(page.locator("#ask-errors")).to_be_focused()
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        expect(page.get_by_label("Time without contact")).to_be_focused()


def test_narrowing_keeps_the_place_on_the_page(server: str, browser: Browser) -> None:
    with watching(browser, server, height=500) as watched:
        watched.open(_PAGE)
        page = watched.page
        page.locator(".facet a").nth(2).focus()
        place = page.evaluate("scrollY")
        assert place > 100
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"in\."))
        page.wait_for_load_state("networkidle")
        _until(page, f"Math.abs(scrollY - {place}) < 50")


def test_all_is_asked_without_javascript(server: str, browser: Browser) -> None:
    with watching(browser, server, java_script_enabled=False) as watched:
        page = watched.page
        page.goto(server + _PAGE)
        page.locator("summary", has_text="What is asked").click()
        page.get_by_label("Time without contact").fill("30")
        page.get_by_role("button", name="Ask", exact=True).click()
        page.wait_for_url(re.compile("level_days=30"))
        page.get_by_role("link", name="Reason").click()
        page.wait_for_url(re.compile("sort="))
        expect(page.locator("th[aria-sort]")).to_have_count(1)
        page.get_by_role("button", name="Dark", exact=True).click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")
        assert "level_days=30" in page.url


_WHEN_TOLD = """
window.told = [];
new MutationObserver(() => {
  const state = document.querySelector(".slow .state");
  if (!state || window.told.length) return;
  window.told.push(state.innerText);
  state.querySelector("button").click();
}).observe(document.querySelector(".slow"), { childList: true });
"""
"""A locator waits while a page is under way, so the page itself notes what it says, and cancels."""


def test_a_page_that_is_long_in_coming_says_so_and_can_be_left(
    server: str, browser: Browser
) -> None:
    with watching(browser, server) as watched:
        watched.open("/findings?lang=en")
        page = watched.page
        held: list[object] = []
        page.route("**/findings/transfers", lambda route: held.append(route))
        page.evaluate(_WHEN_TOLD)
        link = page.locator("main a[href='/findings/transfers']").first
        link.click(no_wait_after=True)
        page.wait_for_timeout(3_000)
        assert held
        (told,) = page.evaluate("window.told")
        assert "This takes a while." in told
        assert "Cancel" in told
        assert page.url.startswith(f"{server}/findings?")
        expect(page.locator(".slow .state")).to_have_count(0)
        # What leads nowhere says nothing.
        page.evaluate("window.told = []")
        page.get_by_role("button", name="Dark", exact=True).click()
        page.wait_for_timeout(2_000)
        assert page.evaluate("window.told") == []
        page.evaluate(
            "document.querySelector('.slow').append("
            "document.querySelector('[data-slow]').content.cloneNode(true))"
        )
        assert watched.violations() == []
        page.unroute("**/findings/transfers")
        link.click()
        expect(page.locator("h1")).to_have_text("From stay to stay")
        assert not watched.faults
