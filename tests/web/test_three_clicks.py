"""From the page on which ``make demo`` ends to each group's answer in three clicks at most."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.web.watched import watching

MOST_CLICKS = 3


def _in_main(selector: str) -> Callable[[Page], None]:
    return lambda page: page.locator(f"main {selector}").first.click()


def _in_head(name: str) -> Callable[[Page], None]:
    return lambda page: page.locator("header").get_by_role("link", name=name, exact=True).click()


def _matrix(page: Page) -> None:
    assert page.locator("#matrix tbody tr").count() > 20
    assert page.locator("#matrix thead th").count() > 3


def _map(page: Page) -> None:
    assert page.locator("h2", has_text="On a map").is_visible()
    names = page.locator("#nodes tbody tr th").all_inner_texts()
    assert {"Tromsø", "Harstad", "Narvik"} <= {name.strip() for name in names}


def _timeline(page: Page) -> None:
    assert re.search(r"/patients/[^/?]+", page.url)
    assert page.locator("main svg [data-event], main svg.timeline").count() > 0


def _network(page: Page) -> None:
    assert page.locator("[data-list] a").count() > 3
    assert page.locator("#rows tbody tr").count() > 3


def _of_rows(heading: str) -> Callable[[Page], None]:
    def check(page: Page) -> None:
        assert page.locator("h1").inner_text() == heading
        assert page.locator("#rows tbody tr").count() > 0

    return check


def _municipality(page: Page) -> None:
    assert page.locator("h1").inner_text().startswith("Harstad")
    assert page.locator("main table").count() > 0


def _report(page: Page) -> None:
    assert page.locator("h1").inner_text().startswith("Referrals to the team: ")
    assert page.locator("main a[href*='/findings/never_referred']").count() > 0


ANSWERS: dict[str, tuple[list[Callable[[Page], None]], Callable[[Page], None]]] = {
    "analyst: who comes back": (
        [_in_main("a[href='/findings/revolving_door']")],
        _of_rows("Revolving-door patients"),
    ),
    "analyst: one patient's timeline": (
        [_in_main("a[href='/findings/revolving_door']"), _in_main("#rows a[href^='/patients/']")],
        _timeline,
    ),
    "analyst: how patients are moved": (
        [_in_main("a[href='/networks']"), _in_main("a[href^='/networks/unit_transfers']")],
        _network,
    ),
    "analyst: who shares patients": (
        [_in_main("a[href='/networks']"), _in_main("a[href^='/networks/shared_patients']")],
        _network,
    ),
    "analyst: from which unit to which": (
        [_in_main("a[href='/findings/unit_moves']")],
        _of_rows("Moves between units"),
    ),
    "section: who refers fewer than expected": (
        [_in_head("Our section"), _in_main("a[href^='/findings/referral_gaps']")],
        _of_rows("Referral gaps among eligible patients"),
    ),
    "section: one clinic and its departments": (
        [
            _in_head("Our section"),
            _in_main("a[href^='/findings/referral_gaps']"),
            _in_main("#rows a[href^='/reports/referrals/']"),
        ],
        _report,
    ),
    "section: who lies here now": (
        [_in_head("Our section"), _in_main("a[href^='/findings/never_referred']")],
        _of_rows("In hospital and not referred to the team"),
    ),
    "community: who is in contact with whom": (
        [_in_head("The community"), _in_main("a[href*='view=matrix']")],
        _matrix,
    ),
    "community: the same on a map": (
        [
            _in_head("The community"),
            _in_main("a[href*='view=matrix']"),
            _in_main("a[href*='view=map']"),
        ],
        _map,
    ),
    "community: who has no contact point": (
        [_in_head("The community"), _in_main("a[href='/findings/missing_contact_points']")],
        _of_rows("Missing contact points"),
    ),
    "community: does the division follow the patients": (
        [_in_head("The community"), _in_main("a[href='/findings/formal_division']")],
        _of_rows("The formal division against where patients go"),
    ),
    "community: one municipality": (
        [
            _in_head("The community"),
            _in_main("a[href='/municipalities']"),
            lambda page: page.locator("main").get_by_role("link", name="Harstad").first.click(),
        ],
        _municipality,
    ),
}
"""What is asked, the clicks, and what the answer is known by."""


@pytest.mark.parametrize("asked", ANSWERS)
def test_three_clicks_lead_to_the_answer(server: str, browser: Browser, asked: str) -> None:
    clicks, is_answered = ANSWERS[asked]
    assert len(clicks) <= MOST_CLICKS
    with watching(browser, server, locale="en-GB") as watched:
        watched.open("/?lang=en")
        for click in clicks:
            before = watched.page.url
            click(watched.page)
            watched.page.wait_for_load_state("networkidle")
            assert watched.page.url != before
        is_answered(watched.page)
        assert watched.faults == []
