"""One tree of errors; every message says what, where and what to do, and never shows a row's value.

The exit code of the command line follows from the class.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "DataError",
    "EngineBusyError",
    "EngineError",
    "EngineUnavailableError",
    "GraphNotReadyError",
    "InputError",
    "NotAllowedError",
    "ParameterError",
    "PathgraphError",
    "QueryCancelledError",
    "QueryError",
    "QueryTimeoutError",
    "StorageError",
    "TableNotLoadedError",
    "ThresholdError",
    "UsageError",
]


class PathgraphError(Exception):
    """Root of all errors that pathgraph raises on purpose.

    Parameters
    ----------
    *sentences
        One a problem, each :func:`pathgraph.sentence.sentence` where a reader of another language
        may meet it; ``str`` gives them one a line.
    """

    exit_code = 1

    def __init__(self, *sentences: str) -> None:
        self.sentences = sentences
        super().__init__(*(["\n".join(sentences)] if len(sentences) > 1 else sentences))


class UsageError(PathgraphError):
    """A command, option or parameter that does not fit (exit code 2)."""

    exit_code = 2


class ParameterError(UsageError):
    """Parameters of a finding that do not fit (exit code 2).

    Parameters
    ----------
    problems
        One pair a problem: the name of what does not fit (``profile``, ``as_of`` or a parameter),
        and the sentence about it.
    """

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__(*(text for _, text in self.problems))


class InputError(PathgraphError):
    """Files that cannot be read as they are (exit code 3).

    Parameters
    ----------
    problems
        One sentence a problem: what, where (file, row, column), what to do.
    """

    exit_code = 3

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__(*self.problems)


class DataError(InputError):
    """Files that were read, but whose content breaks a rule (exit code 4)."""

    exit_code = 4


class ThresholdError(DataError):
    """More rows were refused than the load allows (exit code 4)."""


class EngineError(PathgraphError):
    """The graph engine failed (exit code 5)."""

    exit_code = 5


class EngineUnavailableError(EngineError):
    """The engine cannot be reached, or refuses the user, or is of the wrong version."""


class EngineBusyError(EngineError):
    """Another load is writing to the same place (exit code 6)."""

    exit_code = 6


class GraphNotReadyError(EngineError):
    """Nothing is loaded, or a load is under way or broke off (exit code 7)."""

    exit_code = 7


class StorageError(EngineError):
    """The disk is full or the folder cannot be written (exit code 8)."""

    exit_code = 8


class QueryError(EngineError):
    """The engine refused a query (exit code 9)."""

    exit_code = 9


class QueryTimeoutError(QueryError):
    """A query ran longer than its limit (exit code 9)."""


class QueryCancelledError(QueryError):
    """A query was ended because nobody waits for it (exit code 9)."""


class TableNotLoadedError(PathgraphError):
    """A finding needs tables that were not loaded (exit code 10)."""

    exit_code = 10


class NotAllowedError(PathgraphError):
    """Who asks may not see what was asked for (exit code 11)."""

    exit_code = 11
