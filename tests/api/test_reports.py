"""Reports for the health community's meeting: the doors' numbers, and nobody else's name."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from pathgraph.api.language import language_of

ALL = "/reports/municipalities"


@pytest.fixture(scope="module")
def places(client: TestClient) -> list[dict[str, Any]]:
    rows = client.get("/municipalities.json").json()["rows"]
    return [row for row in rows if row["hospital_area"]]


def test_the_sheet_of_all_has_each_municipality_of_the_division(
    client: TestClient, places: list[dict[str, Any]]
) -> None:
    text = client.get(ALL, params={"lang": "en"}).text
    assert len(places) == 24
    number = language_of("en").number
    for row in places:
        assert f">{row['municipality_name']}</a></th>" in text
        if row["n_people"] is not None:
            assert f'<td class="number">{number(row["n_people"])}</td>' in text
    outside = {r["municipality_name"] for r in client.get("/municipalities.json").json()["rows"]}
    for name in outside - {row["municipality_name"] for row in places}:
        assert f">{name}<" not in text


def test_a_municipality_is_told_its_own_numbers(client: TestClient) -> None:
    text = client.get(f"{ALL}/5501", params={"lang": "en"}).text
    ties = client.get("/networks/municipality_units.json", params={"depth": "clinic"}).json()
    own = [r for r in ties["rows"] if r["from_id"] == "5501" and r["n_patients"]]
    strongest = max(own, key=lambda r: r["n_patients"])
    assert f"{strongest['to_name']}</th>" in text
    assert f'<td class="number">{language_of("en").number(strongest["n_patients"])}</td>' in text
    findings = client.get("/municipalities/5501.json?table=findings").json()["rows"]
    hidden = [r for r in findings if "n_patients" in r.get("suppressed", ())]
    assert text.count('<span class="suppressed">&lt;5</span>') >= len(hidden)


def test_no_other_municipality_is_named(client: TestClient, places: list[dict[str, Any]]) -> None:
    for lang in ("nb", "nn", "en"):
        text = client.get(f"{ALL}/5530", params={"lang": lang}).text
        assert "Senja" in text
        # Units may bear the name of where they lie; rows of other municipalities may not be there.
        body = text[text.index("<section>", text.index("<section>") + 1) :]
        others = [r["municipality_name"] for r in places if r["municipality_name"] != "Senja"]
        assert not [name for name in others if name in body]


def test_the_change_is_the_difference_of_the_two_years(client: TestClient) -> None:
    asked = {"depth": "clinic", "as_of": "2025-12-31"}
    before = {**asked, "as_of": "2024-12-31"}
    now, then = (
        {
            r["to_name"]: r["n_patients"]
            for r in client.get("/networks/municipality_units.json", params=p).json()["rows"]
            if r["from_id"] == "5501"
        }
        for p in (asked, before)
    )
    text = client.get(f"{ALL}/5501", params={"lang": "en", "as_of": "2025-12-31"}).text
    rows = [r for r in text.split("<tr>") if "</th>" in r and '<th scope="row">' in r]
    said = 0
    for name, n in now.items():
        row = next((r for r in rows if f'<th scope="row">{name}</th>' in r), None)
        if row is None or n is None or then.get(name) is None:
            continue
        difference = n - then[name]
        if abs(difference) < 5:
            assert "About the same" in row
        else:
            assert f"({'+' if difference > 0 else '−'}{abs(difference)})" in row
            said += 1
    assert said


def test_what_was_not_covered_is_no_change(client: TestClient) -> None:
    text = client.get(f"{ALL}/5501", params={"lang": "en", "as_of": "2023-12-31"}).text
    assert "not covered" in text
    assert "New" not in text


def test_outside_the_community_there_is_no_report(client: TestClient) -> None:
    assert client.get(f"{ALL}/1804").status_code == 404
    assert client.get(f"{ALL}/9999").status_code == 404
    assert client.get(f"{ALL}/5501", params={"as_of": "never"}).status_code == 422


def test_the_community_reaches_its_answers_in_three_clicks(client: TestClient) -> None:
    home = client.get("/?role=community").text
    for href in (ALL, "/networks/municipality_units?view=matrix", "/findings/contact_points"):
        assert f'href="{href}' in home.replace("&amp;", "&")
    assert f'href="{ALL}/5501' in client.get(ALL).text
