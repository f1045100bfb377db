"""Definitions, glossary, model, about the data and quality, in all languages."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from pathgraph.api.documents import definitions, glossary, slug, text_file
from pathgraph.api.language import LANGUAGES
from pathgraph.api.serving import Serving
from pathgraph.model.schema import NODES, RELATIONSHIPS
from pathgraph.queries.catalogue import catalogue, networks
from pathgraph.queries.quality import not_answerable, tables_of

ROOT = Path(__file__).parents[2]
PAGE = {"accept": "text/html"}


class _Ids(HTMLParser):
    """Collects ids, links within the page, and elements that may not be there."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: list[str] = []
        self.tags: Counter[str] = Counter()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name == "href" and value and value.startswith("#"):
                self.links.append(value[1:])


def _page(client: TestClient, address: str) -> _Ids:
    response = client.get(address, headers=PAGE)
    assert response.status_code == 200
    parser = _Ids()
    parser.feed(response.text)
    return parser


def _shape(language: str) -> list[tuple[str, int]]:
    return [(heading.id, heading.level) for heading in definitions(language).headings]


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_definitions_have_the_same_sections_in_all_languages(language: str) -> None:
    assert _shape(language) == _shape("en")
    assert len(_shape("en")) > 40


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_definitions_name_the_same_codes_and_link_the_same_sections(language: str) -> None:
    """What is written as code, and what is linked, agrees section by section."""

    def by_section(text: str) -> dict[str, tuple[Counter[str], Counter[str]]]:
        parts = re.split(r'<h[23] id="([^"]+)">', text)
        return {
            anchor: (
                Counter(re.findall(r"<code>([^<]+)</code>", body)),
                Counter(re.findall(r'href="#([^"]+)"', body)),
            )
            for anchor, body in zip(parts[1::2], parts[2::2], strict=True)
        }

    ours, english = by_section(definitions(language).body), by_section(definitions("en").body)
    differing = {name: (ours[name], english[name]) for name in english
                 if ours[name] != english[name]}  # fmt: skip
    assert differing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_finding_leads_to_a_section(language: str) -> None:
    anchors = {heading.id for heading in definitions(language).headings}
    for finding in (*catalogue().values(), *networks().values()):
        name, _, anchor = finding.source.partition("#")
        assert name == "docs/definitions.md"
        assert anchor in anchors, finding.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_definitions_are_in_their_language(language: str) -> None:
    words = re.findall(r"\w+", re.sub(r"<[^>]+>", " ", definitions(language).body).lower())
    telling = {"en": "not", "nb": "ikke", "nn": "ikkje"}
    counted = {code: words.count(word) for code, word in telling.items()}
    assert max(counted, key=counted.__getitem__) == language
    assert sum(n for code, n in counted.items() if code != language) == 0


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_glossary_has_the_same_words_in_all_languages(language: str) -> None:
    ids = [w.id for w in glossary(language)]
    assert sorted(ids) == sorted(w.id for w in glossary("en"))
    assert len(set(ids)) == len(ids)
    assert {w.id for w in glossary("en")} == {slug(w.word) for w in glossary("en")}
    assert all(w.word and w.meaning for w in glossary(language))


