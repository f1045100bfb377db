"""What the findings about referrals to the teams must find, counted patient by patient.

Counted from the plan of the lives and from the referrals as they were drawn, by the definitions of
``docs/definitions.md#eligible-for-the-team``; it knows nothing of the findings' texts.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from pathgraph.synth.lives import NEVER, Lives
from pathgraph.synth.period import Period
from pathgraph.synth.referrals import Outcomes, Referrals
from pathgraph.synth.region import Region

__all__ = ["register_referrals"]

_DAY_S = 86_400
_YEAR_S = 365 * _DAY_S
_MONTH_S = 30 * _DAY_S
_SOON_S = 90 * _DAY_S
_OLD = 65
_PERIODS = {"eligible_patients": 365, "referral_gaps": 1095}
"""Days that the findings ask about by default."""


@dataclass(frozen=True, slots=True)
class _Sent:
    """One referral to a team."""

    id: str
    sent_s: int
    assessed_s: int
    closed_s: int
    outcome: str
    from_unit: int
    referrer: str
    initiator: str

    def is_open(self, at_s: int, before_s: int) -> bool:
        """Whether an episode that this one began, sent before a time, was open at a moment."""
        if self.sent_s >= before_s or at_s >= self.sent_s + _YEAR_S:
            return False
        if self.closed_s != NEVER and self.closed_s <= at_s:
            return False
        ended = self.outcome in ("rejected", "declined")
        return not (ended and self.assessed_s <= at_s)

    def was_declined(self, at_s: int) -> bool:
        """Whether the patient said no in the year before a moment."""
        return self.outcome == "declined" and 0 <= at_s - self.assessed_s <= _YEAR_S


@dataclass(frozen=True, slots=True)
class _Life:
    """What is known of one patient: stays in order, starts of contacts on either side."""

    patient: int
    born: int
    stays: tuple[int, ...]
    acute_s: list[int]
    sides_s: tuple[list[int], list[int]]
    sent: list[_Sent]


@dataclass(frozen=True)
class _Book:
    """The plan, laid out by patient."""

    region: Region
    lives: Lives
    period: Period
    sent: dict[int, list[_Sent]]

    @cached_property
    def _days(self) -> range:
        return range(self.period.first_day - 400, self.period.last_day + 2)

    @cached_property
    def _midnights(self) -> list[int]:
        return [int(at_s) for at_s in self.period.instants(np.array(self._days))]

    @cached_property
    def _years(self) -> list[int]:
        return [int(year) for year in self.period.years_of(np.array(self._days))]

    def midnight(self, day: int) -> int:
        """Return when a local day began."""
        return self._midnights[day - self._days[0]]

    def day(self, at_s: int) -> int:
        """Return the local day of a moment."""
        return self._days[bisect_right(self._midnights, at_s) - 1]

    def year(self, at_s: int) -> int:
        """Return the local year of a moment."""
        return self._years[bisect_right(self._midnights, at_s) - 1]

    def home(self, patient: int, day: int) -> int:
        """Return the municipality where a patient lived on a day."""
        moved = int(self.lives.moved_day[patient])
        has_moved = moved != NEVER and moved <= day
        return int((self.lives.moved_to if has_moved else self.lives.municipality)[patient])

    def is_served(self, patient: int, day: int) -> bool:
        """Say whether that is one of the trust's municipalities."""
        return self.home(patient, day) < self.region.municipalities.n_trust

    def ended_s(self, stay: int) -> int:
        """Return when a stay ended; beyond all days where it goes on."""
        end = int(self.lives.stays.end_s[stay])
        return 2**62 if end == NEVER else end


def register_referrals(
    region: Region, lives: Lives, referrals: Referrals, outcomes: Outcomes, period: Period
) -> None:
    """Add to ``lives.truths`` what the stays and the referrals to the teams decide.

    Parameters
    ----------
    outcomes
        What became of ``referrals``, in the same order.
    """
    book = _Book(region, lives, period, _by_patient(region, referrals, outcomes))
    found = list(_lives_in_question(book))
    for finding, days in _PERIODS.items():
        first_day = period.last_day - days + 1
        rows = [row for life in found if (row := _eligible(book, life, first_day)) is not None]
        if finding == "eligible_patients":
            _add_eligible(lives, rows)
            _add_late(lives, rows)
        else:
            _add_gaps(lives, rows)
    _add_near_misses(lives, referrals, outcomes)
    _add_never_referred(book, found)
    _add_referred_again(book)
    _add_without_referrer(book)


