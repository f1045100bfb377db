"""Findings over HTTP: the same answer as at the other doors, in every form."""

from __future__ import annotations

import csv
import io
import json
from contextlib import closing

import openpyxl
import pytest
from starlette.testclient import TestClient

from pathgraph.engine import open_engine
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.run import run

ASKED_WITHOUT = [
    f.id for f in catalogue().values() if all(p.default is not None for p in f.parameters)
]


@pytest.mark.parametrize("finding_id", ASKED_WITHOUT)
def test_the_document_is_that_of_the_other_doors(
    client: TestClient, region_graph: str, finding_id: str
) -> None:
    with closing(open_engine(region_graph)) as engine:
        document = run(engine, finding_id).document()
    answer = client.get(f"/findings/{finding_id}.json", params={"limit": 100_000}).json()
    added = {"n_selected", "where", "sort", "offset"}
    assert {k: v for k, v in answer.items() if k not in added} == document
    assert answer["n_selected"] == document["n_rows"]


def test_csv_holds_all_rows_below_the_manifest(client: TestClient) -> None:
    answer = client.get("/findings/revolving_door.json", params={"limit": 100_000}).json()
    response = client.get("/findings/revolving_door.csv")
    lines = response.text.splitlines()
    rows = list(csv.DictReader(line for line in lines if not line.startswith("# ")))
    assert [row["patient_id"] for row in rows] == [row["patient_id"] for row in answer["rows"]]
    assert f"# data.fingerprint: {answer['data']['fingerprint']}" in lines
    assert "pathgraph-revolving_door-" in response.headers["content-disposition"]


def test_xlsx_holds_rows_and_manifest(client: TestClient) -> None:
    answer = client.get("/findings/transfers.json", params={"limit": 100_000}).json()
    response = client.get("/findings/transfers.xlsx")
    workbook = openpyxl.load_workbook(io.BytesIO(response.content))
    rows = list(workbook["rows"].iter_rows(values_only=True))
    assert list(rows[0]) == [c["name"] for c in answer["columns"]]
    assert len(rows) - 1 == answer["n_rows"] > 0
    about = dict(workbook["manifest"].iter_rows(values_only=True))
    assert about["data.fingerprint"] == answer["data"]["fingerprint"]


def test_parameters_day_and_profile_reach_the_finding(client: TestClient) -> None:
    asked = {"min_stays": 5, "as_of": "2025-06-30"}
    answer = client.get("/findings/revolving_door.json", params=asked).json()
    assert answer["parameters"]["min_stays"] == 5
    assert answer["as_of"] == "2025-06-30"
    assert all(row["n_stays"] >= 5 for row in answer["rows"])
    finding = catalogue()["readmission_rates"]
    profile = finding.profiles[0]
    asked = {"profile": profile.name}
    with_profile = client.get("/findings/readmission_rates.json", params=asked).json()
    assert with_profile["profile"] == profile.name
    assert {name: with_profile["parameters"][name] for name in profile.values} == dict(
        profile.values
    )


def test_rows_are_cut_and_the_document_says_so(client: TestClient) -> None:
    whole = client.get("/findings/revolving_door.json").json()
    assert whole["truncated"] is False
    part = client.get("/findings/revolving_door.json", params={"limit": 3, "offset": 2}).json()
    assert part["truncated"] is True
    assert part["n_rows"] == whole["n_rows"]
    assert part["rows"] == whole["rows"][2:5]


def test_rows_are_sorted_and_chosen_by_column(client: TestClient) -> None:
    whole = client.get("/findings/revolving_door.json").json()["rows"]
    most = max(row["n_stays"] for row in whole)
    asked = {"sort": "-n_stays", "where.n_stays": f"4..{most}", "where.is_current": "true"}
    answer = client.get("/findings/revolving_door.json", params=asked).json()
    expected = [row for row in whole if row["n_stays"] >= 4 and row["is_current"]]
    assert answer["n_selected"] == len(expected) < len(whole)
    assert answer["n_rows"] == len(whole)
    expected.sort(key=lambda row: -row["n_stays"])
    assert answer["rows"] == expected


