"""pathgraph: cross-level patient pathways and networks as one property graph.

Examples
--------
>>> import pathgraph
>>> with pathgraph.open("ladybug:./pathgraph-data") as graph:  # doctest: +SKIP
...     graph.find("readmissions", max_gap_d=14).frame
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pathgraph.version import VERSION as __version__

if TYPE_CHECKING:
    from pathgraph.door import Graph

__all__ = ["__version__", "open"]


def open(url: str, *, user: str | None = None, password: str | None = None) -> Graph:
    """Open a graph to ask it.

    Parameters
    ----------
    url
        ``ladybug:PATH``, ``neo4j://HOST``, ``neo4j+s://HOST`` or ``bolt://HOST``.
    user, password
        For Neo4j. Where they are left out, the environment gives them.

    Raises
    ------
    UsageError
        When the address is of no kind that pathgraph knows.
    EngineUnavailableError
        When a server does not answer, or refuses the user.
    """
    # Drivers and data frames take a second to import; what only asks for the version need not wait.
    from pathgraph.door import open_graph

    return open_graph(url, user=user, password=password)
