"""What pages show of new data, worked out in a process of its own before anybody asks.

The process gives way to the server (it is niced), leaves what it worked out in the folder of kept
answers, and gives its memory back when it ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from pathgraph.api.walk import walk
from pathgraph.engine import open_engine
from pathgraph.settings import Settings

__all__ = ["main", "prepared_beside"]

_LONGEST_S = 3600.0
"""A server serves new data after so long even where not all was worked out (own choice)."""

_LOOK_EVERY_S = 0.5
_NICENESS = 10


def prepared_beside(url: str, cache: Path, suppress_below: int, ended: threading.Event) -> None:
    """Open every page of the newest load once, in a process of its own, and wait for it.

    Parameters
    ----------
    url
        Address of the graph.
    cache
        Folder in which answers are kept.
    ended
        Ends the process early when it is set.
    """
    command = [sys.executable, "-m", __name__, url, str(cache), str(suppress_below)]
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + _LONGEST_S
    try:
        while process.poll() is None and not ended.wait(_LOOK_EVERY_S):
            if time.monotonic() > end:
                break
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait()


def main(url: str, cache: str, suppress_below: str) -> None:
    """Open every page once, and wait until the home page has its months."""
    # Only here: the server itself imports this module.
    from pathgraph.api.serve import running, serving_for

    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    settings = Settings(graph=url, suppress_below=int(suppress_below), cache=Path(cache))
    end = time.monotonic() + _LONGEST_S
    with closing(open_engine(url)) as engine:
        serving = serving_for(settings, engine, cache=settings.cache)
        with running(serving) as address:
            for _ in walk(address):
                pass
            trends = serving.trends
            while trends and not trends.is_prepared and time.monotonic() < end:
                time.sleep(_LOOK_EVERY_S)


if __name__ == "__main__":
    main(*sys.argv[1:])
