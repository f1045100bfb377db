"""A network's picture as nodes, ties and a legend: what colour, size and width stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from pathgraph.analysis.networks import MEASURES
from pathgraph.api import words
from pathgraph.api.language import Language
from pathgraph.api.page import address
from pathgraph.api.views.network import LegendEntry, NetworkView, Node, Tie, network_view
from pathgraph.api.views.network_form import BY_LEVEL, Asked
from pathgraph.api.views.network_words import (
    amount_words,
    measure_words,
    node_name,
    rows_of_nodes,
    sentences_of,
)
from pathgraph.model.tables import LEVELS
from pathgraph.queries.network_change import CHANGES
from pathgraph.queries.network_nodes import MUNICIPALITY
from pathgraph.queries.network_pictures import GROUP, Picture, Wish, steps_of
from pathgraph.queries.network_views import AREA_ON_MAP

__all__ = ["page_of_node", "view_of"]

_SHADES = 5


def view_of(
    picture: Picture,
    asked: Asked,
    language: Language,
    *,
    is_alone: bool = False,
    changes: Mapping[tuple[str, str], str] | None = None,
) -> NetworkView:
    """Return the picture as it is drawn.

    Parameters
    ----------
    is_alone
        It stands in a file, from which no page of ours can be reached.
    changes
        What became of each tie from the period before, by its ends.
    """
    finding, wish = picture.result.finding, asked.wish
    rows = rows_of_nodes(picture.nodes)
    greatest = picture.all_nodes[asked.size].max() if len(picture.all_nodes) else 0
    shade = _shades(picture, asked.colour)
    area = AREA_ON_MAP if asked.view == "map" else 1.0
    nodes = []
    for id_, row in rows.items():
        size = row[asked.size]
        nodes.append(
            Node(
                id=id_,
                name=node_name(language, id_, row, picture.groups),
                form="square" if row["kind"] == MUNICIPALITY else "circle",
                tone=shade(row),
                size=0.0 if pd.isna(size) or not greatest else area * float(size / greatest),
                href="" if is_alone else page_of_node(id_, row),
                initial=_initial(language, row),
                facts=_facts(row, picture, language, wish),
                size_text="" if pd.isna(size) else amount_words(language, asked.size, size),
            )
        )
    return network_view(
        nodes,
        [
            replace(tie, change=(changes or {}).get((tie.from_id, tie.to_id), ""))
            for tie in _ties(picture, language, wish)
        ],
        {id_: picture.positions[id_] for id_ in rows},
        title=finding.titles[language.code],
        summary=" ".join(sentences_of(picture, language)),
        language=language,
        is_directed=bool(finding.is_directed),
        weights=[words.heading(language, finding.id, name) for name in _weights(picture)],
        legend=_legend(picture, asked, language) + _change_entries(changes, language),
        selected=wish.selected,
        can_ask=not is_alone,
        note=_note(picture, language),
    )


def _weights(picture: Picture) -> list[str]:
    return [name for name in picture.ties.columns if name.startswith("n_")]


def _ties(picture: Picture, language: Language, wish: Wish) -> list[Tie]:
    strongest = float(picture.ties[wish.weight].max()) if len(picture.ties) else 1.0
    steps = steps_of(picture.path, is_directed=bool(picture.result.finding.is_directed))
    columns = [picture.ties[name] for name in _weights(picture)]
    return [
        Tie(
            from_id=one,
            to_id=other,
            strength=float(weight) / strongest,
            values=["" if pd.isna(value) else language.number(float(value)) for value in values],
            is_marked=(one, other) in steps,
        )
        for one, other, weight, values in zip(
            picture.ties["from_id"],
            picture.ties["to_id"],
            picture.ties[wish.weight],
            zip(*columns, strict=True),
            strict=True,
        )
    ]


def _note(picture: Picture, language: Language) -> str:
    """Return what a picture says of itself that is taken out of the page."""
    manifest = picture.result.manifest
    said = language.gettext("As of {day}. Network {id}, version {version}. Data {fingerprint}.")
    return said.format(
        day=language.day(manifest["as_of"]),
        id=manifest["finding"],
        version=manifest["version"],
        fingerprint=manifest["data"]["fingerprint"],
    )


def page_of_node(id_: str, row: Mapping[str, Any]) -> str:
    """Return the address of a node's own page; none for nodes that were put together."""
    if id_.startswith(GROUP):
        return ""
    return address("municipality" if row["kind"] == MUNICIPALITY else "unit", id_)


