"""One patient: the page, the timeline, the team; and the door to it by pseudonym."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pathgraph.api.asking import Asker, ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import FORMS, asked_of, in_form, selection_of
from pathgraph.api.openapi import finding_operation
from pathgraph.api.page import Here, address, language_for, last_day, page
from pathgraph.api.problems import not_found
from pathgraph.api.serving import Limits, serving_of
from pathgraph.api.views.forms import Field, day_field
from pathgraph.api.views.patient import Asked, Known, patient_context, timeline_context
from pathgraph.errors import ParameterError, TableNotLoadedError, UsageError
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.result import Result
from pathgraph.queries.run import explain

__all__ = ["router"]

router = APIRouter(route_class=DataRoute)

_TIMELINE, _TEAM, _FINDINGS = "patient_timeline", "patient_team", "patient_findings"
_OWN = ("zoom", "from", "to", "columns", "part")
_MOST_ID = 500

Endpoint = Callable[[Request, str], Coroutine[Any, Any, Response]]


@router.get("/patients", include_in_schema=False)
async def patients(request: Request) -> Response:
    """Return the form by which a patient is opened, or lead to the one that it asked for."""
    given = request.query_params.get("patient")
    as_of = request.query_params.get("as_of") or None
    asked = (given or "").strip()[:_MOST_ID]
    if asked and "/" not in asked:
        return RedirectResponse(
            address("patient", asked, as_of=as_of), 303, headers={"cache-control": "no-store"}
        )
    language = language_for(request)
    error = "" if given is None else language.gettext("Write the pseudonym of one patient.")
    fields = [
        Field("patient", language.gettext("Pseudonym"), "text", asked, error=error),
        _day_field(request),
    ]
    return page(request, "patients.html", fields=fields, status=422 if error else 200)


@router.get("/patients/{patient_id:key}", include_in_schema=False)
async def patient(request: Request, patient_id: str) -> Response:
    """Return everything about one patient as a page."""
    return await _shown(request, patient_id, "patient.html", is_whole=True)


@router.get("/patients/{patient_id:key}/timeline", include_in_schema=False)
async def timeline(request: Request, patient_id: str) -> Response:
    """Return the timeline alone as a page, or the picture alone for a page that is open."""
    is_part = request.query_params.get("part") == "picture"
    template = "parts/timeline_alone.html" if is_part else "patient_timeline.html"
    return await _shown(request, patient_id, template, is_whole=False)


@router.get("/patients/{patient_id:key}/team", include_in_schema=False)
async def team(request: Request, patient_id: str) -> Response:
    """Lead to the team on the patient's page."""
    as_of = request.query_params.get("as_of") or None
    return RedirectResponse(f"{address('patient', patient_id, as_of=as_of)}#team", 303)


async def _shown(request: Request, patient_id: str, template: str, *, is_whole: bool) -> Response:
    language = language_for(request)
    here = Here(request)
    try:
        asked = Asked.of(request.query_params)
        selection = selection_of(request, paged=True)
        known = await _asked(
            request,
            patient_id,
            lambda asker: _known(asker, patient_id, asked, is_whole, language.code),
        )
        context = timeline_context(known, language, here, asked, selection)
        if is_whole:
            context |= patient_context(known, language)
    except ParameterError as error:
        fields = _fields(request, error.problems)
        return page(request, "patient_asked.html", status=422, patient=patient_id, fields=fields)
    return page(
        request, template, patient=patient_id, fields=_fields(request), asked=asked,
        kept=asked.kept(), **context,
    )  # fmt: skip


def _known(asker: Asker, patient_id: str, asked: Asked, is_whole: bool, language: str) -> Known:
    """Ask all that the page shows, in one turn."""
    given = {"patient": patient_id}
    timeline = asker.run(_TIMELINE, given, as_of=asked.as_of)
    findings = asker.run(_FINDINGS, {**given, "language": language}, as_of=asked.as_of)
    team: Result | None = None
    why_no_team = ""
    if is_whole:
        try:
            team = asker.run(_TEAM, given, as_of=asked.as_of)
        except TableNotLoadedError as error:
            why_no_team = str(error.args[0])
    cypher, arguments = explain(asker.engine, _TIMELINE, given, as_of=asked.as_of)
    loaded = frozenset(asker.engine.record().manifest.get("tables", ()))
    return Known(patient_id, timeline, findings, team, why_no_team, cypher, arguments, loaded)


async def _asked(request: Request, patient_id: str, work: Callable[[Asker], Any]) -> Any:
    """Return what ``work`` finds; 404 where there is no such patient."""
    try:
        return await ask(request, work)
    except ParameterError:
        raise
    except UsageError as error:
        # The only thing that can be wrong besides the parameters is the patient.
        raise not_found(error.args[0]) from None


def _fields(request: Request, problems: Any = ()) -> list[Field]:
    """Return the fields of the page's form: the day, and the time that the picture shows."""
    language = language_for(request)
    errors = {name: language.said(text) for name, text in problems}
    given = request.query_params
    return [
        _day_field(request, errors.get("as_of", "")),
        Field(
            "from", language.gettext("Show from"), "date", given.get("from", ""),
            error=errors.get("from", ""),
        ),
        Field(
            "to", language.gettext("Show to"), "date", given.get("to", ""),
            error=errors.get("to", ""),
        ),
    ]  # fmt: skip


def _day_field(request: Request, error: str = "") -> Field:
    last = last_day(serving_of(request).engine.record())
    given = request.query_params.get("as_of") or None
    return day_field("as_of", language_for(request), given, last, error)


def _endpoint(finding_id: str, form: str) -> Endpoint:
    async def endpoint(request: Request, patient_id: str) -> Response:
        asked = asked_of(request, skip=_OWN)
        given = {**asked.parameters, "patient": patient_id}
        result = await _asked(
            request, patient_id, lambda asker: asker.run(finding_id, given, as_of=asked.as_of)
        )
        # The pseudonym stays out of the file's name, which ends up in many places.
        return await in_form(request, result, form, name=f"{finding_id}-{result.as_of}")

    return endpoint


def _add_forms() -> None:
    for part, finding_id in (
        ("timeline", _TIMELINE), ("team", _TEAM), ("findings", _FINDINGS)
    ):  # fmt: skip
        for form in FORMS:
            router.add_api_route(
                f"/patients/{{patient_id:key}}/{part}.{form}",
                _endpoint(finding_id, form),
                operation_id=f"patient_{part}_at_the_patient_{form}",
                tags=["patients"],
                openapi_extra=finding_operation(
                    find_finding(finding_id), form, Limits(), path=["patient"]
                ),
            )


_add_forms()
