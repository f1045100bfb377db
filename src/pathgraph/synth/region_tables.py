"""What holds for the whole generated region: contact points, agreements, catchments, coverage.

Some is left out on purpose, for findings on contact points and agreements.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pyarrow as pa

from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.holders import further_people, list_holders
from pathgraph.synth.lives import NEVER
from pathgraph.synth.period import Period
from pathgraph.synth.region import HOSPITALS, Region

__all__ = [
    "NO_AGREEMENT",
    "NO_CONTACT_POINT",
    "SOON_NO_AGREEMENT",
    "SOON_NO_CONTACT_POINT",
    "region_tables",
]

_SINCE = 16_436
"""1 January 2015."""

_NEVER_HAD, _ENDED, _HOLDER_LEFT = "5546", "5528", "5514"
NO_CONTACT_POINT = (_NEVER_HAD, _ENDED, _HOLDER_LEFT)
"""Municipalities for which nobody answers on the last day."""

SOON_NO_CONTACT_POINT = "5518"
"""Its contact point ends the day after the last one."""

_EXPIRED = ("k3k-surgery", "mk-medicine")
NO_AGREEMENT = (("hlk-heart", "mk-medicine"), ("mk-geriatrics", "nor-orthopaedics"), _EXPIRED)
"""Departments that hand patients over to each other without an agreement in force."""

SOON_NO_AGREEMENT = ("k3k-surgery", "nor-orthopaedics")
"""Their agreement ends the day after the last one."""

# Invented shares of the referrals to the teams that each clinic was to send.
_PLAN = (("mk", 30), ("hlk", 20), ("nor", 22), ("k3k", 12), ("akutt", 8), ("phrk", 8))
_TEAM_AREAS = ("psht-tromso", "psht-harstad", "psht-narvik")


def region_tables(region: Region, seed: int, period: Period) -> dict[str, pa.Table]:
    """Return the rows that hold for the whole region.

    ``professionals`` and ``employments`` are further rows, beside those of the region itself.
    """
    return {
        **further_people(region, period),
        "contact_points": _contact_points(region, period),
        "agreements": _agreements(region, period),
        "unit_serves": _unit_serves(region),
        "expectations": _expectations(region, period),
        "coverage": _coverage(region, period),
    }


def _contact_points(region: Region, period: Period) -> pa.Table:
    codes = region.municipalities.code[: region.municipalities.n_trust]
    kept = [i for i, code in enumerate(codes) if code != _NEVER_HAD]
    units = [region.unit(f"coordinating-unit-{codes[i]}") for i in kept]
    holders = list_holders(region, period)
    holder = holders.as_holder(np.array(units))
    ends = np.full(len(kept), NEVER)
    for place, i in enumerate(kept):
        if codes[i] == _HOLDER_LEFT:
            level, here = np.array([4]), np.array([i])
            holder[place] = holders.pick("left", level, here, np.array([0.5]))[0]
        elif codes[i] == _ENDED:
            ends[place] = period.last_day - 60
        elif codes[i] == SOON_NO_CONTACT_POINT:
            ends[place] = period.last_day + 1
    return canonical_rows(
        "contact_points",
        len(kept),
        {
            **holders.columns(holder),
            "municipality_code": region.municipality_codes(np.array(kept)),
            "valid_from": np.full(len(kept), _SINCE),
            "valid_to": ends,
        },
    )


def _agreements(region: Region, period: Period) -> pa.Table:
    """Return an agreement between every two departments of the trust but those left out."""
    units = region.units
    own = region.trust_of == region.unit("trust")
    departments = sorted(units.ids[own & (units.kind == "department")])
    pairs = [pair for pair in combinations(departments, 2) if pair not in NO_AGREEMENT[:2]]
    ends = [
        period.last_day - 200
        if pair == _EXPIRED
        else period.last_day + 1
        if pair == SOON_NO_AGREEMENT
        else NEVER
        for pair in pairs
    ]
    return canonical_rows(
        "agreements",
        len(pairs),
        {
            "unit_id": [pair[0] for pair in pairs],
            "other_unit_id": [pair[1] for pair in pairs],
            "valid_from": np.full(len(pairs), _SINCE),
            "valid_to": ends,
        },
    )


def _unit_serves(region: Region) -> pa.Table:
    """Return the catchments: hospitals and teams by hospital area, municipal units their own."""
    units, n = region.units, region.municipalities.n_trust
    pairs = [
        (region.unit(name), municipality)
        for names in (HOSPITALS, _TEAM_AREAS)
        for site, name in enumerate(names)
        for municipality in np.flatnonzero(region.municipalities.site[:n] == site).tolist()
    ]
    local = np.isin(units.level.astype(str), ("gp", "municipal")) & (units.municipality < n)
    pairs += [(int(unit), int(units.municipality[unit])) for unit in np.flatnonzero(local)]
    return canonical_rows(
        "unit_serves",
        len(pairs),
        {
            "unit_id": region.unit_ids(np.array([pair[0] for pair in pairs])),
            "municipality_code": region.municipality_codes(np.array([pair[1] for pair in pairs])),
        },
    )


def _expectations(region: Region, period: Period) -> pa.Table:
    years = period.years_of(np.array([period.first_day, period.last_day])).tolist()
    rows = [
        (unit, str(year), percent / 100)
        for year in range(years[0], years[1] + 1)
        for unit, percent in _PLAN
    ]
    return canonical_rows(
        "expectations",
        len(rows),
        {
            "unit_id": [row[0] for row in rows],
            "measure": ["referrals_to_teams"] * len(rows),
            "period": [row[1] for row in rows],
            "expected": [row[2] for row in rows],
            "basis": ["share"] * len(rows),
        },
    )


def _coverage(region: Region, period: Period) -> pa.Table:
    """Return what the sources cover: specialist levels for all, the others by municipality."""
    levels = [("hospital", NEVER), ("psychiatry", NEVER), ("emergency", NEVER)]
    levels += [
        (level, municipality)
        for level in ("gp", "municipal")
        for municipality in range(region.municipalities.n_trust)
    ]
    n = len(levels)
    return canonical_rows(
        "coverage",
        n,
        {
            "source": ["generated region"] * n,
            "level": [row[0] for row in levels],
            "municipality_code": region.municipality_codes(np.array([row[1] for row in levels])),
            "covered_from": np.full(n, period.first_day),
            "covered_to": np.full(n, period.last_day + 1),
        },
    )