def _initial(language: Language, row: Mapping[str, Any]) -> str:
    return words.level_words(language, row["level"])[:1] if row["level"] in LEVELS else ""


def _facts(
    row: Mapping[str, Any], picture: Picture, language: Language, wish: Wish
) -> list[tuple[str, str]]:
    facts = []
    if not pd.isna(row["kind"]):
        kind = words.code_words(language, str(row["kind"]), "kind")
        facts.append((language.gettext("Kind"), kind))
    if row["level"] in LEVELS:
        facts.append((language.gettext("Level of care"), words.level_words(language, row["level"])))
    for name in (MEASURES[0], *wish.measures):
        if name in row and not pd.isna(row[name]):
            facts.append(
                (
                    measure_words(language, name, picture, wish),
                    amount_words(language, name, row[name]),
                )
            )
    return list(dict.fromkeys(facts))


def _shades(picture: Picture, colour: str) -> Callable[[Mapping[str, Any]], str]:
    """Return the tone of a node: its level of care, or a shade by its measure."""
    if colour == BY_LEVEL:
        return _tone_by_level
    bounds = _bounds(picture.all_nodes[colour])
    return lambda row: (
        "plain" if pd.isna(row[colour]) else f"shade-{1 + sum(row[colour] > b for b in bounds)}"
    )


def _tone_by_level(row: Mapping[str, Any]) -> str:
    if row["kind"] == MUNICIPALITY:
        return "place"
    return str(row["level"]) if row["level"] in LEVELS else "plain"


def _bounds(values: pd.Series[Any]) -> list[float]:
    """Return the upper bounds of all shades but the darkest: as many nodes in each."""
    known = values.dropna().astype(float)
    return [float(known.quantile(n / _SHADES)) for n in range(1, _SHADES)] if len(known) else []


def _legend(picture: Picture, asked: Asked, language: Language) -> list[LegendEntry]:
    entries = []
    if asked.colour == BY_LEVEL:
        there = set(picture.nodes["level"].dropna())
        entries += [
            LegendEntry(words.level_words(language, level), tone=level,
                        initial=words.level_words(language, level)[:1])
            for level in LEVELS
            if level in there
        ]  # fmt: skip
    else:
        entries += _shade_entries(picture, asked, language)
    if picture.nodes["kind"].eq(MUNICIPALITY).any():
        tone = "place" if asked.colour == BY_LEVEL else "plain"
        entries.append(LegendEntry(language.gettext("Municipality"), "square", tone))
    gettext = language.gettext
    entries.append(
        LegendEntry(
            gettext("Area: {measure}").format(
                measure=measure_words(language, asked.size, picture, asked.wish)
            )
        )
    )
    weight = words.heading(language, picture.result.finding.id, asked.wish.weight)
    if len(picture.ties):
        most = language.number(float(picture.ties[asked.wish.weight].max()))
        said = gettext("Width of a line: {weight} (the widest {most})")
        entries.append(LegendEntry(said.format(weight=weight, most=most)))
    if picture.result.finding.is_directed:
        entries.append(LegendEntry(gettext("Arrow: the direction; a loop stays at the same place")))
    return entries


def _change_entries(
    changes: Mapping[tuple[str, str], str] | None, language: Language
) -> list[LegendEntry]:
    """Return a line for each sort of change that is drawn."""
    return [
        LegendEntry(words.code_words(language, change, "tie_change"), "line", change)
        for change in CHANGES[:4]
        if changes
    ]


def _shade_entries(picture: Picture, asked: Asked, language: Language) -> list[LegendEntry]:
    values = picture.all_nodes[asked.colour].dropna()
    bounds = [*_bounds(values), float(values.max())] if len(values) else []
    name = measure_words(language, asked.colour, picture, asked.wish)
    said = language.gettext("{measure} up to {bound}")
    return [
        LegendEntry(
            said.format(measure=name, bound=amount_words(language, asked.colour, bound)),
            tone=f"shade-{n}",
        )
        for n, bound in enumerate(bounds, start=1)
        if n == len(bounds) or bound < bounds[n]
    ]
