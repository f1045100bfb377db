"""What became of a network's ties from the period before, as files."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.asking import ask
from pathgraph.api.data_route import DataRoute
from pathgraph.api.formats import FORMS, asked_of, in_form
from pathgraph.api.openapi import finding_operation
from pathgraph.api.serving import Limits
from pathgraph.api.views.network_form import VIEW_NAMES
from pathgraph.queries.catalogue import networks
from pathgraph.queries.network_time import change_table, with_change
from pathgraph.queries.spec import THRESHOLD, Finding

__all__ = ["router"]

router = APIRouter(route_class=DataRoute)


def _endpoint(network: Finding, form: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def endpoint(request: Request) -> Response:
        asked = asked_of(request, skip=(*VIEW_NAMES, THRESHOLD))
        result = await ask(
            request,
            lambda asker: change_table(asker, network.id, dict(asked.parameters), asked.as_of),
        )
        return await in_form(request, result, form, name=f"{network.id}-change-{result.as_of}")

    return endpoint


for _network in networks().values():
    for _form in FORMS:
        router.add_api_route(
            f"/networks/{_network.id}/change.{_form}",
            _endpoint(_network, _form),
            operation_id=f"{_network.id}_change_{_form}",
            tags=["networks"],
            openapi_extra=finding_operation(with_change(_network), _form, Limits()),
        )
