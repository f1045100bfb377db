"""Ready for discharge and waiting, and the notices between hospital and municipality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.draws import expand_quantiles, skewed, uniform
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region

__all__ = [
    "Notices",
    "Waits",
    "draw_notices",
    "draw_waits",
    "notice_table",
    "register_notices",
    "register_waits",
    "wait_table",
]

_HOUR_S, _DAY_S = 3600, 86_400
# Of the frail, 3.6 days on average and most of them none; the whole population 0.9 (domain.md 8.7,
# from the report's annex 3); the shape of the tail is an own proposal.
_SHARE_OF_FRAIL, _SHARE_OF_OTHERS = 0.35, 0.04
_WAIT_H = expand_quantiles([(0, 4), (250, 30), (500, 96), (750, 240), (900, 480), (1000, 1100)])
_OLD = 75

# Own proposal: most notices within a day, as agreements ask for.
_DELAY_MIN = expand_quantiles([(0, 5), (600, 400), (850, 1300), (900, 1440), (1000, 6000)])
_ANSWER_MIN = expand_quantiles([(0, 20), (700, 900), (1000, 3000)])


@dataclass(frozen=True, slots=True)
class Waits:
    """Periods of waiting: place of the stay, begin and end [s], ``NEVER`` while it goes on."""

    stay: np.ndarray
    ready_s: np.ndarray
    end_s: np.ndarray


def _ids(lives: Lives) -> np.ndarray:
    return lives.first * 1000 + lives.stays.first_contact


def _is_frail(lives: Lives, period: Period) -> np.ndarray:
    served = np.zeros(len(lives), bool)
    served[lives.services.patient] = True
    old = period.years_of(np.array([period.last_day]))[0] - lives.birth_year >= _OLD
    return np.asarray((served | old)[lives.stays.patient])


def draw_waits(lives: Lives, seed: int, period: Period) -> Waits:
    """Draw who waits for the municipality at the end of a stay, and who does on the last day."""
    stays, ids = lives.stays, _ids(lives)
    until = np.where(stays.end_s == NEVER, period.end_s, stays.end_s)
    share = np.where(_is_frail(lives, period), _SHARE_OF_FRAIL, _SHARE_OF_OTHERS)
    wait_s = skewed(seed, "ready wait", ids, _WAIT_H) * _HOUR_S
    # Nobody is ready within the first half day.
    wait_s = np.minimum(wait_s, until - stays.start_s - _DAY_S // 2)
    waits = (uniform(seed, "ready", ids) < share) & (wait_s >= _HOUR_S) & ~stays.ended_dead
    stay = np.flatnonzero(waits & ~lives.is_drawn[stays.patient])
    ready_s, end_s = (until - wait_s)[stay], stays.end_s[stay]
    broken = (wait_s[stay] > 3 * _DAY_S) & (uniform(seed, "not ready", ids[stay]) < 0.05)
    third = wait_s[stay] // 3
    first = Waits(stay[broken], ready_s[broken], (ready_s + third)[broken])
    ready_s = np.where(broken, ready_s + 2 * third, ready_s)
    order = np.argsort(np.concatenate([first.stay, stay]), kind="stable")
    return Waits(
        np.concatenate([first.stay, stay])[order],
        np.concatenate([first.ready_s, ready_s])[order],
        np.concatenate([first.end_s, end_s])[order],
    )


def wait_table(waits: Waits, region: Region, lives: Lives, seed: int) -> pa.Table:
    """Return the rows of ``ready_periods``; in a few the municipality is not recorded."""
    stays = lives.stays
    known = uniform(seed, "ready municipality", waits.ready_s) >= 0.03
    municipality = np.where(known, stays.municipality[waits.stay], NEVER)
    return canonical_rows(
        "ready_periods",
        len(waits.stay),
        {
            "contact_id": lives.contact_ids(stays.last_contact[waits.stay]),
            "ready_at": waits.ready_s,
            "ended_at": waits.end_s,
            "municipality_code": region.municipality_codes(municipality),
        },
    )


def register_waits(waits: Waits, region: Region, lives: Lives) -> None:
    """Register stays, stays with waiting and people waiting by municipality and unit."""
    stays = lives.stays
    waited = np.zeros(len(stays.patient), bool)
    waited[waits.stay] = True
    now = np.zeros(len(stays.patient), bool)
    now[waits.stay[waits.end_s == NEVER]] = True
    counts = ((stays.end_s != NEVER) & ~stays.ended_dead) | now
    place = stays.municipality[counts] * len(region.units) + stays.unit[counts]
    groups, at = np.unique(place, return_inverse=True)
    lives.truths.found.setdefault("ready_for_discharge_days", []).append(
        pa.table(
            {
                "municipality_code": region.municipality_codes(groups // len(region.units)),
                "unit": region.unit_ids(groups % len(region.units)),
                "n_stays": np.bincount(at, minlength=len(groups)),
                "n_with_waiting": _sums(at, waited[counts], len(groups)),
                "n_waiting": _sums(at, now[counts], len(groups)),
            }
        )
    )


def _sums(at: np.ndarray, yes: np.ndarray, n: int) -> np.ndarray:
    return np.bincount(at[yes], minlength=n)


@dataclass(frozen=True, slots=True)
class Notices:
    """Notices: place of the stay, whether about its first contact, kind, when [s]."""

    stay: np.ndarray
    is_first: np.ndarray
    kind: np.ndarray
    sent_s: np.ndarray


def draw_notices(lives: Lives, waits: Waits, seed: int, period: Period) -> Notices:
    """Draw notices of stays of the frail, those on being ready, and the answers to these."""
    stays, ids = lives.stays, _ids(lives)
    told = _is_frail(lives, period) & ~lives.is_drawn[stays.patient]
    told &= uniform(seed, "notice", ids) < 0.85
    delay_s = skewed(seed, "notice delay", ids, _DELAY_MIN) * 60
    # A whole day exactly is not late: near misses.
    delay_s = np.where(uniform(seed, "notice at 24 h", ids) < 0.02, _DAY_S, delay_s)
    admitted = np.flatnonzero(told)
    gone = np.flatnonzero(told & (stays.end_s != NEVER) & ~stays.ended_dead)
    late_s = skewed(seed, "notice discharged", ids, _DELAY_MIN) * 60
    answer_s = skewed(seed, "notice answer", waits.ready_s, _ANSWER_MIN) * 60
    yes = uniform(seed, "notice yes", waits.ready_s) < 0.7
    answer = np.where(yes, "can_receive", "cannot_receive").astype(object)
    again = waits.stay[:-1][waits.stay[1:] == waits.stay[:-1]]
    not_ready = np.isin(waits.stay, again) & (waits.end_s != stays.end_s[waits.stay])
    parts = (
        (admitted, True, _kinds("admitted", admitted), (stays.start_s + delay_s)[admitted]),
        (waits.stay, False, _kinds("ready", waits.stay), waits.ready_s + 300),
        (waits.stay, False, answer, waits.ready_s + 300 + answer_s),
        (
            waits.stay[not_ready],
            False,
            _kinds("not_ready", waits.stay[not_ready]),
            waits.end_s[not_ready],
        ),
        (gone, False, _kinds("discharged", gone), (stays.end_s + late_s)[gone]),
    )
    stay = np.concatenate([part[0] for part in parts])
    sent_s = np.concatenate([part[3] for part in parts])
    order = np.lexsort((sent_s, stay))
    order = order[sent_s[order] < period.end_s]
    is_first = np.concatenate([np.full(len(part[0]), part[1]) for part in parts])
    kind = np.concatenate([part[2] for part in parts])
    return Notices(stay[order], is_first[order], kind[order], sent_s[order])


def _kinds(kind: str, like: np.ndarray) -> np.ndarray:
    return np.full(len(like), kind, dtype=object)


def notice_table(notices: Notices, region: Region, lives: Lives) -> pa.Table:
    """Return the rows of ``notices``."""
    stays = lives.stays
    contact = np.where(
        notices.is_first, stays.first_contact[notices.stay], stays.last_contact[notices.stay]
    )
    return canonical_rows(
        "notices",
        len(contact),
        {
            "contact_id": lives.contact_ids(contact),
            "kind": pa.array(notices.kind.tolist(), pa.string()),
            "sent_at": notices.sent_s,
            "municipality_code": region.municipality_codes(stays.municipality[notices.stay]),
        },
    )


def register_notices(notices: Notices, region: Region, lives: Lives) -> None:
    """Register notices of admission and late ones by municipality and unit of the first contact."""
    stays = lives.stays
    unit = stays.first_unit
    rows = np.flatnonzero(notices.kind == "admitted")
    stay = notices.stay[rows]
    late = notices.sent_s[rows] - stays.start_s[stay] > _DAY_S
    place = stays.municipality[stay] * len(region.units) + unit[stay]
    groups, at = np.unique(place, return_inverse=True)
    lives.truths.found.setdefault("late_notice_to_municipality", []).append(
        pa.table(
            {
                "municipality_code": region.municipality_codes(groups // len(region.units)),
                "unit": region.unit_ids(groups % len(region.units)),
                "n_notices": np.bincount(at, minlength=len(groups)),
                "n_late": _sums(at, late, len(groups)),
            }
        )
    )
