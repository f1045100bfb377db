"""A patient's page, timeline and team over HTTP, and the drawing that the page holds."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import closing
from html.parser import HTMLParser
from typing import Any

import openpyxl
import pytest
from starlette.testclient import TestClient

from pathgraph.engine import open_engine
from pathgraph.queries.run import run

PAGE = {"accept": "text/html"}


@pytest.fixture(scope="module")
def rich(region_graph: str) -> str:
    """The patient who is on most work lists, of those with many stays."""
    with closing(open_engine(region_graph)) as engine:
        rows = run(engine, "priority").table.to_pylist()
    return str(next(r["patient_id"] for r in rows if "revolving_door" in r["findings"]))


@pytest.fixture(scope="module")
def answers(region_graph: str, rich: str) -> dict[str, list[dict[str, Any]]]:
    """What the findings say of this patient, asked at another door."""
    names = ("patient_timeline", "patient_team", "patient_findings")
    with closing(open_engine(region_graph)) as engine:
        return {n: list(run(engine, n, {"patient": rich}).table.to_pylist()) for n in names}


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the texts of one sort of element."""

    def __init__(self, page: str, texts_of: str = "title") -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._texts_of, self._is_inside = texts_of, False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))
        self._is_inside = tag == self._texts_of

    def handle_data(self, data: str) -> None:
        if self._is_inside:
            self.texts.append(data)
            self._is_inside = False

    def of(self, css: str) -> Iterator[dict[str, str | None]]:
        return (a for _, a in self.all if css in (a.get("class") or "").split())


def shown(client: TestClient, path: str, **query: str) -> str:
    response = client.get(path, params=query, headers=PAGE)
    assert response.status_code == 200, response.text[:500]
    text: str = response.text
    return text


def test_the_page_says_what_the_answers_say(
    client: TestClient, rich: str, answers: dict[str, list[dict[str, Any]]]
) -> None:
    page = shown(client, f"/patients/{rich}")
    rows = answers["patient_timeline"]
    stays = [row for row in rows if row["what"] == "stay"]
    n_acute = sum(row["is_acute"] for row in stays)
    outside = [r for r in rows if r["what"] == "contact" and not r["part_of"] and not r["stay_id"]]
    assert f"{len(stays)} stays, {n_acute} of them acute, and {len(outside)} contacts" in page
    current = {r["finding"] for r in answers["patient_findings"] if r["status"] == "current"}
    assert len(current) >= 2
    assert f"On {len(current)} of 17 work lists on 31 December 2025." in page
    for row in answers["patient_findings"]:
        if row["status"] == "current":
            assert row["reason"] in page
    for row in answers["patient_team"]:
        assert (row["unit_name"] or "") in page


_DECLINED = """
MATCH (p:Patient)-[:HAS_NEED]->(n:Need) WHERE n.status = 'declined' AND p.died_day IS NULL
RETURN p.patient_id AS patient_id
"""


def test_nobody_in_place_and_declined_are_told_apart(client: TestClient, region_graph: str) -> None:
    with closing(open_engine(region_graph)) as engine:
        missing = run(engine, "missing_coordinator").table.column("patient_id").to_pylist()
        declined = engine.query(_DECLINED, {}).column("patient_id").to_pylist()
    met = {"gap": 0, "declined": 0}
    for patient in [*missing[:3], *declined[:24]]:
        rows = client.get(f"/patients/{patient}/team.json").json()["rows"]
        elements = Elements(shown(client, f"/patients/{patient}"), texts_of="span")
        for status, said in (("gap", "Nobody in place"), ("declined", "Declined")):
            n = sum(row["status"] == status for row in rows)
            assert len(list(elements.of(f"is-{status}"))) == n
            assert elements.texts.count(said) == n
            met[status] += n
    assert min(met.values()) >= 2


