"""A process of its own that loads into Neo4j and says how far it is, so that it can be killed.

``python -m tests.engine.neo4j_killed_load URL FOLDER``: FOLDER holds the graph tables of
:func:`tests.engine.neo4j_graph.two_versions`; the later one is loaded.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pathgraph.engine.neo4j import Neo4jEngine
from pathgraph.progress import QuietProgress
from tests.engine.neo4j_graph import of, reopen


class Telling(QuietProgress):
    """Prints every step as it begins."""

    def start(self, step: str, total: int | None = None, unit: str = "rows") -> None:
        print(step, flush=True)


def main(url: str, folder: str) -> None:
    """Load, printing the scratch folder first and each step as it begins."""
    engine = Neo4jEngine(url)
    tables = reopen(Path(folder) / "after")
    with engine.begin_load() as session:
        print(session.scratch, flush=True)
        session.commit(of(session, tables), progress=Telling())
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
