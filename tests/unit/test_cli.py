"""The command line on real graphs: what goes where, and what every error comes to."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from pathgraph.cli import app
from pathgraph.cli.options import parse_pairs
from pathgraph.cli.output import Listing, chosen_format, write_listing
from pathgraph.errors import UsageError
from pathgraph.ingest.check import MAX_REFUSED_SHARE
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.spec import Finding
from pathgraph.synth.generate import write_region

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("PATHGRAPH_SHARED_DATA") or ROOT.parent / "shared" / "data")
MIMIC_IV = SHARED / "mimic-iv-demo-2.2"
needs_mimic_iv = pytest.mark.skipif(
    not MIMIC_IV.is_dir(), reason=f"The MIMIC-IV demo is not in {SHARED}."
)


def run(*arguments: object, environment: dict[str, str] | None = None) -> Result:
    return CliRunner().invoke(
        app, [str(a) for a in arguments], env={"COLUMNS": "200", **(environment or {})}
    )


def done(*arguments: object) -> str:
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr or result.output
    return result.stdout


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pathgraph", *(str(a) for a in arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("region") / "region"
    write_region(folder, patients=1000, seed=3)
    return folder


@pytest.fixture(scope="module")
def graph(region: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    url = f"ladybug:{tmp_path_factory.mktemp('graph') / 'G'}"
    done("load", "tables", region, "--graph", url)
    return url


def write_tables(folder: Path, **tables: Sequence[str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "dataset.yaml").write_text("timezone: Europe/Oslo\npseudonymous: true\n", "utf-8")
    for name, lines in tables.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return folder


SMALL = {
    "patients": ("patient_id,birth_year", "a,1950", "b,1960"),
    "units": ("unit_id,level", "h,hospital"),
    "contacts": (
        "contact_id,patient_id,unit_id,care_level,started_at,ended_at,urgency",
        "1,a,h,overnight,2025-01-01T10:00:00,2025-01-03T10:00:00,1",
        "2,a,h,overnight,2025-01-10T10:00:00,2025-01-12T10:00:00,1",
    ),
}


# --- load ---------------------------------------------------------------------------------------


def test_load_says_what_was_read_and_keeps_the_answer_apart(region: Path, tmp_path: Path) -> None:
    result = run(
        "load", "tables", region, "--graph", f"ladybug:{tmp_path / 'G'}", "--format", "json"
    )
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    contacts = next(row for row in document["tables"] if row["table"] == "contacts")
    assert contacts["read"] == contacts["accepted"] + contacts["refused"]
    assert contacts["read"] == sum(
        pq.read_metadata(part).num_rows for part in (region / "contacts").iterdir()
    )
    assert document["fingerprint"].startswith("sha256:")
    assert "In service:" in result.stderr


def test_load_options_reach_the_manifest(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "data", **SMALL)
    url = f"ladybug:{tmp_path / 'G'}"
    done("load", "tables", folder, "--graph", url, "--option", "merge_gap_h=4",
         "--option", "acute=1,2")  # fmt: skip
    head = json.loads(done("quality", "--graph", url, "--format", "json"))
    assert head["options"]["merge_gap_h"] == "4"
    assert head["acute"]["codes"] == ["1", "2"]


def test_too_many_refused_rows_stop_a_load_unless_they_are_allowed(tmp_path: Path) -> None:
    contacts = (*SMALL["contacts"], "3,nobody,h,overnight,2025-02-01T10:00:00,,1")
    folder = write_tables(tmp_path / "data", **{**SMALL, "contacts": contacts})
    url = f"ladybug:{tmp_path / 'G'}"
    stopped = run("load", "tables", folder, "--graph", url)
    assert stopped.exit_code == 4
    assert "contacts" in stopped.stderr
    assert "nobody" not in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert run("quality", "--graph", url).exit_code == 7
    document = json.loads(
        done("load", "tables", folder, "--graph", url, "--max-refused", "0.5", "--format", "json")
    )
    assert {r["table"]: r["refused"] for r in document["tables"]}["contacts"] == 1
    assert Path(document["quarantine_file"]).is_file()


def test_the_share_in_the_help_is_the_share_that_is_used() -> None:
    assert f"Default: {MAX_REFUSED_SHARE}." in done("load", "--help").replace("\n", " ")


def test_load_help_lists_the_sources_and_their_options() -> None:
    shown = " ".join(done("load", "--help").split())
    for text in ("Source tables:", "Source mimic-iv:", "Source synthea:", "Option merge_gap_h:"):
        assert text in shown
    assert "EW EMER.,DIRECT EMER.,URGENT" in shown


def test_all_problems_of_all_files_come_at_once(tmp_path: Path) -> None:
    folder = write_tables(
        tmp_path / "data",
        patients=("person", "a"),
        units=("unit_id", "h"),
        contacts=SMALL["contacts"],
    )
    result = run("load", "tables", folder, "--graph", f"ladybug:{tmp_path / 'G'}")
    assert result.exit_code == 3
    assert "patients" in result.stderr
    assert "units" in result.stderr
    assert "problems." in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("nonsense", "."), "There is no source called 'nonsense'"),
        (("tables", ".", "--option", "x"), "--option number 1 is not written NAME=VALUE"),
        (("tables", ".", "--option", "x=1"), "has no option called x"),
        (("tables", ".", "--option", "until=1", "--option", "until=2"), "gives 'until' twice"),
    ],
)
def test_wrong_use_of_load_is_exit_code_2(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    result = run("load", *arguments, "--graph", f"ladybug:{tmp_path / 'G'}")
    assert result.exit_code == 2
    assert says in result.stderr


def test_pairs_keep_equals_signs_in_the_value() -> None:
    assert parse_pairs(["a=b=c", "d="], "--option") == {"a": "b=c", "d": ""}
    with pytest.raises(UsageError, match="number 2") as caught:
        parse_pairs(["a=1", "=secret"], "--option")
    assert "secret" not in str(caught.value)


# --- find ---------------------------------------------------------------------------------------


def test_json_is_one_document_and_nothing_else(graph: str) -> None:
    result = run("find", "readmissions", "--graph", graph, "--format", "json")
    assert result.exit_code == 0, result.stderr
    assert result.stderr == ""
    document = json.loads(result.stdout)
    assert document["finding"] == "readmissions"
    assert document["n_rows"] == len(document["rows"]) > 3
    assert document["truncated"] is False


# What only the asker can say.
PATIENT = ("--patient", "p00000001")
GIVEN = {
    "patient_team": PATIENT,
    "patient_timeline": PATIENT,
    "patient_findings": PATIENT,
    "new_since": ("--since", "2025-06-30"),
    "referral_capacity": ("--capacity-per-year", "100", "--consultations", "200"),
}


@pytest.mark.parametrize("finding", catalogue().values(), ids=lambda finding: finding.id)
def test_every_finding_answers_in_every_format(
    graph: str, tmp_path: Path, finding: Finding
) -> None:
    given = GIVEN.get(finding.id, ())
    columns = [column.name for column in finding.returns]
    for ending in ("json", "csv", "xlsx", "parquet", "txt"):
        file = tmp_path / f"{finding.id}.{ending}"
        # A table of what was not loaded is refused, with its name.
        done("find", finding.id, *given, "--graph", graph, "--out", file)
    document = json.loads((tmp_path / f"{finding.id}.json").read_text("utf-8"))
    n = document["n_rows"]
    text = (tmp_path / f"{finding.id}.csv").read_text("utf-8")
    body = [line for line in text.splitlines(keepends=True) if not line.startswith("# ")]
    rows = list(csv.reader(io.StringIO("".join(body))))
    assert rows[0] == columns
    assert len(rows) == n + 1
    sheet = openpyxl.load_workbook(tmp_path / f"{finding.id}.xlsx")["rows"]
    assert [cell.value for cell in sheet[1]] == columns
    assert sheet.max_row == n + 1
    table = pq.read_table(tmp_path / f"{finding.id}.parquet")
    assert table.num_rows == n
    assert table.column_names[: len(columns)] == columns


def test_a_parameter_is_an_option_or_a_pair(graph: str) -> None:
    def rows(*given: str) -> dict[str, Any]:
        text = done("find", "readmissions", "--graph", graph, "--format", "json", *given)
        document: dict[str, Any] = json.loads(text)
        return document

    by_option, by_pair, default = rows("--max-gap-d", "7"), rows("--param", "max_gap_d=7"), rows()
    assert by_option == by_pair
    assert by_option["parameters"]["max_gap_d"] == 7
    assert 0 < by_option["n_rows"] < default["n_rows"]
    both = run(
        "find", "readmissions", "--graph", graph, "--max-gap-d", "7", "--param", "max_gap_d=8"
    )
    assert both.exit_code == 2
    assert "--max-gap-d and --param max_gap_d=... say the same thing" in both.stderr


def test_a_profile_sets_what_it_sets(graph: str) -> None:
    text = done("find", "readmissions", "--graph", graph, "--profile", "skde", "--format", "json")
    document = json.loads(text)
    profile = catalogue()["readmissions"].profile("skde")
    assert {n: document["parameters"][n] for n in profile.values} == dict(profile.values)
    assert document["profile"] == "skde"


def test_the_help_of_a_finding_shows_its_own_parameters() -> None:
    finding = catalogue()["readmissions"]
    shown = " ".join(
        run("find", "readmissions", "--help", environment={"COLUMNS": "400"}).stdout.split()
    )
    for parameter in finding.parameters:
        assert "--" + parameter.name.replace("_", "-") in shown
        assert parameter.expects.replace("[", "") in shown
    assert "unit d; default 30" in shown
    for profile in finding.profiles:
        assert f"Profile {profile.name}" in shown
    assert "--min-stays" not in shown
    assert "--min-stays" in done("find", "revolving_door", "--help")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("readmission",), "There is no finding called 'readmission'"),
        (("readmissions", "--max-gap-d", "many"), "The value of max_gap_d (in d) does not fit"),
        (("readmissions", "--max-gap-d", "-1"), "at least 0"),
        (("readmissions", "--param", "colour=red"), "has no parameter called 'colour'"),
        (("readmissions", "--profile", "none"), "has no profile called 'none'"),
        (("readmissions", "--as-of", "yesterday"), "Write it as 2026-01-31"),
        (("readmissions", "--limit", "0"), "--limit"),
        (("readmissions", "--out", "x.docx"), "names no format"),
        (("all", "--format", "csv"), "Add --out FOLDER"),
    ],
)
def test_wrong_use_of_find_is_exit_code_2(
    graph: str, arguments: tuple[str, ...], says: str
) -> None:
    result = run("find", *arguments, "--graph", graph)
    assert result.exit_code == 2
    assert says in " ".join(result.stderr.split())
    assert "Traceback" not in result.stderr


def test_all_wrong_values_are_named_at_once(graph: str) -> None:
    result = run("find", "readmissions", "--graph", graph, "--max-gap-d", "x", "--min-gap-h", "y")
    assert result.exit_code == 2
    assert "max_gap_d" in result.stderr
    assert "min_gap_h" in result.stderr


def test_a_network_is_answered_like_a_finding(graph: str) -> None:
    asked = ("find", "shared_patients", "--graph", graph, "--min-patients", "1", "--format", "json")
    answer = json.loads(done(*asked))
    assert answer["finding"] == "shared_patients"
    assert answer["parameters"]["min_patients"] == 1


def test_a_table_is_cut_on_the_screen_and_says_so(graph: str) -> None:
    shown = done("find", "readmissions", "--graph", graph, "--limit", "2")
    n_rows = json.loads(done("find", "readmissions", "--graph", graph, "--format", "json"))[
        "n_rows"
    ]
    assert f"Rows: {n_rows} (2 shown; --limit N shows more)." in shown
    assert "max_gap_d 30" in shown
    assert "Among:" in shown


def test_small_numbers_are_hidden_unless_the_threshold_is_0(graph: str) -> None:
    def asked(*given: object, **environment: str) -> dict[str, Any]:
        result = run("find", "transfers", "--graph", graph, "--format", "json", *given,
                     environment=environment)  # fmt: skip
        assert result.exit_code == 0, result.stderr
        document: dict[str, Any] = json.loads(result.stdout)
        return document

    hidden, shown = asked("--suppress-below", 1000), asked("--suppress-below", 0)
    assert hidden["n_suppressed"] == hidden["n_rows"] > 0
    assert shown["n_suppressed"] == 0
    assert asked(PATHGRAPH_SUPPRESS_BELOW="1000")["n_suppressed"] == hidden["n_suppressed"]
    table = done("find", "transfers", "--graph", graph, "--suppress-below", 1000)
    assert "<1000" in table
    wrong = run(
        "find", "transfers", "--graph", graph, environment={"PATHGRAPH_SUPPRESS_BELOW": "x"}
    )
    assert wrong.exit_code == 2
    assert "PATHGRAPH_SUPPRESS_BELOW" in wrong.stderr


def test_explain_prints_the_cypher_and_the_parameters(graph: str) -> None:
    shown = done("find", "readmissions", "--graph", graph, "--explain", "--max-gap-d", "9")
    assert "// $max_gap_d: 9" in shown
    assert catalogue()["readmissions"].text("ladybug") in shown
    document = json.loads(
        done("find", "readmissions", "--graph", graph, "--explain", "--format", "json")
    )
    assert document["parameters"]["max_gap_d"] == 30
    assert document["cypher"] == catalogue()["readmissions"].text("ladybug")


def test_find_all_answers_every_finding(graph: str, tmp_path: Path) -> None:
    document = json.loads(done("find", "all", "--graph", graph, "--format", "json"))
    assert [answer["finding"] for answer in document["findings"]] == list(catalogue())
    done("find", "all", "--graph", graph, "--format", "parquet", "--out", tmp_path / "answers")
    written = {file.stem for file in (tmp_path / "answers").glob("*.parquet")}
    assert written == {"summary", *(a["finding"] for a in document["findings"] if "rows" in a)}
    shown = done("find", "all", "--graph", graph)
    notes = [line for line in shown.splitlines() if line.startswith("Note: ")]
    assert notes
    assert len(notes) == len(set(notes))
    assert all(finding.title in shown for finding in catalogue().values() if finding.id in written)


def test_a_finding_whose_table_is_missing_names_it(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "data", **SMALL)
    url = f"ladybug:{tmp_path / 'G'}"
    done("load", "tables", folder, "--graph", url)
    result = run("find", "readmissions", "--profile", "fhi_67", "--graph", url)
    assert result.exit_code == 10
    assert "diagnosis_groups" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("command", [("find", "readmissions"), ("find", "all"), ("quality",)])
def test_nothing_loaded_is_exit_code_7(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(*command, "--graph", f"ladybug:{tmp_path / 'G'}")
    assert result.exit_code == 7
    assert "pathgraph load" in result.stderr


def test_the_graph_may_come_from_the_environment(graph: str, tmp_path: Path) -> None:
    result = run("quality", "--format", "json", environment={"PATHGRAPH_GRAPH": graph})
    assert result.exit_code == 0
    elsewhere = {"PATHGRAPH_GRAPH": f"ladybug:{tmp_path / 'none'}"}
    assert run("quality", environment=elsewhere).exit_code == 7
    # What is given goes before what the surroundings say.
    assert run("quality", "--graph", graph, environment=elsewhere).exit_code == 0


def test_an_unwritable_file_is_exit_code_8(graph: str, tmp_path: Path) -> None:
    out = tmp_path / "missing" / "answer.json"
    result = run("find", "readmissions", "--graph", graph, "--out", out)
    assert result.exit_code == 8
    assert "could not be written" in result.stderr


@pytest.mark.parametrize(
    "url", ["nonsense", "ladybug:", "http://localhost", "neo4j://somebody:secret@localhost"]
)
def test_an_address_of_no_known_kind_is_exit_code_2_and_shows_no_password(url: str) -> None:
    result = run("find", "readmissions", "--graph", url)
    assert result.exit_code == 2
    assert "secret" not in result.stderr


def test_a_server_that_does_not_answer_is_exit_code_5() -> None:
    result = run("quality", "--graph", "bolt://127.0.0.1:9")
    assert result.exit_code == 5
    assert "Traceback" not in result.stderr


# --- looking ------------------------------------------------------------------------------------


def test_findings_lists_the_library() -> None:
    rows = json.loads(done("findings", "--format", "json"))["findings"]
    assert [row["id"] for row in rows] == list(catalogue())
    shown = done("findings")
    assert all(finding.question[:40] in shown for finding in catalogue().values())


def test_quality_shows_what_was_refused_by_reason(tmp_path: Path) -> None:
    contacts = (
        *SMALL["contacts"],
        "3,a,h,outpatient,2025-02-01T10:00:00,2025-01-01T10:00:00,1",
    )
    folder = write_tables(tmp_path / "data", **{**SMALL, "contacts": contacts})
    url = f"ladybug:{tmp_path / 'G'}"
    done("load", "tables", folder, "--graph", url, "--max-refused", "1")
    rows = list(csv.DictReader(io.StringIO(done("quality", "--graph", url, "--format", "csv"))))
    counted = {(r["table"], r["count"], r["detail"]): int(r["n"]) for r in rows if r["month"] != ""}
    assert counted["contacts", "refused", "end_before_start"] == 1
    shown = done("quality", "--graph", url)
    assert "end_before_start" in shown
    assert "2025-01" not in shown
    assert "2025-01" in done("quality", "--graph", url, "--by-month")


def test_model_has_every_type_and_property() -> None:
    rows = json.loads(done("model", "--format", "json"))["model"]
    assert {"Patient", "Stay", "NEXT_STAY"} <= {row["type"] for row in rows}
    gap = [r for r in rows if r["type"] == "NEXT_STAY" and r["property"] == "gap_s"]
    assert [r["unit"] for r in gap] == ["s"]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet", "json", "txt"])
def test_a_listing_can_be_written_in_every_format(tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"model.{ending}"
    done("model", "--out", out)
    assert out.stat().st_size > 100


def test_a_text_in_a_listing_never_becomes_a_formula(tmp_path: Path) -> None:
    listing = Listing("rows", "Rows", [{"name": "=1+1", "n": -1, "more": {"a": 1}, "none": None}])
    for ending in ("csv", "xlsx"):
        out = tmp_path / f"x.{ending}"
        write_listing(listing, chosen_format(None, out), out)
    assert (tmp_path / "x.csv").read_text("utf-8").splitlines()[1] == '\'=1+1,-1,"{""a"": 1}",'
    cell = openpyxl.load_workbook(tmp_path / "x.xlsx")["rows"]["A2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_version_says_the_same_twice() -> None:
    from pathgraph import __version__

    versions = json.loads(done("version", "--format", "json"))["versions"]
    assert {"name": "pathgraph", "version": __version__} in versions
    assert done("--version").strip() == __version__


# --- snapshots ----------------------------------------------------------------------------------


def test_snapshots_are_listed_and_one_can_go_back(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "data", **SMALL)
    url = f"ladybug:{tmp_path / 'G'}"
    for patient in ("b,1960", "b,1961"):
        write_tables(folder, **{**SMALL, "patients": (*SMALL["patients"][:2], patient)})
        done("load", "tables", folder, "--graph", url)

    def listed(*words: str) -> list[dict[str, Any]]:
        text = done("snapshots", *words, "--graph", url, "--format", "json")
        rows: list[dict[str, Any]] = json.loads(text)["snapshots"]
        return rows

    new, old = listed()
    assert (new["is_in_service"], old["is_in_service"]) == (True, False)
    assert new["fingerprint"] != old["fingerprint"]
    assert listed("list") == [new, old]
    back = run("snapshots", "back", old["id"], "--graph", url)
    assert back.exit_code == 0, back.stderr
    served = json.loads(done("quality", "--graph", url, "--format", "json"))
    assert served["load_id"] == old["id"]
    assert run("snapshots", "back", "nonsense", "--graph", url).exit_code == 2


def test_neo4j_has_no_snapshots() -> None:
    result = run("snapshots", "--graph", "bolt://127.0.0.1:9")
    assert result.exit_code == 2
    assert "keeps snapshots" in result.stderr


# --- export -------------------------------------------------------------------------------------


def test_export_writes_the_files_of_the_bulk_importer(tmp_path: Path) -> None:
    folder = write_tables(tmp_path / "data", **SMALL)
    result = run("export", "neo4j-import", "tables", folder, "--out", tmp_path / "import")
    assert result.exit_code == 0, result.stderr
    assert "import.sh" in result.stdout
    assert "database import full" in (tmp_path / "import" / "import.sh").read_text("utf-8")
    assert [f.name for f in (tmp_path / "import").glob(".working-*")] == []
    assert any("Patient" in file.name for file in (tmp_path / "import").rglob("*"))


def test_export_refuses_what_load_refuses(tmp_path: Path) -> None:
    result = run("export", "neo4j-import", "tables", tmp_path / "none", "--out", tmp_path / "o")
    assert result.exit_code == 3
    result = run("export", "neo4j-import", "nonsense", tmp_path, "--out", tmp_path / "o")
    assert result.exit_code == 2


# --- demo ---------------------------------------------------------------------------------------


def test_demo_loads_a_generated_region_and_prints_every_finding(tmp_path: Path) -> None:
    shown = run("demo", "--graph", f"ladybug:{tmp_path / 'G'}", "--patients", "1000")
    assert shown.exit_code == 0, shown.stderr
    answered = [finding for finding in catalogue().values() if finding.id not in GIVEN]
    assert all(finding.title in shown.stdout for finding in answered)
    assert "pathgraph find readmissions --graph" in shown.stderr


@needs_mimic_iv
def test_the_mimic_iv_demo_gives_the_counts_that_were_made_independently(tmp_path: Path) -> None:
    url = f"ladybug:{tmp_path / 'G'}"
    shown = run("demo", "--graph", url, "--mimic-iv", MIMIC_IV)
    assert shown.exit_code == 0, shown.stderr
    text = done("find", "readmissions", "--graph", url, "--format", "json")
    readmissions = json.loads(text)
    assert readmissions["n_rows"] == 27
    assert len({row["patient_id"] for row in readmissions["rows"]}) == 17
    text = done("find", "revolving_door", "--graph", url, "--format", "json")
    assert json.loads(text)["n_rows"] == 12


@needs_mimic_iv
def test_the_same_commands_give_identical_rows_on_neo4j(
    tmp_path: Path, empty_neo4j_url: str
) -> None:
    answers = []
    for url in (f"ladybug:{tmp_path / 'G'}", empty_neo4j_url):
        loaded = run("load", "mimic-iv", MIMIC_IV, "--graph", url)
        assert loaded.exit_code == 0, loaded.stderr
        text = done("find", "all", "--graph", url, "--format", "json")
        answers.append(json.loads(text)["findings"])
    on_ladybug, on_neo4j = answers
    assert [a["finding"] for a in on_neo4j] == list(catalogue())
    for one, other in zip(on_ladybug, on_neo4j, strict=True):
        assert one.get("error") == other.get("error"), one["finding"]
        if "error" in one:
            continue
        assert one["rows"] == other["rows"], one["finding"]
        assert one["among"] == other["among"]
        assert one["data"]["fingerprint"] == other["data"]["fingerprint"]


# --- as a process of its own --------------------------------------------------------------------


def test_progress_is_quiet_where_standard_error_is_no_terminal(
    region: Path, tmp_path: Path
) -> None:
    ran = process(
        "load", "tables", region, "--graph", f"ladybug:{tmp_path / 'G'}", "--format", "json"
    )
    assert ran.returncode == 0, ran.stderr
    json.loads(ran.stdout)
    assert "\x1b" not in ran.stderr
    assert "reading" not in ran.stderr


def test_progress_shows_steps_on_a_terminal_and_not_on_standard_output(
    region: Path, tmp_path: Path
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "pathgraph", "load", "tables", str(region)]
    with subprocess.Popen(
        [*command, "--graph", f"ladybug:{tmp_path / 'G'}", "--format", "json"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), "TERM": "xterm", "COLUMNS": "150"},
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as child:
        os.close(theirs)
        seen = b""
        while True:
            try:
                part = os.read(ours, 4096)
            except OSError:  # Linux says so when the other end is closed.
                break
            if not part:
                break
            seen += part
        assert child.stdout is not None
        answer = child.stdout.read()
    os.close(ours)
    json.loads(answer)
    text = seen.decode()
    assert "reading" in text
    assert "rows/s" in text or "types/s" in text
    assert b"\x1b" not in answer


def test_a_fault_is_one_line_without_the_values_of_its_exception(tmp_path: Path) -> None:
    script = (
        "import pathgraph.cli.looking as l\n"
        "def broken(*a, **k): raise ZeroDivisionError('the value 4711')\n"
        "l.model_rows = broken\n"
        "import sys; sys.argv = ['pathgraph', 'model']\n"
        "from pathgraph.cli import main; main()\n"
    )

    def ran(**environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    quiet = ran()
    assert quiet.returncode == 1
    assert "This is a fault in pathgraph" in quiet.stderr
    assert "ZeroDivisionError" in quiet.stderr
    assert "4711" not in quiet.stderr
    assert "4711" in ran(PATHGRAPH_TRACEBACK="1").stderr


def test_a_reader_that_has_enough_hears_no_complaint() -> None:
    # `true` is gone long before the answer comes.
    ran = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m pathgraph model --format json | true"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="This system has no full device.")
def test_a_full_disk_behind_standard_output_is_exit_code_8() -> None:
    with open("/dev/full", "wb") as full:
        ran = subprocess.run(
            [sys.executable, "-m", "pathgraph", "model", "--format", "json"],
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ran.returncode == 8
    assert "Standard output could not be written" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        ("pathgraph find readm", "readmissions"),
        ("pathgraph load syn", "synthea"),
        ("pathgraph find readmissions --max-", "--max-gap-d"),
        ("pathgraph find readmissions --profile sk", "skde"),
        ("pathgraph snap", "snapshots"),
    ],
)
def test_completion_offers_findings_sources_options_and_profiles(words: str, offers: str) -> None:
    ran = process(
        _PATHGRAPH_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split()) - 1),
    )
    assert offers in ran.stdout.split()


def test_help_is_there_for_every_command() -> None:
    for words in ((), ("load",), ("find",), ("findings",), ("quality",), ("snapshots",),
                  ("snapshots", "back"), ("export",), ("export", "neo4j-import"), ("model",),
                  ("version",), ("demo",), ("find", "all"), ("compare",), ("score",)):  # fmt: skip
        assert "Usage: pathgraph" in " ".join(done(*words, "--help").split())
