"""A page that is watched: what it asks of the network, what it logs, what its policy refuses."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

AXE = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
"""axe-core, as its wheel ships it."""

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

COLOURS = ["color-contrast", "link-in-text-block"]
"""Those of the rules that look at colours."""

PICTURES = Path(__file__).parents[2] / "artifacts" / "screenshots"
"""Where pictures of the pages are left to be looked at; git ignores it."""

_REPORTS = """
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`);
});
"""


@dataclass(slots=True)
class Watched:
    """A page of a browser, and all that it should not have done."""

    page: Page
    base: str
    faults: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        """Go there, and wait until its scripts have drawn what they draw."""
        answer = self.page.goto(self.base + path)
        assert answer is not None
        self.page.wait_for_load_state("networkidle")

    def violations(self, *, of_colours: bool = False) -> list[str]:
        """Return what axe finds wrong, one line a rule and place.

        Parameters
        ----------
        of_colours
            Ask the rules on colours alone: the others cannot tell light from dark.
        """
        self.page.evaluate(AXE)
        asked = (
            {"type": "rule", "values": COLOURS} if of_colours else {"type": "tag", "values": RULES}
        )
        found = self.page.evaluate(
            "only => axe.run(document, {runOnly: only, resultTypes: ['violations']})"
            ".then(({ violations }) => violations)",
            asked,
        )
        return [_line(violation, node) for violation in found for node in violation["nodes"]]

    def picture(self, name: str) -> None:
        """Leave a picture of the whole page, where the environment asks for pictures."""
        if os.environ.get("PATHGRAPH_PICTURES") != "1":
            return
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.jpg", type="jpeg", quality=70, full_page=True)

    def overflow(self) -> int:
        """Return by how many pixels the page is wider than the window."""
        wider: int = self.page.evaluate(
            "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
        )
        return wider


def _line(violation: dict[str, Any], node: dict[str, Any]) -> str:
    places = " ".join(str(target) for target in node["target"])
    return f"{violation['id']}: {places}: {node['html'][:160]}"


@contextmanager
def watching(
    browser: Browser, base: str, *, width: int = 1280, height: int = 900, **options: Any
) -> Iterator[Watched]:
    """Open a new page in a context of its own, and note what it should not do."""
    context = browser.new_context(viewport={"width": width, "height": height}, **options)
    context.add_init_script(_REPORTS)
    watched = Watched(context.new_page(), base)

    def requested(request: Any) -> None:
        if not request.url.startswith((base, "data:", "blob:")):
            watched.faults.append(f"asks {request.url}")

    def logged(message: Any) -> None:
        if message.type in ("error", "warning"):
            watched.faults.append(f"logs {message.text}")

    watched.page.on("request", requested)
    watched.page.on("console", logged)
    watched.page.on("pageerror", lambda error: watched.faults.append(f"throws {error}"))
    try:
        yield watched
    finally:
        context.close()
