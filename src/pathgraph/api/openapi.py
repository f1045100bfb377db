"""What OpenAPI says of a finding: made from its header, never written by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pathgraph.api.formats import MEDIA_TYPES
from pathgraph.api.language import LANGUAGES
from pathgraph.api.problems import MEDIA_TYPE as PROBLEM_TYPE
from pathgraph.api.serving import Limits
from pathgraph.queries.spec import Finding, Kind, Parameter, ParameterType, Return, Value

__all__ = ["comparison_operation", "finding_operation", "problem_schema", "table_operation"]

_TYPES = {
    ParameterType.INT: {"type": "integer", "format": "int64"},
    ParameterType.NUMBER: {"type": "number"},
    ParameterType.BOOLEAN: {"type": "boolean"},
    ParameterType.TEXT: {"type": "string"},
}
_KINDS: Mapping[Kind, dict[str, Any]] = {
    Kind.PERSONS: {"type": ["integer", "null"]},
    Kind.COUNT: {"type": ["integer", "null"]},
    Kind.SHARE: {"type": ["number", "null"]},
    Kind.DAYS: {"type": ["number", "null"]},
    Kind.HOURS: {"type": ["number", "null"]},
    Kind.DATE: {"type": ["string", "null"], "format": "date"},
    Kind.TIME: {"type": ["string", "null"]},
    Kind.LIST: {"type": ["array", "null"]},
    Kind.BOOLEAN: {"type": ["boolean", "null"]},
}
_TEXT = {"type": ["string", "null"]}


def finding_operation(
    finding: Finding, form: str, limits: Limits, *, path: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the parameters and answers of a finding's address.

    Parameters
    ----------
    path
        Parameters of the finding that stand in the address itself.
    """
    parameters = [
        *(_path_parameter(finding.parameter(name)) for name in path),
        *(_parameter(p) for p in finding.parameters if p.name not in path),
        _as_of("as_of", "the day at whose end things are looked at; by default the last contact"),
        *_profile(finding),
        *_facets(finding),
        *_rows(form, limits, [c.name for c in finding.returns]),
    ]
    return {
        "summary": finding.title,
        "description": finding.question,
        "parameters": parameters,
        "responses": _responses(form, _document(finding)),
    }


def table_operation(
    finding: Finding, form: str, limits: Limits, *, tables: Sequence[str] = (), place: str = ""
) -> dict[str, Any]:
    """Return the parameters and answers of a table that takes no parameters but the day.

    Parameters
    ----------
    tables
        Names of the tables of a place, of which ``table`` chooses one.
    place
        What the parameter ``place`` in the address stands for.
    """
    parameters: list[dict[str, Any]] = []
    schema = _document(finding)
    columns = [c.name for c in finding.returns]
    if place:
        parameters.append(_in_path("place", place))
        parameters.append(
            _in_query(
                "table", "which of the place's tables", {"type": "string", "enum": list(tables)}
            )
        )
        schema["properties"]["finding"] = {"type": "string"}
        schema["properties"]["rows"]["items"] = {"type": "object"}
        columns = []
    if finding.source.startswith("docs/definitions.md"):
        parameters.append(_as_of("as_of", "the day at whose end things are looked at"))
    return {
        "summary": finding.title,
        "description": finding.question,
        "parameters": [*parameters, *_rows(form, limits, columns)],
        "responses": _responses(form, schema),
    }


def comparison_operation(finding: Finding, form: str, limits: Limits) -> dict[str, Any]:
    """Return the parameters and answers of a comparison of two days."""
    earlier = _as_of("from", "the earlier day")
    earlier["required"] = True
    schema = _document(finding)
    schema["properties"]["rows"]["items"] = {"type": "object"}
    return {
        "summary": f"{finding.title}: two days compared",
        "description": "What is new, still open, resolved and reopened.",
        "parameters": [
            *(_parameter(p) for p in finding.parameters),
            earlier,
            _as_of("to", "the later day; by default the day of the last contact"),
            *_profile(finding),
            *_rows(form, limits, ["change"]),
        ],
        "responses": _responses(form, schema),
    }