def test_small_numbers_are_hidden_and_found_by_no_filter(client: TestClient) -> None:
    answer = client.get("/findings/transfers.json", params={"limit": 100_000}).json()
    hidden = [row for row in answer["rows"] if "n_patients" in row.get("suppressed", ())]
    assert hidden
    assert all(row["n_patients"] is None for row in hidden)
    for text in ("1..4", ""):
        asked = {"where.n_patients": text}
        found = client.get("/findings/transfers.json", params=asked).json()
        assert found["rows"] == []
    lines = client.get("/findings/transfers.csv").text.splitlines()
    assert any("<5" in line for line in lines if not line.startswith("# "))


def test_all_that_does_not_fit_is_said_at_once_in_the_callers_language(client: TestClient) -> None:
    asked = {"min_stays": "one", "as_of": "yesterday", "nothing": "1"}
    response = client.get("/findings/revolving_door.json", params=asked)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert {p["name"] for p in problem["problems"]} == {"min_stays", "as_of", "nothing"}
    assert "yesterday" not in response.text
    assert problem["instance"].startswith("urn:pathgraph:request:")
    norwegian = client.get("/findings/revolving_door.json", params={**asked, "lang": "nb"})
    assert norwegian.headers["content-language"] == "nb"
    assert norwegian.json()["title"] != problem["title"]


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ({"sort": "nothing"}, "sort"),
        ({"where.nothing": "1"}, "where.nothing"),
        ({"where.n_stays": "many"}, "where.n_stays"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "100001"}, "limit"),
        ({"offset": "x"}, "offset"),
    ],
)
def test_what_is_asked_of_rows_is_checked(
    client: TestClient, asked: dict[str, str], name: str
) -> None:
    response = client.get("/findings/revolving_door.json", params=asked)
    assert response.status_code == 422
    assert [p["name"] for p in response.json()["problems"]] == [name]


def test_a_comparison_says_what_became_of_each_row(client: TestClient) -> None:
    asked = {"from": "2025-11-30", "to": "2025-12-31"}
    answer = client.get("/findings/unowned_plans/comparison.json", params=asked).json()
    changes = {row["change"] for row in answer["rows"]}
    assert changes <= {"new", "still_open", "resolved", "reopened"}
    assert "still_open" in changes
    missing = client.get("/findings/unowned_plans/comparison.json")
    assert [p["name"] for p in missing.json()["problems"]] == ["from"]


def test_what_is_not_there_is_a_problem_without_the_callers_words(client: TestClient) -> None:
    response = client.get("/findings/secret-name.json")
    assert response.status_code == 404
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret-name" not in response.text


def test_no_route_takes_cypher(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    for path, operations in document["paths"].items():
        assert set(operations) == {"get"}, path
        for parameter in operations["get"].get("parameters", ()):
            assert parameter["name"] not in ("cypher", "query", "statement"), path


def test_openapi_says_what_the_headers_say(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    for finding in catalogue().values():
        operation = paths[f"/findings/{finding.id}.json"]["get"]
        described = {p["name"]: p for p in operation["parameters"]}
        for parameter in finding.parameters:
            schema = described[parameter.name]["schema"]
            default = parameter.default
            expected = list(default) if isinstance(default, tuple) else default
            assert schema.get("default") == expected
            assert schema.get("minimum") == parameter.at_least
            assert schema.get("maximum") == parameter.at_most
        rows = operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert set(rows["properties"]["rows"]["items"]["required"]) == {
            c.name for c in finding.returns
        }


def test_the_library_lists_every_finding(client: TestClient) -> None:
    listed = client.get("/findings.json").json()
    assert [entry["finding"] for entry in listed] == list(catalogue())


def test_a_long_answer_is_streamed_as_the_same_document(client: TestClient) -> None:
    response = client.get("/findings/readmission_index.json", params={"limit": 100_000})
    answer = json.loads(response.text)
    assert len(answer["rows"]) == answer["n_rows"]
    assert "content-length" not in response.headers
