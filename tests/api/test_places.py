"""Pages of municipalities and units, and the data of their tables."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pathgraph.api.app import create_app
from pathgraph.api.language import LANGUAGES
from pathgraph.api.routes.places import MUNICIPALITY_TABLES, UNIT_TABLES
from pathgraph.api.serve import serving_for
from pathgraph.api.serving import Serving
from pathgraph.engine import open_engine
from pathgraph.queries.run import run
from pathgraph.settings import Settings
from tests.findings.drawn import load_tables, table

PAGE = {"accept": "text/html"}
TROMSO = "5501"


class _Tables(HTMLParser):
    """Rows of the tables of a page, by the id of their region, as texts."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self._id: str | None = None
        self._cell: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "div" and "data-table" in given:
            self._id = given["id"]
            self.tables[str(self._id)] = []
        if self._id and tag == "tr":
            self.tables[self._id].append([])
        if self._id and tag in ("td", "th"):
            self._cell = []

    def handle_endtag(self, tag: str) -> None:
        if self._id and tag in ("td", "th") and self._cell is not None:
            self.tables[self._id][-1].append(" ".join("".join(self._cell).split()))
            self._cell = None
        if tag == "table":
            self._id = None

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)


def _tables(client: TestClient, path: str) -> dict[str, list[list[str]]]:
    response = client.get(path, headers=PAGE)
    assert response.status_code == 200, path
    parser = _Tables()
    parser.feed(response.text)
    return parser.tables


def _csv(text: str) -> list[dict[str, str]]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


def test_the_municipalities_can_be_sorted(client: TestClient, serving: Serving) -> None:
    result = run(serving.engine, "municipalities")
    names = {row["municipality_name"] for row in result.table.to_pylist()}
    by_name = [row[0] for row in _tables(client, "/municipalities?lang=nb")["rows"][1:]]
    assert set(by_name) == names
    # Å comes last in Norwegian; Kåfjord stands behind Kvæfjord.
    assert by_name.index("Kåfjord") > by_name.index("Kvæfjord")
    by_people = _tables(client, "/municipalities?lang=en&sort=-n_people")["rows"][1:]
    known = [int(row[-1].replace(",", "")) for row in by_people if not row[-1].startswith("<")]
    assert known == sorted(known, reverse=True)
    rows = _csv(client.get("/municipalities.csv").text)
    assert {row["municipality_name"] for row in rows} == names
    listed = client.get("/municipalities.json").json()
    assert listed["n_rows"] == len(names)
    assert client.get("/municipalities.xlsx").content.startswith(b"PK")


def test_a_municipality_says_what_its_answers_say(client: TestClient, serving: Serving) -> None:
    text = client.get(f"/municipalities/{TROMSO}", headers=PAGE).text
    facts = next(
        row
        for row in run(serving.engine, "municipalities").table.to_pylist()
        if row["municipality_code"] == TROMSO
    )
    assert f"<strong>{facts['n_people']:,}</strong> people of {facts['n_all']:,}" in text
    assert "<h1>Tromsø" in text
    tables = _tables(client, f"/municipalities/{TROMSO}")
    found = run(serving.engine, "findings_by_place")
    here = [row for row in found.table.to_pylist() if row["place"] == TROMSO]
    titles = {row["finding"]: run(serving.engine, row["finding"]).finding.title for row in here}
    shown = {row[0]: row for row in tables["findings"][1:]}
    assert set(shown) == set(titles.values())
    for row in here:
        number = shown[titles[row["finding"]]][1]
        assert number == ("<5" if row["n_patients"] is None else f"{row['n_patients']:,}")
    # The others are never named in it.
    assert not any("Harstad" in cell for row in tables["findings"] for cell in row)


def test_contact_points_are_held_ended_or_missing(client: TestClient, serving: Serving) -> None:
    points = run(serving.engine, "contact_points").table.to_pylist()
    said = {
        "held": "Answers for the municipality since",
        "ended": "Nobody answers for the municipality on this date.",
        "missing": "Missing: nobody is recorded as contact point.",
    }
    seen = set()
    for status, sentence in said.items():
        code = next((p["municipality_code"] for p in points if p["status"] == status), None)
        if code is None:
            continue
        seen.add(status)
        text = client.get(f"/municipalities/{code}", headers=PAGE).text
        assert sentence in text, status
        assert not any(other in text for name, other in said.items() if name != status)
    assert seen == set(said)


