"""An answer as JSON, CSV or XLSX, and what the address says about rows."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from pathgraph.api.page import language_for
from pathgraph.api.serving import Limits, serving_of
from pathgraph.errors import ParameterError
from pathgraph.queries.export import xlsx_bytes
from pathgraph.queries.result import Result
from pathgraph.queries.select import Selection, select
from pathgraph.queries.spec import Finding
from pathgraph.sentence import sentence

__all__ = [
    "FORMS",
    "MEDIA_TYPES",
    "TABLE_FORMS",
    "Asked",
    "asked_of",
    "attached",
    "document_response",
    "for_reader",
    "in_form",
    "selection_of",
]

MEDIA_TYPES = {
    "json": "application/json",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "graphml": "application/graphml+xml",
    "svg": "image/svg+xml",
    "html": "text/html",
}

TABLE_FORMS = (("CSV", "csv"), ("Excel", "xlsx"), ("JSON", "json"))
"""What a page offers of each table: name, and ending of the address."""

FORMS = ("json", "csv", "xlsx")

_ABOUT_ROWS = ("sort", "limit", "offset", "page", "per_page", "lang")
_LANGUAGE = "language"
_PER_PAGE = 50
_MOST_PER_PAGE = 500
_INT32 = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks of a finding, apart from the rows.

    Attributes
    ----------
    parameters
        The finding's own ones, as texts; whether they fit is for the finding to say.
    """

    parameters: dict[str, str]
    as_of: str | None
    profile: str | None


def asked_of(request: Request, *, skip: tuple[str, ...] = ()) -> Asked:
    """Return what the address asks; ``skip`` are names that are the route's own.

    An empty value counts as not given: a form sends every field.
    """
    parameters: dict[str, str] = {}
    known = {*_ABOUT_ROWS, "as_of", "profile", *skip}
    for name in request.query_params:
        values = [v for v in request.query_params.getlist(name) if v != ""]
        if name not in known and not name.startswith("where.") and values:
            parameters[name] = "|".join(values)
    return Asked(
        parameters,
        request.query_params.get("as_of") or None,
        request.query_params.get("profile") or None,
    )


def for_reader(asked: Asked, finding: Finding, language: str) -> Asked:
    """Return what is asked, so that sentences in the answer's rows come in the reader's language.

    The parameter ``language`` of a finding whose rows hold sentences; what the address says of it
    goes before.
    """
    if all(parameter.name != _LANGUAGE for parameter in finding.parameters):
        return asked
    return replace(asked, parameters={_LANGUAGE: language, **asked.parameters})


def selection_of(request: Request, *, paged: bool = False) -> Selection:
    """Return which rows the address asks for.

    Parameters
    ----------
    paged
        Whether rows come by pages (``page``, ``per_page``) instead of ``offset`` and ``limit``.

    Raises
    ------
    ParameterError
        All that is no whole number within its bounds.
    """
    limits = serving_of(request).limits
    problems: list[tuple[str, str]] = []

    def whole(name: str, default: int | None, least: int, most: int) -> int | None:
        text = request.query_params.get(name, "")
        if text == "":
            return default
        if text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most:
            return int(text)
        said = sentence("Write a whole number from {least} to {most}.", least=least, most=most)
        problems.append((name, said))
        return default

    if paged:
        per_page = whole("per_page", _PER_PAGE, 1, _MOST_PER_PAGE) or _PER_PAGE
        offset = ((whole("page", 1, 1, _INT32) or 1) - 1) * per_page
        limit: int | None = per_page
    else:
        offset = whole("offset", 0, 0, _INT32) or 0
        limit = whole("limit", _default_limit(request, limits), 0, _most(request, limits))
    if problems:
        raise ParameterError(problems)
    where = {
        name.removeprefix("where."): tuple(request.query_params.getlist(name))
        for name in request.query_params
        if name.startswith("where.")
    }
    return Selection(
        where, request.query_params.get("sort", ""), offset, limit, language_for(request).sort_key
    )


def _default_limit(request: Request, limits: Limits) -> int | None:
    return limits.rows if request.url.path.endswith(".json") else None


def _most(request: Request, limits: Limits) -> int:
    return limits.most_rows if request.url.path.endswith(".json") else _INT32


async def in_form(request: Request, result: Result, form: str, *, name: str) -> Response:
    """Return the answer in one of :data:`FORMS`, with the rows that the address asks for.

    Parameters
    ----------
    name
        Name of the file, without the ending.
    """
    selection = selection_of(request)
    chosen = await asyncio.to_thread(select, result, selection)
    if form == "json":
        return _streamed(chosen.json_chunks(), form, name)
    if form == "csv":
        return _streamed(chosen.csv_chunks(), form, name, is_attached=True)
    content = await asyncio.to_thread(xlsx_bytes, chosen)
    return Response(content, media_type=MEDIA_TYPES[form], headers=attached(name, form))


def _streamed(
    chunks: Iterator[str], form: str, name: str, *, is_attached: bool = False
) -> StreamingResponse:
    headers = attached(name, form) if is_attached else {}
    return StreamingResponse(chunks, media_type=MEDIA_TYPES[form], headers=headers)


def attached(name: str, form: str) -> dict[str, str]:
    """Return the headers of an answer that is kept as a file."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else "-" for c in name)
    return {"content-disposition": f'attachment; filename="pathgraph-{safe}.{form}"'}


def document_response(document: Any, form: str = "json") -> Response:
    """Return a small JSON document that is no finding's."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, default=str)
    return Response(text, media_type=MEDIA_TYPES[form])
