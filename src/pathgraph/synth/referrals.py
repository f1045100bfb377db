"""Referrals of the generated region: to the patient-centred teams, between clinics, from GPs."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pyarrow as pa

from pathgraph.synth.canonical import canonical_rows
from pathgraph.synth.draws import uniform
from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.near_misses import N_EACH
from pathgraph.synth.period import Period
from pathgraph.synth.plans import pick_by_weight
from pathgraph.synth.region import Region
from pathgraph.synth.teams import (
    UNDER_REFERRAL_PER_CENT,
    UNDER_REFERRING,
    team_episodes,
    team_of,
)

__all__ = ["Outcomes", "Referrals", "draw_outcomes", "draw_referrals", "referral_table"]

# 870 referrals in 2022 (anchors/psht_totals.csv) among the 194,580 inhabitants of the region.
_A_PERSON_AND_YEAR = 870 / 194_580
# Of 870: 48 without a referrer; of the 822 others two thirds the trust's own, GPs 11 %.
_UNKNOWN, _OWN, _GP = 48, 548, 90
_ALL = 870
# Own proposal: of the trust's own referrals so many came to nothing.
_SHARE_REFUSED = 0.08
_MEETING_MIN = 9 * 60
_DAY_S, _NOON_S = 86_400, 43_200

_OUTCOMES = ("accepted", "rejected", "declined")
_OUTCOME_WEIGHTS = (80, 13, 7)
_REASONS = ("multimorbidity", "repeated_admissions", "functional_decline", "mental_health", "")
_OTHERS = ("municipal_service", "patient", "relative")


@dataclass(frozen=True, slots=True)
class Referrals:
    """Referrals of one block; instants in s, ``NEVER`` for what did not happen.

    Attributes
    ----------
    number
        Tells referrals of one block apart.
    meeting_s
        First meeting where the lives say so; ``NEVER`` where it is still to be drawn.
    is_refused
        The outcome cannot be acceptance: no contacts followed.
    drawn
        Place among the referrals written by hand, NEVER for the others.
    """

    number: np.ndarray
    patient: np.ndarray
    from_unit: np.ndarray
    to_unit: np.ndarray
    referrer: np.ndarray
    sent_s: np.ndarray
    meeting_s: np.ndarray
    is_refused: np.ndarray
    drawn: np.ndarray

    @staticmethod
    def together(parts: list[Referrals]) -> Referrals:
        """Return all referrals, in order of patient and time."""
        columns = [np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Referrals)]
        order = np.lexsort((columns[0], columns[5], columns[1]))
        return Referrals(*(column[order] for column in columns))


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of referrals; instants in s, ``NEVER`` for what did not happen, "" for no code."""

    ids: list[str]
    assessed_s: np.ndarray
    outcome: np.ndarray
    initiator: np.ndarray
    first_meeting_s: np.ndarray
    closed_s: np.ndarray


def draw_referrals(region: Region, lives: Lives, seed: int, period: Period) -> Referrals:
    """Draw referrals: as many to the teams as published, others as they would be met."""
    return Referrals.together(
        [
            _episodes(region, lives, seed, period),
            _refused(region, lives, seed, period),
            _of_others(region, lives, seed, period),
            _to_adult_units(region, lives, seed, period),
            _of_gps(region, lives, seed, period),
            _by_hand(region, lives),
        ]
    )


def _n_to_teams(lives: Lives, period: Period) -> int:
    return int(len(lives) * period.years * _A_PERSON_AND_YEAR + 0.5)


