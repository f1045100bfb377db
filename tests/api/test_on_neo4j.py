"""The same region on the other engine gives the same documents."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from pathgraph.api.app import create_app
from pathgraph.api.metrics import Metrics
from pathgraph.api.serving import Limits, Serving
from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.ingest.run import load
from pathgraph.queries.catalogue import catalogue, networks
from pathgraph.synth.generate import write_region
from tests.conftest import Exclusively

PATIENTS = 1_000

# Neo4j works these out itself, and says so; see tests/engine for each of the measures.
_MEASURED = ("/findings/node_measures.json", "/findings/tie_measures.json")
_BY_THE_SERVER = "Worked out with Graph Data Science"


def client_of(engine: Engine) -> TestClient:
    serving = Serving(engine, Metrics(), limits=Limits(per_minute=10**6))
    return TestClient(
        create_app(serving), base_url="http://127.0.0.1", headers={"accept-language": "en"}
    )


@pytest.fixture(scope="module")
def both(
    neo4j_exclusively: Exclusively, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, TestClient]]:
    """Return a client of each engine, LadybugDB first."""
    folder: Path = tmp_path_factory.mktemp("both")
    write_region(folder / "tables", patients=PATIENTS, seed=6)
    with (
        neo4j_exclusively() as url,
        closing(open_engine(f"ladybug:{folder / 'graph'}")) as ladybug,
        closing(open_engine(url)) as neo4j,
    ):
        for engine in (ladybug, neo4j):
            load("tables", folder / "tables", engine)
        yield client_of(ladybug), client_of(neo4j)


def document(client: TestClient, address: str) -> dict[str, Any]:
    response = client.get(address, params={"limit": 100_000} if "?" not in address else None)
    assert response.status_code == 200, response.text
    answer: dict[str, Any] = response.json()
    # When it was loaded differs; the fingerprint says that what was loaded does not.
    answer["data"].pop("snapshot")
    return answer


def assert_alike(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> None:
    assert rows
    for row, other in zip(rows, others, strict=True):
        assert set(row) == set(other)
        for name, value in row.items():
            is_fraction = isinstance(value, float) and isinstance(other[name], float)
            wanted = pytest.approx(other[name], abs=1e-6) if is_fraction else other[name]
            assert value == wanted, name


def test_findings_and_networks_are_the_same(both: tuple[TestClient, TestClient]) -> None:
    addresses = [
        *(
            f"/findings/{f.id}.json"
            for f in catalogue().values()
            if all(p.default is not None for p in f.parameters)
        ),
        *(f"/networks/{network_id}.json" for network_id in networks()),
    ]
    for address in addresses:
        one, other = (document(client, address) for client in both)
        if address in _MEASURED:
            said = [note for note in other["notes"] if note not in one["notes"]]
            assert [note.split(" 2.")[0] for note in said] == [_BY_THE_SERVER], address
            other["notes"] = [note for note in other["notes"] if note not in said]
            assert_alike(one.pop("rows"), other.pop("rows"))
        assert one == other, address


def test_patients_are_the_same(both: tuple[TestClient, TestClient]) -> None:
    listed = document(both[0], "/findings/revolving_door.json")["rows"]
    patients = [row["patient_id"] for row in listed[:5]]
    assert patients
    for patient in patients:
        for part in ("timeline", "team"):
            one, other = (document(c, f"/patients/{patient}/{part}.json") for c in both)
            assert one == other
            assert one["rows"]


def test_pages_are_the_same(both: tuple[TestClient, TestClient]) -> None:
    for address in (
        "/findings/transfers",
        "/municipalities",
        "/units",
        "/networks/shared_patients",
    ):
        texts = []
        for client in both:
            response = client.get(address, headers={"accept": "text/html"})
            assert response.status_code == 200
            texts.append(response.text.partition("<main")[2].partition("</main>")[0])
        lines = [
            [line for line in text.splitlines() if "T" not in line or "Z-" not in line]
            for text in texts
        ]
        assert lines[0] == lines[1], address
