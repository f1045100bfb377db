"""What the findings must come to, written a second time: plain Python, slow and obvious on purpose.

Made from the counting rules alone. It starts from the contacts as a source would deliver them (not
from stays or links that pathgraph made), keeps what was known at the end of a day, and merges anew.
"""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from scipy import stats

Row = dict[str, Any]

EPOCH = date(1970, 1, 1)
DAY = 86_400
HOUR = 3_600
ACUTE_CODES = ("1", "2", "3")
DEFAULTS: Row = {
    "acute": "first", "min_gap_h": 8, "min_inclusive": True, "max_gap_d": 30,
    "max_inclusive": True, "gap_unit": "elapsed", "min_gap_d": 0, "min_age": 0,
    "exclude_rehabilitation": False, "require_diagnosis_group": False,
    "drop_deaths": False, "death_window_d": 30,
}  # fmt: skip
PROFILES: dict[str, Row] = {
    "all_ages": {},
    "age_67": {"min_age": 67},
    "fhi_67": {"min_age": 67, "require_diagnosis_group": True},
    "skde": {
        "acute": "any", "gap_unit": "calendar", "min_gap_h": 0, "min_gap_d": 1, "max_gap_d": 29,
        "drop_deaths": True,
    },
    "samhandlingsbarometeret": {"exclude_rehabilitation": True},
    "nhs": {"gap_unit": "calendar", "min_gap_h": 0, "max_gap_d": 29},
}  # fmt: skip


@dataclass
class Contact:
    """A contact. ``end`` is None where none was recorded, infinite while it goes on."""

    id: str
    patient: str
    unit: str
    level: str
    parent: str | None
    start: int
    end: float | None
    started_at: str
    ended_at: str | None
    started_on: date
    ended_on: date | None
    is_overnight: bool
    service: str | None
    urgency: str | None
    is_acute: bool
    ended_dead: bool
    has_children: bool = False


@dataclass
class Stay:
    """Contacts merged."""

    patient: str
    members: list[Contact]
    places: list[Contact] = field(default_factory=list)
    """Contacts without children, in order: where the patient was."""
    group: str | None = None
    municipality: str | None = None

    @property
    def id(self) -> str:
        return self.members[0].id

    @property
    def start(self) -> int:
        return self.members[0].start

    @property
    def started_on(self) -> date:
        return self.members[0].started_on

    @property
    def last(self) -> Contact:
        return max(self.members, key=lambda c: (ending(c), c.start, c.id))

    @property
    def end(self) -> int | None:
        return None if math.isinf(ending(self.last)) else int(ending(self.last))

    @property
    def ended_on(self) -> date | None:
        return None if self.end is None else self.last.ended_on

    @property
    def ended_dead(self) -> bool:
        return self.end is not None and any(c.ended_dead for c in self.members)

    def is_acute(self, which: str) -> bool:
        return self.members[0].is_acute if which == "first" else any(
            c.is_acute for c in self.members
        )  # fmt: skip

    @property
    def is_rehabilitation(self) -> bool:
        return self.members[0].service == "rehabilitation"


def ending(contact: Contact) -> float:
    """Where no end was recorded, an overnight contact goes on and another lasted no time."""
    if contact.end is not None:
        return contact.end
    return math.inf if contact.is_overnight else contact.start


