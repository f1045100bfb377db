"""Divisions against where patients go: by hand, by brute force, and on what the region plants."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pathgraph.analysis.communities import communities_of
from pathgraph.analysis.division import (
    against_division,
    area_localisation,
    localisation,
    main_areas,
    visited_areas,
)
from pathgraph.analysis.partitions import adjusted_rand, compared_divisions
from pathgraph.synth.region import HOSPITALS, build_region

PLANTED = {"5516": "Harstad", "5522": "Tromsø"}
SITES = ("Tromsø", "Harstad", "Narvik")


def contacts(rows: list[tuple[Any, Any, int, int]]) -> pd.DataFrame:
    """Municipality, area, contacts and patients."""
    return pd.DataFrame(rows, columns=["municipality_code", "area", "n_contacts", "n_patients"])


def hospital_areas() -> dict[str, str]:
    places = build_region().municipalities
    return dict(zip(places.code[: places.n_trust], places.hospital_area, strict=False))


def region_visits(seed: int, *, share: float = 0.05) -> pd.DataFrame:
    """Patients of the region's municipalities, sent as the region plants it.

    Nine of ten contacts are where the municipality's patients are sent, the others at the formal
    hospital or at the regional one.
    """
    places = build_region().municipalities
    draw = np.random.default_rng(seed)
    rows = []
    for at in range(places.n_trust):
        for person in range(draw.poisson(places.population[at] * share)):
            n = 1 + draw.poisson(1.5)
            chosen = draw.choice(3, size=n, p=[0.9, 0.05, 0.05])
            where = np.array([places.sent_to[at], places.site[at], 0])[chosen]
            for site, times in Counter(where.tolist()).items():
                rows.append((f"{at}-{person}", places.code[at], SITES[site], times))
    return pd.DataFrame(rows, columns=["patient_id", "municipality_code", "area", "n_contacts"])


# ---- alike or not ----


def test_p_is_the_share_of_all_orders_that_are_as_alike() -> None:
    found = dict(zip("abcdefg", [0, 0, 0, 1, 1, 2, 2], strict=True))
    formal = dict(zip("abcdefg", "xxyyyzz", strict=True))
    labels = list(found.values())
    observed = adjusted_rand(labels, list(formal.values()))
    orders = [adjusted_rand(labels, order) for order in itertools.permutations(formal.values())]
    exact = sum(value >= observed - 1e-12 for value in orders) / len(orders)
    n = 20_000
    test = compared_divisions(found, formal, n_permutations=n)
    assert test.adjusted_rand == observed
    assert test.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / n))
    assert test.chance_high == pytest.approx(
        np.quantile(orders, 0.95, method="inverted_cdf"), abs=1e-9
    )
    assert (test.n_communities, test.n_areas, test.n_municipalities) == (3, 3, 7)


def test_p_never_is_0_and_follows_from_the_seed() -> None:
    labels = {f"m{k}": k // 8 for k in range(24)}
    test = compared_divisions(labels, labels, n_permutations=99)
    assert (test.adjusted_rand, test.p_value) == (1, 0.01)
    shaky = {code: (label + (k % 5 < 2)) % 2 for k, (code, label) in enumerate(labels.items())}
    p_values = [
        compared_divisions(shaky, labels, n_permutations=99, seed=s).p_value for s in (1, 1, 2)
    ]
    assert p_values[0] == p_values[1]
    # The municipalities' order is that of their numbers, wherever they come from.
    codes = sorted(labels)
    second = np.tile([labels[code] for code in codes], (99, 1))
    orders = np.random.default_rng(1).permuted(second, axis=1)
    first = [shaky[code] for code in codes]
    hits = sum(adjusted_rand(first, order) >= adjusted_rand(first, second[0]) for order in orders)
    assert 0 < hits < 99
    assert p_values[0] == (hits + 1) / 100


def test_divisions_that_have_nothing_to_do_with_each_other_have_uniform_p() -> None:
    draw = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], [14, 6, 4])
    codes = [f"m{k:02}" for k in range(24)]
    formal = dict(zip(codes, labels.tolist(), strict=True))
    p_values = [
        compared_divisions(
            dict(zip(codes, draw.permutation(labels).tolist(), strict=True)),
            formal, n_permutations=199, seed=k,
        ).p_value
        for k in range(400)
    ]  # fmt: skip
    # Valid: no smaller than uniform; and, but for ties, not much greater.
    for level in (0.05, 0.2, 0.5):
        share = np.mean(np.array(p_values) <= level)
        assert share <= level + 3 * np.sqrt(level * (1 - level) / 400)
        assert share > level / 2


@pytest.mark.parametrize(
    ("found", "formal", "expected"),
    [
        ([0, 0, 0, 0], "xxyy", (0, 1, 1, 2)),  # all together
        ([0, 1, 2, 3], "xxyy", (0, 1, 4, 2)),  # each apart
        ([0, 0, 0, 0], "xxxx", (1, 1, 1, 1)),
        ([0, 1, 2, 3], "xyzw", (1, 1, 4, 4)),
    ],
)
def test_divisions_that_no_order_changes(found: list[int], formal: str, expected: Any) -> None:
    test = compared_divisions(
        dict(zip("abcd", found, strict=True)), dict(zip("abcd", formal, strict=True))
    )
    assert (test.adjusted_rand, test.p_value, test.n_communities, test.n_areas) == expected


def test_municipalities_of_one_division_alone_are_counted_apart() -> None:
    found = {"a": 1, "b": 1, "c": 2, "d": 2, "e": None}
    formal = {"a": "x", "b": "x", "c": "y", "e": "y", "f": float("nan"), "g": "z"}
    test = compared_divisions(found, formal)
    assert (test.n_municipalities, test.n_found_only, test.n_formal_only) == (3, 1, 2)
    assert test.adjusted_rand == 1
    nothing = compared_divisions({"a": 1}, {"a": "x"})
    assert np.isnan([nothing.adjusted_rand, nothing.p_value, nothing.chance_high]).all()
    assert compared_divisions({}, formal).n_municipalities == 0
    with pytest.raises(ValueError, match="permutation"):
        compared_divisions(found, formal, n_permutations=0)


# ---- localisation ----


def test_localisation_equals_counting_contacts_one_by_one() -> None:
    draw = np.random.default_rng(4)
    areas = {"a": "x", "b": "x", "c": "y", "d": "z"}
    each = [(draw.choice(list("abcd")), draw.choice(["x", "y", "z", None])) for _ in range(300)]
    frame = pd.DataFrame(
        [(*pair, n) for pair, n in Counter(each).items()],
        columns=["municipality_code", "area", "n_contacts"],
    )
    found = localisation(frame, areas).set_index("municipality_code")
    for code, own in areas.items():
        of_it = [area for one, area in each if one == code]
        inside = sum(area == own for area in of_it)
        assert found.loc[code, ["n_contacts", "n_own"]].to_list() == [len(of_it), inside]
        assert found.loc[code, "share_own"] == pytest.approx(inside / len(of_it))
    table = area_localisation(frame, areas)
    overall = table.iloc[-1]
    assert overall["share_own"] == sum(areas[one] == area for one, area in each) / 300
    # By chance: every contact of anybody's dealt to any area that contacts go to.
    by_chance = np.mean([areas[one] == area for (one, _), (_, area) in
                         itertools.product(each, repeat=2)])  # fmt: skip
    assert overall["share_by_chance"] == pytest.approx(by_chance)
    in_x = table.set_index("area").loc["x"]
    assert in_x["n_municipalities"] == 2
    assert in_x["share_own"] == pytest.approx(
        sum(area == "x" for one, area in each if one in "ab") / sum(one in "ab" for one, _ in each)
    )


def test_localisation_where_there_is_little() -> None:
    rows = contacts([("a", "x", 3, 1), ("out", "x", 9, 5), (None, "x", 50, 9), ("a", None, 1, 1)])
    found = localisation(rows, {"a": "x", "none": "x", "unknown": None})
    assert found["municipality_code"].to_list() == ["a", "none", "out", "unknown"]
    assert found["n_contacts"].to_list() == [4, 0, 9, 0]
    assert found["share_own"].to_list() == pytest.approx([0.75, *[np.nan] * 3], nan_ok=True)
    # Who belongs to no area is not in the index; one area alone makes it what it is by chance.
    overall = area_localisation(rows, {"a": "x", "none": "x"}).iloc[-1]
    assert overall[["n_municipalities", "n_contacts", "n_own"]].to_list() == [2, 4, 3]
    assert overall["share_own"] == overall["share_by_chance"] == 0.75
    empty = area_localisation(contacts([]), {"a": "x", "b": "y"})
    assert empty["share_own"].isna().all()
    assert empty["share_by_chance"].isna().all()
    assert len(area_localisation(contacts([]), {})) == 1
    assert len(localisation(contacts([]), {})) == 0


def test_areas_of_places_visited() -> None:
    ties = pd.DataFrame(
        {
            "from_id": ["a", "a", "b", "b"],
            "to_id": ["a", "c", "c", None],
            "n_contacts": [4, 2, 7, 1],
        }
    )
    found = visited_areas(ties, {"a": 1, "b": 1, "c": 2})
    assert [tuple(row) for row in found.to_numpy().tolist()] == [
        ("a", 1, 4), ("a", 2, 2), ("b", 2, 7), ("b", None, 1),
    ]  # fmt: skip
    assert localisation(found, {"a": 1, "b": 1})["share_own"].to_list() == [4 / 6, 0]


# ---- against the division ----


def test_each_patient_counts_once_where_most_contacts_were() -> None:
    rows = [
        ("p", "a", "x", 2), ("p", "a", "y", 1), ("p", "a", "y", 2),  # y, in two rows
        ("q", "a", "x", 1), ("q", "a", "y", 1),  # as many here as there
        ("r", "a", None, 5), ("r", "a", "x", 1),  # mostly in no area
        ("s", "a", "x", 1), ("s", "b", "y", 1),  # moved
    ]  # fmt: skip
    visits = pd.DataFrame(rows, columns=["patient_id", "municipality_code", "area", "n_contacts"])
    found = main_areas(visits)
    assert {tuple(row) for row in found.to_numpy().tolist()} == {
        ("a", "x", 5, 1), ("a", "y", 4, 1), ("a", None, 5, 2), ("b", "y", 1, 1),
    }  # fmt: skip
    assert found["n_contacts"].sum() == visits["n_contacts"].sum()


def test_numbers_of_one_municipality_by_hand() -> None:
    rows = contacts([("a", "x", 90, 30), ("a", "y", 200, 50), ("a", "z", 20, 10),
                     ("a", None, 5, 10), ("b", "x", 10, 10)])  # fmt: skip
    row = against_division(rows, {"a": "x", "b": "x"}).set_index("municipality_code").loc["a"]
    assert row[["n_patients", "n_contacts", "n_own", "n_other"]].to_list() == [100, 315, 30, 50]
    assert row[["own_area", "other_area"]].to_list() == ["x", "y"]
    shares = row[["share_own", "share_other", "difference"]].to_list()
    assert shares == pytest.approx([0.3, 0.5, 0.2])
    # (50 - 30) / 102 more or less 1.96 times the root of (81/102 - (20/102)^2) / 102.
    assert row["difference_low"] == pytest.approx(0.0274, abs=5e-4)
    assert row["difference_high"] == pytest.approx(0.3647, abs=5e-4)
    # Of 80 who go to either, 50 or more; two other areas to pick from, two municipalities.
    p_value = 2 * stats.binomtest(50, 80, alternative="greater").pvalue
    assert row["p_value"] == pytest.approx(p_value)
    assert row["p_adjusted"] == pytest.approx(2 * p_value)
    assert row["status"] == "undecided"


@pytest.mark.parametrize(
    ("n", "own", "other"), [(15, 0.5, 0.3), (40, 0.1, 0.8), (40, 0.02, 0.02), (300, 0.45, 0.5)]
)
def test_the_interval_covers_the_difference(n: int, own: float, other: float) -> None:
    draw = np.random.default_rng(n)
    drawn = draw.multinomial(n, [own, other, 1 - own - other], size=2_000)
    rows = [
        (f"m{k:04}", area, 1, count)
        for k, counts in enumerate(drawn.tolist())
        for area, count in zip(["x", "y", None], counts, strict=True)
    ]
    found = against_division(contacts(rows), {f"m{k:04}": "x" for k in range(2_000)})
    covered = found["difference_low"].le(other - own) & found["difference_high"].ge(other - own)
    assert covered.mean() > 0.935


def test_false_alarms_stay_at_their_level() -> None:
    # The worst case: all three areas draw alike, so that one other always seems to draw most.
    draw = np.random.default_rng(8)
    alarms = []
    for _ in range(300):
        drawn = draw.multinomial(60, [1 / 3] * 3, size=24).tolist()
        rows = [
            (f"m{k:02}", area, 1, count)
            for k, counts in enumerate(drawn)
            for area, count in zip("xyz", counts, strict=True)
        ]
        found = against_division(contacts(rows), {f"m{k:02}": "x" for k in range(24)})
        alarms.append((found["status"] == "against").any())
    assert np.mean(alarms) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_statuses() -> None:
    rows = contacts([
        ("against", "y", 99, 99), ("against", "x", 1, 1),
        ("few", "y", 2, 2), ("few", "x", 1, 1),
        ("out", "x", 9, 9), ("out", None, 3, 3),
        ("visits", "x", 9, 9), ("visits", None, 90, 90),
        ("with", "x", 99, 99), ("with", "y", 9, 9),
    ])  # fmt: skip
    areas = {"against": "x", "few": "x", "nobody": "y", "out": None, "visits": "x", "with": "x"}
    found = against_division(rows, areas).set_index("municipality_code")
    # Most patients of "visits" go where no area is: that is no other area.
    assert found["status"].to_dict() == {
        "against": "against", "few": "undecided", "nobody": "no_patients", "out": "no_area",
        "visits": "with", "with": "with",
    }  # fmt: skip
    assert found.loc["visits", "share_own"] == 9 / 99
    assert found.loc["visits", "other_area"] is None
    assert found.loc["out", ["n_patients", "n_own"]].to_list() == [12, 0]
    assert (
        found.loc[["nobody", "out"], ["difference", "p_value", "p_adjusted"]].isna().all(axis=None)
    )
    assert found.loc[["nobody", "out"], ["share_own", "share_other"]].isna().all(axis=None)
    # What cannot be asked takes no part in the adjustment: four are asked about.
    p_values = found["p_value"].dropna()
    assert len(p_values) == 4
    assert found.loc["against", "p_adjusted"] == pytest.approx(4 * p_values["against"])


def test_one_area_and_nothing_at_all() -> None:
    found = against_division(contacts([("a", "x", 5, 5), ("a", None, 5, 5)]), {"a": "x", "b": "x"})
    assert found["status"].to_list() == ["one_area", "no_patients"]
    assert found.loc[0, "share_own"] == 0.5
    assert found["difference"].isna().all()
    assert list(against_division(contacts([]), {}).columns) == list(found.columns)
    assert against_division(contacts([]), {"a": "x"})["status"].to_list() == ["no_patients"]


def test_of_others_alike_the_one_with_more_contacts_is_named() -> None:
    rows = contacts([("a", "z", 9, 4), ("a", "y", 8, 4), ("a", "w", 8, 4), ("a", "x", 1, 1)])
    assert against_division(rows, {"a": "x"}).loc[0, "other_area"] == "z"
    rows["n_contacts"] = 8
    assert against_division(rows, {"a": "x"}).loc[0, "other_area"] == "w"
    # An area in two rows is one.
    twice = contacts([("a", "y", 3, 3), ("a", "y", 3, 3), ("a", "z", 4, 4), ("a", "x", 1, 1)])
    row = against_division(twice, {"a": "x"}).loc[0]
    assert (row["other_area"], row["n_other"]) == ("y", 6)


# ---- what the region plants ----


@pytest.mark.parametrize("seed", range(20))
def test_the_planted_two_and_no_others_go_against_the_division(seed: int) -> None:
    found = against_division(main_areas(region_visits(seed)), hospital_areas())
    against = found[found["status"] == "against"]
    assert against.set_index("municipality_code")["other_area"].to_dict() == PLANTED
    assert (found["status"] == "with").sum() == 22


@pytest.mark.parametrize("seed", range(3))
def test_communities_are_the_areas_but_for_the_planted_two(seed: int) -> None:
    region = build_region()
    places = region.municipalities
    at = [places.code[region.units.municipality[region.unit(name)]] for name in HOSPITALS]
    visits = region_visits(seed).groupby(["municipality_code", "area"], as_index=False).sum()
    graph = nx.DiGraph()
    graph.add_nodes_from(visits["municipality_code"])
    for code, area, n in visits[["municipality_code", "area", "n_contacts"]].to_numpy():
        graph.add_edge(code, at[SITES.index(area)], weight=float(n))
    found = communities_of(graph)
    division = dict(zip(found.nodes, found.consensus.tolist(), strict=True))
    expected = {**hospital_areas(), **PLANTED}
    assert adjusted_rand([division[code] for code in expected], list(expected.values())) == 1
    test = compared_divisions(division, hospital_areas(), n_permutations=999)
    assert 0.5 < test.adjusted_rand < 1
    assert test.p_value == 0.001
    # By communities more of the contacts are inside than by the formal division.
    ties = visits.assign(to_id=[at[SITES.index(area)] for area in visits["area"]])
    ties = ties.rename(columns={"municipality_code": "from_id"})
    shares = [
        area_localisation(visited_areas(ties, one), one)["share_own"].iloc[-1]
        for one in (division, hospital_areas())
    ]
    assert shares[0] > shares[1]