def problem_schema() -> dict[str, Any]:
    """Return the schema of problem details (RFC 9457) as pathgraph gives them."""
    return {
        "type": "object",
        "required": ["type", "title", "status", "instance"],
        "properties": {
            "type": {"type": "string", "format": "uri-reference"},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "instance": {"type": "string", "description": "an id to quote"},
            "detail": {"type": "string"},
            "problems": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["detail"],
                    "properties": {"name": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    unit = f" ({parameter.unit})" if parameter.unit else ""
    schema: dict[str, Any]
    if parameter.type is ParameterType.LIST:
        item: dict[str, Any] = {
            "type": "string",
            "minLength": 1,
            "pattern": r"^[^\s|]([^|]*[^\s|])?$",
        }
        if parameter.one_of:
            item = {"type": "string", "enum": list(parameter.one_of)}
        schema = {"type": "array", "items": item, "minItems": 1}
    else:
        schema = dict(_TYPES[parameter.type])
        if parameter.one_of:
            schema["enum"] = list(parameter.one_of)
        if parameter.type is ParameterType.TEXT and not parameter.one_of:
            schema["minLength"] = 1
        for name, bound in (("minimum", parameter.at_least), ("maximum", parameter.at_most)):
            if bound is not None:
                schema[name] = int(bound) if float(bound).is_integer() else bound
    if parameter.default is not None:
        schema["default"] = _plain(parameter.default)
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.default is None,
        "description": f"{parameter.sentence}{unit}",
        "schema": schema,
        **({"example": _plain(parameter.default)} if parameter.default is not None else {}),
        **({"style": "form", "explode": True} if parameter.type is ParameterType.LIST else {}),
    }


def _path_parameter(parameter: Parameter) -> dict[str, Any]:
    return _in_path(f"{parameter.name}_id", parameter.sentence)


def _in_path(name: str, description: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", "minLength": 1, "pattern": "^[^/]+$"},
    }


def _plain(value: Value) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _as_of(name: str, sentence: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": sentence,
        "schema": {"type": "string", "format": "date"},
        "example": "2025-12-31",
    }


def _profile(finding: Finding) -> list[dict[str, Any]]:
    if not finding.profiles:
        return []
    return [
        {
            "name": "profile",
            "in": "query",
            "required": False,
            "description": "a named set of parameters",
            "schema": {"type": "string", "enum": [p.name for p in finding.profiles]},
        }
    ]


def _facets(finding: Finding) -> list[dict[str, Any]]:
    """Return the parameters that narrow rows about patients to where the patients belong."""
    if not finding.is_patient_level or any(p.default is None for p in finding.parameters):
        return []
    schema = {"type": "array", "items": {"type": "string", "minLength": 1}}
    return [
        _in_query(f"in.{name}", f"rows of patients of this {name.replace('_', ' ')}", schema)
        for name in ("municipality", "age_group")
    ]


def _rows(form: str, limits: Limits, columns: Sequence[str]) -> list[dict[str, Any]]:
    orders = [f"{sign}{name}" for name in columns for sign in ("", "-")]
    most = limits.most_rows if form == "json" else 2**31 - 1
    order = {"type": "string", "enum": orders} if orders else {"type": "string", "maxLength": 0}
    limit: dict[str, Any] = {"type": "integer", "minimum": 0, "maximum": most}
    if form == "json":
        limit["default"] = limits.rows
    return [
        _in_query("sort", "a column, with - before it for the largest first", order),
        _in_query("limit", "at most this many rows", limit),
        _in_query(
            "offset",
            "leave out so many rows first",
            {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "default": 0},
        ),
        _in_query(
            "lang", "language of problems and texts", {"type": "string", "enum": list(LANGUAGES)}
        ),
    ]


def _in_query(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _responses(form: str, document: dict[str, Any]) -> dict[str, Any]:
    problem = {"content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}
    schema = document if form == "json" else {"type": "string"}
    return {
        "200": {"description": "The answer", "content": {MEDIA_TYPES[form]: {"schema": schema}}},
        "304": {"description": "What the caller has is the answer still"},
        **{
            str(status): {"description": text, **problem}
            for status, text in (
                (403, "Not allowed"),
                (404, "Nothing there"),
                (405, "Only for reading"),
                (409, "Tables not loaded"),
                (413, "Too large"),
                (414, "Address too long"),
                (421, "Not this server's name"),
                (422, "Something does not fit"),
                (429, "Too many requests"),
                (503, "Nothing loaded, or the database does not answer"),
                (504, "Took too long"),
            )
        },
    }


def _document(finding: Finding) -> dict[str, Any]:
    """Return the schema of the JSON document."""
    row: dict[str, Any] = {
        "type": "object",
        "required": [c.name for c in finding.returns],
        "properties": {
            **{c.name: _column(c) for c in finding.returns},
            "suppressed": {"type": "array", "items": {"type": "string"}},
        },
    }
    count = {"type": "integer", "minimum": 0}
    return {
        "type": "object",
        "required": [
            "finding", "version", "title", "as_of", "parameters", "data", "among", "n_rows",
            "n_suppressed", "truncated", "columns", "rows",
        ],
        "properties": {
            "finding": {"const": finding.id},
            "version": {"type": "integer"},
            "title": {"type": "string"},
            "as_of": {"type": "string", "format": "date"},
            "parameters": {"type": "object"},
            "data": {"type": "object", "required": ["snapshot", "fingerprint"]},
            "among": {"type": ["integer", "null"], "minimum": 0},
            "n_rows": count,
            "n_selected": count,
            "n_suppressed": count,
            "truncated": {"type": "boolean"},
            "columns": {"type": "array", "items": {"type": "object"}},
            "rows": {"type": "array", "items": row},
        },
    }  # fmt: skip


def _column(column: Return) -> dict[str, Any]:
    unit = f" ({column.unit})" if column.unit else ""
    return {**_KINDS.get(column.kind, _TEXT), "description": f"{column.sentence}{unit}"}
