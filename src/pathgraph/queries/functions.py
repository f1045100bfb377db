"""Which functions and words of Cypher mean the same on both engines."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

__all__ = [
    "AGGREGATES",
    "EXPRESSION_WORDS",
    "FUNCTIONS",
    "INSTEAD",
    "WRITE_WORDS",
]

AGGREGATES = frozenset(
    {"count", "sum", "min", "max", "avg", "collect", "percentilecont", "percentiledisc"}
)

FUNCTIONS = AGGREGATES | {
    "coalesce", "abs", "floor", "ceil", "size", "sqrt", "sign", "range", "tolower", "toupper",
    "trim",
}  # fmt: skip
"""Functions that were seen to give the same on both engines; names in lower case."""

_DAYS = (
    "dates are counted in the days (*_day) and seconds (*_s) that the graph holds, never with an "
    "engine's date type"
)
_ENTITY = "what kind of node or relationship it is stands in the pattern; match that"
_FOLD = "leave it to the finding's fold"

INSTEAD: Mapping[str, str] = MappingProxyType(
    {
        "tofloat": "write 1.0 * x",
        "tointeger": "keep whole numbers whole, with * and / on integers",
        "tostring": "return the value as it is; run gives it its type",
        "toboolean": "compare instead",
        "cast": "write 1.0 * x for a fraction",
        "round": "return the value unrounded; what shows it rounds it",
        "substring": f"the first place is 0 on one engine and 1 on the other; {_FOLD}",
        "left": f"write STARTS WITH, or {_FOLD}",
        "right": f"write ENDS WITH, or {_FOLD}",
        "split": _FOLD,
        "replace": _FOLD,
        "reverse": _FOLD,
        "head": "write min(...) or max(...)",
        "last": "write min(...) or max(...)",
        "tail": _FOLD,
        "labels": _ENTITY,
        "label": _ENTITY,
        "type": _ENTITY,
        "keys": _ENTITY,
        "properties": "name the properties",
        "id": "use the node's own id, such as patient_id",
        "elementid": "use the node's own id, such as patient_id",
        "nodes": "name the nodes in the pattern",
        "relationships": "name the relationships in the pattern",
        "length": "match each length on its own, or leave paths out",
        "shortestpath": "match with an upper bound",
        "allshortestpaths": "match with an upper bound",
        "exists": "write EXISTS { MATCH ... } for a pattern, and x IS NOT NULL for a property",
        "any": "write EXISTS { MATCH ... } or IN",
        "all": "write NOT EXISTS { MATCH ... }",
        "none": "write NOT EXISTS { MATCH ... }",
        "single": "write COUNT { MATCH ... } = 1",
        "reduce": _FOLD,
        "date": _DAYS,
        "datetime": _DAYS,
        "localdatetime": _DAYS,
        "time": _DAYS,
        "localtime": _DAYS,
        "timestamp": _DAYS,
        "duration": _DAYS,
        "interval": _DAYS,
        "date_part": _DAYS,
        "date_trunc": _DAYS,
        "current_date": _DAYS,
        "current_timestamp": _DAYS,
        "rand": "an answer must not depend on chance",
        "stdev": _FOLD,
        "stdevp": _FOLD,
        "list_contains": "write x IN list",
        "greatest": "write CASE WHEN a > b THEN a ELSE b END",
        "least": "write CASE WHEN a < b THEN a ELSE b END",
    }
)
"""What to write instead of a function that differs; names in lower case."""

WRITE_WORDS = frozenset(
    {
        "CREATE", "MERGE", "SET", "DELETE", "DETACH", "REMOVE", "LOAD", "COPY", "DROP", "ALTER",
        "FOREACH", "INSTALL", "ATTACH", "EXPORT", "IMPORT", "INSERT", "USE", "FINISH",
    }
)  # fmt: skip

EXPRESSION_WORDS = frozenset(
    {
        "AND", "OR", "XOR", "NOT", "IN", "IS", "NULL", "AS", "DISTINCT", "CASE", "WHEN", "THEN",
        "ELSE", "END", "STARTS", "ENDS", "WITH", "CONTAINS", "BY", "ORDER", "WHERE", "RETURN",
        "UNWIND", "LIMIT", "SKIP", "ASC", "DESC", "ASCENDING", "DESCENDING",
    }
)  # fmt: skip
"""Words after which a bracket opens a group or a list, never arguments or a place in a list."""
