"""Whether the server lives, whether it can answer, which version it is, and its figures."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pathgraph.api.metrics import CONTENT_TYPE_LATEST
from pathgraph.api.serving import serving_of
from pathgraph.errors import EngineError
from pathgraph.model.schema import MODEL_VERSION
from pathgraph.version import VERSION

__all__ = ["router"]

router = APIRouter(tags=["status"])


@router.get("/health", operation_id="health")
async def health() -> dict[str, str]:
    """Say that the server lives; it says nothing of the data."""
    return {"status": "ok"}


@router.get(
    "/ready", operation_id="ready", responses={503: {"description": "Nothing to answer from"}}
)
def ready(request: Request) -> Response:
    """Say whether there is a graph that can be asked."""
    try:
        record = serving_of(request).engine.record()
    except EngineError as error:
        return JSONResponse({"status": "not ready", "reason": type(error).__name__}, 503)
    return JSONResponse(
        {"status": "ready", "snapshot": record.load_id, "fingerprint": record.fingerprint}
    )


@router.get("/version", operation_id="version")
async def version() -> dict[str, str | int]:
    """Say which version of pathgraph and of its model this is."""
    return {"pathgraph": VERSION, "model": MODEL_VERSION}


@router.get("/metrics", operation_id="metrics", response_class=Response)
def metrics(request: Request) -> Response:
    """Return the server's figures for Prometheus."""
    serving = serving_of(request)
    if serving.cache is not None:
        serving.metrics.cache.labels("yes").set(serving.cache.n_hits)
        serving.metrics.cache.labels("no").set(serving.cache.n_misses)
    if serving.trends is not None:
        state = serving.trends.state
        serving.metrics.trend.set(state.n_done / state.n_total if state.n_total else 0)
        serving.metrics.prepared.set(serving.trends.is_prepared)
        serving.metrics.preparing.set(serving.trends.is_preparing)
    try:
        serving.engine.record()
        serving.metrics.loaded.set(1)
    except EngineError:
        serving.metrics.loaded.set(0)
    return Response(serving.metrics.text(), media_type=CONTENT_TYPE_LATEST)
