"""What a network says in words: names of nodes and measures, and what is drawn and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pathgraph.analysis.networks import MEASURES
from pathgraph.api import words
from pathgraph.api.language import N_, Language
from pathgraph.queries.network_pictures import GROUP, Picture, Wish

__all__ = [
    "MEASURE_WORDS",
    "amount_words",
    "measure_words",
    "node_name",
    "rows_of_nodes",
    "sentences_of",
]

MEASURE_WORDS: Mapping[str, str] = {
    "patients": N_("Patients"),
    "degree": N_("Neighbours"),
    "strength": N_("Sum of its ties"),
    "betweenness": N_("Betweenness"),
    "pagerank": N_("PageRank"),
}
_SHARES = MEASURES[3:]


def rows_of_nodes(nodes: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return what is known of each node, by id."""
    return {
        str(id_): {str(name): value for name, value in row.items()}
        for id_, row in nodes.to_dict("index").items()
    }


def node_name(
    language: Language, id_: str, row: Mapping[str, Any], groups: Mapping[str, int]
) -> str:
    """Return what a node is called: its name, else its id; a group by what it holds."""
    if id_.startswith(GROUP):
        kind = words.code_words(language, str(row["kind"]), "kind")
        said = language.gettext("{n} others: {kind}")
        return said.format(n=language.number(groups[id_]), kind=kind)
    return id_ if pd.isna(row["name"]) else str(row["name"])


def measure_words(language: Language, name: str, picture: Picture, wish: Wish) -> str:
    """Return what a measure of nodes is called; a sum by what it adds up."""
    if name == "strength":
        said = language.gettext("{what}, all ties together")
        return said.format(what=words.heading(language, picture.result.finding.id, wish.weight))
    return language.gettext(MEASURE_WORDS[name])


def amount_words(language: Language, name: str, value: float) -> str:
    """Return the value of a measure."""
    return language.percent(value, 2) if name in _SHARES else language.number(value)


def sentences_of(picture: Picture, language: Language) -> list[str]:
    """Return what the picture shows and leaves out, one sentence each."""
    number, ngettext = language.number, language.ngettext
    said = [
        ngettext(
            "{n} tie between {nodes} nodes.", "{n} ties between {nodes} nodes.", picture.n_ties
        ).format(n=number(picture.n_ties), nodes=number(len(picture.all_nodes)))
    ]
    return [
        *said,
        *_strongest(picture, language),
        *_drawn(picture, language),
        *_left_out(picture, language),
    ]


def _drawn(picture: Picture, language: Language) -> list[str]:
    gettext, ngettext, number = language.gettext, language.ngettext, language.number
    said = []
    n_drawn = len(picture.ties)
    if n_drawn < picture.n_ties and not picture.groups:
        drawn = ngettext("{n} tie is drawn.", "{n} ties are drawn.", n_drawn)
        said.append(drawn.format(n=number(n_drawn)))
        if picture.fewest > 1:
            least = gettext("They have at least {n} patients each.")
            said.append(least.format(n=number(picture.fewest)))
    if picture.share is not None and picture.share < 1:
        text = gettext("The picture shows {share} of the patients, counted tie by tie.")
        if "n_contacts" in picture.result.table.column_names:
            text = gettext("The picture shows {share} of the contacts.")
        said.append(text.format(share=language.percent(picture.share, 0)))
    if picture.groups:
        text = gettext(
            "{n} lesser nodes are put together by kind, since so many are no picture; their ties "
            "are added up, so that a patient may count more than once."
        )
        said.append(text.format(n=number(sum(picture.groups.values()))))
    return said


def _left_out(picture: Picture, language: Language) -> list[str]:
    ngettext, number = language.ngettext, language.number
    said = []
    if picture.n_hidden:
        text = ngettext(
            "{n} tie about fewer than {least} people, or from which such a number could be "
            "worked out, is not shown.",
            "{n} ties about fewer than {least} people, or from which such a number could be "
            "worked out, are not shown.",
            picture.n_hidden,
        )
        least = number(picture.result.manifest["suppress_below"])
        said.append(text.format(n=number(picture.n_hidden), least=least))
    if picture.n_unrecorded:
        text = ngettext(
            "{n} tie has an end that is not recorded; it stands in the files alone.",
            "{n} ties have an end that is not recorded; they stand in the files alone.",
            picture.n_unrecorded,
        )
        said.append(text.format(n=number(picture.n_unrecorded)))
    return said


def _strongest(picture: Picture, language: Language) -> list[str]:
    rows = picture.result.frame
    rows = rows[
        rows["from_id"].notna() & rows["to_id"].notna() & rows["n_patients"].notna()
        & (rows["from_id"] != rows["to_id"])
    ]  # fmt: skip
    if not len(rows):
        return []
    row = rows.sort_values(["n_patients", "from_id", "to_id"], ascending=[False, True, True]).iloc[
        0
    ]
    text = (
        language.gettext("The strongest leads from {one} to {other}: {n} patients.")
        if picture.result.finding.is_directed
        else language.gettext("The strongest is between {one} and {other}: {n} patients.")
    )
    one, other = (
        row[f"{end}_id"] if pd.isna(row[f"{end}_name"]) else row[f"{end}_name"]
        for end in ("from", "to")
    )
    return [text.format(one=one, other=other, n=language.number(float(row["n_patients"])))]
