"""Small numbers: what is hidden, and that an attacker who knows the totals cannot undo it."""

from __future__ import annotations

import itertools

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pathgraph.queries.privacy import Suppressed, suppress
from pathgraph.queries.spec import Kind, Return, Sum

UNIT = Return("unit", Kind.UNIT, "")
PERSONS = Return("n_patients", Kind.PERSONS, "")
STAYS = Return("n_stays", Kind.COUNT, "")
COLUMNS = (UNIT, PERSONS, STAYS)


def table_of(persons: list[int | None]) -> pa.Table:
    return pa.table(
        {
            "unit": [f"u{i}" for i in range(len(persons))],
            "n_patients": pa.array(persons, pa.int64()),
            "n_stays": pa.array([None if n is None else n * 2 for n in persons], pa.int64()),
        }
    )


def hide(persons: list[int | None], threshold: int = 5, **kwargs: object) -> Suppressed:
    return suppress(table_of(persons), COLUMNS, key=("unit",), threshold=threshold, **kwargs)  # type: ignore[arg-type]


def shown(persons: list[int | None], threshold: int = 5) -> list[int | None]:
    return list(hide(persons, threshold).table.column("n_patients").to_pylist())


@pytest.mark.parametrize(
    ("persons", "expected"),
    [
        # The boundary: 4 is small, 5 is not.
        ([5, 6, 7], [5, 6, 7]),
        # One small number: the smallest other one goes with it.
        ([4, 9, 6, 7], [None, 9, None, 7]),
        ([9, 4, 6, 6], [9, None, None, 6]),
        # Nobody is nobody: shown, and no cover for others.
        ([0, 9, 7], [0, 9, 7]),
        ([0, 3, 9, 7], [0, None, 9, None]),
        # Two small ones whose sum is at least the threshold cover each other.
        ([4, 4, 9], [None, None, 9]),
        ([3, 2, 9], [None, None, 9]),
        # Their sum gives them away: 1 + 1 = 2, so each is 1.
        ([1, 1, 9, 8], [None, None, 9, None]),
        # Five ones: the sum is 5, and each is at least 1.
        ([1, 1, 1, 1, 1, 20, 30], [None] * 6 + [30]),
        ([2, 2, 2, 2, 20], [None, None, None, None, 20]),
        # Nothing is left to hide.
        ([3], [None]),
        ([1, 2], [None, None]),
        ([2, 0], [None, 0]),
        ([], []),
        # An unknown number is no cover either.
        ([None, 9, 8], [None, 9, 8]),
        ([None, 2, 8, 9], [None, None, None, 9]),
    ],
)
def test_small_numbers_and_their_cover(
    persons: list[int | None], expected: list[int | None]
) -> None:
    assert shown(persons) == expected


def test_a_row_hides_its_measures_and_keeps_its_names() -> None:
    result = hide([4, 9, 6])
    assert result.table.to_pylist() == [
        {"unit": "u0", "n_patients": None, "n_stays": None},
        {"unit": "u1", "n_patients": 9, "n_stays": 18},
        {"unit": "u2", "n_patients": None, "n_stays": None},
    ]
    assert {name: mask.tolist() for name, mask in result.hidden.items()} == {
        "n_patients": [True, False, True],
        "n_stays": [True, False, True],
    }
    assert result.n_suppressed == 2


@pytest.mark.parametrize("threshold", [0, 1])
def test_no_threshold_hides_nothing(threshold: int) -> None:
    result = hide([1, 2, 0], threshold, among=3)
    assert result.table.column("n_patients").to_pylist() == [1, 2, 0]
    assert (result.n_suppressed, result.among, result.is_among_hidden) == (0, 3, False)


@pytest.mark.parametrize("kind", [k for k in Kind if k is not Kind.PERSONS])
def test_every_kind_of_measure_goes_and_names_stay(kind: Kind) -> None:
    values = {
        Kind.LIST: pa.array([["a"], ["b"]]),
        Kind.BOOLEAN: pa.array([True, False]),
        Kind.COUNT: pa.array([1, 2]),
    }.get(kind, pa.array(["x", "y"]) if not kind.is_measure else pa.array([0.5, 0.25]))
    if kind in (Kind.DATE, Kind.TIME):
        values = pa.array(["2026-01-01", "2026-01-02"])
    table = pa.table({"unit": ["a", "b"], "value": values, "n": [3, 9]})
    columns = (UNIT, Return("value", kind, ""), Return("n", Kind.PERSONS, ""))
    result = suppress(table, columns, key=("unit",), threshold=5)
    expected = [None, None] if kind.is_measure else ["x", "y"]
    assert result.table.column("value").to_pylist() == expected
    assert kind.is_measure == (kind not in (Kind.ID, Kind.UNIT, Kind.TEXT))


