"""The words in which the model is written: value types, properties, nodes, relationships, tables.

Everything here is a frozen dataclass without behaviour that reaches outside. The model itself is
written with these words in :mod:`pathgraph.model.schema` (the graph) and
:mod:`pathgraph.model.tables` (the canonical tables).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = [
    "Column",
    "ColumnType",
    "Derived",
    "End",
    "FromTable",
    "Node",
    "Property",
    "PropertyType",
    "Relationship",
    "Table",
]


class PropertyType(Enum):
    """Storage type of a graph property. Both engines know all of them."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"


class ColumnType(Enum):
    """Type of a column of a canonical table, as a user writes it in a file.

    ``DATE`` (ISO 8601 ``YYYY-MM-DD``) and ``TIME`` (ISO 8601 date and time, with or without an
    offset; a bare date says that the source has no clock time) each become two graph properties:
    the text to read and a number to compare.
    """

    ID = "id"
    TEXT = "text"
    CODE = "code"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a node or relationship."""

    name: str
    type: PropertyType
    sentence: str
    unit: str | None = None
    required: bool = False


@dataclass(frozen=True, slots=True)
class FromTable:
    """The rows of a graph type are the rows of one canonical table.

    Parameters
    ----------
    table
        Name of the canonical table.
    where
        SQL condition on the table's columns; empty means all rows.
    columns
        ``(property, SQL expression)`` where the property's name is not the column's.
    """

    table: str
    where: str = ""
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """The rows of a graph type are worked out in linking; ``sentence`` says how."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Node:
    """A node type; ``key`` is the property that identifies a node across loads and engines."""

    label: str
    key: str
    sentence: str
    properties: tuple[Property, ...]
    origin: FromTable | Derived


@dataclass(frozen=True, slots=True)
class End:
    """One pair of node types that a relationship may join, and the rows that do.

    ``from_column`` and ``to_column`` name the column (or an SQL expression on the origin's
    columns) that holds the key of the node at that end.
    """

    from_label: str
    to_label: str
    from_column: str
    to_column: str
    origin: FromTable | Derived


@dataclass(frozen=True, slots=True)
class Relationship:
    """A relationship type.

    Parameters
    ----------
    key
        Properties that, with the two ends, tell one relationship from another of its type; empty
        when two nodes have at most one.
    acyclic
        Following the type never leads back; only then may a query use it with variable length.
    """

    type: str
    sentence: str
    ends: tuple[End, ...]
    properties: tuple[Property, ...] = ()
    key: tuple[str, ...] = ()
    acyclic: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a canonical table.

    Parameters
    ----------
    codes
        The values that are meant; others are accepted and counted as unknown codes.
    references
        ``table.column`` that must hold the value when that table was given.
    aliases
        Other heads under which the column is recognised in a file.
    """

    name: str
    type: ColumnType
    sentence: str
    required: bool = False
    unit: str | None = None
    codes: tuple[str, ...] = ()
    references: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A canonical table: what every source is turned into before anything else looks at it.

    Parameters
    ----------
    key
        Columns whose values together occur once.
    intervals
        ``(start, end)`` pairs of columns where the end is not before the start.
    one_of
        Columns of which exactly one is filled in each row; empty when there is no such rule.
    """

    name: str
    sentence: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: bool = False
    intervals: tuple[tuple[str, str], ...] = ()
    one_of: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return the column called ``name``.

        Raises
        ------
        KeyError
            When the table has no such column.
        """
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)
