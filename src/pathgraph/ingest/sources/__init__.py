"""Sources: each turns somebody's files into canonical tables, and is found by its name.

A source is one module of this package with a module-level ``SOURCE`` (the name on the command line
with ``-`` written as ``_``), or an entry point of the group ``pathgraph.sources`` in another
package. It renames, recodes and joins; typing, checking and refusing rows happen afterwards, in one
place, :mod:`pathgraph.ingest.check`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from pathgraph.errors import UsageError

if TYPE_CHECKING:
    from pathgraph.ingest.reading import Reader

__all__ = [
    "AcuteRule",
    "Source",
    "SourceContent",
    "SourceOption",
    "find_source",
    "source_names",
]

_ENTRY_POINT_GROUP = "pathgraph.sources"


@dataclass(frozen=True, slots=True)
class SourceOption:
    """An option that a source understands; ``default`` is ``None`` where there is no fixed one."""

    name: str
    sentence: str
    default: str | None = None


@dataclass(frozen=True, slots=True)
class AcuteRule:
    """Which contacts count as acute.

    Attributes
    ----------
    codes
        Values of ``contacts.urgency`` that count as acute; ``None``: all overnight contacts do.
    sentence
        The rule in words, printed with every result that rests on it.
    """

    codes: tuple[str, ...] | None
    sentence: str


@dataclass(frozen=True, slots=True)
class SourceContent:
    """What a source has made of the files.

    Attributes
    ----------
    tables
        Canonical table name to the name of a DuckDB relation that has every declared column of the
        table as VARCHAR in canonical codes, ``source_file`` (VARCHAR) and ``source_row`` (BIGINT).
        Tables that the source does not have are not keys.
    timezone
        IANA name of the zone in which local times without an offset are meant.
    pseudonymous
        Person ids are pseudonyms: the source's own, or made while reading.
    """

    tables: dict[str, str]
    timezone: str
    pseudonymous: bool
    acute: AcuteRule
    notes: tuple[str, ...] = ()


class Source(Protocol):
    """Somebody's format."""

    name: str
    """As on the command line, for example ``mimic-iv``."""

    sentence: str
    options: tuple[SourceOption, ...]

    def read(self, reader: Reader, path: Path, options: Mapping[str, str]) -> SourceContent:
        """Read the files at ``path`` through ``reader``.

        Raises
        ------
        InputError
            With all problems of all files, when the files cannot be read as they are.
        """


def _built_in_modules() -> tuple[str, ...]:
    return tuple(
        sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_")
    )


def _entry_points() -> Mapping[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=_ENTRY_POINT_GROUP)}


def source_names() -> tuple[str, ...]:
    """Return the names of all sources, built in and from other packages, sorted.

    Examples
    --------
    >>> "tables" in source_names()
    True
    """
    built_in = {module.replace("_", "-") for module in _built_in_modules()}
    return tuple(sorted(built_in | set(_entry_points())))


def find_source(name: str) -> Source:
    """Return the source called ``name``; a built-in one comes before another package's.

    Raises
    ------
    UsageError
        When there is none; the message lists those there are.

    Examples
    --------
    >>> find_source("tables").name
    'tables'
    """
    module_name = name.replace("-", "_")
    if module_name in _built_in_modules():
        module = importlib.import_module(f"{__name__}.{module_name}")
        return cast(Source, module.SOURCE)
    point = _entry_points().get(name)
    if point is None:
        raise UsageError(
            f"There is no source called '{name}'. Sources are: {', '.join(source_names())}."
        )
    loaded = point.load()
    return cast(Source, getattr(loaded, "SOURCE", loaded))