def test_a_measure_in_the_key_names_the_row_and_stays() -> None:
    table = pa.table({"n_stays": [1, 2], "n": [3, 9]})
    columns = (STAYS, Return("n", Kind.PERSONS, ""))
    result = suppress(table, columns, key=("n_stays",), threshold=5)
    assert result.table.to_pylist() == [{"n_stays": 1, "n": None}, {"n_stays": 2, "n": None}]


ALL = Return("n_all", Kind.PERSONS, "")
BACK = Return("n_back", Kind.PERSONS, "", of=("n_all",))
STAYS_OF_ALL = Return("n_stays", Kind.COUNT, "", of=("n_all",))
SHARE = Return("share", Kind.SHARE, "")
RATE_COLUMNS = (UNIT, ALL, BACK, STAYS_OF_ALL, SHARE)


def rates(n_all: list[int], n_back: list[int]) -> list[tuple[object, ...]]:
    table = pa.table(
        {
            "unit": [f"u{i}" for i in range(len(n_all))],
            "n_all": n_all,
            "n_back": n_back,
            "n_stays": n_all,
            "share": [b / a for a, b in zip(n_all, n_back, strict=True)],
        }
    )
    result = suppress(table, RATE_COLUMNS, key=("unit",), threshold=5).table
    names = ("n_all", "n_back", "n_stays", "share")
    return [tuple(row[name] is not None for name in names) for row in result.to_pylist()]


YES, PART, NO = (True,) * 4, (True, False, True, False), (False,) * 4


@pytest.mark.parametrize(
    ("n_all", "n_back", "expected"),
    [
        ([40, 50], [20, 20], [YES, YES]),
        # Few came back: that and the share are hidden, the whole and its stays are not.
        ([40, 50, 60], [3, 20, 25], [PART, PART, YES]),
        # Few did not: 40 - 38 = 2.
        ([40, 50, 60], [38, 20, 25], [PART, PART, YES]),
        # All of them, none of them: no few.
        ([40, 50], [40, 20], [YES, YES]),
        ([40, 50], [0, 20], [YES, YES]),
        # The cover must have some who did not, or 2 is still the sum of those.
        ([40, 20, 60], [38, 20, 25], [PART, YES, PART]),
        # A small whole hides its part, also one of nobody.
        ([4, 50, 60], [0, 20, 25], [NO, NO, YES]),
    ],
)
def test_the_rest_of_a_whole_is_protected_too(
    n_all: list[int], n_back: list[int], expected: list[tuple[bool, ...]]
) -> None:
    assert rates(n_all, n_back) == expected


@pytest.mark.parametrize(
    ("persons", "among", "kind", "is_hidden"),
    [
        ([9, 8], 17, Kind.PERSONS, False),
        ([9, 8], 4, Kind.PERSONS, True),
        ([9, 8], 4, Kind.COUNT, True),
        ([0], 0, Kind.PERSONS, False),
        # 12 - 9 = 3 people are not in the first row.
        ([9, 8], 12, Kind.PERSONS, True),
        ([9], 9, Kind.PERSONS, False),
        ([9], 13, Kind.PERSONS, True),
        ([9], 14, Kind.PERSONS, False),
        # 19 stays of which 18 are in the row: of tallies it is not known whose they are.
        ([9], 19, Kind.COUNT, False),
        ([9], 12, Kind.COUNT, False),
        # A hidden row tells nothing.
        ([3, 6], 8, Kind.PERSONS, False),
    ],
)
def test_the_denominator_is_hidden_where_it_tells(
    persons: list[int | None], among: int, kind: Kind, is_hidden: bool
) -> None:
    result = hide(persons, among=among, among_kind=kind)
    assert result.is_among_hidden is is_hidden
    assert result.among == (None if is_hidden else among)