class World:
    """A data set, as it was known at the end of a day."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], as_of: date, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.as_of = as_of
        self.as_of_s = self.midnight_after(as_of)
        self.patients = {row["patient_id"]: row for row in tables["patients"]}
        self.units = {row["unit_id"]: row for row in tables["units"]}
        self.municipalities = {
            row["municipality_code"]: row.get("name") for row in tables.get("municipalities", ())
        }
        everything = self._contacts(tables["contacts"])
        self.horizon = self._horizon(everything, tables.get("coverage", ()))
        self.horizon_s = self.midnight_after(self.horizon)
        groups = self._groups(tables)
        whole = {
            member.id: stay
            for stay in self._merge(everything)
            for member in (*stay.members, *stay.places)
        }
        self.stays: dict[str, list[Stay]] = defaultdict(list)
        for stay in self._merge([self._known(c) for c in everything if c.start < self.as_of_s]):
            # A diagnosis carries no date: it is known as soon as its stay is.
            stay.group = self._group(whole[stay.id], groups, everything)
            stay.municipality = self._residence(stay, tables.get("residences", ()))
            self.stays[stay.patient].append(stay)

    def midnight_after(self, day: date) -> int:
        following = day + timedelta(days=1)
        return int(datetime(following.year, following.month, following.day, tzinfo=self.zone)
                   .timestamp())  # fmt: skip

    def _contacts(self, rows: Iterable[Row]) -> list[Contact]:
        rows = list(rows)
        parents = {row.get("parent_contact_id") for row in rows}
        contacts = []
        for row in rows:
            started = self._instant(row["started_at"])
            ended = self._instant(row["ended_at"]) if row.get("ended_at") else None
            is_acute = row.get("is_acute")
            contacts.append(
                Contact(
                    id=row["contact_id"],
                    patient=row["patient_id"],
                    unit=row["unit_id"],
                    level=self.units[row["unit_id"]]["level"],
                    parent=row.get("parent_contact_id"),
                    start=int(started.timestamp()),
                    end=int(ended.timestamp()) if ended else None,
                    started_at=self._text(started),
                    ended_at=self._text(ended) if ended else None,
                    started_on=started.date(),
                    ended_on=ended.date() if ended else None,
                    is_overnight=row.get("care_level") == "overnight",
                    service=row.get("service"),
                    urgency=row.get("urgency"),
                    is_acute=row.get("urgency") in ACUTE_CODES if is_acute is None else is_acute,
                    ended_dead=bool(row.get("ended_dead")),
                    has_children=row["contact_id"] in parents,
                )
            )
        return sorted(contacts, key=lambda c: (c.start, c.id))

    def _instant(self, text: str) -> datetime:
        when = datetime.fromisoformat(text)
        return when.astimezone(self.zone) if when.tzinfo else when.replace(tzinfo=self.zone)

    @staticmethod
    def _text(when: datetime) -> str:
        return when.strftime("%Y-%m-%dT%H:%M:%S")

    def _known(self, contact: Contact) -> Contact:
        if contact.end is None or contact.end < self.as_of_s:
            return contact
        values = dict(vars(contact))
        return Contact(**{**values, "end": math.inf, "ended_at": None, "ended_on": None})

    def _horizon(self, contacts: Sequence[Contact], coverage: Iterable[Row]) -> date:
        ends: dict[tuple[Any, ...], date] = {}
        given = set()
        for row in coverage:
            given.add(row["level"])
            place = (row["source"], row["level"], row.get("municipality_code"))
            to = date.fromisoformat(row["covered_to"])
            ends[place] = max(ends.get(place, to), to)
        for level in {c.level for c in contacts} - given:
            ends["assumed", level] = max(c.started_on for c in contacts) + timedelta(days=1)
        read = [to for place, to in ends.items() if place[1] in ("hospital", "psychiatry")]
        return min([self.as_of, *(to - timedelta(days=1) for to in read)])

    def _merge(self, contacts: Sequence[Contact]) -> list[Stay]:
        by_id = {c.id: c for c in contacts}
        stays: list[Stay] = []
        stay_of: dict[str, Stay] = {}
        running: dict[str, tuple[Stay, float]] = {}
        for contact in contacts:
            if contact.parent or not contact.is_overnight:
                continue
            if contact.level not in ("hospital", "psychiatry"):
                continue
            stay, until = running.get(contact.patient, (None, -math.inf))
            if stay and (contact.start < until + 8 * HOUR or contact.urgency == "5"):
                stay.members.append(contact)
            else:
                stay = Stay(contact.patient, [contact])
                stays.append(stay)
                until = -math.inf
            running[contact.patient] = stay, max(until, ending(contact))
            stay_of[contact.id] = stay
        for contact in contacts:
            top = contact
            while top.parent and top.parent in by_id:
                top = by_id[top.parent]
            if top.id in stay_of and not contact.has_children:
                stay_of[top.id].places.append(contact)
        return stays

    def _groups(self, tables: Mapping[str, Sequence[Row]]) -> dict[str, list[tuple[Any, ...]]]:
        """Return the main diagnoses of each contact, each with its group."""
        main = defaultdict(list)
        for row in tables.get("diagnoses", ()):
            if str(row.get("rank")) != "1":
                continue
            code = row["code"].replace(".", "")
            fitting = [
                (len(g["code_prefix"]), g["diagnosis_group"])
                for g in tables.get("diagnosis_groups", ())
                if g["system"] == row["system"]
                and code.startswith(g["code_prefix"].replace(".", ""))
            ]
            group = max(fitting)[1] if fitting else None
            main[row["contact_id"]].append((row["system"], row["code"], group))
        return main

    def _group(
        self, stay: Stay, main: Mapping[str, list[tuple[Any, ...]]], contacts: Sequence[Contact]
    ) -> str | None:
        member_ids = {c.id for c in stay.members}
        by_id = {c.id: c for c in contacts}
        for contact in contacts:
            top = contact
            while top.parent:
                top = by_id[top.parent]
            if top.id in member_ids and main.get(contact.id):
                group: str | None = min(main[contact.id], key=lambda x: x[:2])[2]
                return group
        return None

    def _residence(self, stay: Stay, residences: Iterable[Row]) -> str | None:
        holding = [
            (row.get("valid_from") or "", row["municipality_code"])
            for row in residences
            if row["patient_id"] == stay.patient
            and (row.get("valid_from") or "") <= stay.started_on.isoformat()
            and (not row.get("valid_to") or row["valid_to"] > stay.started_on.isoformat())
        ]
        return max(holding)[1] if holding else None

    def died_on(self, patient: str) -> date | None:
        text = self.patients[patient].get("died_on")
        died = date.fromisoformat(text) if text else None
        return died if died and died <= self.as_of else None

    def age(self, stay: Stay) -> int | None:
        year = self.patients[stay.patient].get("birth_year")
        return None if year is None else stay.started_on.year - int(year)

    def name(self, unit: str | None) -> str | None:
        return None if unit is None else self.units[unit].get("name")


def exclusion(world: World, stay: Stay, chosen: Row) -> str | None:
    """Why a stay may not be an index stay, or None."""
    if stay.end is None:
        return "open"
    if stay.ended_dead:
        return "ended_dead"
    age = world.age(stay)
    if chosen["min_age"] > 0 and (age is None or age < chosen["min_age"]):
        return "excluded_age"
    if chosen["exclude_rehabilitation"] and stay.is_rehabilitation:
        return "excluded_rehabilitation"
    if chosen["require_diagnosis_group"] and stay.group is None:
        return "excluded_diagnosis_group"
    return None


def is_within(index: Stay, later: Stay, chosen: Row) -> bool:
    """Whether the gap between two stays is one of a readmission."""
    assert index.end is not None
    assert index.ended_on is not None
    gap_s = later.start - index.end
    gap_days = (later.started_on - index.ended_on).days
    shortest, longest = chosen["min_gap_h"] * HOUR, chosen["max_gap_d"]
    if gap_s < shortest or (gap_s == shortest and not chosen["min_inclusive"]):
        return False
    if gap_days < chosen["min_gap_d"]:
        return False
    gap, limit = (gap_days, longest) if chosen["gap_unit"] == "calendar" else (gap_s, longest * DAY)
    return gap < limit or (gap == limit and bool(chosen["max_inclusive"]))


def pairs(world: World, chosen: Row) -> list[tuple[Stay, Stay]]:
    """Index stay and readmission."""
    found = []
    for stays in world.stays.values():
        for number, later in enumerate(stays):
            if not later.is_acute(chosen["acute"]):
                continue
            if chosen["exclude_rehabilitation"] and later.is_rehabilitation:
                continue
            eligible = [s for s in stays[:number] if exclusion(world, s, chosen) is None]
            if eligible and is_within(eligible[-1], later, chosen):
                found.append((eligible[-1], later))
    return found


def readmissions(world: World, chosen: Row) -> list[Row]:
    rows = []
    for index, later in pairs(world, chosen):
        assert index.end is not None
        assert index.ended_on is not None
        left = index.places[-1].unit if index.places else None
        reached = later.places[0].unit if later.places else None
        rows.append(
            {
                "patient_id": index.patient,
                "index_stay_id": index.id,
                "index_started_at": index.members[0].started_at,
                "index_ended_at": index.last.ended_at,
                "readmission_stay_id": later.id,
                "readmission_started_at": later.members[0].started_at,
                "gap_h": (later.start - index.end) / HOUR,
                "gap_days": float((later.started_on - index.ended_on).days),
                "discharged_from": left,
                "discharged_from_name": world.name(left),
                "admitted_to": reached,
                "admitted_to_name": world.name(reached),
            }
        )
    return rows


def n_eligible(world: World, chosen: Row) -> int:
    return sum(
        exclusion(world, stay, chosen) is None for stays in world.stays.values() for stay in stays
    )


def readmission_index(world: World, chosen: Row) -> list[Row]:
    counts: dict[str, int] = defaultdict(int)
    for index, _ in pairs(world, chosen):
        counts[index.id] += 1
    rows = []
    for stays in world.stays.values():
        for stay in stays:
            left = stay.places[-1].unit if stay.end is not None and stay.places else None
            rows.append(
                {
                    "patient_id": stay.patient,
                    "stay_id": stay.id,
                    "started_at": stay.members[0].started_at,
                    "ended_at": stay.last.ended_at if stay.end is not None else None,
                    "reason": reason(world, stay, chosen, counts[stay.id]),
                    "is_readmitted": counts[stay.id] > 0,
                    "n_readmissions": counts[stay.id],
                    "age": world.age(stay),
                    "sex": world.patients[stay.patient].get("sex"),
                    "municipality_code": stay.municipality,
                    "discharged_from": left,
                    "discharged_from_name": world.name(left),
                }
            )
    return rows


def reason(world: World, stay: Stay, chosen: Row, n_readmissions: int) -> str:
    excluded = exclusion(world, stay, chosen)
    if excluded:
        return excluded
    assert stay.end is not None
    assert stay.ended_on is not None
    if chosen["gap_unit"] == "calendar":
        is_over = stay.ended_on + timedelta(days=chosen["max_gap_d"]) <= world.horizon
    else:
        is_over = stay.end + chosen["max_gap_d"] * DAY <= world.horizon_s
    if not is_over:
        return "not_covered"
    died = world.died_on(stay.patient)
    is_dropped = chosen["drop_deaths"] and died is not None and not n_readmissions
    if is_dropped and died and (died - stay.ended_on).days <= chosen["death_window_d"]:
        return "died"
    return "counted"


def readmission_rates(world: World, chosen: Row, by: str, age_band: int = 5) -> list[Row]:
    index = [row for row in readmission_index(world, chosen) if row["reason"] == "counted"]
    strata: dict[Any, list[Row]] = defaultdict(list)
    groups: dict[Any, list[Row]] = defaultdict(list)
    if by == "all":
        groups["all"] = []
    for row in index:
        row["stratum"] = None if row["age"] is None else row["age"] // age_band, row["sex"]
        strata[row["stratum"]].append(row)
        value = {
            "all": "all",
            "unit": row["discharged_from"],
            "month": row["ended_at"][:7],
            "municipality": row["municipality_code"],
        }[by]
        groups[value].append(row)
    expected = {s: sum(r["is_readmitted"] for r in rows) / len(rows) for s, rows in strata.items()}
    overall = sum(row["is_readmitted"] for row in index) / len(index) if index else None
    names = {
        "unit": {unit: row.get("name") for unit, row in world.units.items()},
        "municipality": world.municipalities,
    }.get(by, {})
    return [
        {"by_value": value, "name": names.get(value), **rate(rows, expected, overall)}
        for value, rows in groups.items()
    ]


def rate(rows: list[Row], expected: Mapping[Any, float], overall: float | None) -> Row:
    """Rates of one group, patient by patient."""
    patients: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        patients[row["patient_id"]].append(row)
    n = len(rows)
    y = sum(row["is_readmitted"] for row in rows)
    e = sum(expected[row["stratum"]] for row in rows)
    k = len(patients)
    share = y / n if n else None
    ratio = y / e if e else None
    low, high = share_interval(patients, n, y)
    ratio_low, ratio_high = ratio_interval(patients, y, e, expected)
    return {
        "n_index": n,
        "n_patients": k,
        "n_readmitted": y,
        "n_readmitted_patients": sum(
            any(r["is_readmitted"] for r in own) for own in patients.values()
        ),
        "n_readmissions": sum(row["n_readmissions"] for row in rows),
        "share": share,
        "share_low": low,
        "share_high": high,
        "n_expected": e,
        "observed_to_expected": ratio,
        "ratio_low": ratio_low,
        "ratio_high": ratio_high,
        "adjusted_share": None if ratio is None or overall is None else ratio * overall,
    }


def share_interval(patients: Mapping[str, list[Row]], n: int, y: int) -> tuple[Any, Any]:
    k = len(patients)
    if k < 2:
        return None, None
    p = y / n
    if y in (0, n):
        size = float(k)
    else:
        residuals = [
            sum(r["is_readmitted"] for r in own) - p * len(own) for own in patients.values()
        ]
        variance = k / (k - 1) * sum(r * r for r in residuals) / n**2
        size = min(p * (1 - p) / variance, n) if variance else float(n)
    z = float(stats.t.ppf(0.975, k - 1))
    centre = (p + z * z / (2 * size)) / (1 + z * z / size)
    half = z / (1 + z * z / size) * math.sqrt(p * (1 - p) / size + z * z / (4 * size**2))
    return (0.0 if y == 0 else centre - half), (1.0 if y == n else centre + half)


def ratio_interval(
    patients: Mapping[str, list[Row]], y: int, e: float, expected: Mapping[Any, float]
) -> tuple[Any, Any]:
    k = len(patients)
    if k < 2 or not e:
        return None, None
    factor = 1.0
    if y:
        residuals = [
            sum(r["is_readmitted"] - y / e * expected[r["stratum"]] for r in own)
            for own in patients.values()
        ]
        variance = k / (k - 1) * sum(r * r for r in residuals)
        factor = max(1.0, variance / y)
    effective = y / factor
    low = float(stats.chi2.ppf(0.025, 2 * effective)) / 2 if effective else 0.0
    high = float(stats.chi2.ppf(0.975, 2 * effective + 2)) / 2
    return low * factor / e, high * factor / e


def revolving_door(
    world: World, *, min_stays: int = 3, window_days: int = 365, acute: str = "first"
) -> list[Row]:
    rows = []
    for patient, all_stays in world.stays.items():
        stays = [stay for stay in all_stays if stay.is_acute(acute)]
        windows = [
            [s for s in stays[first:] if s.start - stays[first].start <= window_days * DAY]
            for first in range(len(stays))
        ]
        enough = [window for window in windows if len(window) >= min_stays]
        if not enough:
            continue
        fullest = max(enough, key=len)
        newest = max(window[-1].start for window in enough)
        newest_at = next(s.members[0].started_at for s in stays if s.start == newest)
        is_dead = world.died_on(patient) is not None or any(s.ended_dead for s in all_stays)
        gaps = [b.start - (a.end or 0) for a, b in itertools.pairwise(fullest)]
        units = list(dict.fromkeys(c.unit for stay in fullest for c in stay.places))
        rows.append(
            {
                "patient_id": patient,
                "n_stays": len(fullest),
                "window_first_at": fullest[0].members[0].started_at,
                "window_last_at": fullest[-1].members[0].started_at,
                "is_current": not is_dead and world.as_of_s - newest <= window_days * DAY,
                "newest_window_last_at": newest_at,
                "stays": [stay.id for stay in fullest],
                "gaps_h": [round(gap / HOUR, 2) for gap in gaps],
                "share_gaps_30_days": sum(gap <= 30 * DAY for gap in gaps) / len(gaps),
                "n_units": len(units),
                "units": units,
            }
        )
    return rows


def n_with_acute_stay(world: World, acute: str = "first") -> int:
    return sum(any(s.is_acute(acute) for s in stays) for stays in world.stays.values())


def n_stays(world: World) -> int:
    return sum(len(stays) for stays in world.stays.values())


def unit_moves(world: World) -> list[Row]:
    moves: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for stays in world.stays.values():
        for stay in stays:
            for before, after in itertools.pairwise(stay.places):
                if before.unit != after.unit:
                    gap = max(after.start - ending(before), 0)
                    moves[before.unit, after.unit].append((stay.patient, gap))
    return [_flow(world, pair, found, "n_moves") for pair, found in moves.items()]


def transfers(world: World, max_gap_d: int = 36_500) -> list[Row]:
    found: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for patient, stays in world.stays.items():
        for before, after in itertools.pairwise(stays):
            gap = after.start - (before.end or 0)
            if before.places and after.places and gap <= max_gap_d * DAY:
                found[before.places[-1].unit, after.places[0].unit].append((patient, gap))
    return [_flow(world, pair, rows, "n_transfers") for pair, rows in found.items()]


def _flow(world: World, pair: tuple[str, str], found: list[tuple[str, float]], counted: str) -> Row:
    gaps = sorted(gap for _, gap in found)
    return {
        "from_unit": pair[0],
        "from_unit_name": world.name(pair[0]),
        "to_unit": pair[1],
        "to_unit_name": world.name(pair[1]),
        counted: len(found),
        "n_patients": len({patient for patient, _ in found}),
        "median_gap_h": percentile(gaps, 0.5) / HOUR,
        "p90_gap_h": percentile(gaps, 0.9) / HOUR,
    }


def percentile(ordered: Sequence[float], share: float) -> float:
    """Linear interpolation between the two nearest ranks."""
    place = share * (len(ordered) - 1)
    below, above = math.floor(place), math.ceil(place)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def as_seconds(text: str) -> int:
    """Seconds since 1970 of a UTC time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
