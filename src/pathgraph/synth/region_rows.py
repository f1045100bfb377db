"""Rows of the tables that hold for the whole region."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.region import Region

__all__ = ["region_rows"]


def region_rows(region: Region) -> dict[str, pa.Table]:
    """Return municipalities, units, professionals and employments.

    Examples
    --------
    >>> from pathgraph.synth.region import build_region
    >>> region_rows(build_region())["municipalities"].num_rows
    28
    """
    places, units, work = region.municipalities, region.units, region.employments
    return {
        "municipalities": canonical_rows(
            "municipalities",
            len(places),
            {
                "municipality_code": places.code,
                "name": places.name,
                "name_se": places.name_se,
                "population": places.population,
                "latitude": places.latitude,
                "longitude": places.longitude,
                "hospital_area": places.hospital_area,
                "dps_area": places.dps_area,
            },
        ),
        "units": canonical_rows(
            "units",
            len(units),
            {
                "unit_id": units.ids,
                "name": units.name,
                "kind": units.kind,
                "level": units.level,
                "parent_unit_id": region.unit_ids(units.parent),
                "municipality_code": region.municipality_codes(units.municipality),
                "valid_from": units.valid_from,
                "valid_to": units.valid_to,
                "replaced_by": region.unit_ids(units.replaced_by),
            },
        ),
        "professionals": canonical_rows(
            "professionals",
            len(region.professionals),
            {
                "professional_id": region.professional_ids(np.arange(len(region.professionals))),
                "role": region.professionals.role,
            },
        ),
        "employments": canonical_rows(
            "employments",
            len(work.professional),
            {
                "professional_id": region.professional_ids(work.professional),
                "unit_id": region.unit_ids(work.unit),
                "valid_from": work.valid_from_day,
                "valid_to": work.valid_to_day,
            },
        ),
    }
