"""The design system: contrast of its colours, its grid, and what templates may hold."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

_API = Path(__file__).parents[2] / "src" / "pathgraph" / "api"
_CSS = (_API / "static" / "pathgraph.css").read_text()
_TEMPLATES = sorted((_API / "templates").rglob("*.html"))
_TEXT, _MARK = 4.5, 3.0


def _blocks(css: str) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield selector and custom properties of each block that declares any."""
    without_comments = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", without_comments):
        declared = dict(re.findall(r"(--[a-z0-9-]+)\s*:\s*([^;]+);", body))
        if declared:
            yield " ".join(selector.split()), {k: v.strip() for k, v in declared.items()}


def _themes() -> dict[str, dict[str, str]]:
    themes: dict[str, dict[str, str]] = {}
    for selector, declared in _blocks(_CSS):
        if "--paper" in declared and declared["--paper"].startswith("#"):
            themes[selector] = dict(declared)
    return themes


_LIGHT = ':root, :root[data-theme="light"]'
_DARK = ':root[data-theme="dark"]'
_DARK_BY_SYSTEM = ':root:not([data-theme="light"])'
_PRINT = ":root:root, :root[data-theme]"
THEMES = _themes()


def _luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    digits = colour.removeprefix("#")
    if len(digits) == 3:
        digits = "".join(c * 2 for c in digits)
    channels = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio, WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_ratio_is_that_of_the_standard() -> None:
    # Black on white is 21, and #767676 is the lightest grey that text may have on white.
    assert contrast("#000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#fff") >= 4.5 > contrast("#777777", "#fff")


def test_there_are_the_sets_that_are_meant() -> None:
    assert set(THEMES) == {_LIGHT, _DARK, _DARK_BY_SYSTEM, _PRINT}


def test_dark_is_one_set_whoever_chose_it() -> None:
    assert THEMES[_DARK] == THEMES[_DARK_BY_SYSTEM]


@pytest.mark.parametrize("theme", [_LIGHT, _DARK, _PRINT])
@pytest.mark.parametrize("ground", ["--paper", "--surface", "--sunken", "--hover"])
@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("--ink", _TEXT),
        ("--ink-soft", _TEXT),
        ("--accent", _TEXT),
        ("--attention", _TEXT),
        ("--wrong", _TEXT),
    ],
)
def test_text_has_its_contrast(theme: str, ground: str, name: str, least: float) -> None:
    colours = {**THEMES[_LIGHT], **THEMES[theme]}
    assert contrast(colours[name], colours[ground]) >= least


@pytest.mark.parametrize("theme", [_LIGHT, _DARK, _PRINT])
@pytest.mark.parametrize(
    ("name", "ground"),
    [
        ("--ink-on-accent", "--accent"),
        ("--ink", "--accent-soft"),
        ("--accent", "--accent-soft"),
        ("--ink-soft", "--accent-soft"),
        ("--ink", "--attention-soft"),
        ("--accent", "--attention-soft"),
        ("--ink-soft", "--attention-soft"),
        ("--ink", "--wrong-soft"),
        ("--accent", "--wrong-soft"),
        ("--wrong", "--wrong-soft"),
    ],
)
def test_text_on_coloured_ground_has_its_contrast(theme: str, name: str, ground: str) -> None:
    colours = {**THEMES[_LIGHT], **THEMES[theme]}
    assert contrast(colours[name], colours[ground]) >= _TEXT


@pytest.mark.parametrize("theme", [_LIGHT, _DARK, _PRINT])
@pytest.mark.parametrize("ground", ["--paper", "--surface"])
@pytest.mark.parametrize(
    "name",
    [
        "--level-hospital",
        "--level-psychiatry",
        "--level-emergency",
        "--level-gp",
        "--level-municipal",
        "--level-home",
        "--bar",
        "--line-strong",
        "--focus",
    ],
)
def test_marks_have_their_contrast(theme: str, ground: str, name: str) -> None:
    colours = {**THEMES[_LIGHT], **THEMES[theme]}
    assert contrast(colours[name], colours[ground]) >= _MARK


def test_print_is_black_on_white() -> None:
    assert {THEMES[_PRINT][n] for n in ("--ink", "--ink-soft", "--accent")} == {"#000"}
    assert THEMES[_PRINT]["--paper"] == "#fff"


def test_sizes_and_gaps_are_those_of_the_grid() -> None:
    declared = {k: v for _, block in _blocks(_CSS) for k, v in block.items()}
    sizes = [float(declared[f"--size-{n}"].removesuffix("rem")) * 16 for n in range(1, 6)]
    assert sizes == [14, 16, 20, 25, 31]
    gaps = [int(v.removesuffix("px")) for k, v in declared.items() if k.startswith("--gap-")]
    assert gaps
    assert all(gap % 4 == 0 for gap in gaps)


def test_every_property_that_is_used_is_declared() -> None:
    declared = {name for _, block in _blocks(_CSS) for name in block}
    scripts = "".join(path.read_text() for path in (_API / "views").glob("chart*.py"))
    used = set(re.findall(r"var\((--[a-z0-9-]+)\)", _CSS))
    used |= set(re.findall(r'"(--[a-z][a-z0-9-]+)"', scripts))
    assert "--bar" in used
    assert used <= declared


def test_nothing_is_fetched_from_elsewhere() -> None:
    files = [*_API.glob("static/*.css"), *_API.glob("static/*.js")]
    assert files
    for path in files:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.DOTALL)
        assert "@import" not in text, path
        assert not re.search(r"url\(\s*['\"]?(https?:)?//", text), path
        assert not re.search(r"fetch\(\s*['\"`]https?:", text), path


@pytest.mark.parametrize("path", _TEMPLATES, ids=lambda p: p.name)
def test_templates_hold_no_handlers_styles_or_scripts(path: Path) -> None:
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<[a-z][^>]*\son[a-z]+\s*=", text), "handlers belong into a script"
    for address in re.findall(r"<(?:script|link|img)[^>]*\s(?:src|href)=\"([^\"]*)", text):
        assert not address.startswith(("http:", "https:", "//")), address
    if not path.stem.endswith("_alone"):
        # A page saved as a file carries its styles and scripts with it.
        scripts = re.findall(r"<script(?![^>]*\bsrc=)([^>]*)>", text)
        assert all('type="application/json"' in attributes for attributes in scripts)
        assert not re.search(r"<[a-z][^>]*\sstyle\s*=", text)
        assert "<style" not in text


@pytest.mark.parametrize(
    "path", [p for p in _TEMPLATES if p.parent.name == "templates"], ids=lambda p: p.name
)
def test_pages_stand_in_the_frame(path: Path) -> None:
    if path.name == "base.html" or path.stem.endswith("_alone"):
        return
    text = path.read_text()
    assert text.startswith('{% extends "base.html" %}')
    assert "{% block title %}" in text
    assert len(re.findall("<h1[ >]", text)) >= 1
