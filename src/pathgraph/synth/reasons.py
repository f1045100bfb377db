"""Why people are treated in hospital, where they then go, and the codes that are registered.

ICD-10 codes are real ones; how often they come, how long stays last and how often people return are
own proposals, calibrated as ``docs/region.md`` says.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from pathgraph.synth.people import CONDITIONS
from pathgraph.synth.region import HOSPITALS, Region, read_rows

__all__ = [
    "REASONS",
    "Places",
    "Reason",
    "condition_reasons",
    "find_places",
    "reason_place",
    "specialties",
]


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason for a stay or a visit.

    Attributes
    ----------
    specialty
        Which wards and clinics treat it.
    codes
        ICD-10; one is drawn.
    acute, planned
        Weights by age group (0 to 17, 18 to 39, 40 to 66, 67 to 79, 80 and older).
    length
        Length of stay in per cent of the ordinary one.
    returns
        Per mille of stays that an early return follows, before frailty.
    condition
        The lasting illness behind it, and per mille of its owners' acute stays that it explains.
    """

    name: str
    specialty: str
    codes: tuple[str, ...]
    acute: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    planned: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)
    length: int = 100
    returns: int = 110
    condition: tuple[str, int] | None = None
    service: str = ""


REASONS: tuple[Reason, ...] = (
    Reason("medicine", "medicine", ("A09", "R55", "R10.4", "E86", "D50.9"), (0, 30, 30, 26, 26)),
    Reason("copd", "lung", ("J44.0", "J44.1"), length=110, returns=285, condition=("copd", 400)),
    Reason("pneumonia", "lung", ("J18.9", "J15.9"), (0, 6, 9, 14, 18), length=120, returns=135),
    Reason(
        "heart failure",
        "heart",
        ("I50.0", "I50.9"),
        length=115,
        returns=200,
        condition=("heart_failure", 330),
    ),
    Reason("heart", "heart", ("I21.4", "I48.0", "I20.0"), (0, 3, 12, 14, 11), (0, 2, 9, 12, 5)),
    Reason("stroke", "stroke", ("I63.9", "I61.9", "G45.9"), (0, 1, 5, 9, 10), length=170),
    Reason("fracture", "orthopaedics", ("S72.0", "S72.1"), (0, 1, 3, 7, 14), length=140),
    Reason("injury", "orthopaedics", ("S52.5", "S82.8", "S06.0"), (0, 16, 10, 6, 6), length=70),
    Reason("infection", "infection", ("A41.9", "N39.0", "N10"), (0, 9, 9, 14, 18), returns=150),
    Reason("surgery", "surgery", ("K35.8", "K80.2", "K56.6"), (0, 19, 17, 13, 8), length=80),
    Reason(
        "cancer",
        "cancer",
        ("C34.9", "C18.9", "C50.9", "C61"),
        length=130,
        returns=240,
        condition=("cancer", 420),
    ),
    Reason("neurology", "neurology", ("G40.9", "R51", "G35"), (0, 7, 6, 4, 2), (0, 3, 4, 3, 1)),
    Reason(
        "mental illness",
        "acute_psychiatry",
        ("F20.0", "F31.3", "F32.2", "F60.3"),
        (0, 5, 3, 1, 1),
        length=260,
        returns=190,
        condition=("mental_illness", 360),
    ),
    Reason(
        "substance use",
        "substance",
        ("F10.3", "F11.2", "F19.2"),
        length=150,
        returns=220,
        condition=("substance_use", 420),
    ),
    Reason("child", "child", ("J21.9", "A08.4", "J45.9", "R56.0"), (90, 0, 0, 0, 0), length=50),
    Reason("child mind", "child_psychiatry", ("F41.9", "F50.0"), (3, 0, 0, 0, 0), length=250),
    Reason(
        "birth",
        "maternity",
        ("O80", "O82.1"),
        planned=(0, 150, 1, 0, 0),
        length=60,
        returns=15,
        service="maternity",
    ),
    Reason("hip or knee", "orthopaedics", ("M16.1", "M17.1"), planned=(0, 6, 22, 30, 14)),
    Reason(
        "operation", "surgery", ("K40.9", "N40", "K42.9"), planned=(0, 22, 34, 30, 14), length=60
    ),
    Reason(
        "rehabilitation",
        "rehabilitation",
        ("Z50.8", "Z50.9"),
        planned=(0, 3, 7, 9, 8),
        length=330,
        returns=40,
        service="rehabilitation",
    ),
    Reason("psychiatry", "psychiatry", ("F33.1", "F43.1"), planned=(0, 5, 4, 2, 1), length=400),
    Reason(
        "child planned", "child", ("Q21.0", "J35.1", "E10.9"), planned=(80, 0, 0, 0, 0), length=40
    ),
)
"""All reasons for stays."""

