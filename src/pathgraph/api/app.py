"""The application: its routes, and what stands around them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware

from pathgraph.api.metrics import Measured
from pathgraph.api.openapi import problem_schema
from pathgraph.api.problems import install_problems
from pathgraph.api.routes import (
    documents,
    finding_pages,
    home,
    network_changes,
    networks,
    patients,
    places,
    preferences,
    quality,
    referral_reports,
    reports,
    static,
    status,
)
from pathgraph.api.routes.findings import findings_router
from pathgraph.api.security import Guard, SafeHeaders
from pathgraph.api.serving import Serving
from pathgraph.version import VERSION

__all__ = ["create_app"]

_ROUTES = (
    status,
    static,
    preferences,
    home,
    finding_pages,
    network_changes,
    networks,
    patients,
    places,
    quality,
    referral_reports,
    reports,
    documents,
)


def create_app(serving: Serving) -> FastAPI:
    """Return the application that answers from ``serving``."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if serving.trends is not None:
            serving.trends.start()
        yield
        if serving.trends is not None:
            serving.trends.stop()

    app = FastAPI(
        title="pathgraph",
        version=VERSION,
        description="Cross-level patient pathways and networks. Lists are candidates for review.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    app.state.serving = serving
    app.include_router(findings_router(serving.limits))
    for module in _ROUTES:
        app.include_router(module.router)
    install_problems(app)
    _describe(app)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=5)
    app.add_middleware(Guard, hosts=serving.hosts, limits=serving.limits)
    app.add_middleware(Measured, metrics=serving.metrics)
    app.add_middleware(SafeHeaders)
    return app


def _describe(app: FastAPI) -> None:
    """Let the document of the application hold what our routes refer to."""
    made = app.openapi

    def openapi() -> dict[str, object]:
        document = made()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas["Problem"] = problem_schema()
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        return document

    app.openapi = openapi  # type: ignore[method-assign]
