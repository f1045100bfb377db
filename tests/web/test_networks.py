"""A network's picture in a real browser: seen, asked, walked by the keyboard, and taken along."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.web.watched import Watched, watching


@pytest.fixture
def watched(server: str, browser: Browser) -> Iterator[Watched]:
    """Return a page that must have had no fault at the end."""
    with watching(browser, server, accept_downloads=True, locale="en-GB") as opened:
        yield opened
        assert opened.faults == []


def asked(page: Page) -> dict[str, list[str]]:
    return parse_qs(urlsplit(page.url).query)


def data(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(page.locator("#picture-data").inner_text())
    return found


def nodes(page: Page) -> list[str]:
    listed: list[str] = page.eval_on_selector_all(
        "[data-list] [data-node]", "all => all.map(one => one.dataset.node)"
    )
    return listed


def focused(page: Page) -> str:
    node: str = page.evaluate("document.activeElement.dataset.node || ''")
    return node


def painted(page: Page) -> int:
    """Return how many pixels of the canvas are neither empty nor the same as the first."""
    n: int = page.evaluate(
        """() => {
          const canvas = document.querySelector("[data-live] canvas");
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          let n = 0;
          for (let i = 3; i < data.length; i += 4) n += data[i] > 0;
          return n;
        }"""
    )
    return n


def test_the_picture_is_drawn_and_the_still_one_goes(watched: Watched) -> None:
    watched.open("/networks/shared_patients?lang=en")
    page = watched.page
    assert page.locator("[data-live] canvas").is_visible()
    assert not page.locator(".network-still").is_visible()
    assert painted(page) > 5_000
    # The strongest tie's nodes are where the server put them.
    node = data(page)["nodes"][0]
    assert nodes(page)[0] == max(data(page)["nodes"], key=lambda n: n["r"])["id"]
    assert {"x", "y", "r", "tone"} <= node.keys()


def test_arrows_go_down_the_list_and_round_the_neighbours(watched: Watched) -> None:
    watched.open("/networks/shared_patients?lang=en")
    page = watched.page
    listed = nodes(page)
    page.locator("[data-list] [tabindex='0']").focus()
    assert focused(page) == listed[0]
    assert page.locator("[data-list] [tabindex='0']").count() == 1
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    assert focused(page) == listed[2]
    ties = [t for t in data(page)["ties"] if listed[2] in (t["from"], t["to"])]
    ties.sort(key=lambda t: -t["width"])
    near = [t["to"] if t["from"] == listed[2] else t["from"] for t in ties]
    page.keyboard.press("ArrowRight")
    assert focused(page) in near
    strongest = [t for t in ties if t["width"] == ties[0]["width"]]
    if len(strongest) == 1:
        assert focused(page) == near[0]
    page.keyboard.press("ArrowLeft")
    assert focused(page) == listed[2]
    page.keyboard.press("End")
    assert focused(page) == listed[-1]


def test_enter_opens_the_panel_with_the_nodes_ties(watched: Watched) -> None:
    watched.open("/networks/unit_transfers?lang=en")
    page = watched.page
    node = nodes(page)[0]
    page.locator("[data-list] [tabindex='0']").focus()
    page.keyboard.press("Enter")
    assert asked(page)["selected"] == [node]
    panel = page.locator("[data-panel]")
    name = next(n["name"] for n in data(page)["nodes"] if n["id"] == node)
    assert panel.locator("h3").inner_text() == name
    n_ties = sum(node in (t["from"], t["to"]) for t in data(page)["ties"])
    assert panel.locator("tbody tr").count() == n_ties
    assert page.locator("[data-said]").inner_text().startswith(name)
    assert panel.locator("a", has_text="Open its page").get_attribute("href") == f"/units/{node}"
    # The same without the script, from the address alone.
    page.reload()
    assert page.locator("[data-panel] h3").inner_text() == name
    panel.locator("[data-do=close]").click()
    assert "selected" not in asked(page)


def test_expand_and_go_back(watched: Watched) -> None:
    watched.open("/networks/shared_patients?lang=en")
    page = watched.page
    first = nodes(page)[-1]
    page.locator(f"[data-node='{first}']").click()
    page.locator("[data-panel] a", has_text="Draw only").click()
    page.wait_for_url(lambda url: url.count("focus=") == 1)
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    few = nodes(page)
    assert first in few
    second = next(n for n in few if n != first)
    page.locator(f"[data-list] [data-node='{second}']").click()
    page.locator("[data-panel] a", has_text="Draw its neighbours").click()
    page.wait_for_url(lambda url: url.count("focus=") == 2)
    assert asked(page)["focus"] == [first, second]
    assert set(few) <= set(nodes(page))
    page.go_back()
    page.wait_for_url(lambda url: url.count("focus=") == 1)
    expect(page.locator("[data-list] [data-node]")).to_have_count(len(few))


def test_a_way_between_two_nodes(watched: Watched) -> None:
    watched.open("/networks/shared_patients?lang=en")
    page = watched.page
    start, end = nodes(page)[0], nodes(page)[-1]
    page.locator("summary", has_text="What is asked and drawn").click()
    page.select_option("#ask-path_from", start)
    page.select_option("#ask-path_to", end)
    page.locator("[data-live-form] button.primary").click()
    page.wait_for_selector("#way")
    # What was not changed is not in the address.
    assert asked(page).keys() - {"lang"} == {"path_from", "path_to"}
    names = {n["id"]: n["name"] for n in data(page)["nodes"]}
    steps = page.locator("#way li").all_inner_texts()
    assert (steps[0], steps[-1]) == (names[start], names[end])
    assert sum(t["marked"] for t in data(page)["ties"]) == len(steps) - 1


def test_the_address_is_the_view(watched: Watched) -> None:
    watched.open("/networks/shared_patients?lang=en")
    page = watched.page
    page.locator("[data-do=in]").click()
    page.locator("[data-do=in]").click()
    _, _, scale = (float(part) for part in asked(page)["at"][0].split(","))
    page.reload()
    page.wait_for_load_state("networkidle")
    page.locator("[data-do=in]").click()
    _, _, larger = (float(part) for part in asked(page)["at"][0].split(","))
    assert larger == pytest.approx(1.3 * scale, rel=0.02)
    page.locator("[data-do=fit]").click()
    assert "at" not in asked(page)


def test_taken_along(watched: Watched, browser: Browser, tmp_path: Path) -> None:
    watched.open("/networks/unit_transfers?lang=en")
    page = watched.page
    with page.expect_download() as waiting:
        page.locator("[data-do=png]").click()
    picture = tmp_path / "network.png"
    waiting.value.save_as(picture)
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 20_000
    with page.expect_download() as waiting:
        page.locator(".downloads a", has_text="HTML").click()
    target = tmp_path / "network.html"
    waiting.value.save_as(target)
    n_nodes = len(nodes(page))
    # Opened from the disk, without a network, it can still be looked at.
    context = browser.new_context(offline=True)
    alone = context.new_page()
    faults: list[str] = []
    alone.on("pageerror", lambda error: faults.append(str(error)))
    alone.on("console", lambda m: faults.append(m.text) if m.type == "error" else None)
    alone.on("request", lambda r: None if r.url.startswith("file:") else faults.append(r.url))
    alone.goto(target.as_uri())
    alone.wait_for_selector("[data-live] canvas")
    assert painted(alone) > 5_000
    assert len(nodes(alone)) == n_nodes
    alone.locator("[data-list] [data-node]").first.click()
    assert alone.locator("[data-panel] tbody tr").count() > 0
    assert faults == []
    context.close()


def test_without_scripts_the_still_picture_is_there(server: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{server}/networks/shared_patients?lang=en")
    assert page.locator(".network-still").is_visible()
    page.locator("[data-list] a").first.click()
    assert "selected=" in page.url
    page.locator(".network-panel a", has_text="Draw only").click()
    assert "focus=" in page.url
    assert page.locator(".network-still").is_visible()
    context.close()
