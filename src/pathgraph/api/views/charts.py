"""The chart that fits a finding's columns, as a Plotly figure.

Colours are names of custom properties of the design system (``--bar``); ``static/charts.js`` looks
them up, so that one figure is drawn light, dark and printed. A value that is not to be shown is
never drawn as 0: its place is empty and says so.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathgraph.api import words
from pathgraph.api.cells import cell_words
from pathgraph.api.language import Language
from pathgraph.api.views.tables import named_pairs
from pathgraph.queries.groups import Group, by_length, by_month, by_value
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Kind, Return

__all__ = ["MOST_BARS", "Drawn", "charts_of"]

MOST_BARS = 25
_ROW_PX, _FRAME_PX = 24, 64
_COLUMNS_PX = 320

_MEASURES: Mapping[str, tuple[str, ...]] = {
    "readmission_rates": ("share", "observed_to_expected"),
    "follow_up_after_discharge": ("share_no_follow_up",),
    "coordinator_delay": ("share_30_days",),
    "late_notice_to_municipality": ("share_late",),
    "ready_for_discharge_days": ("mean_days",),
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
    "ended_coordinator": ("value", "reason"),
    "late_coordinator": ("length", "days"),
    "missing_coordinator": ("length", "days_since"),
    "missing_individual_plan": ("value", "basis"),
    "new_since": ("value", "finding"),
    "no_follow_up_after_discharge": ("month", "ended_at"),
    "priority": ("length", "n_findings"),
    "readmission_index": ("value", "reason"),
    "readmissions": ("length", "gap_days"),
    "revolving_door": ("length", "n_stays"),
    "stale_plans": ("length", "days_since_revision"),
    "unowned_plans": ("value", "reason"),
}
"""How the rows of a patient-level finding are divided; by default by the first length."""

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


def charts_of(result: Result, language: Language) -> list[Drawn]:
    """Return the charts that fit the answer's columns; none where there is nothing to compare.

    Parameters
    ----------
    result
        All rows.
    """
    if not len(result):
        return []
    if result.finding.is_patient_level:
        drawn = _of_patients(result, language)
        return [drawn] if drawn else []
    names = _MEASURES.get(result.finding.id) or _first_measure(result)
    columns = {column.name: column for column in result.finding.returns}
    charts = [_of_groups(result, columns[name], language) for name in names if name in columns]
    return [chart for chart in charts if chart is not None]


def _first_measure(result: Result) -> tuple[str, ...]:
    for kinds in ((Kind.SHARE,), (Kind.PERSONS,), (Kind.COUNT,), (Kind.DAYS, Kind.HOURS)):
        for column in result.finding.returns:
            if column.kind in kinds and column.name not in result.finding.key:
                return (column.name,)
    return ()


# ---- rows that are groups ----


@dataclass(frozen=True, slots=True)
class _Point:
    label: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None


def _of_groups(result: Result, column: Return, language: Language) -> Drawn | None:
    points = _points(result, column, language)
    if len(points) < 2:
        return None
    rows = _labels(result, language)
    months = [value for value in rows if _is_month(value)]
    heading = words.heading(language, result.finding.id, column.name)
    n_hidden = _n_hidden(result, column)
    if len(months) == len(rows):
        points.sort(key=lambda p: p.label)
        figure = _line(points, language, column)
    else:
        points.sort(key=lambda p: (-p.value, p.label))
        has_interval = any(p.low is not None for p in points)
        shown = points[:MOST_BARS]
        figure = _dots(shown, column) if has_interval else _bars(shown, language)
    subtitle = _subtitle(result, heading, language)
    left_out = _left_out(len(points), n_hidden, result.marker, language, is_line=bool(months))
    return _drawn(result, figure, language, f"{subtitle} {left_out}".strip(), _extremes(
        points, language), column.name)  # fmt: skip


def _points(result: Result, column: Return, language: Language) -> list[_Point]:
    labels = _labels(result, language)
    values = result.table.column(column.name).to_pylist()
    low_name, high_name = _INTERVALS.get(column.name, ("", ""))
    known = result.table.column_names
    lows, highs = (
        result.table.column(name).to_pylist() if name in known else [None] * len(values)
        for name in (low_name, high_name)
    )
    return [
        _Point(label, float(value), cell_words(language, value, column), low, high)
        for label, value, low, high in zip(labels, values, lows, highs, strict=True)
        if value is not None
    ]


def _labels(result: Result, language: Language) -> list[str]:
    """Return what names each row: the names of what its key columns hold."""
    pairs = named_pairs(result.finding)
    columns = {column.name: column for column in result.finding.returns}
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


def _named(value: Any, column: Return, language: Language) -> str:
    if value is None:
        return language.gettext("Not recorded")
    return str(value) if _is_month(str(value)) else cell_words(language, value, column)


def _is_month(text: str) -> bool:
    return len(text) == 7 and text[4] == "-" and text.replace("-", "").isdigit()


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


def _extremes(points: Sequence[_Point], language: Language) -> str:
    top, bottom = max(points, key=lambda p: p.value), min(points, key=lambda p: p.value)
    said = language.gettext(
        "Highest: {highest} ({highest_value}). Lowest: {lowest} ({lowest_value})."
    )
    return said.format(
        highest=top.label, highest_value=top.text, lowest=bottom.label, lowest_value=bottom.text
    )


# ---- rows that are about single patients ----


def _of_patients(result: Result, language: Language) -> Drawn | None:
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
    labels = [_group_label(group, column, how, language) for group in groups]
    numbers = [g.n_rows if counts_rows else g.n_patients for g in groups]
    heading = words.heading(language, result.finding.id, name)
    if how == "month":
        figure = _months(labels, groups, numbers, language, result.marker)
    elif how == "length":
        figure = _histogram(labels, numbers, heading, language, result.marker)
    else:
        figure = _counted_bars(labels[:MOST_BARS], numbers[:MOST_BARS], language, result.marker)
    said = language.gettext("Number of {counted} by: {heading}.")
    subtitle = said.format(counted=counted, heading=heading)
    most = max(range(len(groups)), key=lambda i: numbers[i] or 0)
    summary = language.gettext("Most: {label} ({n}).").format(
        label=labels[most], n=language.number(numbers[most]) or result.marker
    )
    return _drawn(result, figure, language, subtitle, summary, name)


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
    if column.kind is Kind.COUNT and group.upper - group.value == 1:
        return low
    high = language.number(group.upper - 1) if column.kind is Kind.COUNT else None
    return f"{low}–{high or '<' + language.number(group.upper)}"


# ---- forms ----


def _bars(points: Sequence[_Point], language: Language) -> dict[str, Any]:
    return _across(
        [p.label for p in points], [p.value for p in points], [p.text for p in points], "--bar"
    )


def _counted_bars(
    labels: Sequence[str], numbers: Sequence[int | None], language: Language, marker: str
) -> dict[str, Any]:
    texts = [marker if n is None else language.number(n) for n in numbers]
    return _across(labels, list(numbers), texts, "--bar")


def _across(
    labels: Sequence[str], values: Sequence[float | None], texts: Sequence[str], colour: str
) -> dict[str, Any]:
    """Return bars from the left with their numbers at the end; what is hidden has its mark alone."""
    places = list(range(len(labels)))
    known = [i for i in places if values[i] is not None]
    hidden = [i for i in places if values[i] is None]
    most = max((values[i] or 0 for i in known), default=1) or 1
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "orientation": "h", "y": known, "x": [values[i] for i in known],
            "text": [_plain(texts[i]) for i in known], "textposition": "outside",
            "cliponaxis": False, "marker": {"color": colour}, "textfont": {"color": "--ink"},
            "hovertext": [f"{_plain(labels[i])}: {_plain(texts[i])}" for i in known],
            "hoverinfo": "text",
        }
    ]  # fmt: skip
    if hidden:
        data.append(_marks([0] * len(hidden), hidden, [texts[i] for i in hidden], "middle right"))
    layout = _rows_layout(labels)
    layout["xaxis"] = {"range": [0, most * 1.15], "showticklabels": False, "showgrid": False,
                       "zeroline": True}  # fmt: skip
    return {"data": data, "layout": layout}


def _dots(points: Sequence[_Point], column: Return) -> dict[str, Any]:
    """Return a dot with its interval on each row; ratios stand on a thin line at 1."""
    places = list(range(len(points)))
    is_ratio = column.name == "observed_to_expected"
    ends = [p.high if p.high is not None else p.value for p in points]
    data = {
        "type": "scatter", "mode": "markers", "y": places, "x": [p.value for p in points],
        "marker": {"color": "--accent", "size": 8},
        "error_x": {
            "type": "data", "symmetric": False, "color": "--ink-soft", "thickness": 1.5, "width": 3,
            "array": [max((p.high or p.value) - p.value, 0) for p in points],
            "arrayminus": [max(p.value - (p.low if p.low is not None else p.value), 0)
                           for p in points],
        },
        "hovertext": [f"{_plain(p.label)}: {_plain(p.text)}" for p in points],
        "hoverinfo": "text",
    }  # fmt: skip
    layout = _rows_layout([p.label for p in points])
    layout["xaxis"] = {"range": [0, max(ends) * 1.05], "showgrid": True, "zeroline": True,
                       "tickformat": ".2~f" if is_ratio else ".0%", "nticks": 6}  # fmt: skip
    if is_ratio:
        layout["shapes"] = [
            {"type": "line", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "yref": "paper",
             "line": {"color": "--ink", "width": 1}}
        ]  # fmt: skip
    return {"data": [data], "layout": layout}


def _rows_layout(labels: Sequence[str]) -> dict[str, Any]:
    n = len(labels)
    return {
        "height": _FRAME_PX + _ROW_PX * n,
        "bargap": 0.3,
        "showlegend": False,
        "yaxis": {
            "tickmode": "array", "tickvals": list(range(n)), "ticktext": [_plain(x) for x in labels],
            "range": [n - 0.5, -0.5], "showgrid": False, "zeroline": False, "ticklabelstandoff": 4,
        },
    }  # fmt: skip


def _line(points: Sequence[_Point], language: Language, column: Return) -> dict[str, Any]:
    months = [p.label for p in points]
    data: list[dict[str, Any]] = []
    if all(p.low is not None and p.high is not None for p in points):
        data.append(
            {
                "type": "scatter", "mode": "lines", "x": [*months, *reversed(months)],
                "y": [*(p.high for p in points), *(p.low for p in reversed(points))],
                "fill": "toself", "fillcolor": "--band", "line": {"width": 0}, "hoverinfo": "skip",
            }
        )  # fmt: skip
    data.append(
        {
            "type": "scatter", "mode": "lines+markers", "x": months, "y": [p.value for p in points],
            "line": {"color": "--accent", "width": 2}, "marker": {"color": "--accent", "size": 5},
            "hovertext": [f"{language.month(p.label)}: {_plain(p.text)}" for p in points],
            "hoverinfo": "text",
        }
    )  # fmt: skip
    layout = _over_time(months, language)
    layout["yaxis"] = {"rangemode": "tozero", "zeroline": True}
    if column.kind is Kind.SHARE:
        layout["yaxis"]["tickformat"] = ".0%"
    return {"data": data, "layout": layout}


def _months(
    labels: Sequence[str], groups: Sequence[Group], numbers: Sequence[int | None],
    language: Language, marker: str,
) -> dict[str, Any]:  # fmt: skip
    months = [str(group.value) for group in groups]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines+markers", "x": months, "y": list(numbers),
            "connectgaps": False, "line": {"color": "--accent", "width": 2},
            "marker": {"color": "--accent", "size": 5}, "hoverinfo": "text",
            "hovertext": [f"{_plain(label)}: {_plain(language.number(n) or marker)}"
                          for label, n in zip(labels, numbers, strict=True)],
        }
    ]  # fmt: skip
    hidden = [month for month, n in zip(months, numbers, strict=True) if n is None]
    if hidden:
        data.append(_marks(hidden, [0] * len(hidden), [marker] * len(hidden), "top center"))
    layout = _over_time(months, language)
    layout["yaxis"] = {"rangemode": "tozero", "zeroline": True}
    return {"data": data, "layout": layout}


def _over_time(months: Sequence[str], language: Language) -> dict[str, Any]:
    step = max(1, -(-len(months) // 6))
    ticks = list(months)[::step]
    return {
        "height": _COLUMNS_PX,
        "showlegend": False,
        "xaxis": {"type": "category", "tickmode": "array", "tickvals": ticks, "showgrid": False,
                  "categoryorder": "array", "categoryarray": list(months),
                  "ticktext": [language.month(month) for month in ticks]},
    }  # fmt: skip


def _histogram(
    labels: Sequence[str], numbers: Sequence[int | None], heading: str, language: Language,
    marker: str,
) -> dict[str, Any]:  # fmt: skip
    places = list(range(len(labels)))
    known = [i for i in places if numbers[i] is not None]
    hidden = [i for i in places if numbers[i] is None]
    texts = [_plain(language.number(numbers[i])) for i in known]
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "x": known, "y": [numbers[i] for i in known], "text": texts,
            "textposition": "outside", "textangle": 0, "cliponaxis": False, "constraintext": "none",
            "marker": {"color": "--bar"}, "textfont": {"color": "--ink", "size": 11},
            "hovertext": [f"{_plain(labels[i])}: {t}" for i, t in zip(known, texts, strict=True)],
            "hoverinfo": "text",
        }
    ]  # fmt: skip
    if hidden:
        data.append(_marks(hidden, [0] * len(hidden), [marker] * len(hidden), "top center"))
    most = max((numbers[i] or 0 for i in known), default=1) or 1
    step = max(1, -(-len(labels) // 8))
    ticks = sorted({*places[::step]} - {places[-2]} | {places[-1]}) if step > 1 else places
    return {
        "data": data,
        "layout": {
            "height": _COLUMNS_PX,
            "bargap": 0.1,
            "showlegend": False,
            "xaxis": {"tickmode": "array", "tickvals": ticks, "showgrid": False, "tickangle": 0,
                      "ticktext": [_plain(labels[i]) for i in ticks], "range": [-0.6, len(labels) - 0.4],
                      "title": {"text": _plain(heading)}, "zeroline": False},
            "yaxis": {"range": [0, most * 1.12], "zeroline": True, "nticks": 5},
        },
    }  # fmt: skip


def _marks(
    x: Sequence[Any], y: Sequence[Any], texts: Sequence[str], position: str
) -> dict[str, Any]:
    """Return words where a number is not to be shown; no bar, and no point at 0."""
    return {
        "type": "scatter", "mode": "text", "x": list(x), "y": list(y), "hoverinfo": "skip",
        "text": [_plain(text) for text in texts], "textposition": position,
        "textfont": {"color": "--ink-soft", "size": 11}, "cliponaxis": False,
    }  # fmt: skip


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


def _drawn(
    result: Result, figure: dict[str, Any], language: Language, subtitle: str, summary: str,
    column: str,
) -> Drawn:  # fmt: skip
    title = result.finding.titles.get(language.code, result.finding.title)
    day = language.day(result.manifest["as_of"])
    figure["meta"] = {
        "title": title,
        "subtitle": subtitle,
        "source": _plain(
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


def _plain(text: str) -> str:
    """Return the text so that Plotly, which takes some HTML for markup, shows it as it is."""
    return html.escape(text, quote=False)