def test_every_stay_and_contact_is_drawn_once(
    client: TestClient, rich: str, answers: dict[str, list[dict[str, Any]]]
) -> None:
    elements = Elements(shown(client, f"/patients/{rich}/timeline"))
    drawn = [a["class"] or "" for a in elements.of("event") if "data-event" in a]
    stays = [row for row in answers["patient_timeline"] if row["what"] == "stay"]
    bars = [css for css in drawn if "form-bar" in css]
    assert len(bars) == len(stays)
    assert sum("is-acute" in css for css in bars) == sum(row["is_acute"] for row in stays)
    outside = [
        row
        for row in answers["patient_timeline"]
        if row["what"] == "contact" and not row["stay_id"]
    ]
    ticks = [css for css in drawn if "what-contact" in css and "form-divider" not in css]
    in_stays_elsewhere = len(ticks) - len(outside)
    # Contacts in a stay, but at another level than it, stand in their own lane.
    assert 0 <= in_stays_elsewhere <= 40
    for row in stays:
        assert any((row["unit_name"] or "") in title for title in elements.texts)


def numbers(pattern: str, text: str) -> list[float]:
    found = re.search(pattern, text)
    assert found, pattern
    return [float(group) for group in found.groups()]


def boxes(page: str) -> list[tuple[float, float, float, float]]:
    """The space that each stay, period and tick takes: left, right, top, bottom."""
    events = re.findall(
        r'class="event form-(bar|period|tick) [^"]*" data-event><title>[^<]*</title>(<[^>]*>)', page
    )
    found = []
    for form, body in events:
        if form == "tick":
            x, top, bottom = numbers(r'x1="([^"]*)" .* y1="([^"]*)" y2="([^"]*)"', body)
            found.append((x - 0.75, x + 0.75, top, bottom))
        else:
            left, top, right = numbers(r'd="M([-\d.]+) ([-\d.]+)H([-\d.]+)', body)
            found.append((left, right, top, top + (12 if form == "bar" else 8)))
    return found


@pytest.mark.parametrize("zoom", ["all", "year", "quarter", "stay"])
def test_simultaneous_events_never_hide_one_another(
    client: TestClient, rich: str, zoom: str
) -> None:
    taken = boxes(shown(client, f"/patients/{rich}/timeline", zoom=zoom))
    assert len(taken) >= (20 if zoom == "all" else 1)
    for number, (left, right, top, bottom) in enumerate(taken):
        for other in taken[number + 1 :]:
            is_beside = right < other[0] or other[1] < left
            is_above = bottom <= other[2] or other[3] <= top
            assert is_beside or is_above


def test_time_is_to_scale(client: TestClient, rich: str) -> None:
    page = shown(client, f"/patients/{rich}/timeline", **{"from": "2025-01-01", "to": "2025-12-31"})
    months = re.findall(r'<line class="minor" x1="([\d.]+)"', page)
    assert len(months) == 12
    (width,) = numbers(r'class="timeline-plot" width="([\d.]+)"', page)
    assert float(months[0]) == 0
    # 1 March is day 59 of 365.
    assert float(months[2]) == pytest.approx(width * 59 / 365, abs=0.1)
    assert 'data-from="2025-01-01"' in page
    assert 'data-to="2025-12-31"' in page


def test_words_on_the_top_edge_never_touch(client: TestClient, rich: str) -> None:
    page = shown(client, f"/patients/{rich}")
    placed = re.findall(
        r'class="mark-words[^"]*" x="([\d.]+)" y="([\d.]+)" text-anchor="(\w+)">([^<]*)<', page
    )
    assert len(placed) >= 2
    spans = []
    for x, y, anchor, text in placed:
        length = 5.5 * len(text)
        start = float(x) - length if anchor == "end" else float(x)
        spans.append((float(y), start, start + length))
    for number, (y, start, end) in enumerate(spans):
        for other in spans[number + 1 :]:
            assert y != other[0] or end < other[1] or other[2] < start


def test_the_day_is_that_of_the_address(client: TestClient, rich: str) -> None:
    page = shown(client, f"/patients/{rich}", as_of="2023-06-30")
    assert "on 30 June 2023." in page
    later = client.get(f"/patients/{rich}/timeline.json").json()
    then = client.get(f"/patients/{rich}/timeline.json", params={"as_of": "2023-06-30"}).json()
    assert 0 < then["n_rows"] < later["n_rows"]
    assert all((row["started_at"] or "") < "2023-07-01" for row in then["rows"])


