"""The gravity model: distances, Poisson regression, what is recovered, and what is unusual."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from pathgraph.analysis.flows import EARTH_KM, flow_pairs, great_circle_km
from pathgraph.analysis.gravity import CONSTRAINTS, fit_gravity, unusual_flows
from pathgraph.analysis.poisson_regression import fit_poisson, poisson_deviance
from pathgraph.synth.region import build_region

TRUE = {"constant": -4.0, "population": 0.9, "capacity": 0.7, "distance": -1.2}


def region_pairs() -> pd.DataFrame:
    """Every two of the region's 24 municipalities, without flows; capacity is made up."""
    places = build_region().municipalities
    n = places.n_trust
    ground = {
        "id": places.code[:n],
        "latitude": places.latitude[:n],
        "longitude": places.longitude[:n],
    }
    none = pd.DataFrame({"from_id": [], "to_id": [], "n": []})
    return flow_pairs(
        none,
        pd.DataFrame({**ground, "population": places.population[:n]}),
        pd.DataFrame({**ground, "capacity": places.population[:n][::-1] / 10}),
    )


def expected_flows(pairs: pd.DataFrame, decay: str = "power") -> np.ndarray:
    distance = pairs["distance_km"].clip(lower=1.0)
    by_distance = (
        TRUE["distance"] * np.log(distance) if decay == "power" else -0.01 * distance - 3.0
    )
    expected = np.exp(
        TRUE["constant"]
        + TRUE["population"] * np.log(pairs["population"])
        + TRUE["capacity"] * np.log(pairs["capacity"])
        + by_distance
    )
    return np.where(pairs["distance_km"] > 0, expected, 0.0)


def drawn_flows(seed: int, expected: np.ndarray, dispersion: float) -> np.ndarray:
    """Counts with this mean and ``dispersion`` times it as variance."""
    draw = np.random.default_rng(seed)
    if dispersion == 1:
        return draw.poisson(expected).astype(float)
    size = np.maximum(expected, 1e-9) / (dispersion - 1)
    return draw.negative_binomial(size, 1 / dispersion).astype(float)


def small_pairs(seed: int, *, places: int = 6) -> pd.DataFrame:
    draw = np.random.default_rng(seed)
    rows = [
        (f"o{i}", f"d{j}", draw.poisson(20), 100.0 * (i + 1), 7.0 + j * j, draw.uniform(5, 90))
        for i, j in itertools.product(range(places), range(places - 2))
    ]
    columns = ["from_id", "to_id", "n", "population", "capacity", "distance_km"]
    return pd.DataFrame(rows, columns=columns).astype({"n": float})


# ---- distances ----


def test_distances_are_those_between_directions_in_space() -> None:
    draw = np.random.default_rng(1)
    north, east = draw.uniform(-90, 90, (2, 300)), draw.uniform(-180, 180, (2, 300))

    def direction(k: int) -> np.ndarray:
        latitude, longitude = np.radians(north[k]), np.radians(east[k])
        return np.array([
            np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude),
            np.sin(latitude),
        ])  # fmt: skip

    angle = np.arctan2(
        np.linalg.norm(np.cross(direction(0), direction(1), axis=0), axis=0),
        (direction(0) * direction(1)).sum(axis=0),
    )
    found = great_circle_km(north[0], east[0], north[1], east[1])
    assert found == pytest.approx(EARTH_KM * angle, rel=1e-9)


def test_distances_at_the_ends() -> None:
    assert great_circle_km(69.6, 19.1, 69.6, 19.1) == 0
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(math.pi * EARTH_KM)
    assert great_circle_km(90, 0, -90, 123) == pytest.approx(math.pi * EARTH_KM)
    # Over the date line; and a degree of longitude at 60 degrees north is half one at the equator.
    assert great_circle_km(0, 179.5, 0, -179.5) == pytest.approx(math.pi * EARTH_KM / 180)
    half = great_circle_km(60, 10, 60, 10.001) / great_circle_km(0, 10, 0, 10.001)
    assert half == pytest.approx(0.5, rel=1e-6)
    assert np.isnan(great_circle_km(69, np.nan, 68, 18))