def test_the_texts_ship_in_the_wheel() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shipped = settings["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for name in ("definitions", "glossary"):
        for language in LANGUAGES:
            file = text_file(name, language).relative_to(ROOT)
            ending = "" if language == "en" else f".{language}"
            assert shipped[str(file)] == f"pathgraph/docs/{name}{ending}.md"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_definitions_page(client: TestClient, language: str) -> None:
    page = _page(client, f"/definitions?lang={language}")
    assert [i for i, n in Counter(page.ids).items() if n > 1] == []
    assert set(page.links) <= set(page.ids)
    assert "revolving-door" in page.ids
    text = client.get(f"/definitions?lang={language}", headers=PAGE).text
    # No table may make the page wider than the screen.
    tables = text.split("<article", 1)[1].count("<table>")
    assert tables == text.count('role="region"') == definitions("en").body.count("<table>")
    assert "{#" not in text
    assert "&lt;a id" not in text


def test_text_of_a_document_is_no_markup() -> None:
    from pathgraph.api.documents import _document

    made = _document(
        '# T\n\n<a id="one"></a>\n## Head <script>x</script>\n\n<b>bold</b>\n\n| a | |\n|---|---|\n'
    )
    assert "<script>" not in made.body
    assert "<b>" not in made.body
    assert made.headings[0].id == "one"
    assert "<td></td>" in made.body


def test_the_glossary_page_leads_to_definitions(client: TestClient) -> None:
    page = client.get("/glossary?lang=nn", headers=PAGE).text
    assert 'id="revolving-door"' in page
    assert "/definitions#revolving-door" in page
    assert "utskrivningsklar" in page
    # In the reader's alphabet: the word with an ø last, not where its English one stands.
    words = re.findall(r"<dfn>([^<]+)</dfn>", client.get("/glossary?lang=nb", headers=PAGE).text)
    assert words[0].startswith("a")
    assert words[-1].startswith("ø")
    assert len(words) == len(glossary("nb"))


def test_the_model_page_and_document(client: TestClient) -> None:
    document = client.get("/model.json").json()
    assert {node["label"] for node in document["nodes"]} == {node.label for node in NODES}
    types = {relationship["type"] for relationship in document["relationships"]}
    assert types == {relationship.type for relationship in RELATIONSHIPS}
    ended = [p for n in document["nodes"] if n["label"] == "Stay" for p in n["properties"]]
    assert {
        "name": "age",
        "type": "integer",
        "unit": "year",
        "required": False,
        "sentence": "Year in which it started less the patient's year of birth.",
    } in ended
    page = _page(client, "/model")
    assert set(page.links) <= set(page.ids)
    assert {node.label for node in NODES} <= set(page.ids)


def test_about_the_data(client: TestClient, serving: Serving) -> None:
    record = serving.engine.record()
    text = client.get("/about", headers=PAGE).text
    for said in (record.fingerprint, record.load_id, record.manifest["timezone"],
                 "Contacts with urgency 1, 2, 3 count as acute."):  # fmt: skip
        assert said in text


def test_the_quality_report_in_all_forms(client: TestClient, serving: Serving) -> None:
    manifest = serving.engine.record().manifest
    rows = client.get("/quality.json?limit=100000").json()["rows"]
    read: Counter[str] = Counter()
    for row in rows:
        if row["count"] == "read":
            read[row["table"]] += row["n"]
    assert read == {name: n["read"] for name, n in manifest["tables"].items() if n["read"]}
    lines = [x for x in client.get("/quality.csv").text.splitlines() if not x.startswith("#")]
    found = list(csv.DictReader(io.StringIO("\n".join(lines))))
    assert len(found) == len(rows)
    assert client.get("/quality.xlsx").content.startswith(b"PK")


def test_the_quality_page(client: TestClient, serving: Serving) -> None:
    manifest = serving.engine.record().manifest
    text = client.get("/quality", headers=PAGE).text
    total = sum(n["read"] for n in manifest["tables"].values())
    assert f"of {total:,} rows read" in text
    for name in manifest["tables"]:
        assert f'id="table-{name}"' in text
    assert "Every finding can be answered." in text


def test_what_cannot_be_answered_names_the_tables(serving: Serving) -> None:
    record = serving.engine.record()
    tables = {k: v for k, v in record.manifest["tables"].items() if k != "plan_owners"}
    less = replace(record, manifest={**record.manifest, "tables": tables})
    found = {finding.id: missing for finding, missing in not_answerable(less)}
    assert not_answerable(record) == []
    assert found["unowned_plans"] == ["plan_owners"]
    assert "readmissions" not in found
    assert set(found) == {f.id for f in catalogue().values() if "plan_owners" in f.needs}


def test_months_without_rows_are_drawn_as_none() -> None:
    from pathgraph.ingest.quality import quality_frame

    frame = quality_frame(
        [
            {"source": "s", "table": "contacts", "month": "2024-11", "read": 4, "accepted": 3,
             "refused": {"duplicate_key": 1}, "missing": {"kind": 2}},
            {"source": "s", "table": "contacts", "month": "2025-02", "read": 2, "accepted": 2,
             "open_ended": 1, "missing": {"kind": 1, "form": 2}},
            {"source": "s", "table": "contacts", "month": None, "read": 1, "accepted": 0,
             "refused": {"no_date": 1}},
        ]
    )  # fmt: skip
    (table,) = tables_of(frame)
    assert table.months == ("2024-11", "2024-12", "2025-01", "2025-02")
    assert table.by_month == (3, 0, 0, 2)
    assert (table.read, table.accepted, table.n_refused) == (7, 5, 2)
    assert table.refused == {"duplicate_key": 1, "no_date": 1}
    assert list(table.missing.items()) == [("kind", 3), ("form", 2)]
    assert table.other == {("open_ended", ""): 1}
