"""A finding's page: what is asked, put together for the template."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pathgraph.api import words
from pathgraph.api.formats import TABLE_FORMS
from pathgraph.api.language import Language
from pathgraph.api.page import Here, address
from pathgraph.api.views.answers import answer_sentence, change_sentence
from pathgraph.api.views.charts import Drawn, charts_of
from pathgraph.api.views.filters import filters_of
from pathgraph.api.views.referral_pictures import (
    Places,
    beside_gaps,
    gap_links,
    map_of_gaps,
    pictures_of,
)
from pathgraph.api.views.tables import Chooser, Pager, Table, is_month, pager_of, table_of
from pathgraph.queries.distribution import bases
from pathgraph.queries.facets import NOT_RECORDED, Facet
from pathgraph.queries.result import Result
from pathgraph.queries.select import Selection, select
from pathgraph.queries.spec import Finding, Kind
from pathgraph.queries.summary import summary_row

__all__ = [
    "Answered",
    "FacetEntry",
    "FacetGroup",
    "changes_of",
    "comparison_headings",
    "definition_of",
    "downloads",
    "facet_groups",
    "finding_context",
    "first_order",
    "pager",
    "permanent",
]

_MOST_ENTRIES, _MOST_MORE = 6, 100


@dataclass(frozen=True, slots=True)
class Answered:
    """What was asked for one page.

    Attributes
    ----------
    result
        All rows, as narrowed by the facets.
    whole
        All rows; the sentence and the change are about them.
    page
        The rows of one page of the table.
    before
        The answer a month earlier; ``None`` where there is nothing to compare.
    divided
        By what the patients are divided, and they so divided.
    names
        Column to names by value, where the rows hold none themselves.
    given
        The finding's parameters as the address gives them.
    beside
        Answers of other findings that are drawn beside this one.
    places
        Latitude and longitude by municipality, for a map.
    """

    result: Result
    whole: Result
    page: Result
    before: Result | None = None
    facets: Sequence[Facet] = ()
    divided: tuple[str, Result] | None = None
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    arguments: Mapping[str, Any] = field(default_factory=dict)
    cypher: str = ""
    given: Mapping[str, str] = field(default_factory=dict)
    beside: Sequence[Result] = ()
    places: Places = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FacetEntry:
    """One value of a facet, as a link that chooses it or lets go of it."""

    label: str
    n: int
    href: str
    share: float | None
    is_chosen: bool = False
    shown: str | None = None


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """A facet: its largest values and those that are chosen, and the others."""

    id: str
    label: str
    entries: Sequence[FacetEntry]
    more: Sequence[FacetEntry] = ()


def finding_context(
    answered: Answered,
    language: Language,
    here: Here,
    *,
    chosen: Mapping[str, Sequence[str]],
    columns: Sequence[str],
    per_page: int,
    sees_patients: bool,
) -> dict[str, Any]:
    """Return what ``finding.html`` shows of an answer.

    Parameters
    ----------
    here
        The page's address with other parameters.
    chosen
        Facet to chosen values.
    columns
        Names of the columns to show; empty for those that tell most.
    """
    whole, page = answered.whole, answered.page
    finding = whole.finding
    # On a page that lists the patients themselves their number is no secret; elsewhere it may be.
    threshold = int(whole.manifest["suppress_below"])
    shown_below = 0 if finding.is_patient_level and sees_patients else threshold
    row = summary_row(finding, whole, answered.before, threshold=shown_below)
    table = table_of(
        page,
        language,
        here=here,
        sort=str(page.manifest.get("sort") or ""),
        chosen=columns,
        names=answered.names,
        links=gap_links(whole, answered.given),
    )
    return {
        "sentence": answer_sentence(finding, language, row, whole),
        "change": change_sentence(
            finding,
            language,
            row,
            since=answered.before.as_of if answered.before else None,
            threshold=threshold,
        ),
        "since": answered.before.as_of if answered.before else None,
        "row": row,
        "manifest": whole.manifest,
        "table": table,
        "pager": pager(page, per_page, here),
        "chooser": _chooser(table, here),
        "filters": filters_of(whole, [column.name for column in table.columns], language, here),
        "n_shown": page.manifest.get("n_selected", whole.manifest["n_rows"]),
        "is_narrowed": bool(chosen) or bool(page.manifest.get("where")),
        "charts": _charts(answered, language, is_narrowed=bool(chosen)),
        "beside": beside_gaps(answered.beside, answered.given, language),
        "facet_groups": facet_groups(answered.facets, chosen, here, language),
        "divided": _division(answered, language, here),
        "cypher": answered.cypher,
        "arguments": answered.arguments,
        "parts": {name: texts[""] for name, texts in finding.parts.items()},
        "marker": whole.marker,
        "definition": definition_of(finding),
    }


def _charts(answered: Answered, language: Language, *, is_narrowed: bool) -> list[Drawn]:
    result = answered.result
    own = pictures_of(result, language)
    charts = charts_of(result, language, answered.names) if own is None else own
    if answered.places:
        ground = map_of_gaps(result, answered.places, language)
        charts = [*charts, *([ground] if ground else [])]
    if is_narrowed:
        for chart in charts:
            said = language.gettext("Narrowed to a part of the rows.")
            chart.figure["meta"]["subtitle"] += f" {said}"
    return charts


def pager(page: Result, per_page: int, here: Here) -> Pager:
    """Return the pager of the page's table."""
    return pager_of(page.manifest["n_selected"], page.manifest["offset"], per_page, here)