def could_be(published: list[int | None], total: int) -> list[set[int]]:
    """Return what each hidden number can be for one who knows the total, by trying all."""
    places = [i for i, n in enumerate(published) if n is None]
    rest = total - sum(n for n in published if n is not None)
    possible: list[set[int]] = [set() for _ in places]
    for values in itertools.product(range(1, rest + 1), repeat=len(places)):
        if sum(values) == rest:
            for seen, value in zip(possible, values, strict=True):
                seen.add(value)
    return possible


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 7), min_size=1, max_size=5), st.integers(2, 4))
def test_the_total_gives_no_hidden_number_away(persons: list[int], threshold: int) -> None:
    published = shown(list(persons), threshold)
    for before, after in zip(persons, published, strict=True):
        assert after in (None, before)
        assert after is None or after == 0 or after >= threshold
    if None not in published:
        return
    if all(n is None or n == 0 for n in published):
        return  # There was no further row to hide.
    small = set(range(1, threshold))
    for possible in could_be(published, sum(persons)):
        assert small <= possible


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=6))
def test_whole_and_part_never_differ_by_few(pairs: list[tuple[int, int]]) -> None:
    n_all = [max(pair) for pair in pairs]
    n_back = [min(pair) for pair in pairs]
    table = pa.table({"n_all": n_all, "n_back": n_back})
    result = suppress(table, (ALL, BACK), key=(), threshold=5)
    for row in result.table.to_pylist():
        if row["n_all"] is None:
            assert row["n_back"] is None
        elif row["n_back"] is not None:
            assert not 0 < row["n_all"] - row["n_back"] < 5
    hidden = [i for i, r in enumerate(result.table.to_pylist()) if r["n_back"] is None]
    rests = [n_all[i] - n_back[i] for i in hidden if result.table["n_all"][i].as_py() is not None]
    others = [i for i in range(len(pairs)) if i not in hidden and n_all[i] > n_back[i] > 0]
    # The sum of those who did not: of at least two rows, or nothing was left to hide.
    assert not any(0 < r < 5 for r in rests) or len([r for r in rests if r]) > 1 or not others


PAIR = (
    Return("from_id", Kind.UNIT, ""),
    Return("to_id", Kind.UNIT, ""),
    Return("n_patients", Kind.PERSONS, "", of=("to_patients",)),
    Return("to_patients", Kind.PERSONS, ""),
)


def cells(margins: tuple[str, ...]) -> list[int | None]:
    """Two municipalities by two units, and a third unit: one small cell in each of two columns."""
    numbers = {("a", "x"): 3, ("b", "x"): 40, ("c", "x"): 60, ("a", "y"): 50, ("b", "y"): 4}
    totals = {"x": 103, "y": 54}
    table = pa.table(
        {
            "from_id": [pair[0] for pair in numbers],
            "to_id": [pair[1] for pair in numbers],
            "n_patients": list(numbers.values()),
            "to_patients": [totals[pair[1]] for pair in numbers],
        }
    )
    found = suppress(table, PAIR, key=("from_id", "to_id"), threshold=5, margins=margins)
    return list(found.table.column("n_patients").to_pylist())


def test_a_number_cannot_be_worked_out_within_a_margin_either() -> None:
    # 3 and 4 cover each other in the whole; of 54 all but 4 are shown, so these are hidden with it.
    assert cells(()) == [None, 40, 60, None, None]
    # 103 - 40 - 60 would give the 3 away.
    assert cells(("to_id",)) == [None, None, 60, None, None]
    # Of municipality b both are hidden; of a both; c has none to hide.
    assert cells(("from_id", "to_id")) == [None, None, 60, None, None]


DEPARTMENTS = (Return("department", Kind.UNIT, ""), Return("clinic", Kind.UNIT, ""), PERSONS)
Clinics = dict[str, list[int]]


def departments(clinics: Clinics, threshold: int = 5) -> dict[str, list[int | None]]:
    """Return what is shown of the departments of each clinic, in a table of all."""
    rows = [(c, f"{c}{i}", n) for c, numbers in clinics.items() for i, n in enumerate(numbers)]
    table = pa.table(
        {
            "department": [row[1] for row in rows],
            "clinic": pa.array([row[0] or None for row in rows], pa.string()),
            "n_patients": pa.array([row[2] for row in rows], pa.int64()),
        }
    )
    found = suppress(
        table, DEPARTMENTS, key=("department",), threshold=threshold, within=[("clinic",)]
    ).table.to_pylist()
    return {
        clinic: [row["n_patients"] for row in found if row["clinic"] == (clinic or None)]
        for clinic in clinics
    }