# ---- pairs ----


def test_pairs_without_a_flow_are_0_and_unknown_flows_are_not() -> None:
    flows = pd.DataFrame(
        [("a", "x", 3), ("a", "x", 4), ("a", "y", None), ("b", "y", 5), ("b", "y", None),
         ("b", "elsewhere", 9), (None, "x", 7)],
        columns=["from_id", "to_id", "n"],
    )  # fmt: skip
    origins = pd.DataFrame({"id": ["b", "a"], "latitude": [69.0, 68.0], "longitude": [18.0, 17.0],
                            "population": [20, 10]})  # fmt: skip
    destinations = pd.DataFrame({"id": ["x", "y"], "latitude": [69.0, None],
                                 "longitude": [18.0, 18.0], "capacity": [1.5, 2.5]})  # fmt: skip
    found = flow_pairs(flows, origins, destinations)
    assert list(zip(found["from_id"], found["to_id"], strict=True)) == [
        ("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"),
    ]  # fmt: skip
    assert found["n"].to_list() == pytest.approx([7, np.nan, 0, np.nan], nan_ok=True)
    assert found["population"].to_list() == [10, 10, 20, 20]
    assert found["capacity"].to_list() == [1.5, 2.5] * 2
    assert found["distance_km"].isna().to_list() == [False, True, False, True]
    assert found["distance_km"].iloc[2] == 0
    with pytest.raises(ValueError, match="twice"):
        flow_pairs(flows, pd.concat([origins, origins]), destinations)
    nothing = flow_pairs(flows, origins.iloc[:0], destinations)
    assert len(nothing) == 0


# ---- Poisson regression ----


def test_the_fit_of_a_published_example() -> None:
    # Dobson 1990, An Introduction to Generalized Linear Models, p. 93, as in the help of R's glm.
    counts = np.array([18.0, 17, 15, 20, 10, 20, 25, 13, 12])
    outcome, treatment = np.tile([0, 1, 2], 3), np.repeat([0, 1, 2], 3)
    columns = np.column_stack(
        [np.ones(9), outcome == 1, outcome == 2, treatment == 1, treatment == 2]
    ).astype(float)
    fit = fit_poisson(counts, columns)
    assert fit.coefficients == pytest.approx([3.0445, -0.4543, -0.2930, 0, 0], abs=5e-5)
    assert (fit.deviance, fit.null_deviance) == pytest.approx((5.1291, 10.5814), abs=5e-5)
    assert fit.degrees_of_freedom == 4
    # Printed for a dispersion of 1.
    printed = fit.standard_errors / np.sqrt(fit.dispersion)
    assert printed == pytest.approx([0.1709, 0.2022, 0.1927, 0.2000, 0.2000], abs=5e-5)
    assert fit.dispersion == pytest.approx(1.2933, abs=5e-4)
    assert fit.leverage.sum() == pytest.approx(5)


@pytest.mark.parametrize("seed", range(6))
def test_the_fit_is_where_the_likelihood_is_greatest(seed: int) -> None:
    draw = np.random.default_rng(seed)
    columns = np.column_stack([np.ones(30), draw.normal(size=30), draw.normal(size=30)])
    counts = draw.poisson(np.exp(columns @ [0.5, 0.8, -0.4])).astype(float)

    def minus_log_likelihood(beta: np.ndarray) -> float:
        return -float(stats.poisson.logpmf(counts, np.exp(columns @ beta)).sum())

    best = optimize.minimize(
        minus_log_likelihood, np.zeros(3), method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 10_000},
    )  # fmt: skip
    fit = fit_poisson(counts, columns)
    assert fit.coefficients == pytest.approx(best.x, abs=1e-5)
    # Twice what is lost against the greatest likelihood that there can be.
    saturated = float(stats.poisson.logpmf(counts, counts).sum())
    assert fit.deviance == pytest.approx(2 * (saturated + best.fun), abs=1e-6)
    # Errors from the curvature there, by differences.
    step = 1e-4
    curvature = np.array([
        [
            (minus_log_likelihood(best.x + a + b) - minus_log_likelihood(best.x + a - b)
             - minus_log_likelihood(best.x - a + b) + minus_log_likelihood(best.x - a - b))
            / (4 * step**2)
            for b in np.eye(3) * step
        ]
        for a in np.eye(3) * step
    ])  # fmt: skip
    errors = np.sqrt(np.diag(np.linalg.inv(curvature)) * max(fit.dispersion, 1))
    assert fit.standard_errors == pytest.approx(errors, rel=1e-3)


