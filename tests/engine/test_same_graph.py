"""The same canonical tables give the same graph on both engines: counts and content by type."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.ingest.run import load
from pathgraph.model.ddl import relationship_ends
from pathgraph.model.schema import NODES, node
from tests.engine.every_table import write_every_table

_SHARED = Path(os.environ.get("PATHGRAPH_SHARED_DATA", "../shared/data"))

Content = dict[str, tuple[int, str]]


def content(engine: Engine) -> Content:
    """Return each graph type's number of rows and a checksum over ids and properties."""
    found: Content = {}
    for type_ in NODES:
        if type_.label != "Load":
            columns = ", ".join(f"n.{p.name} AS {p.name}" for p in type_.properties)
            found[type_.label] = _summed(engine, f"MATCH (n:{type_.label}) RETURN {columns}")
    for relationship, end in relationship_ends():
        columns = "".join(f", r.{p.name} AS {p.name}" for p in relationship.properties)
        found[f"{relationship.type}|{end.from_label}|{end.to_label}"] = _summed(
            engine,
            f"MATCH (a:{end.from_label})-[r:{relationship.type}]->(b:{end.to_label}) "
            f"RETURN a.{node(end.from_label).key} AS from_id, "
            f"b.{node(end.to_label).key} AS to_id{columns}",
        )
    return found


def _summed(engine: Engine, query: str) -> tuple[int, str]:
    table = engine.query(query)
    rows = sorted(
        repr(tuple(row[name] for name in table.column_names)) for row in table.to_pylist()
    )
    return len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest()


def _load_both(source: str, path: Path, tmp_path: Path, neo4j_url: str) -> tuple[Content, Content]:
    contents = []
    fingerprints = []
    for url in (f"ladybug:{tmp_path / 'graph'}", neo4j_url):
        engine = open_engine(url)
        try:
            load(source, path, engine)
            contents.append(content(engine))
            fingerprints.append(engine.record().fingerprint)
        finally:
            engine.close()
    assert fingerprints[0] == fingerprints[1]
    return contents[0], contents[1]


def test_every_table_gives_the_same_graph(tmp_path: Path, empty_neo4j_url: str) -> None:
    write_every_table(tmp_path / "tables")
    ladybug, neo4j = _load_both("tables", tmp_path / "tables", tmp_path, empty_neo4j_url)
    assert ladybug == neo4j
    assert [name for name, (count, _) in ladybug.items() if count == 0] == []


@pytest.mark.parametrize(
    ("source", "folder"),
    [("mimic-iv", "mimic-iv-demo-2.2"), ("synthea", "synthea-csv-unmc-100")],
)
def test_open_data_give_the_same_graph(
    source: str, folder: str, tmp_path: Path, empty_neo4j_url: str
) -> None:
    if not (_SHARED / folder).is_dir():
        pytest.skip(f"The open data set {folder} is not beside the checkout.")
    ladybug, neo4j = _load_both(source, _SHARED / folder, tmp_path, empty_neo4j_url)
    assert ladybug == neo4j
    assert ladybug["Contact"][0] > 1000


def test_a_changed_value_is_seen(tmp_path: Path) -> None:
    write_every_table(tmp_path / "tables")
    contents = []
    for number in (1, 2):
        engine = open_engine(f"ladybug:{tmp_path / str(number)}")
        load("tables", tmp_path / "tables", engine)
        contents.append(content(engine))
        engine.close()
        file = tmp_path / "tables" / "plan_owners.csv"
        file.write_text(file.read_text().replace("2025-03-01", "2025-03-02"))
    differing = [name for name in contents[0] if contents[0][name] != contents[1][name]]
    assert differing == ["OWNED_BY|Plan|Professional"]
