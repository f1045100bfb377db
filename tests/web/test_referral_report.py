"""The printed report of a clinic: one sheet of A4, in each language, whatever it holds."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from pathgraph.api.language import LANGUAGES
from pathgraph.api.serve import serving_beside
from pathgraph.settings import Settings
from tests.web.watched import Watched, watching

_A4 = (595, 842)
_WIDTH_PX = 703
"""Of the sheet between its margins."""

_CUT_OFF = """[...document.querySelectorAll('.report table')]
  .filter((table) => table.offsetParent && table.scrollWidth > table.parentElement.clientWidth)
  .map((table) => table.parentElement.id)"""
"""Tables that are wider than their place, and would lose their last column in print."""


def _clinics(server: str) -> list[str]:
    with urllib.request.urlopen(f"{server}/findings/referral_gaps") as answer:
        text = answer.read().decode()
    return sorted(set(re.findall(r'href="/reports/referrals/([^"?]+)', text)))


def _pages(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page, in points."""
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


@pytest.fixture(scope="module")
def open_server(graph: str, answers: Path) -> Iterator[str]:
    """Return the address of a server that hides nothing: its reports are the fullest."""
    with serving_beside(Settings(cache=answers, suppress_below=0), graph) as address:
        yield address


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["server", "open_server"])
def test_a_report_is_one_sheet(
    request: pytest.FixtureRequest, browser: Browser, kind: str, language: str
) -> None:
    server = request.getfixturevalue(kind)
    clinics = _clinics(server)
    assert len(clinics) > 3
    n_pictures = []
    for clinic in clinics:
        with watching(browser, server) as watched:
            watched.open(f"/reports/referrals/{clinic}?lang={language}")
            pdf = watched.page.pdf(prefer_css_page_size=True)
            watched.page.emulate_media(media="print")
            assert watched.page.locator(".foot").is_visible() is False
            watched.page.set_viewport_size({"width": _WIDTH_PX, "height": 1000})
            assert watched.page.evaluate(_CUT_OFF) == []
            n_pictures.append(watched.page.locator("svg.plot").count())
        sheets = _pages(pdf)
        assert len(sheets) == 1, (clinic, language)
        assert sheets[0] == pytest.approx(_A4, abs=2)
    # The fullest ones are among them.
    assert max(n_pictures) == 2 or kind == "server"


def test_more_periods_than_fit_take_a_second_sheet(open_server: str, browser: Browser) -> None:
    """The count above can fail: with a row a month it is more than one sheet."""
    clinic = _clinics(open_server)[0]
    with watching(browser, open_server) as watched:
        watched.open(f"/reports/referrals/{clinic}?step=month&period_days=3650&lang=en")
        assert len(_pages(watched.page.pdf(prefer_css_page_size=True))) > 1


def report_by_links(watched: Watched, clinic: str) -> Page:
    """Go from the section's start to the report of the first clinic whose id begins so."""
    watched.open("/?role=section&lang=en")
    watched.page.locator("main a[href^='/findings/referral_gaps']").first.click()
    watched.page.locator(f"#rows a[href^='/reports/referrals/{clinic}']").first.click()
    return watched.page


def test_from_the_sections_start_to_a_department_and_who_lies_there_by_links_alone(
    server: str, browser: Browser
) -> None:
    with watching(browser, server) as watched:
        page = report_by_links(watched, "mk")
        assert page.locator("h1").inner_text() == "Referrals to the team: Medisinsk klinikk"
        row = page.locator("#departments-rows tbody tr").first
        # Eligible, referred, not referred, expected: a number or its mark.
        cells = row.locator("td").all_inner_texts()
        assert len(cells) == 4
        assert all(re.fullmatch(r"<5|[\d,.]+", cell.strip()) for cell in cells)
        assert watched.violations() == []
        name = row.locator("th").inner_text()
        row.locator("a").click()
        assert page.locator("h1").inner_text() == "In hospital and not referred to the team"
        assert "where.department=" in page.url
        table = page.locator("#rows tbody tr")
        assert table.count() > 0
        assert all(name in text for text in table.all_inner_texts())
        assert watched.faults == []


def test_three_clicks_from_the_sections_start_to_who_lies_there_now(
    server: str, browser: Browser
) -> None:
    with watching(browser, server) as watched:
        page = report_by_links(watched, "")
        page.locator("main a[href^='/findings/never_referred']").first.click()
        assert "in.clinic=" in page.url
        assert "as_of=" in page.url
        assert page.locator("h1").inner_text() == "In hospital and not referred to the team"
