"""What stands before every route."""

from __future__ import annotations

import logging
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from pathgraph.api.app import create_app
from pathgraph.api.faults import WithoutWords
from pathgraph.api.metrics import Metrics
from pathgraph.api.serve import checked_host
from pathgraph.api.serving import Limits, Serving
from pathgraph.engine import open_engine
from pathgraph.errors import UsageError
from pathgraph.queries.caller import Caller

ADDRESSES = ["/health", "/findings/transfers.json", "/nothing", "/static/pathgraph.css"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_every_answer_has_the_headers(client: TestClient, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "a b", "[::1"])
def test_another_name_is_turned_away(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"host": host}).status_code == 421


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:8765", "[::1]:80", "LOCALHOST"])
def test_our_names_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/health", headers={"host": host}).status_code == 200


def test_another_origin_is_turned_away(client: TestClient) -> None:
    for headers in ({"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}):
        assert client.get("/health", headers=headers).status_code == 403
    ours = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    assert client.get("/health", headers=ours).status_code == 200
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client.get("/health", headers=link).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_addresses_are_for_reading(client: TestClient, method: str) -> None:
    response = client.request(method, "/findings/transfers.json")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD"


def test_sizes_are_bounded(client: TestClient) -> None:
    assert client.get("/findings.json", params={"a": "x" * 9_000}).status_code == 414
    large = {"content-length": str(10**9)}
    assert client.request("GET", "/health", headers=large).status_code == 413


def test_the_rate_is_bounded(region_graph: str) -> None:
    with closing(open_engine(region_graph)) as engine:
        serving = Serving(engine, Metrics(), limits=Limits(per_minute=3))
        with TestClient(create_app(serving), base_url="http://127.0.0.1") as client:
            statuses = [client.get("/health").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]


def test_log_and_metrics_hold_no_value_of_an_address(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="pathgraph.access"):
        client.get("/findings/patient_team.json", params={"patient": "p00000123"})
        client.get("/nothing/p00000123")
    assert len(caplog.records) == 2
    assert "p00000123" not in caplog.text
    assert "/findings/patient_team.json" in caplog.text
    assert "p00000123" not in client.get("/metrics").text


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "example.org", ""])
def test_no_address_is_listened_on_that_others_reach(host: str) -> None:
    with pytest.raises(UsageError, match="this machine alone"):
        checked_host(host)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_the_loopback_address_is_listened_on(host: str) -> None:
    assert checked_host(host)


def test_who_may_not_see_patients_sees_none_and_no_kept_answer(
    serving: Serving, client: TestClient
) -> None:
    shown = client.get("/findings/revolving_door.json")
    assert shown.status_code == 200

    app = create_app(serving)

    async def as_another(scope, receive, send):  # type: ignore[no-untyped-def]
        await app({**scope, "pathgraph.caller": Caller("b", sees_patients=False)}, receive, send)

    other = TestClient(as_another, base_url="http://127.0.0.1")
    refused = other.get(
        "/findings/revolving_door.json", headers={"if-none-match": shown.headers["etag"]}
    )
    assert refused.status_code == 403
    assert "patient_id" not in refused.text
    assert other.get("/findings/transfers.json").status_code == 200


def test_a_fault_is_a_problem_and_its_words_reach_neither_log_nor_caller(
    region_graph: str, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(open_engine(region_graph)) as engine:
        app = create_app(Serving(engine, Metrics()))

        def fails() -> None:
            raise RuntimeError("a-value-of-a-row")

        app.add_api_route("/fails", fails)
        with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
            response = client.get("/fails")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "default-src 'none'" in response.headers["content-security-policy"]
    assert response.json()["instance"].endswith(response.headers["x-request-id"])
    assert "a-value-of-a-row" not in response.text
    logger = logging.getLogger("pathgraph.test")
    logger.addFilter(WithoutWords())
    try:
        fails()
    except RuntimeError as error:
        logger.error("a fault", exc_info=error)
    assert "a-value-of-a-row" not in caplog.text
    assert "RuntimeError" in caplog.text
    assert "test_security.py" in caplog.text