def _episodes(region: Region, lives: Lives, seed: int, period: Period) -> Referrals:
    """Referrals by the trust's own wards that contacts with a team followed."""
    stays = lives.stays
    episodes = team_episodes(region, seed, lives, stays, period)
    stay = episodes.stay
    unknown = uniform(seed, "referrer unknown", _ids(lives, stay)) < _UNKNOWN / 2 / (_OWN + 24)
    within_s = np.minimum(stays.end_s[stay] - stays.start_s[stay], _DAY_S)
    before = uniform(seed, "team referral sent", _ids(lives, stay))
    meeting_s = period.instants(episodes.meeting_day, _MEETING_MIN)
    return _referrals(
        number=stay,
        patient=stays.patient[stay],
        from_unit=np.where(unknown, NEVER, stays.unit[stay]),
        to_unit=episodes.team,
        referrer=np.where(unknown, "", "hospital").astype(object),
        sent_s=stays.end_s[stay] - np.floor(before * within_s).astype(np.int64),
        meeting_s=meeting_s,
    )


def _ids(lives: Lives, stay: np.ndarray) -> np.ndarray:
    return np.asarray(lives.first * 1000 + lives.stays.first_contact[stay])


def _referrals(
    *,
    number: np.ndarray,
    patient: np.ndarray,
    from_unit: np.ndarray,
    to_unit: np.ndarray,
    referrer: np.ndarray,
    sent_s: np.ndarray,
    meeting_s: np.ndarray | None = None,
    is_refused: bool = False,
) -> Referrals:
    if meeting_s is None:
        meeting_s = np.full(len(number), NEVER)
    refused = np.full(len(number), is_refused)
    drawn = np.full(len(number), NEVER)
    return Referrals(
        number, patient, from_unit, to_unit, referrer, sent_s, meeting_s, refused, drawn
    )


def _by_hand(region: Region, lives: Lives) -> Referrals:
    """Referrals of the lives written by hand, to the team of Tromsø."""
    own = lives.drawn_referrals
    units = [region.unit(one.from_unit) if one.from_unit else NEVER for one in own]
    place = np.arange(len(own))
    referrals = _referrals(
        number=800_000 + place,
        patient=np.array([one.patient for one in own], dtype=np.int64),
        from_unit=np.array(units, dtype=np.int64),
        to_unit=np.full(len(own), region.unit("psht-tromso")),
        referrer=np.array([one.referrer for one in own], dtype=object),
        sent_s=np.array([one.sent_s for one in own], dtype=np.int64),
    )
    return replace(referrals, drawn=place)


def _refused(region: Region, lives: Lives, seed: int, period: Period) -> Referrals:
    """Referrals by the trust's own wards that came to nothing, of the often ill before others."""
    stays = lives.stays
    often = np.bincount(stays.patient[stays.is_acute], minlength=len(lives))[stays.patient]
    under = [region.unit(name) for name in UNDER_REFERRING]
    weight = 1.0 + np.minimum(often, 4)
    weight *= np.where(
        np.isin(region.clinic_of[stays.unit], under), UNDER_REFERRAL_PER_CENT / 100, 1.0
    )
    possible = (region.trust_of[stays.unit] == region.unit("trust")) & stays.is_acute
    possible &= ~lives.is_drawn[stays.patient] & (stays.end_s != NEVER) & ~stays.ended_dead
    possible &= ~region.is_child_unit[stays.unit]
    n = min(int(_n_to_teams(lives, period) * _SHARE_REFUSED + 0.5), int(possible.sum()))
    draw = uniform(seed, "team refuses", lives.first * 1000 + stays.first_contact)
    stay = np.argsort(np.where(possible, draw / weight, np.inf), kind="stable")[:n]
    patient = stays.patient[stay]
    return _referrals(
        number=400_000 + stay,
        patient=patient,
        from_unit=stays.unit[stay],
        to_unit=team_of(region)[lives.municipality[patient]],
        referrer=np.full(len(stay), "hospital", dtype=object),
        sent_s=stays.end_s[stay] - 3 * 3600,
        is_refused=True,
    )


