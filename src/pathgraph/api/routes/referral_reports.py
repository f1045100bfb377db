"""Reports to be printed: a clinic's referrals to the team, on one page."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import Asker, ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import asked_of
from pathgraph.api.page import Here, language_for, page
from pathgraph.api.problems import not_found
from pathgraph.api.views.referral_report import report_context
from pathgraph.errors import TableNotLoadedError
from pathgraph.queries.referral_pages import ClinicReport, clinic_report
from pathgraph.sentence import sentence

__all__ = ["router"]

router = APIRouter(route_class=DataRoute, include_in_schema=False)

_BY = "by"


@router.get("/reports/referrals/{clinic:key}")
async def referrals(request: Request, clinic: str) -> Response:
    """Return the report of one clinic."""
    asked = asked_of(request, skip=(_BY,))
    language, here = language_for(request), Here(request)

    def answered(asker: Asker) -> ClinicReport | None:
        return clinic_report(
            lambda id_, given: asker.run(id_, given, as_of=asked.as_of), clinic, asked.parameters
        )

    try:
        report = await ask(request, answered)
    except TableNotLoadedError as error:
        return page(
            request, "report_referrals.html", status=409, manifest=None,
            not_loaded=str(error.args[0]),
        )  # fmt: skip
    if report is None:
        raise not_found(
            sentence("There is no clinic of that id with patients who may need the team.")
        )
    return page(
        request, "report_referrals.html", not_loaded="",
        **report_context(report, asked.parameters, language, here),
    )  # fmt: skip
