"""Indirect standardisation against counting patient by patient."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from pathgraph.analysis.observed_expected import against_expected
from pathgraph.analysis.standardised import against_others, expected_of_units

STRATA = ("age", "sex", "area")
Patient = tuple[str, bool, tuple[str, ...]]


def drawn(seed: int, n: int = 300) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {
            "clinic": random.choice(list("abcde"), n, p=[0.4, 0.3, 0.2, 0.07, 0.03]),
            "is_referred": random.random(n) < 0.3,
            "age": random.choice(["40", "60", "80"], n),
            "sex": random.choice(["female", "male"], n),
            "area": random.choice([f"area {k}" for k in range(12)], n),
        }
    )
    return frame


def by_hand(frame: pd.DataFrame, strata: Sequence[str], *, is_left_out: bool) -> dict[str, tuple]:
    """(eligible, observed, expected, coarser) by unit, patient by patient."""
    patients: list[Patient] = [
        (row["clinic"], bool(row["is_referred"]), tuple(row[name] for name in strata))
        for row in frame.to_dict("records")
    ]
    found: dict[str, list[float]] = {}
    for unit, is_hit, stratum in patients:
        sums = found.setdefault(unit, [0, 0, 0.0, 0])
        sums[0] += 1
        sums[1] += is_hit
        sums[3] += not any(u != unit and s == stratum for u, _, s in patients)
        for length in range(len(stratum), -1, -1):
            hits = [
                h for u, h, s in patients
                if s[:length] == stratum[:length] and not (is_left_out and u == unit)
            ]  # fmt: skip
            if hits:
                sums[2] += sum(hits) / len(hits)
                break
    return {unit: tuple(sums) for unit, sums in found.items()}


@pytest.mark.parametrize("n_strata", [0, 1, 2, 3])
@pytest.mark.parametrize("reference", ["others", "all"])
@pytest.mark.parametrize("seed", [1, 2])
def test_against_counting_by_hand(reference: str, n_strata: int, seed: int) -> None:
    frame, strata = drawn(seed), STRATA[:n_strata]
    rows = expected_of_units(
        frame, unit="clinic", hit="is_referred", strata=strata,
        reference=reference,  # type: ignore[arg-type]
    ).set_index("clinic")  # fmt: skip
    expected = by_hand(frame, strata, is_left_out=reference == "others")
    assert rows.index.to_list() == list(expected)
    for unit, (n, hits, mean, coarser) in expected.items():
        row = rows.loc[unit]
        assert (row["eligible"], row["observed"], row["n_coarser"]) == (n, hits, coarser)
        assert row["expected"] == pytest.approx(mean, rel=1e-12)
    assert (rows["n_coarser"].sum() > 0) == (n_strata == 3)


def test_with_all_as_reference_as_many_are_expected_as_observed() -> None:
    rows = expected_of_units(
        drawn(3), unit="clinic", hit="is_referred", strata=STRATA, reference="all"
    )
    assert rows["expected"].sum() == pytest.approx(rows["observed"].sum())


def test_the_mean_of_the_others_is_the_case_without_strata() -> None:
    frame = pd.DataFrame(
        {"clinic": list("aaaabbbbbc"), "is_referred": [1, 1, 1, 1, 0, 0, 0, 0, 1, 1]}
    )
    rows = expected_of_units(frame, unit="clinic", hit="is_referred").set_index("clinic")
    # 4 x 2/6, 5 x 5/5, 1 x 5/9.
    assert rows["expected"].to_list() == pytest.approx([4 / 3, 5, 5 / 9])
    with_own = expected_of_units(frame, unit="clinic", hit="is_referred", reference="all")
    assert with_own["expected"].to_list() == pytest.approx([2.4, 3, 0.6])


def test_a_unit_is_not_compared_with_itself() -> None:
    """What a clinic itself does must not move what is expected of it."""
    frame = drawn(4)
    is_own = frame["clinic"] == "a"

    def expect(patients: pd.DataFrame) -> float:
        rows = expected_of_units(patients, unit="clinic", hit="is_referred", strata=STRATA)
        return float(rows.set_index("clinic").loc["a", "expected"])

    none = frame.assign(is_referred=frame["is_referred"] & ~is_own)
    every = frame.assign(is_referred=frame["is_referred"] | is_own)
    assert expect(none) == expect(every)


def test_a_stratum_of_its_own_takes_the_coarser_share() -> None:
    frame = pd.DataFrame(
        {
            "clinic": ["a", "a", "b", "b", "b", "c"],
            "is_referred": [False, True, True, True, False, False],
            "age": ["80", "40", "80", "80", "60", "80"],
            "sex": ["male", "male", "female", "female", "male", "female"],
        }
    )
    row = expected_of_units(frame, unit="clinic", hit="is_referred", strata=["age", "sex"]).iloc[0]
    # Nobody else is 80 and male: 2 of 3 of the other 80. Nobody else is 40: 2 of 4 of all others.
    assert row["expected"] == pytest.approx(2 / 3 + 2 / 4)
    assert row["n_coarser"] == 2


def test_one_unit_only_has_no_reference() -> None:
    frame = pd.DataFrame({"clinic": ["a", "a"], "is_referred": [True, False]})
    row = expected_of_units(frame, unit="clinic", hit="is_referred").iloc[0]
    assert row["expected"] is pd.NA
    assert row["reason"] == "no_other_unit"
    assert (row["eligible"], row["observed"], row["n_coarser"]) == (2, 1, 2)
    same = expected_of_units(frame, unit="clinic", hit="is_referred", reference="all").iloc[0]
    assert same["expected"] == 1
    assert same["reason"] is pd.NA


def test_nulls_are_units_and_strata_of_their_own() -> None:
    frame = pd.DataFrame(
        {
            "clinic": pd.Series(["a", None, None, "b"], dtype="str"),
            "is_referred": [True, True, False, False],
            "age": pd.array([None, 70, None, None], dtype="Int64"),
        }
    )
    rows = expected_of_units(frame, unit="clinic", hit="is_referred", strata=["age"])
    assert rows["clinic"].isna().to_list() == [False, True, False]
    # Of a: the others without an age, none of two. Of no clinic: 70 has nobody else, 1 of 2 of all
    # others; without an age 1 of 2. Of b: 1 of 2 without an age.
    assert rows["expected"].to_list() == pytest.approx([0, 1, 0.5])


def test_no_patients() -> None:
    frame = pd.DataFrame({"clinic": pd.Series(dtype="str"), "is_referred": pd.Series(dtype=bool)})
    assert len(expected_of_units(frame, unit="clinic", hit="is_referred")) == 0


def test_printed_exact_test_in_strata() -> None:
    """R's example of penicillin in rabbits: mantelhaen.test(Rabbits, exact = TRUE), p = 0.040."""
    # By level: cured of those treated at once, cured of those treated later.
    levels = [
        ((0, 6), (0, 5)),
        ((3, 6), (0, 6)),
        ((6, 6), (2, 6)),
        ((5, 6), (6, 6)),
        ((2, 2), (5, 5)),
    ]
    frame = pd.DataFrame(
        [
            {"delay": delay, "level": str(level), "is_cured": k < cured}
            for level, arms in enumerate(levels)
            for delay, (cured, n) in zip(("none", "1.5 h"), arms, strict=True)
            for k in range(n)
        ]
    )
    rows = against_others(frame, unit="delay", hit="is_cured", strata=["level"])
    assert rows["p_value"].to_list() == pytest.approx([0.040, 0.040], abs=5e-4)


