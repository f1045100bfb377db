"""Every page opened once, over HTTP, by following the links from the first one."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

__all__ = ["Visited", "walk"]

_ONE_OF_MANY = re.compile(r"/(patients|(?:reports/)?municipalities|units|reports/referrals)/[^/]+")
"""There are thousands of these pages and one form of them; one is opened of each."""

_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Visited:
    """A page that was opened.

    Attributes
    ----------
    status
        0 where no answer came.
    """

    path: str
    status: int
    seconds: float
    n_bytes: int

    @property
    def is_well(self) -> bool:
        """Whether the page came, be it to say which tables were not loaded."""
        return self.status in (200, 409)


class _Links(HTMLParser):
    """Collects where a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the target of a link."""
        if tag == "a":
            self.targets += [value for name, value in attrs if name == "href" and value]


def walk(base: str, *, start: str = "/") -> Iterator[Visited]:
    """Open every page that can be reached from ``start``, each once.

    Parameters
    ----------
    base
        Address of the server, without a path.
    """
    waiting, seen = deque([start]), {_form(start)}
    while waiting:
        path = waiting.popleft()
        visited, targets = _opened(base, path)
        yield visited
        for target in targets:
            parts = urlsplit(urljoin(base + path, target))
            is_ours = f"{parts.scheme}://{parts.netloc}" == base
            if is_ours and "." not in parts.path and _form(parts.path) not in seen:
                if parts.path.startswith("/settings"):
                    continue
                seen.add(_form(parts.path))
                waiting.append(parts.path)


def _form(path: str) -> str:
    return _ONE_OF_MANY.sub(r"/\1/*", path)


def _opened(base: str, path: str) -> tuple[Visited, list[str]]:
    request = urllib.request.Request(base + path, headers={"accept": "text/html"})
    begun = time.perf_counter()
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:
            status, body = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, body = error.code, b""
    except OSError:
        status, body = 0, b""
    links = _Links()
    links.feed(body.decode("utf-8", "replace"))
    return Visited(path, status, time.perf_counter() - begun, len(body)), links.targets
