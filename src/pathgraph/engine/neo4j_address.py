"""Where a Neo4j server is, and who asks: the address never holds a user or password."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from pathgraph.errors import EngineUnavailableError, UsageError

__all__ = [
    "OLDEST_VERSION",
    "Address",
    "Credentials",
    "check_agent",
    "credentials",
    "parse_address",
]

OLDEST_VERSION = (5, 26)
"""Oldest Neo4j that pathgraph works with: the long-term line."""

_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
_DATABASE = re.compile(r"[A-Za-z][A-Za-z0-9.-]{2,62}")
_SECRETS = re.compile(r"user|pass|pwd|token|secret|auth|cred", re.IGNORECASE)
_AGENT = re.compile(r"Neo4j/(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the graph is.

    Attributes
    ----------
    shown
        As given; for messages.
    server
        What the driver is told.
    database
        Name of the database; ``None`` means the server's default.
    """

    shown: str
    server: str
    database: str | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Who asks. The password never shows."""

    user: str
    password: str = field(repr=False)


def parse_address(url: str) -> Address:
    """Take an address apart.

    Raises
    ------
    UsageError
        When it is no address of a Neo4j server, or holds a user or password; it is not repeated
        in the message.

    Examples
    --------
    >>> address = parse_address("neo4j://graph.example:7687/region")
    >>> address.server, address.database
    ('neo4j://graph.example:7687', 'region')
    """
    parts = urlsplit(url)
    # A password may hold any sign, so an "@" anywhere means that there is one.
    if "@" in url or any(_SECRETS.search(name) for name, _ in parse_qsl(parts.query)):
        raise UsageError(
            "The address of the Neo4j server holds a user or password. Leave them out of it, and "
            "set PATHGRAPH_NEO4J_USER and PATHGRAPH_NEO4J_PASSWORD (or "
            "PATHGRAPH_NEO4J_PASSWORD_FILE) instead: no log or list of commands shows those."
        )
    database = parts.path.strip("/")
    if (
        parts.scheme not in _SCHEMES
        or not _has_host(url)
        or parts.fragment
        or (database and not _DATABASE.fullmatch(database))
    ):
        raise UsageError(
            "The address of the Neo4j server is not complete. Write for example "
            "neo4j://localhost:7687 or neo4j+s://graph.example:7687/DATABASE."
        )
    query = f"?{parts.query}" if parts.query else ""
    return Address(url, f"{parts.scheme}://{parts.netloc}{query}", database or None)


def _has_host(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False


def credentials(environment: Mapping[str, str]) -> Credentials | None:
    """Return who asks, from environment variables; ``None`` when they say nothing.

    ``PATHGRAPH_NEO4J_USER`` (default ``neo4j``) and ``PATHGRAPH_NEO4J_PASSWORD``, or
    ``PATHGRAPH_NEO4J_PASSWORD_FILE`` with the path of a file that holds it. An empty variable
    counts as not set.

    Raises
    ------
    UsageError
        When they contradict each other or the file cannot be read.

    Examples
    --------
    >>> credentials({"PATHGRAPH_NEO4J_PASSWORD": "not shown"})
    Credentials(user='neo4j')
    """
    user = environment.get("PATHGRAPH_NEO4J_USER")
    password = environment.get("PATHGRAPH_NEO4J_PASSWORD")
    file = environment.get("PATHGRAPH_NEO4J_PASSWORD_FILE")
    if password and file:
        raise UsageError(
            "Both PATHGRAPH_NEO4J_PASSWORD and PATHGRAPH_NEO4J_PASSWORD_FILE are set. Unset one."
        )
    if file:
        password = _read_password(Path(file))
    if not password:
        if user:
            raise UsageError(
                "PATHGRAPH_NEO4J_USER is set without a password. Set PATHGRAPH_NEO4J_PASSWORD, or "
                "PATHGRAPH_NEO4J_PASSWORD_FILE to a file that holds it."
            )
        return None
    return Credentials(user or "neo4j", password)


def _read_password(file: Path) -> str:
    try:
        password = file.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(
            f"The file that PATHGRAPH_NEO4J_PASSWORD_FILE names cannot be read: {reason}."
        ) from None
    if not password:
        raise UsageError("The file that PATHGRAPH_NEO4J_PASSWORD_FILE names is empty.")
    return password


def check_agent(agent: str, url: str) -> None:
    """Refuse a server that is no Neo4j, or an older one.

    Parameters
    ----------
    agent
        What the server calls itself, such as ``Neo4j/5.26.30``.

    Raises
    ------
    EngineUnavailableError
        When it is not what pathgraph works with.

    Examples
    --------
    >>> check_agent("Neo4j/2026.08.1", "neo4j://localhost")
    >>> check_agent("Neo4j/5.25.1", "neo4j://localhost")
    Traceback (most recent call last):
    pathgraph.errors.EngineUnavailableError: The Neo4j server at neo4j://localhost is of version
    5.25; pathgraph needs 5.26 or newer. Upgrade the server.
    """
    match = _AGENT.match(agent)
    if match is None:
        raise EngineUnavailableError(
            f"The server at {url} is not a Neo4j server. pathgraph needs Neo4j 5.26 or newer."
        )
    version = (int(match[1]), int(match[2]))
    if version < OLDEST_VERSION:
        raise EngineUnavailableError(
            f"The Neo4j server at {url} is of version {match[1]}.{match[2]}; pathgraph needs "
            f"{OLDEST_VERSION[0]}.{OLDEST_VERSION[1]} or newer. Upgrade the server."
        )
