"""``pathgraph generate``: the same rows every time, and folders that are left alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from pathgraph.cli import app
from pathgraph.errors import StorageError, UsageError
from pathgraph.synth import generate
from pathgraph.synth.calibration import NO_FIGURE
from pathgraph.synth.generate import write_region
from pathgraph.synth.writing import row_checksum

SMALL = {"patients": 1000, "years": 2}


def test_the_same_arguments_give_the_same_rows_and_others_give_others(tmp_path: Path) -> None:
    first = write_region(tmp_path / "a", seed=1, **SMALL)
    again = write_region(tmp_path / "b", seed=1, **SMALL)
    other = write_region(tmp_path / "c", seed=2, **SMALL)
    assert first.checksum == again.checksum != other.checksum
    assert first.rows == again.rows
    for file in sorted((tmp_path / "a").rglob("*.parquet")):
        name = file.relative_to(tmp_path / "a")
        assert pq.read_table(file).equals(pq.read_table(tmp_path / "b" / name)), name
    for file in sorted((tmp_path / "a" / "answer_key").rglob("*.csv")):
        name = file.relative_to(tmp_path / "a")
        assert file.read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_blocks_in_two_processes_give_the_same_rows_as_in_one(tmp_path: Path) -> None:
    # One patient more than a block: the second block is small.
    one = write_region(tmp_path / "one", patients=50_200, seed=4, years=2, processes=1)
    two = write_region(tmp_path / "two", patients=50_200, seed=4, years=2, processes=2)
    assert one.checksum == two.checksum
    assert one.rows == two.rows
    assert len(list((tmp_path / "one" / "contacts").iterdir())) == 2
    ids = pq.read_table(tmp_path / "one" / "contacts", columns=["contact_id"])["contact_id"]
    assert len(set(ids.to_pylist())) == len(ids)


def test_a_life_does_not_depend_on_how_many_there_are(tmp_path: Path) -> None:
    write_region(tmp_path / "few", patients=1000, seed=1, years=2)
    write_region(tmp_path / "more", patients=1200, seed=1, years=2)
    few = pq.read_table(tmp_path / "few" / "contacts")
    more = pq.read_table(tmp_path / "more" / "contacts")
    assert few.equals(more.slice(0, few.num_rows))


@pytest.mark.parametrize(
    "changed",
    [
        pa.table({"a": [1, 2], "b": ["x", None]}),
        pa.table({"a": [1, 3], "b": ["x", ""]}),
        pa.table({"a": [1, None], "b": ["x", ""]}),
        pa.table({"a": [1, 2], "c": ["x", ""]}),
        pa.table({"a": [2, 1], "b": ["x", ""]}),
        pa.table({"a": [1, 2], "b": ["", "x"]}),
    ],
    ids=["null text", "number", "null number", "name", "order", "order of texts"],
)
def test_the_checksum_sees_every_change(changed: pa.Table) -> None:
    table = pa.table({"a": [1, 2], "b": ["x", ""]})
    assert row_checksum(table) != row_checksum(changed)
    halves = pa.concat_tables([table.slice(0, 1), table.slice(1)])
    assert row_checksum(table) == row_checksum(halves)
    longer = pa.concat_tables([table, table])
    assert row_checksum(table) == row_checksum(longer.slice(2)) != row_checksum(longer)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"patients": 999}, "--patients"),
        ({"patients": 10**8}, "--patients"),
        ({"seed": -1}, "--seed"),
        ({"seed": 2**63}, "--seed"),
        ({"years": 1}, "--years"),
        ({"years": 11}, "--years"),
        ({"processes": 0}, "--processes"),
    ],
)
def test_numbers_out_of_bounds_are_refused(
    tmp_path: Path, wrong: dict[str, int], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        write_region(tmp_path / "out", **{**SMALL, "seed": 1, **wrong})
    assert not list(tmp_path.iterdir())


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="did not generate"):
        write_region(tmp_path, seed=1, **SMALL)
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]
    with pytest.raises(UsageError, match="is a file"):
        write_region(tmp_path / "notes.txt", seed=1, **SMALL)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_an_earlier_region_is_replaced_unless_something_was_laid_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    write_region(folder, seed=1, **SMALL)
    before = sorted(path.relative_to(folder) for path in folder.rglob("*"))
    second = write_region(folder, seed=2, **SMALL)
    assert write_region(tmp_path / "other", seed=2, **SMALL).checksum == second.checksum
    assert "seed: 2" in (folder / "region.yaml").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "out"]
    assert before
    (folder / "mine.csv").write_text("a\n1\n")
    with pytest.raises(UsageError, match="did not generate"):
        write_region(folder, seed=3, **SMALL)
    assert (folder / "mine.csv").exists()


def test_what_breaks_off_leaves_the_earlier_region(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out"
    write_region(folder, seed=1, **SMALL)
    before = (folder / "region.yaml").read_text()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(generate, "write_whole", full)
    with pytest.raises(StorageError, match="No space left"):
        write_region(folder, seed=2, **SMALL)
    assert (folder / "region.yaml").read_text() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StorageError, match="could not be written"):
        write_region(tmp_path / "out", seed=1, **SMALL)


def run(*arguments: object) -> str:
    shown = CliRunner().invoke(app, [str(a) for a in arguments], env={"COLUMNS": "200"})
    assert shown.exit_code == 0, shown.output
    return shown.stdout


def test_the_command_prints_rows_or_the_calibration(tmp_path: Path) -> None:
    asked = ("--patients", 1000, "--years", 2, "--seed", 5, "--processes", 1, "--format", "json")
    rows = json.loads(run("generate", tmp_path / "out", *asked))
    report = json.loads(run("generate", tmp_path / "out", *asked, "--report"))
    assert rows["checksum"] == report["checksum"]
    assert {"table": "patients", "rows": 1000} in rows["tables"]
    lines = {line["measure"]: line for line in report["calibration"]}
    assert len(lines) == len(report["calibration"]) >= 12
    assert any(line["published"] == NO_FIGURE for line in lines.values())
    for line in lines.values():
        assert line["source"] or line["published"] == NO_FIGURE
        assert line["generated"] is not None


def test_a_wrong_number_is_a_sentence_not_a_traceback(tmp_path: Path) -> None:
    shown = CliRunner().invoke(app, ["generate", str(tmp_path / "out"), "--patients", "5"])
    assert shown.exit_code == 2
    assert "1,000" in shown.stderr
    assert not (tmp_path / "out").exists()
