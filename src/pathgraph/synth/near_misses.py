"""Plans and coordinators that lie beside a boundary: a few ordinary patients each.

Every script is played by ``N_EACH`` patients of the first block, chosen by a keyed draw among those
whose lives fit. What is not to be found is registered with the script's word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from pathgraph.synth.coordinators import ROLE_FATES, Cases
from pathgraph.synth.draws import uniform
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.needs import NEED_FATES, find_both_kinds
from pathgraph.synth.plans import OWNER_FATES, PLAN_KINDS, PLAN_SLOTS, STATUS_FATES, Plans
from pathgraph.synth.region import Region

__all__ = ["N_EACH", "CaseScript", "Cast", "PlanScript", "cast_scripts", "register_near"]

N_EACH = 6
_EMERGENCY = 2


@dataclass(frozen=True, slots=True)
class PlanScript:
    """Plans as days from the last one; see :class:`Plans` for the words.

    Attributes
    ----------
    finding, word
        What must not be found, and why it nearly is; no word where it must be found.
    who
        Which patients fit, a key of ``_fitting``.
    plans
        Each plan's differences from an active plan with an owner.
    """

    finding: str
    word: str
    who: str = "alive"
    plans: tuple[Mapping[str, str | int], ...] = ({},)


@dataclass(frozen=True, slots=True)
class CaseScript:
    """Assessments and roles of one patient.

    Attributes
    ----------
    roles
        By duty, keys of ``ROLE_FATES``.
    lag
        As in :class:`Cases`.
    also
        Another finding that must not find it, and the word for why.
    """

    finding: str
    word: str
    need: str = "needs"
    roles: tuple[str, str] = ("none", "none")
    plan_need: str = "none"
    who: str = "alive"
    lag: int = 5
    also: tuple[str, str] = ("", "")


_P, _C = PlanScript, CaseScript

PLAN_SCRIPTS = (
    _P("unowned_plans", "patient_died", "dead", ({"owner": "never", "valid_from": -1200},)),
    _P("unowned_plans", "owner_seen_within_a_year", "seen long ago", ({"owner": "person"},)),
    _P("stale_plans", "revised_on_the_day_of_the_acute_stays_end", "acute", ({"revised_on": 0},)),
    _P("stale_plans", "twelve_months_minus_a_day", "not acute", ({"valid_from": -364},)),
    _P("stale_plans", "", "not acute", ({"valid_from": -365},)),
    _P("stale_plans", "revise_by_is_today", plans=({"revised_on": -20, "revise_by": 0},)),
    _P("stale_plans", "", plans=({"valid_from": -500, "later_revision": 5},)),
    _P("stale_plans", "", plans=({"revised_on": -20, "revise_by": -1},)),
    _P("unowned_plans", "ownership_ends_tomorrow", plans=({"owner": "ends_tomorrow"},)),
    _P("unowned_plans", "employment_ends_tomorrow", plans=({"owner": "leaves_tomorrow"},)),
    _P("unowned_plans", "unit_as_owner", plans=({"owner": "unit"},)),
    _P("unowned_plans", "no_employment_recorded", plans=({"owner": "without_employment"},)),
    _P("unowned_plans", "plan_on_hold", plans=({"owner": "never", "status": "on_hold"},)),
    _P("unowned_plans", "draft", plans=({"owner": "never", "status": "draft"},)),
    _P("unowned_plans", "plan_ended_today", plans=({"owner": "never", "valid_to": 0},)),
    _P("unowned_plans", "", plans=({"owner": "never", "valid_to": 1},)),
    _P("unowned_plans", "", plans=({"owner": "left_today"},)),
    _P("unowned_plans", "", plans=({"owner": "ended_today"},)),
    _P("unowned_plans", "", plans=({"owner": "begins_tomorrow"},)),
    _P("unowned_plans", "", plans=({"owner": "closed"},)),
    _P("contested_plans", "handover_on_one_day", plans=({"owner": "handover"},)),
    _P("contested_plans", "person_and_own_unit", plans=({"owner": "person_and_unit"},)),
    _P("contested_plans", "owners_at_two_levels", plans=({"owner": "two_levels"},)),
    _P("contested_plans", "", plans=({"owner": "two_persons"},)),
    _P("contested_plans", "", plans=({"owner": "two_units"},)),
    _P("both_kinds_of_care", "plan_that_both_share", "both", ({"kind": "individual_plan"},)),
    _P("both_kinds_of_care", "owners_on_both_sides", "both", ({"owner": "two_levels"},)),
    _P("both_kinds_of_care", "", "both", ({"owner": "two_levels", "status": "on_hold"},)),
    _P("competing_plans", "one_is_on_hold", plans=({}, {"status": "on_hold"})),
    _P("competing_plans", "two_kinds", plans=({}, {"kind": "crisis_plan"})),
    _P("competing_plans", "", plans=({}, {"valid_from": -300})),
)

CASE_SCRIPTS = (
    _C(
        "late_coordinator",
        "died_before_appointment",
        who="dead",
        also=("missing_coordinator", "patient_died"),
    ),
    _C("late_coordinator", "moved_before_appointment", who="moved"),
    _C("missing_coordinator", "latest_assessment_declined", "needs_then_declined"),
    _C("missing_coordinator", "criteria_not_met", "criteria_not_met"),
    _C("missing_coordinator", "unit_only", roles=("unit", "unit")),
    _C("missing_coordinator", "role_ends_tomorrow", roles=("ends_tomorrow", "ends_tomorrow")),
    _C("missing_coordinator", "leaves_tomorrow", roles=("leaves_tomorrow", "leaves_tomorrow")),
    _C("missing_coordinator", "no_employment_recorded", roles=("without_employment", "none")),
    _C("missing_coordinator", "", "declined_then_needs"),
    _C("missing_coordinator", "", "needs_declined_later"),
    _C("missing_coordinator", "", roles=("cancer", "cancer")),
    _C("missing_coordinator", "", roles=("person", "none")),
    _C("missing_coordinator", "", roles=("none", "person")),
    _C("missing_coordinator", "", plan_need="declined"),
    _C("missing_coordinator", "", roles=("begins_tomorrow", "begins_tomorrow")),
    _C("ended_coordinator", "replaced", roles=("replaced", "none")),
    _C("ended_coordinator", "ended_more_than_a_year_ago", roles=("ended_long_ago", "none")),
    _C("ended_coordinator", "declined_since", "needs_then_declined", ("ended", "none")),
    _C("ended_coordinator", "", roles=("left_today", "none")),
    _C("ended_coordinator", "", roles=("none", "ended_today")),
    _C("ended_coordinator", "", roles=("none", "closed")),
    _C("conflicting_coordinators", "one_at_each_level", roles=("person", "person")),
    _C("conflicting_coordinators", "person_and_own_unit", roles=("person_and_unit", "none")),
    _C("conflicting_coordinators", "two_kinds_of_role", roles=("two_kinds", "none")),
    _C("conflicting_coordinators", "handover_on_one_day", roles=("none", "replaced")),
    _C("conflicting_coordinators", "", roles=("two_persons", "none")),
    _C("late_coordinator", "appointed_on_day_30", roles=("in_time", "none")),
    _C("late_coordinator", "already_had_one", roles=("person", "none"), lag=-50),
    _C("late_coordinator", "", roles=("none", "too_late")),
    _C("missing_individual_plan", "plan_declined", plan_need="declined"),
    _C("missing_individual_plan", "criteria_not_met", plan_need="criteria_not_met"),
    _C("missing_individual_plan", "", plan_need="declined_then_needs"),
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays in which script.

    Attributes
    ----------
    plans, plan_script
        The scripted plans, and the place of each one's script in ``PLAN_SCRIPTS``.
    cases, case_script
        The scripted cases, and the place of each one's script in ``CASE_SCRIPTS``.
    """

    plans: Plans
    plan_script: np.ndarray
    cases: Cases
    case_script: np.ndarray
    need: np.ndarray
    plan_need: np.ndarray
    taken: np.ndarray = field(repr=False)


