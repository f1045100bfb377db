"""The region's places: published municipalities, a hierarchy of units, people at work."""

from __future__ import annotations

import numpy as np

from pathgraph.synth.lives import NEVER
from pathgraph.synth.reasons import find_places
from pathgraph.synth.region import build_region, read_rows

REGION = build_region()
UNITS = REGION.units


def test_the_trust_serves_its_24_municipalities_with_their_published_population() -> None:
    places = REGION.municipalities
    assert places.n_trust == 24
    assert places.population[:24].sum() == 194_580
    by_age = dict.fromkeys(places.code[:24], 0)
    for row in read_rows("population.csv"):
        by_age[row["municipality_code"]] += int(row["population"])
    assert by_age == dict(zip(places.code[:24], places.population[:24], strict=True))
    # Northern Troms and southern Nordland, not anywhere else.
    assert (places.latitude[:24] > 68).all()
    assert (places.latitude[:24] < 70.3).all()


def test_ids_are_unique_and_every_reference_is_there() -> None:
    assert len(set(UNITS.ids)) == len(UNITS)
    assert len(set(REGION.professionals.ids)) == len(REGION.professionals)
    assert (UNITS.parent < len(UNITS)).all()
    closed = UNITS.valid_to != NEVER
    assert closed.sum() >= 3
    assert (UNITS.replaced_by[closed] != NEVER).all()
    assert not closed[UNITS.replaced_by[closed]].any()


def test_clinics_are_the_nearest_above() -> None:
    def clinic(unit: str) -> str:
        return str(UNITS.ids[REGION.clinic_of[REGION.unit(unit)]])

    assert clinic("hlk-heart-ward") == "hlk"
    assert clinic("hlk") == "hlk"
    assert clinic("psht-tromso") == "esi"
    assert clinic("home-care-5503") == "home-care-5503"
    assert clinic("hospital-narvik") == "hospital-narvik"
    assert UNITS.ids[REGION.trust_of[REGION.unit("phrk-dps-narvik-ward")]] == "trust"
    assert UNITS.ids[REGION.trust_of[REGION.unit("other-medicine-ward")]] == "other-trust"


def test_every_site_has_a_ward_and_a_clinic_for_every_specialty_that_is_used() -> None:
    places = find_places(REGION)
    for column, specialty in enumerate(places.specialties):
        if specialty in ("team", "emergency", "reception", "intensive"):
            continue
        clinics = places.clinics[:, column]
        if specialty not in ("acute_psychiatry", "stroke", "infection"):
            assert (UNITS.use[clinics] == "outpatient").all(), specialty
        wards = places.wards[:, column].ravel()
        if specialty not in ("kidney", "rheumatology"):
            assert (UNITS.use[wards] == "ward").all(), specialty
        is_child = np.unique(REGION.is_child_unit[np.concatenate([clinics, wards])])
        if specialty.startswith("child"):
            assert is_child.tolist() == [True]


def test_professionals_come_and_go() -> None:
    work = REGION.employments
    ended = work.valid_to_day != NEVER
    first = np.arange(len(REGION.professionals))
    assert 0.09 < ended[first].mean() < 0.16
    assert (work.valid_to_day[ended] > work.valid_from_day[ended]).all()
    went_on = work.professional[len(first) :]
    assert len(went_on) > 50
    assert (work.valid_from_day[len(first) :] == work.valid_to_day[went_on]).all()
    assert (work.unit[len(first) :] != work.unit[went_on]).all()
