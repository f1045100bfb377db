"""Pictures of the referral findings with their words, and what stands beside the referral gaps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathgraph.api import words
from pathgraph.api.formats import TABLE_FORMS
from pathgraph.api.language import Language
from pathgraph.api.page import address
from pathgraph.api.views.charts import Drawn, drawn
from pathgraph.api.views.referral_charts import (
    OUTSIDE,
    funnel_figure,
    map_figure,
    on_the_map,
    periods_figure,
)
from pathgraph.api.views.tables import Table, table_of
from pathgraph.queries.funnel_curve import funnel_curve
from pathgraph.queries.referral_pages import shared_parameters
from pathgraph.queries.result import Result

__all__ = [
    "Beside",
    "Places",
    "beside_gaps",
    "department_list",
    "gap_links",
    "map_of_gaps",
    "pictures_of",
]

Places = Mapping[str, tuple[float, float]]

_MOST_UNITS = 8
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "referral_funnel": ("by_value", "n_eligible", "n_referred", "expected",
                        "observed_to_expected", "low_95", "high_95", "position"),
    "referral_control": ("period", "n_eligible", "n_referred", "share", "limit_low",
                         "limit_high", "position"),
}  # fmt: skip
"""Columns of the tables that stand beside the gaps."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A picture of another finding on the page of the referral gaps, with its rows.

    Attributes
    ----------
    href
        The finding's own page with the same parameters.
    """

    id: str
    title: str
    charts: Sequence[Drawn]
    table: Table
    links: Sequence[tuple[str, str]]
    href: str
    marker: str


def pictures_of(result: Result, language: Language) -> list[Drawn] | None:
    """Return the pictures of a finding that has its own; ``None`` for all others."""
    own = _OWN.get(result.finding.id)
    return None if own is None else own(result, language)


def beside_gaps(
    results: Sequence[Result], given: Mapping[str, str], language: Language
) -> list[Beside]:
    """Return what stands beside the referral gaps.

    Parameters
    ----------
    results
        Of :func:`pathgraph.queries.referral_pages.gap_pictures`.
    given
        Parameters of the address.
    """
    found = []
    for result in results:
        id_ = result.finding.id
        query: dict[str, Any] = shared_parameters(id_, given)
        if id_ == "referral_control":
            query["by"] = "all"
        query["as_of"] = result.manifest["as_of"]
        found.append(
            Beside(
                id=id_,
                title=result.finding.titles[language.code],
                charts=pictures_of(result, language) or [],
                table=table_of(
                    result, language, links=gap_links(result, given), chosen=_SHOWN[id_]
                ),
                links=[(form, _data(id_, ending, query)) for form, ending in TABLE_FORMS],
                href=address("finding", id_, **query),
                marker=result.marker,
            )
        )
    return found


def gap_links(result: Result, given: Mapping[str, str]) -> dict[str, Callable[[Any], str | None]]:
    """Return where a row of the gaps leads.

    To the clinic's report, to who is in hospital in the department now, or to the place's own page.
    """
    if result.finding.id not in ("referral_gaps", "referral_funnel", "referral_trend"):
        return {}
    by = result.manifest["parameters"]["by"]
    query = {k: v for k, v in given.items() if k != "by"} | {"as_of": result.manifest["as_of"]}
    leads: dict[str, Callable[[Any], str | None]] = {
        "clinic": lambda value: address("referral_report", str(value), **query),
        "department": lambda value: department_list(str(value), query),
        "hospital": lambda value: address("unit", str(value), as_of=query["as_of"]),
        "municipality": lambda value: address("municipality", str(value), as_of=query["as_of"]),
    }
    links = {"by_value": leads[by]} if by in leads else {}
    return links | ({"clinic": leads["clinic"]} if by == "department" else {})


def department_list(department: str, given: Mapping[str, Any]) -> str:
    """Return the address of the work list of a department with its wards.

    Parameters
    ----------
    given
        Parameters of the address, with the day.
    """
    shared = shared_parameters("never_referred", given)
    query = {**shared, "where.department": department, "as_of": given["as_of"]}
    return address("finding", "never_referred", **query)


def map_of_gaps(result: Result, places: Places, language: Language) -> Drawn | None:
    """Return the municipalities on a map; nothing where fewer than two have a place."""
    rows = result.table.to_pylist()
    known = on_the_map(rows, places)
    if len(known) < 2:
        return None
    said = language.gettext(
        "Circles stand at the middle of each municipality; their area is the number of eligible "
        "patients. Triangles lie outside the limits of chance: pointing down, fewer are referred. "
        "Where a circle is open, nothing is compared or the numbers are not shown."
    )
    figure = map_figure(rows, places, language)
    placed = [row["position"] for row in known if row["position"] is not None]
    n_out = sum(position in OUTSIDE for position in placed)
    summary = language.ngettext(
        "{n} of {all} municipalities that are compared and shown lies outside the limits.",
        "{n} of {all} municipalities that are compared and shown lie outside the limits.",
        n_out,
    )
    text = summary.format(n=language.number(n_out), all=language.number(len(placed)))
    return drawn(result, figure, language, said, text, "map")


def _data(finding_id: str, ending: str, query: Mapping[str, Any]) -> str:
    path, _, asked = address("finding", finding_id, **query).partition("?")
    return f"{path}.{ending}?{asked}"


def _funnel(result: Result, language: Language) -> list[Drawn]:
    curve = funnel_curve(result)
    rows = result.table.to_pylist()
    known = [row for row in rows if row["observed_to_expected"] is not None]
    if curve is None or len(known) < 2:
        return []
    subtitle = language.gettext(
        "Each mark is a unit; the limits are those of chance, 95 % and 99.8 %. Fewer than expected "
        "lie below the line at 1."
    )
    outside = [row for row in known if row["position"] in OUTSIDE]
    if outside:
        listed = "; ".join(
            f"{row['name'] or row['by_value']}: "
            f"{words.code_words(language, row['position'], 'position')}"
            for row in outside
        )
        text = language.gettext("Outside the limits: {units}.").format(units=listed)
    else:
        text = language.gettext("No unit lies outside the limits.")
    return [drawn(result, funnel_figure(rows, curve, language), language, subtitle, text, "funnel")]


def _periods(result: Result, language: Language) -> list[Drawn]:
    units: dict[str | None, list[dict[str, Any]]] = {}
    for row in result.table.to_pylist():
        units.setdefault(row["by_value"], []).append(row)
    charts = []
    for unit, rows in list(units.items())[:_MOST_UNITS]:
        if sum(row["share"] is not None for row in rows) < 2:
            continue
        subtitle = language.gettext(
            "{unit}. Share referred of those who met the criteria in each period; the band is what "
            "chance allows around the dashed share to begin with."
        )
        name = rows[0]["name"] or words.code_words(language, unit or "", "by_value")
        figure = periods_figure(rows, language)
        text = _of_periods(rows, language)
        said = subtitle.format(unit=name)
        charts.append(drawn(result, figure, language, said, text, f"periods-{unit}"))
    return charts


def _of_periods(rows: Sequence[Mapping[str, Any]], language: Language) -> str:
    outside = [row["period"] for row in rows if row["position"] in ("below", "above")]
    falls = [row["period"] for row in rows if row["is_signal"]]
    said = []
    if outside:
        text = language.gettext("Outside the limits: {units}.")
        said.append(text.format(units=", ".join(outside)))
    else:
        said.append(language.gettext("No period lies outside the limits."))
    if falls:
        text = language.gettext("A lasting fall is signalled in: {periods}.")
        said.append(text.format(periods=", ".join(falls)))
    else:
        said.append(language.gettext("No lasting fall is signalled."))
    return " ".join(said)


_OWN: Mapping[str, Callable[[Result, Language], list[Drawn]]] = {
    "referral_funnel": _funnel,
    "referral_control": _periods,
}
