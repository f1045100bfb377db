"""What stands before every route: names, origins, sizes, rates, and the headers of every answer."""

from __future__ import annotations

import logging
import re
import secrets
import traceback
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pathgraph.api.problems import problem_of, problem_response
from pathgraph.api.serving import Limits

__all__ = ["POLICY", "Guard", "SafeHeaders"]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Addresses hold pseudonyms.
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_LOG = logging.getLogger("pathgraph.api")
_PLACES = 6
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

        has_begun = False

        async def with_headers(message: Message) -> None:
            nonlocal has_begun
            if message["type"] == "http.response.start":
                has_begun = True
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers["x-request-id"] = request_id
                headers.setdefault("cache-control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, with_headers)
        except Exception as error:
            # What an error says may hold what a row holds, so the log gets its kind and places
            # alone; the server would write all of it.
            _LOG.error("fault in request %s: %s", request_id, _places_of(error))
            if has_begun:
                # The connection breaks, so that nobody takes the part for the whole.
                raise BrokenAnswerError from None
            response = problem_response(Request(scope), problem_of(error))
            await response(scope, receive, with_headers)


class BrokenAnswerError(Exception):
    """A fault after the answer had begun."""


def _places_of(error: BaseException) -> str:
    """Return the kind of an error and the places that it came through, innermost last."""
    places = traceback.extract_tb(error.__traceback__)[-_PLACES:]
    lines = [f"{Path(place.filename).name}:{place.lineno} {place.name}" for place in places]
    return " > ".join([type(error).__name__, *lines])


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
