"""The generated region's places and people who work there; the same for every seed and size.

Municipalities, their populations, hospital areas and district psychiatric areas are the published
ones (``synth/data``, see ``docs/region.md``). Units, names of wards, professionals and employments
are made up; the trust's clinics are called as in the report that pathgraph follows.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import pyarrow as pa

from pathgraph.synth.lives import NEVER
from pathgraph.synth.professionals import Employments, Professionals, draw_professionals
from pathgraph.synth.region_units import MUNICIPAL_USES, municipal_units

__all__ = ["HOSPITALS", "MUNICIPAL_USES", "Municipalities", "Region", "Units", "build_region"]

HOSPITALS = ("hospital-tromso", "hospital-harstad", "hospital-narvik")
"""The trust's hospitals; a site is a place in this list."""

_AREAS = {"Tromsø": 0, "Harstad": 1, "Narvik": 2}
# Invented, and part of the answer key: Gratangen and Salangen belong to Narvik's hospital area,
# but most of their patients are sent to Harstad and Tromsø.
_AGAINST_DIVISION = {"5516": 1, "5522": 0}


@dataclass(frozen=True, slots=True)
class Municipalities:
    """Municipalities: the trust's ``n_trust`` first, after them others that patients come from.

    Attributes
    ----------
    population
        1 January 2024 [persons].
    site
        Place in :data:`HOSPITALS` of the hospital that the municipality formally belongs to.
    sent_to
        The hospital that most of its patients are sent to.
    """

    code: np.ndarray
    name: np.ndarray
    name_se: np.ndarray
    population: np.ndarray
    hospital_area: np.ndarray
    dps_area: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    site: np.ndarray
    sent_to: np.ndarray
    n_trust: int

    def __len__(self) -> int:
        """Return the number of municipalities."""
        return len(self.code)


@dataclass(frozen=True, slots=True)
class Units:
    """Units; where one refers to another it is by place in these arrays, NEVER for none.

    Attributes
    ----------
    municipality
        Place in :class:`Municipalities`.
    valid_from, valid_to
        Days since 1970-01-01; ``valid_to`` is the first day on which the unit no longer exists.
    specialty, use
        What the generator sends patients there for (``region_units``), empty for nothing.
    """

    ids: np.ndarray
    name: np.ndarray
    kind: np.ndarray
    level: np.ndarray
    parent: np.ndarray
    municipality: np.ndarray
    valid_from: np.ndarray
    valid_to: np.ndarray
    replaced_by: np.ndarray
    specialty: np.ndarray
    use: np.ndarray

    def __len__(self) -> int:
        """Return the number of units."""
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The region: where people live, where they are treated, and who works there.

    Attributes
    ----------
    clinic_of
        Place of each unit's clinic: the nearest of the unit and those above it whose kind is
        ``clinic``; where there is none, the unit.
    trust_of
        Place of the topmost unit above each unit.
    is_child_unit
        Units that see only people who turn at most 17 in the year of the contact.
    against_division
        Places of the municipalities whose patients mostly go to another hospital than the formal
        one.
    """

    municipalities: Municipalities
    units: Units
    professionals: Professionals
    employments: Employments
    clinic_of: np.ndarray
    trust_of: np.ndarray
    is_child_unit: np.ndarray
    against_division: tuple[int, ...]

    def unit(self, unit_id: str) -> int:
        """Return the place of a unit.

        Examples
        --------
        >>> region = build_region()
        >>> str(region.units.name[region.unit("hlk")])
        'Hjerte- og lungeklinikken'
        """
        return int(np.flatnonzero(self.units.ids == unit_id)[0])

    def units_of(
        self,
        *,
        kind: str | None = None,
        level: str | None = None,
        municipality: int | None = None,
        use: str | None = None,
    ) -> np.ndarray:
        """Return the places of the units that fit all that is given, closed ones included."""
        fits = np.ones(len(self.units), dtype=bool)
        for column, value in (
            (self.units.kind, kind),
            (self.units.level, level),
            (self.units.municipality, municipality),
            (self.units.use, use),
        ):
            if value is not None:
                fits &= column == value
        return np.flatnonzero(fits)

    def unit_ids(self, places: np.ndarray) -> pa.Array:
        """Return the ids of units; NEVER gives null."""
        return _texts(self.units.ids, places)

    def professional_ids(self, places: np.ndarray) -> pa.Array:
        """Return the ids of professionals; NEVER gives null."""
        return _texts(self.professionals.ids, places)

    def municipality_codes(self, places: np.ndarray) -> pa.Array:
        """Return the numbers of municipalities; NEVER gives null."""
        return _texts(self.municipalities.code, places)


@cache
def build_region() -> Region:
    """Return the region.

    Examples
    --------
    >>> region = build_region()
    >>> len(region.municipalities), region.municipalities.n_trust
    (28, 24)
    """
    municipalities = _read_municipalities()
    units = _read_units(municipalities)
    professionals, employments = draw_professionals(units.ids, units.kind, units.level, units.use)
    return Region(
        municipalities=municipalities,
        units=units,
        professionals=professionals,
        employments=employments,
        clinic_of=_clinics(units),
        trust_of=_topmost(units),
        is_child_unit=np.char.startswith(units.ids.astype(str), "buk"),
        against_division=tuple(
            np.flatnonzero(np.isin(municipalities.code, list(_AGAINST_DIVISION))).tolist()
        ),
    )


def read_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of ``synth/data``."""
    text = files("pathgraph.synth").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _read_municipalities() -> Municipalities:
    rows = read_rows("municipalities.csv")
    site = np.array([_AREAS.get(row["hospital_area"], 0) for row in rows])
    code = _objects([row["municipality_code"] for row in rows])
    sent_to = np.array([_AGAINST_DIVISION.get(c, s) for c, s in zip(code, site, strict=True)])
    return Municipalities(
        code=code,
        name=_objects([row["name"] for row in rows]),
        name_se=_objects([row["name_se"] or None for row in rows]),
        population=np.array([int(row["population"]) for row in rows]),
        hospital_area=_objects([row["hospital_area"] or None for row in rows]),
        dps_area=_objects([row["dps_area"] or None for row in rows]),
        latitude=np.array([float(row["latitude"]) for row in rows]),
        longitude=np.array([float(row["longitude"]) for row in rows]),
        site=site,
        sent_to=sent_to,
        n_trust=sum(1 for row in rows if row["hospital_area"]),
    )


