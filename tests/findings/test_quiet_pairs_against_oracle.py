"""Random regions: formal partners without contact, in plain Python, on both engines."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, Tables, ask, assert_same_rows, rows_of
from tests.findings.level_graphs import ZONE, days_to_ask
from tests.findings.networks_oracle import Networks
from tests.findings.test_networks_against_oracle import drawn_region

PLACES = ("5501", "5503", "5510", "5601")
AREAS = {"5501": "east", "5503": "east", "5510": None, "5601": "west"}
BASES = ("agreement", "catchment", "contact_point", "hospital_area")
_FROM = ("2020-01-01", "2023-11-10", "2024-01-05", None)
_TO = (None, None, None, "2023-12-20", "2024-02-10")


def region_of_partners(seed: int) -> dict[str, list[Row]]:
    """A region of few patients, in which much is agreed upon and little happens."""
    tables = drawn_region(seed, 14)
    draw = random.Random(seed)
    for unit in tables["units"]:
        # What took over from what is another matter, which the networks' own oracle looks at.
        unit["replaced_by"] = None
        unit["municipality_code"] = draw.choice((*PLACES, None))
    # To a hospital without parts belongs what stands beside it; another has a part of its own.
    tables["units"] += [
        {"unit_id": name, "name": name, "kind": kind, "level": "hospital",
         "parent_unit_id": above, "municipality_code": draw.choice(PLACES)}
        for name, kind, above in (
            ("bare", "hospital", "north"), ("full", "hospital", "south"), ("part", "ward", "full"),
            ("quiet", "ward", "somatic"),
        )
    ]  # fmt: skip
    tables["municipalities"] = [
        {"municipality_code": code, "name": f"place {code}", "hospital_area": area}
        for code, area in AREAS.items()
    ]
    units = [row["unit_id"] for row in tables["units"]]
    tables["unit_serves"] = [
        {"unit_id": unit, "municipality_code": code}
        for unit in units for code in PLACES if draw.random() < 0.3
    ]  # fmt: skip
    tables["agreements"] = [
        {"unit_id": one, "other_unit_id": other, **validity(draw)}
        for one, other in (draw.sample(units, 2) for _ in range(40))
    ]
    tables["agreements"] = list(
        {(row["unit_id"], row["other_unit_id"]): row for row in tables["agreements"]}.values()
    )
    people = [row["professional_id"] for row in tables["professionals"]]
    tables["contact_points"] = [
        {"municipality_code": code, "professional_id": person, "unit_id": unit, **validity(draw)}
        for code in PLACES
        for person, unit in ((draw.choice(people), None), (None, draw.choice(units)))
    ]
    tables["coverage"] = [
        {"source": f"s{n}", "level": level, "municipality_code": code, "covered_from": begin,
         "covered_to": end}
        for n, (level, code, begin, end) in enumerate((
            ("hospital", None, "2020-01-01", "2026-01-01"),
            ("psychiatry", None, "2020-01-01", "2023-12-01"),
            ("psychiatry", "5501", "2023-12-01", "2026-01-01"),
            ("gp", None, "2023-06-01", "2026-01-01"),
            ("municipal", "5503", "2020-01-01", "2024-02-01"),
            ("municipal", "5503", "2024-01-01", "2026-01-01"),
            ("emergency", "5601", "2020-01-01", "2026-01-01"),
        ))
    ]  # fmt: skip
    tables["referrals"] = tables["referrals"][:12]
    return tables


def validity(draw: random.Random) -> Row:
    begin, end = draw.choice(_FROM), draw.choice(_TO)
    return {"valid_from": begin, "valid_to": None if begin and end and end <= begin else end}


def holds(row: Row, day: date) -> bool:
    on = day.isoformat()
    return (row.get("valid_from") or "") <= on and (row.get("valid_to") or "9999") > on


class Partners:
    """Who is to work together on a day, and what is seen of them in the period."""

    def __init__(self, tables: Tables, day: date, period_days: int, gap_d: int) -> None:
        self.tables, self.day = tables, day
        self.seen = Networks(tables, day, ZONE, period_days=period_days, depth="unit")
        self.units = self.seen.units
        self.there = {unit for unit, row in self.units.items() if holds(row, day)}
        self.within = {unit: self.parts(unit) for unit in self.units}
        self.visits = [
            (row["patient_id"], row["unit_id"],
             self.seen.homes_on(row["patient_id"], self.seen.day(row["started_at"]).isoformat()))
            for row in self.seen.contacts()
        ]  # fmt: skip
        self.moves = [(r["from_id"], r["to_id"]) for r in self.seen.next_contacts(gap_d)]
        self.sent = [(row.get("from_unit_id"), row.get("to_unit_id")) for row in self.seen.sent()]

    def above(self, unit: str) -> list[str]:
        found = [unit]
        while parent := self.units[found[-1]].get("parent_unit_id"):
            found.append(parent)
        return found

    def parts(self, unit: str) -> set[str]:
        row = self.units[unit]
        found = {other for other in self.units if unit in self.above(other)}
        if row["kind"] == "hospital" and found == {unit} and row["municipality_code"]:
            found |= {
                other for other, its in self.units.items()
                if its["level"] in ("hospital", "psychiatry") and its["kind"] != "hospital"
                and its["municipality_code"] == row["municipality_code"]
                and its.get("parent_unit_id") and self.above(other)[-1] == self.above(unit)[-1]
            }  # fmt: skip
        return found

    def pairs(self) -> set[tuple[str, str, str]]:
        found = {
            (row["unit_id"], row["other_unit_id"], "agreement")
            for row in self.tables["agreements"] if holds(row, self.day)
        } | {
            (row["municipality_code"], row["unit_id"], "catchment")
            for row in self.tables["unit_serves"]
        } | {
            (code, unit, "hospital_area")
            for code, area in AREAS.items() for unit, row in self.units.items()
            if area and row["kind"] == "hospital" and AREAS[row["municipality_code"]] == area
        } | {
            (row["municipality_code"], unit, "contact_point")
            for row in self.tables["contact_points"] if holds(row, self.day)
            for unit in self.units_of(row)
        }  # fmt: skip
        return {
            pair for pair in found
            if pair[1] in self.there and (pair[0] in PLACES or pair[0] in self.there)
        }  # fmt: skip

    def units_of(self, row: Row) -> list[str]:
        if row["unit_id"]:
            return [row["unit_id"]]
        works = sorted(
            job["unit_id"] for job in self.tables["employments"]
            if job["professional_id"] == row["professional_id"] and holds(job, self.day)
            and job["unit_id"] in self.there
        )  # fmt: skip
        # Of several the first by name stands for the professional.
        return works[:1]

    def in_contact(self, one: str, other: str) -> bool:
        there = self.within[other]
        if one in PLACES:
            own = {
                unit for unit, row in self.units.items()
                if row["municipality_code"] == one and row["level"] in ("gp", "municipal")
            }  # fmt: skip
            return any(unit in there and one in homes for _, unit, homes in self.visits) or any(
                (a in own and b in there) or (b in own and a in there) for a, b in self.sent
            )
        here = self.within[one]
        return any(
            (a in here and b in there) or (a in there and b in here)
            for a, b in self.moves + self.sent
        )

    def patients(self, end: str) -> int:
        if end in PLACES:
            return len({patient for patient, _, homes in self.visits if end in homes})
        return len({patient for patient, unit, _ in self.visits if unit in self.within[end]})

    def is_recorded(self, end: str) -> bool:
        known = {unit for pair in self.sent for unit in pair if unit}
        if end in PLACES:
            return self.patients(end) > 0
        return self.patients(end) > 0 or bool(known & self.within[end])

    def is_covered(self, level: str, place: str | None) -> bool:
        day = self.seen.first
        while day <= self.day:
            on = day.isoformat()
            if not any(
                row["level"] == level and row["municipality_code"] in (None, place)
                and row["covered_from"] <= on < row["covered_to"]
                for row in self.tables["coverage"]
            ):  # fmt: skip
                return False
            day += timedelta(days=1)
        return True

    def status(self, one: str, other: str) -> str:
        to = self.units[other]
        place = one if one in PLACES else to["municipality_code"]
        covered = self.is_covered(to["level"], place)
        if one not in PLACES:
            own = self.units[one]
            covered = covered and self.is_covered(own["level"], own["municipality_code"])
        if self.in_contact(one, other):
            return "in_contact"
        if not covered:
            return "not_covered"
        return "quiet" if self.is_recorded(one) and self.is_recorded(other) else "not_recorded"


def expected_rows(found: Partners) -> list[Row]:
    return [
        {
            **found.seen.ends(one, other), "basis": basis, "status": found.status(one, other),
            "from_patients": found.patients(one), "to_patients": found.patients(other),
        }
        for one, other, basis in found.pairs()
    ]  # fmt: skip


def test_quiet_pairs_equal_the_oracle(loaded_region: Loaded) -> None:
    n_of: dict[Any, int] = {}
    for seed in (41, 42):
        tables = region_of_partners(seed)
        engine = loaded_region(tables)
        for day, period, gap in zip(
            days_to_ask(tables, seed, 2), (3650, 60, 20, 5), (30, 0, 3, 90), strict=False
        ):
            expected = expected_rows(Partners(tables, day, period, gap))
            for row in expected:
                key = (row["basis"], row["status"])
                n_of[key] = n_of.get(key, 0) + 1
            asked = {"as_of": day, "period_days": period, "max_gap_d": gap}
            for show, shown in (
                ("all", [row for row in expected if row["status"] != "in_contact"]),
                ("quiet", [row for row in expected if row["status"] == "quiet"]),
            ):
                rows = rows_of(ask(engine, "quiet_pairs", show=show, **asked))
                assert_same_rows(rows, shown, ("from_id", "to_id", "basis"))
    # What was never there was not compared.
    assert {basis for basis, _ in n_of} == set(BASES)
    assert min(n_of.get((b, s), 0) for b in BASES for s in ("in_contact", "quiet")) > 0, n_of
    assert {status for _, status in n_of} == {"in_contact", "quiet", "not_covered", "not_recorded"}