def cast_scripts(region: Region, lives: Lives, seed: int, last_day: int) -> Cast:
    """Choose who plays what; nobody outside the first block, and nobody twice."""
    free = ~lives.is_drawn & (lives.first == 0)
    fitting = _fitting(lives, last_day) | {
        "both": find_both_kinds(region, lives, last_day) & (_usual_day(lives) > last_day - 300)
    }
    order = np.argsort(uniform(seed, "near misses", lives.first + np.arange(len(lives))))
    scripts = (*PLAN_SCRIPTS, *CASE_SCRIPTS)
    chosen = [order[:0]] * len(scripts)
    # What few lives fit comes first.
    for place in sorted(range(len(scripts)), key=lambda i: scripts[i].who == "alive"):
        able = order[(free & fitting[scripts[place].who])[order]]
        chosen[place] = able[:N_EACH]
        free[chosen[place]] = False
    n = len(PLAN_SCRIPTS)
    plans, plan_script = _plans(lives, last_day, chosen[:n])
    cases, case_script, need, plan_need = _cases(lives, last_day, chosen[n:])
    taken = ~free & ~lives.is_drawn & (lives.first == 0)
    return Cast(plans, plan_script, cases, case_script, need, plan_need, taken)


def _fitting(lives: Lives, last_day: int) -> dict[str, np.ndarray]:
    alive = lives.died_day == NEVER
    latest = _latest_acute(lives)
    seen = _usual_day(lives)
    is_seen = alive & (seen > last_day - 300)
    moved = (lives.moved_day > last_day - 900) & (lives.moved_day < last_day - 60)
    return {
        "alive": is_seen,
        "dead": ~alive,
        "moved": alive & moved,
        "acute": is_seen & (latest <= last_day - 30) & (latest > last_day - 300),
        "not acute": is_seen & (latest < last_day - 400),
        "seen long ago": alive & (seen > last_day - 365) & (seen <= last_day - 300),
    }


