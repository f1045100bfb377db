"""What Neo4j and its driver refuse, said in sentences; their own texts may show values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from neo4j.exceptions import (
    AuthError,
    ConfigurationError,
    ConnectionAcquisitionTimeoutError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
)

from pathgraph.errors import (
    EngineBusyError,
    EngineError,
    EngineUnavailableError,
    QueryError,
    QueryTimeoutError,
    StorageError,
)

__all__ = ["is_timeout", "query_error", "said_plainly", "server_error"]

_SET_CREDENTIALS = (
    "Set PATHGRAPH_NEO4J_USER, and PATHGRAPH_NEO4J_PASSWORD or PATHGRAPH_NEO4J_PASSWORD_FILE"
)

_BY_TITLE: dict[str, tuple[type[EngineError], str]] = {
    "DatabaseNotFound": (
        EngineUnavailableError,
        "The Neo4j server at {url} has no database of that name. Name another one after the "
        "server's address, or none for the server's own default.",
    ),
    "DatabaseUnavailable": (
        EngineUnavailableError,
        "The database at {url} is not in service now. Start it, or try again in a while.",
    ),
    "DatabaseReadOnly": (
        StorageError,
        "The database at {url} may only be read. Let the server write to it, and load again.",
    ),
    "ForbiddenOnReadOnlyDatabase": (
        StorageError,
        "The database at {url} may only be read. Let the server write to it, and load again.",
    ),
    "TransactionLogError": (
        StorageError,
        "The Neo4j server at {url} cannot write to its disk. Make room for it, and load again.",
    ),
    "TransactionStartFailed": (
        EngineUnavailableError,
        "The database at {url} has stopped after an error, often a full disk. Make room for it, "
        "restart the server, and load again if a load broke off.",
    ),
    "Forbidden": (
        EngineUnavailableError,
        "The Neo4j server at {url} does not allow this user to do that. Ask for the right to read, "
        "and for loads to write and to make constraints.",
    ),
    "MaximumTransactionLimitReached": (
        EngineBusyError,
        "The Neo4j server at {url} has more to do than it takes on. Try again in a while.",
    ),
    "DeadlockDetected": (
        EngineBusyError,
        "Something else writes to the graph at {url} at the same time. Let it end, and try again.",
    ),
}

_POSITION = re.compile(r"\(line \d+, column \d+ \(offset: \d+\)\)$")

_MEMORY_TITLES = (
    "MemoryPoolOutOfMemoryError",
    "OutOfMemoryError",
    "StackOverFlowError",
    "TransactionOutOfMemoryError",
)


@contextmanager
def said_plainly(url: str) -> Iterator[None]:
    """Turn what the driver raises inside the context into pathgraph's errors.

    Raises
    ------
    EngineError
        Or one of its classes.
    """
    try:
        yield
    except (DriverError, Neo4jError) as error:
        raise server_error(error, url) from None


def server_error(error: DriverError | Neo4jError, url: str) -> EngineError:
    """Return the sentence for an error that has nothing to do with a query's text."""
    if isinstance(error, AuthError):
        return EngineUnavailableError(
            f"The Neo4j server at {url} does not accept the user or the password. "
            f"{_SET_CREDENTIALS}."
        )
    if isinstance(error, ConfigurationError):
        return EngineUnavailableError(
            f"The server at {url} cannot be talked to in this way. Check that it is a Neo4j "
            "server of version 5.26 or newer, that the address begins with the right scheme "
            "(bolt://, neo4j://, or with +s for encryption), and its certificate."
        )
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        return EngineBusyError(
            f"All connections to the Neo4j server at {url} are in use. Try again in a while."
        )
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return EngineUnavailableError(
            f"No Neo4j server answers at {url}, or the connection to it broke. Start the server, "
            "or check the address, the port and whether it wants an encrypted connection."
        )
    if isinstance(error, Neo4jError):
        return _refusal(error, url)
    return EngineError(f"The connection to the Neo4j server at {url} failed. Try again.")


def _refusal(error: Neo4jError, url: str) -> EngineError:
    title = _title(error)
    if title in _MEMORY_TITLES:
        return EngineError(
            f"The Neo4j server at {url} ran out of memory. Give it more "
            "(server.memory.heap.max_size, dbms.memory.transaction.total.max), and try again."
        )
    if title in _BY_TITLE:
        class_, sentence = _BY_TITLE[title]
        return class_(sentence.format(url=url))
    if is_timeout(error):
        return EngineBusyError(
            f"The Neo4j server at {url} did not get to it in time. Try again in a while."
        )
    return EngineError(f"The Neo4j server at {url} refused ({error.code}). Its log says why.")


def is_timeout(error: Neo4jError) -> bool:
    """Tell whether the server ended a transaction because its time was over."""
    return _title(error) in (
        "TransactionTimedOut",
        "TransactionTimedOutClientConfiguration",
        "LockClientStopped",
        "LockAcquisitionTimeout",
    )


def query_error(error: Neo4jError, url: str, *, timeout_s: float | None) -> EngineError:
    """Return the sentence for a refusal of one query."""
    code = error.code or ""
    title = _title(error)
    if is_timeout(error) or title == "Terminated":
        limit = f" of {timeout_s:g} s" if timeout_s is not None else ""
        return QueryTimeoutError(
            f"The query took longer than its limit{limit} and was ended. Narrow the question down, "
            "or allow more time."
        )
    if title in _MEMORY_TITLES:
        return QueryError(
            "Neo4j cannot answer the query: it needs more memory than the server may use. Narrow "
            "the question down, or give the server more (server.memory.heap.max_size)."
        )
    if title == "TransactionStartFailed" and "implicit transaction" in (error.message or ""):
        return QueryError("Neo4j cannot answer the query: it asks for transactions of its own.")
    if not code.startswith("Neo.ClientError.Statement."):
        return server_error(error, url)
    first_line = (error.message or "no reason given").splitlines()[0]
    if title == "ParameterMissing":
        names = first_line.partition(":")[2].strip()
        return QueryError(f"The query uses parameters that were not given: {names}.")
    if title == "SyntaxError" and _POSITION.search(first_line):
        # What names a place in the text was found before any row was read.
        return QueryError(f"Neo4j does not understand the query: {first_line}")
    reasons = {
        "AccessMode": "it would write, and queries only read",
        "ArithmeticError": "a number in it leaves the range of 64 bits, or is divided by zero",
        "TypeError": "a value in it is of another type than the text asks for",
    }
    return QueryError(f"Neo4j cannot answer the query: {reasons.get(title, 'it fails')} ({code}).")


def _title(error: Neo4jError) -> str:
    return (error.code or "").rpartition(".")[2]
