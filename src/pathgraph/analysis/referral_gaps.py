"""How many eligible patients of each unit were referred, and how many were expected to be.

Tables in, tables out. The methods, with their sources, are those of
``docs/definitions.md#referral-gaps``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from pathgraph.analysis.detection_power import power_of_units
from pathgraph.analysis.funnel import funnel, overdispersion
from pathgraph.analysis.observed_expected import against_expected, benjamini_hochberg
from pathgraph.analysis.shrinkage import shrunk_ratios
from pathgraph.analysis.standardised import against_others, expected_of_units

__all__ = ["STRATA", "gaps_of_units", "referred_by_referrer", "with_strata"]

STRATA = (
    "age",
    "sex",
    "acute_stays",
    "both_kinds",
    "municipality_group",
    "diagnosis_group",
)
"""What patients can be divided by, so that like is compared with like."""

_AGE_BAND = 5
_OLDEST = 95
_MOST_STAYS = 3
_GROUPS = ((0, "below_5000"), (5_000, "5000_to_19999"), (20_000, "20000_or_more"))
"""Fewest inhabitants of each group of municipalities; own proposal."""

_BY_OTHERS = ("other_clinic", "gp", "municipal_service", "patient", "relative", "other")
_COUNTED = {
    "n_by_clinic": ("own_clinic",),
    "n_asked_by_team": ("asked_by_team",),
    "n_by_others": _BY_OTHERS,
    "n_sender_unknown": ("not_recorded",),
}


def with_strata(patients: pd.DataFrame, population: Mapping[str, float]) -> pd.DataFrame:
    """Return the patients with a column for each of :data:`STRATA`.

    Parameters
    ----------
    patients
        ``age`` [years, null where not known], ``sex``, ``n_acute_stays``, ``criteria`` (lists of
        codes), ``municipality_code``, ``diagnosis_group`` (null where none was loaded).
    population
        Inhabitants by municipality.
    """
    age = patients["age"].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    band = np.minimum(age // _AGE_BAND * _AGE_BAND, _OLDEST)
    inhabitants = patients["municipality_code"].map(population)
    group = np.select(
        [inhabitants >= fewest for fewest, _ in reversed(_GROUPS)],
        [name for _, name in reversed(_GROUPS)],
        default="not_known",
    )
    return patients.assign(
        age=pd.Series(band, patients.index),
        acute_stays=patients["n_acute_stays"].clip(upper=_MOST_STAYS),
        both_kinds=[("both_kinds_of_care" in codes) for codes in patients["criteria"]],
        municipality_group=group,
    )


def gaps_of_units(
    patients: pd.DataFrame, *, by: str, strata: Sequence[str], true_ratio: float
) -> pd.DataFrame:
    """Compare how many of each unit's patients were referred with how many were expected to be.

    Parameters
    ----------
    patients
        One row a patient who counts: the column ``by``, ``referred_by`` (null where not referred),
        ``competing`` (null where nothing came between), and ``strata``.
    by
        Column of the unit.
    strata
        Of :data:`STRATA`; none takes the trust's own mean.
    true_ratio
        Of observed to expected; the power to notice it is worked out.

    Returns
    -------
    One row a unit: the column ``by``, and the columns of the finding ``referral_gaps``.
    """
    is_referred = patients["referred_by"].notna()
    asked = patients.assign(is_referred=is_referred)
    units = expected_of_units(asked, unit=by, hit="is_referred", strata=strata)
    # What is expected rests on the others' patients, who are few against the largest unit's.
    p_value = against_others(asked, unit=by, hit="is_referred", strata=strata)["p_value"]
    compared = against_expected(units)
    tau2 = overdispersion(units).tau2
    return pd.DataFrame(
        {
            by: units[by],
            "n_eligible": units["eligible"],
            "n_referred": units["observed"],
            "n_not_referred": units["eligible"] - units["observed"],
            **_tallies(patients, by, units[by]),
            "share": units["observed"] / units["eligible"],
            "expected": units["expected"],
            "gap": units["expected"] - units["observed"],
            "observed_to_expected": compared["observed_to_expected"],
            "ratio_low": compared["ratio_low"],
            "ratio_high": compared["ratio_high"],
            "p_value": p_value,
            "adjusted_p_value": benjamini_hochberg(p_value),
            "shrunk_ratio": shrunk_ratios(units)["shrunk_ratio"],
            "position": funnel(units, tau2=tau2)["position"],
            "power": power_of_units(units, true_ratio=true_ratio)["power"],
            "n_coarser": units["n_coarser"],
            "reason": units["reason"].where(units["reason"].notna(), compared["reason"]),
        }
    )


def referred_by_referrer(patients: pd.DataFrame) -> pd.DataFrame:
    """Return how many were referred by each sort of referrer; nothing is expected of these."""
    n_by = patients["referred_by"].value_counts()
    codes = [code for code in n_by.index if isinstance(code, str)]
    rows = pd.DataFrame(
        {"referred_by": pd.Series(codes, dtype="object"), "n_referred": n_by[codes].to_numpy()}
    )
    tallies = {
        name: np.where(rows["referred_by"].isin(group), rows["n_referred"], 0)
        for name, group in _COUNTED.items()
    }
    return rows.assign(
        n_eligible=len(patients),
        n_not_referred=len(patients) - rows["n_referred"],
        share=rows["n_referred"] / max(len(patients), 1),
        n_competing=0,
        n_coarser=0,
        reason="not_a_place",
        **tallies,
    )


def _tallies(patients: pd.DataFrame, by: str, units: pd.Series[str]) -> dict[str, np.ndarray]:
    """Return how many of each unit's patients were referred by whom, and died or moved."""
    unit = pd.Categorical(patients[by].where(patients[by].notna(), ""), units.fillna(""))
    flags = {
        name: patients["referred_by"].isin(group).to_numpy(dtype=bool)
        for name, group in _COUNTED.items()
    }
    flags["n_competing"] = patients["competing"].notna().to_numpy(dtype=bool)
    return {
        name: np.bincount(unit.codes, weights=flag, minlength=len(units)).astype(np.int64)
        for name, flag in flags.items()
    }
