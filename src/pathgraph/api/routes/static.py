"""Styles and scripts: our own, and the two that other wheels bring, all from this server."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from collections.abc import Callable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.problems import not_found

__all__ = ["own_text", "router", "vendor", "vendored_text"]

router = APIRouter(include_in_schema=False)

_OWN = "pathgraph.api"
VENDORED = {
    "plotly.min.js": ("plotly", ("package_data", "plotly.min.js")),
    "vis-network.min.js": ("pyvis", ("templates", "lib", "vis-9.1.2", "vis-network.min.js")),
    "vis-network.css": ("pyvis", ("templates", "lib", "vis-9.1.2", "vis-network.css")),
}
"""Name in our addresses to package and place in it."""

_YEAR = "public, max-age=31536000, immutable"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@cache
def vendor(name: str) -> str:
    """Return the address of a file of another wheel, which changes when the file does."""
    return f"/static/vendor/{name}?v={_vendored_digest(name)[:12]}"


def vendored_text(name: str) -> str:
    """Return a script or style of another wheel, to stand in a file of its own."""
    return _vendored(name).decode()


def own_text(name: str) -> str:
    """Return a script or style of ours, to stand in a file of its own."""
    return (resources.files(_OWN) / "static" / name).read_text(encoding="utf-8")


@router.get("/static/vendor/{name}")
def vendored(request: Request, name: str) -> Response:
    """Return a script or style of another wheel."""
    if name not in VENDORED:
        raise not_found()
    return _file(request, name, _vendored(name), _vendored_digest(name), _zipped_vendored)


@router.get("/static/{name}")
def own(request: Request, name: str) -> Response:
    """Return a script, style or picture of ours."""
    place = _own(name)
    if place is None:
        raise not_found()
    content = place.read_bytes()
    return _file(request, name, content, hashlib.sha256(content).hexdigest())


@router.get("/favicon.ico")
def favicon(request: Request) -> Response:
    """Return the sign of pathgraph."""
    return own(request, "icon.svg")


@router.get("/robots.txt")
def robots() -> Response:
    """Ask that nothing be indexed."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


def _own(name: str) -> Traversable | None:
    listed = {place.name: place for place in (resources.files(_OWN) / "static").iterdir()}
    return listed.get(name)


@cache
def _vendored(name: str) -> bytes:
    package, parts = VENDORED[name]
    return resources.files(package).joinpath(*parts).read_bytes()


@cache
def _vendored_digest(name: str) -> str:
    return hashlib.sha256(_vendored(name)).hexdigest()


@cache
def _zipped_vendored(name: str) -> bytes:
    # Once, since it takes a quarter of a second for the largest.
    return gzip.compress(_vendored(name), 9, mtime=0)


def _file(
    request: Request,
    name: str,
    content: bytes,
    digest: str,
    zipped: Callable[[str], bytes] | None = None,
) -> Response:
    suffix = f".{name.rpartition('.')[2]}"
    type_ = _TYPES.get(suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream"
    tag = f'"{digest[:32]}"'
    # The address names the content, so that it never changes under an address.
    lasting = _YEAR if "v" in request.query_params else "no-cache"
    headers = {"etag": tag, "cache-control": lasting, "vary": "accept-encoding"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    if zipped is not None and "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
        content = zipped(name)
    return Response(content, media_type=type_, headers=headers)
