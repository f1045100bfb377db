"""The form of a network's page: what is counted, what is drawn, around which node, which way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request

from pathgraph.analysis.networks import MEASURES
from pathgraph.api import words
from pathgraph.api.language import N_, Language
from pathgraph.api.views.forms import Field
from pathgraph.api.views.network_words import MEASURE_WORDS, node_name, rows_of_nodes
from pathgraph.errors import ParameterError
from pathgraph.queries.network_pictures import Picture, Wish, weights_of
from pathgraph.queries.network_views import ORDERS
from pathgraph.queries.spec import THRESHOLD, Finding
from pathgraph.sentence import sentence

__all__ = [
    "BY_LEVEL",
    "VIEWS",
    "VIEW_NAMES",
    "Asked",
    "network_fields",
    "view_parameters",
    "wish_of",
]

VIEW_NAMES = (
    "kind", "weight", "colour", "size", "loops", "focus", "steps", "path_from", "path_to",
    "path_by", "selected", "at", "view", "order", "rows_by",
)  # fmt: skip
"""Parameters of the address that are about the picture, not about what is counted."""

BY_LEVEL = "level"

VIEWS = ("picture", "map", "matrix", "chord", "list", "change")
"""Ways of looking at a network, each at an address of its own."""

_MOST_STEPS = 5
_MOST_FOCUS = 40
_PATHS: Mapping[str, str] = {
    "strongest": N_("Along the strongest ties"),
    "fewest": N_("Over the fewest ties"),
}
_ALWAYS = ("degree", "strength")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of the picture.

    Attributes
    ----------
    colour
        ``level`` or a measure.
    size
        A measure.
    view
        One of :data:`VIEWS`.
    order, rows_by
        Of a matrix: one of ``ORDERS``, and the column by which its rows are ordered instead.
    """

    wish: Wish
    colour: str = BY_LEVEL
    size: str = MEASURES[0]
    view: str = VIEWS[0]
    order: str = ORDERS[0]
    rows_by: str = ""


def wish_of(request: Request, network: Finding) -> Asked:
    """Return what the address asks of the picture.

    Raises
    ------
    ParameterError
        All that does not fit.
    """
    query = request.query_params
    problems: list[tuple[str, str]] = []

    def one_of(name: str, options: Sequence[str]) -> str:
        given = query.get(name) or options[0]
        if given not in options:
            said = sentence("Choose one of {options}.", options=", ".join(options))
            problems.append((name, said))
            return options[0]
        return given

    colour = one_of("colour", (BY_LEVEL, *MEASURES))
    size = one_of("size", MEASURES)
    wish = Wish(
        fewest=_threshold(query.get(THRESHOLD), network, problems),
        kinds=tuple(k for k in query.getlist("kind") if k),
        focus=tuple(dict.fromkeys(f for f in query.getlist("focus") if f))[:_MOST_FOCUS],
        steps=int(one_of("steps", [str(n) for n in range(1, _MOST_STEPS + 1)])),
        path_from=query.get("path_from", ""),
        path_to=query.get("path_to", ""),
        path_by=one_of("path_by", tuple(_PATHS)),
        weight=one_of("weight", weights_of(network)),
        measures=tuple(dict.fromkeys((*_ALWAYS, *({colour, size} & set(MEASURES))))),
        with_loops=one_of("loops", ("true", "false")) == "true",
        selected=query.get("selected", ""),
    )
    view, order = one_of("view", VIEWS), one_of("order", ORDERS)
    if problems:
        raise ParameterError(problems)
    return Asked(wish, colour, size, view, order, query.get("rows_by", ""))


def view_parameters(network: Finding) -> list[dict[str, Any]]:
    """Return what OpenAPI says of the parameters of a picture."""
    texts: dict[str, tuple[str, Sequence[str]]] = {
        "kind": ("kinds of nodes to draw; by default all", ()),
        "colour": ("what the colour of a node says", (BY_LEVEL, *MEASURES)),
        "size": ("what the area of a node says", MEASURES),
        "weight": ("what the width of a tie says", weights_of(network)),
        "loops": ("whether ties of a node to itself are drawn", ("true", "false")),
        "focus": ("draw what is around this node", ()),
        "steps": ("so many ties away at most", [str(n) for n in range(1, _MOST_STEPS + 1)]),
        "path_from": ("where the way to be marked begins", ()),
        "path_to": ("where it ends", ()),
        "path_by": ("which way", tuple(_PATHS)),
        "selected": ("node that is drawn in any case", ()),
        "view": ("how the nodes are drawn", VIEWS),
    }
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": text,
            "schema": {"type": "string", **({"enum": list(options)} if options else {})},
        }
        for name, (text, options) in texts.items()
    ]


