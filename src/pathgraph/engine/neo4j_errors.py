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

from pathgraph.engine.cancellation import took_too_long
from pathgraph.errors import (
    EngineBusyError,
    EngineError,
    EngineUnavailableError,
    QueryError,
    QueryTimeoutError,
    StorageError,
)
from pathgraph.sentence import sentence, template

__all__ = ["is_timeout", "query_error", "said_plainly", "server_error"]

_BY_TITLE: dict[str, tuple[type[EngineError], str]] = {
    "DatabaseNotFound": (
        EngineUnavailableError,
        template(
            "The Neo4j server at {url} has no database of that name. Name another one after the "
            "server's address, or none for the server's own default."
        ),
    ),
    "DatabaseUnavailable": (
        EngineUnavailableError,
        template("The database at {url} is not in service now. Start it, or try again in a while."),
    ),
    "DatabaseReadOnly": (
        StorageError,
        template(
            "The database at {url} may only be read. Let the server write to it, and load again."
        ),
    ),
    "ForbiddenOnReadOnlyDatabase": (
        StorageError,
        template(
            "The database at {url} may only be read. Let the server write to it, and load again."
        ),
    ),
    "TransactionLogError": (
        StorageError,
        template(
            "The Neo4j server at {url} cannot write to its disk. Make room for it, and load again."
        ),
    ),
    "TransactionStartFailed": (
        EngineUnavailableError,
        template(
            "The database at {url} has stopped after an error, often a full disk. Make room "
            "for it, restart the server, and load again if a load broke off."
        ),
    ),
    "Forbidden": (
        EngineUnavailableError,
        template(
            "The Neo4j server at {url} does not allow this user to do that. Ask for the right "
            "to read, and for loads to write and to make constraints."
        ),
    ),
    "MaximumTransactionLimitReached": (
        EngineBusyError,
        template(
            "The Neo4j server at {url} has more to do than it takes on. Try again in a while."
        ),
    ),
    "DeadlockDetected": (
        EngineBusyError,
        template(
            "Something else writes to the graph at {url} at the same time. Let it end, and "
            "try again."
        ),
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
            sentence(
                "The Neo4j server at {url} does not accept the user or the password. Set "
                "PATHGRAPH_NEO4J_USER, and PATHGRAPH_NEO4J_PASSWORD or "
                "PATHGRAPH_NEO4J_PASSWORD_FILE.",
                url=url,
            )
        )
    if isinstance(error, ConfigurationError):
        return EngineUnavailableError(
            sentence(
                "The server at {url} cannot be talked to in this way. Check that it is a "
                "Neo4j server of version 5.26 or newer, that the address begins with the "
                "right scheme (bolt://, neo4j://, or with +s for encryption), and its "
                "certificate.",
                url=url,
            )
        )
    if isinstance(error, ConnectionAcquisitionTimeoutError):
        return EngineBusyError(
            sentence(
                "All connections to the Neo4j server at {url} are in use. Try again in a while.",
                url=url,
            )
        )
    if isinstance(error, ServiceUnavailable | SessionExpired):
        return EngineUnavailableError(
            sentence(
                "No Neo4j server answers at {url}, or the connection to it broke. Start "
                "the server, or check the address, the port and whether it wants an "
                "encrypted connection.",
                url=url,
            )
        )
    if isinstance(error, Neo4jError):
        return _refusal(error, url)
    return EngineError(
        sentence("The connection to the Neo4j server at {url} failed. Try again.", url=url)
    )


def _refusal(error: Neo4jError, url: str) -> EngineError:
    title = _title(error)
    if title in _MEMORY_TITLES:
        return EngineError(
            sentence(
                "The Neo4j server at {url} ran out of memory. Give it more "
                "(server.memory.heap.max_size, dbms.memory.transaction.total.max), and try "
                "again.",
                url=url,
            )
        )
    if title in _BY_TITLE:
        class_, text = _BY_TITLE[title]
        return class_(sentence(text, url=url))
    if is_timeout(error):
        return EngineBusyError(
            sentence(
                "The Neo4j server at {url} did not get to it in time. Try again in a while.",
                url=url,
            )
        )
    return EngineError(
        sentence(
            "The Neo4j server at {url} refused ({code}). Its log says why.",
            url=url,
            code=error.code,
        )
    )


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
        return QueryTimeoutError(took_too_long(timeout_s))
    if title in _MEMORY_TITLES:
        return QueryError(
            sentence(
                "Neo4j cannot answer the query: it needs more memory than the server may "
                "use. Narrow the question down, or give the server more "
                "(server.memory.heap.max_size)."
            )
        )
    if title == "TransactionStartFailed" and "implicit transaction" in (error.message or ""):
        return QueryError(
            sentence("Neo4j cannot answer the query: it asks for transactions of its own.")
        )
    if not code.startswith("Neo.ClientError.Statement."):
        return server_error(error, url)
    first_line = (error.message or "no reason given").splitlines()[0]
    if title == "ParameterMissing":
        names = first_line.partition(":")[2].strip()
        return QueryError(
            sentence("The query uses parameters that were not given: {names}.", names=names)
        )
    if title == "SyntaxError" and _POSITION.search(first_line):
        # What names a place in the text was found before any row was read.
        return QueryError(
            sentence("Neo4j does not understand the query: {first_line}", first_line=first_line)
        )
    reasons = {
        "AccessMode": sentence("it would write, and queries only read"),
        "ArithmeticError": sentence(
            "a number in it leaves the range of 64 bits, or is divided by zero"
        ),
        "TypeError": sentence("a value in it is of another type than the text asks for"),
    }
    return QueryError(
        sentence(
            "Neo4j cannot answer the query: {reason} ({code}).",
            reason=reasons.get(title, sentence("it fails")),
            code=code,
        )
    )


def _title(error: Neo4jError) -> str:
    return (error.code or "").rpartition(".")[2]
