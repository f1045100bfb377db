"""Forms of charts as Plotly figures: bars, dots with intervals, lines over months, histograms.

Colours are names of custom properties of the design system (``--bar``). Axes of numbers begin at
zero. A value that is not to be shown is never drawn as 0: its place holds its mark alone.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pathgraph.api.cells import RATIOS
from pathgraph.api.language import Language
from pathgraph.queries.groups import Group
from pathgraph.queries.spec import Kind, Return

__all__ = [
    "Point",
    "bars",
    "counted_bars",
    "dots",
    "histogram",
    "month_counts",
    "month_line",
    "plain",
]

_ROW_PX, _FRAME_PX = 24, 24
_COLUMNS_PX = 320


@dataclass(frozen=True, slots=True)
class Point:
    """A value with its label, as text, and its interval where it has one."""

    label: str
    value: float
    text: str
    low: float | None = None
    high: float | None = None


def bars(points: Sequence[Point], language: Language) -> dict[str, Any]:
    """Return a bar a point."""
    return _across(
        [p.label for p in points], [p.value for p in points], [p.text for p in points], "--bar"
    )


def counted_bars(
    labels: Sequence[str], numbers: Sequence[int | None], language: Language, marker: str
) -> dict[str, Any]:
    """Return a bar a group; a number that is not to be shown has its mark instead of a bar."""
    texts = [marker if n is None else language.number(n) for n in numbers]
    return _across(labels, list(numbers), texts, "--bar")


def _across(
    labels: Sequence[str], values: Sequence[float | None], texts: Sequence[str], colour: str
) -> dict[str, Any]:
    """Return bars from the left, their numbers at the end; what is hidden has its mark alone."""
    places = list(range(len(labels)))
    known = [i for i in places if values[i] is not None]
    hidden = [i for i in places if values[i] is None]
    most = max((values[i] or 0 for i in known), default=1) or 1
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "orientation": "h", "y": known, "x": [values[i] for i in known],
            "text": [plain(texts[i]) for i in known], "textposition": "outside",
            "cliponaxis": False, "marker": {"color": colour}, "textfont": {"color": "--ink"},
            "hovertext": [f"{plain(labels[i])}: {plain(texts[i])}" for i in known],
            "hoverinfo": "text",
        }
    ]  # fmt: skip
    if hidden:
        data.append(_marks([0] * len(hidden), hidden, [texts[i] for i in hidden], "middle right"))
    layout = _rows_layout(labels)
    layout["xaxis"] = {"range": [0, most * 1.15], "showticklabels": False, "showgrid": False,
                       "zeroline": True}  # fmt: skip
    return {"data": data, "layout": layout}


def dots(points: Sequence[Point], column: Return) -> dict[str, Any]:
    """Return a dot with its interval on each row; ratios stand on a thin line at 1."""
    places = list(range(len(points)))
    is_ratio = column.name in RATIOS
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
        "hovertext": [f"{plain(p.label)}: {plain(p.text)}" for p in points],
        "hoverinfo": "text",
    }  # fmt: skip
    layout = _rows_layout([p.label for p in points])
    layout["margin"] = {"t": 8, "b": 32}
    layout["height"] += 32
    layout["xaxis"] = {"range": [0, max(ends) * 1.05], "showgrid": True, "zeroline": True,
                       "tickformat": ".2~f" if is_ratio else ".0%", "nticks": 6}  # fmt: skip
    if is_ratio:
        layout["shapes"] = [_line_at_one("y")]
    return {"data": [data], "layout": layout}


def _line_at_one(along: str) -> dict[str, Any]:
    """Return the thin line at 1 that ratios are held against, along the axis ``x`` or ``y``."""
    ends = {f"{along}0": 0, f"{along}1": 1, f"{along}ref": "paper"}
    across = "y" if along == "x" else "x"
    return {
        "type": "line", **ends, f"{across}0": 1, f"{across}1": 1,
        "line": {"color": "--ink", "width": 1},
    }  # fmt: skip


def _rows_layout(labels: Sequence[str]) -> dict[str, Any]:
    n = len(labels)
    return {
        "height": _FRAME_PX + _ROW_PX * n,
        "margin": {"t": 8, "b": 8},
        "bargap": 0.3,
        "showlegend": False,
        "yaxis": {
            "tickmode": "array", "tickvals": list(range(n)),
            "ticktext": [plain(label) for label in labels],
            "range": [n - 0.5, -0.5], "showgrid": False, "zeroline": False, "ticklabelstandoff": 4,
        },
    }  # fmt: skip


def month_line(points: Sequence[Point], language: Language, column: Return) -> dict[str, Any]:
    """Return the points over the months, with a band where they have intervals."""
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
            "hovertext": [f"{language.month(p.label)}: {plain(p.text)}" for p in points],
            "hoverinfo": "text",
        }
    )  # fmt: skip
    layout = _over_time(months, language)
    layout["yaxis"] = {"rangemode": "tozero", "zeroline": True}
    if column.name in RATIOS:
        layout["shapes"] = [_line_at_one("x")]
    elif column.kind is Kind.SHARE:
        layout["yaxis"]["tickformat"] = ".0%"
    return {"data": data, "layout": layout}


def month_counts(
    labels: Sequence[str], groups: Sequence[Group], numbers: Sequence[int | None],
    language: Language, marker: str,
) -> dict[str, Any]:  # fmt: skip
    """Return numbers over the months; where one is not to be shown the line has a gap."""
    months = [str(group.value) for group in groups]
    data: list[dict[str, Any]] = [
        {
            "type": "scatter", "mode": "lines+markers", "x": months, "y": list(numbers),
            "connectgaps": False, "line": {"color": "--accent", "width": 2},
            "marker": {"color": "--accent", "size": 5}, "hoverinfo": "text",
            "hovertext": [f"{plain(label)}: {plain(language.number(n) or marker)}"
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


def histogram(
    labels: Sequence[str], numbers: Sequence[int | None], heading: str, language: Language,
    marker: str,
) -> dict[str, Any]:  # fmt: skip
    """Return upright bars in the order of the labels."""
    places = list(range(len(labels)))
    known = [i for i in places if numbers[i] is not None]
    hidden = [i for i in places if numbers[i] is None]
    texts = [plain(language.number(numbers[i])) for i in known]
    data: list[dict[str, Any]] = [
        {
            "type": "bar", "x": known, "y": [numbers[i] for i in known], "text": texts,
            "textposition": "outside", "textangle": 0, "cliponaxis": False, "constraintext": "none",
            "marker": {"color": "--bar"}, "textfont": {"color": "--ink", "size": 11},
            "hovertext": [f"{plain(labels[i])}: {t}" for i, t in zip(known, texts, strict=True)],
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
                      "ticktext": [plain(labels[i]) for i in ticks],
                      "range": [-0.6, len(labels) - 0.4],
                      "title": {"text": plain(heading)}, "zeroline": False},
            "yaxis": {"range": [0, most * 1.12], "zeroline": True, "nticks": 5},
        },
    }  # fmt: skip


def _marks(
    x: Sequence[Any], y: Sequence[Any], texts: Sequence[str], position: str
) -> dict[str, Any]:
    """Return words where a number is not to be shown; no bar, and no point at 0."""
    return {
        "type": "scatter", "mode": "text", "x": list(x), "y": list(y), "hoverinfo": "skip",
        "text": [plain(text) for text in texts], "textposition": position,
        "textfont": {"color": "--ink-soft", "size": 11}, "cliponaxis": False,
    }  # fmt: skip


def plain(text: str) -> str:
    """Return the text so that Plotly, which takes some HTML for markup, shows it as it is."""
    return html.escape(text, quote=False)
