"""Definitions and glossary: the texts that findings point to, in the reader's language.

They are the files of ``docs/`` themselves. The English definitions' headings give the anchors; the
other languages write the same anchors (``<a id="..."></a>``) before their headings, and the English
word in the last column of their glossary.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

from pathgraph.errors import InputError

__all__ = ["Document", "Heading", "Word", "definitions", "glossary", "slug", "text_file"]

_SOURCE = "en"
_AT_THE_TOP = {"glossary.md": "GLOSSARY.md"}
"""Where people look for it in a checkout."""
_ANCHORED = re.compile(r'^<a id="(?P<id>[a-z0-9-]+)"></a>\s*\n+(?P<head>#+ .+)$', re.MULTILINE)
_MARK = re.compile(r"\s*\{#(?P<id>[a-z0-9-]+)\}$")
_ROW = re.compile(r"^\|(?P<cells>.+)\|\s*$")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a document with the anchor that leads to it."""

    id: str
    text: str
    level: int


@dataclass(frozen=True, slots=True)
class Document:
    """A text made into HTML: its title, its headings below the title, and the rest."""

    title: str
    headings: tuple[Heading, ...]
    body: Markup


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the glossary.

    Attributes
    ----------
    id
        Anchor, the same in all languages.
    meaning
        HTML.
    """

    id: str
    word: str
    meaning: Markup


def text_file(name: str, language: str) -> Path:
    """Return the file of a text: beside this package when installed, else in the checkout.

    Parameters
    ----------
    name
        ``definitions`` or ``glossary``.

    Raises
    ------
    InputError
        When there is none: the installation is incomplete.

    Examples
    --------
    >>> text_file("definitions", "nb").name
    'definitions.nb.md'
    """
    package = Path(__file__).resolve().parents[1]
    file = f"{name}.md" if language == _SOURCE else f"{name}.{language}.md"
    checkout = package.parents[1]
    candidates = (package / "docs" / file, checkout / "docs" / file, checkout / _AT_THE_TOP.get(
        file, file))  # fmt: skip
    for path in candidates:
        if path.is_file():
            return path
    raise InputError(
        "A text that findings point to is missing from this installation of pathgraph. Install "
        "pathgraph again."
    )


def slug(heading: str) -> str:
    """Return the anchor that a heading has where none is written.

    Examples
    --------
    >>> slug("Days ready for discharge")
    'days-ready-for-discharge'
    """
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


@cache
def definitions(language: str) -> Document:
    """Return how pathgraph counts, in a language."""
    return _document(text_file("definitions", language).read_text(encoding="utf-8"))


@cache
def glossary(language: str) -> tuple[Word, ...]:
    """Return the words of a language and what they mean, in the order of the file."""
    text = text_file("glossary", language).read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in match["cells"].split("|")]
        for line in text.splitlines()
        if (match := _ROW.match(line))
    ]
    # The first two rows are the head and the line below it.
    return tuple(Word(slug(row[-1] if len(row) > 2 else row[0]), row[0], _inline(row[1]))
                 for row in rows[2:])  # fmt: skip


def _document(text: str) -> Document:
    markdown = _markdown()
    # markdown-it is told of no HTML: an anchor is written behind its heading and taken off again.
    tokens = markdown.parse(_ANCHORED.sub(r"\g<head> {#\g<id>}", text))
    headings = _with_anchors(tokens)
    body = markdown.renderer.render(_without_title(tokens), markdown.options, {})
    return Document(headings[0].text, tuple(headings[1:]), Markup(body))


def _with_anchors(tokens: Sequence[Token]) -> list[Heading]:
    """Give every heading its anchor, and every table the name of the section that it is in."""
    headings: list[Heading] = []
    n_tables = 0
    for opened, inline in pairwise(tokens):
        if opened.type == "table_open":
            n_tables += 1
            # Two regions of one page may not have one name.
            count = f" ({n_tables})" if n_tables > 1 else ""
            opened.meta["section"] = headings[-1].text + count
        if opened.type == "th_open" and not inline.content:
            opened.tag = "td"
        if opened.type == "inline" and not opened.content and inline.type == "th_close":
            inline.tag = "td"
        if opened.type != "heading_open":
            continue
        text = inline.content
        match = _MARK.search(text)
        if match:
            text = _MARK.sub("", text)
            for child in inline.children or ():
                child.content = _MARK.sub("", child.content)
        anchor = match["id"] if match else slug(text)
        opened.attrSet("id", anchor)
        n_tables = 0
        headings.append(Heading(anchor, text, int(opened.tag[1:])))
    return headings


def _without_title(tokens: Sequence[Token]) -> list[Token]:
    end = next(i for i, token in enumerate(tokens) if token.type == "heading_close")
    return list(tokens[end + 1 :])


def _inline(text: str) -> Markup:
    return Markup(_markdown().renderInline(text))


@cache
def _markdown() -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

    def table_open(
        self: object, tokens: Sequence[Token], place: int, options: object, env: object
    ) -> str:
        label = escape(tokens[place].meta.get("section", ""))
        return (
            '<div class="table-region is-short" tabindex="0" role="region" '
            f'aria-label="{label}"><table>\n'
        )

    def table_close(
        self: object, tokens: Sequence[Token], place: int, options: object, env: object
    ) -> str:
        return "</table></div>\n"

    markdown.add_render_rule("table_open", table_open)
    markdown.add_render_rule("table_close", table_close)
    return markdown
