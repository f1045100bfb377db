"""Boundaries that the user supplies as GeoJSON, drawn below a network's map; none are shipped."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from pathgraph.errors import InputError
from pathgraph.sentence import sentence

__all__ = ["Ring", "read_boundaries"]

Ring = tuple[tuple[float, float], ...]
"""Latitude and longitude of the corners of an outline."""

_MOST_BYTES = 50 * 2**20
_SORTS = ("Polygon", "MultiPolygon")


def read_boundaries(path: Path | None) -> tuple[Ring, ...]:
    """Return the outlines of a file of GeoJSON (RFC 7946): degrees, longitude first.

    Raises
    ------
    InputError
        All that does not fit.
    """
    if path is None:
        return ()
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError([sentence("The boundaries are larger than 50 MB. Simplify them.")])
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        said = sentence(
            "The boundaries cannot be read: {why}.", why=error.strerror or "the file is not there"
        )
        raise InputError([said]) from None
    except ValueError:
        raise InputError([sentence("The boundaries are no JSON.")]) from None
    features = document.get("features") if isinstance(document, dict) else None
    if not isinstance(features, list):
        raise InputError([sentence("The boundaries are no FeatureCollection of GeoJSON.")])
    rings: list[Ring] = []
    problems = []
    for number, feature in enumerate(features, start=1):
        found = _rings(feature)
        if found is None:
            problems.append(
                sentence(
                    "Feature {n} of the boundaries is no polygon in degrees, longitude first.",
                    n=number,
                )
            )
        rings += found or []
    if problems:
        raise InputError(problems)
    return tuple(rings)


def _rings(feature: Any) -> list[Ring] | None:
    """Return the outlines of a feature; ``None`` where it has none that can be drawn."""
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") not in _SORTS:
        return None
    parts: Any = geometry.get("coordinates")
    try:
        polygons: Any = parts if geometry["type"] == "MultiPolygon" else [parts]
        rings = [
            tuple((float(corner[1]), float(corner[0])) for corner in ring)
            for polygon in polygons
            for ring in polygon
        ]
    except (TypeError, ValueError, IndexError, KeyError):
        return None
    is_sound = all(len(ring) >= 4 and all(_is_place(*corner) for corner in ring) for ring in rings)
    return rings if rings and is_sound else None


def _is_place(latitude: float, longitude: float) -> bool:
    return math.isfinite(latitude + longitude) and abs(latitude) <= 90 and abs(longitude) <= 180
