"""What stands before every route: names, origins, sizes, rates, and the headers of every answer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pathgraph.api.headers import HEADERS
from pathgraph.api.problems import problem_of, problem_response
from pathgraph.api.serving import Limits

__all__ = ["Guard", "SafeHeaders"]

_READING = ("GET", "HEAD")
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.\-]+)(:\d{1,5})?")


class SafeHeaders:
    """Gives every answer its headers, and every request an id to quote."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and add what its answer lacks."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(6)
        scope["pathgraph.request_id"] = request_id

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # What comes with 304 replaces what the browser keeps with the page: a page with
                # pictures would lose the policy that it was sent with.
                for name, value in HEADERS.items() if message["status"] != 304 else ():
                    headers.setdefault(name, value)
                headers["x-request-id"] = request_id
                headers.setdefault("cache-control", "no-store")
            await send(message)

        await self.app(scope, receive, with_headers)


class Guard:
    """Turns away what no page of ours sends.

    Parameters
    ----------
    hosts
        Names under which the server may be addressed: another one is a page elsewhere that has had
        its own name point here (DNS rebinding).
    limits
        Sizes and rates.
    """

    def __init__(self, app: ASGIApp, *, hosts: Sequence[str], limits: Limits) -> None:
        self.app = app
        self._hosts = frozenset(host.lower() for host in hosts)
        self._limits = limits
        self._rates = MovingWindowRateLimiter(MemoryStorage())
        self._rate = RateLimitItemPerMinute(limits.per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with a problem, or pass the request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = self._refusal(scope)
        if status is None:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        response = problem_response(request, problem_of(HTTPException(status)))
        if status == 429:
            response.headers["retry-after"] = "60"
        if status == 405:
            response.headers["allow"] = ", ".join(_READING)
        await response(scope, receive, send)

    def _refusal(self, scope: Scope) -> int | None:
        headers = Headers(scope=scope)
        if not self._is_ours(headers.get("host", "")):
            return 421
        if len(scope.get("raw_path") or b"") + len(scope["query_string"]) > (
            self._limits.address_bytes
        ):
            return 414
        if _is_too_large(headers, self._limits.body_bytes):
            return 413
        if not self._comes_from_us(headers):
            return 403
        if scope["method"] not in _READING:
            return 405
        client = (scope.get("client") or ("unknown", 0))[0]
        return None if self._rates.hit(self._rate, client) else 429

    def _is_ours(self, host: str) -> bool:
        match = _HOST.fullmatch(host)
        return match is not None and match[1].lower() in self._hosts

    def _comes_from_us(self, headers: Headers) -> bool:
        """Whether no page of another origin sent the request; a link from elsewhere is one too."""
        origin = headers.get("origin")
        if origin is not None and urlsplit(origin).netloc.lower() != headers["host"].lower():
            return False
        navigates = headers.get("sec-fetch-mode") == "navigate"
        return headers.get("sec-fetch-site") != "cross-site" or navigates


def _is_too_large(headers: Headers, most: int) -> bool:
    length = headers.get("content-length", "0")
    # No route reads a body, so one of unknown length is of no use to anybody.
    return "transfer-encoding" in headers or not length.isdecimal() or int(length) > most
