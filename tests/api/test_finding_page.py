"""Pages of findings and the home page: the same numbers as in the documents, and every state."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from starlette.testclient import TestClient

from pathgraph.api.app import create_app
from pathgraph.api.serve import serving_for
from pathgraph.api.serving import Serving
from pathgraph.api.views.tables import FIRST_COLUMNS, MOST_COLUMNS, shown_columns
from pathgraph.engine import open_engine
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.trend import Trends
from pathgraph.settings import Settings
from tests.findings.drawn import load_tables, overnight, table, with_patients

_PAGE = {"accept": "text/html"}
_CONTACTS = overnight("""
    contact_id  patient_id  started_at           ended_at
    c1          p1          2025-01-01T08:00:00  2025-01-05T08:00:00
    c2          p1          2025-01-10T08:00:00  2025-01-12T08:00:00
""")
_UNITS = table("""
    unit_id  name                       level     kind
    med      <b>Med</b><script>x</script>  hospital  ward
""")


@pytest.fixture(scope="module")
def drawn_client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Return a client of a graph with neither plans nor roles, and markup in a name."""
    folder: Path = tmp_path_factory.mktemp("drawn")
    with closing(open_engine(f"ladybug:{folder / 'graph'}")) as engine:
        tables = {
            "patients": with_patients(_CONTACTS), "units": _UNITS, "contacts": _CONTACTS,
        }  # fmt: skip
        load_tables(engine, folder / "tables", tables)
        serving = serving_for(Settings(), engine, cache=folder / "answers")
        with TestClient(create_app(serving), base_url="http://127.0.0.1") as client:
            client.headers["accept-language"] = "en"
            yield client


def _text(html: str) -> str:
    """Return what a reader sees, in one line."""
    without = re.sub(r"<(script|style|pre)\b.*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", without)).split())


def _get(client: TestClient, address: str, **kwargs: object) -> str:
    response = client.get(address, headers=_PAGE, **kwargs)  # type: ignore[arg-type]
    assert response.status_code == 200, response.text[:500]
    return response.text