def _threshold(given: str | None, network: Finding, problems: list[tuple[str, str]]) -> int | None:
    if not given:
        return None
    try:
        return int(str(network.parameter(THRESHOLD).accept(given)))
    except ValueError as error:
        problems.append((THRESHOLD, sentence("It does not fit: {why}.", why=str(error))))
        return None


def network_fields(
    fields: Sequence[Field],
    network: Finding,
    asked: Asked,
    picture: Picture | None,
    language: Language,
    *,
    given: str,
) -> dict[str, list[Field]]:
    """Return the fields of the page by what they are about.

    Parameters
    ----------
    fields
        Those of the network's own parameters.
    given
        Threshold as it stands in the address.
    """
    counted = [
        _threshold_field(field, language, given, picture) if field.name == THRESHOLD else field
        for field in fields
    ]
    names = [("", language.gettext("none")), *_names(picture, language)]
    return {
        "counted": counted,
        "drawn": _drawn_fields(network, asked, picture, language),
        "around": _around_fields(asked.wish, names, language),
        "way": _way_fields(asked.wish, names, language),
    }


def _drawn_fields(
    network: Finding, asked: Asked, picture: Picture | None, language: Language
) -> list[Field]:
    gettext, wish = language.gettext, asked.wish
    measures = [(name, gettext(MEASURE_WORDS[name])) for name in MEASURES]
    kinds = sorted(set(picture.all_nodes["kind"].dropna())) if picture else []
    tones = [(BY_LEVEL, gettext("Level of care")), *measures]
    widths = [(w, words.heading(language, network.id, w)) for w in weights_of(network)]
    drawn = [
        _choice("colour", gettext("Colour by"), asked.colour, tones),
        _choice("size", gettext("Size by"), asked.size, measures),
        _choice("weight", gettext("Width of lines by"), wish.weight, widths),
    ]
    if network.is_directed:
        loops = [("true", gettext("Draw")), ("false", gettext("Leave out"))]
        chosen = str(wish.with_loops).lower()
        drawn.append(_choice("loops", gettext("Ties of a node to itself"), chosen, loops))
    if len(kinds) > 1:
        options = [(kind, words.code_words(language, kind, "kind")) for kind in kinds]
        value = wish.kinds or kinds
        drawn.append(Field("kind", gettext("Kinds of nodes"), "checkboxes", value, options=options))
    return drawn


def _around_fields(wish: Wish, names: Sequence[tuple[str, str]], language: Language) -> list[Field]:
    focus = wish.focus[0] if wish.focus else ""
    steps = [(str(n), str(n)) for n in range(1, _MOST_STEPS + 1)]
    return [
        _choice("focus", language.gettext("Only around"), focus, names),
        _choice("steps", language.gettext("Ties away, at most"), str(wish.steps), steps),
    ]


def _way_fields(wish: Wish, names: Sequence[tuple[str, str]], language: Language) -> list[Field]:
    ways = [(code, language.gettext(text)) for code, text in _PATHS.items()]
    return [
        _choice("path_from", language.gettext("Way from"), wish.path_from, names),
        _choice("path_to", language.gettext("Way to"), wish.path_to, names),
        _choice("path_by", language.gettext("Which way"), wish.path_by, ways),
    ]


def _choice(name: str, label: str, value: str, options: Sequence[tuple[str, str]]) -> Field:
    return Field(name, label, "select", value, options=options)


def _threshold_field(
    field: Field, language: Language, given: str, picture: Picture | None
) -> Field:
    hint = language.gettext("Empty: as many ties as make a picture.")
    if picture is not None and not given:
        now = language.gettext("Now {n}.")
        hint = f"{hint} {now.format(n=language.number(picture.fewest))}"
    return replace(field, value=given, hint=hint)


def _names(picture: Picture | None, language: Language) -> list[tuple[str, str]]:
    if picture is None:
        return []
    named = [
        (id_, node_name(language, id_, row, picture.groups))
        for id_, row in rows_of_nodes(picture.all_nodes).items()
    ]
    return sorted(named, key=lambda pair: language.sort_key(pair[1]))
