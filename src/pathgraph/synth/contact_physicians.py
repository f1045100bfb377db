"""Contact physicians of the generated region, and the stays that have none in time.

Whether a stay is missing one or its unit records none depends on the unit's stays in the whole
region, so that a block registers every stay that is due one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from pathgraph.synth.draws import uniform
from pathgraph.synth.holders import Holders
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.near_misses import N_EACH
from pathgraph.synth.period import Period
from pathgraph.synth.plans import pick_by_weight
from pathgraph.synth.region import Region
from pathgraph.synth.role_rows import Roles

__all__ = ["draw_contact_physicians"]

_HOUR_S = 3600
_LONG_S = 96 * _HOUR_S
_YEAR_D = 365

# No statistic of the share of stays with a contact physician was found: own proposals.
_FATES = ("on the due day", "at once", "missing", "late", "elsewhere", "unit", "not yet known")
_WEIGHTS = (35, 45, 9, 5, 2, 3, 1)
_ONE_UNIT_IN = 12
"""One bed unit in so many records no contact physicians."""


@dataclass(frozen=True, slots=True)
class _Due:
    """Long stays that are due a contact physician, by place in the block's stays."""

    stay: np.ndarray
    due_day: np.ndarray
    last_day: np.ndarray
    fate: np.ndarray
    late_day: np.ndarray
    is_scripted: np.ndarray


def draw_contact_physicians(
    region: Region, lives: Lives, holders: Holders, seed: int, period: Period
) -> Roles:
    """Name contact physicians and contact psychologists for most long stays; register the rest."""
    due = _find_due(region, lives, seed, period)
    stays = lives.stays
    unit = stays.unit[due.stay]
    draw = uniform(seed, "contact physician", _ids(lives, due.stay))
    is_psychiatric = region.units.level[unit] == "psychiatry"
    level = is_psychiatric.astype(np.int64)
    nowhere = np.zeros(len(unit), np.int64)
    is_psychologist = is_psychiatric & (uniform(seed, "psychologist", _ids(lives, due.stay)) < 0.5)
    is_psychologist |= due.is_scripted & is_psychiatric
    holder = np.where(
        is_psychologist,
        holders.pick("psychologist", level, nowhere, draw),
        holders.pick("physician", level, nowhere, draw),
    )
    fate = due.fate
    holder = np.where(
        fate == _FATES.index("elsewhere"),
        holders.pick("elsewhere", np.zeros_like(level), nowhere, draw),
        holder,
    )
    holder = np.where(fate == _FATES.index("unit"), holders.as_holder(unit), holder)
    begins = np.where(fate == _FATES.index("at once"), stays.start_day[due.stay], due.due_day)
    begins = np.where(fate == _FATES.index("late"), due.late_day, begins)
    begins = np.where(fate == _FATES.index("not yet known"), period.last_day + 3, begins)
    ends = np.maximum(stays.end_day[due.stay], due.due_day + 1)
    ends = np.where(stays.end_day[due.stay] == NEVER, NEVER, ends)
    ends = np.where(fate == _FATES.index("not yet known"), NEVER, ends)
    _register(region, lives, due, period)
    _register_near(lives, due, is_psychologist, period)
    named = fate != _FATES.index("missing")
    kind = np.where(is_psychologist, "contact_psychologist", "contact_physician").astype(object)
    rows = Roles(stays.patient[due.stay], holder, kind, begins, ends)
    return rows.where(named)


def _ids(lives: Lives, stay: np.ndarray) -> np.ndarray:
    return np.asarray(lives.first * 1000 + lives.stays.first_contact[stay])


def _find_due(region: Region, lives: Lives, seed: int, period: Period) -> _Due:
    stays = lives.stays
    until = np.where(stays.end_s == NEVER, period.end_s, stays.end_s)
    due_day = period.to_working_days(stays.start_day + 1)
    is_due = (until - stays.start_s > _LONG_S) & (due_day <= period.last_day)
    is_crowded = _is_crowded(lives, due_day)
    stay = np.flatnonzero(is_due)
    ids = _ids(lives, stay)
    fate = pick_by_weight(uniform(seed, "contact physician fate", ids), _WEIGHTS)
    missing = _FATES.index("missing")
    records = _records(region, seed)[stays.unit[stay]]
    last_day = np.where(stays.end_day[stay] == NEVER, period.last_day, stays.end_day[stay])
    wait = 1 + np.floor(uniform(seed, "contact physician late", ids) * 4).astype(np.int64)
    late_day = due_day[stay] + wait
    no_room = (fate == _FATES.index("late")) & (late_day >= last_day)
    in_hospital = stays.end_day[stay] == NEVER
    no_room |= (fate == _FATES.index("not yet known")) & ~in_hospital
    is_drawn = lives.is_drawn[stays.patient[stay]]
    is_silent = ~records | is_drawn | is_crowded[stay]
    fate = np.where(is_silent | no_room, missing, fate)
    # Of the lives written by hand those over a public holiday were to be given one.
    over_holiday = is_drawn & (due_day[stay] > _next_weekday(stays.start_day[stay]))
    fate = np.where(over_holiday, _FATES.index("on the due day"), fate)
    due = _Due(stay, due_day[stay], last_day, fate, late_day, np.zeros(len(stay), bool))
    return due if lives.first else _with_scripts(due, region, lives, ~is_silent)


