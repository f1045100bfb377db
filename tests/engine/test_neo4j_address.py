"""Addresses, users and passwords: what is accepted, what is refused, what is never repeated."""

from __future__ import annotations

from pathlib import Path

import pytest

from pathgraph.engine.neo4j import Neo4jEngine
from pathgraph.engine.neo4j_address import Credentials, check_agent, credentials, parse_address
from pathgraph.errors import EngineUnavailableError, UsageError

SECRET = "s3cret-of-nobody"


@pytest.mark.parametrize(
    ("url", "server", "database"),
    [
        ("neo4j://localhost", "neo4j://localhost", None),
        ("bolt://127.0.0.1:7687/", "bolt://127.0.0.1:7687", None),
        ("neo4j+s://graph.example:7687/region.2", "neo4j+s://graph.example:7687", "region.2"),
        ("neo4j://h:1?policy=north", "neo4j://h:1?policy=north", None),
        ("bolt+ssc://[::1]:7687", "bolt+ssc://[::1]:7687", None),
    ],
)
def test_address(url: str, server: str, database: str | None) -> None:
    address = parse_address(url)
    assert (address.shown, address.server, address.database) == (url, server, database)


@pytest.mark.parametrize(
    "url",
    [
        f"bolt://neo4j:{SECRET}@localhost:7687",
        f"bolt://neo4j:{SECRET}/with-a-slash@localhost:7687",
        f"bolt://neo4j:{SECRET}#with-a-hash@localhost:7687",
        f"neo4j://localhost?password={SECRET}",
        f"neo4j://localhost?User={SECRET}",
    ],
)
def test_address_with_a_password_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Neo4jEngine(url)
    assert SECRET not in str(caught.value)
    assert "PATHGRAPH_NEO4J_PASSWORD_FILE" in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "neo4j://",
        "neo4j:///region",
        "neo4j://host:port",
        "neo4j://host:99999",
        "http://localhost:7474",
        "neo4j://host/no database",
        "neo4j://host/a/b",
        "neo4j://host#here",
    ],
)
def test_incomplete_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="Write for example"):
        parse_address(url)


def test_no_credentials() -> None:
    assert credentials({}) is None
    assert credentials({"PATHGRAPH_NEO4J_USER": "", "PATHGRAPH_NEO4J_PASSWORD": ""}) is None


def test_credentials_from_variables() -> None:
    found = credentials({"PATHGRAPH_NEO4J_USER": "reader", "PATHGRAPH_NEO4J_PASSWORD": SECRET})
    assert found == Credentials("reader", SECRET)
    assert SECRET not in repr(found)


def test_credentials_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f" {SECRET} \n")
    found = credentials({"PATHGRAPH_NEO4J_PASSWORD_FILE": str(file)})
    # Only the line's end is the file's; blanks may belong to the password.
    assert found == Credentials("neo4j", f" {SECRET} ")


@pytest.mark.parametrize("content", [None, "", "\n", b"\xff\xfe"])
def test_unusable_password_file(tmp_path: Path, content: str | bytes | None) -> None:
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match="PATHGRAPH_NEO4J_PASSWORD_FILE"):
        credentials({"PATHGRAPH_NEO4J_PASSWORD_FILE": str(file)})


def test_contradicting_variables(tmp_path: Path) -> None:
    both = {"PATHGRAPH_NEO4J_PASSWORD": SECRET, "PATHGRAPH_NEO4J_PASSWORD_FILE": str(tmp_path)}
    with pytest.raises(UsageError, match="Unset one") as caught:
        credentials(both)
    assert SECRET not in str(caught.value)
    with pytest.raises(UsageError, match="without a password"):
        credentials({"PATHGRAPH_NEO4J_USER": "reader"})


@pytest.mark.parametrize("agent", ["Neo4j/5.26.0", "Neo4j/5.27-aura", "Neo4j/2026.08.1"])
def test_version_that_works(agent: str) -> None:
    check_agent(agent, "neo4j://h")


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Neo4j/5.25.9", "is of version 5.25; pathgraph needs 5.26"),
        ("Neo4j/4.4.40", "is of version 4.4;"),
        ("Neo4j/v5.11.0 compatible graph database server - Memgraph", "is not a Neo4j server"),
        ("Another/5.26", "is not a Neo4j server"),
    ],
)
def test_version_that_does_not(agent: str, said: str) -> None:
    with pytest.raises(EngineUnavailableError, match=said):
        check_agent(agent, "neo4j://h")
