"""What a reader chooses once and for all pages: language and colours. Kept in cookies."""

from __future__ import annotations

from urllib.parse import urlsplit

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pathgraph.api.language import LANGUAGES
from pathgraph.api.page import THEMES

__all__ = ["local_path", "router"]

router = APIRouter()

_YEAR_S = 365 * 24 * 3600
_MOST = 4096


@router.get("/settings", include_in_schema=False)
async def settings(request: Request) -> Response:
    """Remember the choice, and lead back to the page that it was made on."""
    response = RedirectResponse(local_path(request.query_params.get("back", "/")), 303)
    for name, allowed in (("lang", LANGUAGES), ("theme", THEMES)):
        value = request.query_params.get(name)
        if value in allowed:
            response.set_cookie(
                name, value, max_age=_YEAR_S, samesite="lax", httponly=True, path="/"
            )
    response.headers["cache-control"] = "no-store"
    return response


def local_path(given: str) -> str:
    r"""Return the address where it is a path on this server, else the home page.

    Browsers read backslashes as slashes, and take a name after two slashes for a server.

    Examples
    --------
    >>> local_path("/findings?as_of=2025-12-31"), local_path("//elsewhere/x")
    ('/findings?as_of=2025-12-31', '/')
    >>> local_path("https://elsewhere/"), local_path("/\\elsewhere")
    ('/', '/')
    """
    is_plain = given.isascii() and given.isprintable() and "\\" not in given
    if not is_plain or len(given) > _MOST or not given.startswith("/") or given.startswith("//"):
        return "/"
    try:
        parts = urlsplit(given)
    except ValueError:
        return "/"
    return given if not parts.scheme and not parts.netloc else "/"
