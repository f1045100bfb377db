"""Pages about referrals as they are served: what stands beside the gaps, and a clinic's report."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest
from starlette.testclient import TestClient

from pathgraph.api.language import language_of
from pathgraph.api.views.referral_charts import funnel_figure, map_figure, periods_figure
from pathgraph.queries.catalogue import find_finding
from pathgraph.queries.funnel_curve import funnel_curve
from pathgraph.queries.result import Result

ENGLISH = language_of("en")
_PAGE = {"accept": "text/html"}


def _rows(client: TestClient, path: str) -> list[dict[str, Any]]:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


def _page(client: TestClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers=_PAGE)
    assert answer.status_code == status, answer.text[:500]
    return html.unescape(answer.text)


def _figures(text: str) -> dict[str, Any]:
    found = re.findall(r'<script type="application/json" id="([^"]+)">(.*?)</script>', text, re.S)
    return {name: json.loads(block) for name, block in found}


def test_beside_the_gaps_stand_the_funnel_and_all_over_time(client: TestClient) -> None:
    text = _page(client, "/findings/referral_gaps?older_age=70")
    for finding in ("referral_funnel", "referral_control"):
        assert f'id="beside-{finding}"' in text
        assert f'id="rows-{finding}"' in text
        # With the parameters of the page, and its day.
        (link,) = re.findall(rf'href="(/findings/{finding}\.csv\?[^"]+)"', text)
        query = parse_qs(urlsplit(link).query)
        assert query["older_age"] == ["70"]
        assert "as_of" in query
    assert "chart-referral_control-1-data" in _figures(text)


def test_by_referrer_there_is_no_funnel(client: TestClient) -> None:
    text = _page(client, "/findings/referral_gaps?by=referrer_type")
    assert "beside-referral_funnel" not in text


def test_rows_lead_to_the_clinics_report_with_the_parameters_and_the_day(
    client: TestClient,
) -> None:
    text = _page(client, "/findings/referral_gaps?older_age=70")
    links = re.findall(r'href="(/reports/referrals/[^"]+)"', text)
    clinics = {
        row["by_value"] for row in _rows(client, "/findings/referral_gaps.json?older_age=70")
    }
    assert {urlsplit(link).path.rpartition("/")[2] for link in links} == clinics
    for link in links:
        query = parse_qs(urlsplit(link).query)
        assert query["older_age"] == ["70"]
        assert "as_of" in query
    report = _page(client, links[0])
    (work_list,) = re.findall(r'href="(/findings/never_referred[^"]+in.clinic[^"]+)"', report)
    query = parse_qs(urlsplit(work_list).query)
    assert query["older_age"] == ["70"]
    assert query["in.clinic"] == [urlsplit(links[0]).path.rpartition("/")[2]]
    assert client.get(work_list, headers=_PAGE).status_code == 200


def test_the_report_leads_to_the_departments_and_each_to_its_own_work_list(
    client: TestClient,
) -> None:
    clinic = "mk"
    text = _page(client, f"/reports/referrals/{clinic}?older_age=70")
    own = [
        row
        for row in _rows(client, "/findings/referral_gaps.json?by=department&older_age=70")
        if row["clinic"] == clinic
    ]
    assert len(own) > 1
    section = text.partition('id="departments-rows"')[2].partition("</table>")[0]
    links = re.findall(r'href="(/findings/never_referred[^"]+)"', section)
    queries = [parse_qs(urlsplit(link).query) for link in links]
    assert {query["where.department"][0] for query in queries} == {r["by_value"] for r in own}
    assert all(query["older_age"] == ["70"] and "as_of" in query for query in queries)
    # What is hidden is hidden here too.
    assert section.count("&lt;5") + section.count("<5") == sum(
        name in row.get("suppressed", ())
        for row in own
        for name in ("n_eligible", "n_referred", "n_not_referred", "expected")
    )
    (whole,) = re.findall(r'href="(/findings/referral_gaps\?[^"]*by=department[^"]*)"', text)
    assert parse_qs(urlsplit(whole).query)["where.clinic"] == [clinic]
    table = _page(client, whole)
    assert set(re.findall(r"where.department=([^&\"]+)", table)) == {r["by_value"] for r in own}
    assert "beside-referral_funnel" not in table


def test_a_departments_work_list_is_that_of_its_wards(client: TestClient) -> None:
    asked = "/findings/never_referred.json?older_age=18&older_stays=1"
    every = _rows(client, asked)
    departments = {row["department"] for row in every}
    assert len(departments) > 1
    for department in departments:
        rows = _rows(client, f"{asked}&where.department={department}")
        assert rows == [row for row in every if row["department"] == department]
        assert {row["clinic"] for row in rows} == {rows[0]["clinic"]}


def test_a_clinic_of_one_department_is_said_to_be_one(client: TestClient) -> None:
    rows = _rows(client, "/findings/referral_gaps.json?by=department")
    of_clinic: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        of_clinic.setdefault(row["clinic"], []).append(row)
    clinics = {r["by_value"]: r for r in _rows(client, "/findings/referral_gaps.json")}
    assert set(of_clinic) == set(clinics)
    said = "All eligible patients of the clinic are of one department or ward"
    for clinic, own in of_clinic.items():
        text = _page(client, f"/reports/referrals/{clinic}")
        assert (said in text) is (len(own) == 1)
        if len(own) == 1:
            assert own[0]["n_eligible"] == clinics[clinic]["n_eligible"]
            assert own[0]["n_referred"] == clinics[clinic]["n_referred"]


def test_the_report_holds_the_findings_numbers_hidden_ones_by_their_mark(
    client: TestClient,
) -> None:
    seen = set()
    for row in _rows(client, "/findings/referral_gaps.json"):
        text = _page(client, f"/reports/referrals/{row['by_value']}")
        of_gap = text.partition("plan-head")[0]
        pairs = dict(re.findall(r"<dt>([^<]+)</dt><dd>(.*?)</dd>", of_gap))
        hidden = row.get("suppressed", ())
        for heading, name in (("Eligible", "n_eligible"), ("Referred", "n_referred"),
                              ("Died or moved first", "n_competing")):  # fmt: skip
            is_hidden = name in hidden
            assert pairs[heading] == ("<5" if is_hidden else ENGLISH.number(row[name])), heading
            seen.add(is_hidden)
        if "n_referred" in hidden:
            assert pairs["Expected"] == "<5"
            assert "They are not shown." in text
        else:
            assert pairs["Expected"] == (ENGLISH.number(row["expected"], 2) or "not known")
        assert row["name"] in text
        assert "Others with patients like these" in text
    assert seen == {True, False}


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_report_in_norwegian(client: TestClient, language: str) -> None:
    clinic = _rows(client, "/findings/referral_gaps.json")[0]["by_value"]
    text = _page(client, f"/reports/referrals/{clinic}?lang={language}")
    for english in ("Method and caveats", "Over time", "Eligible patients", "were referred"):
        assert english not in text


def test_an_unknown_clinic_is_not_found_and_a_wrong_number_is_said(client: TestClient) -> None:
    assert "There is no clinic of that id" in _page(client, "/reports/referrals/nowhere", 404)
    clinic = _rows(client, "/findings/referral_gaps.json")[0]["by_value"]
    answer = client.get(f"/reports/referrals/{clinic}?older_age=old", headers=_PAGE)
    assert answer.status_code == 422


def test_a_name_no_finding_has_is_refused(client: TestClient) -> None:
    answer = client.get("/reports/referrals/mk?nothing=1", headers=_PAGE)
    assert answer.status_code == 422


def test_by_municipality_there_is_a_map_of_those_whose_numbers_are_shown(
    client: TestClient,
) -> None:
    rows = _rows(client, "/findings/referral_gaps.json?by=municipality")
    figures = _figures(_page(client, "/findings/referral_gaps?by=municipality"))
    (drawn,) = [f for f in figures.values() if f["meta"]["file"].startswith("referral_gaps-map")]
    shown = {row["name"] for row in rows if row["n_eligible"] is not None}
    assert set(drawn["data"][0]["text"]) == shown
    assert len(shown) < len(rows)


def test_the_capacity_asks_for_the_users_numbers_first(client: TestClient) -> None:
    assert "Nothing was asked yet." in _page(client, "/findings/referral_capacity")
    text = _page(client, "/findings/referral_capacity?capacity_per_year=50&consultations=100")
    assert "of what the teams can take" in text


# ---- figures ----


def _funnel(rows: list[dict[str, Any]]) -> Result:
    finding = find_finding("referral_funnel")
    columns = {c.name: [row.get(c.name) for row in rows] for c in finding.returns}
    return Result(finding, pa.table(columns), {"suppress_below": 5})


def _unit(name: str, observed: int | None, expected: float | None, position: str) -> dict[str, Any]:
    ratio = None if observed is None or not expected else observed / expected
    return {"by_value": name, "name": name.title(), "n_referred": observed, "expected": expected,
            "observed_to_expected": ratio, "position": position, "tau2": 0.0}  # fmt: skip


def test_the_funnel_names_those_outside_and_draws_no_hidden_one() -> None:
    rows = [_unit("a", 20, 95.0, "below_998"), _unit("b", 10, 10.0, "inside"),
            _unit("c", None, None, "inside")]  # fmt: skip
    curve = funnel_curve(_funnel(rows))
    assert curve is not None
    # At 95 expected, 76 is the least that the exact test keeps at 2.5 %.
    place = min(range(len(curve.expected)), key=lambda i: abs(curve.expected[i] - 95))
    assert curve.limits["low_95"][place] == pytest.approx(0.8, abs=0.01)
    outer, inner, marks = funnel_figure(rows, curve, ENGLISH)["data"]
    assert marks["x"] == [95.0, 10.0]
    assert marks["text"] == ["A", ""]
    assert marks["marker"]["symbol"] == ["triangle-down", "circle"]
    assert max(outer["x"]) > 95
    assert len(outer["y"]) == len(inner["y"]) == 2 * len(curve.expected)


def test_names_of_units_side_by_side_stand_on_lines_of_their_own() -> None:
    rows = [_unit("long name of a clinic", 0, 50.0, "below_998"),
            _unit("another long name", 0, 52.0, "below_998"),
            _unit("far", 90, 30.0, "above_998")]  # fmt: skip
    curve = funnel_curve(_funnel(rows))
    assert curve is not None
    marks = funnel_figure(rows, curve, ENGLISH)["data"][2]
    assert marks["text"] == ["Long Name Of A Clinic<br> <br> ", "Another Long Name", "Far"]


def test_a_name_without_room_is_left_out() -> None:
    rows = [_unit(f"a long name of a clinic {i}", 0, 50.0 + i, "below_998") for i in range(9)]
    curve = funnel_curve(_funnel(rows))
    assert curve is not None
    texts = funnel_figure(rows, curve, ENGLISH)["data"][2]["text"]
    lifted = [text.count("<br>") for text in texts if text]
    assert len(lifted) == len(set(lifted)) < len(rows)


def test_without_a_unit_there_are_no_limits() -> None:
    assert funnel_curve(_funnel([_unit("c", None, None, "inside")])) is None


def test_a_hidden_period_is_a_gap_in_the_line() -> None:
    usual = {"limit_low": 0.1, "limit_high": 0.6, "centre": 0.3, "n_eligible": 20, "n_referred": 6}
    hidden = dict.fromkeys((*usual, "share", "position", "is_signal"))
    rows = [
        {"period": "2024", "share": 0.3, "position": "inside", "is_signal": False, **usual},
        {"period": "2025", **hidden},
        {"period": "2026", "share": 0.05, "position": "below", "is_signal": True, **usual},
    ]
    band, centre, line, falls = periods_figure(rows, ENGLISH)["data"]
    assert line["y"] == [0.3, None, 0.05]
    assert line["connectgaps"] is False
    assert line["marker"]["symbol"] == ["circle", "circle", "triangle-down"]
    # The band has a piece for each period that is shown, and none across the one between them.
    assert (band["type"], band["x"], band["base"]) == ("bar", ["2024", "2026"], [0.1, 0.1])
    assert band["y"] == pytest.approx([0.5, 0.5])
    assert falls["x"] == ["2026"]
    assert centre["y"] == [0.3, None, 0.3]


def test_circles_stand_at_their_places_and_their_area_is_the_number() -> None:
    rows = [
        {"by_value": "1", "name": "<b>", "n_eligible": 400, "share": 0.1, "position": "below_95"},
        {"by_value": "2", "name": "B", "n_eligible": 100, "share": None, "position": None},
        {"by_value": "3", "name": "C", "n_eligible": None, "share": None, "position": None},
        {"by_value": "4", "name": "D", "n_eligible": 9, "share": 0.1, "position": "inside"},
    ]
    figure = map_figure(rows, {"1": (69.6, 18.9), "2": (68.8, 16.5), "3": (1.0, 1.0)}, ENGLISH)
    (marks,) = figure["data"]
    assert (marks["x"], marks["y"]) == ([18.9, 16.5], [69.6, 68.8])
    large, small = marks["marker"]["size"]
    assert (large / small) ** 2 == pytest.approx(4)
    assert marks["text"] == ["&lt;b&gt;", "B"]
    assert marks["marker"]["symbol"][0] == "triangle-down-open"
