"""A network on a map, as a matrix, as a chord diagram and as a list: the same ties everywhere."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from starlette.testclient import TestClient

from pathgraph.api.language import language_of
from tests.api.test_networks import page_data

NETWORK = "/networks/municipality_units"
ASKED = {"depth": "clinic", "lang": "en"}


class _Table(HTMLParser):
    """Reads one table: its cells as texts, row by row."""

    def __init__(self, caption: str) -> None:
        super().__init__()
        self.caption = caption
        self.rows: list[list[str]] = []
        self.is_in = False
        self.cell: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "div" and ("id", self.caption) in attrs:
            self.is_in = True
        if self.is_in and tag == "tr":
            self.rows.append([])
        if self.is_in and tag in ("td", "th"):
            self.cell = ""

    def handle_endtag(self, tag: str) -> None:
        if self.is_in and tag in ("td", "th") and self.cell is not None:
            self.rows[-1].append(" ".join(self.cell.split()))
            self.cell = None
        if tag == "table":
            self.is_in = False

    def handle_data(self, data: str) -> None:
        if self.cell is not None:
            self.cell += data


def table(text: str, id_: str) -> list[list[str]]:
    reader = _Table(id_)
    reader.feed(text)
    return reader.rows


@pytest.fixture(scope="module")
def document(client: TestClient) -> dict[str, Any]:
    answer: dict[str, Any] = client.get(f"{NETWORK}.json", params=ASKED).json()
    assert answer["n_suppressed"] > 0
    return answer


def seen(client: TestClient, view: str, **asked: str) -> str:
    response = client.get(NETWORK, params={**ASKED, "view": view, **asked})
    assert response.status_code == 200
    return response.text


def test_every_view_is_a_link_and_says_which_it_is(client: TestClient) -> None:
    for view in ("picture", "map", "matrix", "chord", "list"):
        text = seen(client, view)
        links = re.findall(r'<li><a href="([^"]+)"( aria-current="true")?>(?:Picture|Map|Matrix|'
                           r'Chord diagram|Ranked list)</a>', text)  # fmt: skip
        assert len(links) == 5
        chosen = [href for href, current in links if current]
        assert len(chosen) == 1
        assert ("view=" + view in chosen[0]) == (view != "picture")
        assert all("depth=clinic" in href for href, _ in links)


def test_another_view_is_refused(client: TestClient) -> None:
    response = client.get(NETWORK, params={**ASKED, "view": "globe"})
    assert response.status_code == 422


@pytest.mark.parametrize("order", ["clustered", "strength", "name"])
def test_the_matrix_has_every_number_and_marks_the_hidden(
    client: TestClient, document: dict[str, Any], order: str
) -> None:
    rows = table(seen(client, "matrix", order=order), "matrix")
    names = [head.replace(" ▼", "") for head in rows[0][1:]]
    number = language_of("en").number
    cells = {
        (row[0], name): cell for row in rows[1:] for name, cell in zip(names, row[1:], strict=True)
    }
    ties = {(r["from_name"], r["to_name"]): r["n_patients"] for r in document["rows"]}
    assert len({r["from_id"] for r in document["rows"]}) == len(rows) - 1
    shown = {pair: n for pair, n in ties.items() if pair in cells}
    assert len(shown) > 60
    for pair, n in shown.items():
        assert cells[pair] == ("<5" if n is None else number(n))
    assert {cell for pair, cell in cells.items() if pair not in ties} == {"0"}
    if order == "name":
        assert [row[0] for row in rows[1:]] == sorted(row[0] for row in rows[1:])


def test_a_column_orders_the_rows_of_the_matrix(
    client: TestClient, document: dict[str, Any]
) -> None:
    column = max(document["rows"], key=lambda r: r["n_patients"] or 0)
    text = seen(client, "matrix", rows_by=column["to_id"])
    rows = table(text, "matrix")
    place = next(i for i, head in enumerate(rows[0]) if head.startswith(column["to_name"]))
    values = [row[place].replace(",", "") for row in rows[1:]]
    numbers = [0 if v == "<5" else int(v) for v in values]
    assert numbers == sorted(numbers, reverse=True)
    assert text.count('aria-sort="descending"') == 2  # of the matrix, and of the table of ties


def test_a_matrix_without_direction_is_the_same_both_ways(client: TestClient) -> None:
    answer = client.get("/networks/shared_patients", params={**ASKED, "view": "matrix"})
    rows = table(answer.text, "matrix")
    assert [row[0] for row in rows[1:]] == rows[0][1:]
    cells = [row[1:] for row in rows[1:]]
    size = len(cells)
    assert all(cells[i][j] == cells[j][i] for i in range(size) for j in range(size))
    # Of a unit with itself nothing is counted: that is not 0.
    assert {cells[i][i] for i in range(size)} == {"–empty"}


def test_the_chord_diagram_draws_what_the_table_lists(client: TestClient) -> None:
    text = seen(client, "chord", per_page="500")
    ribbons = re.findall(
        r'<path class="tone-\w+" d="M[^"]+" fill-opacity="[^"]+"><title>([^<]+)', text
    )
    rows = table(text, "rows")[1:]
    assert len(ribbons) == len(rows) > 20
    assert {f"{row[0]} → {row[1]}" for row in rows} == {r.split(":")[0] for r in ribbons}
    assert "<5" not in " ".join(ribbons)


def test_a_chosen_node_dims_the_ribbons_of_the_others(client: TestClient) -> None:
    first = page_data(client.get(NETWORK, params=ASKED).text)["nodes"][0]
    text = seen(client, "chord", selected=first["id"])
    lit = re.findall(r'fill-opacity="0\.42"><title>([^<]+)', text)
    dim = re.findall(r'fill-opacity="0\.07"><title>([^<]+)', text)
    name = first["name"].replace("&", "&amp;")
    assert lit
    assert all(name in title for title in lit)
    assert not any(title.startswith(f"{name} →") for title in dim)


def test_the_chord_diagram_is_taken_along(client: TestClient) -> None:
    svg = client.get(f"{NETWORK}.svg", params={**ASKED, "view": "chord"}).text
    assert svg.lstrip().startswith("<svg")
    assert 'class="chord"' in svg


def test_on_the_map_municipalities_stand_where_they_lie(client: TestClient) -> None:
    data = page_data(seen(client, "map", min_patients="1"))
    node = {n["name"]: n for n in data["nodes"]}
    # Narvik lies south of Tromsø and west of Nordreisa.
    assert node["Narvik"]["y"] > node["Tromsø"]["y"]
    assert node["Narvik"]["x"] < node["Nordreisa"]["x"]
    before = page_data(seen(client, "map", min_patients="30"))
    moved = {n["name"]: n for n in before["nodes"]}
    assert all((moved[n]["x"], moved[n]["y"]) == (node[n]["x"], node[n]["y"]) for n in moved)


def test_the_list_has_every_tie_the_hidden_ones_last(
    client: TestClient, document: dict[str, Any]
) -> None:
    rows = table(seen(client, "list", per_page="500"), "rows")[1:]
    assert len(rows) == len(document["rows"])
    number = language_of("en").number
    shown = sorted((r["n_patients"] for r in document["rows"] if r["n_patients"]), reverse=True)
    assert [row[2] for row in rows] == [
        *(number(n) for n in shown), *["<5"] * (len(rows) - len(shown))
    ]  # fmt: skip
