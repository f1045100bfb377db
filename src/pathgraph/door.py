"""The Python door: a graph that can be asked."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine, LoadRecord
from pathgraph.ingest.quality import quality_frame
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.run import run

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    import pandas as pd

    from pathgraph.progress import Progress
    from pathgraph.queries.result import Result
    from pathgraph.queries.score import Score
    from pathgraph.queries.spec import Value

__all__ = ["Graph", "findings_rows", "open_graph"]


def open_graph(url: str, *, user: str | None = None, password: str | None = None) -> Graph:
    """Open the graph at ``url``; :func:`pathgraph.open` is its public name.

    Raises
    ------
    UsageError
        When the address is of no kind that pathgraph knows.
    EngineUnavailableError
        When a server does not answer, or refuses the user.
    """
    return Graph(open_engine(url, user=user, password=password))


class Graph:
    """A graph that can be asked. Use it in a ``with`` statement, or close it.

    Parameters
    ----------
    engine
        Where the graph is kept. It is closed with this object.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """The engine underneath, for what this object has no method for."""
        return self._engine

    @property
    def record(self) -> LoadRecord:
        """What is loaded now: id, fingerprint and manifest.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or a load is under way or broke off.
        """
        return self._engine.record()

    def find(
        self,
        finding_id: str,
        /,
        *,
        as_of: date | str | None = None,
        profile: str | None = None,
        suppress_below: int = 5,
        limit: int | None = None,
        timeout_s: float | None = None,
        **parameters: Value,
    ) -> Result:
        """Answer a finding.

        Parameters
        ----------
        finding_id
            As :meth:`findings` lists it, for example ``"readmissions"``.
        as_of
            Answer as things stood at the end of this day; by default the day of the last contact.
        profile
            A named set of parameter values.
        suppress_below
            Groups of fewer people than this are not shown; 0 shows all.
        limit
            At most this many rows; by default all.
        timeout_s
            Give up after this many seconds.
        **parameters
            The finding's own parameters.

        Returns
        -------
        Result with ``.frame`` (pandas), ``.polars``, ``.table`` (Arrow) and ``.manifest``.

        Raises
        ------
        UsageError
            When there is no such finding, profile or parameter, or a value does not fit.
        TableNotLoadedError
            When the finding needs tables that were not loaded; it names them.
        GraphNotReadyError
            When nothing is loaded, or a load is under way or broke off.
        """
        return run(
            self._engine,
            finding_id,
            parameters,
            as_of=as_of,
            profile=profile,
            suppress_below=suppress_below,
            limit=limit,
            timeout_s=timeout_s,
        )

    def compare(
        self,
        finding_id: str,
        /,
        *,
        from_day: date | str,
        to_day: date | str | None = None,
        profile: str | None = None,
        checks: int | None = None,
        suppress_below: int = 5,
        limit: int | None = None,
        timeout_s: float | None = None,
        **parameters: Value,
    ) -> Result:
        """Answer a finding on two days, and say of each row what became of it.

        Parameters
        ----------
        from_day, to_day
            The two days; the later one is by default the day of the last contact.
        checks
            Earlier days on which a row is looked for that was not there on ``from_day``; by
            default 3.
        profile, suppress_below, limit, timeout_s, **parameters
            As in :meth:`find`.

        Returns
        -------
        Result with the further column ``change``: ``new``, ``still_open``, ``resolved`` or
        ``reopened``. Rows that are not about one patient have each measure of both days.

        Raises
        ------
        UsageError, TableNotLoadedError, GraphNotReadyError
            As :meth:`find`; and where ``from_day`` is not before ``to_day``.
        """
        from pathgraph.queries.compare import CHECKS, compare

        return compare(
            self._engine,
            finding_id,
            parameters,
            from_day=from_day,
            to_day=to_day,
            profile=profile,
            checks=CHECKS if checks is None else checks,
            suppress_below=suppress_below,
            limit=limit,
            timeout_s=timeout_s,
        )

    def score(
        self,
        folder: Path | str,
        *,
        timeout_s: float | None = None,
        progress: Progress | None = None,
    ) -> Score:
        """Compare what every finding finds, with defaults, with a generated region's answer key.

        Parameters
        ----------
        folder
            The region that the graph was loaded from; it holds ``answer_key``.
        timeout_s
            Give up a query after this many seconds.
        progress
            Told how far it is; by default nobody is.

        Returns
        -------
        Score with ``.findings``, ``.frame`` (pandas), ``.rows()``, ``.differences()`` and
        ``.is_perfect``. Nothing is suppressed: an answer key exists for generated data only.

        Raises
        ------
        InputError
            All that is wrong with the folder, or tables that the graph was not loaded from.
        TableNotLoadedError
            When findings need tables that were not loaded.
        """
        from pathgraph.queries.score import score

        return score(self._engine, folder, timeout_s=timeout_s, progress=progress)

    def findings(self) -> pd.DataFrame:
        """Return the library: one row a finding, with its question and what it needs."""
        import pandas as pd

        return pd.DataFrame(findings_rows(), columns=FINDINGS_COLUMNS)

    def quality(self) -> pd.DataFrame:
        """Return what was read, accepted, refused and missing: a count a row, by table and month.

        Returns
        -------
        Data frame with the columns ``source``, ``table``, ``month`` (``YYYY-MM``), ``count`` (what
        was counted), ``detail`` (reason or column) and ``n``.

        Raises
        ------
        GraphNotReadyError
            When nothing is loaded, or a load is under way or broke off.
        """
        return quality_frame(self.record.manifest.get("quality", ()))

    def close(self) -> None:
        """Let go of the graph."""
        self._engine.close()

    def __enter__(self) -> Graph:
        """Return the graph itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the graph."""
        self.close()

    def __repr__(self) -> str:
        """Return the address."""
        return f"<pathgraph graph at {self._engine.url}>"


FINDINGS_COLUMNS = ("id", "title", "question", "parameters", "profiles", "needs", "version")


def findings_rows() -> list[dict[str, object]]:
    """Return one row a finding: id, title, question, parameters, profiles, needed tables.

    Examples
    --------
    >>> {"id", "question"} <= findings_rows()[0].keys()
    True
    """
    return [
        {
            "id": finding.id,
            "title": finding.title,
            "question": finding.question,
            "parameters": ", ".join(p.name for p in finding.parameters),
            "profiles": ", ".join(p.name for p in finding.profiles),
            "needs": ", ".join(finding.needs),
            "version": finding.version,
        }
        for finding in catalogue().values()
    ]
