"""``pathgraph report municipalities``: files that open offline, one sheet of A4 each in print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from typer.testing import CliRunner

from pathgraph.cli import app
from tests.web.watched import AXE, RULES

RUNNER = CliRunner()
N_PLACES = 24


@pytest.fixture(scope="module", params=["nb", "nn", "en"])
def folder(
    request: pytest.FixtureRequest, graph: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    out = tmp_path_factory.mktemp("reports")
    done = RUNNER.invoke(
        app,
        ["report", "municipalities", "--graph", graph, "--out", str(out), "--lang", request.param],
    )
    assert done.exit_code == 0, done.output
    return request.param, out


def test_every_page_is_one_sheet_and_asks_for_nothing(
    folder: tuple[str, Path], browser: Browser
) -> None:
    lang, out = folder
    files = sorted(out.iterdir())
    assert len(files) == N_PLACES + 1
    context = browser.new_context(offline=True)
    faults: list[str] = []
    # In one language all are printed, in the others the longest.
    for file in files if lang == "nb" else [max(files, key=lambda f: f.stat().st_size), files[0]]:
        page = context.new_page()
        page.on("request", lambda r: None if r.url.startswith("file:") else faults.append(r.url))
        page.on("console", lambda m: faults.append(m.text))
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.lang") == lang
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page[^s]", pdf)) == 1, file.name
        box = re.search(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
        assert box is not None
        sides = [round(float(side) / 72 * 25.4) for side in box.groups()]
        assert sides == ([297, 210] if file.name == "municipalities.html" else [210, 297])
        page.close()
    assert faults == []
    context.close()


def test_a_file_is_accessible_and_leads_to_the_others(
    folder: tuple[str, Path], browser: Browser
) -> None:
    _, out = folder
    context = browser.new_context(offline=True, viewport={"width": 320, "height": 800},
                                  bypass_csp=True)  # fmt: skip
    page = context.new_page()
    for name in ("municipalities.html", "municipality-5501.html"):
        page.goto((out / name).as_uri())
        page.evaluate(AXE)
        found = page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})"
            ".then(({ violations }) => violations.map(v => v.id + ' ' + v.nodes[0].html))",
            RULES,
        )
        assert found == []
        assert page.evaluate("document.scrollingElement.scrollWidth") <= 320
    page.goto((out / "municipalities.html").as_uri())
    page.locator("tbody a").first.click()
    assert page.url.endswith("/municipality-1806.html")
    page.locator("nav a").click()
    assert page.url.endswith("/municipalities.html")
    context.close()


def test_other_files_are_left_alone(graph: str, tmp_path: Path) -> None:
    mine = tmp_path / "municipality-5501.html"
    mine.write_text("<p>mine</p>", encoding="utf-8")
    asked = ["report", "municipalities", "--graph", graph, "--out", str(tmp_path)]
    refused = RUNNER.invoke(app, asked)
    assert refused.exit_code == 2
    assert "municipality-5501.html" in refused.output
    assert [p.name for p in tmp_path.iterdir()] == ["municipality-5501.html"]
    mine.unlink()
    assert RUNNER.invoke(app, asked).exit_code == 0
    first = mine.read_bytes()
    # Its own it writes anew, and the same data gives the same bytes.
    assert RUNNER.invoke(app, asked).exit_code == 0
    assert mine.read_bytes() == first
    assert len(list(tmp_path.iterdir())) == N_PLACES + 1


def test_a_day_that_is_none_and_a_folder_that_is_none_are_refused(
    graph: str, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    asked = ["report", "municipalities", "--graph", graph, "--out"]
    assert RUNNER.invoke(app, [*asked, str(tmp_path / "r"), "--as-of", "never"]).exit_code == 2
    assert not (tmp_path / "r").exists()
    assert RUNNER.invoke(app, [*asked, str(file)]).exit_code == 8
