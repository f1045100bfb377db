"""No page looks for words that the catalogues lack, and none shows English to Norwegian readers."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from gettext import NullTranslations
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.testclient import TestClient

from pathgraph.api.language import language_of

# One page of each form; the others differ in their numbers alone.
ONE_OF_MANY = re.compile(r"/(patients|municipalities|units)/[^/]+")

# A name in the model, which is the same in every language.
NAMES = re.compile(r"\btabellen \w+")

ENGLISH = re.compile(
    r"\b(the|and|which|with|were|was|from|not|patients|has|have|is|are|of|this|that|they)\b",
    re.IGNORECASE,
)


class Missed(NullTranslations):
    """Notes the messages that a catalogue did not have."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: set[str] = set()

    def gettext(self, message: str) -> str:
        self.messages.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.messages.add(msgid1)
        return super().ngettext(msgid1, msgid2, n)

    def pgettext(self, context: str, message: str) -> str:
        self.messages.add(f"{message} ({context})")
        return message

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        self.messages.add(f"{msgid1} ({context})")
        return super().npgettext(context, msgid1, msgid2, n)


class Page(HTMLParser):
    """The links of a page, and what it shows in the language of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.links += [given["href"]] if tag == "a" and given.get("href") else []
        self.texts += [v for k, v in attrs if k in ("aria-label", "title", "alt") and v]
        if tag not in ("br", "hr", "img", "input", "link", "meta", "use", "path", "circle", "rect"):
            apart = tag in ("code", "pre", "script", "style") or given.get("lang") == "en"
            self._open.append((tag, apart))

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _ in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(apart for _, apart in self._open):
            self.texts.append(" ".join(data.split()))


def pages(client: TestClient, code: str) -> Iterator[tuple[str, Page]]:
    """Open a page of each form, by following links from the first."""
    waiting, seen = deque(["/"]), {"/"}
    while waiting:
        path = waiting.popleft()
        answer = client.get(
            path, params={"lang": code}, headers={"accept": "text/html", "accept-language": code}
        )
        page = Page(answer.text)
        yield path, page
        for link in page.links:
            target = urlsplit(urljoin(f"http://127.0.0.1{path}", link))
            form = ONE_OF_MANY.sub(r"/\1/one", target.path)
            is_ours = target.netloc == "127.0.0.1" and "." not in target.path
            if is_ours and form not in seen and not target.path.startswith("/settings"):
                seen.add(form)
                waiting.append(target.path)


@pytest.mark.parametrize("code", ["nb", "nn"])
def test_every_page_is_said_in_the_readers_language(client: TestClient, code: str) -> None:
    missed = Missed()
    translations = language_of(code).translations
    before = translations._fallback
    translations._fallback = missed
    try:
        opened = dict(pages(client, code))
    finally:
        translations._fallback = before
    assert len(opened) > 50
    assert missed.messages == set()
    english = {
        (path, text)
        for path, page in opened.items()
        for text in page.texts
        if ENGLISH.search(NAMES.sub("", text))
    }
    assert english == set()