def test_columns_that_depend_on_others_are_left_out() -> None:
    counts, one = np.array([2.0, 5, 3, 9, 4]), np.ones(5)
    x = np.arange(5.0)
    fit = fit_poisson(counts, np.column_stack([one, x, 3 * x - one, np.zeros(5)]))
    plain = fit_poisson(counts, np.column_stack([one, x]))
    assert np.isnan(fit.coefficients).tolist() == [False, False, True, True]
    assert np.isnan(fit.standard_errors).tolist() == [False, False, True, True]
    assert fit.expected == pytest.approx(plain.expected)
    assert fit.degrees_of_freedom == plain.degrees_of_freedom == 3


def test_as_many_coefficients_as_counts_leave_no_errors() -> None:
    fit = fit_poisson(np.array([2.0, 5.0]), np.array([[1.0, 0], [1, 1]]))
    assert fit.expected == pytest.approx([2, 5])
    assert fit.degrees_of_freedom == 0
    assert np.isnan([fit.dispersion, *fit.standard_errors]).all()


@pytest.mark.parametrize("counts", [[0.0, 0.0], [1.0, -1.0], [1.0, np.nan], [1.0, np.inf]])
def test_counts_that_cannot_be_fitted(counts: list[float]) -> None:
    with pytest.raises(ValueError, match="counts"):
        fit_poisson(np.array(counts), np.ones((2, 1)))


def test_great_differences_do_not_overflow() -> None:
    counts = np.array([0.0, 0, 0, 1e7, 2e7])
    columns = np.column_stack([np.ones(5), [0.0, 1, 2, 30, 31]])
    fit = fit_poisson(counts, columns)
    assert fit.is_converged
    assert fit.expected.sum() == pytest.approx(counts.sum())
    assert poisson_deviance(counts, counts + (counts == 0) * 1e-12) == pytest.approx(0, abs=1e-9)


def test_steps_that_would_go_too_far_are_shortened() -> None:
    # Full steps go to and fro here for ever.
    counts = np.array([0.0, 5, 1553, 0])
    columns = np.column_stack(
        [np.ones(4), [[1.45, -0.7], [0.59, 2.87], [-0.08, 0.04], [-2.24, 1.79]]]
    )
    best = optimize.minimize(
        lambda beta: float((np.exp(columns @ beta) - counts * (columns @ beta)).sum()),
        [7.0, -9.0, -13.0], method="Nelder-Mead",
        options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20_000, "maxfev": 20_000},
    )  # fmt: skip
    fit = fit_poisson(counts, columns)
    assert fit.is_converged
    assert fit.coefficients == pytest.approx(best.x, rel=1e-6)


def test_counts_of_0_that_a_column_tells_from_the_others() -> None:
    # The likelihood grows for ever; what is expected there comes to 0 and the rest is fitted.
    fit = fit_poisson(np.array([0.0, 0, 4, 6]), np.array([[1.0, 1], [1, 1], [1, 0], [1, 0]]))
    assert fit.is_converged
    assert fit.expected == pytest.approx([0, 0, 5, 5], abs=1e-6)
    # So far off that nothing at all would be expected.
    far = fit_poisson(np.array([0.0, 0, 0, 5]), np.array([[1.0, 14], [1, 1], [1, 353], [1, 0]]))
    assert far.expected == pytest.approx([0, 0, 0, 5], abs=1e-6)
    assert (far.expected > 0).all()


# ---- what is recovered ----


