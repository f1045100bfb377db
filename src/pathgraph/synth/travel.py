"""How far people have to the hospital of their area; distance lowers how often they come."""

from __future__ import annotations

from functools import cache

import numpy as np

from pathgraph.synth.region import HOSPITALS, Region

__all__ = ["distance_bands"]

_KM_A_DEGREE = 111.2
# Cosine of 69 degrees north: a degree of longitude there, in degrees of latitude.
_LONGITUDE = 0.358
# Own proposal [km]: centroids nearer than the first are near, than the second farther.
_BANDS_KM = (50.0, 120.0)


@cache
def distance_bands(region: Region) -> np.ndarray:
    """Return 0 (near), 1 or 2 (far away) for each municipality."""
    places = region.municipalities
    hospitals = [region.units.municipality[region.unit(name)] for name in HOSPITALS]
    at = np.array(hospitals)[places.site]
    north = (places.latitude - places.latitude[at]) * _KM_A_DEGREE
    east = (places.longitude - places.longitude[at]) * _KM_A_DEGREE * _LONGITUDE
    squared = north * north + east * east
    return np.asarray(np.searchsorted(np.array(_BANDS_KM) ** 2, squared, side="right"))
