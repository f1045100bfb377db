"""The home page: what is loaded, as of when, and what needs attention, for each role."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.page import language_for, page
from pathgraph.api.serving import serving_of
from pathgraph.api.views.home import changed_most, loaded_of, shelves_of
from pathgraph.api.views.library import ROLES
from pathgraph.errors import EngineError
from pathgraph.queries.trend import TrendState

__all__ = ["router"]

router = APIRouter(include_in_schema=False)

_ENTRIES = {"analyst": "explore", "section": "section", "community": "community"}


@router.get("/")
async def home(request: Request) -> Response:
    """Return the home page; also where nothing is loaded, or not all is counted yet."""
    role = request.query_params.get("role", "analyst")
    role = role if role in ROLES else "analyst"
    serving = serving_of(request)
    try:
        record = serving.engine.record()
    except EngineError:
        record = None
    state = serving.trends.state if serving.trends else TrendState()
    if record is None or state.load_id != record.load_id:
        # Numbers of the snapshot before would stand under the day of this one.
        state = TrendState()
    shelves = shelves_of(state, role, language_for(request), threshold=serving.suppress_below)
    return page(
        request,
        "home.html",
        entry=_ENTRIES[role],
        role=role,
        state=state,
        shelves=shelves,
        changed=changed_most(shelves, state),
        is_newer_waiting=serving.trends is not None and serving.trends.is_preparing,
        is_counting=serving.trends is not None and not state.is_complete,
        loaded=loaded_of(dict(record.manifest)) if record else [],
        counts=dict(record.manifest.get("counts", {})) if record else {},
    )
