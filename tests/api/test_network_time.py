"""A network by quarter, and its change from the period before: nothing of what either hides."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from starlette.testclient import TestClient

from pathgraph.queries.catalogue import networks
from tests.api.test_network_views import table
from tests.api.test_networks import page_data

NETWORK = "/networks/municipality_units"
ASKED = {"depth": "clinic", "lang": "en", "as_of": "2025-12-31"}


def numbers(client: TestClient, as_of: str) -> dict[tuple[str, str], Any]:
    rows = client.get(f"{NETWORK}.json", params={**ASKED, "as_of": as_of}).json()["rows"]
    return {(r["from_name"], r["to_name"]): r["n_patients"] for r in rows}


@pytest.fixture(scope="module")
def text(client: TestClient) -> str:
    response = client.get(NETWORK, params={**ASKED, "view": "change"})
    assert response.status_code == 200
    return response.text


def test_the_change_is_that_of_the_two_answers(client: TestClient, text: str) -> None:
    before, now = numbers(client, "2024-12-31"), numbers(client, "2025-12-31")
    expected = {}
    for pair in {*before, *now}:
        one, other = before.get(pair, 0), now.get(pair, 0)
        if one is None or other is None or abs(other - one) < 5:
            continue
        expected[pair] = (
            "New" if not one else "Gone" if not other else "Stronger" if other > one else "Weaker",
            other,
            one,
        )
    rows = table(text, "changes")[1:]
    told = {
        (row[0], row[1]): (row[2], int(row[3].replace(",", "")), int(row[4].replace(",", "")))
        for row in rows
    }
    assert len(told) > 10
    assert told == expected
    sizes = [abs(int(row[5].replace("−", "-").replace(",", ""))) for row in rows]
    assert sizes == sorted(sizes, reverse=True)


def test_the_change_is_there_as_a_file_with_every_tie(client: TestClient, text: str) -> None:
    (csv, *others) = re.findall(r'href="(/networks/municipality_units/change\.[^"]+)"', text)
    assert [other.partition("?")[0].rpartition(".")[2] for other in others] == ["xlsx", "json"]
    answer = client.get(html.unescape(csv))
    assert answer.status_code == 200
    assert "# compared_with: 2024-12-31" in answer.text
    # What the page has, and what it leaves out.
    document = client.get(html.unescape(others[-1])).json()
    rows = document["rows"]
    shown = {
        (r["from_name"], r["to_name"]): (
            r["tie_change"].capitalize(),
            r["n_patients"],
            r["n_before"],
        )
        for r in rows
        if r["difference"] is not None
    }
    assert shown == {
        (row[0], row[1]): (row[2], int(row[3].replace(",", "")), int(row[4].replace(",", "")))
        for row in table(text, "changes")[1:]
    }
    rest = [r for r in rows if r["difference"] is None]
    assert {r["tie_change"] for r in rest} == {"alike", "hidden"}
    assert {r["n_before"] for r in rest} == {None}
    before, now = numbers(client, "2024-12-31"), numbers(client, "2025-12-31")
    assert {(r["from_name"], r["to_name"]) for r in rows} == {*before, *now}
    for row in rows:
        assert row["n_patients"] == now.get((row["from_name"], row["to_name"]), 0)
    lines = [line for line in answer.text.splitlines() if not line.startswith("# ")]
    assert len(lines) == len(rows) + 1


def test_a_file_of_the_change_needs_the_period_before(client: TestClient) -> None:
    answer = client.get(f"{NETWORK}/change.csv", params={**ASKED, "as_of": "2024-06-30"})
    assert answer.status_code == 422
    assert "The period before is not covered" in answer.text


def test_what_is_drawn_has_the_line_of_its_change(text: str) -> None:
    data = page_data(text)
    names = {n["id"]: n["name"] for n in data["nodes"]}
    rows = {(row[0], row[1]): row[2].lower() for row in table(text, "changes")[1:]}
    drawn = {(names[t["from"]], names[t["to"]]): t["change"] for t in data["ties"]}
    assert drawn == rows
    for change in set(drawn.values()):
        assert f'class="tie tie-{change}"' in text


def test_without_a_covered_period_before_nothing_is_compared(client: TestClient) -> None:
    asked = {**ASKED, "view": "change", "as_of": "2024-06-30"}
    text = client.get(NETWORK, params=asked).text
    assert "The period before is not covered" in text
    assert 'id="changes"' not in text


def test_the_quarters_are_those_that_are_covered(client: TestClient) -> None:
    text = client.get(NETWORK, params=ASKED).text
    select = re.search(r'<select name="as_of".*?</select>', text, re.DOTALL)
    assert select is not None
    days = re.findall(r'<option value="([^"]+)"', select[0])
    assert (
        days
        == [f"{y}-{d}" for y in (2023, 2024, 2025) for d in ("03-31", "06-30", "09-30", "12-31")][
            3:
        ]
    )
    before = f"{NETWORK}?depth=clinic&amp;lang=en&amp;as_of=2025-09-30"
    assert f'rel="prev" href="{before}">A quarter earlier' in text
    assert "A quarter later" not in text
    earlier = client.get(NETWORK, params={**ASKED, "as_of": "2025-09-30"}).text
    assert "A quarter later" in earlier
    # A day between two quarters stands among them.
    between = client.get(NETWORK, params={**ASKED, "as_of": "2025-05-05"}).text
    assert '<option value="2025-05-05" selected>' in between


@pytest.mark.parametrize("network_id", list(networks()))
def test_every_network_has_its_change(client: TestClient, network_id: str) -> None:
    asked = {"view": "change", "lang": "en", "as_of": "2025-12-31"}
    response = client.get(f"/networks/{network_id}", params=asked)
    assert response.status_code == 200
    assert "Change from the period before" in response.text
    for form in ("csv", "xlsx", "json"):
        file = client.get(f"/networks/{network_id}/change.{form}", params={"as_of": "2025-12-31"})
        assert file.status_code == (200 if 'id="changes"' in response.text else 422)
