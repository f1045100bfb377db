"""``pathgraph score``: findings against an answer key, and all that can be wrong with one."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

import pathgraph
from pathgraph.cli import app
from pathgraph.errors import InputError, TableNotLoadedError
from pathgraph.queries.answer_key import cell_of
from pathgraph.queries.catalogue import catalogue
from pathgraph.queries.planted_effects import EffectKey, score_effects
from pathgraph.queries.spec import Kind, Return

HEAD = "contact_id,patient_id,unit_id,care_level,started_at,ended_at,urgency"
TABLES = {
    "patients": ("patient_id,birth_year", "a,1950", "b,1960", "c,1970"),
    "units": ("unit_id,level", "h,hospital", "k,hospital"),
    "contacts": (
        HEAD,
        "a1,a,h,overnight,2025-01-01T10:00:00,2025-01-03T10:00:00,1",
        "a2,a,h,overnight,2025-01-10T10:00:00,2025-01-12T10:00:00,1",
        "a3,a,h,overnight,2025-02-10T10:00:00,2025-02-12T10:00:00,1",
        "b1,b,h,overnight,2025-01-01T10:00:00,2025-01-03T10:00:00,1",
        "b2,b,k,overnight,2025-02-02T10:01:00,2025-02-03T10:00:00,1",
        "c1,c,h,overnight,2025-01-01T10:00:00,2025-01-03T10:00:00,1",
        "c2,c,k,overnight,2025-01-20T10:00:00,2025-01-21T10:00:00,1",
    ),
}
# Of these a1-a2, a2-a3 and c1-c2 are readmissions (a2-a3 after 29 days).
READMISSIONS = (
    "patient_id,index_stay_id,readmission_stay_id,as_of",
    "a,a1,a2,2025-03-01",
    "a,a2,a3,2025-03-01",
    "c,c1,c2,2025-03-01",
)
NEAR = (
    "patient_id,index_stay_id,readmission_stay_id,as_of,near_miss",
    "b,b1,b2,2025-03-01,thirty_days_and_a_minute",
    "c,,,2025-03-01,not_in_the_key_yet",
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200"})


def write(folder: Path, files: dict[str, Sequence[str]]) -> Path:
    for name, lines in files.items():
        path = folder / f"{name}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n", "utf-8")
    return folder


def region(folder: Path, **tables: Sequence[str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "dataset.yaml").write_text("timezone: Europe/Oslo\npseudonymous: true\n", "utf-8")
    return write(folder, {**TABLES, **tables})


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("scored")
    url = f"ladybug:{folder / 'G'}"
    loaded = run("load", "tables", region(folder / "region"), "--graph", url)
    assert loaded.exit_code == 0, loaded.stderr
    return url


def key_folder(folder: Path, **files: Sequence[str]) -> Path:
    """Return a folder of the region's tables with an answer key."""
    region(folder / "R")
    return write(folder / "R" / "answer_key", files)


def scored(graph: str, folder: Path, *given: object) -> dict[str, Any]:
    result = run("score", folder / "R", "--graph", graph, "--format", "json", *given)
    assert result.exit_code == 0, result.stderr
    document: dict[str, Any] = json.loads(result.stdout)
    return document


def refused(graph: str, folder: Path) -> str:
    result = run("score", folder, "--graph", graph)
    assert result.exit_code == 3, result.output
    assert result.stdout == ""
    return " ".join(result.stderr.split())


def test_what_is_all_found_is_perfect(graph: str, tmp_path: Path) -> None:
    key_folder(tmp_path, **{"readmissions": READMISSIONS, "near_misses/readmissions": NEAR[:2]})
    document = scored(graph, tmp_path, "--require-perfect")
    (row,) = document["score"]
    assert row == {
        "finding": "readmissions", "as_of": "2025-03-01", "planted": 3, "found": 3, "both": 3,
        "precision": 1.0, "recall": 1.0, "n_near_misses": 1, "n_near_misses_found": 0,
        "near_misses": [{"near_miss": "thirty_days_and_a_minute", "n": 1, "n_found": 0}],
    }  # fmt: skip
    assert document["is_perfect"] is True
    assert "generated data only" in document["note"]


def test_precision_and_recall_and_near_misses_by_word(graph: str, tmp_path: Path) -> None:
    # One of three found rows is not in the key, one row of the key is not found.
    lines = (*READMISSIONS[:3], "b,b1,b2,2025-03-01", "b,b2,b1,2025-03-01")
    key_folder(tmp_path, **{"readmissions": lines, "near_misses/readmissions": (NEAR[0], NEAR[2])})
    (row,) = scored(graph, tmp_path)["score"]
    assert (row["planted"], row["found"], row["both"]) == (4, 3, 2)
    assert (row["precision"], row["recall"]) == (pytest.approx(2 / 3), 0.5)
    # A near miss is found by the cells that it fills.
    assert row["near_misses"] == [{"near_miss": "not_in_the_key_yet", "n": 1, "n_found": 1}]


