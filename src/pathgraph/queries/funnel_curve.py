"""The limits of a funnel as lines, to be drawn around the units of an answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pathgraph.analysis.funnel import funnel_limits
from pathgraph.queries.result import Result

__all__ = ["Curve", "funnel_curve"]

_POINTS = 160
_ROOM = 1.1


@dataclass(frozen=True, slots=True)
class Curve:
    """Limits of observed over expected by expected number.

    Attributes
    ----------
    expected
        From near 0 to somewhat beyond the greatest one that is shown.
    limits
        By name, each as long as ``expected``.
    """

    expected: list[float]
    limits: dict[str, list[float]]


def funnel_curve(result: Result) -> Curve | None:
    """Return the lines for an answer of ``referral_funnel``; ``None`` where no unit has a place.

    They go as far as the units whose numbers are shown: a hidden one is not told by them.
    """
    rows = result.table.select(["expected", "tau2"]).to_pylist()
    known = [row["expected"] for row in rows if row["expected"]]
    if not known:
        return None
    tau2 = next((row["tau2"] for row in rows if row["tau2"] is not None), 0.0)
    most = max(known) * _ROOM
    expected = np.linspace(most / _POINTS, most, _POINTS)
    limits = funnel_limits(expected, tau2=tau2).drop(columns="expected").astype(float)
    return Curve(expected.tolist(), {str(name): line.tolist() for name, line in limits.items()})
