"""Pages: the template environment, and what every page knows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import urlencode

import jinja2
from markupsafe import Markup
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from pathgraph.api.auth import caller_of
from pathgraph.api.headers import PICTURES_POLICY
from pathgraph.api.keys import key_in_address
from pathgraph.api.language import LANGUAGE_NAMES, LANGUAGES, Language, language_of, negotiated
from pathgraph.api.serving import serving_of
from pathgraph.engine.base import LoadRecord
from pathgraph.errors import EngineError
from pathgraph.version import VERSION

__all__ = [
    "PICTURES_POLICY",
    "THEMES",
    "Here",
    "address",
    "asset",
    "language_for",
    "last_day",
    "page",
    "rendered",
    "rendered_alone",
    "theme_for",
]

THEMES = ("auto", "light", "dark")

_STATIC = resources.files("pathgraph.api") / "static"
_ADDRESSES: Mapping[str, str] = {
    "home": "/",
    "findings": "/findings",
    "finding": "/findings/{id}",
    "comparison": "/findings/{id}/comparison",
    "networks": "/networks",
    "network": "/networks/{id}",
    "patients": "/patients",
    "patient": "/patients/{id}",
    "municipalities": "/municipalities",
    "municipality": "/municipalities/{id}",
    "units": "/units",
    "unit": "/units/{id}",
    "referral_report": "/reports/referrals/{id}",
    "quality": "/quality",
    "reports": "/reports/municipalities",
    "report": "/reports/municipalities/{id}",
    "model": "/model",
    "glossary": "/glossary",
    "definitions": "/definitions",
    "about": "/about",
}


def page(
    request: Request, template: str, *, status: int = 200, pictures: bool = False, **context: Any
) -> Response:
    """Return a page made from ``templates/<template>``.

    Parameters
    ----------
    pictures
        Whether the page holds pictures that a script draws, which need styles of their own.
    **context
        What the template is given besides what every page knows.
    """
    response = Response(rendered(request, template, **context), status, media_type="text/html")
    response.headers["content-language"] = language_for(request).code
    if pictures:
        response.headers["content-security-policy"] = PICTURES_POLICY
    return response


def rendered(request: Request, template: str, **context: Any) -> str:
    """Return the text of ``templates/<template>``, which knows what every page knows."""
    language = language_for(request)
    made: str = (
        _environment(language.code)
        .get_template(template)
        .render(**_known(request, language), **context)
    )
    return made


def rendered_alone(language: Language, template: str, **context: Any) -> str:
    """Return the text of a template that knows nothing of a server or a request."""
    known = {"lang": language.code, "language": language, "version": VERSION}
    made: str = _environment(language.code).get_template(template).render(**known, **context)
    return made


def language_for(connection: HTTPConnection) -> Language:
    """Return the language in which the caller is answered."""
    return language_of(
        negotiated(
            connection.query_params.get("lang"),
            connection.cookies.get("lang"),
            connection.headers.get("accept-language"),
        )
    )


def theme_for(connection: HTTPConnection) -> str:
    """Return ``light``, ``dark`` or ``auto``, as the caller chose."""
    theme = connection.cookies.get("theme", "auto")
    return theme if theme in THEMES else "auto"


def address(name: str, /, id: str | None = None, **query: Any) -> str:
    """Return the address of a page of ours, with a query where there is one.

    Examples
    --------
    >>> address("patient", "a/b"), address("finding", "transfers", as_of="2025-12-31", page=None)
    ('/patients/a~2Fb', '/findings/transfers?as_of=2025-12-31')
    """
    path = _ADDRESSES[name].format(id=key_in_address(id or ""))
    given = {k: v for k, v in query.items() if v is not None}
    return f"{path}?{urlencode(given, doseq=True)}" if given else path


@cache
def asset(name: str) -> str:
    """Return the address of a file in ``static/``, which changes when the file does."""
    content = (_STATIC / name).read_bytes()
    return f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"


def last_day(record: LoadRecord | None) -> date | None:
    """Return the day of the last contact that was loaded."""
    day = None if record is None else record.manifest.get("last_day")
    return None if day is None else date(1970, 1, 1) + timedelta(days=int(day))


def _known(request: Request, language: Language) -> dict[str, Any]:
    """Return what every template is given."""
    record = _record(request)
    return {
        "request": request,
        "lang": language.code,
        "language": language,
        "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
        "theme": theme_for(request),
        "caller": caller_of(request),
        "record": record,
        "as_of": _day_asked(request) or last_day(record),
        "version": VERSION,
        "request_id": request.scope.get("pathgraph.request_id", ""),
        "here": Here(request),
    }


def _record(request: Request) -> LoadRecord | None:
    """Return what is loaded, as the request found it."""
    found: LoadRecord | None = request.scope.get("pathgraph.record")
    if found is not None:
        return found
    try:
        return serving_of(request).engine.record()
    except EngineError:
        return None


def _day_asked(request: Request) -> date | None:
    """Return the day that the address asks about; nothing where that is no date."""
    try:
        return date.fromisoformat(request.query_params.get("as_of", ""))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Here:
    """The address of this page, with other parameters."""

    request: Request

    @property
    def path(self) -> str:
        """The address without its parameters."""
        return self.request.url.path

    def __call__(self, **changes: Any) -> str:
        """Return this address with ``changes``; ``None`` takes a parameter away."""
        given = {
            name: self.request.query_params.getlist(name)
            for name in self.request.query_params
            if name not in changes
        }
        given.update({k: v for k, v in changes.items() if v is not None})
        return f"{self.path}?{urlencode(given, doseq=True)}" if given else self.path

    def beside(self, form: str, *, without: tuple[str, ...] = ()) -> str:
        """Return the address of the same answer in another form, for example ``csv``."""
        skipped = {"lang", "page", "per_page", *without}
        pairs = [(k, v) for k, v in self.request.query_params.multi_items() if k not in skipped]
        return f"{self.path}.{form}" + (f"?{urlencode(pairs)}" if pairs else "")


def data_block(value: Any) -> Markup:
    """Return a value as JSON that may stand in a ``<script type="application/json">``."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=str)
    # So that no text can end the element or begin a comment in it.
    return Markup(re.sub("[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", text))


@cache
def _environment(code: str) -> jinja2.Environment:
    language = language_of(code)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("pathgraph.api", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        language.gettext,
        language.ngettext,
        newstyle=True,
        pgettext=language.pgettext,
        npgettext=language.npgettext,
    )
    environment.globals.update(
        {
            "number": language.number,
            "percent": language.percent,
            "day": language.day,
            "moment": language.moment,
            "month": language.month,
            "said": language.said,
            "link_to": address,
            "asset": asset,
            "data_block": data_block,
        }
    )
    environment.globals.update(_words(language))
    return environment


def _words(language: Language) -> dict[str, Any]:
    """Return the functions that name codes, columns and cells, and scripts of other wheels."""
    from pathgraph.api.cells import words_of
    from pathgraph.api.routes.static import vendor

    return {**words_of(language), "vendor": vendor}
