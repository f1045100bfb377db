"""What a peer is asked: the finding's parameters and days, as pathgraph itself resolved them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pathgraph.queries.spec import Finding

__all__ = ["Question", "table_file"]


@dataclass(frozen=True, slots=True)
class Question:
    """One finding with its default parameters, on one set of graph tables.

    The peers answer for the default day only, the day of the last contact: by then every contact
    has begun, so that no stay has to be cut.

    Attributes
    ----------
    parameters
        Name to value, with ``as_of_s``, ``as_of_day``, ``horizon_s`` and ``horizon_day``.
    columns, key
        The columns of the answer, and those that tell its rows apart.
    """

    finding: str
    parameters: Mapping[str, Any]
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @classmethod
    def of(cls, finding: Finding, parameters: Mapping[str, Any]) -> Question:
        """Return the question that ``finding`` is."""
        columns = tuple(column.name for column in finding.returns)
        return cls(finding.id, dict(parameters), columns, finding.key)


def table_file(folder: Path, name: str) -> Path:
    """Return the Parquet file of a node type, or of a relationship type.

    A relationship type with several pairs of ends is named with the ends.

    Examples
    --------
    >>> table_file(Path("graph"), "Stay").as_posix()
    'graph/nodes/Stay.parquet'
    >>> table_file(Path("graph"), "OWNED_BY__Plan__Unit").as_posix()
    'graph/relationships/OWNED_BY__Plan__Unit.parquet'
    """
    if name[1:2].islower():
        return folder / "nodes" / f"{name}.parquet"
    if "__" in name:
        return folder / "relationships" / f"{name}.parquet"
    (file,) = (folder / "relationships").glob(f"{name}__*.parquet")
    return file
