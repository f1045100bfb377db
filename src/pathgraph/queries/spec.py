"""What a finding is: its texts, parameters, columns, profiles and Cypher.

A finding is written as a file (``cypher/README.md``); :mod:`pathgraph.queries.header` turns the
header of that file into the classes of this module. Command line, pages and documentation read
nothing else.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from numbers import Integral, Real
from types import MappingProxyType

from pathgraph.sentence import Sentence, sentence, template

__all__ = [
    "ENGINE_NAMES",
    "IMPLICIT_PARAMETERS",
    "LANGUAGES",
    "THRESHOLD",
    "Among",
    "Finding",
    "Kind",
    "Parameter",
    "ParameterType",
    "Profile",
    "Return",
    "Sum",
    "Value",
]

LANGUAGES = ("en", "nb", "nn")
"""Languages of titles and questions."""

ENGINE_NAMES = ("ladybug", "neo4j")
"""Engines that may have a text of their own, ``<id>.<engine>.cypher``."""

IMPLICIT_PARAMETERS: Mapping[str, str] = MappingProxyType(
    {
        "as_of_s": "first second after the end of the day as_of, in seconds since 1970 UTC",
        "as_of_day": "the day as_of, in days since 1970",
        "horizon_s": "first second after the last day that is both covered and not after as_of",
        "horizon_day": "the last day that is both covered and not after as_of",
    }
)
"""Parameters that every finding has without declaring them, with what they hold."""

THRESHOLD = "min_patients"
"""Parameter by which the door leaves weak ties out, after small numbers are hidden."""

Value = int | float | bool | str | tuple[str, ...]
"""A parameter's value; every parameter always has one."""

_INT64 = 2**63


class Kind(StrEnum):
    """What a column means; storage, suppression, formats and units follow from it."""

    ID = "id"
    PERSONS = "persons"
    COUNT = "count"
    SHARE = "share"
    DAYS = "days"
    HOURS = "hours"
    DATE = "date"
    TIME = "time"
    UNIT = "unit"
    TEXT = "text"
    LIST = "list"
    BOOLEAN = "boolean"

    @property
    def is_measure(self) -> bool:
        """Whether a value says something about the persons of its row, rather than naming it."""
        return self not in (Kind.ID, Kind.UNIT, Kind.TEXT)


class ParameterType(StrEnum):
    """What values a parameter takes."""

    INT = "int"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"
    LIST = "list"