@pytest.mark.parametrize(("dispersion", "decay"), [(1.0, "power"), (6.0, "power"),
                                                   (3.0, "exponential")])  # fmt: skip
def test_known_coefficients_are_within_their_errors(dispersion: float, decay: str) -> None:
    pairs = region_pairs()
    expected = expected_flows(pairs, decay)
    true = {**TRUE, "distance": TRUE["distance"] if decay == "power" else -0.01}
    true["constant"] += 0 if decay == "power" else -3.0
    off, covered, found_dispersion = [], [], []
    for seed in range(40):
        fit = fit_gravity(
            pairs.assign(n=drawn_flows(seed, expected, dispersion)), decay=decay
        )  # fmt: skip
        table = fit.coefficients.set_index("name")
        values = pd.Series(true)[table.index]
        off.append((table["estimate"] - values) / table["standard_error"])
        covered.append(table["low"].le(values) & table["high"].ge(values))
        found_dispersion.append(fit.dispersion)
        assert fit.n_pairs == 24 * 23
    scaled = pd.DataFrame(off)
    # The mean of 40 values with a spread of 1 has an error of 0.16.
    assert scaled.mean().abs().max() < 0.55
    assert scaled.std().between(0.7, 1.35).all()
    assert pd.DataFrame(covered).to_numpy().mean() > 0.9
    assert np.mean(found_dispersion) == pytest.approx(dispersion, rel=0.1)


def test_errors_that_take_counts_as_independent_would_be_too_small() -> None:
    pairs = region_pairs()
    n = drawn_flows(1, expected_flows(pairs), 6.0)
    fit = fit_gravity(pairs.assign(n=n))
    used = fit.pairs["status"] == "fitted"
    columns = np.column_stack([
        np.ones(used.sum()), *np.log(pairs.loc[used, ["population", "capacity", "distance_km"]]
                                     .to_numpy().T)])  # fmt: skip
    expected = fit.pairs.loc[used, "expected"].to_numpy()
    information = columns.T @ (columns * expected[:, None])
    naive = np.sqrt(np.diag(np.linalg.inv(information)))
    ratio = fit.coefficients["standard_error"].to_numpy() / naive
    assert ratio == pytest.approx([math.sqrt(fit.dispersion)] * 4)
    assert fit.dispersion > 4


@pytest.mark.parametrize("seed", range(3))
def test_effects_of_places_keep_what_leaves_and_what_arrives(seed: int) -> None:
    pairs = small_pairs(seed)
    for constraint, kept in (("origin", ["from_id"]), ("both", ["from_id", "to_id"])):
        found = fit_gravity(pairs, constraint=constraint).pairs
        for end in kept:
            sums = found.groupby(end)[["n", "expected"]].sum()
            assert sums["expected"].to_numpy() == pytest.approx(sums["n"].to_numpy())


def test_doubly_constrained_is_the_likelihoods_maximum() -> None:
    pairs = small_pairs(4, places=5)
    origin, destination = (pd.factorize(pairs[end])[0] for end in ("from_id", "to_id"))
    logarithm = np.log(pairs["distance_km"].to_numpy())

    def minus_log_likelihood(beta: np.ndarray) -> float:
        eta = beta[origin] + np.append(0, beta[5:7])[destination] + beta[7] * logarithm
        return -float(stats.poisson.logpmf(pairs["n"], np.exp(eta)).sum())

    best = optimize.minimize(minus_log_likelihood, np.full(8, 1.0), tol=1e-12)
    fit = fit_gravity(pairs, constraint="both")
    assert fit.coefficients["name"].to_list() == ["distance"]
    assert fit.coefficients.loc[0, "estimate"] == pytest.approx(best.x[7], abs=1e-4)
    assert fit.degrees_of_freedom == 15 - 8


