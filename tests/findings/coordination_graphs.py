"""Random small graphs of plans, roles, needs and contacts that sit on the boundaries of the rules.

Every graph has units, professionals and patients of its own, so that many lie side by side in one
load. Every stay is one admission, with or without a ward stay below it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from tests.findings.drawn import Row

DAY = date(2024, 6, 30)

_OFFSETS = (
    -800, -400, -367, -366, -365, -364, -300, -200, -181, -121, -91, -90, -89, -60, -31, -30, -29,
    -2, -1, 0, 1, 2, 30,
)  # fmt: skip
_UNITS = (
    # name, kind, level, above
    ("hosp", "hospital", "hospital", None),
    ("heart", "clinic", "hospital", "hosp"),
    ("ward", "ward", "hospital", "heart"),
    ("lung", "clinic", "hospital", "hosp"),
    ("dps", "ward", "psychiatry", None),
    ("town", "municipal_service", "municipal", None),
    ("home", "municipal_service", "municipal", "town"),
    ("nursing", "municipal_service", "municipal", "town"),
    ("gp", "gp_practice", "gp", None),
)
_PEOPLE = ("doctor", "surgeon", "nurse", "helper", "stranger")
_ROLES = ("coordinator", "coordinator", "plan_coordinator", "cancer_coordinator")
_NEED = ("needs", "needs", "needs", "declined", "criteria_not_met", "unknown")
_STATUS = ("active", "active", "active", "draft", "on_hold", "completed")
_PLAN_KINDS = ("individual_plan", "individual_plan", "crisis_plan", None)
_SERVICES = ("15", "15", "20", "1")
_TABLES = (
    "patients", "units", "contacts", "professionals", "employments", "roles", "needs", "plans",
    "plan_statuses", "plan_revisions", "plan_owners", "residences", "municipalities", "coverage",
)  # fmt: skip


class Drawing:
    """Tables that grow while graphs are drawn."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.tables: dict[str, list[Row]] = {name: [] for name in _TABLES}
        self.keys: set[tuple[object, ...]] = set()
        self.tables["municipalities"] = [
            {"municipality_code": "5501", "name": "Tromsø"},
            {"municipality_code": "5503", "name": "Harstad"},
        ]
        self.tables["coverage"] = [
            {"source": "a", "level": level, "covered_from": start, "covered_to": to}
            for level, start, to in (
                ("hospital", "2021-01-01", "2024-07-01"),
                ("psychiatry", "2021-01-01", "2024-07-01"),
                ("municipal", "2023-07-01", "2025-01-01"),
            )
        ]

    def _add(self, table: str, key: Iterable[object], **row: object) -> bool:
        """Add a row unless one with its key is there."""
        found = (table, *key)
        if found in self.keys:
            return False
        self.keys.add(found)
        self.tables[table].append(row)
        return True

    def _day(self, offset: int) -> str:
        return (DAY + timedelta(days=offset)).isoformat()

    def _pick_day(self) -> str:
        return self._day(self.random.choice(_OFFSETS))

    def _validity(self, open_share: float = 0.5) -> dict[str, str | None]:
        start, stop = sorted(self.random.sample(_OFFSETS, 2))
        return {
            "valid_from": None if self.random.random() < 0.15 else self._day(start),
            "valid_to": None if self.random.random() < open_share else self._day(stop),
        }

    def graph(self, number: int) -> None:
        """Draw one graph of three patients."""
        name = f"g{number}"
        for unit, kind, level, above in _UNITS:
            is_closing = self.random.random() < 0.2
            self._add(
                "units", [name, unit], unit_id=f"{name}-{unit}", name=unit, kind=kind, level=level,
                parent_unit_id=above and f"{name}-{above}",
                **(self._validity(0) if is_closing else {}),
            )  # fmt: skip
        for person in _PEOPLE:
            self._add("professionals", [name, person], professional_id=f"{name}-{person}")
            for _ in range(self.random.choice((1, 1, 2)) if person != "stranger" else 0):
                unit = f"{name}-{self.random.choice(_UNITS)[0]}"
                validity = self._validity(0.6)
                self._add(
                    "employments", [name, person, unit, validity["valid_from"]],
                    professional_id=f"{name}-{person}", unit_id=unit, **validity,
                )  # fmt: skip
        for patient in range(3):
            self._patient(name, f"{name}p{patient}")

    def _holder(self, graph: str) -> dict[str, str | None]:
        if self.random.random() < 0.4:
            unit = self.random.choice(_UNITS)[0]
            return {"unit_id": f"{graph}-{unit}", "professional_id": None}
        return {"unit_id": None, "professional_id": f"{graph}-{self.random.choice(_PEOPLE)}"}

    def _patient(self, graph: str, patient: str) -> None:
        chance = self.random.random
        died = self._pick_day() if chance() < 0.1 else None
        self._add("patients", [patient], patient_id=patient, died_on=died)
        self._residences(patient)
        self._contacts(graph, patient)
        for _ in range(self.random.choice((0, 1, 2, 3))):
            self._held(graph, "roles", {"patient_id": patient, "role": self.random.choice(_ROLES)})
        for need in ("coordinator", "individual_plan"):
            for _ in range(self.random.choice((0, 0, 1, 2, 3))):
                day = self._pick_day()
                self._add(
                    "needs", [patient, need, day], patient_id=patient, need=need,
                    status=self.random.choice(_NEED), assessed_on=day,
                )  # fmt: skip
        for number in range(self.random.choice((0, 1, 1, 2))):
            self._plan(graph, patient, f"{patient}plan{number}")

    def _held(self, graph: str, table: str, row: Row) -> None:
        holder, validity = self._holder(graph), self._validity()
        key = [*row.values(), *holder.values(), validity["valid_from"]]
        self._add(table, key, **row, **holder, **validity)

    def _plan(self, graph: str, patient: str, plan: str) -> None:
        kind = self.random.choice(_PLAN_KINDS)
        validity = self._validity(0.9) if self.random.random() < 0.7 else {}
        self._add("plans", [plan], plan_id=plan, patient_id=patient, kind=kind, **validity)
        for _ in range(self.random.choice((0, 0, 1, 2))):
            day, status = self._pick_day(), self.random.choice(_STATUS)
            self._add("plan_statuses", [plan, day], plan_id=plan, status=status, valid_from=day)
        for _ in range(self.random.choice((0, 0, 1, 2))):
            day = self._pick_day()
            due = self._pick_day() if self.random.random() < 0.5 else None
            self._add("plan_revisions", [plan, day], plan_id=plan, revised_on=day, revise_by=due)
        for _ in range(self.random.choice((0, 1, 1, 2, 3))):
            self._held(graph, "plan_owners", {"plan_id": plan})

    def _residences(self, patient: str) -> None:
        if self.random.random() < 0.1:
            return
        moved = self._pick_day() if self.random.random() < 0.4 else None
        self.tables["residences"].append(
            {"patient_id": patient, "municipality_code": "5501", "valid_to": moved}
        )
        if moved is not None:
            self.tables["residences"].append(
                {"patient_id": patient, "municipality_code": "5503", "valid_from": moved}
            )

    def _contacts(self, graph: str, patient: str) -> None:
        """Visits at clinics, services, and admissions far enough apart to be stays of their own."""
        number = 0

        def contact(unit: str, start: str, end: str | None, **more: object) -> str:
            nonlocal number
            number += 1
            id_ = f"{patient}c{number}"
            self._add(
                "contacts", [id_], contact_id=id_, patient_id=patient, unit_id=f"{graph}-{unit}",
                started_at=start, ended_at=end, **more,
            )  # fmt: skip
            return id_

        for unit in ("heart", "ward", "lung", "dps", "gp"):
            is_regular = self.random.random() < 0.5
            offsets = self.random.sample((-120, -91, -90, -45, -30, -1, 0, 1), 4)
            far = self.random.choice((0, 0, -245, -274, -275, -276))
            for offset in offsets if is_regular else offsets[:1]:
                day = self._day(offset + far)
                end = f"{day}T11:00" if self.random.random() < 0.8 else None
                contact(unit, f"{day}T10:00", end, care_level="outpatient")
        for _ in range(self.random.choice((0, 0, 1, 2))):
            start, stop = sorted(self.random.sample(_OFFSETS, 2))
            end = f"{self._day(stop)}T08:00" if self.random.random() < 0.5 else None
            kind = self.random.choice(_SERVICES)
            contact("home", f"{self._day(start)}T08:00", end, kind=kind)
        self._admissions(contact)

    def _admissions(self, contact: Callable[..., str]) -> None:
        starts = sorted(self.random.sample((-500, -370, -140, -100, -62, -33, -10, 3), 2))
        for place, start in enumerate(starts[: self.random.choice((0, 1, 1, 2))]):
            length = self.random.choice((0, 1, 2, 3, 4))
            is_last = place == 1
            end = f"{self._day(start + length)}T23:30"
            is_open = is_last and self.random.random() < 0.3
            finish = None if is_open else end
            begin = f"{self._day(start)}T20:00"
            admission = contact(
                "ward", begin, finish, care_level="overnight", urgency=self.random.choice("1142"),
                ended_dead=is_last and not is_open and self.random.random() < 0.3,
            )  # fmt: skip
            if self.random.random() < 0.5:
                contact("lung", begin, finish, parent_contact_id=admission)


def draw(seed: int, n_graphs: int) -> dict[str, list[Row]]:
    """Return the tables of so many graphs side by side."""
    drawing = Drawing(seed)
    for number in range(n_graphs):
        drawing.graph(number)
    return drawing.tables