def first_order(result: Result) -> str:
    """Return what a table of groups is sorted by at first: the largest groups stand first.

    Lists of patients keep the finding's order, and so do months.
    """
    finding = result.finding
    if finding.is_patient_level:
        return ""
    first = result.table.column(finding.key[0]).to_pylist()
    persons = [c.name for c in finding.returns if c.kind is Kind.PERSONS]
    is_natural = any(is_month(value) for value in first)
    return "" if is_natural or not persons else f"-{persons[0]}"


def definition_of(finding: Finding) -> str:
    """Return where the finding's rule is explained.

    Examples
    --------
    >>> from pathgraph.queries.catalogue import find_finding
    >>> definition_of(find_finding("transfers"))
    '/definitions#transfer'
    """
    return f"/definitions#{finding.source.partition('#')[2]}"


def facet_groups(
    facets: Sequence[Facet],
    chosen: Mapping[str, Sequence[str]],
    here: Here,
    language: Language,
) -> list[FacetGroup]:
    """Return the facets as links."""
    labels = {
        "municipality": language.gettext("Municipality"),
        "age_group": language.gettext("Age"),
        "clinic": language.gettext("Clinic"),
        "unit": language.gettext("Unit"),
    }
    groups = []
    for facet in facets:
        taken = tuple(chosen.get(facet.name, ()))
        most = max((v.n_rows for v in facet.values), default=0) or 1
        first = {v.value for v in facet.values[:_MOST_ENTRIES]} | set(taken)
        entries = [
            FacetEntry(
                label=_value_label(facet.name, v.value, v.name, language),
                n=v.n_rows,
                href=here(**{f"in.{facet.name}": _toggled(taken, v.value) or None, "page": None}),
                share=v.n_rows / most,
                is_chosen=v.value in taken,
            )
            for v in facet.values
        ]
        places = [i for i, v in enumerate(facet.values) if v.value in first]
        rest = [entry for i, entry in enumerate(entries) if i not in places][:_MOST_MORE]
        if len(facet.values) > 1 or taken:
            shown = [entries[i] for i in places]
            groups.append(FacetGroup(facet.name, labels[facet.name], shown, rest))
    return groups


def changes_of(result: Result, here: Here, language: Language) -> FacetGroup:
    """Return what became of the rows between two days, each with its number, as links."""
    counts = result.manifest["changes"]
    most = max(counts.values(), default=0) or 1
    asked = here()
    entries = [
        FacetEntry(
            label=words.code_words(language, change, "change"),
            n=n,
            href=here(**{"where.change": change, "page": None}),
            share=n / most,
            is_chosen=here(**{"where.change": change}) == asked,
        )
        for change, n in counts.items()
    ]
    entries = [
        e if not e.is_chosen else FacetEntry(
            e.label, e.n, here(**{"where.change": None, "page": None}), e.share, is_chosen=True
        )
        for e in entries
    ]  # fmt: skip
    return FacetGroup("change", language.gettext("What became of the rows"), entries)


def comparison_headings(result: Result, finding: Finding, language: Language) -> dict[str, str]:
    """Return the headings of measures that stand twice, once for each day.

    Parameters
    ----------
    result
        Of the comparison.
    finding
        The one that is compared.
    """
    known = {column.name for column in finding.returns}
    said = {
        "_from": language.gettext("{heading}, earlier day"),
        "_to": language.gettext("{heading}, later day"),
    }
    return {
        column.name: text.format(
            heading=words.heading(language, finding.id, column.name.removesuffix(ending))
        )
        for column in result.finding.returns
        for ending, text in said.items()
        if column.name not in known and column.name.removesuffix(ending) in known
    }


def downloads(here: Here) -> list[tuple[str, str]]:
    """Return the address of the same rows in each form."""
    return [(name, here.beside(form, without=("columns", "divide"))) for name, form in TABLE_FORMS]


def permanent(here: Here, day: date, profile: str | None) -> str:
    """Return the address that shows the same on another day too."""
    return here(as_of=day.isoformat(), profile=profile, lang=None)


def _toggled(taken: Sequence[str], value: str) -> list[str]:
    return [v for v in taken if v != value] if value in taken else [*taken, value]


def _value_label(facet: str, value: str, name: str | None, language: Language) -> str:
    if value == NOT_RECORDED:
        return language.gettext("Not recorded")
    return name or words.code_words(language, value, facet)


def _chooser(table: Table, here: Here) -> Chooser | None:
    if len(table.all_columns) <= len(table.columns):
        return None
    shown = {column.name for column in table.columns}
    kept = [
        (name, value)
        for name, value in here.request.query_params.multi_items()
        if name not in ("columns", "page") and value
    ]
    options = [(c.name, c.label, c.name in shown) for c in table.all_columns]
    return Chooser(here.path, kept, options)


def _division(answered: Answered, language: Language, here: Here) -> dict[str, Any] | None:
    if answered.divided is None:
        return None
    by, result = answered.divided
    words_of = {
        "municipality": language.gettext("Municipality"),
        "age_group": language.gettext("Age"),
        "clinic": language.gettext("Clinic"),
    }
    headings = {
        "value": words_of[by],
        "n_patients": language.gettext("Patients on the list"),
        "n_people": language.gettext("Of people"),
        "share": language.gettext("Share"),
    }
    links = {"value": lambda value: address("municipality", str(value))}
    # Ages have an order of their own; of the others the largest stand first.
    ordered = result if by == "age_group" else select(result, Selection(sort="-n_patients"))
    return {
        "title": result.finding.titles.get(language.code, result.finding.title),
        "table": table_of(
            ordered, language, headings=headings, links=links if by == "municipality" else {}
        ),
        "marker": result.marker,
        "ways": [
            (words_of[way], here(divide=way, page=None), way == by)
            for way in bases(answered.whole.finding)
        ],
    }
