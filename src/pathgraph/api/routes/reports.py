"""Reports to be printed: a municipality's, and that of all of the health community."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.language import Language
from pathgraph.api.municipality_reports import all_page, municipality_page
from pathgraph.api.page import language_for
from pathgraph.api.problems import not_found
from pathgraph.queries.municipality_reports import Answers, answers_for
from pathgraph.sentence import sentence

__all__ = ["router"]

router = APIRouter(route_class=DataRoute)


@router.get("/reports/municipalities", include_in_schema=False)
async def of_all_municipalities(request: Request) -> Response:
    """Return the sheet of all municipalities of the health community."""
    language = language_for(request)
    return _page(all_page(await _answers(request), language, is_file=False), language)


@router.get("/reports/municipalities/{place:key}", include_in_schema=False)
async def of_one_municipality(request: Request, place: str) -> Response:
    """Return the report of one municipality of the health community."""
    answers, language = await _answers(request), language_for(request)
    row = answers.place(place)
    if row is None:
        raise not_found(sentence("There is no municipality of that number in the community."))
    return _page(municipality_page(answers, row, language, is_file=False), language)


async def _answers(request: Request) -> Answers:
    day = request.query_params.get("as_of") or None
    return await ask(request, lambda asker: answers_for(asker, day))


def _page(text: str, language: Language) -> Response:
    headers = {"content-language": language.code}
    return Response(text, media_type="text/html", headers=headers)
