"""The wheel holds the package with its Cypher files, and finds them when installed."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    script = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", script, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder / built.stdout.split()[-1]


def test_the_wheel_holds_every_cypher_file_and_no_test(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    cypher = {
        f"pathgraph/{file.relative_to(ROOT).as_posix()}"
        for file in (ROOT / "cypher").rglob("*.cypher")
    }
    assert cypher
    assert cypher <= names
    assert "pathgraph/py.typed" in names
    assert {f"pathgraph/api/locale/{c}/LC_MESSAGES/pathgraph.po" for c in ("nb", "nn")} <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "docs"))]


def test_the_installed_package_finds_its_cypher_files(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    script = (
        "import pathgraph, pathgraph.cypherfile as c, pathgraph.queries.catalogue as q; "
        "print(c.cypher_folder()); print(len(q.catalogue())); print(pathgraph.__version__)"
    )
    asked = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    folder, n_findings, version = asked.stdout.split()
    assert Path(folder) == (tmp_path / "pathgraph" / "cypher").resolve()
    assert int(n_findings) == len(
        [f for f in (ROOT / "cypher" / "findings").glob("*.cypher") if f.name.count(".") == 1]
    )
    assert wheel.name.startswith(f"pathgraph-{version}-")


def test_the_console_script_and_the_licence_are_declared(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (info,) = {n.split("/")[0] for n in archive.namelist() if ".dist-info/" in n}
    assert "pathgraph = pathgraph.cli:main" in archive.read(f"{info}/entry_points.txt").decode()
    metadata = archive.read(f"{info}/METADATA").decode()
    assert "License-Expression: MIT" in metadata
    assert "Requires-Python: <3.15,>=3.11" in metadata
