"""Every page, in each language, light and dark, narrow and wide."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from pathgraph.api.language import LANGUAGES
from pathgraph.api.walk import Visited, walk
from pathgraph.queries.catalogue import catalogue, networks
from tests.web.watched import watching

WIDTHS = (1280, 320)
THEMES = ("light", "dark")

KINDS = [
    "/",
    "/findings",
    "/findings/revolving_door",
    "/findings/transfers",
    "/findings/readmission_rates",
    "/findings/follow_up_after_discharge",
    "/findings/ready_for_discharge_days",
    "/findings/priority",
    "/findings/new_since",
    "/findings/referral_gaps",
    "/findings/referral_gaps?by=municipality",
    "/findings/referral_control?by=clinic&step=year",
    "/findings/referral_capacity?capacity_per_year=300&consultations=400",
    "/reports/referrals/*",
    "/findings/unowned_plans/comparison?from=2025-11-30",
    "/networks",
    *[f"/networks/{network_id}" for network_id in networks()],
    *[
        f"/networks/municipality_units?view={view}&depth=clinic"
        for view in ("map", "matrix", "chord", "list", "change")
    ],
    "/networks/shared_patients?view=matrix&depth=clinic&levels=hospital",
    "/patients",
    "/patients/*",
    "/municipalities",
    "/municipalities/*",
    "/reports/municipalities",
    "/reports/municipalities/*",
    "/units",
    "/units/*",
    "/quality",
    "/model",
    "/glossary",
    "/definitions",
    "/about",
    "/nothing/here",
    "/findings/revolving_door?min_stays=one",
]
"""One address of each kind of page; a star is one that a link leads to."""


SEEN_AS_KINDS = {kind.removeprefix("/findings/") for kind in KINDS}
"""The findings whose page is one of them; the other names in it are no findings."""

ON_ONE_WORKER = [
    pytest.param(kind, marks=pytest.mark.xdist_group("walked" if "*" in kind else f"page {kind}"))
    for kind in KINDS
]
"""The same pages: what one worker's server has answered it need not work out a second time."""


@cache
def walked(server: str) -> tuple[Visited, ...]:
    return tuple(walk(server))


def address(server: str, kind: str) -> str:
    if not kind.endswith("*"):
        return kind
    pattern = re.compile(re.escape(kind[:-1]) + "[^/]+")
    return next(page.path for page in walked(server) if pattern.fullmatch(page.path))


def with_language(path: str, language: str) -> str:
    """Return the address in a language: in full in the first one, in the others with fewer rows.

    A row more is no other text, colour or width to look at; what stands around the rows is.
    """
    asked = {"lang": language}
    if language != LANGUAGES[0]:
        if path.startswith("/findings/"):
            asked["per_page"] = "10"
        network = networks().get(path.partition("?")[0].removeprefix("/networks/"))
        taken = {p.name for p in network.parameters} if network else set()
        # The hospitals alone have no meetings to show.
        few = {} if "meetings" in path else {"levels": "hospital", "depth": "clinic"}
        asked |= {name: few[name] for name in sorted(taken & set(few)) if f"{name}=" not in path}
    return path + ("&" if "?" in path else "?") + urlencode(asked)


def file_name(kind: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kind.replace("*", "one").lower()).strip("-") or "home"


@pytest.mark.xdist_group("walked")
def test_every_link_leads_to_a_page(server: str) -> None:
    pages = walked(server)
    assert [page for page in pages if not page.is_well] == []
    paths = {page.path for page in pages}
    assert {f"/findings/{finding_id}" for finding_id in catalogue()} <= paths
    assert {f"/networks/{network_id}" for network_id in networks()} <= paths


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ON_ONE_WORKER)
def test_a_page_is_accessible_and_keeps_to_itself(
    server: str, browser: Browser, kind: str, language: str
) -> None:
    path = address(server, kind)
    problems = []
    with watching(browser, server, reduced_motion="reduce") as watched:
        watched.open(with_language(path, language))
        page = watched.page
        assert page.evaluate("document.documentElement.lang") == language
        problems += badly_ordered(page)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            for theme in THEMES:
                page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
                page.wait_for_timeout(100)
                found = watched.violations(of_colours=theme == "dark")
                problems += [f"{width} {theme}: {v}" for v in found]
                watched.picture(f"pages/{file_name(kind)}.{language}.{width}.{theme}")
            if (wider := watched.overflow()) > 0:
                problems.append(f"{width}: {wider} px wider than the window")
        expected = 1 if kind in ("/nothing/here", "/findings/revolving_door?min_stays=one") else 0
        faults = [f for f in watched.faults if "Failed to load resource" not in f]
        assert len(watched.faults) - len(faults) == expected
        problems += faults
    assert problems == []


def badly_ordered(page: Page) -> list[str]:
    """Return what is wrong with a page's headings, landmarks and title."""
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6", "all => all.map(one => Number(one.tagName[1]))"
    )
    landmarks = page.eval_on_selector_all(
        "header, main, footer",
        "all => all.filter(one => one.parentElement === document.body).map(one => one.tagName)",
    )
    is_well = {
        "one h1": page.locator("h1").count() == 1,
        "one main": page.locator("main").count() == 1,
        "a title": bool(page.title().strip()),
        "h1 first": levels[0] == 1,
        "no level left out": all(later - earlier <= 1 for earlier, later in pairwise(levels)),
        "landmarks in order": landmarks == ["HEADER", "MAIN", "FOOTER"],
    }
    return [f"not so: {name}" for name, holds in is_well.items() if not holds]


@pytest.mark.parametrize("finding_id", sorted(set(catalogue()) - SEEN_AS_KINDS))
def test_a_finding_page_is_accessible_and_keeps_to_itself(
    server: str, browser: Browser, finding_id: str
) -> None:
    with watching(browser, server) as watched:
        watched.open(f"/findings/{finding_id}?lang=en")
        assert watched.faults == []
        assert watched.violations() == []
        assert watched.page.locator("h1").count() == 1


@pytest.mark.parametrize("kind", ON_ONE_WORKER)
def test_a_page_says_the_same_without_scripts(server: str, browser: Browser, kind: str) -> None:
    with watching(browser, server, java_script_enabled=False) as watched:
        watched.page.goto(server + address(server, kind))
        assert watched.page.locator("h1").count() == 1
        assert watched.page.locator("main").inner_text().strip()
        assert watched.page.locator("[onclick], [onload], a[href^='javascript']").count() == 0
