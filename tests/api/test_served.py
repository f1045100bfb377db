"""A real server: new data without a failed request, and no query for a client that left."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from pathgraph.api.app import create_app
from pathgraph.api.asking import Asker, ask
from pathgraph.api.metrics import Metrics
from pathgraph.api.serve import listening_on, serving_beside
from pathgraph.api.serving import Serving
from pathgraph.api.warm_up import prepared_beside
from pathgraph.engine import open_engine
from pathgraph.engine.snapshots import current_id
from pathgraph.errors import QueryCancelledError
from pathgraph.ingest.run import load
from pathgraph.queries.cache import ResultCache
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.run import Answers, run
from pathgraph.settings import Settings
from pathgraph.synth.generate import write_region
from tests.api.test_trend import wait_until

LONG = """
UNWIND range(1, 3000) AS a UNWIND range(1, 3000) AS b UNWIND range(1, 1000) AS c
RETURN sum((a + b + c) % 7) AS n
"""
ADDRESSES = (
    "/findings/revolving_door.json",
    "/findings/transfers.csv",
    "/findings/unowned_plans.json?sort=-kind",
    "/",
    "/ready",
)


def fetched(address: str) -> tuple[int, bytes]:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return answer.status, answer.read()


def test_new_data_is_served_without_a_restart_and_without_a_failed_request(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_region(tmp_path / str(seed), patients=1_000, seed=seed)
    url = f"ladybug:{tmp_path / 'graph'}"
    with closing(open_engine(url)) as engine:
        load("tables", tmp_path / "1", engine)
    ended = threading.Event()
    statuses: list[int] = []
    errors: list[str] = []
    with serving_beside(Settings(cache=tmp_path / "answers"), url) as address:

        def ask_on(offset: int) -> None:
            number = offset
            while not ended.is_set():
                try:
                    statuses.append(fetched(address + ADDRESSES[number % len(ADDRESSES)])[0])
                except OSError as error:
                    errors.append(str(error))
                number += 1
                # Four who never rest would leave the counting beside them no time.
                ended.wait(0.05)

        before = fetched(address + "/ready")[1]
        users = [threading.Thread(target=ask_on, args=(n,)) for n in range(4)]
        for user in users:
            user.start()
        with closing(open_engine(url)) as engine:
            for seed in ("2", "1", "2"):
                load("tables", tmp_path / seed, engine)
                time.sleep(0.5)
        newest = current_id(tmp_path / "graph")
        wait_until(
            lambda: json.loads(fetched(address + "/ready")[1])["snapshot"] == newest, seconds=300
        )
        ended.set()
        for user in users:
            user.join()
        after = fetched(address + "/ready")[1]
    assert errors == []
    assert set(statuses) == {200}
    assert len(statuses) > 50
    assert before != after


@contextmanager
def with_a_slow_route(graph: str, outcomes: list[str]) -> Iterator[tuple[str, int]]:
    """Serve the application with a route that asks what takes minutes."""
    with closing(open_engine(graph)) as engine:
        app = create_app(Serving(engine, Metrics()))

        async def slow(request: Request) -> Response:
            def put(asker: Asker) -> None:
                asker.engine.query(LONG)

            try:
                await ask(request, put)
            except QueryCancelledError:
                outcomes.append("ended")
                raise
            outcomes.append("answered")
            return Response("done")

        app.add_api_route("/slow", slow)
        listening = listening_on("127.0.0.1", 0)
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield "127.0.0.1", listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


def test_a_query_ends_when_its_client_leaves(region_graph: str) -> None:
    outcomes: list[str] = []
    with with_a_slow_route(region_graph, outcomes) as place:
        with socket.create_connection(place) as client:
            client.sendall(b"GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            time.sleep(1.0)
            assert outcomes == []
        begun = time.monotonic()
        while not outcomes and time.monotonic() - begun < 10:
            time.sleep(0.05)
        seconds = time.monotonic() - begun
        assert outcomes == ["ended"]
        assert seconds < 5
        # The server goes on for everybody else.
        assert fetched(f"http://{place[0]}:{place[1]}/health")[0] == 200


def test_what_is_small_is_sent_at_once(region_graph: str, tmp_path: Path) -> None:
    with serving_beside(Settings(cache=tmp_path), region_graph) as address:
        host, port = address.removeprefix("http://").split(":")
        request = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        with socket.create_connection((host, int(port))) as client:
            seconds = []
            for _ in range(21):
                begun = time.monotonic()
                client.sendall(request)
                received = b""
                while b'"status"' not in received:
                    received += client.recv(65536)
                seconds.append(time.monotonic() - begun)
    # A system that waits for more to send does so for 40 ms each time.
    assert sorted(seconds)[10] < 0.03


def test_a_process_beside_works_out_what_pages_show(region_graph: str, tmp_path: Path) -> None:
    prepared_beside(region_graph, tmp_path / "answers", 5, threading.Event())
    kept = ResultCache(tmp_path / "answers")
    with closing(open_engine(region_graph)) as engine:
        for finding in catalogue().values():
            if all(p.default is not None for p in finding.parameters):
                misses = kept.n_misses
                run(engine, finding.id, answers=Answers(cache=kept))
                assert kept.n_misses == misses, finding.id


def test_the_process_beside_ends_with_the_server(region_graph: str, tmp_path: Path) -> None:
    ended = threading.Event()
    threading.Timer(1.0, ended.set).start()
    begun = time.monotonic()
    prepared_beside(region_graph, tmp_path / "answers", 5, ended)
    assert time.monotonic() - begun < 5
