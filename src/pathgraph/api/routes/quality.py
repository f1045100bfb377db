"""What was loaded: rows read, accepted, refused and missing, coverage, and what cannot be asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import Asker, ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import FORMS, in_form
from pathgraph.api.openapi import table_operation
from pathgraph.api.page import Here, language_for, page
from pathgraph.api.serving import Limits
from pathgraph.api.views.coverage import coverage_table
from pathgraph.api.views.finding import downloads
from pathgraph.api.views.sparklines import line_of
from pathgraph.api.words import table_words
from pathgraph.door import Graph
from pathgraph.ingest.quality import QUALITY_COUNTS
from pathgraph.model.check import REASONS
from pathgraph.queries.quality import QUALITY, not_answerable, quality_result, tables_of, totals_of
from pathgraph.queries.result import Result

__all__ = ["router"]

router = APIRouter(route_class=DataRoute)


def _report(asker: Asker) -> Result:
    graph = Graph(asker.engine)
    return quality_result(graph.record, graph.quality())


def _endpoint(form: str) -> Callable[[Request], Any]:
    async def endpoint(request: Request) -> Response:
        return await in_form(request, await ask(request, _report), form, name="quality")

    return endpoint


for _form in FORMS:
    router.add_api_route(
        f"/quality.{_form}",
        _endpoint(_form),
        operation_id=f"quality_{_form}",
        tags=["data"],
        openapi_extra=table_operation(QUALITY, _form, Limits()),
    )


@router.get("/quality", include_in_schema=False)
async def quality(request: Request) -> Response:
    """Return the quality report as a page."""
    language, here = language_for(request), Here(request)

    def asked(asker: Asker) -> dict[str, Any]:
        graph = Graph(asker.engine)
        record = graph.record
        return {
            "loaded": record,
            "tables": tables_of(graph.quality()),
            "coverage": asker.run("coverage"),
            "not_answerable": not_answerable(record),
        }

    found = await ask(request, asked)
    tables = found["tables"]
    n_read, n_refused = totals_of(tables)
    lines = {
        table.table: line_of(
            table.months,
            list(table.by_month),
            language,
            title=table_words(language, table.table),
            marker="",
        )
        for table in tables
    }
    return page(
        request,
        "quality.html",
        lines=lines,
        n_read=n_read,
        n_refused=n_refused,
        counts=QUALITY_COUNTS,
        reasons=REASONS,
        coverage_table=coverage_table(found["coverage"], language),
        links=downloads(here),
        **found,
    )
