"""The model as an empty LadybugDB graph in memory, on which query texts are tried."""

from __future__ import annotations

from collections.abc import Mapping

import ladybug

from pathgraph.engine.ladybug_query import bind
from pathgraph.errors import QueryError
from pathgraph.model.ddl import ladybug_ddl

__all__ = ["explain_on_empty_graph"]

_POOL_BYTES = 64 * 2**20


def explain_on_empty_graph(texts: Mapping[str, tuple[str, Mapping[str, object]]]) -> dict[str, str]:
    """Let LadybugDB plan every text on an empty graph of the declared model.

    Parameters
    ----------
    texts
        Name to Cypher text and a value for each of its parameters.

    Returns
    -------
    Name to what LadybugDB says against the text, for those that it refuses.

    Examples
    --------
    >>> explain_on_empty_graph({"x": ("MATCH (p:Patient) RETURN p.patient_id AS id", {})})
    {}
    """
    refused = {}
    database = ladybug.Database(":memory:", buffer_pool_size=_POOL_BYTES)
    try:
        connection = ladybug.Connection(database)
        for statement in ladybug_ddl():
            connection.execute(statement)
        for name, (text, parameters) in texts.items():
            try:
                bound, values = bind(text, parameters)
                connection.execute(f"EXPLAIN {bound}", values)
            except QueryError as error:
                refused[name] = str(error)
            except RuntimeError as error:
                # No row is there, so the engine's own words show none.
                refused[name] = f"LadybugDB refuses the text: {str(error).strip().splitlines()[0]}"
        connection.close()
    finally:
        database.close()
    return refused