def test_an_open_near_miss_of_a_patient_with_a_planted_row_is_not_found(
    graph: str, tmp_path: Path
) -> None:
    key_folder(tmp_path, **{"readmissions": READMISSIONS, "near_misses/readmissions": NEAR})
    (row,) = scored(graph, tmp_path)["score"]
    assert row["n_near_misses_found"] == 0


def test_the_table_has_counts_and_no_ids_and_the_differences_have_them(
    graph: str, tmp_path: Path
) -> None:
    lines = (*READMISSIONS[:3], "b,b1,b2,2025-03-01")
    key_folder(tmp_path, **{"readmissions": lines})
    out = tmp_path / "differences.csv"
    given = ("score", tmp_path / "R", "--graph", graph, "--require-perfect", "--differences", out)
    result = run(*given)
    assert result.exit_code == 1
    assert "Not perfect: readmissions" in result.stderr
    shown = result.stdout + result.stderr
    assert "0.6666" in shown
    assert not any(id_ in shown for id_ in ("a1", "b1", "c1"))
    rows = list(csv.DictReader(io.StringIO(out.read_text("utf-8"))))
    assert [(r["difference"], json.loads(r["row"])["index_stay_id"]) for r in rows] == [
        ("missed", "b1"), ("not_planted", "c1"),
    ]  # fmt: skip


def test_without_the_flag_imperfect_is_no_failure(graph: str, tmp_path: Path) -> None:
    key_folder(tmp_path, readmissions=READMISSIONS[:2])
    assert scored(graph, tmp_path)["is_perfect"] is False


def test_a_key_is_asked_as_of_its_own_day(graph: str, tmp_path: Path) -> None:
    early = (READMISSIONS[0], "a,a1,a2,2025-01-15")
    key_folder(tmp_path, readmissions=early)
    (row,) = scored(graph, tmp_path, "--require-perfect")["score"]
    assert (row["as_of"], row["found"]) == ("2025-01-15", 1)


def test_rows_that_agree_in_the_keys_columns_are_one(graph: str, tmp_path: Path) -> None:
    patients = ("patient_id,as_of", "a,2025-03-01", "c,2025-03-01")
    key_folder(tmp_path, readmissions=patients)
    (row,) = scored(graph, tmp_path, "--require-perfect")["score"]
    assert (row["planted"], row["found"], row["both"]) == (2, 2, 2)


def test_numbers_booleans_and_lists_are_compared_as_values(graph: str, tmp_path: Path) -> None:
    rows = (
        "patient_id,n_stays,is_current,stays,gaps_h,as_of",
        'a,3,true,"[""a1"",""a2"",""a3""]","[168.0, 696]",2025-03-01',
    )
    key_folder(tmp_path, revolving_door=rows)
    (row,) = scored(graph, tmp_path, "--require-perfect")["score"]
    assert row["both"] == 1


def test_a_small_group_is_compared_unsuppressed(graph: str, tmp_path: Path) -> None:
    rows = (
        "from_unit,to_unit,n_transfers,n_patients,as_of",
        "h,h,2,1,2025-03-01",
        "h,k,2,2,2025-03-01",
    )
    key_folder(tmp_path, transfers=rows)
    scored(graph, tmp_path, "--require-perfect")


def test_nothing_planted_beside_near_misses_is_not_scored(graph: str, tmp_path: Path) -> None:
    key_folder(tmp_path, **{"near_misses/readmissions": NEAR[:2]})
    (row,) = scored(graph, tmp_path, "--require-perfect")["score"]
    assert (row["planted"], row["both"], row["precision"], row["recall"]) == (None,) * 4
    assert (row["found"], row["n_near_misses_found"]) == (3, 0)


def test_a_near_miss_that_is_found_is_not_perfect(graph: str, tmp_path: Path) -> None:
    found = (NEAR[0], "a,a1,a2,2025-03-01,planted_by_mistake")
    key_folder(tmp_path, **{"near_misses/readmissions": found})
    result = run("score", tmp_path / "R", "--graph", graph, "--require-perfect")
    assert result.exit_code == 1
    assert "planted_by_mistake" in result.stdout


def test_later_keys_are_named_and_left_out(graph: str, tmp_path: Path) -> None:
    key_folder(tmp_path, **{"readmissions": READMISSIONS, "later/contact_points": ("x", "1")})
    assert scored(graph, tmp_path)["later"] == ["contact_points"]
    shown = run("score", tmp_path / "R", "--graph", graph)
    assert "contact_points" in shown.stderr