def _rows(html: str, id_: str = "rows") -> list[list[str]]:
    """Return the cells of a table's rows, without its head."""
    body = html.split(f'id="{id_}"', 1)[1].split("</table>", 1)[0].split("<tbody>", 1)[1]
    return [
        [_text(cell) for cell in re.findall(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", row, re.DOTALL)]
        for row in re.findall(r"<tr>(.*?)</tr>", body, re.DOTALL)
    ]


# ---- a finding's answer ----


def test_the_page_opens_with_the_number_of_how_many_and_when(client: TestClient) -> None:
    document = client.get("/findings/unowned_plans.json").json()
    html = _get(client, "/findings/unowned_plans")
    n, among = document["n_rows"], document["among"]
    assert f"{n} of {among} active plans have no owner" in _text(html)
    assert "31 December 2025" in _text(html)
    assert html.index('class="answer"') < html.index("<table")


def test_the_sentence_compares_with_a_month_before(client: TestClient) -> None:
    def patients(as_of: str) -> int:
        rows = client.get("/findings/missing_coordinator.json", params={"as_of": as_of}).json()
        return len({row["patient_id"] for row in rows["rows"]})

    change = patients("2025-12-31") - patients("2025-11-30")
    text = _text(_get(client, "/findings/missing_coordinator"))
    words = {
        change > 0: f"{change} patients? more than on 30 November 2025",
        change < 0: f"{-change} patients? fewer than on 30 November 2025",
        change == 0: "As many patients as on 30 November 2025",
    }[True]
    assert re.search(words, text)


def test_rows_are_those_of_the_document_page_by_page(client: TestClient) -> None:
    document = client.get("/findings/readmissions.json").json()
    html = _get(client, "/findings/readmissions?per_page=10&page=2")
    shown = [row[0] for row in _rows(html)]
    assert shown == [row["patient_id"] for row in document["rows"][10:20]]
    assert f"Rows 11 to 20 of {document['n_rows']}" in _text(html)


def test_at_most_seven_columns_unless_chosen(client: TestClient) -> None:
    first = _rows(_get(client, "/findings/readmissions?per_page=1"))[0]
    assert len(first) <= 7
    chosen = _get(client, "/findings/readmissions?per_page=1&columns=patient_id&columns=gap_days")
    assert len(_rows(chosen)[0]) == 2


def test_a_head_sorts_and_says_so(client: TestClient) -> None:
    address = "/findings/readmissions?per_page=500&columns=patient_id&columns=gap_days"
    html = _get(client, address + "&sort=-gap_days")
    numbers = [float(row[1].replace(",", "")) for row in _rows(html)]
    assert numbers == sorted(numbers, reverse=True)
    assert len(set(numbers)) > 1
    head = html.split("<thead>")[1].split("</thead>")[0]
    assert head.count('aria-sort="descending"') == 1
    assert "sort=gap_days" in head


def test_facets_narrow_the_rows_and_the_downloads_alike(client: TestClient) -> None:
    html = _get(client, "/findings/missing_coordinator?per_page=500")
    links = [
        unescape(a) for a in re.findall(r'href="(/findings/missing_coordinator\?[^"]*)"', html)
    ]
    link = next(a for a in links if "in.municipality=" in a)
    narrowed = _get(client, link)
    code = parse_qs(urlsplit(link).query)["in.municipality"][0]
    rows = client.get("/findings/missing_coordinator.json").json()["rows"]
    expected = [row["patient_id"] for row in rows if row["municipality_code"] == code]
    assert 0 < len(expected) < len(rows)
    assert [row[0] for row in _rows(narrowed)] == expected
    beside = re.search(r'href="(/findings/missing_coordinator\.json\?[^"]*)"', narrowed)
    assert beside is not None
    document = client.get(unescape(beside[1])).json()
    assert [row["patient_id"] for row in document["rows"]] == expected


def test_filters_choose_among_the_values_and_ranges(client: TestClient) -> None:
    rows = client.get("/findings/unowned_plans.json").json()["rows"]
    html = _get(client, "/findings/unowned_plans")
    select = re.search(r'<select[^>]*name="where.reason">(.*?)</select>', html, re.DOTALL)
    assert select is not None
    values = re.findall(r'<option value="([^"]+)"', select[1])
    assert set(values) == {row["reason"] for row in rows}
    # As a form without JavaScript sends it: every field, most of them empty.
    address = "/findings/unowned_plans?where.kind=&where.ended_on=&per_page=500&where.reason="
    filtered = _get(client, address + values[0])
    expected = [row["patient_id"] for row in rows if row["reason"] == values[0]]
    assert 0 < len(expected) < len(rows)
    assert [row[0] for row in _rows(filtered)] == expected
    assert "where.kind=" not in filtered.split('class="downloads')[1].split("</div>")[0]
    ranged = _get(client, "/findings/readmissions?per_page=500&where.gap_days=2..3")
    gaps = client.get("/findings/readmissions.json").json()["rows"]
    assert len(_rows(ranged)) == sum(2 <= row["gap_days"] <= 3 for row in gaps)


def test_small_numbers_are_marked_and_never_zero(client: TestClient) -> None:
    document = client.get("/findings/transfers.json").json()
    hidden = [row for row in document["rows"] if "n_patients" in row.get("suppressed", ())]
    assert hidden
    html = _get(client, "/findings/transfers?per_page=500&sort=n_patients")
    patients = [row[3] for row in _rows(html)]
    assert patients.count("<5") == len(hidden)
    assert not [p for p in patients if p.isdigit() and 0 < int(p) < 5]


def test_groups_stand_in_order_of_size_at_first(client: TestClient) -> None:
    shown = [row[3] for row in _rows(_get(client, "/findings/transfers?per_page=500"))]
    numbers = [int(text.replace(",", "")) for text in shown if text != "<5"]
    assert numbers == sorted(numbers, reverse=True)
    assert shown[-1] == "<5"


def test_where_it_comes_from_names_rule_data_and_cypher(client: TestClient) -> None:
    document = client.get("/findings/unowned_plans.json?level_days=200").json()
    html = _get(client, "/findings/unowned_plans?level_days=200")
    assert document["data"]["fingerprint"] in html
    assert 'href="/definitions#unowned-plan"' in html
    assert "MATCH (p:Patient)" in html
    assert re.search(r"200\s*<code[^>]*>level_days</code>", html)


@pytest.mark.parametrize("by", ["municipality", "clinic", "age_group"])
def test_where_the_patients_belong_hides_small_groups(client: TestClient, by: str) -> None:
    html = _get(client, f"/findings/unowned_plans?divide={by}")
    rows = _rows(html, "divided-rows")
    patients = [row[1] for row in rows]
    assert [p for p in patients if p.isdigit() and int(p) >= 5]
    assert not [p for p in patients if p.isdigit() and 0 < int(p) < 5]
    nav = html.split('id="divided"')[1].split("</nav>")[0]
    assert nav.count('aria-current="true"') == 1


def test_patients_lead_to_their_pages(client: TestClient) -> None:
    html = _get(client, "/findings/revolving_door?per_page=1")
    (row,) = _rows(html)
    assert f'href="/patients/{row[0]}"' in html


# ---- what does not fit, and what is not there ----


def test_what_does_not_fit_is_said_beside_its_field_and_above_the_form(client: TestClient) -> None:
    response = client.get("/findings/revolving_door?min_stays=1&as_of=x", headers=_PAGE)
    assert response.status_code == 422
    html = response.text
    summary = html.split('class="error-summary"')[1].split("</div>")[0]
    assert 'href="#ask-min_stays"' in summary
    assert 'href="#ask-as_of"' in summary
    assert "2 values do not fit" in _text(summary)
    field = re.search(r'<input[^>]*name="min_stays"[^>]*>', html)
    assert field is not None
    assert 'aria-invalid="true"' in field[0]
    assert 'value="1"' in field[0]
    described = re.search(r'aria-describedby="([^"]*)"', field[0])
    assert described is not None
    for id_ in described[1].split():
        assert f'id="{id_}"' in html


def test_a_parameter_without_a_field_is_said_too(client: TestClient) -> None:
    response = client.get("/findings/revolving_door?nonsense=1", headers=_PAGE)
    assert response.status_code == 422
    assert "no parameter called 'nonsense'" in _text(response.text)


def test_a_finding_that_needs_a_value_shows_its_form(client: TestClient) -> None:
    response = client.get("/findings/new_since", headers=_PAGE)
    # Nothing was asked yet, so nothing is wrong yet.
    assert response.status_code == 200
    assert 'name="since"' in response.text
    assert "error-summary" not in response.text
    wrong = client.get("/findings/new_since?since=", headers=_PAGE, follow_redirects=False)
    assert wrong.status_code == 303
    other = client.get("/findings/new_since?nothing=1", headers=_PAGE)
    assert other.status_code == 422
    answered = client.get("/findings/new_since?since=2025-11-30", headers=_PAGE)
    assert answered.status_code == 200


def test_an_unknown_finding_is_not_found(client: TestClient) -> None:
    assert client.get("/findings/nonsense", headers=_PAGE).status_code == 404


def test_a_table_that_was_not_loaded_is_no_empty_list(drawn_client: TestClient) -> None:
    response = drawn_client.get("/findings/unowned_plans", headers=_PAGE)
    assert response.status_code == 409
    text = _text(response.text)
    assert "plans" in text
    assert "not loaded" in text.lower()
    assert "<table" not in response.text


def test_nothing_found_says_of_how_many(drawn_client: TestClient) -> None:
    text = _text(_get(drawn_client, "/findings/revolving_door"))
    assert "Nothing was found on this date." in text
    assert "1 was looked at." in text


def test_names_are_text(drawn_client: TestClient) -> None:
    html = _get(drawn_client, "/findings/readmissions")
    assert "&lt;b&gt;Med&lt;/b&gt;" in html
    assert "<b>Med" not in html
    assert "<script>x" not in html


# ---- comparison ----


def test_a_comparison_counts_as_its_document(client: TestClient) -> None:
    days = "from=2025-10-31&to=2025-12-31"
    document = client.get(f"/findings/unowned_plans/comparison.json?{days}").json()
    html = _get(client, f"/findings/unowned_plans/comparison?{days}")
    c = document["changes"]
    expected = (
        f"From 31 October 2025 to 31 December 2025: {c['new']} new, {c['reopened']} reopened, "
        f"{c['still_open']} still open, {c['resolved']} resolved."
    )
    assert expected in _text(html).replace(" ,", ",")
    only = _get(client, f"/findings/unowned_plans/comparison?{days}&where.change=new&per_page=500")
    assert len(_rows(only)) == c["new"]


def test_days_in_the_wrong_order_are_said(client: TestClient) -> None:
    response = client.get(
        "/findings/unowned_plans/comparison?from=2025-12-31&to=2025-10-31", headers=_PAGE
    )
    assert response.status_code == 422
    assert "not before the later one" in _text(response.text)


# ---- the library, the home page, what is chosen once ----


def test_the_library_holds_every_finding_of_a_theme_and_finds_words(client: TestClient) -> None:
    html = _get(client, "/findings")
    for name in ("revolving_door", "unowned_plans", "readmission_rates"):
        assert f'href="/findings/{name}"' in html
    found = _get(client, "/findings?q=nobody+plans")
    assert 'href="/findings/unowned_plans"' in found
    assert 'href="/findings/revolving_door"' not in found
    nothing = _get(client, "/findings", params={"q": "<script>alert(1)</script>"})
    assert "<script>alert" not in nothing
    assert "Nothing holds all of these words." in _text(nothing)


@pytest.fixture(scope="module")
def counted(serving: Serving) -> Iterator[Serving]:
    """Return the server after it has counted the months."""
    trends = Trends(serving.engine, serving.cache, suppress_below=serving.suppress_below)
    trends._count(serving.engine, trends._put)
    assert trends.state.is_complete
    before, serving.trends = serving.trends, trends
    yield serving
    serving.trends = before


def test_home_shows_what_each_finding_counts(counted: Serving, client: TestClient) -> None:
    text = _text(_get(client, "/"))
    assert "1,500 patients with" in text
    state = counted.trends.state if counted.trends else None
    assert state is not None
    row = state.trends["unowned_plans"].row
    title = catalogue()["unowned_plans"].title
    tile = text.split(f"{title} ", 1)[1][:200]
    assert f"{row['n_rows']} (" in tile
    assert f"of {row['among']}: active plans" in tile


def test_home_hides_small_numbers_and_small_changes(counted: Serving, client: TestClient) -> None:
    html = _get(client, "/")
    assert counted.trends is not None
    trends = counted.trends.state.trends
    for id_, trend in trends.items():
        if f'id="tile-{id_}"' not in html or trend.row["not_answered"]:
            continue
        tile = _text(html.split(f'id="tile-{id_}"')[1].split("</li>")[0])
        assert not re.search(r"\b[1-4] patients? (more|fewer)", tile)
        if "n_patients" in trend.row["suppressed"] and trend.row["n_patients"] is None:
            assert "<5" in tile


def test_each_role_has_its_own_lists(counted: Serving, client: TestClient) -> None:
    section, community = _get(client, "/?role=section"), _get(client, "/?role=community")
    assert 'id="tile-priority"' in section
    assert 'id="tile-priority"' not in community
    assert 'href="/findings/late_notice_to_municipality"' in community
    assert section.count('aria-current="page"') == 1


def test_lines_over_the_months_say_the_same_in_words(counted: Serving, client: TestClient) -> None:
    html = _get(client, "/")
    tile = html.split('id="tile-missing_coordinator"')[1].split("</li>")[0]
    label = re.search(r'role="img" aria-label="([^"]*)"', tile)
    assert label is not None
    assert counted.trends is not None
    months = counted.trends.state.trends["missing_coordinator"].months
    assert f"to {months[-1].row['n_patients']} in December 2025" in unescape(label[1])


def test_before_anything_is_counted_home_says_so(drawn_client: TestClient) -> None:
    serving: Serving = drawn_client.app.state.serving  # type: ignore[attr-defined]
    before, serving.trends = serving.trends, None
    try:
        html = _get(drawn_client, "/")
    finally:
        serving.trends = before
    assert "1 patient with 2 contacts" in _text(html)
    assert "skeleton" in html


def test_choices_are_kept_and_lead_back_to_the_page(client: TestClient) -> None:
    response = client.get(
        "/settings?theme=dark&lang=nn&back=/findings%3Fq%3Dplan", follow_redirects=False
    )
    assert response.status_code == 303
    assert response.headers["location"] == "/findings?q=plan"
    cookies = response.headers.get_list("set-cookie")
    assert any(c.startswith("theme=dark;") and "httponly" in c.lower() for c in cookies)
    assert any(c.startswith("lang=nn;") for c in cookies)
    client.cookies.clear()


@pytest.mark.parametrize(
    "back",
    ["https://elsewhere.example/", "//elsewhere.example/", "///elsewhere.example",
     "/\\elsewhere.example", "\\\\x", "x",
     "javascript:alert(1)", "/%0d%0aset-cookie:a=b", "/\r\nset-cookie:a=b", "/\tx", ""],
)  # fmt: skip
def test_nobody_is_led_elsewhere(client: TestClient, back: str) -> None:
    response = client.get("/settings", params={"back": back}, follow_redirects=False)
    location = response.headers["location"]
    # What is written with percent signs is a path of ours, and stays one.
    assert location == (back if back.startswith("/%") else "/")
    assert "set-cookie" not in response.headers


def test_a_value_that_is_no_choice_is_not_kept(client: TestClient) -> None:
    response = client.get("/settings?theme=pink&lang=de", follow_redirects=False)
    assert "set-cookie" not in response.headers


def test_colours_and_language_stand_in_the_page(client: TestClient) -> None:
    html = client.get("/findings", headers={**_PAGE, "cookie": "theme=dark; lang=nb"}).text
    assert re.search(r'<html lang="nb" data-theme="dark">', html)


@pytest.mark.parametrize("finding", list(FIRST_COLUMNS))
def test_the_columns_that_matter_most_are_shown_first(client: TestClient, finding: str) -> None:
    shown = [column.name for column in shown_columns(catalogue()[finding])]
    assert sorted(shown) == sorted(FIRST_COLUMNS[finding])
    assert len(shown) <= MOST_COLUMNS
    assert client.get(f"/findings/{finding}").status_code == 200
