"""Figures of a running server for Prometheus; nothing in them is about a patient."""

from __future__ import annotations

import logging
import time
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pathgraph.version import VERSION

__all__ = ["CONTENT_TYPE_LATEST", "Measured", "Metrics", "route_of"]

_LOG = logging.getLogger("pathgraph.access")


class Metrics:
    """The figures of one application, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "pathgraph_requests_total",
            "Requests answered",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "pathgraph_request_seconds",
            "Seconds until the last byte was handed over",
            ("route",),
            registry=self.registry,
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60),
        )
        self.under_way = Gauge(
            "pathgraph_requests_under_way", "Requests being answered", registry=self.registry
        )
        self.cache = Gauge(
            "pathgraph_cache_lookups",
            "Answers looked up in the cache since the start",
            ("found",),
            registry=self.registry,
        )
        self.trend = Gauge(
            "pathgraph_trend_done",
            "Share of what the home page shows that was worked out",
            registry=self.registry,
        )
        self.prepared = Gauge(
            "pathgraph_pages_prepared",
            "1 when what pages show of the data in service was worked out, else 0",
            registry=self.registry,
        )
        self.preparing = Gauge(
            "pathgraph_newer_data_waiting",
            "1 while newer data is being prepared and the data before is shown, else 0",
            registry=self.registry,
        )
        self.loaded = Gauge(
            "pathgraph_graph_loaded", "1 when a graph can be asked, else 0", registry=self.registry
        )
        about = Gauge(
            "pathgraph_info", "Version of pathgraph", ("version",), registry=self.registry
        )
        about.labels(VERSION).set(1)

    def text(self) -> bytes:
        """Return the figures in the text format of Prometheus."""
        return generate_latest(self.registry)


class Measured:
    """Counts requests by the form of their address, and writes the access log.

    Neither holds an address as it was asked for: paths hold pseudonyms, queries hold values.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics) -> None:
        self.app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and count it when its answer has gone."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        seen: dict[str, Any] = {"status": 0, "bytes": 0}

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen["status"] = message["status"]
            elif message["type"] == "http.response.body":
                seen["bytes"] += len(message.get("body", b""))
            await send(message)

        self._metrics.under_way.inc()
        try:
            await self.app(scope, receive, counted)
        finally:
            self._metrics.under_way.dec()
            self._note(scope, seen, time.perf_counter() - begun)

    def _note(self, scope: Scope, seen: dict[str, Any], seconds: float) -> None:
        route = route_of(scope)
        method = scope["method"] if scope["method"] in ("GET", "HEAD") else "other"
        self._metrics.requests.labels(route, method, str(seen["status"])).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        _LOG.info(
            "%s %s %d %d bytes %.1f ms request %s",
            method,
            route,
            seen["status"],
            seen["bytes"],
            seconds * 1000,
            scope.get("pathgraph.request_id", ""),
        )


def route_of(scope: Scope) -> str:
    """Return the form of the address, for example ``/patients/{patient_id}``."""
    route = scope.get("route")
    return str(getattr(route, "path", "none"))
