"""``pathgraph compare``: what became of a finding's rows, and what two days must not tell."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

import pathgraph
from pathgraph.cli import app
from pathgraph.engine import open_engine
from pathgraph.engine.base import Engine
from pathgraph.errors import UsageError
from pathgraph.queries.compare import compare
from pathgraph.queries.result import Result as Answer
from tests.findings.library_folder import write_library

HEAD = "contact_id,patient_id,unit_id,care_level,started_at,ended_at,urgency"
# The days compared: 20 and 30 May; 10 May and 30 April are the first two days checked before.
STAYS = {
    # patient: (unit, days on which a stay begins and ends)
    "new": ("a", [("05-25", None)]),
    "still": ("a", [("05-15", None)]),
    "resolved": ("a", [("05-15", "05-22")]),
    "reopened": ("a", [("05-05", "05-12"), ("05-25", None)]),
    "between": ("a", [("05-22", "05-26")]),
    "earlier": ("a", [("04-25", "05-05"), ("05-25", None)]),
    "long-ago": ("a", [("03-01", "03-05"), ("05-25", None)]),
    # Six people in b on both days; in c six and then eight; in d twenty and then ten.
    **{f"b{n}": ("b", [("05-01", None)]) for n in range(6)},
    **{f"c{n}": ("c", [("05-01", None)]) for n in range(6)},
    **{f"cc{n}": ("c", [("05-25", None)]) for n in range(2)},
    **{f"d{n}": ("d", [("05-01", None if n < 10 else "05-25")]) for n in range(20)},
    **{f"e{n}": ("e", [("05-25", None)]) for n in range(7)},
    **{f"f{n}": ("f", [("05-25", None)]) for n in range(3)},
}
IN_HOSPITAL = (
    (
        "param unit: text, default a: which unit",
        "returns n_stays: count: stays so far",
        "returns patient_id: id: the patient",
        "returns stay_id: id: the stay",
        "key: n_stays, patient_id",
        "needs: contacts",
    ),
    """MATCH (p:Patient)-[:HAD_STAY]->(t:Stay)
WHERE t.started_s < $as_of_s
WITH p, count(t) AS n_stays
MATCH (p)-[:HAD_STAY]->(s:Stay)-[:ADMITTED_TO]->(u:Unit)
WHERE u.unit_id = $unit AND s.started_s < $as_of_s
  AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
RETURN n_stays AS n_stays, p.patient_id AS patient_id, s.stay_id AS stay_id""",
)
BY_UNIT = (
    (
        "returns unit_id: unit: the unit",
        "returns name: text: its name",
        "returns n_patients: persons: people in",
        "returns n_stays: count: their stays",
        "returns share: share: nothing much",
        "key: unit_id",
        "among: seen",
        "needs: contacts",
    ),
    """MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)-[:ADMITTED_TO]->(u:Unit)
WHERE s.started_s < $as_of_s AND (s.ended_s IS NULL OR s.ended_s >= $as_of_s)
RETURN u.unit_id AS unit_id, u.name AS name, count(DISTINCT p.patient_id) AS n_patients,
       count(s) AS n_stays, 1.0 * count(s) / 100 AS share""",
)
SEEN = (
    ("returns n: persons: people seen", "needs: contacts"),
    """MATCH (p:Patient)-[:HAD_STAY]->(s:Stay)
