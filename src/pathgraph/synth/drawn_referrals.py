"""Lives written by hand around the referrals to the team: on both sides of each boundary."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pathgraph.synth.pen import Pen

__all__ = ["REFERRAL_SCRIPTS"]

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_MONTH, _YEAR = 30 * _DAY, 365 * _DAY

_Script = Callable[[Pen], None]


def _two_stays(pen: Pen, *, gap_s: int = 40 * _DAY, urgency: int = 1) -> None:
    """Write two stays; the patient, 75 years old, is eligible when the second one begins."""
    for start_s, of in ((pen.base_s - gap_s, 1), (pen.base_s, urgency)):
        pen.stay(start_s, urgency=of)


def _eligible(
    word: str = "", *, gap_s: int = 40 * _DAY, urgency: int = 1, born: int = 0, at_home: bool = True
) -> _Script:
    def write(pen: Pen) -> None:
        _two_stays(pen, gap_s=gap_s, urgency=urgency)
        if born:
            pen.born(born)
        if not at_home:
            pen.lives_elsewhere()
        if word:
            # Whoever lives elsewhere is in the list, and does not count.
            pen.nearly_referred("eligible_patients", word, status="" if at_home else "counted")

    return write


def _three_stays_at_64(pen: Pen) -> None:
    pen.born(1961)
    pen.stay(pen.base_s - 80 * _DAY)
    _two_stays(pen)


def _known_before(word: str = "", *, outcome: str, since_s: int, closed: bool = False) -> _Script:
    """Write a referral that was assessed so long before the patient is eligible."""

    def write(pen: Pen) -> None:
        assessed_s = pen.base_s - since_s
        closed_s = pen.base_s if closed else -1
        pen.refer(assessed_s - _HOUR, outcome, assessed_s, closed_s=closed_s)
        _two_stays(pen)
        if word:
            pen.nearly_referred("eligible_patients", word, status="counted")

    return write


def _near_the_horizon(after_s: int, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        pen.base_s = pen.period.end_s - _MONTH + after_s
        _two_stays(pen)
        if word:
            pen.nearly_referred("eligible_patients", word, status="counted")

    return write


def _referred_after(after_s: int, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        _two_stays(pen)
        pen.refer(pen.base_s + after_s, "accepted")
        if word:
            pen.nearly_referred("late_referrals", word)

    return write


def _asked_by_the_team(pen: Pen) -> None:
    _two_stays(pen)
    pen.refer(pen.base_s + _DAY, "accepted", initiator="team")
    pen.nearly_referred("eligible_patients", "the_team_asked", referred_by="own_clinic")


def _still_in(
    word: str = "",
    *,
    outcome: str = "",
    since_s: int = 0,
    closed: bool = False,
    at_home: bool = True,
) -> _Script:
    """Write a patient who is in hospital on the last day; referred so long before it, if at all."""

    def write(pen: Pen) -> None:
        week = (pen.base_s // (7 * _DAY)) % 5
        day = np.array([pen.period.last_day - 6 - week])
        pen.base_s = int(pen.period.instants(day, 11 * 60)[0])
        if outcome:
            sent_s = pen.period.end_s - since_s
            pen.refer(sent_s, outcome, closed_s=sent_s + 20 * _DAY if closed else -1)
        pen.stay(pen.base_s - 60 * _DAY)
        pen.stay(pen.base_s, 40 * _DAY)
        if not at_home:
            pen.lives_elsewhere()
        if word:
            pen.nearly_referred("never_referred", word)

    return write


def _again(outcome: str, after_s: int, word: str = "") -> _Script:
    """Write two referrals, the second so long after the first one's assessment."""

    def write(pen: Pen) -> None:
        pen.refer(pen.base_s - _DAY, outcome, pen.base_s)
        pen.refer(pen.base_s + after_s, "accepted")
        if word:
            pen.nearly_referred("rejected_then_referred_again", word, back=2)

    return write


def _sent_by(from_unit: str, referrer: str, word: str = "") -> _Script:
    def write(pen: Pen) -> None:
        pen.refer(pen.base_s, "accepted", from_unit=from_unit, referrer=referrer)
        if word:
            pen.nearly_referred("referrals_without_referrer", word, back=1)

    return write


REFERRAL_SCRIPTS: tuple[_Script, ...] = (
    _eligible(gap_s=_YEAR),
    _eligible("365_days_and_a_minute", gap_s=_YEAR + _MINUTE),
    _eligible("second_stay_planned", urgency=4),
    _eligible("a_year_too_young", born=1961),
    _three_stays_at_64,
    _eligible("lives_elsewhere", at_home=False),
    _known_before("episode_open", outcome="accepted", since_s=60 * _DAY),
    _known_before(outcome="accepted", since_s=60 * _DAY, closed=True),
    _known_before("declined_365_days_before", outcome="declined", since_s=_YEAR),
    _known_before(outcome="declined", since_s=_YEAR + _MINUTE),
    _known_before(outcome="rejected", since_s=60 * _DAY),
    _near_the_horizon(0),
    _near_the_horizon(_MINUTE, "time_for_a_referral_not_over"),
    _referred_after(_MONTH, "exactly_30_days"),
    _referred_after(_MONTH + _MINUTE),
    _asked_by_the_team,
    _still_in(),
    _still_in(outcome="accepted", since_s=100 * _DAY, closed=True),
    _still_in("episode_open", outcome="accepted", since_s=100 * _DAY),
    _still_in("declined", outcome="declined", since_s=100 * _DAY),
    _still_in("referred_during_the_stay", outcome="rejected", since_s=2 * _DAY),
    _still_in("lives_elsewhere", at_home=False),
    _again("rejected", 90 * _DAY),
    _again("rejected", 90 * _DAY + _MINUTE, "90_days_and_a_minute"),
    _again("declined", 10 * _DAY, "declined_by_the_patient"),
    _sent_by("", ""),
    _sent_by("mk-medicine-ward", "", "unit_recorded"),
    _sent_by("", "patient", "sort_of_referrer_recorded"),
)
"""Each with the word of what must not be found, or without one where it must."""
