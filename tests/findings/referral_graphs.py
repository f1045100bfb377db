"""Random patients around the boundaries of the rules on referrals to the team."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.findings.drawn import table

Row = dict[str, Any]

ZONE = "Europe/Oslo"
DAYS = (date(2024, 6, 30), date(2024, 3, 31), date(2023, 12, 31))
"""The last of the data, the day on which summer time begins, the end of a year."""

_OSLO = ZoneInfo(ZONE)
_SECOND, _MINUTE, _HOUR, _DAY = 1, 60, 3_600, 86_400
_FIRST_S = int(datetime(2022, 11, 1, 7, tzinfo=_OSLO).timestamp())
_LAST_S = int(datetime(2024, 6, 30, 20, tzinfo=_OSLO).timestamp())
# The clinic of lungs was put together with that of medicine, and one ward with another later on, as
# a department was with another one; some wards have no department.
_UNITS = """
unit_id   kind               level       parent_unit_id  valid_to    replaced_by
north     trust              hospital    -               -           -
house     hospital           hospital    north           -           -
somatic   clinic             hospital    house           -           -
lungs     clinic             hospital    house           2023-10-01  somatic
surgical  clinic             hospital    house           -           -
annex     hospital           hospital    north           -           -
mental    clinic             psychiatry  annex           -           -
inner     department         hospital    somatic         -           -
blood     department         hospital    somatic         2024-01-01  inner
med       ward               hospital    inner           -           -
bleed     ward               hospital    blood           -           -
rounds    ward               hospital    somatic         -           -
lung      ward               hospital    lungs           -           -
acute     ward               hospital    mental          2024-03-31  surg
surg      ward               hospital    surgical        -           -
psych     ward               psychiatry  mental          -           -
pact      team               hospital    north           -           -
pact2     team               hospital    north           -           -
doc       gp_practice        gp          -               -           -
home      municipal_service  municipal   -               -           -
far       ward               hospital    -               -           -
"""
_WARDS = ("med", "bleed", "rounds", "lung", "surg", "psych", "acute", "far")
_GAPS_S = (
    365 * _DAY, 365 * _DAY + _SECOND, 364 * _DAY, 30 * _DAY, 20 * _DAY, 100 * _DAY, 200 * _DAY,
    3 * _DAY, 8 * _HOUR,
)  # fmt: skip
_LENGTHS_S = (0, 3 * _HOUR, 2 * _DAY, 5 * _DAY, 40 * _DAY)
_SENT_S = (
    0, -_SECOND, _HOUR, 2 * _DAY, 30 * _DAY, 30 * _DAY + _SECOND, 45 * _DAY, 120 * _DAY, -30 * _DAY,
    -370 * _DAY,
)  # fmt: skip
_ASSESSED_S = (0, _HOUR, 10 * _DAY, 100 * _DAY)
_CLOSED_S = (_DAY, 20 * _DAY, 200 * _DAY, 365 * _DAY, 366 * _DAY)
_REFERRERS = (
    "hospital",
    "gp",
    "municipal_service",
    "patient",
    "patient",
    "relative",
    "other",
    None,
)
_SENDERS = ("med", "surg", "psych", "lung", "acute", "doc", "home", "far", None, None)


def draw(seed: int, n_patients: int) -> dict[str, list[Row]]:
    """Return canonical tables of patients with stays, contacts, referrals and homes."""
    chance = random.Random(seed)
    tables: dict[str, list[Row]] = {
        "patients": [], "residences": [], "contacts": [], "referrals": [], "needs": [],
        "units": [{**row, "name": None if row["unit_id"] == "lung" else row["unit_id"].title()}
                  for row in table(_UNITS)],
        "municipalities": [
            {"municipality_code": "5501", "name": "Tromsø", "population": "78745"},
            {"municipality_code": "5503", "name": None, "population": "24804"},
            {"municipality_code": "5536", "name": "Lyngen", "population": "2732"},
            {"municipality_code": "1103", "name": "Stavanger", "population": "149048"},
        ],
        "unit_serves": [
            {"unit_id": "house", "municipality_code": code} for code in ("5501", "5503", "5536")
        ],
        "coverage": [
            {"source": "all", "level": level, "covered_from": "2022-01-01",
             "covered_to": "2024-07-01"}
            for level in ("hospital", "psychiatry", "gp", "municipal")
        ],
    }  # fmt: skip
    for number in range(n_patients):
        _add_patient(chance, tables, f"p{number:04d}")
    return tables


def _local(at_s: int) -> str:
    # With its offset: an hour stands twice where summer time ends.
    return datetime.fromtimestamp(at_s, tz=_OSLO).isoformat()


def _day(at_s: int, days: int = 0) -> str:
    return (datetime.fromtimestamp(at_s, tz=_OSLO).date() + timedelta(days=days)).isoformat()


def _add_patient(chance: random.Random, tables: dict[str, list[Row]], patient: str) -> None:
    starts = _add_stays(chance, tables["contacts"], patient)
    _add_visits(chance, tables["contacts"], patient, starts)
    anchor = chance.choice(starts)
    died = _day(anchor, chance.choice((3, 10, 30, 31, 90))) if chance.random() < 0.15 else None
    last = max(
        row["ended_at"] or row["started_at"]
        for row in tables["contacts"]
        if row["patient_id"] == patient
    )
    tables["patients"].append(
        {
            "patient_id": patient,
            "birth_year": chance.choice(("1957", "1958", "1959", "1960", "1940", "1990", None)),
            "sex": chance.choice(("female", "male", None)),
            "died_on": died if died is not None and died >= last[:10] else None,
        }
    )
    _add_homes(chance, tables["residences"], patient, anchor)
    _add_referrals(chance, tables["referrals"], patient, starts)
    if chance.random() < 0.15:
        tables["needs"].append(
            {
                "patient_id": patient,
                "need": chance.choice(("complex_needs", "complex_needs", "coordinator")),
                "status": chance.choice(("needs", "needs", "declined")),
                "assessed_on": _day(anchor, chance.choice((-400, -1, 0, 1, 2))),
            }
        )


def _add_stays(chance: random.Random, contacts: list[Row], patient: str) -> list[int]:
    at_s = _FIRST_S + chance.randrange(0, 400) * _DAY + chance.choice((0, _HOUR, 16 * _HOUR))
    starts = []
    for number in range(chance.choice((1, 2, 2, 3, 4))):
        if at_s > _LAST_S:
            break
        length = chance.choice(_LENGTHS_S)
        is_open = at_s + length > _LAST_S or (chance.random() < 0.1 and number > 0)
        starts.append(at_s)
        contacts.append(
            {
                "contact_id": f"{patient}s{number}", "patient_id": patient,
                "unit_id": chance.choice(_WARDS), "care_level": "overnight",
                "urgency": chance.choice(("1", "1", "1", "4")), "started_at": _local(at_s),
                "ended_at": None if is_open else _local(at_s + length),
                "ended_dead": None,
            }
        )  # fmt: skip
        if is_open:
            break
        # From start to start, so that windows are met to the second.
        at_s += max(chance.choice(_GAPS_S), length + 9 * _HOUR)
    return starts


def _add_visits(
    chance: random.Random, contacts: list[Row], patient: str, starts: list[int]
) -> None:
    for number in range(chance.choice((0, 0, 1, 2))):
        offset = chance.choice((-365 * _DAY, -365 * _DAY - _SECOND, -10 * _DAY, 0, _HOUR, _DAY))
        at_s = min(chance.choice(starts) + offset, _LAST_S)
        contacts.append(
            {
                "contact_id": f"{patient}v{number}", "patient_id": patient,
                "unit_id": chance.choice(("psych", "med", "doc")), "care_level": "outpatient",
                "urgency": "4", "started_at": _local(at_s), "ended_at": _local(at_s + _HOUR),
            }
        )  # fmt: skip


def _add_homes(chance: random.Random, homes: list[Row], patient: str, anchor: int) -> None:
    first, second = (chance.choice(("5501", "5503", "5536", "1103")) for _ in range(2))
    kind = chance.random()
    if kind < 0.05:
        return
    moved = _day(anchor, chance.choice((-1, 0, 1, 29, 30, 31)))
    homes.append(
        {
            "patient_id": patient, "municipality_code": first,
            "valid_from": None if kind < 0.5 else "2020-01-01",
            "valid_to": moved if kind > 0.6 else None,
        }
    )  # fmt: skip
    if kind > 0.7:
        homes.append(
            {"patient_id": patient, "municipality_code": second, "valid_from": moved,
             "valid_to": None}
        )  # fmt: skip


def _add_referrals(
    chance: random.Random, referrals: list[Row], patient: str, starts: list[int]
) -> None:
    for number in range(chance.choice((0, 0, 1, 1, 2, 3))):
        sent_s = min(chance.choice(starts) + chance.choice(_SENT_S), _LAST_S)
        sender = chance.choice(_SENDERS)
        assessed_s = sent_s + chance.choice(_ASSESSED_S)
        is_assessed = chance.random() < 0.8
        is_closed = chance.random() < 0.4
        referrals.append(
            {
                "referral_id": f"{patient}r{number}", "patient_id": patient,
                "from_unit_id": sender, "to_unit_id": chance.choice(("pact", "pact2", "med")),
                "referrer_type": chance.choice(_REFERRERS),
                "initiator": chance.choice(("referrer", "team", None)),
                "sent_at": _local(sent_s),
                "assessed_at": _local(assessed_s) if is_assessed else None,
                "outcome": chance.choice(("accepted", "rejected", "declined"))
                if is_assessed else None,
                "reason": None,
                "first_meeting_at": None,
                "closed_at": _local(sent_s + chance.choice(_CLOSED_S)) if is_closed else None,
            }
        )  # fmt: skip