def test_deviance_explained() -> None:
    pairs = region_pairs()
    expected = expected_flows(pairs)
    good = fit_gravity(pairs.assign(n=drawn_flows(2, expected, 1.0)))
    shuffled = np.random.default_rng(1).permutation(drawn_flows(2, expected, 1.0))
    bad = fit_gravity(pairs.assign(n=shuffled))
    assert good.deviance_explained > 0.95
    assert 0 <= bad.deviance_explained < 0.1
    used = good.pairs[good.pairs["status"] == "fitted"]
    n, mean = used["n"].to_numpy(), used["n"].mean()
    by_hand = [
        2 * sum((a * math.log(a / b) if a else 0) - (a - b) for a, b in zip(n, of, strict=True))
        for of in (used["expected"], [mean] * len(n))
    ]
    assert good.deviance_explained == pytest.approx(1 - by_hand[0] / by_hand[1])
    alike = small_pairs(1).assign(n=7.0)
    assert np.isnan(fit_gravity(alike).deviance_explained)


# ---- what is unusual ----


def test_residuals_are_standardised() -> None:
    pairs = region_pairs()
    spread = []
    for seed in range(10):
        fit = fit_gravity(pairs.assign(n=drawn_flows(seed, 3 * expected_flows(pairs), 4.0)))
        spread.append(fit.pairs[["pearson_residual", "deviance_residual"]].std())
    assert pd.DataFrame(spread).mean().to_list() == pytest.approx([1, 1], abs=0.1)


def test_residuals_and_p_of_one_pair_by_hand() -> None:
    pairs = small_pairs(9)
    pairs.loc[5, "n"], pairs.loc[9, "n"] = 60.0, 3.0
    fit = fit_gravity(pairs)
    columns = np.column_stack(
        [np.ones(24), *np.log(pairs[["population", "capacity", "distance_km"]].to_numpy().T)]
    )
    mu, n = fit.pairs["expected"].to_numpy(), pairs["n"].to_numpy()
    root = np.sqrt(mu)[:, None] * columns
    h = np.diag(root @ np.linalg.inv(root.T @ root) @ root.T)
    chi2 = (n - mu) ** 2 / mu
    assert fit.dispersion == pytest.approx(chi2.sum() / 20)
    row = fit.pairs.loc[5]
    assert row["pearson_residual"] == pytest.approx(
        (60 - mu[5]) / math.sqrt(mu[5] * fit.dispersion * (1 - h[5]))
    )
    unit = 2 * (60 * math.log(60 / mu[5]) - 60 + mu[5])
    assert row["deviance_residual"] == pytest.approx(math.sqrt(unit / fit.dispersion / (1 - h[5])))
    assert row["ratio"] == pytest.approx(60 / mu[5])
    # Without the pair: the dispersion of the others. Above, the count is as far off as it then is.
    others = [(chi2.sum() - chi2[k] / (1 - h[k])) / 19 for k in range(24)]
    count = mu[5] + (60 - mu[5]) / math.sqrt(1 - h[5])
    tail = stats.nbinom(mu[5] / (others[5] - 1), 1 / others[5])
    assert tail.var() == pytest.approx(others[5] * mu[5])
    # Between whole numbers the tail is interpolated.
    low, high = (2 * tail.sf(math.floor(count) - 1 + k) for k in (1, 0))
    assert low < row["p_value"] < high
    # Below, the mean is.
    mean = 3 + (mu[9] - 3) / math.sqrt(1 - h[9])
    tail = stats.nbinom(mean / (others[9] - 1), 1 / others[9])
    assert fit.pairs.loc[9, "p_value"] == pytest.approx(2 * tail.cdf(3))
    # The interval of a coefficient is Student's.
    first = fit.coefficients.iloc[1]
    assert first["high"] - first["estimate"] == pytest.approx(2.0860 * first["standard_error"],
                                                              rel=1e-4)  # fmt: skip


