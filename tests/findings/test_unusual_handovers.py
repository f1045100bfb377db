"""Flows against a gravity model: counted once more in plain Python, fitted by another method."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from pathgraph.engine.base import Engine
from pathgraph.queries.run import run
from tests.findings.drawn import Row, ask, rows_of

# A line of places along a meridian, hospitals at three of them.
PLACES = {
    f"99{n:02}": {"population": 1_000 * (1 + n % 4), "latitude": 68.0 + 0.4 * n, "longitude": 18.0}
    for n in range(12)
}
HOSPITALS = {"north": "9910", "middle": "9905", "south": "9901"}
SIZE = {"north": 3.0, "middle": 1.5, "south": 1.0}
# Five times as many as expected go from 9903 to the hospital farthest away.
ODD = ("9903", "north")


def _km(one: str, other: str) -> float:
    return math.radians(abs(PLACES[one]["latitude"] - PLACES[other]["latitude"])) * 6371.0088


def _tables() -> dict[str, list[Row]]:
    draw = random.Random(7)
    flows = []
    for code, place in PLACES.items():
        for hospital, stands in HOSPITALS.items():
            if code == stands:
                flows.append((code, hospital, 40))
                continue
            mean = 0.4 * place["population"] ** 0.8 * SIZE[hospital] / _km(code, stands) ** 0.7
            n = round(mean + draw.uniform(-0.5, 0.5))
            flows.append((code, hospital, 5 * n if (code, hospital) == ODD else n))
    patients = [
        (f"p{i}", code, hospital)
        for i, (code, hospital) in enumerate(
            (code, hospital) for code, hospital, n in flows for _ in range(n)
        )
    ]
    return {
        "patients": [{"patient_id": p, "birth_year": 1950} for p, _, _ in patients],
        "units": [
            {"unit_id": h, "name": h, "kind": "department", "level": "hospital",
             "municipality_code": code} for h, code in HOSPITALS.items()
        ] + [{"unit_id": "doc", "name": "doc", "kind": "gp_practice", "level": "gp",
              "municipality_code": "9901"}],
        # Two contacts of every third patient: patients count, not contacts.
        "contacts": [
            {"contact_id": f"{p}{k}", "patient_id": p, "unit_id": hospital,
             "care_level": "outpatient", "started_at": f"2024-05-0{k + 1}T08:00"}
            for i, (p, _, hospital) in enumerate(patients) for k in range(1 + (i % 3 == 0))
        ] + [{"contact_id": "x", "patient_id": "p0", "unit_id": "doc", "care_level": "outpatient",
              "started_at": "2024-05-02T08:00"}],
        "residences": [{"patient_id": p, "municipality_code": code} for p, code, _ in patients],
        "municipalities": [
            {"municipality_code": code, "name": code, **place} for code, place in PLACES.items()
        ] + [{"municipality_code": "9999", "name": "Unknown", "latitude": 70.0, "longitude": 18.0}],
    }  # fmt: skip


TABLES = _tables()


def counted() -> Counter[tuple[str, str]]:
    """Patients by municipality and hospital, from the tables."""
    home = {row["patient_id"]: row["municipality_code"] for row in TABLES["residences"]}
    seen = {
        (row["patient_id"], row["unit_id"]) for row in TABLES["contacts"] if row["unit_id"] != "doc"
    }
    return Counter((home[patient], unit) for patient, unit in seen)


def fitted(seen: Counter[tuple[str, str]]) -> dict[tuple[str, str], float]:
    """The likeliest expected numbers, by a general minimiser instead of iterated least squares."""
    capacity = Counter[str]()
    for (_, unit), n in seen.items():
        capacity[unit] += n
    pairs = [(c, h) for c in PLACES for h in HOSPITALS if c != HOSPITALS[h]]
    columns = np.array(
        [
            [1.0, math.log(PLACES[c]["population"]), math.log(capacity[h]),
             math.log(_km(c, HOSPITALS[h]))]
            for c, h in pairs
        ]
    )  # fmt: skip
    n = np.array([seen[pair] for pair in pairs], dtype=float)
    middle = columns.mean(axis=0) * [0, 1, 1, 1]

    def loss(beta: Any) -> float:
        eta = (columns - middle) @ beta
        return float(np.exp(eta).sum() - (n * eta).sum())

    start = np.array([math.log(n.mean()), 0.0, 0.0, 0.0])
    best = optimize.minimize(loss, start, method="BFGS", options={"gtol": 1e-7})
    return dict(zip(pairs, np.exp((columns - middle) @ best.x).tolist(), strict=True))


def test_expected_numbers_are_the_likeliest(drawn_engine: Engine) -> None:
    seen = counted()
    expected = fitted(seen)
    rows = rows_of(ask(drawn_engine, "unusual_handovers", show="all"))
    found = {(row["from_id"], row["to_id"]): row for row in rows}
    # Of 9999 the population is not known, so nothing can be expected of it.
    assert set(found) == {(code, unit) for code in PLACES for unit in HOSPITALS}
    for pair, row in found.items():
        assert row["n_patients"] == seen[pair]
        if pair in expected:
            assert row["expected"] == pytest.approx(expected[pair], rel=1e-4)
            assert row["distance_km"] == round(_km(pair[0], HOSPITALS[pair[1]]))
        else:
            assert (row["status"], row["expected"]) == ("same_place", None)


def test_the_odd_flow_is_named_and_the_model_is_said(drawn_engine: Engine) -> None:
    result = ask(drawn_engine, "unusual_handovers")
    (row,) = rows_of(result)
    assert (row["from_id"], row["to_id"], row["status"]) == (*ODD, "above_expected")
    assert row["adjusted_p_value"] <= 0.05
    said = " ".join(result.manifest["notes"])
    assert "population is not known: 1." in said
    assert "Fitted to 33 pairs" in said
    assert said.count("Coefficient of") == 4


def test_flows_to_places_and_within_them(drawn_engine: Engine) -> None:
    rows = rows_of(ask(drawn_engine, "unusual_handovers", to="place", show="all", least_km=10))
    seen = counted()
    assert {(row["from_id"], row["to_id"]): row["n_patients"] for row in rows} == {
        (code, stands): seen[code, unit] for code in PLACES for unit, stands in HOSPITALS.items()
    }
    assert {row["status"] for row in rows} <= {"usual", "above_expected", "below_expected"}
    chosen = ask(drawn_engine, "unusual_handovers", municipalities=("9901", "9903"), show="all")
    assert {(row["from_id"], row["to_id"]) for row in rows_of(chosen)} == {
        ("9901", "south"), ("9903", "south"),
    }  # fmt: skip


def test_what_is_expected_of_few_is_not_shown(drawn_engine: Engine) -> None:
    shown = rows_of(run(drawn_engine, "unusual_handovers", {"show": "all"}))
    hidden = [row for row in shown if row["n_patients"] is None]
    assert hidden
    for row in hidden:
        assert [row[name] for name in ("status", "expected", "ratio", "p_value")] == [None] * 4