@pytest.mark.parametrize("part", ["timeline", "team", "findings"])
def test_the_same_in_every_form(
    client: TestClient, rich: str, part: str, answers: dict[str, list[dict[str, Any]]]
) -> None:
    document = client.get(f"/patients/{rich}/{part}.json").json()
    assert document["rows"] == answers[f"patient_{part}"]
    response = client.get(f"/patients/{rich}/{part}.csv")
    lines = (line for line in io.StringIO(response.text) if not line.startswith("# "))
    assert len(list(csv.DictReader(lines))) == document["n_rows"] > 0
    # A pseudonym stays out of the names of files.
    assert rich not in response.headers["content-disposition"]
    content = client.get(f"/patients/{rich}/{part}.xlsx").content
    sheet = openpyxl.load_workbook(io.BytesIO(content))["rows"]
    assert sheet.max_row == document["n_rows"] + 1


def test_the_table_holds_the_same_events(client: TestClient, rich: str) -> None:
    n_rows = client.get(f"/patients/{rich}/timeline.json").json()["n_rows"]
    page = shown(client, f"/patients/{rich}/timeline", per_page="500")
    body = page.split('id="events"')[1].split("</table>")[0]
    assert body.count("<tr>") - 1 == n_rows


def test_the_picture_alone_is_what_the_script_fetches(client: TestClient, rich: str) -> None:
    alone = shown(client, f"/patients/{rich}/timeline", part="picture", zoom="year")
    assert alone.lstrip().startswith("<figure")
    assert "<html" not in alone
    whole = shown(client, f"/patients/{rich}/timeline", zoom="year")
    assert alone.count("data-event") == whole.count("data-event") > 0


@pytest.mark.parametrize("path", ["", "/timeline", "/timeline.json", "/team.csv", "/findings.json"])
def test_an_unknown_patient_is_said_and_not_repeated(client: TestClient, path: str) -> None:
    for headers in (PAGE, {"accept": "application/json"}):
        response = client.get(f"/patients/nobody-4711{path}", headers=headers)
        assert response.status_code == 404
        assert "No patient of the graph has the id that was given." in response.text
        assert "4711" not in re.sub(r'(href|value|back)="[^"]*"', "", response.text)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "soon"}, "This is no date."),
        ({"from": "2025-05-02", "to": "2025-05-01"}, "The first day is after the last."),
        ({"as_of": "31.12.2025"}, "as_of is no date."),
        ({"page": "0"}, ""),
    ],
)
def test_what_does_not_fit_is_said_beside_the_field(
    client: TestClient, rich: str, query: dict[str, str], said: str
) -> None:
    response = client.get(f"/patients/{rich}", params=query, headers=PAGE)
    assert response.status_code == 422
    assert said in response.text


def test_days_that_no_calendar_holds_are_no_fault(client: TestClient, rich: str) -> None:
    for query in (
        {"from": "0001-01-01"}, {"to": "9999-12-31"}, {"from": "9999-12-30", "to": "9999-12-31"},
        {"from": "1900-01-01", "to": "1900-01-02"}, {"zoom": "forever"}, {"as_of": "0001-01-01"},
        {"from": "0001-01-01", "to": "0001-01-01"}, {"as_of": "9999-12-30", "zoom": "year"},
    ):  # fmt: skip
        response = client.get(f"/patients/{rich}", params=query, headers=PAGE)
        assert response.status_code in (200, 422), query


def test_a_patient_is_opened_by_pseudonym(client: TestClient, rich: str) -> None:
    page = shown(client, "/patients")
    assert "/findings/priority" in page
    opened = client.get(
        "/patients", params={"patient": f" {rich} "}, headers=PAGE, follow_redirects=False
    )
    assert opened.status_code == 303
    assert opened.headers["location"] == f"/patients/{rich}"
    for wrong in ("", "   ", "a/b"):
        response = client.get("/patients", params={"patient": wrong}, headers=PAGE)
        assert response.status_code == 422
        assert "Write the pseudonym of one patient." in response.text


def test_no_style_and_no_script_stand_in_the_page(client: TestClient, rich: str) -> None:
    page = shown(client, f"/patients/{rich}")
    for tag, attributes in Elements(page).all:
        assert "style" not in attributes, tag
        assert not any(name.startswith("on") for name in attributes), tag
        assert tag != "script" or attributes.get("src")