def test_p_is_poissons_where_nothing_is_overdispersed() -> None:
    draw = np.random.default_rng(3)
    n = draw.poisson(8.0, 4_000).astype(float)
    n[:30] = np.arange(30)
    pairs = pd.DataFrame({
        "from_id": np.arange(4_000), "to_id": "x", "n": n, "population": 10.0, "capacity": 10.0,
        "distance_km": 9.0,
    })  # fmt: skip
    # Made regular, so that the dispersion is below 1.
    pairs.loc[30:, "n"] = np.tile([7.0, 8.0, 9.0], 1_324)[: 4_000 - 30]
    found = fit_gravity(pairs).pairs
    mu = found["expected"].iloc[0]
    for k in range(30):
        tail = stats.poisson.sf(k - 1, mu) if k > mu else stats.poisson.cdf(k, mu)
        assert found.loc[k, "p_value"] == pytest.approx(min(1, 2 * tail), rel=0.02)


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_planted_flows_are_found_and_false_alarms_are_few(constraint: str) -> None:
    pairs = region_pairs()
    expected = expected_flows(pairs)
    great = np.flatnonzero(expected > 90)
    alarms, hits, low_hits = [], [], []
    for seed in range(25):
        n = drawn_flows(seed, expected, 4.0)
        fit = fit_gravity(pairs.assign(n=n), constraint=constraint)
        alarms.append(len(unusual_flows(fit)) > 0)
        above, below = great[seed % len(great)], great[(seed + 7) % len(great)]
        n[above], n[below] = round(3 * expected[above]), 0
        found = unusual_flows(fit_gravity(pairs.assign(n=n), constraint=constraint))
        ends = {(row.from_id, row.to_id): row.direction for row in found.itertuples()}
        planted = [tuple(pairs.loc[k, ["from_id", "to_id"]]) for k in (above, below)]
        hits.append(ends.get(planted[0]) == "above")
        low_hits.append(ends.get(planted[1]) == "below")
        assert found["p_adjusted"].is_monotonic_increasing
    # With one in twenty, five of 25 or more come by chance once in 140 times.
    assert sum(alarms) <= 4
    assert sum(hits) >= 23
    assert sum(low_hits) >= 20


def test_the_level_decides_how_many_are_named() -> None:
    pairs = region_pairs()
    n = drawn_flows(1, expected_flows(pairs), 4.0)
    n[[3, 40, 77, 200]] *= 5
    fit = fit_gravity(pairs.assign(n=n))
    adjusted = unusual_flows(fit, level=1.0)["p_adjusted"]
    assert len(adjusted) == 24 * 23
    for level in (0.01, 0.05, 0.5):
        assert len(unusual_flows(fit, level=level)) == (adjusted <= level).sum()


# ---- what is left out, and what does not fit ----


def test_what_is_left_out_says_why() -> None:
    pairs = small_pairs(2)
    pairs.loc[0, "distance_km"] = 0.0
    pairs.loc[1, "distance_km"] = np.nan
    pairs.loc[2, "n"] = np.nan
    fit = fit_gravity(pairs)
    assert fit.pairs["status"].to_list()[:4] == ["same_place", "no_distance", "not_known", "fitted"]
    assert (fit.n_pairs, fit.n_flow) == (21, pairs["n"].iloc[3:].sum())
    assert fit.pairs.loc[:2, ["expected", "ratio", "p_value"]].isna().all(axis=None)
    alone = fit_gravity(pairs.iloc[3:])
    assert alone.coefficients["estimate"].to_list() == fit.coefficients["estimate"].to_list()
    # With a least distance the same place is a pair like others.
    floor = fit_gravity(pairs, least_km=5.0)
    by_hand = fit_gravity(pairs.assign(distance_km=pairs["distance_km"].clip(lower=5.0)))
    assert (floor.n_pairs, floor.least_km) == (22, 5.0)
    assert floor.coefficients["estimate"].to_list() == by_hand.coefficients["estimate"].to_list()