def _by_patient(region: Region, referrals: Referrals, outcomes: Outcomes) -> dict[int, list[_Sent]]:
    """Return the referrals to teams by patient, in order of time."""
    to_team = np.flatnonzero(region.units.kind[referrals.to_unit] == "team")
    sent: dict[int, list[_Sent]] = defaultdict(list)
    for row in to_team.tolist():
        sent[int(referrals.patient[row])].append(
            _Sent(
                id=outcomes.ids[row],
                sent_s=int(referrals.sent_s[row]),
                assessed_s=int(outcomes.assessed_s[row]),
                closed_s=int(outcomes.closed_s[row]),
                outcome=str(outcomes.outcome[row]),
                from_unit=int(referrals.from_unit[row]),
                referrer=str(referrals.referrer[row]),
                initiator=str(outcomes.initiator[row]),
            )
        )
    for own in sent.values():
        own.sort(key=lambda one: (one.sent_s, one.id))
    return sent


def _lives_in_question(book: _Book) -> Iterator[_Life]:
    """Yield the patients with two acute stays, or with a stay and contacts on both sides."""
    lives, dates = book.lives, book.lives.specialist
    stays, level = lives.stays, book.region.units.level[dates.unit]
    n_acute = np.bincount(stays.patient[stays.is_acute], minlength=len(lives))
    n_stays = np.bincount(stays.patient, minlength=len(lives))
    seen = [
        np.bincount(dates.patient[level == side], minlength=len(lives))
        for side in ("hospital", "psychiatry")
    ]
    is_both = (seen[0] > 0) & (seen[1] > 0)
    chosen = np.flatnonzero((n_stays > 0) & ((n_acute > 1) | is_both))
    first_stay = np.searchsorted(stays.patient, chosen)
    first_date = np.searchsorted(dates.patient, chosen)
    n_dates = np.bincount(dates.patient, minlength=len(lives))
    for patient, at, begin in zip(
        chosen.tolist(), first_stay.tolist(), first_date.tolist(), strict=True
    ):
        own = tuple(range(at, at + int(n_stays[patient])))
        places = slice(begin, begin + int(n_dates[patient]))
        starts, sides = dates.start_s[places], level[places]
        yield _Life(
            patient=patient,
            born=int(lives.birth_year[patient]),
            stays=own,
            acute_s=[int(stays.start_s[s]) for s in own if stays.is_acute[s]],
            sides_s=(
                sorted(starts[sides == "hospital"].tolist()),
                sorted(starts[sides == "psychiatry"].tolist()),
            ),
            sent=book.sent.get(patient, []),
        )


def _criteria(life: _Life, from_s: int, at_s: int, year: int) -> list[str]:
    """Return what holds, counted from one moment to another, both included."""
    n_acute = bisect_right(life.acute_s, at_s) - bisect_left(life.acute_s, from_s)
    is_on = [bisect_right(side, at_s) - bisect_left(side, from_s) > 0 for side in life.sides_s]
    held = {
        "older_two_stays": life.born != NEVER and year - life.born >= _OLD and n_acute >= 2,
        "three_stays": n_acute >= 3,
        "both_kinds_of_care": all(is_on),
    }
    return [code for code, holds in held.items() if holds]


def _moments(book: _Book, life: _Life, first_day: int) -> Iterator[tuple[int, int, int]]:
    """Yield the moments in a stay from a day on, with the stay and the local day, in order."""
    starts = [int(book.lives.stays.start_s[stay]) for stay in life.stays]
    # Contacts are moments of those who had both kinds of them in the period or the time before.
    since_s = book.midnight(max(first_day - 365, book.period.first_day))
    sides = [[s for s in side if s >= since_s] for side in life.sides_s]
    also = [*sides[0], *sides[1]] if all(sides) else []
    for at_s in sorted({*starts, *also}):
        day = book.day(at_s)
        place = bisect_right(starts, at_s) - 1
        if place < 0 or day < first_day or at_s >= book.period.end_s:
            continue
        if at_s == starts[place] or at_s < book.ended_s(life.stays[place]):
            yield at_s, life.stays[place], day


