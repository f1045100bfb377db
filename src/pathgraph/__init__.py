"""pathgraph: cross-level patient pathways and networks as one property graph.

:func:`pathgraph.open` opens a graph; the command ``pathgraph load`` fills one.
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

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import pathgraph
    >>> from pathgraph.ingest.run import load
    >>> from pathgraph.synth.generate import write_region
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     written = write_region(Path(folder, "region"), patients=1000, seed=1)
    ...     with pathgraph.open(f"ladybug:{folder}/G") as graph:
    ...         report = load("tables", Path(folder, "region"), graph.engine)
    ...         result = graph.find("readmissions", max_gap_d=14)
    >>> result.manifest["parameters"]["max_gap_d"]
    14
    >>> list(result.frame.columns)[:2]
    ['patient_id', 'index_stay_id']
    """
    # Drivers and data frames take a second to import; what only asks for the version need not wait.
    from pathgraph.door import open_graph

    return open_graph(url, user=user, password=password)
