"""The checks of ``cypher/checks``: silent on what was loaded, and loud on what is broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pathgraph.cypherfile import cypher_folder, read_cypher_file
from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.progress import QuietProgress
from tests.engine.graph_folder import build_graph_tables
from tests.findings import test_readmissions

TABLES = test_readmissions.TABLES

CHECKS = {path.stem: path for path in sorted((cypher_folder() / "checks").glob("*.cypher"))}

Graph = dict[str, Any]


@pytest.mark.parametrize("check", CHECKS)
def test_what_was_loaded_is_sound(drawn_engine: Engine, check: str) -> None:
    assert drawn_engine.query(read_cypher_file(CHECKS[check]).text).num_rows == 0


def sound() -> Graph:
    """Return two patients: one with two stays, the first of two contacts."""
    contact = {
        "level": "hospital", "started_at": "x", "started_day": 0, "is_acute": True,
        "ended_dead": False, "has_time": True, "due_day": 1, "unit_id": "u", "has_children": False,
    }  # fmt: skip
    stay = {
        "level": "hospital", "started_at": "x", "is_acute_first": True, "is_acute_any": True,
        "ended_dead": False, "has_time": True, "n_contacts": 1, "unit_ids": "[]",
    }  # fmt: skip
    had = [("p", "c1"), ("p", "c2"), ("p", "c3"), ("q", "c4")]
    of_stay = [("c1", "s1"), ("c2", "s1"), ("c3", "s2"), ("c4", "s3")]
    stays = [("s1", 0, 100), ("s2", 90_100, 90_200), ("s3", 0, 100)]
    nodes: dict[str, list[dict[str, Any]]] = {
        "Patient": [{"patient_id": "p"}, {"patient_id": "q"}],
        "Unit": [{"unit_id": "u", "level": "hospital"}],
        "Contact": [
            {**contact, **before, "contact_id": f"c{n}", "started_s": start}
            for n, (start, before) in enumerate(
                [
                    (0, {"patient_id": "p"}),
                    (50, {"patient_id": "p", "previous_unit_id": "u", "previous_gap_s": 0}),
                    (90_100, {"patient_id": "p", "previous_unit_id": "u", "previous_gap_s": 0}),
                    (0, {"patient_id": "q"}),
                ],
                start=1,
            )
        ],
        "Stay": [
            {
                **stay, "stay_id": id_, "started_s": start, "ended_s": end, "first_acute_s": start,
                "started_day": start // 86_400, "ended_day": end // 86_400,
            }
            for id_, start, end in stays
        ],
    }  # fmt: skip
    nodes["Stay"][0]["n_contacts"] = 2

    def joined(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
        return [{"from_id": a, "to_id": b} for a, b in pairs]

    of_unit = joined([(stay_id, "u") for stay_id, *_ in stays])
    return {
        "nodes": nodes,
        "relationships": {
            ("HAD", "Patient", "Contact"): joined(had),
            ("AT", "Contact", "Unit"): joined([(c, "u") for _, c in had]),
            ("HAD_STAY", "Patient", "Stay"): joined([("p", "s1"), ("p", "s2"), ("q", "s3")]),
            ("PART_OF_STAY", "Contact", "Stay"): [
                {**row, "unit_id": "u", "started_s": 0} for row in joined(of_stay)
            ],
            ("NEXT_STAY", "Stay", "Stay"): [
                {"from_id": "s1", "to_id": "s2", "gap_s": 90_000, "gap_days": 1}
            ],
            ("ADMITTED_TO", "Stay", "Unit"): list(of_unit),
            ("DISCHARGED_FROM", "Stay", "Unit"): list(of_unit),
            ("NEXT_CONTACT", "Contact", "Contact"): [
                {
                    **row, "gap_s": 0, "gap_days": 0, "from_unit_id": "u", "to_unit_id": "u",
                    "to_started_s": 0,
                }
                for row in joined([("c1", "c2"), ("c2", "c3")])
            ],
        },
    }  # fmt: skip


def _stay(graph: Graph, number: int) -> dict[str, Any]:
    row: dict[str, Any] = graph["nodes"]["Stay"][number]
    return row


def _rows(graph: Graph, type_: str) -> list[dict[str, Any]]:
    (rows,) = (rows for key, rows in graph["relationships"].items() if key[0] == type_)
    found: list[dict[str, Any]] = rows
    return found


BREAKS: dict[str, Callable[[Graph], object]] = {
    "stays_without_patient": lambda g: _rows(g, "HAD_STAY").append({"from_id": "q", "to_id": "s1"}),
    "stays_without_unit": lambda g: _rows(g, "DISCHARGED_FROM").pop(),
    "stays_that_end_before_they_start": lambda g: _stay(g, 2).update(ended_s=-1),
    "stays_that_overlap": lambda g: _stay(g, 0).update(ended_s=90_101),
    "next_stays_with_wrong_gap": lambda g: _rows(g, "NEXT_STAY")[0].update(gap_days=0),
    "next_stays_of_another_patient": lambda g: _rows(g, "NEXT_STAY")[0].update(to_id="s3"),
    "stays_without_order": lambda g: _rows(g, "NEXT_STAY").clear(),
    "stays_acute_at_odds": lambda g: _stay(g, 1).update(first_acute_s=None),
    "stays_with_wrong_count": lambda g: _stay(g, 0).update(n_contacts=3),
    "contacts_of_nobody": lambda g: _rows(g, "HAD").pop(),
    "contacts_at_odds": lambda g: g["nodes"]["Contact"][3].update(patient_id="p"),
    "contacts_in_two_stays": lambda g: _rows(g, "PART_OF_STAY").append(
        {"from_id": "c4", "to_id": "s2", "unit_id": "u", "started_s": 0}
    ),
    "next_contacts_backwards": lambda g: _rows(g, "NEXT_CONTACT").append(
        {**_rows(g, "NEXT_CONTACT")[0], "from_id": "c3", "to_id": "c1"}
    ),
}


def rows_found(graph: Graph, folder: Path, check: str) -> int:
    engine = open_engine(f"ladybug:{folder / 'graph'}")
    with engine.begin_load() as session:
        tables = build_graph_tables(
            folder / "tables", graph["nodes"], graph["relationships"], load_id=session.load_id
        )
        session.commit(tables, progress=QuietProgress())
    n: int = engine.query(read_cypher_file(CHECKS[check]).text).num_rows
    engine.close()
    return n


@pytest.mark.parametrize(
    "wrong",
    [
        {"previous_unit_id": None},
        {"previous_unit_id": "v"},
        {"previous_gap_s": None},
        {"previous_gap_s": 1},
    ],
)
def test_another_contact_before_it_is_at_odds(tmp_path: Path, wrong: Graph) -> None:
    graph = sound()
    graph["nodes"]["Contact"][1].update(wrong)
    assert rows_found(graph, tmp_path, "contacts_at_odds") == 1


def test_a_contact_before_the_first_one_is_at_odds(tmp_path: Path) -> None:
    graph = sound()
    graph["nodes"]["Contact"][0].update(previous_unit_id="u", previous_gap_s=0)
    assert rows_found(graph, tmp_path, "contacts_at_odds") == 1


@pytest.mark.parametrize(
    ("lived_in", "said", "n"),
    [
        (["5501"], '["5501"]', 0),
        (["5501"], None, 1),
        (["5501"], '["5503"]', 1),
        (["5501", "5503"], '["5501"]', 1),
        (["5501", "5503"], '["5501","5503"]', 0),
        ([], '["5501"]', 1),
    ],
)
def test_another_residence_is_at_odds(
    tmp_path: Path, lived_in: list[str], said: str | None, n: int
) -> None:
    graph = sound()
    graph["nodes"]["Municipality"] = [{"municipality_code": code} for code in ("5501", "5503")]
    graph["relationships"]["LIVES_IN", "Patient", "Municipality"] = [
        {"from_id": "q", "to_id": code, "valid_from_day": 0} for code in lived_in
    ]
    graph["nodes"]["Contact"][3].update(municipality_codes=said)
    assert rows_found(graph, tmp_path, "contacts_at_odds") == n


@pytest.mark.parametrize("check", CHECKS)
def test_what_is_broken_is_found(tmp_path: Path, check: str) -> None:
    assert rows_found(sound(), tmp_path / "sound", check) == 0
    graph = sound()
    BREAKS[check](graph)
    assert rows_found(graph, tmp_path / "broken", check) > 0
