"""Networks over HTTP: the same ties at every door, nothing of the hidden ones in any form."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import closing
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest
from starlette.testclient import TestClient

from pathgraph.api.language import language_of
from pathgraph.api.views.network import Node, Tie, network_view
from pathgraph.engine import open_engine
from pathgraph.queries.catalogue import networks
from pathgraph.queries.run import run

SVG = "{http://www.w3.org/2000/svg}"


def page_data(text: str, id_: str = "picture-data") -> dict[str, Any]:
    """Return what the page gives its script."""
    block = re.search(
        rf'<script type="application/json" id="{id_}">(.*?)</script>', text, re.DOTALL
    )
    assert block is not None
    data: dict[str, Any] = json.loads(block[1])
    return data


def data_of(client: TestClient, path: str, **asked: Any) -> dict[str, Any]:
    response = client.get(path, params=asked)
    assert response.status_code == 200
    return page_data(response.text)


def pairs(data: dict[str, Any]) -> set[tuple[str, str]]:
    return {(tie["from"], tie["to"]) for tie in data["ties"]}


@pytest.fixture(scope="module")
def shared(client: TestClient) -> dict[str, Any]:
    document: dict[str, Any] = client.get("/networks/shared_patients.json").json()
    assert document["n_suppressed"] > 0
    return document


@pytest.mark.parametrize("network_id", list(networks()))
def test_every_network_has_a_page_and_every_form(client: TestClient, network_id: str) -> None:
    page = client.get(f"/networks/{network_id}")
    assert page.status_code == 200
    assert networks()[network_id].titles["en"] in page.text
    for form, type_ in (
        ("json", "application/json"), ("csv", "text/csv"), ("graphml", "application/graphml+xml"),
        ("svg", "image/svg+xml"), ("html", "text/html"),
        ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ):  # fmt: skip
        response = client.get(f"/networks/{network_id}.{form}")
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(type_)
        assert response.headers["etag"]


@pytest.mark.parametrize("level", ["gp", "municipal", "emergency", "psychiatry", "hospital"])
def test_one_level_of_care_alone_is_drawn(client: TestClient, level: str) -> None:
    # What is hidden among all levels may be shown among these, and stands somewhere too.
    for form in ("svg", "graphml"):
        asked = {"levels": level, "depth": "unit"}
        response = client.get(f"/networks/municipality_units.{form}", params=asked)
        assert response.status_code == 200


def test_a_tie_of_several_kinds_is_drawn_by_all_of_them(client: TestClient) -> None:
    address = "/networks/combined_network.svg"
    for weight in ("n_patients", "weight"):
        assert client.get(address, params={"weight": weight, "weight_next": 0}).status_code == 200
    # It may have none of one kind: that says nothing of how strong it is.
    assert client.get(address, params={"weight": "n_shared"}).status_code == 422


def test_weights_next_to_nothing_draw_nothing(client: TestClient) -> None:
    names = ("shared", "next", "referred", "met", "coordinated")
    asked = {f"weight_{name}": "1e-300" for name in names}
    response = client.get("/networks/combined_network.svg", params=asked)
    assert response.status_code == 200
    assert client.get("/networks/combined_network.json", params=asked).json()["rows"] == []


def test_the_document_is_that_of_the_other_doors(client: TestClient, region_graph: str) -> None:
    with closing(open_engine(region_graph)) as engine:
        document = run(engine, "unit_transfers", {"depth": "clinic"}).document()
    asked = {"depth": "clinic", "limit": 100_000, "colour": "degree", "selected": "x"}
    answer = client.get("/networks/unit_transfers.json", params=asked).json()
    added = {"n_selected", "where", "sort", "offset"}
    assert {k: v for k, v in answer.items() if k not in added} == document


def test_the_list_names_every_network(client: TestClient) -> None:
    text = client.get("/networks").text
    assert all(f'href="/networks/{network_id}"' in text for network_id in networks())
    listed = client.get("/networks.json").json()
    assert [row["finding"] for row in listed] == list(networks())


def test_what_is_drawn_is_what_is_not_hidden(client: TestClient, shared: dict[str, Any]) -> None:
    known = {(r["from_id"], r["to_id"]): r for r in shared["rows"] if r["n_patients"] is not None}
    data = data_of(client, "/networks/shared_patients", min_patients=1)
    assert pairs(data) == set(known)
    by_tie = {(tie["from"], tie["to"]): tie["values"] for tie in data["ties"]}
    english = language_of("en")
    assert all(by_tie[pair] == [english.number(row["n_patients"])] for pair, row in known.items())
    # The page says how many ties it does not show.
    text = client.get("/networks/shared_patients").text
    n_hidden = english.number(shared["n_suppressed"])
    assert f"{n_hidden} ties about fewer than 5 people" in text


def test_a_hidden_tie_is_in_no_picture_and_no_measure(
    client: TestClient, shared: dict[str, Any]
) -> None:
    hidden = {(r["from_id"], r["to_id"]) for r in shared["rows"] if r["n_patients"] is None}
    graph = nx.read_graphml(
        io.BytesIO(client.get("/networks/shared_patients.graphml?min_patients=1").content)
    )
    assert graph.number_of_edges() > 0
    assert not hidden & set(graph.edges)
    assert graph.graph["ties_not_shown"] == str(len(hidden))
    for node, attributes in graph.nodes(data=True):
        assert attributes["degree"] == graph.degree(node)
        assert attributes["strength"] == graph.degree(node, weight="n_patients")


def test_filters_keep_the_places(client: TestClient) -> None:
    def places(data: dict[str, Any]) -> dict[str, tuple[float, float]]:
        return {node["id"]: (node["x"], node["y"]) for node in data["nodes"]}

    whole = places(data_of(client, "/networks/shared_patients", min_patients=1))
    focus = max(whole)
    for asked in (
        {"min_patients": 8}, {"levels": "hospital"}, {"kind": "department"},
        {"size": "betweenness"}, {"focus": focus, "steps": 2}, {"colour": "pagerank"},
    ):  # fmt: skip
        some = places(data_of(client, "/networks/shared_patients", **asked))
        assert some
        assert some.items() <= whole.items(), asked


def test_around_a_node(client: TestClient) -> None:
    whole = data_of(client, "/networks/shared_patients", min_patients=1)
    degree: dict[str, set[str]] = {}
    for one, other in pairs(whole):
        degree.setdefault(one, set()).add(other)
        degree.setdefault(other, set()).add(one)
    node = min(degree, key=lambda n: (len(degree[n]), n))
    near = data_of(client, "/networks/shared_patients", focus=node, min_patients=1)
    assert {n["id"] for n in near["nodes"]} == degree[node] | {node}
    assert len(near["nodes"]) < len(whole["nodes"])
    # Expanding: what is around either of two.
    other = min(degree[node])
    both = client.get(
        "/networks/shared_patients", params={"focus": [node, other], "min_patients": 1}
    )
    expected = degree[node] | degree[other] | {node, other}
    assert {n["id"] for n in page_data(both.text)["nodes"]} == expected


def test_a_way_is_marked_and_written_out(client: TestClient) -> None:
    graph = nx.DiGraph()
    for row in client.get("/networks/unit_transfers.json?limit=100000").json()["rows"]:
        if row["n_patients"]:
            graph.add_edge(row["from_id"], row["to_id"], length=1 / row["n_patients"])
    start, end = next(
        (a, b)
        for a, lengths in nx.all_pairs_shortest_path_length(graph)
        for b, steps in lengths.items()
        if steps >= 2
    )
    asked = {"path_from": start, "path_to": end}
    text = client.get("/networks/unit_transfers", params=asked).text
    data = page_data(text)
    marked = {(tie["from"], tie["to"]) for tie in data["ties"] if tie["marked"]}
    way = nx.dijkstra_path(graph, start, end, weight="length")
    assert marked == set(pairwise(way))
    assert f"A way of {len(way) - 1} ties" in text
    fewest = client.get("/networks/unit_transfers", params={**asked, "path_by": "fewest"}).text
    n_fewest = nx.shortest_path_length(graph, start, end)
    assert f"A way of {n_fewest} tie" in fewest


def test_the_still_picture_shows_the_same(client: TestClient) -> None:
    asked = {"min_patients": 10, "colour": "degree"}
    data = data_of(client, "/networks/unit_transfers", **asked)
    root = ElementTree.fromstring(client.get("/networks/unit_transfers.svg", params=asked).content)
    assert root.tag == f"{SVG}svg"
    nodes = root.findall(f".//{SVG}g[@class]")
    assert sum(n.get("class", "").startswith("node ") for n in nodes) == len(data["nodes"])
    assert sum(n.get("class", "").split()[0] == "tie" for n in nodes) == len(data["ties"])
    metadata = "".join(root.find(f"{SVG}metadata").itertext())  # type: ignore[union-attr]
    assert "sha256:" in metadata
    assert "min_patients" in metadata
    # Labels never overlap.
    size = float(root.get("font-size", "0"))
    boxes = [
        (float(t.get("x", 0)), float(t.get("y", 0)), 0.5 * size * len(t.text or ""))
        for t in root.findall(f".//{SVG}g[@class='labels']/{SVG}text")
    ]
    assert len(boxes) > 5
    for n, (x, y, width) in enumerate(boxes):
        for u, v, other in boxes[:n]:
            assert abs(x - u) > (width + other) / 2 or abs(y - v) > 0.9 * size


def test_the_file_of_its_own_asks_for_nothing(client: TestClient) -> None:
    response = client.get("/networks/unit_transfers.html")
    text = response.text
    assert "attachment" in response.headers["content-disposition"]
    assert "default-src 'none'" in text
    head, body = text.split("<body>")
    assert not re.search(r"<link|<script[^>]+src=|url\(\s*[\"']?(https?:)?//", head)
    markup = body.split("<script>")[0]
    assert not re.search(r'(src|href)="(?!#)', markup)
    assert page_data(text)["canAsk"] is False
    assert {node["href"] for node in page_data(text)["nodes"]} == {""}
    # Nothing in a script ends it: data, vis-network and ours are three.
    assert body.lower().count("</script") == 3
    assert "<!--" not in body


def test_without_scripts_all_is_there(client: TestClient, shared: dict[str, Any]) -> None:
    node = shared["rows"][0]["from_id"]
    text = client.get(
        "/networks/shared_patients", params={"selected": node, "min_patients": 1}
    ).text
    assert 'class="network-still"' in text
    assert 'aria-current="true"' in text
    panel = text.split('id="picture-panel"')[1].split("</section>")[0]
    assert f'href="/units/{node}"' in panel
    assert f"path_from={node}" in panel
    assert "focus=" in panel
    # The table beside it, the strongest first.
    table = text.split('id="rows"')[1].split("</table>")[0]
    first = max(r["n_patients"] or 0 for r in shared["rows"])
    assert f'class="number">{first:,}</td>' in table.split("</tr>")[1]


def test_what_does_not_fit_is_said_beside_its_field(client: TestClient) -> None:
    response = client.get(
        "/networks/shared_patients", params={"min_patients": "few", "period_days": "0"}
    )
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text
    assert "few" in response.text
    odd = client.get("/networks/shared_patients.json", params={"depth": "floor"})
    assert odd.status_code == 422
    assert odd.headers["content-type"] == "application/problem+json"
    for name in ("colour", "size", "weight", "steps", "path_by", "loops"):
        assert client.get(f"/networks/shared_patients?{name}=odd").status_code == 422
    assert client.get("/networks/nothing").status_code == 404
    assert client.get("/networks/nothing.svg").status_code == 404
    # A node that is not there is no fault: the network may have changed since the link was made.
    gone = {"focus": "gone", "path_from": "gone", "path_to": "gone", "selected": "gone"}
    assert client.get("/networks/shared_patients", params=gone).status_code == 200


def test_a_threshold_does_not_tell_a_hidden_number(client: TestClient) -> None:
    rows = {
        n: client.get(f"/networks/shared_patients.csv?min_patients={n}").text for n in (2, 3, 4, 5)
    }
    tables = [
        list(csv.DictReader(line for line in text.splitlines() if not line.startswith("#")))
        for text in rows.values()
    ]
    assert tables[0]
    assert all(table == tables[0] for table in tables)
    assert all(row["n_patients"].isdigit() for row in tables[0])


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_titles_are_in_the_language(client: TestClient, language: str) -> None:
    text = client.get(f"/networks/shared_patients?lang={language}").text
    assert f"<h1>{networks()['shared_patients'].titles[language]}</h1>" in text


def test_texts_stay_texts() -> None:
    bad = "</script><b onclick=x>&"
    view = network_view(
        [Node(bad, bad, facts=[(bad, bad)]), Node("b", "b", form="diamond")],
        [Tie(bad, "b", 1.0, [bad]), Tie(bad, bad, 0.2, ["1"])],
        {bad: (0.0, 0.0), "b": (10.0, 5.0)},
        title=bad, summary=bad, language=language_of("en"), is_directed=True, weights=[bad],
    )  # fmt: skip
    from pathgraph.api.page import _environment

    template = _environment("en").from_string(
        '{% import "parts/network.html" as n with context %}{{ n.network(view, "x") }}'
    )
    made = template.render(view=view, lang="en")
    assert "<b onclick" not in made
    assert made.count("</script>") == 1
    assert page_data(made, "x-data")["nodes"][0]["name"] == bad


def test_a_picture_of_nothing() -> None:
    view = network_view([], [], {}, title="t", summary="s", language=language_of("en"))
    assert (view.nodes, view.ties, view.data["nodes"]) == ([], [], [])


def test_too_many_units_are_shown_one_level_up(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(asked: str) -> tuple[str, set[str]]:
        text = client.get(f"/networks/unit_transfers?depth=unit&{asked}").text
        return text, {fact[1] for node in page_data(text)["nodes"] for fact in node["facts"]}

    text, kinds = said("min_patients=1")
    assert "Ward" in kinds
    assert "Units are shown as" not in text
    monkeypatch.setattr("pathgraph.api.routes.networks.MOST_NODES", 100)
    text, kinds = said("min_patients=2")
    assert "Ward" not in kinds
    said_so = (
        r"Units are shown as (Department|Clinic|Hospital): shown as asked they were more than 100\."
    )
    assert re.search(said_so, text)


def test_open_api_names_what_a_picture_takes(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    picture = {p["name"] for p in paths["/networks/shared_patients.svg"]["get"]["parameters"]}
    rows = {p["name"] for p in paths["/networks/shared_patients.csv"]["get"]["parameters"]}
    assert {"focus", "path_from", "colour", "depth"} <= picture
    assert "limit" in rows - picture
    assert "focus" not in rows
