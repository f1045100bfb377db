"""What the surroundings say: read once by the command line, and passed in from there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pathgraph.errors import UsageError

__all__ = ["DEFAULT_GRAPH", "DEFAULT_PORT", "DEFAULT_SUPPRESS_BELOW", "Settings", "read_settings"]

DEFAULT_GRAPH = "ladybug:./pathgraph-data"
DEFAULT_SUPPRESS_BELOW = 5
DEFAULT_PORT = 8765


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings with their defaults.

    Attributes
    ----------
    graph
        Address of the graph (``PATHGRAPH_GRAPH``).
    suppress_below
        Groups of fewer people than this are not shown (``PATHGRAPH_SUPPRESS_BELOW``).
    cache
        Folder in which the server keeps answers (``PATHGRAPH_CACHE``); by default beside the
        snapshot, and ``pathgraph-cache`` for a graph on a server.
    boundaries
        File of GeoJSON that maps of networks are drawn on (``PATHGRAPH_BOUNDARIES``); none is
        shipped.
    """

    graph: str = DEFAULT_GRAPH
    suppress_below: int = DEFAULT_SUPPRESS_BELOW
    cache: Path | None = None
    boundaries: Path | None = None


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables; an empty one counts as not set.

    Raises
    ------
    UsageError
        When a value does not fit.

    Examples
    --------
    >>> read_settings({"PATHGRAPH_GRAPH": "neo4j://localhost"}).graph
    'neo4j://localhost'
    >>> read_settings({}).suppress_below
    5
    """
    threshold = environment.get("PATHGRAPH_SUPPRESS_BELOW") or str(DEFAULT_SUPPRESS_BELOW)
    if not (threshold.isascii() and threshold.isdigit()):
        raise UsageError(
            "PATHGRAPH_SUPPRESS_BELOW is no whole number from 0. Set it to one, or unset it."
        )
    cache = environment.get("PATHGRAPH_CACHE")
    boundaries = environment.get("PATHGRAPH_BOUNDARIES")
    return Settings(
        graph=environment.get("PATHGRAPH_GRAPH") or DEFAULT_GRAPH,
        suppress_below=int(threshold),
        cache=Path(cache) if cache else None,
        boundaries=Path(boundaries) if boundaries else None,
    )