def _latest_acute(lives: Lives) -> np.ndarray:
    stays = lives.stays
    latest = np.full(len(lives), NEVER)
    ended = stays.is_acute & (stays.end_s != NEVER)
    np.maximum.at(latest, stays.patient[ended], stays.end_day[ended])
    # Who is in now has no latest end that one could go by.
    latest[stays.patient[stays.end_s == NEVER]] = NEVER
    return latest


def _seen(lives: Lives) -> np.ndarray:
    seen = lives.last_seen.copy()
    seen[:, _EMERGENCY] = NEVER
    return seen


def _usual_day(lives: Lives) -> np.ndarray:
    return np.asarray(_seen(lives).max(axis=1))


def _plans(lives: Lives, last_day: int, chosen: list[np.ndarray]) -> tuple[Plans, np.ndarray]:
    rows: list[tuple[int, int, int, Mapping[str, str | int]]] = [
        (int(person), slot, place, plan)
        for place, people in enumerate(chosen)
        for person in people
        for slot, plan in enumerate(PLAN_SCRIPTS[place].plans)
    ]
    patient = np.array([row[0] for row in rows], dtype=np.int64)
    slot = np.array([row[1] for row in rows], dtype=np.int64)
    script = np.array([row[2] for row in rows], dtype=np.int64)

    def day(name: str, default: int | None) -> np.ndarray:
        values = [row[3].get(name, default) for row in rows]
        days = [NEVER if value is None else last_day + int(value) for value in values]
        return np.array(days, dtype=np.int64)

    def place(name: str, names: tuple[str, ...], default: str) -> np.ndarray:
        return np.array([names.index(str(r[3].get(name, default))) for r in rows], dtype=np.int64)

    revised_on = day("revised_on", None)
    who = np.array([PLAN_SCRIPTS[place].who for place in script], dtype=object)
    revised_on = np.where(who == "acute", _latest_acute(lives)[patient], revised_on)
    valid_from = day("valid_from", -320)
    return Plans(
        number=(lives.first + patient) * PLAN_SLOTS + slot,
        patient=patient,
        kind=place("kind", PLAN_KINDS, "treatment_plan"),
        valid_from=valid_from,
        valid_to=day("valid_to", None),
        is_dated=np.ones(len(rows), bool),
        status=place("status", STATUS_FATES, "active"),
        status_from=valid_from,
        final_from=np.full(len(rows), last_day - 40),
        revised_on=revised_on,
        revise_by=day("revise_by", None),
        later_revision=day("later_revision", None),
        owner=place("owner", OWNER_FATES, "person"),
        level=np.argmax(_seen(lives)[patient], axis=1),
    ), script


def _cases(
    lives: Lives, last_day: int, chosen: list[np.ndarray]
) -> tuple[Cases, np.ndarray, np.ndarray, np.ndarray]:
    script = np.repeat(np.arange(len(chosen)), [len(people) for people in chosen])
    scripts = [CASE_SCRIPTS[place] for place in script]
    patient = np.concatenate([np.zeros(0, np.int64), *chosen])
    died, moved = lives.died_day[patient], lives.moved_day[patient]
    is_moved = np.array([one.who == "moved" for one in scripts], dtype=bool)
    day = np.where(died == NEVER, last_day - 200, died - 12)
    cases = Cases(
        patient=patient,
        day=np.where(is_moved, moved - 12, day),
        last=np.where(died == NEVER, last_day, died - 1),
        lag=np.array([one.lag for one in scripts], dtype=np.int64),
        kind=np.zeros(len(patient), np.int64),
        level=np.zeros(len(patient), np.int64),
        fate=np.array(
            [[ROLE_FATES.index(role) for role in one.roles] for one in scripts], dtype=np.int64
        ).reshape(len(patient), 2),
    )
    need = np.array([NEED_FATES.index(one.need) for one in scripts], dtype=np.int64)
    plan_need = np.array([NEED_FATES.index(one.plan_need) for one in scripts], dtype=np.int64)
    return cases, script, need, plan_need


def register_near(lives: Lives, cast: Cast, plan_ids: pa.Array) -> None:
    """Register what is not to be found: plans or patients, with the scripts' words."""
    near = lives.truths.near
    for place, script in enumerate(PLAN_SCRIPTS):
        which = np.flatnonzero(cast.plan_script == place)
        if not script.word or not len(which):
            continue
        column = {"plan_id": plan_ids.take(pa.array(which))}
        if script.finding in ("competing_plans", "both_kinds_of_care"):
            column = {"patient_id": lives.patient_ids(np.unique(cast.plans.patient[which]))}
        near.setdefault(script.finding, []).append(_with_word(column, script.word))
    for place, script_ in enumerate(CASE_SCRIPTS):
        which = np.flatnonzero(cast.case_script == place)
        column = {"patient_id": lives.patient_ids(cast.cases.patient[which])}
        for finding, word in ((script_.finding, script_.word), script_.also):
            if word and len(which):
                near.setdefault(finding, []).append(_with_word(column, word))


def _with_word(columns: dict[str, pa.Array], word: str) -> pa.Table:
    n = len(next(iter(columns.values())))
    return pa.table({**columns, "near_miss": pa.array([word] * n, pa.string())})
