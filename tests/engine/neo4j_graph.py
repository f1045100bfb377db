"""A graph that is small, but larger than one batch, and all that a Neo4j holds of it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import neo4j

from pathgraph.engine.base import GraphTables, LoadRecord, LoadSession
from pathgraph.ingest.graph_tables import ledger_of
from pathgraph.model.schema import MODEL_VERSION, NODES
from tests.engine.graph_folder import build_graph_tables

N_PATIENTS = 40
CONTACTS_EACH = 45
"""1,800 contacts: two transactions with contacts, as one takes 1,739."""

Row = dict[str, object]
Content = tuple[list[str], list[str]]


def two_versions(folder: Path) -> tuple[GraphTables, GraphTables]:
    """Return a graph and a later state of it.

    Later: the last three patients are withdrawn with their contacts (138 nodes), everybody else has
    a new birth year, one residence has ended and another begun.
    """
    return (
        _build(
            folder / "before", n_patients=N_PATIENTS, birth_year=1950, residences=("2020-01-01",)
        ),
        _build(
            folder / "after",
            n_patients=N_PATIENTS - 3,
            birth_year=1951,
            residences=("2020-01-01", "2024-01-01"),
        ),
    )


def _build(
    folder: Path, *, n_patients: int, birth_year: int, residences: tuple[str, ...]
) -> GraphTables:
    patients = [{"patient_id": f"p{i:02d}", "birth_year": birth_year} for i in range(n_patients)]
    contacts = [_contact(i) for i in range(n_patients * CONTACTS_EACH)]
    of = [f"p{i // CONTACTS_EACH:02d}" for i in range(len(contacts))]
    ids = [str(c["contact_id"]) for c in contacts]
    return build_graph_tables(
        folder,
        {
            "Patient": patients,
            "Contact": contacts,
            "Unit": [{"unit_id": f"u{i}", "level": "hospital"} for i in range(5)],
            "Municipality": [{"municipality_code": "5501", "latitude": 69.65}],
        },
        {
            ("HAD", "Patient", "Contact"): _pairs(of, ids),
            ("AT", "Contact", "Unit"): _pairs(ids, [f"u{i % 5}" for i in range(len(ids))]),
            ("LIVES_IN", "Patient", "Municipality"): [
                {"from_id": p["patient_id"], "to_id": "5501", "valid_from": day}
                for p in patients
                for day in (None, *residences)
            ],
        },
    )


def _contact(i: int) -> Row:
    return {
        "contact_id": f"c{i:05d}",
        "kind": None if i % 7 else "somatic",
        "level": "hospital",
        "unit_id": "u",
        "patient_id": f"p{i // CONTACTS_EACH:02d}",
        "has_children": False,
        "started_at": "2025-01-01T10:00:00",
        "started_s": 1_735_722_000 + i * 3600,
        "started_day": 20_089 + i // 24,
        "is_acute": i % 2 == 0,
        "ended_dead": False,
        "has_time": True,
        "due_day": 20_090 + i // 24,
    }


def _pairs(from_ids: list[str], to_ids: list[str]) -> list[Row]:
    return [{"from_id": a, "to_id": b} for a, b in zip(from_ids, to_ids, strict=True)]


def content(url: str, *, auth: tuple[str, str] | None = None) -> Content:
    """Return all nodes and all relationships with everything on them but the load's id.

    Sorted texts: two graphs are the same when their contents are equal.
    """
    keys = {node.label: node.key for node in NODES}
    with connect(url, auth=auth) as driver:
        nodes = driver.execute_query(
            "MATCH (n) WHERE NOT n:Load AND NOT n:LoadLock AND NOT n:PathgraphTestServer "
            "RETURN labels(n) AS labels, properties(n) AS properties"
        ).records
        relationships = driver.execute_query(
            "MATCH (a)-[r]->(b) RETURN labels(a) AS a_labels, properties(a) AS a, type(r) AS type, "
            "properties(r) AS properties, labels(b) AS b_labels, properties(b) AS b"
        ).records
    return (
        sorted(repr((n["labels"], _without_load_id(n["properties"]))) for n in nodes),
        sorted(
            repr(
                (
                    r["a_labels"],
                    r["a"][keys[r["a_labels"][0]]],
                    r["type"],
                    _without_load_id(r["properties"]),
                    r["b_labels"],
                    r["b"][keys[r["b_labels"][0]]],
                )
            )
            for r in relationships
        ),
    )


def _without_load_id(properties: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return sorted((name, value) for name, value in properties.items() if name != "load_id")


def connect(url: str, *, auth: tuple[str, str] | None = None) -> neo4j.Driver:
    """Open a connection beside the engine's, as the environment says."""
    password = os.environ.get("PATHGRAPH_NEO4J_PASSWORD")
    if auth is None and password:
        auth = (os.environ.get("PATHGRAPH_NEO4J_USER", "neo4j"), password)
    return neo4j.GraphDatabase.driver(url, auth=auth)


def of(session: LoadSession, tables: GraphTables) -> GraphTables:
    """Return ``tables`` as those of the load under way, as the loader makes them."""
    return replace(tables, record=replace(tables.record, load_id=session.load_id))


def reopen(folder: Path) -> GraphTables:
    """Return the graph tables that :func:`two_versions` wrote to ``folder`` before."""
    ledger = ledger_of(folder)
    manifest = {"model_version": MODEL_VERSION}
    return GraphTables(
        folder, ledger, LoadRecord("reopened", "complete", ledger.fingerprint, manifest)
    )