def every_division(frame: pd.DataFrame, unit: str, strata: Sequence[str]) -> float:
    """The p-value by dealing the hits of each stratum to its patients in every way."""
    keys = [tuple(row[name] for name in strata) for row in frame.to_dict("records")]
    is_own = (frame["clinic"] == unit).to_list()
    is_hit = frame["is_referred"].to_list()
    sums = {0: 1}
    for key in set(keys):
        own = [o for o, k in zip(is_own, keys, strict=True) if k == key]
        hits = sum(h for h, k in zip(is_hit, keys, strict=True) if k == key)
        after: dict[int, int] = {}
        for dealt in itertools.combinations(own, hits):
            for total, ways in sums.items():
                after[total + sum(dealt)] = after.get(total + sum(dealt), 0) + ways
        sums = after
    observed = sum(h for h, o in zip(is_hit, is_own, strict=True) if o)
    lower = sum(ways for total, ways in sums.items() if total <= observed)
    upper = sum(ways for total, ways in sums.items() if total >= observed)
    return min(1.0, 2 * min(lower, upper) / sum(sums.values()))


@pytest.mark.parametrize("n_strata", [0, 1, 2])
@pytest.mark.parametrize("seed", range(3))
def test_exact_test_by_every_division(seed: int, n_strata: int) -> None:
    frame, strata = drawn(seed, 18), STRATA[:n_strata]
    rows = against_others(frame, unit="clinic", hit="is_referred", strata=strata)
    for unit, p_value in zip(rows["clinic"], rows["p_value"], strict=True):
        by_division = every_division(frame, unit, strata)
        if p_value is pd.NA:
            assert by_division == 1
        else:
            assert p_value == pytest.approx(by_division, rel=1e-9)


def test_where_nothing_can_be_compared_there_is_no_test() -> None:
    # Each age is one clinic's only, or all or none of the age are referred.
    frame = pd.DataFrame(
        {
            "clinic": ["a", "a", "b", "a", "b", "b"],
            "is_referred": [True, False, False, True, True, False],
            "age": ["40", "40", "60", "80", "80", "60"],
        }
    )
    rows = against_others(frame, unit="clinic", hit="is_referred", strata=["age"])
    assert rows["reason"].to_list() == ["nothing_to_compare"] * 2
    assert rows["p_value"].isna().all()
    without = against_others(frame, unit="clinic", hit="is_referred")
    assert without["reason"].isna().all()


def test_the_largest_unit_is_not_found_too_often() -> None:
    """The others are few against it: their share, taken as known, would be wrong too often."""
    random = np.random.default_rng(20260131)
    sizes = {"a": 400, "b": 150, "c": 120, "d": 90, "e": 80, "f": 60, "g": 50}
    clinic = np.repeat(list(sizes), list(sizes.values()))
    n_known = n_exact = 0
    rounds = 200
    for _ in range(rounds):
        frame = pd.DataFrame({"clinic": clinic, "is_referred": random.random(950) < 0.1})
        known = against_expected(expected_of_units(frame, unit="clinic", hit="is_referred"))
        exact = against_others(frame, unit="clinic", hit="is_referred")
        n_known += known["p_value"][0] < 0.05
        n_exact += exact["p_value"][0] < 0.05
    assert n_exact / rounds <= 0.05
    assert n_known / rounds > 0.08


def test_no_patients_to_test() -> None:
    frame = pd.DataFrame({"clinic": pd.Series(dtype="str"), "is_referred": pd.Series(dtype=bool)})
    assert len(against_others(frame, unit="clinic", hit="is_referred")) == 0