@pytest.mark.parametrize(
    ("clinics", "expected"),
    [
        # 3 and 4 would cover each other in the whole, but 53 and 64 are shown.
        ({"a": [3, 50], "b": [4, 60]}, {"a": [None, None], "b": [None, None]}),
        ({"a": [3, 50, 70], "b": [4, 60, 9]}, {"a": [None, None, 70], "b": [None, 60, None]}),
        # Clinic a is hidden, and b to cover it: b's departments would tell b's number.
        ({"a": [3], "b": [9, 8], "c": [90]}, {"a": [None], "b": [None, None], "c": [90]}),
        # One department is its clinic.
        ({"a": [7], "b": [60]}, {"a": [7], "b": [60]}),
        ({"a": [7, 0], "b": [60]}, {"a": [7, 0], "b": [60]}),
        # What belongs to no clinic stands together.
        ({"a": [9, 70], "": [3, 60]}, {"a": [9, 70], "": [None, None]}),
        # Where nothing belongs anywhere, the whole is one table.
        ({"": [3, 4, 60]}, {"": [None, None, 60]}),
        ({}, {}),
    ],
)
def test_departments_do_not_tell_more_than_their_clinics(
    clinics: Clinics, expected: dict[str, list[int | None]]
) -> None:
    assert departments(clinics) == expected


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=1, max_size=2), min_size=1, max_size=3))
def test_who_sees_clinics_and_departments_can_work_out_no_small_number(
    numbers: list[list[int]],
) -> None:
    clinics = {"abc"[i]: group for i, group in enumerate(numbers)}
    totals = dict(zip(clinics, shown([sum(group) for group in numbers], 3), strict=True))
    published = departments(clinics, 3)
    cells = [(c, i) for c, group in published.items() for i, n in enumerate(group) if n is None]
    assume(len(cells) <= 4 and any(n for group in published.values() for n in group))
    possible: dict[tuple[str, int], set[int]] = {cell: set() for cell in cells}
    for values in itertools.product(range(sum(map(sum, numbers)) + 1), repeat=len(cells)):
        guess = {c: [n or 0 for n in group] for c, group in published.items()}
        for (c, i), value in zip(cells, values, strict=True):
            guess[c][i] = value
        sums = {c: sum(group) for c, group in guess.items()}
        # A clinic's number that is hidden is not 0, and the number of all is known.
        is_right = all(sums[c] == n if n is not None else sums[c] > 0 for c, n in totals.items())
        if is_right and sum(sums.values()) == sum(map(sum, numbers)):
            for cell, value in zip(cells, values, strict=True):
                possible[cell].add(value)
    for (clinic, i), seen in possible.items():
        assert len(seen) > 1 or clinics[clinic][i] in (0, *range(3, 99)), (published, totals)


def test_a_hidden_part_is_not_what_the_others_leave() -> None:
    columns = (
        UNIT,
        ALL,
        *(Return(name, Kind.PERSONS, "", of=("n_all",)) for name in ("n_own", "n_asked", "n_not")),
    )
    sums = (Sum("n_all", ("n_own", "n_asked", "n_not")),)

    def parts(*rows: tuple[int, int, int]) -> list[tuple[int | None, ...]]:
        names = ("n_own", "n_asked", "n_not")
        table = pa.table(
            {
                "unit": [f"u{i}" for i in range(len(rows))],
                "n_all": [sum(row) for row in rows],
                **{name: [row[i] for row in rows] for i, name in enumerate(names)},
            }
        )
        found = suppress(table, columns, key=("unit",), threshold=5, sums=sums).table
        return [tuple(row[name] for name in ("n_all", *names)) for row in found.to_pylist()]

    # 60 - 30 - 27 is 3.
    assert parts((30, 27, 3), (20, 20, 20), (20, 20, 20))[0] == (60, 30, None, None)
    # 11 - 10 is 1: 10 of 11 leaves too few as well.
    assert parts((10, 0, 1))[0] == (11, None, 0, None)
    # Three of the same row are covered by each other.
    assert parts((30, 4, 4))[0] == (38, 30, None, None)
    # Hidden only to cover the 3 of another unit; where nobody is in the others, one covers it.
    assert parts((3, 20, 20), (9, 0, 0))[1] == (9, None, None, 0)
    # A hidden whole hides its parts.
    assert parts((2, 1, 0), (20, 20, 20), (1, 2, 0))[0] == (None, None, None, None)
