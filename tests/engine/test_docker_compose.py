"""The container set-up as far as it can be held to account without a container engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from pathgraph.engine.neo4j_address import OLDEST_VERSION, credentials, parse_address

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)["services"]
    return found


def test_neo4j_is_of_the_oldest_version_that_works(services: dict[str, Any]) -> None:
    version = ".".join(map(str, OLDEST_VERSION))
    assert services["neo4j"]["image"] == f"neo4j:{version}-community"
    assert "graph-data-science" in services["neo4j"]["environment"]["NEO4J_PLUGINS"]


def test_password_is_asked_for_and_written_nowhere(services: dict[str, Any]) -> None:
    given = services["pathgraph"]["environment"]
    for value in (
        services["neo4j"]["environment"]["NEO4J_AUTH"],
        given["PATHGRAPH_NEO4J_PASSWORD"],
    ):
        # ":?" ends the command with the sentence when the variable is not set.
        assert value.removeprefix("neo4j/").startswith("${PATHGRAPH_NEO4J_PASSWORD:?Set ")
    assert credentials(given) is not None


def test_both_services_meet_and_nobody_else_does(services: dict[str, Any]) -> None:
    address = parse_address(services["pathgraph"]["environment"]["PATHGRAPH_GRAPH"])
    assert address.server == "bolt://neo4j:7687"
    assert all(port.startswith("127.0.0.1:") for port in services["neo4j"]["ports"])


def test_image_is_built_from_what_is_there_and_sent_along() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    copied = {
        name
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for name in line.split()[1:-1]
    }
    sent = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    assert copied == sent
    assert all((ROOT / name).exists() for name in copied)
