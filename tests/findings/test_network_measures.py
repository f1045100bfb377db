"""Random regions: measures of networks equal the plain-Python oracle, on both engines."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from pathgraph.engine.base import Engine
from pathgraph.errors import ParameterError, TableNotLoadedError
from pathgraph.queries.run import run
from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, assert_same_rows, rows_of
from tests.findings.network_measures_oracle import Measures, counted
from tests.findings.test_networks_against_oracle import drawn_region

NETWORKS = (
    "shared_patients", "unit_transfers", "referral_network", "meetings", "coordinator_ties",
    "municipality_units", "municipality_meetings", "municipality_ties",
)  # fmt: skip
KINDS = (
    ("n_shared", "shared_patients", "weight_shared", False),
    ("n_next", "unit_transfers", "weight_next", True),
    ("n_referred", "referral_network", "weight_referred", True),
    ("n_met", "meetings", "weight_met", False),
    ("n_coordinated", "coordinator_ties", "weight_coordinated", True),
)
_ENDS = tuple(f"{end}_{name}" for end in ("from", "to") for name in ("name", "kind", "level"))


def shown(engine: Engine, network: str, fewest: int, asked: dict[str, Any]) -> list[Row]:
    """The network as the door gives it where fewer than so many are hidden."""
    asked = {k: v for k, v in asked.items() if k != "depth" or network != "municipality_ties"}
    day = asked.pop("as_of")
    return rows_of(run(engine, network, asked, as_of=day, suppress_below=fewest))


def nodes_of(ties: dict[tuple[str, str], Row]) -> dict[str, Row]:
    """What is known of each node; the greatest number of patients that is shown."""
    nodes: dict[str, Row] = {}
    for row in ties.values():
        for end in ("from", "to"):
            node = nodes.setdefault(
                row[f"{end}_id"],
                {f"node_{name}": row[f"{end}_{name}"] for name in ("name", "kind", "level")}
                | {"n_patients": 0},
            )
            node["n_patients"] = max(node["n_patients"], row[f"{end}_patients"] or 0)
    return nodes


def check_measures(engine: Engine, network: str, fewest: int, asked: dict[str, Any]) -> int:
    given = {**asked, "network": network, "min_patients": fewest}
    day = given.pop("as_of")
    results = {name: run(engine, f"{name}_measures", given, as_of=day) for name in ("node", "tie")}
    said = " ".join(map(str, results["node"].manifest["notes"]))
    assert ("Graph Data Science" in said) == (
        engine.name == "neo4j" and results["node"].table.num_rows > 0
    )
    ties = counted(shown(engine, network, fewest, asked), fewest)
    is_directed = results["tie"].table.column("weight_back").null_count < len(ties)
    weigh = "weight" if network == "combined_network" else "n_patients"
    weights = {pair: Fraction(row[weigh]) for pair, row in ties.items()}
    oracle = Measures(weights, is_directed=is_directed)
    known = nodes_of(ties)
    expected = [
        {"node_id": node, **known[node], **row,
         "adjusted_degree": 100 * row["degree"] / known[node]["n_patients"]}
        for node, row in oracle.of_nodes().items()
    ]  # fmt: skip
    found = rows_of(results["node"])
    # PageRank is found by coming ever closer.
    for row, its in ((r, e) for r in found for e in expected if e["node_id"] == r["node_id"]):
        assert row["pagerank"] == pytest.approx(its["pagerank"], abs=1e-7)
        row["pagerank"] = its["pagerank"]
    assert_same_rows(found, expected, ("node_id",))
    back = {pair: float(weights.get(pair[::-1], 0)) for pair in weights}
    expected_ties = [
        {
            "from_id": one, "to_id": other, **{name: row[name] for name in _ENDS},
            "n_patients": row["n_patients"], "weight": float(weights[one, other]),
            "weight_back": back[one, other] if is_directed else None,
            "reciprocity": min(1.0, back[one, other] / float(weights[one, other]))
            if is_directed else None,
            "is_bridge": oracle.is_bridge(one, other),
        }
        for (one, other), row in ties.items()
    ]  # fmt: skip
    assert_same_rows(rows_of(results["tie"]), expected_ties, ("from_id", "to_id"))
    return len(ties)


def check_combined(engine: Engine, fewest: int, asked: dict[str, Any], weights: Row) -> int:
    kinds: dict[str, dict[tuple[str, str], int]] = {}
    strongest: dict[tuple[str, str], int] = {}
    patients: dict[str, int] = {}
    for column, network, weight, is_directed in KINDS:
        kinds[column] = {}
        if not weights[weight]:
            continue
        for (one, other), row in counted(shown(engine, network, fewest, asked), fewest).items():
            pair = (min(one, other), max(one, other))
            assert is_directed or pair not in kinds[column]
            kinds[column][pair] = kinds[column].get(pair, 0) + row["n_patients"]
            strongest[pair] = max(strongest.get(pair, 0), row["n_patients"])
            for node, end in ((one, "from_patients"), (other, "to_patients")):
                patients[node] = max(patients.get(node, 0), row[end] or 0)
    expected = [
        {
            "from_id": pair[0], "to_id": pair[1], "n_patients": n,
            "from_patients": patients[pair[0]], "to_patients": patients[pair[1]],
            "weight": sum(weights[w] * kinds[c].get(pair, 0) for c, _, w, _ in KINDS),
            **{column: kinds[column].get(pair) for column in kinds},
        }
        for pair, n in strongest.items()
    ]  # fmt: skip
    given = {**asked, **weights, "min_patients": fewest}
    day = given.pop("as_of")
    found = rows_of(run(engine, "combined_network", given, as_of=day))
    for row in found:
        assert [row.pop(name) for name in _ENDS]
    assert_same_rows(found, expected, ("from_id", "to_id"))
    return len(found)


def test_measures_and_combined_ties_equal_the_oracle(loaded_region: Loaded) -> None:
    tables = drawn_region(13, 250)
    engine = loaded_region(tables)
    day = max(row["started_at"][:10] for row in tables["contacts"])
    n_ties: dict[str, int] = {}
    for depth, period, fewest in (("clinic", 3650, 5), ("unit", 200, 6)):
        asked = {"as_of": day, "depth": depth, "period_days": period}
        for network in NETWORKS:
            n = check_measures(engine, network, fewest, asked)
            n_ties[network] = n_ties.get(network, 0) + n
        weights = dict(zip((w for *_, w, _ in KINDS), (1.0, 0.5, 2.0, 0.0, 3.0), strict=True))
        n_ties["combined"] = check_combined(engine, fewest, asked, weights)
        everything = dict.fromkeys(weights, 1.0)
        n_ties["with_all"] = check_combined(engine, fewest, asked, everything)
        n_ties["combined_network"] = check_measures(engine, "combined_network", fewest, asked)
        own = {**asked, **weights}
        n_ties["own_weights"] = check_measures(engine, "combined_network", fewest, own)
    # What was never there was not compared.
    assert all(n_ties.values()), n_ties
    check_thresholds(engine)
    check_weights(engine)


def check_weights(engine: Engine) -> None:
    """Weights are those of the combined network alone; what they change elsewhere is nothing."""
    asked = {"depth": "clinic", "period_days": 3650}
    for finding in ("node_measures", "tie_measures"):
        plain = run(engine, finding, asked)
        weighed = run(engine, finding, {**asked, "weight_shared": 7})
        assert weighed.table.equals(plain.table)
        said = [n for n in weighed.manifest["notes"] if n not in plain.manifest["notes"]]
        assert [str(note).split(";")[0] for note in said] == [
            "The weights given are those of combined_network"
        ]
        nothing = {**asked, "network": "combined_network", **{weight: 0 for *_, weight, _ in KINDS}}
        with pytest.raises(ParameterError, match="At least one of the weights"):
            run(engine, finding, nothing)
        several = {**asked, "network": "combined_network"}
        sevenfold = run(engine, finding, {**several, "weight_shared": 7})
        assert not sevenfold.table.equals(run(engine, finding, several).table)
        assert not any("change nothing" in str(n) for n in sevenfold.manifest["notes"])


def check_thresholds(engine: Engine) -> None:
    """Where more is hidden, no measure rests on less."""
    for finding in ("node_measures", "tie_measures", "combined_network"):
        strict = run(engine, finding, {"min_patients": 6}, suppress_below=9)
        assert strict.manifest["parameters"]["min_patients"] == 9
        assert run(engine, finding, suppress_below=0).manifest["parameters"]["min_patients"] == 5
        with pytest.raises(ParameterError):
            run(engine, finding, {"min_patients": 4}, suppress_below=9)
    with pytest.raises(ParameterError, match="At least one of the weights"):
        run(engine, "combined_network", {weight: 0 for _, _, weight, _ in KINDS})


def test_what_is_not_loaded_is_left_out_and_said(loaded_region: Loaded) -> None:
    tables = drawn_region(14)
    for name in ("referrals", "roles"):
        del tables[name]
    engine = loaded_region(tables)
    result = run(engine, "combined_network", {"depth": "hospital", "period_days": 3650})
    assert result.table.num_rows
    assert result.table.column("n_referred").null_count == result.table.num_rows
    said = " ".join(map(str, result.manifest["notes"]))
    assert "referral_network is not part of it" in said
    assert "coordinator_ties is not part of it" in said
    alone = {weight: 0 for _, _, weight, _ in KINDS if weight != "weight_referred"}
    with pytest.raises(TableNotLoadedError, match="Of none of the kinds"):
        run(engine, "combined_network", alone)
    with pytest.raises(TableNotLoadedError, match="referrals"):
        run(engine, "node_measures", {"network": "referral_network"})
