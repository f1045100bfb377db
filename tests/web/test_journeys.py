"""Each task by the keyboard alone, as somebody would do it who uses no mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.web.watched import Watched, watching

MOST_STEPS = 120


@pytest.fixture
def watched(server: str, browser: Browser) -> Iterator[Watched]:
    """Return a page that leaves nothing to the mouse, and must have had no fault at the end."""
    with watching(browser, server, accept_downloads=True, locale="en-GB") as opened:
        yield opened
        assert opened.faults == []


def focused(page: Page) -> str:
    """Return what a screen reader would call the focused element: its role or tag, and its name."""
    name: str = page.evaluate(
        "() => { const one = document.activeElement; return one.tagName + ' '"
        " + (one.labels?.[0]?.innerText || one.getAttribute('aria-label') || one.innerText"
        " || one.name || one.value || ''); }"
    )
    return " ".join(name.split())


def tab_to(page: Page, pattern: str) -> str:
    """Press Tab until what is focused fits, and show that it is seen to be focused."""
    for _ in range(MOST_STEPS):
        page.keyboard.press("Tab")
        name = focused(page)
        if re.search(pattern, name):
            outline = page.evaluate(
                "() => { const s = getComputedStyle(document.activeElement);"
                " return s.outlineStyle !== 'none' || s.boxShadow !== 'none'; }"
            )
            assert outline, f"nothing shows that {name} is focused"
            return name
    raise AssertionError(f"nothing that fits {pattern} was reached by Tab")


def enter(page: Page) -> None:
    """Press Enter and wait until the page that it leads to is there."""
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")


def test_the_first_tab_leads_past_the_head(watched: Watched) -> None:
    watched.open("/findings?lang=en")
    watched.page.keyboard.press("Tab")
    assert "Skip to the content" in focused(watched.page)
    watched.page.keyboard.press("Enter")
    assert watched.page.evaluate("document.activeElement.id") == "main"


def test_find_by_searching(watched: Watched) -> None:
    watched.open("/?lang=en")
    tab_to(watched.page, r"^INPUT .*Search")
    watched.page.keyboard.type("revolving")
    enter(watched.page)
    assert "q=revolving" in watched.page.url
    tab_to(watched.page, r"^A Revolving-door patients")
    enter(watched.page)
    assert watched.page.url.split("?")[0].endswith("/findings/revolving_door")


def test_ask_with_another_value_and_be_told_what_does_not_fit(watched: Watched) -> None:
    watched.open("/findings/revolving_door?lang=en")
    tab_to(watched.page, r"^SUMMARY What is asked")
    if not watched.page.evaluate("document.activeElement.parentElement.open"):
        watched.page.keyboard.press("Enter")
    tab_to(watched.page, r"^INPUT .*[Aa]cute stays")
    watched.page.keyboard.press("Control+a")
    watched.page.keyboard.type("one")
    enter(watched.page)
    assert "does not fit" in focused(watched.page)
    watched.faults.clear()  # The browser logs that the answer was 422.
    tab_to(watched.page, r"^A .*[Aa]cute stays")
    watched.page.keyboard.press("Enter")
    assert focused(watched.page).startswith("INPUT")
    watched.page.keyboard.press("Control+a")
    watched.page.keyboard.type("5")
    enter(watched.page)
    assert "min_stays=5" in watched.page.url
    assert watched.page.locator("main table").first.is_visible()


def test_sort_a_table_and_turn_its_pages(watched: Watched) -> None:
    watched.open("/findings/coordination_need?lang=en")
    watched.page.locator("main").first.focus()
    first = tab_to(watched.page, r"^A .*Patient")
    assert first
    enter(watched.page)
    assert "sort=" in watched.page.url
    assert (
        watched.page.locator("th[aria-sort='ascending'], th[aria-sort='descending']").count() == 1
    )
    tab_to(watched.page, r"^A Next")
    enter(watched.page)
    assert "page=2" in watched.page.url


def test_narrow_the_rows(watched: Watched) -> None:
    watched.open("/findings/missing_coordinator?lang=en")
    tab_to(watched.page, r"^SUMMARY Narrow the rows")
    if not watched.page.evaluate("document.activeElement.parentElement.open"):
        watched.page.keyboard.press("Enter")
    tab_to(watched.page, r"^(A|INPUT|SELECT) .*Tromsø")
    before = watched.page.url
    if focused(watched.page).startswith("INPUT"):
        watched.page.keyboard.press("Space")
    enter(watched.page)
    assert watched.page.url != before
    assert "in.municipality=" in watched.page.url
    assert "narrowed" in watched.page.locator("main table caption").first.inner_text()


def test_open_a_patient_from_a_list(watched: Watched) -> None:
    watched.open("/findings/revolving_door?lang=en")
    name = tab_to(watched.page, r"^A p\d+")
    enter(watched.page)
    assert "/patients/" in watched.page.url
    assert name.split()[1] in watched.page.locator("h1").inner_text()


def test_expand_a_node_of_a_network(watched: Watched) -> None:
    watched.open("/networks/shared_patients?lang=en")
    page = watched.page
    page.locator("[data-list] a").first.focus()
    first = page.evaluate("document.activeElement.dataset.node")
    page.keyboard.press("ArrowDown")
    second = page.evaluate("document.activeElement.dataset.node")
    assert second
    assert second != first
    page.keyboard.press("Enter")
    page.wait_for_function(
        "document.querySelector('[data-panel] h3') && location.href.includes('selected=')"
    )
    panel = page.locator("[data-panel]")
    assert panel.locator("h3").inner_text()
    tab_to(page, r"^A Draw only what is around it")
    enter(page)
    assert "focus=" in page.url
    assert page.locator("[data-list] a").count() > 1


def test_download_a_list(watched: Watched, tmp_path: Path) -> None:
    watched.open("/findings/unowned_plans?lang=en")
    tab_to(watched.page, r"^A CSV")
    with watched.page.expect_download() as waiting:
        watched.page.keyboard.press("Enter")
    target = tmp_path / "list.csv"
    waiting.value.save_as(target)
    assert "plan_id,patient_id" in target.read_text(encoding="utf-8")
    assert waiting.value.suggested_filename.endswith(".csv")


def test_change_language_and_colours_and_come_back_to_the_same_page(watched: Watched) -> None:
    watched.open("/findings/revolving_door?min_stays=4&lang=en")
    tab_to(watched.page, r"^A Nynorsk")
    enter(watched.page)
    assert watched.page.evaluate("document.documentElement.lang") == "nn"
    assert "min_stays=4" in watched.page.url
    tab_to(watched.page, r"^BUTTON (Mørk|Mørke|Dark)")
    watched.page.keyboard.press("Enter")
    watched.page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    # The choice is kept by the server's cookie, which comes a moment later.
    while not any(cookie["name"] == "theme" for cookie in watched.page.context.cookies()):
        watched.page.wait_for_timeout(50)
    watched.page.reload()
    watched.page.wait_for_load_state("networkidle")
    assert watched.page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_focus_is_never_caught(watched: Watched) -> None:
    watched.open("/networks/unit_transfers?lang=en")
    seen = set()
    for _ in range(MOST_STEPS * 4):
        watched.page.keyboard.press("Tab")
        if watched.page.evaluate("document.activeElement === document.body"):
            break
        seen.add(focused(watched.page))
        if watched.page.evaluate("!!document.activeElement.closest('footer')"):
            break
    else:
        raise AssertionError("the foot of the page was never reached by Tab")