_Row = dict[str, object]
_GAP_COLUMNS = ("clinic", "is_counted", "sender", "is_competing")


def _eligible(book: _Book, life: _Life, first_day: int) -> _Row | None:
    """Return the first moment at which a criterion held, and what came of it."""
    first = next(
        (
            (*moment, codes)
            for moment in _moments(book, life, first_day)
            if (codes := _criteria(life, moment[0] - _YEAR_S, moment[0], book.year(moment[0])))
        ),
        None,
    )
    if first is None:
        return None
    at_s, stay, day, codes = first
    start_s = int(book.lives.stays.start_s[stay])
    inside = [one for one in life.sent if one.sent_s >= start_s]
    in_time = next((one for one in inside if one.sent_s <= at_s + _MONTH_S), None)
    in_a_year = next((one for one in inside if one.sent_s <= at_s + _YEAR_S), None)
    status = _status(book, life, (at_s, start_s, day), _MONTH_S)
    clinic = int(book.region.clinic_of[book.lives.stays.unit[stay]])
    return {
        "patient": life.patient,
        "stay": stay,
        "status": status,
        "in_a_year": _status(book, life, (at_s, start_s, day), _YEAR_S),
        "criteria": codes,
        "referral": in_time,
        "later": in_a_year,
        "late_s": in_a_year.sent_s - at_s if in_a_year else None,
        "clinic": str(book.region.units.ids[clinic]),
        "is_counted": status == "counted",
        "sender": _sender(book, in_time, clinic),
        "is_competing": in_time is None and _is_competing(book, life, day),
    }


def _status(book: _Book, life: _Life, moment: tuple[int, int, int], window_s: int) -> str:
    at_s, start_s, day = moment
    if not book.is_served(life.patient, day):
        return "not_resident"
    if any(one.is_open(at_s, start_s) for one in life.sent):
        return "open_episode"
    if any(one.was_declined(at_s) for one in life.sent):
        return "refused"
    return "not_over" if at_s + window_s > book.period.end_s else "counted"


def _sender(book: _Book, sent: _Sent | None, clinic: int) -> str:
    if sent is None:
        return ""
    level = book.region.units.level[sent.from_unit] if sent.from_unit != NEVER else ""
    if level in ("hospital", "psychiatry"):
        if int(book.region.clinic_of[sent.from_unit]) != clinic:
            return "other_clinic"
        return "asked_by_team" if sent.initiator == "team" else "own_clinic"
    if sent.referrer in ("gp", "municipal_service", "patient", "relative"):
        return sent.referrer
    return "not_recorded" if sent.referrer == "" and sent.from_unit == NEVER else "other"


def _is_competing(book: _Book, life: _Life, day: int) -> bool:
    last = min(day + 30, book.period.last_day)
    died = int(book.lives.died_day[life.patient])
    if died != NEVER and died <= last:
        return True
    return book.is_served(life.patient, day) and not book.is_served(life.patient, last)


def _add_gaps(lives: Lives, rows: list[_Row]) -> None:
    """Add who is eligible where, for the clinics of the whole region to be counted."""
    if rows:
        frame = pd.DataFrame({name: [row[name] for row in rows] for name in _GAP_COLUMNS})
        table = pa.Table.from_pandas(frame, preserve_index=False)
        lives.truths.found.setdefault("_referral_gaps", []).append(table)


def _ids(lives: Lives, rows: list[_Row]) -> dict[str, pa.Array]:
    stays = np.array([row["stay"] for row in rows], dtype=np.int64)
    return {
        "patient_id": lives.patient_ids(np.array([row["patient"] for row in rows], dtype=np.int64)),
        "stay_id": lives.contact_ids(lives.stays.first_contact[stays]),
    }


def _json(codes: object) -> str:
    assert isinstance(codes, list)
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"


def _add_eligible(lives: Lives, rows: list[_Row]) -> None:
    if not rows:
        return
    columns = {
        **_ids(lives, rows),
        "status": pa.array([str(row["status"]) for row in rows]),
        "criteria": pa.array([_json(row["criteria"]) for row in rows]),
        "referral_id": pa.array([_id(row["referral"]) for row in rows], pa.string()),
        "referred_by": pa.array([row["sender"] or None for row in rows], pa.string()),
    }
    lives.truths.found.setdefault("eligible_patients", []).append(pa.table(columns))


