"""Small folders of graph tables for tests, written from plain rows by the declared model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pathgraph.engine.base import GraphTables, LoadRecord
from pathgraph.ingest.graph_tables import ledger_of
from pathgraph.model.ddl import NODE_KEY, relationship_ends
from pathgraph.model.schema import MODEL_VERSION, NODES
from pathgraph.model.types import Property, PropertyType

Rows = Sequence[Mapping[str, object]]

_ARROW = {
    PropertyType.TEXT: pa.string(),
    PropertyType.INTEGER: pa.int64(),
    PropertyType.NUMBER: pa.float64(),
    PropertyType.BOOLEAN: pa.bool_(),
}


def build_graph_tables(
    folder: Path,
    nodes: Mapping[str, Rows],
    relationships: Mapping[tuple[str, str, str], Rows],
    *,
    load_id: str = "20260101T000000Z-test",
    manifest: Mapping[str, object] | None = None,
) -> GraphTables:
    """Write every type of the model except ``Load`` to ``folder``; absent properties are null.

    ``nodes`` is label to rows; ``relationships`` is ``(type, from label, to label)`` to rows with
    the business keys ``from_id`` and ``to_id`` beside the properties.
    """
    known = {(r.type, e.from_label, e.to_label) for r, e in relationship_ends()}
    unknown = (set(nodes) - {n.label for n in NODES}) | (set(relationships) - known)
    if unknown:
        raise KeyError(f"not in the model: {sorted(map(str, unknown))}")
    (folder / "nodes").mkdir(parents=True)
    (folder / "relationships").mkdir()
    keys: dict[str, dict[object, int]] = {}
    for node in NODES:
        if node.label == "Load":
            continue
        rows = nodes.get(node.label, ())
        keys[node.label] = {row[node.key]: i for i, row in enumerate(rows)}
        if len(keys[node.label]) != len(rows):
            raise ValueError(f"{node.label}: a key occurs twice")
        arrays = {NODE_KEY: pa.array(range(len(rows)), pa.int64())}
        arrays |= _property_arrays(node.properties, rows)
        pq.write_table(pa.table(arrays), folder / "nodes" / f"{node.label}.parquet")
    for relationship, end in relationship_ends():
        rows = relationships.get((relationship.type, end.from_label, end.to_label), ())
        arrays = {
            "from_key": pa.array([keys[end.from_label][r["from_id"]] for r in rows], pa.int64()),
            "to_key": pa.array([keys[end.to_label][r["to_id"]] for r in rows], pa.int64()),
        }
        arrays |= _property_arrays(relationship.properties, rows, beside=("from_id", "to_id"))
        name = f"{relationship.type}__{end.from_label}__{end.to_label}.parquet"
        pq.write_table(pa.table(arrays), folder / "relationships" / name)
    ledger = ledger_of(folder)
    content = {
        "source": "tables",
        "options": {},
        "acute": {"codes": None, "sentence": "All overnight contacts count as acute."},
        "timezone": "Europe/Oslo",
        "tables": {},
        "last_day": 20_000,
        "has_time": True,
        "notes": [],
        "quality": [],
        "pathgraph_version": "0",
        "model_version": MODEL_VERSION,
        "loaded_at": "2026-01-01T00:00:00+00:00",
        "counts": {name: t.count for name, t in ledger.types.items()},
        "merge_gap_h": 8,
        **(manifest or {}),
    }
    record = LoadRecord(load_id, "complete", ledger.fingerprint, content)
    return GraphTables(folder, ledger, record)


def _property_arrays(
    properties: Sequence[Property], rows: Rows, *, beside: Sequence[str] = ()
) -> dict[str, pa.Array]:
    names = {p.name for p in properties}
    for row in rows:
        extra = set(row) - names - set(beside)
        if extra:
            raise KeyError(f"no such property: {sorted(extra)}")
    return {p.name: pa.array([row.get(p.name) for row in rows], _ARROW[p.type]) for p in properties}
