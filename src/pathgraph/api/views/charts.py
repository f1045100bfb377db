"""The chart that fits a finding's columns, as a Plotly figure.

Colours are names of custom properties of the design system (``--bar``); ``static/charts.js`` looks
them up, so that one figure is drawn light, dark and printed. A value that is not to be shown is
never drawn as 0: its place is empty and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from pathgraph.api import words
from pathgraph.api.cells import cell_words
from pathgraph.api.language import Language
from pathgraph.api.views.chart_forms import (
    Point,
    bars,
    counted_bars,
    dots,
    histogram,
    month_counts,
    month_line,
    plain,
)
from pathgraph.api.views.tables import is_month, named_pairs
from pathgraph.queries.groups import Group, by_length, by_month, by_value
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind, Return

__all__ = ["MOST_BARS", "Drawn", "charts_of", "drawn"]

MOST_BARS = 25

_MEASURES: Mapping[str, tuple[str, ...]] = {
    "readmission_rates": ("share", "observed_to_expected"),
    "follow_up_after_discharge": ("share_no_follow_up",),
    "coordinator_delay": ("share_30_days",),
    "late_notice_to_municipality": ("share_late",),
    "ready_for_discharge_days": ("mean_days",),
    "referral_gaps": ("observed_to_expected",),
    "referral_gaps_plan": ("observed_to_expected",),
}
"""What is drawn of a finding whose rows are groups; by default the first share, else people."""

_DIVIDED: Mapping[str, tuple[str, str]] = {
    "before_the_return": ("value", "missing"),
    "bouncing": ("length", "gap_back_days"),
    "child_to_adult": ("value", "turns_18"),
    "competing_plans": ("value", "kind"),
    "contested_plans": ("value", "kind"),
    "conflicting_coordinators": ("value", "kind"),
    "coordination_need": ("value", "basis"),
    "coordinator_waits": ("length", "days"),
    "eligible_patients": ("value", "status"),
    "ended_coordinator": ("value", "reason"),
    "late_coordinator": ("length", "days"),
    "late_referrals": ("length", "days_to_referral"),
    "missing_coordinator": ("length", "days_since"),
    "missing_individual_plan": ("value", "basis"),
    "never_referred": ("value", "clinic"),
    "new_since": ("value", "finding"),
    "no_follow_up_after_discharge": ("month", "ended_at"),
    "priority": ("length", "n_findings"),
    "readmission_index": ("value", "reason"),
    "readmissions": ("length", "gap_days"),
    "referrals_without_referrer": ("month", "sent_at"),
    "rejected_then_referred_again": ("length", "days_between"),
    "revolving_door": ("length", "n_stays"),
    "stale_plans": ("length", "days_since_revision"),
    "unowned_plans": ("value", "reason"),
}
"""How the rows of a patient-level finding are divided; by default by the first length."""

Names = Mapping[str, Mapping[str, str]]
_NO_NAMES: Names = MappingProxyType({})

_INTERVALS: Mapping[str, tuple[str, str]] = {
    "share": ("share_low", "share_high"),
    "share_no_follow_up": ("share_low", "share_high"),
    "observed_to_expected": ("ratio_low", "ratio_high"),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart and what it shows in words.

    Attributes
    ----------
    figure
        ``data`` and ``layout`` as Plotly takes them, and ``meta`` with title, subtitle and file.
    """

    figure: dict[str, Any]
    summary: str


def charts_of(result: Result, language: Language, names: Names = _NO_NAMES) -> list[Drawn]:
    """Return the charts that fit the answer's columns; none where there is nothing to compare.

    Parameters
    ----------
    result
        All rows.
    names
        Column to names by value, where the rows hold none themselves.
    """
    if not len(result):
        return []
    if result.finding.is_patient_level:
        chart = _of_patients(result, language, names)
        return [chart] if chart else []
    measures = _MEASURES.get(result.finding.id) or _first_measure(result)
    columns = {column.name: column for column in result.finding.returns}
    charts = [_of_groups(result, columns[name], language) for name in measures if name in columns]
    return [chart for chart in charts if chart is not None]


