"""What the findings about coordinators and about care on two sides must find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pathgraph.synth.coordinators import (
    COORDINATOR_KINDS,
    Cases,
    conflicting,
    find_ended,
    find_late,
    is_satisfied,
)
from pathgraph.synth.holders import Holders
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.needs import (
    RULINGS,
    YEAR_D,
    Assessments,
    find_both_kinds,
    find_coordination_needs,
)
from pathgraph.synth.period import Period
from pathgraph.synth.plans import PLAN_KINDS, Plans, is_active
from pathgraph.synth.referrals import Referrals
from pathgraph.synth.region import Region
from pathgraph.synth.role_rows import Roles

__all__ = [
    "Coordination",
    "register_both_kinds",
    "register_coordinators",
    "register_individual_plans",
    "register_near_adults",
]

DUTIES = ("specialist", "municipal")


@dataclass(frozen=True, slots=True)
class Coordination:
    """What was drawn of needs and coordinators in one block.

    Attributes
    ----------
    need, plan_need
        Assessments of the needs of a coordinator and of an individual plan.
    long_care
        As :func:`find_long_care` returns it.
    """

    cases: Cases
    roles: Roles
    need: Assessments
    plan_need: Assessments
    long_care: np.ndarray


def _add(lives: Lives, finding: str, columns: dict[str, pa.Array | list[str]]) -> None:
    lives.truths.found.setdefault(finding, []).append(pa.table(columns))


def _texts(words: tuple[str, ...], places: np.ndarray) -> list[str]:
    return [words[place] for place in places.tolist()]


def register_coordinators(
    drawn: Coordination, lives: Lives, holders: Holders, last_day: int
) -> None:
    """Register who should have a coordinator, and missing, ended, double and late ones."""
    recorded, by_care = find_coordination_needs(lives, drawn.need, drawn.long_care, last_day)
    satisfied = is_satisfied(drawn.roles, lives, holders, last_day)
    for finding, which in (
        ("coordination_need", recorded | by_care),
        ("missing_coordinator", (recorded | by_care) & ~satisfied),
    ):
        patient, duty = np.nonzero(which)
        basis = np.where(recorded[patient, duty], "recorded_need", "proxy")
        _add(
            lives,
            finding,
            {
                "patient_id": lives.patient_ids(patient),
                "duty_level": _texts(DUTIES, duty),
                "basis": basis.tolist(),
            },
        )
    ended = find_ended(drawn.roles, lives, holders, drawn.need, last_day)
    _add(
        lives,
        "ended_coordinator",
        {
            "patient_id": lives.patient_ids(ended.patient),
            "duty_level": _texts(DUTIES, ended.duty),
            "reason": pa.array(ended.reason.tolist(), pa.string()),
        },
    )
    case, duty = np.nonzero(conflicting(drawn.cases, lives))
    _add(
        lives,
        "conflicting_coordinators",
        {
            "patient_id": lives.patient_ids(drawn.cases.patient[case]),
            "duty_level": _texts(DUTIES, duty),
            "kind": _texts(COORDINATOR_KINDS, drawn.cases.kind[case]),
        },
    )
    patient, status = find_late(drawn.roles, lives, drawn.need, last_day)
    columns = {"patient_id": lives.patient_ids(patient), "status": status.tolist()}
    _add(lives, "late_coordinator", columns)


def register_individual_plans(
    drawn: Coordination, plans: Plans, lives: Lives, last_day: int
) -> None:
    """Register who should have an individual plan and has none."""
    has_plan = np.zeros(len(lives), bool)
    active = is_active(plans, lives, last_day)
    has_plan[plans.patient[active & (plans.kind == PLAN_KINDS.index("individual_plan"))]] = True
    recorded, by_care = find_coordination_needs(lives, drawn.need, drawn.long_care, last_day)
    ruling = drawn.plan_need.ruling
    needs = (ruling == RULINGS.index("needs")) & (lives.died_day == NEVER)
    unsaid = np.isin(ruling, (RULINGS.index("none"), RULINGS.index("unknown")))
    basis = np.full(len(lives), "", dtype=object)
    basis[unsaid & by_care.any(axis=1)] = "proxy"
    basis[unsaid & recorded.any(axis=1)] = "coordinator_need"
    basis[needs] = "recorded_need"
    patient = np.flatnonzero((basis != "") & ~has_plan)
    _add(
        lives,
        "missing_individual_plan",
        {"patient_id": lives.patient_ids(patient), "basis": basis[patient].tolist()},
    )


def register_both_kinds(
    region: Region, lives: Lives, has_shared_plan: np.ndarray, last_day: int
) -> None:
    """Register who was seen on both sides in the last year and has no plan that both share."""
    found = find_both_kinds(region, lives, last_day) & ~has_shared_plan
    patients = lives.patient_ids(np.flatnonzero(found))
    _add(lives, "both_kinds_of_care", {"patient_id": patients})


def register_near_adults(
    region: Region, lives: Lives, referrals: Referrals, period: Period
) -> None:
    """Register where those who soon turn 18 were seen or referred, and how young each unit's are.

    Which units are child units is a question of the whole region: the answer key decides.
    """
    dates = lives.specialist
    counted = (region.units.kind[dates.unit] != "team") & (dates.day <= period.last_day)
    born = lives.birth_year[dates.patient]
    is_young = period.years_of(dates.day) - born <= 17
    units, at = np.unique(dates.unit[counted & (born != NEVER)], return_inverse=True)
    young = is_young[counted & (born != NEVER)]
    _add(
        lives,
        "_contacts_of_units",
        {
            "unit": region.unit_ids(units),
            "n_contacts": np.bincount(at, minlength=len(units)),
            "n_young": np.bincount(at[young], minlength=len(units)),
        },
    )
    year = int(period.years_of(np.array([period.last_day + 1]))[0])
    soon = (lives.birth_year == year - 18) & (lives.died_day == NEVER)
    recent = dates.day > period.last_day - YEAR_D
    seen = np.flatnonzero(counted & recent & soon[dates.patient])
    sent_day = period.days(referrals.sent_s)
    units_to = np.maximum(referrals.to_unit, 0)
    sent = np.flatnonzero(
        soon[referrals.patient]
        & (sent_day > period.last_day - YEAR_D)
        & (referrals.to_unit != NEVER)
        & np.isin(region.units.level[units_to].astype(str), ("hospital", "psychiatry"))
        & (region.units.kind[units_to] != "team")
    )
    patient = np.concatenate([dates.patient[seen], referrals.patient[sent]])
    unit = np.concatenate([dates.unit[seen], referrals.to_unit[sent]])
    _add(
        lives,
        "_seen_before_18",
        {
            "patient_id": lives.patient_ids(patient),
            "unit": region.unit_ids(unit),
            "is_contact": np.arange(len(patient)) < len(seen),
        },
    )
    _nearly_adults(region, lives, referrals.patient[sent], referrals.to_unit[sent])


def _nearly_adults(region: Region, lives: Lives, patient: np.ndarray, to_unit: np.ndarray) -> None:
    """Register as near misses those who were referred to a unit for adults."""
    adult = np.unique(patient[~region.is_child_unit[to_unit]])
    word = pa.array(["referred_to_an_adult_unit"] * len(adult), pa.string())
    table = pa.table({"patient_id": lives.patient_ids(adult), "near_miss": word})
    lives.truths.near.setdefault("child_to_adult", []).append(table)
