"""The units of the municipalities; those of the specialist service stand in ``synth/data``."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["MUNICIPAL_USES", "municipal_units"]

MUNICIPAL_USES = ("home_care", "short_term", "long_term", "acute_bed", "coordinating")
"""What the generator uses municipal units for."""

_OPENED = "2010-01-01"
_PEOPLE_A_PRACTICE = 4500
# Own proposal: smaller municipalities have no acute beds of their own.
_SMALLEST_WITH_ACUTE_BEDS = 2500
_SERVICES = (
    ("health-services", "Helse- og omsorgstjenesten", "municipal_service", ""),
    ("home-care", "Hjemmetjenesten", "municipal_service", "home_care"),
    ("short-term", "Korttidsavdelingen", "municipal_service", "short_term"),
    ("nursing-home", "Sykehjemmet", "municipal_service", "long_term"),
    ("acute-beds", "Kommunal akutt døgnenhet", "municipal_service", "acute_bed"),
    ("coordinating-unit", "Koordinerende enhet", "coordinating_unit", "coordinating"),
)


def municipal_units(
    codes: Sequence[str], names: Sequence[str], populations: Sequence[int], n_trust: int
) -> list[dict[str, str]]:
    """Return rows like those of ``specialist_units.csv`` for every municipality.

    The ones after the first ``n_trust`` have a GP practice only.

    Examples
    --------
    >>> [row["unit_id"] for row in municipal_units(["0001"], ["Hammarnes"], [900], 0)]
    ['gp-0001-1']
    """
    rows = []
    for i, (code, name, population) in enumerate(zip(codes, names, populations, strict=True)):
        practices = 1 + int(population) // _PEOPLE_A_PRACTICE if i < n_trust else 1
        rows += [
            _row(
                f"gp-{code}-{n}",
                f"Legekontor {n}, {name}",
                "gp_practice",
                "gp",
                code=code,
                use="gp",
            )
            for n in range(1, practices + 1)
        ]
        if i < n_trust:
            rows += _services(code, name, int(population))
    return rows


def _services(code: str, name: str, population: int) -> list[dict[str, str]]:
    rows = [
        _row(
            f"casualty-{code}",
            f"Legevakten, {name}",
            "emergency_unit",
            "emergency",
            code=code,
            use="casualty",
        )
    ]
    for prefix, title, kind, use in _SERVICES:
        if use == "acute_bed" and population < _SMALLEST_WITH_ACUTE_BEDS:
            continue
        row = _row(f"{prefix}-{code}", f"{title}, {name}", kind, "municipal", code=code, use=use)
        rows.append({**row, "parent_unit_id": f"health-services-{code}" if use else ""})
    if code == "5530":
        old = _row(
            f"home-care-{code}-north",
            f"Hjemmetjenesten nord, {name}",
            "municipal_service",
            "municipal",
            code=code,
            use="",
        )
        rows.append(
            {
                **old,
                "parent_unit_id": f"health-services-{code}",
                "valid_to": "2025-02-01",
                "replaced_by": f"home-care-{code}",
            }
        )
    return rows


def _row(unit_id: str, name: str, kind: str, level: str, *, code: str, use: str) -> dict[str, str]:
    return {
        "unit_id": unit_id,
        "name": name,
        "kind": kind,
        "level": level,
        "parent_unit_id": "",
        "municipality_code": code,
        "specialty": "",
        "use": use,
        "valid_from": _OPENED,
        "valid_to": "",
        "replaced_by": "",
    }