def _first_measure(result: Result) -> tuple[str, ...]:
    for kinds in ((Kind.SHARE,), (Kind.PERSONS,), (Kind.COUNT,), (Kind.DAYS, Kind.HOURS)):
        for column in result.finding.returns:
            if column.kind in kinds and column.name not in result.finding.key:
                return (column.name,)
    return ()


# ---- rows that are groups ----


def _of_groups(result: Result, column: Return, language: Language) -> Drawn | None:
    points = _points(result, column, language)
    if len(points) < 2:
        return None
    rows = _labels(result, language)
    months = [value for value in rows if is_month(value)]
    heading = words.heading(language, result.finding.id, column.name)
    n_hidden = _n_hidden(result, column)
    if len(months) == len(rows):
        points.sort(key=lambda p: p.label)
        figure = month_line(points, language, column)
    else:
        points.sort(key=lambda p: (-p.value, p.label))
        has_interval = any(p.low is not None for p in points)
        shown = points[:MOST_BARS]
        figure = dots(shown, column) if has_interval else bars(shown, language)
    subtitle = _subtitle(result, heading, language)
    left_out = _left_out(len(points), n_hidden, result.marker, language, is_line=bool(months))
    return drawn(result, figure, language, f"{subtitle} {left_out}".strip(), _extremes(
        points, language), column.name)  # fmt: skip


def _points(result: Result, column: Return, language: Language) -> list[Point]:
    labels = _labels(result, language)
    values = result.table.column(column.name).to_pylist()
    low_name, high_name = _INTERVALS.get(column.name, ("", ""))
    known = result.table.column_names
    lows, highs = (
        result.table.column(name).to_pylist() if name in known else [None] * len(values)
        for name in (low_name, high_name)
    )
    return [
        Point(label, float(value), cell_words(language, value, column), low, high)
        for label, value, low, high in zip(labels, values, lows, highs, strict=True)
        if value is not None
    ]


def _labels(result: Result, language: Language) -> list[str]:
    """Return what names each row: the names of what its key columns hold."""
    columns = {column.name: column for column in result.finding.returns}
    pairs = {**_ids_with_names(columns), **named_pairs(result.finding)}
    parts = []
    for name in result.finding.key:
        column = columns[name]
        values = result.table.column(name).to_pylist()
        names = result.table.column(pairs[name]).to_pylist() if name in pairs else values
        parts.append(
            [
                str(n) if n is not None and n is not v else _named(v, column, language)
                for n, v in zip(names, values, strict=True)
            ]
        )
    between = " → " if result.finding.key[:1] == ("from_unit",) else " · "
    return [between.join(row) for row in zip(*parts, strict=True)]


def _ids_with_names(columns: Mapping[str, Return]) -> dict[str, str]:
    """Return the column of the name by that of the id: ``from_name`` of ``from_id``."""
    named = {name: f"{name.removesuffix('_id')}_name" for name in columns if name.endswith("_id")}
    if "node_name" not in columns:
        named["node_id"] = "name"
    return {column: name for column, name in named.items() if name in columns}


def _named(value: Any, column: Return, language: Language) -> str:
    if value is None:
        return language.gettext("Not recorded")
    return str(value) if is_month(str(value)) else cell_words(language, value, column)


def _n_hidden(result: Result, column: Return) -> int:
    mask = result.hidden.get(column.name)
    return 0 if mask is None else int(mask.sum())


def _left_out(n: int, n_hidden: int, marker: str, language: Language, *, is_line: bool) -> str:
    said = []
    if n > MOST_BARS and not is_line:
        text = language.gettext("The {shown} largest of {n} are drawn; the table has all.")
        said.append(text.format(shown=MOST_BARS, n=language.number(n)))
    if n_hidden:
        text = language.ngettext(
            "{n} group is not drawn: {marker} people.",
            "{n} groups are not drawn: {marker} people each, or telling of such a group.",
            n_hidden,
        )
        said.append(text.format(n=language.number(n_hidden), marker=marker))
    return " ".join(said)