def _of_others(region: Region, lives: Lives, seed: int, period: Period) -> Referrals:
    """Referrals to the teams by GPs, municipal services, patients and relatives."""
    year = period.years_of(np.array([period.last_day]))[0]
    alive = (lives.died_day == NEVER) & ~lives.is_drawn & (year - lives.birth_year >= 18)
    served = np.zeros(len(lives), bool)
    served[lives.services.patient] = True
    ids = lives.first + np.arange(len(lives))
    key = uniform(seed, "team referral of others", ids) / np.where(served, 20.0, 1.0)
    n_others = _ALL - _OWN - _UNKNOWN // 2
    n = int(_n_to_teams(lives, period) * n_others / _ALL + 0.5)
    patient = np.argsort(np.where(alive, key, 9e9), kind="stable")[: min(n, int(alive.sum()))]
    draw = uniform(seed, "other referrer", lives.first + patient)
    rest = (n_others - _GP - _UNKNOWN // 2) // 3
    which = pick_by_weight(draw, (_GP, rest, rest, rest, _UNKNOWN // 2))
    referrer = np.array(["gp", *_OTHERS, ""], dtype=object)[which]
    home_care = _home_care(region, lives.municipality[patient])
    from_unit = np.choose(
        np.minimum(which, 2), [lives.gp_unit[patient], home_care, np.full_like(patient, NEVER)]
    )
    return _referrals(
        number=500_000 + patient,
        patient=patient,
        from_unit=from_unit,
        to_unit=team_of(region)[lives.municipality[patient]],
        referrer=referrer,
        sent_s=_any_time(lives.first + patient, seed, period, "other referral sent"),
    )


def _home_care(region: Region, municipality: np.ndarray) -> np.ndarray:
    units = region.units_of(use="home_care")
    place = np.full(len(region.municipalities), NEVER)
    place[region.units.municipality[units]] = units
    return np.asarray(place[municipality])


def _any_time(ids: np.ndarray, seed: int, period: Period, stream: str) -> np.ndarray:
    """Return times about noon on any day but the last three."""
    days = period.last_day - 3 - period.first_day
    day = period.first_day + np.floor(uniform(seed, stream, ids) * days).astype(np.int64)
    return np.asarray(day * _DAY_S + _NOON_S)


def _to_adult_units(region: Region, lives: Lives, seed: int, period: Period) -> Referrals:
    """Referrals from child units to adult ones, of some of those who soon turn 18."""
    dates = lives.specialist
    year = period.years_of(np.array([period.last_day]))[0] - 17
    recent = region.is_child_unit[dates.unit] & (dates.day > period.last_day - 365)
    recent &= (lives.birth_year[dates.patient] == year) & ~lives.is_drawn[dates.patient]
    patient, at = np.unique(dates.patient[recent], return_index=True)
    chosen = uniform(seed, "to adult unit", lives.first + patient) < 0.4
    # In a small region a few all the same.
    chosen[: min(N_EACH, len(chosen) // 2) if lives.first == 0 else 0] = True
    patient, from_unit = patient[chosen], dates.unit[recent][at][chosen]
    is_mental = region.units.level[from_unit] == "psychiatry"
    to_unit = np.where(is_mental, region.unit("phrk-dps-tromso"), region.unit("mk-medicine"))
    back = np.floor(uniform(seed, "to adult unit sent", lives.first + patient) * 300)
    day = period.last_day - 5 - back.astype(np.int64)
    return _referrals(
        number=600_000 + patient,
        patient=patient,
        from_unit=from_unit,
        to_unit=to_unit,
        referrer=np.full(len(patient), "hospital", dtype=object),
        sent_s=day * _DAY_S + _NOON_S,
    )


def _of_gps(region: Region, lives: Lives, seed: int, period: Period) -> Referrals:
    """Referrals by GPs of people who were seen at an outpatient clinic, some weeks before."""
    dates = lives.specialist
    first = np.flatnonzero(dates.is_planned_outpatient & ~lives.is_drawn[dates.patient])
    patient, at = np.unique(dates.patient[first], return_index=True)
    first = first[at]
    chosen = uniform(seed, "gp referral", lives.first + patient) < 0.3
    wait = np.floor(uniform(seed, "gp referral sent", lives.first + patient) * 90) + 7
    day = dates.day[first] - wait.astype(np.int64)
    chosen &= day >= period.first_day
    patient, first = patient[chosen], first[chosen]
    return _referrals(
        number=700_000 + patient,
        patient=patient,
        from_unit=lives.gp_unit[patient],
        to_unit=dates.unit[first],
        referrer=np.full(len(patient), "gp", dtype=object),
        sent_s=day[chosen] * _DAY_S + _NOON_S,
    )


def draw_outcomes(referrals: Referrals, lives: Lives, seed: int, period: Period) -> Outcomes:
    """Draw what came of the referrals; what had not happened by the last day is left empty."""
    ids = lives.first * 1000 + referrals.number
    outcome = pick_by_weight(uniform(seed, "referral outcome", ids), _OUTCOME_WEIGHTS)
    is_met = referrals.meeting_s != NEVER
    outcome = np.where(is_met, 0, np.where(referrals.is_refused & (outcome == 0), 1, outcome))
    assessed = referrals.sent_s + _part(seed, "assessed", ids, 20)
    assessed = np.where(is_met, referrals.sent_s + 1800, assessed)
    meeting = assessed + _part(seed, "first meeting", ids, 30)
    meeting = np.where(is_met, referrals.meeting_s, meeting)
    closed = meeting + _part(seed, "closed", ids, 200)
    died = lives.died_day[referrals.patient]
    until = np.where(died == NEVER, period.end_s, died * _DAY_S)
    assessed = np.where(assessed < until, assessed, NEVER)
    is_accepted = (outcome == 0) & (assessed != NEVER)
    initiator = np.array(["referrer", "team", "shared"], dtype=object)[
        pick_by_weight(uniform(seed, "initiator", ids), (70, 20, 10))
    ]
    outcomes = Outcomes(
        ids=_referral_ids(ids),
        assessed_s=assessed,
        outcome=np.where(assessed == NEVER, "", np.array(_OUTCOMES, dtype=object)[outcome]),
        initiator=initiator,
        first_meeting_s=np.where(is_accepted & (meeting < until), meeting, NEVER),
        closed_s=np.where(is_accepted & (closed < until), closed, NEVER),
    )
    for row in np.flatnonzero(referrals.drawn != NEVER).tolist():
        written = lives.drawn_referrals[referrals.drawn[row]]
        outcomes.assessed_s[row], outcomes.closed_s[row] = written.assessed_s, written.closed_s
        outcomes.outcome[row], outcomes.initiator[row] = written.outcome, written.initiator
        outcomes.first_meeting_s[row] = NEVER
    return outcomes


def referral_table(
    referrals: Referrals, outcomes: Outcomes, region: Region, lives: Lives, seed: int
) -> pa.Table:
    """Return the rows of ``referrals`` and what came of them."""
    ids = lives.first * 1000 + referrals.number
    reason = pick_by_weight(uniform(seed, "referral reason", ids), (30, 25, 20, 10, 15))
    return canonical_rows(
        "referrals",
        len(ids),
        {
            "referral_id": outcomes.ids,
            "patient_id": lives.patient_ids(referrals.patient),
            "from_unit_id": region.unit_ids(referrals.from_unit),
            "to_unit_id": region.unit_ids(referrals.to_unit),
            "referrer_type": _or_null(referrals.referrer),
            "initiator": _or_null(outcomes.initiator),
            "sent_at": referrals.sent_s,
            "assessed_at": outcomes.assessed_s,
            "outcome": _or_null(outcomes.outcome),
            "reason": _or_null(np.array(_REASONS, dtype=object)[reason]),
            "first_meeting_at": outcomes.first_meeting_s,
            "closed_at": outcomes.closed_s,
        },
    )


def _part(seed: int, stream: str, ids: np.ndarray, days: int) -> np.ndarray:
    return np.asarray(
        (1 + np.floor(uniform(seed, f"referral {stream}", ids) * days)).astype(int) * _DAY_S
    )


def _referral_ids(numbers: np.ndarray) -> list[str]:
    return [f"r{number:012d}" for number in numbers.tolist()]


def _or_null(texts: np.ndarray) -> pa.Array:
    return pa.array([text or None for text in texts.tolist()], pa.string())
