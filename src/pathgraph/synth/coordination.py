"""Who is what for a patient in the generated region: roles, needs, plans, referrals, waiting."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pyarrow as pa

from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.contact_physicians import draw_contact_physicians
from pathgraph.synth.coordination_truths import (
    Coordination,
    register_both_kinds,
    register_coordinators,
    register_individual_plans,
    register_near_adults,
)
from pathgraph.synth.coordinators import Cases, draw_cases, role_rows
from pathgraph.synth.discharge import (
    draw_notices,
    draw_waits,
    notice_table,
    register_notices,
    register_waits,
    wait_table,
)
from pathgraph.synth.draws import uniform
from pathgraph.synth.holders import Holders, list_holders
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.near_misses import Cast, cast_scripts, register_near
from pathgraph.synth.needs import NEED_FATES, Assessments, assess, find_long_care, need_rows
from pathgraph.synth.period import Period
from pathgraph.synth.plan_tables import plan_ids, plan_tables
from pathgraph.synth.plan_truths import register_plans, share_a_plan
from pathgraph.synth.plans import Plans, draw_owners, draw_plans, join_plans, pick_by_weight
from pathgraph.synth.referral_truths import register_referrals
from pathgraph.synth.referrals import draw_outcomes, draw_referrals, referral_table
from pathgraph.synth.region import Region
from pathgraph.synth.region_tables import region_tables
from pathgraph.synth.role_rows import Roles, role_table

__all__ = ["draw_coordination", "region_tables"]

# No statistic was found: own proposals, chosen so that every case is met.
_NEED_WEIGHTS = (30, 30, 6, 8, 4, 5, 4, 4, 3, 3, 3)
_PLAN_NEED_WEIGHTS = (48, 22, 3, 10, 5, 3, 3, 2, 2, 1, 1)


def draw_coordination(
    region: Region, lives: Lives, seed: int, period: Period
) -> dict[str, pa.Table]:
    """Return the canonical tables' rows of one block; truths are added to ``lives.truths``."""
    holders = list_holders(region, period)
    cast = cast_scripts(region, lives, seed, period.last_day)
    is_free = ~lives.is_drawn & ~cast.taken
    plans = join_plans(cast.plans, draw_plans(lives, seed, period.last_day, is_free))
    plans, owners = draw_owners(plans, lives, holders, seed, period.last_day)
    register_plans(plans, owners, lives, holders, period)
    register_near(lives, cast, plan_ids(cast.plans))
    drawn = _coordinate(region, lives, seed, period, (holders, cast, plans))
    register_coordinators(drawn, lives, holders, period.last_day)
    register_individual_plans(drawn, plans, lives, period.last_day)
    shared = share_a_plan(plans, owners, lives, holders, region, period.last_day)
    register_both_kinds(region, lives, shared, period.last_day)
    roles = [drawn.roles, draw_contact_physicians(region, lives, holders, seed, period)]
    roles += [_gps(lives, holders, seed), _primary_contacts(region, lives, holders, seed)]
    return {
        "roles": role_table(Roles.together(roles), lives, holders),
        "needs": _need_table(drawn, lives, period.last_day),
        **plan_tables(plans, owners, lives, holders),
        **_between_levels(region, lives, seed, period),
    }


def _between_levels(region: Region, lives: Lives, seed: int, period: Period) -> dict[str, pa.Table]:
    referrals = draw_referrals(region, lives, seed, period)
    outcomes = draw_outcomes(referrals, lives, seed, period)
    register_referrals(region, lives, referrals, outcomes, period)
    register_near_adults(region, lives, referrals, period)
    waits = draw_waits(lives, seed, period)
    register_waits(waits, region, lives)
    notices = draw_notices(lives, waits, seed, period)
    register_notices(notices, region, lives)
    return {
        "referrals": referral_table(referrals, outcomes, region, lives, seed),
        "ready_periods": wait_table(waits, region, lives, seed),
        "notices": notice_table(notices, region, lives),
    }