def test_places_without_any_flow() -> None:
    pairs = small_pairs(3)
    pairs.loc[pairs["from_id"] == "o1", "n"] = 0.0
    # Data for the model without effects; with them, nothing is expected there.
    assert fit_gravity(pairs).n_pairs == 24
    for constraint in ("origin", "both"):
        fit = fit_gravity(pairs, constraint=constraint)
        is_there = fit.pairs["from_id"] == "o1"
        assert (fit.pairs.loc[is_there, "status"] == "no_flow_there").all()
        assert (fit.pairs.loc[~is_there, "status"] == "fitted").all()
        assert fit.is_converged
    pairs.loc[pairs["to_id"] == "d0", "n"] = 0.0
    assert fit_gravity(pairs, constraint="origin").n_pairs == 20
    assert fit_gravity(pairs, constraint="both").n_pairs == 15
    # One leads to the other: all that comes to d3 comes from o2, whose flow is known of d3 alone.
    pairs = small_pairs(3)
    pairs.loc[(pairs["from_id"] == "o2") & (pairs["to_id"] != "d3"), "n"] = 0.0
    pairs.loc[(pairs["to_id"] == "d3") & (pairs["from_id"] != "o2"), "n"] = 0.0
    pairs.loc[(pairs["from_id"] == "o2") & (pairs["to_id"] == "d3"), "n"] = np.nan
    status = fit_gravity(pairs, constraint="both").pairs["status"]
    assert status.value_counts().to_dict() == {"fitted": 15, "no_flow_there": 8, "not_known": 1}


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_no_flow_at_all(constraint: str) -> None:
    for pairs in (small_pairs(1).assign(n=0.0), small_pairs(1).iloc[:0]):
        fit = fit_gravity(pairs, constraint=constraint)
        assert (fit.n_flow, fit.is_converged) == (0, False)
        assert fit.coefficients["estimate"].isna().all()
        assert np.isnan([fit.deviance, fit.dispersion, fit.deviance_explained]).all()
        assert len(fit.pairs) == len(pairs)
        assert fit.pairs["expected"].isna().all()
        assert len(unusual_flows(fit)) == 0


def test_too_few_pairs_for_errors() -> None:
    few = small_pairs(1).iloc[[0, 5, 10, 15]]
    fit = fit_gravity(few)
    assert fit.degrees_of_freedom == 0
    assert fit.coefficients["standard_error"].isna().all()
    assert fit.coefficients["low"].isna().all()
    assert len(unusual_flows(fit)) == 0
    one = fit_gravity(small_pairs(1).iloc[:1], constraint="both")
    assert one.pairs["expected"].to_list() == pytest.approx([small_pairs(1).loc[0, "n"]])
    assert one.coefficients["estimate"].isna().all()


def test_one_destination_tells_nothing_of_capacity() -> None:
    pairs = small_pairs(1)
    fit = fit_gravity(pairs[pairs["to_id"] == "d1"])
    estimates = fit.coefficients.set_index("name")["estimate"]
    assert estimates.isna().to_dict() == {
        "constant": False, "population": False, "capacity": True, "distance": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "asked", "about"),
    [
        ({"population": 0.0}, {}, "population"),
        ({"capacity": np.nan}, {"constraint": "origin"}, "capacity"),
        ({"n": -1.0}, {}, "flows"),
        ({}, {"constraint": "some"}, "constraint"),
        ({}, {"decay": "linear"}, "decay"),
        ({}, {"least_km": 0.0}, "least_km"),
    ],
)
def test_what_does_not_fit_is_refused(
    change: dict[str, float], asked: dict[str, Any], about: str
) -> None:
    with pytest.raises(ValueError, match=about):
        fit_gravity(small_pairs(1).assign(**change), **asked)


def test_what_is_not_asked_for_need_not_be_known() -> None:
    pairs = small_pairs(1).assign(population=np.nan, capacity=np.nan)
    assert fit_gravity(pairs, constraint="both").is_converged


def test_the_order_of_the_rows_does_not_matter() -> None:
    pairs = small_pairs(6)
    pairs.loc[5, "n"] = 90.0
    shuffled = pairs.sample(frac=1, random_state=1)
    for constraint in CONSTRAINTS:
        one = fit_gravity(pairs, constraint=constraint)
        other = fit_gravity(shuffled, constraint=constraint)
        assert one.coefficients["estimate"].to_numpy() == pytest.approx(
            other.coefficients["estimate"].to_numpy(), rel=1e-6
        )
        assert one.pairs["p_value"].to_numpy() == pytest.approx(
            other.pairs["p_value"].sort_index().to_numpy(), rel=1e-5
        )
