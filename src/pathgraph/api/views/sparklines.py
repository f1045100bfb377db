"""Small lines over the months: the path of an inline SVG, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pathgraph.api.language import Language

__all__ = ["Line", "line_of"]

_WIDTH, _HEIGHT, _TOP = 120, 32, 2


@dataclass(frozen=True, slots=True)
class Line:
    """A small line for the macro ``sparkline``.

    Attributes
    ----------
    path, area
        ``d`` of the line and of the area under it; the axis begins at zero, and months whose number
        is not to be shown are gaps.
    first_label, last_label
        The first and the last month.
    """

    title: str
    text: str
    path: str
    area: str
    first_label: str
    last_label: str
    width: int = _WIDTH
    height: int = _HEIGHT


def line_of(
    months: Sequence[str],
    counts: Sequence[int | None],
    language: Language,
    *,
    title: str,
    marker: str,
) -> Line | None:
    """Return the line of the counts, or ``None`` where there are fewer than two to draw.

    Parameters
    ----------
    months
        ``2025-12``, or days in ISO form, in order.
    counts
        ``None`` where a number is not to be shown.
    marker
        What stands for such a number, for example ``<5``.
    """
    known = [(place, n) for place, n in enumerate(counts) if n is not None]
    if len(known) < 2:
        return None
    top = max(n for _, n in known) or 1
    step = _WIDTH / (len(counts) - 1)
    points = {
        place: (round(place * step, 1), round(_HEIGHT - (_HEIGHT - _TOP) * n / top, 1))
        for place, n in known
    }
    path, area = [], []
    for run in _runs(sorted(points)):
        at = [points[place] for place in run]
        text = " ".join(f"{x:g} {y:g}" for x, y in at)
        path.append(f"M{text}")
        area.append(f"M{at[0][0]:g} {_HEIGHT} L{text} L{at[-1][0]:g} {_HEIGHT}Z")
    latest = counts[-1]
    least = min(n for _, n in known)
    said = language.gettext(
        "from {first} in {first_month} to {last} in {last_month}; lowest {least}, highest {most}"
    )
    return Line(
        title=title,
        text=said.format(
            first=marker if counts[0] is None else language.number(counts[0]),
            first_month=language.month(months[0]),
            last=marker if latest is None else language.number(latest),
            last_month=language.month(months[-1]),
            least=language.number(least),
            most=language.number(max(n for _, n in known)),
        ),
        path="".join(path),
        area="".join(area),
        first_label=language.month(months[0]),
        last_label=language.month(months[-1]),
    )


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Return the places that follow each other without a gap."""
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][-1] == place - 1:
            runs[-1].append(place)
        else:
            runs.append([place])
    return runs