def _with_scripts(due: _Due, region: Region, lives: Lives, is_free: np.ndarray) -> _Due:
    """Let a few stays of the first block lie beside each boundary, however few stays there are."""
    stays = lives.stays
    fate, is_scripted = due.fate.copy(), due.is_scripted.copy()
    is_psychiatric = region.units.level[stays.unit[due.stay]] == "psychiatry"
    is_holiday = due.due_day > _next_weekday(stays.start_day[due.stay])
    has_room = due.late_day < due.last_day
    for fits, word in (
        (is_psychiatric & ~is_holiday, "at once"),
        (is_holiday, "on the due day"),
        (~is_psychiatric, "unit"),
        (~is_psychiatric, "elsewhere"),
        (~is_psychiatric & has_room, "late"),
    ):
        chosen = np.flatnonzero(fits & is_free & ~is_scripted)[:N_EACH]
        fate[chosen], is_scripted[chosen] = _FATES.index(word), True
    return replace(due, fate=fate, is_scripted=is_scripted)


def _is_crowded(lives: Lives, due_day: np.ndarray) -> np.ndarray:
    """Stays where the due day of one is not before the next one: a role would serve both."""
    stays = lives.stays
    runs_on = np.zeros(len(stays.patient), bool)
    same = stays.patient[1:] == stays.patient[:-1]
    runs_on[:-1] = same & (due_day[:-1] >= stays.start_day[1:])
    crowded = runs_on.copy()
    crowded[1:] |= runs_on[:-1]
    return crowded


def _records(region: Region, seed: int) -> np.ndarray:
    """Say which units record contact physicians at all."""
    places = np.arange(len(region.units))
    return np.asarray(
        np.floor(uniform(seed, "records", places) * _ONE_UNIT_IN).astype(np.int64) > 0
    )


def _register(region: Region, lives: Lives, due: _Due, period: Period) -> None:
    stays = lives.stays
    met = ("on the due day", "at once", "unit")
    recorded = (*met, "late", "elsewhere")
    table = pa.table(
        {
            "stay_id": lives.contact_ids(stays.first_contact[due.stay]),
            "unit": region.unit_ids(stays.unit[due.stay]),
            "is_recent": stays.start_day[due.stay] > period.last_day - _YEAR_D,
            "is_recorded": np.isin(due.fate, [_FATES.index(fate) for fate in recorded]),
            "is_met": np.isin(due.fate, [_FATES.index(fate) for fate in met]),
        }
    )
    lives.truths.found.setdefault("missing_contact_physician", []).append(table)


def _next_weekday(day: np.ndarray) -> np.ndarray:
    """Return the first day after each that is no Saturday or Sunday, public holidays included."""
    # Day 0, 1 January 1970, was a Thursday.
    weekday = (day + 1 + 3) % 7
    return day + 1 + np.where(weekday >= 5, 7 - weekday, 0)


def _register_near(lives: Lives, due: _Due, is_psychologist: np.ndarray, period: Period) -> None:
    stays = lives.stays
    holiday = due.due_day > _next_weekday(stays.start_day[due.stay])
    on_day = due.fate == _FATES.index("on the due day")
    at_once = due.fate == _FATES.index("at once")
    words = {
        "named_on_the_first_working_day_after_a_public_holiday": on_day & holiday,
        "psychologist": (on_day | at_once) & is_psychologist & ~(on_day & holiday),
        "unit_as_contact_physician": due.fate == _FATES.index("unit"),
    }
    for word, which in words.items():
        # Not all of them: every named stay would be one.
        stay = due.stay[which][:40]
        ids = lives.contact_ids(stays.first_contact[stay])
        table = pa.table({"stay_id": ids, "near_miss": pa.array([word] * len(stay), pa.string())})
        lives.truths.near.setdefault("missing_contact_physician", []).append(table)
