"""Graph engines behind one Protocol: LadybugDB in a folder, Neo4j on a server."""

from __future__ import annotations

from pathlib import Path

from pathgraph.engine.base import (
    Engine,
    GraphTables,
    Ledger,
    LoadRecord,
    LoadSession,
    TypeLedger,
)
from pathgraph.errors import UsageError

__all__ = [
    "Engine",
    "GraphTables",
    "Ledger",
    "LoadRecord",
    "LoadSession",
    "TypeLedger",
    "open_engine",
]

_NEO4J_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


def open_engine(
    url: str, *, user: str | None = None, password: str | None = None, holds: bool = False
) -> Engine:
    """Return the engine at ``url``.

    Parameters
    ----------
    url
        ``ladybug:FOLDER``, or ``bolt://``, ``neo4j://``, ``neo4j+s://`` ... and a server.
    user, password
        For a server.
    holds
        Whether a folder's engine stays with the load that it serves until it is told to follow. A
        server holds one graph, which a load changes in place.

    Raises
    ------
    UsageError
        When the address is of no known kind, or holds a user or password.
    EngineUnavailableError
        When a server does not answer or refuses the user.

    Examples
    --------
    >>> open_engine("ladybug:./pathgraph-data").name
    'ladybug'
    """
    scheme, separator, rest = url.partition(":")
    if scheme == "ladybug" and separator:
        if not rest:
            raise UsageError(
                "The address 'ladybug:' names no folder. Write for example ladybug:./pathgraph-data"
            )
        from pathgraph.engine.ladybug import LadybugEngine

        try:
            place = Path(rest).expanduser()
        except RuntimeError:
            raise UsageError(
                "The folder in the address begins with '~' and a name that is no user's here. "
                "Write the folder out."
            ) from None
        return LadybugEngine(place, url=url, holds=holds)
    if scheme in _NEO4J_SCHEMES and rest.startswith("//"):
        if "@" in rest:
            raise UsageError(
                "The address of the server holds a user or password. Leave them out of it: give "
                "them in the environment or in a file, where no log or list of commands shows them."
            )
        from pathgraph.engine.neo4j import Neo4jEngine

        return Neo4jEngine(url, user=user, password=password)
    raise UsageError(
        "The address of the graph is of no known kind. Write ladybug:FOLDER for a folder, or "
        f"the address of a Neo4j server that begins with {', '.join(_NEO4J_SCHEMES)} and '://'."
    )
