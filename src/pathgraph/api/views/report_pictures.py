"""Pictures of the printed report: places of lines and marks in an SVG that scales with the page.

They need no script, so that they are on paper what they are on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pathgraph.api.language import Language
from pathgraph.queries.funnel_curve import Curve

__all__ = ["Mark", "Picture", "funnel_picture", "periods_picture"]

Row = Mapping[str, Any]

WIDTH, HEIGHT = 340.0, 190.0
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 20.0, 10.0, 30.0
_LEAST_TOP = 2.0
_MOST_TICKS = 6
_STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0,
          500.0, 1000.0)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A point: the clinic's own ones are filled."""

    x: float
    y: float
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines, bands and marks, in the units of the view box.

    Attributes
    ----------
    bands
        ``d`` of closed paths, the widest first.
    line
        ``d`` of a line through the own marks; empty without one.
    level
        Where the thin line to compare with is, from the top.
    x_ticks, y_ticks
        Place and text.
    """

    bands: Sequence[str]
    marks: Sequence[Mark]
    x_ticks: Sequence[tuple[float, str]]
    y_ticks: Sequence[tuple[float, str]]
    line: str = ""
    level: float | None = None
    width: float = WIDTH
    height: float = HEIGHT
    left: float = _LEFT
    bottom: float = HEIGHT - _BOTTOM
    right: float = WIDTH - _RIGHT


def funnel_picture(
    rows: Sequence[Row], curve: Curve, own: str, language: Language
) -> Picture | None:
    """Return the clinics in the funnel; the others have no names."""
    known = [r for r in rows if r["expected"] and r["observed_to_expected"] is not None]
    if not known:
        return None
    top = max([r["observed_to_expected"] for r in known] + [_LEAST_TOP]) * 1.1
    across, up = _across(curve.expected[-1]), _up(top)
    limits = curve.limits
    bands = [
        _closed([across(x) for x in curve.expected],
                [up(min(y, top)) for y in limits[f"high_{name}"]],
                [up(y) for y in limits[f"low_{name}"]])
        for name in ("998", "95")
    ]  # fmt: skip
    return Picture(
        bands=bands,
        marks=sorted(
            (Mark(_n(across(r["expected"])), _n(up(r["observed_to_expected"])),
                  is_own=r["by_value"] == own) for r in known),
            key=lambda mark: mark.is_own,
        ),
        x_ticks=[(_n(across(x)), language.number(x)) for x in _ticks(curve.expected[-1])],
        y_ticks=[(_n(up(y)), language.number(y)) for y in _ticks(top)],
        level=_n(up(1.0)),
    )  # fmt: skip


def periods_picture(rows: Sequence[Row], language: Language) -> Picture | None:
    """Return the clinic's shares over the periods with the limits of chance."""
    known = [(i, row) for i, row in enumerate(rows) if row["share"] is not None]
    if len(known) < 2:
        return None
    limited = [(i, row) for i, row in known if row["limit_low"] is not None]
    top = max([row["share"] for _, row in known] + [r["limit_high"] for _, r in limited]) * 1.1
    top = top or 0.01
    across, up = _across(max(len(rows) - 1, 1)), _up(top)
    places = [across(i) for i, _ in limited]
    band = _closed(
        places, [up(r["limit_high"]) for _, r in limited], [up(r["limit_low"]) for _, r in limited]
    )
    points = [(_n(across(i)), _n(up(row["share"]))) for i, row in known]
    # Where a period between two is not to be shown, the line has a gap.
    pieces = [
        f"{'L' if n and known[n - 1][0] == i - 1 else 'M'}{x} {y}"
        for n, ((x, y), (i, _)) in enumerate(zip(points, known, strict=True))
    ]
    step = max(1, -(-len(rows) // _MOST_TICKS))
    centre = next((row["centre"] for _, row in known if row["centre"] is not None), None)
    return Picture(
        bands=[band] if len(limited) > 1 else [],
        marks=[Mark(x, y, is_own=True) for x, y in points],
        x_ticks=[(_n(across(i)), str(row["period"])) for i, row in enumerate(rows)][::step],
        y_ticks=[(_n(up(y)), language.percent(y, 0 if top > 0.05 else 1)) for y in _ticks(top)],
        line="".join(pieces),
        level=None if centre is None else _n(up(centre)),
    )


def _across(most: float) -> Callable[[float], float]:
    return lambda x: _LEFT + (WIDTH - _LEFT - _RIGHT) * x / most


def _up(most: float) -> Callable[[float], float]:
    return lambda y: HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * y / most


def _ticks(most: float) -> list[float]:
    step = next((s for s in _STEPS if most / s <= _MOST_TICKS), most)
    return [round(n * step, 4) for n in range(int(most / step) + 1)]


def _closed(x: Sequence[float], high: Sequence[float], low: Sequence[float]) -> str:
    there = [f"{_n(a)} {_n(b)}" for a, b in zip(x, high, strict=True)]
    back = [f"{_n(a)} {_n(b)}" for a, b in zip(reversed(x), reversed(low), strict=True)]
    return "M" + "L".join([*there, *back]) + "Z" if there else ""


def _n(value: float) -> float:
    return round(value, 1)