def _id(sent: object) -> str | None:
    return sent.id if isinstance(sent, _Sent) else None


def _add_late(lives: Lives, rows: list[_Row]) -> None:
    """Add who was referred within a year, but more than 30 days after the moment."""
    late = [
        row
        for row in rows
        if isinstance(row["late_s"], int)
        and row["late_s"] > _MONTH_S
        and row["in_a_year"] in ("counted", "not_over")
    ]
    if late:
        columns = {
            "patient_id": _ids(lives, late)["patient_id"],
            "referral_id": pa.array([_id(row["later"]) for row in late], pa.string()),
        }
        lives.truths.found.setdefault("late_referrals", []).append(pa.table(columns))


def _add_never_referred(book: _Book, found: list[_Life]) -> None:
    """Add who is in hospital at the end, meets the criteria, and is not known to the team."""
    lives, period = book.lives, book.period
    end_s, year = period.end_s, book.year(period.end_s - 1)
    rows: list[_Row] = []
    for life in found:
        stay = life.stays[-1]
        if lives.stays.end_s[stay] != NEVER or lives.died_day[life.patient] != NEVER:
            continue
        start_s = int(lives.stays.start_s[stay])
        # Acute stays go by time, both kinds of care by calendar days.
        codes = [c for c in _criteria(life, end_s - _YEAR_S, end_s - 1, year) if c[0] != "b"]
        first_s = book.midnight(period.last_day - 364)
        codes += [c for c in _criteria(life, first_s, end_s - 1, year) if c[0] == "b"]
        is_known = any(
            one.is_open(end_s - 1, start_s) or one.was_declined(end_s - 1) or one.sent_s >= start_s
            for one in life.sent
        )
        if codes and not is_known and book.is_served(life.patient, period.last_day):
            rows.append({"patient": life.patient, "stay": stay, "criteria": codes})
    if rows:
        columns = {
            **_ids(lives, rows),
            "criteria": pa.array([_json(row["criteria"]) for row in rows]),
        }
        lives.truths.found.setdefault("never_referred", []).append(pa.table(columns))


def _add_near_misses(lives: Lives, referrals: Referrals, outcomes: Outcomes) -> None:
    """Add what the lives written by hand say must not be found."""
    row_of = {int(place): row for row, place in enumerate(referrals.drawn) if place != NEVER}
    for near in lives.near_referrals:
        if near.place != NEVER:
            cells = {"referral_id": outcomes.ids[row_of[near.place]]}
        else:
            cells = {"patient_id": lives.patient_ids(np.array([near.patient]))[0].as_py()}
        row = {**cells, **dict(near.cells), "near_miss": near.word}
        lives.truths.near.setdefault(near.finding, []).append(
            pa.table({name: [value] for name, value in row.items()})
        )


def _recent(book: _Book) -> Iterator[tuple[int, _Sent]]:
    """Yield the referrals to teams of the last 365 days, with their patients."""
    first_s = book.midnight(book.period.last_day - 364)
    for patient, own in book.sent.items():
        for one in own:
            if one.sent_s >= first_s:
                yield patient, one


def _add_referred_again(book: _Book) -> None:
    pairs = []
    for patient, one in _recent(book):
        if one.outcome != "rejected":
            continue
        later = [
            other
            for other in book.sent[patient]
            if other.id != one.id and 0 <= other.sent_s - one.assessed_s <= _SOON_S
        ]
        if later:
            pairs.append((one.id, later[0].id))
    if pairs:
        columns = {
            "referral_id": pa.array([one for one, _ in pairs]),
            "again_id": pa.array([other for _, other in pairs]),
        }
        book.lives.truths.found.setdefault("rejected_then_referred_again", []).append(
            pa.table(columns)
        )


def _add_without_referrer(book: _Book) -> None:
    ids = [one.id for _, one in _recent(book) if one.from_unit == NEVER and one.referrer == ""]
    if ids:
        book.lives.truths.found.setdefault("referrals_without_referrer", []).append(
            pa.table({"referral_id": pa.array(ids)})
        )
