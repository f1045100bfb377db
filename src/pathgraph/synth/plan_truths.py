"""What the findings about plans must find, from the plans' fates and the lives."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pathgraph.model.tables import LEVELS
from pathgraph.synth.holders import LEVEL_UNKNOWN, Holders
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.period import Period
from pathgraph.synth.plan_tables import plan_ids
from pathgraph.synth.plans import OWNER_FATES, PLAN_KINDS, Owners, Plans, is_active
from pathgraph.synth.region import Region

__all__ = ["register_plans", "share_a_plan"]

_YEAR_D, _GRACE_D = 365, 30
# From the mildest to the gravest; an owner without a reason comes before all.
_REASONS = ("", "level_left", "unit_closed", "owner_left", "ownership_ended", "never_owned")
_FINE, _LEVEL_LEFT, _CLOSED, _LEFT, _ENDED, _NEVER_OWNED = range(6)


def register_plans(
    plans: Plans, owners: Owners, lives: Lives, holders: Holders, period: Period
) -> None:
    """Register unowned, stale, contested and competing plans."""
    active = is_active(plans, lives, period.last_day)
    ids = plan_ids(plans)

    def add(finding: str, columns: dict[str, pa.Array | list[str]]) -> None:
        lives.truths.found.setdefault(finding, []).append(pa.table(columns))

    reason = np.where(active, _unowned(plans, owners, lives, holders, period), _FINE)
    unowned = np.flatnonzero(reason)
    reasons = np.array(_REASONS, dtype=object)[reason[unowned]]
    add("unowned_plans", {"plan_id": ids.take(pa.array(unowned)), "reason": reasons.tolist()})
    stale = np.flatnonzero(active & _is_stale(plans, lives, period.last_day))
    add("stale_plans", {"plan_id": ids.take(pa.array(stale))})
    fates = [OWNER_FATES.index("two_persons"), OWNER_FATES.index("two_units")]
    contested = np.flatnonzero(active & np.isin(plans.owner, fates))
    first = np.searchsorted(owners.plan, contested)
    levels = [LEVELS[level] for level in holders.level[owners.holder[first]]]
    add("contested_plans", {"plan_id": ids.take(pa.array(contested)), "level": levels})
    place = plans.patient[active] * len(PLAN_KINDS) + plans.kind[active]
    groups, count = np.unique(place, return_counts=True)
    groups = groups[count > 1]
    kinds = [PLAN_KINDS[kind] for kind in groups % len(PLAN_KINDS)]
    patients = lives.patient_ids(groups // len(PLAN_KINDS))
    add("competing_plans", {"patient_id": patients, "kind": kinds})


def _unowned(
    plans: Plans, owners: Owners, lives: Lives, holders: Holders, period: Period
) -> np.ndarray:
    """Return why a plan has no owner: the mildest reason of the ownerships that hold."""
    day = period.last_day
    begun = owners.valid_from <= day
    holds = begun & ((owners.valid_to == NEVER) | (owners.valid_to > day))
    gone = ~holders.holds(owners.holder, day)
    level = holders.level[owners.holder]
    seen = np.append(lives.last_seen, np.full((len(lives), 1), day), axis=1)
    last_seen = seen[plans.patient[owners.plan], np.minimum(level, LEVEL_UNKNOWN)]
    # What a level did in a time that is not covered is not known.
    left_behind = (last_seen <= day - _YEAR_D) & (period.first_day <= day - _YEAR_D)
    reason = np.where(left_behind, _LEVEL_LEFT, _FINE)
    reason = np.where(gone, np.where(holders.is_closed[owners.holder], _CLOSED, _LEFT), reason)
    reason = np.where(holds, reason, np.where(begun, _ENDED, _NEVER_OWNED))
    mildest = np.full(len(plans), _NEVER_OWNED)
    np.minimum.at(mildest, owners.plan, reason)
    return mildest


def _is_stale(plans: Plans, lives: Lives, day: int) -> np.ndarray:
    passed = (plans.revise_by != NEVER) & (plans.revise_by < day) & (plans.revised_on != NEVER)
    base = plans.base
    old = (base != NEVER) & (_a_year_later(base) <= day)
    stays = lives.stays
    ended = stays.is_acute & (stays.end_s != NEVER)
    latest = np.full(len(lives), NEVER)
    np.maximum.at(latest, stays.patient[ended], stays.end_day[ended])
    acute = latest[plans.patient]
    since = (base != NEVER) & (acute != NEVER) & (day - acute >= _GRACE_D) & (base < acute)
    return np.asarray(passed | old | since)


def _a_year_later(day: np.ndarray) -> np.ndarray:
    """Return the same date twelve months later; 28 February for 29 February."""
    dates = day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    in_month = (dates - months.astype("datetime64[D]")).astype(np.int64)
    later = (months + 12).astype("datetime64[D]").astype(np.int64)
    length = (months + 13).astype("datetime64[D]").astype(np.int64) - later
    return np.asarray(later + np.minimum(in_month, length - 1))


def share_a_plan(
    plans: Plans,
    owners: Owners,
    lives: Lives,
    holders: Holders,
    region: Region,
    day: int,
) -> np.ndarray:
    """Say which patients have an active plan that somatic and psychiatric care share."""
    active = is_active(plans, lives, day)
    holds = (owners.valid_from <= day) & ((owners.valid_to == NEVER) | (owners.valid_to > day))
    holds &= holders.holds(owners.holder, day)
    level = holders.level[owners.holder]
    sides = np.zeros((len(plans), 2), bool)
    for side in (0, 1):
        sides[owners.plan[holds & (level == side)], side] = True
    is_unit = owners.holder >= len(holders.professional_ids)
    spans = _spans_both(region)[holders.unit[owners.holder]]
    shared = sides.all(axis=1) | (plans.kind == PLAN_KINDS.index("individual_plan"))
    shared[owners.plan[holds & is_unit & spans]] = True
    found = np.zeros(len(lives), bool)
    found[plans.patient[active & shared]] = True
    return found


def _spans_both(region: Region) -> np.ndarray:
    """Say which units have both hospital and psychiatric ones among themselves and those below."""
    units = region.units
    spans = np.stack([units.level == "hospital", units.level == "psychiatry"], axis=1)
    at = np.arange(len(units))
    own = spans.copy()
    while (at != NEVER).any():
        at = np.where(at == NEVER, NEVER, units.parent[at])
        rows = np.flatnonzero(at != NEVER)
        np.logical_or.at(spans, at[rows], own[rows])
    return np.asarray(spans.all(axis=1))
