"""Between pathgraph's types and LadybugDB's: parameters going in, rows and refusals coming out."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import pyarrow as pa

from pathgraph.engine.cancellation import took_too_long
from pathgraph.errors import QueryError, QueryTimeoutError
from pathgraph.sentence import sentence

__all__ = ["bind", "normalised", "query_error"]

_TOKEN = re.compile(
    r"""
    //[^\n]* | /\*.*?\*/                                # comments
    | '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | `[^`]*`   # texts and quoted names
    | \b(?P<node>\w+)\.patient_id\s*=\s*\$(?P<patient>\w+)
      (?=\s*(?:\Z|\)|//|(?:AND|OR|RETURN|WITH|MATCH|OPTIONAL)\b))
    | (?P<bare>\b(?:LIMIT|SKIP)\s+)?\$(?P<name>\w+)
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)

_INT64 = range(-(2**63), 2**63)


def bind(
    cypher: str,
    parameters: Mapping[str, object],
    node_key: Callable[[str], int] | None = None,
) -> tuple[str, dict[str, object]]:
    """Return the text and the parameters as LadybugDB takes them.

    Only the parameters that the text uses are passed on. LadybugDB gives an integer the narrowest
    type that holds it, so that ``$a * $b`` overflows at 127, and an absent parameter the value
    null: integers get the type INT64 in the text, and an absent one is an error.

    Parameters
    ----------
    node_key
        Gives the key of a patient's node by the patient's id. Where it is given, ``p.patient_id =
        $x`` becomes a condition on the key: the only one for which LadybugDB has an index.

    Raises
    ------
    QueryError
        When a parameter is missing, or a value is of no type that a query takes.

    Examples
    --------
    >>> bind("MATCH (n) WHERE n.x > $a RETURN '$b' LIMIT $n", {"a": 1, "n": 5, "z": 2})
    ("MATCH (n) WHERE n.x > CAST($a AS INT64) RETURN '$b' LIMIT $n", {'a': 1, 'n': 5})
    """
    used: dict[str, object] = {}
    missing: list[str] = []

    def written(match: re.Match[str]) -> str:
        node, patient = match["node"], parameters.get(match["patient"] or "")
        if node and node_key and isinstance(patient, str) and _is_patient(cypher, node):
            name = f"{match['patient']}__key"
            used[name] = node_key(patient)
            return f"{node}.node_key = CAST(${name} AS INT64)"
        if node:
            begin, dollar, rest = match[0].partition("$")
            return begin + _TOKEN.sub(written, dollar + rest)
        name = match["name"]
        if name is None:
            return match[0]
        if name not in parameters:
            missing.append(name)
            return match[0]
        used[name] = _passed(name, parameters[name])
        type_ = None if match["bare"] else _integer_type(used[name])
        return match[0] if type_ is None else f"CAST(${name} AS {type_})"

    text = _TOKEN.sub(written, cypher)
    if missing:
        names = ", ".join(dict.fromkeys(missing))
        raise QueryError(
            sentence("The query uses parameters that were not given: {names}.", names=names)
        )
    return text, used


def _is_patient(cypher: str, variable: str) -> bool:
    """Whether a variable stands for patients alone: keys of other nodes are other numbers."""
    labels = re.findall(rf"\(\s*{variable}\s*:\s*([\w:|&!%\s]+)", cypher)
    return bool(labels) and {label.strip() for label in labels} == {"Patient"}


def normalised(table: pa.Table) -> pa.Table:
    """Return ``table`` with int64, float64, text, boolean and lists of these as its only types.

    Raises
    ------
    QueryError
        When a column is of another type, or holds an integer beyond 64 bits.
    """
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        target = _plain_type(field)
        try:
            columns.append(column if column.type == target else column.cast(target))
        except pa.ArrowInvalid:
            raise QueryError(
                sentence(
                    "The column {column} holds a number beyond 64 bits. Narrow the question down.",
                    column=field.name,
                )
            ) from None
    return pa.table(columns, names=table.column_names)


def query_error(error: RuntimeError, timeout_s: float | None) -> QueryError:
    """Return the sentence for a refusal; LadybugDB's own text may show values."""
    text = str(error)
    if text.startswith("Interrupted"):
        return QueryTimeoutError(took_too_long(timeout_s))
    kind, _, rest = text.partition(":")
    if kind in ("Parser exception", "Binder exception"):
        # These speak of the text alone: no row has been read yet.
        said = rest.strip().splitlines()[0] if rest.strip() else "no reason given"
        return QueryError(sentence("LadybugDB does not understand the query: {said}", said=said))
    reasons = {
        "Overflow exception": sentence("a number in it leaves the range of 64 bits"),
        "Conversion exception": sentence(
            "a value in it cannot be turned into the type that is asked for"
        ),
        "Buffer manager exception": sentence("it needs more memory than the engine may use"),
        "IO exception": sentence("a file of the snapshot cannot be read; check the disk"),
        "Connection exception": sentence("it would write, and queries only read"),
    }
    reason = reasons.get(kind, sentence("it fails while it runs"))
    return QueryError(sentence("LadybugDB cannot answer the query: {reason}.", reason=reason))


def _passed(name: str, value: object) -> object:
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_passed(name, item) for item in value]
    if isinstance(value, int) and value not in _INT64:
        raise QueryError(sentence("The parameter {name} is a number beyond 64 bits.", name=name))
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise QueryError(
        sentence(
            "The parameter {name} is of a type that a query does not take; give a "
            "number, a text, true or false, or a list of these.",
            name=name,
        )
    )


def _integer_type(value: object) -> str | None:
    if isinstance(value, list):
        inner = {_integer_type(item) for item in value if item is not None}
        (type_,) = inner if len(inner) == 1 else (None,)
        return f"{type_}[]" if type_ else None
    return "INT64" if isinstance(value, int) and not isinstance(value, bool) else None


def _plain_type(field: pa.Field) -> pa.DataType:
    type_ = field.type
    if pa.types.is_integer(type_):
        return pa.int64()
    if pa.types.is_decimal(type_):
        return pa.int64() if type_.scale == 0 else pa.float64()
    if pa.types.is_floating(type_):
        return pa.float64()
    if pa.types.is_boolean(type_):
        return pa.bool_()
    if pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_):
        return pa.string()
    if pa.types.is_list(type_) or pa.types.is_large_list(type_):
        return pa.list_(_plain_type(type_.value_field.with_name(field.name)))
    raise QueryError(
        sentence(
            "The column {column} is a node, a relationship or a date. Return single "
            "properties: numbers, texts, true or false, or lists of these.",
            column=field.name,
        )
    )