def test_all_that_is_wrong_with_a_key_comes_at_once(graph: str, tmp_path: Path) -> None:
    key_folder(
        tmp_path,
        **{
            "nonsense": ("patient_id,as_of", "a,2025-03-01"),
            "readmissions": ("patient_id,colour,as_of", "a,magenta,2025-03-01"),
            "readmission_index": ("stay_id", "a1"),
            "readmission_rates": ("as_of", "2025-03-01"),
            "revolving_door": (
                "patient_id,n_stays,is_current,stays,as_of",
                "a,x1,perhaps,a1,2025-03-01",
                "b,1,true,[],2025-03-02",
                "c,1",
                ",,,,2025-03-01",
            ),
            "transfers": ("from_unit,to_unit,as_of",),
            "unit_moves": ("from_unit,as_of", "h,yesterday"),
        },
    )
    said = refused(graph, tmp_path / "R")
    for sentence in (
        "there is no finding called 'nonsense'",
        "readmissions has no column colour",
        "readmission_index.csv lacks the column as_of",
        "readmission_rates.csv has no column of readmission_rates",
        "line 2, column n_stays: it must be a number",
        "line 2, column is_current: it must be true or false",
        "line 2, column stays: it must be a JSON list",
        "line 4 has 2 cells, not 5",
        "line 5 names nothing",
        "revolving_door.csv has 2 different dates",
        "transfers.csv has 0 different dates",
        "unit_moves.csv: as_of is no date",
    ):
        assert sentence in said, sentence
    for value in ("magenta", "x1", "perhaps", "yesterday"):
        assert value not in said


@pytest.mark.parametrize(
    ("near", "says"),
    [
        (("patient_id,gap_h,as_of,near_miss", "b,1,2025-03-01,x"), "lacks: gap_h"),
        ((NEAR[0], "b,b1,b2,2025-03-02,x"), "as of another day"),
        (
            (NEAR[0], "a,a1,a2,2025-03-01,x"),
            "rows that stand in the key and among the near misses: 1",
        ),
        (("patient_id,as_of", "b,2025-03-01"), "lacks the column near_miss"),
    ],
)
def test_near_misses_that_contradict_the_key(
    graph: str, tmp_path: Path, near: tuple[str, ...], says: str
) -> None:
    key_folder(tmp_path, **{"readmissions": READMISSIONS, "near_misses/readmissions": near})
    assert says in refused(graph, tmp_path / "R")


def test_near_misses_may_have_their_columns_in_another_order(graph: str, tmp_path: Path) -> None:
    near = (
        "near_miss,readmission_stay_id,index_stay_id,patient_id,as_of",
        "x,c2,c1,c,2025-03-01",
    )
    key_folder(tmp_path, **{"readmissions": READMISSIONS[:3], "near_misses/readmissions": near})
    (row,) = scored(graph, tmp_path)["score"]
    assert row["n_near_misses_found"] == 1


def test_near_misses_may_have_fewer_columns(graph: str, tmp_path: Path) -> None:
    near = ("patient_id,as_of,near_miss", "b,2025-03-01,x", "c,2025-03-01,y", "a,2025-03-01,z")
    # Of c nothing is planted; what is found of a is.
    key_folder(tmp_path, **{"readmissions": READMISSIONS[:3], "near_misses/readmissions": near})
    (row,) = scored(graph, tmp_path)["score"]
    assert [miss["n_found"] for miss in row["near_misses"]] == [0, 1, 0]


def test_no_key_or_an_empty_one_is_said(graph: str, tmp_path: Path) -> None:
    region(tmp_path / "R")
    assert "holds no folder answer_key" in refused(graph, tmp_path / "R")
    (tmp_path / "R" / "answer_key").mkdir()
    assert "holds no .csv file" in refused(graph, tmp_path / "R")


def test_a_file_that_is_no_text_is_said(graph: str, tmp_path: Path) -> None:
    key_folder(tmp_path, readmissions=READMISSIONS)
    (tmp_path / "R" / "answer_key" / "readmissions.csv").write_bytes(b"\xff\xfe\x00")
    assert "cannot be read as CSV in UTF-8" in refused(graph, tmp_path / "R")


def test_another_region_than_the_loaded_one_is_said(graph: str, tmp_path: Path) -> None:
    folder = key_folder(tmp_path, readmissions=READMISSIONS).parent
    more = (*TABLES["contacts"], "c3,c,h,overnight,2025-02-20T10:00:00,2025-02-21T10:00:00,1")
    write(folder, {"contacts": more, "professionals": ("professional_id", "x")})
    said = refused(graph, folder)
    assert "table contacts has 8 rows, and the graph was loaded from one with 7" in said
    assert "table professionals, and the graph was loaded without" in said
    assert "does not hold the region" in said