WHERE s.started_s < $as_of_s
RETURN count(DISTINCT p.patient_id) AS n""",
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "250"})


def contacts() -> Iterator[str]:
    yield HEAD
    for patient, (unit, stays) in STAYS.items():
        for place, (start, end) in enumerate(stays):
            ended = f"2025-{end}T10:00:00" if end else ""
            yield (f"{patient}-{place},{patient},{unit},overnight,2025-{start}T10:00:00,{ended},1")
    yield "last,still,a,outpatient,2025-05-30T08:00:00,2025-05-30T09:00:00,4"


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("compared")
    (folder / "dataset.yaml").write_text("timezone: Europe/Oslo\npseudonymous: true\n", "utf-8")
    tables: dict[str, Sequence[str]] = {
        "patients": ["patient_id,birth_year", *(f"{patient},1950" for patient in STAYS)],
        "units": ["unit_id,name,level", *(f"{u},Unit {u},hospital" for u in "abcdef")],
        "contacts": list(contacts()),
    }
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    url = f"ladybug:{folder / 'G'}"
    loaded = run("load", "tables", folder, "--graph", url)
    assert loaded.exit_code == 0, loaded.stderr
    return url


@pytest.fixture(scope="module")
def engine(graph: str) -> Iterator[Engine]:
    opened = open_engine(graph)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    findings = {"in_hospital": IN_HOSPITAL, "by_unit": BY_UNIT}
    return write_library(folder / "cypher", findings, among={"seen": SEEN})


DAYS: dict[str, Any] = {"from_day": "2025-05-20", "to_day": "2025-05-30"}


def changes(answer: Answer) -> dict[str, str]:
    return {row["patient_id"]: row["change"] for row in answer.table.to_pylist()}


def by_unit(engine: Engine, library: Path, **asked: Any) -> dict[str, dict[str, Any]]:
    answer = compare(engine, "by_unit", folder=library, **{**DAYS, **asked})
    return {row["unit_id"]: row for row in answer.document()["rows"]}


# --- patient-level ------------------------------------------------------------------------------


def test_new_still_open_resolved_reopened(engine: Engine, library: Path) -> None:
    answer = compare(engine, "in_hospital", folder=library, **DAYS)
    assert changes(answer) == {
        "new": "new",
        "long-ago": "new",  # in hospital in March, on none of the days that were checked
        "reopened": "reopened",  # in on 10 May
        "earlier": "reopened",  # in on 30 April
        "still": "still_open",
        "resolved": "resolved",
    }
    assert answer.manifest["changes"] == {
        "new": 2, "reopened": 2, "still_open": 1, "resolved": 1,
    }  # fmt: skip
    assert answer.manifest["checked"] == ["2025-05-10", "2025-04-30", "2025-04-20"]
    # Listed by change; resolved rows are those of the earlier day, others those of the later.
    rows = {row["patient_id"]: row for row in answer.table.to_pylist()}
    assert [row["change"] for row in answer.table.to_pylist()] == [
        "new", "new", "reopened", "reopened", "still_open", "resolved",
    ]  # fmt: skip
    assert rows["reopened"]["stay_id"] == "reopened-1"
    assert rows["resolved"]["stay_id"] == "resolved-0"


@pytest.mark.parametrize(
    ("checks", "reopened"), [(0, set()), (1, {"reopened"}), (2, {"reopened", "earlier"})]
)
def test_how_far_back_is_checked(
    engine: Engine, library: Path, checks: int, reopened: set[str]
) -> None:
    answer = compare(engine, "in_hospital", folder=library, checks=checks, **DAYS)
    assert {p for p, change in changes(answer).items() if change == "reopened"} == reopened
    assert len(answer.manifest["checked"]) == checks


def test_a_row_is_known_by_what_names_it(engine: Engine, library: Path) -> None:
    # A second stay of a patient who is still in changes the tally in the key, not the row.
    answer = compare(
        engine, "in_hospital", folder=library, from_day="2025-05-10", to_day="2025-05-30"
    )
    assert changes(answer)["reopened"] == "still_open"


def test_parameters_are_passed_on(engine: Engine, library: Path) -> None:
    answer = compare(engine, "in_hospital", {"unit": "d"}, folder=library, **DAYS)
    assert answer.manifest["changes"] == {
        "new": 0, "reopened": 0, "still_open": 10, "resolved": 10,
    }  # fmt: skip
    assert answer.manifest["from"]["parameters"] == {"unit": "d"}


def test_nothing_new_needs_no_earlier_day(engine: Engine, library: Path) -> None:
    answer = compare(engine, "in_hospital", {"unit": "d"}, folder=library, **DAYS)
    assert answer.manifest["checked"] == []


def test_both_manifests_are_carried(engine: Engine, library: Path) -> None:
    answer = compare(engine, "in_hospital", folder=library, **DAYS)
    manifest = answer.manifest
    assert (manifest["from"]["as_of"], manifest["to"]["as_of"]) == ("2025-05-20", "2025-05-30")
    assert (manifest["from"]["n_rows"], manifest["to"]["n_rows"]) == (2, 5)
    assert manifest["as_of"] == "2025-05-30"
    assert [c["name"] for c in manifest["columns"]] == answer.table.column_names
    assert answer.frame["change"].tolist()[0] == "new"


def test_a_limit_cuts_rows_and_not_counts(engine: Engine, library: Path) -> None:
    answer = compare(engine, "in_hospital", folder=library, limit=1, **DAYS)
    assert (len(answer), answer.manifest["n_rows"], answer.manifest["truncated"]) == (1, 6, True)


# --- groups -------------------------------------------------------------------------------------


def test_groups_have_the_measures_of_both_days(engine: Engine, library: Path) -> None:
    rows = by_unit(engine, library, suppress_below=0)
    assert rows["d"] == {
        "change": "still_open", "unit_id": "d", "name": "Unit d", "n_patients_from": 20,
        "n_patients_to": 10, "n_stays_from": 20, "n_stays_to": 10, "share_from": 0.2,
        "share_to": 0.1,
    }  # fmt: skip
    assert (rows["c"]["n_patients_from"], rows["c"]["n_patients_to"]) == (6, 8)
    assert rows["e"]["change"] == "new"
    # Where the earlier day has no row nobody was counted, and nothing is known of a share.
    assert (rows["e"]["n_patients_from"], rows["e"]["share_from"]) == (0, None)
    assert rows["e"]["name"] == "Unit e"


def test_a_number_that_changed_by_few_people_is_hidden_on_both_days(
    engine: Engine, library: Path
) -> None:
    rows = by_unit(engine, library)
    measures = [f"{name}_{day}" for name in ("n_patients", "n_stays", "share")
                for day in ("from", "to")]  # fmt: skip
    # Six and then eight: the two would be known by the difference.
    assert [rows["c"][name] for name in measures] == [None] * 6
    assert set(rows["c"]["suppressed"]) == set(measures)
    assert (rows["d"]["n_patients_from"], rows["d"]["n_patients_to"]) == (20, 10)
    assert (rows["e"]["n_patients_from"], rows["e"]["n_patients_to"]) == (0, 7)
    # Nobody is about nobody, and is shown.
    assert (rows["f"]["n_patients_from"], rows["f"]["n_patients_to"]) == (0, None)


def test_a_hidden_number_does_not_follow_from_the_total(engine: Engine, library: Path) -> None:
    # In a there were 2 people and then 5; with c alone hidden the total of the later day, which
    # another finding shows, would give c away; so at least two are hidden on each day.
    rows = by_unit(engine, library)
    for day in ("from", "to"):
        hidden = [u for u, row in rows.items() if row[f"n_patients_{day}"] is None]
        assert len(hidden) >= 2, day


def test_denominators_that_tell_few_people_are_hidden(engine: Engine, library: Path) -> None:
    near = {"from_day": "2025-05-23", "to_day": "2025-05-24"}
    answer = compare(engine, "by_unit", folder=library, **near)
    assert answer.manifest["among"] == answer.manifest["from"]["among"]
    # 21 to 22 May brings one person more.
    near = {"from_day": "2025-05-21", "to_day": "2025-05-22"}
    answer = compare(engine, "by_unit", folder=library, **near)
    assert answer.manifest["among"] is None
    assert answer.manifest["from"]["among"] is None
    assert answer.manifest["to"]["among_suppressed"] is True
    shown = compare(engine, "by_unit", folder=library, suppress_below=0, **near)
    assert shown.manifest["to"]["among"] == shown.manifest["from"]["among"] + 1


def test_nothing_on_either_day(engine: Engine, library: Path) -> None:
    for finding in ("in_hospital", "by_unit"):
        answer = compare(
            engine, finding, folder=library, from_day="2024-01-01", to_day="2024-02-01"
        )
        assert len(answer) == 0
        assert answer.manifest["changes"] == {
            "new": 0, "reopened": 0, "still_open": 0, "resolved": 0,
        }  # fmt: skip


# --- the command line and Python ----------------------------------------------------------------


def test_the_command_writes_every_format(graph: str, tmp_path: Path) -> None:
    given = ("compare", "transfers", "--from", "2025-05-01", "--to", "2025-05-30", "--graph", graph)
    shown = run(*given).stdout
    assert "changes from 2025-05-01 to 2025-05-30" in shown
    assert "Compared with 2025-05-01: new 1," in shown
    document = json.loads(run(*given, "--format", "json").stdout)
    assert document["changes"]["new"] == len(document["rows"]) == 1
    assert document["rows"][0]["suppressed"]
    for ending in ("csv", "xlsx", "parquet"):
        assert run(*given, "--out", tmp_path / f"c.{ending}").exit_code == 0
    assert pq.read_table(tmp_path / "c.parquet").column_names[0] == "change"
    assert "# from.as_of: 2025-05-01" in (tmp_path / "c.csv").read_text("utf-8")


def test_the_later_day_is_by_default_that_of_the_last_contact(graph: str) -> None:
    given = ("compare", "readmission_index", "--from", "2025-05-20", "--graph", graph)
    document = json.loads(run(*given, "--format", "json").stdout)
    assert document["as_of"] == "2025-05-30"
    assert document["changes"]["resolved"] == 0


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("readmissions", "--from", "x"), "from is no date"),
        (("readmissions", "--from", "2025-05-30", "--to", "2025-05-30"), "not before the later"),
        (("readmissions", "--from", "2025-05-31"), "not before the later one, 2025-05-30"),
        (("readmissions", "--from", "2025-05-01", "--checks", "25"), "from 0 to 24"),
        (("readmissions", "--from", "2025-05-01", "--param", "colour=red"), "no parameter called"),
        (("readmissions", "--from", "2025-05-01", "--profile", "x"), "no profile called"),
        (("readmission", "--from", "2025-05-01"), "There is no finding called 'readmission'"),
        (("readmissions",), "--from"),
    ],
)
def test_wrong_use_is_exit_code_2(graph: str, given: tuple[str, ...], says: str) -> None:
    result = run("compare", *given, "--graph", graph)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert "magenta" not in result.stderr


def test_all_that_does_not_fit_comes_at_once(engine: Engine) -> None:
    with pytest.raises(UsageError) as caught:
        compare(engine, "readmissions", from_day="x", checks=-1, suppress_below=-1, limit=-1)
    assert len(str(caught.value).splitlines()) == 4


def test_the_first_of_all_days_ends_the_checks(engine: Engine, library: Path) -> None:
    answer = compare(engine, "in_hospital", folder=library, from_day=date(1000, 1, 1), checks=3)
    assert answer.manifest["checked"] == []
    assert answer.manifest["changes"]["new"] == 5


def test_the_python_door_gives_the_same(graph: str) -> None:
    with pathgraph.open(graph) as opened:
        answer = opened.compare(
            "readmission_index", from_day=date(2025, 5, 1), to_day="2025-05-30", max_gap_d=7
        )
        assert answer.manifest["parameters"]["max_gap_d"] == 7
        assert set(answer.frame["change"]) == {"new", "still_open"}
        with pytest.raises(UsageError):
            opened.compare("readmission_index", from_day="2025-06-01")