@pytest.mark.parametrize("name", MUNICIPALITY_TABLES)
def test_each_table_of_a_municipality_has_its_data(client: TestClient, name: str) -> None:
    document = client.get(f"/municipalities/{TROMSO}.json?table={name}").json()
    assert document["n_rows"] == len(document["rows"])
    may_be_none = ("notices", "waiting", "quiet_partners", "single_person", "one_way")
    assert document["n_rows"] > 0 or name in may_be_none
    rows = _csv(client.get(f"/municipalities/{TROMSO}.csv?table={name}").text)
    assert len(rows) == document["n_rows"]
    for row in document["rows"]:
        for column in ("municipality_code", "place"):
            assert row.get(column, TROMSO) == TROMSO


@pytest.mark.parametrize("name", ["comes_to", "shares_with", "goes_to", "comes_from"])
def test_a_municipality_s_ties_go_to_clinics(
    client: TestClient, serving: Serving, name: str
) -> None:
    clinics = {r["unit"] for r in run(serving.engine, "units").table.to_pylist()
               if r["kind"] == "clinic"}  # fmt: skip
    document = client.get(f"/municipalities/{TROMSO}.json?table={name}").json()
    assert document["parameters"]["depth"] == "clinic"
    inside = {row["unit"] for row in document["rows"] if row["kind"] in ("department", "ward")}
    assert inside == set()
    assert clinics & {row["unit"] for row in document["rows"]}


@pytest.mark.parametrize("name", UNIT_TABLES)
def test_each_table_of_a_unit_has_its_data(client: TestClient, name: str) -> None:
    document = client.get(f"/units/mk.json?table={name}").json()
    rows = _csv(client.get(f"/units/mk.csv?table={name}").text)
    assert len(rows) == document["n_rows"] == len(document["rows"])
    for row in document["rows"]:
        assert row.get("at", "mk") == "mk"


def test_no_number_about_few_is_in_a_place_s_data(client: TestClient) -> None:
    for place in (f"/municipalities/{TROMSO}", "/municipalities/5518", "/units/mk"):
        for name in MUNICIPALITY_TABLES if "munic" in place else UNIT_TABLES:
            document = client.get(f"{place}.json?table={name}").json()
            persons = [c["name"] for c in document["columns"] if c["kind"] == "persons"]
            numbers = [row[p] for row in document["rows"] for p in persons]
            assert not [n for n in numbers if n is not None and 0 < n < 5], (place, name)


def test_what_there_is_not_is_not_found(client: TestClient) -> None:
    for path in ("/municipalities/9999", "/municipalities/*5*", "/units/nothing", "/units/a/b",
                 "/municipalities/9999.json", "/units/nothing.csv"):  # fmt: skip
        response = client.get(path)
        assert response.status_code == 404, path
        assert "9999" not in response.json().get("detail", "")
    wrong = client.get(f"/municipalities/{TROMSO}.json?table=none")
    assert wrong.status_code == 422
    assert wrong.json()["problems"][0]["name"] == "table"


def test_units_stand_below_what_they_are_part_of(client: TestClient, serving: Serving) -> None:
    text = client.get("/units", headers=PAGE).text
    rows = run(serving.engine, "units").table.to_pylist()
    for row in rows:
        assert text.count(f'href="/units/{row["unit"]}"') == 1
    parent = {row["unit"]: row["part_of"] for row in rows}
    # Read the list as it nests, and compare who stands in whom.
    stack: list[str] = []
    found: dict[str, str | None] = {}
    last = ""
    for mark, unit in re.findall(r'(<ul class="tree">|</ul>)|href="/units/([^"?]+)"', text):
        if mark.startswith("<ul"):
            stack.append(last)
        elif mark and stack:
            stack.pop()
            last = ""
        elif unit and stack:
            found[unit] = stack[-1] or None
            last = unit
    assert {unit: found[unit] for unit in parent if parent[unit]} == {
        unit: above for unit, above in parent.items() if above
    }


def test_units_are_found_by_words_of_their_names(client: TestClient, serving: Serving) -> None:
    text = client.get("/units", params={"q": "SENGEPOST tromsø"}, headers=PAGE).text
    names = [row["unit_name"] for row in run(serving.engine, "units").table.to_pylist()]
    expected = [n for n in names if "sengepost" in n.lower() and "tromsø" in n.lower()]
    assert len(expected) > 1
    shown = re.findall(r'<div class="unit">\s*<a href="[^"]+">([^<]+)</a>', text)
    assert sorted(shown) == sorted(expected)
    none = client.get("/units", params={"q": "<script>"}, headers=PAGE).text
    assert "No unit has a name with these words." in none
    assert "<script>" not in none.split("<main")[1]


