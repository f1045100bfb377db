"""Pictures of the pages, from a generated region: ``python -m tests.web.screenshots FOLDER``."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from pathgraph.api.serve import serving_beside
from pathgraph.engine import open_engine
from pathgraph.ingest.run import load
from pathgraph.settings import Settings
from pathgraph.synth.generate import write_region

WALK = (
    ("home", "/?lang=nb", {}),
    ("finding", "/findings/follow_up_after_discharge?lang=nb", {}),
    ("patient", "/patients/{patient}?lang=nb", {}),
    ("network", "/networks/shared_patients?lang=nb", {}),
    ("municipality", "/municipalities/5501?lang=nb", {}),
    ("finding-nynorsk", "/findings/revolving_door?lang=nn", {}),
    ("home-dark", "/?lang=nb", {"color_scheme": "dark"}),
    ("finding-narrow", "/findings/revolving_door?lang=nb", {"width": 320}),
    ("patient-printed", "/patients/{patient}?lang=nb", {"media": "print"}),
)


def main(folder: Path, patients: int = 20_000) -> None:
    """Write one picture of each page of the walk."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        url = f"ladybug:{scratch}/graph"
        write_region(Path(scratch) / "tables", patients=patients, seed=1)
        with closing(open_engine(url)) as engine:
            load("tables", Path(scratch) / "tables", engine)
        place = os.environ.get("PATHGRAPH_CHROMIUM") or shutil.which("chromium")
        if place is None:
            sys.exit("No chromium on this machine; install the package chromium.")
        with (
            serving_beside(Settings(cache=Path(scratch) / "answers"), url) as server,
            sync_playwright() as playwright,
        ):
            _wait_until_counted(server)
            arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
            browser = playwright.chromium.launch(executable_path=place, args=arguments)
            patient = _patient(server)
            for name, path, options in WALK:
                _shoot(browser, server + path.format(patient=patient), folder / name, options)
                print(folder / f"{name}.png")
            browser.close()


def _wait_until_counted(server: str) -> None:
    while "pathgraph_trend_done 1.0" not in _text(f"{server}/metrics"):
        time.sleep(1)


def _patient(server: str) -> str:
    """Return the patient with most acute stays, who has something to show."""
    lines = _text(f"{server}/findings/revolving_door.csv?sort=-n_stays&limit=1").splitlines()
    return lines[-1].split(",")[0]


def _text(address: str) -> str:
    with urllib.request.urlopen(address, timeout=300) as answer:
        text: str = answer.read().decode()
    return text


def _shoot(browser: Browser, address: str, place: Path, options: dict[str, object]) -> None:
    context = browser.new_context(
        viewport={"width": int(str(options.get("width", 1280))), "height": 900},
        color_scheme=options.get("color_scheme", "light"),  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)
    if options.get("media") == "print":
        page.emulate_media(media="print")
        page.pdf(path=place.with_suffix(".pdf"), format="A4")
    page.screenshot(path=place.with_suffix(".png"), full_page=bool(options))
    context.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "artifacts/screenshots"))
