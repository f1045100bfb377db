"""Care density, adjusted degree and relative centrality against known values and plain counting."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from pathgraph.analysis import care_density as module
from pathgraph.analysis.care_density import (
    adjusted_degree,
    care_density,
    care_density_by_connection,
    fragmented_care_density,
    relative_centrality,
)
from pathgraph.analysis.ties import shared_ties

# The worked example of the R package CareDensity, and the values that its tests expect.
EXAMPLE = pd.DataFrame({"patient_id": list("111223345"), "provider": list("ACDADADDC")})
KINDS = {"A": "GP", "C": "GP", "D": "Psychiatrist"}


def weights_of(gp: float, mixed: float, psychiatrist: float) -> dict[tuple[str, str], float]:
    return {
        ("GP", "GP"): gp,
        ("GP", "Psychiatrist"): mixed,
        ("Psychiatrist", "Psychiatrist"): psychiatrist,
    }


def random_visits(seed: int) -> pd.DataFrame:
    draw = random.Random(seed)
    rows = [
        (f"p{draw.randrange(60):02}", draw.choice([*(f"u{n}" for n in range(12)), None]))
        for _ in range(300)
    ]
    return pd.DataFrame([*rows, ("q", None)], columns=["patient_id", "provider"])


def seen_by_patient(visits: pd.DataFrame) -> dict[str, set[str]]:
    seen: dict[str, set[str]] = {}
    for row in visits.itertuples():
        seen.setdefault(row.patient_id, set()).update({row.provider} - {None, np.nan})
    return {patient: {one for one in seen[patient] if one == one} for patient in sorted(seen)}


def n_shared(seen: dict[str, set[str]], one: str, other: str) -> int:
    return sum({one, other} <= providers for providers in seen.values())


# ---- care density ----


def test_the_worked_example() -> None:
    found = care_density(EXAMPLE)
    assert found.index.to_list() == list("12345")
    assert found["n_providers"].to_list() == [3, 2, 2, 1, 1]
    assert found["n_shared"].to_list() == [5, 3, 3, 0, 0]
    nan = float("nan")
    assert found["care_density"].to_list() == pytest.approx(
        [1.6667, 3, 3, nan, nan], abs=5e-5, nan_ok=True
    )


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("block", [1, 7, 10**6])
def test_counted_plainly(seed: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    visits = random_visits(seed)
    seen = seen_by_patient(visits)
    found = care_density(visits)
    assert found.index.to_list() == list(seen)
    for patient, providers in seen.items():
        shared = [n_shared(seen, *pair) for pair in itertools.combinations(sorted(providers), 2)]
        row = found.loc[patient]
        assert (row["n_providers"], row["n_shared"]) == (len(providers), sum(shared))
        expected = sum(shared) / len(shared) if shared else float("nan")
        assert row["care_density"] == pytest.approx(expected, nan_ok=True)
    assert found.loc["q", "n_providers"] == 0
    assert found["care_density"].min() >= 1


def test_ties_counted_among_others() -> None:
    everybody = random_visits(9)
    seen = seen_by_patient(everybody)
    table = pa.table({"patient_id": everybody["patient_id"], "unit_id": everybody["provider"]})
    ties = shared_ties(
        table.filter(table["unit_id"].is_valid()), {f"u{n}": f"u{n}" for n in range(12)}
    )
    # The ties' ends may stand in whatever order.
    turned = ties.rename(columns={"from_id": "to_id", "to_id": "from_id"})
    some = everybody[everybody["patient_id"] < "p07"]
    for given in (ties, turned):
        pd.testing.assert_frame_equal(
            care_density(some, given), care_density(everybody).loc[:"p06"]
        )
    assert len(seen) > len(care_density(some)) > 3


def test_pairs_without_a_tie_share_none() -> None:
    ties = pd.DataFrame({"from_id": ["A", "X"], "to_id": ["D", "A"], "n_patients": [10, 7]})
    found = care_density(EXAMPLE, ties)
    assert found["n_shared"].to_list() == [10, 10, 10, 0, 0]
    assert found.loc["1", "care_density"] == pytest.approx(10 / 3)
    connected = care_density_by_connection(EXAMPLE, KINDS, ties)
    assert connected.loc[0, ["n_pairs", "n_shared", "care_density"]].to_list() == [1, 0, 0]


def test_a_pair_may_not_stand_twice() -> None:
    ties = pd.DataFrame({"from_id": ["A", "D"], "to_id": ["D", "A"], "n_patients": [3, 3]})
    with pytest.raises(ValueError, match="a pair of providers twice"):
        care_density(EXAMPLE, ties)


def test_ids_may_be_numbers() -> None:
    visits = EXAMPLE.assign(provider=EXAMPLE["provider"].map({"A": 30, "C": 4, "D": 500}))
    pd.testing.assert_frame_equal(care_density(visits), care_density(EXAMPLE))


def test_more_rows_of_a_patient_and_provider_change_nothing() -> None:
    twice = pd.concat([EXAMPLE, EXAMPLE.sample(frac=1, random_state=1)])
    pd.testing.assert_frame_equal(care_density(twice), care_density(EXAMPLE))


# ---- by connection ----


def test_the_worked_example_by_connection() -> None:
    found = care_density_by_connection(EXAMPLE, KINDS)
    assert found.drop(columns="care_density").to_numpy().tolist() == [
        ["1", "GP", "GP", 1, 1.0],
        ["1", "GP", "Psychiatrist", 2, 4.0],
        ["2", "GP", "Psychiatrist", 1, 3.0],
        ["3", "GP", "Psychiatrist", 1, 3.0],
    ]
    assert found["care_density"].to_list() == pytest.approx([1 / 3, 4 / 3, 3, 3])


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((1, 1, 1), [1.66666667, 3, 3]),
        ((0.3, 1.6, 1.1), [2.23333333, 4.8, 4.8]),
        ((1.1, 0.8, 1.3), [1.433333, 2.4, 2.4]),
    ],
)
def test_the_worked_example_with_weights(
    weights: tuple[float, float, float], expected: list[float]
) -> None:
    found = fragmented_care_density(EXAMPLE, KINDS, weights_of(*weights))
    nan = float("nan")
    assert found["fragmented_care_density"].to_list() == pytest.approx(
        [*expected, nan, nan], abs=1e-6, nan_ok=True
    )


@pytest.mark.parametrize("block", [1, 10**6])
def test_connections_counted_plainly(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_BLOCK", block)
    visits = random_visits(5)
    seen = seen_by_patient(visits)
    kinds = {f"u{n}": "abc"[n % 3] for n in range(12)}
    weights = {
        pair: 0.5 + number
        for number, pair in enumerate(itertools.combinations_with_replacement("cba", 2))
    }
    either = weights | {(b, a): weight for (a, b), weight in weights.items()}
    found = fragmented_care_density(visits, kinds, weights)["fragmented_care_density"]
    by_connection = care_density_by_connection(visits, kinds)
    assert by_connection["patient_id"].is_monotonic_increasing
    for patient, providers in seen.items():
        pairs = list(itertools.combinations(sorted(providers), 2))
        sums: dict[tuple[str, str], list[int]] = {}
        for one, other in pairs:
            connection = tuple(sorted((kinds[one], kinds[other])))
            sums.setdefault(connection, []).append(n_shared(seen, one, other))
        rows = by_connection[by_connection["patient_id"] == patient]
        assert {
            (row.kind, row.other_kind): (row.n_pairs, row.n_shared) for row in rows.itertuples()
        } == {connection: (len(shared), sum(shared)) for connection, shared in sums.items()}
        expected = sum(either[connection] * sum(shared) for connection, shared in sums.items())
        assert found[patient] == pytest.approx(
            expected / len(pairs) if pairs else float("nan"), nan_ok=True
        )


def test_with_a_provider_of_unknown_kind_it_is_unknown() -> None:
    kinds = {"A": "GP", "D": "Psychiatrist"}
    found = fragmented_care_density(EXAMPLE, kinds, weights_of(1, 1, 1))
    assert found["n_without_kind"].to_list() == [1, 0, 0, 0, 1]
    assert found["fragmented_care_density"].isna().to_list() == [True, False, False, True, True]
    assert care_density_by_connection(EXAMPLE, {})["n_pairs"].to_list() == []
    assert fragmented_care_density(EXAMPLE, {}, {})["fragmented_care_density"].isna().all()


def test_each_connection_that_occurs_has_one_weight() -> None:
    # Two psychiatrists never stand together.
    weights = {("GP", "GP"): 1.0, ("GP", "Psychiatrist"): 2.0}
    fragmented_care_density(EXAMPLE, KINDS, weights)
    fragmented_care_density(EXAMPLE, KINDS, weights | {("Psychiatrist", "GP"): 2.0})
    with pytest.raises(ValueError, match="GP - Psychiatrist has 2 weights"):
        fragmented_care_density(EXAMPLE, KINDS, weights | {("Psychiatrist", "GP"): 3.0})
    with pytest.raises(ValueError, match="GP - GP has 0 weights"):
        fragmented_care_density(EXAMPLE, KINDS, {("GP", "Psychiatrist"): 2.0})


def test_no_visits_and_no_patient() -> None:
    empty = EXAMPLE.iloc[:0]
    assert len(care_density(empty)) == 0
    assert len(care_density_by_connection(empty, KINDS)) == 0
    assert len(fragmented_care_density(empty, KINDS, {})) == 0
    nobody = pd.DataFrame({"patient_id": ["1", None], "provider": ["A", "B"]})
    with pytest.raises(ValueError, match="patient_id holds nulls"):
        care_density(nobody)


# ---- adjusted degree, relative centrality ----


def test_adjusted_degree() -> None:
    degree = pd.Series({"a": 3, "b": 0, "c": 4, "d": 1, "e": 2})
    n_patients = pd.Series({"e": 800, "c": 0, "b": 5, "a": 12, "z": 1}, dtype="Int64")
    n_patients["d"] = pd.NA
    found = adjusted_degree(degree, n_patients)
    nan = float("nan")
    assert found.index.to_list() == list("abcde")
    assert found.to_list() == pytest.approx([25, 0, nan, nan, 0.25], nan_ok=True)
    assert np.isnan(adjusted_degree(degree, n_patients.drop("a"))["a"])


def test_relative_centrality() -> None:
    betweenness = pd.Series({"a": 0.1, "b": 0.5, "c": 0.2, "d": 0.0, "e": 9.0})
    group = pd.Series({"d": False, "c": False, "b": True, "a": True, "e": None}, dtype="boolean")
    assert relative_centrality(betweenness, group) == pytest.approx(0.3 / 0.1)
    assert relative_centrality(betweenness, group.drop("e")) == pytest.approx(3)
    assert relative_centrality(betweenness, ~group) == pytest.approx(1 / 3)


def test_relative_centrality_that_is_not_defined() -> None:
    betweenness = pd.Series({"a": 0.1, "b": 0.0})
    for flags in ([True, True], [False, False], [True, False]):
        assert relative_centrality(betweenness, pd.Series(flags, index=["a", "b"])) is None
    assert relative_centrality(betweenness, pd.Series([False, True], index=["a", "b"])) == 0