def test_a_unit_leads_up_and_down(client: TestClient, serving: Serving) -> None:
    rows = {row["unit"]: row for row in run(serving.engine, "units").table.to_pylist()}
    ward = next(u for u, row in rows.items() if row["part_of"] and row["clinic"] == "mk"
                and u != "mk" and row["part_of"] != "mk")  # fmt: skip
    text = client.get(f"/units/{ward}", headers=PAGE).text
    crumbs = text.split("breadcrumb")[1].split("</nav>")[0]
    at = rows[ward]["part_of"]
    above: list[str] = []
    while at:
        above.insert(0, at)
        at = rows[at]["part_of"]
    assert re.findall(r'href="/units/([^"]+)"', crumbs) == above
    assert "Findings are counted for clinics" in text
    parts = _tables(client, "/units/mk")["parts"][1:]
    below = {row["unit_name"] for row in rows.values() if row["part_of"] == "mk"}
    assert {row[0] for row in parts} <= below
    assert len(parts) == min(12, len(below))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_have_headings_and_regions_with_names(client: TestClient, language: str) -> None:
    for path in (f"/municipalities/{TROMSO}", "/units/mk", "/units", "/municipalities"):
        text = client.get(f"{path}?lang={language}", headers=PAGE).text
        ids = re.findall(r' id="([^"]+)"', text)
        assert len(ids) == len(set(ids)), path
        for named in re.findall(r'aria-labelledby="([^"]+)"', text):
            assert named in ids, (path, named)
        assert " style=" not in text
        assert "onclick" not in text
        assert text.count("<h1") == 1


@pytest.fixture(scope="module")
def sparse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a graph without residences, contact points and most other tables."""
    folder: Path = tmp_path_factory.mktemp("sparse")
    tables = {
        "patients": table("patient_id birth_year\n a 1950\n b 1960"),
        "units": table(
            "unit_id name kind level municipality_code\n ward/1 <b>Ward</b> ward hospital 0001"
        ),
        "municipalities": table("municipality_code name\n 0001 One"),
        "contacts": table(
            "contact_id patient_id unit_id care_level started_at ended_at\n"
            " c a ward/1 outpatient 2025-01-01T08:00 2025-01-01T09:00"
        ),
    }
    with closing(open_engine(f"ladybug:{folder / 'graph'}")) as engine:
        load_tables(engine, folder / "tables", tables)
        app = create_app(serving_for(Settings(), engine, cache=folder / "cache"))
        with TestClient(app, base_url="http://127.0.0.1") as opened:
            opened.headers["accept-language"] = "en"
            yield opened


def test_not_loaded_is_said_and_is_no_empty_list(sparse: TestClient) -> None:
    text = sparse.get("/municipalities", headers=PAGE).text
    assert "residences" in text
    assert "not loaded" in text.lower()
    assert "<table" not in text
    response = sparse.get("/municipalities.json")
    assert response.status_code == 409
    unit = sparse.get("/units/ward~2F1", headers=PAGE)
    assert unit.status_code == 200
    assert "&lt;b&gt;Ward&lt;/b&gt;" in unit.text
    assert "<b>Ward</b>" not in unit.text
    assert "ready_periods" in unit.text
    quality = sparse.get("/quality", headers=PAGE).text
    assert "plan_owners" in quality
    assert "cannot be answered" in quality
    assert sparse.get("/units/ward~2F1.json?table=parts").json()["n_rows"] == 0


def test_the_change_of_a_municipality_is_that_of_its_network(client: TestClient) -> None:
    def ties(as_of: str) -> dict[str, int | None]:
        asked = {"depth": "clinic", "as_of": as_of}
        rows = client.get("/networks/municipality_units.json", params=asked).json()["rows"]
        return {r["to_id"]: r["n_patients"] for r in rows if r["from_id"] == TROMSO}

    now, before = ties("2025-12-31"), ties("2024-12-31")
    page = f"/municipalities/{TROMSO}.json?table=changes"
    rows = client.get(f"{page}&as_of=2025-12-31").json()["rows"]
    assert {r["unit"] for r in rows} == {*now, *before}
    for row in rows:
        one, other = before.get(row["unit"], 0), now.get(row["unit"], 0)
        assert row["n_patients"] == other
        if one is None or other is None or abs(other - one) < 5:
            assert (row["n_before"], row["difference"]) == (None, None)
        else:
            assert (row["n_before"], row["difference"]) == (one, other - one)
    # A year that begins before the sources do is compared with nothing.
    early = client.get(f"{page}&as_of=2023-12-31").json()["rows"]
    assert early
    assert {(r["tie_change"], r["n_before"]) for r in early} == {("not_covered", None)}
