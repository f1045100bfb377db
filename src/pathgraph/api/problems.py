"""What went wrong, as RFC 9457 problem details or as a page, in the caller's language."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.headers import HEADERS
from pathgraph.api.language import N_, Language
from pathgraph.api.page import language_for, page
from pathgraph.errors import (
    EngineBusyError,
    EngineError,
    GraphNotReadyError,
    NotAllowedError,
    ParameterError,
    PathgraphError,
    QueryCancelledError,
    QueryTimeoutError,
    TableNotLoadedError,
    UsageError,
)

__all__ = ["Problem", "install_problems", "not_found", "problem_of", "problem_response"]

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, once.

    Attributes
    ----------
    kind
        The last part of the problem's type, a URI reference.
    problems
        Name of a parameter (or nothing) and the sentence about it, for all that does not fit.
    """

    status: int
    kind: str
    title: str
    detail: str = ""
    problems: tuple[tuple[str, str], ...] = ()
    retry_after_s: int | None = None


_KINDS: Sequence[tuple[type[PathgraphError], int, str, str]] = (
    (QueryTimeoutError, 504, "took-too-long", N_("The answer took longer than its limit.")),
    (QueryCancelledError, 499, "nobody-waits", N_("The question was withdrawn.")),
    (NotAllowedError, 403, "not-allowed", N_("You may not see this.")),
    (ParameterError, 422, "does-not-fit", N_("Something in the question does not fit.")),
    (UsageError, 422, "does-not-fit", N_("Something in the question does not fit.")),
    (TableNotLoadedError, 409, "not-loaded", N_("This needs data that was not loaded.")),
    (GraphNotReadyError, 503, "not-ready", N_("There is no data to answer from yet.")),
    (EngineBusyError, 503, "busy", N_("The data is being loaded anew.")),
    (EngineError, 503, "engine", N_("The database does not answer.")),
)

_RETRY_AFTER_S = 5

_HTTP_TITLES = {
    403: N_("This address may not be asked like that."),
    404: N_("There is nothing at this address."),
    405: N_("This address is only for reading."),
    413: N_("The request is too large."),
    414: N_("The address is too long."),
    421: N_("This server does not go by that name."),
    422: N_("Something in the question does not fit."),
    429: N_("Too many requests in a short time. Wait a moment, and go on."),
    500: N_("Something went wrong here. Nothing was lost; try again, or report it."),
}


def problem_of(error: Exception) -> Problem:
    """Return what a reader may know of an error; of a fault nothing but that there was one."""
    if isinstance(error, HTTPException):
        title = _HTTP_TITLES.get(error.status_code) or HTTPStatus(error.status_code).phrase
        said = error.detail if error.detail != HTTPStatus(error.status_code).phrase else ""
        return Problem(error.status_code, f"http-{error.status_code}", title, said)
    for class_, status, kind, title in _KINDS:
        if isinstance(error, class_):
            problems = _problems_of(error)
            return Problem(
                status,
                kind,
                title,
                error.sentences[0] if error.sentences and not problems else "",
                problems,
                _RETRY_AFTER_S if status == HTTPStatus.SERVICE_UNAVAILABLE else None,
            )
    return Problem(500, "fault", _HTTP_TITLES[500])


def _problems_of(error: PathgraphError) -> tuple[tuple[str, str], ...]:
    if isinstance(error, ParameterError):
        return error.problems
    several = error.sentences if len(error.sentences) > 1 else ()
    return tuple(("", text) for text in several)


def not_found(text: str = "") -> HTTPException:
    """Return the error for what is not there; ``text`` is a sentence without the caller's words."""
    return HTTPException(404, text or None)


def problem_response(request: Request, problem: Problem) -> Response:
    """Return the problem as a page where a page was asked for, else as problem details."""
    language = language_for(request)
    if wants_page(request):
        response = page(request, "problem.html", status=problem.status, problem=problem)
    else:
        content = json.dumps(_document(request, problem, language), ensure_ascii=False)
        response = Response(content, problem.status, media_type=MEDIA_TYPE)
        response.headers["content-language"] = language.code
    response.headers["cache-control"] = "no-store"
    if problem.retry_after_s is not None:
        response.headers["retry-after"] = str(problem.retry_after_s)
    return response


def wants_page(request: Request) -> bool:
    """Whether the address is one of a page, and the caller takes pages."""
    last = request.url.path.rpartition("/")[2]
    return "." not in last and "text/html" in request.headers.get("accept", "")


def install_problems(app: FastAPI) -> None:
    """Let every error that a route raises become a problem."""

    async def handle(request: Request, error: Exception) -> Response:
        return problem_response(request, problem_of(error))

    async def fault(request: Request, error: Exception) -> Response:
        response = problem_response(request, problem_of(error))
        # It is answered outside of what gives every other answer its headers.
        for name, value in {**HEADERS, "x-request-id": request_id(request)}.items():
            response.headers.setdefault(name, value)
        return response

    for class_ in (PathgraphError, HTTPException):
        app.add_exception_handler(class_, handle)
    app.add_exception_handler(Exception, fault)


def request_id(request: Request) -> str:
    """Return the id under which a request can be found in the log."""
    return str(request.scope.get("pathgraph.request_id", ""))


def _document(request: Request, problem: Problem, language: Language) -> dict[str, object]:
    document: dict[str, object] = {
        "type": f"/problems#{problem.kind}",
        "title": language.gettext(problem.title),
        "status": problem.status,
        "instance": f"urn:pathgraph:request:{request_id(request)}",
    }
    if problem.detail:
        document["detail"] = language.said(problem.detail)
    if problem.problems:
        document["problems"] = [
            {"name": name, "detail": language.said(text)}
            if name
            else {"detail": language.said(text)}
            for name, text in problem.problems
        ]
    return document
