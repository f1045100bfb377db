"""Patients whom a clinic refers to a team after a stay, and the team's contacts with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from pathgraph.synth.contacts import KINDS, Contacts, make_contacts
from pathgraph.synth.draws import integers
from pathgraph.synth.lives import Stays
from pathgraph.synth.period import Period
from pathgraph.synth.region import Region
from pathgraph.synth.visits import spread_counts

__all__ = [
    "UNDER_REFERRAL_PER_CENT",
    "UNDER_REFERRING",
    "Patients",
    "TeamEpisodes",
    "team_contacts",
    "team_episodes",
    "team_of",
]

# Per mille of adults' stays, younger than 65 and older: with them about two thirds of the 870
# referrals of 2022 among 194,580 inhabitants (anchors of the report) come from stays.
_AFTER_STAY = (15, 58)

UNDER_REFERRING = ("hlk", "nor")
"""Clinics that refer fewer than expected (the report's figure 6 says so, without numbers)."""

UNDER_REFERRAL_PER_CENT = 25
"""Referrals of their own that they send, of those that others would; own proposal."""

_AREA_TEAMS = {"Midt-Troms": "psht-midt-troms", "Nord-Troms": "psht-nord-troms"}
_SITE_TEAMS = ("psht-tromso", "psht-harstad", "psht-narvik")
# Mean 5, as the report's annex says of the team's contacts with a patient.
_CONTACTS = (2, 9)


class Patients(Protocol):
    """What the teams need to know of a block's patients."""

    @property
    def first(self) -> int:
        """Number of the first patient within the region."""

    @property
    def birth_year(self) -> np.ndarray:
        """Year of birth of each."""

    @property
    def is_drawn(self) -> np.ndarray:
        """Whose lives are written by hand: the teams leave them alone."""


@dataclass(frozen=True, slots=True)
class TeamEpisodes:
    """Episodes that a stay led to.

    Attributes
    ----------
    stay
        Place in the stays given.
    team
        The unit.
    sent_day, meeting_day
        Day of the referral (that of the discharge) and of the first meeting.
    """

    stay: np.ndarray
    team: np.ndarray
    sent_day: np.ndarray
    meeting_day: np.ndarray


def team_of(region: Region) -> np.ndarray:
    """Return the team of each municipality; those outside belong to the Tromsø team."""
    teams = [
        region.unit(
            _AREA_TEAMS.get(str(area), _SITE_TEAMS[site]) if site == 0 else _SITE_TEAMS[site]
        )
        for area, site in zip(
            region.municipalities.dps_area, region.municipalities.site, strict=True
        )
    ]
    return np.array(teams)


def team_episodes(
    region: Region,
    seed: int,
    patients: Patients,
    stays: Stays,
    period: Period,
) -> TeamEpisodes:
    """Return the episodes that the stays of a block led to."""
    number, k = patients.first + stays.patient, stays.start_s // 60 % (1 << 31)
    age = period.years_of(stays.start_day) - patients.birth_year[stays.patient]
    per_mille = np.where(age >= 65, _AFTER_STAY[1], _AFTER_STAY[0])
    clinics = np.isin(region.clinic_of[stays.unit], [region.unit(name) for name in UNDER_REFERRING])
    limit = per_mille * np.where(clinics, UNDER_REFERRAL_PER_CENT, 100)
    fits = (stays.end_s >= 0) & ~stays.ended_dead & (age >= 18) & ~patients.is_drawn[stays.patient]
    fits &= stays.municipality < region.municipalities.n_trust
    fits &= integers(seed, "team", number, 0, 100_000, k) < limit
    at = np.flatnonzero(fits)
    wait = integers(seed, "team wait", number[at], 1, 20, k[at])
    return TeamEpisodes(
        stay=at,
        team=team_of(region)[stays.municipality[at]],
        sent_day=stays.end_day[at],
        meeting_day=period.to_working_days(
            np.minimum(stays.end_day[at] + wait, period.last_day + 9)
        ),
    )


def team_contacts(
    seed: int, first: int, stays: Stays, episodes: TeamEpisodes, period: Period
) -> Contacts:
    """Return the team's contacts with the patients, some of them meetings with the municipality."""
    patient, k = stays.patient[episodes.stay], stays.start_s[episodes.stay] // 60 % (1 << 31)
    counts = integers(seed, "team contacts", first + patient, *_CONTACTS, k)
    at, i = spread_counts(counts)
    number, k = first + patient[at], k[at] * 16 + i
    day = episodes.meeting_day[at] + i * 6 + integers(seed, "team day", number, 0, 3, k)
    day = np.where(i == 0, episodes.meeting_day[at], day)
    day = period.to_working_days(np.minimum(day, period.last_day + 9))
    start = period.instants(day, integers(seed, "team clock", number, 98, 180, k) * 5)
    meets = (i == 1) & (integers(seed, "team meeting", number, 0, 3, k) == 0)
    kind = np.where(meets, KINDS.index("collaboration_meeting"), KINDS.index("team_contact"))
    return make_contacts(
        patient[at],
        episodes.team[at],
        start,
        start + integers(seed, "team minutes", number, 30, 80, k) * 60,
        kind=kind,
        form="on_site",
        care_level="outpatient",
        urgency=4,
    )
