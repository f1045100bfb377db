"""Routes whose answer follows from the data, the address and the reader alone.

Such an answer has an entity tag before it is made: a reader who has it gets 304, and one who does
not may get the finished bytes that another reader's request left.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pathgraph.api.auth import caller_of
from pathgraph.api.page import language_for, theme_for
from pathgraph.api.serving import Page, Serving, serving_of
from pathgraph.engine.base import LoadRecord
from pathgraph.version import VERSION

__all__ = ["DataRoute", "entity_tag"]

_ATTEMPTS = 3

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class DataRoute(APIRoute):
    """Answers with an entity tag, and from what is kept where it is kept."""

    def get_route_handler(self) -> Handler:
        """Return the route's handler with the tag around it."""
        handler = super().get_route_handler()

        async def tagged(request: Request) -> Response:
            serving = serving_of(request)
            for _ in range(_ATTEMPTS):
                # Off the event loop: on a graph server this is a question of its own.
                record = await asyncio.to_thread(serving.engine.record)
                request.scope["pathgraph.record"] = record
                tag = entity_tag(request, serving, record)
                if tag in _tags(request.headers.get("if-none-match", "")):
                    return _marked(Response(status_code=304), tag)
                kept = serving.pages.get(tag)
                if kept is not None:
                    response = Response(kept.body)
                    response.raw_headers = list(kept.headers)
                    return response
                response = await handler(request)
                # A load that ended in between may have given one part of a page old rows and
                # another new ones.
                if (await asyncio.to_thread(serving.engine.record)).load_id == record.load_id:
                    break
            return _kept(response, tag, serving)

        return tagged


def entity_tag(request: Request, serving: Serving, record: LoadRecord) -> str:
    """Return the tag of the answer: what is served, who asks for what, and in which form."""
    parts = (
        VERSION,
        record.load_id,
        record.fingerprint,
        str(serving.suppress_below),
        # What the home page shows is filled in while the server runs.
        str(serving.trends.revision if serving.trends and request.url.path == "/" else 0),
        caller_of(request).rights,
        language_for(request).code,
        theme_for(request),
        request.url.path,
        request.url.query,
        "page" if "text/html" in request.headers.get("accept", "") else "data",
    )
    return f'"{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:32]}"'


def _tags(header: str) -> set[str]:
    return {part.strip().removeprefix("W/") for part in header.split(",")}


def _marked(response: Response, tag: str) -> Response:
    response.headers["etag"] = tag
    # Whoever keeps it asks again each time, which costs nothing where it is unchanged.
    response.headers["cache-control"] = "private, no-cache"
    response.headers["vary"] = "accept, accept-encoding, accept-language, cookie"
    return response


def _kept(response: Response, tag: str, serving: Serving) -> Response:
    if response.status_code != 200 or "cache-control" in response.headers:
        return response
    _marked(response, tag)
    if not isinstance(response, StreamingResponse):
        serving.pages.put(tag, Page(bytes(response.body), tuple(response.raw_headers)))
    return response
