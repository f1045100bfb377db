"""Texts: definitions, glossary, about the data, and the graph model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import Asker, ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.documents import definitions, glossary
from pathgraph.api.formats import document_response, in_form
from pathgraph.api.language import LANGUAGES
from pathgraph.api.openapi import table_operation
from pathgraph.api.page import language_for, page
from pathgraph.api.serving import Limits
from pathgraph.api.views.coverage import coverage_table
from pathgraph.api.views.model import model_document
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.listing import MODEL, model_result

__all__ = ["router"]

router = APIRouter()
_of_the_data = APIRouter(route_class=DataRoute)


@router.get("/definitions", include_in_schema=False)
async def definitions_page(request: Request) -> Response:
    """Return how pathgraph counts."""
    language = language_for(request)
    findings: dict[str, list[Any]] = {}
    for finding in catalogue().values():
        findings.setdefault(finding.source.partition("#")[2], []).append(finding)
    document = definitions(language.code)
    return page(request, "definitions.html", document=document, findings=findings)


@router.get("/glossary", include_in_schema=False)
async def glossary_page(request: Request) -> Response:
    """Return the words, in the reader's language and the others."""
    language = language_for(request)
    anchors = {heading.id for heading in definitions(language.code).headings}
    others = {
        code: {word.id: word.word for word in glossary(code)}
        for code in LANGUAGES
        if code != language.code
    }
    words = sorted(glossary(language.code), key=lambda word: language.sort_key(word.word))
    return page(request, "glossary.html", words=words, others=others, anchors=anchors)


@_of_the_data.get("/about", include_in_schema=False)
async def about(request: Request) -> Response:
    """Return what the answers rest on: source, load, options, coverage, counts, licences."""
    language = language_for(request)

    def asked(asker: Asker) -> dict[str, Any]:
        return {"loaded": asker.engine.record(), "coverage": asker.run("coverage")}

    found = await ask(request, asked)
    table = coverage_table(found["coverage"], language)
    return page(request, "about.html", coverage_table=table, **found)


@router.get("/model", include_in_schema=False)
async def model(request: Request) -> Response:
    """Return the graph model: node types, relationships, properties."""
    return page(request, "model.html", **model_document())


@router.get(
    "/model.json",
    operation_id="model_json",
    tags=["data"],
    openapi_extra={"summary": MODEL.title, "description": MODEL.question},
)
async def model_json(request: Request) -> Response:
    """Return the graph model as one document."""
    return document_response(model_document())


def _model_endpoint(form: str) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        result = await ask(request, lambda asker: model_result(asker.engine.record()))
        return await in_form(request, result, form, name="model")

    return endpoint


for _form in ("csv", "xlsx"):
    _of_the_data.add_api_route(
        f"/model.{_form}",
        _model_endpoint(_form),
        operation_id=f"model_{_form}",
        tags=["data"],
        openapi_extra=table_operation(MODEL, _form, Limits()),
    )


router.include_router(_of_the_data)