# Where a site has none of a specialty, another one of the same site treats it, or another site.
_INSTEAD = {
    "heart": "medicine",
    "lung": "medicine",
    "infection": "medicine",
    "geriatrics": "medicine",
    "stroke": "medicine",
}
_INSTEAD_OUTPATIENT = {"lung": "heart", "heart": "medicine", "geriatrics": "medicine"}
_NEAREST = {0: (0, 1, 2), 1: (1, 0, 2), 2: (2, 1, 0)}


def reason_place(name: str) -> int:
    """Return the place of a reason in :data:`REASONS`."""
    return [reason.name for reason in REASONS].index(name)


@dataclass(frozen=True, slots=True)
class Places:
    """Where each specialty treats: arrays of units, one row a site, one column a specialty.

    Attributes
    ----------
    wards
        Two wards for each; the same one twice where there is one.
    admission
        Unit of the whole admission: the hospital, or the psychiatric or children's unit.
    clinics
        Outpatient units.
    """

    specialties: tuple[str, ...]
    wards: np.ndarray
    admission: np.ndarray
    clinics: np.ndarray

    def column(self, specialty: str) -> int:
        """Return the column of a specialty."""
        return self.specialties.index(specialty)


@cache
def specialties() -> tuple[str, ...]:
    """Return the specialties of the trust's units, in the order of the columns of Places."""
    return tuple(sorted({row["specialty"] for row in read_rows("specialist_units.csv")} - {""}))


@cache
def find_places(region: Region) -> Places:
    """Return the units that treat each specialty for the people of each site."""
    named = specialties()
    sites = range(len(HOSPITALS))
    wards = np.zeros((len(sites), len(named), 2), dtype=np.int64)
    clinics = np.zeros((len(sites), len(named)), dtype=np.int64)
    admission = np.zeros((len(sites), len(named)), dtype=np.int64)
    for site in sites:
        for column, specialty in enumerate(named):
            found = _find(region, "ward", specialty, site, _INSTEAD)
            wards[site, column] = (found[0], found[-1])
            clinics[site, column] = _find(
                region, "outpatient", specialty, site, _INSTEAD_OUTPATIENT
            )[0]
            admission[site, column] = _admission_unit(region, found[0], specialty)
    return Places(named, wards, admission, clinics)


def _find(
    region: Region, use: str, specialty: str, site: int, instead: dict[str, str]
) -> list[int]:
    candidates = [specialty]
    while candidates[-1] in instead:
        candidates.append(instead[candidates[-1]])
    home = region.unit(HOSPITALS[site])
    for name in candidates:
        fits = (region.units.use == use) & (region.units.specialty == name)
        here = np.flatnonzero(fits & (region.units.municipality == region.units.municipality[home]))
        if here.size:
            return [int(i) for i in here]
    fits = (region.units.use == use) & (region.units.specialty == specialty)
    for other in _NEAREST[site]:
        at = region.units.municipality[region.unit(HOSPITALS[other])]
        there = np.flatnonzero(fits & (region.units.municipality == at))
        if there.size:
            return [int(i) for i in there]
    # A specialty with wards only or visits only.
    return [home]


def _admission_unit(region: Region, ward: int, specialty: str) -> int:
    if specialty.startswith("child"):
        return int(region.units.parent[ward])
    if region.units.level[ward] == "psychiatry":
        return region.unit("phrk")
    municipality = region.units.municipality[ward]
    hospitals = [region.unit(name) for name in HOSPITALS]
    return next(h for h in hospitals if region.units.municipality[h] == municipality)


def condition_reasons() -> tuple[tuple[int, int, int], ...]:
    """Return place, illness and per mille of each reason with a lasting illness."""
    return tuple(
        (place, CONDITIONS.index(reason.condition[0]), reason.condition[1])
        for place, reason in enumerate(REASONS)
        if reason.condition is not None
    )