# By type, and by the bounds that there are.
_EXPECTED: Mapping[tuple[ParameterType, tuple[str, ...]], str] = MappingProxyType(
    {
        (ParameterType.INT, ()): template("a whole number"),
        (ParameterType.INT, ("least",)): template("a whole number of at least {least}"),
        (ParameterType.INT, ("most",)): template("a whole number of at most {most}"),
        (ParameterType.INT, ("least", "most")): template(
            "a whole number of at least {least} and at most {most}"
        ),
        (ParameterType.NUMBER, ()): template("a number"),
        (ParameterType.NUMBER, ("least",)): template("a number of at least {least}"),
        (ParameterType.NUMBER, ("most",)): template("a number of at most {most}"),
        (ParameterType.NUMBER, ("least", "most")): template(
            "a number of at least {least} and at most {most}"
        ),
        (ParameterType.BOOLEAN, ()): template("true or false"),
        (ParameterType.TEXT, ()): template("a text"),
        (ParameterType.LIST, ()): template("a list of one or more texts, separated by |"),
    }
)


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a finding.

    Attributes
    ----------
    default
        ``None`` where the user has to give a value.
    at_least, at_most
        Bounds, both inclusive.
    one_of
        The values that a ``text`` (or each part of a ``list``) may take; empty means any.
    """

    name: str
    type: ParameterType
    sentence: str
    unit: str | None = None
    default: Value | None = None
    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[str, ...] = ()

    @property
    def expects(self) -> Sentence:
        """What a value must be, to end the sentence "it must be ...".

        Examples
        --------
        >>> Parameter("k", ParameterType.INT, "stays", at_least=2).expects
        'a whole number of at least 2'
        """
        if self.one_of:
            several = self.type is ParameterType.LIST
            text = template("one or more of {listed}") if several else template("one of {listed}")
            return sentence(text, listed=", ".join(self.one_of))
        bounds = {
            side: _number_text(bound)
            for side, bound in (("least", self.at_least), ("most", self.at_most))
            if bound is not None
        }
        return sentence(_EXPECTED[self.type, tuple(bounds)], **bounds)

    def accept(self, given: object) -> Value:
        """Return ``given`` as the value that the query gets.

        Parameters
        ----------
        given
            A Python value, or the text that stood on the command line or in a header.

        Raises
        ------
        ValueError
            When the value is of another type or out of bounds; the message never repeats it.

        Examples
        --------
        >>> Parameter("k", ParameterType.INT, "stays", at_least=2).accept("3")
        3
        """
        value = _READERS[self.type](given)
        if value is None:
            raise self._misfit()
        if isinstance(value, int | float) and not isinstance(value, bool):
            too_small = self.at_least is not None and value < self.at_least
            too_large = self.at_most is not None and value > self.at_most
            if too_small or too_large:
                raise self._misfit()
        parts = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
        if self.one_of and not set(parts) <= set(self.one_of):
            raise self._misfit()
        return value

    def _misfit(self) -> ValueError:
        return ValueError(sentence("it must be {expects}", expects=self.expects))


@dataclass(frozen=True, slots=True)
class Return:
    """One column of a finding's table.

    Attributes
    ----------
    of
        Columns of kind ``persons`` that the value is derived from (for a ``persons`` column: whose
        people it is a part of). Empty means all of them where the kind is a measure.
    """

    name: str
    kind: Kind
    sentence: str
    unit: str | None = None
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """A column of kind ``persons`` that others of the same row add up to: nobody is in two."""

    whole: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """A named set of parameter values, and the tables that it needs besides the finding's."""

    name: str
    values: Mapping[str, Value]
    title: str | None = None
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Among:
    """A denominator: one row with the column ``n``."""

    id: str
    title: str
    returns: Return
    cypher: Mapping[str, str]
    needs: tuple[str, ...] = ()
    version: int = 1
    has_fold: bool = False

    def text(self, engine: str) -> str:
        """Return the Cypher text for the engine called ``engine``."""
        return self.cypher.get(engine, self.cypher[""])


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding: a question, the Cypher that answers it, and all that is known of the answer.

    Attributes
    ----------
    cypher
        Text by engine name; ``""`` is the one that all engines take unless they have their own.
    parts
        Further texts that the finding's fold may ask for: part to texts by engine name.
    shared
        Those of the parts that other findings ask for too, from ``cypher/parts``.
    has_fold
        ``pathgraph.queries.findings.<id>`` (of a network ``pathgraph.queries.networks.<id>``) makes
        the table from what the Cypher returns.
    is_directed
        Of a network: whether an edge leads from one node to the other. ``None`` for other findings.
    margins
        Key columns of whose values, too, the total of the people is known.
    within
        Chains of columns with what a row is a part of, and that in turn, of which the finding shows
        the numbers too.
    least
        Column with how many rows of the finest of those tables a row stands for; empty where there
        is none.
    repeated
        Columns that say the same in all rows of what these are a part of in the first place.
    sums
        What adds up in each row.
    """

    id: str
    version: int
    titles: Mapping[str, str]
    questions: Mapping[str, str]
    parameters: tuple[Parameter, ...]
    returns: tuple[Return, ...]
    key: tuple[str, ...]
    needs: tuple[str, ...]
    among: Among | None
    source: str
    cypher: Mapping[str, str]
    profiles: tuple[Profile, ...] = ()
    levels: tuple[str, ...] = ()
    legal: str | None = None
    parts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shared: tuple[str, ...] = ()
    has_fold: bool = False
    is_directed: bool | None = None
    margins: tuple[str, ...] = ()
    within: tuple[tuple[str, ...], ...] = ()
    least: str = ""
    repeated: tuple[str, ...] = ()
    sums: tuple[Sum, ...] = ()

    @property
    def is_network(self) -> bool:
        """Whether the rows are the edges of a network, from one node to another."""
        return self.is_directed is not None

    @property
    def title(self) -> str:
        """The title in English."""
        return self.titles["en"]

    @property
    def question(self) -> str:
        """The question in English."""
        return self.questions["en"]

    @property
    def is_patient_level(self) -> bool:
        """Whether each row is about one patient, whose id it carries."""
        return any(c.name == "patient_id" and c.kind is Kind.ID for c in self.returns)

    def text(self, engine: str, part: str | None = None) -> str:
        """Return the Cypher text, or that of a part, for the engine called ``engine``.

        Raises
        ------
        KeyError
            When the finding has no such part.
        """
        texts = self.cypher if part is None else self.parts[part]
        return texts.get(engine, texts[""])

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called ``name``.

        Raises
        ------
        KeyError
            When the finding has no such parameter.
        """
        return {p.name: p for p in self.parameters}[name]

    def profile(self, name: str) -> Profile:
        """Return the profile called ``name``.

        Raises
        ------
        KeyError
            When the finding has no such profile.
        """
        return {p.name: p for p in self.profiles}[name]


def _number_text(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else str(number)


def _read_int(given: object) -> int | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, str):
        try:
            given = int(given.strip())
        except ValueError:
            return None
    if isinstance(given, Real) and not isinstance(given, Integral) and float(given).is_integer():
        given = int(float(given))
    if not isinstance(given, Integral) or not -_INT64 <= int(given) < _INT64:
        return None
    return int(given)


def _read_number(given: object) -> float | None:
    if isinstance(given, str):
        try:
            given = float(given.strip())
        except ValueError:
            return None
    if isinstance(given, bool) or not isinstance(given, Real) or not math.isfinite(given):
        return None
    return float(given)


def _read_boolean(given: object) -> bool | None:
    if isinstance(given, str):
        return {"true": True, "false": False}.get(given.strip().lower())
    # numpy's boolean is no bool, but says so by the name of its type.
    return bool(given) if type(given).__name__ in ("bool", "bool_") else None


def _read_text(given: object) -> str | None:
    return given if isinstance(given, str) else None


def _read_list(given: object) -> tuple[str, ...] | None:
    parts = given.split("|") if isinstance(given, str) else given
    if not isinstance(parts, list | tuple | set | frozenset) or not parts:
        return None
    texts = tuple(part.strip() for part in parts if isinstance(part, str))
    if len(texts) != len(parts) or not all(texts):
        return None
    return tuple(sorted(texts)) if isinstance(parts, set | frozenset) else texts


_READERS = {
    ParameterType.INT: _read_int,
    ParameterType.NUMBER: _read_number,
    ParameterType.BOOLEAN: _read_boolean,
    ParameterType.TEXT: _read_text,
    ParameterType.LIST: _read_list,
}
