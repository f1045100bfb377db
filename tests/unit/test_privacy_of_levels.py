"""Hospitals, clinics and departments: who reads all three tables can work out no small number."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest

from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.privacy import suppress
from pathgraph.queries.spec import Return
from tests.attack import SENT, worked_out

FINDING = find_finding("referral_gaps")
LEVELS = ("department", "clinic", "hospital")
COUNTS = ("n_eligible", "n_referred", *SENT)
Numbers = Sequence[int]
Hospitals = Sequence[Sequence[Sequence[Numbers]]]
"""Departments in clinics in hospitals; of each department its counts."""
Rows = list[dict[str, Any]]


def rows_by(level: str, hospitals: Hospitals) -> tuple[Rows, dict[str, list[str]]]:
    """Return the rows of one table, and the departments of each."""
    rows: dict[str, dict[str, Any]] = {}
    of: dict[str, list[str]] = {}
    for h, clinics in enumerate(hospitals):
        for c, departments in enumerate(clinics):
            for d, numbers in enumerate(departments):
                chain = [f"h{h}c{c}d{d}", f"h{h}c{c}", f"h{h}", "all"]
                place = [*LEVELS, "all"].index(level)
                above = dict(zip(LEVELS[place + 1 :], chain[place + 1 :], strict=False))
                row = rows.setdefault(
                    chain[place],
                    {"by_value": chain[place], "clinic": None, "hospital": None, **above,
                     "n_departments": 0, **dict.fromkeys(COUNTS, 0)},
                )  # fmt: skip
                row["n_departments"] += 1
                for name, number in zip(COUNTS, numbers, strict=False):
                    row[name] += number
                of.setdefault(chain[place], []).append(chain[0])
    return list(rows.values()), of


def freed(rows: Rows, columns: Sequence[Return], **known: Any) -> Rows:
    """Return the rows, of these columns, as a reader sees them."""
    names = {c.name: pa.int64() if c.kind.is_measure else pa.string() for c in columns}
    true = [{name: row[name] for name in names} for row in rows]
    return suppress(
        pa.Table.from_pylist(true, pa.schema(names)), columns, **known
    ).table.to_pylist()


def told(
    hospitals: Hospitals,
    columns: Sequence[str],
    threshold: int = 5,
    *,
    apart: bool = False,
    totals: bool = False,
) -> list[Any]:
    """Return what the tables give away.

    ``apart`` frees each of small numbers by itself; with ``totals`` it is known how many of all
    were referred by whom.
    """
    tables, is_empty = [], False
    for level in (*LEVELS, "all"):
        rows, of = rows_by(level, hospitals)
        returns = [c for c in FINDING.returns if c.name in rows[0] and c.name not in COUNTS]
        returns += [c for c in FINDING.returns if c.name in columns]
        shown = freed(
            rows,
            returns,
            key=FINDING.key,
            threshold=threshold,
            within=() if apart else FINDING.within,
            least="" if apart else FINDING.least,
            sums=FINDING.sums if set(SENT) <= set(columns) else (),
        )
        if level == "all" and not totals:
            # That table is of referral_trend, which does not say who referred.
            rows, shown = ([{**row, **dict.fromkeys(SENT)} for row in t] for t in (rows, shown))
        tables.append((rows, shown, of))
        is_empty = all(row["n_eligible"] is None for row in shown) or is_empty
    # Where no hospital is shown the total of all is small, and nothing can cover anything.
    return [] if is_empty and not apart else worked_out(tables, columns, threshold)


ELIGIBLE = ("n_eligible",)


def eligible(*hospitals: Sequence[Sequence[int]]) -> Hospitals:
    return [[[(n,) for n in clinic] for clinic in hospital] for hospital in hospitals]


@pytest.mark.parametrize(
    "hospitals",
    [
        # 43 - 40 is the clinic of 3: the 4 that covers it is of the other hospital.
        eligible([[3], [40]], [[4], [60]]),
        # The hospital of 3 is covered by that of 15, whose clinics are shown.
        eligible([[3]], [[7], [8]], [[40], [6]]),
        # Two clinics of three rows each: 6 people in six rows are one in each.
        eligible([[1, 1, 1]], [[1, 1, 1]], [[40], [50]]),
        # Five in five rows.
        eligible([[1, 1, 1, 1, 1], [20]], [[40], [50]]),
        # Two chains of totals, from the department to the hospital.
        eligible([[9, 3], [30, 20]], [[50, 8, 4], [3, 70]]),
    ],
)
def test_the_attack_finds_what_tables_apart_give_away(hospitals: Hospitals) -> None:
    assert told(hospitals, ELIGIBLE, apart=True)
    assert told(hospitals, ELIGIBLE) == []


def drawn(chance: random.Random) -> Hospitals:
    def counts() -> Numbers:
        n = chance.choice((1, 1, 2, 3, 4, 5, 6, 8, 12, 30))
        referred = min(n, chance.choice((0, 0, 1, 1, 2, 3, 5, 8, 30)))
        sent = [0, 0, 0, 0]
        for _ in range(referred):
            sent[chance.choice((0, 0, 1, 2, 2, 3))] += 1
        return (n, referred, *sent)

    return [
        [[counts() for _ in range(chance.randint(1, 3))] for _ in range(chance.randint(1, 3))]
        for _ in range(chance.randint(1, 3))
    ]


@pytest.mark.parametrize("threshold", [3, 5, 10])
@pytest.mark.parametrize("columns", [ELIGIBLE, COUNTS[:2], COUNTS], ids=len)
def test_nothing_is_worked_out_from_random_tables(columns: Sequence[str], threshold: int) -> None:
    chance = random.Random(f"{threshold} {columns}")
    drawings = [drawn(chance) for _ in range(25)]
    assert [found for one in drawings if (found := told(one, columns, threshold))] == []


def test_no_number_that_covers_another_stands_alone_in_its_column() -> None:
    drawings = [drawn(random.Random(f"3 {COUNTS} {seed}")) for seed in range(22, 33)]
    assert [found for one in drawings if (found := told(one, COUNTS, 3, totals=True))] == []


OVER_TIME = find_finding("referral_control")
Periods = dict[tuple[str, str], Numbers]
"""Of each clinic, after its hospital, the number in each period."""


def told_over_time(clinics: Periods, *, apart: bool = False) -> list[Any]:
    """Return what the periods of the clinics, and the totals of all levels, give away."""
    known: dict[str, Any] = {} if apart else {
        "within": OVER_TIME.within, "least": OVER_TIME.least, "repeated": OVER_TIME.repeated,
    }  # fmt: skip
    tables = []
    for level in ("clinic", "hospital", "all"):
        true = rows_over_time(level, clinics)
        columns = [column for column in OVER_TIME.returns if column.name in true[0]]
        shown = freed(
            true,
            columns,
            key=OVER_TIME.key,
            threshold=5,
            margins=OVER_TIME.margins,
            **known,
        )
        if level == "clinic":
            sides = [
                [{**row, "by_value": row["by_value"] + row["period"]} for row in side]
                for side in (true, shown)
            ]
            tables.append((*sides, {row["by_value"]: [row["by_value"]] for row in sides[0]}))
        first = true[0]["period"]
        totals = [
            [{**r, "n_eligible": r["n_in_all"]} for r in side if r["period"] == first]
            for side in (true, shown)
        ]
        of = {
            row["by_value"]: [
                own["by_value"] + own["period"]
                for own in rows_over_time("clinic", clinics)
                if row["by_value"] in (own["by_value"], own["hospital"], "all")
            ]
            for row in totals[0]
        }
        tables.append((*totals, of))
    return worked_out(tables, ELIGIBLE, 5)


def rows_over_time(level: str, clinics: Periods) -> Rows:
    """Return the rows of one table with nothing hidden."""
    numbers: dict[tuple[str, str | None], list[Numbers]] = {}
    for (hospital, clinic), own in clinics.items():
        unit = {"clinic": (clinic, hospital), "hospital": (hospital, None)}.get(level)
        numbers.setdefault(unit or ("all", None), []).append(own)
    return [
        {"by_value": unit, "hospital": above, "period": f" {2000 + at}", "n_departments": len(own),
         "n_in_all": sum(map(sum, own)), "n_eligible": sum(n)}
        for (unit, above), own in numbers.items()
        for at, n in enumerate(zip(*own, strict=True))
    ]  # fmt: skip


@pytest.mark.parametrize(
    "clinics",
    [
        # Nobody covers the clinic of 3, whose periods are a part of it.
        {("h", "a"): (1, 2), ("h", "b"): (20, 30), ("h", "c"): (30, 30)},
        # The clinic that covers is shown period by period.
        {("h", "a"): (3, 1), ("h", "b"): (20, 30), ("g", "c"): (30, 30), ("g", "d"): (4, 60)},
    ],
)
def test_the_periods_of_a_clinic_give_away_no_other(clinics: Periods) -> None:
    assert told_over_time(clinics, apart=True)
    assert told_over_time(clinics) == []


def test_nothing_is_worked_out_from_random_periods() -> None:
    def drawn_periods(chance: random.Random) -> Periods:
        return {
            (hospital, hospital + clinic): drawn_numbers(chance)
            for hospital in "gh"
            for clinic in "abc"[: chance.randint(1, 3)]
        }

    def drawn_numbers(chance: random.Random) -> Numbers:
        numbers = [chance.choice((1, 2, 3, 5, 8, 30)) for _ in range(3)]
        # With 5 in three periods that all have somebody, each has at most 3: nothing is left that
        # could be hidden, and the total is shown by other findings too (decision 0021).
        return numbers if sum(numbers) != 5 else drawn_numbers(chance)

    drawings = [drawn_periods(random.Random(seed)) for seed in range(25)]
    assert any(told_over_time(one, apart=True) for one in drawings)
    assert [found for one in drawings if (found := told_over_time(one))] == []


REACH = find_finding("reach")
Cells = dict[tuple[str, str], int]


def told_by_age_and_place(cells: Cells, *, apart: bool = False) -> list[Any]:
    """Return what the tables of ``reach`` by age, by municipality and by both give away."""
    names = ("age_group", "municipality_code")
    tables = []
    for asked in (names, names[:1], names[1:]):
        sums: dict[tuple[str | None, ...], int] = {}
        of: dict[str, list[str]] = {}
        for cell, n in cells.items():
            group = tuple(v if name in asked else None for name, v in zip(names, cell, strict=True))
            sums[group] = sums.get(group, 0) + n
            of.setdefault(str(group), []).append(str(cell))
        columns: dict[str, Any] = {
            name: pa.array([group[place] for group in sums], pa.string())
            for place, name in enumerate(names)
        }
        table = pa.table(columns | {"n_eligible": list(sums.values())})
        returns = [column for column in REACH.returns if column.name in table.column_names]
        within = () if apart else REACH.within
        shown = suppress(table, returns, key=names, threshold=5, within=within).table
        true, published = (
            [row | {"by_value": str(g)} for row, g in zip(t.to_pylist(), sums, strict=True)]
            for t in (table, shown)
        )
        tables.append((true, published, of))
    return worked_out(tables, ELIGIBLE, 5)


@pytest.mark.parametrize(
    "cells",
    [
        # The 3 and the 4 cover each other in the whole, but not in their age and place.
        {("old", "a"): 3, ("old", "b"): 30, ("young", "a"): 40, ("young", "b"): 4,
         ("young", "c"): 20, ("old", "c"): 25},
        # The oldest are hidden, and in the table of both only in part.
        {("80+", "a"): 2, ("80+", "b"): 2, ("old", "a"): 6, ("old", "b"): 7, ("young", "a"): 40,
         ("young", "b"): 50},
    ],
)  # fmt: skip
def test_reach_by_two_things_gives_away_neither(cells: Cells) -> None:
    assert told_by_age_and_place(cells, apart=True)
    assert told_by_age_and_place(cells) == []
