"""``pathgraph serve``: the server, on the loopback address alone."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import uvicorn

from pathgraph.api.app import create_app
from pathgraph.api.boundaries import read_boundaries
from pathgraph.api.faults import WithoutWords
from pathgraph.api.metrics import Metrics
from pathgraph.api.serving import Limits, Serving
from pathgraph.api.warm_up import prepared_beside
from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from pathgraph.queries.cache import ResultCache
from pathgraph.sentence import sentence
from pathgraph.settings import Settings

__all__ = ["checked_host", "listening_on", "running", "serve", "serving_beside", "serving_for"]


def checked_host(host: str) -> str:
    """Return the host, if it can be reached from this machine alone.

    Raises
    ------
    UsageError
        When others could reach it: there is no access control yet.
    """
    if host == "localhost":
        return "127.0.0.1"
    with suppress(ValueError):
        if ipaddress.ip_address(host).is_loopback:
            return host
    raise UsageError(
        sentence(
            "pathgraph listens on this machine alone (127.0.0.1), because who may see what is not "
            "set up yet and the data is about patients. Leave --host out."
        )
    )


def serving_for(
    settings: Settings,
    engine: Engine,
    *,
    cache: Path | None,
    limits: Limits | None = None,
    prepare: Callable[[threading.Event], None] | None = None,
) -> Serving:
    """Return what a server holds that answers from ``engine``.

    Parameters
    ----------
    cache
        Folder in which answers are kept; ``None`` keeps none.
    prepare
        Works out what pages show of the newest load; see :class:`pathgraph.queries.trend.Trends`.
    """
    from pathgraph.queries.trend import Trends

    kept = None if cache is None else ResultCache(cache)
    trends = Trends(
        engine,
        kept,
        suppress_below=settings.suppress_below,
        newest=lambda: open_engine(engine.url),
        prepare=prepare,
    )
    return Serving(
        engine=engine,
        metrics=Metrics(),
        suppress_below=settings.suppress_below,
        limits=limits or Limits(),
        cache=kept,
        trends=trends,
        boundaries=read_boundaries(settings.boundaries),
    )


def listening_on(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 takes one that is free.

    Raises
    ------
    UsageError
        When the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, asyncio sends what is small at once instead of up to 40 ms later.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError:
        listening.close()
        raise UsageError(
            sentence(
                "Port {port} is taken or not allowed. Give another one with --port.", port=port
            )
        ) from None
    listening.listen(128)
    return listening


def serve(
    settings: Settings, url: str, listening: socket.socket, *, access_log: bool = False
) -> None:
    """Answer until the process is asked to end; answers under way are finished first.

    Parameters
    ----------
    access_log
        Whether a line for each request goes to standard error.
    """
    if access_log:
        lines = logging.StreamHandler()
        lines.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        logging.getLogger("pathgraph.access").addHandler(lines)
    with closing(open_engine(url, holds=True)) as engine:
        cache = cache_folder(engine, settings)
        beside = partial(prepared_beside, url, cache, settings.suppress_below)
        serving = serving_for(settings, engine, cache=cache, prepare=beside)
        _server(serving).run(sockets=[listening])


@contextmanager
def serving_beside(settings: Settings, url: str, *, limits: Limits | None = None) -> Iterator[str]:
    """Answer from a thread while the context lasts; its value is the server's address."""
    with closing(open_engine(url, holds=True)) as engine:
        cache = cache_folder(engine, settings)
        with running(serving_for(settings, engine, cache=cache, limits=limits)) as address:
            yield address


@contextmanager
def running(serving: Serving) -> Iterator[str]:
    """Answer from ``serving`` in a thread while the context lasts; its value is the address."""
    listening = listening_on("127.0.0.1", 0)
    server = _server(serving)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=30)


def _server(serving: Serving) -> uvicorn.Server:
    logging.getLogger("pathgraph.access").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").addFilter(WithoutWords())
    config = uvicorn.Config(
        create_app(serving),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=10,
        h11_max_incomplete_event_size=64 * 1024,
        # The address of the caller is the one that connected, whatever a header says.
        proxy_headers=False,
    )
    return uvicorn.Server(config)


def cache_folder(engine: Engine, settings: Settings) -> Path:
    """Return where answers are kept: beside the snapshot, or where the settings say."""
    if settings.cache is not None:
        return settings.cache
    place = getattr(engine, "place", None)
    return Path(place) / ".cache" if place is not None else Path("pathgraph-cache")
