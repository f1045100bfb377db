"""Every finding's answer, and the comparison of two days, as JSON, CSV and XLSX."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import Asker, ask, comparison
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import FORMS, asked_of, in_form
from pathgraph.api.narrowing import chosen_of, names_of, narrowed
from pathgraph.api.openapi import comparison_operation, finding_operation
from pathgraph.api.problems import not_found
from pathgraph.api.serving import Limits
from pathgraph.errors import ParameterError
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Finding
from pathgraph.sentence import sentence

__all__ = ["findings_router", "listing"]

Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


def findings_router(limits: Limits) -> APIRouter:
    """Return the routes of every finding of the catalogue."""
    router = APIRouter(route_class=DataRoute)
    for finding in catalogue().values():
        for form in FORMS:
            router.add_api_route(
                f"/findings/{finding.id}.{form}",
                _answer_endpoint(finding, form),
                operation_id=f"{finding.id}_{form}",
                tags=["findings"],
                openapi_extra=finding_operation(finding, form, limits),
            )
            router.add_api_route(
                f"/findings/{finding.id}/comparison.{form}",
                _comparison_endpoint(finding, form),
                operation_id=f"{finding.id}_comparison_{form}",
                tags=["comparisons"],
                openapi_extra=comparison_operation(finding, form, limits),
            )
    router.add_api_route("/findings.json", _listing, operation_id="findings", tags=["findings"])
    return router


def _answer_endpoint(finding: Finding, form: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        asked = asked_of(request, skip=names_of(request))
        chosen = chosen_of(request)

        def work(asker: Asker) -> Result:
            whole = asker.run(
                finding.id, asked.parameters, as_of=asked.as_of, profile=asked.profile
            )
            return narrowed(asker, whole, chosen)

        result = await ask(request, work)
        return await in_form(request, result, form, name=f"{finding.id}-{result.as_of}")

    return endpoint


def _comparison_endpoint(finding: Finding, form: str) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        asked = asked_of(request, skip=("from", "to"))
        earlier = request.query_params.get("from")
        if not earlier:
            said = sentence("Give the earlier day, written as 2026-01-31.")
            raise ParameterError([("from", said)])
        result = await comparison(
            request,
            finding.id,
            asked.parameters,
            from_day=earlier,
            to_day=request.query_params.get("to") or None,
            profile=asked.profile,
        )
        return await in_form(request, result, form, name=f"{finding.id}-{earlier}-{result.as_of}")

    return endpoint


async def _listing(request: Request) -> list[dict[str, object]]:
    """Return the library: every finding with its question, parameters and columns."""
    return listing()


def listing() -> list[dict[str, object]]:
    """Return what there is to ask, one object a finding."""
    return [
        {
            "finding": finding.id,
            "version": finding.version,
            "titles": dict(finding.titles),
            "questions": dict(finding.questions),
            "needs": list(finding.needs),
            "address": f"/findings/{finding.id}",
        }
        for finding in catalogue().values()
    ]


def known(finding_id: str) -> Finding:
    """Return the finding of that name.

    Raises
    ------
    HTTPException
        404, where there is none.
    """
    finding = catalogue().get(finding_id)
    if finding is None:
        raise not_found(sentence("There is no finding of that name."))
    return finding
