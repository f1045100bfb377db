"""Texts: definitions, glossary, about the data, and the graph model."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import Asker, ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.documents import definitions, glossary
from pathgraph.api.formats import document_response
from pathgraph.api.language import LANGUAGES
from pathgraph.api.page import language_for, page
from pathgraph.api.views.coverage import coverage_table
from pathgraph.api.views.model import model_document
from pathgraph.queries.catalogue import catalogue

__all__ = ["router"]

router = APIRouter(include_in_schema=False)
_of_the_data = APIRouter(route_class=DataRoute, include_in_schema=False)


@router.get("/definitions")
async def definitions_page(request: Request) -> Response:
    """Return how pathgraph counts."""
    language = language_for(request)
    findings: dict[str, list[Any]] = {}
    for finding in catalogue().values():
        findings.setdefault(finding.source.partition("#")[2], []).append(finding)
    document = definitions(language.code)
    return page(request, "definitions.html", document=document, findings=findings)


@router.get("/glossary")
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


@_of_the_data.get("/about")
async def about(request: Request) -> Response:
    """Return what the answers rest on: source, load, options, coverage, counts, licences."""
    language = language_for(request)

    def asked(asker: Asker) -> dict[str, Any]:
        return {"loaded": asker.engine.record(), "coverage": asker.run("coverage")}

    found = await ask(request, asked)
    table = coverage_table(found["coverage"], language)
    return page(request, "about.html", coverage_table=table, **found)


@router.get("/model")
async def model(request: Request) -> Response:
    """Return the graph model: node types, relationships, properties."""
    return page(request, "model.html", **model_document())


@router.get("/model.json")
async def model_json(request: Request) -> Response:
    """Return the graph model as one document."""
    return document_response(model_document())


router.include_router(_of_the_data)
