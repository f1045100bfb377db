"""The summary above ``pathgraph find all``: counts, changes, and what is not shown."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from pathgraph.cli import app
from pathgraph.cli.options import Format
from pathgraph.cli.summary import summary_listing
from pathgraph.queries.catalogue import catalogue, find_finding
from pathgraph.queries.result import Result as Answer
from pathgraph.queries.summary import answer_and_summarise, summary_row
from tests.findings.library_folder import PATIENTS, write_library

HEAD = "contact_id,patient_id,unit_id,care_level,started_at,ended_at,urgency"


def contacts() -> list[str]:
    """Return two acute stays ten days apart: of six people in January, of a seventh in March."""
    lines = [HEAD]
    for number in range(7):
        month = "01" if number < 6 else "03"
        for place, day in enumerate(("02", "12")):
            at = f"2025-{month}-{day}T10:00:00,2025-{month}-{day}T20:00:00"
            lines.append(f"c{number}{place},p{number},h,overnight,{at},1")
    return [*lines, "last,p0,h,outpatient,2025-03-31T10:00:00,2025-03-31T11:00:00,4"]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "250"})


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("summed")
    (folder / "dataset.yaml").write_text("timezone: Europe/Oslo\npseudonymous: true\n", "utf-8")
    patients = ["patient_id,birth_year", *(f"p{number},1950" for number in range(30))]
    tables = {"patients": patients, "units": ["unit_id,level", "h,hospital"]}
    for name, lines in {**tables, "contacts": contacts()}.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    url = f"ladybug:{folder / 'G'}"
    loaded = run("load", "tables", folder, "--graph", url)
    assert loaded.exit_code == 0, loaded.stderr
    return url


def summary(graph: str, *given: object) -> dict[str, Any]:
    result = run("find", "all", "--graph", graph, "--summary-only", "--format", "json", *given)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def row(graph: str, finding: str, *given: object) -> dict[str, Any]:
    rows = {item["finding"]: item for item in summary(graph, *given)["summary"]}
    found: dict[str, Any] = rows[finding]
    return found


def test_counts_share_and_change_since_a_month_before(graph: str) -> None:
    document = summary(graph, "--suppress-below", 0)
    assert (document["as_of"], document["since"]) == ("2025-03-31", "2025-02-28")
    assert [item["finding"] for item in document["summary"]] == list(catalogue())
    assert row(graph, "readmissions", "--suppress-below", 0) == {
        "finding": "readmissions",
        "title": "Readmissions",
        "n_rows": 7,
        "n_patients": 7,
        "among": 14,
        "among_title": find_finding("readmissions").among.title,  # type: ignore[union-attr]
        "share": 0.5,
        "change": 1,
        "not_answered": None,
        "suppressed": [],
    }


def test_people_are_counted_once_and_of_people(graph: str) -> None:
    index = row(graph, "readmission_index", "--suppress-below", 0)
    # Rows among stays, where stays are counted.
    assert (index["n_rows"], index["n_patients"], index["share"]) == (14, 7, 1.0)
    door = row(graph, "revolving_door", "--suppress-below", 0)
    assert (door["n_patients"], door["among"], door["share"]) == (0, 7, 0.0)


def test_rows_about_groups_have_no_patients_and_no_share(graph: str) -> None:
    moves = row(graph, "transfers")
    assert (moves["n_rows"], moves["n_patients"], moves["share"]) == (1, None, None)
    assert moves["change"] == 0


def test_the_day_before_may_be_given(graph: str) -> None:
    assert row(graph, "readmissions", "--since", "2025-01-01")["change"] == 7
    assert row(graph, "readmissions", "--since", "2025-03-30")["change"] == 0


def test_a_change_of_few_people_is_not_shown(graph: str) -> None:
    found = row(graph, "readmissions")
    assert found["change"] is None
    assert found["suppressed"] == ["change"]
    assert found["n_patients"] == 7


def test_few_people_are_not_shown_nor_what_tells_them(graph: str) -> None:
    early = row(graph, "readmissions", "--suppress-below", 8, "--since", "2025-01-01")
    assert [early[name] for name in ("n_rows", "n_patients", "share", "change")] == [None] * 4
    assert set(early["suppressed"]) == {"n_rows", "n_patients", "share", "change"}


def test_few_people_on_the_earlier_day_hide_the_change(graph: str) -> None:
    found = row(graph, "readmissions", "--suppress-below", 7, "--since", "2025-02-01")
    assert found["n_patients"] == 7
    assert found["suppressed"] == ["change"]


def test_few_people_who_are_not_found_hide_the_denominator() -> None:
    finding = find_finding("revolving_door")
    ids = [f"p{number}" for number in range(20)]
    columns = {c.name: pa.nulls(20) for c in finding.returns} | {"patient_id": pa.array(ids)}
    manifest = {"n_rows": 20, "among": 22, "among_suppressed": False}
    found = summary_row(finding, Answer(finding, pa.table(columns), manifest), None)
    assert (found["n_patients"], found["among"], found["share"]) == (20, None, None)
    assert set(found["suppressed"]) == {"among", "share"}
    manifest["among"] = 25
    found = summary_row(finding, Answer(finding, pa.table(columns), manifest), None)
    assert (found["among"], found["share"], found["suppressed"]) == (25, 0.8, [])


def test_the_screen_shows_the_summary_first_and_marks_what_is_hidden(graph: str) -> None:
    shown = run("find", "all", "--graph", graph).stdout
    assert shown.index("change since 2025-02-28") < shown.index("Index stays of readmissions")
    line = next(line for line in shown.splitlines() if "│ readmissions " in line)
    assert "<5" in line
    assert "Rows:" in shown
    alone = run("find", "all", "--graph", graph, "--summary-only").stdout
    assert "change since 2025-02-28" in alone
    assert "Rows:" not in alone
    grown = run("find", "all", "--graph", graph, "--summary-only", "--suppress-below", 0).stdout
    assert "+1" in next(line for line in grown.splitlines() if "│ readmissions " in line)


def test_one_document_has_summary_and_findings(graph: str) -> None:
    result = run("find", "all", "--graph", graph, "--format", "json", "--suppress-below", 0)
    document = json.loads(result.stdout)
    assert list(document) == ["as_of", "since", "summary", "findings"]
    assert len(document["summary"]) == len(document["findings"]) == len(catalogue())
    counted = {item["finding"]: item["n_rows"] for item in document["summary"]}
    for answer in document["findings"]:
        assert counted[answer["finding"]] == answer.get("n_rows")
    assert "findings" not in summary(graph)


def test_files_have_a_summary_beside_them(graph: str, tmp_path: Path) -> None:
    for ending in ("csv", "parquet", "xlsx"):
        given = ("--format", ending, "--out", tmp_path / ending)
        assert run("find", "all", "--graph", graph, *given).exit_code == 0
        assert (tmp_path / ending / f"readmissions.{ending}").is_file()
    text = (tmp_path / "csv" / "summary.csv").read_text("utf-8")
    rows = {r["finding"]: r for r in csv.DictReader(io.StringIO(text))}
    assert rows["readmissions"]["change"] == "<5"
    table = pq.read_table(tmp_path / "parquet" / "summary.parquet")
    assert table.num_rows == len(catalogue())
    out = tmp_path / "alone.csv"
    given = ("--summary-only", "--out", out)
    assert run("find", "all", "--graph", graph, *given).exit_code == 0
    assert out.read_text("utf-8") == text


def test_a_limit_cuts_the_answers_and_not_the_counts(graph: str) -> None:
    given = ("--limit", 2, "--format", "json", "--suppress-below", 0)
    document = json.loads(run("find", "all", "--graph", graph, *given).stdout)
    counted = {item["finding"]: item for item in document["summary"]}["readmissions"]
    answer = {item["finding"]: item for item in document["findings"]}["readmissions"]
    assert (counted["n_rows"], counted["n_patients"]) == (7, 7)
    assert (len(answer["rows"]), answer["n_rows"], answer["truncated"]) == (2, 7, True)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("--since", "yesterday"), "since is no date"),
        (("--since", "2025-03-31"), "since is not before the day asked for, 2025-03-31"),
        (("--since", "2025-02-02", "--as-of", "2025-02-01"), "since is not before"),
        (("--as-of", "soon"), "as_of is no date"),
        (("--format", "csv"), "Add --out FOLDER"),
    ],
)
def test_wrong_use_is_exit_code_2(graph: str, given: tuple[str, ...], says: str) -> None:
    result = run("find", "all", "--graph", graph, *given)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())


def test_nothing_loaded_is_exit_code_7(tmp_path: Path) -> None:
    url = f"ladybug:{tmp_path / 'none'}"
    assert run("find", "all", "--graph", url, "--summary-only").exit_code == 7


def test_what_cannot_be_answered_says_why(graph: str, tmp_path: Path) -> None:
    from pathgraph.engine import open_engine

    text = "MATCH (p:Patient) RETURN p.patient_id AS patient_id"
    library = write_library(
        tmp_path / "cypher",
        {
            "asked": (
                (*PATIENTS, "param prefix: text: how ids begin"),
                f"{text.replace('RETURN', 'WHERE p.patient_id STARTS WITH $prefix RETURN')}",
            ),
            "owned": ((*PATIENTS, "needs: plan_owners"), text),
            "people": (PATIENTS, text),
        },
    )
    engine = open_engine(graph)
    rows = {s.finding.id: s.row for s in answer_and_summarise(engine, folder=library)}
    engine.close()
    assert "needs a value for prefix" in rows["asked"]["not_answered"]
    assert "pathgraph find asked --prefix ..." in rows["asked"]["not_answered"]
    assert "plan_owners" in rows["owned"]["not_answered"]
    assert rows["people"]["not_answered"] is None
    assert (rows["people"]["n_patients"], rows["people"]["among"]) == (30, None)
    shown = summary_listing(
        list(rows.values()), {"as_of": "a", "since": "b"}, Format.TABLE, suppress_below=5
    )
    assert shown.rows[0]["rows"] is None
