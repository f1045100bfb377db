"""Random regions of many patients that sit on the boundaries of the rules between the levels."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]

ZONE = "Europe/Oslo"
_OSLO = ZoneInfo(ZONE)
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_FIRST_S = 1_696_400_000  # 4 October 2023, some weeks before summer time ends

_GAPS_S = (
    0, _MINUTE, 8 * _HOUR, 8 * _HOUR - 1, 12 * _HOUR, _DAY, _DAY + _MINUTE, 2 * _DAY, 5 * _DAY,
    14 * _DAY, 14 * _DAY + _MINUTE, 13 * _DAY, 30 * _DAY, 30 * _DAY + _MINUTE, 20 * _DAY, -_HOUR,
    90 * _DAY,
)  # fmt: skip
_LENGTHS_S = (
    96 * _HOUR, 96 * _HOUR + _MINUTE, 95 * _HOUR, 2 * _DAY, 6 * _DAY, 0, 3 * _HOUR, 12 * _DAY,
)  # fmt: skip
_UNITS = """
north     trust              hospital    -        -
somatic   clinic             hospital    north    -
mental    clinic             psychiatry  north    -
med       ward               hospital    somatic  -
surg      ward               hospital    somatic  -
child     ward               hospital    somatic  -
youth     department         psychiatry  mental   -
psych     ward               psychiatry  mental   -
shut      ward               psychiatry  mental   2024-02-01
pact      team               hospital    north    -
south     trust              hospital    -        -
far       ward               hospital    south    -
er        emergency_unit     emergency   -        -
er2       -                  emergency   -        -
doc       gp_practice        gp          -        -
nurs      municipal_service  municipal   -        -
home      municipal_service  municipal   -        -
"""
# Unit, kind, care level, how the contact ends.
_EMERGENCY_VISIT = ("emergency_visit", "outpatient")
_OUTPATIENT = ("outpatient_visit", "outpatient")
_SORTS = (
    ("med", "admission", "overnight", "long"), ("med", "admission", "overnight", "long"),
    ("surg", "admission", "overnight", "long"), ("psych", "admission", "overnight", "long"),
    ("far", "admission", "overnight", "long"), ("nurs", "18", "overnight", "long"),
    ("nurs", "25", "overnight", "long"), ("doc", "consultation", "outpatient", "none"),
    ("doc", "administrative", None, "none"), ("doc", None, "outpatient", "none"),
    ("home", "15", None, "long"), ("home", "15", None, "none"),
    ("er", *_EMERGENCY_VISIT, "none"), ("er", *_EMERGENCY_VISIT, "short"),
    ("er2", *_EMERGENCY_VISIT, "none"), ("somatic", *_OUTPATIENT, "none"),
    ("surg", *_OUTPATIENT, "short"), ("psych", *_OUTPATIENT, "none"),
    ("child", *_OUTPATIENT, "short"), ("youth", *_OUTPATIENT, "none"),
    ("pact", "team_contact", "outpatient", "none"),
)  # fmt: skip
# What sort of life: children's units, back and forth, emergency visits, or anything.
_YOUNG = (18, 18, 19, 19, 18, 7, 15, 20)
_BOUNCING = (0, 1, 2, 5, 6, 5, 3, 7)
_EMERGENCY = (12, 12, 13, 14, 14, 0)
_CLINIC = (0, 2, 15, 15, 16, 16)
_ANYTHING = tuple(range(len(_SORTS)))


def region(seed: int, n_patients: int, *, has_coverage: bool) -> dict[str, list[Row]]:
    """Return the canonical tables of a region."""
    draw = random.Random(seed)
    tables: dict[str, list[Row]] = {
        name: []
        for name in (
            "patients", "residences", "contacts", "roles", "plans", "plan_statuses", "plan_owners",
            "referrals", "ready_periods", "notices",
        )
    }  # fmt: skip
    tables["municipalities"] = [
        {"municipality_code": "5501", "name": "Tromsø"},
        {"municipality_code": "5503", "name": None},
    ]
    names = ("unit_id", "kind", "level", "parent_unit_id", "valid_to")
    tables["units"] = [
        {"name": f"the {line.split()[0]}"}
        | {n: None if cell == "-" else cell for n, cell in zip(names, line.split(), strict=True)}
        for line in _UNITS.strip().splitlines()
    ]
    tables["professionals"] = [{"professional_id": f"d{n}"} for n in range(8)]
    tables["employments"] = [
        {
            "professional_id": f"d{n}", "unit_id": draw.choice(("med", "psych", "far", "shut")),
            **_validity(draw),
        }
        for n in range(6) for _ in range(draw.choice((1, 1, 2)))
    ]  # fmt: skip
    works = {
        (r["professional_id"], r["unit_id"], r["valid_from"]): r for r in tables["employments"]
    }
    tables["employments"] = list(works.values())
    for number in range(n_patients):
        _add_patient(draw, tables, f"p{number}")
    # Two admissions may have drawn the same physician from the same day on.
    keys = ("patient_id", "professional_id", "unit_id", "role", "valid_from")
    roles = {tuple(row.get(name) for name in keys): row for row in tables["roles"]}
    tables["roles"] = list(roles.values())
    if has_coverage:
        tables["coverage"] = [
            {
                "source": "s", "level": level, "municipality_code": code, "covered_from": a,
                "covered_to": b,
            }
            for level, code, a, b in (
                ("gp", None, "2023-10-20", "2024-02-01"),
                ("gp", "5501", "2024-02-01", "2026-01-01"),
                ("municipal", "5501", "2023-01-01", "2026-01-01"),
                ("municipal", "5503", "2023-01-01", "2024-03-01"),
                ("hospital", None, "2023-01-01", "2026-01-01"),
            )
        ]  # fmt: skip
    return tables


def _add_patient(draw: random.Random, tables: dict[str, list[Row]], patient: str) -> None:
    born = draw.choice((1940, 1960, None, 2005, 2006, 2006, 2007, 2007, 2010))
    is_young = born is not None and born > 2000
    life = _YOUNG if is_young and draw.random() < 0.7 else _ANYTHING
    life = draw.choice((life, life, _BOUNCING, _EMERGENCY, _CLINIC))
    own = _contacts(draw, patient, life)
    stays = [row for row in own if row["kind"] == "admission"]
    _end_last_stay(draw, own, stays)
    last_s = max((row["end"] or row["start"] for row in own), default=_FIRST_S)
    died = _on(last_s + draw.choice((0, 13, 14, 15)) * _DAY) if draw.random() < 0.15 else None
    tables["patients"].append({"patient_id": patient, "birth_year": born, "died_on": died})
    _add_residences(draw, tables, patient)
    for row in stays:
        _add_around(draw, tables, row)
    _add_roles_and_plans(draw, tables, patient, own)
    for row in own:
        row["started_at"], row["ended_at"] = _local(row.pop("start")), _local(row.pop("end"))
    tables["contacts"] += own


def _contacts(draw: random.Random, patient: str, life: tuple[int, ...]) -> list[Row]:
    now = _FIRST_S + draw.randrange(60) * _DAY
    own: list[Row] = []
    for n in range(draw.randrange(10)):
        unit, kind, care_level, ending = _SORTS[draw.choice(life)]
        start = now + draw.choice(_GAPS_S)
        length = {"long": draw.choice(_LENGTHS_S), "short": _HOUR, "none": None}[ending]
        urgency = draw.choice(("1", "1", "2", "4", "4", "5", None))
        row = {
            "contact_id": f"{patient}c{n}", "patient_id": patient, "unit_id": unit, "kind": kind,
            "care_level": care_level, "start": start,
            "end": None if length is None else start + length,
            "urgency": None if unit == "home" else urgency,
            "discharged_to": draw.choice(("1", "1", "home", "11", "3", None)),
        }  # fmt: skip
        own.append(row)
        if kind == "admission" and draw.random() < 0.3 and length:
            own += _wards(row, draw)
        if kind == "admission" or draw.random() < 0.6:
            now = start + (length or 0)
    return own


def _end_last_stay(draw: random.Random, own: list[Row], stays: list[Row]) -> None:
    """Let the newest admission go on, or the patient die in it: no other may be so."""
    if not stays:
        return
    newest = max(stays, key=lambda row: (row["start"], row["contact_id"]))
    has_wards = any(row.get("parent_contact_id") == newest["contact_id"] for row in own)
    if draw.random() < 0.25 and not has_wards:
        newest["end"] = None
    elif draw.random() < 0.1 and newest["end"] == max(row["end"] for row in stays):
        newest["ended_dead"] = True


def _add_residences(draw: random.Random, tables: dict[str, list[Row]], patient: str) -> None:
    if draw.random() < 0.1:
        return
    moved = draw.choice((None, None, "2023-11-15", "2024-01-10"))
    first, second = draw.choice((("5501", "5503"), ("5503", "5501"), ("5501", "5501")))
    place = {"patient_id": patient}
    tables["residences"].append({**place, "municipality_code": first, "valid_to": moved})
    if moved:
        tables["residences"].append({**place, "municipality_code": second, "valid_from": moved})


def _wards(parent: Row, draw: random.Random) -> list[Row]:
    start, end = parent["start"], parent["end"]
    middle = (start + end) // 2
    units = draw.sample(("med", "surg", "child", "psych"), 2)
    spans = ((start, middle), (middle, end))
    return [
        {
            "contact_id": f"{parent['contact_id']}w{n}", "patient_id": parent["patient_id"],
            "unit_id": unit, "kind": "ward_stay", "parent_contact_id": parent["contact_id"],
            "care_level": "overnight", "start": a, "end": b,
        }
        for n, (unit, (a, b)) in enumerate(zip(units, spans, strict=True))
    ]  # fmt: skip


def _add_around(draw: random.Random, tables: dict[str, list[Row]], row: Row) -> None:
    """Add ready periods, notices and a contact physician of an admission."""
    start, end = row["start"], row["end"]
    code = draw.choice(("5501", "5503", None))
    if draw.random() < 0.4:
        ready = start + draw.choice((0, _DAY, 3 * _DAY))
        if end is not None:
            ready = min(ready, end)
        until = draw.choice((end, None, ready + 2 * _DAY, ready))
        tables["ready_periods"].append(
            {
                "contact_id": row["contact_id"], "ready_at": _local(ready),
                "ended_at": _local(until), "municipality_code": code,
            }
        )  # fmt: skip
    for kind, since in (("admitted", start), ("discharged", end)):
        if since is not None and draw.random() < 0.5:
            delay = draw.choice((0, _DAY, _DAY + _MINUTE, -3 * _HOUR, 50 * _HOUR))
            tables["notices"].append(
                {
                    "contact_id": row["contact_id"], "kind": kind,
                    "sent_at": _local(since + delay), "municipality_code": code,
                }
            )  # fmt: skip
    if draw.random() < 0.7:
        begins = start + draw.choice((-1, 0, 1, 1, 2, 3, 4)) * _DAY
        by_unit = draw.random() < 0.15
        tables["roles"].append(
            {
                "patient_id": row["patient_id"],
                "professional_id": None if by_unit else f"d{draw.randrange(8)}",
                "unit_id": draw.choice(("med", "far")) if by_unit else None,
                "role": draw.choice(("contact_physician", "contact_psychologist")),
                "valid_from": _on(begins),
                "valid_to": _on(begins + draw.choice((1, 3, 30)) * _DAY)
                if draw.random() < 0.6
                else None,
            }
        )


def _add_roles_and_plans(
    draw: random.Random, tables: dict[str, list[Row]], patient: str, own: list[Row]
) -> None:
    if draw.random() < 0.3:
        tables["roles"].append(
            {"patient_id": patient, "professional_id": "d1", "role": "gp", **_validity(draw)}
        )
    for n in range(draw.choice((0, 0, 1, 2))):
        plan = f"{patient}-plan{n}"
        kind = draw.choice(("individual_plan", "treatment", "treatment", None))
        tables["plans"].append(
            {"plan_id": plan, "patient_id": patient, "kind": kind, **_validity(draw)}
        )
        for begins in draw.sample(("2023-10-15", "2023-12-15", "2024-02-15"), draw.randrange(3)):
            tables["plan_statuses"].append(
                {
                    "plan_id": plan, "valid_from": begins,
                    "status": draw.choice(("active", "active", "draft", "completed")),
                }
            )  # fmt: skip
        for unit in draw.sample(("med", "psych", "shut", "north", "somatic"), draw.randrange(3)):
            tables["plan_owners"].append({"plan_id": plan, "unit_id": unit, **_validity(draw)})
        if draw.random() < 0.5:
            tables["plan_owners"].append(
                {"plan_id": plan, "professional_id": f"d{draw.randrange(6)}", **_validity(draw)}
            )
    if own and draw.random() < 0.3:
        sent = own[-1]["start"] + draw.choice((0, 5 * _DAY))
        tables["referrals"].append(
            {
                "referral_id": f"{patient}-r", "patient_id": patient, "sent_at": _local(sent),
                "to_unit_id": draw.choice(("med", "child", "youth", "doc", "pact", None)),
            }
        )  # fmt: skip


def _validity(draw: random.Random) -> Row:
    begins = draw.choice((None, None, "2023-11-01", "2024-01-15"))
    ends = draw.choice((None, None, "2024-01-20", "2024-03-01"))
    return {"valid_from": begins, "valid_to": ends}


def _on(instant: int) -> str:
    return datetime.fromtimestamp(instant, _OSLO).date().isoformat()


def _local(instant: int | None) -> str | None:
    """Local time with its offset, so that the hour that occurs twice keeps its meaning."""
    return None if instant is None else datetime.fromtimestamp(instant, _OSLO).isoformat()


def days_to_ask(tables: dict[str, list[Row]], seed: int, n: int) -> list[date]:
    """Return the last day, days on which something begins, and the last one of the year."""
    days = sorted({date.fromisoformat(row["started_at"][:10]) for row in tables["contacts"]})
    draw = random.Random(seed)
    some = [draw.choice(days) + timedelta(days=draw.choice((0, 1, 14))) for _ in range(n)]
    return list(dict.fromkeys([days[-1], date(2023, 12, 31), *some]))