def _extremes(points: Sequence[Point], language: Language) -> str:
    top, bottom = max(points, key=lambda p: p.value), min(points, key=lambda p: p.value)
    names = [language.month(p.label) if is_month(p.label) else p.label for p in (top, bottom)]
    said = language.gettext(
        "Highest: {highest} ({highest_value}). Lowest: {lowest} ({lowest_value})."
    )
    return said.format(
        highest=names[0], highest_value=top.text, lowest=names[1], lowest_value=bottom.text
    )


# ---- rows that are about single patients ----


def _of_patients(result: Result, language: Language, names: Names) -> Drawn | None:
    how, name = _DIVIDED.get(result.finding.id) or _default_division(result)
    if name not in result.table.column_names:
        return None
    column = next(c for c in result.finding.returns if c.name == name)
    divide = {"value": by_value, "length": by_length, "month": by_month}[how]
    groups = divide(result, name)
    if len(groups) < 2:
        return None
    counts_rows = result.finding.key[0] != "patient_id" or len(result.finding.key) > 1
    counted = language.gettext("rows") if counts_rows else language.gettext("patients")
    known = names.get(name, {})
    labels = [
        known.get(str(group.value)) or _group_label(group, column, how, language)
        for group in groups
    ]
    numbers = [g.n_rows if counts_rows else g.n_patients for g in groups]
    heading = words.heading(language, result.finding.id, name)
    if how == "month":
        figure = month_counts(labels, groups, numbers, language, result.marker)
    elif how == "length":
        figure = histogram(labels, numbers, heading, language, result.marker)
    else:
        figure = counted_bars(labels[:MOST_BARS], numbers[:MOST_BARS], language, result.marker)
    said = language.gettext("Number of {counted} by: {heading}.")
    subtitle = said.format(counted=counted, heading=heading)
    most = max(range(len(groups)), key=lambda i: numbers[i] or 0)
    summary = language.gettext("Most: {label} ({n}).").format(
        label=labels[most], n=language.number(numbers[most]) or result.marker
    )
    return drawn(result, figure, language, subtitle, summary, name)


def _default_division(result: Result) -> tuple[str, str]:
    for kinds, how in (
        ((Kind.DAYS, Kind.HOURS, Kind.COUNT), "length"),
        ((Kind.DATE, Kind.TIME), "month"),
    ):
        for column in result.finding.returns:
            if column.kind in kinds and column.name not in result.finding.key:
                return how, column.name
    return "value", ""


def _group_label(group: Group, column: Return, how: str, language: Language) -> str:
    if group.value is None:
        return language.gettext("Not recorded")
    if how == "month":
        return language.month(group.value)
    if how == "value":
        return words.code_words(language, str(group.value), column.name)
    low = language.number(group.value)
    if group.upper is None:
        return language.gettext("{low} and more").format(low=low)
    if not group.is_whole:
        return f"{low}–<{language.number(group.upper)}"
    if group.upper - group.value == 1:
        return low
    return f"{low}–{language.number(group.upper - 1)}"


def _subtitle(result: Result, heading: str, language: Language) -> str:
    manifest = result.manifest
    if manifest.get("among") is None or not manifest.get("among_title"):
        return f"{heading}."
    said = language.gettext("{heading}. Base: {n}, {among}.")
    return said.format(
        heading=heading,
        n=language.number(manifest["among"]),
        among=_small(language.said(manifest["among_title"])),
    )


def drawn(
    result: Result, figure: dict[str, Any], language: Language, subtitle: str, summary: str,
    column: str,
) -> Drawn:  # fmt: skip
    """Return the figure with its title, what it rests on, and the name of its file."""
    title = result.finding.titles.get(language.code, result.finding.title)
    day = language.day(result.manifest["as_of"])
    figure["meta"] = {
        "title": title,
        "subtitle": subtitle,
        "source": plain(
            language.gettext("pathgraph, {finding} version {version}, as of {day}, data {data}")
            .format(
                finding=result.finding.id,
                version=result.manifest["version"],
                day=day,
                data=str(result.manifest["data"]["fingerprint"]).removeprefix("sha256:")[:12],
            )
        ),
        "file": f"{result.finding.id}-{column}-{result.manifest['as_of']}",
    }  # fmt: skip
    return Drawn(figure, summary)


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]
