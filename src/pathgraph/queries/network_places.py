"""Where the nodes of a network are on the ground: municipalities, and units by theirs."""

from __future__ import annotations

from pathgraph.analysis.network_layout import Point
from pathgraph.engine.base import Engine

__all__ = ["ground_places"]

# No finding: which places there are is about nobody.
_MUNICIPALITIES = """
MATCH (m:Municipality)
WHERE m.latitude IS NOT NULL AND m.longitude IS NOT NULL
RETURN m.municipality_code AS code, m.latitude AS latitude, m.longitude AS longitude
"""
_UNITS = """
MATCH (u:Unit)
WHERE u.municipality_code IS NOT NULL
RETURN u.unit_id AS unit_id, u.municipality_code AS code
"""


def ground_places(engine: Engine, *, timeout_s: float | None = None) -> dict[str, Point]:
    """Return latitude and longitude by the id of a municipality or unit, where they are known."""
    rows = engine.query(_MUNICIPALITIES, {}, timeout_s=timeout_s).to_pylist()
    places = {row["code"]: (row["latitude"], row["longitude"]) for row in rows}
    for row in engine.query(_UNITS, {}, timeout_s=timeout_s).to_pylist():
        if row["code"] in places:
            places.setdefault(row["unit_id"], places[row["code"]])
    return places