def test_a_key_alone_is_known_by_its_ids(graph: str, tmp_path: Path) -> None:
    place = tmp_path / "K"
    write(place / "answer_key", {"readmissions": READMISSIONS})
    assert run("score", place, "--graph", graph, "--require-perfect").exit_code == 0
    strange = ("patient_id,as_of", "x,2025-03-01", "y,2025-03-01", "a,2025-03-01")
    write(place / "answer_key", {"readmissions": strange})
    assert "Of 3 patient_id of the key, 1 are in the graph" in refused(graph, place)


def test_nothing_loaded_is_exit_code_7(tmp_path: Path) -> None:
    key_folder(tmp_path, readmissions=READMISSIONS)
    assert run("score", tmp_path / "R", "--graph", f"ladybug:{tmp_path / 'none'}").exit_code == 7


def test_the_python_door_gives_the_same(graph: str, tmp_path: Path) -> None:
    key_folder(tmp_path, readmissions=READMISSIONS[:3])
    with pathgraph.open(graph) as opened:
        found = opened.score(tmp_path / "R")
        assert not found.is_perfect
        assert found.rows() == scored(graph, tmp_path)["score"]
        assert list(found.frame["finding"]) == ["readmissions"]
        assert [row["difference"] for row in found.differences()] == ["not_planted"]
        with pytest.raises(InputError):
            opened.score(tmp_path)


def test_a_finding_whose_table_is_missing_is_named(tmp_path: Path) -> None:
    from pathgraph.queries.catalogue import catalogue

    needing = [f for f in catalogue().values() if set(f.needs) - set(TABLES)]
    if not needing:
        pytest.skip("No finding needs more than patients, units and contacts.")
    id_, column = needing[0].id, needing[0].returns[0].name
    folder = key_folder(tmp_path, **{id_: (f"{column},as_of", "a,2025-03-01")}).parent
    url = f"ladybug:{tmp_path / 'G'}"
    assert run("load", "tables", folder, "--graph", url).exit_code == 0
    with pathgraph.open(url) as opened, pytest.raises(TableNotLoadedError, match=id_):
        opened.score(folder)


def test_numbers_agree_however_they_are_written() -> None:
    share = Return("share", Kind.SHARE, "a share")
    assert cell_of(1 / 3, share) == cell_of(0.333333333, share)
    assert cell_of(1 / 3, share) != cell_of(0.33333, share)
    assert cell_of([1.0, 2.5], Return("l", Kind.LIST, "", "d")) == "[1.0, 2.5]"


def test_planted_differences_are_looked_for_where_the_power_is_high() -> None:
    finding = catalogue()["referral_gaps"]
    key = EffectKey(finding, date(2025, 12, 31), {}, {"a": 0.25, "b": 0.25, "c": 0.25, "x": 0.25})
    rows = [
        {"by_value": "a", "observed_to_expected": 0.3, "power": 0.5, "adjusted_p_value": 0.049},
        {"by_value": "b", "observed_to_expected": 0.4, "power": 0.91, "adjusted_p_value": 0.05},
        {"by_value": "c", "observed_to_expected": 0.4, "power": 0.9, "adjusted_p_value": 0.2},
        {"by_value": "d", "observed_to_expected": 0.5, "power": 0.9, "adjusted_p_value": 0.001},
        {"by_value": "e", "observed_to_expected": 2.0, "power": 0.9, "adjusted_p_value": 0.001},
        {"by_value": "f", "observed_to_expected": None, "power": None, "adjusted_p_value": None},
    ]
    scored = score_effects(key, rows)
    assert [(row["row"], row["result"]) for row in scored.table] == [
        ("a", "found"), ("b", "not_found"), ("c", "too_little_power"), ("x", "too_little_power"),
        ("d", "not_planted"),
    ]  # fmt: skip
    assert (scored.precision, scored.recall) == (0.5, 0.5)


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("nonsense", ("by_value,planted_ratio,as_of", "a,0.25,2025-12-31")),
        ("readmissions", ("patient_id,planted_ratio,as_of", "a,0.25,2025-12-31")),
        ("referral_gaps", ("by_value,as_of", "a,2025-12-31")),
        ("referral_gaps", ("by_value,planted_ratio,as_of", "a,magenta,2025-12-31")),
        ("referral_gaps", ("by_value,planted_ratio,as_of",)),
        ("referral_gaps", ("by_value,planted_ratio,as_of", "a,1,2025-12-31", "b,1,2025-12-30")),
        (
            "referral_gaps",
            ("by_value,basis,planted_ratio,as_of", "a,x,1,2025-12-31", "b,y,1,2025-12-31"),
        ),
    ],
)
def test_effects_that_cannot_be_read_are_refused(
    graph: str, tmp_path: Path, name: str, lines: Sequence[str]
) -> None:
    key_folder(tmp_path, **{"readmissions": READMISSIONS, f"effects/{name}": lines})
    said = refused(graph, tmp_path / "R")
    assert f"{name}.csv" in said
    assert "magenta" not in said
