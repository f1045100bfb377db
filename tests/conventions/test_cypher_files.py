"""The Cypher files of this repository keep to the format and to the portable subset."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pathgraph.cypherfile import cypher_folder
from pathgraph.queries.catalogue import catalogue, library_files, networks
from pathgraph.queries.lint import lint

ROOT = Path(__file__).resolve().parents[2]


def test_the_linter_has_nothing_to_say() -> None:
    assert lint() == []


def test_every_denominator_is_asked_for() -> None:
    asked = {f.among.id for f in (*catalogue().values(), *networks().values()) if f.among}
    there = {f.id for f in library_files(cypher_folder()) if f.folder == "among"}
    assert there <= asked


def test_every_finding_has_a_test() -> None:
    tests = "\n".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests" / "findings").glob("*.py")
    )
    missing = [id_ for id_ in (*catalogue(), *networks()) if not re.search(rf"\b{id_}\b", tests)]
    assert missing == []


def test_every_explanation_is_there() -> None:
    missing = []
    for finding in (*catalogue().values(), *networks().values()):
        file, _, anchor = finding.source.partition("#")
        path = ROOT / file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        headings = {
            re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).strip().replace(" ", "-")
            for line in text.splitlines()
            if line.startswith("#")
        }
        if anchor not in headings:
            missing.append(f"{finding.id}: {finding.source}")
    assert missing == []


@pytest.mark.parametrize("folder", ["findings", "among", "checks", "networks", "parts"])
def test_names_are_lower_case(folder: str) -> None:
    names = [path.name for path in (cypher_folder() / folder).glob("*")]
    odd = [n for n in names if not re.fullmatch(r"\.gitkeep|[a-z][a-z0-9_]*(\.[a-z0-9_]+)*", n)]
    assert odd == []


def test_texts_are_short() -> None:
    long = [
        f"{item.file.path.name}: {n} lines"
        for item in library_files(cypher_folder())
        if (n := len(item.file.text.splitlines())) > 80
    ]
    assert long == []
