"""Communities and the formal division: counted once more in plain Python, and what was planted."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.ingest.run import load
from pathgraph.queries.run import run
from pathgraph.synth.generate import write_region
from pathgraph.synth.region import build_region
from tests.findings.conftest import Loaded
from tests.findings.drawn import Row, Tables, ask, rows_of
from tests.findings.level_graphs import ZONE, days_to_ask
from tests.findings.networks_oracle import ALL_LEVELS, Networks
from tests.findings.test_networks_against_oracle import drawn_region

AREAS = {"5501": "East", "5502": "East", "5503": "West", "5504": "West", "5505": "North",
         "5506": None}  # fmt: skip
AGAINST = {"5516", "5522"}
"""Planted in every generated region, as docs/region.md says."""


def region_of_areas(seed: int) -> dict[str, list[Row]]:
    tables = drawn_region(seed)
    draw = random.Random(seed)
    tables["municipalities"] = [
        {"municipality_code": code, "name": f"at {code}", "hospital_area": area}
        for code, area in AREAS.items()
    ]
    for row in (*tables["residences"], *tables["units"]):
        if row["municipality_code"] is not None:
            row["municipality_code"] = draw.choice(list(AREAS))
    return tables


def expected_rows(tables: Tables, day: date, period: int, levels: tuple[str, ...]) -> Any:
    """By municipality: patients, by main area, with any contact inside and outside, contacts."""
    seen = Networks(tables, day, ZONE, period_days=period, levels=levels)
    visits: dict[tuple[str, str], Counter[str | None]] = defaultdict(Counter)
    for row in seen.contacts():
        stands = seen.units[row["unit_id"]].get("municipality_code")
        on = seen.day(row["started_at"]).isoformat()
        for home in seen.homes_on(row["patient_id"], on):
            visits[home, row["patient_id"]][AREAS.get(stands or "")] += 1
    found: dict[str, Any] = {
        code: {"n_patients": 0, "main": Counter(), "n_inside": 0, "n_outside": 0,
               "n_contacts": 0, "inside": 0} for code in AREAS
    }  # fmt: skip
    for (home, _), areas in visits.items():
        own, row = AREAS[home], found[home]
        row["n_patients"] += 1
        row["n_contacts"] += areas.total()
        is_own = own is not None and areas[own] > 0
        row["n_inside"] += is_own
        row["n_outside"] += areas.total() > (areas[own] if own is not None else 0)
        row["inside"] += areas[own] if own is not None else 0
        most = [area for area, n in areas.items() if n == max(areas.values())]
        row["main"][most[0] if len(most) == 1 else None] += 1
    return found


def check_division(engine: Engine, tables: Tables, day: date, period: int, levels: Any) -> int:
    expected = expected_rows(tables, day, period, levels)
    asked = {"period_days": period, "levels": levels, "n_permutations": 999}
    rows = rows_of(ask(engine, "formal_division", as_of=day, **asked))
    assert {row["municipality_code"] for row in rows} == set(AREAS)
    for row in rows:
        own = AREAS[row["municipality_code"]]
        one = expected[row["municipality_code"]]
        for name in ("n_patients", "n_contacts", "n_inside", "n_outside"):
            assert row[name] == one[name], (name, row)
        main = one["main"]
        others = {a: n for a, n in main.items() if a not in (None, own)} if own else {}
        assert (row["own_area"], row["n_own"]) == (own, main[own] if own else 0)
        assert row["n_other"] == max(others.values(), default=0)
        if own and one["n_contacts"]:
            assert row["localisation"] == pytest.approx(one["inside"] / one["n_contacts"])
            assert row["share_own"] == pytest.approx(main[own] / one["n_patients"])
        if row["other_area"]:
            assert others[row["other_area"]] == row["n_other"]
    return sum(row["n_other"] for row in rows)


def check_communities(engine: Engine, tables: Tables, day: date, network: str) -> int:
    """The consensus is modular, and the nodes and their patients are those of the network."""
    seen = Networks(tables, day, ZONE, period_days=365, levels=ALL_LEVELS)
    ties = seen.from_municipalities(to_municipalities=True)
    if network == "shared_patients":
        ties = seen.shared()[0]
    asked = {"levels": ALL_LEVELS, "depth": "clinic", "network": network}
    result = ask(engine, "communities", as_of=day, **asked)
    graph = nx.Graph()
    for tie in ties:
        if tie["from_id"] and tie["to_id"]:
            pair = (tie["from_id"], tie["to_id"])
            before = graph.get_edge_data(*pair, {"weight": 0})["weight"]
            graph.add_edge(*pair, weight=before + tie.get("n_contacts", tie["n_patients"]))
    rows = rows_of(result)
    assert {row["node_id"] for row in rows} == set(graph)
    groups: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        groups[row["community"]].add(row["node_id"])
        assert row["n_members"] == sum(r["community"] == row["community"] for r in rows)
    best = max(
        nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=seed))
        for seed in range(30)
    ) if graph.number_of_edges() else 0  # fmt: skip
    modular = nx.community.modularity(graph, groups.values()) if graph.number_of_edges() else 0
    assert modular >= best - 0.02
    assert any(f"{modular:.2f}" in note for note in result.manifest["notes"]) or not rows
    return len(rows)


def test_division_and_communities_equal_what_is_counted(loaded_region: Loaded) -> None:
    n_other, n_nodes = 0, 0
    for seed in (21, 22):
        tables = region_of_areas(seed)
        engine = loaded_region(tables)
        days = days_to_ask(tables, seed, 1)
        for day, period, levels in zip(
            days, (365, 60), (ALL_LEVELS, ("hospital", "psychiatry")), strict=False
        ):
            n_other += check_division(engine, tables, day, period, levels)
        for network in ("municipality_ties", "shared_patients"):
            n_nodes += check_communities(engine, tables, days[0], network)
    assert n_other
    assert n_nodes > 12


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_what_is_planted_in_generated_regions_is_found(tmp_path: Path, seed: int) -> None:
    write_region(tmp_path / "region", patients=5_000, seed=seed)
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    load("tables", tmp_path / "region", engine)
    # Three years, so that the small municipalities have enough patients.
    asked = {"period_days": 1095}
    rows = rows_of(run(engine, "formal_division", asked, suppress_below=0))
    by_status: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        by_status[row["status"]].add(row["municipality_code"])
    municipalities = build_region().municipalities
    assert by_status["against"] == AGAINST
    assert not by_status["undecided"]
    centres = {row["municipality_code"]: row["centre_name"] for row in rows}
    hospitals = ("Tromsø", "Harstad", "Narvik")
    sent_to = {
        code: hospitals[site]
        for code, site in zip(municipalities.code, municipalities.sent_to, strict=True)
    }
    assert {code: centres[code] for code in AGAINST} == {code: sent_to[code] for code in AGAINST}
    # By chance the neighbours of a district medical centre may stand by themselves; none stands
    # with another hospital than the one that its patients are sent to.
    trust = municipalities.code[: municipalities.n_trust]
    assert not [c for c in trust if centres[c] in hospitals and centres[c] != sent_to[c]]
    notes = " ".join(run(engine, "formal_division", asked).manifest["notes"])
    assert "3 areas); p 0.0001 by" in notes
    engine.close()


def test_small_numbers_of_the_division_are_hidden(tmp_path: Path) -> None:
    write_region(tmp_path / "region", patients=2_000, seed=9)
    engine = open_engine(f"ladybug:{tmp_path / 'graph'}")
    load("tables", tmp_path / "region", engine)
    open_rows = rows_of(run(engine, "formal_division", suppress_below=0))
    shown = {row["municipality_code"]: row for row in rows_of(run(engine, "formal_division"))}
    n_hidden = 0
    for row in open_rows:
        hidden = shown[row["municipality_code"]]
        for name in ("n_own", "n_other", "n_inside", "n_outside", "n_patients"):
            if 0 < row[name] < 5 or 0 < row["n_patients"] - row[name] < 5:
                n_hidden += 1
                assert hidden[name] is None
        if hidden["n_inside"] is None or hidden["n_outside"] is None:
            assert hidden["localisation"] is None
        if hidden["n_own"] is None:
            assert [hidden["share_own"], hidden["p_value"]] == [None, None]
    assert n_hidden
    engine.close()
