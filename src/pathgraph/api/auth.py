"""Who asks: the one place where a request becomes a caller.

Until access control is set up the server listens on the loopback address alone
(:mod:`pathgraph.api.serve`), so that whoever reaches it sits at the machine that holds the graph.
"""

from __future__ import annotations

from starlette.requests import HTTPConnection

from pathgraph.queries.caller import LOCAL, Caller

__all__ = ["caller_of"]


def caller_of(connection: HTTPConnection) -> Caller:
    """Return who asks; every question that a route puts carries it to the door out."""
    caller: Caller = connection.scope.get("pathgraph.caller", LOCAL)
    return caller
