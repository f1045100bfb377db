"""Tables that are about the data and the model, and about nobody, handed over like any answer."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from pathgraph.engine.base import LoadRecord
from pathgraph.model.schema import MODEL_VERSION, NODES, RELATIONSHIPS
from pathgraph.model.types import Property
from pathgraph.queries.result import Result
from pathgraph.queries.spec import Finding, Kind, Return
from pathgraph.sentence import template
from pathgraph.version import VERSION

__all__ = ["MODEL", "listed", "model_result"]

MODEL = Finding(
    id="model",
    version=MODEL_VERSION,
    titles={"en": "The graph model", "nb": "Grafmodellen", "nn": "Grafmodellen"},
    questions={
        "en": "Which node types, relationships and properties are there?",
        "nb": "Hvilke nodetyper, relasjoner og egenskaper finnes?",
        "nn": "Kva nodetypar, relasjonar og eigenskapar finst?",
    },
    parameters=(),
    returns=(
        Return("part", Kind.TEXT, template("node or relationship")),
        Return("name", Kind.TEXT, template("label of the nodes, or type of the relationship")),
        Return("ends", Kind.LIST, template("what a relationship leads from and to")),
        Return("property", Kind.TEXT, template("name of the property")),
        Return("type", Kind.TEXT, template("type of its values")),
        Return("unit", Kind.TEXT, template("unit of its values")),
        Return("required", Kind.BOOLEAN, template("whether it always has a value")),
        Return("sentence", Kind.TEXT, template("what it means")),
    ),
    key=("part", "name", "property"),
    needs=(),
    among=None,
    source="docs/generated/model.md",
    cypher={"": ""},
)


def listed(finding: Finding, table: pa.Table, record: LoadRecord, *, as_of: str) -> Result:
    """Return a table as an answer, which can be handed over in every form.

    Parameters
    ----------
    finding
        What the table's columns mean.
    as_of
        The day that the table is about, in ISO form.
    """
    manifest: dict[str, Any] = {
        "finding": finding.id,
        "version": finding.version,
        "title": finding.title,
        "as_of": as_of,
        "parameters": {},
        "data": {
            "snapshot": record.load_id,
            "fingerprint": record.fingerprint,
            "source": record.manifest.get("source"),
        },
        "among": None,
        "among_suppressed": False,
        "n_rows": table.num_rows,
        "n_suppressed": 0,
        "suppress_below": 0,
        "truncated": False,
        "columns": [{"name": c.name, "kind": str(c.kind)} for c in finding.returns],
        "question": finding.question,
        "notes": [str(note) for note in record.manifest.get("notes", ())],
        "source": finding.source,
        "pathgraph": VERSION,
    }
    return Result(finding, table, manifest)


def model_result(record: LoadRecord) -> Result:
    """Return the graph model as a table: one row a property."""
    rows = [_row("node", node.label, [], item) for node in NODES for item in node.properties] + [
        _row("relationship", r.type, [f"{e.from_label}>{e.to_label}" for e in r.ends], item)
        for r in RELATIONSHIPS
        for item in r.properties or (None,)
    ]
    types = {Kind.LIST: pa.list_(pa.string()), Kind.BOOLEAN: pa.bool_()}
    schema = pa.schema([(c.name, types.get(c.kind, pa.string())) for c in MODEL.returns])
    table = pa.Table.from_pylist(rows, schema=schema)
    return listed(MODEL, table, record, as_of=str(record.manifest["loaded_at"])[:10])


def _row(part: str, name: str, ends: list[str], item: Property | None) -> dict[str, Any]:
    row: dict[str, Any] = {"part": part, "name": name, "ends": ends}
    if item is not None:
        row |= {
            "property": item.name,
            "type": item.type.value,
            "unit": item.unit,
            "required": item.required,
            "sentence": item.sentence,
        }
    return row