def _coordinate(
    region: Region,
    lives: Lives,
    seed: int,
    period: Period,
    given: tuple[Holders, Cast, Plans],
) -> Coordination:
    """Draw needs and coordinators: of those with long care, with plans, and of some others."""
    holders, cast, plans = given
    last_day = period.last_day
    long_care = find_long_care(region, lives, last_day)
    ids = lives.first + np.arange(len(lives))
    draw = uniform(seed, "case", ids)
    has_plan = np.zeros(len(lives), bool)
    has_plan[plans.patient] = True
    stays = np.bincount(lives.stays.patient, minlength=len(lives))
    likely = 0.004 + 0.004 * np.minimum(stays, 5)
    chosen = (draw < likely) | (long_care.any(axis=1) & (draw < 0.75)) | (has_plan & (draw < 0.5))
    own = draw_cases(lives, seed, last_day, np.flatnonzero(chosen & ~lives.is_drawn & ~cast.taken))
    cases = Cases(
        **{
            field.name: np.concatenate([getattr(cast.cases, field.name), getattr(own, field.name)])
            for field in fields(Cases)
        }
    )
    need = _fates(lives, seed, "need", own.patient, _NEED_WEIGHTS)
    plan_need = _fates(lives, seed, "plan need", own.patient, _PLAN_NEED_WEIGHTS)
    need[cast.cases.patient], plan_need[cast.cases.patient] = cast.need, cast.plan_need
    first = np.zeros(len(lives), np.int64)
    last = np.zeros(len(lives), np.int64)
    first[cases.patient], last[cases.patient] = cases.day, cases.last
    return Coordination(
        cases=cases,
        roles=role_rows(cases, lives, holders, seed, last_day),
        need=assess(need, first, last),
        plan_need=assess(plan_need, first, last),
        long_care=long_care,
    )


def _fates(
    lives: Lives, seed: int, stream: str, patient: np.ndarray, weights: tuple[int, ...]
) -> np.ndarray:
    fate = np.zeros(len(lives), np.int64)
    drawn = pick_by_weight(uniform(seed, stream, lives.first + patient), weights)
    # The dead are not assessed after the last day.
    later = np.isin(drawn, [i for i, name in enumerate(NEED_FATES) if name.endswith("later")])
    fate[patient] = np.where(later & (lives.died_day[patient] != NEVER), 1, drawn)
    return fate


def _need_table(drawn: Coordination, lives: Lives, last_day: int) -> pa.Table:
    parts: list[tuple[str, Assessments]] = [
        ("coordinator", drawn.need),
        ("individual_plan", drawn.plan_need),
    ]
    rows = [(need, *need_rows(assessments, last_day)) for need, assessments in parts]
    patient = np.concatenate([row[1] for row in rows])
    day = np.concatenate([row[3] for row in rows])
    status = np.concatenate([row[2] for row in rows])
    need = np.concatenate([np.full(len(row[1]), row[0], dtype=object) for row in rows])
    order = np.lexsort((day, patient))
    return canonical_rows(
        "needs",
        len(order),
        {
            "patient_id": lives.patient_ids(patient[order]),
            "need": pa.array(need[order].tolist(), pa.string()),
            "status": pa.array(status[order].tolist(), pa.string()),
            "assessed_on": day[order],
        },
    )


def _gps(lives: Lives, holders: Holders, seed: int) -> Roles:
    """Return every patient's GP, at the practice of the municipality that they live in."""
    patient = np.flatnonzero(~lives.is_drawn & (lives.died_day == NEVER))
    draw = uniform(seed, "gp", lives.first + patient)
    level = np.full(len(patient), 3)
    holder = holders.pick("gp", level, lives.municipality[patient], draw)
    since = 16_000 + np.floor(draw * 1000).astype(np.int64)
    kind = np.full(len(patient), "gp", dtype=object)
    return Roles(patient, holder, kind, since, np.full(len(patient), NEVER))


def _primary_contacts(region: Region, lives: Lives, holders: Holders, seed: int) -> Roles:
    """Return a primary contact for most who have a municipal service, for as long as it lasts."""
    services = lives.services
    ids = lives.first * 1000 + np.arange(len(services.patient))
    chosen = (uniform(seed, "primary contact", ids) < 0.6) & ~lives.is_drawn[services.patient]
    chosen &= (services.end_day == NEVER) | (services.end_day > services.start_day)
    # One at a time: the first service of each patient and day.
    place = services.patient * 100_000 + services.start_day
    first = np.zeros(len(place), bool)
    first[np.unique(place, return_index=True)[1]] = True
    which = np.flatnonzero(chosen & first)
    level = np.full(len(which), 4)
    municipality = region.units.municipality[services.unit[which]]
    draw = uniform(seed, "primary contact holder", ids[which])
    return Roles(
        services.patient[which],
        holders.pick("steady", level, municipality, draw),
        np.full(len(which), "primary_contact", dtype=object),
        services.start_day[which],
        services.end_day[which],
    )
