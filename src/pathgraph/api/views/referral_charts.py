"""Charts of the referral findings: the funnel, periods against their limits, the map.

As in :mod:`pathgraph.api.views.chart_forms`, colours are names of custom properties, and what is
not to be shown is not drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import cos, radians
from typing import Any

from pathgraph.api import words
from pathgraph.api.language import Language
from pathgraph.api.views.chart_forms import plain
from pathgraph.queries.funnel_curve import Curve

__all__ = ["OUTSIDE", "SIGNS", "funnel_figure", "map_figure", "on_the_map", "periods_figure"]

Row = Mapping[str, Any]

OUTSIDE = ("below_998", "below_95", "above_95", "above_998")
SIGNS: Mapping[str, str] = {
    "below_998": "triangle-down", "below_95": "triangle-down-open", "inside": "circle",
    "above_95": "triangle-up-open", "above_998": "triangle-up",
}  # fmt: skip
"""Forms by place in the funnel: no meaning by colour alone."""

_FUNNEL_PX, _PERIODS_PX, _MAP_PX = 380, 320, 560
_FUNNEL_TEXT_PX, _LETTER_PX = 520.0, 6.5
_FUNNEL_LINES, _MOST_LIFT = 19, 4
"""Width and lines of text that a funnel has room for, and how far a name is lifted."""
_SMALLEST_PX, _LARGEST_PX = 8.0, 44.0
_ROOM = 0.12


def funnel_figure(rows: Sequence[Row], curve: Curve, language: Language) -> dict[str, Any]:
    """Return the units in the funnel; those outside are named."""
    known = [row for row in rows if row["expected"] and row["observed_to_expected"] is not None]
    x = curve.expected
    heading = plain(language.gettext("Expected number of referred patients"))
    top = max([row["observed_to_expected"] for row in known] + [2.0]) * 1.1
    labels = _apart(known, x[-1], top)
    data = [
        _band(x, curve.limits["low_998"], curve.limits["high_998"], top, "--sunken"),
        _band(x, curve.limits["low_95"], curve.limits["high_95"], top, "--band"),
        {
            "type": "scatter", "mode": "markers+text", "x": [row["expected"] for row in known],
            "y": [row["observed_to_expected"] for row in known],
            "marker": {"color": "--accent", "size": 9,
                       "symbol": [SIGNS[row["position"]] for row in known]},
            "text": labels,
            # Names keep inside the picture.
            "textposition": [f"top {_side(row, x[-1])}" for row in known],
            "cliponaxis": False, "textfont": {"color": "--ink", "size": 12},
            "hovertext": [_said(row, language) for row in known], "hoverinfo": "text",
        },
    ]  # fmt: skip
    layout = {
        "height": _FUNNEL_PX, "showlegend": False,
        "margin": {"t": 24, "b": 48},
        "xaxis": {"range": [0, x[-1]], "showgrid": False, "zeroline": False, "nticks": 6,
                  "title": {"text": heading}},
        "yaxis": {"range": [0, top], "zeroline": True, "nticks": 6,
                  "title": {"text": plain(language.gettext("Observed to expected"))}},
        "shapes": [{"type": "line", "x0": 0, "x1": 1, "xref": "paper", "y0": 1, "y1": 1,
                    "line": {"color": "--ink", "width": 1}}],
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _band(
    x: Sequence[float], low: Sequence[float], high: Sequence[float], top: float, colour: str
) -> dict[str, Any]:
    return {
        "type": "scatter", "mode": "lines", "x": [*x, *reversed(x)],
        "y": [*(min(value, top) for value in high), *reversed(low)], "fill": "toself",
        "fillcolor": colour, "line": {"width": 1, "color": "--line-strong", "dash": "dot"},
        "hoverinfo": "skip",
    }  # fmt: skip


def _side(row: Row, width: float) -> str:
    return "left" if row["expected"] > width / 2 else "right"


def _apart(rows: Sequence[Row], width: float, height: float) -> list[str]:
    """Return the names of the units outside, lifted by lines so that none covers another.

    The one with most expected lies lowest; one for which there is no room is named in the words
    below the picture alone.
    """
    labels = [""] * len(rows)
    taken: list[tuple[float, float, int]] = []
    outside = [i for i, row in enumerate(rows) if row["position"] in OUTSIDE]
    for i in sorted(outside, key=lambda i: -rows[i]["expected"]):
        name = _label(rows[i])
        at = rows[i]["expected"] / width * _FUNNEL_TEXT_PX
        length = len(name) * _LETTER_PX
        left = at - length if _side(rows[i], width) == "left" else at
        line = round((height - rows[i]["observed_to_expected"]) / height * _FUNNEL_LINES)
        for lift in range(_MOST_LIFT + 1):
            if all(
                abs(line - lift - other) > 1 or left > end or left + length < start
                for start, end, other in taken
            ):
                taken.append((left, left + length, line - lift))
                labels[i] = name + "<br> " * lift
                break
    return labels


def _label(row: Row) -> str:
    return plain(str(row["name"] or row["by_value"] or ""))


def _said(row: Row, language: Language) -> str:
    said = language.gettext("{name}: {referred} referred, {expected} expected, {position}")
    return plain(
        said.format(
            name=row["name"] or row["by_value"] or language.gettext("Not recorded"),
            referred=language.number(row["n_referred"]),
            expected=language.number(row["expected"], 1),
            position=words.code_words(language, row["position"], "position"),
        )
    )


def periods_figure(rows: Sequence[Row], language: Language) -> dict[str, Any]:
    """Return shares over the periods, with the limits of chance and the lasting falls."""
    names = [row["period"] for row in rows]
    shown = [row for row in rows if row["limit_low"] is not None]
    signals = [row for row in rows if row["is_signal"]]
    data = [
        {
            # A piece a period: nothing is drawn across those that are not shown.
            "type": "bar", "hoverinfo": "skip", "x": [row["period"] for row in shown],
            "y": [row["limit_high"] - row["limit_low"] for row in shown],
            "base": [row["limit_low"] for row in shown], "marker": {"color": "--band"},
        },
        {
            "type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": names,
            "y": [row["centre"] for row in rows], "connectgaps": False,
            "line": {"color": "--ink-soft", "width": 1, "dash": "dash"},
        },
        {
            "type": "scatter", "mode": "lines+markers", "x": names, "connectgaps": False,
            "y": [row["share"] for row in rows], "line": {"color": "--accent", "width": 2},
            "marker": {"color": "--accent", "size": 7,
                       "symbol": [_sign(row["position"]) for row in rows]},
            "hovertext": [_of_period(row, language) for row in rows], "hoverinfo": "text",
        },
        {
            "type": "scatter", "mode": "text", "x": [row["period"] for row in signals],
            "y": [row["share"] for row in signals], "textposition": "bottom center",
            "text": [plain(language.gettext("Lasting fall"))] * len(signals),
            "textfont": {"color": "--ink", "size": 12}, "hoverinfo": "skip", "cliponaxis": False,
        },
    ]  # fmt: skip
    step = max(1, -(-len(names) // 6))
    layout = {
        "height": _PERIODS_PX, "showlegend": False, "bargap": 0,
        "xaxis": {"type": "category", "categoryorder": "array", "categoryarray": names,
                  "tickmode": "array", "tickvals": names[::step], "ticktext": names[::step],
                  "showgrid": False},
        "yaxis": {"rangemode": "tozero", "zeroline": True, "tickformat": ".0%", "nticks": 6},
    }  # fmt: skip
    return {"data": data, "layout": layout}


def _sign(position: str | None) -> str:
    return {"below": "triangle-down", "above": "triangle-up"}.get(position or "", "circle")


def _of_period(row: Row, language: Language) -> str:
    said = language.gettext("{period}: {share} ({referred} of {eligible})")
    return plain(
        said.format(
            period=row["period"],
            share=language.percent(row["share"]),
            referred=language.number(row["n_referred"]),
            eligible=language.number(row["n_eligible"]),
        )
    )


def on_the_map(rows: Sequence[Row], places: Mapping[str, tuple[float, float]]) -> list[Row]:
    """Return the rows that have a place, and a number that may be shown."""
    return [r for r in rows if r["by_value"] in places and r["n_eligible"] is not None]


def map_figure(
    rows: Sequence[Row], places: Mapping[str, tuple[float, float]], language: Language
) -> dict[str, Any]:
    """Return a circle a municipality at its own place, as large as its eligible patients are many.

    Parameters
    ----------
    rows
        Of ``referral_gaps`` by municipality.
    places
        Latitude and longitude by number.
    """
    known = on_the_map(rows, places)
    latitudes = [places[row["by_value"]][0] for row in known]
    longitudes = [places[row["by_value"]][1] for row in known]
    most = max((row["n_eligible"] for row in known), default=1) or 1
    middle = sum(latitudes) / len(latitudes) if latitudes else 0.0
    signs = [SIGNS.get(row["position"] or "", "circle-open") for row in known]
    data = {
        "type": "scatter", "mode": "markers+text", "x": longitudes, "y": latitudes,
        "marker": {
            # By area: the eye compares areas.
            "size": [max(_SMALLEST_PX, _LARGEST_PX * (row["n_eligible"] / most) ** 0.5)
                     for row in known],
            "symbol": signs, "color": "--bar", "opacity": 0.85,
            "line": {"color": "--ink", "width": 1},
        },
        "text": [_label(row) for row in known], "textposition": "top center",
        "textfont": {"color": "--ink", "size": 11}, "cliponaxis": False,
        "hovertext": [_of_place(row, language) for row in known], "hoverinfo": "text",
    }  # fmt: skip
    # Ranges are given and kept, whatever the width: only the part of the picture used changes.
    bare = {"showgrid": False, "zeroline": False, "showticklabels": False, "constrain": "domain"}
    layout = {
        "height": _MAP_PX, "showlegend": False, "margin": {"t": 32, "b": 16},
        "xaxis": {**bare, "range": _around(longitudes)},
        # A degree of longitude is shorter than one of latitude by the cosine of the latitude.
        "yaxis": {**bare, "range": _around(latitudes), "scaleanchor": "x",
                  "scaleratio": 1 / max(cos(radians(middle)), 0.1)},
    }  # fmt: skip
    return {"data": [data], "layout": layout}


def _around(values: Sequence[float]) -> list[float]:
    """Return a range with room for circles and names."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = max((high - low) * _ROOM, 0.1)
    return [low - room, high + room]


def _of_place(row: Row, language: Language) -> str:
    said = language.gettext("{name}: {eligible} eligible, {share} referred, {position}")
    return plain(
        said.format(
            name=row["name"] or row["by_value"],
            eligible=language.number(row["n_eligible"]),
            share=language.percent(row["share"]) or language.gettext("not shown"),
            position=words.code_words(language, row["position"], "position")
            if row["position"]
            else language.gettext("not compared"),
        )
    )
