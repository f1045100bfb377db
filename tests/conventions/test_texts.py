"""What may not stand in the repository's texts, and the names that things have."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXTS = {".py", ".md", ".toml", ".cypher", ".yml", ".yaml", ".lock", ".sh", ".cfg", ""}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("This is no git checkout, so there is no list of its files.")
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def text_files() -> list[Path]:
    return [file for file in tracked_files() if file.suffix in TEXTS]


def places(pattern: str, files: list[Path]) -> list[str]:
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if re.search(pattern, line):
                found.append(f"{file.relative_to(ROOT)}:{number}")
    return found


def test_no_text_names_a_folder_of_somebodys_machine() -> None:
    # Written in two parts, so that this line is not found. The image that the Dockerfile makes has
    # a user of its own, whose folder is nobody's machine.
    pattern = r"(?<![\w.])/" + r"(home(?!/pathgraph\b)|root|Users|mnt|media)/\w"
    assert places(pattern, text_files()) == []


def test_no_broad_except_and_no_blanket_ignore() -> None:
    code = [file for file in tracked_files() if file.suffix == ".py" and "src" in file.parts]
    assert code
    assert places(r"except\s+(Base)?Exception\b|except\s*:", code) == []
    assert places(r"#\s*type:\s*ignore(?!\[)|#\s*noqa(?!:)", code) == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "manager", "common", "misc", "data2"}
    named = [f for f in tracked_files() if set(re.split(r"[_.]", f.name)) & vague]
    assert named == []


def test_ingest_holds_no_cypher() -> None:
    code = list((ROOT / "src" / "pathgraph" / "ingest").rglob("*.py"))
    assert code
    assert places(r"\bMATCH\s*\(|\bMERGE\s*\(|\)-\[\w*:", code) == []


def test_no_finding_is_written_outside_the_cypher_folder() -> None:
    # What asks for coverage or lists a load is no finding; only engine and queries may ask at all.
    allowed = {"engine", "queries", "model"}
    code = [
        file
        for file in (ROOT / "src" / "pathgraph").rglob("*.py")
        if file.relative_to(ROOT / "src" / "pathgraph").parts[0] not in allowed
    ]
    assert places(r"\bMATCH \(", code) == []