def _read_units(municipalities: Municipalities) -> Units:
    rows = read_rows("specialist_units.csv")
    rows += municipal_units(
        municipalities.code.tolist(),
        municipalities.name.tolist(),
        municipalities.population.tolist(),
        municipalities.n_trust,
    )
    place = {row["unit_id"]: i for i, row in enumerate(rows)}
    where = {code: i for i, code in enumerate(municipalities.code)}
    return Units(
        ids=_objects([row["unit_id"] for row in rows]),
        name=_objects([row["name"] for row in rows]),
        kind=_objects([row["kind"] for row in rows]),
        level=_objects([row["level"] for row in rows]),
        parent=np.array([place.get(row["parent_unit_id"], NEVER) for row in rows]),
        municipality=np.array([where[row["municipality_code"]] for row in rows]),
        valid_from=np.array([_day(row["valid_from"]) for row in rows]),
        valid_to=np.array([_day(row["valid_to"]) for row in rows]),
        replaced_by=np.array([place.get(row["replaced_by"], NEVER) for row in rows]),
        specialty=_objects([row["specialty"] for row in rows]),
        use=_objects([row["use"] for row in rows]),
    )


def _day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(np.int64)) if text else NEVER


def _objects(values: Sequence[str | None]) -> np.ndarray:
    return np.array(values, dtype=object)


def _texts(values: np.ndarray, places: np.ndarray) -> pa.Array:
    places = np.asarray(places, dtype=np.int64)
    return pa.array(values.tolist(), pa.string()).take(pa.array(places, mask=places == NEVER))


def _clinics(units: Units) -> np.ndarray:
    found = np.full(len(units), NEVER)
    at = np.arange(len(units))
    while (at != NEVER).any():
        is_clinic = (found == NEVER) & (at != NEVER) & (units.kind[at] == "clinic")
        found[is_clinic] = at[is_clinic]
        at = np.where(at == NEVER, NEVER, units.parent[at])
    return np.where(found == NEVER, np.arange(len(units)), found)


def _topmost(units: Units) -> np.ndarray:
    at = np.arange(len(units))
    while True:
        above = units.parent[at]
        if (above == NEVER).all():
            return at
        at = np.where(above == NEVER, at, above)
