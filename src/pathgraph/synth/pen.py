"""What the lives written by hand are written with: stays, visits, places, referrals, deaths."""

from __future__ import annotations

from dataclasses import dataclass, field

from pathgraph.synth.lives import NEVER
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region

__all__ = ["DrawnReferral", "NearReferral", "Pen"]

_HOUR, _DAY = 3600, 86_400
_STAY = 2 * _DAY


@dataclass(frozen=True, slots=True)
class DrawnReferral:
    """A referral to the team of Tromsø; instants in s, ``NEVER`` and "" for what is not known."""

    patient: int
    sent_s: int
    outcome: str
    assessed_s: int
    closed_s: int
    from_unit: str
    referrer: str
    initiator: str


@dataclass(frozen=True, slots=True)
class NearReferral:
    """What a finding about referrals must not find.

    Attributes
    ----------
    place
        In the referrals written, where it is the referral that is not to be found; else NEVER and
        it is the patient.
    cells
        Further columns of the finding that the near miss fills.
    """

    finding: str
    word: str
    patient: int
    place: int
    cells: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Pen:
    """Writes one life after another."""

    region: Region
    period: Period
    patient: int = 0
    base_s: int = 0
    admissions: list[tuple[int, int, int, int, int, int, bool]] = field(default_factory=list)
    visits: list[tuple[int, str, str, int]] = field(default_factory=list)
    services: list[tuple[int, str, int, int]] = field(default_factory=list)
    deaths: dict[int, int] = field(default_factory=dict)
    near: list[tuple[str, str, int, tuple[tuple[str, int], ...]]] = field(default_factory=list)
    birth_years: dict[int, int] = field(default_factory=dict)
    elsewhere: set[int] = field(default_factory=set)
    referrals: list[DrawnReferral] = field(default_factory=list)
    near_referrals: list[NearReferral] = field(default_factory=list)

    def stay(
        self,
        start_s: int,
        length_s: int = _STAY,
        *,
        urgency: int = 1,
        to: int = 1,
        dead: bool = False,
    ) -> int:
        """Write an admission; return when it ends."""
        is_sent_back = urgency == 5
        origin = 3 if is_sent_back else 1
        end_s = start_s + length_s
        self.admissions.append((self.patient, start_s, end_s, urgency, origin, to, dead))
        if dead:
            self.deaths[self.patient] = end_s
        return end_s

    def visit(self, start_s: int, kind: str, unit: str) -> None:
        """Write a contact of a quarter of an hour."""
        self.visits.append((self.patient, kind, unit, start_s))

    def place(self, start_s: int, end_s: int) -> None:
        """Write a time in a short-term place."""
        self.services.append((self.patient, "20", start_s, end_s))

    def nearly(self, finding: str, word: str, *, back: tuple[int, ...] = ()) -> None:
        """Say that the life is a near miss; ``back`` counts admissions from the last one."""
        places = tuple(("admission", len(self.admissions) - n) for n in back)
        self.near.append((finding, word, self.patient, places))

    def born(self, year: int) -> None:
        """Say when the person was born, if not when all the others were."""
        self.birth_years[self.patient] = year

    def lives_elsewhere(self) -> None:
        """Say that the person lives outside the trust's municipalities."""
        self.elsewhere.add(self.patient)

    def refer(
        self,
        sent_s: int,
        outcome: str = "",
        assessed_s: int = NEVER,
        *,
        closed_s: int = NEVER,
        from_unit: str = "mk-medicine-ward",
        referrer: str = "hospital",
        initiator: str = "referrer",
    ) -> None:
        """Write a referral to the team; assessed an hour later unless it is said when."""
        if outcome and assessed_s == NEVER:
            assessed_s = sent_s + _HOUR
        self.referrals.append(
            DrawnReferral(
                self.patient, sent_s, outcome, assessed_s, closed_s, from_unit, referrer, initiator
            )
        )

    def nearly_referred(self, finding: str, word: str, *, back: int = 0, **cells: str) -> None:
        """Say that the person, or the referral ``back`` from the last one, is a near miss."""
        place = len(self.referrals) - back if back else NEVER
        self.near_referrals.append(
            NearReferral(finding, word, self.patient, place, tuple(cells.items()))
        )

    @property
    def practice(self) -> str:
        """The GP practice of all who are drawn."""
        return "gp-5501-1"
